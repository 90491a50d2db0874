"""Compiled: from bits to outcomes by the engine's own last step, agent by agent.

Tables of what was worked out already make it quick, each exact. What variables, lists and lines
other than points for each event come to is looked up group by group
(:mod:`xinyong.lab.scoring_groups`); one group gives the number of the *signature*, the few values
that bands, lists after the score and consequences read. Points for each event are added up here.
Signature and score together decide the outcome (table ``b``).

What no table has yet the engine's ``finish`` works out from the agent's own streams. Where it can
be held against what was found before it must be the same: the points of each group, and the score.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from xinyong.engine.outcome import finish
from xinyong.lab.scoring_answers import answer_block, capped_block, hold, kept, sums_of

UNSEEN = -1
UNTOLD = -(2**63)
"""Stands in a table for what nobody has asked yet."""
BLOCK = 1024
"""Agents of which all atoms are asked together; a multiple of 16."""
WRONG = -1
"""Given back where the engine's score is another one than that found here."""


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
    ask: Any
    word: Any
    masks: Any  # uint64[atoms, 16]
    entry: Any
    term: Any
    capped: Any  # [place, cap, first, end]
    held: Any  # terms of capped lines
    each: Any  # [row of the table, dimension, cap] of each line of points for each event
    head: Any  # groups: see Groups
    atom: Any
    line: Any
    dimension: Any  # [at least, at most]
    floor: int
    ceiling: int
    settling: Any  # variables of the signature
    ground: Any  # [bucket, row] of the signature


class Store(NamedTuple):
    """What was worked out this month: hash tables (int32, UNSEEN is free), keys and findings."""

    direct: Any  # what groups bring, UNTOLD where nobody had those answers yet
    g_table: Any  # int32[groups that search, places]
    g_keys: Any  # [groups that search, rows, numbers of a key]
    g_found: Any  # [groups that search, rows]
    s_table: Any
    s_keys: Any
    b_table: Any
    b_keys: Any  # [1]: signature and score in one number
    outs: Any
    used: Any  # rows taken: of each group that searches, then s, then b


class Room(NamedTuple):
    """Space to work in."""

    block: Any  # [atoms, BLOCK]
    codes: Any  # [BLOCK]
    keys: Any  # [BLOCK, numbers of a key]
    lines: Any  # [lines of points for each event, BLOCK]
    sums: Any  # [dimensions + 2, BLOCK]: points, then the start, then the signature
    answers: Any
    grid: Any
    values: Any
    on: Any
    grounds: Any
    stack: Any
    quick: Any
    points: Any
    out: Any
    signature: Any
    key: Any
    told: Any
    pair: Any


@kept
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


@kept
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


@kept
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


@kept
def brought(f: Frame, r: Room, signature: int) -> None:
    """What each group brings, from the engine's outcome in ``r``, into ``r.told``."""
    r.told[:] = 0
    for n in range(f.line.shape[0]):
        line = f.line[n, 1]
        r.told[f.line[n, 0]] += r.points[line] if line >= 0 else r.out[2]
    r.told[f.head.shape[0] - 1] = signature


@kept
def signature_of(f: Frame, s: Store, r: Room) -> Any:
    """The number of the signature of the agent that was worked out last."""
    for n in range(f.settling.shape[0]):
        r.signature[n] = r.values[f.settling[n]]
    for n in range(f.ground.shape[0]):
        r.signature[f.settling.shape[0] + n] = r.grid[f.ground[n, 0], f.ground[n, 1]]
    at = place_of(r.signature, s.s_keys, s.s_table)
    if s.s_table[at] == UNSEEN:
        place = s.used.shape[0] - 2
        s.s_keys[s.used[place]] = r.signature
        s.s_table[at] = s.used[place]
        s.used[place] += 1
    return np.int64(s.s_table[at])


@kept
def learn(f: Frame, s: Store, r: Room, b: int) -> bool:
    """Put into the tables what all groups of an agent of the block bring; False if one differs."""
    work_out(f, r, b, False)
    brought(f, r, signature_of(f, s, r))
    for g in range(f.head.shape[0]):
        first, end, begin, number = f.head[g, 0], f.head[g, 1], f.head[g, 3], f.head[g, 4]
        r.key[:] = 0
        for n in range(first, end):
            r.key[f.atom[n, 2]] += r.block[f.atom[n, 0], b] * f.atom[n, 1]
        if begin >= 0:
            known = s.direct[begin + r.key[0]]
            if known == UNTOLD:
                s.direct[begin + r.key[0]] = r.told[g]
            elif known != r.told[g]:
                return False
            continue
        at = place_of(r.key, s.g_keys[number], s.g_table[number])
        row = s.g_table[number, at]
        if row == UNSEEN:
            row = s.used[number]
            s.used[number] += 1
            s.g_keys[number, row] = r.key
            s.g_found[number, row] = r.told[g]
            s.g_table[number, at] = row
        elif s.g_found[number, row] != r.told[g]:
            return False
    return True


@kept
def read_direct(f: Frame, s: Store, r: Room, g: int, size: int) -> bool:
    """Add what a group with a table of its own brings to a block of agents."""
    first, end, begin = f.head[g, 0], f.head[g, 1], f.head[g, 3]
    codes, sums = r.codes[:size], r.sums[f.head[g, 2], :size]
    codes[:] = begin
    for n in range(first, end):
        answers, stride = r.block[f.atom[n, 0], :size], np.int32(f.atom[n, 1])
        for b in range(size):
            codes[b] += answers[b] * stride
    direct = s.direct
    for b in range(size):
        found = direct[codes[b]]
        if found == UNTOLD:
            if not learn(f, s, r, b):
                return False
            found = direct[codes[b]]
        sums[b] += found
    return True


@kept
def read_searching(f: Frame, s: Store, r: Room, g: int, size: int) -> bool:
    """Add what a group that searches brings to a block of agents."""
    first, end, number = f.head[g, 0], f.head[g, 1], f.head[g, 4]
    keys, sums = r.keys[:size], r.sums[f.head[g, 2], :size]
    keys[:] = 0
    for n in range(first, end):
        answers, stride, word = r.block[f.atom[n, 0], :size], f.atom[n, 1], f.atom[n, 2]
        for b in range(size):
            keys[b, word] += answers[b] * stride
    table, known, found = s.g_table[number], s.g_keys[number], s.g_found[number]
    for b in range(size):
        row = table[place_of(keys[b], known, table)]
        if row == UNSEEN:
            if not learn(f, s, r, b):
                return False
            row = table[place_of(keys[b], known, table)]
        sums[b] += found[row]
    return True


@kept
def outcome_of(f: Frame, s: Store, r: Room, spot: int, b: int, score: int) -> Any:
    """A new row of table ``b``, at a place, for the pair in ``r``; WRONG if the engine differs."""
    work_out(f, r, b, True)
    if r.out[0] != score:
        return WRONG
    place = s.used.shape[0] - 1
    row = s.used[place]
    s.outs[row] = r.out
    s.b_keys[row] = r.pair
    s.b_table[spot] = row
    s.used[place] += 1
    return row


@kept
def scores_of(f: Frame, r: Room, size: int) -> None:
    """The scores of a block of agents, in place of the start, from what all lines bring."""
    dimensions = f.dimension.shape[0]
    for n in range(f.each.shape[0]):
        sums, line, cap = r.sums[f.each[n, 1]], r.lines[n], f.each[n, 2]
        for b in range(size):
            sums[b] += hold(line[b], cap)
    score = r.sums[dimensions]
    for d in range(dimensions):
        sums, least, most = r.sums[d], f.dimension[d, 0], f.dimension[d, 1]
        for b in range(size):
            score[b] += min(max(sums[b], least), most)
    for b in range(size):
        score[b] = min(max(score[b], f.floor), f.ceiling)


@kept
def score_bits(
    f: Frame, s: Store, r: Room, words: Any, older: Any, first: int, many: int, chosen: Any
) -> int:
    """Outcomes of ``many`` agents into ``s.outs``; whose is which is ``chosen``.

    ``words`` uint64[columns, many], ``older`` uint16[counted, many]; the first agent's number
    ``first`` is a multiple of 16. The store must have room for ``many`` more of everything. Gives
    how many outcomes are held, or WRONG.
    """
    # as names of their own: handing the whole frame on for every agent costs more than the work
    b_table, b_keys, pair = s.b_table, s.b_keys, r.pair
    floor, span, dimensions = f.floor, f.ceiling - f.floor + 1, f.dimension.shape[0]
    score, signature = r.sums[dimensions], r.sums[dimensions + 1]
    for begin in range(0, many, BLOCK):
        size = min(BLOCK, many - begin)
        answer_block(f.ask, f.word, f.masks, words, older, begin, r.block[:, :size])
        lines = r.lines[:, :size]
        sums_of(f.term, r.block[:, :size], lines)
        for n in range(f.capped.shape[0]):
            capped_block(f.capped[n], f.held, words, begin, lines[f.capped[n, 0]])
        r.sums[:] = 0
        for g in range(f.head.shape[0]):
            if f.head[g, 3] >= 0:
                good = read_direct(f, s, r, g, size)
            else:
                good = read_searching(f, s, r, g, size)
            if not good:
                return WRONG
        scores_of(f, r, size)
        for b in range(size):
            pair[0] = signature[b] * span + score[b] - floor
            spot = place_of(pair, b_keys, b_table)
            row = np.int64(b_table[spot])
            if row == UNSEEN:
                row = outcome_of(f, s, r, spot, b, score[b])
                if row == WRONG:
                    return WRONG
            chosen[begin + b] = row
    return s.used[s.used.shape[0] - 1]
