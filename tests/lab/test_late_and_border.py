"""Dues paid late, goods that cross the border, fear that goes from friend to friend."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from living import ROWS, Town
from test_experiment import bytes_of, compare

from xinyong.lab import society as s
from xinyong.lab.cells import LEFT, Fact, Flag, Money, borrowing
from xinyong.lab.cities import CitySchemes
from xinyong.lab.firms import Firms
from xinyong.lab.intervals import paired
from xinyong.lab.mechanisms import MECHANISMS
from xinyong.lab.networks import Network
from xinyong.lab.runs import Run, choice, work
from xinyong.lab.scenario import default
from xinyong.lab.scenario_reading import load
from xinyong.scheme import library

SEEDS = range(1, 7)
LENT, MISSED, SETTLED = (ROWS.index(row) for row in ("LOAN_MISSED", "BILL_MISSED", "BILL_SETTLED"))
CAUGHT_UP = ROWS.index("ARREARS_PAID")


def scenario(people=1500, years=3, **mechanisms):
    told = {
        name: said if isinstance(said, bool) else {k: Decimal(str(v)) for k, v in said.items()}
        for name, said in mechanisms.items()
    }
    return default(people=people, years=years).model_copy(update={"mechanisms": told})


def last(scheme, seed, measure, group="all", **given_):
    asked = scenario(**given_)
    rows = work(Run(asked, choice(scheme), seed)).table.to_pylist()
    [value] = [
        row["value"]
        for row in rows
        if (row["year"], row["measure"], row["group"]) == (asked.years, measure, group)
    ]
    return value


def difference(scheme, measure, off, on, **given_):
    """The paired difference of the last year that ``on`` makes against ``off``."""
    return paired(
        [last(scheme, seed, measure, **on, **given_) for seed in SEEDS],
        [last(scheme, seed, measure, **off, **given_) for seed in SEEDS],
    )


# ------------------------------------------------------------------ dues paid late


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**40), st.floats(0, 1), st.integers(1, 40))
def test_no_more_is_made_good_than_was_missed(seed, chance, months):
    town = Town(300, seed, **{"late_payment.chance": chance}).live(months)
    for missed, good in ((LENT, CAUGHT_UP), (MISSED, SETTLED)):
        assert (np.bitwise_count(town.tiles[good]) <= np.bitwise_count(town.tiles[missed])).all()
    left = (town.facts[Fact.DUES] >> 2 & 7).astype(int) + (town.facts[Fact.DUES] >> 5)
    if chance > 0:
        assert town.counts.live[18] - town.counts.live[17] == left.sum()
    else:
        assert not town.counts.live[17:].any() and not left.any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**40), st.floats(0, 1), st.integers(1, 40))
def test_what_is_paid_late_is_owed_no_more(seed, chance, months):
    """What is due back is paid, or taken in later, or still owed; to the coin, early or late."""
    calm = {"late_payment.chance": chance, "payday.turn": 0.0}
    town = Town(300, seed, **calm).live(months)
    due = town.money[Money.DUE].astype(float)
    running = (town.facts[Fact.TERMS] & LEFT).astype(float)
    owed = np.where(borrowing(town.facts), due * running, due).sum()
    paid = town.counts.live[0] + town.counts.live[2]
    assert paid + owed == pytest.approx(town.counts.lend[3], rel=1e-5, abs=1e-6)


def test_who_can_pays_all_that_was_missed_where_the_chance_is_one():
    town = Town(3000, 4, **{"late_payment.chance": 1.0})
    town.money[Money.WEALTH] = 1000.0
    town.live(30)
    assert town.counts.live[18] > 500
    assert town.counts.live[17] > 0.9 * town.counts.live[18]


def test_orders_settled_late_lift_the_score_that_reads_them():
    found = difference(
        "wechat-pay-score", "score", {"late_payment": False}, {"late_payment": {"chance": 0.5}}
    )
    assert found.low > 1
    assert 0.3 < last("wechat-pay-score", 1, "made_good") < 1


def test_what_was_paid_goes_from_the_report_after_five_years():
    off, on = ({"late_payment": said} for said in (False, {"chance": 1}))
    found = difference("pboc-report", "score", off, on, people=800, years=9)
    assert found.low > 0


# ------------------------------------------------------------------ goods that cross the border


def test_firms_declare_and_are_fined_at_the_stated_rates():
    def told(measure, abroad):
        said = {"abroad": abroad, "fined": 0.1}
        return last("customs-2026", 2, measure, people=20_000, years=1, customs=said)

    assert told("declaring", 0.3) == pytest.approx(0.3, abs=0.04)
    assert told("border_fines", 0.3) == pytest.approx(0.1, abs=0.015)
    assert told("declaring", 0) == 0.0


def test_the_same_fines_weigh_less_where_more_was_declared():
    def value(path):
        return {"customs.abroad": 1.0, "customs.fined": 0.12}.get(path, 0.0)

    firms = Firms.under(library.load("customs-2026"), 3000, 5)
    for month in range(24):
        firms.step(month, 5, value)
    places = list(firms.scorer.bands)
    assert firms.scores.score.shape == (3000,)
    low = firms.scores.band == places.index("dishonest")
    met = firms.scorer.casting.met(0)[firms.scorer.casting.rows[29]]
    streams = firms.scorer.casting.streams
    number = np.array([dict(streams[n].fields)["number"] for n in met])[np.arange(3000) % 16]
    few, many = low[number == 12].mean(), low[number == 700].mean()
    assert few > 0.05 > 10 * many  # two large fines of 144 declarations are too many; of 8,400 not


# ------------------------------------------------------------------ fear


def test_friends_of_who_was_shown_are_marked_for_a_month_and_nobody_else():
    made = s.Society.draw(6, seed=1)
    ring = np.array([[1, 5], [0, 2], [1, 3], [2, 4], [3, 5], [4, 0]], np.int32)
    made.friends = Network(np.arange(0, 13, 2), ring.ravel())
    made.flags[2] |= int(Flag.EXPOSED)
    made.flags[3] |= int(Flag.MISTAKEN)
    near = np.uint16(int(Flag.NEAR))
    s.frightened(made, 0.1)
    assert np.flatnonzero(made.flags & near).tolist() == [1, 2, 3, 4]
    made.flags[[2, 3]] &= s.NOT_NEAR ^ s.EXPOSED
    s.frightened(made, 0.1)
    assert not (made.flags & near).any()


def test_fear_spreads_to_friends_and_further_where_people_have_more():
    quiet = {"fear": 0.01, "spread": 0}
    caught = {"fear": 0.01, "spread": 0.9}
    told = {"shaming": {"exposed": 0.5, "misidentified": 0}}
    found = difference(
        "suining-2010", "chilling", {"chilling": quiet}, {"chilling": caught}, **told
    )
    assert found.low > 0.1

    def silent(friends, seed):
        asked = scenario(chilling=caught, **told).having("society.friends", friends)
        rows = work(Run(asked, choice("suining-2010"), seed)).table.to_pylist()
        return next(r["value"] for r in rows if r["measure"] == "chilling" and r["year"] == 3)

    more = paired([silent(12, seed) for seed in SEEDS], [silent(0, seed) for seed in SEEDS])
    assert more.low > 0.1


# ------------------------------------------------------------------ everything at once

ALL = {name: True for name in MECHANISMS}


def test_with_everything_on_one_process_or_two_give_the_same_bytes():
    asked = default("suining-2010", "customs-2026", people=400, years=2, seeds=3)
    asked = asked.model_copy(update={"mechanisms": ALL})
    whole = bytes_of(compare(asked, executor="serial").table)
    for workers in (1, 2):
        assert bytes_of(compare(asked, executor="processes", workers=workers).table) == whole


@settings(max_examples=6, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 14).filter(lambda months: months != 12))
def test_favours_that_all_bear_make_no_welfare_in_any_city(seed, months):
    """``wechat-pay-score`` has one favour and no burden: what one has, the others bear."""
    cities = load("four-cities").cities[:2]
    asked = default(people=400).model_copy(update={"mechanisms": ALL, "cities": cities})
    scheme = library.load("wechat-pay-score")
    society, world = s.founded(asked, CitySchemes((scheme, scheme)), seed)
    for _ in range(months):
        s.step(society, world)
    for home in society.homes:
        who = home.people(society.people)
        welfare = society.money[Money.WELFARE, who].astype(float)
        assert welfare.sum() == pytest.approx(0.0, abs=1e-5 * len(who))
    assert np.abs(society.money[Money.WELFARE]).max() > 0 or months < 3
