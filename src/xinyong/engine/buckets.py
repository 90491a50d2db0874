"""Compiled: buckets of age, and streams over runs of them.

How the work is cut up is said in :mod:`xinyong.engine.plan`.
"""

from __future__ import annotations

from xinyong.engine.arithmetic import before
from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.memory import (
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
    STREAM_OP,
    STREAM_ROW,
    cell,
    one,
    size_of,
)

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
def combine(P: Vector, slots: Grid, size: int) -> None:
    """Let sums run on from the newest bucket, and put classes together into streams."""
    for r in range(size_of(P, RUNS)):
        first, last = cell(P, RUNS, r, 0), cell(P, RUNS, r, 1)
        for k in range(1, size):
            older, newer = slots[k, first:last], slots[k - 1, first:last]
            for n in range(last - first):
                older[n] += newer[n]
    members = P.ctypes.data + 8 * P[3 * MULTI_ROWS]
    cells, width = slots.ctypes.data, slots.shape[1]
    for m in range(size_of(P, MULTI)):
        stream = one(P, MULTI, m)
        op, row = one(P, STREAM_OP, stream), one(P, STREAM_ROW, stream)
        first, last = one(P, MULTI_START, m), one(P, MULTI_START, m + 1)
        if op > 2 and op != 7:
            extreme(op, first, last, members, slots, row, size)
            continue
        here = cells + 8 * row
        if last - first == 2:  # a stream and a class more: the usual case
            left, right = load64(members, first), load64(members, first + 1)
            left, right = cells + 8 * left, cells + 8 * right
            for k in range(size):
                put64(here, k * width, load64(left, k * width) + load64(right, k * width))
            continue
        for k in range(size):
            found, line = 0, cells + 8 * k * width
            for n in range(first, last):
                found += load64(line, load64(members, n))
            put64(here, k * width, found)


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
