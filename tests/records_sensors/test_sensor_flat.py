"""What a held value weighs: at the floor, off it, after a habit, over a gap."""

import numpy as np
import pytest
from drawn_readings import drawn, series, whole_steps

from xinyong.records.sensors.detectors import FIT
from xinyong.records.sensors.instrument import DAY, WEEK
from xinyong.records.sensors.kinds import Kind
from xinyong.records.sensors.series import State, Watched, watched, weeks

HOURS = 60 * WEEK
RECORD = drawn(HOURS)
ALL = np.ones(HOURS, np.bool_)
STARTS = weeks(RECORD.own, WEEK)
DETECTOR = FIT[Kind.FLAT](RECORD, ALL)
assert DETECTOR is not None


def score(record: Watched, start: int) -> float:
    return float(DETECTOR.scores(record, np.array([start]))[0])


def test_what_is_held_at_the_floor_weighs_little() -> None:
    """An instrument that mostly shows 2 may show 2 for two days; one that seldom does may not."""
    chance = np.random.default_rng(9)
    shown = np.where(chance.random(HOURS) < 0.9, 2, chance.integers(3, 9, HOURS))
    low = watched(series(whole_steps(shown)), ())
    floor = FIT[Kind.FLAT](low, ALL)
    assert floor is not None
    held = low.own.values[:WEEK].copy()
    held[50:98] = 2_000
    at_floor = floor.scores(low.with_week(WEEK, held), np.array([WEEK]))[0]
    held[50:98] = 7_000
    above = floor.scores(low.with_week(WEEK, held), np.array([WEEK]))[0]
    assert above > 5 * at_floor


def test_the_floor_drifts_and_what_is_held_off_it_weighs_more() -> None:
    detector = FIT[Kind.FLAT](RECORD, ALL)
    assert detector is not None
    start = 30 * WEEK
    lowest = int(RECORD.own.values[start - 28 * DAY : start].min())
    step = RECORD.own.instrument.resolution

    def weighed(value: int) -> float:
        week = RECORD.own.values[start : start + WEEK].copy()
        week[40:70] = value
        return float(detector.scores(RECORD.with_week(start, week), np.array([start]))[0])

    assert weighed(lowest) == weighed(lowest + step) == 29 * 0.5
    assert weighed(lowest + 2 * step) == pytest.approx(29 * 4.0, rel=0.2)
    assert lowest > 2 * step and weighed(lowest - 2 * step) > 5 * weighed(lowest)


def held_off_the_floor(shown: int, often: float) -> float:
    """Bits of 30 hours of ``shown``, after a summer in which it stood ``often`` of the time."""
    chance = np.random.default_rng(11)
    values = np.where(chance.random(HOURS) < 0.5, 12, chance.integers(2, 24, HOURS))
    start = 40 * WEEK
    summer = slice(start - 21 * DAY, start)
    values[summer] = np.where(chance.random(21 * DAY) < often, shown, values[summer])
    values[start + 40 : start + 70] = shown
    used = np.arange(HOURS) < 30 * WEEK
    record = watched(series(whole_steps(values)), ())
    found = FIT[Kind.FLAT](record, used)
    assert found is not None
    return float(found.scores(record, np.array([start]))[0])


def test_what_stood_often_in_the_weeks_before_may_stand_longer() -> None:
    """At a level off the floor, so that it is the habit that tells."""
    assert held_off_the_floor(18, often=0.9) < 0.35 * held_off_the_floor(18, often=0.0)


def test_three_missing_hours_end_no_flatline_and_four_do() -> None:
    start = 30 * WEEK
    values = RECORD.own.values.copy()
    values[start + 40 : start + 80] = 90_000

    def weighed(missing: int) -> float:
        state = RECORD.own.state.copy()
        state[start + 60 : start + 60 + missing] = State.MISSING
        own = type(RECORD.own)(RECORD.own.instrument, RECORD.own.start, values.copy(), state)
        if missing:
            words = DETECTOR.words(Watched(own, RECORD.beside), start)
            said = f"40 hours ({missing} of them without a reading)"
            assert (said in words) is (missing <= 3)
        return score(Watched(own, RECORD.beside), start)

    assert weighed(3) > 0.9 * weighed(0)
    assert weighed(4) < 0.6 * weighed(0)


def test_a_bridged_flatline_that_began_before_the_week_counts_whole() -> None:
    """Also where the first hour of the week is one that is missing."""
    start = 30 * WEEK
    values, state = RECORD.own.values.copy(), RECORD.own.state.copy()
    values[start - 50 : start + 10] = 90_000
    state[start - 1 : start + 2] = State.MISSING
    own = type(RECORD.own)(RECORD.own.instrument, RECORD.own.start, values, state)
    held = Watched(own, RECORD.beside)
    assert "for 60 hours" in DETECTOR.words(held, start)
    assert score(held, start) == pytest.approx(56 * 4.0, rel=0.1)


def test_no_hour_counts_for_more_than_four_bits() -> None:
    start = 30 * WEEK
    week = RECORD.own.values[start : start + WEEK].copy()
    week[40:70] = int(RECORD.own.values.max())
    assert score(RECORD.with_week(start, week), start) <= 29 * 4.0 + 1e-9


def test_a_stretch_that_began_before_the_week_counts_from_its_first_hour() -> None:
    start = 30 * WEEK
    values = RECORD.own.values.copy()
    values[start - 50 : start + 2] = 90_000
    held = watched(series(values), RECORD.beside)
    assert score(held, start) > DETECTOR.scores(RECORD, STARTS).max()
    assert "for 52 hours" in DETECTOR.words(held, start)
