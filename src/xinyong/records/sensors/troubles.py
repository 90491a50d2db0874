"""What is odd about a record before anybody looks for fabrication: gaps, clocks, units."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from xinyong.records.sensors.instrument import Instrument
from xinyong.records.sensors.series import Mask, Series, State, Whole


class Odd(StrEnum):
    """What is odd. The rows behind it stay in; the hours of ``UNIT`` and ``TWICE`` are doubtful."""

    GAP = "gap"
    REPEATED = "same reading again"
    TWICE = "two values for one hour"
    CLOCK_BACK = "clock went back"
    OTHER_UNIT = "other unit than registered"
    UNIT = "perhaps another unit"
    MARKED = "marked as not normal"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something odd at one instrument: what, from which instant on, over how many hours or rows.

    ``file`` and ``line`` say where it was first met, if it was met in a file.
    """

    instrument: str
    odd: Odd
    start: int
    count: int
    text: str
    file: str = ""
    line: int = 0


_FEWEST: Final = 3
"""Hours in a row that must be off by a thousand before a unit is suspected."""

_WIDER: Final = 3
_FAR: Final = 20
"""Times beyond the usual range that a reading must lie to be off."""


def gaps(series: Series) -> list[Trouble]:
    """Stretches of hours without any reading."""
    found = []
    for first, last in stretches(np.equal(series.state, State.MISSING)):
        text = f"no reading for {last - first} hours"
        moment = series.moment(first)
        found.append(Trouble(series.instrument.id, Odd.GAP, moment, last - first, text))
    return found


def marked(series: Series) -> list[Trouble]:
    """How many hours the firm's own logger marks. They are not judged, so their number matters."""
    hours = np.flatnonzero(series.state == State.MARKED)
    if not len(hours):
        return []
    text = f"{len(hours)} of {len(series)} hours are marked as not normal and are not judged"
    moment = series.moment(int(hours[0]))
    return [Trouble(series.instrument.id, Odd.MARKED, moment, len(hours), text)]


def unit_mix_ups(instrument: Instrument, values: Whole, good: Mask) -> list[tuple[int, int]]:
    """Stretches (first, past the last) that would be usual if they were a thousand times off.

    Usual is what eight in ten readings span, and three times that to either side. A stretch is
    suspected where at least three good readings in a row lie twenty times beyond that, and fall
    into it once multiplied or divided by a thousand.
    """
    usual = values[good & (values > 0)]
    if not instrument.is_concentration or len(usual) < 100:
        return []
    low, high = np.quantile(usual, [0.1, 0.9])
    low, high = low / _WIDER, high * _WIDER
    if high > 1000 * low:  # more than a tenth is mixed up, or nothing is usual here
        low, high = np.median(usual) / _WIDER**3, np.median(usual) * _WIDER**3
    up = (values > _FAR * high) & (values >= 1000 * low) & (values <= 1000 * high)
    down = (values > 0) & (_FAR * values < low) & (values * 1000 >= low) & (values * 1000 <= high)
    found = []
    for off in (up & good, down & good):
        for first, last in stretches(off | ~good):
            hours = first + np.flatnonzero(off[first:last])
            if len(hours) >= _FEWEST:
                found.append((int(hours[0]), int(hours[-1]) + 1))
    return found


def stretches(mask: Mask) -> list[tuple[int, int]]:
    """First and past-the-last spot of each stretch of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
