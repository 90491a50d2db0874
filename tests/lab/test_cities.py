"""Cities under schemes of their own: each scored by its own, and what moving does."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinyong import lab
from xinyong.engine import plain
from xinyong.errors import QuestionRefused, ScenarioRefused
from xinyong.lab import report
from xinyong.lab import society as s
from xinyong.lab.casting import CLASSES
from xinyong.lab.cells import Fact, Money, boosted
from xinyong.lab.cities import CitySchemes, Moving, carry, lanes, leavers, settled, spots
from xinyong.lab.happenings import Happening
from xinyong.lab.probing import last_day
from xinyong.lab.runs import Run, choice, work
from xinyong.lab.scenario import CITY_SCHEMES, NO_SCHEME, City, Scenario, default
from xinyong.lab.scenario_reading import read
from xinyong.lab.scoring import LabScorer
from xinyong.scheme import library

THREE = (
    ("coast", "0.4", "rongcheng"),
    ("hills", "0.4", "suining-2010"),
    ("plain", "0.2", NO_SCHEME),
)
CALM = {"shaming": False, "perk_costs": False, "dating": {"pace": Decimal(0)}}
"""Nobody is taken for somebody else, bears others' favours or pairs: all that is within a city."""


def town(
    cities=THREE, *, people: int = 1200, years: int = 3, movers: str = "0.3", lost: str = "0.5",
    **mechanisms: object,
) -> Scenario:  # fmt: skip
    own = {"cities": {"movers": Decimal(movers), "lost": Decimal(lost)}, **mechanisms}
    return default(CITY_SCHEMES, people=people, years=years).model_copy(
        update={
            "cities": tuple(City(name=n, share=Decimal(p), scheme=w) for n, p, w in cities),
            "mechanisms": own,
        }
    )


def ran(scenario: Scenario, scheme: str = CITY_SCHEMES, seed: int = 1) -> pa.Table:
    return work(Run(scenario, choice(scheme, scenario), seed)).table


def told(table: pa.Table, measure: str, group: str = "all") -> float:
    found = [
        r["value"] for r in table.to_pylist() if (r["measure"], r["group"]) == (measure, group)
    ]
    return found[-1] if found else float("nan")


def lived(scenario: Scenario, months: int, scheme: str = CITY_SCHEMES) -> tuple[s.Society, s.World]:
    society, world = s.founded(scenario, choice(scheme, scenario).scheme, 3)
    for _ in range(months):
        s.step(society, world)
    return society, world


@lru_cache
def grown() -> tuple[s.Society, s.World]:
    return lived(town(wrong_listing={"rate": Decimal(5)}), 35)


# ------------------------------------------------------------------ slots


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 5000), max_size=300))
def test_everybody_has_one_slot_that_agrees_modulo_the_classes(some: set[int]) -> None:
    agents = np.array(sorted(some), np.int64)
    whose = lanes(agents)
    place, slots = spots(agents)
    assert len(whose) == slots and slots % CLASSES == 0 and slots >= CLASSES
    assert sorted(whose[whose >= 0].tolist()) == agents.tolist()
    assert np.array_equal(whose[place], agents)
    assert (place % CLASSES == agents % CLASSES).all()


def test_households_live_in_one_city_and_cities_have_their_share() -> None:
    household = np.repeat(np.arange(20_000), 2)
    city = settled(household, 1, (0.5, 0.3, 0.2))
    assert (city[0::2] == city[1::2]).all()
    assert np.bincount(city) / len(city) == pytest.approx([0.5, 0.3, 0.2], abs=0.01)


def test_who_moves_goes_to_another_city_by_their_shares() -> None:
    city = settled(np.arange(60_000), 1, (0.5, 0.3, 0.2))
    how = Moving((0.1, 0.2, 0.0), (0.5, 0.3, 0.2), (0.5, 0.5, 0.5))
    who, target = leavers(city, how, 1, 12)
    assert (city[who] != target).all()
    left = np.bincount(city[who], minlength=3) / np.bincount(city)
    assert left == pytest.approx([0.1, 0.2, 0.0], abs=0.01)
    from_first = target[city[who] == 0]
    assert (from_first == 1).mean() == pytest.approx(0.6, abs=0.03)


# ------------------------------------------------------------------ each by its own scheme


def test_two_schemes_at_once_are_each_the_engines_score_of_the_citys_own_record() -> None:
    society, _ = grown()
    assert society.month == 35  # two evenings of moving lie behind
    seen = 0
    for home, name in zip(society.homes[:2], ("rongcheng", "suining-2010"), strict=True):
        scorer, record = home.world.scorer, home.record
        assert scorer is not None and record is not None
        scheme, found = library.load(name), scorer.score(record, record.month)
        assert scorer.scheme.digest == scheme.digest
        day = last_day(scorer.first + record.month)
        slots = home.slots()
        assert len(slots) > 300
        for slot in slots[:: len(slots) // 40].tolist():
            events = scorer.events(record, slot, record.month)
            outcome = plain.score(scheme, events, subject=str(slot), day=day)
            agent = home.whose[slot]
            assert outcome.score == found.score[slot]
            assert agent % CLASSES == slot % CLASSES
            bought = home.world.boost if boosted(society.facts)[agent] else 0
            assert society.score[agent] == min(outcome.score + bought, home.world.ceiling)
            seen += len(events)
    assert seen > 200
    assert society.homes[2].record is None
    assert (society.score[society.homes[2].people(society.people)] == 0).all()


def test_everybody_lives_in_one_city() -> None:
    society, _ = grown()
    everybody = np.concatenate([home.people(society.people) for home in society.homes])
    assert sorted(everybody.tolist()) == list(range(society.people))
    for number, home in enumerate(society.homes):
        assert (society.city[home.people(society.people)] == number).all()


def test_one_scheme_in_every_city_is_that_scheme_everywhere_exactly() -> None:
    same = tuple((name, share, "rongcheng") for name, share, _ in THREE)
    scenario = town(same, people=600, years=2)
    assert (
        ran(scenario)
        .drop_columns("scheme")
        .equals(ran(scenario, "rongcheng").drop_columns("scheme"))
    )


@pytest.mark.parametrize("movers", ["0", "0.4"])
def test_walls_between_cities_under_one_scheme_change_no_life(movers: str) -> None:
    scenario = town(people=600, movers=movers, **CALM)
    divided, _ = lived(scenario, 30, "rongcheng")
    whole, _ = lived(scenario.model_copy(update={"cities": ()}), 30, "rongcheng")
    assert len(divided.homes) == 3 and len(whole.homes) == 1
    for one, other in (
        (divided.money, whole.money), (divided.facts, whole.facts),
        (divided.flags, whole.flags), (divided.score, whole.score),
    ):  # fmt: skip
        assert np.array_equal(one, other)
    record = whole.record
    assert record is not None
    for home in divided.homes:
        assert home.record is not None
        slots, who = home.view
        assert np.array_equal(home.record.bits[:, slots], record.bits[:, who])


def test_a_city_that_keeps_its_scheme_keeps_its_figures() -> None:
    """Paired with one scheme everywhere: where nobody moves, only the other cities differ."""
    scenario = town(years=1, movers="0", wrong_listing=False, **CALM)
    own, everywhere = ran(scenario), ran(scenario, "rongcheng")
    for measure in ("score", "listed", "good_deeds", "credit_access", "score_compliance"):
        assert told(own, measure, "city.coast") == told(everywhere, measure, "city.coast")
    assert told(own, "chilling", "city.coast") == told(everywhere, "chilling", "city.coast")
    assert told(own, "chilling", "city.hills") > told(everywhere, "chilling", "city.hills")


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    scenario = town(people=500, years=2)
    assert ran(scenario).equals(ran(scenario))
    assert not ran(scenario).equals(ran(scenario, seed=2))


# ------------------------------------------------------------------ records that move along


def test_a_record_is_read_by_the_other_scheme_as_far_as_both_read_it() -> None:
    one, other = (LabScorer(library.load(n), months=24) for n in ("rongcheng", "suining-2010"))
    luck, n = np.random.default_rng(4), 160
    old = one.tiles(n)
    for month in range(20):
        if month:
            old.next_month()
        for happening in one.casting.happenings:
            old.happened(happening, luck.random(n) < 0.2)
    new, agents = other.tiles(n), np.arange(n)
    new.month = old.month
    carry(old, new, agents, agents, agents, None)
    both = set(one.casting.happenings) & set(other.casting.happenings)
    assert both and both != set(other.casting.happenings)
    for happening in other.casting.happenings:
        row = new.bits[other.casting.rows[happening]]
        if happening in both:
            assert np.array_equal(row, old.bits[one.casting.rows[happening]])
        else:
            assert not row.any()
    found = other.score(new, new.month)
    day = last_day(other.first + new.month)
    for agent in range(0, n, 11):
        events = other.events(new, agent, new.month)
        outcome = plain.score(other.scheme, events, subject=str(agent), day=day)
        assert outcome.score == found.score[agent]


def test_what_has_fallen_out_of_the_words_moves_along_under_the_same_scheme_alone() -> None:
    far = LabScorer(library.load("suining-2010"), months=100)
    old = far.tiles(32)
    for month in range(100):
        if month:
            old.next_month()
        old.happened(Happening.SMALL_BREACH, np.ones(32, np.bool_))
    assert old.older.any()
    agents = np.arange(32)
    again, other = far.tiles(32), LabScorer(library.load("rongcheng"), months=100).tiles(32)
    again.month = other.month = old.month
    carry(old, again, agents, agents, agents, None)
    carry(old, other, agents, agents, agents, None)
    assert np.array_equal(again.older, old.older)
    assert np.array_equal(far.score(again, 99).score, far.score(old, 99).score)
    assert other.bits.any() and not other.older.any()


@pytest.mark.parametrize("part", ["0", "0.3", "1"])
def test_a_city_takes_over_the_stated_part_of_a_record(part: str) -> None:
    scenario = town(movers="1", people=2000).model_copy(
        update={
            "cities": tuple(
                City(name=name, share=Decimal("0.5"), scheme="rongcheng", takes_over=Decimal(part))
                for name in ("coast", "hills")
            )
        }
    )
    society, world = lived(scenario, 11)
    assert all(home.record is not None for home in society.homes)
    stays, _ = lived(
        scenario.model_copy(update={"cities": ()}).having("cities.movers", 0), 12, "rongcheng"
    )
    money = society.money.copy()
    s.step(society, world)
    moves = society.counts.moves
    assert moves is not None and len(moves.who) == society.people
    assert stays.record is not None
    kept = total = 0
    for home in society.homes:
        assert home.record is not None
        slots, who = home.view
        here, there = home.record.bits[:, slots] != 0, stays.record.bits[:, who] != 0
        assert not (here & ~there).any()
        kept, total = kept + int(here.sum()), total + int(there.sum())
    assert kept / total == pytest.approx(float(part), abs=0.04)
    assert money.shape == society.money.shape
    for row in (Money.WEALTH, Money.DUE, Money.RELIABILITY):  # her life goes on as it was
        assert np.array_equal(society.money[row], stays.money[row])


def test_who_comes_under_other_rules_leaves_marks_of_the_old_ones_behind() -> None:
    cities = (("coast", "0.5", "suining-2010"), ("plain", "0.5", NO_SCHEME))
    society, _ = lived(town(cities, movers="1", people=3000), 12)
    came = society.city == 1
    assert (society.counts.moves.target == 1).sum() == came.sum() > 1000
    assert (society.score[came] == 0).all()
    assert not (society.flags[came] & np.uint16(1 | 2 | 4 | 8 | 32 | 512)).any()
    assert (society.facts[Fact.LISTED][came] == 0).all()
    assert (society.score[~came] > 0).all()


def test_what_an_old_city_did_to_people_ends_where_nothing_is_kept() -> None:
    cities = (("coast", "0.5", "suining-2010"), ("plain", "0.5", NO_SCHEME))
    society, world = lived(town(cities, movers="1", people=2000), 12)
    came = society.city == 1
    before = society.money[:, came].copy()
    assert before[Money.CHILL].mean() > 0.05 and (before[Money.WELFARE] != 0).any()
    for _ in range(6):
        s.step(society, world)
    after = society.money[:, came]
    assert (after[Money.WELFARE] == 0).all()
    assert (after[Money.CHILL] < 0.6 * before[Money.CHILL] + 1e-6).all()


# ------------------------------------------------------------------ what is told


def test_moving_is_told_from_city_to_city() -> None:
    found = ran(town(people=2000, years=2))
    pairs = [(a, b) for a, _, _ in THREE for b, _, _ in THREE if a != b]
    moved = [told(found, "moved", f"from.{a}.to.{b}") for a, b in pairs]
    assert sum(moved) == pytest.approx(told(found, "moved"))
    assert sum(told(found, "city_people", f"city.{n}") for n, _, _ in THREE) == pytest.approx(1)
    assert told(found, "moving_credit", "from.hills.to.plain") > 0
    assert told(found, "moving_credit", "from.plain.to.hills") <= 0
    assert np.isnan(told(found, "moving_standing", "from.plain.to.hills"))  # no place before
    assert np.isnan(told(found, "score"))  # points of two schemes are not added up
    assert told(found, "score", "city.coast") > 900


def test_the_same_record_stands_elsewhere_where_rules_differ_and_only_there() -> None:
    found = ran(town(people=1500, years=2))
    assert told(found, "rules_gap", "from.coast.to.hills") > 0.05
    assert told(found, "rules_credit", "from.hills.to.plain") > 0
    same = tuple((name, share, "suining-2010") for name, share, _ in THREE)
    found = ran(town(same, people=500, years=1))
    assert told(found, "rules_gap") == told(found, "rules_credit") == 0.0


def test_an_agent_of_a_divided_society_takes_up_little_more() -> None:
    for schemes in (("rongcheng", "rongcheng-2021"), ("court-defaulters-2017", "a-fair-start")):
        cities = tuple((name, "0.5", name) for name in schemes)
        society, _ = lived(town(cities, people=20_000), 1)
        state = 44  # own state
        rows = [home.world.scorer.bytes_per_agent for home in society.homes]
        assert society.bytes_per_agent <= state + 1.05 * (sum(rows) / 2 + 4)
        assert society.bytes_per_agent <= 100


# ------------------------------------------------------------------ scenarios

GOOD = """\
lab: 1
scenario: two
title: Two cities
schemes: [city-schemes, rongcheng, no-scheme]
years: 1
seeds: 2
society: {people: 300}
cities:
  - {name: coast, share: 0.6, scheme: rongcheng, takes_over: 1}
  - {name: hills, share: 0.4, leaves: 2}
"""


def test_cities_are_read_and_are_part_of_what_a_run_depends_on() -> None:
    scenario = read(GOOD)
    assert [scenario.lost(city) for city in scenario.cities] == [0.0, 0.5]
    assert scenario.cities[1].scheme == NO_SCHEME
    assert scenario.world != scenario.model_copy(update={"cities": ()}).world
    other = read(GOOD.replace("scheme: rongcheng,", "scheme: suining-2010,"))
    assert other.world == scenario.world  # what they run is the choice's
    mine, theirs = (choice(CITY_SCHEMES, each) for each in (scenario, other))
    assert mine.digest != theirs.digest
    assert isinstance(mine.scheme, CitySchemes)
    with pytest.raises(QuestionRefused, match="needs a scenario with cities"):
        choice(CITY_SCHEMES)


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ("share: 0.4", "share: 0.5", "add up to 1.1"),
        ("name: hills", "name: coast", "two cities are called 'coast'"),
        ("scheme: rongcheng,", "scheme: rongchen,", "rongchen"),
        ("scheme: rongcheng,", "scheme: tax-credit-2025,", "does not score people"),
        ("takes_over: 1}", "takes_over: 2}", "takes_over"),
        ("leaves: 2", "leavs: 2", "leavs"),
        ("  - {name: hills, share: 0.4, leaves: 2}\n", "", "one city alone"),
    ],
)
def test_wrong_cities_are_told_with_their_place(was: str, now: str, complaint: str) -> None:
    assert was in GOOD
    with pytest.raises(ScenarioRefused) as caught:
        read(GOOD.replace(was, now, 1))
    assert any(complaint in str(each) for each in caught.value.complaints), caught.value.complaints


def test_schemes_of_cities_need_cities() -> None:
    with pytest.raises(ScenarioRefused) as caught:
        read(GOOD[: GOOD.index("cities:")])
    assert "needs cities" in str(caught.value.complaints[0])


def test_the_page_shows_cities_and_who_moves_between_them(tmp_path) -> None:
    found = lab.compare(read(GOOD), executor="serial")
    page = report.render(found)
    for name in ("city-welfare", "city-credit_access", "between-moved", "between-moving_credit"):
        assert f'id="{name}-wide-t"' in page
    assert "coast to hills" in page and "City of hills" in page
    rows = found.differences().to_pylist()
    there = {row["group"] for row in rows if row["measure"] == "welfare"}
    assert {"city.coast", "city.hills"} <= there


def test_worlds_are_shared_by_cities_under_one_scheme() -> None:
    same = tuple((name, share, "rongcheng") for name, share, _ in THREE)
    society, _ = lived(town(same, people=300), 0)
    assert len({id(home.world) for home in society.homes}) == 1
