"""Who pays for favours, lenders before thin files, jobs at firms, and those who live together."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from living import Town

from xinyong.lab import follow, households, jobs, years
from xinyong.lab.cells import PAR, PATHS, Fact, Flag, Money, Trait, having
from xinyong.lab.cities import EVERYBODY
from xinyong.lab.firms import Firms
from xinyong.lab.firms_month import Purse, State
from xinyong.lab.lending import lender, would_lend
from xinyong.lab.population import draw_people
from xinyong.lab.runs import Run, choice, work
from xinyong.lab.scenario import NO_SCHEME, default


def ran(scheme, people=2000, years=2, seed=1, **mechanisms):
    told = {
        name: said if isinstance(said, bool) else {k: Decimal(str(v)) for k, v in said.items()}
        for name, said in mechanisms.items()
    }
    scenario = default(people=people, years=years).model_copy(update={"mechanisms": told})
    table = work(Run(scenario, choice(scheme), seed)).table.to_pylist()
    return {(r["measure"], r["group"]): r["value"] for r in table if r["year"] == years}


# ------------------------------------------------------------------ favours


def favoured(borne, budget=1.0, deposit=0.0, *, people=3000, seed=5):
    """What a month of favours comes to: two favours, the second waives a deposit; no burdens."""
    town, par = Town(people, seed), np.zeros(len(PATHS))
    for name, number in (("borne", borne), ("budget", budget), ("deposit", deposit)):
        par[PAR[f"perk_costs.{name}"]] = number
    luck = np.random.default_rng(seed)
    have = luck.random((2, people)) < 0.4
    cost, sums = np.array([0.01, 0.03]), np.zeros(7)
    follow.follow(
        follow.keys(seed, 3), EVERYBODY, town.money, town.facts, town.flags, have,
        np.zeros(people, np.bool_), np.array([512, 512], np.uint16), cost, cost,
        np.array([False, True]), False, par, sums,
    )  # fmt: skip
    worth = (cost @ have) * town.money[Money.INCOME].astype(float)
    return town.money[Money.WELFARE].astype(float), worth, sums, town, have


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 1), st.floats(0, 0.02), st.floats(0, 2), st.integers(0, 1000))
def test_what_favours_bring_some_all_others_bear(borne, budget, deposit, seed):
    welfare, worth, sums, _, _ = favoured(borne, budget, deposit, seed=seed)
    favours, deposits, incomes = sums[4:]
    assert favours == pytest.approx(min(worth.sum(), budget * incomes), rel=1e-9)
    got = favours + deposits
    assert welfare.sum() == pytest.approx((1 - borne) * got, abs=2e-5 * incomes)


def test_with_nothing_borne_favours_fall_from_heaven():
    welfare, worth, sums, _, _ = favoured(0.0, deposit=1.0)
    assert welfare == pytest.approx(worth, rel=1e-6)
    assert not sums[4:].any()


def test_everybody_bears_the_same_part_of_income():
    welfare, worth, sums, town, have = favoured(1.0)
    income = town.money[Money.INCOME].astype(float)
    rate = (worth - welfare) / income
    assert rate == pytest.approx(sums[4] / sums[6], rel=1e-4)
    assert (welfare[~have.any(axis=0)] < 0).all()


def test_favours_shrink_to_the_budget_and_no_further():
    welfare, worth, *_ = favoured(1.0, budget=0.0)
    assert welfare == pytest.approx(np.zeros(len(welfare)), abs=1e-6)
    within, _, sums, _, _ = favoured(1.0, budget=0.5)
    whole, _, _, _, _ = favoured(1.0, budget=1.0)
    assert np.array_equal(within, whole) and sums[4] == pytest.approx(worth.sum())


def test_a_waived_deposit_is_lost_by_who_is_not_reliable_and_gained_by_her():
    welfare, _, sums, town, have = favoured(1.0, deposit=5.0)
    without, *_ = favoured(1.0)
    gained = welfare - without > 1.0 * town.money[Money.INCOME]
    assert gained.any() and have[1][gained].all()
    unreliable = 1 - town.money[Money.RELIABILITY][have[1]].astype(float)
    assert gained.sum() == pytest.approx((follow.USES * unreliable).sum(), rel=0.35)
    assert sums[5] == pytest.approx(5.0 * town.money[Money.INCOME][gained].sum(), rel=1e-5)


def test_a_town_tells_what_its_favours_cost():
    paid, free = (ran("rongcheng", perk_costs=said) for said in (True, False))
    assert 0 < paid["perk_cost", "all"] < 0.05
    assert paid["deposits_lost", "all"] > 0
    assert ("perk_cost", "all") not in free
    assert paid["welfare", "all"] < free["welfare", "all"]


# ------------------------------------------------------------------ lenders and thin files


def thin(margin, prior, spread, people=20_000):
    """The part of thin files that would get a loan without a score."""
    par = np.zeros(len(PATHS))
    for name, number in (("margin", margin), ("prior", prior), ("spread", spread)):
        par[PAR[f"loan_gate.{name}"]] = number
    granted = np.zeros(people, np.bool_)
    facts, flags = np.zeros((len(Fact), people), np.uint8), np.zeros(people, np.uint16)
    score = np.zeros(people, np.int32)
    would_lend(lender(1, 7), np.arange(people), facts, flags, score, 0, 0, 0.0, par, granted)
    return granted.mean()


def test_lenders_before_a_thin_file_are_a_slope_and_no_cliff():
    margins = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9)
    for margin in margins:
        wanted = min(max((0.7 + 0.15 - margin) / 0.3, 0.0), 1.0)
        assert thin(margin, 0.7, 0.15) == pytest.approx(wanted, abs=0.015)
    assert [thin(margin, 0.7, 0.0) for margin in margins] == [1, 1, 1, 1, 0, 0, 0]
    assert thin(0.8, 0.5, 0.15) < thin(0.8, 0.72, 0.15) < thin(0.8, 0.78, 0.15)


def test_what_lenders_expect_of_thin_files_moves_approval_and_little_else():
    low, usual, high = (
        ran(NO_SCHEME, people=6000, loan_gate={"prior": prior}) for prior in (0.5, 0.7, 0.9)
    )
    assert low["thin_approval", "all"] == 0.0
    assert 0.1 < usual["thin_approval", "all"] < 0.25
    assert high["thin_approval", "all"] == pytest.approx(5 / 6, abs=0.05)


# ------------------------------------------------------------------ jobs at firms


def test_people_hold_the_places_of_firms_in_proportion_to_their_size():
    firms = Firms.draw(400, 3)
    places = jobs.Jobs(firms)
    assert np.array_equal(np.bincount(places.of, minlength=400), firms.staff[0])


def test_a_job_goes_at_the_rate_at_which_its_firm_sheds_and_fails():
    firms = Firms.draw(50, 3)
    firms.states[State.LEFT] = 5
    places = jobs.Jobs(firms)
    assert not places.risk(firms, 1.0, 0.5).any()
    big = int(np.argmax(firms.staff[0]))
    firms.staff[1, big] //= 2
    failed = (big + 1) % 50
    firms.states[State.LEFT, failed], firms.money[Purse.DUE, failed] = 0, 7
    risk = places.risk(firms, 1.0, 0.5)
    assert risk[places.of == big] == pytest.approx(0.5, abs=0.05)
    assert (risk[places.of == failed] == 0.5).all()
    assert not risk[(places.of != big) & (places.of != failed)].any()
    assert not places.risk(firms, 0.0, 0.5).any()
    assert places.risk(firms, 0.5, 0.5).max() == pytest.approx(0.25, abs=0.03)


def test_only_who_works_for_firms_loses_a_job_by_them():
    town = Town(4000, 5)
    town.facts[Fact.TRAITS] |= np.where(np.arange(4000) < 2000, np.uint8(Trait.FIRMS), np.uint8(0))
    town.risk = np.full(100, 1.0, np.float32)
    town.live(1)
    working = having(town.facts, Trait.JOB)
    assert working[:2000].mean() < 0.02
    assert working[2000:].mean() > 0.97
    assert town.counts.live[16] > 1900


def test_kinds_of_jobs_are_those_that_were_drawn():
    drawn = draw_people(5000, 2)
    kept = jobs.kinds(drawn["job"], 2)
    assert np.array_equal((kept & int(Trait.JOB)) != 0, drawn["job"] > 0)
    works = drawn["job"] > 0
    firm = np.isin(drawn["job"], (2, 3))
    assert np.array_equal((kept[works] & int(Trait.FIRMS)) != 0, firm[works])
    assert ((kept[~works] & int(Trait.FIRMS)) != 0).mean() == pytest.approx(0.62, abs=0.04)


def test_failing_firms_cost_people_their_jobs_and_pay():
    held, lost = (
        ran("tax-credit-2025", people=4000, years=3, firm_jobs=said)
        for said in (False, {"passed": 1, "failing": 1})
    )
    assert held["laid_off", "all"] == 0.0 < lost["laid_off", "all"]
    assert lost["in_work", "all"] < held["in_work", "all"]
    assert lost["income", "all"] < held["income", "all"]


# ------------------------------------------------------------------ those who live together


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=40), st.floats(0, 1), st.integers(0, 99))
def test_a_household_has_as_much_after_sharing_as_before(sizes, shared, seed):
    firsts = np.cumsum([0, *sizes])[:-1].astype(np.int32)
    luck = np.random.default_rng(seed)
    incomes, usual = luck.random((2, sum(sizes))) + 0.1
    made = households.pooled(firsts, incomes, usual, shared)
    together = np.add.reduceat(made, firsts)
    assert together == pytest.approx(np.add.reduceat(incomes, firsts))
    alone = households.pooled(firsts, incomes, usual, 0.0)
    assert alone == pytest.approx(incomes, rel=1e-12)
    level = households.pooled(firsts, incomes, usual, 1.0) / usual
    for first, size in zip(firsts, sizes, strict=True):
        assert level[first : first + size] == pytest.approx(level[first])


def test_shared_purses_smooth_what_months_bring():
    alone, half, whole = (
        ran(NO_SCHEME, people=3000, shared_purse=said)
        for said in (False, {"shared": 0.5}, {"shared": 1})
    )
    found = [each["shock_passed", "all"] for each in (alone, half, whole)]
    assert found[0] > found[1] > found[2] > 0
    assert whole["income", "all"] == pytest.approx(alone["income", "all"], rel=0.02)


def test_a_school_ban_reaches_children_of_the_household():
    people = 4000
    town = Town(people, 5)
    town.facts[Fact.AGE] = years.OLDEST - 1
    flags = town.flags.copy()
    flags[::4] = int(Flag.NO_SCHOOL)
    firsts = np.arange(0, people, 4, dtype=np.int32)
    near = households.anyone(firsts, flags == int(Flag.NO_SCHOOL))
    assert near.all()
    outcome = []
    for reach in (None, near):
        money = town.money.copy()
        _, barred = years.renew(money, town.facts.copy(), flags.copy(), 1, 12, 0.4, 1.0, reach)
        outcome.append((barred, float(money[Money.INCOME].mean())))
    (own, could), (all_, also) = outcome[0][0], outcome[1][0]
    assert could == also > 1000
    assert own == pytest.approx(could / 4, rel=0.15)
    assert all_ == could
    assert outcome[1][1] < outcome[0][1]


def test_the_reach_of_a_ban_is_a_setting():
    often = {"wrong_listing": {"rate": 5}}
    none, all_ = (
        ran("court-defaulters-2017", people=30_000, school_ban={"household": reach}, **often)
        for reach in (0, 1)
    )
    assert all_["children_barred", "all"] > none["children_barred", "all"] >= 0
