"""Compiled: lines worked out event by event, again and again as days go by.

What each event brings is worked out once; on a later day only its decay and the caps are.
"""

from __future__ import annotations

from xinyong.engine.arithmetic import half_away, months_of, run
from xinyong.engine.buckets import edge_of
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.gathering import visible
from xinyong.engine.memory import day_at, kind_at
from xinyong.engine.packed import LINE, SPECIAL, SPECIAL_START, cell, one
from xinyong.engine.points import hold

HIGHEST = 2**62


@compiled
def brought(
    P: Vector,
    line: int,
    low: int,
    high: int,
    day: int,
    known_by: int,
    D: Grid,
    stack: Vector,
    days: Vector,
    points: Vector,
) -> int:
    """Day and points of each event that counts or will, newest first; gives how many."""
    first = one(P, SPECIAL_START, cell(P, LINE, line, 15))
    kind, where = one(P, SPECIAL, first), one(P, SPECIAL, first + 1)
    program = one(P, SPECIAL, first + 2)
    expires = cell(P, LINE, line, 3)
    oldest = edge_of(P, expires, day) if expires >= 0 else -HIGHEST
    count = 0
    for row in range(high - 1, low - 1, -1):
        event_day = day_at(D, row)
        if event_day <= oldest:
            break
        if event_day > day or kind_at(D, row) != kind or not visible(D, row, known_by):
            continue
        if where >= 0 and run(P, where, stack, D, row, event_day, stack, 0, 0, 0, stack) != 1:
            continue
        days[count] = event_day
        points[count] = run(P, program, stack, D, row, event_day, stack, 0, 0, 0, stack)
        count += 1
    return count


@compiled
def brought_now(P: Vector, line: int, day: int, count: int, days: Vector, points: Vector) -> int:
    """Points of the line on a day; see :func:`~xinyong.engine.points.special_points`."""
    number = cell(P, LINE, line, 15)
    halving, halvings = one(P, SPECIAL_START, number) + 3, one(P, SPECIAL_START, number + 1)
    starts, expires = cell(P, LINE, line, 2), cell(P, LINE, line, 3)
    newest = edge_of(P, starts, day) if starts >= 0 else day
    oldest = edge_of(P, expires, day) if expires >= 0 else -HIGHEST
    cap, per, decay = cell(P, LINE, line, 6), cell(P, LINE, line, 7), cell(P, LINE, line, 14)
    next_edge = edge_of(P, one(P, SPECIAL, halving), day) if halving < halvings else -HIGHEST
    total, part, unit, halved = 0, 0, HIGHEST, 0
    for n in range(count):
        event_day, value = days[n], points[n]
        if event_day <= oldest:
            break
        if event_day > newest:
            continue
        if decay == 1:
            span = day - oldest
            value = half_away(value * (span - (day - event_day)), span)
        elif decay == 2:
            while event_day <= next_edge:
                halved += 1
                halving += 1
                next_edge = -HIGHEST
                if halving < halvings:
                    next_edge = edge_of(P, one(P, SPECIAL, halving), day)
            value = half_away(value, 1 << halved)
        if cap == HIGHEST:
            total += value
            continue
        here = event_day
        if per == 1:
            here = months_of(event_day)
        elif per == 2:
            here = months_of(event_day) // 12
        if here != unit:
            total += hold(part, cap)
            part, unit = 0, here
        part += value
    return hold(total + hold(part, cap), cell(P, LINE, line, 5))
