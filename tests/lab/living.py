"""A few agents living some months without a scheme file: for tests of the compiled loops.

Run as a program it prints the digest of the state, so that two ways of running can be compared.
"""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import numpy as np

from xinyong.lab import follow, lending, month, month_parts
from xinyong.lab.cells import PAR, PATHS, Fact, Money, Trait
from xinyong.lab.chance import Stream, everyone, uniforms
from xinyong.lab.cities import EVERYBODY
from xinyong.lab.counts import Counts
from xinyong.lab.happenings import Happening

SETTINGS = {
    "society.response": 1.0, "society.shock": 0.05, "society.persistence": 0.97,
    "informants.reports": 0.2, "informants.error": 0.5, "informants.bias": 2.0,
    "speech_penalty.recorded": 0.3, "chilling.fear": 0.5, "chilling.spread": 0.1,
    "loyalty.shift": 0.5, "hacking.buyers": 0.05, "hacking.price": 1.0, "hacking.boost": 0.1,
    "wrong_listing.dispute": 0.2, "wrong_listing.delay": 3.0, "leaks.chance": 0.02,
    "leaks.loss": 0.5, "loan_gate.weight": 0.5, "loan_gate.margin": 0.8, "payday.turn": 0.5,
    "payday.rate": 0.1, "shaming.exposed": 0.5, "shaming.misidentified": 0.2, "shaming.harm": 0.05,
    "travel_ban.cost": 0.03, "travel_ban.loophole": 0.1, "unawareness.learning": 0.05,
    "job_gate.gated": 0.15, "loan_gate.prior": 0.7, "loan_gate.spread": 0.15,
    "perk_costs.borne": 1.0, "perk_costs.budget": 0.05, "perk_costs.deposit": 0.2,
    "late_payment.chance": 0.3, "praise.pull": 0.2, "list_feed.drop": 0.2,
}  # fmt: skip
ROWS = "BILL_PAID BILL_MISSED LOAN_TAKEN LOAN_PAID LOAN_MISSED SMALL_BREACH COURT_DEFAULT".split()
ROWS += "GOOD_DEED BOUGHT SPOKE COURT_DONE COVERED ARREARS_PAID BILL_SETTLED".split()
POINTS = {"BILL_PAID": 2, "BILL_MISSED": -5, "LOAN_PAID": 3, "LOAN_MISSED": -20, "SPOKE": -10,
          "SMALL_BREACH": -5, "GOOD_DEED": 5, "BOUGHT": 4,
          "ARREARS_PAID": 10, "BILL_SETTLED": 3}  # fmt: skip
FLOOR, CEILING = 400, 1200


class Town:
    """``people`` agents, their settings, and what one month after the other does to them."""

    def __init__(self, people: int, seed: int, **changed: float) -> None:
        self.seed, self.people, self.month = seed, people, 0
        every = everyone(people)

        def drawn(stream: Stream) -> Any:
            return uniforms(seed, 0, int(stream), every)

        self.money = np.zeros((len(Money), people), np.float32)
        self.facts = np.zeros((len(Fact), people), np.uint8)
        self.money[Money.INCOME] = 0.3 + 2.0 * drawn(Stream.INCOME)
        self.money[Money.WEALTH] = 6.0 * drawn(Stream.WEALTH)
        self.money[Money.RELIABILITY] = 0.5 + 0.5 * drawn(Stream.RELIABILITY)
        self.facts[Fact.AGE] = 20 + (50 * drawn(Stream.AGE)).astype(np.uint8)
        traits = Trait.GROUP * (drawn(Stream.GROUP) < 0.3) | int(Trait.JOB)
        traits |= Trait.PRESENCE * (drawn(Stream.CAPACITY) < 0.6)
        self.facts[Fact.TRAITS] = traits | Trait.AWARE * (drawn(Stream.AWARE) < 0.7)
        self.flags = np.zeros(people, np.uint16)
        self.score = np.full(people, 800, np.int32)
        self.tiles = np.zeros((len(ROWS), people), np.uint64)
        self.par = np.zeros(len(PATHS))
        for path, number in {**SETTINGS, **changed}.items():
            self.par[PAR[path]] = number
        self.row = np.full(len(Happening), -1, np.int64)
        self.points = np.zeros(len(Happening), np.int64)
        for number, name in enumerate(ROWS):
            self.row[Happening[name]] = number
        for name, worth in POINTS.items():
            self.points[Happening[name]] = worth
        self.worth = np.linspace(0.0, 0.1, CEILING - FLOOR + 1)
        self.counts, self.risk = Counts(), np.zeros(0, np.float32)
        self.effect = np.array([2 | 8, 512, 256], np.uint16)
        self.value = np.array([-0.04, 0.01, 0.02])
        self.cost, self.deposit = np.array([0.0, 0.01, 0.0]), np.array([False, True, False])

    def live(self, months: int, rate: float = 1e-3) -> Town:
        """Some months; a made-up score of bills, breaches and a list of court cases."""
        for _ in range(months):
            month.live(
                month_parts.keys(self.seed, self.month), EVERYBODY, self.money, self.facts,
                self.flags, self.score, self.tiles, self.row, self.points, self.worth, FLOOR,
                self.par, rate, self.risk, np.zeros(0), self.counts.live,
            )  # fmt: skip
            kept = np.bitwise_count(self.tiles[0]).astype(int)
            broken = np.bitwise_count(self.tiles[5]).astype(int)
            listed = self.tiles[6] != 0
            self.score = (800 + 10 * kept - 20 * broken - 200 * listed).astype(np.int32)
            follows = np.stack([listed, self.score > 850, self.score > 900])
            luck = follow.keys(self.seed, self.month)
            follow.follow(
                luck, EVERYBODY, self.money, self.facts, self.flags, follows, listed,
                self.effect, self.value, self.cost, self.deposit, True, self.par, self.counts.fall,
            )  # fmt: skip
            lending.lend(
                lending.keys(self.seed, self.month), EVERYBODY, self.money, self.facts, self.flags,
                self.score, self.tiles, self.row, FLOOR, CEILING,
                float(self.par[PAR["loan_gate.weight"]]), self.par, self.counts.lend,
            )  # fmt: skip
            self.month += 1
        return self

    def digest(self) -> str:
        """SHA-256 of the whole state."""
        found = hashlib.sha256()
        for array in (self.money, self.facts, self.flags, self.score, self.tiles,
                      self.counts.live, self.counts.fall, self.counts.lend):  # fmt: skip
            found.update(np.ascontiguousarray(array).tobytes())
        return found.hexdigest()


if __name__ == "__main__":
    print(Town(int(sys.argv[1]), 7).live(int(sys.argv[2])).digest())
