"""Months in which everybody meets one other and helps, or does not: the list decides who is helped.

The narrow extension of the society for schemes that are nothing but a public list of good and bad
standing (indirect reciprocity). Once a month, all at once, everybody meets somebody of the same
city whom chance picks. Whether help is meant follows from the scheme: of the one who could be
helped, the consequence ``helped-by-good`` or ``helped-by-bad`` holds, by the standing (highest band
or not) of the one who could help. Meant help fails to come with the chance ``society.slips``. What
is written down of it are happenings, as of any month: HELPED or LEFT, STOOD_WELL, MET_GOOD, and,
with the chance ``society.misjudged``, MISJUDGED. Scores, bands and consequences then follow by the
scheme's own scorer, like everywhere else in the society. Without a scheme there is no list, and
nobody is helped.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab import follow
from xinyong.lab.chance import Stream, at, key
from xinyong.lab.cities import Home
from xinyong.lab.compiling import compiled
from xinyong.lab.happenings import Happening
from xinyong.lab.judging import judge
from xinyong.lab.scoring import LabScorer, Scores
from xinyong.lab.state import Society
from xinyong.lab.tiles import WORD
from xinyong.lab.world import Value

Array = npt.NDArray[Any]
HELPED, LEFT = int(Happening.HELPED), int(Happening.LEFT)
STOOD_WELL, MET_GOOD = int(Happening.STOOD_WELL), int(Happening.MET_GOOD)
MISJUDGED: Final = int(Happening.MISJUDGED)
BY_GOOD, BY_BAD = "helped-by-good", "helped-by-bad"
"""Consequences by which a scheme says who helps whomever they follow for."""


@compiled()
def mark(tiles: Any, place: int, slot: int) -> None:
    """Write that a happening happened this month; -1: the scheme does not read it."""
    if place >= 0:
        tiles[place, slot] |= np.uint64(1)


@compiled()
def meet(
    partners: int, deeds: int, errors: int, slots: Any, people: Any, good: Any, by_good: Any,
    by_bad: Any, slips: float, misjudged: float, tiles: Any, row: Any, sums: Any,
) -> None:  # fmt: skip
    """One encounter of everybody.

    ``partners``, ``deeds``, ``errors``: keys of chance. ``slots`` and ``people`` i64[k]: the column
    of each of k people, and who that is. ``good``, ``by_good``, ``by_bad`` bool[columns]: who is in
    good standing, and whom people in good and in bad standing help. ``tiles`` u64[rows, columns]
    are shifted by a month and get this month's bits. ``sums`` f64[3]: met, in good standing,
    helped.
    """
    many = slots.shape[0]
    for k in range(many):
        s, a = slots[k], people[k]
        for n in range(tiles.shape[0]):
            tiles[n, s] = tiles[n, s] << np.uint64(1)
        other = int(at(partners, a) * (many - 1))
        if other >= k:
            other += 1
        o = slots[other]
        helped = by_good[o] if good[s] else by_bad[o]
        if helped and at(deeds, a) < slips:
            helped = False
        mark(tiles, row[HELPED] if helped else row[LEFT], s)
        if good[s]:
            mark(tiles, row[STOOD_WELL], s)
            sums[1] += 1.0
        if good[o]:
            mark(tiles, row[MET_GOOD], s)
        if at(errors, a) < misjudged:
            mark(tiles, row[MISJUDGED], s)
        sums[0] += 1.0
        sums[2] += 1.0 if helped else 0.0


def clock(scorer: LabScorer, month: int) -> int:
    """The month of a scorer that stands for a month of the society.

    They are the same as long as the scorer's months last. After that its months beyond the first
    word serve again, for a scheme to which one month is like another: it looks back no further than
    a word, has no parameters (which could be dated), and each happening is one kind of event.
    Raises QuestionRefused for another scheme.
    """
    if month < scorer.months:
        return month
    reach, rows = scorer.reach, scorer.casting.of_row
    alike = set(reach.words) == {1} and not reach.counted and all(len(of) == 1 for of in rows)
    if not alike or scorer.scheme.parameters or scorer.months <= WORD:
        raise QuestionRefused(
            f"'{scorer.scheme.scheme}' cannot be played for more than {scorer.months} months",
            where="encounters",
            why="to this scheme one month is not like another",
            mend="let it look back less far, or play fewer months",
        )
    return WORD + (month - WORD) % (scorer.months - WORD)


def step(society: Society, value: Value) -> None:
    """Let everybody meet one other, be written about and scored: one month."""
    keys = [
        key(society.seed, society.month, stream)
        for stream in (Stream.PARTNERS, Stream.ACTION, Stream.ASSESSMENT)
    ]
    luck = follow.keys(society.seed, society.month)
    for home in society.homes:
        slots, people = _slots(home, society.people), home.people(society.people)
        good, by_good, by_bad = _list(home, society.people)
        if home.record is not None and home.world.scorer is not None and society.month > 0:
            home.record.month = clock(home.world.scorer, society.month)
        if len(slots) > 1:
            meet(
                keys[0], keys[1], keys[2], slots, people, good, by_good, by_bad,
                value("society.slips"), value("society.misjudged"), home.tiles, home.world.row,
                home.counts.met,
            )  # fmt: skip
        judge(society, home, luck)
    society.month += 1


def _slots(home: Home, people: int) -> Array:
    return np.arange(people) if home.alone else home.slots()


def _list(home: Home, people: int) -> tuple[Array, Array, Array]:
    """Who stands well, and whom people in good and in bad standing help; by column."""
    scorer = home.world.scorer
    if scorer is None or home.record is None:
        nobody = np.zeros(people if home.alone else len(home.whose), np.bool_)
        return nobody, nobody, nobody
    missing = [name for name in (BY_GOOD, BY_BAD) if name not in scorer.consequences]
    if missing:
        raise QuestionRefused(
            f"'{scorer.scheme.scheme}' has no consequence '{missing[0]}'",
            where="encounters",
            why="in encounters a scheme says by its consequences who is helped",
            mend=f"give it consequences with the ids '{BY_GOOD}' and '{BY_BAD}'",
        )
    found: Scores = home.found or scorer.score(home.record, home.record.month)
    good: Array = found.band == len(scorer.bands) - 1
    by_good, by_bad = (found.consequences[scorer.consequences.index(n)] for n in (BY_GOOD, BY_BAD))
    return good, by_good, by_bad
