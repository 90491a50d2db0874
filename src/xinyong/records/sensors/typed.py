"""Hand-typed: numbers as people make them up.

Six traits of a week, each turned so that more is more like a person: numbers that end in 0 or 5,
readings that repeat less, changes that have no long tail (twice: by quantiles and by the fourth
moment), changes that take each other back, and ups that follow downs. Each is held against the
middle and the spread of the instrument's own weeks; what points the other way counts nothing, and
no trait counts for more than eight spreads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from xinyong.records.sensors.fitted import NOT_JUDGED
from xinyong.records.sensors.instrument import WEEK
from xinyong.records.sensors.series import Floats, Mask, Series, Watched, Whole, weeks

_MOST: Final = 8.0
_DIGITS: Final = 20
"""Readings of ten steps and more that a week needs before its last digits say anything."""

_NAMES: Final = (
    "ends in 0 or 5",
    "repeats the one before",
    "largest changes against the middle one",
    "tail of the changes",
    "changes that go on",
    "turns",
)
_SIGNS: Final = np.array([1.0, -1.0, -1.0, -1.0, -1.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """The middle and the spread of each trait in genuine weeks."""

    middle: Floats
    spread: Floats
    learns: ClassVar[bool] = True
    margin: ClassVar[float] = 0.0

    def scores(self, watched: Watched, starts: Whole) -> Floats:
        """Spreads that the traits of each week lie on the side of people, added up."""
        found = np.full(len(starts), NOT_JUDGED)
        for spot, start in enumerate(starts):
            traits = _traits(watched.own, int(start))
            if traits is not None:
                found[spot] = self._apart(traits).sum()
        return found

    def words(self, watched: Watched, start: int) -> str:
        """The two traits that stand out most."""
        traits = _traits(watched.own, start)
        if traits is None:
            return "too few readings"
        apart = self._apart(traits)
        said = []
        for trait in np.argsort(-apart, kind="stable")[:2]:
            if trait == 0:
                share, usual = 100 * traits[0], 100 * self.middle[0]
                said.append(f"{share:.0f} % of the numbers end in 0 or 5 (usual {usual:.0f} %)")
            else:
                said.append(
                    f"{_NAMES[trait]}: {traits[trait]:.2f} (usual {self.middle[trait]:.2f})"
                )
        return "; ".join(said)

    def _apart(self, traits: Floats) -> Floats:
        return np.asarray(np.clip((traits - self.middle) / self.spread * _SIGNS, 0.0, _MOST))


def fit_typed(watched: Watched, used: Mask) -> Typed | None:
    """Learns the traits from the weeks whose hours are all ``used``; None if there are under 50."""
    own = watched.own
    starts = [s for s in weeks(own) if used[s : s + WEEK].all()]
    found = [traits for s in starts if (traits := _traits(own, int(s))) is not None]
    if len(found) < 50:
        return None
    table = np.array(found)
    low, middle, high = np.quantile(table, [0.1, 0.5, 0.9], axis=0)
    return Typed(middle, (high - low) / 2.563 + 1e-6)


def _traits(own: Series, start: int) -> Floats | None:
    """The six traits of a week, in the order of ``_NAMES``; None with too few readings."""
    step = own.instrument.resolution
    values, good = own.values[start : start + WEEK], own.good[start : start + WEEK]
    pairs = good[1:] & good[:-1]
    if np.count_nonzero(pairs) < WEEK // 2:
        return None
    counts = values // step
    large = counts[good & (counts >= 10)]
    fives = np.mean(large % 5 == 0) if len(large) > _DIGITS else 0.2
    change = np.diff(np.log(np.maximum(values, step) / step + 1.0))[pairs]
    size = np.abs(change)
    tail = np.log((np.quantile(size, 0.95) + 0.02) / (np.quantile(size, 0.5) + 0.02))
    square = np.mean(change**2)
    heavy = np.log(np.mean(change**4) / square**2) if square > 0 else 0.0
    centred = change - change.mean()
    onward = np.sum(centred[1:] * centred[:-1]) / (np.sum(centred**2) + 1e-9)
    turns = np.mean(np.abs(np.diff(np.sign(change))) > 1)
    return np.array(
        [fives, np.mean(values[1:][pairs] == values[:-1][pairs]), tail, heavy, onward, turns]
    )
