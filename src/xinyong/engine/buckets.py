"""Compiled: buckets of age, and streams over runs of them.

How the work is cut up is said in :mod:`xinyong.engine.plan`.
"""

from __future__ import annotations

import numpy as np

from xinyong.engine.arithmetic import before
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.memory import (
    add64,
    load64,
    put64,
)
from xinyong.engine.packed import (
    CLASS_SLOT,
    CUTTING,
    GROUP_CLASS,
    GROUP_SLOT,
    LIMITS,
    MULTI,
    MULTI_ROWS,
    MULTI_START,
    PERIODS,
    RUNS,
    SLOT_OP,
    STREAM_ROW,
    cell,
    one,
    size_of,
)
from xinyong.engine.vectors import add_three_lines, add_two, add_two_lines

PROGRAM = 1 << 20
UNKNOWN = -(2**63)
HIGHEST = 2**62


@compiled
def put(edge: int, cuts: Vector, count: int) -> int:
    """Put an edge among ``cuts`` (newest first, each once); gives how many there are."""
    place = count
    while place > 0 and cuts[place - 1] < edge:
        place -= 1
    if place > 0 and cuts[place - 1] == edge:
        return count
    for k in range(count, place, -1):
        cuts[k] = cuts[k - 1]
    cuts[place] = edge
    return count + 1


@compiled
def edge_of(P: Vector, period: int, day: int) -> int:
    """The edge of a period's window on a day: the last day that lies outside."""
    return before(day, cell(P, PERIODS, period, 0), cell(P, PERIODS, period, 1))


@compiled
def cut(P: Vector, day: int, edges: Vector, cuts: Vector, count: int) -> int:
    """Add the window edges of a day to ``cuts``; ``edges`` takes the edge of every period."""
    for p in range(size_of(P, PERIODS)):
        edges[p] = edge_of(P, p, day)
        if one(P, CUTTING, p) == 1:
            count = put(edges[p], cuts, count)
    return count


@compiled
def spans_of(P: Vector, edges: Vector, cuts: Vector, count: int, spans: Vector) -> None:
    """For each period where its window ends, as a number of buckets; last, without a window."""
    for p in range(size_of(P, PERIODS)):
        k = 0
        while k < count and cuts[k] > edges[p]:
            k += 1
        spans[p] = k + 1
    spans[size_of(P, PERIODS)] = count + 1


@compiled
def room_for_slots(size: int, width: int) -> Grid:
    """Buckets of zeros: ``size`` of ``width`` slots, from an address on that 64 bytes divide."""
    room = np.zeros(size * width + 8, np.int64)
    begin = -room.ctypes.data % 64 // 8
    return room[begin : begin + size * width].reshape((size, width))


@compiled
def clear(P: Vector, slots: Grid, size: int) -> None:
    """Set every slot of every bucket to its neutral value."""
    cells, width, many = slots.ctypes.data, slots.shape[1], one(P, LIMITS, 3)
    for k in range(size):
        for row in range(many):
            put64(cells + 8 * k * width, row, 0)
    for g in range(size_of(P, GROUP_SLOT) - 1):
        first, last = one(P, GROUP_SLOT, g), one(P, GROUP_SLOT, g + 1)
        for s in range(first, last):
            op = one(P, SLOT_OP, s)
            if op >= 3:
                neutral = HIGHEST if op == 3 else (-HIGHEST if op == 4 else -1)
                for c in range(one(P, GROUP_CLASS, g), one(P, GROUP_CLASS, g + 1)):
                    at = one(P, CLASS_SLOT, c) + s - first
                    for k in range(size):
                        slots[k, at] = neutral


@compiled
def extreme(op: int, first: int, last: int, members: int, slots: Grid, row: int, size: int) -> None:
    """Put classes together where the least, the greatest or the newest counts, by bucket."""
    neutral = HIGHEST if op == 3 else (-HIGHEST if op == 4 else -1)
    for k in range(size):
        best = neutral
        for n in range(first, last):
            other = slots[k, load64(members, n)]
            best = min(best, other) if op == 3 else max(best, other)
        slots[k, row] = best


@compiled
def put_together(P: Vector, cells: int, nothing: int, width: int, size: int) -> None:
    """Put classes together into streams that add up, in buckets from an address on.

    ``nothing`` is the address of an empty bucket.
    """
    members = P.ctypes.data + 8 * P[3 * MULTI_ROWS]
    for m in range(size_of(P, MULTI)):
        if cell(P, MULTI, m, 2) != 0:
            continue
        into, many = cells + 8 * cell(P, MULTI, m, 0), cell(P, MULTI, m, 1)
        first, last = one(P, MULTI_START, m), one(P, MULTI_START, m + 1)
        if last < first + 2:
            for n in range(size):
                side = cells + n * width + 8 * load64(members, first) if last > first else nothing
                add_two(into + n * width, side, nothing, (many + 7) // 8)
            continue
        left, right = cells + 8 * load64(members, first), cells + 8 * load64(members, first + 1)
        if last == first + 2:
            add_two_lines(width, size, into, left, right, many)
            continue
        third = cells + 8 * load64(members, first + 2)
        add_three_lines(width, size, into, left, right, third, many)
        for n in range(first + 3, last):
            add_two_lines(width, size, into, into, cells + 8 * load64(members, n), many)


@compiled
def combine(P: Vector, slots: Grid, size: int) -> None:
    """Let sums run on from the newest bucket, and put classes together into streams.

    Streams are put together in whole vectors: what lies beyond the last of a run is set anew
    afterwards. The last bucket of ``slots`` is empty.
    """
    cells, width = slots.ctypes.data, 8 * slots.shape[1]
    for begin in range(0, size, 16):  # so few at a time stay in the processor's own cache
        end, after = min(begin + 16, size), max(begin, 1)
        for r in range(size_of(P, RUNS)):
            first, last = cell(P, RUNS, r, 0), cell(P, RUNS, r, 1)
            vectors, line = (last - first) // 8, cells + 8 * first + (after - 1) * width
            for _ in range(after, end):
                add_two(line + width, line + width, line, vectors)
                for n in range(8 * vectors, last - first):
                    add64(line + width, n, load64(line, n))
                line += width
        put_together(
            P, cells + begin * width, cells + width * (slots.shape[0] - 1), width, end - begin
        )
    for m in range(size_of(P, MULTI)):
        if cell(P, MULTI, m, 2) != 0:
            op, row = cell(P, MULTI, m, 2), cell(P, MULTI, m, 0)
            first, last = one(P, MULTI_START, m), one(P, MULTI_START, m + 1)
            extreme(op, first, last, P.ctypes.data + 8 * P[3 * MULTI_ROWS], slots, row, size)


@compiled
def total(P: Vector, slots: Grid, stream: int, low: int, high: int) -> int:
    """Sum of a stream over buckets [low, high)."""
    if high <= low:
        return 0
    row = one(P, STREAM_ROW, stream)
    found = slots[high - 1, row]
    return found - slots[low - 1, row] if low > 0 else found


@compiled
def newest(P: Vector, slots: Grid, stream: int, low: int, high: int) -> int:
    """Newest row of a stream in buckets [low, high); -1 if none."""
    at, found = one(P, STREAM_ROW, stream), -1
    for k in range(low, high):
        found = max(found, slots[k, at])
    return found
