"""The arrays of a plan, their names and the small numbers in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np

from xinyong.engine.machine import Int

PROGRAM: Final = 1 << 20
"""Sources from here on are programs."""

MOST_CLASSES: Final = 1 << 12
"""Cells of a group multiply; a group whose table would be larger is cut in two."""

HIGHEST: Final = 2**62
"""Stands for "no limit" among limits and for the identity of a minimum."""


LANES: Final = 8
"""How many numbers the compiled engine takes at a time."""


class Slot(IntEnum):
    """What a slot of a class gathers."""

    COUNT = 0
    SUM = 1
    KNOWN = 2  # events whose source is known
    MIN = 3
    MAX = 4
    ROW = 5  # newest row
    KNOWN_ROW = 6  # newest row whose source is known
    DISTINCT = 7  # values whose newest occurrence lies in the bucket


ADDED: Final = frozenset({Slot.COUNT, Slot.SUM, Slot.KNOWN, Slot.DISTINCT})
"""Slots that add up over classes and buckets."""


class Measure(IntEnum):
    """How a variable comes from streams ``a`` and ``b``."""

    COUNT = 0
    SUM = 1
    MEAN_WHOLE = 2
    MEAN_FIXED = 3
    MIN = 4
    MAX = 5
    LATEST = 6
    DAYS_SINCE = 7
    SHARE = 8
    TREND = 9
    EXPR = 10


class LineForm(IntEnum):
    """How a line's points come about."""

    STEPS = 0  # a table of ascending edges over a numeric variable
    TABLE = 1  # a table of any tests
    COUNTED = 2  # constant points for each event: a count
    SUMMED = 3  # points of each event added up
    SPECIAL = 4  # event by event: cap_per or decay
    WHEN = 5


class Test(IntEnum):
    """Tests of a table row."""

    BELOW = 0
    IS = 1
    ELSE = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column the plan reads: its name in the events table and how it is to be held.

    ``words`` true: a text column as codes of the scheme's words (0 for any other word);
    ``identity`` true: as codes that tell values apart.
    """

    kind: str
    field: str
    name: str
    words: bool = False
    identity: bool = False


class Tables(NamedTuple):
    """The arrays of a plan. All are int64 and read-only; names in brackets are row meanings."""

    code: Int  # [op, a, b] of all programs
    sets: Int
    programs: Int  # start of each program in code, and the end
    periods: Int  # [length, unit: 0 day 1 month]
    param_start: Int  # first row of each parameter in the next two
    param_day: Int
    param_value: Int
    kind_group: Int  # first group of each kind (and end)
    group_cell: Int  # first cell source of each group (and end)
    group_table: Int  # first entry of each group in class_table
    group_slot: Int  # first slot kind of each group (and end)
    cell_source: Int
    cell_bound: Int  # first bound of each cell source (and end)
    cell_stride: Int
    bounds: Int
    class_table: Int  # class by cell index, -1 none
    class_slot: Int  # first slot of each class
    slot_op: Int  # of the group's slots
    slot_source: Int
    stream_op: Int
    stream_slot: Int  # first entry of each stream in the next (and end)
    stream_slots: Int
    stream_row: Int  # row of each stream among slots (of one class) or after them
    multi: Int  # [first row, rows, slot kind or 0] of runs of streams of none or several classes
    multi_start: Int  # first part of each in the next (and end)
    multi_rows: Int  # rows (slots, or streams before it) that together are the run's first row
    runs: Int  # [first, end) of slots that add up over buckets
    plain: Int  # by kind: see _plain
    plain_slot: Int  # as class_table, with the first slot of the class
    group_class: Int  # first class of each group (and end)
    group_distinct: Int  # first distinct stream of each group (and end)
    distinct_slot: Int  # slot of each distinct stream
    distinct_source: Int
    distinct_always: Int  # 1 where a distinct stream selects every event of its kind
    members: Int  # [distinct stream, class]: 1 where the class belongs to the stream
    variable: Int  # [measure, a, b, period, period 2, source (a trend: own window), program]
    known_start: Int  # first stream of each variable's known_if (and end)
    known_stream: Int
    share_start: Int  # first stream of each share's denominator (and end)
    share_stream: Int
    slow: Int  # variables to be worked out one by one
    quick: Int  # [line, lane, points below all edges] of each quick line
    segment: Int  # [vectors, edges, period, first row, dimension, first step, sum of bases,
    #   first vector]
    quick_step: Int  # by vector and edge eight edges and eight rises, of 32 bits each
    slow_line: Int  # lines that are not quick
    start: Int  # [program or -1, points]
    line: Int  # [form, variable or stream, low period, high period, points, cap, cap_per, per,
    #   reference, dimension, first row, end row, missing, program, decay, row of special]
    row: Int  # [test, edge, points]
    dimension: Int  # [at least, at most]
    band: Int  # [since or UNKNOWN, program or -1]
    veto: Int  # [program, rank, line]
    lists: Int  # [add program, remove program or -1, lasts, warn, after score]
    ground_start: Int
    ground: Int  # [stream, period]
    consequence: Int  # program
    special_start: Int  # first entry of each special line in the next (and end)
    special: Int  # kind, where program or -1, points program, periods of halving
    cutting: Int  # by period: 1 where it is a window of streams, 0 where of dates alone
    tally: Int  # [stream, period, slot kind, event kind, source]: see plan_tallies
    tally_reader_start: Int  # first reader of each tally (and end)
    tally_reader: Int  # a variable; or a line, or a list, counted on from there
    taken_start: Int  # first tally of each [class, period] (and end)
    taken: Int  # tallies an event of the class takes from when it crosses the period
    crossing: Int  # [period, kind]: 1 where an event crossing the period can change something
    lean_start: Int  # first tally of each variable (and end)
    lean: Int
    known_tally_start: Int  # first tally of each variable's known_if (and end)
    known_tally: Int
    line_tally: Int  # [tally, tally of starts or -1] of lines of counts and sums
    ground_tally_start: Int  # first tally of each list's ground (and end)
    ground_tally: Int
    aged: Int  # [variable, 1 if it moves every day]: a days_since that something looks at
    age_start: Int  # first age of each in the next (and end)
    age: Int  # ages at which something turns, ascending
    asked: Int  # by variable: 1 where a condition names it
    looked_up_start: Int  # first line of each variable (and end)
    looked_up: Int  # lines that look the variable up
    computed: Int  # variables that are expressions
    need_start: Int  # first variable each of them reads (and end)
    need: Int
    limits: Int  # [floor, ceiling, reasons, slots, rows (slots and streams), plain, vectors,
    #   1 where the score is a start and quick lines, and nothing but bands by score follows]


LINE_WIDTH: Final = 16


# ------------------------------------------------------------------ made from lists


def array(rows: Sequence[object], width: int = 0) -> Int:
    """A read-only table; ``width`` numbers a row."""
    made = np.array(rows, dtype=np.int64)
    if width:
        made = made.reshape(len(rows), width)
    made.flags.writeable = False
    return made


def starts(parts: Sequence[Sequence[object]]) -> Int:
    """Where each part starts once all stand one after the other, and the end."""
    return array(np.concatenate([[0], np.cumsum([len(p) for p in parts])]).tolist())


def flat(parts: Iterable[Iterable[int]]) -> Int:
    """The parts one after the other."""
    return array([x for part in parts for x in part])
