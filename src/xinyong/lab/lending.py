"""The credit market of a month: who asks, whom a lender trusts, who falls back on dear loans.

Compiled like :mod:`xinyong.lab.month`, and chance is a function here as well.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.acts import write
from xinyong.lab.cells import LEFT, PAR, Fact, Flag, Money, Trait
from xinyong.lab.chance import Stream, at, key
from xinyong.lab.compiling import compiled
from xinyong.lab.month_parts import LOAN_TAKEN

INCOME, WEALTH, DUE = int(Money.INCOME), int(Money.WEALTH), int(Money.DUE)
TRAITS, TERMS, ASKED = int(Fact.TRAITS), int(Fact.TERMS), int(Fact.ASKED)
PRESENCE = int(Trait.PRESENCE)
NO_CREDIT, ON_LIST = int(Flag.NO_CREDIT), int(Flag.LISTED)
PAYDAY, GRANTED = int(Flag.PAYDAY), int(Flag.GRANTED)

P_WEIGHT, P_MARGIN = PAR["loan_gate.weight"], PAR["loan_gate.margin"]
P_PRIOR, P_SPREAD = PAR["loan_gate.prior"], PAR["loan_gate.spread"]
P_TURN, P_RATE, P_DROP = PAR["payday.turn"], PAR["payday.rate"], PAR["list_feed.drop"]

_STREAMS: Final = (Stream.APPLY, Stream.PAYDAY, Stream.APPROVE)
L_APPLY, L_PAYDAY, L_LENDER = range(3)

DEMAND: Final = 0.03
"""Chance a month of wanting a loan, for who has none (assumed)."""
LOAN, TERM, INTEREST = 3.0, 12, 0.1
"""An ordinary loan: months of income, months to repay, interest in all (assumed)."""
SMALL, SHORT = 0.5, 3
"""A payday loan: months of income, months to repay (assumed)."""
KNOWN: Final = 0.9
"""A lender's guess of repayment for who has a history (assumed)."""
LOWEST: Final = 0.6
"""The guess that goes with the lowest score; the highest goes with 1 (assumed)."""


@compiled()
def guess(score: int, floor: int, ceiling: int, base: float, weight: float) -> float:
    """A lender's guess of repayment: what the history says (``base``), and what the score says."""
    if ceiling <= floor:
        return base
    part = float(score - floor) / float(ceiling - floor)
    return (1.0 - weight) * base + weight * (LOWEST + (1.0 - LOWEST) * min(max(part, 0.0), 1.0))


@compiled()
def decides(
    luck: int, a: int, score: int, floor: int, ceiling: int, known: bool, flags: int,
    weight: float, par: Any,
) -> bool:  # fmt: skip
    """Whether a lender grants a loan to agent ``a`` with these marks, if asked.

    Of a thin file one lender expects more than another: ``luck`` is the key of whom she meets.
    """
    base = KNOWN
    if not known:
        base = par[P_PRIOR] + par[P_SPREAD] * (2.0 * at(luck, a) - 1.0)
    chance = guess(score, floor, ceiling, base, weight)
    if flags & ON_LIST:
        chance -= par[P_DROP]
    granted = chance >= par[P_MARGIN] or bool(flags & GRANTED and par[P_WEIGHT] > 0.0)
    if flags & NO_CREDIT and par[P_WEIGHT] > 0.0:
        granted = False
    return granted


@compiled()
def would_lend(
    luck: int,
    who: Any,
    facts: Any,
    flags: Any,
    score: Any,
    floor: int,
    ceiling: int,
    weight: float,
    par: Any,
    granted: Any,
) -> None:
    """Whom a lender would grant a loan, if they asked: into ``granted`` bool[n].

    ``luck`` as for :func:`decides`. ``who`` i64[n] are agents; ``facts`` u8[8, n], ``flags``
    u16[n] and ``score`` i32[n] are theirs.
    """
    for n in range(flags.shape[0]):
        known = facts[TRAITS, n] & PRESENCE != 0
        granted[n] = decides(
            luck, who[n], score[n], floor, ceiling, known, int(flags[n]), weight, par
        )


@compiled()
def lend(
    luck: Any,
    whose: Any,
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
    """The credit market of a month, for who is in ``whose`` (see :func:`.month.live`).

    ``weight`` of the score in a lender's guess is 0 under a scheme that is not for credit; what
    the scheme itself shuts or opens holds all the same, as long as ``loan_gate`` is on.

    ``sums`` f64[..]: asked, granted, lent, due back, payday loans, lent by them; then asked and
    granted by thin files; by the listed; granted to who is reliable, who is not (asked beside).
    """
    everybody = whose.shape[0] == 0
    for s in range(flags.shape[0] if everybody else whose.shape[0]):
        a = s if everybody else int(whose[s])
        if a < 0:
            continue
        if facts[TERMS, a] & LEFT or money[DUE, a] > 0.0 or at(luck[L_APPLY], a) >= DEMAND:
            continue
        known = facts[TRAITS, a] & PRESENCE != 0
        granted = decides(
            luck[L_LENDER], a, score[a], floor, ceiling, known, int(flags[a]), weight, par
        )
        on_list = flags[a] & ON_LIST
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
            facts[TERMS, a] += TERM
            sums[2] += LOAN * usual
            sums[3] += LOAN * usual * (1.0 + INTEREST)
            write(tiles, row[LOAN_TAKEN], s)
        elif par[P_TURN] > 0.0 and at(luck[L_PAYDAY], a) < par[P_TURN]:
            money[WEALTH, a] = np.float64(money[WEALTH, a]) + SMALL * usual
            money[DUE, a] = SMALL * usual * (1.0 + par[P_RATE] * SHORT) / SHORT
            facts[TERMS, a] += SHORT
            flags[a] |= PAYDAY
            sums[4] += 1.0
            sums[5] += SMALL * usual


def lender(seed: int, month: int) -> int:
    """The key of which lender somebody meets in a month."""
    return key(seed, month, int(Stream.APPROVE))


def keys(seed: int, month: int) -> npt.NDArray[np.int64]:
    """The keys of a month's chances here."""
    return np.array([key(seed, month, int(stream)) for stream in _STREAMS], np.int64)
