"""What a year's months count, and what its last evening finds out, for the figures of the year."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def _none() -> Array:
    return np.zeros(0)


def _pairs() -> Array:
    return np.zeros((2, 0))


@dataclass(slots=True)
class Moves:
    """Who moved when a year ended: ``who`` int64[m], ``origin`` and ``target`` uint8[m].

    ``standing``, ``band`` and ``access`` float64[2, m] are before and after, on the same evening:
    nan where there is no scheme.
    """

    who: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    origin: Array = field(default_factory=_none)
    target: Array = field(default_factory=_none)
    standing: Array = field(default_factory=_pairs)
    band: Array = field(default_factory=_pairs)
    access: Array = field(default_factory=_pairs)


@dataclass(slots=True)
class Counts:
    """What a year's months counted: sums over months, in money or events.

    ``live``, ``fall`` and ``lend`` are the sums of :func:`.month.live`, :func:`.follow.follow` and
    :func:`.lending.lend`, ``met`` those of :func:`.encounters.meet`. ``burdens``: mean burdens
    of the listed, and how many are listed. ``roots`` are agents whose loan was given up, ``causes``
    who was called upon for whose, ``losses`` what that took; ``cascade`` is what they come to.
    ``corrected``: months for which wrong entries stood and how many were put right, since the run
    began. ``barred``: children barred from a good school and those who could have gone.
    """

    live: Array = field(default_factory=lambda: np.zeros(19))
    fall: Array = field(default_factory=lambda: np.zeros(7))
    lend: Array = field(default_factory=lambda: np.zeros(10))
    met: Array = field(default_factory=lambda: np.zeros(3))
    partners: float = math.nan
    wrong_months: float = 0.0
    corrected: tuple[float, float] = (0.0, 0.0)
    burdens: tuple[float, int] = (math.nan, 0)
    moved: float = 0.0
    moves: Moves | None = None
    roots: set[int] = field(default_factory=set)
    causes: list[tuple[int, int]] = field(default_factory=list)
    losses: float = 0.0
    cascade: tuple[float, float] | None = None
    barred: tuple[float, float] = (0.0, 0.0)
    gamed: Array | None = None
    on_record: Array | None = None
    friends: Array | None = None

    def add(self, other: Counts) -> None:
        """Add what another city's months counted."""
        self.live = self.live + other.live
        self.fall = self.fall + other.fall
        self.lend = self.lend + other.lend
        self.met = self.met + other.met
        many = self.burdens[1] + other.burdens[1]
        if many:
            total = sum(mean * listed for mean, listed in (self.burdens, other.burdens) if listed)
            self.burdens = total / many, many
