"""Capped: many readings just under the limit, and next to none over it.

Genuine readings that come within a tenth of the limit also pass it now and then. The score is the
logarithm of how many stand in the last tenth under the limit for each one over it; a week with
fewer than four in that tenth is not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import ClassVar, Final

import numpy as np

from xinyong.records.sensors.fitted import NOT_JUDGED
from xinyong.records.sensors.instrument import WEEK
from xinyong.records.sensors.series import Floats, Mask, Watched, Whole

_FEWEST: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Capped:
    """Counts under and over the instrument's limit."""

    learns: ClassVar[bool] = False
    margin: ClassVar[float] = 0.0

    def scores(self, watched: Watched, starts: Whole) -> Floats:
        """Log of the ratio of readings just under the limit to readings over it."""
        found = np.full(len(starts), NOT_JUDGED)
        for spot, start in enumerate(starts):
            under, over = _counts(watched, int(start))
            if under >= _FEWEST:
                found[spot] = log((under + 0.5) / (over + 0.5))
        return found

    def words(self, watched: Watched, start: int) -> str:
        """How many under, how many over."""
        under, over = _counts(watched, start)
        instrument = watched.own.instrument
        limit = instrument.shown(instrument.limit or 0)
        return f"{under} readings within a tenth under the limit of {limit}, {over} over it"


def fit_capped(watched: Watched, used: Mask) -> Capped | None:
    """Nothing is learnt; None where the instrument has no limit."""
    return None if watched.own.instrument.limit is None else Capped()


def _counts(watched: Watched, start: int) -> tuple[int, int]:
    own = watched.own
    limit = own.instrument.limit or 0
    part = own.values[start : start + WEEK][own.good[start : start + WEEK]]
    under = (part <= limit) & (10 * part > 9 * limit)
    return int(np.count_nonzero(under)), int(np.count_nonzero(part > limit))
