"""Compiled: tallies, what an event takes from them, and the values read from them.

What a tally is, is said in :mod:`xinyong.engine.plan_tallies`.
"""

from __future__ import annotations

from xinyong.engine.arithmetic import divide, half_away, run
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.gathering import class_of, met_first, source_value, visible
from xinyong.engine.memory import day_at, kind_at, read
from xinyong.engine.packed import (
    KIND_GROUP,
    KNOWN_TALLY,
    KNOWN_TALLY_START,
    LEAN,
    LEAN_START,
    PERIODS,
    TAKEN,
    TAKEN_START,
    TALLY,
    VARIABLE,
    cell,
    one,
    size_of,
)

UNKNOWN = -(2**63)
LIMIT = 9 * 10**17
HIGHEST = 2**62
STALE = UNKNOWN + 1
LOOK_AHEAD = 256

# ------------------------------------------------------------------ as events leave


@compiled
def belongs(P: Vector, t: int, stack: Vector, D: Grid, row: int, day: int) -> bool:
    """Whether an event of the tally's kind is among those its stream selects."""
    kind, periods = cell(P, TALLY, t, 3), size_of(P, PERIODS)
    for g in range(one(P, KIND_GROUP, kind), one(P, KIND_GROUP, kind + 1)):
        cls = class_of(P, g, stack, D, row, day)
        if cls >= 0:
            at = cls * periods + cell(P, TALLY, t, 1)
            for k in range(one(P, TAKEN_START, at), one(P, TAKEN_START, at + 1)):
                if one(P, TAKEN, k) == t:
                    return True
    return False


@compiled
def again(
    P: Vector,
    t: int,
    value: int,
    low: int,
    high: int,
    day: int,
    known_by: int,
    stack: Vector,
    D: Grid,
) -> bool:
    """Whether a newer event, of rows [low, high) up to ``day``, brings the same value."""
    kind, source = cell(P, TALLY, t, 3), cell(P, TALLY, t, 4)
    for row in range(low, high):
        event_day = day_at(D, row)
        if event_day > day:
            return False
        if kind_at(D, row) != kind or not visible(D, row, known_by):
            continue
        if source_value(P, source, stack, D, row, event_day) == value and belongs(
            P, t, stack, D, row, event_day
        ):
            return True
    return False


@compiled
def lessen(
    P: Vector,
    t: int,
    row: int,
    high: int,
    day: int,
    known_by: int,
    tallies: Vector,
    stack: Vector,
    D: Grid,
) -> bool:
    """Take an event from a tally it was in; True if that changed the tally.

    Rows up to ``high`` and ``day`` are still in it. What cannot be told without looking at all of
    them becomes stale: see :func:`afresh`.
    """
    op = cell(P, TALLY, t, 2)
    if op == 0:
        tallies[t] -= 1
        return True
    if op == 5 or op == 6:
        if tallies[t] != row:
            return False
        tallies[t] = -1
        return True
    value = source_value(P, cell(P, TALLY, t, 4), stack, D, row, day_at(D, row))
    if value == UNKNOWN or tallies[t] == STALE:
        return False
    if op == 1:
        tallies[t] -= value
    elif op == 2:
        tallies[t] -= 1
    elif op == 7:
        end = min(high, row + 1 + LOOK_AHEAD)
        if again(P, t, value, row + 1, end, day, known_by, stack, D):
            return False
        if end < high:
            tallies[t] = STALE
        else:
            tallies[t] -= 1
    else:
        if tallies[t] != value:
            return False
        tallies[t] = STALE
    return True


@compiled
def afresh(
    P: Vector,
    t: int,
    low: int,
    high: int,
    day: int,
    known_by: int,
    tallies: Vector,
    stack: Vector,
    table: Grid,
    turn: Vector,
    D: Grid,
) -> None:
    """Work a stale tally out anew, from the rows [low, high) up to ``day``."""
    op, kind, source = cell(P, TALLY, t, 2), cell(P, TALLY, t, 3), cell(P, TALLY, t, 4)
    found = 0 if op == 7 else (HIGHEST if op == 3 else -HIGHEST)
    turn[0] += 1
    for row in range(low, high):
        event_day = day_at(D, row)
        if event_day > day:
            break
        if kind_at(D, row) != kind or not visible(D, row, known_by):
            continue
        if not belongs(P, t, stack, D, row, event_day):
            continue
        value = source_value(P, source, stack, D, row, event_day)
        if value == UNKNOWN:
            continue
        if op == 7:
            found += met_first(value, t, turn[0], table)
        else:
            found = min(found, value) if op == 3 else max(found, value)
    tallies[t] = found


# ------------------------------------------------------------------ values


@compiled
def value_of(
    P: Vector,
    number: int,
    day: int,
    tallies: Vector,
    D: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
) -> int:
    """Value of a variable from its tallies; compare :func:`~xinyong.engine.measured.variable`."""
    measure = cell(P, VARIABLE, number, 0)
    if measure == 10:
        program = cell(P, VARIABLE, number, 6)
        return run(P, program, stack, D, 0, 0, values, day, UNKNOWN, UNKNOWN, on)
    start, end = one(P, KNOWN_TALLY_START, number), one(P, KNOWN_TALLY_START, number + 1)
    known = start == end
    for k in range(start, end):
        if tallies[one(P, KNOWN_TALLY, k)] > 0:
            known = True
    if not known:
        return UNKNOWN
    at, last = one(P, LEAN_START, number), one(P, LEAN_START, number + 1)
    found = tallies[one(P, LEAN, at)]
    if measure == 0:
        return found
    if measure == 1:
        return found if abs(found) <= LIMIT else UNKNOWN
    if measure == 2 or measure == 3:
        many = tallies[one(P, LEAN, at + 1)]
        if many == 0 or abs(found) > LIMIT:
            return UNKNOWN
        return divide(found, many) if measure == 2 else half_away(found, many)
    if measure == 4 or measure == 5:
        return found if abs(found) != HIGHEST else UNKNOWN
    if measure == 6:
        return read(D, cell(P, VARIABLE, number, 5) + 4, found) if found >= 0 else UNKNOWN
    if measure == 7:
        return day - day_at(D, found) if found >= 0 else UNKNOWN
    if measure == 8:
        many = 0
        for k in range(at + 1, last):
            many += tallies[one(P, LEAN, k)]
        return divide(found, many) if many > 0 else UNKNOWN
    both = tallies[one(P, LEAN, at + 1)]
    older = both - found
    if max(abs(found), abs(both), abs(older), abs(found - older)) > LIMIT:
        return UNKNOWN
    return divide(found - older, both)
