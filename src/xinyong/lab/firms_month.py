"""One month of every firm: trade, emissions and what is reported of them, loans.

Compiled where numba is there; the very same lines run as plain Python where it is not. Every
chance is a function of seed, month, decision and firm. All firms act on the month before, so their
order changes nothing. Money is whole units, :data:`COIN` to a median monthly wage: what one pays
another gets, or it goes to the outside (workers, suppliers of goods, the state), to the unit.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Any, Final

import numpy as np

from xinyong.lab.chance import at, below
from xinyong.lab.compiling import compiled
from xinyong.lab.exact import exp
from xinyong.lab.happenings import Happening


class Purse(IntEnum):
    """Rows of whole money (int64)."""

    CASH = 0
    DUE = 1
    """Instalment of the running loan, a month; where none runs, what a court has found due."""


class Trait(IntEnum):
    """Rows of 32-bit floats."""

    GROSS = 0
    """Emissions at usual trade if nothing is done, in units of the legal limit."""
    COST = 1
    """What running clean costs, as a part of turnover."""
    SHOCK = 2
    """Log deviation of demand, persistent."""
    TRADE = 3
    """This month's trade; 1 is usual."""
    TRUE = 4
    """This month's emissions, in units of the limit."""


class State(IntEnum):
    """Rows of small whole numbers (uint8)."""

    KIND = 0
    """:class:`Kind`, bits together."""
    LEFT = 1
    """Instalments left of the running loan."""
    MISSES = 2
    WATCHED = 3
    """Months for which a firm that was found out still runs clean."""


class Kind(IntFlag):
    """What a firm is."""

    SMALL = 1
    LIED = 2
    """This month's report was fabricated."""


class Dial(IntEnum):
    """Settings, by :data:`PATHS`."""

    SHARE = 0
    INSPECTED = 1
    GAP = 2
    EXTRA = 3
    WEIGHT = 4
    MARGIN = 5
    ABROAD = 6
    FINED = 7


PATHS: Final = (
    "fabrication.share",
    "fabrication.inspected",
    "sme_gap.gap",
    "overcompliance.extra",
    "loan_gate.weight",
    "loan_gate.margin",
    "customs.abroad",
    "customs.fined",
)


class Sum(IntEnum):
    """What is counted, month after month (float64; numbers of firms unless said)."""

    FIRMS = 0
    FAKED = 1
    OVER = 2
    """Reports that say that the limit was passed."""
    TRUE = 3
    REPORTED = 4
    SPENT = 5
    """Sum of what was spent on running clean and on targets, as parts of turnover."""
    JOBS_SMALL = 6
    JOBS_LARGE = 7
    ASKED_SMALL = 8
    ASKED_LARGE = 9
    GRANTED_SMALL = 10
    GRANTED_LARGE = 11
    LOST = 12
    """Loans that the lender has given up."""
    FOUND = 13
    """Firms found out by an inspection."""
    ABOVE = 14
    """Firms that would pass the limit if they did nothing."""
    DECLARED = 15
    BORDER_FINED = 16


CASH, DUE = int(Purse.CASH), int(Purse.DUE)
GROSS, COST, SHOCK = int(Trait.GROSS), int(Trait.COST), int(Trait.SHOCK)
TRADE, TRUE = int(Trait.TRADE), int(Trait.TRUE)
KIND, LEFT, MISSES = int(State.KIND), int(State.LEFT), int(State.MISSES)
WATCHED, IS_SMALL, LIED = int(State.WATCHED), int(Kind.SMALL), int(Kind.LIED)
D_SHARE, D_INSPECTED, D_GAP = int(Dial.SHARE), int(Dial.INSPECTED), int(Dial.GAP)
D_EXTRA, D_WEIGHT, D_MARGIN = int(Dial.EXTRA), int(Dial.WEIGHT), int(Dial.MARGIN)
D_ABROAD, D_FINED = int(Dial.ABROAD), int(Dial.FINED)
S_FIRMS, S_FAKED, S_OVER, S_TRUE = int(Sum.FIRMS), int(Sum.FAKED), int(Sum.OVER), int(Sum.TRUE)
S_REPORTED, S_SPENT, S_FOUND = int(Sum.REPORTED), int(Sum.SPENT), int(Sum.FOUND)
S_JOBS, S_ASKED, S_BORDER = int(Sum.JOBS_SMALL), int(Sum.ASKED_SMALL), int(Sum.BORDER_FINED)
S_GRANTED, S_LOST, S_ABOVE = int(Sum.GRANTED_SMALL), int(Sum.LOST), int(Sum.ABOVE)
SIZE, JOBS = 0, 1
LENDER, OUTSIDE = 0, 1

H_GRAVE, H_COURT = int(Happening.GRAVE_BREACH), int(Happening.COURT_DEFAULT)
H_DONE, H_REPORTED = int(Happening.COURT_DONE), int(Happening.REPORTED)
H_EXCEEDED, H_FAKED = int(Happening.EXCEEDED), int(Happening.FAKED)
H_INSPECTED, H_BORDER = int(Happening.INSPECTED), int(Happening.BORDER_FINED)
H_CURED, H_FINED = int(Happening.CURED), int(Happening.FINED)
S_DECLARED, H_DECLARED = int(Sum.DECLARED), int(Happening.DECLARED)

L_SHOCK, L_SHOCK2, L_FAKES, L_INSPECT, L_ACCIDENT = 0, 1, 2, 3, 4
L_REPAY, L_APPLY, L_GUESS, L_GAP, L_BORDER = 5, 6, 7, 8, 9
DECISIONS: Final = 10
L_BUYERS, L_BUYERS2, L_HABIT, L_ABROAD = 10, 11, 12, 13
"""What does not change from month to month and is not kept, since it can be drawn again."""

WORST: Final = 0.25
"""Missed instalments of the least reliable firm, as a part (assumed)."""
COIN: Final = 1000
"""Whole units of money in a median monthly wage."""
TURNOVER, COSTS = 1250.0, 1150.0
"""Turnover and running costs of a job, a month (assumed)."""
KEPT, SHAKEN, LINK = 0.9, 0.1, 0.3
"""Part of a shock left a month later, its size, and how much of buyers' slack is passed on to whom
they buy from (assumed)."""
CLEAN: Final = 0.8
"""Emissions of a firm that runs clean, in units of the limit (assumed)."""
FINE, FAKE_FINE = 0.05, 0.5
"""Fines over the limit or at the border, and for fabrication, as parts of turnover (assumed)."""
WORTH: Final = 0.1
"""What the whole range of a rating is worth a month to a firm, as a part of turnover (assumed)."""
WATCH: Final = 12
ACCIDENT: Final = 0.0005
"""Accidents a month of a firm that emits as much as the limit (assumed)."""
GROW: Final = 0.05
"""Jobs that are added or lost in a month, as a part of a firm's full size (assumed)."""
APPLIES, NEEDY, MONTHS, RATE, LOAN = 0.05, 0.2, 12, 0.08, 2.0
"""Firms that ask for a loan in a month, those that are short of cash, how long it runs, what it
costs in all, how many months' turnover it is (assumed)."""
PATIENCE: Final = 3
"""Missed instalments at which a lender gives up (assumed)."""
STRICT, BLUR = 1.5, 0.1
"""How much a missed instalment weighs in a lender's own guess, and how far that may be off either
way (assumed)."""


@compiled()
def whole(amount: float) -> int:
    """The nearest whole number of an amount not below 0."""
    return int(amount + 0.5)


@compiled()
def mark(tiles: Any, row: Any, happening: int, a: int) -> None:
    """Write that a happening happened this month, if the scheme reads it."""
    place = row[happening]
    if place >= 0:
        tiles[place, a] |= np.uint64(1)


@compiled()
def reliability(luck: Any, a: int) -> float:
    """Probability that an instalment that can be paid is paid; latent."""
    worse = at(luck[L_HABIT], a)
    return np.float64(np.float32(1.0 - WORST * worse * worse))


@compiled()
def is_small(states: Any, a: int) -> Any:
    """1 for a small firm, else 0."""
    return np.int64(states[KIND, a]) & IS_SMALL


@compiled()
def pay(money: Any, accounts: Any, a: int, amount: int, to: int) -> int:
    """Pay as much of an amount as there is cash for; gives what was paid."""
    paid = min(amount, money[CASH, a])
    money[CASH, a] -= paid
    accounts[to] += paid
    return paid


@compiled()
def trade(
    a: int, luck: Any, before: Any, money: Any, traits: Any, staff: Any, accounts: Any
) -> int:
    """Sell, pay costs, hire or dismiss; gives the month's turnover."""
    noise = at(luck[L_SHOCK], a) + at(luck[L_SHOCK2], a) - 1.0
    traits[SHOCK, a] = KEPT * np.float64(traits[SHOCK, a]) + SHAKEN * 2.449489742783178 * noise
    one, two = below(luck[L_BUYERS], a, len(before)), below(luck[L_BUYERS2], a, len(before))
    slack = 1.0 - 0.5 * (np.float64(before[one]) + np.float64(before[two]))
    level = exp(np.float64(traits[SHOCK, a])) - LINK * slack
    traits[TRADE, a] = min(max(level, 0.0), 2.0)
    jobs = np.float64(staff[JOBS, a])
    turnover = whole(TURNOVER * jobs * np.float64(traits[TRADE, a]))
    money[CASH, a] += turnover
    accounts[OUTSIDE] -= turnover
    costs = whole(COSTS * jobs)
    paid = pay(money, accounts, a, costs, OUTSIDE)
    step = max(1, whole(GROW * np.float64(staff[SIZE, a])))
    if paid < costs:
        staff[JOBS, a] = max(1, staff[JOBS, a] - step)
    elif money[CASH, a] > costs:
        staff[JOBS, a] = min(staff[SIZE, a], staff[JOBS, a] + step)
    return turnover


@compiled()
def emit(
    a: int, luck: Any, turnover: int, stake: float, money: Any, traits: Any, states: Any,
    dials: Any, accounts: Any, sums: Any,
) -> bool:  # fmt: skip
    """Decide to run clean, to pass the limit openly, or to fabricate; True: fabricated.

    A firm over the limit that finds running clean dearer than being found out fabricates if it is
    of that kind. Another runs clean if that costs no more than the fine, and what the rating pays.
    """
    gross: float = np.float64(traits[GROSS, a]) * np.float64(traits[TRADE, a])
    cost = np.float64(traits[COST, a])
    more = dials[D_EXTRA] * stake * WORTH
    faked, spent = False, more
    if gross > 1.0:
        sums[S_ABOVE] += 1.0
        dearer = cost > dials[D_INSPECTED] * FAKE_FINE
        if states[WATCHED, a] == 0 and dearer and at(luck[L_FAKES], a) < dials[D_SHARE]:
            faked = True
        elif states[WATCHED, a] > 0 or cost <= FINE + more:
            gross = CLEAN
            spent += cost
    if states[WATCHED, a] > 0:
        states[WATCHED, a] -= 1
    true = gross / (1.0 + more / cost)
    traits[TRUE, a] = true
    reported = np.float32(min(true, CLEAN)) if faked else np.float32(true)
    states[KIND, a] = is_small(states, a) | (LIED if faked else 0)
    paid = pay(money, accounts, a, whole(spent * float(turnover)), OUTSIDE)
    sums[S_FIRMS] += 1.0
    sums[S_FAKED] += 1.0 if faked else 0.0
    sums[S_TRUE] += np.float64(traits[TRUE, a])
    sums[S_REPORTED] += np.float64(reported)
    sums[S_SPENT] += float(paid) / max(float(turnover), 1.0)
    return faked


@compiled()
def watch(
    a: int, luck: Any, turnover: int, faked: bool, money: Any, traits: Any, states: Any,
    dials: Any, accounts: Any, tiles: Any, row: Any, sums: Any,
) -> None:  # fmt: skip
    """What the office gets to know: reports, accidents, and what inspections find."""
    if states[WATCHED, a] == WATCH - 1:
        mark(tiles, row, H_CURED, a)
    over = not faked and np.float64(traits[TRUE, a]) > 1.0  # who fabricates says less
    if over:
        mark(tiles, row, H_EXCEEDED, a)
        mark(tiles, row, H_FINED, a)
        pay(money, accounts, a, whole(FINE * float(turnover)), OUTSIDE)
        sums[S_OVER] += 1.0
    else:
        mark(tiles, row, H_REPORTED, a)
    if at(luck[L_ACCIDENT], a) < ACCIDENT * np.float64(traits[TRUE, a]):
        mark(tiles, row, H_GRAVE, a)
    if at(luck[L_INSPECT], a) < dials[D_INSPECTED]:
        if faked:
            mark(tiles, row, H_FAKED, a)
            mark(tiles, row, H_FINED, a)
            pay(money, accounts, a, whole(FAKE_FINE * float(turnover)), OUTSIDE)
            states[WATCHED, a] = WATCH
            sums[S_FOUND] += 1.0
        elif not over:
            mark(tiles, row, H_INSPECTED, a)


@compiled()
def clear(
    a: int, luck: Any, turnover: int, money: Any, dials: Any, accounts: Any, tiles: Any, row: Any,
    sums: Any,
) -> None:  # fmt: skip
    """Take goods across the border; the careless are fined more often."""
    if at(luck[L_ABROAD], a) >= dials[D_ABROAD]:
        return
    mark(tiles, row, H_DECLARED, a)
    sums[S_DECLARED] += 1.0
    if at(luck[L_BORDER], a) < dials[D_FINED] * 3.0 * (1.0 - reliability(luck, a)) / WORST:
        mark(tiles, row, H_BORDER, a)
        pay(money, accounts, a, whole(FINE * float(turnover)), OUTSIDE)
        sums[S_BORDER] += 1.0


@compiled()
def repay(
    a: int, luck: Any, money: Any, states: Any, accounts: Any, tiles: Any, row: Any, sums: Any
) -> None:
    """Pay an instalment, or miss it; pay late what a court has found due."""
    due = money[DUE, a]
    if states[LEFT, a] > 0:
        if money[CASH, a] >= due and at(luck[L_REPAY], a) < reliability(luck, a):
            pay(money, accounts, a, due, LENDER)
            states[LEFT, a] -= 1
            if states[LEFT, a] == 0:
                money[DUE, a] = 0
        else:
            states[MISSES, a] += 1
            if states[MISSES, a] >= PATIENCE:
                money[DUE, a] = due * np.int64(states[LEFT, a])
                states[LEFT, a] = 0
                sums[S_LOST] += 1.0
                mark(tiles, row, H_COURT, a)
    elif due > 0 and money[CASH, a] > 2 * due:
        pay(money, accounts, a, due, LENDER)
        money[DUE, a] = 0
        mark(tiles, row, H_DONE, a)


@compiled()
def borrow(
    a: int, luck: Any, money: Any, states: Any, staff: Any, dials: Any, standing: Any,
    accounts: Any, sums: Any,
) -> None:  # fmt: skip
    """Ask for a loan; the lender guesses from own books, the rating, and what is known of size.

    ``standing``: place of the rating between floor and ceiling, 0 to 1; below 0: barred.
    """
    if states[LEFT, a] > 0 or money[DUE, a] > 0:
        return
    jobs = np.float64(staff[JOBS, a])
    asks = NEEDY if np.float64(money[CASH, a]) < COSTS * jobs else APPLIES
    if at(luck[L_APPLY], a) >= asks:
        return
    size = 1 - is_small(states, a)
    sums[S_ASKED + size] += 1.0
    guess = 1.0 - STRICT * (1.0 - reliability(luck, a))
    guess += BLUR * (2.0 * at(luck[L_GUESS], a) - 1.0)
    weight = dials[D_WEIGHT]
    if weight > 0.0 and standing.shape[0] > 0:
        if standing[a] < 0.0:
            return
        guess = (1.0 - weight) * guess + weight * standing[a]
    if guess < dials[D_MARGIN]:
        return
    if size == 0 and at(luck[L_GAP], a) < dials[D_GAP]:
        return
    amount = whole(LOAN * TURNOVER * jobs)
    accounts[LENDER] -= amount
    money[CASH, a] += amount
    money[DUE, a] = whole(float(amount) * (1.0 + RATE) / float(MONTHS))
    states[LEFT, a], states[MISSES, a] = MONTHS, 0
    sums[S_GRANTED + size] += 1.0


@compiled()
def run(
    luck: Any, before: Any, money: Any, traits: Any, states: Any, staff: Any,
    dials: Any, stake: float, standing: Any, accounts: Any, tiles: Any, row: Any, sums: Any,
) -> None:  # fmt: skip
    """Live one month: rows as in the classes above, one column a firm.

    ``luck`` i64[14], ``before`` f32[n] trade of the month before, ``staff`` i16[2, n] (full size,
    jobs), ``dials`` f64[8], ``standing`` f64[n] or f64[0] without a rating,
    ``accounts`` i64[2] (lender, outside), ``tiles`` u64[k, n], ``row`` i64[31], ``sums`` f64[17].
    ``stake``: what a clean report is worth against one over the limit, part of the rating's range.
    """
    for a in range(money.shape[1]):
        for k in range(tiles.shape[0]):
            tiles[k, a] = tiles[k, a] << np.uint64(1)
        turnover = trade(a, luck, before, money, traits, staff, accounts)
        faked = emit(a, luck, turnover, stake, money, traits, states, dials, accounts, sums)
        watch(a, luck, turnover, faked, money, traits, states, dials, accounts, tiles, row, sums)
        clear(a, luck, turnover, money, dials, accounts, tiles, row, sums)
        repay(a, luck, money, states, accounts, tiles, row, sums)
        borrow(a, luck, money, states, staff, dials, standing, accounts, sums)
        sums[S_JOBS + 1 - is_small(states, a)] += np.float64(staff[JOBS, a])
