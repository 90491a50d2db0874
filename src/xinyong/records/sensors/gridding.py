"""From rows in the order in which they came to one value for each hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xinyong.days import from_instant
from xinyong.records.sensors.instrument import HOUR, Instrument
from xinyong.records.sensors.series import Mask, Series, State, Whole
from xinyong.records.sensors.troubles import Odd, Trouble, gaps, marked, unit_mix_ups


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Rows of one instrument from one batch of one file, in their order."""

    file: str
    lines: Whole
    moment: Whole
    value: Whole
    state: np.ndarray[Any, np.dtype[np.uint8]]
    other_unit: Mask


Again = tuple[str, int, object]
"""A row that gives an hour another value: file, line, and what it says."""


def gridded(
    instrument: Instrument, parts: list[Columns]
) -> tuple[Series, list[Trouble], list[Again]]:
    """The series of an instrument, what is odd about it, and rows that contradict earlier ones.

    The first value of an hour stands, but an hour that was given two is doubtful.
    """
    troubles = [*_clocks(instrument, parts), *_other_units(instrument, parts)]
    moment = np.concatenate([part.moment for part in parts])
    value = np.concatenate([part.value for part in parts])
    state = np.concatenate([part.state for part in parts])
    source = np.concatenate([np.full(len(part.lines), n) for n, part in enumerate(parts)])
    lines = np.concatenate([part.lines for part in parts])
    start = int(moment.min())
    hour = (moment - start) // HOUR
    values = np.zeros(int(hour.max()) + 1, np.int64)
    states = np.zeros(len(values), np.uint8)
    _, first = np.unique(hour, return_index=True)
    values[hour[first]], states[hour[first]] = value[first], state[first]
    later = np.setdiff1d(np.arange(len(hour)), first)
    agrees = (value[later] == values[hour[later]]) & (state[later] == states[hour[later]])
    troubles += _repeated(instrument, moment[later[agrees]])
    again: list[Again] = []
    for row in later[~agrees]:
        states[hour[row]] = State.DOUBTFUL
        shown = {
            "instrument": instrument.id,
            "moment": from_instant(int(moment[row])).isoformat(),
            "value": instrument.shown(int(value[row])),
        }
        again.append((parts[source[row]].file, int(lines[row]), shown))
    if again:
        text = f"{len(again)} rows give an hour a second value; the first stands and is doubtful"
        moments = moment[later[~agrees]]
        file, line, _ = again[0]
        where = int(moments.min())
        troubles.append(Trouble(instrument.id, Odd.TWICE, where, len(again), text, file, line))
    for begin, end in unit_mix_ups(instrument, values, states == State.GOOD):
        states[begin:end][states[begin:end] == State.GOOD] = State.DOUBTFUL
        text = f"{end - begin} hours look a thousand times too high or low; they are not judged"
        when = start + begin * HOUR
        troubles.append(Trouble(instrument.id, Odd.UNIT, when, end - begin, text))
    series = Series(instrument, start, values, states)
    return series, [*troubles, *gaps(series), *marked(series)], again


def _clocks(instrument: Instrument, parts: list[Columns]) -> list[Trouble]:
    """Where, within one file, a reading is older than the one before it."""
    found, last = [], {part.file: -(1 << 62) for part in parts}
    for part in parts:
        before = np.concatenate([[last[part.file]], part.moment[:-1]])
        for spot in np.flatnonzero(part.moment < before):
            hours = int(before[spot] - part.moment[spot]) // HOUR
            found.append(
                Trouble(
                    instrument.id, Odd.CLOCK_BACK, int(part.moment[spot]), hours,
                    f"the clock goes back by {hours} hours", part.file, int(part.lines[spot]),
                )
            )  # fmt: skip
        last[part.file] = int(part.moment[-1])
    return found


def _other_units(instrument: Instrument, parts: list[Columns]) -> list[Trouble]:
    count = sum(int(np.count_nonzero(part.other_unit)) for part in parts)
    if not count:
        return []
    part = next(part for part in parts if part.other_unit.any())
    spot = int(part.other_unit.argmax())
    text = f"{count} rows are in another unit than {instrument.unit}; they were converted"
    when, line = int(part.moment[spot]), int(part.lines[spot])
    return [Trouble(instrument.id, Odd.OTHER_UNIT, when, count, text, part.file, line)]


def _repeated(instrument: Instrument, moments: Whole) -> list[Trouble]:
    if not len(moments):
        return []
    text = f"{len(moments)} rows repeat a reading that was there before; they change nothing"
    return [Trouble(instrument.id, Odd.REPEATED, int(moments.min()), len(moments), text)]
