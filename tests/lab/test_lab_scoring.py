"""Scores from bits are the engine's scores of the same history as events, to the point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from xinyong.engine import plain
from xinyong.engine.batch import score_table
from xinyong.engine.shape import shape_of
from xinyong.errors import QuestionRefused
from xinyong.lab import scoring
from xinyong.lab.engine_parts import Needs
from xinyong.lab.probing import last_day
from xinyong.lab.scoring import STATES, LabScorer, Scores
from xinyong.lab.tiles import Reach, Tiles
from xinyong.records.event import Event
from xinyong.records.table import from_events
from xinyong.scheme import library

EVERY = library.names()
AGENTS = 1_000
PLAIN = 50
FAR = ("abnormal-operations", "fico-like", "sesame-2015", "suining-2010", "schufa-2026-like")
"""Schemes that look back further than one word, or for ever."""


@dataclass
class Lived:
    """A society's tiles and, held apart, all that happened: bool[months, rows, agents]."""

    scorer: LabScorer
    tiles: Tiles
    history: npt.NDArray[np.bool_]

    def events(self, agent: int) -> list[Event]:
        met = self.scorer.met[:, :, agent % 16]
        when, rows = np.nonzero(self.history[:, :, agent])
        found = sorted((int(m), int(met[m, row])) for m, row in zip(when, rows, strict=True))
        return [self.scorer.event(str(agent), month, stream) for month, stream in found]


def live(name: str, agents: int, months: int, engine: str | None = None) -> Lived:
    """Agents with each their own chance of each happening, from never to most months."""
    scorer = LabScorer(library.load(name), months=months, engine=engine)
    luck = np.random.default_rng(len(name))
    rows = len(scorer.casting.happenings)
    chance = luck.random((rows, agents)) ** 3
    history = luck.random((months, rows, agents)) < chance
    tiles = scorer.tiles(agents)
    for month in range(months):
        if month:
            tiles.next_month()
        for row, happening in enumerate(scorer.casting.happenings):
            tiles.happened(happening, history[month, row])
    return Lived(scorer, tiles, history)


def same(one: Scores, other: Scores) -> bool:
    return (
        np.array_equal(one.score, other.score)
        and np.array_equal(one.band, other.band)
        and np.array_equal(one.lists, other.lists)
        and np.array_equal(one.consequences, other.consequences)
    )


def by_engine(lived: Lived, agents: int) -> Scores:
    """The engine's outcomes of the same histories as events."""
    scorer, month = lived.scorer, len(lived.history) - 1
    events = [event for agent in range(agents) for event in lived.events(agent)]
    day = last_day(scorer.first + month)
    subjects = [str(agent) for agent in range(agents)]
    asked = pa.table({"subject": subjects, "day": pa.array([day] * agents, pa.date32())})
    table = from_events(events, shape_of(scorer.scheme))
    found = score_table(scorer.scheme, table, questions=asked, reasons=False)
    ranks = [scorer.bands.index(band) for band in found["band"].to_pylist()]
    lists = [[STATES.index(s) for s in found[f"list.{n}"].to_pylist()] for n in scorer.lists]
    after = [found[f"consequence.{n}"].to_pylist() for n in scorer.consequences]
    return Scores(
        found["score"].to_numpy().astype(np.int32),
        np.array(ranks, np.uint8),
        np.array(lists, np.uint8).reshape(len(scorer.lists), agents),
        np.array(after, np.bool_).reshape(len(scorer.consequences), agents),
    )


def check_plain(lived: Lived, scores: Scores, agents: range) -> None:
    scorer, day = lived.scorer, last_day(lived.scorer.first + len(lived.history) - 1)
    for agent in agents:
        wanted = plain.score(scorer.scheme, lived.events(agent), subject=str(agent), day=day)
        assert scores.score[agent] == wanted.score, agent
        assert scorer.bands[scores.band[agent]] == wanted.band, agent
        states = {n: STATES[scores.lists[k, agent]] for k, n in enumerate(scorer.lists)}
        assert states == wanted.lists, agent
        after = tuple(n for k, n in enumerate(scorer.consequences) if scores.consequences[k, agent])
        assert after == wanted.consequences, agent


@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_a_thousand_agents_after_sixty_months(name: str) -> None:
    lived = live(name, AGENTS, 60)
    scores = lived.scorer.score(lived.tiles, 59)
    assert same(scores, by_engine(lived, AGENTS))
    check_plain(lived, scores, range(PLAIN))
    assert len(np.unique(scores.score)) >= 5  # and not because nobody differs


@pytest.mark.parametrize("name", EVERY)
def test_numpy_and_numba_agree_in_every_month(name: str) -> None:
    lived = live(name, 40, 12, "numba")
    twin = LabScorer(lived.scorer.scheme, lived.scorer.casting, months=12, engine="numpy")
    tiles = twin.tiles(40)
    for month in range(12):
        if month:
            tiles.next_month()
        for row, happening in enumerate(twin.casting.happenings):
            tiles.happened(happening, lived.history[month, row])
        assert same(twin.score(tiles, month), lived.scorer.score(tiles, month)), month
    check_plain(lived, twin.score(tiles, 11), range(3))


@pytest.mark.slow
@pytest.mark.parametrize("name", FAR)
@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_ten_years_are_not_forgotten(name: str, engine: str) -> None:
    lived = live(name, 200, 140, engine)
    scores = lived.scorer.score(lived.tiles, 139)
    assert same(scores, by_engine(lived, 200))
    check_plain(lived, scores, range(5))


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import xinyong.lab.scoring_arrays as arrays
    import xinyong.lab.scoring_compiled as compiled

    lived = live("rongcheng", 700, 30)
    whole = lived.scorer.score(lived.tiles, 29)
    monkeypatch.setattr(compiled, "CHUNK", 64)
    monkeypatch.setattr(compiled, "ROWS", 128)  # so small that its tables begin anew
    monkeypatch.setattr(arrays, "CHUNK", 64)
    assert same(lived.scorer.score(lived.tiles, 29), whole)
    twin = LabScorer(lived.scorer.scheme, lived.scorer.casting, months=30, engine="numpy")
    assert same(twin.score(lived.tiles, 29), whole)


@pytest.fixture
def unprepared() -> Iterator[Callable[[], None]]:
    """Forgets what was made ready before, now, when called, and at the end."""
    scoring._ready.cache_clear()
    yield scoring._ready.cache_clear
    scoring._ready.cache_clear()


@pytest.mark.parametrize("name", ["sesame-linked", "court-defaulters-2017", "suining-2010"])
def test_groups_that_search_find_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch, unprepared: Callable[[], None]
) -> None:
    import xinyong.lab.scoring_groups as groups

    lived = live(name, 700, 80, "numba")
    whole = lived.scorer.score(lived.tiles, 79)
    for direct, key in ((1, groups.KEY), (1, 1 << 9)):
        monkeypatch.setattr(groups, "DIRECT", direct)
        monkeypatch.setattr(groups, "KEY", key)
        unprepared()
        scorer = LabScorer(lived.scorer.scheme, lived.scorer.casting, months=80, engine="numba")
        made = groups.groups_of(scorer.planner, scorer.planner.plan(79))
        assert made.searching > 0 and (made.words > 1) == (key == 1 << 9)
        assert same(scorer.score(lived.tiles, 79), whole)


@pytest.mark.parametrize("name", ["sesame-linked", "a-fair-start"])
def test_what_one_run_found_serves_another(name: str, unprepared: Callable[[], None]) -> None:
    one, other = live(name, 700, 30, "numba"), live(name, 300, 31, "numba")
    whole = one.scorer.score(one.tiles, 29)
    unprepared()
    scorer = LabScorer(one.scorer.scheme, one.scorer.casting, months=31, engine="numba")
    tiles = scorer.tiles(300)
    tiles.bits[:], tiles.month = other.tiles.bits >> np.uint64(1), 29
    scorer.score(tiles, 29)
    assert len(scorer._ready.kernel.told[29][0]) > 20
    again = LabScorer(one.scorer.scheme, one.scorer.casting, months=31, engine="numba")
    assert again._ready is scorer._ready
    assert same(again.score(one.tiles, 29), whole)


@pytest.mark.usefixtures("unprepared")
def test_a_group_that_leaves_out_what_decides_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    lived = live("sesame-2015", 700, 30, "numba")
    monkeypatch.setattr(Needs, "line", lambda *_: frozenset())
    scorer = LabScorer(lived.scorer.scheme, lived.scorer.casting, months=30, engine="numba")
    with pytest.raises(AssertionError, match="not the engine's score"):
        scorer.score(lived.tiles, 29)


def test_what_is_ready_is_shared_by_equal_schemes_alone() -> None:
    scheme = library.load("rongcheng")
    one, twin = LabScorer(scheme, months=12), LabScorer(scheme, months=12)
    assert one.planner is twin.planner
    assert one.planner.plan(5) is twin.planner.plan(5)
    longer = LabScorer(scheme, months=13)
    less = LabScorer(scheme, replace(one.casting, streams=one.casting.streams[1:]), months=12)
    assert len({id(scorer.planner) for scorer in (one, longer, less)}) == 3


def test_events_are_the_history() -> None:
    lived = live("suqian-2018", 20, 40)
    for agent in range(20):
        assert lived.scorer.events(lived.tiles, agent, 39) == lived.events(agent)
        early = [e for e in lived.events(agent) if e.id < "00010"]
        assert lived.scorer.events(lived.tiles, agent, 9) == early


def test_bare_words_do_where_one_word_is_enough() -> None:
    lived = live("rongcheng", 50, 30)
    scores = lived.scorer.score(lived.tiles.bits, 29)
    assert same(scores, lived.scorer.score(lived.tiles, 29))
    far = live("suining-2010", 5, 80)
    with pytest.raises(QuestionRefused, match="do not reach far enough"):
        far.scorer.score(far.tiles.bits, 79)


def test_state_is_small() -> None:
    for name in EVERY:
        scorer = LabScorer(library.load(name), months=60)
        assert scorer.reach.counted == ()
        assert scorer.bytes_per_agent == 8 * len(scorer.casting.happenings)
    suining = LabScorer(library.load("suining-2010"), months=120)
    assert len(suining.reach.counted) == 11  # every line of it counts for ever
    assert suining.bytes_per_agent == 7 * 8 + 11 * 2


def test_wrong_questions_are_refused() -> None:
    scheme = library.load("suqian-2018")
    scorer = LabScorer(scheme, months=12)
    tiles = scorer.tiles(3)
    with pytest.raises(QuestionRefused, match="month 12 cannot be scored"):
        scorer.score(tiles, 12)
    with pytest.raises(QuestionRefused, match="the tiles stand at month 0"):
        scorer.score(tiles, 1)
    with pytest.raises(QuestionRefused, match="0 months"):
        LabScorer(scheme, months=0)
    with pytest.raises(QuestionRefused, match="the reach has 2 rows"):
        Tiles(scorer.casting, Reach((1, 1)), 3)


def test_nobody_is_a_society_too() -> None:
    scorer = LabScorer(library.load("rongcheng"), months=3)
    scores = scorer.score(scorer.tiles(0), 0)
    assert scores.score.shape == (0,)
    assert scores.consequences.shape == (len(scorer.consequences), 0)
