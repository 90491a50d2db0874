"""Compiled: from streams to the outcome of one subject on one day."""

from __future__ import annotations

from xinyong.engine.arithmetic import run
from xinyong.engine.buckets import edge_of, newest
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.measured import variable
from xinyong.engine.memory import add64, day_at, load64, put64
from xinyong.engine.packed import (
    BAND,
    CONSEQUENCE,
    DIMENSION,
    GROUND,
    GROUND_START,
    LIMITS,
    LINE,
    LISTS,
    SEGMENT,
    SLOW,
    SLOW_LINE,
    START,
    VETO,
    cell,
    one,
    size_of,
)
from xinyong.engine.points import line_points, quick_points, quick_sums, segment_sum

UNKNOWN = -(2**63)
LIMIT = 9 * 10**17
HIGHEST = 2**62


@compiled
def list_state(
    P: Vector,
    number: int,
    ground: int,
    day: int,
    D: Grid,
    values: Vector,
    score: int,
    band: int,
    on: Vector,
    stack: Vector,
) -> int:
    """State of a list: 0 off, 1 warned, 2 listed, 3 ended; ``ground`` is a row, -1 for none."""
    if run(P, cell(P, LISTS, number, 0), stack, D, 0, 0, values, day, score, band, on) != 1:
        return 0
    remove = cell(P, LISTS, number, 1)
    if remove >= 0 and (run(P, remove, stack, D, 0, 0, values, day, score, band, on) == 1):
        return 0
    ground_day = day_at(D, ground) if ground >= 0 else day
    lasts, warn = cell(P, LISTS, number, 2), cell(P, LISTS, number, 3)
    if lasts >= 0 and ground_day <= edge_of(P, lasts, day):
        return 3
    if warn >= 0 and ground_day > edge_of(P, warn, day):
        return 1
    return 2


@compiled
def lists_of(
    P: Vector,
    late: int,
    grounds: Vector,
    day: int,
    D: Grid,
    values: Vector,
    score: int,
    band: int,
    on: Vector,
    stack: Vector,
    out: Vector,
) -> None:
    """States of the lists before (``late`` 0) or after (1) the score, into ``out`` and ``on``."""
    for n in range(size_of(P, LISTS)):
        if cell(P, LISTS, n, 4) == late:
            state = list_state(P, n, grounds[n], day, D, values, score, band, on, stack)
            out[4 + n] = state
            on[n] = 1 if state == 2 else 0


@compiled
def grounds_of(P: Vector, first: int, size: int, spans: Vector, slots: Grid, rows: Vector) -> None:
    """The newest row behind the ground of each list, -1 for none."""
    for n in range(size_of(P, LISTS)):
        rows[n] = -1
        for k in range(one(P, GROUND_START, n), one(P, GROUND_START, n + 1)):
            period = cell(P, GROUND, k, 1)
            end = spans[period] if period >= 0 else size
            rows[n] = max(rows[n], newest(P, slots, cell(P, GROUND, k, 0), first, end))


@compiled
def begin(
    P: Vector,
    grounds: Vector,
    day: int,
    D: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
    out: Vector,
) -> int:
    """Lists before the score into ``out`` and ``on``; gives the start of the score."""
    for n in range(size_of(P, LISTS)):
        on[n] = 0
    if size_of(P, LISTS) > 0:
        lists_of(P, 0, grounds, day, D, values, UNKNOWN, UNKNOWN, on, stack, out)
    start = 0
    for n in range(size_of(P, START)):
        start = cell(P, START, n, 1)
        program = cell(P, START, n, 0)
        if program < 0 or (run(P, program, stack, D, 0, 0, values, day, UNKNOWN, UNKNOWN, on) == 1):
            break
    return start


@compiled
def score_of(P: Vector, start: int, sums: int) -> int:
    """The score; the sums of dimensions, at an address, are held within their limits."""
    score = start
    for n in range(size_of(P, DIMENSION)):
        held = min(max(load64(sums, n), cell(P, DIMENSION, n, 0)), cell(P, DIMENSION, n, 1))
        put64(sums, n, held)
        score += held
    return min(max(score, one(P, LIMITS, 0)), one(P, LIMITS, 1))


@compiled
def band_of(P: Vector, score: int) -> int:
    """The highest band that begins at or below a score."""
    band = -1
    for n in range(size_of(P, BAND)):
        if cell(P, BAND, n, 0) != UNKNOWN and cell(P, BAND, n, 0) <= score:
            band = n
    return band


@compiled
def settle(
    P: Vector,
    start: int,
    grounds: Vector,
    day: int,
    D: Grid,
    values: Vector,
    on: Vector,
    stack: Vector,
    out: Vector,
) -> None:
    """From the sums of dimensions to score, band, lists after the score, and consequences."""
    at = 4 + size_of(P, LISTS) + size_of(P, CONSEQUENCE)
    score = score_of(P, start, out.ctypes.data + 8 * at)
    band = -1
    for n in range(size_of(P, BAND)):
        program = cell(P, BAND, n, 1)
        if program >= 0 and (run(P, program, stack, D, 0, 0, values, day, score, UNKNOWN, on) == 1):
            band = n
            break
    if band < 0:
        band = band_of(P, score)
    fired, before_vetoes = 0, band
    for n in range(size_of(P, VETO)):
        rank = cell(P, VETO, n, 1)
        if rank < before_vetoes and (
            run(P, cell(P, VETO, n, 0), stack, D, 0, 0, values, day, UNKNOWN, UNKNOWN, on) == 1
        ):
            fired |= 1 << n
            band = min(band, rank)
    lists = size_of(P, LISTS)
    if lists > 0:
        lists_of(P, 1, grounds, day, D, values, score, band, on, stack, out)
    for n in range(size_of(P, CONSEQUENCE)):
        true = run(P, one(P, CONSEQUENCE, n), stack, D, 0, 0, values, day, score, band, on)
        out[4 + lists + n] = 1 if true == 1 else 0
    out[0], out[1], out[2], out[3] = score, band, start, fired


@compiled
def finish(
    P: Vector,
    first: int,
    size: int,
    low: int,
    high: int,
    day: int,
    known_by: int,
    edges: Vector,
    spans: Vector,
    slots: Grid,
    D: Grid,
    values: Vector,
    on: Vector,
    grounds: Vector,
    stack: Vector,
    quick: Vector,
    points: Vector,
    told: int,
    out: Vector,
) -> None:
    """From streams to the outcome of one subject on one day.

    ``out``: score, band, start, vetoes that lowered the band (bit by number), states of lists,
    consequences, then dimensions. ``points`` takes the points of each line; of the quick lines
    only where ``told`` is 1.
    """
    for n in range(size_of(P, SLOW)):
        v = one(P, SLOW, n)
        values[v] = variable(P, v, first, size, spans, slots, day, D, values, on, stack)
    if size_of(P, LISTS) > 0:
        grounds_of(P, first, size, spans, slots, grounds)
    start = begin(P, grounds, day, D, values, on, stack, out)
    at_dimension = 4 + size_of(P, LISTS) + size_of(P, CONSEQUENCE)
    for n in range(size_of(P, DIMENSION)):
        out[at_dimension + n] = 0
    quick_sums(P, slots, first, spans, quick, told, out, at_dimension)
    if told == 1:
        quick_points(P, quick, points)
    for k in range(size_of(P, SLOW_LINE)):
        n = one(P, SLOW_LINE, k)
        got = line_points(
            P,
            n,
            first,
            size,
            low,
            high,
            day,
            known_by,
            edges,
            spans,
            slots,
            D,
            values,
            on,
            stack,
        )
        points[n] = got
        out[at_dimension + cell(P, LINE, n, 9)] += got
    settle(P, start, grounds, day, D, values, on, stack, out)


@compiled
def finish_plain(
    P: Vector, slots: Grid, firsts: Vector, spans: Grid, many: int, out: Grid, row: int
) -> None:
    """As :func:`finish` for ``many`` questions at once, from a row of ``out`` on.

    For plans whose score is a start and quick lines, with bands by score alone.
    """
    at, width, start = out.ctypes.data + 8 * row * out.shape[1], 8 * out.shape[1], 0
    for k in range(many):
        for n in range(size_of(P, DIMENSION)):
            put64(at + k * width, 4 + n, 0)
    for s in range(size_of(P, SEGMENT)):
        place = 4 + cell(P, SEGMENT, s, 4)
        for k in range(many):
            found = segment_sum(P, s, slots, firsts[k], spans.ctypes.data, k * spans.shape[1], 0)
            add64(at + k * width, place, found)
    if size_of(P, START) > 0:
        start = cell(P, START, 0, 1)
    for _ in range(many):
        score = score_of(P, start, at + 32)
        put64(at, 0, score)
        put64(at, 1, band_of(P, score))
        put64(at, 2, start)
        put64(at, 3, 0)
        at += width


@compiled
def rank_reasons(P: Vector, points: Vector, reasons: Grid, most: int) -> None:
    """Lines that cost most against their reference, into ``reasons`` as [line, lost]."""
    count = 0
    for n in range(size_of(P, LINE)):
        lost = cell(P, LINE, n, 8) - points[n]
        if lost <= 0 or (count == most and lost <= reasons[count - 1, 1]):
            continue
        place = count if count < most else most - 1
        while place > 0 and reasons[place - 1, 1] < lost:
            if place < most:
                reasons[place, 0], reasons[place, 1] = reasons[place - 1, 0], reasons[place - 1, 1]
            place -= 1
        reasons[place, 0], reasons[place, 1] = n, lost
        count = min(count + 1, most)
    for place in range(count, most):
        reasons[place, 0], reasons[place, 1] = -1, 0
