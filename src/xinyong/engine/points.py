"""Compiled: the points of lines."""

from __future__ import annotations

from xinyong.engine.arithmetic import half_away, months_of, run
from xinyong.engine.buckets import total
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.gathering import visible
from xinyong.engine.memory import day_at, kind_at, load32, load64
from xinyong.engine.packed import (
    LINE,
    PERIODS,
    QUICK,
    QUICK_STEP,
    ROW,
    SEGMENT,
    SPECIAL,
    SPECIAL_START,
    cell,
    one,
    size_of,
)
from xinyong.engine.vectors import steps

UNKNOWN = -(2**63)
LIMIT = 9 * 10**17
HIGHEST = 2**62


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
        if event_day > newest_day or event_day <= oldest:
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
        points = special_points(P, line, low, high, day, known_by, edges, D, stack)
    else:
        begin = max(first, spans[cell(P, LINE, line, 2)]) if cell(P, LINE, line, 2) >= 0 else first
        end = spans[cell(P, LINE, line, 3)] if cell(P, LINE, line, 3) >= 0 else size
        points = total(P, slots, cell(P, LINE, line, 1), begin, end)
        if form == 2:
            points *= cell(P, LINE, line, 4)
    return hold(points, cell(P, LINE, line, 5))


@compiled
def segment_sum(
    P: Vector, segment: int, slots: Grid, first: int, spans: int, at: int, room: int
) -> int:
    """What a segment of quick lines brings, from bucket ``first`` on.

    ``spans`` is an address, the spans lie there from ``at`` on; ``room``, if not 0, is one that
    takes what each lane brings above its lowest points. The last bucket of ``slots`` is empty.
    """
    cells, width = slots.ctypes.data, 8 * slots.shape[1]
    newer = cells + width * (first - 1 if first > 0 else slots.shape[0] - 1)
    period, row = cell(P, SEGMENT, segment, 2), 8 * cell(P, SEGMENT, segment, 3)
    high = load64(spans, at + (period if period >= 0 else size_of(P, PERIODS)))
    found = steps(
        cells + width * (high - 1) + row,
        newer + row,
        P.ctypes.data + 8 * (P[3 * QUICK_STEP] + cell(P, SEGMENT, segment, 5)),
        cell(P, SEGMENT, segment, 0),
        cell(P, SEGMENT, segment, 1),
        room + 32 * cell(P, SEGMENT, segment, 7) if room != 0 else 0,
    )
    return found + cell(P, SEGMENT, segment, 6)


@compiled
def quick_sums(
    P: Vector, slots: Grid, first: int, spans: Vector, room: Vector, told: int, out: Vector, at: int
) -> None:
    """What the quick lines bring to each dimension; ``out[at]`` is the first.

    Where ``told`` is 1, ``room`` takes what each lane brings above its lowest points.
    """
    lanes = room.ctypes.data if told == 1 else 0
    for s in range(size_of(P, SEGMENT)):
        found = segment_sum(P, s, slots, first, spans.ctypes.data, 0, lanes)
        out[at + cell(P, SEGMENT, s, 4)] += found


@compiled
def quick_points(P: Vector, room: Vector, points: Vector) -> None:
    """Points of each quick line, from what :func:`quick_sums` left in ``room``."""
    lanes = room.ctypes.data
    for n in range(size_of(P, QUICK)):
        rise = load32(lanes, cell(P, QUICK, n, 1))
        points[cell(P, QUICK, n, 0)] = cell(P, QUICK, n, 2) + rise
