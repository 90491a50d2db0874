"""Instalments and bills that are missed, and what is paid of them later.

A missed bill counts here where somebody wrote it down, a missed instalment always: lenders do.
Whoever has money to spare pays one of each a month, with the chance ``late_payment.chance``, and
answers to what the scheme pays for it. An instalment that is paid later shortens what is left of
the loan. Where the whole loan has been paid in the end, what was missed of it counts as paid.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from xinyong.lab.acts import happens, pull, write
from xinyong.lab.cells import LEFT
from xinyong.lab.chance import at
from xinyong.lab.compiling import compiled
from xinyong.lab.month_parts import (
    ARREARS_PAID,
    BILL_SETTLED,
    COURT,
    COURT_DEFAULT,
    DUE,
    DUES,
    L_COURT,
    L_LATE_BILL,
    L_LATE_LOAN,
    LOAN_MISSED,
    LOAN_PAID,
    LOAN_REPAID,
    NOT_PAYDAY,
    NOT_WRONG,
    P_LATE,
    TERMS,
)

SUED: Final = 0.5
"""Part of loans given up that go to court (assumed)."""
ROW: Final = 3
"""The bits of :attr:`.Fact.DUES` for instalments missed in a row."""
LOAN, BILL = 4, 32
"""One missed instalment, one missed bill in :attr:`.Fact.DUES`."""
MOST: Final = 7
REST, NO_LOAN = 0xFF ^ ROW, 0xFF ^ LEFT


@compiled()
def missed(a: int, one: int, facts: Any, par: Any, sums: Any) -> None:
    """Note a missed instalment (``one`` is :data:`LOAN`) or bill (:data:`BILL`), seven at most."""
    if par[P_LATE] > 0.0 and facts[DUES, a] // one & MOST < MOST:
        facts[DUES, a] += one
        sums[18] += 1.0


@compiled()
def good(a: int, s: int, one: int, place: int, facts: Any, tiles: Any, row: Any, sums: Any) -> None:
    """Write down that one missed due is made good."""
    facts[DUES, a] -= one
    write(tiles, row[place], s)
    sums[17] += 1.0


@compiled()
def ended(
    a: int, s: int, money: Any, facts: Any, flags: Any, tiles: Any, row: Any, sums: Any
) -> None:
    """Take an instalment off a loan; the last one ends it."""
    facts[TERMS, a] -= 1
    if facts[TERMS, a] & LEFT == 0:
        money[DUE, a] = 0.0
        write(tiles, row[LOAN_REPAID], s)
        sums[3] += 1.0
        flags[a] &= NOT_PAYDAY


@compiled()
def repay(
    a: int,
    s: int,
    purse: float,
    paying: bool,
    luck: Any,
    money: Any,
    facts: Any,
    flags: Any,
    tiles: Any,
    row: Any,
    par: Any,
    sums: Any,
) -> float:
    """Pay the instalment or miss it; the third miss in a row ends the loan. Gives the purse."""
    due = np.float64(money[DUE, a])
    if purse >= due and paying:
        facts[DUES, a] &= REST
        write(tiles, row[LOAN_PAID], s)
        sums[0] += due
        ended(a, s, money, facts, flags, tiles, row, sums)
        rest: float = purse - due
        return rest
    write(tiles, row[LOAN_MISSED], s)
    missed(a, LOAN, facts, par, sums)
    if facts[DUES, a] & ROW < 2:
        facts[DUES, a] += 1
        return purse
    money[DUE, a] = due * float(facts[TERMS, a] & LEFT)
    sums[4] += 1.0
    facts[TERMS, a] &= NO_LOAN
    facts[DUES, a] &= REST
    flags[a] &= NOT_PAYDAY
    if at(luck[L_COURT], a) < SUED:
        write(tiles, row[COURT_DEFAULT], s)
        flags[a] |= COURT
        flags[a] &= NOT_WRONG
        sums[5] += 1.0
    return purse


@compiled()
def make_good(
    a: int, s: int, now: int, purse: float, bill: float, strength: float, luck: Any, money: Any,
    facts: Any, flags: Any, tiles: Any, row: Any, points: Any, worth: Any, floor: int, par: Any,
    sums: Any,
) -> float:  # fmt: skip
    """Pay late what was missed: one bill and one instalment at most. Gives the purse."""
    if facts[DUES, a] >= BILL and purse >= bill:
        gain = pull(worth, floor, now, points[BILL_SETTLED])
        if happens(at(luck[L_LATE_BILL], a), par[P_LATE], gain, strength):
            purse -= bill
            good(a, s, BILL, BILL_SETTLED, facts, tiles, row, sums)
    if facts[DUES, a] // LOAN & MOST == 0:
        return purse
    due = np.float64(money[DUE, a])
    if facts[TERMS, a] & LEFT == 0:
        if due == 0.0:  # the whole loan has been paid in the end
            good(a, s, LOAN, ARREARS_PAID, facts, tiles, row, sums)
    elif facts[DUES, a] & ROW == 0 and purse >= due:
        gain = pull(worth, floor, now, points[ARREARS_PAID])
        if happens(at(luck[L_LATE_LOAN], a), par[P_LATE], gain, strength):
            purse -= due
            sums[0] += due
            ended(a, s, money, facts, flags, tiles, row, sums)
            good(a, s, LOAN, ARREARS_PAID, facts, tiles, row, sums)
    return purse
