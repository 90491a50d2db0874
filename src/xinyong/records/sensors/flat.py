"""Flatline: one value held longer than this instrument holds it.

The longest stretch of equal readings in a week, weighed by how surprising it is that nothing
changes at that level. At an instrument's floor (2 µg/m³, say) hours without change are usual and
weigh little; what is held there cannot be told from clean air.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from xinyong.records.sensors.fitted import hour_of, peaks, spans
from xinyong.records.sensors.instrument import DAY, WEEK
from xinyong.records.sensors.series import Floats, Mask, Series, Watched, Whole
from xinyong.records.sensors.surprise import Surprise, learn

_LEAD: Final = DAY


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """Weighs stretches without change by a table of surprises."""

    surprise: Surprise
    learns: ClassVar[bool] = True

    def scores(self, watched: Watched, starts: Whole) -> Floats:
        """Bits of the heaviest stretch without change in each week."""
        bits = np.zeros(len(watched.own))
        for low, high in spans(starts, _LEAD, len(bits)):
            bits[low:high] = self._held(watched.own, low, high)
        return peaks(bits, starts)

    def words(self, watched: Watched, start: int) -> str:
        """Which value was held, for how long."""
        own, low = watched.own, max(0, start - _LEAD)
        held = self._held(own, low, start + WEEK)
        last = low + int(held.argmax())
        first = last
        while first > 0 and own.good[first - 1] and own.values[first - 1] == own.values[last]:
            first -= 1
        shown = own.instrument.shown(int(own.values[last]))
        return f"{shown} stood unchanged for {last - first + 1} hours to {hour_of(own, last)}"

    def _held(self, own: Series, low: int, high: int) -> Floats:
        """For each hour, bits of the stretch without change that ends there."""
        values, good = own.values[low:high], own.good[low:high]
        same = np.zeros(len(values), np.bool_)
        same[1:] = good[1:] & good[:-1] & (values[1:] == values[:-1])
        total = np.cumsum(np.where(same, self.surprise.bits(values, good), 0.0))
        before = np.maximum.accumulate(np.where(same, 0.0, total))
        return np.asarray(total - before)


def fit_flat(watched: Watched, used: Mask) -> Flat:
    """Learns the table of surprises from the hours that are ``used``."""
    return Flat(learn(watched.own, used))
