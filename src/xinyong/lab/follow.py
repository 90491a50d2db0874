"""What follows from a month's scores: flags, welfare, exposure, the credit market.

Compiled like :mod:`xinyong.lab.month`, and chance is a function here as well.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.cells import PAR, Fact, Flag, Money
from xinyong.lab.chance import Stream, at, key
from xinyong.lab.compiling import compiled
from xinyong.lab.month import LOAN_TAKEN, write

INCOME, WEALTH, DUE = int(Money.INCOME), int(Money.WEALTH), int(Money.DUE)
WELFARE = int(Money.WELFARE)
PRESENCE, LEFT, LISTED, LINGER = (
    int(Fact.PRESENCE), int(Fact.LEFT), int(Fact.LISTED), int(Fact.LINGER)
)  # fmt: skip
ASKED = int(Fact.ASKED)
NO_CREDIT, NO_TRAVEL, NO_JOB = int(Flag.NO_CREDIT), int(Flag.NO_TRAVEL), int(Flag.NO_JOB)
NO_SCHOOL, EXPOSED, ON_LIST = int(Flag.NO_SCHOOL), int(Flag.EXPOSED), int(Flag.LISTED)
PAYDAY, GRANTED, MISTAKEN = int(Flag.PAYDAY), int(Flag.GRANTED), int(Flag.MISTAKEN)
PERK, PRAISED, EVER = int(Flag.PERK), int(Flag.PRAISED), int(Flag.EVER)
BURDENS = NO_CREDIT | NO_TRAVEL | NO_JOB | NO_SCHOOL
OWN = BURDENS | GRANTED | PERK | PRAISED | ON_LIST | EXPOSED | MISTAKEN
REST = 0xFFFF ^ OWN
NOT_TRAVEL = 0xFFFF ^ NO_TRAVEL

P_LOOPHOLE, P_EXPOSED = PAR["travel_ban.loophole"], PAR["shaming.exposed"]
P_MISTAKEN, P_DELAY = PAR["shaming.misidentified"], PAR["wrong_listing.delay"]
P_WEIGHT, P_MARGIN = PAR["loan_gate.weight"], PAR["loan_gate.margin"]
P_TURN, P_RATE, P_DROP = PAR["payday.turn"], PAR["payday.rate"], PAR["list_feed.drop"]

_STREAMS: Final = (
    Stream.TRAVEL, Stream.SHAME, Stream.MISTAKEN, Stream.PICK, Stream.APPLY, Stream.PAYDAY,
)  # fmt: skip
L_TRAVEL, L_SHAME, L_MISTAKEN, L_PICK, L_APPLY, L_PAYDAY = range(6)

DEMAND: Final = 0.03
"""Chance a month of wanting a loan, for who has none (assumed)."""
LOAN, TERM, INTEREST = 3.0, 12, 0.1
"""An ordinary loan: months of income, months to repay, interest in all (assumed)."""
SMALL, SHORT = 0.5, 3
"""A payday loan: months of income, months to repay (assumed)."""
KNOWN, UNKNOWN = 0.9, 0.7
"""A lender's guess of repayment for who has a history, and for who has none (assumed)."""
LOWEST: Final = 0.6
"""The guess that goes with the lowest score; the highest goes with 1 (assumed)."""


@compiled()
def follow(
    luck: Any,
    money: Any,
    facts: Any,
    flags: Any,
    consequences: Any,
    listed: Any,
    effect: Any,
    worth: Any,
    public: bool,
    par: Any,
    sums: Any,
) -> None:
    """Let a month's consequences fall.

    ``consequences`` bool[c, n] follow, ``listed`` bool[n] are on a list; ``effect`` u16[c] and
    ``worth`` f64[c] as in :class:`~xinyong.lab.effects.Effects`. ``sums`` f64[..]: exposures,
    exposures of the wrong person.
    """
    n = flags.shape[0]
    for a in range(n):
        before = flags[a]
        now = before & REST
        value = 0.0
        for c in range(consequences.shape[0]):
            if consequences[c, a]:
                now |= effect[c]
                value += worth[c]
        if listed[a]:
            now |= ON_LIST | EVER
            if facts[LISTED, a] < 250:
                facts[LISTED, a] += 1
            facts[LINGER, a] = np.uint8(par[P_DELAY])
        else:
            if facts[LISTED, a] > 0:
                sums[2] += 1.0
                sums[3] += facts[LISTED, a]
            facts[LISTED, a] = 0
            if facts[LINGER, a] > 0:
                facts[LINGER, a] -= 1
                now |= before & BURDENS
        if now & NO_TRAVEL and at(luck[L_TRAVEL], a) < par[P_LOOPHOLE]:
            now &= NOT_TRAVEL
        flags[a] = now
        money[WELFARE, a] = value * np.float64(money[INCOME, a])
    if public and par[P_EXPOSED] > 0.0:
        for a in range(n):
            if flags[a] & ON_LIST and at(luck[L_SHAME], a) < par[P_EXPOSED]:
                sums[0] += 1.0
                if at(luck[L_MISTAKEN], a) < par[P_MISTAKEN]:
                    sums[1] += 1.0
                    flags[int(at(luck[L_PICK], a) * n)] |= MISTAKEN
                else:
                    flags[a] |= EXPOSED


@compiled()
def guess(score: int, floor: int, ceiling: int, known: bool, weight: float) -> float:
    """A lender's guess of repayment: what the history says, and what the score says."""
    base = KNOWN if known else UNKNOWN
    if ceiling <= floor:
        return base
    part = float(score - floor) / float(ceiling - floor)
    return (1.0 - weight) * base + weight * (LOWEST + (1.0 - LOWEST) * min(max(part, 0.0), 1.0))


@compiled()
def lend(
    luck: Any,
    money: Any,
    facts: Any,
    flags: Any,
    score: Any,
    tiles: Any,
    row: Any,
    floor: int,
    ceiling: int,
    weight: float,
    par: Any,
    sums: Any,
) -> None:
    """The credit market of a month.

    ``weight`` of the score in a lender's guess is 0 under a scheme that is not for credit; what
    the scheme itself shuts or opens holds all the same, as long as ``loan_gate`` is on.

    ``sums`` f64[..]: asked, granted, lent, due back, payday loans, lent by them; then asked and
    granted by thin files; by the listed; granted to who is reliable, who is not (asked beside).
    """
    for a in range(flags.shape[0]):
        if facts[LEFT, a] > 0 or money[DUE, a] > 0.0 or at(luck[L_APPLY], a) >= DEMAND:
            continue
        known = facts[PRESENCE, a] == 1
        chance = guess(score[a], floor, ceiling, known, weight)
        on_list = flags[a] & ON_LIST
        if on_list:
            chance -= par[P_DROP]
        granted = chance >= par[P_MARGIN] or bool(flags[a] & GRANTED and par[P_WEIGHT] > 0.0)
        if flags[a] & NO_CREDIT and par[P_WEIGHT] > 0.0:
            granted = False
        usual = np.float64(money[INCOME, a])
        sums[0] += 1.0
        if not known:
            sums[6] += 1.0
        if on_list:
            sums[8] += 1.0
        facts[ASKED, a] = min(facts[ASKED, a] & 15, 14) + 1 + (facts[ASKED, a] & 240)
        if granted:
            sums[1] += 1.0
            if not known:
                sums[7] += 1.0
            if on_list:
                sums[9] += 1.0
            facts[ASKED, a] = min(facts[ASKED, a] >> 4, 14) * 16 + 16 + (facts[ASKED, a] & 15)
            money[WEALTH, a] = np.float64(money[WEALTH, a]) + LOAN * usual
            money[DUE, a] = LOAN * usual * (1.0 + INTEREST) / TERM
            facts[LEFT, a] = TERM
            sums[2] += LOAN * usual
            sums[3] += LOAN * usual * (1.0 + INTEREST)
            write(tiles, row[LOAN_TAKEN], a)
        elif par[P_TURN] > 0.0 and at(luck[L_PAYDAY], a) < par[P_TURN]:
            money[WEALTH, a] = np.float64(money[WEALTH, a]) + SMALL * usual
            money[DUE, a] = SMALL * usual * (1.0 + par[P_RATE] * SHORT) / SHORT
            facts[LEFT, a] = SHORT
            flags[a] |= PAYDAY
            sums[4] += 1.0
            sums[5] += SMALL * usual


def keys(seed: int, month: int) -> npt.NDArray[np.int64]:
    """The keys of a month's chances here."""
    return np.array([key(seed, month, int(stream)) for stream in _STREAMS], np.int64)
