"""One month of every agent: income, dues, choices, and what is recorded of them.

Compiled where numba is there; the very same lines run as plain Python where it is not, and a test
holds the two against each other. Every chance is a function of seed, month, decision and agent, so
order and number of agents change nothing.

Behaviour is a random utility model. An agent who knows the own score weighs an act by what the
scheme as written pays for it: the worth, in months of income, of the score after the act less that
of the score without it (:mod:`xinyong.lab.effects`). The log odds of the act rise by
``society.response`` for each hundredth of a month's income. Who does not know does not respond.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.cells import PAR, Fact, Flag, Money
from xinyong.lab.chance import Stream, at, key
from xinyong.lab.compiling import compiled
from xinyong.lab.exact import exp, ln, logistic

INCOME, SHOCK, WEALTH = int(Money.INCOME), int(Money.SHOCK), int(Money.WEALTH)
RELIABILITY, CHILL, DUE = int(Money.RELIABILITY), int(Money.CHILL), int(Money.DUE)
GROUP, JOB, PRESENCE, AWARE = int(Fact.GROUP), int(Fact.JOB), int(Fact.PRESENCE), int(Fact.AWARE)
MISSES, LEFT, BOOST = int(Fact.MISSES), int(Fact.LEFT), int(Fact.BOOST)
NO_TRAVEL, NO_JOB, PRAISED = int(Flag.NO_TRAVEL), int(Flag.NO_JOB), int(Flag.PRAISED)
EXPOSED, MISTAKEN, LEAKED = int(Flag.EXPOSED), int(Flag.MISTAKEN), int(Flag.LEAKED)
WRONG, PAYDAY, COURT = int(Flag.WRONG), int(Flag.PAYDAY), int(Flag.COURT)
_ALL = 0xFFFF
NOT_PAYDAY, NOT_WRONG = _ALL ^ PAYDAY, _ALL ^ WRONG
NOT_COURT, NOT_LEAKED = _ALL ^ COURT, _ALL ^ LEAKED

HAPPENINGS: Final = (
    "BILL_PAID BILL_MISSED LOAN_TAKEN LOAN_PAID LOAN_MISSED LOAN_REPAID SMALL_BREACH"
    " GRAVE_BREACH COURT_DEFAULT COURT_DONE GOOD_DEED BOUGHT SPOKE FRIEND_BREACH PROFILE COVERED"
)
"""What can happen to a person in a month, in the order of the vectors here."""
(
    BILL_PAID, BILL_MISSED, LOAN_TAKEN, LOAN_PAID, LOAN_MISSED, LOAN_REPAID, SMALL_BREACH,
    GRAVE_BREACH, COURT_DEFAULT, COURT_DONE, GOOD_DEED, BOUGHT, SPOKE, FRIEND_BREACH, PROFILE,
    COVERED,
) = range(16)  # fmt: skip

_STREAMS: Final = (
    Stream.SHOCK, Stream.JOB, Stream.PAY, Stream.REPAY, Stream.COURT, Stream.BREACH, Stream.GRAVE,
    Stream.GOOD_DEED, Stream.BUY, Stream.SPEAK, Stream.INFORMANT, Stream.ERROR,
    Stream.WRONG_LISTING, Stream.DISPUTE, Stream.HACK, Stream.COVERAGE, Stream.LEARN, Stream.LEAK,
    Stream.PERSIST,
)  # fmt: skip
(
    L_SHOCK, L_JOB, L_PAY, L_REPAY, L_COURT, L_BREACH, L_GRAVE, L_DEED, L_BUY, L_SPEAK, L_INFORM,
    L_ERROR, L_WRONG, L_DISPUTE, L_HACK, L_COVER, L_LEARN, L_LEAK, L_SHOCK2,
) = range(19)  # fmt: skip

P_RESPONSE, P_SHOCK = PAR["society.response"], PAR["society.shock"]
P_PERSIST, P_TRAVEL = PAR["society.persistence"], PAR["travel_ban.cost"]
P_JOB, P_PRAISE, P_HARM = PAR["job_gate.gated"], PAR["praise.pull"], PAR["shaming.harm"]
P_REPORTS, P_ERROR = PAR["informants.reports"], PAR["informants.error"]
P_BIAS, P_SPEECH = PAR["informants.bias"], PAR["speech_penalty.recorded"]
P_FEAR, P_SPREAD = PAR["chilling.fear"], PAR["chilling.spread"]
P_LEARN, P_LOYALTY = PAR["unawareness.learning"], PAR["loyalty.shift"]
P_BUYERS, P_PRICE = PAR["hacking.buyers"], PAR["hacking.price"]
P_WRONG, P_DISPUTE = PAR["wrong_listing.rate"], PAR["wrong_listing.dispute"]
P_LEAK, P_LOSS = PAR["leaks.chance"], PAR["leaks.loss"]

RENT: Final = 0.25
"""Bills a month, as a part of usual income (assumed)."""
LIVING: Final = 0.6
"""What living costs a month, as a part of usual income (assumed)."""
UNEMPLOYED: Final = 0.4
"""Income without a job, as a part of usual income (assumed)."""
LOSE_JOB, FIND_JOB = 0.01, 0.15
"""Chances a month (assumed)."""
BREACHES, GRAVES, DEEDS, BUYS, SPEAKS = 0.03, 0.05, 0.05, 0.3, 0.1
"""Chances a month where nothing is paid for it; grave ones as a part of small ones (assumed)."""
THIN: Final = 0.25
"""Part of a thin file's payments that anybody sees (assumed)."""
YEARLY: Final = 1.0 / 12.0
"""Chance a month that a trait is written down anew, of who is seen."""
SUED: Final = 0.5
"""Part of loans given up that go to court (assumed)."""
HACKED: Final = 12
"""Months for which a bought score lasts (assumed)."""
UNIT: Final = 100.0
"""The response is per hundredth of a month's income."""


@compiled()
def pull(worth: Any, floor: int, score: int, points: int) -> float:
    """What an act that brings ``points`` is worth a month to somebody with that score."""
    if points == 0:
        return 0.0
    last = worth.shape[0] - 1
    now = min(max(score - floor, 0), last)
    then = min(max(score + points - floor, 0), last)
    gain: float = worth[then] - worth[now]
    return gain


@compiled()
def happens(chance: float, base: float, gain: float, strength: float) -> bool:
    """Whether an act is done: its probability is ``base`` where nothing is paid for it.

    The log odds rise by ``strength`` for each hundredth of a month's income that it is worth. Most
    answers are plain without working them out: the odds of a gain lie above ``base``, and below
    ``base`` times e to the rise.
    """
    rise = strength * UNIT * gain
    if rise == 0.0 or base <= 0.0 or base >= 1.0:
        return chance < base
    if rise > 0.0:
        if chance < base:
            return True
        if rise <= 1.0 and chance >= 2.72 * base:
            return False
    else:
        if chance >= base:
            return False
        if rise >= -1.0 and chance < 0.367 * base:
            return True
    return chance < logistic(ln(base / (1.0 - base)) + rise)


@compiled()
def write(tiles: Any, row: int, agent: int) -> None:
    """Write that a happening happened this month; row -1: the scheme does not read it."""
    if row >= 0:
        tiles[row, agent] |= np.uint64(1)


@compiled()
def earn(a: int, luck: Any, money: Any, facts: Any, flags: Any, par: Any, sums: Any) -> float:
    """This month's income: a persistent shock, a job or none, a travel ban."""
    noise = at(luck[L_SHOCK], a) + at(luck[L_SHOCK2], a) - 1.0
    moved = par[P_SHOCK] * 2.449489742783178 * noise
    money[SHOCK, a] = par[P_PERSIST] * np.float64(money[SHOCK, a]) + moved
    chance = at(luck[L_JOB], a)
    if facts[JOB, a] == 1:
        if chance < LOSE_JOB:
            facts[JOB, a] = 0
    else:
        find = FIND_JOB
        if flags[a] & NO_JOB:
            find *= 1.0 - par[P_JOB]
        if chance < FIND_JOB:
            sums[14] += 1.0
        if chance < find:
            facts[JOB, a] = 1
        elif chance < FIND_JOB:
            sums[13] += 1.0
    income: float = np.float64(money[INCOME, a]) * exp(np.float64(money[SHOCK, a]))
    if facts[JOB, a] == 0:
        income *= UNEMPLOYED
    if flags[a] & NO_TRAVEL:
        income *= 1.0 - par[P_TRAVEL]
    if flags[a] & (EXPOSED | MISTAKEN):
        income *= 1.0 - par[P_HARM]
    return income


@compiled()
def repay(
    a: int,
    purse: float,
    paying: bool,
    luck: Any,
    money: Any,
    facts: Any,
    flags: Any,
    tiles: Any,
    row: Any,
    sums: Any,
) -> float:
    """Pay the instalment or miss it; the third miss in a row ends the loan. Gives the purse."""
    due = np.float64(money[DUE, a])
    if purse >= due and paying:
        facts[LEFT, a] -= 1
        facts[MISSES, a] = 0
        write(tiles, row[LOAN_PAID], a)
        sums[0] += due
        if facts[LEFT, a] == 0:
            money[DUE, a] = 0.0
            write(tiles, row[LOAN_REPAID], a)
            sums[3] += 1.0
            flags[a] &= NOT_PAYDAY
        rest: float = purse - due
        return rest
    facts[MISSES, a] += 1
    write(tiles, row[LOAN_MISSED], a)
    if facts[MISSES, a] >= 3:
        money[DUE, a] = due * float(facts[LEFT, a])
        sums[4] += 1.0
        facts[LEFT, a] = 0
        facts[MISSES, a] = 0
        flags[a] &= NOT_PAYDAY
        if at(luck[L_COURT], a) < SUED:
            write(tiles, row[COURT_DEFAULT], a)
            flags[a] |= COURT
            flags[a] &= NOT_WRONG
            sums[5] += 1.0
    return purse


@compiled()
def choose_acts(
    a: int,
    now: int,
    strength: float,
    luck: Any,
    money: Any,
    facts: Any,
    flags: Any,
    tiles: Any,
    row: Any,
    points: Any,
    worth: Any,
    floor: int,
    par: Any,
    sums: Any,
    seen: bool,
) -> float:
    """What one is free to do, and what is written down of it; gives what it costs."""
    cost = 0.0
    usual = np.float64(money[INCOME, a])
    base = BREACHES * (1.5 - np.float64(money[RELIABILITY, a]))
    broke = happens(
        at(luck[L_BREACH], a), base, pull(worth, floor, now, points[SMALL_BREACH]), strength
    )
    told = par[P_REPORTS]
    if broke:
        if told == 0.0 or at(luck[L_INFORM], a) < 0.5 + 0.5 * told:
            write(tiles, row[SMALL_BREACH], a)
            sums[6] += 1.0
    elif told > 0.0:
        error = BREACHES * told * par[P_ERROR]
        if facts[GROUP, a] == 1:
            error *= par[P_BIAS]
        if at(luck[L_ERROR], a) < error:
            write(tiles, row[SMALL_BREACH], a)
            if row[SMALL_BREACH] >= 0:
                sums[7] += 1.0
    if at(luck[L_GRAVE], a) < GRAVES * base:
        write(tiles, row[GRAVE_BREACH], a)
    gain = pull(worth, floor, now, points[GOOD_DEED])
    if flags[a] & PRAISED:
        gain *= 1.0 + par[P_PRAISE]
    if happens(at(luck[L_DEED], a), DEEDS, gain, strength):
        cost += 0.01 * usual
        write(tiles, row[GOOD_DEED], a)
        sums[8] += 1.0
    gain = pull(worth, floor, now, points[BOUGHT])
    if happens(at(luck[L_BUY], a), BUYS, gain, strength * par[P_LOYALTY]):
        cost += 0.02 * usual
        sums[9] += 1.0
        if seen:
            write(tiles, row[BOUGHT], a)
    if at(luck[L_SPEAK], a) < SPEAKS * (1.0 - np.float64(money[CHILL, a])):
        sums[10] += 1.0
        if par[P_SPEECH] > 0.0 and at(luck[L_INFORM], a) < par[P_SPEECH]:
            write(tiles, row[SPOKE], a)
    if par[P_FEAR] > 0.0:
        loss = -pull(worth, floor, now, points[SPOKE]) if row[SPOKE] >= 0 else 0.0
        afraid = 1.0 - exp(-par[P_FEAR] * strength * UNIT * max(loss, 0.0))
        if flags[a] & (EXPOSED | MISTAKEN):
            afraid = max(afraid, par[P_SPREAD])
        held = np.float64(money[CHILL, a])
        money[CHILL, a] = held + 0.1 * (afraid - held)
    return cost


@compiled()
def wrong(
    a: int,
    rate: float,
    luck: Any,
    facts: Any,
    flags: Any,
    tiles: Any,
    row: Any,
    par: Any,
    sums: Any,
) -> None:
    """What is written of somebody who did nothing, and how it is struck out again."""
    if row[COURT_DEFAULT] < 0:
        return
    if not flags[a] & (COURT | WRONG) and at(luck[L_WRONG], a) < rate:
        write(tiles, row[COURT_DEFAULT], a)
        flags[a] |= WRONG
        sums[11] += 1.0
    elif flags[a] & WRONG and facts[AWARE, a] == 1 and at(luck[L_DISPUTE], a) < par[P_DISPUTE]:
        tiles[row[COURT_DEFAULT], a] = np.uint64(0)
        flags[a] &= NOT_WRONG
        sums[12] += 1.0


@compiled()
def live(
    luck: Any,
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
    sums: Any,
) -> None:
    """Live one month.

    ``luck`` i64[19] keys of this month, ``money`` f32[8, n], ``facts`` u8[14, n], ``flags`` u16[n],
    ``score`` i32[n]. ``tiles`` u64[k, n] are shifted by a month and get this month's bits; ``row``
    i64[16] says in which row a happening stands (-1: nothing reads it), ``points`` i64[16] what one
    is worth in points, ``worth`` f64[..] what each score from ``floor`` on is worth a month.
    ``rate``: chance of a wrong listing. ``sums`` f64[16] are added to.
    """
    for a in range(money.shape[1]):
        for k in range(tiles.shape[0]):
            tiles[k, a] = tiles[k, a] << np.uint64(1)
        if facts[AWARE, a] == 0 and par[P_LEARN] > 0.0 and at(luck[L_LEARN], a) < par[P_LEARN]:
            facts[AWARE, a] = 1
        strength = par[P_RESPONSE] if facts[AWARE, a] == 1 else 0.0
        now = score[a]
        usual = np.float64(money[INCOME, a])
        income = earn(a, luck, money, facts, flags, par, sums)
        sums[1] += income
        purse: float = np.float64(money[WEALTH, a]) + income - LIVING * usual
        chance = at(luck[L_COVER], a)
        seen = facts[PRESENCE, a] == 1 or chance < THIN
        if seen:
            write(tiles, row[COVERED], a)
            if chance < YEARLY:
                write(tiles, row[PROFILE], a)
        keeps = np.float64(money[RELIABILITY, a])
        gain = pull(worth, floor, now, points[BILL_PAID] - points[BILL_MISSED])
        bill = RENT * usual
        if purse >= bill and happens(at(luck[L_PAY], a), keeps, gain, strength):
            purse -= bill
            if seen:
                write(tiles, row[BILL_PAID], a)
        elif seen:
            write(tiles, row[BILL_MISSED], a)
        if facts[LEFT, a] > 0:
            gain = pull(worth, floor, now, points[LOAN_PAID] - points[LOAN_MISSED])
            paying = happens(at(luck[L_REPAY], a), keeps, gain, strength)
            purse = repay(a, purse, paying, luck, money, facts, flags, tiles, row, sums)
        elif 0.0 < 2.0 * np.float64(money[DUE, a]) < purse:
            purse -= np.float64(money[DUE, a])
            sums[2] += np.float64(money[DUE, a])
            money[DUE, a] = 0.0
            if flags[a] & COURT:
                write(tiles, row[COURT_DONE], a)
                flags[a] &= NOT_COURT
        purse -= choose_acts(
            a,
            now,
            strength,
            luck,
            money,
            facts,
            flags,
            tiles,
            row,
            points,
            worth,
            floor,
            par,
            sums,
            seen,
        )
        wrong(a, rate, luck, facts, flags, tiles, row, par, sums)
        flags[a] &= NOT_LEAKED
        if par[P_LEAK] > 0.0 and at(luck[L_LEAK], a) < par[P_LEAK]:
            flags[a] |= LEAKED
            sums[15] += 1.0
            purse -= par[P_LOSS] * usual
        if facts[BOOST, a] > 0:
            facts[BOOST, a] -= 1
        elif (
            strength > 0.0
            and purse > par[P_PRICE]
            and at(luck[L_HACK], a) < par[P_BUYERS]
            and pull(worth, floor, now, 50) > 0.0
        ):
            facts[BOOST, a] = HACKED
            purse -= par[P_PRICE]
        money[WEALTH, a] = max(purse, 0.0)


SUMS: Final = (
    "instalments", "income", "recovered", "loans_repaid", "loans_lost", "court_cases", "breaches",
    "false_reports", "good_deeds", "bought", "spoken", "wrong_listings", "corrections",
)  # fmt: skip
"""What :func:`live` counts in a month, in the order of ``sums``."""


def keys(seed: int, month: int) -> npt.NDArray[np.int64]:
    """The keys of a month's decisions, as :func:`live` takes them."""
    return np.array([key(seed, month, int(stream)) for stream in _STREAMS], np.int64)


def places(rows: dict[str, int]) -> npt.NDArray[np.int64]:
    """A vector by happening from a mapping by name; -1 where a name is missing."""
    return np.array([rows.get(word, -1) for word in HAPPENINGS.split()], np.int64)
