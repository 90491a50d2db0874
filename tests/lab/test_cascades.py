"""Who is drawn in by somebody else: friends by the scheme's own answer, kin by what they signed."""

from decimal import Decimal

import numpy as np
import pytest

from xinyong.engine import plain
from xinyong.lab import cascades, guarantees, households
from xinyong.lab import society as s
from xinyong.lab.cells import Fact, Flag, Money, Trait
from xinyong.lab.cities import Home
from xinyong.lab.happenings import Happening
from xinyong.lab.month_parts import FRIEND_BREACH
from xinyong.lab.networks import Network
from xinyong.lab.probing import last_day
from xinyong.lab.runs import Run, choice, work
from xinyong.lab.scenario import NO_SCHEME, default
from xinyong.lab.world import world_of
from xinyong.scheme import library


def town(people=1500, years=2, **mechanisms):
    told = {
        name: said if isinstance(said, bool) else {k: Decimal(str(v)) for k, v in said.items()}
        for name, said in mechanisms.items()
    }
    return default(people=people, years=years).model_copy(update={"mechanisms": told})


def ran(scenario, scheme, seed=1):
    table = work(Run(scenario, choice(scheme), seed)).table.to_pylist()
    last = max(row["year"] for row in table)
    return {r["measure"]: r["value"] for r in table if r["year"] == last and r["group"] == "all"}


# ------------------------------------------------------------------ households


def test_households_are_told_by_their_first():
    firsts = np.flatnonzero(households.first(np.array([4, 4, 5, 7, 7, 7])))
    assert firsts.tolist() == [0, 2, 3]
    assert [households.others(firsts, 6, agent) for agent in range(6)] == [
        [1], [0], [], [4, 5], [5, 3], [3, 4],
    ]  # fmt: skip
    marked = np.array([0, 1, 0, 0, 0, 1], np.bool_)
    assert households.anyone(firsts, marked).tolist() == [True, True, False, True, True, True]


# ------------------------------------------------------------------ those who stand for a loan


def three(wealth, *, running=(0, 0, 0)):
    """A household of three under the court's list; the first has just been given up, owing 2."""
    world = world_of(lambda path: 0.0, library.load("court-defaulters-2017"), 24)
    made = s.Society.draw(3, seed=1)
    made.record = world.scorer.tiles(3)
    made.at_work(world)
    made.facts[Fact.TRAITS, 0] |= int(Trait.FIRST)
    made.facts[Fact.TRAITS, 1:] &= 0xFF ^ int(Trait.FIRST)
    made.stands = True
    made.money[Money.WEALTH] = wealth
    made.money[Money.DUE] = [2.0, 0.0, 0.0]
    made.facts[Fact.TERMS] = running
    made.money[Money.DUE, np.array(running) > 0] = 0.25
    made.flags[0] |= np.uint16(int(Flag.COURT))
    had = np.array([True, False, False]) | (np.array(running) > 0)
    guarantees.called(made, had, 1.0)
    return made, world


def test_who_can_pays_and_the_debtor_is_free():
    made, world = three([0.0, 1.0, 5.0])
    assert made.money[Money.WEALTH].tolist() == [0.0, 1.0, 3.0]
    assert made.money[Money.DUE].tolist() == [0.0, 0.0, 0.0]
    assert not made.flags[0] & int(Flag.COURT)
    assert made.homes[0].counts.live[2] == 2.0
    assert made.counts.causes == [(2, 0)] and made.counts.roots == {0}
    done = made.record.bits[world.row[Happening.COURT_DONE]]
    assert done.tolist() == [1, 0, 0]
    assert cascades.cascades(made) == (1.0, 2.0 / 12.0)


def test_if_nobody_can_pay_the_debt_is_shared_and_none_of_it_lost():
    made, world = three([0.0, 1.0, 1.0])
    assert made.money[Money.DUE].sum() == pytest.approx(2.0)
    assert made.money[Money.DUE] == pytest.approx([2 / 3] * 3)
    assert made.money[Money.WEALTH].tolist() == [0.0, 1.0, 1.0]
    assert made.counts.causes == [(1, 0), (2, 0)]
    sued = (made.flags & int(Flag.COURT)) != 0
    cases = made.record.bits[world.row[Happening.COURT_DEFAULT]] != 0
    assert (sued[1:] == cases[1:]).all()
    assert cascades.cascades(made) == (2.0, pytest.approx(4 / 3 / 12))


def test_who_has_a_loan_of_her_own_takes_nothing_over():
    made, _ = three([0.0, 1.0, 1.0], running=(0, 4, 0))
    assert made.money[Money.DUE] == pytest.approx([1.0, 0.25, 1.0])
    assert made.counts.causes == [(2, 0)]


def test_somebody_else_is_drawn_in_where_kin_stand_for_loans_and_only_there():
    base = ran(town(people=8000), NO_SCHEME)
    assert "cascade" not in base
    found = ran(town(people=8000, guarantors={"share": 1}), NO_SCHEME)
    assert found["cascade"] > 0.3
    assert found["cascade_loss"] > 0


def test_more_who_stand_draw_in_more():
    few, many = (
        ran(town(people=8000, guarantors={"share": share}), "rongcheng")["cascade"]
        for share in (0.2, 0.9)
    )
    assert many > 2 * few > 0


# ------------------------------------------------------------------ friends


def test_one_breach_among_friends_draws_in_exactly_whom_the_engine_puts_lower():
    scheme = library.load("sesame-linked")
    scenario = town(people=400, years=1)
    world = world_of(lambda path: scenario.value(*path.split(".")), scheme, 24)
    made = s.Society.draw(400, seed=2)
    made.record = world.scorer.tiles(400)
    made.at_work(world)
    for _ in range(9):
        s.step(made, world)
    record, home = made.record, made.homes[0]
    # a ring in which the first alone has done wrong, and her friends hear of it
    for happening in (Happening.BILL_MISSED, Happening.LOAN_MISSED):
        record.bits[world.row[happening]] = 0
    record.bits[world.row[Happening.BILL_MISSED], 0] = 2
    record.bits[world.row[FRIEND_BREACH]] = 0
    friends = [1, 2, 3, 399]
    record.bits[world.row[FRIEND_BREACH], friends] = 1
    indptr = np.concatenate(
        [[0, len(friends)], len(friends) + np.cumsum(np.isin(range(1, 400), friends))]
    )
    made.friends = Network(indptr, np.array([*friends, 0, 0, 0, 0], np.int32))
    lower = []
    day = last_day(world.scorer.first + record.month)
    for agent in friends:
        events = world.scorer.events(record, agent, record.month)
        without = [e for e in events if e.kind not in friend_kinds(world)]
        assert len(events) == len(without) + 1
        one, other = (
            plain.score(scheme, some, subject=str(agent), day=day) for some in (events, without)
        )
        lower.append(stands_lower(world, one, other))
    told = cascades.cascades(made)
    assert told is not None
    assert told[0] == sum(lower)
    assert isinstance(home, Home)


def friend_kinds(world):
    casting = world.scorer.casting
    streams = casting.of_row[casting.rows[Happening.FRIEND_BREACH]]
    return {casting.streams[stream].kind for stream in streams}


def stands_lower(world, one, other):
    rank = list(world.scorer.bands).index
    worth = dict(zip(world.scorer.consequences, world.effects.worth, strict=True))
    gained, taken = set(one.consequences), set(other.consequences)
    worse = any(worth[c] < 0 for c in gained - taken) or any(worth[c] > 0 for c in taken - gained)
    listed = [any(state == "listed" for state in each.lists.values()) for each in (one, other)]
    return rank(one.band) < rank(other.band) or worse or (listed[0] and not listed[1])


def test_friends_draw_in_more_where_more_is_told_of_them():
    none, some, all_ = (
        ran(town(friend_contagion={"weight": weight}), "sesame-linked") for weight in (0, 0.2, 1)
    )
    assert none["cascade"] == none["cascade_loss"] == 0.0
    assert 0 < some["cascade"] < all_["cascade"]
    assert "friend_link" in none  # who knows whom does not hang on the dial


def test_what_piles_up_makes_a_cascade_dearer_not_wider():
    one, other = (
        ran(town(friend_contagion={"weight": 0.5}, stacking={"multiplier": many}), "sesame-linked")
        for many in (0, 10)
    )
    assert other["cascade_loss"] > one["cascade_loss"] > 0
    assert other["cascade"] == pytest.approx(one["cascade"], rel=0.2)


def test_schemes_that_do_not_read_friends_have_no_cascade():
    found = ran(town(people=400, years=1), "rongcheng")
    assert not {"cascade", "cascade_loss", "friend_link"} & set(found)


# ------------------------------------------------------------------ correction


def test_a_wrong_entry_stands_for_as_long_as_disputes_take():
    """One in five disputed a month by those who know: five months on average, more for others."""
    wrong = {"rate": 5, "dispute": 0.2}
    found = ran(town(people=8000, years=4, wrong_listing=wrong, unawareness=False), "rongcheng")
    assert found["time_to_correct"] == pytest.approx(5.0, rel=0.35)
    slow = ran(
        town(people=8000, years=4, wrong_listing={**wrong, "dispute": 0.05}, unawareness=False),
        "rongcheng",
    )
    assert slow["time_to_correct"] > 2 * found["time_to_correct"]
    never = ran(town(people=1000, years=2, wrong_listing=False), "rongcheng")
    assert "time_to_correct" not in never
