"""The fast engine: one table-driven pass over each subject's events, compiled once.

Nothing here is made for one scheme: every function reads the arrays of a
:class:`~xinyong.engine.plan.Plan`. The meaning is that of :mod:`xinyong.engine.plain`; the twin in
:mod:`xinyong.engine.arrays` does the same with NumPy alone.
"""

from __future__ import annotations

import numpy as np

from xinyong.engine.arithmetic import before, leaves
from xinyong.engine.compiling import Cube, Grid, Vector, compiled
from xinyong.engine.gathering import (
    clear,
    combine,
    cut,
    gather,
    gather_distinct,
    gather_plain,
    put,
    spans_of,
    ways_of,
)
from xinyong.engine.machine import STACK
from xinyong.engine.memory import day_at, instant_at, kind_at
from xinyong.engine.outcome import finish, rank_reasons
from xinyong.engine.packed import (
    CONSEQUENCE,
    DISTINCT_SLOT,
    GROUP_DISTINCT,
    KIND_GROUP,
    LIMITS,
    LINE,
    LISTS,
    MARKS,
    PARAM_DAY,
    PERIODS,
    PLAIN,
    QUICK,
    VARIABLE,
    WATCH,
    cell,
    one,
    size_of,
)

UNKNOWN = -(2**63)
HIGHEST = 2**62
HORIZON = 3660
MOST_AGES = 4096

# ------------------------------------------------------------------ next change


@compiled
def first_after(D: Grid, low: int, high: int, day: int) -> int:
    """First row of [low, high), which are in order of time, whose day is after ``day``."""
    while low < high:
        middle = (low + high) // 2
        if day_at(D, middle) > day:
            high = middle
        else:
            low = middle + 1
    return low


@compiled
def next_candidate(P: Vector, low: int, high: int, day: int, seen_day: int, D: Grid) -> int:
    """First day after ``day`` on which some window edge, age or dated parameter can matter."""
    if one(P, LIMITS, 4) == 1:
        return day + 1
    found = HIGHEST
    for p in range(size_of(P, PERIODS)):
        length, unit = cell(P, PERIODS, p, 0), cell(P, PERIODS, p, 1)
        row = first_after(D, low, high, before(day, length, unit))
        while row < high:
            event_day = day_at(D, row)
            if event_day > seen_day:
                break
            if cell(P, WATCH, p, kind_at(D, row)) == 1:
                found = min(found, leaves(event_day, length, unit))
                break
            row += 1
    for m in range(size_of(P, MARKS)):
        row = first_after(D, low, high, day - cell(P, MARKS, m, 0))
        while row < high:
            event_day = day_at(D, row)
            if event_day > seen_day:
                break
            if cell(P, MARKS, m, 1) == kind_at(D, row):
                found = min(found, event_day + cell(P, MARKS, m, 0))
                break
            row += 1
    for k in range(size_of(P, PARAM_DAY)):
        if one(P, PARAM_DAY, k) > day:
            found = min(found, one(P, PARAM_DAY, k))
    return found


@compiled
def next_change(
    P: Vector,
    low: int,
    high: int,
    day: int,
    known_by: int,
    out: Vector,
    D: Grid,
    edges: Vector,
    cuts: Vector,
    spans: Vector,
    slots: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
    table: Grid,
    turn: Vector,
    quick: Vector,
    points: Vector,
    other: Vector,
) -> int:
    """First later day on which the outcome differs from ``out``; UNKNOWN if none in ten years."""
    here = day
    same = 4 + size_of(P, LISTS) + size_of(P, CONSEQUENCE)
    while True:
        here = next_candidate(P, low, high, here, day, D)
        if here > day + HORIZON:
            return UNKNOWN
        count = cut(P, here, edges, cuts, 0)
        spans_of(P, edges, cuts, count, spans)
        turn[0] += 1
        clear(P, slots, count + 1)
        gather(P, low, high, day, known_by, cuts, count, slots, D, stack, table, turn[0])
        combine(P, slots, count + 1)
        finish(
            P,
            0,
            count + 1,
            low,
            high,
            here,
            day,
            known_by,
            edges,
            spans,
            slots,
            D,
            values,
            on,
            stack,
            quick,
            points,
            0,
            other,
        )
        for k in range(same):
            if k != 2 and k != 3 and other[k] != out[k]:
                return here


# ------------------------------------------------------------------ many questions


@compiled
def cut_days(
    P: Vector,
    days: Vector,
    begin: int,
    end: int,
    slots: Grid,
    edges: Grid,
    cuts: Vector,
    spans: Grid,
    firsts: Vector,
) -> int:
    """Cuts, spans, first buckets and quick places for one or several days asked together."""
    count = 0
    for k in range(begin, end):
        count = cut(P, days[k], edges[k - begin], cuts, count)
        if end - begin > 1:
            count = put(days[k], cuts, count)
    for k in range(end - begin):
        spans_of(P, edges[k], cuts, count, spans[k])
        firsts[k] = 0
        if end - begin > 1:
            while firsts[k] < count and cuts[firsts[k]] >= days[begin + k]:
                firsts[k] += 1
    return count


@compiled
def on_time(
    D: Grid, low: int, high: int, days: Vector, known: Vector, begin: int, end: int
) -> bool:
    """Whether every event was on record on the first of the days (ascending) it could count on."""
    for k in range(begin + 1, end):
        if days[k] < days[k - 1] or known[k] < known[k - 1]:
            return False
    at = begin
    for row in range(low, high):
        while at < end and days[at] < day_at(D, row):
            at += 1
        if at == end:
            break
        if D[2, 0] != 0 and instant_at(D, 2, row) > known[at]:
            return False
        if D[3, 0] != 0 and instant_at(D, 3, row) != UNKNOWN:
            return False
    return True


@compiled
def buckets_by_age(newest_day: int, cuts: Vector, count: int, ages: Vector) -> None:
    """The bucket of an event by its age in days, as far as ``ages`` reaches."""
    bucket = 0
    for age in range(ages.shape[0]):
        while bucket < count and newest_day - age <= cuts[bucket]:
            bucket += 1
        ages[age] = bucket


@compiled
def answer(
    P: Vector,
    D: Grid,
    low: Vector,
    high: Vector,
    days: Vector,
    known: Vector,
    out: Grid,
    reasons: Cube,
    points: Grid,
    values: Grid,
    changes: Vector,
    longest: int,
    together: int,
    told: int,
) -> bool:
    """Work out the outcome of each question.

    Question *q* is about rows [low[q], high[q]), in order of time, on days[q], known by
    known[q]. ``out`` has a row per question (see :func:`finish`), ``reasons`` [question, place,
    line or lost] or no places, ``points`` and ``values`` a row per question or one row that is
    used again (quick lines only if ``told``), ``changes`` an entry per question or none.
    ``longest`` is the most rows of a question. Up to ``together`` questions in a row about the
    same events are answered from one pass over them. False if the events of a subject are not
    in order of time.
    """
    periods = size_of(P, PERIODS)
    most = (periods + 1) * together
    edges = np.empty((together, periods), np.int64)
    cuts = np.empty(most, np.int64)
    spans = np.empty((together, periods + 1), np.int64)
    firsts = np.zeros(together, np.int64)
    quick = np.empty(2 * size_of(P, QUICK), np.int64)
    slots = np.zeros((most + 1, one(P, LIMITS, 5)), np.int64)
    on = np.zeros(size_of(P, LISTS), np.int64)
    stack = np.empty(STACK, np.int64)
    distinct = size_of(P, DISTINCT_SLOT)
    size, most_distinct = 16, 0
    for k in range(size_of(P, KIND_GROUP) - 1):
        begin, end = one(P, KIND_GROUP, k), one(P, KIND_GROUP, k + 1)
        of_kind = one(P, GROUP_DISTINCT, end) - one(P, GROUP_DISTINCT, begin)
        most_distinct = max(most_distinct, of_kind)
    while size < 2 * longest * most_distinct:
        size *= 2
    table = np.zeros((size if distinct > 0 else 1, 3), np.int64)
    turn = np.zeros(1, np.int64)
    other = np.empty(out.shape[1], np.int64)
    other_points = np.empty(size_of(P, LINE), np.int64)
    other_values = np.empty(size_of(P, VARIABLE), np.int64)
    plain = one(P, LIMITS, 6) == 1 and D[2, 0] == 0 and D[3, 0] == 0
    ages = np.empty(MOST_AGES, np.int64)
    ways = np.empty((size_of(P, PLAIN), 8), np.int64)
    if plain:
        ways_of(P, D, ways)
    ages_for = -HIGHEST
    count, begun, ended = 0, 0, 0  # cuts, and the questions they were made for
    q = 0
    while q < low.shape[0]:
        end = q + 1
        while end < low.shape[0] and end - q < together and low[end] == low[q]:
            end += 1
        if end - q > 1 and (distinct > 0 or not on_time(D, low[q], high[q], days, known, q, end)):
            end = q + 1
        fresh = ended - begun != end - q
        for k in range(end - q):
            fresh = fresh or days[begun + k] != days[q + k]
        if fresh:
            count = cut_days(P, days, q, end, slots, edges, cuts, spans, firsts)
            begun, ended = q, end
        newest_day = days[end - 1]
        turn[0] += 1
        clear(P, slots, count + 1)
        if plain and not fresh:
            if ages_for != begun:
                buckets_by_age(newest_day, cuts, count, ages)
                ages_for = begun
            if not gather_plain(P, low[q], high[q], newest_day, ways, ages, cuts, count, slots, D):
                return False
            if distinct > 0:
                gather_distinct(
                    P, low[q], high[q], newest_day, cuts, count, slots, D, stack, table, turn[0]
                )
        else:
            in_time = gather(
                P,
                low[q],
                high[q],
                newest_day,
                known[end - 1],
                cuts,
                count,
                slots,
                D,
                stack,
                table,
                turn[0],
            )
            if not in_time:
                return False
        combine(P, slots, count + 1)
        for k in range(q, end):
            p = points[k if points.shape[0] > 1 else 0]
            v = values[k if values.shape[0] > 1 else 0]
            finish(
                P,
                firsts[k - q],
                count + 1,
                low[k],
                high[k],
                days[k],
                days[k],
                known[k],
                edges[k - q],
                spans[k - q],
                slots,
                D,
                v,
                on,
                stack,
                quick,
                p,
                told,
                out[k],
            )
            if reasons.shape[1] > 0:
                rank_reasons(P, p, reasons[k], reasons.shape[1])
        if changes.shape[0] > 0:
            for k in range(q, end):
                changes[k] = next_change(
                    P,
                    low[k],
                    high[k],
                    days[k],
                    known[k],
                    out[k],
                    D,
                    edges[0],
                    cuts,
                    spans[0],
                    slots,
                    other_values,
                    on,
                    stack,
                    table,
                    turn,
                    quick,
                    other_points,
                    other,
                )
            begun, ended, ages_for = 0, 0, -HIGHEST
        q = end
    return True
