"""Intervals against scipy, and what may be said from them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from xinyong.errors import QuestionRefused
from xinyong.lab import chance, intervals

figures = st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=30)


@given(st.integers(1, 400), st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.999]))
def test_the_bound_equals_scipy(freedom, level):
    assert intervals.t_bound(freedom, level) == pytest.approx(
        stats.t.ppf((1 + level) / 2, freedom), rel=1e-9
    )


@given(figures, st.data())
def test_a_paired_difference_equals_scipy(a, data):
    b = data.draw(st.lists(st.integers(-9, 9).map(float), min_size=len(a), max_size=len(a)))
    found = intervals.paired(a, b)
    differences = np.subtract(a, b)
    if np.ptp(differences) == 0:
        assert found.low == found.high == differences[0]
        return
    wanted = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)
    assert found.mean == pytest.approx(differences.mean())
    assert found.seeds == len(a)


@given(figures)
def test_a_scheme_against_itself_differs_by_exactly_nothing(a):
    found = intervals.paired(a, a)
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)
    assert not found.ranked
    assert found.better("up") is found.better("down") is None


def test_one_seed_ranks_nothing():
    found = intervals.paired([5.0], [1.0])
    assert (found.mean, found.low, found.high) == (4.0, -math.inf, math.inf)
    assert not found.ranked


def test_better_follows_the_direction():
    up = intervals.paired([5.0, 6.0, 5.5], [1.0, 2.1, 1.4])
    assert up.ranked
    assert (up.better("up"), up.better("down"), up.better("neither")) == (0, 1, None)


def test_a_figure_that_is_no_number_ranks_nothing():
    found = intervals.paired([1.0, math.nan, 3.0], [0.0, 0.0, 0.0])
    assert math.isnan(found.mean)
    assert not found.ranked


def test_unequal_seeds_are_refused():
    with pytest.raises(QuestionRefused, match="one side has 2 seeds, the other 3"):
        intervals.paired([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(QuestionRefused):
        intervals.mean([])


def test_the_interval_covers_as_often_as_it_says():
    base = chance.key(1, 0, chance.Stream.SAMPLE)
    table = chance.normals(base, chance.everyone(2000 * 6)).reshape(2000, 6)
    found = [intervals.mean(row) for row in table]
    covered = np.mean([one.low <= 0 <= one.high for one in found])
    assert covered == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 2000))


def test_tiers_cut_only_where_all_are_told_apart():
    far = {"a": [1.0, 1.1, 0.9], "b": [5.0, 5.2, 4.9], "c": [9.0, 9.1, 8.8]}
    assert intervals.tiers(far, "up") == [("c",), ("b",), ("a",)]
    assert intervals.tiers(far, "down") == [("a",), ("b",), ("c",)]
    assert len(intervals.tiers(far, "neither")) == 1
    near = far | {"b": [0.0, 5.0, 8.0]}
    assert intervals.tiers(near, "up") == [("c", "b", "a")]


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(
    st.integers(0, 5).map(float), min_size=3, max_size=3), min_size=1))  # fmt: skip
def test_no_tier_stands_above_another_unless_each_pair_is_ranked(table):
    found = intervals.tiers(table, "up")
    assert sorted(name for tier in found for name in tier) == sorted(table)
    for place, tier in enumerate(found):
        for later in found[place + 1 :]:
            for a in tier:
                for b in later:
                    assert intervals.paired(table[a], table[b]).better("up") == 0


def test_against_gives_every_pair_once():
    pairs = intervals.against({"a": [1.0, 2.0], "b": [1.0, 1.0], "c": [0.0, 0.0]})
    assert list(pairs) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert pairs["a", "c"].mean == 1.5
