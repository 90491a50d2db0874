"""Compiled: from bits to outcomes by the engine's own last step, agent by agent.

Three tables of what was worked out already make it quick, each exact. What variables, lists and
lines other than points for each event come to depends on the *inner* answers alone: worked out
once for each set of them (table ``a``). Of that, bands, lists after the score and consequences
read a few values only, the *signature* (table ``s``), and the score (table ``b``). Points for each
event are added up here. Whenever an outcome is not in table ``b`` the engine's ``finish`` works it
out from the agent's own streams, and its score must be the one found here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba import njit

from xinyong.engine.outcome import finish

UNSEEN = -1
BLOCK = 256
"""Agents of which all atoms are asked together; a multiple of 16."""
WRONG = -1
"""Given back where the engine's score is another one than that found here."""
_F = TypeVar("_F", bound=Callable[..., Any])


class Frame(NamedTuple):
    """What stays the same for all agents of a month; arrays are int64 and contiguous."""

    P: Any  # the packed plan
    D: Any  # the virtual rows
    day: int
    edges: Any
    spans: Any
    template: Any  # [buckets, rows]: the table of streams with nothing in it
    row_of: Any  # row of each stream
    streams: int
    inner: int
    ask: Any
    word: Any
    masks: Any  # uint64[atoms, 16]
    entry: Any
    term: Any
    capped: Any  # [place, cap, first, end]
    held: Any  # terms of capped lines
    each: Any  # [row of the table, dimension, cap] of each line of points for each event
    other: Any  # [line, dimension] of all other lines
    dimension: Any  # [at least, at most]
    floor: int
    ceiling: int
    settling: Any  # variables of the signature
    ground: Any  # [bucket, row] of the signature
    lane: int  # bits of an answer in a key


class Store(NamedTuple):
    """What was worked out this month: hash tables (int32, UNSEEN is free), keys and findings."""

    a_table: Any
    a_keys: Any
    a_found: Any  # [number of the signature, start, points of other lines by dimension]
    s_table: Any
    s_keys: Any
    b_table: Any
    b_keys: Any  # [number of the signature, score]
    outs: Any
    used: Any  # int64[3]


class Room(NamedTuple):
    """Space to work in."""

    block: Any  # [atoms, BLOCK]
    keys: Any  # [BLOCK, words of a key]
    lines: Any  # [lines of points for each event, BLOCK]
    answers: Any
    grid: Any
    by_dimension: Any
    values: Any
    on: Any
    grounds: Any
    stack: Any
    quick: Any
    points: Any
    out: Any
    signature: Any
    pair: Any


def _kept(function: _F) -> _F:
    """Compile and keep on disk, under the digest of the engine's compiled files."""
    stamp = finish.py_func.__qualname__.rsplit("_", 1)[1]  # type: ignore[attr-defined]
    function.__qualname__ = f"{function.__qualname__}_{stamp}"
    made: Any = njit(cache=True, nogil=True, error_model="numpy")(function)
    result: _F = made
    return result


@_kept
def ones(x: Any) -> Any:
    """How many bits of an unsigned 64-bit word are set."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@_kept
def hold(points: Any, cap: Any) -> Any:
    """A sum held by a cap: from above if the cap is 0 or more, else from below."""
    if cap == 2**62:
        return points
    return min(points, cap) if cap >= 0 else max(points, cap)


@_kept
def counted(word: Any, masks: Any, begin: int, answers: Any) -> None:
    """How many bits under the masks are set, for a block of agents from ``begin`` on."""
    size = answers.shape[0]
    for b in range(0, size - size % 16, 16):
        for g in range(16):
            answers[b + g] = ones(word[begin + b + g] & masks[g])
    for b in range(size - size % 16, size):
        answers[b] = ones(word[begin + b] & masks[b % 16])


@_kept
def newest(word: Any, masks: Any, begin: int, answers: Any) -> None:
    """1 + the newest bit under the masks (0 none), for a block of agents."""
    for b in range(answers.shape[0]):
        bits = word[begin + b] & masks[b % 16]
        low = bits & (~bits + np.uint64(1))
        answers[b] = 0 if bits == 0 else ones(low - np.uint64(1)) + 1


@_kept
def answer_block(
    ask: Any, word: Any, masks: Any, words: Any, older: Any, begin: int, answers: Any
) -> None:
    """What each atom answers about a block of agents: int64[atoms, agents]."""
    for n in range(ask.shape[0]):
        if ask[n] == 0:
            counted(words[word[n]], masks[n], begin, answers[n])
        elif ask[n] == 1:
            newest(words[word[n]], masks[n], begin, answers[n])
        else:
            for b in range(answers.shape[1]):
                answers[n, b] = np.int64(older[word[n], begin + b])


@_kept
def keys_of(inner: int, lane: int, answers: Any, keys: Any) -> None:
    """The inner answers of a block of agents packed into words: int64[agents, words]."""
    keys[:] = 0
    for n in range(inner):
        at, shift = n * lane // 64, n * lane % 64
        for b in range(keys.shape[0]):
            keys[b, at] |= answers[n, b] << shift


@_kept
def sums_of(term: Any, answers: Any, sums: Any) -> None:
    """Points by line of points for each event, for a block of agents: int64[lines, agents]."""
    sums[:] = 0
    for t in range(term.shape[0]):
        line, got, points = sums[term[t, 0]], answers[term[t, 1]], term[t, 2]
        for b in range(sums.shape[1]):
            line[b] += got[b] * points


@_kept
def capped_block(line: Any, held: Any, words: Any, begin: int, sums: Any) -> None:
    """Points of a line (place, cap, first term, end) held unit by unit, for a block of agents."""
    cap = line[1]
    for b in range(sums.shape[0]):
        total, part, unit = np.int64(0), np.int64(0), np.int64(-1)
        for t in range(line[2], line[3]):
            if held[t, 0] != unit:
                total += hold(part, cap)
                part, unit = np.int64(0), held[t, 0]
            here = (words[held[t, 1], begin + b] >> np.uint64(held[t, 2])) & np.uint64(1)
            if here != 0 and (held[t, 3] >> (b % 16)) & 1:
                part += held[t, 4]
        sums[b] = total + hold(part, cap)


@_kept
def fill(f: Frame, answers: Any, grid: Any) -> None:
    """Put the inner answers into the cells of the engine's table of streams by bucket."""
    stream, bucket, apart, met = np.int64(-1), np.int64(-1), np.int64(0), False
    for n in range(f.entry.shape[0]):
        if f.entry[n, 0] != stream or f.entry[n, 1] != bucket or f.entry[n, 3] != apart:
            stream, bucket, apart, met = f.entry[n, 0], f.entry[n, 1], f.entry[n, 3], False
        got = answers[f.entry[n, 4]]
        if got == 0:
            continue
        op, value, row = f.entry[n, 2], f.entry[n, 5], f.row_of[stream]
        if op == 0 or op == 2:
            grid[bucket, row] += got
        elif op == 1:
            grid[bucket, row] += got * value
        elif op == 3:
            grid[bucket, row] = min(grid[bucket, row], value)
        elif op == 4:
            grid[bucket, row] = max(grid[bucket, row], value)
        elif op == 7:
            if not met:
                grid[bucket, row] += 1
            met = True
        else:
            grid[bucket, row] = max(grid[bucket, row], value - (got - 1) * f.streams)


@_kept
def place_of(key: Any, keys: Any, table: Any) -> Any:
    """Where a key stands in the table, or the empty place where it would."""
    mixed = np.uint64(0x9E3779B97F4A7C15)
    for n in range(key.shape[0]):
        mixed = (mixed ^ np.uint64(key[n])) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(29)
    mask = np.int64(table.shape[0] - 1)
    at = np.int64(mixed & np.uint64(mask))
    while table[at] != UNSEEN:
        same, row = True, table[at]
        for n in range(key.shape[0]):
            if keys[row, n] != key[n]:
                same = False
                break
        if same:
            break
        at = (at + 1) & mask
    return at


@_kept
def work_out(f: Frame, r: Room, b: int, points: bool) -> None:
    """The engine's outcome of an agent of the block into ``r.out``; or without ``points``."""
    r.grid[:] = f.template
    r.answers[:] = r.block[:, b]
    fill(f, r.answers, r.grid)
    size = r.grid.shape[0]
    for n in range(f.each.shape[0]):
        r.grid[size - 1, f.each[n, 0]] = r.lines[n, b] if points else 0
    finish(
        f.P, 0, size, 0, 0, f.day, 0, f.edges, f.spans, r.grid, f.D, r.values, r.on, r.grounds,
        r.stack, r.quick, r.points, 0, r.out,
    )  # fmt: skip


@_kept
def inner_of(f: Frame, s: Store, r: Room, spot: int, b: int) -> Any:
    """A new row of table ``a``, at a place, for the inner answers of an agent of the block."""
    row = s.used[0]
    work_out(f, r, b, False)
    s.a_found[row, 1] = r.out[2]
    s.a_found[row, 2:] = 0
    for n in range(f.other.shape[0]):
        s.a_found[row, 2 + f.other[n, 1]] += r.points[f.other[n, 0]]
    for n in range(f.settling.shape[0]):
        r.signature[n] = r.values[f.settling[n]]
    for n in range(f.ground.shape[0]):
        r.signature[f.settling.shape[0] + n] = r.grid[f.ground[n, 0], f.ground[n, 1]]
    at = place_of(r.signature, s.s_keys, s.s_table)
    if s.s_table[at] == UNSEEN:
        s.s_keys[s.used[1]] = r.signature
        s.s_table[at] = s.used[1]
        s.used[1] += 1
    s.a_found[row, 0] = s.s_table[at]
    s.a_keys[row] = r.keys[b]
    s.a_table[spot] = row
    s.used[0] += 1
    return row


@_kept
def outcome_of(f: Frame, s: Store, r: Room, spot: int, b: int) -> Any:
    """A new row of table ``b``, at a place, for the pair in ``r``; WRONG if the engine differs."""
    work_out(f, r, b, True)
    if r.out[0] != r.pair[1]:
        return WRONG
    row = s.used[2]
    s.outs[row] = r.out
    s.b_keys[row] = r.pair
    s.b_table[spot] = row
    s.used[2] += 1
    return row


@_kept
def score_bits(
    f: Frame, s: Store, r: Room, words: Any, older: Any, first: int, many: int, chosen: Any
) -> int:
    """Outcomes of ``many`` agents into ``s.outs``; whose is which is ``chosen``.

    ``words`` uint64[columns, many], ``older`` uint16[counted, many]; the first agent's number
    ``first`` is a multiple of 16. The store must have room for ``many`` more of everything. Gives
    how many outcomes are held, or WRONG.
    """
    # as names of their own: handing the whole frame on for every agent costs more than the work
    each, dimension, floor, ceiling = f.each, f.dimension, f.floor, f.ceiling
    a_table, a_keys, a_found, b_table, b_keys = s.a_table, s.a_keys, s.a_found, s.b_table, s.b_keys
    by_dimension, pair = r.by_dimension, r.pair
    for begin in range(0, many, BLOCK):
        size = min(BLOCK, many - begin)
        answers, keys, sums = r.block[:, :size], r.keys[:size], r.lines[:, :size]
        answer_block(f.ask, f.word, f.masks, words, older, begin, answers)
        keys_of(f.inner, f.lane, answers, keys)
        sums_of(f.term, answers, sums)
        for n in range(f.capped.shape[0]):
            capped_block(f.capped[n], f.held, words, begin, sums[f.capped[n, 0]])
        for b in range(size):
            spot = place_of(keys[b], a_keys, a_table)
            row = np.int64(a_table[spot])
            if row == UNSEEN:
                row = inner_of(f, s, r, spot, b)
            for d in range(dimension.shape[0]):
                by_dimension[d] = a_found[row, 2 + d]
            for n in range(each.shape[0]):
                by_dimension[each[n, 1]] += hold(sums[n, b], each[n, 2])
            score = a_found[row, 1]
            for d in range(dimension.shape[0]):
                score += min(max(by_dimension[d], dimension[d, 0]), dimension[d, 1])
            pair[0], pair[1] = a_found[row, 0], min(max(score, floor), ceiling)
            spot = place_of(pair, b_keys, b_table)
            row = np.int64(b_table[spot])
            if row == UNSEEN:
                row = outcome_of(f, s, r, spot, b)
                if row == WRONG:
                    return WRONG
            chosen[begin + b] = row
    return s.used[2]
