"""The NumPy twin: the calendar, and a block of events as columns of 64-bit integers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.engine import columns as cols
from xinyong.engine.asking import Questions
from xinyong.engine.columns import Block
from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan import Plan
from xinyong.engine.stamps import clocks, local_days, micros

Mask = npt.NDArray[np.bool_]


def months_of(days: Int) -> tuple[Int, Int]:
    """Month (since 1970-01) and place in the month of day numbers."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)


def month_start(months: Int) -> Int:
    """Day numbers of the first days of months."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def before(days: Int, length: int, unit: int) -> Int:
    """Days less a period; falls back to the month's last day."""
    if unit == 0:
        return days - length
    months, place = months_of(days)
    first = month_start(months - length)
    return first + np.minimum(place, month_start(months - length + 1) - first - 1)


def leaves(days: Int, length: int, unit: int) -> Int:
    """First days on which a window of this period no longer holds events of ``days``."""
    if unit == 0:
        return days + length
    months, place = months_of(days)
    first = month_start(months + length)
    return first + np.minimum(place, month_start(months + length + 1) - first)


@dataclass(slots=True)
class Records:
    """A block's events as 64-bit columns."""

    kind: Int
    day: Int
    recorded: Int | None
    struck: Int | None
    columns: list[Int]


def records_of(plan: Plan, block: Block, questions: Questions) -> Records:
    """The events of a block; EventsRefused where they are not in order of time."""
    none = np.zeros(0, np.int64)
    if block.rows == 0:
        return Records(none, none, None, None, [none for _ in plan.columns])
    arrays = block.arrays
    codes, numbers = cols.kind_codes(arrays["kind"], plan)
    kinds = numbers[np.asarray(codes)]
    stamp = arrays["happened_at"]
    instants: Int | None = None
    if pa.types.is_date32(stamp.type) and stamp.null_count == 0:
        days = np.asarray(stamp.cast(pa.int32())).astype(np.int64)
    else:
        instants = micros(stamp, plan)
        days = local_days(instants, plan).astype(np.int64)
    falls = np.diff(days) < 0
    falls[block.starts[1:-1] - 1] = False
    if falls.any():
        raise cols.not_in_time()
    recorded, struck = clocks(plan, arrays, instants, *questions.clocks)
    columns = []
    for column in plan.columns:
        name = cols.column_name(column, list(arrays))
        if name is None:
            columns.append(np.full(block.rows, UNKNOWN, np.int64))
            continue
        array = cols.field_array(arrays[name], column, plan)
        columns.append(cols.numbers(array, cols.words(array, column, plan)))
    return Records(kinds, days, recorded, struck, columns)


@dataclass(slots=True)
class Entries:
    """Visible events of all questions, in order of question and time."""

    question: Int
    row: Int
    day: Int
    kind: Int
    bucket: Int
    classes: dict[int, Int] = field(default_factory=dict)
    """By group: the class of each entry, -1 none."""
