"""The evening on which people move: what a new city takes over, and where they stand there at once.

Before and after are told for the same evening and the same life, so that a change is the doing of
the move alone: of the other scheme, and of what was not taken over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.lab.cells import LEFT, Fact, Flag, boosted
from xinyong.lab.cities import Home, Moving, forget, keeper, leavers, read_by, resettled
from xinyong.lab.city_figures import band_place, marks
from xinyong.lab.counts import Moves
from xinyong.lab.follow import REST
from xinyong.lab.happenings import Happening
from xinyong.lab.lending import lender
from xinyong.lab.scoring import Scores
from xinyong.lab.world import World

Array = npt.NDArray[Any]
NOT_WRONG = np.uint16(0xFFFF ^ int(Flag.WRONG))


def relocate(
    homes: Sequence[Home],
    city: Array,
    facts: Array,
    flags: Array,
    score: Array,
    how: Moving,
    seed: int,
    month: int,
) -> tuple[tuple[Home, ...], Moves]:
    """Let people move. ``city`` u8[n], ``facts``, ``flags`` and ``score`` are changed in place.

    Who comes under another scheme leaves its burdens, favours and bought points behind. Gives the
    cities as they are now, and who moved with what it did to them.
    """
    homes = tuple(homes)
    who, target = leavers(city, how, seed, month)
    if not len(who):
        return homes, Moves()
    origin, luck = city[who].copy(), lender(seed, month)
    moves = Moves(who, origin, target, *(np.full((2, len(who)), np.nan) for _ in range(3)))
    for number, home in enumerate(homes):
        mine = np.flatnonzero(origin == number)
        columns = home.columns(len(city))[who[mine]]
        _stand(moves, 0, mine, home.world, home.found, columns, facts, flags, luck)
    if len(homes) == 1:
        if homes[0].record is not None:
            forget(homes[0].record, who, keeper(seed, month, how.lost[0]))
        now: tuple[Home, ...] = homes
    else:
        city[who] = target
        now = resettled(homes, city, who, how, seed, month)
    for number, home in enumerate(now):
        mine = np.flatnonzero(target == number)
        strangers = np.array([w is not home.world for w in (homes[n].world for n in origin[mine])])
        _arrive(home, moves, mine, strangers, facts, flags, score, luck)
    return now, moves


def _stand(
    moves: Moves, when: int, mine: Array, world: World, found: Scores | None, columns: Array,
    facts: Array, flags: Array, luck: int,
) -> None:  # fmt: skip
    """Write where movers stand, by scores ``found`` in ``columns``; bought points are left out."""
    who = moves.who[mine]
    points = np.zeros(len(who), np.int32) if found is None else found.score[columns]
    moves.standing[when, mine] = world.standing(points)
    moves.band[when, mine] = band_place(world, found, columns)
    seen = (flags[who] & REST) | marks(world, found, columns)
    moves.access[when, mine] = world.access(luck, who, facts[:, who], seen, points)


def _arrive(
    home: Home, moves: Moves, mine: Array, strangers: Array, facts: Array, flags: Array,
    score: Array, luck: int,
) -> None:  # fmt: skip
    """Score newcomers by their new city's scheme at once; ``strangers`` lived under another."""
    who, everybody = moves.who[mine], len(score)
    if not len(who):
        return
    recorded = home.recorded(Happening.COURT_DEFAULT, everybody)[who]
    flags[who[~recorded]] &= NOT_WRONG
    found, columns = None, np.zeros(len(who), np.int64)
    if home.record is not None:
        slots = home.columns(everybody)[who]
        found, columns = read_by(home.world, home.record, slots, who)
    _stand(moves, 1, mine, home.world, found, columns, facts, flags, luck)
    new = who[strangers]
    facts[Fact.LISTED, new] = facts[Fact.LINGER, new] = 0
    facts[Fact.TERMS, new] &= LEFT
    flags[new] = (flags[new] & REST) | marks(home.world, found, columns[strangers])
    points = np.zeros(len(who), np.int32) if found is None else found.score[columns].copy()
    points[boosted(facts)[who]] += home.world.boost
    score[who] = np.minimum(points, home.world.ceiling)
