"""The fast engine: one table-driven pass over each subject's events, compiled once.

Nothing here is made for one scheme: every function reads the arrays of a
:class:`~xinyong.engine.plan.Plan`. The meaning is that of :mod:`xinyong.engine.plain`; the twin in
:mod:`xinyong.engine.arrays` does the same with NumPy alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from xinyong.engine.machine import STACK
from xinyong.engine.memory import read

UNKNOWN = -(2**63)
LIMIT = 9 * 10**17
MICRO = 1_000_000
PROGRAM = 1 << 20
HIGHEST = 2**62
POINTS_LIMIT = 1_000_000
HORIZON = 3660

# ------------------------------------------------------------------ calendar


@njit(cache=True)
def month_start(months: int) -> int:
    """Day number of the first day of a month, counted in months since year 0."""
    year, month = months // 12, months % 12 + 1
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    doe = yoe * 365 + yoe // 4 - yoe // 100 + doy
    return era * 146097 + doe - 719468


@njit(cache=True)
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


@njit(cache=True)
def before(day: int, length: int, unit: int) -> int:
    """``day`` less a period; falls back to the month's last day."""
    if unit == 0:
        return day - length
    months = months_of(day)
    offset = day - month_start(months)
    first = month_start(months - length)
    last = month_start(months - length + 1) - first - 1
    return first + min(offset, last)


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
def multiply(a: int, b: int) -> int:
    """Product of whole numbers, unknown beyond the limit."""
    if b != 0 and abs(a) > LIMIT // abs(b):
        return UNKNOWN
    return a * b


@njit(cache=True)
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


@njit(cache=True)
def half_away(a: int, b: int) -> int:
    """``a / b`` to the nearest whole, halves away from zero; ``b`` above 0."""
    top = abs(a)
    quotient, rest = top // b, top % b
    if rest >= b - rest:
        quotient += 1
    return -quotient if a < 0 else quotient


@njit(cache=True)
def parameter(T: Any, number: int, day: int) -> int:
    """A parameter's value as of a day; unknown before its first date."""
    value = UNKNOWN
    for row in range(T.param_start[number], T.param_start[number + 1]):
        if T.param_day[row] > day:
            break
        value = T.param_value[row]
    return value


@njit(cache=True)
def run(
    T: Any,
    program: int,
    stack: Any,
    columns: Any,
    row: int,
    event_day: int,
    values: Any,
    day: int,
    score: int,
    band: int,
    on: Any,
) -> int:
    """Run one program for one row; see :class:`xinyong.engine.machine.Op`."""
    top = -1
    for at in range(T.programs[program], T.programs[program + 1]):
        op, a = T.code[at, 0], T.code[at, 1]
        if op <= 7:
            top += 1
            if op == 0:
                stack[top] = a
            elif op == 1:
                stack[top] = read(columns, a, row)
            elif op == 2:
                stack[top] = parameter(T, a, event_day)
            elif op == 3:
                stack[top] = values[a]
            elif op == 4:
                stack[top] = parameter(T, a, day)
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
                for place in range(a, a + T.code[at, 2]):
                    if T.sets[place] == x:
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


@njit(cache=True)
def cut(T: Any, day: int, edges: Any, cuts: Any) -> int:
    """Window edges of a day, newest first, each once, into ``cuts``; gives how many.

    ``edges`` takes the edge of each period.
    """
    count = 0
    for p in range(T.periods.shape[0]):
        edge = before(day, T.periods[p, 0], T.periods[p, 1])
        edges[p] = edge
        place = count
        while place > 0 and cuts[place - 1] < edge:
            place -= 1
        if place > 0 and cuts[place - 1] == edge:
            continue
        for k in range(count, place, -1):
            cuts[k] = cuts[k - 1]
        cuts[place] = edge
        count += 1
    return count


@njit(cache=True)
def spans_of(T: Any, edges: Any, cuts: Any, count: int, spans: Any) -> None:
    """For each period how many buckets lie inside its window (from bucket 0 on)."""
    for p in range(T.periods.shape[0]):
        k = 0
        while k < count and cuts[k] > edges[p]:
            k += 1
        spans[p] = k + 1


# ------------------------------------------------------------------ gathering


@njit(cache=True)
def source_value(T: Any, source: int, stack: Any, columns: Any, row: int, day: int) -> int:
    """A number of an event: a column, or a program over columns."""
    if source < PROGRAM:
        return read(columns, source, row)
    return run(T, source - PROGRAM, stack, columns, row, day, stack, 0, 0, 0, stack)


@njit(cache=True)
def class_of(T: Any, group: int, stack: Any, columns: Any, row: int, day: int) -> int:
    """Class of an event in a group of conditions; -1 if none of them is true."""
    index = T.group_table[group]
    for c in range(T.group_cell[group], T.group_cell[group + 1]):
        value = source_value(T, T.cell_source[c], stack, columns, row, day)
        if value != UNKNOWN:
            cell = 1
            for k in range(T.cell_bound[c], T.cell_bound[c + 1]):
                if value < T.bounds[k]:
                    break
                cell += 1
            index += cell * T.cell_stride[c]
    return T.class_table[index]


@njit(cache=True)
def seen_before(value: int, tag: int, turn: int, table: Any) -> bool:
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


@njit(cache=True)
def visible(rows: Any, row: int, known_by: int, clocks: Any) -> bool:
    """Whether an event was on record, and stood, at an instant."""
    if clocks[0] == 1 and read(rows, 2, row) > known_by:
        return False
    if clocks[1] == 1:
        struck = read(rows, 3, row)
        if struck != UNKNOWN and struck <= known_by:
            return False
    return True


@njit(cache=True)
def clear(T: Any, slots: Any, size: int) -> None:
    """Set every slot of every bucket to its neutral value."""
    slots[:, :size] = 0
    for g in range(T.group_slot.shape[0] - 1):
        first, last = T.group_slot[g], T.group_slot[g + 1]
        for s in range(first, last):
            op = T.slot_op[s]
            if op >= 3:
                neutral = HIGHEST if op == 3 else (-HIGHEST if op == 4 else -1)
                for c in range(T.group_class[g], T.group_class[g + 1]):
                    slots[T.class_slot[c] + s - first, :size] = neutral


@njit(cache=True)
def gather(
    T: Any,
    low: int,
    high: int,
    day: int,
    known_by: int,
    cuts: Any,
    count: int,
    slots: Any,
    rows: Any,
    columns: Any,
    clocks: Any,
    stack: Any,
    table: Any,
    turn: int,
) -> None:
    """Add the visible events of rows [low, high), newest first, into slots by class and bucket."""
    bucket = 0
    distinct = T.distinct_slot.shape[0] > 0
    plain_clock = clocks[0] == 0 and clocks[1] == 0
    for row in range(high - 1, low - 1, -1):
        event_day = read(rows, 1, row)
        if event_day > day:
            continue
        if not plain_clock and not visible(rows, row, known_by, clocks):
            continue
        while bucket < count and event_day <= cuts[bucket]:
            bucket += 1
        kind = read(rows, 0, row)
        for g in range(T.kind_group[kind], T.kind_group[kind + 1]):
            cls = class_of(T, g, stack, columns, row, event_day)
            if cls < 0:
                continue
            at = T.class_slot[cls]
            for s in range(T.group_slot[g], T.group_slot[g + 1]):
                op = T.slot_op[s]
                if op == 0:
                    slots[at, bucket] += 1
                elif op == 5:
                    if row > slots[at, bucket]:
                        slots[at, bucket] = row
                else:
                    value = source_value(T, T.slot_source[s], stack, columns, row, event_day)
                    if value != UNKNOWN:
                        if op == 1:
                            slots[at, bucket] += value
                        elif op == 2:
                            slots[at, bucket] += 1
                        elif op == 3:
                            slots[at, bucket] = min(slots[at, bucket], value)
                        elif op == 4:
                            slots[at, bucket] = max(slots[at, bucket], value)
                        elif row > slots[at, bucket]:
                            slots[at, bucket] = row
                at += 1
            if distinct:
                for d in range(T.group_distinct[g], T.group_distinct[g + 1]):
                    if T.members[d, cls] == 1:
                        value = source_value(
                            T, T.distinct_source[d], stack, columns, row, event_day
                        )
                        if value != UNKNOWN and not seen_before(value, d, turn, table):
                            slots[T.distinct_slot[d], bucket] += 1


@njit(cache=True)
def combine(T: Any, slots: Any, size: int, streams: Any) -> None:
    """Put the slots of classes together into streams; sums run on from the newest bucket."""
    for s in range(T.stream_op.shape[0]):
        op = T.stream_op[s]
        first, last = T.stream_slot[s], T.stream_slot[s + 1]
        if op <= 2 or op == 7:
            if last - first == 1:
                at = T.stream_slots[first]
                total = 0
                for k in range(size):
                    total += slots[at, k]
                    streams[s, k] = total
                continue
            streams[s, :size] = 0
            for c in range(first, last):
                at = T.stream_slots[c]
                for k in range(size):
                    streams[s, k] += slots[at, k]
            for k in range(1, size):
                streams[s, k] += streams[s, k - 1]
        else:
            streams[s, :size] = HIGHEST if op == 3 else (-HIGHEST if op == 4 else -1)
            for c in range(first, last):
                at = T.stream_slots[c]
                for k in range(size):
                    if op == 3:
                        streams[s, k] = min(streams[s, k], slots[at, k])
                    else:
                        streams[s, k] = max(streams[s, k], slots[at, k])


@njit(cache=True)
def total(streams: Any, stream: int, low: int, high: int) -> int:
    """Sum of a stream over buckets [low, high)."""
    if high <= low:
        return 0
    found = streams[stream, high - 1]
    return found - streams[stream, low - 1] if low > 0 else found


@njit(cache=True)
def newest(streams: Any, stream: int, low: int, high: int) -> int:
    """Newest row of a stream in buckets [low, high); -1 if none."""
    found = -1
    for k in range(low, high):
        found = max(found, streams[stream, k])
    return found


# ------------------------------------------------------------------ variables


@njit(cache=True)
def variable(
    T: Any,
    number: int,
    first: int,
    size: int,
    spans: Any,
    streams: Any,
    day: int,
    rows: Any,
    columns: Any,
    values: Any,
    on: Any,
    stack: Any,
) -> int:
    """Value of a variable, from bucket ``first`` on."""
    measure = T.variable[number, 0]
    a, period = T.variable[number, 1], T.variable[number, 3]
    high = spans[period] if period >= 0 else size
    start, end = T.known_start[number], T.known_start[number + 1]
    if start < end:
        known = False
        reach = high
        if measure == 9:
            reach = spans[T.variable[number, 5]]
        for k in range(start, end):
            if total(streams, T.known_stream[k], first, reach) > 0:
                known = True
                break
        if not known:
            return UNKNOWN
    if measure == 0:
        return total(streams, a, first, high)
    if measure == 1:
        found = total(streams, a, first, high)
        return found if abs(found) <= LIMIT else UNKNOWN
    if measure == 10:
        return run(
            T, T.variable[number, 6], stack, columns, 0, 0, values, day, UNKNOWN, UNKNOWN, on
        )
    if measure == 2 or measure == 3:
        many = total(streams, T.variable[number, 2], first, high)
        found = total(streams, a, first, high)
        if many == 0 or abs(found) > LIMIT:
            return UNKNOWN
        return divide(found, many) if measure == 2 else half_away(found, many)
    if measure == 4:
        found = HIGHEST
        for k in range(first, high):
            found = min(found, streams[a, k])
        return found if found != HIGHEST else UNKNOWN
    if measure == 5:
        found = -HIGHEST
        for k in range(first, high):
            found = max(found, streams[a, k])
        return found if found != -HIGHEST else UNKNOWN
    if measure == 6:
        row = newest(streams, a, first, high)
        return read(columns, T.variable[number, 5], row) if row >= 0 else UNKNOWN
    if measure == 7:
        row = newest(streams, a, first, high)
        return day - read(rows, 1, row) if row >= 0 else UNKNOWN
    if measure == 8:
        many = 0
        for k in range(T.share_start[number], T.share_start[number + 1]):
            many += total(streams, T.share_stream[k], first, high)
        return divide(total(streams, a, first, high), many) if many > 0 else UNKNOWN
    recent = total(streams, a, first, high)
    both = total(streams, a, first, spans[T.variable[number, 4]])
    if abs(recent) > LIMIT or abs(both) > LIMIT:
        return UNKNOWN
    return divide(2 * recent - both, both)


# ------------------------------------------------------------------ lines


@njit(cache=True)
def table_points(T: Any, line: int, value: int) -> int:
    """Points of a table row for a known value."""
    for r in range(T.line[line, 10], T.line[line, 11]):
        test = T.row[r, 0]
        if test == 2 or (test == 0 and value < T.row[r, 1]) or (test == 1 and value == T.row[r, 1]):
            return T.row[r, 2]
    return 0


@njit(cache=True)
def hold(value: int, cap: int) -> int:
    """A total held by a cap: from above if the cap is 0 or more, else from below."""
    if cap == HIGHEST:
        return value
    return min(value, cap) if cap >= 0 else max(value, cap)


@njit(cache=True)
def special_points(
    T: Any,
    line: int,
    low: int,
    high: int,
    day: int,
    seen_day: int,
    known_by: int,
    edges: Any,
    rows: Any,
    columns: Any,
    clocks: Any,
    stack: Any,
) -> int:
    """Points of a line with a cap per calendar unit or a decay, event by event."""
    number = T.line[line, 15]
    first, last = T.special_start[number], T.special_start[number + 1]
    kind, where, program = T.special[first], T.special[first + 1], T.special[first + 2]
    starts, expires = T.line[line, 2], T.line[line, 3]
    newest_day = edges[starts] if starts >= 0 else day
    oldest = edges[expires] if expires >= 0 else -HIGHEST
    cap, per = T.line[line, 6], T.line[line, 7]
    points, part, unit = 0, 0, HIGHEST
    for row in range(high - 1, low - 1, -1):
        event_day = read(rows, 1, row)
        if event_day > newest_day or event_day > seen_day or event_day <= oldest:
            continue
        if read(rows, 0, row) != kind or not visible(rows, row, known_by, clocks):
            continue
        if where >= 0 and run(
            T, where, stack, columns, row, event_day, stack, 0, 0, 0, stack
        ) != 1:
            continue
        value = run(T, program, stack, columns, row, event_day, stack, 0, 0, 0, stack)
        if T.line[line, 14] == 1:
            span = day - oldest
            value = half_away(value * (span - (day - event_day)), span)
        elif T.line[line, 14] == 2:
            halvings = 0
            for k in range(first + 3, last):
                if event_day > edges[T.special[k]]:
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


@njit(cache=True)
def line_points(
    T: Any,
    line: int,
    first: int,
    size: int,
    low: int,
    high: int,
    day: int,
    seen_day: int,
    known_by: int,
    edges: Any,
    spans: Any,
    streams: Any,
    rows: Any,
    columns: Any,
    clocks: Any,
    values: Any,
    on: Any,
    stack: Any,
) -> int:
    """Points of one line, after its own caps."""
    form = T.line[line, 0]
    if form == 0:
        value = values[T.line[line, 1]]
        if value == UNKNOWN:
            return T.line[line, 12]
        r, last = T.line[line, 10], T.line[line, 11] - 1
        at = r
        for k in range(r, last):
            at += 1 if value >= T.row[k, 1] else 0
        return T.row[at, 2]
    if form == 1:
        value = values[T.line[line, 1]]
        return T.line[line, 12] if value == UNKNOWN else table_points(T, line, value)
    if form == 5:
        true = run(
            T, T.line[line, 1], stack, columns, 0, 0, values, day, UNKNOWN, UNKNOWN, on
        )
        if true != 1:
            return 0
        return run(T, T.line[line, 13], stack, columns, 0, 0, values, day, UNKNOWN, UNKNOWN, on)
    if form == 4:
        points = special_points(
            T, line, low, high, day, seen_day, known_by, edges, rows, columns, clocks, stack
        )
    else:
        begin = max(first, spans[T.line[line, 2]]) if T.line[line, 2] >= 0 else first
        end = spans[T.line[line, 3]] if T.line[line, 3] >= 0 else size
        points = total(streams, T.line[line, 1], begin, end)
        if form == 2:
            points *= T.line[line, 4]
    return hold(points, T.line[line, 5])


# ------------------------------------------------------------------ lists


@njit(cache=True)
def list_state(
    T: Any,
    number: int,
    first: int,
    size: int,
    day: int,
    edges: Any,
    spans: Any,
    streams: Any,
    rows: Any,
    columns: Any,
    values: Any,
    score: int,
    band: int,
    on: Any,
    stack: Any,
) -> int:
    """State of a list: 0 off, 1 warned, 2 listed, 3 ended."""
    if run(T, T.lists[number, 0], stack, columns, 0, 0, values, day, score, band, on) != 1:
        return 0
    remove = T.lists[number, 1]
    if remove >= 0 and (
        run(T, remove, stack, columns, 0, 0, values, day, score, band, on) == 1
    ):
        return 0
    row = -1
    for k in range(T.ground_start[number], T.ground_start[number + 1]):
        period = T.ground[k, 1]
        end = spans[period] if period >= 0 else size
        row = max(row, newest(streams, T.ground[k, 0], first, end))
    ground = read(rows, 1, row) if row >= 0 else day
    lasts, warn = T.lists[number, 2], T.lists[number, 3]
    if lasts >= 0 and ground <= edges[lasts]:
        return 3
    if warn >= 0 and ground > edges[warn]:
        return 1
    return 2


# ------------------------------------------------------------------ one outcome


@njit(cache=True)
def finish(
    T: Any,
    first: int,
    size: int,
    low: int,
    high: int,
    day: int,
    seen_day: int,
    known_by: int,
    edges: Any,
    spans: Any,
    streams: Any,
    rows: Any,
    columns: Any,
    clocks: Any,
    values: Any,
    on: Any,
    stack: Any,
    points: Any,
    out: Any,
) -> None:
    """From streams to the outcome of one subject on one day.

    ``out``: score, band, start, veto (-1 or its number), then states of lists, then
    consequences, then dimensions. ``points`` takes the points of each line.
    """
    for v in range(T.variable.shape[0]):
        values[v] = variable(
            T, v, first, size, spans, streams, day, rows, columns, values, on, stack
        )
    lists = T.lists.shape[0]
    consequences = T.consequence.shape[0]
    dimensions = T.dimension.shape[0]
    at_dimension = 4 + lists + consequences
    on[:] = 0
    for n in range(lists):
        if T.lists[n, 4] == 0:
            state = list_state(
                T, n, first, size, day, edges, spans, streams, rows, columns, values,
                UNKNOWN, UNKNOWN, on, stack,
            )
            out[4 + n] = state
            on[n] = 1 if state == 2 else 0
    start = 0
    for n in range(T.start.shape[0]):
        start = T.start[n, 1]
        program = T.start[n, 0]
        if program < 0 or (
            run(T, program, stack, columns, 0, 0, values, day, UNKNOWN, UNKNOWN, on) == 1
        ):
            break
    for n in range(dimensions):
        out[at_dimension + n] = 0
    for n in range(T.line.shape[0]):
        got = line_points(
            T, n, first, size, low, high, day, seen_day, known_by, edges, spans, streams,
            rows, columns, clocks, values, on, stack,
        )
        points[n] = got
        out[at_dimension + T.line[n, 9]] += got
    score = start
    for n in range(dimensions):
        held = min(max(out[at_dimension + n], T.dimension[n, 0]), T.dimension[n, 1])
        out[at_dimension + n] = held
        score += held
    score = min(max(score, T.limits[0]), T.limits[1])
    band = -1
    for n in range(T.band.shape[0]):
        program = T.band[n, 1]
        if program >= 0 and (
            run(T, program, stack, columns, 0, 0, values, day, score, UNKNOWN, on) == 1
        ):
            band = n
            break
    if band < 0:
        for n in range(T.band.shape[0]):
            if T.band[n, 0] != UNKNOWN and T.band[n, 0] <= score:
                band = n
    veto = -1
    for n in range(T.veto.shape[0]):
        if T.veto[n, 1] < band and (
            run(T, T.veto[n, 0], stack, columns, 0, 0, values, day, UNKNOWN, UNKNOWN, on) == 1
        ):
            band, veto = T.veto[n, 1], n
    for n in range(lists):
        if T.lists[n, 4] == 1:
            state = list_state(
                T, n, first, size, day, edges, spans, streams, rows, columns, values,
                score, band, on, stack,
            )
            out[4 + n] = state
            on[n] = 1 if state == 2 else 0
    for n in range(consequences):
        true = run(T, T.consequence[n], stack, columns, 0, 0, values, day, score, band, on)
        out[4 + lists + n] = 1 if true == 1 else 0
    out[0], out[1], out[2], out[3] = score, band, start, veto


@njit(cache=True)
def rank_reasons(T: Any, points: Any, reasons: Any, most: int) -> None:
    """Lines that cost most against their reference, into ``reasons`` as [line, lost]."""
    count = 0
    for n in range(T.line.shape[0]):
        lost = T.line[n, 8] - points[n]
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


@njit(cache=True)
def first_after(rows: Any, low: int, high: int, day: int) -> int:
    """First row of [low, high), which are in order of time, whose day is after ``day``."""
    while low < high:
        middle = (low + high) // 2
        if read(rows, 1, middle) > day:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True)
def next_candidate(
    T: Any, low: int, high: int, day: int, seen_day: int, rows: Any
) -> int:
    """First day after ``day`` on which some window edge, age or dated parameter can matter."""
    if T.limits[4] == 1:
        return day + 1
    found = HIGHEST
    for p in range(T.periods.shape[0]):
        length, unit = T.periods[p, 0], T.periods[p, 1]
        row = first_after(rows, low, high, before(day, length, unit))
        while row < high:
            event_day = read(rows, 1, row)
            if event_day > seen_day:
                break
            if T.watch[p, read(rows, 0, row)] == 1:
                found = min(found, leaves(event_day, length, unit))
                break
            row += 1
    for m in range(T.marks.shape[0]):
        row = first_after(rows, low, high, day - T.marks[m, 0])
        while row < high:
            event_day = read(rows, 1, row)
            if event_day > seen_day:
                break
            if T.marks[m, 1] == read(rows, 0, row):
                found = min(found, event_day + T.marks[m, 0])
                break
            row += 1
    for k in range(T.param_day.shape[0]):
        if T.param_day[k] > day:
            found = min(found, T.param_day[k])
    return found


@njit(cache=True)
def next_change(
    T: Any, low: int, high: int, day: int, known_by: int, out: Any, rows: Any, columns: Any,
    clocks: Any, edges: Any, cuts: Any, spans: Any, slots: Any, streams: Any, values: Any,
    on: Any, stack: Any, table: Any, turn: Any, points: Any, other: Any,
) -> int:
    """First later day on which the outcome differs from ``out``; UNKNOWN if none in ten years."""
    here = day
    same = 4 + T.lists.shape[0] + T.consequence.shape[0]
    while True:
        here = next_candidate(T, low, high, here, day, rows)
        if here > day + HORIZON:
            return UNKNOWN
        count = cut(T, here, edges, cuts)
        spans_of(T, edges, cuts, count, spans)
        turn[0] += 1
        clear(T, slots, count + 1)
        gather(
            T, low, high, day, known_by, cuts, count, slots, rows, columns, clocks, stack,
            table, turn[0],
        )
        combine(T, slots, count + 1, streams)
        finish(
            T, 0, count + 1, low, high, here, day, known_by, edges, spans, streams, rows,
            columns, clocks, values, on, stack, points, other,
        )
        for k in range(same):
            if k != 2 and k != 3 and other[k] != out[k]:
                return here


# ------------------------------------------------------------------ many questions


@njit(cache=True, nogil=True)
def answer(
    T: Any, rows: Any, columns: Any, clocks: Any, low: Any, high: Any, days: Any, known: Any,
    out: Any, reasons: Any, points: Any, values: Any, changes: Any, longest: int,
) -> None:
    """Work out the outcome of each question.

    Question *q* is about rows [low[q], high[q]), in order of time, on days[q], known by
    known[q]. ``out`` has a row per question (see :func:`finish`), ``reasons`` [question, place,
    line or lost] or no places, ``points`` and ``values`` a row per question or one row that is
    used again, ``changes`` an entry per question or none. ``longest`` is the most rows of a
    question.
    """
    periods = T.periods.shape[0]
    edges = np.empty(periods, np.int64)
    cuts = np.empty(periods, np.int64)
    spans = np.empty(periods, np.int64)
    slots = np.empty((T.limits[3], periods + 1), np.int64)
    streams = np.empty((T.stream_op.shape[0], periods + 1), np.int64)
    on = np.zeros(T.lists.shape[0], np.int64)
    stack = np.empty(STACK, np.int64)
    size = 16
    while size < 2 * longest * max(T.distinct_slot.shape[0], 1):
        size *= 2
    table = np.zeros((size if T.distinct_slot.shape[0] > 0 else 1, 3), np.int64)
    turn = np.zeros(1, np.int64)
    other = np.empty(out.shape[1], np.int64)
    other_points = np.empty(T.line.shape[0], np.int64)
    other_values = np.empty(T.variable.shape[0], np.int64)
    last_day, count = HIGHEST, 0
    for q in range(low.shape[0]):
        day = days[q]
        if day != last_day:
            count = cut(T, day, edges, cuts)
            spans_of(T, edges, cuts, count, spans)
            last_day = day
        turn[0] += 1
        clear(T, slots, count + 1)
        gather(
            T, low[q], high[q], day, known[q], cuts, count, slots, rows, columns, clocks,
            stack, table, turn[0],
        )
        combine(T, slots, count + 1, streams)
        p = points[q if points.shape[0] > 1 else 0]
        v = values[q if values.shape[0] > 1 else 0]
        finish(
            T, 0, count + 1, low[q], high[q], day, day, known[q], edges, spans, streams, rows,
            columns, clocks, v, on, stack, p, out[q],
        )
        if reasons.shape[1] > 0:
            rank_reasons(T, p, reasons[q], reasons.shape[1])
        if changes.shape[0] > 0:
            changes[q] = next_change(
                T, low[q], high[q], day, known[q], out[q], rows, columns, clocks, edges, cuts,
                spans, slots, streams, other_values, on, stack, table, turn, other_points, other,
            )
            last_day = HIGHEST
