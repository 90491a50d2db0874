"""Measures against closed forms, other people's code, and rules they must keep."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from xinyong.errors import QuestionRefused
from xinyong.lab import chance, course, measures

MILLION = 1_000_000
amounts = st.lists(
    st.integers(1, 10**6).map(float), min_size=2, max_size=60
).map(np.array)  # fmt: skip


def middles(n: int) -> np.ndarray:
    """The middles of n equal cells of (0, 1)."""
    return (np.arange(n) + 0.5) / n


# -- how unequal: closed forms


def test_gini_of_known_distributions():
    u = middles(MILLION)
    assert measures.gini(u) == pytest.approx(1 / 3, abs=1e-6)
    assert measures.gini(-np.log1p(-u)) == pytest.approx(0.5, abs=1e-4)
    lognormal = np.exp(stats.norm.ppf(u))
    assert measures.gini(lognormal) == pytest.approx(math.erf(0.5), abs=1e-4)
    assert round(math.erf(0.5), 4) == 0.5205
    assert measures.theil_t(lognormal) == pytest.approx(0.5, abs=1e-3)
    assert measures.theil_l(lognormal) == pytest.approx(0.5, abs=1e-4)


def test_gini_of_drawn_people():
    key = chance.key(11, 0, chance.Stream.SAMPLE)
    people = chance.everyone(MILLION)
    assert measures.gini(chance.ats(key, people)) == pytest.approx(1 / 3, abs=0.001)
    assert measures.gini(chance.exponentials(key, people)) == pytest.approx(0.5, abs=0.001)
    assert measures.gini(np.exp(chance.normals(key, people))) == pytest.approx(0.5205, abs=0.002)


def test_one_has_all_and_all_alike():
    one = np.zeros(100)
    one[3] = 7.0
    assert measures.gini(one) == pytest.approx(0.99)
    assert measures.theil_t(one) == pytest.approx(math.log(100))
    assert measures.theil_l(one) == math.inf
    assert measures.top_share(one) == 1.0
    assert measures.palma(one) == math.inf
    alike = np.full(50, 3.0)
    assert measures.gini(alike) == measures.theil_t(alike) == 0.0
    assert measures.palma(alike) == pytest.approx(0.25)
    assert measures.gini(np.zeros(4)) == measures.theil_l(np.zeros(4)) == 0.0


def test_top_share_and_palma_of_the_uniform():
    u = middles(100_000)
    assert measures.top_share(u, 0.1) == pytest.approx(0.19, abs=1e-6)
    assert measures.palma(u) == pytest.approx(0.19 / 0.16, abs=1e-5)
    assert measures.lorenz(np.array([1.0, 3.0]), 0.25) == 0.125


def test_amounts_below_zero_are_refused():
    for wrong in ([-1.0, 2.0], [math.nan, 1.0], []):
        with pytest.raises(QuestionRefused):
            measures.gini(np.array(wrong))


@given(amounts, st.integers(1, 1000))
def test_scale_does_not_matter(values, factor):
    for index in (measures.gini, measures.theil_t, measures.theil_l, measures.palma):
        assert index(values * factor) == pytest.approx(index(values), abs=1e-9)
    assert measures.welfare(values * factor) == pytest.approx(factor * measures.welfare(values))


@given(amounts, st.data())
def test_a_transfer_to_the_poorer_lowers_inequality(values, data):
    poor, rich = values.argmin(), values.argmax()
    assume(values[rich] - values[poor] > 1)
    gift = data.draw(st.floats(0.4, (values[rich] - values[poor]) / 2))
    after = values.copy()
    after[poor] += gift
    after[rich] -= gift
    for index in (measures.gini, measures.theil_t, measures.theil_l):
        assert index(after) < index(values)
    assert measures.welfare(after) > measures.welfare(values)
    assert measures.welfare(after, 0) == pytest.approx(measures.welfare(values, 0))


@given(amounts)
def test_gini_is_half_the_mean_difference_over_the_mean(values):
    spread = np.abs(values[:, None] - values[None, :]).mean()
    assert measures.gini(values) == pytest.approx(spread / 2 / values.mean(), abs=1e-12)


@given(amounts, st.data())
def test_theil_splits_by_group_without_a_rest(values, data):
    groups = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(values),
                                         max_size=len(values))))  # fmt: skip
    t, m = measures.theil_t_by_group(values, groups), measures.theil_l_by_group(values, groups)
    assert t.total == pytest.approx(measures.theil_t(values), abs=1e-9)
    assert m.total == pytest.approx(measures.theil_l(values), abs=1e-9)
    assert min(t.within, m.within, t.between, m.between) >= -1e-12
    whole = np.zeros(len(values), int)
    assert measures.theil_t_by_group(values, whole).between == pytest.approx(0, abs=1e-12)


@given(amounts)
def test_welfare_falls_with_aversion(values):
    worth = [measures.welfare(values, aversion) for aversion in (0, 0.5, 1, 2, 5)]
    assert all(a >= b * (1 - 1e-9) for a, b in pairwise(worth))
    assert worth[2] == pytest.approx(stats.gmean(values))
    assert worth[3] == pytest.approx(stats.hmean(values))


# -- how mobile


@given(st.lists(st.integers(0, 9), min_size=2, max_size=40))
def test_ranks_equal_scipy(values):
    wanted = (stats.rankdata(values) - 0.5) / len(values)
    assert measures.ranks(np.array(values)) == pytest.approx(wanted)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=40))
def test_rank_slope_equals_a_regression_on_ranks(pairs):
    x, y = np.array(pairs).T
    assume(len(set(x)) > 1)
    wanted = stats.linregress(stats.rankdata(x), stats.rankdata(y)).slope
    assert measures.rank_slope(x, y) == pytest.approx(wanted, abs=1e-9)


def test_mobility_of_copies_strangers_and_opposites():
    parents = np.arange(10_000)
    assert measures.rank_slope(parents, parents) == pytest.approx(1)
    assert measures.rank_slope(parents, -parents) == pytest.approx(-1)
    assert measures.bottom_to_top(parents, parents) == 0
    assert measures.bottom_to_top(parents, -parents) == 1
    assert (measures.transitions(parents, parents) == np.eye(5)).all()
    luck = chance.ats(chance.key(5, 0, chance.Stream.SAMPLE), chance.everyone(10_000))
    assert measures.rank_slope(parents, luck) == pytest.approx(0, abs=0.03)
    assert measures.bottom_to_top(parents, luck) == pytest.approx(0.2, abs=0.03)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=80))
def test_rows_of_transitions_sum_to_one(pairs):
    table = measures.transitions(*np.array(pairs).T)
    held = ~np.isnan(table[:, 0])
    assert held.any()
    assert table[held].sum(axis=1) == pytest.approx(1)


def test_rank_slope_of_a_gaussian_copula():
    base = chance.key(8, 0, chance.Stream.SAMPLE)
    x, z = (chance.normals(chance.fold(base, k), chance.everyone(MILLION)) for k in (0, 1))
    y = 0.5 * x + math.sqrt(0.75) * z
    assert measures.rank_slope(x, y) == pytest.approx(6 / math.pi * math.asin(0.25), abs=0.003)


# -- how fairly decided


def test_decision_rates_by_hand():
    approved = np.array([1, 1, 0, 0, 1, 0, 1], bool)
    good = np.array([1, 0, 1, 0, 1, 1, 1], bool)
    groups = np.array([0, 0, 0, 0, 1, 1, 1])
    rates = measures.decision_rates(approved, good, groups)
    assert rates[0] == measures.Rates(4, 0.5, 0.5, 0.5)
    assert (rates[1].size, rates[1].approval) == (3, pytest.approx(2 / 3))
    assert rates[1].true_positive == pytest.approx(2 / 3)
    assert math.isnan(rates[1].false_positive)
    assert measures.gap(rates, "approval") == pytest.approx(1 / 6)
    assert measures.gap(rates, "false_positive") == 0


def test_calibration_sees_a_shifted_group():
    score = np.tile(np.arange(10), 200)
    groups = np.repeat([0, 1], 1000)
    u = np.tile(np.repeat(middles(100), 10), 2)
    fair = u < (score + 0.5) / 10
    assert measures.calibration_gap(score, fair, groups) == pytest.approx(0)
    shifted = u < (score + 0.5) / 10 * np.where(groups == 1, 0.5, 1.0)
    assert measures.calibration_gap(score, shifted, groups) == pytest.approx(0.25, abs=0.01)
    table = measures.calibration(score, fair, groups)
    assert table[0] == pytest.approx((np.arange(10) + 0.5) / 10)
    alone = measures.calibration_gap(score, fair, np.zeros(2000, int))
    assert math.isnan(alone)


def test_shares_and_correlation():
    a, b = np.array([1, 1, 0, 0], bool), np.array([1, 0, 1, 0], bool)
    assert measures.share(a) == measures.share(a, b) == 0.5
    assert measures.thin_file_scored(a, ~b) == 0.5
    assert math.isnan(measures.share(a, np.zeros(4, bool)))
    assert measures.correlation([1, 2, 3], [2, 4, 7]) == pytest.approx(
        stats.pearsonr([1, 2, 3], [2, 4, 7])[0]
    )
    assert math.isnan(measures.correlation([1, 1], [1, 2]))


# -- lists, gaming, silence, lending


def test_false_listing_and_false_clear():
    listed = np.array([1, 1, 0, 0, 0], bool)
    compliant = np.array([1, 0, 1, 1, 0], bool)
    assert course.false_listing(listed, compliant) == pytest.approx(1 / 3)
    assert course.false_clear(listed, compliant) == 0.5


def test_spells_by_hand():
    listed = np.array([[0, 1, 0, 1, 0, 1], [1, 1, 0, 0, 0, 0], [0, 1, 1, 0, 0, 1]], bool)
    found = course.spells(listed)
    assert found.months.tolist() == [1, 3, 1, 1, 1, 1]
    assert found.over.tolist() == [True, False, False, True, True, False]
    assert math.isnan(course.mean_spell(course.spells(np.zeros((3, 2), bool))))


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=8))
def test_spells_add_up_to_the_listed_months(history):
    listed = np.array(history)
    found = course.spells(listed)
    assert found.months.sum() == listed.sum()
    assert (~found.over).sum() == listed[-1].sum()


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=2, max_size=30))
def test_mean_spell_equals_the_survival_curve_of_scipy(rows):
    months = np.array([row[0] for row in rows])
    over = np.array([row[1] for row in rows])
    data = stats.CensoredData(uncensored=months[over], right=months[~over])
    curve = stats.ecdf(data).sf
    wanted = sum(float(curve.evaluate(month)) for month in range(months.max()))
    assert course.mean_spell(course.Spells(months, over)) == pytest.approx(wanted)


def test_slower_removal_lengthens_spells_seen_for_a_short_time():
    def spell(chance_of_removal):
        luck = chance.uniforms(3, 0, chance.Stream.REMOVAL, chance.everyone(20_000))
        months = np.ceil(np.log1p(-luck) / math.log1p(-chance_of_removal)).astype(np.int64)
        return course.mean_spell(course.Spells(np.minimum(months, 60), months <= 60))

    assert spell(0.2) == pytest.approx(5, abs=0.15)
    assert spell(0.1) == pytest.approx(10, abs=0.3)


def test_time_to_correct_counts_the_uncorrected():
    since = np.array([0, 0, 2])
    assert course.time_to_correct(since, np.array([4, 6, 4]), 9) == pytest.approx(4)
    assert course.time_to_correct(since, np.array([4, -1, 4]), 10) == pytest.approx(16 / 3)


def test_cascades_by_hand():
    root, none = course.ROOT, course.UNTOUCHED
    cause = np.array([root, 0, 1, none, root, 1, none])
    assert course.cascades(cause).tolist() == [3, 0]
    assert course.cascade_size(cause) == 1.5
    assert math.isnan(course.cascade_size(np.full(3, none)))


@given(st.integers(1, 200), st.data())
def test_cascades_count_everybody_once(n, data):
    cause = np.array([data.draw(st.integers(-2, i - 1)) if i else -1 for i in range(n)])
    touched = np.zeros(n, bool)
    for i in range(n):
        touched[i] = cause[i] == -1 or (cause[i] >= 0 and touched[cause[i]])
    assert course.cascades(cause).sum() + (cause == -1).sum() == touched.sum()


def test_goodhart_gap_and_gamed_share():
    honest, noise = np.array([1.0, 2, 3, 4]), np.array([1.0, -1, -1, 1])
    gap = course.goodhart_gap(honest, honest, honest + 2 * noise, honest)
    assert gap == pytest.approx(1 - stats.pearsonr(honest + 2 * noise, honest)[0])
    points = np.array([honest, noise * 2])
    bought = course.gamed_share(points, np.array([False, True]))
    assert bought == pytest.approx(16 / 21)
    assert course.gamed_share(points, np.array([True, False])) == pytest.approx(1 - bought)


def test_fabricated_share_and_chilling():
    assert course.fabricated_share(np.array([1, 1, 0], bool), np.array([1, 0, 1], bool)) == 0.5
    assert course.chilling(30, 40) == 0.25
    assert math.isnan(course.chilling(0, 0))


def test_lending_by_hand():
    applied = np.array([1, 1, 1, 0], bool)
    approved = np.array([1, 1, 0, 1], bool)
    repaid = np.array([1, 0, 1, 1], bool)
    found = course.lending(applied, approved, repaid, np.full(4, 100.0), np.full(4, 0.3))
    assert found == course.Lending(2, pytest.approx(2 / 3), 0.5, -70.0, pytest.approx(-70 / 3))


# -- the catalogue


def test_the_catalogue_names_its_rows():
    assert len(measures.MEASURES) >= 35
    for name, row in measures.MEASURES.items():
        assert name == row.name
        assert row.title[0].isupper() and row.unit and row.source
    assert measures.measure("gini").better == "down"


def test_an_unknown_measure_names_the_nearest():
    with pytest.raises(QuestionRefused, match="no measure is called 'ginni'") as caught:
        measures.measure("ginni")
    assert "'gini'" in str(caught.value)


def test_every_mechanism_of_the_catalogue_exists():
    from xinyong.lab.mechanisms import MECHANISMS

    named = {name for row in measures.MEASURES.values() for name in row.shows}
    assert named <= set(MECHANISMS)
