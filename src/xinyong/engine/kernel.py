"""The fast engine: one table-driven pass over each subject's events, compiled once.

Nothing here is made for one scheme: every function reads the arrays of a
:class:`~xinyong.engine.plan.Plan`. The meaning is that of :mod:`xinyong.engine.plain`; the twin in
:mod:`xinyong.engine.arrays` does the same with NumPy alone.
"""

from __future__ import annotations

import numpy as np

from xinyong.engine.compiling import Cube, Grid, Vector, compiled
from xinyong.engine.machine import STACK
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
    BAND,
    BOUNDS,
    CELL_BOUND,
    CELL_SOURCE,
    CELL_STRIDE,
    CLASS_SLOT,
    CLASS_TABLE,
    CODE,
    CONSEQUENCE,
    DIMENSION,
    DISTINCT_ALWAYS,
    DISTINCT_SLOT,
    DISTINCT_SOURCE,
    GROUND,
    GROUND_START,
    GROUP_CELL,
    GROUP_CLASS,
    GROUP_DISTINCT,
    GROUP_SLOT,
    GROUP_TABLE,
    KIND_GROUP,
    KNOWN_START,
    KNOWN_STREAM,
    LIMITS,
    LINE,
    LISTS,
    MARKS,
    MEMBERS,
    MULTI,
    MULTI_ROWS,
    MULTI_START,
    PARAM_DAY,
    PARAM_START,
    PARAM_VALUE,
    PERIODS,
    PLAIN,
    PLAIN_SLOT,
    PROGRAMS,
    QUICK,
    QUICK_BASE,
    QUICK_STEP,
    ROW,
    RUNS,
    SEGMENT,
    SETS,
    SHARE_START,
    SHARE_STREAM,
    SLOT_OP,
    SLOT_SOURCE,
    SLOW,
    SLOW_LINE,
    SPECIAL,
    SPECIAL_START,
    START,
    STREAM_OP,
    STREAM_ROW,
    VARIABLE,
    VETO,
    WATCH,
    cell,
    one,
    size_of,
)

UNKNOWN = -(2**63)
LIMIT = 9 * 10**17
MICRO = 1_000_000
PROGRAM = 1 << 20
HIGHEST = 2**62
POINTS_LIMIT = 1_000_000
HORIZON = 3660
MOST_AGES = 4096

# ------------------------------------------------------------------ calendar


@compiled
def month_start(months: int) -> int:
    """Day number of the first day of a month, counted in months since year 0."""
    year, month = months // 12, months % 12 + 1
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    doe = yoe * 365 + yoe // 4 - yoe // 100 + doy
    return era * 146097 + doe - 719468


@compiled
def months_of(day: int) -> int:
    """Month of a day, counted in months since year 0."""
    z = day + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (1 if month <= 2 else 0)
    return year * 12 + month - 1


@compiled
def before(day: int, length: int, unit: int) -> int:
    """``day`` less a period; falls back to the month's last day."""
    if unit == 0:
        return day - length
    months = months_of(day)
    offset = day - month_start(months)
    first = month_start(months - length)
    last = month_start(months - length + 1) - first - 1
    return first + min(offset, last)


@compiled
def leaves(day: int, length: int, unit: int) -> int:
    """First day whose window of this period no longer holds an event of ``day``."""
    if unit == 0:
        return day + length
    months = months_of(day)
    offset = day - month_start(months)
    first = month_start(months + length)
    size = month_start(months + length + 1) - first
    return first + offset if offset < size else first + size


# ------------------------------------------------------------------ arithmetic


@compiled
def divide(a: int, b: int) -> int:
    """``a / b`` in millionths, halves away from zero; unknown beyond the limit or if b is 0."""
    if b == 0:
        return UNKNOWN
    top, low = abs(a), abs(b)
    quotient, rest = top // low, top % low
    if quotient > LIMIT // MICRO:
        return UNKNOWN
    for _ in range(6):
        rest = rest * 10
        quotient = quotient * 10 + rest // low
        rest = rest % low
    if rest >= low - rest:
        quotient += 1
    if quotient > LIMIT:
        return UNKNOWN
    return -quotient if (a < 0) != (b < 0) else quotient


@compiled
def multiply(a: int, b: int) -> int:
    """Product of whole numbers, unknown beyond the limit."""
    if b != 0 and abs(a) > LIMIT // abs(b):
        return UNKNOWN
    return a * b


@compiled
def multiply_fixed(a: int, b: int) -> int:
    """Product of millionths, rounded, unknown beyond the limit."""
    top, low = abs(a), abs(b)
    high = top // MICRO
    if low != 0 and high > LIMIT // low:
        return UNKNOWN
    small = (top % MICRO) * (low % MICRO)
    total = high * low + (top % MICRO) * (low // MICRO) + (small + MICRO // 2) // MICRO
    if total > LIMIT:
        return UNKNOWN
    return -total if (a < 0) != (b < 0) else total


@compiled
def half_away(a: int, b: int) -> int:
    """``a / b`` to the nearest whole, halves away from zero; ``b`` above 0."""
    top = abs(a)
    quotient, rest = top // b, top % b
    if rest >= b - rest:
        quotient += 1
    return -quotient if a < 0 else quotient


@compiled
def parameter(P: Vector, number: int, day: int) -> int:
    """A parameter's value as of a day; unknown before its first date."""
    value = UNKNOWN
    for row in range(one(P, PARAM_START, number), one(P, PARAM_START, number + 1)):
        if one(P, PARAM_DAY, row) > day:
            break
        value = one(P, PARAM_VALUE, row)
    return value


@compiled
def run(
    P: Vector,
    program: int,
    stack: Vector,
    D: Grid,
    row: int,
    event_day: int,
    values: Vector,
    day: int,
    score: int,
    band: int,
    on: Vector,
) -> int:
    """Run one program for one row; see :class:`xinyong.engine.machine.Op`."""
    top = -1
    for at in range(one(P, PROGRAMS, program), one(P, PROGRAMS, program + 1)):
        op, a = cell(P, CODE, at, 0), cell(P, CODE, at, 1)
        if op <= 7:
            top += 1
            if op == 0:
                stack[top] = a
            elif op == 1:
                stack[top] = read(D, a + 4, row)
            elif op == 2:
                stack[top] = parameter(P, a, event_day)
            elif op == 3:
                stack[top] = values[a]
            elif op == 4:
                stack[top] = parameter(P, a, day)
            elif op == 5:
                stack[top] = score
            elif op == 6:
                stack[top] = band
            else:
                stack[top] = on[a]
            continue
        x = stack[top]
        if op in (8, 9, 23, 24, 27, 28, 29):
            if op == 24:
                stack[top] = 1 if x != UNKNOWN else 0
            elif op == 29:
                stack[top] = 0 if x == UNKNOWN else min(max(x, -POINTS_LIMIT), POINTS_LIMIT)
            elif x == UNKNOWN:
                pass
            elif op == 8:
                stack[top] = x * MICRO if abs(x) <= LIMIT // MICRO else UNKNOWN
            elif op == 9:
                stack[top] = -x
            elif op == 23:
                stack[top] = 1 - x
            elif op == 28:
                stack[top] = half_away(x, MICRO)
            else:
                found = 0
                for place in range(a, a + cell(P, CODE, at, 2)):
                    if one(P, SETS, place) == x:
                        found = 1
                        break
                stack[top] = found
            continue
        y = x
        top -= 1
        x = stack[top]
        if op == 21:
            if x == 0 or y == 0:
                stack[top] = 0
            else:
                stack[top] = UNKNOWN if (x == UNKNOWN or y == UNKNOWN) else 1
        elif op == 22:
            if x == 1 or y == 1:
                stack[top] = 1
            else:
                stack[top] = UNKNOWN if (x == UNKNOWN or y == UNKNOWN) else 0
        elif op == 25 or op == 26:
            if x == UNKNOWN:
                stack[top] = y
            elif y == UNKNOWN:
                stack[top] = x
            else:
                stack[top] = min(x, y) if op == 25 else max(x, y)
        elif x == UNKNOWN or y == UNKNOWN:
            stack[top] = UNKNOWN
        elif op == 10 or op == 11:
            z = x + y if op == 10 else x - y
            stack[top] = z if abs(z) <= LIMIT else UNKNOWN
        elif op == 12:
            stack[top] = multiply(x, y)
        elif op == 13:
            stack[top] = multiply_fixed(x, y)
        elif op == 14:
            stack[top] = divide(x, y)
        elif op == 15:
            stack[top] = 1 if x < y else 0
        elif op == 16:
            stack[top] = 1 if x <= y else 0
        elif op == 17:
            stack[top] = 1 if x > y else 0
        elif op == 18:
            stack[top] = 1 if x >= y else 0
        elif op == 19:
            stack[top] = 1 if x == y else 0
        else:
            stack[top] = 1 if x != y else 0
    return stack[0]


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


# ------------------------------------------------------------------ variables


@compiled
def variable(
    P: Vector,
    number: int,
    first: int,
    size: int,
    spans: Vector,
    slots: Grid,
    day: int,
    D: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
) -> int:
    """Value of a variable, from bucket ``first`` on."""
    measure = cell(P, VARIABLE, number, 0)
    a, period = cell(P, VARIABLE, number, 1), cell(P, VARIABLE, number, 3)
    high = spans[period] if period >= 0 else size
    start, end = one(P, KNOWN_START, number), one(P, KNOWN_START, number + 1)
    if start < end:
        known = False
        reach = high
        if measure == 9:
            reach = spans[cell(P, VARIABLE, number, 5)]
        for k in range(start, end):
            if total(P, slots, one(P, KNOWN_STREAM, k), first, reach) > 0:
                known = True
                break
        if not known:
            return UNKNOWN
    if measure == 0:
        return total(P, slots, a, first, high)
    if measure == 1:
        found = total(P, slots, a, first, high)
        return found if abs(found) <= LIMIT else UNKNOWN
    if measure == 10:
        return run(
            P, cell(P, VARIABLE, number, 6), stack, D, 0, 0, values, day, UNKNOWN, UNKNOWN, on
        )
    if measure == 2 or measure == 3:
        many = total(P, slots, cell(P, VARIABLE, number, 2), first, high)
        found = total(P, slots, a, first, high)
        if many == 0 or abs(found) > LIMIT:
            return UNKNOWN
        return divide(found, many) if measure == 2 else half_away(found, many)
    if measure == 4:
        found = HIGHEST
        for k in range(first, high):
            found = min(found, slots[k, one(P, STREAM_ROW, a)])
        return found if found != HIGHEST else UNKNOWN
    if measure == 5:
        found = -HIGHEST
        for k in range(first, high):
            found = max(found, slots[k, one(P, STREAM_ROW, a)])
        return found if found != -HIGHEST else UNKNOWN
    if measure == 6:
        row = newest(P, slots, a, first, high)
        return read(D, cell(P, VARIABLE, number, 5) + 4, row) if row >= 0 else UNKNOWN
    if measure == 7:
        row = newest(P, slots, a, first, high)
        return day - day_at(D, row) if row >= 0 else UNKNOWN
    if measure == 8:
        many = 0
        for k in range(one(P, SHARE_START, number), one(P, SHARE_START, number + 1)):
            many += total(P, slots, one(P, SHARE_STREAM, k), first, high)
        return divide(total(P, slots, a, first, high), many) if many > 0 else UNKNOWN
    recent = total(P, slots, a, first, high)
    both = total(P, slots, a, first, spans[cell(P, VARIABLE, number, 4)])
    older = both - recent
    if max(abs(recent), abs(both), abs(older), abs(recent - older)) > LIMIT:
        return UNKNOWN
    return divide(recent - older, both)


# ------------------------------------------------------------------ lines


@compiled
def table_points(P: Vector, line: int, value: int) -> int:
    """Points of a table row for a known value."""
    for r in range(cell(P, LINE, line, 10), cell(P, LINE, line, 11)):
        test = cell(P, ROW, r, 0)
        if (
            test == 2
            or (test == 0 and value < cell(P, ROW, r, 1))
            or (test == 1 and value == cell(P, ROW, r, 1))
        ):
            return cell(P, ROW, r, 2)
    return 0


@compiled
def hold(value: int, cap: int) -> int:
    """A total held by a cap: from above if the cap is 0 or more, else from below."""
    if cap == HIGHEST:
        return value
    return min(value, cap) if cap >= 0 else max(value, cap)


@compiled
def special_points(
    P: Vector,
    line: int,
    low: int,
    high: int,
    day: int,
    seen_day: int,
    known_by: int,
    edges: Vector,
    D: Grid,
    stack: Vector,
) -> int:
    """Points of a line with a cap per calendar unit or a decay, event by event."""
    number = cell(P, LINE, line, 15)
    first, last = one(P, SPECIAL_START, number), one(P, SPECIAL_START, number + 1)
    kind, where, program = (
        one(P, SPECIAL, first),
        one(P, SPECIAL, first + 1),
        one(P, SPECIAL, first + 2),
    )
    starts, expires = cell(P, LINE, line, 2), cell(P, LINE, line, 3)
    newest_day = edges[starts] if starts >= 0 else day
    oldest = edges[expires] if expires >= 0 else -HIGHEST
    cap, per = cell(P, LINE, line, 6), cell(P, LINE, line, 7)
    points, part, unit = 0, 0, HIGHEST
    for row in range(high - 1, low - 1, -1):
        event_day = day_at(D, row)
        if event_day > newest_day or event_day > seen_day or event_day <= oldest:
            continue
        if kind_at(D, row) != kind or not visible(D, row, known_by):
            continue
        if where >= 0 and run(P, where, stack, D, row, event_day, stack, 0, 0, 0, stack) != 1:
            continue
        value = run(P, program, stack, D, row, event_day, stack, 0, 0, 0, stack)
        if cell(P, LINE, line, 14) == 1:
            span = day - oldest
            value = half_away(value * (span - (day - event_day)), span)
        elif cell(P, LINE, line, 14) == 2:
            halvings = 0
            for k in range(first + 3, last):
                if event_day > edges[one(P, SPECIAL, k)]:
                    break
                halvings += 1
            value = half_away(value, 1 << halvings)
        if cap == HIGHEST:
            points += value
            continue
        here = event_day
        if per == 1:
            here = months_of(event_day)
        elif per == 2:
            here = months_of(event_day) // 12
        if here != unit:
            points += hold(part, cap)
            part, unit = 0, here
        part += value
    return points + hold(part, cap)


@compiled
def line_points(
    P: Vector,
    line: int,
    first: int,
    size: int,
    low: int,
    high: int,
    day: int,
    seen_day: int,
    known_by: int,
    edges: Vector,
    spans: Vector,
    slots: Grid,
    D: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
) -> int:
    """Points of one line, after its own caps."""
    form = cell(P, LINE, line, 0)
    if form == 0:
        value = values[cell(P, LINE, line, 1)]
        if value == UNKNOWN:
            return cell(P, LINE, line, 12)
        r, last = cell(P, LINE, line, 10), cell(P, LINE, line, 11) - 1
        at = r
        for k in range(r, last):
            at += 1 if value >= cell(P, ROW, k, 1) else 0
        return cell(P, ROW, at, 2)
    if form == 1:
        value = values[cell(P, LINE, line, 1)]
        return cell(P, LINE, line, 12) if value == UNKNOWN else table_points(P, line, value)
    if form == 5:
        true = run(P, cell(P, LINE, line, 1), stack, D, 0, 0, values, day, UNKNOWN, UNKNOWN, on)
        if true != 1:
            return 0
        return run(P, cell(P, LINE, line, 13), stack, D, 0, 0, values, day, UNKNOWN, UNKNOWN, on)
    if form == 4:
        points = special_points(P, line, low, high, day, seen_day, known_by, edges, D, stack)
    else:
        begin = max(first, spans[cell(P, LINE, line, 2)]) if cell(P, LINE, line, 2) >= 0 else first
        end = spans[cell(P, LINE, line, 3)] if cell(P, LINE, line, 3) >= 0 else size
        points = total(P, slots, cell(P, LINE, line, 1), begin, end)
        if form == 2:
            points *= cell(P, LINE, line, 4)
    return hold(points, cell(P, LINE, line, 5))


# ------------------------------------------------------------------ lists


@compiled
def list_state(
    P: Vector,
    number: int,
    first: int,
    size: int,
    day: int,
    edges: Vector,
    spans: Vector,
    slots: Grid,
    D: Grid,
    values: Vector,
    score: int,
    band: int,
    on: Vector,
    stack: Vector,
) -> int:
    """State of a list: 0 off, 1 warned, 2 listed, 3 ended."""
    if run(P, cell(P, LISTS, number, 0), stack, D, 0, 0, values, day, score, band, on) != 1:
        return 0
    remove = cell(P, LISTS, number, 1)
    if remove >= 0 and (run(P, remove, stack, D, 0, 0, values, day, score, band, on) == 1):
        return 0
    row = -1
    for k in range(one(P, GROUND_START, number), one(P, GROUND_START, number + 1)):
        period = cell(P, GROUND, k, 1)
        end = spans[period] if period >= 0 else size
        row = max(row, newest(P, slots, cell(P, GROUND, k, 0), first, end))
    ground = day_at(D, row) if row >= 0 else day
    lasts, warn = cell(P, LISTS, number, 2), cell(P, LISTS, number, 3)
    if lasts >= 0 and ground <= edges[lasts]:
        return 3
    if warn >= 0 and ground > edges[warn]:
        return 1
    return 2


# ------------------------------------------------------------------ one outcome


@compiled
def quick_points(
    P: Vector, slots: Grid, first: int, spans: Vector, points: Vector, out: Vector, at: int
) -> None:
    """Points of the quick lines, in their own order; their sums go to ``out`` by dimension.

    ``out[at]`` is the first dimension; the second half of ``points`` is room to work in. No line
    of a segment depends on another, so each loop runs on vectors.
    """
    periods, many = size_of(P, PERIODS), size_of(P, QUICK)
    base = P[3 * QUICK_BASE]
    for s in range(size_of(P, SEGMENT)):
        begin, end = cell(P, SEGMENT, s, 0), cell(P, SEGMENT, s, 1)
        size, period, row = end - begin, cell(P, SEGMENT, s, 3), cell(P, SEGMENT, s, 4)
        high = spans[period] if period >= 0 else spans[periods]
        value, got = slots[high - 1, row : row + size], points[begin:end]
        start = P[base + begin : base + end]
        step = P[3 * QUICK_STEP] + cell(P, SEGMENT, s, 6)
        if first > 0:
            newer, held = slots[first - 1, row : row + size], points[many : many + size]
            for n in range(size):
                held[n] = value[n] - newer[n]
            value = held
        edges = cell(P, SEGMENT, s, 2)
        if edges == 2:  # tables of three rows: the usual ones
            edge, rise = P[step : step + size], P[step + size : step + 2 * size]
            step += 2 * size
            edge2, rise2 = P[step : step + size], P[step + size : step + 2 * size]
            for n in range(size):
                one_more = 1 if value[n] >= edge[n] else 0
                two_more = 1 if value[n] >= edge2[n] else 0
                got[n] = start[n] + (-one_more & rise[n]) + (-two_more & rise2[n])
        else:
            for n in range(size):
                got[n] = start[n]
            for _ in range(edges):
                edge, rise = P[step : step + size], P[step + size : step + 2 * size]
                for n in range(size):
                    reached = 1 if value[n] >= edge[n] else 0
                    got[n] += -reached & rise[n]
                step += 2 * size
        total_points = 0
        for n in range(size):
            total_points += got[n]
        out[at + cell(P, SEGMENT, s, 5)] += total_points


@compiled
def finish(
    P: Vector,
    first: int,
    size: int,
    low: int,
    high: int,
    day: int,
    seen_day: int,
    known_by: int,
    edges: Vector,
    spans: Vector,
    slots: Grid,
    D: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
    quick: Vector,
    points: Vector,
    told: int,
    out: Vector,
) -> None:
    """From streams to the outcome of one subject on one day.

    ``out``: score, band, start, vetoes that lowered the band (bit by number), states of lists,
    consequences, then dimensions. ``points`` takes the points of each line; of the quick lines
    only where ``told`` is 1.
    """
    for n in range(size_of(P, SLOW)):
        v = one(P, SLOW, n)
        values[v] = variable(P, v, first, size, spans, slots, day, D, values, on, stack)
    lists = size_of(P, LISTS)
    consequences = size_of(P, CONSEQUENCE)
    dimensions = size_of(P, DIMENSION)
    at_dimension = 4 + lists + consequences
    on[:] = 0
    for n in range(lists):
        if cell(P, LISTS, n, 4) == 0:
            state = list_state(
                P,
                n,
                first,
                size,
                day,
                edges,
                spans,
                slots,
                D,
                values,
                UNKNOWN,
                UNKNOWN,
                on,
                stack,
            )
            out[4 + n] = state
            on[n] = 1 if state == 2 else 0
    start = 0
    for n in range(size_of(P, START)):
        start = cell(P, START, n, 1)
        program = cell(P, START, n, 0)
        if program < 0 or (run(P, program, stack, D, 0, 0, values, day, UNKNOWN, UNKNOWN, on) == 1):
            break
    for n in range(dimensions):
        out[at_dimension + n] = 0
    quick_points(P, slots, first, spans, quick, out, at_dimension)
    if told == 1:
        for n in range(size_of(P, QUICK)):
            points[one(P, QUICK, n)] = quick[n]
    for k in range(size_of(P, SLOW_LINE)):
        n = one(P, SLOW_LINE, k)
        got = line_points(
            P,
            n,
            first,
            size,
            low,
            high,
            day,
            seen_day,
            known_by,
            edges,
            spans,
            slots,
            D,
            values,
            on,
            stack,
        )
        points[n] = got
        out[at_dimension + cell(P, LINE, n, 9)] += got
    score = start
    for n in range(dimensions):
        held = min(max(out[at_dimension + n], cell(P, DIMENSION, n, 0)), cell(P, DIMENSION, n, 1))
        out[at_dimension + n] = held
        score += held
    score = min(max(score, one(P, LIMITS, 0)), one(P, LIMITS, 1))
    band = -1
    for n in range(size_of(P, BAND)):
        program = cell(P, BAND, n, 1)
        if program >= 0 and (run(P, program, stack, D, 0, 0, values, day, score, UNKNOWN, on) == 1):
            band = n
            break
    if band < 0:
        for n in range(size_of(P, BAND)):
            if cell(P, BAND, n, 0) != UNKNOWN and cell(P, BAND, n, 0) <= score:
                band = n
    fired, before_vetoes = 0, band
    for n in range(size_of(P, VETO)):
        rank = cell(P, VETO, n, 1)
        if rank < before_vetoes and (
            run(P, cell(P, VETO, n, 0), stack, D, 0, 0, values, day, UNKNOWN, UNKNOWN, on) == 1
        ):
            fired |= 1 << n
            band = min(band, rank)
    for n in range(lists):
        if cell(P, LISTS, n, 4) == 1:
            state = list_state(
                P,
                n,
                first,
                size,
                day,
                edges,
                spans,
                slots,
                D,
                values,
                score,
                band,
                on,
                stack,
            )
            out[4 + n] = state
            on[n] = 1 if state == 2 else 0
    for n in range(consequences):
        true = run(P, one(P, CONSEQUENCE, n), stack, D, 0, 0, values, day, score, band, on)
        out[4 + lists + n] = 1 if true == 1 else 0
    out[0], out[1], out[2], out[3] = score, band, start, fired


@compiled
def rank_reasons(P: Vector, points: Vector, reasons: Grid, most: int) -> None:
    """Lines that cost most against their reference, into ``reasons`` as [line, lost]."""
    count = 0
    for n in range(size_of(P, LINE)):
        lost = cell(P, LINE, n, 8) - points[n]
        if lost <= 0 or (count == most and lost <= reasons[count - 1, 1]):
            continue
        place = count if count < most else most - 1
        while place > 0 and reasons[place - 1, 1] < lost:
            if place < most:
                reasons[place, 0], reasons[place, 1] = reasons[place - 1, 0], reasons[place - 1, 1]
            place -= 1
        reasons[place, 0], reasons[place, 1] = n, lost
        count = min(count + 1, most)
    for place in range(count, most):
        reasons[place, 0], reasons[place, 1] = -1, 0


# ------------------------------------------------------------------ next change


@compiled
def first_after(D: Grid, low: int, high: int, day: int) -> int:
    """First row of [low, high), which are in order of time, whose day is after ``day``."""
    while low < high:
        middle = (low + high) // 2
        if day_at(D, middle) > day:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def next_candidate(P: Vector, low: int, high: int, day: int, seen_day: int, D: Grid) -> int:
    """First day after ``day`` on which some window edge, age or dated parameter can matter."""
    if one(P, LIMITS, 4) == 1:
        return day + 1
    found = HIGHEST
    for p in range(size_of(P, PERIODS)):
        length, unit = cell(P, PERIODS, p, 0), cell(P, PERIODS, p, 1)
        row = first_after(D, low, high, before(day, length, unit))
        while row < high:
            event_day = day_at(D, row)
            if event_day > seen_day:
                break
            if cell(P, WATCH, p, kind_at(D, row)) == 1:
                found = min(found, leaves(event_day, length, unit))
                break
            row += 1
    for m in range(size_of(P, MARKS)):
        row = first_after(D, low, high, day - cell(P, MARKS, m, 0))
        while row < high:
            event_day = day_at(D, row)
            if event_day > seen_day:
                break
            if cell(P, MARKS, m, 1) == kind_at(D, row):
                found = min(found, event_day + cell(P, MARKS, m, 0))
                break
            row += 1
    for k in range(size_of(P, PARAM_DAY)):
        if one(P, PARAM_DAY, k) > day:
            found = min(found, one(P, PARAM_DAY, k))
    return found


@compiled
def next_change(
    P: Vector,
    low: int,
    high: int,
    day: int,
    known_by: int,
    out: Vector,
    D: Grid,
    edges: Vector,
    cuts: Vector,
    spans: Vector,
    slots: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
    table: Grid,
    turn: Vector,
    quick: Vector,
    points: Vector,
    other: Vector,
) -> int:
    """First later day on which the outcome differs from ``out``; UNKNOWN if none in ten years."""
    here = day
    same = 4 + size_of(P, LISTS) + size_of(P, CONSEQUENCE)
    while True:
        here = next_candidate(P, low, high, here, day, D)
        if here > day + HORIZON:
            return UNKNOWN
        count = cut(P, here, edges, cuts, 0)
        spans_of(P, edges, cuts, count, spans)
        turn[0] += 1
        clear(P, slots, count + 1)
        gather(P, low, high, day, known_by, cuts, count, slots, D, stack, table, turn[0])
        combine(P, slots, count + 1)
        finish(
            P,
            0,
            count + 1,
            low,
            high,
            here,
            day,
            known_by,
            edges,
            spans,
            slots,
            D,
            values,
            on,
            stack,
            quick,
            points,
            0,
            other,
        )
        for k in range(same):
            if k != 2 and k != 3 and other[k] != out[k]:
                return here


# ------------------------------------------------------------------ many questions


@compiled
def cut_days(
    P: Vector,
    days: Vector,
    begin: int,
    end: int,
    slots: Grid,
    edges: Grid,
    cuts: Vector,
    spans: Grid,
    firsts: Vector,
) -> int:
    """Cuts, spans, first buckets and quick places for one or several days asked together."""
    count = 0
    for k in range(begin, end):
        count = cut(P, days[k], edges[k - begin], cuts, count)
        if end - begin > 1:
            count = put(days[k], cuts, count)
    for k in range(end - begin):
        spans_of(P, edges[k], cuts, count, spans[k])
        firsts[k] = 0
        if end - begin > 1:
            while firsts[k] < count and cuts[firsts[k]] >= days[begin + k]:
                firsts[k] += 1
    return count


@compiled
def on_time(
    D: Grid, low: int, high: int, days: Vector, known: Vector, begin: int, end: int
) -> bool:
    """Whether every event was on record on the first of the days (ascending) it could count on."""
    for k in range(begin + 1, end):
        if days[k] < days[k - 1] or known[k] < known[k - 1]:
            return False
    at = begin
    for row in range(low, high):
        while at < end and days[at] < day_at(D, row):
            at += 1
        if at == end:
            break
        if D[2, 0] != 0 and instant_at(D, 2, row) > known[at]:
            return False
        if D[3, 0] != 0 and instant_at(D, 3, row) != UNKNOWN:
            return False
    return True


@compiled
def buckets_by_age(newest_day: int, cuts: Vector, count: int, ages: Vector) -> None:
    """The bucket of an event by its age in days, as far as ``ages`` reaches."""
    bucket = 0
    for age in range(ages.shape[0]):
        while bucket < count and newest_day - age <= cuts[bucket]:
            bucket += 1
        ages[age] = bucket


@compiled
def answer(
    P: Vector,
    D: Grid,
    low: Vector,
    high: Vector,
    days: Vector,
    known: Vector,
    out: Grid,
    reasons: Cube,
    points: Grid,
    values: Grid,
    changes: Vector,
    longest: int,
    together: int,
    told: int,
) -> bool:
    """Work out the outcome of each question.

    Question *q* is about rows [low[q], high[q]), in order of time, on days[q], known by
    known[q]. ``out`` has a row per question (see :func:`finish`), ``reasons`` [question, place,
    line or lost] or no places, ``points`` and ``values`` a row per question or one row that is
    used again (quick lines only if ``told``), ``changes`` an entry per question or none.
    ``longest`` is the most rows of a question. Up to ``together`` questions in a row about the
    same events are answered from one pass over them. False if the events of a subject are not
    in order of time.
    """
    periods = size_of(P, PERIODS)
    most = (periods + 1) * together
    edges = np.empty((together, periods), np.int64)
    cuts = np.empty(most, np.int64)
    spans = np.empty((together, periods + 1), np.int64)
    firsts = np.zeros(together, np.int64)
    quick = np.empty(2 * size_of(P, QUICK), np.int64)
    slots = np.zeros((most + 1, one(P, LIMITS, 5)), np.int64)
    on = np.zeros(size_of(P, LISTS), np.int64)
    stack = np.empty(STACK, np.int64)
    distinct = size_of(P, DISTINCT_SLOT)
    size, most_distinct = 16, 0
    for k in range(size_of(P, KIND_GROUP) - 1):
        begin, end = one(P, KIND_GROUP, k), one(P, KIND_GROUP, k + 1)
        of_kind = one(P, GROUP_DISTINCT, end) - one(P, GROUP_DISTINCT, begin)
        most_distinct = max(most_distinct, of_kind)
    while size < 2 * longest * most_distinct:
        size *= 2
    table = np.zeros((size if distinct > 0 else 1, 3), np.int64)
    turn = np.zeros(1, np.int64)
    other = np.empty(out.shape[1], np.int64)
    other_points = np.empty(size_of(P, LINE), np.int64)
    other_values = np.empty(size_of(P, VARIABLE), np.int64)
    plain = one(P, LIMITS, 6) == 1 and D[2, 0] == 0 and D[3, 0] == 0
    ages = np.empty(MOST_AGES, np.int64)
    ways = np.empty((size_of(P, PLAIN), 8), np.int64)
    if plain:
        ways_of(P, D, ways)
    ages_for = -HIGHEST
    count, begun, ended = 0, 0, 0  # cuts, and the questions they were made for
    q = 0
    while q < low.shape[0]:
        end = q + 1
        while end < low.shape[0] and end - q < together and low[end] == low[q]:
            end += 1
        if end - q > 1 and (distinct > 0 or not on_time(D, low[q], high[q], days, known, q, end)):
            end = q + 1
        fresh = ended - begun != end - q
        for k in range(end - q):
            fresh = fresh or days[begun + k] != days[q + k]
        if fresh:
            count = cut_days(P, days, q, end, slots, edges, cuts, spans, firsts)
            begun, ended = q, end
        newest_day = days[end - 1]
        turn[0] += 1
        clear(P, slots, count + 1)
        if plain and not fresh:
            if ages_for != begun:
                buckets_by_age(newest_day, cuts, count, ages)
                ages_for = begun
            if not gather_plain(P, low[q], high[q], newest_day, ways, ages, cuts, count, slots, D):
                return False
            if distinct > 0:
                gather_distinct(
                    P, low[q], high[q], newest_day, cuts, count, slots, D, stack, table, turn[0]
                )
        else:
            in_time = gather(
                P,
                low[q],
                high[q],
                newest_day,
                known[end - 1],
                cuts,
                count,
                slots,
                D,
                stack,
                table,
                turn[0],
            )
            if not in_time:
                return False
        combine(P, slots, count + 1)
        for k in range(q, end):
            p = points[k if points.shape[0] > 1 else 0]
            v = values[k if values.shape[0] > 1 else 0]
            finish(
                P,
                firsts[k - q],
                count + 1,
                low[k],
                high[k],
                days[k],
                days[k],
                known[k],
                edges[k - q],
                spans[k - q],
                slots,
                D,
                v,
                on,
                stack,
                quick,
                p,
                told,
                out[k],
            )
            if reasons.shape[1] > 0:
                rank_reasons(P, p, reasons[k], reasons.shape[1])
        if changes.shape[0] > 0:
            for k in range(q, end):
                changes[k] = next_change(
                    P,
                    low[k],
                    high[k],
                    days[k],
                    known[k],
                    out[k],
                    D,
                    edges[0],
                    cuts,
                    spans[0],
                    slots,
                    other_values,
                    on,
                    stack,
                    table,
                    turn,
                    quick,
                    other_points,
                    other,
                )
            begun, ended, ages_for = 0, 0, -HIGHEST
        q = end
    return True
