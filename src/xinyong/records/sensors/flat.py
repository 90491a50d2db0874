"""Flatline: one value held longer than this instrument holds it.

Each hour without change weighs minus the binary logarithm of the chance that nothing changes at
this level, and the stretch that weighs most in a week is its score. The chance is learnt by level
from genuine hours (:mod:`.surprise`). An instrument's habit drifts - it rests at 3 through one
summer and at 2 the next - so the odds are moved by how often readings within a step of the held
value stood in the 28 days before the stretch, against what the table lets one expect. No hour
weighs more than four bits, and none more than half a bit within a step of the lowest reading of
those 28 days, where clean air brings long rests. Up to three hours without a good reading weigh
nothing and end no stretch.
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
"""Hours before a stretch that tell its floor and the instrument's habit."""

_BRIDGED: Final = 3
"""Hours without a good reading that end no stretch."""

_MOST: Final = 4.0
"""Bits that one hour counts for at most, so that a short rest at a high level is no flatline."""

_MOST_AT_FLOOR: Final = 0.5
"""The same within a step of the floor."""

_SHRINK: Final = 20
"""Readings that the table counts for beside those of the 28 days before."""

_HABIT_FROM: Final = 3
"""Hours without change after which the habit is asked for; shorter rests are left to the table."""

_NONE: Final = 1 << 62
"""The floor where there was no reading before."""


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """Weighs stretches without change by a table of surprises and the habit of 28 days."""

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
        """Which value was held, for how long, and what that weighs."""
        own = watched.own
        held = self._held(own, start, start + WEEK)
        last = start + int(held.argmax())
        first = _first(own, last)
        shown = own.instrument.shown(int(own.values[last]))
        missing = int(np.count_nonzero(~own.good[first : last + 1]))
        aside = f" ({missing} of them without a reading)" if missing else ""
        return (
            f"{shown} stood unchanged for {last - first + 1} hours{aside} to "
            f"{hour_of(own, last)}, which carries {held.max():.0f} bits"
        )

    def _held(self, own: Series, low: int, high: int) -> Floats:
        """For each hour from ``low`` to ``high``, bits of the stretch without change ending there.

        A stretch counts from its first hour on, though that may lie before ``low``.
        """
        found = np.zeros(high - low)
        near = low + np.flatnonzero(own.good[low : low + _BRIDGED + 1])
        back = max(0, min(low, _first(own, int(near[0]) if len(near) else low)) - _BEFORE)
        hours = back + np.flatnonzero(own.good[back:high])
        if not len(hours):
            return found
        values, same = own.values[hours], np.zeros(len(hours), np.bool_)
        joined = same.copy()
        joined[1:] = np.diff(hours) <= _BRIDGED + 1
        same[1:] = joined[1:] & (values[1:] == values[:-1])
        first = np.maximum.accumulate(np.where(same, 0, np.arange(len(hours))))
        stays = self._stays(own, hours, joined, same, first)
        above = values - _floor(own, back, high)[hours[first] - back]
        most = np.where(np.abs(above) <= own.instrument.resolution, _MOST_AT_FLOOR, _MOST)
        total = np.cumsum(np.where(same, np.minimum(-np.log2(stays), most), 0.0))
        bits = total - total[first]
        inside = hours >= low
        found[hours[inside] - low] = bits[inside]
        return found

    def _stays(self, own: Series, hours: Whole, joined: Mask, same: Mask, first: Whole) -> Floats:
        """The chance that a reading equals the one before it, by the table and the habit.

        ``hours`` are those of good readings; ``joined`` says which follow the one before closely,
        ``same`` which equal it too, and ``first`` where the stretch of each begins.
        """
        steps = np.rint(own.values[hours] / own.instrument.resolution).astype(np.int64)
        stays = np.roll(self.surprise.stays(own.values[hours]), 1)
        before, age = np.roll(steps, 1), np.arange(len(hours)) - first
        asked = same & (age > _HABIT_FROM)
        for step in np.unique(steps[asked]):
            at = np.flatnonzero(asked & (steps == step))
            last = first[at]
            begin = hours.searchsorted(hours[last] - _BEFORE)
            near = joined & (np.abs(before - step) <= 1)
            count, stood, thought = (
                _between(np.where(near, part, 0.0), begin, last)
                for part in (np.ones(len(hours)), same, stays)
            )
            usual = np.where(count > 0, thought / np.maximum(count, 1), stays[at])
            habit = (stood + _SHRINK * usual) / (count + _SHRINK)
            odds = _odds(stays[at]) * _odds(habit) / _odds(usual)
            stays[at] = odds / (1 + odds)
        return stays


def fit_flat(watched: Watched, used: Mask) -> Flat:
    """Learns the table of surprises from the hours that are ``used``."""
    return Flat(learn(watched.own, used))


def _odds(chance: Floats) -> Floats:
    kept = np.clip(chance, 1e-4, 1 - 1e-4)
    return np.asarray(kept / (1 - kept))


def _between(part: Floats, begin: Whole, end: Whole) -> Floats:
    """Sums of a part from ``begin`` up to before ``end``."""
    sums = np.concatenate([[0.0], np.cumsum(part)])
    return np.asarray(sums[end] - sums[begin])


def _first(own: Series, hour: int) -> int:
    """The first hour of the stretch of equal good readings that an hour stands in."""
    first, good = hour, own.good
    if not good[hour]:
        return hour
    while True:
        near = np.flatnonzero(good[max(0, first - _BRIDGED - 1) : first])
        before = max(0, first - _BRIDGED - 1) + int(near[-1]) if len(near) else first
        if before == first or own.values[before] != own.values[hour]:
            return first
        first = before


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
