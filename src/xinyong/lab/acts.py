"""What agents are free to do in a month, and what is written down of it.

Behaviour is a random utility model. An agent who knows the own score weighs an act by what the
scheme as written pays for it: the worth, in months of income, of the score after the act less that
of the score without it (:mod:`xinyong.lab.effects`). The log odds of the act rise by
``society.response`` for each hundredth of a month's income. Who does not know does not respond.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from xinyong.lab.chance import at
from xinyong.lab.compiling import compiled
from xinyong.lab.exact import exp, ln, logistic
from xinyong.lab.month_parts import (
    AWARE,
    BOUGHT,
    CHILL,
    COURT,
    COURT_DEFAULT,
    FRIGHTENED,
    GOOD_DEED,
    GRAVE_BREACH,
    GROUP,
    INCOME,
    L_BREACH,
    L_BUY,
    L_DEED,
    L_DISPUTE,
    L_ERROR,
    L_GRAVE,
    L_INFORM,
    L_SPEAK,
    L_WRONG,
    NOT_WRONG,
    P_BIAS,
    P_DISPUTE,
    P_ERROR,
    P_FEAR,
    P_LOYALTY,
    P_PRAISE,
    P_REPORTS,
    P_SPEECH,
    P_SPREAD,
    PRAISED,
    RELIABILITY,
    SMALL_BREACH,
    SPOKE,
    TRAITS,
    WRONG,
)  # fmt: skip

BREACHES, GRAVES, DEEDS, BUYS, SPEAKS = 0.03, 0.05, 0.05, 0.3, 0.1
"""Chances a month where nothing is paid for it; grave ones as a part of small ones (assumed)."""
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
def write(tiles: Any, row: int, slot: int) -> None:
    """Write that a happening happened this month; row -1: the scheme does not read it."""
    if row >= 0:
        tiles[row, slot] |= np.uint64(1)


@compiled()
def choose_acts(
    a: int,
    s: int,
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
            write(tiles, row[SMALL_BREACH], s)
            sums[6] += 1.0
    elif told > 0.0:
        error = BREACHES * told * par[P_ERROR]
        if facts[TRAITS, a] & GROUP:
            error *= par[P_BIAS]
        if at(luck[L_ERROR], a) < error:
            write(tiles, row[SMALL_BREACH], s)
            if row[SMALL_BREACH] >= 0:
                sums[7] += 1.0
    if at(luck[L_GRAVE], a) < GRAVES * base:
        write(tiles, row[GRAVE_BREACH], s)
    gain = pull(worth, floor, now, points[GOOD_DEED])
    if flags[a] & PRAISED:
        gain *= 1.0 + par[P_PRAISE]
    if happens(at(luck[L_DEED], a), DEEDS, gain, strength):
        cost += 0.01 * usual
        write(tiles, row[GOOD_DEED], s)
        sums[8] += 1.0
    gain = pull(worth, floor, now, points[BOUGHT])
    if happens(at(luck[L_BUY], a), BUYS, gain, strength * par[P_LOYALTY]):
        cost += 0.02 * usual
        sums[9] += 1.0
        if seen:
            write(tiles, row[BOUGHT], s)
    if at(luck[L_SPEAK], a) < SPEAKS * (1.0 - np.float64(money[CHILL, a])):
        sums[10] += 1.0
        if par[P_SPEECH] > 0.0 and at(luck[L_INFORM], a) < par[P_SPEECH]:
            write(tiles, row[SPOKE], s)
    held = np.float64(money[CHILL, a])
    if par[P_FEAR] > 0.0 or held > 0.0:
        loss = -pull(worth, floor, now, points[SPOKE]) if row[SPOKE] >= 0 else 0.0
        afraid = 1.0 - exp(-par[P_FEAR] * strength * UNIT * max(loss, 0.0))
        if flags[a] & FRIGHTENED and par[P_FEAR] > 0.0:
            afraid = max(afraid, par[P_SPREAD])
        money[CHILL, a] = held + 0.1 * (afraid - held)
    return cost


@compiled()
def wrong(
    a: int,
    s: int,
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
        write(tiles, row[COURT_DEFAULT], s)
        flags[a] |= WRONG
        sums[11] += 1.0
    elif flags[a] & WRONG and facts[TRAITS, a] & AWARE and at(luck[L_DISPUTE], a) < par[P_DISPUTE]:
        tiles[row[COURT_DEFAULT], s] = np.uint64(0)
        flags[a] &= NOT_WRONG
        sums[12] += 1.0
