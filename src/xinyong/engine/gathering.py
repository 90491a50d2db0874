"""Compiled: from events of any kind to slots by class and bucket of age.

How the work is cut up is said in :mod:`xinyong.engine.plan`.
"""

from __future__ import annotations

import numpy as np

from xinyong.engine.arithmetic import run
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.memory import (
    add64,
    day_at,
    instant_at,
    kind_at,
    load32,
    load64,
    put64,
    read,
)
from xinyong.engine.packed import (
    BOUNDS,
    CELL_BOUND,
    CELL_SOURCE,
    CELL_STRIDE,
    CLASS_SLOT,
    CLASS_TABLE,
    DISTINCT_ALWAYS,
    DISTINCT_SLOT,
    DISTINCT_SOURCE,
    GROUP_CELL,
    GROUP_DISTINCT,
    GROUP_SLOT,
    GROUP_TABLE,
    KIND_GROUP,
    MEMBERS,
    SLOT_OP,
    SLOT_SOURCE,
    cell,
    one,
    size_of,
)

PROGRAM = 1 << 20
UNKNOWN = -(2**63)
HIGHEST = 2**62
MOST_TAGS = 1 << 24


@compiled
def source_value(P: Vector, source: int, stack: Vector, D: Grid, row: int, day: int) -> int:
    """A number of an event: a column, or a program over columns."""
    if source < PROGRAM:
        return read(D, source + 4, row)
    return run(P, source - PROGRAM, stack, D, row, day, stack, 0, 0, 0, stack)


@compiled
def class_of(P: Vector, group: int, stack: Vector, D: Grid, row: int, day: int) -> int:
    """Class of an event in a group of conditions; -1 if none of them is true."""
    index = one(P, GROUP_TABLE, group)
    for c in range(one(P, GROUP_CELL, group), one(P, GROUP_CELL, group + 1)):
        value = source_value(P, one(P, CELL_SOURCE, c), stack, D, row, day)
        if value != UNKNOWN:
            cell = 1
            for k in range(one(P, CELL_BOUND, c), one(P, CELL_BOUND, c + 1)):
                if value < one(P, BOUNDS, k):
                    break
                cell += 1
            index += cell * one(P, CELL_STRIDE, c)
    return one(P, CLASS_TABLE, index)


@compiled
def met_first(value: int, tag: int, turn: int, table: Grid) -> int:
    """1 if (tag, value) was not met in this turn, else 0; notes it. Open addressing.

    Seldom more than one place is looked at, and whether the value is new decides no branch.
    """
    mask = table.shape[0] - 1
    mixed = np.uint64(value) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(tag) * np.uint64(
        0xBF58476D1CE4E5B9
    )
    at = np.int64((mixed ^ (mixed >> np.uint64(29))) & np.uint64(mask))
    entries, stamp = table.ctypes.data, turn * MOST_TAGS + tag
    here, held = load64(entries, 2 * at), load64(entries, 2 * at + 1)
    while here >= turn * MOST_TAGS and ((here ^ stamp) | (held ^ value)) != 0:
        at = (at + 1) & mask
        here, held = load64(entries, 2 * at), load64(entries, 2 * at + 1)
    put64(entries, 2 * at, stamp)
    put64(entries, 2 * at + 1, value)
    return 1 if here < turn * MOST_TAGS else 0


@compiled
def room_for_distinct(P: Vector, longest: int) -> int:
    """Entries of the table that :func:`met_first` needs for subjects of so many events."""
    size, most = 16, 0
    for k in range(size_of(P, KIND_GROUP) - 1):
        begin, end = one(P, KIND_GROUP, k), one(P, KIND_GROUP, k + 1)
        of_kind = one(P, GROUP_DISTINCT, end) - one(P, GROUP_DISTINCT, begin)
        most = max(most, of_kind)
    while size < 2 * longest * most:
        size *= 2
    return size


@compiled
def visible(D: Grid, row: int, known_by: int) -> bool:
    """Whether an event was on record, and stood, at an instant."""
    if D[2, 0] != 0 and instant_at(D, 2, row) > known_by:
        return False
    if D[3, 0] != 0:
        struck = instant_at(D, 3, row)
        if struck != UNKNOWN and struck <= known_by:
            return False
    return True


@compiled
def distinct_of(
    P: Vector,
    kind: int,
    bucket: int,
    slots: Grid,
    D: Grid,
    row: int,
    event_day: int,
    stack: Vector,
    table: Grid,
    turn: int,
) -> None:
    """The distinct streams of one event, older than all that were looked at before."""
    for g in range(one(P, KIND_GROUP, kind), one(P, KIND_GROUP, kind + 1)):
        begin, end = one(P, GROUP_DISTINCT, g), one(P, GROUP_DISTINCT, g + 1)
        if begin == end:
            continue
        cls = class_of(P, g, stack, D, row, event_day)
        for d in range(begin, end):
            if cls >= 0 and cell(P, MEMBERS, d, cls) == 1:
                value = source_value(P, one(P, DISTINCT_SOURCE, d), stack, D, row, event_day)
                if value != UNKNOWN:
                    slots[bucket, one(P, DISTINCT_SLOT, d)] += met_first(value, d, turn, table)


@compiled
def gather(
    P: Vector,
    low: int,
    high: int,
    day: int,
    known_by: int,
    cuts: Vector,
    count: int,
    slots: Grid,
    D: Grid,
    stack: Vector,
    table: Grid,
    turn: int,
) -> bool:
    """Add the visible events of rows [low, high), newest first, into slots by class and bucket.

    False if the events are not in order of time.
    """
    bucket, newest_day = 0, HIGHEST
    distinct = size_of(P, DISTINCT_SLOT) > 0
    plain_clock = D[2, 0] == 0 and D[3, 0] == 0
    for row in range(high - 1, low - 1, -1):
        event_day = day_at(D, row)
        if event_day > newest_day:
            return False
        newest_day = event_day
        if event_day > day:
            continue
        if not plain_clock and not visible(D, row, known_by):
            continue
        while bucket < count and event_day <= cuts[bucket]:
            bucket += 1
        kind = kind_at(D, row)
        for g in range(one(P, KIND_GROUP, kind), one(P, KIND_GROUP, kind + 1)):
            cls = class_of(P, g, stack, D, row, event_day)
            if cls < 0:
                continue
            at = one(P, CLASS_SLOT, cls)
            for s in range(one(P, GROUP_SLOT, g), one(P, GROUP_SLOT, g + 1)):
                op = one(P, SLOT_OP, s)
                if op == 0:
                    slots[bucket, at] += 1
                elif op == 5:
                    if row > slots[bucket, at]:
                        slots[bucket, at] = row
                else:
                    value = source_value(P, one(P, SLOT_SOURCE, s), stack, D, row, event_day)
                    if value != UNKNOWN:
                        if op == 1:
                            slots[bucket, at] += value
                        elif op == 2:
                            slots[bucket, at] += 1
                        elif op == 3:
                            slots[bucket, at] = min(slots[bucket, at], value)
                        elif op == 4:
                            slots[bucket, at] = max(slots[bucket, at], value)
                        elif row > slots[bucket, at]:
                            slots[bucket, at] = row
                at += 1
        if distinct:
            distinct_of(P, kind, bucket, slots, D, row, event_day, stack, table, turn)
    return True


@compiled
def tags_of(P: Vector, D: Grid, tags: Grid) -> None:
    """By kind, where :func:`gather_distinct` finds the one distinct stream of all its events.

    [address of its values, 1 if they are 32 bits wide, slot, stream]; 0 for an address where a
    kind has none, -1 where it has more, or values that have to be looked up.
    """
    for k in range(size_of(P, KIND_GROUP) - 1):
        first, last = one(P, KIND_GROUP, k), one(P, KIND_GROUP, k + 1)
        begin, end = one(P, GROUP_DISTINCT, first), one(P, GROUP_DISTINCT, last)
        tags[k, 0] = 0 if begin == end else -1
        if end - begin != 1 or one(P, DISTINCT_ALWAYS, begin) != 1:
            continue
        source = one(P, DISTINCT_SOURCE, begin)
        column = source + 4 if source < PROGRAM else 0
        bits = D[column, 1]
        if column > 0 and (bits == 64 or bits == 32) and D[column, 2] == 0 and D[column, 4] == 0:
            tags[k, 0] = D[column, 0] + bits // 8 * D[column, 3]
            tags[k, 1] = 1 if bits == 32 else 0
            tags[k, 2], tags[k, 3] = one(P, DISTINCT_SLOT, begin), begin


@compiled
def gather_distinct(
    P: Vector,
    low: int,
    high: int,
    day: int,
    cuts: Vector,
    count: int,
    slots: Grid,
    D: Grid,
    stack: Vector,
    table: Grid,
    turn: int,
    tags: Grid,
) -> None:
    """The distinct streams alone: each value counts in the bucket of its newest event."""
    bucket, cells, width, ways = 0, slots.ctypes.data, 8 * slots.shape[1], tags.ctypes.data
    for row in range(high - 1, low - 1, -1):
        event_day = day_at(D, row)
        if event_day > day:
            continue
        while bucket < count and event_day <= cuts[bucket]:
            bucket += 1
            cells += width
        kind = kind_at(D, row)
        values = load64(ways, 4 * kind)
        if values > 0:
            value = load32(values, row) if load64(ways, 4 * kind + 1) == 1 else load64(values, row)
            new = met_first(value, load64(ways, 4 * kind + 3), turn, table)
            add64(cells, load64(ways, 4 * kind + 2), new)
        elif values < 0:
            distinct_of(P, kind, bucket, slots, D, row, event_day, stack, table, turn)
