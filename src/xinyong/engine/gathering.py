"""Compiled: from a subject's events to streams by bucket of age.

How the work is cut up is said in :mod:`xinyong.engine.plan`.
"""

from __future__ import annotations

import numpy as np

from xinyong.engine.arithmetic import before, run
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.memory import (
    add64,
    day_at,
    instant_at,
    kind_at,
    load8,
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
    GROUP_CLASS,
    GROUP_DISTINCT,
    GROUP_SLOT,
    GROUP_TABLE,
    KIND_GROUP,
    LIMITS,
    MEMBERS,
    MULTI,
    MULTI_ROWS,
    MULTI_START,
    PERIODS,
    PLAIN,
    PLAIN_SLOT,
    RUNS,
    SLOT_OP,
    SLOT_SOURCE,
    STREAM_OP,
    STREAM_ROW,
    cell,
    one,
    size_of,
)

PROGRAM = 1 << 20
UNKNOWN = -(2**63)
HIGHEST = 2**62

# ------------------------------------------------------------------ buckets


@compiled
def put(edge: int, cuts: Vector, count: int) -> int:
    """Put an edge among ``cuts`` (newest first, each once); gives how many there are."""
    place = count
    while place > 0 and cuts[place - 1] < edge:
        place -= 1
    if place > 0 and cuts[place - 1] == edge:
        return count
    for k in range(count, place, -1):
        cuts[k] = cuts[k - 1]
    cuts[place] = edge
    return count + 1


@compiled
def cut(P: Vector, day: int, edges: Vector, cuts: Vector, count: int) -> int:
    """Add the window edges of a day to ``cuts``; ``edges`` takes the edge of each period."""
    for p in range(size_of(P, PERIODS)):
        edges[p] = before(day, cell(P, PERIODS, p, 0), cell(P, PERIODS, p, 1))
        count = put(edges[p], cuts, count)
    return count


@compiled
def spans_of(P: Vector, edges: Vector, cuts: Vector, count: int, spans: Vector) -> None:
    """For each period where its window ends, as a number of buckets; last, without a window."""
    for p in range(size_of(P, PERIODS)):
        k = 0
        while k < count and cuts[k] > edges[p]:
            k += 1
        spans[p] = k + 1
    spans[size_of(P, PERIODS)] = count + 1


# ------------------------------------------------------------------ gathering


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
def seen_before(value: int, tag: int, turn: int, table: Grid) -> bool:
    """Whether (tag, value) was met in this turn; notes it if not. Open addressing."""
    mask = table.shape[0] - 1
    mixed = np.uint64(value) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(tag) * np.uint64(
        0xBF58476D1CE4E5B9
    )
    at = np.int64((mixed ^ (mixed >> np.uint64(29))) & np.uint64(mask))
    while table[at, 0] == turn:
        if table[at, 1] == value and table[at, 2] == tag:
            return True
        at = (at + 1) & mask
    table[at, 0], table[at, 1], table[at, 2] = turn, value, tag
    return False


@compiled
def room_for_distinct(P: Vector, longest: int) -> int:
    """Entries of the table that :func:`seen_before` needs for subjects of so many events."""
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
def clear(P: Vector, slots: Grid, size: int) -> None:
    """Set every slot of every bucket to its neutral value."""
    cells, width, many = slots.ctypes.data, slots.shape[1], one(P, LIMITS, 3)
    for k in range(size):
        for row in range(many):
            put64(cells + 8 * k * width, row, 0)
    for g in range(size_of(P, GROUP_SLOT) - 1):
        first, last = one(P, GROUP_SLOT, g), one(P, GROUP_SLOT, g + 1)
        for s in range(first, last):
            op = one(P, SLOT_OP, s)
            if op >= 3:
                neutral = HIGHEST if op == 3 else (-HIGHEST if op == 4 else -1)
                for c in range(one(P, GROUP_CLASS, g), one(P, GROUP_CLASS, g + 1)):
                    at = one(P, CLASS_SLOT, c) + s - first
                    for k in range(size):
                        slots[k, at] = neutral


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
                for d in range(one(P, GROUP_DISTINCT, g), one(P, GROUP_DISTINCT, g + 1)):
                    if cell(P, MEMBERS, d, cls) == 1:
                        value = source_value(
                            P, one(P, DISTINCT_SOURCE, d), stack, D, row, event_day
                        )
                        if value != UNKNOWN and not seen_before(value, d, turn, table):
                            slots[bucket, one(P, DISTINCT_SLOT, d)] += 1
    return True


@compiled
def gather_plain(
    P: Vector,
    low: int,
    high: int,
    day: int,
    ways: Grid,
    ages: Vector,
    cuts: Vector,
    count: int,
    slots: Grid,
    D: Grid,
) -> bool:
    """As :func:`gather`, for plans of counts and sums by one field (see plan._plain).

    False if the events are not in order of time.
    """
    narrow, numbers = D[0, 1] == 8, D[0, 4]
    day_of, kind_of = D[1, 0] + 4 * D[1, 3], D[0, 0] + D[0, 1] // 8 * D[0, 3]
    buckets, cells, width = ages.ctypes.data, slots.ctypes.data, slots.shape[1]
    kinds = ways.ctypes.data
    reach, oldest = ages.shape[0], HIGHEST
    for row in range(low, high):
        age = day - load32(day_of, row)
        if age > oldest:
            return False
        oldest = age
        if age < 0:
            continue
        if age < reach:
            bucket = load64(buckets, age)
        else:
            bucket = load64(buckets, reach - 1)
            while bucket < count and day - age <= cuts[bucket]:
                bucket += 1
        code = load8(kind_of, row) if narrow else load32(kind_of, row)
        way = kinds + 64 * load64(numbers, code)
        looked_at, entry, value = load64(way, 0), load64(way, 3), 0
        if looked_at > 0:
            value = load64(looked_at, row)
            for bound in range(load64(way, 1), load64(way, 2), 8):
                entry += 8 if value >= load64(bound, 0) else 0
        elif looked_at < 0:
            column = -looked_at
            value = read(D, column, row)
            if value == UNKNOWN:
                entry -= 8
            else:
                for bound in range(load64(way, 1), load64(way, 2), 8):
                    entry += 8 if value >= load64(bound, 0) else 0
        slot = load64(entry, 0)
        if slot < 0:
            continue
        slot += bucket * width
        if load64(way, 4) >= 0:
            add64(cells, slot + load64(way, 4), 1)
        summed = load64(way, 5)
        if summed != 0:
            if summed != looked_at:
                value = load64(summed, row) if summed > 0 else read(D, -summed, row)
            if value != UNKNOWN:
                add64(cells, slot + load64(way, 6), value)
    return True


@compiled
def values_at(D: Grid, column: int) -> int:
    """Address of a column's first value if it is plain 64-bit numbers, else minus the column."""
    if D[column, 1] == 64 and D[column, 2] == 0 and D[column, 4] == 0:
        return D[column, 0] + 8 * D[column, 3]
    return -column


@compiled
def ways_of(P: Vector, D: Grid, ways: Grid) -> None:
    """By kind, where :func:`gather_plain` finds what it needs, as addresses.

    [values of the field looked at, first bound, last bound, entry for a known value, offset of
    the count, values summed, offset of the sum]. A column that is not plain 64-bit numbers is
    given as minus its number; 0 is none. A kind without conditions has an entry of -1.
    """
    bounds, table = P.ctypes.data + 8 * P[3 * BOUNDS], P.ctypes.data + 8 * P[3 * PLAIN_SLOT]
    for k in range(size_of(P, PLAIN)):
        ways[k, 7] = -1
        looked_at, summed = cell(P, PLAIN, k, 0), cell(P, PLAIN, k, 5)
        if looked_at == -3:
            ways[k, 0], ways[k, 1], ways[k, 2], ways[k, 5] = 0, 0, 0, 0
            ways[k, 3], ways[k, 4] = ways.ctypes.data + 8 * (8 * k + 7), -1
            continue
        ways[k, 1] = bounds + 8 * cell(P, PLAIN, k, 1)
        ways[k, 2] = bounds + 8 * cell(P, PLAIN, k, 2)
        ways[k, 3] = table + 8 * cell(P, PLAIN, k, 3)
        ways[k, 0] = 0
        if looked_at >= 0:
            ways[k, 3] += 8
            ways[k, 0] = values_at(D, looked_at + 4)
        ways[k, 4], ways[k, 6] = cell(P, PLAIN, k, 4), cell(P, PLAIN, k, 6)
        ways[k, 5] = values_at(D, summed + 4) if summed >= 0 else 0


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
) -> None:
    """The distinct streams alone: each value counts in the bucket of its newest event."""
    bucket = 0
    for row in range(high - 1, low - 1, -1):
        event_day = day_at(D, row)
        if event_day > day:
            continue
        while bucket < count and event_day <= cuts[bucket]:
            bucket += 1
        kind = kind_at(D, row)
        for g in range(one(P, KIND_GROUP, kind), one(P, KIND_GROUP, kind + 1)):
            begin, end = one(P, GROUP_DISTINCT, g), one(P, GROUP_DISTINCT, g + 1)
            if begin == end:
                continue
            cls = -2  # not looked up yet
            for d in range(begin, end):
                chosen = one(P, DISTINCT_ALWAYS, d) == 1
                if not chosen:
                    if cls == -2:
                        cls = class_of(P, g, stack, D, row, event_day)
                    chosen = cls >= 0 and cell(P, MEMBERS, d, cls) == 1
                if chosen:
                    value = source_value(P, one(P, DISTINCT_SOURCE, d), stack, D, row, event_day)
                    if value != UNKNOWN and not seen_before(value, d, turn, table):
                        slots[bucket, one(P, DISTINCT_SLOT, d)] += 1


@compiled
def combine(P: Vector, slots: Grid, size: int) -> None:
    """Let sums run on from the newest bucket, and put classes together into streams."""
    for r in range(size_of(P, RUNS)):
        first, last = cell(P, RUNS, r, 0), cell(P, RUNS, r, 1)
        for k in range(1, size):
            older, newer = slots[k, first:last], slots[k - 1, first:last]
            for n in range(last - first):
                older[n] += newer[n]
    for m in range(size_of(P, MULTI)):
        stream = one(P, MULTI, m)
        op, row = one(P, STREAM_OP, stream), one(P, STREAM_ROW, stream)
        first, last = one(P, MULTI_START, m), one(P, MULTI_START, m + 1)
        members = P.ctypes.data + 8 * P[3 * MULTI_ROWS]
        cells, width = slots.ctypes.data, slots.shape[1]
        added = op <= 2 or op == 7
        if first == last or not added:
            neutral = 0 if added else (HIGHEST if op == 3 else (-HIGHEST if op == 4 else -1))
            for k in range(size):
                slots[k, row] = neutral
        else:
            here, part = cells + 8 * row, cells + 8 * load64(members, first)
            for k in range(size):
                put64(here, k * width, load64(part, k * width))
            first += 1
        for n in range(first, last):
            here, part = cells + 8 * row, cells + 8 * load64(members, n)
            for k in range(size):
                if added:
                    add64(here, k * width, load64(part, k * width))
                else:
                    one_of, other = load64(here, k * width), load64(part, k * width)
                    best = min(one_of, other) if op == 3 else max(one_of, other)
                    put64(here, k * width, best)


@compiled
def total(P: Vector, slots: Grid, stream: int, low: int, high: int) -> int:
    """Sum of a stream over buckets [low, high)."""
    if high <= low:
        return 0
    row = one(P, STREAM_ROW, stream)
    found = slots[high - 1, row]
    return found - slots[low - 1, row] if low > 0 else found


@compiled
def newest(P: Vector, slots: Grid, stream: int, low: int, high: int) -> int:
    """Newest row of a stream in buckets [low, high); -1 if none."""
    at, found = one(P, STREAM_ROW, stream), -1
    for k in range(low, high):
        found = max(found, slots[k, at])
    return found
