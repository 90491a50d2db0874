"""Compiled: from streams to the value of a variable, and to tallies."""

from __future__ import annotations

from xinyong.engine.arithmetic import divide, half_away, run
from xinyong.engine.buckets import newest, total
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.memory import day_at, read
from xinyong.engine.packed import (
    KNOWN_START,
    KNOWN_STREAM,
    SHARE_START,
    SHARE_STREAM,
    STREAM_ROW,
    TALLY,
    VARIABLE,
    cell,
    one,
    size_of,
)

UNKNOWN = -(2**63)
LIMIT = 9 * 10**17
HIGHEST = 2**62


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


@compiled
def tallies_of(
    P: Vector, first: int, size: int, spans: Vector, slots: Grid, tallies: Vector
) -> None:
    """Every tally on the day of scoring, from the streams by bucket."""
    for t in range(size_of(P, TALLY)):
        stream, period, op = cell(P, TALLY, t, 0), cell(P, TALLY, t, 1), cell(P, TALLY, t, 2)
        high = spans[period] if period >= 0 else size
        if op <= 2 or op == 7:
            tallies[t] = total(P, slots, stream, first, high)
        elif op >= 5:
            tallies[t] = newest(P, slots, stream, first, high)
        else:
            row = one(P, STREAM_ROW, stream)
            found = HIGHEST if op == 3 else -HIGHEST
            for k in range(first, high):
                value = slots[k, row]
                found = min(found, value) if op == 3 else max(found, value)
            tallies[t] = found
