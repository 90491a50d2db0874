"""Cities under schemes of their own: who lives where, what is on record there, and who moves.

Each city keeps the record of its own people under its own scheme, in tiles of that scheme, and is
scored by that scheme's scorer alone. Somebody who moves keeps her life (means, loan, habits,
debts). Of her record the new city takes over what its scheme reads, the old city had written down,
and the stated part that it accepts, happening by happening. No city keeps a file on who has left.

A record's column is a *slot*. Which of several kinds of an event a happening becomes depends on
the agent's number modulo :data:`~xinyong.lab.casting.CLASSES`; so an agent always stands in a slot
that agrees with it in that, and some slots are empty (-1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.casting import CLASSES, ByHand
from xinyong.lab.chance import Stream, ats, chooses, fold, key, summed
from xinyong.lab.counts import Counts
from xinyong.lab.happenings import HAPPENINGS, Happening
from xinyong.lab.scoring import Scores
from xinyong.lab.tiles import Tiles
from xinyong.lab.world import World
from xinyong.scheme.model import Scheme

Array = npt.NDArray[Any]
EVERYBODY: Final = np.zeros(0, np.int32)
"""Slots of a society that is one city: everybody's record stands in the own column."""
Kept = Callable[[int, Array], Array]
"""Given a happening and agents: whose record of it the new city takes over, bool[agents]."""


@dataclass(frozen=True, slots=True)
class CitySchemes:
    """What each city of a scenario runs, in the order of its cities; None: no scheme."""

    schemes: tuple[Scheme | ByHand | None, ...]


@dataclass(slots=True, eq=False)
class Home:
    """One city at work: its rules, who lives there, what is on record of them.

    ``whose`` int32[slots]: the agent in each column of ``record``, -1 for none;
    :data:`EVERYBODY` where the society is one city. ``counts`` are this year's; ``found`` are the
    scores that the city's scheme gave last, by slot.
    """

    name: str
    world: World
    record: Tiles | None = None
    whose: Array = field(default_factory=lambda: EVERYBODY)
    counts: Counts = field(default_factory=Counts)
    found: Scores | None = None

    @property
    def alone(self) -> bool:
        """Whether it is the only city."""
        return len(self.whose) == 0

    @property
    def tiles(self) -> Array:
        """This month's words of what happened: uint64[rows, slots]."""
        return np.zeros((0, 0), np.uint64) if self.record is None else self.record.bits

    @property
    def view(self) -> tuple[Any, Any]:
        """Columns in which somebody stands, and who that is, as two indices of arrays."""
        if self.alone:
            return slice(None), slice(None)
        slots = self.slots()
        return slots, self.whose[slots]

    def slots(self) -> Array:
        """Columns in which somebody stands: int64."""
        if not self.alone:
            return np.flatnonzero(self.whose >= 0)
        return np.arange(0 if self.record is None else self.record.agents)

    def people(self, everybody: int) -> Array:
        """Agents of the city in the order of :meth:`slots`: int64."""
        if self.alone:
            return np.arange(everybody)
        found: Array = self.whose[self.whose >= 0].astype(np.int64)
        return found

    def columns(self, everybody: int) -> Array:
        """The slot of each agent, -1 for who lives elsewhere: int64[everybody]."""
        if self.alone:
            return np.arange(everybody)
        made = np.full(everybody, -1, np.int64)
        slots = self.slots()
        made[self.whose[slots]] = slots
        return made

    def recorded(self, happening: Happening, everybody: int) -> Array:
        """Of whom a happening is on record here: bool[everybody]."""
        made = np.zeros(everybody, np.bool_)
        if self.record is not None and self.world.row[happening] >= 0:
            words = self.record.bits[int(self.world.row[happening])]
            made[self.people(everybody)] = words[self.slots()] != 0
        return made


def spots(agents: Array) -> tuple[Array, int]:
    """A slot for each of these agents (in any order), int64, and how many slots that makes.

    The slot agrees with the agent modulo the classes; there is at least one slot of each class.
    """
    lane = agents % CLASSES
    size = np.bincount(lane, minlength=CLASSES)
    order = np.argsort(lane, kind="stable")
    starts = np.repeat(np.cumsum(size) - size, size)
    made = np.empty(len(agents), np.int64)
    made[order] = (np.arange(len(agents)) - starts) * CLASSES + lane[order]
    return made, CLASSES * max(int(size.max()), 1)


def lanes(agents: Array) -> Array:
    """Who stands in which slot, for agents in rising order: int32, -1 where a slot is empty."""
    place, slots = spots(agents)
    made = np.full(slots, -1, np.int32)
    made[place] = agents
    return made


def settled(household: Array, seed: int, shares: Sequence[float]) -> Array:
    """The city of each person when the run begins: uint8[n]; a household lives in one city."""
    luck = ats(fold(key(seed, 0, Stream.CITY), 1), household.astype(np.int64))
    return chooses(luck, summed(shares)).astype(np.uint8)


def homes_of(names: Sequence[str], worlds: Sequence[World], city: Array) -> tuple[Home, ...]:
    """Cities with nothing on record: ``city`` uint8[n] says who lives where."""
    made = []
    for number, (name, world) in enumerate(zip(names, worlds, strict=True)):
        whose = lanes(np.flatnonzero(city == number))
        record = None if world.scorer is None else world.scorer.tiles(len(whose))
        made.append(Home(name, world, record, whose))
    return tuple(made)


# ------------------------------------------------------------------ records that move along


def carry(old: Tiles, new: Tiles, at: Array, to: Array, agents: Array, kept: Kept | None) -> None:
    """Copy what both schemes read of ``agents``: from slots ``at`` of old to slots ``to`` of new.

    ``kept`` None: all of it. What has fallen out of an old scheme's words is carried on only under
    the same scheme, for its number means nothing elsewhere.
    """
    places = {pair: n for n, pair in enumerate(new.reach.deep)}
    same = old.casting is new.casting
    for happening in new.casting.happenings:
        row, into = int(old.casting.rows[happening]), int(new.casting.rows[happening])
        if row < 0:
            continue
        mine = np.ones(len(agents), np.bool_) if kept is None else kept(happening, agents)
        source, target = at[mine], to[mine]
        new.bits[into, target] = old.bits[row, source]
        for n, (of, word) in enumerate(old.reach.deep):
            if of == row and (into, word) in places:
                new.deep[places[into, word], target] = old.deep[n, source]
        if same:
            for n, stream in enumerate(old.reach.counted):
                if stream in old.casting.of_row[row]:
                    new.older[n, target] = old.older[n, source]


def read_by(
    world: World, record: Tiles, slots: Array, agents: Array
) -> tuple[Scores | None, Array]:
    """What another scheme makes of all that is on record of ``agents``, in ``slots`` here.

    Gives its scores and the column of each agent in them; no scores where there is no scheme.
    """
    columns, size = spots(agents)
    if world.scorer is None:
        return None, columns
    read = world.scorer.tiles(size)
    read.month = record.month
    carry(record, read, slots, columns, agents, None)
    return world.scorer.score(read, read.month), columns


def keeper(seed: int, month: int, lost: float) -> Kept:
    """Who keeps which part of a record on moving, if ``lost`` (0 to 1) of it does not move along.

    A happening's whole record moves or does not; the draw of an agent is the same for every city.
    """
    luck = key(seed, month, Stream.MOVE)

    def kept(happening: int, agents: Array) -> Array:
        return ats(fold(luck, 1 + happening), agents) >= lost

    return kept


def forget(record: Tiles, who: Array, kept: Kept) -> None:
    """Take away what does not move along, of agents ``who`` who stand in their own columns."""
    for happening in record.casting.happenings:
        row = int(record.casting.rows[happening])
        gone = who[~kept(happening, who)]
        record.bits[row, gone] = 0
        for n, (of, _) in enumerate(record.reach.deep):
            if of == row:
                record.deep[n, gone] = 0
        for n, stream in enumerate(record.reach.counted):
            if stream in record.casting.of_row[row]:
                record.older[n, gone] = 0


def erase(home: Home, gone: Array) -> None:
    """Empty the record of the agents for whom ``gone`` (bool[n]) is true: a child begins anew."""
    if home.record is None:
        return
    columns = gone if home.alone else (home.whose >= 0) & gone[home.whose]
    for array in (home.record.bits, home.record.deep, home.record.older):
        array[:, columns] = 0


# ------------------------------------------------------------------ moving


@dataclass(frozen=True, slots=True)
class Moving:
    """How people move: by city the chance of leaving in a year, the share of all people that
    newcomers are drawn by, and what part of a newcomer's record is not taken over."""

    leaves: tuple[float, ...]
    shares: tuple[float, ...]
    lost: tuple[float, ...]


def leavers(city: Array, how: Moving, seed: int, month: int) -> tuple[Array, Array]:
    """Who moves, and where to: int64[m] agents and uint8[m] cities, never the own.

    One city alone stands for many alike: who moves goes to another of them, with the same number.
    """
    luck = key(seed, month, Stream.MOVE)
    agents = np.arange(len(city))
    who = np.flatnonzero(ats(luck, agents) < np.array(how.leaves)[city])
    target = city[who].copy()
    if len(how.shares) == 1:
        return who, target
    chance = ats(fold(luck, 1 + HAPPENINGS), who)
    for origin in range(len(how.shares)):
        others = [n for n in range(len(how.shares)) if n != origin]
        mine = city[who] == origin
        drawn = chooses(chance[mine], summed([how.shares[n] for n in others]))
        target[mine] = np.array(others, np.uint8)[drawn]
    return who, target


def resettled(
    homes: Sequence[Home], city: Array, who: Array, how: Moving, seed: int, month: int
) -> tuple[Home, ...]:
    """The cities after ``who`` has moved; ``city`` uint8[n] says where everybody lives now."""
    slot = np.zeros(len(city), np.int64)
    before = np.zeros(len(city), np.uint8)
    for number, home in enumerate(homes):
        people = home.people(len(city))
        slot[people], before[people] = home.slots(), number
    moved = np.zeros(len(city), np.bool_)
    moved[who] = True
    made = []
    for number, old in enumerate(homes):
        whose = lanes(np.flatnonzero(city == number))
        record = None if old.world.scorer is None else old.world.scorer.tiles(len(whose))
        home = Home(old.name, old.world, record, whose, old.counts)
        if record is not None:
            to = np.flatnonzero(whose >= 0)
            agents = whose[to].astype(np.int64)
            for origin, left in enumerate(homes):
                if left.record is None:
                    continue
                record.month = left.record.month
                for movers in (False, True):
                    mine = (before[agents] == origin) & (moved[agents] == movers)
                    kept = keeper(seed, month, how.lost[number]) if movers else None
                    some = agents[mine]
                    carry(left.record, record, slot[some], to[mine], some, kept)
        made.append(home)
    return tuple(made)
