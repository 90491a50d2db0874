"""What every detector gives: a score for each week, and words for the evidence."""

from __future__ import annotations

from typing import ClassVar, Final, Protocol

import numpy as np

from xinyong.days import from_instant
from xinyong.records.sensors.instrument import WEEK
from xinyong.records.sensors.series import Floats, Series, Watched, Whole

NOT_JUDGED: Final = float("-inf")
"""The score of a week that a detector cannot judge; it is never above a threshold."""


class Fitted(Protocol):
    """A detector that has learnt what is usual for one instrument.

    ``learns`` is False where nothing is learnt, so that it need not be fitted again for each part.
    ``margin`` is added to the threshold that genuine weeks give.
    """

    learns: ClassVar[bool]
    margin: ClassVar[float]

    def scores(self, watched: Watched, starts: Whole) -> Floats:
        """A score for each week that begins at one of ``starts``; higher is more suspicious."""
        ...

    def words(self, watched: Watched, start: int) -> str:
        """The evidence for the week, in plain words with figures."""
        ...


def spans(starts: Whole, before: int, length: int) -> list[tuple[int, int]]:
    """Weeks, each with some hours before it, put together where they touch."""
    found: list[tuple[int, int]] = []
    for start in np.sort(starts):
        low, high = max(0, int(start) - before), min(length, int(start) + WEEK)
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def peaks(values: Floats, starts: Whole) -> Floats:
    """The largest value in each week."""
    return np.array([values[start : start + WEEK].max() for start in starts], np.float64)


def hour_of(series: Series, hour: int) -> str:
    """An hour of a series as people write it, in UTC."""
    return from_instant(series.moment(hour)).strftime("%Y-%m-%d %H:00 UTC")
