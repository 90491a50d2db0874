"""Who stands for somebody else's loan, and what comes of it when that loan is given up.

In the month in which a lender gives up a loan that somebody of the household stood for, the whole
rest is asked of the others, one after the other. The first who has it pays it, and the debtor is
free. If nobody has it, all who have no loan or debt of their own take an equal part of the debt
over with the debtor, and each may be taken to court for it: a case on record, and a listing where
the scheme lists for that.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.cells import LEFT, Fact, Flag, Money, borrowing
from xinyong.lab.chance import Stream, at, key
from xinyong.lab.cities import Home
from xinyong.lab.dues import SUED
from xinyong.lab.happenings import Happening
from xinyong.lab.households import others
from xinyong.lab.state import Society

Array = npt.NDArray[Any]
NOT_COURT: Final = np.uint16(0xFFFF ^ int(Flag.COURT))


def running(society: Society) -> Array:
    """Who has a running loan: bool[n]; to be asked before a month."""
    return borrowing(society.facts)


def called(society: Society, had: Array, share: float) -> None:
    """Ask those who stand for the loans that were given up this month (``had``: who had one)."""
    money, facts = society.money, society.facts
    lost = np.flatnonzero(had & ~borrowing(facts) & (money[Money.DUE] > 0.0))
    firsts = society.households if len(lost) else np.zeros(0, np.int64)
    society.counts.roots.update(lost.tolist())
    stood = key(society.seed, society.month, Stream.GUARANTOR)
    for debtor in lost.tolist():
        if at(stood, debtor) >= share:
            continue
        near = others(firsts, society.people, debtor)
        debt = float(money[Money.DUE, debtor])
        payer = next((a for a in near if float(money[Money.WEALTH, a]) >= debt), None)
        if payer is not None:
            money[Money.WEALTH, payer] = float(money[Money.WEALTH, payer]) - debt
            _settled(society, debtor, debt)
            _drawn(society, payer, debtor, debt)
            continue
        free = [a for a in near if facts[Fact.TERMS, a] & LEFT == 0 and money[Money.DUE, a] == 0.0]
        part = debt / (len(free) + 1)
        money[Money.DUE, [debtor, *free]] = part
        for agent in free:
            _sued(society, agent)
            _drawn(society, agent, debtor, part)


def _drawn(society: Society, agent: int, through: int, loss: float) -> None:
    society.counts.causes.append((agent, through))
    society.counts.losses += loss


def _home(society: Society, agent: int) -> tuple[Home, int]:
    """The city of an agent, and the column of her record."""
    for home in () if society.homes[0].alone else society.homes:
        slots = np.flatnonzero(home.whose == agent)
        if len(slots):
            return home, int(slots[0])
    return society.homes[0], agent


def _write(society: Society, agent: int, happening: Happening) -> None:
    home, slot = _home(society, agent)
    row = int(home.world.row[happening])
    if row >= 0 and home.record is not None:
        home.record.bits[row, slot] |= np.uint64(1)


def _settled(society: Society, debtor: int, paid: float) -> None:
    """The debt is paid to the lender; a court case about it is closed."""
    society.money[Money.DUE, debtor] = 0.0
    home, _ = _home(society, debtor)
    home.counts.live[2] += paid
    if society.flags[debtor] & np.uint16(int(Flag.COURT)):
        society.flags[debtor] &= NOT_COURT
        _write(society, debtor, Happening.COURT_DONE)


def _sued(society: Society, agent: int) -> None:
    if at(key(society.seed, society.month, Stream.SUED), agent) >= SUED:
        return
    _write(society, agent, Happening.COURT_DEFAULT)
    society.flags[agent] |= np.uint16(int(Flag.COURT))
    society.flags[agent] &= np.uint16(0xFFFF ^ int(Flag.WRONG))
    _home(society, agent)[0].counts.live[5] += 1.0
