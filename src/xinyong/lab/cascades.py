"""How many others are drawn in by one who was touched first, and what they lose.

Two roads lead from one person to another in this society. *Friends*: a scheme that reads a friend's
breach may take a band, a favour or a loan away for it. Who is drawn in so is asked of the scheme
itself: each record is scored with what it says of friends and without, and whoever stands lower
with it (listed, a burden more, a favour less, a lower band) has been drawn in by the friend whose
breach it was. *Guarantors*: who stood for a loan that was given up (:mod:`.guarantees`).

A cascade begins at everybody who was touched by a deed of her own: a breach of her own on record
where schemes read friends, a loan given up where guarantors stand. ``cascade`` is the mean number
of others below such a one, ``cascade_loss`` what they lose a month, in median monthly incomes, for
each such one; burdens count with all that piles up on them (``stacking.multiplier``).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab import month_parts
from xinyong.lab.cells import Money
from xinyong.lab.cities import Home, carry, spots
from xinyong.lab.course import ROOT, UNTOUCHED, cascade_size
from xinyong.lab.happenings import Happening
from xinyong.lab.scoring import Scores
from xinyong.lab.state import Society

Array = npt.NDArray[Any]
BREACHES: Final = (
    month_parts.SMALL_BREACH, month_parts.GRAVE_BREACH, month_parts.LOAN_MISSED,
    month_parts.BILL_MISSED,
)  # fmt: skip
"""What of a friend may be counted with oneself, as far as the scheme records it."""


def broke(home: Home, ago: int | None = None) -> Array:
    """Who has a breach of her own on record, so many months ago or (None) at all: bool[slots]."""
    slots, _ = home.view
    found = np.zeros(home.tiles.shape[1], np.bool_)[slots]
    for happening in BREACHES:
        row = int(home.world.row[happening])
        if row >= 0:
            words = home.tiles[row, slots]
            found |= words != 0 if ago is None else (words >> np.uint64(ago)) & np.uint64(1) != 0
    return found


def cascades(society: Society) -> tuple[float, float] | None:
    """Mean number of others drawn in by one, and their loss; None where no road leads to others."""
    linked = society.friends is not None and any(_reads_friends(home) for home in society.homes)
    if not linked and not society.stands:
        return None
    counts = society.counts
    cause = np.full(society.people, UNTOUCHED, np.int64)
    loss = counts.losses / 12.0
    cause[sorted(counts.roots)] = ROOT
    for agent, through in counts.causes:
        if cause[agent] == UNTOUCHED and cause[through] == ROOT:
            cause[agent] = through
    if linked:
        own = np.zeros(society.people, np.bool_)
        for home in society.homes:
            if home.record is not None:
                own[home.view[1]] = broke(home)
        cause[own] = ROOT
        for home in society.homes:
            if _reads_friends(home):
                loss += _through_friends(society, home, own, cause)
    roots = int((cause == ROOT).sum())
    return (cascade_size(cause), loss / roots) if roots else None


def _reads_friends(home: Home) -> bool:
    return home.record is not None and home.world.row[month_parts.FRIEND_BREACH] >= 0


def _through_friends(society: Society, home: Home, own: Array, cause: Array) -> float:
    """Write who was drawn in by which friend into ``cause``; gives what they lose a month."""
    slots, people = home.slots(), home.people(society.people)
    row = int(home.world.row[month_parts.FRIEND_BREACH])
    told = (home.tiles[row, slots] != 0) & ~own[people]
    slots, people = slots[told], people[told]
    if not len(people):
        return 0.0
    lower, lost = _lower(home, slots, people)
    network, total = society.friends, 0.0
    assert network is not None
    for place in np.flatnonzero(lower).tolist():
        agent = int(people[place])
        near = network.indices[network.indptr[agent] : network.indptr[agent + 1]]
        guilty = near[own[near]]
        if len(guilty) and cause[agent] == UNTOUCHED:
            cause[agent] = int(guilty[0])
            total += float(lost[place]) * float(society.money[Money.INCOME, agent])
    return total


def _lower(home: Home, slots: Array, people: Array) -> tuple[Array, Array]:
    """Who stands lower for what is on record of friends, and what that takes of a month's income.

    Both are the scheme's own answers about the same record with and without it: bool and float64.
    """
    scorer, effects, record = home.world.scorer, home.world.effects, home.record
    assert scorer is not None and effects is not None and record is not None
    columns, size = spots(people)
    found: list[Scores] = []
    for without in (False, True):
        read = scorer.tiles(size)
        read.month = record.month
        carry(record, read, slots, columns, people, None)
        if without:
            _without(read, int(scorer.casting.rows[Happening.FRIEND_BREACH]))
        found.append(scorer.score(read, read.month))
    there, gone = found
    listed = [(each.lists[:, columns] == 2).any(axis=0) for each in found]
    sign = np.sign(effects.worth)[:, None]
    worse = (there.consequences[:, columns].astype(float) - gone.consequences[:, columns]) * sign
    lower = (there.band[columns] < gone.band[columns]) | (listed[0] & ~listed[1])
    lower |= (worse < 0).any(axis=0)
    worth = [effects.worth @ each.consequences[:, columns] for each in found]
    return lower, np.maximum(worth[1] - worth[0], 0.0)


def _without(read: Any, row: int) -> None:
    read.bits[row] = 0
    for place, (of, _) in enumerate(read.reach.deep):
        if of == row:
            read.deep[place] = 0
    for place, stream in enumerate(read.reach.counted):
        if stream in read.casting.of_row[row]:
            read.older[place] = 0
