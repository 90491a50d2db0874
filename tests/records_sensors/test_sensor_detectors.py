"""What each detector sees and does not see, on drawn readings and by hand."""

from collections.abc import Callable

import numpy as np
import pytest
from drawn_readings import FIRM, OTHER, START, drawn, dust, series, whole_steps

from xinyong.errors import QuestionRefused
from xinyong.records.sensors.benford import departs_from_benford
from xinyong.records.sensors.detectors import FIT
from xinyong.records.sensors.fitted import NOT_JUDGED, Fitted
from xinyong.records.sensors.injected import (
    capped,
    copied,
    copied_from_neighbour,
    diluted,
    flat,
    half,
    noisy_copy,
    retyped,
    typed,
)
from xinyong.records.sensors.instrument import DAY, WEEK
from xinyong.records.sensors.kinds import Kind
from xinyong.records.sensors.noisy import _handy
from xinyong.records.sensors.series import State, Watched, watched, weeks, years_of

HOURS = 60 * WEEK
RECORD = drawn(HOURS)
ALL = np.ones(HOURS, np.bool_)
STARTS = weeks(RECORD.own, WEEK)
FITTED = {kind: FIT[kind](RECORD, ALL) for kind in Kind}


def fitted(kind: Kind) -> Fitted:
    found = FITTED[kind]
    assert found is not None
    return found


def score(kind: Kind, record: Watched, start: int) -> float:
    return float(fitted(kind).scores(record, np.array([start]))[0])


WAYS: list[tuple[Kind, Callable[..., object]]] = [
    (Kind.COPIED, copied(WEEK)),
    (Kind.COPIED, copied(DAY)),
    (Kind.COPIED, copied_from_neighbour),
    (Kind.FLAT, flat(24, 72)),
    (Kind.CAPPED, capped(0.1)),
    (Kind.DILUTED, diluted(0.4)),
    (Kind.TYPED, typed(0.1, 0.5, 0.2)),
    (Kind.NOISY_COPY, noisy_copy(0.1)),
]


@pytest.mark.parametrize(("kind", "make"), WAYS)
def test_each_kind_stands_out_of_all_genuine_weeks(kind: Kind, make: Callable[..., object]) -> None:
    genuine = fitted(kind).scores(RECORD, STARTS).max()
    seen = tried = 0
    for start in STARTS[5::6]:
        week = make(RECORD, int(start), np.random.default_rng([3, start]))
        if week is not None:
            tried += 1
            seen += score(kind, RECORD.with_week(int(start), week), int(start)) > genuine  # type: ignore[arg-type]
    assert tried >= 3 and seen >= 0.8 * tried


@pytest.mark.parametrize("kind", list(Kind))
def test_the_evidence_is_in_words_with_figures(kind: Kind) -> None:
    for way, make in WAYS:
        if way is kind:
            start = 20 * WEEK
            week = make(RECORD, start, np.random.default_rng(5))
            changed = RECORD if week is None else RECORD.with_week(start, week)  # type: ignore[arg-type]
            said = fitted(kind).words(changed, start)
            assert any(sign.isdigit() for sign in said) and len(said) > 20


@pytest.mark.parametrize("kind", list(Kind))
def test_scores_of_many_weeks_are_those_of_each_week(kind: Kind) -> None:
    some = STARTS[6:12]
    together = fitted(kind).scores(RECORD, some)
    alone = [score(kind, RECORD, int(start)) for start in some]
    assert np.allclose(together, alone, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", list(Kind))
def test_no_weeks_have_no_scores(kind: Kind) -> None:
    assert len(fitted(kind).scores(RECORD, np.zeros(0, np.int64))) == 0


# ------------------------------------------------------------------ copied


def test_the_words_name_both_ends_of_a_copy() -> None:
    changed = RECORD.with_week(20 * WEEK, RECORD.own.values[5 * WEEK : 6 * WEEK].copy())
    said = fitted(Kind.COPIED).words(changed, 20 * WEEK)
    assert "168 readings" in said and "2022-02-11" in said and "this instrument" in said


def test_a_long_flat_stretch_is_no_copy_of_another() -> None:
    values = RECORD.own.values.copy()
    values[100:200] = values[5_000:5_100] = 40_000
    record = watched(series(values), RECORD.beside)
    start = 5_000 // DAY * DAY
    assert score(Kind.COPIED, record, start) < fitted(Kind.COPIED).scores(RECORD, STARTS).max() + 5
    assert score(Kind.FLAT, record, start) > fitted(Kind.FLAT).scores(RECORD, STARTS).max()


def test_yesterday_sent_again_is_a_copy_and_the_hour_before_is_not() -> None:
    start = 30 * WEEK
    own = RECORD.own.values
    day_before = RECORD.with_week(start, own[start - DAY : start - DAY + WEEK].copy())
    assert score(Kind.COPIED, day_before, start) > 80
    shifted = RECORD.with_week(start, own[start - 1 : start - 1 + WEEK].copy())
    assert score(Kind.COPIED, shifted, start) < 40


@pytest.mark.parametrize("kind", [Kind.COPIED, Kind.NOISY_COPY])
def test_who_was_copied_is_not_held_for_the_copy(kind: Kind) -> None:
    """Nor does the copy raise what is usual: the source may lie in the genuine years."""
    source, start = 20 * WEEK, 40 * WEEK
    copy = RECORD.with_week(start, RECORD.own.values[source : source + WEEK].copy())
    assert score(kind, copy, source) == pytest.approx(score(kind, RECORD, source), rel=1e-9)
    assert score(kind, copy, start) > fitted(kind).scores(RECORD, STARTS).max()


def test_hours_that_are_not_good_are_never_compared() -> None:
    start = 20 * WEEK
    changed = RECORD.with_week(start, RECORD.own.values[5 * WEEK : 6 * WEEK].copy())
    state = changed.own.state.copy()
    state[start : start + WEEK : 2] = State.MARKED
    own = type(changed.own)(changed.own.instrument, changed.own.start, changed.own.values, state)
    assert score(Kind.COPIED, Watched(own, changed.beside), start) < 1e-6


# ------------------------------------------------------------------ the others


def test_capping_needs_a_limit_and_readings_near_it() -> None:
    without = watched(series(RECORD.own.values, dust(limit=None)), RECORD.beside)
    assert FIT[Kind.CAPPED](without, ALL) is None
    far = RECORD.with_week(WEEK, np.full(WEEK, 10_000, np.int64))
    assert score(Kind.CAPPED, far, WEEK) == NOT_JUDGED


@pytest.mark.parametrize(("value", "counts"), [(150_000, (10, 0)), (151_000, (0, 10))])
def test_at_the_limit_is_under_it(value: int, counts: tuple[int, int]) -> None:
    week = np.full(WEEK, 10_000, np.int64)
    week[:10] = value
    said = fitted(Kind.CAPPED).words(RECORD.with_week(WEEK, week), WEEK)
    assert said.startswith(f"{counts[0]} readings") and f"{counts[1]} over" in said


def test_dilution_needs_an_independent_station() -> None:
    assert FIT[Kind.DILUTED](watched(RECORD.own), ALL) is None
    with pytest.raises(QuestionRefused, match="no independent one"):
        watched(RECORD.own, (series(RECORD.own.values, dust("chimney 2")),))


def test_a_dilution_that_is_older_than_two_weeks_fades_from_sight() -> None:
    start = 30 * WEEK
    values = RECORD.own.values.copy()
    values[start - 4 * WEEK : start + WEEK] //= 2
    old = watched(series(values), RECORD.beside)
    values = RECORD.own.values.copy()
    values[start : start + WEEK] //= 2
    fresh = watched(series(values), RECORD.beside)
    assert score(Kind.DILUTED, old, start) < 0.5 * score(Kind.DILUTED, fresh, start)


def test_no_dilution_is_judged_without_two_weeks_before_it() -> None:
    assert score(Kind.DILUTED, RECORD, WEEK) == NOT_JUDGED
    assert score(Kind.DILUTED, RECORD, 2 * WEEK) > NOT_JUDGED


def test_what_points_away_from_people_counts_nothing() -> None:
    """A week rougher than any, with repeats and a heavy tail, is odd but not hand-typed."""
    chance = np.random.default_rng(4)
    wild = np.repeat(whole_steps(np.exp(chance.normal(4, 1.5, WEEK // 4))), 4)
    genuine = np.median(fitted(Kind.TYPED).scores(RECORD, STARTS))
    assert score(Kind.TYPED, RECORD.with_week(WEEK, wild), WEEK) < genuine + 8


def test_a_noisy_copy_is_no_copy() -> None:
    start = 20 * WEEK
    week = noisy_copy(0.1)(RECORD, start, np.random.default_rng(8))
    assert week is not None
    changed = RECORD.with_week(start, week)
    assert score(Kind.NOISY_COPY, changed, start) > 0.9
    assert score(Kind.COPIED, changed, start) < fitted(Kind.COPIED).scores(RECORD, STARTS).max() + 5


def test_a_still_week_lies_along_nothing() -> None:
    still = RECORD.with_week(WEEK, np.full(WEEK, 40_000, np.int64))
    assert score(Kind.NOISY_COPY, still, WEEK) < 0.5


@pytest.mark.parametrize("least", [1, 2, 7, 97, 1_001, 35_232])
def test_lengths_for_transforms_hold_what_they_must(least: int) -> None:
    found = _handy(least)
    rest = found
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    assert found >= least and rest == 1 and found < 1.2 * least + 3


# ------------------------------------------------------------------ injections


def test_fabrications_do_what_they_say() -> None:
    chance, start = np.random.default_rng(2), 20 * WEEK
    own = RECORD.own.values
    week = own[start : start + WEEK]
    held = flat(30, 30)(RECORD, start, chance)
    assert held is not None
    longest = max(len(run) for run in np.split(held, np.flatnonzero(np.diff(held)) + 1))
    assert longest >= 30
    half_of = diluted(0.5)(RECORD, start, chance)
    assert half_of is not None and abs(half_of.sum() / week.sum() - 0.5) < 0.01
    over = next(int(s) for s in STARTS if np.count_nonzero(own[s : s + WEEK] > 150_000) >= 12)
    under = capped(0.1)(RECORD, over, chance)
    assert under is not None and under.max() <= 150_000
    kept = own[over : over + WEEK] <= 150_000
    assert (under[kept] == own[over : over + WEEK][kept]).all()
    made = typed(0.1, 0.9, 1.0)(RECORD, start, chance)
    assert made is not None and np.mean(made // 1000 % 5 == 0) > 0.7
    part = copied(12)(RECORD, start, chance)
    assert (
        part is not None and (part[:-12] == week[:-12]).all() and (part[-12:] != week[-12:]).any()
    )
    late = half(diluted(0.5))(RECORD, start, chance)
    middle = WEEK // 2
    assert late is not None and (late[:middle] == week[:middle]).all()
    assert (late[middle:] == half_of[middle:]).all()
    old = retyped(0.33)(RECORD, start, chance)
    assert old is not None and 0.3 < np.mean(old // 1000 % 5 == 0) < 0.7


def test_a_week_without_exceedance_cannot_be_capped() -> None:
    quiet = RECORD.with_week(0, np.full(WEEK, 20_000, np.int64))
    assert capped(0.1)(quiet, 0, np.random.default_rng(1)) is None


# ------------------------------------------------------------------ series and Benford


def test_a_short_rest_belongs_to_the_year_before_it() -> None:
    assert np.unique(years_of(2 * 8_766 + 100)).tolist() == [0, 1]
    assert np.unique(years_of(2 * 8_766 + 5_000)).tolist() == [0, 1, 2]
    assert years_of(10).tolist() == [0] * 10


def test_a_series_is_cut_and_padded_to_the_hours_of_another() -> None:
    late = series(np.arange(1, 6) * 1000, dust("b", OTHER), START + 2 * 3_600_000_000)
    on = late.on_grid_of(series(np.ones(4, np.int64) * 1000))
    assert on.values.tolist() == [0, 0, 1000, 2000] and on.state.tolist() == [0, 0, 1, 1]
    early = series(np.arange(1, 6) * 1000, dust("b", OTHER), START - 3 * 3_600_000_000)
    assert early.on_grid_of(series(np.ones(4, np.int64))).values.tolist() == [4000, 5000, 0, 0]


def test_arrays_of_a_series_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        RECORD.own.values[0] = 1
    assert RECORD.own.instrument.firm == FIRM


def test_benford_takes_its_own_law_and_little_else() -> None:
    chance = np.random.default_rng(1)
    assert not departs_from_benford((10 ** chance.uniform(0, 6, 168)).astype(np.int64))
    assert departs_from_benford(RECORD.own.values[:WEEK])
    assert not departs_from_benford(np.zeros(5, np.int64))
