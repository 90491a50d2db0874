"""A threshold for each instrument and kind, from genuine weeks alone.

The record is taken apart into years. Each year is scored by a detector that learnt from the others;
the threshold is the lowest that, in *every* year, at most five of a thousand weeks exceed that the
detector could judge. It aims at half of what is promised (:data:`~.kinds.PER_10000`), because years
differ and the next one will differ too. How well that holds on years that had no part in it is
measured in ``docs/sensors.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from xinyong.errors import QuestionRefused
from xinyong.records.sensors.detectors import FIT
from xinyong.records.sensors.fitted import NOT_JUDGED, Fitted
from xinyong.records.sensors.instrument import WEEK
from xinyong.records.sensors.kinds import Kind
from xinyong.records.sensors.series import Floats, Mask, Watched, Whole, weeks

AIM_PER_1000: Final = 5
"""Judged weeks of a thousand that may exceed the threshold in each year of the calibration."""

FEWEST_WEEKS: Final = 900
"""Genuine weeks (begun a day apart) below which nothing is calibrated: three years with gaps."""

FEWEST_YEARS: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A detector with its threshold: a score above it is flagged.

    ``weeks`` genuine weeks of ``years`` years set the threshold. They overlap, so they are worth
    about a seventh of their number.
    """

    kind: Kind
    instrument: str
    fitted: Fitted
    threshold: float
    weeks: int
    years: int


class Scored:
    """Scores of all weeks of a record by detectors that learnt from some of its years.

    ``part`` gives each hour's year, -1 for hours that must not be used at all. Detectors are kept
    by kind and years, since leaving each year out in turn asks for many of them twice.
    """

    def __init__(self, watched: Watched, part: Whole, every: int) -> None:
        self.watched, self.part = watched, part
        self.starts = weeks(watched.own, every)
        ends = part[self.starts + WEEK - 1]
        begins = part[self.starts]
        self.year: Whole = np.where(begins == ends, begins, -1)
        self._kept: dict[tuple[Kind, tuple[int, ...]], tuple[Fitted, Floats] | None] = {}

    def by(self, kind: Kind, learnt_from: tuple[int, ...]) -> tuple[Fitted, Floats] | None:
        """The detector that learnt from those years, and its score of every week."""
        key = (kind, learnt_from)
        if (kind, ()) in self._kept:
            return self._kept[kind, ()]
        if key not in self._kept:
            used: Mask = np.isin(self.part, learnt_from)
            fitted = FIT[kind](self.watched, used)
            if fitted is None:
                self._kept[key] = None
                return None
            if not fitted.learns:
                key = (kind, ())
            self._kept[key] = (fitted, fitted.scores(self.watched, self.starts))
        return self._kept[key]

    def calibrated(self, kind: Kind, years: tuple[int, ...]) -> Calibration | None:
        """A detector and threshold from those years; None where the kind cannot be looked for.

        Raises :class:`~xinyong.errors.QuestionRefused` with too few years or weeks.
        """
        inside = np.isin(self.year, years)
        self._check(years, int(np.count_nonzero(inside)))
        whole = self.by(kind, years)
        if whole is None:
            return None
        threshold = 0.0  # below it nothing is odd, whatever the kind
        for year in years:
            found = self.by(kind, tuple(other for other in years if other != year))
            if found is None:
                return None
            scores = found[1][inside & (self.year == year)]
            scores = np.sort(scores[scores > NOT_JUDGED])[::-1]
            if len(scores):
                threshold = max(threshold, float(scores[len(scores) * AIM_PER_1000 // 1000]))
        name = self.watched.own.instrument.id
        count = int(np.count_nonzero(inside))
        threshold += whole[0].margin
        return Calibration(kind, name, whole[0], threshold, count, len(years))

    def _check(self, years: tuple[int, ...], count: int) -> None:
        if len(years) < FEWEST_YEARS or count < FEWEST_WEEKS:
            raise QuestionRefused(
                f"{count} genuine weeks of {len(years)} years are too few to calibrate on",
                where=self.watched.own.instrument.id,
                why=f"a rate of 1 % cannot be held with less than {FEWEST_WEEKS:,} weeks of "
                f"{FEWEST_YEARS} years, begun a day apart",
                mend="wait for more readings, or leave this instrument out",
            )


def calibrate(watched: Watched, part: Whole, kinds: tuple[Kind, ...] = tuple(Kind)) -> tuple[
    Calibration, ...
]:  # fmt: skip
    """A calibration for each kind that can be looked for at this instrument.

    ``part`` gives each hour's year (:func:`~.series.years_of`), -1 for hours that are not known to
    be genuine. Raises :class:`~xinyong.errors.QuestionRefused` with too few years or weeks.
    """
    scored = Scored(watched, part, every=24)
    years = tuple(int(year) for year in np.unique(part[part >= 0]))
    found = (scored.calibrated(kind, years) for kind in kinds)
    return tuple(one for one in found if one is not None)
