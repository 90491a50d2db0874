"""Copied or replayed: a stretch of readings that was there before, value by value.

For each hour the heaviest run of equal values is followed that ends there and ends in the record at
least a day before, or in the record of an independent instrument of the same substance, at any
distance. What comes later on its own record is no source: else a genuine week would be held against
its own copy. The run is weighed by how surprising its *changes* are (:mod:`.surprise`): a day of
2, 2, 2 agrees with many others and weighs nothing, twelve changing hours of fine dust do not agree
by chance.

Since no change counts for more than four bits, the weights of short runs come in lumps. The
threshold is moved up by one such change (:attr:`Copied.margin`), so as not to lie on a lump.
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
    """Compares with all that was on record before, by a table of surprises."""

    surprise: Surprise
    learns: ClassVar[bool] = True
    margin: ClassVar[float] = _MOST

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
        places = _places(archive, values, good)
        best, ends = np.zeros(high - low), np.zeros(high - low, np.int64)
        # run[p + 1] is the weight of the run that ends at archive hour p and at the hour before.
        run, last = np.zeros(len(archive) + 1), np.zeros(0, np.int64)
        for spot, here in enumerate(places):
            if archive is own:
                here = here[: here.searchsorted(low + spot - DAY, side="right")]
            going = run[here] + bits[spot]
            run[last] = 0.0
            last = here + 1
            if not len(here):
                continue
            run[last] = going
            top = int(going.argmax())
            best[spot], ends[spot] = going[top], here[top]
        return best, ends


def fit_copied(watched: Watched, used: Mask) -> Copied:
    """Learns the table of surprises from the hours that are ``used``."""
    return Copied(learn(watched.own, used))


def _archives(watched: Watched) -> list[Series]:
    substance = watched.own.instrument.substance
    return [watched.own, *(b for b in watched.beside if b.instrument.substance == substance)]


def _places(archive: Series, values: Whole, good: Mask) -> list[Whole]:
    """For each hour of a stretch: archive hours, in order, that end the same two readings.

    Only from its second reading on does a run weigh anything, so single readings are not followed.
    """
    levels = np.unique(values[good])
    none = np.zeros(0, np.int64)
    if not len(levels):
        return [none] * len(values)
    ours = _pairs(levels, values, good)
    theirs = _pairs(levels, archive.values, archive.good)
    hours = np.flatnonzero(np.isin(theirs, ours[ours >= 0]))
    hours = hours[np.argsort(theirs[hours], kind="stable")]
    found, first = np.unique(theirs[hours], return_index=True)
    of = dict(zip(found.tolist(), np.split(hours, first[1:]), strict=False))
    return [of.get(key, none) for key in ours.tolist()]


def _pairs(levels: Whole, values: Whole, good: Mask) -> Whole:
    """A number for the reading before and that of each hour; -1 if either is no such level."""
    rank = np.minimum(np.searchsorted(levels, values), len(levels) - 1)
    known = good & (levels[rank] == values)
    pair = np.full(len(values), -1, np.int64)
    both = known[1:] & known[:-1]
    pair[1:][both] = rank[:-1][both] * len(levels) + rank[1:][both]
    return pair


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
