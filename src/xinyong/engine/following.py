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
from xinyong.engine.renewing import cross, refreshed, whens
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
    lists, dimensions = size_of(P, LISTS), size_of(P, DIMENSION)
    same = 4 + lists + size_of(P, CONSEQUENCE)
    last = min(day + HORIZON, LAST)
    for n in range(dimensions):
        sums[n] = 0
    for line in range(size_of(P, LINE)):
        sums[cell(P, LINE, line, 9)] += points[line]
    for p in range(size_of(P, PERIODS)):
        rows[p] = seek(P, p, first_in(P, p, low, high, day, D), high, day, known_by, D)
        due[p] = crossing_day(P, p, rows[p], high, D)
    for s in range(specials.shape[0]):
        counts[s] = -1
        if cell(P, LINE, specials[s], 14) == 1:
            counts[s] = brought(
                P,
                specials[s],
                low,
                high,
                day,
                known_by,
                D,
                stack,
                event_days[s],
                event_points[s],
            )
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
                cross(
                    P,
                    p,
                    rows[p],
                    high,
                    day,
                    known_by,
                    tallies,
                    flags,
                    queue,
                    specials,
                    turn,
                    stack,
                    D,
                )
                rows[p] = seek(P, p, rows[p] + 1, high, day, known_by, D)
                due[p] = crossing_day(P, p, rows[p], high, D)
        did = refreshed(
            P,
            low,
            high,
            day,
            known_by,
            here,
            dates <= here,
            rows,
            tallies,
            values,
            points,
            sums,
            flags,
            queue,
            on,
            stack,
            table,
            turn,
            specials,
            counts,
            event_days,
            event_points,
            D,
        )
        if dates <= here or did >= 2:
            dates = turn_of_dates(P, here, tallies, D)
        if did == 0:
            continue
        if did >= 2:
            for n in range(lists):
                grounds[n] = ground_row(P, n, tallies)
            start = begin(P, grounds, here, D, values, on, stack, other)
            whens(P, here, D, values, on, stack, points, sums)
            for n in range(dimensions):
                other[same + n] = sums[n]
            settle(P, start, grounds, here, D, values, on, stack, other)
            for k in range(same):
                if k != 2 and k != 3 and other[k] != out[k]:
                    return here
        else:
            for n in range(dimensions):
                other[same + n] = sums[n]
            start = other[2]
            if score_of(P, start, other) != out[0]:
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
    table = np.zeros((room, 3), np.int64)
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
