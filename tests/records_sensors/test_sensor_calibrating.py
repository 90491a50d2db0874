"""Thresholds come from genuine weeks alone, hold in every year, and refuse too little."""

import numpy as np
import pytest
from drawn_readings import YEAR_HOURS, drawn, dust, series

from xinyong.errors import QuestionRefused
from xinyong.records.sensors import calibrating
from xinyong.records.sensors.calibrating import Scored, calibrate
from xinyong.records.sensors.detectors import FIT
from xinyong.records.sensors.injected import INJECTIONS, Injection, flat
from xinyong.records.sensors.instrument import DAY, WEEK
from xinyong.records.sensors.judged import Counted, judge, wilson
from xinyong.records.sensors.kinds import BAR, MEANING, Kind
from xinyong.records.sensors.series import Watched, watched, weeks, years_of

YEARS = 4
CHEAP = (Kind.FLAT, Kind.CAPPED)


@pytest.fixture(scope="module")
def record() -> Watched:
    return drawn(YEARS * YEAR_HOURS)


def test_every_year_exceeds_its_threshold_in_at_most_five_weeks_of_a_thousand(
    record: Watched,
) -> None:
    part = years_of(len(record.own))
    scored = Scored(record, part, 24)
    for kind in CHEAP:
        found = scored.calibrated(kind, (0, 1, 2))
        assert found is not None and found.weeks >= 1_000 and found.years == 3
        for year in range(3):
            learnt = scored.by(kind, tuple(y for y in range(3) if y != year))
            assert learnt is not None
            scores = learnt[1][scored.year == year]
            assert np.count_nonzero(scores > found.threshold) <= 5 * len(scores) // 1000


def test_the_year_that_is_judged_has_no_part_in_its_threshold(record: Watched) -> None:
    part = years_of(len(record.own))
    before = Scored(record, part, 24).calibrated(Kind.FLAT, (0, 1, 2))
    values = record.own.values.copy()
    values[part == 3] = 77_000
    changed = watched(series(values), record.beside)
    after = Scored(changed, part, 24).calibrated(Kind.FLAT, (0, 1, 2))
    assert before is not None and after is not None and before.threshold == after.threshold


def test_nothing_that_is_learnt_comes_from_hours_that_are_judged(record: Watched) -> None:
    """Readings of the last year, own and independent, may be anything: the same is learnt."""
    part = years_of(len(record.own))
    used = part < 3
    late = part == 3
    late[: np.flatnonzero(late)[0] + DAY] = False  # hours around a year's end are smoothed together
    own, near = record.own.values.copy(), record.beside[0].values.copy()
    own[late], near[late] = 5_000, 900_000
    changed = watched(series(own), (series(near, record.beside[0].instrument),))
    starts = weeks(record.own, WEEK)
    starts = starts[starts + WEEK < YEAR_HOURS]
    for kind in (Kind.FLAT, Kind.CAPPED, Kind.DILUTED, Kind.TYPED):
        before, after = FIT[kind](record, used), FIT[kind](changed, used)
        assert before is not None and after is not None
        assert np.array_equal(before.scores(record, starts), after.scores(changed, starts))


def test_no_week_is_judged_that_lies_in_two_years(record: Watched) -> None:
    """Seven weeks begin before a year's end and end after it; another threshold knew a part."""
    scored = Scored(record, years_of(len(record.own)), 24)
    whole = np.count_nonzero(scored.year >= 0)
    (found,) = judge(record, (Kind.CAPPED,), seed=1, every_injected=400)
    assert found.false_alarms.of == whole == len(scored.starts) - 7 * (YEARS - 1)


def test_hours_that_are_not_known_to_be_genuine_are_not_learnt_from(record: Watched) -> None:
    part = years_of(len(record.own))
    part[part == 3] = -1
    (found,) = calibrate(record, part, (Kind.FLAT,))
    whole = Scored(record, years_of(len(record.own)), 24).calibrated(Kind.FLAT, (0, 1, 2))
    assert whole is not None and found.threshold == whole.threshold


@pytest.mark.parametrize("hours", [YEAR_HOURS, 2 * YEAR_HOURS, WEEK, 10])
def test_too_little_is_refused(record: Watched, hours: int) -> None:
    own = series(record.own.values[:hours])
    with pytest.raises(QuestionRefused, match="too few to calibrate") as refused:
        calibrate(watched(own), years_of(hours), (Kind.FLAT,))
    assert "900 weeks" in refused.value.why and refused.value.mend


def test_a_record_full_of_gaps_is_refused(record: Watched) -> None:
    state = record.own.state.copy()
    state[::4] = 0
    own = type(record.own)(record.own.instrument, record.own.start, record.own.values, state)
    assert len(weeks(own)) == 0
    with pytest.raises(QuestionRefused):
        calibrate(watched(own), years_of(len(own)))


def test_kinds_that_cannot_be_looked_for_are_left_out(record: Watched) -> None:
    alone = watched(series(record.own.values, dust(limit=None)))
    found = calibrate(alone, years_of(len(alone.own)), (Kind.CAPPED, Kind.DILUTED, Kind.FLAT))
    assert [one.kind for one in found] == [Kind.FLAT]


# ------------------------------------------------------------------ the harness of the judgement


def test_drawn_readings_pass_where_they_should(record: Watched) -> None:
    for found in judge(record, CHEAP, seed=1, every_injected=20):
        assert found.false_alarms.of >= 1_000 and found.calibrated_on >= 1_000
        assert found.passes, (found.kind, found.false_alarms, found.main)


def test_a_threshold_that_is_too_low_is_caught(
    record: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrating, "AIM_PER_1000", 200)
    (found,) = judge(record, (Kind.FLAT,), seed=1, every_injected=40)
    assert found.main.share >= BAR[Kind.FLAT]
    assert found.false_alarms.share > 0.01 and not found.passes


def test_a_threshold_that_is_too_high_is_caught(
    record: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(self: Scored, kind: Kind, years: tuple[int, ...]) -> calibrating.Calibration:
        learnt = self.by(kind, years)
        assert learnt is not None
        return calibrating.Calibration(kind, "deaf", learnt[0], 1e9, 1_000, len(years))

    monkeypatch.setattr(Scored, "calibrated", deaf)
    (found,) = judge(record, (Kind.FLAT,), seed=1, every_injected=40)
    assert found.false_alarms.hits == found.main.hits == 0 and not found.passes


def test_the_same_seed_judges_the_same(record: Watched) -> None:
    short = (Injection(Kind.FLAT, "held 4 to 9 hours", flat(4, 9), True),)
    once, again, other = (
        judge(record, (Kind.FLAT,), seed=seed, every_injected=20, injections=short)[0]
        for seed in (1, 1, 2)
    )
    assert 0 < once.main.hits < once.main.of
    assert once == again and once.caught != other.caught


def test_every_kind_has_its_words_its_bar_and_one_way_that_is_held_to_it() -> None:
    assert set(MEANING) == set(BAR) == set(Kind)
    for kind in Kind:
        held = [way for way in INJECTIONS if way.kind is kind and way.held_to_bar]
        assert len(held) == 1 and held[0] == next(w for w in INJECTIONS if w.kind is kind)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 100, 0.0, 0.0370), (100, 100, 0.9630, 1.0), (10, 100, 0.0552, 0.1744), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-5)
    assert Counted(hits, of).interval == wilson(hits, of)
