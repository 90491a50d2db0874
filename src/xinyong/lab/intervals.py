"""Intervals over seeds, and what may be said from them.

Each seed gives one figure for one scheme. Two schemes under the same seed meet the same luck, so
their *paired* difference says far more than the difference of their means. Where the interval of a
difference covers 0, nothing is ranked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.catalogue import Better

LEVEL: Final = 0.95
"""How often such an interval covers the true value."""

Figures = Sequence[float] | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds with its interval. With one seed the interval is endless."""

    mean: float
    low: float
    high: float
    seeds: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean over seeds of (a - b) under equal luck, with its interval."""

    mean: float
    low: float
    high: float
    seeds: int

    @property
    def ranked(self) -> bool:
        """Whether the interval leaves 0 out, so that one of the two may be called greater."""
        return self.low > 0 or self.high < 0

    def better(self, better: Better) -> int | None:
        """0 if the first is better, 1 if the second, None if that cannot be said."""
        if better == "neither" or not self.ranked:
            return None
        return int((self.mean > 0) != (better == "up"))


def _t_share(t: float, freedom: int) -> float:
    """Share of Student's t within (-t, t), for a whole number of degrees of freedom.

    Finite sums: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4.
    """
    angle = math.atan2(t, math.sqrt(freedom))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    term, total = 1.0, 0.0
    if freedom % 2:
        term = math.cos(angle)
        for k in range(1, freedom - 1, 2):
            total += term
            term *= square * (k + 1) / (k + 2)
        return (angle + sine * total) * 2.0 / math.pi
    for k in range(0, freedom, 2):
        total += term
        term *= square * (k + 1) / (k + 2)
    return sine * total


def t_bound(freedom: int, level: float = LEVEL) -> float:
    """The t that holds Student's distribution within (-t, t) for a share ``level`` of cases.

    ``freedom``: degrees of freedom, at least 1; ``level`` between 0 and 1.
    """
    if freedom < 1 or not 0 < level < 1:
        raise QuestionRefused(
            f"no interval has {freedom} degrees of freedom at level {level}",
            where="lab.intervals",
            why="an interval needs at least two seeds and a level between 0 and 1",
        )
    low, high = 0.0, 1.0
    while _t_share(high, freedom) < level:
        low, high = high, 2.0 * high
    for _ in range(200):
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        if _t_share(middle, freedom) < level:
            low = middle
        else:
            high = middle
    return high


def _interval(values: npt.NDArray[np.float64], level: float) -> tuple[float, float, float]:
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return mean, -math.inf, math.inf
    if np.all(values == values[0]):
        return float(values[0]), float(values[0]), float(values[0])
    spread = math.sqrt(math.fsum((values - mean) ** 2) / (n - 1))
    half = t_bound(n - 1, level) * spread / math.sqrt(n)
    return mean, mean - half, mean + half


def _checked(values: Figures) -> npt.NDArray[np.float64]:
    figures = np.asarray(values, np.float64)
    if figures.ndim != 1 or len(figures) == 0:
        raise QuestionRefused("an interval needs one figure for each seed", where="lab.intervals")
    return figures


def mean(values: Figures, level: float = LEVEL) -> Estimate:
    """Mean of one figure a seed, with its interval (Student's t).

    A figure that is not a number makes the mean one too: a seed is never dropped in silence.
    """
    figures = _checked(values)
    return Estimate(*_interval(figures, level), seeds=len(figures))


def paired(a: Figures, b: Figures, level: float = LEVEL) -> Difference:
    """Difference a - b of figures under the same seeds, in the same order, with its interval.

    :raises QuestionRefused: the two do not have as many seeds.
    """
    first, second = _checked(a), _checked(b)
    if len(first) != len(second):
        raise QuestionRefused(
            f"one side has {len(first)} seeds, the other {len(second)}",
            where="lab.intervals",
            why="a paired difference compares each seed with itself",
            mend="run both with the same seeds",
        )
    return Difference(*_interval(first - second, level), seeds=len(first))


def against(
    figures: Mapping[str, Figures], level: float = LEVEL
) -> dict[tuple[str, str], Difference]:
    """Paired difference of every two, in the order given: ``(a, b) -> a - b``."""
    return {(a, b): paired(figures[a], figures[b], level) for a, b in combinations(figures, 2)}


def tiers(
    figures: Mapping[str, Figures], better: Better, level: float = LEVEL
) -> list[tuple[str, ...]]:
    """Names from best to worst in tiers: two share a tier where nothing ranks one above the other.

    The names are put in the order of their means and cut only where each name before the cut is
    told apart from each name after it. One tier alone means that nothing may be ranked. The level
    holds for each pair, not for all pairs at once.
    """
    sign = -1.0 if better == "up" else 1.0
    order = sorted(figures, key=lambda name: sign * mean(figures[name]).mean)
    told = {
        (a, b): paired(figures[a], figures[b], level).better(better) == 0
        for a, b in combinations(order, 2)
    }
    found: list[tuple[str, ...]] = []
    last = 0
    for cut in range(1, len(order) + 1):
        if all(told[a, b] for a in order[:cut] for b in order[cut:]):
            found.append(tuple(order[last:cut]))
            last = cut
    return found
