"""How surprising each reading is after the one before it, in bits.

A table of what followed what in a record of this instrument: sixteen levels by quantile, and for
each level the steps to the next reading - steps of up to 32 resolutions one by one, larger ones in
classes that widen. A change to a value that seldom follows says much; the tenth 2 in a row of an
instrument that mostly shows 2 says nearly nothing. That is what lets a copy be told from the many
equal readings that clean air brings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from xinyong.records.sensors.series import Floats, Mask, Series, Whole

_LEVELS: Final = 16
_EXACT: Final = 32
_WIDTHS: Final = np.unique(np.rint(_EXACT * 1.3 ** np.arange(1, 60)).astype(np.int64))
_EDGES: Final = np.concatenate([np.arange(1, _EXACT + 1), _WIDTHS])
"""Least size (in resolutions) of each class of steps but the first, which is no step at all."""

_PRIOR: Final = 0.05
"""Readings thought of in each class before any is seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Surprise:
    """Bits by level and class of step; :func:`learn` makes it, :meth:`bits` reads it."""

    resolution: int
    levels: Whole
    table: Floats

    def bits(self, values: Whole, good: Mask) -> Floats:
        """Bits of each value after the one before it; 0 for the first and beside a gap."""
        out = np.zeros(len(values))
        if len(values) < 2:
            return out
        level = np.searchsorted(self.levels, values[:-1], side="right")
        found = self.table[level, _classes(values, self.resolution)]
        out[1:] = np.where(good[1:] & good[:-1], found, 0.0)
        return out

    def stays(self, values: Whole) -> Floats:
        """The chance that each value is followed by itself."""
        level = np.searchsorted(self.levels, values, side="right")
        return np.asarray(np.exp2(-self.table[level, 0]))


def _classes(values: Whole, resolution: int) -> Whole:
    """The class of each step: 0 none, then rises, then falls."""
    steps = np.rint(np.diff(values) / resolution).astype(np.int64)
    size = np.searchsorted(_EDGES, np.abs(steps), side="right")
    return np.where(steps < 0, size + len(_EDGES), size)


def learn(series: Series, used: Mask) -> Surprise:
    """The table of an instrument, from those good hours of its record that are ``used``."""
    values, resolution = series.values, series.instrument.resolution
    take = series.good & used
    pairs = take[1:] & take[:-1]
    before = values[:-1][pairs]
    levels = np.zeros(0, np.int64)
    if len(before):
        cuts = np.quantile(before, np.linspace(0, 1, _LEVELS + 1)[1:-1], method="nearest")
        levels = np.unique(cuts).astype(np.int64)
    counts = np.zeros((len(levels) + 1, 2 * len(_EDGES) + 1))
    level = np.searchsorted(levels, before, side="right")
    np.add.at(counts, (level, _classes(values, resolution)[pairs]), 1)
    width = np.diff(np.append(_EDGES, 2 * _EDGES[-1])).astype(np.float64)
    chance = counts + _PRIOR
    chance /= chance.sum(axis=1, keepdims=True)
    return Surprise(resolution, levels, -np.log2(chance / np.concatenate([[1.0], width, width])))
