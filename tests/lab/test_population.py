"""People and firms are drawn to their margins, whole and always the same."""

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xinyong.errors import QuestionRefused
from xinyong.lab import fitting, margins, population
from xinyong.lab.margins import shares
from xinyong.lab.measures import gini

N = 200_000


@pytest.fixture(scope="module")
def people():
    return population.draw_people(N, 1)


@pytest.fixture(scope="module")
def firms():
    return population.draw_firms(50_000, 1)


# -- fitting


def test_fitting_keeps_odds_ratios_and_meets_margins():
    start = np.array([[1.0, 2.0, 1.0], [3.0, 5.0, 8.0]])
    rows, columns = np.array([0.3, 0.7]), np.array([0.5, 0.25, 0.25])
    table = fitting.fit(start, [((0,), rows), ((1,), columns)])
    assert np.abs(table.sum(1) - rows).max() < 1e-12
    assert np.abs(table.sum(0) - columns).max() < 1e-12
    for a in range(2):
        odds = [t[0, a] * t[1, a + 1] / (t[0, a + 1] * t[1, a]) for t in (start, table)]
        assert abs(odds[0] - odds[1]) < 1e-9


def test_fitting_holds_margins_of_two_axes_at_once():
    pairs = fitting.associated(3, 0.5)
    alone = np.array([0.1, 0.9])
    table = fitting.fit(np.ones((3, 3, 2)), [((0, 1), pairs), ((2,), alone)])
    assert np.abs(table - pairs[..., None] * alone).max() < 1e-12


def test_margins_that_contradict_are_refused():
    start = np.array([[0.0, 1.0], [0.0, 1.0]])
    with pytest.raises(QuestionRefused, match="cannot be fitted"):
        fitting.fit(start, [((1,), np.array([0.5, 0.5]))])


@given(
    st.lists(st.floats(0.0, 5.0), min_size=1, max_size=40).filter(lambda cells: sum(cells) > 0.1),
    st.integers(0, 10_000),
    st.floats(0, 1, exclude_max=True),
)
@example([1.0, 1.0, 2.0], 3, 2.220446049250313e-16)
def test_whole_counts_are_within_one_of_their_share(cells, n, u):
    table = np.array(cells)
    counts = fitting.whole(table, n, u)
    wanted = table / table.sum() * n
    assert counts.sum() == n
    assert (counts >= 0).all()
    assert np.abs(counts - wanted).max() < 1 + 1e-6


def test_whole_counts_are_right_on_average():
    table = np.array([0.31, 0.07, 0.44, 0.18])
    drawn = [fitting.whole(table, 7, (i + 0.5) / 10_000) for i in range(10_000)]
    assert np.abs(np.mean(drawn, axis=0) - 7 * table).max() < 1e-3


@pytest.mark.parametrize("correlation", [0.0, 0.4, 0.9])
def test_associated_classes_have_the_correlation_asked_for(correlation):
    table = fitting.associated(5, correlation)
    places = np.arange(5) - 2
    found = (table * np.outer(places, places)).sum() / 2
    assert abs(found - correlation) < 1e-6
    assert np.abs(table.sum(0) - 0.2).max() < 1e-9


# -- people


def test_columns_have_their_types_and_ranges(people):
    assert [*people] == [*population.PEOPLE_COLUMNS]
    for name, column in people.items():
        assert column.dtype == np.dtype(population.PEOPLE_COLUMNS[name][0])
        assert len(column) == N
        assert np.isfinite(column).all()
    assert people["age"].min() == 20
    assert people["age"].max() == 69
    assert people["klass"].max() == people["parent_class"].max() == 4
    assert (people["income"] > 0).all()
    assert people["reliability"].min() >= 0.8
    assert 0 <= people["capacity"].min() <= people["capacity"].max() <= 1
    assert sum(column.nbytes for column in people.values()) == N * population.bytes_per_person()
    assert population.bytes_per_person() <= 100


@pytest.mark.parametrize("n", [1, 2, 999, 100_003])
def test_margins_hold_to_the_rounding_of_the_cells(n):
    drawn = population.draw_people(n, 3)
    table = population.people_table()
    traits = {"region": 1, "klass": 2, "parent_class": 3, "presence": 4}
    for name, axis in traits.items():
        wanted = table.sum(axis=tuple(a for a in range(5) if a != axis)) * n
        found = np.bincount(drawn[name], minlength=len(wanted))
        # systematic sampling: a sum over cells is off by less than one a run of cells
        assert np.abs(found - wanted).max() <= 25
    assert abs(drawn["presence"].sum() - n * 0.25) <= 25


def test_large_populations_meet_the_stated_shares(people):
    for name, margin in (("region", margins.REGION), ("klass", margins.CLASS)):
        found = np.bincount(people[name]) / N
        assert np.abs(found - shares(margin)).max() < 1e-3
    bands = np.bincount(people["age"] // 10 - 2) / N
    assert np.abs(bands - shares(margins.AGE)).max() < 1e-3
    assert abs(people["presence"].mean() - 0.25) < 1e-3
    assert abs(np.corrcoef(people["klass"], people["parent_class"])[0, 1] - 0.4) < 0.005
    assert abs((people["group"] == 1).mean() - 0.2) < 0.005
    assert abs((people["aware"] == 1).mean() - 0.5) < 0.005
    assert (
        abs((people["job"] == 0).mean() - (shares(margins.AGE) * margins.IDLE.numbers).sum())
        < 0.005
    )


def test_incomes_have_the_means_of_their_class_and_a_known_inequality(people):
    means = [people["income"][people["klass"] == k].mean() for k in range(5)]
    assert np.abs(np.array(means) / margins.INCOME.numbers - 1).max() < 0.01
    assert 0.40 < gini(people["income"]) < 0.44
    known = [people["presence"][people["klass"] == k].mean() for k in range(5)]
    assert known == sorted(known)


def test_households_are_neighbours_of_one_region_city_and_school(people):
    household = people["household"]
    steps = np.diff(household)
    assert household[0] == 0
    assert set(np.unique(steps)) == {0, 1}
    together = steps == 0
    for name in ("region", "city", "school"):
        assert (people[name][:-1][together] == people[name][1:][together]).all()
    sizes = np.bincount(np.bincount(household))[1:]
    assert len(sizes) == 4
    assert np.abs(sizes / sizes.sum() - shares(margins.HOUSEHOLD)).max() < 0.01


def test_likeness_is_what_brings_classes_together():
    def tie(likeness):
        drawn = population.draw_people(50_000, 1, likeness=likeness)
        together = np.diff(drawn["household"]) == 0
        klass = drawn["klass"]
        return np.corrcoef(klass[:-1][together], klass[1:][together])[0, 1]

    assert 0 < tie(0.0) < 0.08  # what is left is that regions differ
    assert tie(0.0) < tie(0.5) < tie(1.0)
    assert tie(1.0) > 0.99


def test_who_lives_together_is_not_of_one_age_by_an_accident_of_sorting():
    drawn = population.draw_people(1_000_000, 1, likeness=0)
    together = np.diff(drawn["household"]) == 0
    age = drawn["age"].astype(float)
    assert abs(np.corrcoef(age[:-1][together], age[1:][together])[0, 1]) < 0.01


def test_parameters_reach_what_they_name():
    drawn = population.draw_people(
        40_000, 1, thin=0.1, second_group=0.5, unaware=0, inheritance=0.8, cities=3, need=0
    )
    assert abs(drawn["presence"].mean() - 0.9) < 0.001
    assert abs(drawn["group"].mean() - 0.5) < 0.01
    assert (drawn["aware"] == 1).all()
    assert abs(np.corrcoef(drawn["klass"], drawn["parent_class"])[0, 1] - 0.8) < 0.005
    assert set(np.unique(drawn["city"])) == {0, 1, 2}
    assert (drawn["capacity"] == 1).all()
    everybody = population.draw_people(1000, 1, thin=0)
    assert (everybody["presence"] == 1).all()


@settings(max_examples=15)
@given(st.integers(0, 400), st.integers(0, 2**40))
def test_the_same_seed_gives_the_same_people(n, seed):
    one, other = population.draw_people(n, seed), population.draw_people(n, seed)
    assert all(np.array_equal(one[name], other[name]) for name in one)
    if n > 50:
        third = population.draw_people(n, seed + 1)
        assert not np.array_equal(one["income"], third["income"])


def fingerprint():
    """Digest of some people and firms and of who knows whom."""
    people = population.draw_people(1500, 7)
    firms = population.draw_firms(300, 7)
    known = population.acquaintances(people, 7)
    parts = [*people.values(), *firms.values(), known.indptr, known.indices]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def test_without_the_compiler_the_people_are_the_same():
    program = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "import test_population as t\n"
        "print(t.fingerprint())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, os.path.dirname(__file__)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "XINYONG_ENGINE": "numpy"},
    )
    assert told.stdout.strip() == fingerprint()


def test_acquaintances_are_like_each_other_and_near():
    people = population.draw_people(30_000, 2)
    known = population.acquaintances(people, 2, friends=8, likeness=0.5)
    rows = np.repeat(np.arange(known.n), known.degrees())
    assert (people["region"][rows] == people["region"][known.indices]).all()
    assert (people["city"][rows] == people["city"][known.indices]).all()
    # 8 friends, and on average 1.4 others at home (sizes seen from the person)
    sizes = np.bincount(people["household"])
    others = (sizes * (sizes - 1)).sum() / known.n
    assert abs(known.degrees().mean() - 8 - others) < 0.15
    same = (people["klass"][rows] == people["klass"][known.indices]).mean()
    stranger = population.acquaintances(people, 2, friends=8, likeness=0)
    rows = np.repeat(np.arange(known.n), stranger.degrees())
    assert same > (people["klass"][rows] == people["klass"][stranger.indices]).mean() + 0.2


# -- firms


def test_firms_meet_their_margins(firms):
    assert [*firms] == [*population.FIRM_COLUMNS]
    for name, column in firms.items():
        assert column.dtype == np.dtype(population.FIRM_COLUMNS[name][0])
    for name, margin in (
        ("sector", margins.SECTOR), ("size", margins.SIZE), ("region", margins.REGION),
    ):  # fmt: skip
        assert np.abs(np.bincount(firms[name]) / 50_000 - shares(margin)).max() < 1e-3
    low, high = np.array(margins.WORKERS).T
    assert (firms["workers"] >= low[firms["size"]]).all()
    assert (firms["workers"] <= high[firms["size"]]).all()


def test_small_firms_have_the_jobs_the_source_gives_them(firms):
    small = firms["workers"][firms["size"] < 3].sum() / firms["workers"].sum()
    assert small > 0.8


def test_a_third_of_industry_fabricates_and_reports_below_the_limit(firms):
    industry = np.isin(firms["sector"], [1, 2])
    fakes = firms["fabricates"] == 1
    assert not fakes[~industry].any()
    n = industry.sum()
    assert abs(fakes[industry].mean() - 1 / 3) < 4 * math.sqrt(2 / 9 / n)
    assert firms["reported"][fakes].max() < 1
    assert np.array_equal(firms["reported"][~fakes], firms["emission"][~fakes])
    honest = population.draw_firms(1000, 1, fabricating=0)
    assert not honest["fabricates"].any()


def test_loans_grow_with_size(firms):
    owing = [(firms["loan"][firms["size"] == size] > 0).mean() for size in range(4)]
    assert owing == sorted(owing)
    assert abs(owing[0] - 0.8 * 0.25) < 0.02


# -- refusals and marks


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: population.draw_people(10, 1, thinn=0.2),
        lambda: population.draw_people(10, 1, thin=1.2),
        lambda: population.draw_people(-1, 1),
        lambda: population.draw_firms(10, 1, thin=0.5),
        lambda: population.draw_firms(2**31, 1),
    ],
)
def test_wrong_numbers_are_refused_with_a_mend(wrong):
    with pytest.raises(QuestionRefused) as caught:
        wrong()
    assert caught.value.why
    assert caught.value.mend


def test_every_number_has_a_mark_and_a_source():
    tables = [value for value in vars(margins).values() if isinstance(value, margins.Margin)]
    assert len(tables) >= 15
    for table in tables:
        assert len(table.values) == len(table.numbers)
        assert table.source
        assert table.mark in ("P", "S", "M", "assumed")
    for parameter in (*margins.PEOPLE.values(), *margins.FIRMS.values()):
        assert parameter.least <= parameter.default <= parameter.most
        assert (parameter.mark == "assumed") == (parameter.source == "assumed")
