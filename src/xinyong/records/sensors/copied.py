"""Copied or replayed: a stretch of readings that was there before, value by value.

For each hour the longest run of equal values is followed that ends there and ends elsewhere in the
record (at least a day away), or in the record of an independent instrument of the same substance,
at any distance. The run is weighed by how surprising its *changes* are (:mod:`.surprise`): a day of
2, 2, 2 agrees with many others and weighs nothing, twelve changing hours of fine dust do not agree
by chance.
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
_MOST: Final = 4.0
"""Bits that one change counts for at most, so that a few rare values are no copy."""


@dataclass(frozen=True, slots=True, eq=False)
class Copied:
    """Compares with all that is on record, by a table of surprises."""

    surprise: Surprise
    learns: ClassVar[bool] = True

    def scores(self, watched: Watched, starts: Whole) -> Floats:
        """Bits of the heaviest run in each week."""
        best = np.zeros(len(watched.own))
        for archive in _archives(watched):
            for low, high in spans(starts, _LEAD, len(best)):
                found, _ = self._runs(watched.own, archive, low, high)
                best[low:high] = np.maximum(best[low:high], found)
        return peaks(best, starts)

    def words(self, watched: Watched, start: int) -> str:
        """Which hours equal which."""
        top = (-1.0, 0, 0, watched.own)
        for archive in _archives(watched):
            found, ends = self._runs(watched.own, archive, start, start + WEEK)
            spot = int(found.argmax())
            if found[spot] > top[0]:
                top = (float(found[spot]), start + spot, int(ends[spot]), archive)
        bits, here, there, archive = top
        count = _length(watched.own, archive, here, there)
        whose = "this instrument" if archive is watched.own else archive.instrument.id
        return (
            f"{count} readings to {hour_of(watched.own, here)} equal, one by one, those of {whose} "
            f"to {hour_of(archive, there)}; their changes carry {bits:.0f} bits"
        )

    def _runs(self, own: Series, archive: Series, low: int, high: int) -> tuple[Floats, Whole]:
        """For the hours from ``low`` to ``high``: bits of the best run ending there, and where."""
        values, good = own.values[low:high], own.good[low:high]
        bits = self.surprise.bits(values, good)
        bits = np.minimum(bits, _MOST)
        bits[1:][values[1:] == values[:-1]] = 0.0
        places = _places(archive, values[good])
        best, ends = np.zeros(high - low), np.zeros(high - low, np.int64)
        run, last = np.zeros(len(archive) + 1), np.zeros(0, np.int64)
        for spot in range(high - low):
            here = places.get(int(values[spot])) if good[spot] else None
            if here is not None and archive is own:
                near = np.searchsorted(here, (low + spot - DAY + 1, low + spot + DAY))
                here = np.concatenate([here[: near[0]], here[near[1] :]])
            fresh = run[here] if here is not None else run[:0]
            run[last + 1] = 0.0
            if here is None or not len(here):
                last = last[:0]
                continue
            # A run goes on where the hour before agreed too; there its change counts.
            fresh = np.where(fresh > 0, fresh + bits[spot], _START)
            run[here + 1] = fresh
            last = here
            top = int(fresh.argmax())
            best[spot], ends[spot] = fresh[top], here[top]
        return best, ends


_START: Final = 1e-9
"""What a run weighs before its first change: next to nothing, but not zero."""


def fit_copied(watched: Watched, used: Mask) -> Copied:
    """Learns the table of surprises from the hours that are ``used``."""
    return Copied(learn(watched.own, used))


def _archives(watched: Watched) -> list[Series]:
    substance = watched.own.instrument.substance
    return [watched.own, *(b for b in watched.beside if b.instrument.substance == substance)]


def _places(archive: Series, wanted: Whole) -> dict[int, Whole]:
    """Where in the archive each of the wanted values stands, in order."""
    hours = np.flatnonzero(archive.good & np.isin(archive.values, wanted))
    order = np.argsort(archive.values[hours], kind="stable")
    hours = hours[order]
    found, first = np.unique(archive.values[hours], return_index=True)
    return {int(v): part for v, part in zip(found, np.split(hours, first[1:]), strict=True)}


def _length(own: Series, archive: Series, here: int, there: int) -> int:
    count = 0
    while (
        here >= count
        and there >= count
        and own.good[here - count]
        and archive.good[there - count]
        and own.values[here - count] == archive.values[there - count]
    ):
        count += 1
    return count
