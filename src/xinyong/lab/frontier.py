"""What a search found: schemes of which none serves the goal better at a lower price."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.charter.words import Place
from xinyong.lab.candidates import Refused
from xinyong.lab.intervals import Difference, Estimate, mean, paired
from xinyong.lab.scenario import Goal
from xinyong.scheme.model import Scheme

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit: the mean of a measure over seeds lies from ``low`` to ``high``."""

    measure: str
    group: str
    low: float
    high: float

    def beyond(self, value: float) -> float:
        """How far a value lies outside; endless for one that is no number."""
        if math.isnan(value):
            return math.inf
        return max(0.0, self.low - value, value - self.high)

    @property
    def sign(self) -> float:
        """1 where less is dearer to keep (a floor only), -1 where more is."""
        return 1.0 if math.isinf(self.high) else -1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A goal and its limits, as columns of figures: the goal, then each limit's measure.

    Without limits the second column is the default rate.
    """

    goal: Goal
    bars: tuple[Bar, ...]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Measure and group of each column."""
        others = [(bar.measure, bar.group) for bar in self.bars] or [("default_rate", "all")]
        return ((self.goal.measure, self.goal.group), *others)

    @property
    def sign(self) -> float:
        """1 where the goal is to be as large as can be, -1 where as small."""
        return 1.0 if self.goal.want == "most" else -1.0

    def order(self, rows: Reals) -> tuple[float, float]:
        """Less is better: what lies beyond the limits, then the goal turned so. Rows are seeds."""
        means = rows.mean(axis=0).tolist()
        beyond = sum(bar.beyond(value) for bar, value in zip(self.bars, means[1:], strict=False))
        goal = -self.sign * means[0]
        return (math.inf, math.inf) if math.isnan(goal) else (beyond, goal)

    def two(self, rows: Reals) -> tuple[float, float]:
        """Goal and price, both turned so that more is better; the price is the first limit's."""
        means = rows.mean(axis=0).tolist()
        turn = self.bars[0].sign if self.bars else -1.0
        return self.sign * means[0], turn * means[1]

    def keeps(self, rows: Reals) -> bool:
        """Whether the means lie within all limits."""
        return self.order(rows)[0] == 0.0


def undominated(pairs: Sequence[tuple[float, float]]) -> list[bool]:
    """For each pair whether no other is at least as good in both and better in one.

    More is better. A pair with something that is no number is dominated. Equal pairs: the first.
    """
    found = [False] * len(pairs)
    top = -math.inf
    known = [n for n, pair in enumerate(pairs) if not any(math.isnan(x) for x in pair)]
    for n in sorted(known, key=lambda n: (-pairs[n][0], -pairs[n][1], n)):
        if pairs[n][1] > top:
            found[n], top = True, pairs[n][1]
    return found


@dataclass(frozen=True, slots=True)
class Point:
    """A scheme on the frontier, told by fresh seeds with 95 % intervals.

    ``values`` by place. ``price`` is the first limit's measure. ``gain`` and ``change`` are paired
    differences of goal and price against the scheme as written. ``keeps``: within all limits.
    """

    values: Mapping[str, Decimal]
    scheme: Scheme
    goal: Estimate
    price: Estimate
    gain: Difference
    change: Difference
    keeps: bool


def point(
    wanted: Wanted, values: Mapping[str, Decimal], scheme: Scheme, rows: Reals, written: Reals
) -> Point:
    """A point from its figures and those of the scheme as written, a row a fresh seed."""
    return Point(
        values,
        scheme,
        goal=mean(rows[:, 0]),
        price=mean(rows[:, 1]),
        gain=paired(rows[:, 0], written[:, 0]),
        change=paired(rows[:, 1], written[:, 1]),
        keeps=wanted.keeps(rows),
    )


@dataclass(frozen=True, slots=True)
class Frontier:
    """What a search found. ``points`` stand in order of their price.

    ``best`` is the one that the search would pick; None where nothing did better than the scheme
    as written. ``runs`` counts all runs, ``law`` is places and day of the charter's law.
    """

    wanted: Wanted
    written: Point
    points: tuple[Point, ...]
    best: Point | None
    refused: tuple[Refused, ...]
    runs: int
    seeds: tuple[int, ...]
    fresh: tuple[int, ...]
    law: tuple[tuple[Place, ...], date]

    @property
    def proved(self) -> bool:
        """Whether fresh seeds bear out that the best is better, and within all limits."""
        best = self.best
        if best is None or not best.keeps or not best.gain.ranked:
            return False
        return (best.gain.mean > 0) == (self.wanted.goal.want == "most")

    def said(self) -> str:
        """The result in a sentence or two."""
        goal, seeds = self.wanted.goal.measure, len(self.fresh)
        if self.best is None:
            return f"No scheme within the bounds did better on {goal} than the one as written."
        gain = self.best.gain
        if seeds == 1:
            return (
                f"{goal} changes by {gain.mean:+.4g} against the scheme as written under one fresh"
                " seed. One seed has no interval: nothing is shown."
            )
        text = (
            f"{goal} changes by {gain.mean:+.4g} against the scheme as written"
            f" (95 % interval {gain.low:+.4g} to {gain.high:+.4g}, {seeds} fresh seeds)."
        )
        if not self.best.keeps:
            return f"{text} Under fresh seeds it does not keep to the limits."
        if not gain.ranked:
            return f"{text} The interval covers 0: nothing is shown."
        return text if self.proved else f"{text} Under fresh seeds it does worse."

    def table(self) -> pa.Table:
        """The scheme as written and the frontier: a row a scheme, places and figures as columns.

        ``which`` is ``written``, ``best`` or ``frontier``.
        """
        rows: list[dict[str, Any]] = []
        for one in (self.written, *self.points):
            which = "written" if one is self.written else "frontier"
            row: dict[str, Any] = {"which": "best" if one is self.best else which}
            row |= {place: float(value) for place, value in one.values.items()}
            figures: dict[str, Estimate | Difference]
            figures = {"goal": one.goal, "price": one.price, "gain": one.gain, "change": one.change}
            for name, figure in figures.items():
                row |= {name: figure.mean, f"{name}_low": figure.low, f"{name}_high": figure.high}
            rows.append({**row, "keeps": one.keeps, "digest": one.scheme.digest})
        return pa.Table.from_pylist(rows)
