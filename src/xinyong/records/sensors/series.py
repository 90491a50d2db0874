"""Readings of one instrument on the grid of hours, and what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xinyong.errors import QuestionRefused
from xinyong.records.sensors.instrument import DAY, HOUR, WEEK, Instrument

Whole: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]

YEAR: Final = 8_766
"""Hours in a part of the record: 365 and a quarter days, so that each part holds all seasons."""

ENOUGH: Final = 0.8
"""Share of a week's hours that must be good for the week to be judged."""


class State(IntEnum):
    """What there is of an hour. Only good hours are looked at by the detectors."""

    MISSING = 0
    GOOD = 1
    MARKED = 2
    """The firm's own logger says that it was not a normal reading."""
    DOUBTFUL = 3
    """Perhaps in another unit; see :mod:`.troubles`."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Hourly values (thousandths of the plain unit, int64) and the state of each hour (uint8).

    ``start`` is the first hour, in microseconds since 1970-01-01T00:00Z. Both arrays are
    one-dimensional, of one length, and cannot be written to.
    """

    instrument: Instrument
    start: int
    values: Whole
    state: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.values.shape != self.state.shape or self.values.ndim != 1 or self.start % HOUR:
            raise QuestionRefused(
                "values and states do not go together", where=self.instrument.id,
                why="there is one of each for every hour, from a full hour on",
                mend="make the series by intake",
            )  # fmt: skip
        self.values.setflags(write=False)
        self.state.setflags(write=False)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def good(self) -> Mask:
        """Which hours hold a reading that can be judged."""
        return np.equal(self.state, State.GOOD)

    def moment(self, hour: int) -> int:
        """The instant at which an hour of the series begins (microseconds)."""
        return self.start + hour * HOUR

    def with_week(self, at: int, values: Whole, good: Mask | None = None) -> Series:
        """The same series with other values from hour ``at`` on; all good unless said."""
        changed, state = self.values.copy(), self.state.copy()
        end = at + len(values)
        changed[at:end] = values
        fresh = np.full(len(values), State.GOOD, np.uint8)
        state[at:end] = fresh if good is None else np.where(good, fresh, state[at:end])
        return Series(self.instrument, self.start, changed, state)

    def on_grid_of(self, other: Series) -> Series:
        """This series cut and padded to the hours of another; what it lacks is missing."""
        shift = (other.start - self.start) // HOUR
        values = np.zeros(len(other), np.int64)
        state = np.zeros(len(other), np.uint8)
        first, last = max(0, shift), min(len(self), shift + len(other))
        if first < last:
            values[first - shift : last - shift] = self.values[first:last]
            state[first - shift : last - shift] = self.state[first:last]
        return Series(self.instrument, other.start, values, state)


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """A series and the independent series beside it, all on the same hours.

    Independent means: measured by somebody else, at another place - a neighbour station, a weather
    office. Who can dilute the one must not be able to touch the other.
    """

    own: Series
    beside: tuple[Series, ...] = ()

    def __post_init__(self) -> None:
        for other in self.beside:
            if other.start != self.own.start or len(other) != len(self.own):
                raise QuestionRefused(
                    "series that stand beside each other begin or end apart",
                    where=other.instrument.id, why="they are compared hour by hour",
                    mend="use watched()",
                )  # fmt: skip
            if other.instrument.firm == self.own.instrument.firm:
                raise QuestionRefused(
                    "a firm's own instrument is no independent one", where=other.instrument.id,
                    why="who changes the one could change the other",
                    mend="name an instrument of another organisation",
                )  # fmt: skip

    def with_week(self, at: int, values: Whole, good: Mask | None = None) -> Watched:
        """The same, its own series changed from hour ``at`` on."""
        return Watched(self.own.with_week(at, values, good), self.beside)


def watched(own: Series, beside: Sequence[Series] = ()) -> Watched:
    """A series with others beside it, put on its hours."""
    return Watched(own, tuple(other.on_grid_of(own) for other in beside))


def years_of(length: int) -> Whole:
    """The part of the record each hour belongs to, 0 on; a short rest goes to the last full part.

    A part is :data:`YEAR` hours. What remains counts as a part of its own from half a year on.
    """
    parts = np.arange(length, dtype=np.int64) // YEAR
    rest = length % YEAR
    if length > YEAR and rest < YEAR // 2:
        parts = np.minimum(parts, length // YEAR - 1)
    return parts


def weeks(series: Series, every: int = DAY) -> Whole:
    """First hours of the weeks that can be judged, one every ``every`` hours."""
    starts = np.arange(0, len(series) - WEEK + 1, every, dtype=np.int64)
    running = np.concatenate([[0], np.cumsum(series.good)])
    judged: Whole = starts[running[starts + WEEK] - running[starts] >= ENOUGH * WEEK]
    return judged
