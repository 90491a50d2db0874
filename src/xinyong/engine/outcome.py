"""Compiled: from streams to the outcome of one subject on one day."""

from __future__ import annotations

from xinyong.engine.arithmetic import divide, half_away, months_of, run
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.gathering import newest, total, visible
from xinyong.engine.memory import day_at, kind_at, read
from xinyong.engine.packed import (
    BAND,
    CONSEQUENCE,
    DIMENSION,
    GROUND,
    GROUND_START,
    KNOWN_START,
    KNOWN_STREAM,
    LIMITS,
    LINE,
    LISTS,
    PERIODS,
    QUICK,
    QUICK_BASE,
    QUICK_STEP,
    ROW,
    SEGMENT,
    SHARE_START,
    SHARE_STREAM,
    SLOW,
    SLOW_LINE,
    SPECIAL,
    SPECIAL_START,
    START,
    STREAM_ROW,
    VARIABLE,
    VETO,
    cell,
    one,
    size_of,
)

UNKNOWN = -(2**63)
LIMIT = 9 * 10**17
HIGHEST = 2**62

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


@compiled
def lists_of(
    P: Vector,
    late: int,
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
    out: Vector,
) -> None:
    """States of the lists before (``late`` 0) or after (1) the score, into ``out`` and ``on``."""
    for n in range(size_of(P, LISTS)):
        if cell(P, LISTS, n, 4) == late:
            state = list_state(
                P, n, first, size, day, edges, spans, slots, D, values, score, band, on, stack
            )
            out[4 + n] = state
            on[n] = 1 if state == 2 else 0


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
    lists_of(
        P, 0, first, size, day, edges, spans, slots, D, values, UNKNOWN, UNKNOWN, on, stack, out
    )
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
    lists_of(P, 1, first, size, day, edges, spans, slots, D, values, score, band, on, stack, out)
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
