"""Compiled: the short loop over events, for plans of counts and sums by one field."""

from __future__ import annotations

from xinyong.engine.compiling import Grid, Vector, compiled
from xinyong.engine.memory import (
    load8,
    load32,
    load64,
)
from xinyong.engine.packed import (
    BOUNDS,
    PLAIN,
    PLAIN_SLOT,
    cell,
    one,
    size_of,
)
from xinyong.engine.vectors import add_masked, falls, reached

UNKNOWN = -(2**63)
FURTHEST = 2**63 - 1


@compiled
def in_time(days: int, low: int, high: int) -> bool:
    """Whether the days of rows [low, high) never fall; ``days`` is their address."""
    pairs = high - low - 1
    if pairs >= 8:
        first, last = days + 4 * low, days + 4 * (high - 9)
        return falls(first, pairs // 8) + falls(last, 1) == 0
    fallen = 0
    for row in range(low, high - 1):
        fallen += 1 if load32(days, row) > load32(days, row + 1) else 0
    return fallen == 0


@compiled
def gather_plain(
    low: int,
    high: int,
    day: int,
    ways: int,
    longer: bool,
    cuts: Vector,
    count: int,
    slots: Grid,
    D: Grid,
) -> bool:
    """As :func:`gather`, for plans of counts and sums by one field (see plan._plain).

    ``ways`` is the address of what :func:`ways_of` found; ``longer`` if a kind has more than one
    vector of bounds. False if the events are not in order of time.
    """
    narrow, numbers = D[0, 1] == 8, D[0, 4]
    day_of, kind_of = D[1, 0] + 4 * D[1, 3], D[0, 0] + D[0, 1] // 8 * D[0, 3]
    if not in_time(day_of, low, high):
        return False
    row, width = low, 8 * slots.shape[1]
    for bucket in range(count, -1, -1):
        cells = slots.ctypes.data + bucket * width
        until = cuts[bucket - 1] if bucket > 0 else day
        while row < high and load32(day_of, row) <= until:
            code = load8(kind_of, row) if narrow else load32(kind_of, row)
            way = ways + 128 * load64(numbers, code)
            value, bounds = load64(load64(way, 0), row), load64(way, 1)
            entry = load64(way, 3) + 8 * reached(bounds, value)
            if longer:
                while bounds < load64(way, 2):
                    bounds += 64
                    entry += 8 * reached(bounds, value)
            add_masked(cells + load64(entry, 0), load64(load64(way, 4), row), way + 64)
            row += 1
    return True


@compiled
def values_at(D: Grid, column: int) -> int:
    """Address of a column's first value if it is plain 64-bit numbers, else 0."""
    if D[column, 1] == 64 and D[column, 2] == 0 and D[column, 4] == 0:
        return D[column, 0] + 8 * D[column, 3]
    return 0


@compiled
def bounds_of(P: Vector, kind: int, ways: Grid, room: Vector, at: int) -> int:
    """The bounds of a kind into ``room`` from ``at`` on; gives where they end."""
    ways[kind, 1] = room.ctypes.data + 8 * at
    if cell(P, PLAIN, kind, 0) >= 0:
        room[at] = UNKNOWN + 1
        for bound in range(cell(P, PLAIN, kind, 1), cell(P, PLAIN, kind, 2)):
            at += 1
            room[at] = one(P, BOUNDS, bound)
    else:
        room[at] = FURTHEST
    at += 1
    while (room.ctypes.data + 8 * at) % 64 > 0:
        room[at] = FURTHEST
        at += 1
    ways[kind, 2] = room.ctypes.data + 8 * (at - 8)
    return at


@compiled
def ways_of(P: Vector, D: Grid, spare: int, ways: Grid, room: Vector) -> int:
    """By kind, where :func:`gather_plain` finds what it needs, as addresses.

    [values of the field looked at, first vector of bounds, last, entry of an unknown value,
    values summed; from the ninth place on the bits of a value that the first and the second slot
    take, then what an event adds to each]. ``room`` takes the bounds of each kind, below them one
    that every known value reaches, in whole vectors; then the entries, as bytes into the slots.
    ``spare`` is a slot for events that nothing selects. Gives 0 if the loop cannot be used, else
    1, or 2 where a kind has more than one vector of bounds.
    """
    columns, many, found = (D.shape[0] - 4) // 2, size_of(P, PLAIN_SLOT), 1
    entries = room.shape[0] - many - 1
    room[entries + many] = 8 * spare
    for n in range(many):
        slot = one(P, PLAIN_SLOT, n)
        room[entries + n] = 8 * (slot if slot >= 0 else spare)
    at, values = 0, 0
    while (room.ctypes.data + 8 * at) % 64 > 0:
        at += 1
    for k in range(size_of(P, PLAIN)):
        looked_at, summed = cell(P, PLAIN, k, 0), cell(P, PLAIN, k, 5)
        for n in range(16):
            ways[k, n] = 0
        at = bounds_of(P, k, ways, room, at)
        found = max(found, 2 if ways[k, 2] > ways[k, 1] else 1)
        first = many if looked_at == -3 else cell(P, PLAIN, k, 3)
        ways[k, 3] = room.ctypes.data + 8 * (entries + first)
        if looked_at == -3:
            continue
        if summed >= 0:
            ways[k, 8 + cell(P, PLAIN, k, 6)] = -1
            ways[k, 4] = values = values_at(D, 4 + columns + summed)
            if values == 0:
                return 0
        if cell(P, PLAIN, k, 4) >= 0:
            ways[k, 10 + cell(P, PLAIN, k, 4)] = 1
        if looked_at >= 0:
            ways[k, 0] = values = values_at(D, 4 + looked_at)
            if values == 0:
                return 0
    for k in range(size_of(P, PLAIN)):  # what is not asked for is read from anywhere
        ways[k, 0] = ways[k, 0] if ways[k, 0] != 0 else values
        ways[k, 4] = ways[k, 4] if ways[k, 4] != 0 else values
    return found if values != 0 else 0
