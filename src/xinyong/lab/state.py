"""The state of a society: arrays of its people, its cities, and how its people are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.lab import years
from xinyong.lab.cells import Fact, Money, Trait, having, origin
from xinyong.lab.cities import Home, Moving, settled
from xinyong.lab.counts import Counts
from xinyong.lab.households import first
from xinyong.lab.jobs import kinds
from xinyong.lab.networks import Network
from xinyong.lab.population import acquaintances, draw_people
from xinyong.lab.tiles import Tiles
from xinyong.lab.world import World

Array = npt.NDArray[Any]


@dataclass(slots=True)
class Society:
    """Structure of arrays, one column an agent: see :mod:`xinyong.lab.cells` for the rows.

    ``score`` is what others see: the engine's, and what was bought on top; int16 where the schemes'
    ranges allow it, else int32. ``settled`` uint8[n] says who lives where before there are
    ``homes``, of no entries where the society is one city. ``homes`` are the cities at work;
    the first step makes the one of a society without cities, out of ``record``. ``encounters``:
    whether a month is one encounter of everybody and nothing else. ``stands``:
    whether somebody of the household may stand for a loan; ``shared``: the part of a month's income
    that it puts together. ``risk`` float32[jobs]: the danger of each job at a firm (:mod:`.jobs`).
    """

    money: Array
    facts: Array
    flags: Array
    score: Array
    seed: int
    record: Tiles | None = None
    friends: Network | None = None
    settled: Array = field(default_factory=lambda: np.zeros(0, np.uint8))
    homes: tuple[Home, ...] = ()
    moving: Moving | None = None
    stands: bool = False
    risk: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    shared: float = 0.0
    encounters: bool = False
    month: int = 0
    first_tie: float | None = None
    corrected: tuple[float, float] = (0.0, 0.0)
    counts: Counts = field(default_factory=Counts)

    def at_work(self, world: World) -> tuple[Home, ...]:
        """Its cities; those of a society that is one city are made on first asking."""
        self.homes = self.homes or (Home("", world, self.record),)
        return self.homes

    @property
    def people(self) -> int:
        """How many agents there are."""
        return len(self.score)

    @property
    def city(self) -> Array:
        """Who lives where, uint8[n]; of no entries where the society is one city."""
        if not self.homes or self.homes[0].alone:
            return self.settled
        made = np.zeros(self.people, np.uint8)
        for number, home in enumerate(self.homes):
            made[home.people(self.people)] = number
        return made

    @property
    def households(self) -> Array:
        """The first agent of each household, rising: int64[h]."""
        return np.flatnonzero(having(self.facts, Trait.FIRST))

    @property
    def history(self) -> tuple[Array, ...]:
        """Arrays that hold what is on record, of all cities; none under no scheme."""
        records = [self.record, *(home.record for home in self.homes if home.record)]
        found = {id(record): record for record in records if record is not None}
        return tuple(
            array for each in found.values() for array in (each.bits, each.deep, each.older)
        )

    @property
    def tiles(self) -> Array:
        """This month's words of what happened: uint64[rows, n]; of one city alone."""
        return np.zeros((0, self.people), np.uint64) if self.record is None else self.record.bits

    @property
    def bytes_per_agent(self) -> float:
        """Bytes of state an agent takes."""
        arrays = [self.money, self.facts, self.flags, self.score, self.settled, *self.history]
        arrays += [home.whose for home in self.homes]
        return sum(array.nbytes for array in arrays) / max(self.people, 1)

    @classmethod
    def draw(
        cls,
        people: int,
        *,
        seed: int,
        friends: float = 0.0,
        likeness: float = 0.5,
        shares: Sequence[float] = (),
        **parameters: float,
    ) -> Society:
        """Draw a society of ``people`` agents with nothing on record.

        ``friends`` is how many friends a person has on average (0: nobody knows anybody);
        ``shares`` are those of its cities, whose people know each other rather than strangers;
        ``parameters`` go to :func:`~xinyong.lab.population.draw_people`.
        """
        drawn = draw_people(people, seed, **parameters)
        city = settled(drawn["household"], seed, shares) if shares else np.zeros(0, np.uint8)
        money = np.zeros((len(Money), people), np.float32)
        facts = np.zeros((len(Fact), people), np.uint8)
        money[Money.INCOME] = drawn["income"] / np.median(drawn["income"])
        money[Money.WEALTH] = np.maximum(drawn["wealth"] / np.median(drawn["income"]), 0.0)
        money[Money.RELIABILITY] = drawn["reliability"]
        facts[Fact.AGE] = drawn["age"]
        facts[Fact.TRAITS] = kinds(drawn["job"], seed)
        for trait, of in (
            (Trait.GROUP, drawn["group"]), (Trait.PRESENCE, drawn["presence"]),
            (Trait.AWARE, drawn["aware"]), (Trait.FIRST, first(drawn["household"])),
        ):  # fmt: skip
            facts[Fact.TRAITS] |= np.uint8(trait) * (of > 0)
        place = years.ranks(money[Money.INCOME] + money[Money.WEALTH] / 60.0)
        facts[Fact.ORIGIN] = origin(place * 10, drawn["parent_class"])
        return cls(
            money,
            facts,
            np.zeros(people, np.uint16),
            np.zeros(people, np.int32),
            seed,
            friends=acquaintances(drawn, seed, friends, likeness, city) if friends > 0 else None,
            settled=city,
        )
