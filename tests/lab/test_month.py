"""A month of every agent: compiled or not, in any number, and what must hold of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from living import ROWS, Town

from xinyong.lab.cells import PATHS, Fact, Flag, Money, Trait, borrowing
from xinyong.lab.cells import settings as vector

HERE = Path(__file__).parent


def alone(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / "living.py"), "150", "20"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_compiled_and_plain_python_give_the_same_bits() -> None:
    assert alone() == alone(XINYONG_ENGINE="numpy")


def test_the_same_again_and_another_seed_differs() -> None:
    assert Town(300, 5).live(12).digest() == Town(300, 5).live(12).digest()
    assert Town(300, 5).live(12).digest() != Town(300, 6).live(12).digest()


def test_more_agents_change_nothing_for_those_there_are() -> None:
    """But for exposures of the wrong person, which fall on anyone, and for what all bear."""
    calm = {"shaming.exposed": 0.0, "perk_costs.borne": 0.0}
    few, many = Town(200, 5, **calm).live(18), Town(700, 5, **calm).live(18)
    for a, b in ((few.money, many.money), (few.facts, many.facts), (few.tiles, many.tiles)):
        assert np.array_equal(a, b[:, :200])
    assert np.array_equal(few.flags, many.flags[:200])


def test_who_does_not_know_does_not_respond() -> None:
    def deeds(response: float, aware: int) -> float:
        town = Town(4000, 5, **{"society.response": response, "unawareness.learning": 0.0})
        town.facts[Fact.TRAITS] &= 0xFF ^ int(Trait.AWARE)
        town.facts[Fact.TRAITS] |= aware * int(Trait.AWARE)
        return float(town.live(12).counts.live[8])

    assert deeds(3.0, 0) == deeds(0.0, 1) == deeds(0.0, 0)
    assert deeds(3.0, 1) > 1.05 * deeds(0.0, 1)


@pytest.mark.parametrize(
    ("dial", "still"),
    [
        ("leaks.chance", ["leaks.loss"]),
        ("payday.turn", ["payday.rate"]),
        ("shaming.exposed", ["shaming.misidentified", "shaming.harm"]),
        ("hacking.buyers", ["hacking.price", "hacking.boost"]),
        ("informants.reports", ["informants.error", "informants.bias"]),
    ],
)
def test_a_dial_at_zero_silences_the_other_settings(dial: str, still: list[str]) -> None:
    off = Town(500, 5, **{dial: 0.0}).live(12)
    also = Town(500, 5, **{dial: 0.0}, **dict.fromkeys(still, 0.0)).live(12)
    assert off.digest() == also.digest()
    assert Town(500, 5).live(12).digest() != off.digest()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**40), st.integers(50, 400), st.integers(1, 20))
def test_nobody_has_less_than_nothing_and_nobody_owes_without_a_loan(
    seed: int, people: int, months: int
) -> None:
    town = Town(people, seed).live(months)
    assert (town.money[Money.WEALTH] >= 0).all()
    assert (town.money[Money.CHILL] >= 0).all() and (town.money[Money.CHILL] <= 1).all()
    running = borrowing(town.facts)
    assert (town.money[Money.DUE][running] > 0).all()
    assert (town.money[Money.DUE] >= 0).all()
    missed = town.facts[Fact.DUES] & 3 > 0
    assert not (missed & ~running).any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 20))
def test_nobody_is_listed_without_a_court_case_on_record(seed: int, months: int) -> None:
    town = Town(300, seed).live(months, rate=0.02)
    listed = (town.flags & int(Flag.LISTED)) != 0
    ground = town.tiles[ROWS.index("COURT_DEFAULT")] != 0
    assert np.array_equal(listed, ground)
    rightly = (town.flags & int(Flag.COURT)) != 0
    wrongly = (town.flags & int(Flag.WRONG)) != 0
    assert not (rightly & wrongly).any()


def test_what_is_lent_reaches_purses_and_what_is_paid_leaves_them() -> None:
    town = Town(2000, 9, **{"payday.turn": 0.0})
    before = town.money[Money.WEALTH].astype(float).sum()
    lent = 0.0
    for _ in range(6):
        held = town.counts.lend[2]
        purses = town.money[Money.WEALTH].astype(float)
        town.live(1)
        lent += town.counts.lend[2] - held
        assert town.money[Money.WEALTH].astype(float).sum() <= purses.sum() + (
            town.counts.live[1] + town.counts.lend[2]
        )
    assert lent == pytest.approx(town.counts.lend[2]) and lent > 0
    assert before > 0


def test_a_false_identification_rate_exposes_that_part_of_innocents() -> None:
    for part in (0.0, 0.1, 0.5):
        town = Town(6000, 3, **{"shaming.misidentified": part, "shaming.exposed": 1.0})
        town.live(24, rate=0.01)
        shown, wrong = town.counts.fall[0], town.counts.fall[1]
        spread = 4.0 * np.sqrt(part * (1 - part) / shown)
        assert shown > 500
        assert abs(wrong / shown - part) <= spread


def test_a_list_that_feeds_another_score_shuts_credit_to_the_listed() -> None:
    def share(drop: float) -> float:
        town = Town(4000, 3, **{"list_feed.drop": drop, "loan_gate.margin": 0.7})
        town.live(24, rate=0.02)
        assert town.counts.lend[8] > 100
        return float(town.counts.lend[9] / town.counts.lend[8])

    assert share(0.5) < 0.5 * share(0.0)


def test_removal_that_takes_longer_keeps_burdens_longer() -> None:
    def barred(delay: float) -> float:
        town = Town(3000, 3, **{"wrong_listing.delay": delay, "wrong_listing.dispute": 0.5})
        total = 0.0
        for _ in range(30):
            town.live(1, rate=0.01)
            total += float(((town.flags & int(Flag.NO_TRAVEL)) != 0).mean())
        return total

    quick, slow = barred(0.0), barred(12.0)
    assert slow > 1.2 * quick > 0


def test_settings_come_in_the_order_of_their_paths() -> None:
    assert list(vector(lambda path: float(PATHS.index(path)))) == list(range(len(PATHS)))
