"""What is told of cities: who moved where, what moving did, how far rules lie apart.

Groups are ``city.NAME``, and ``from.NAME.to.NAME`` for what happens between two cities. The place
of a score is told between the floor (0) and the ceiling (1) of its own scheme, the place of a band
between the lowest (0) and the highest (1), since points of two schemes cannot be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.cells import Flag
from xinyong.lab.cities import Home, read_by
from xinyong.lab.counts import Moves
from xinyong.lab.follow import REST
from xinyong.lab.scoring import Scores
from xinyong.lab.world import World

Array = npt.NDArray[Any]
Tell = Callable[[str, float, str], None]
RULES: Final = ("rules_gap", "rules_credit")
SAMPLE: Final = 4096
"""People of a city whose record is read by the rules of another, at most."""


def marks(world: World, found: Scores | None, slots: Array) -> Array:
    """The marks that a scheme's scores put on people in these slots: uint16[slots]."""
    made = np.zeros(len(slots), np.uint16)
    effects = world.effects
    if found is None or effects is None:
        return made
    for number, flag in enumerate(effects.flags):
        made[found.consequences[number, slots]] |= flag
    if len(found.lists):
        listed = (found.lists[:, slots] == 2).any(axis=0)
        made[listed] |= np.uint16(int(Flag.LISTED) | int(Flag.EVER))
    return made


def band_place(world: World, found: Scores | None, slots: Array) -> Array:
    """Place of the band of people in these slots, 0 the lowest to 1; nan without a scheme."""
    scorer = world.scorer
    if found is None or scorer is None:
        return np.full(len(slots), np.nan)
    place: Array = found.band[slots] / max(len(scorer.bands) - 1, 1)
    return place


def tell_moves(tell: Tell, homes: Sequence[Home], moves: Moves, people: int) -> None:
    """Who moved where, and what it did to place, band and access to loans."""
    tell("moved", len(moves.who) / people, "all")
    _changes(tell, moves, np.ones(len(moves.who), np.bool_), "all")
    if len(homes) == 1:
        return
    for number, home in enumerate(homes):
        tell("city_people", len(home.people(people)) / people, f"city.{home.name}")
        for other, there in enumerate(homes):
            if number != other:
                mine = (moves.origin == number) & (moves.target == other)
                where = f"from.{home.name}.to.{there.name}"
                tell("moved", float(mine.sum()) / people, where)
                _changes(tell, moves, mine, where)


def _changes(tell: Tell, moves: Moves, mine: Array, where: str) -> None:
    """Means over those for whom there is a before and an after; nan where there is nobody."""
    for name, values in (
        ("moving_standing", moves.standing[1] - moves.standing[0]),
        ("moving_band", moves.band[1] - moves.band[0]),
        ("moving_credit", moves.access[1] - moves.access[0]),
    ):
        known = values[mine]
        known = known[np.isfinite(known)]
        tell(name, float(known.mean()) if len(known) else math.nan, where)


def tell_rules(tell: Tell, homes: Sequence[Home], facts: Array, flags: Array, luck: int) -> None:
    """How far the same record stands elsewhere from where it stands at home.

    The record of up to :data:`SAMPLE` people of each city is read, whole, by the scheme of each
    other city. ``all`` weighs each two cities by their people. Bought points are left out. ``luck``
    is the key of :func:`.lending.lender`.
    """
    if len(homes) < 2:
        return
    total, weights = np.zeros(2), np.zeros(2)
    for home in homes:
        if home.record is None:
            continue
        gaps = _gaps(home, homes, facts, flags, luck)
        for there in homes:
            if there is home:
                continue
            weight = float(len(home.slots()) * len(there.slots()))
            for place, name in enumerate(RULES):
                gap = gaps[there.name][place]
                tell(name, gap, f"from.{home.name}.to.{there.name}")
                if math.isfinite(gap):
                    total[place] += weight * gap
                    weights[place] += weight
    for place, name in enumerate(RULES):
        tell(name, total[place] / weights[place] if weights[place] else math.nan, "all")


def _gaps(
    home: Home, homes: Sequence[Home], facts: Array, flags: Array, luck: int
) -> dict[str, tuple[float, float]]:
    """By city: mean distance of the band's place, share whose loan is decided otherwise there."""
    assert home.record is not None
    slots = home.slots()
    slots = slots[:: max(1, -(-len(slots) // SAMPLE))]
    who = home.whose[slots].astype(np.int64)
    if not len(who):
        return {there.name: (math.nan, math.nan) for there in homes}
    told = {}
    for there in homes:
        found, columns = read_by(there.world, home.record, slots, who)
        points = np.zeros(len(who), np.int32) if found is None else found.score[columns]
        seen = (flags[who] & REST) | marks(there.world, found, columns)
        granted = there.world.access(luck, who, facts[:, who], seen, points)
        told[there.name] = (band_place(there.world, found, columns), granted)
    band, granted = told[home.name]
    return {
        name: (float(np.abs(place - band).mean()), float((loan != granted).mean()))
        for name, (place, loan) in told.items()
    }
