"""Compiled: what leaves on a day, and what is worked out anew because of it."""

from __future__ import annotations

from xinyong.engine.arithmetic import run
from xinyong.engine.buckets import edge_of
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.decaying import brought, brought_now
from xinyong.engine.due import first_in
from xinyong.engine.gathering import class_of
from xinyong.engine.memory import day_at, kind_at
from xinyong.engine.packed import (
    AGE,
    AGE_START,
    AGED,
    ASKED,
    COMPUTED,
    KIND_GROUP,
    LEAN,
    LEAN_START,
    LINE,
    LINE_TALLY,
    LOOKED_UP,
    LOOKED_UP_START,
    NEED,
    NEED_START,
    PERIODS,
    SPECIAL,
    SPECIAL_START,
    TAKEN,
    TAKEN_START,
    TALLY,
    TALLY_READER,
    TALLY_READER_START,
    VARIABLE,
    cell,
    one,
    size_of,
)
from xinyong.engine.points import hold, table_points
from xinyong.engine.tallying import STALE, afresh, lessen, value_of

UNKNOWN = -(2**63)


@compiled
def note(reader: int, flags: Vector, queue: Vector) -> None:
    """Put a variable, a line or a list into the queue, once; ``queue[0]`` counts."""
    if flags[reader] == 0:
        flags[reader] = 1
        queue[0] += 1
        queue[queue[0]] = reader


@compiled
def cross(
    P: Vector,
    period: int,
    row: int,
    high: int,
    seen_day: int,
    known_by: int,
    tallies: Vector,
    flags: Vector,
    queue: Vector,
    specials: Vector,
    turn: Vector,
    stack: Vector,
    D: Grid,
) -> None:
    """Take an event out of a window: note what changes by it."""
    kind, event_day = kind_at(D, row), day_at(D, row)
    many = size_of(P, VARIABLE)
    for g in range(one(P, KIND_GROUP, kind), one(P, KIND_GROUP, kind + 1)):
        cls = class_of(P, g, stack, D, row, event_day)
        if cls < 0:
            continue
        at = cls * size_of(P, PERIODS) + period
        for k in range(one(P, TAKEN_START, at), one(P, TAKEN_START, at + 1)):
            t = one(P, TAKEN, k)
            if lessen(P, t, row, high, seen_day, known_by, tallies, stack, D):
                turn[1] += 1 if tallies[t] == STALE else 0
                for r in range(one(P, TALLY_READER_START, t), one(P, TALLY_READER_START, t + 1)):
                    note(one(P, TALLY_READER, r), flags, queue)
    for s in range(specials.shape[0]):
        line = specials[s]
        number = cell(P, LINE, line, 15)
        if one(P, SPECIAL, one(P, SPECIAL_START, number)) == kind:
            note(many + line, flags, queue)


@compiled
def line_now(
    P: Vector, line: int, here: int, tallies: Vector, values: Vector, points: Vector
) -> int:
    """Points of a line over tallies or over a variable's value; others as they were."""
    form = cell(P, LINE, line, 0)
    if form <= 1:
        value = values[cell(P, LINE, line, 1)]
        return cell(P, LINE, line, 12) if value == UNKNOWN else table_points(P, line, value)
    if form > 3:
        return points[line]
    got = tallies[cell(P, LINE_TALLY, line, 0)]
    if cell(P, LINE_TALLY, line, 1) >= 0:
        got -= tallies[cell(P, LINE_TALLY, line, 1)]
        expires = cell(P, LINE, line, 3)
        if expires >= 0 and edge_of(P, expires, here) >= edge_of(P, cell(P, LINE, line, 2), here):
            got = 0
    if form == 2:
        got *= cell(P, LINE, line, 4)
    return hold(got, cell(P, LINE, line, 5))


@compiled
def put_points(P: Vector, line: int, got: int, points: Vector, sums: Vector) -> bool:
    """Give a line its points; True if they are others than before."""
    if got == points[line]:
        return False
    sums[cell(P, LINE, line, 9)] += got - points[line]
    points[line] = got
    return True


@compiled
def revalue(
    P: Vector,
    v: int,
    here: int,
    tallies: Vector,
    D: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
    points: Vector,
    sums: Vector,
) -> int:
    """Work a variable out anew, and the lines that look it up.

    1 if points moved, 2 if a condition asks for it, 3 for both.
    """
    values[v] = value_of(P, v, here, tallies, D, values, on, stack)
    moved = 0
    for k in range(one(P, LOOKED_UP_START, v), one(P, LOOKED_UP_START, v + 1)):
        line = one(P, LOOKED_UP, k)
        if put_points(P, line, line_now(P, line, here, tallies, values, points), points, sums):
            moved = 1
    return moved + 2 * one(P, ASKED, v)


@compiled
def whens(
    P: Vector,
    here: int,
    D: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
    points: Vector,
    sums: Vector,
) -> None:
    """Points of the lines that rest on a condition."""
    for line in range(size_of(P, LINE)):
        if cell(P, LINE, line, 0) == 5:
            got = 0
            true = run(
                P, cell(P, LINE, line, 1), stack, D, 0, 0, values, here, UNKNOWN, UNKNOWN, on
            )
            if true == 1:
                got = run(
                    P, cell(P, LINE, line, 13), stack, D, 0, 0, values, here, UNKNOWN, UNKNOWN, on
                )
            put_points(P, line, got, points, sums)


@compiled
def ages_on(
    P: Vector, here: int, tallies: Vector, values: Vector, flags: Vector, queue: Vector, D: Grid
) -> None:
    """Let every known ``days_since`` be that of the day; note those of which something turns."""
    for n in range(size_of(P, AGED)):
        v = cell(P, AGED, n, 0)
        row = tallies[one(P, LEAN, one(P, LEAN_START, v))]
        if row < 0:
            continue
        age, turns = here - day_at(D, row), cell(P, AGED, n, 1) == 1
        for k in range(one(P, AGE_START, n), one(P, AGE_START, n + 1)):
            turns = turns or one(P, AGE, k) == age
        if turns:
            note(v, flags, queue)
        elif values[v] != UNKNOWN:
            values[v] = age


@compiled
def specials_on(
    P: Vector,
    low: int,
    high: int,
    seen_day: int,
    known_by: int,
    here: int,
    points: Vector,
    sums: Vector,
    flags: Vector,
    stack: Vector,
    specials: Vector,
    counts: Vector,
    event_days: Grid,
    event_points: Grid,
    D: Grid,
) -> bool:
    """Points of lines worked out event by event, where they may be others; True if they are."""
    many, moved = size_of(P, VARIABLE), False
    for s in range(specials.shape[0]):
        line, days, brings = specials[s], event_days[s], event_points[s]
        if flags[many + line] == 0 and cell(P, LINE, line, 14) != 1:
            continue
        if counts[s] < 0:
            counts[s] = brought(P, line, low, high, seen_day, known_by, D, stack, days, brings)
        if counts[s] > 0:
            got = brought_now(P, line, here, counts[s], days, brings)
            moved = put_points(P, line, got, points, sums) or moved
    return moved


@compiled
def renewed(
    P: Vector,
    here: int,
    dated: bool,
    tallies: Vector,
    values: Vector,
    points: Vector,
    sums: Vector,
    flags: Vector,
    queue: Vector,
    on: Vector,
    stack: Vector,
    D: Grid,
) -> int:
    """Work the queue off: 1 if points moved, 2 if a condition may have turned, 3 both.

    ``dated``: a parameter or a list turns by its dates. Flags stay up.
    """
    many, lines = size_of(P, VARIABLE), size_of(P, LINE)
    moved, asked = False, dated
    for n in range(1, queue[0] + 1):
        reader = queue[n]
        if reader < many:
            did = revalue(P, reader, here, tallies, D, values, on, stack, points, sums)
            moved, asked = moved or did & 1 == 1, asked or did & 2 == 2
        elif reader >= many + lines:
            asked = True
        elif cell(P, LINE, reader - many, 0) != 4:
            line = reader - many
            got = line_now(P, line, here, tallies, values, points)
            moved = put_points(P, line, got, points, sums) or moved
    for c in range(size_of(P, COMPUTED)):
        v, turns = one(P, COMPUTED, c), dated
        for k in range(one(P, NEED_START, c), one(P, NEED_START, c + 1)):
            turns = turns or flags[one(P, NEED, k)] == 1
        if turns:
            note(v, flags, queue)
            did = revalue(P, v, here, tallies, D, values, on, stack, points, sums)
            moved, asked = moved or did & 1 == 1, asked or did & 2 == 2
    return (1 if moved else 0) + (2 if asked else 0)


@compiled
def stale_ones(
    P: Vector,
    low: int,
    high: int,
    seen_day: int,
    known_by: int,
    here: int,
    tallies: Vector,
    stack: Vector,
    table: Grid,
    turn: Vector,
    D: Grid,
) -> None:
    """Work stale tallies out anew, from what has not left by the day."""
    if turn[1] == 0:
        return
    turn[1] = 0
    for t in range(size_of(P, TALLY)):
        if tallies[t] == STALE:
            begin = first_in(P, cell(P, TALLY, t, 1), low, high, here, D)
            afresh(P, t, begin, high, seen_day, known_by, tallies, stack, table, turn, D)
