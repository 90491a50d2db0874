"""One month of every agent: income, dues, choices, and what is recorded of them.

Compiled where numba is there; the very same lines run as plain Python where it is not, and a test
holds the two against each other. Every chance is a function of seed, month, decision and agent, so
order and number of agents change nothing. What people choose stands in :mod:`.acts`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from xinyong.lab.acts import choose_acts, happens, pull, write, wrong
from xinyong.lab.cells import BOOST, LEFT
from xinyong.lab.chance import at
from xinyong.lab.compiling import compiled
from xinyong.lab.dues import BILL, LOAN, make_good, missed, repay
from xinyong.lab.exact import exp
from xinyong.lab.month_parts import (
    AWARE,
    BILL_MISSED,
    BILL_PAID,
    COURT,
    COURT_DONE,
    COVERED,
    DUE,
    DUES,
    EXPOSED,
    INCOME,
    JOB,
    L_COVER,
    L_EMPLOYER,
    L_HACK,
    L_JOB,
    L_LAID_OFF,
    L_LEAK,
    L_LEARN,
    L_PAY,
    L_REPAY,
    L_SHOCK,
    L_SHOCK2,
    LEAKED,
    LOAN_MISSED,
    LOAN_PAID,
    MISTAKEN,
    NO_JOB,
    NO_TRAVEL,
    NO_WORK,
    NOT_COURT,
    NOT_LEAKED,
    OF_FIRMS,
    P_BUYERS,
    P_HARM,
    P_JOB,
    P_LATE,
    P_LEAK,
    P_LEARN,
    P_LOSS,
    P_PERSIST,
    P_PRICE,
    P_RESPONSE,
    P_SHOCK,
    P_TRAVEL,
    PRESENCE,
    PROFILE,
    RELIABILITY,
    SHOCK,
    TERMS,
    TRAITS,
    WEALTH,
)  # fmt: skip

RENT: Final = 0.25
"""Bills a month, as a part of usual income (assumed)."""
LIVING: Final = 0.6
"""What living costs a month, as a part of usual income (assumed)."""
UNEMPLOYED: Final = 0.4
"""Income without a job, as a part of usual income (assumed)."""
LOSE_JOB, FIND_JOB = 0.01, 0.15
"""Chances a month (assumed)."""
THIN: Final = 0.25
"""Part of a thin file's payments that anybody sees (assumed)."""
YEARLY: Final = 1.0 / 12.0
"""Chance a month that a trait is written down anew, of who is seen."""
HACKED: Final = 12
"""Months for which a bought score lasts (assumed)."""


@compiled()
def earn(
    a: int, luck: Any, money: Any, facts: Any, flags: Any, par: Any, risk: Any, sums: Any
) -> float:
    """This month's income: a persistent shock, a job or none, a travel ban.

    ``risk`` f32[jobs]: the chance that a job at a firm goes; f32[0]: nobody hangs on a firm.
    """
    noise = at(luck[L_SHOCK], a) + at(luck[L_SHOCK2], a) - 1.0
    moved = par[P_SHOCK] * 2.449489742783178 * noise
    money[SHOCK, a] = par[P_PERSIST] * np.float64(money[SHOCK, a]) + moved
    chance = at(luck[L_JOB], a)
    if facts[TRAITS, a] & JOB:
        if chance < LOSE_JOB:
            facts[TRAITS, a] &= NO_WORK
        elif facts[TRAITS, a] & OF_FIRMS and risk.shape[0] > 0:
            job = int(at(luck[L_EMPLOYER], a) * risk.shape[0])
            if risk[job] > 0.0 and at(luck[L_LAID_OFF], a) < risk[job]:
                facts[TRAITS, a] &= NO_WORK
                sums[16] += 1.0
    else:
        find = FIND_JOB
        if flags[a] & NO_JOB:
            find *= 1.0 - par[P_JOB]
        if chance < FIND_JOB:
            sums[14] += 1.0
        if chance < find:
            facts[TRAITS, a] |= JOB
        elif chance < FIND_JOB:
            sums[13] += 1.0
    income: float = np.float64(money[INCOME, a]) * exp(np.float64(money[SHOCK, a]))
    if facts[TRAITS, a] & JOB == 0:
        income *= UNEMPLOYED
    if flags[a] & NO_TRAVEL:
        income *= 1.0 - par[P_TRAVEL]
    if flags[a] & (EXPOSED | MISTAKEN):
        income *= 1.0 - par[P_HARM]
    return income


@compiled()
def earn_all(
    luck: Any, whose: Any, money: Any, facts: Any, flags: Any, par: Any, risk: Any, incomes: Any,
    sums: Any,
) -> None:  # fmt: skip
    """What everybody in ``whose`` earns this month, into ``incomes`` f64[n]."""
    everybody = whose.shape[0] == 0
    for s in range(money.shape[1] if everybody else whose.shape[0]):
        a = s if everybody else int(whose[s])
        if a >= 0:
            incomes[a] = earn(a, luck, money, facts, flags, par, risk, sums)


@compiled()
def live(
    luck: Any,
    whose: Any,
    money: Any,
    facts: Any,
    flags: Any,
    score: Any,
    tiles: Any,
    row: Any,
    points: Any,
    worth: Any,
    floor: int,
    par: Any,
    rate: float,
    risk: Any,
    incomes: Any,
    sums: Any,
) -> None:
    """Live one month.

    ``luck`` i64[23] keys of this month, ``whose`` i32[slots] whose record is in which column of the
    tiles (-1: nobody's; i32[0]: everybody's, each in the own), ``money`` f32[8, n], ``facts``
    u8[8, n], ``flags`` u16[n], ``score`` i32[n] of the whole society; only who is in ``whose``
    lives. ``tiles`` u64[k, slots] are shifted by a month and get this month's bits; ``row``
    i64[31] says in which row a happening stands (-1: nothing reads it), ``points`` i64[31] what one
    is worth in points, ``worth`` f64[..] what each score from ``floor`` on is worth a month.
    ``rate``: chance of a wrong listing. ``risk`` f32[..] as for :func:`earn`; ``incomes`` f64[n]
    this month's incomes where they are known already, else f64[0]. ``sums`` f64[19] are added to.
    """
    everybody = whose.shape[0] == 0
    for s in range(money.shape[1] if everybody else whose.shape[0]):
        a = s if everybody else int(whose[s])
        if a < 0:
            continue
        for k in range(tiles.shape[0]):
            tiles[k, s] = tiles[k, s] << np.uint64(1)
        aware = facts[TRAITS, a] & AWARE != 0
        if not aware and par[P_LEARN] > 0.0 and at(luck[L_LEARN], a) < par[P_LEARN]:
            facts[TRAITS, a] |= AWARE
            aware = True
        strength = par[P_RESPONSE] if aware else 0.0
        now = score[a]
        usual = np.float64(money[INCOME, a])
        if incomes.shape[0] > 0:
            income = incomes[a]
        else:
            income = earn(a, luck, money, facts, flags, par, risk, sums)
        sums[1] += income
        purse: float = np.float64(money[WEALTH, a]) + income - LIVING * usual
        chance = at(luck[L_COVER], a)
        seen = facts[TRAITS, a] & PRESENCE != 0 or chance < THIN
        if seen:
            write(tiles, row[COVERED], s)
            if chance < YEARLY:
                write(tiles, row[PROFILE], s)
        keeps = np.float64(money[RELIABILITY, a])
        gain = pull(worth, floor, now, points[BILL_PAID] - points[BILL_MISSED])
        bill = RENT * usual
        if purse >= bill and happens(at(luck[L_PAY], a), keeps, gain, strength):
            purse -= bill
            if seen:
                write(tiles, row[BILL_PAID], s)
        elif seen:
            write(tiles, row[BILL_MISSED], s)
            missed(a, BILL, facts, par, sums)
        if facts[TERMS, a] & LEFT:
            gain = pull(worth, floor, now, points[LOAN_PAID] - points[LOAN_MISSED])
            paying = happens(at(luck[L_REPAY], a), keeps, gain, strength)
            purse = repay(a, s, purse, paying, luck, money, facts, flags, tiles, row, par, sums)
        elif 0.0 < 2.0 * np.float64(money[DUE, a]) < purse:
            purse -= np.float64(money[DUE, a])
            sums[2] += np.float64(money[DUE, a])
            money[DUE, a] = 0.0
            if flags[a] & COURT:
                write(tiles, row[COURT_DONE], s)
                flags[a] &= NOT_COURT
        if facts[DUES, a] >= LOAN and par[P_LATE] > 0.0:
            purse = make_good(
                a, s, now, purse, bill, strength, luck, money, facts, flags, tiles, row, points,
                worth, floor, par, sums,
            )  # fmt: skip
        purse -= choose_acts(
            a, s, now, strength, luck, money, facts, flags, tiles, row, points, worth, floor, par,
            sums, seen,
        )  # fmt: skip
        wrong(a, s, rate, luck, facts, flags, tiles, row, par, sums)
        flags[a] &= NOT_LEAKED
        if par[P_LEAK] > 0.0 and at(luck[L_LEAK], a) < par[P_LEAK]:
            flags[a] |= LEAKED
            sums[15] += 1.0
            purse -= par[P_LOSS] * usual
        if facts[TERMS, a] >= BOOST:
            facts[TERMS, a] -= BOOST
        elif (
            strength > 0.0
            and purse > par[P_PRICE]
            and at(luck[L_HACK], a) < par[P_BUYERS]
            and pull(worth, floor, now, 50) > 0.0
        ):
            facts[TERMS, a] += HACKED * BOOST
            purse -= par[P_PRICE]
        money[WEALTH, a] = max(purse, 0.0)
