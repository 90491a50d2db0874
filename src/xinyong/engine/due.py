"""Compiled: on which days something is due: a crossing, a date, an age.

What these are is said in :mod:`xinyong.engine.plan_tallies`.
"""

from __future__ import annotations

from xinyong.engine.arithmetic import leaves
from xinyong.engine.buckets import edge_of
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.gathering import visible
from xinyong.engine.memory import day_at, kind_at
from xinyong.engine.packed import (
    AGE,
    AGE_START,
    AGED,
    CROSSING,
    GROUND_TALLY,
    GROUND_TALLY_START,
    LEAN,
    LEAN_START,
    LISTS,
    PARAM_DAY,
    PERIODS,
    cell,
    one,
    size_of,
)

HIGHEST = 2**62


@compiled
def seek(P: Vector, period: int, row: int, high: int, seen_day: int, known_by: int, D: Grid) -> int:
    """The first row from ``row`` on whose crossing of the period matters; ``high`` if none."""
    while row < high:
        if day_at(D, row) > seen_day:
            return high
        if cell(P, CROSSING, period, kind_at(D, row)) == 1 and visible(D, row, known_by):
            return row
        row += 1
    return high


@compiled
def crossing_day(P: Vector, period: int, row: int, high: int, D: Grid) -> int:
    """The day on which a row crosses a period; HIGHEST for none."""
    if row >= high:
        return HIGHEST
    return leaves(day_at(D, row), cell(P, PERIODS, period, 0), cell(P, PERIODS, period, 1))


@compiled
def first_in(P: Vector, period: int, low: int, high: int, day: int, D: Grid) -> int:
    """The first row of [low, high), in order of time, inside the period's window of ``day``."""
    edge = edge_of(P, period, day)
    while low < high:
        middle = (low + high) // 2
        if day_at(D, middle) > edge:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def ground_row(P: Vector, number: int, tallies: Vector) -> int:
    """The newest row behind the ground of a list; -1 for none."""
    row = -1
    for k in range(one(P, GROUND_TALLY_START, number), one(P, GROUND_TALLY_START, number + 1)):
        row = max(row, tallies[one(P, GROUND_TALLY, k)])
    return row


@compiled
def turn_of_dates(P: Vector, here: int, tallies: Vector, D: Grid) -> int:
    """The next day after ``here`` on which a parameter, or a list by its dates, turns."""
    found = HIGHEST
    for k in range(size_of(P, PARAM_DAY)):
        if one(P, PARAM_DAY, k) > here:
            found = min(found, one(P, PARAM_DAY, k))
    for n in range(size_of(P, LISTS)):
        row = ground_row(P, n, tallies)
        if row >= 0:
            for place in range(2, 4):
                period = cell(P, LISTS, n, place)
                if period >= 0:
                    turn = crossing_day(P, period, row, row + 1, D)
                    if turn > here:
                        found = min(found, turn)
    return found


@compiled
def turn_of_ages(P: Vector, here: int, tallies: Vector, D: Grid) -> int:
    """The next day after ``here`` on which an age matters."""
    found = HIGHEST
    for n in range(size_of(P, AGED)):
        row = tallies[one(P, LEAN, one(P, LEAN_START, cell(P, AGED, n, 0)))]
        if row < 0:
            continue
        if cell(P, AGED, n, 1) == 1:
            return here + 1
        event_day = day_at(D, row)
        for k in range(one(P, AGE_START, n), one(P, AGE_START, n + 1)):
            if event_day + one(P, AGE, k) > here:
                found = min(found, event_day + one(P, AGE, k))
                break
    return found
