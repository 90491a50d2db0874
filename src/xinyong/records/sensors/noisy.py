"""Noisy copy: a week whose curve lies along an earlier one, though its values differ.

The logarithm of the week is laid along the record before it at every shift; the score is the
largest correlation. A small constant keeps weeks in which hardly anything moves from agreeing with
everything. The correlations at all shifts come from Fourier transforms, as sums over the hours that
are good in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from xinyong.records.sensors.fitted import NOT_JUDGED, hour_of
from xinyong.records.sensors.instrument import DAY, WEEK
from xinyong.records.sensors.series import Floats, Mask, Series, Watched, Whole

_STILL: Final = 0.05**2 * WEEK
"""Sum of squares (of logarithms) below which a week hardly moves."""

_OVERLAP: Final = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class NoisyCopy:
    """Correlates with the instrument's own record."""

    learns: ClassVar[bool] = False
    margin: ClassVar[float] = 0.0

    def scores(self, watched: Watched, starts: Whole) -> Floats:
        """The largest correlation of each week with an earlier stretch of the record."""
        along = _Along(watched.own)
        return np.array([along.best(int(start))[0] for start in starts], np.float64)

    def words(self, watched: Watched, start: int) -> str:
        """Along which week it lies, and how closely."""
        close, there = _Along(watched.own).best(start)
        return (
            f"the curve of the week lies along that from {hour_of(watched.own, there)} on "
            f"with a correlation of {close:.3f}"
        )


def fit_noisy(watched: Watched, used: Mask) -> NoisyCopy:
    """Nothing is learnt."""
    return NoisyCopy()


class _Along:
    """A record prepared for laying weeks along it."""

    def __init__(self, own: Series) -> None:
        step = own.instrument.resolution
        good = own.good
        level = np.log(np.maximum(own.values, 0) / step + 2.0)
        level = np.where(good, level - (level[good].mean() if good.any() else 0.0), 0.0)
        self.level, self.good = level, good.astype(np.float64)
        self.length = _handy(len(level) + WEEK)
        self.count = len(level) - WEEK + 1
        self._good = self._forth(self.good)
        self._level = self._forth(level)
        self._square = self._forth(level**2)

    def best(self, start: int) -> tuple[float, int]:
        """The largest correlation of a week and the hour from which the earlier stretch begins."""
        week, good = self.level[start : start + WEEK], self.good[start : start + WEEK]
        ones, ours, squares = (self._forth(x).conj() for x in (good, week, week**2))
        both = np.maximum(self._back(self._good * ones), 1.0)
        theirs, mine = self._back(self._level * ones), self._back(self._good * ours)
        joint = self._back(self._level * ours) - theirs * mine / both
        them = self._back(self._square * ones) - theirs**2 / both
        us = self._back(self._good * squares) - mine**2 / both
        close = joint / np.sqrt((np.maximum(them, 0) + _STILL) * (np.maximum(us, 0) + _STILL))
        close[both < _OVERLAP * WEEK] = NOT_JUDGED
        close[max(0, start - WEEK - DAY) :] = NOT_JUDGED
        spot = int(close.argmax())
        return float(close[spot]), spot

    def _forth(self, values: Floats) -> NDArray[np.complex128]:
        return np.fft.rfft(values, self.length)

    def _back(self, values: NDArray[np.complex128]) -> Floats:
        return np.fft.irfft(values, self.length)[: self.count]


def _handy(least: int) -> int:
    """The smallest number of the form 2^a 3^b 5^c that is not below ``least``."""
    best = 1 << (least - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = three
            while two < least:
                two *= 2
            best = min(best, two)
            three *= 3
        five *= 5
    return best
