"""Compiled: the next day on which an outcome differs, though nothing new happens.

From the day of scoring on events only leave windows. So nothing is scored again: days on which
something is due are taken in turn; what leaves is taken from the tallies it was in, and what reads
those tallies is worked out anew, down to the score. See :mod:`xinyong.engine.plan_tallies`.
"""

from __future__ import annotations

import numpy as np

from xinyong.days import LAST_DAY, day_number
from xinyong.engine.buckets import edge_of
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.decaying import brought
from xinyong.engine.due import crossing_day, first_in, ground_row, seek, turn_of_ages, turn_of_dates
from xinyong.engine.machine import STACK
from xinyong.engine.outcome import begin, score_of, settle
from xinyong.engine.packed import (
    CONSEQUENCE,
    DIMENSION,
    LINE,
    LISTS,
    PERIODS,
    SPECIAL_START,
    VARIABLE,
    cell,
    size_of,
)
from xinyong.engine.renewing import ages_on, cross, renewed, specials_on, stale_ones, whens
from xinyong.engine.tallying import LOOK_AHEAD

UNKNOWN = -(2**63)
HIGHEST = 2**62
HORIZON = 3660
LAST = day_number(LAST_DAY)


@compiled
def falling(P: Vector, here: int, specials: Vector, counts: Vector, event_days: Grid) -> bool:
    """Whether points that fall in a straight line are left."""
    for s in range(specials.shape[0]):
        line = specials[s]
        if cell(P, LINE, line, 14) != 1 or counts[s] == 0:
            continue
        if event_days[s, 0] > edge_of(P, cell(P, LINE, line, 3), here):
            return True
    return False


@compiled
def set_out(
    P: Vector,
    low: int,
    high: int,
    day: int,
    known_by: int,
    points: Vector,
    D: Grid,
    rows: Vector,
    due: Vector,
    sums: Vector,
) -> None:
    """The next crossing of each period, and the sums of points by dimension, on the first day."""
    for n in range(size_of(P, DIMENSION)):
        sums[n] = 0
    for line in range(size_of(P, LINE)):
        sums[cell(P, LINE, line, 9)] += points[line]
    for p in range(size_of(P, PERIODS)):
        rows[p] = seek(P, p, first_in(P, p, low, high, day, D), high, day, known_by, D)
        due[p] = crossing_day(P, p, rows[p], high, D)


@compiled
def differs(
    P: Vector,
    asked: bool,
    here: int,
    out: Vector,
    tallies: Vector,
    values: Vector,
    points: Vector,
    D: Grid,
    sums: Vector,
    on: Vector,
    grounds: Vector,
    stack: Vector,
    other: Vector,
) -> bool:
    """Whether the outcome differs from ``out``; unless ``asked`` no condition can have turned.

    ``other`` holds the outcome last worked out.
    """
    lists, dimensions = size_of(P, LISTS), size_of(P, DIMENSION)
    same = 4 + lists + size_of(P, CONSEQUENCE)
    if not asked:
        for n in range(dimensions):
            other[same + n] = sums[n]
        return score_of(P, other[2], other.ctypes.data + 8 * same) != out[0]
    for n in range(lists):
        grounds[n] = ground_row(P, n, tallies)
    start = begin(P, grounds, here, D, values, on, stack, other)
    whens(P, here, D, values, on, stack, points, sums)
    for n in range(dimensions):
        other[same + n] = sums[n]
    settle(P, start, grounds, here, D, values, on, stack, other)
    found = False
    for k in range(same):
        found = found or (k != 2 and k != 3 and other[k] != out[k])
    return found


@compiled
def first_change(
    P: Vector,
    low: int,
    high: int,
    day: int,
    known_by: int,
    out: Vector,
    tallies: Vector,
    values: Vector,
    points: Vector,
    D: Grid,
    rows: Vector,
    due: Vector,
    sums: Vector,
    flags: Vector,
    queue: Vector,
    on: Vector,
    grounds: Vector,
    stack: Vector,
    table: Grid,
    turn: Vector,
    specials: Vector,
    counts: Vector,
    event_days: Grid,
    event_points: Grid,
    other: Vector,
) -> int:
    """First later day on which the outcome differs from ``out``; UNKNOWN if none in ten years.

    ``tallies``, ``values`` and ``points`` are those of ``day``; they are used up.
    """
    last = min(day + HORIZON, LAST)
    set_out(P, low, high, day, known_by, points, D, rows, due, sums)
    for s in range(specials.shape[0]):
        counts[s] = -1
        line, days, brings = specials[s], event_days[s], event_points[s]
        if cell(P, LINE, line, 14) == 1:
            counts[s] = brought(P, line, low, high, day, known_by, D, stack, days, brings)
    here = day
    dates = turn_of_dates(P, here, tallies, D)
    while True:
        stop = min(dates, turn_of_ages(P, here, tallies, D))
        if stop > here + 1 and falling(P, here, specials, counts, event_days):
            stop = here + 1
        for p in range(size_of(P, PERIODS)):
            stop = min(stop, due[p])
        if stop > last:
            return UNKNOWN
        here = stop
        for p in range(size_of(P, PERIODS)):
            while due[p] <= here:
                row = rows[p]
                cross(
                    P, p, row, high, day, known_by, tallies, flags, queue, specials, turn, stack, D
                )
                rows[p] = seek(P, p, row + 1, high, day, known_by, D)
                due[p] = crossing_day(P, p, rows[p], high, D)
        stale_ones(P, low, high, day, known_by, here, tallies, stack, table, turn, D)
        ages_on(P, here, tallies, values, flags, queue, D)
        dated = dates <= here
        did = renewed(P, here, dated, tallies, values, points, sums, flags, queue, on, stack, D)
        if specials_on(
            P,
            low,
            high,
            day,
            known_by,
            here,
            points,
            sums,
            flags,
            stack,
            specials,
            counts,
            event_days,
            event_points,
            D,
        ):
            did |= 1
        for n in range(1, queue[0] + 1):
            flags[queue[n]] = 0
        queue[0] = 0
        if did >= 2:
            dates = turn_of_dates(P, here, tallies, D)
        if did > 0 and differs(
            P, did >= 2, here, out, tallies, values, points, D, sums, on, grounds, stack, other
        ):
            return here


@compiled
def follow(
    P: Vector,
    D: Grid,
    low: Vector,
    high: Vector,
    days: Vector,
    known: Vector,
    out: Grid,
    tallies: Grid,
    values: Grid,
    points: Grid,
    changes: Vector,
    longest: int,
) -> None:
    """The next change of each question whose outcome stands in ``out``; UNKNOWN for none.

    ``tallies``, ``values`` and ``points`` have a row per question; they are used up.
    """
    periods, lines = size_of(P, PERIODS), size_of(P, LINE)
    rows = np.empty(periods, np.int64)
    due = np.empty(periods, np.int64)
    sums = np.empty(size_of(P, DIMENSION), np.int64)
    readers = size_of(P, VARIABLE) + lines + size_of(P, LISTS)
    flags = np.zeros(readers, np.int64)
    queue = np.zeros(readers + 1, np.int64)
    on = np.zeros(size_of(P, LISTS), np.int64)
    grounds = np.empty(size_of(P, LISTS), np.int64)
    stack = np.empty(STACK, np.int64)
    room = 16
    if longest > LOOK_AHEAD:
        while room < 2 * longest:
            room *= 2
    table = np.zeros((room, 2), np.int64)
    turn = np.zeros(2, np.int64)  # of the table, and how many tallies are stale
    many = max(size_of(P, SPECIAL_START) - 1, 0)
    specials = np.empty(many, np.int64)
    for line in range(lines):
        if cell(P, LINE, line, 0) == 4:
            specials[cell(P, LINE, line, 15)] = line
    counts = np.empty(many, np.int64)
    event_days = np.empty((many, longest), np.int64)
    event_points = np.empty((many, longest), np.int64)
    other = np.empty(out.shape[1], np.int64)
    for q in range(low.shape[0]):
        other[2] = out[q, 2]
        changes[q] = first_change(
            P,
            low[q],
            high[q],
            days[q],
            known[q],
            out[q],
            tallies[q],
            values[q],
            points[q],
            D,
            rows,
            due,
            sums,
            flags,
            queue,
            on,
            grounds,
            stack,
            table,
            turn,
            specials,
            counts,
            event_days,
            event_points,
            other,
        )
