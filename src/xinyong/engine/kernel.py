"""The fast engine: one table-driven pass over each subject's events, compiled once.

Nothing here is made for one scheme: every function reads the arrays of a
:class:`~xinyong.engine.plan.Plan`. The meaning is that of :mod:`xinyong.engine.plain`; the twin in
:mod:`xinyong.engine.arrays` does the same with NumPy alone.
"""

from __future__ import annotations

import numpy as np

from xinyong.engine.buckets import clear, combine, cut, put, room_for_slots, spans_of
from xinyong.engine.compiling import Cube, Grid, Vector, compiled
from xinyong.engine.gathering import gather, gather_distinct, room_for_distinct, tags_of
from xinyong.engine.gathering_plain import gather_plain, ways_of
from xinyong.engine.machine import STACK
from xinyong.engine.measured import tallies_of
from xinyong.engine.memory import day_at, instant_at
from xinyong.engine.outcome import finish, finish_plain, rank_reasons
from xinyong.engine.packed import (
    BOUNDS,
    DISTINCT_SLOT,
    LIMITS,
    LISTS,
    PERIODS,
    PLAIN,
    PLAIN_SLOT,
    one,
    size_of,
)

UNKNOWN = -(2**63)
HIGHEST = 2**62

# ------------------------------------------------------------------ many questions


@compiled
def cut_days(
    P: Vector,
    days: Vector,
    begin: int,
    end: int,
    edges: Grid,
    cuts: Vector,
    spans: Grid,
    firsts: Vector,
) -> int:
    """Cuts, spans and first buckets for one or several days asked together."""
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
    if D[2, 0] == 0 and D[3, 0] == 0:
        return True
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
    tallies: Grid,
    longest: int,
    together: int,
    told: int,
) -> bool:
    """Work out the outcome of each question.

    Question *q* is about rows [low[q], high[q]), in order of time, on days[q], known by
    known[q]. ``out`` has a row per question (see :func:`finish`), ``reasons`` [question, place,
    line or lost] or no places, ``points`` and ``values`` a row per question or one row that is
    used again (quick lines only if ``told``). ``tallies`` has a row per question, or none: see
    :mod:`xinyong.engine.plan_tallies`.
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
    quick = np.empty(4 * one(P, LIMITS, 6), np.int64)
    # rows for whole vectors, and a last bucket that stays empty
    slots = room_for_slots(most + 2, (one(P, LIMITS, 4) + 15) // 8 * 8)
    on = np.zeros(size_of(P, LISTS), np.int64)
    grounds = np.empty(size_of(P, LISTS), np.int64)
    stack = np.empty(STACK, np.int64)
    distinct = size_of(P, DISTINCT_SLOT)
    table = np.zeros((room_for_distinct(P, longest), 2), np.int64)
    turn = np.zeros(1, np.int64)
    tags = np.zeros((size_of(P, PLAIN), 4), np.int64)
    tags_of(P, D, tags)
    ways = np.empty((size_of(P, PLAIN), 16), np.int64)
    space = size_of(P, BOUNDS) + 8 * size_of(P, PLAIN) + size_of(P, PLAIN_SLOT) + 9
    room, short = np.empty(space, np.int64), 0
    if one(P, LIMITS, 5) == 1 and D[2, 0] == 0 and D[3, 0] == 0:
        short = ways_of(P, D, slots.shape[1] - 2, ways, room)
    brief = one(P, LIMITS, 7) == 1 and told == 0 and tallies.shape[0] == 0
    brief = brief and reasons.shape[1] == 0
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
            count = cut_days(P, days, q, end, edges, cuts, spans, firsts)
            begun, ended = q, end
        newest_day = days[end - 1]
        turn[0] += 1
        clear(P, slots, count + 1)
        if short > 0:
            kinds, longer = ways.ctypes.data, short == 2
            if not gather_plain(low[q], high[q], newest_day, kinds, longer, cuts, count, slots, D):
                return False
            if distinct > 0:
                gather_distinct(
                    P,
                    low[q],
                    high[q],
                    newest_day,
                    cuts,
                    count,
                    slots,
                    D,
                    stack,
                    table,
                    turn[0],
                    tags,
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
        if brief:
            finish_plain(P, slots, firsts, spans, end - q, out, q)
            q = end
            continue
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
                known[k],
                edges[k - q],
                spans[k - q],
                slots,
                D,
                v,
                on,
                grounds,
                stack,
                quick,
                p,
                told,
                out[k],
            )
            if tallies.shape[0] > 0:
                tallies_of(P, firsts[k - q], count + 1, spans[k - q], slots, tallies[k])
            if reasons.shape[1] > 0:
                rank_reasons(P, p, reasons[k], reasons.shape[1])
        q = end
    return True
