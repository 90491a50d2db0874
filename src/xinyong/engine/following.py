"""Compiled: the next day on which an outcome differs, though nothing new happens."""

from __future__ import annotations

import numpy as np

from xinyong.engine.arithmetic import before, leaves
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.gathering import clear, combine, cut, gather, room_for_distinct, spans_of
from xinyong.engine.machine import STACK
from xinyong.engine.memory import day_at, kind_at
from xinyong.engine.outcome import finish
from xinyong.engine.packed import (
    CONSEQUENCE,
    LIMITS,
    LINE,
    LISTS,
    MARKS,
    PARAM_DAY,
    PERIODS,
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


@compiled
def follow(
    P: Vector,
    D: Grid,
    low: Vector,
    high: Vector,
    days: Vector,
    known: Vector,
    out: Grid,
    changes: Vector,
    longest: int,
) -> None:
    """The next change of each question whose outcome stands in ``out``; UNKNOWN for none."""
    periods = size_of(P, PERIODS)
    edges = np.empty(periods, np.int64)
    cuts = np.empty(periods + 1, np.int64)
    spans = np.empty(periods + 1, np.int64)
    quick = np.empty(2 * size_of(P, QUICK), np.int64)
    slots = np.zeros((periods + 2, one(P, LIMITS, 5)), np.int64)
    on = np.zeros(size_of(P, LISTS), np.int64)
    stack = np.empty(STACK, np.int64)
    table = np.zeros((room_for_distinct(P, longest), 3), np.int64)
    turn = np.zeros(1, np.int64)
    other = np.empty(out.shape[1], np.int64)
    points = np.empty(size_of(P, LINE), np.int64)
    values = np.empty(size_of(P, VARIABLE), np.int64)
    for q in range(low.shape[0]):
        changes[q] = next_change(
            P,
            low[q],
            high[q],
            days[q],
            known[q],
            out[q],
            D,
            edges,
            cuts,
            spans,
            slots,
            values,
            on,
            stack,
            table,
            turn,
            quick,
            points,
            other,
        )
