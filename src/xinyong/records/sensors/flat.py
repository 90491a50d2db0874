"""Flatline: one value held longer than this instrument holds it.

The longest stretch of equal readings in a week, weighed by how surprising it is that nothing
changes at that level (:mod:`.surprise`). An instrument rests at its floor (2 µg/m³, say) for days
on end when the air is clean, and the floor drifts; so a stretch within one step of the lowest
reading of the 28 days before it weighs nothing. What is held there cannot be told from clean air.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from xinyong.records.sensors.fitted import hour_of, peaks, spans
from xinyong.records.sensors.instrument import DAY, WEEK
from xinyong.records.sensors.series import Floats, Mask, Series, Watched, Whole
from xinyong.records.sensors.surprise import Surprise, learn

_BEFORE: Final = 28 * DAY
"""Hours before a stretch whose lowest reading is the floor."""

_NONE: Final = 1 << 62
"""The floor where there was no reading before."""


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """Weighs stretches without change by a table of surprises."""

    surprise: Surprise
    learns: ClassVar[bool] = True
    margin: ClassVar[float] = 0.0

    def scores(self, watched: Watched, starts: Whole) -> Floats:
        """Bits of the heaviest stretch without change in each week."""
        bits = np.zeros(len(watched.own))
        for low, high in spans(starts, 0, len(bits)):
            bits[low:high] = self._held(watched.own, low, high)
        return peaks(bits, starts)

    def words(self, watched: Watched, start: int) -> str:
        """Which value was held, for how long."""
        own = watched.own
        last = start + int(self._held(own, start, start + WEEK).argmax())
        first = _first(own, last)
        shown = own.instrument.shown(int(own.values[last]))
        return f"{shown} stood unchanged for {last - first + 1} hours to {hour_of(own, last)}"

    def _held(self, own: Series, low: int, high: int) -> Floats:
        """For each hour from ``low`` to ``high``, bits of the stretch without change ending there.

        A stretch counts from its first hour on, though that may lie before ``low``.
        """
        begin = _first(own, low)
        values, good = own.values[begin:high], own.good[begin:high]
        same = np.zeros(len(values), np.bool_)
        same[1:] = good[1:] & good[:-1] & (values[1:] == values[:-1])
        first = np.maximum.accumulate(np.where(same, 0, np.arange(len(values))))
        above = values - _floor(own, begin, high)[first]
        weighs = same & (np.abs(above) > own.instrument.resolution)
        total = np.cumsum(np.where(weighs, self.surprise.bits(values, good), 0.0))
        before = np.maximum.accumulate(np.where(same, 0.0, total))
        return np.asarray((total - before)[low - begin :])


def fit_flat(watched: Watched, used: Mask) -> Flat:
    """Learns the table of surprises from the hours that are ``used``."""
    return Flat(learn(watched.own, used))


def _first(own: Series, hour: int) -> int:
    """The first hour of the stretch of equal good readings that an hour stands in."""
    first, good = hour, own.good
    while (
        first > 0 and good[first] and good[first - 1] and own.values[first - 1] == own.values[hour]
    ):
        first -= 1
    return first


def _floor(own: Series, low: int, high: int) -> Whole:
    """For each hour from ``low`` to ``high``, the lowest good reading of the 28 days before it."""
    begin = max(0, low - _BEFORE)
    count = -(-(high - begin) // _BEFORE) + 1
    padded = np.full(count * _BEFORE, _NONE, np.int64)
    known = np.where(own.good[begin:high], own.values[begin:high], _NONE)
    padded[_BEFORE : _BEFORE + high - begin] = known
    blocks = padded.reshape(count, _BEFORE)
    # The lowest of any stretch as long as a block: of the rest of one and the first of the next.
    rest = np.minimum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    first = np.minimum.accumulate(blocks, axis=1).ravel()
    hours = np.arange(low - begin, high - begin)
    return np.minimum(rest[hours], first[hours + _BEFORE - 1])
