"""What follows from a month's scores: flags, welfare, exposure.

Compiled like :mod:`xinyong.lab.month`, and chance is a function here as well. The credit market
stands in :mod:`.lending`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.cells import PAR, Fact, Flag, Money
from xinyong.lab.chance import Stream, at, key
from xinyong.lab.compiling import compiled

INCOME, WELFARE = int(Money.INCOME), int(Money.WELFARE)
RELIABILITY = int(Money.RELIABILITY)
LISTED, LINGER = int(Fact.LISTED), int(Fact.LINGER)
NO_CREDIT, NO_TRAVEL, NO_JOB = int(Flag.NO_CREDIT), int(Flag.NO_TRAVEL), int(Flag.NO_JOB)
NO_SCHOOL, EXPOSED, ON_LIST = int(Flag.NO_SCHOOL), int(Flag.EXPOSED), int(Flag.LISTED)
GRANTED, MISTAKEN = int(Flag.GRANTED), int(Flag.MISTAKEN)
PERK, PRAISED, EVER = int(Flag.PERK), int(Flag.PRAISED), int(Flag.EVER)
BURDENS = NO_CREDIT | NO_TRAVEL | NO_JOB | NO_SCHOOL
OWN = BURDENS | GRANTED | PERK | PRAISED | ON_LIST | EXPOSED | MISTAKEN
REST = 0xFFFF ^ OWN
NOT_TRAVEL = 0xFFFF ^ NO_TRAVEL

P_LOOPHOLE, P_EXPOSED = PAR["travel_ban.loophole"], PAR["shaming.exposed"]
P_BORNE, P_BUDGET = PAR["perk_costs.borne"], PAR["perk_costs.budget"]
P_DEPOSIT = PAR["perk_costs.deposit"]
P_MISTAKEN, P_DELAY = PAR["shaming.misidentified"], PAR["wrong_listing.delay"]

_STREAMS: Final = (Stream.TRAVEL, Stream.SHAME, Stream.MISTAKEN, Stream.PICK, Stream.DEPOSIT)
L_TRAVEL, L_SHAME, L_MISTAKEN, L_PICK, L_DEPOSIT = range(5)

USES: Final = 0.1
"""How often a month somebody takes what a deposit was waived for (assumed)."""


@compiled()
def picked(chance: float, whose: Any, people: int) -> int:
    """Somebody of those in ``whose`` (i32[0]: of all ``people``); one of a city that has one."""
    if whose.shape[0] == 0:
        return int(chance * people)
    s = int(chance * whose.shape[0])
    while whose[s] < 0:
        s = (s + 1) % whose.shape[0]
    return int(whose[s])


@compiled()
def levy(
    whose: Any, money: Any, consequences: Any, cost: Any, favours: float, deposits: float,
    incomes: float, par: Any, sums: Any,
) -> None:  # fmt: skip
    """Let the people of a city bear what its favours cost, and the deposits that were lost.

    Each bears it by usual income; what they bear is what others got, so that with all of it borne
    nothing is made or lost. Favours that would cost more than the budget shrink to it.
    """
    if incomes <= 0.0 or favours + deposits <= 0.0:
        return
    left = min(1.0, par[P_BUDGET] * incomes / favours) if favours > 0.0 else 1.0
    rate = par[P_BORNE] * (left * favours + deposits) / incomes
    everybody = whose.shape[0] == 0
    for s in range(money.shape[1] if everybody else whose.shape[0]):
        a = s if everybody else int(whose[s])
        if a < 0:
            continue
        taken = rate
        if left < 1.0:
            for c in range(consequences.shape[0]):
                if consequences[c, s]:
                    taken += (1.0 - left) * cost[c]
        changed = np.float64(money[WELFARE, a]) - taken * np.float64(money[INCOME, a])
        money[WELFARE, a] = changed
    sums[4] += left * favours
    sums[5] += deposits
    sums[6] += incomes


@compiled()
def follow(
    luck: Any,
    whose: Any,
    money: Any,
    facts: Any,
    flags: Any,
    consequences: Any,
    listed: Any,
    effect: Any,
    worth: Any,
    cost: Any,
    deposit: Any,
    public: bool,
    par: Any,
    sums: Any,
) -> None:
    """Let a month's consequences fall on who is in ``whose`` (see :func:`.month.live`).

    ``consequences`` bool[c, slots] follow, ``listed`` bool[slots] are on a list; ``effect`` u16[c],
    ``worth``, ``cost`` f64[c] and ``deposit`` bool[c] as in :class:`~xinyong.lab.effects.Effects`.
    ``sums`` f64[7]: exposures, exposures of the wrong person, spells that ended, their months, what
    favours cost, what is lost on deposits, usual incomes.
    """
    n = flags.shape[0]
    favours, deposits, incomes = 0.0, 0.0, 0.0
    slots = n if whose.shape[0] == 0 else whose.shape[0]
    for s in range(slots):
        a = s if whose.shape[0] == 0 else int(whose[s])
        if a < 0:
            continue
        before = flags[a]
        now = before & REST
        value, price, waived = 0.0, 0.0, False
        for c in range(consequences.shape[0]):
            if consequences[c, s]:
                now |= effect[c]
                value += worth[c]
                price += cost[c]
                waived = waived or deposit[c]
        if listed[s]:
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
        usual = np.float64(money[INCOME, a])
        money[WELFARE, a] = value * usual
        favours += price * usual
        incomes += usual
        if waived and par[P_BORNE] > 0.0:
            abuses = USES * (1.0 - np.float64(money[RELIABILITY, a]))
            if at(luck[L_DEPOSIT], a) < abuses:
                money[WELFARE, a] = value * usual + par[P_DEPOSIT] * usual
                deposits += par[P_DEPOSIT] * usual
    if par[P_BORNE] > 0.0:
        levy(whose, money, consequences, cost, favours, deposits, incomes, par, sums)
    if public and par[P_EXPOSED] > 0.0:
        for s in range(slots):
            a = s if whose.shape[0] == 0 else int(whose[s])
            if a >= 0 and flags[a] & ON_LIST and at(luck[L_SHAME], a) < par[P_EXPOSED]:
                sums[0] += 1.0
                if at(luck[L_MISTAKEN], a) < par[P_MISTAKEN]:
                    sums[1] += 1.0
                    flags[picked(at(luck[L_PICK], a), whose, n)] |= MISTAKEN
                else:
                    flags[a] |= EXPOSED


def keys(seed: int, month: int) -> npt.NDArray[np.int64]:
    """The keys of a month's chances here."""
    return np.array([key(seed, month, int(stream)) for stream in _STREAMS], np.int64)
