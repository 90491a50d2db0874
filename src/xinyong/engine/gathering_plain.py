"""Compiled: the short loop over events, for plans of counts and sums by one field."""

from __future__ import annotations

from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.memory import (
    add64,
    load8,
    load32,
    load64,
    read,
)
from xinyong.engine.packed import (
    BOUNDS,
    PLAIN,
    PLAIN_SLOT,
    cell,
    size_of,
)

PROGRAM = 1 << 20
UNKNOWN = -(2**63)
HIGHEST = 2**62


@compiled
def gather_plain(
    P: Vector,
    low: int,
    high: int,
    day: int,
    ways: Grid,
    ages: Vector,
    cuts: Vector,
    count: int,
    slots: Grid,
    D: Grid,
) -> bool:
    """As :func:`gather`, for plans of counts and sums by one field (see plan._plain).

    False if the events are not in order of time.
    """
    narrow, numbers = D[0, 1] == 8, D[0, 4]
    day_of, kind_of = D[1, 0] + 4 * D[1, 3], D[0, 0] + D[0, 1] // 8 * D[0, 3]
    buckets, cells, width = ages.ctypes.data, slots.ctypes.data, slots.shape[1]
    kinds = ways.ctypes.data
    reach, oldest = ages.shape[0], HIGHEST
    for row in range(low, high):
        age = day - load32(day_of, row)
        if age > oldest:
            return False
        oldest = age
        if age < 0:
            continue
        if age < reach:
            bucket = load64(buckets, age)
        else:
            bucket = load64(buckets, reach - 1)
            while bucket < count and day - age <= cuts[bucket]:
                bucket += 1
        code = load8(kind_of, row) if narrow else load32(kind_of, row)
        way = kinds + 64 * load64(numbers, code)
        looked_at, entry, value = load64(way, 0), load64(way, 3), 0
        if looked_at > 0:
            value = load64(looked_at, row)
            for bound in range(load64(way, 1), load64(way, 2), 8):
                entry += 8 if value >= load64(bound, 0) else 0
        elif looked_at < 0:
            column = -looked_at
            value = read(D, column, row)
            if value == UNKNOWN:
                entry -= 8
            else:
                for bound in range(load64(way, 1), load64(way, 2), 8):
                    entry += 8 if value >= load64(bound, 0) else 0
        slot = load64(entry, 0)
        if slot < 0:
            continue
        slot += bucket * width
        if load64(way, 4) >= 0:
            add64(cells, slot + load64(way, 4), 1)
        summed = load64(way, 5)
        if summed != 0:
            if summed != looked_at:
                value = load64(summed, row) if summed > 0 else read(D, -summed, row)
            if value != UNKNOWN:
                add64(cells, slot + load64(way, 6), value)
    return True


@compiled
def values_at(D: Grid, column: int) -> int:
    """Address of a column's first value if it is plain 64-bit numbers, else minus the column."""
    if D[column, 1] == 64 and D[column, 2] == 0 and D[column, 4] == 0:
        return D[column, 0] + 8 * D[column, 3]
    return -column


@compiled
def ways_of(P: Vector, D: Grid, ways: Grid) -> None:
    """By kind, where :func:`gather_plain` finds what it needs, as addresses.

    [values of the field looked at, first bound, last bound, entry for a known value, offset of
    the count, values summed, offset of the sum]. A column that is not plain 64-bit numbers is
    given as minus its number; 0 is none. A kind without conditions has an entry of -1.
    """
    bounds, table = P.ctypes.data + 8 * P[3 * BOUNDS], P.ctypes.data + 8 * P[3 * PLAIN_SLOT]
    for k in range(size_of(P, PLAIN)):
        ways[k, 7] = -1
        looked_at, summed = cell(P, PLAIN, k, 0), cell(P, PLAIN, k, 5)
        if looked_at == -3:
            ways[k, 0], ways[k, 1], ways[k, 2], ways[k, 5] = 0, 0, 0, 0
            ways[k, 3], ways[k, 4] = ways.ctypes.data + 8 * (8 * k + 7), -1
            continue
        ways[k, 1] = bounds + 8 * cell(P, PLAIN, k, 1)
        ways[k, 2] = bounds + 8 * cell(P, PLAIN, k, 2)
        ways[k, 3] = table + 8 * cell(P, PLAIN, k, 3)
        ways[k, 0] = 0
        if looked_at >= 0:
            ways[k, 3] += 8
            ways[k, 0] = values_at(D, looked_at + 4)
        ways[k, 4], ways[k, 6] = cell(P, PLAIN, k, 4), cell(P, PLAIN, k, 6)
        ways[k, 5] = values_at(D, summed + 4) if summed >= 0 else 0
