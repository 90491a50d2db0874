"""The NumPy road from bits to outcomes: the specification of the compiled one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.bit_plan import Ask, BitPlan, Planner
from xinyong.lab.casting import CLASSES
from xinyong.lab.engine_parts import HIGHEST, BitWork, Int, Slot
from xinyong.lab.tiles import Bits, Tiles

CHUNK: Final = 1 << 14
"""Agents worked on at a time."""
NEUTRAL: Final = {
    int(Slot.MIN): HIGHEST,
    int(Slot.MAX): -HIGHEST,
    int(Slot.ROW): -1,
    int(Slot.KNOWN_ROW): -1,
}
"""What a cell of the engine's table holds before anything is put into it, where that is not 0."""


def words_of(tiles: Tiles, first: int, last: int) -> Bits:
    """Word-columns of agents [first, last): rows in order, each with its deep words after it."""
    words = tiles.reach.words
    made = np.empty((sum(words), last - first), np.uint64)
    at = deep = 0
    for row, many in enumerate(words):
        made[at] = tiles.bits[row, first:last]
        made[at + 1 : at + many] = tiles.deep[deep : deep + many - 1, first:last]
        at, deep = at + many, deep + many - 1
    return made


def by_arrays(planner: Planner, plan: BitPlan, tiles: Tiles) -> Iterator[tuple[int, Int, Int]]:
    """Chunk by chunk: the first agent, outcomes as the engine has them, and whose is which."""
    for first in range(0, tiles.agents, CHUNK):
        last = min(first + CHUNK, tiles.agents)
        words = words_of(tiles, first, last)
        answers = answers_of(plan, words, tiles.older[:, first:last], first)
        streams = _streams(planner, plan, answers)
        added = len(planner.op) - len(planner.compiled.each_lines)
        for place, atom, points in plan.term.tolist():
            streams[added + place][:, -1] += answers[atom] * points
        for capped in plan.capped:
            streams[added + capped.each][:, -1] = _held_points(
                capped.terms, capped.cap, words, first
            )
        outs, _ = BitWork(planner.compiled, plan.sight, streams, last - first).outcome()
        yield first, outs, np.arange(last - first)


def answers_of(plan: BitPlan, words: Bits, older: npt.NDArray[np.uint16], first: int) -> Int:
    """What each atom answers about each agent: int64[atoms, agents]."""
    group = (first + np.arange(words.shape[1])) % CLASSES
    made = np.empty((len(plan.ask), words.shape[1]), np.int64)
    for n, (ask, word) in enumerate(zip(plan.ask.tolist(), plan.word.tolist(), strict=True)):
        if ask == Ask.OLDER:
            made[n] = older[word]
            continue
        bits = words[word] & plan.masks[group, n]
        if ask == Ask.COUNT:
            made[n] = np.bitwise_count(bits)
        else:
            low = bits & (~bits + np.uint64(1))
            newest = np.bitwise_count(low - np.uint64(1)).astype(np.int64) + 1
            made[n] = np.where(bits == 0, 0, newest)
    return made


def _streams(planner: Planner, plan: BitPlan, answers: Int) -> dict[int, Int]:
    """The engine's streams, int64[agents, buckets] each, from what the atoms answer."""
    many = answers.shape[1]
    made: dict[int, Int] = {
        number: np.full((many, plan.sight.buckets), NEUTRAL.get(op, 0), np.int64)
        for number, op in enumerate(planner.op)
    }
    met: dict[tuple[int, int, int], npt.NDArray[np.bool_]] = {}
    for number, bucket, op, apart, atom, value in plan.entry.tolist():
        got, cell = answers[atom], made[number][:, bucket]
        if op in (Slot.COUNT, Slot.KNOWN):
            cell += got
        elif op == Slot.SUM:
            cell += got * value
        elif op == Slot.MIN:
            np.minimum(cell, np.where(got > 0, value, HIGHEST), out=cell)
        elif op == Slot.MAX:
            np.maximum(cell, np.where(got > 0, value, -HIGHEST), out=cell)
        elif op == Slot.DISTINCT:
            before = met.setdefault((number, bucket, apart), np.zeros(many, np.bool_))
            cell += (got > 0) & ~before
            before |= got > 0
        else:
            row = value - (got - 1) * planner.layout.streams
            np.maximum(cell, np.where(got > 0, row, -1), out=cell)
    return made


def _held_points(terms: Int, cap: int, words: Bits, first: int) -> Int:
    """Points of a line whose events are held unit by unit, by agent."""
    group = (first + np.arange(words.shape[1])) % CLASSES
    parts: dict[int, Int] = {}
    for unit, column, bit, classes, points in terms.tolist():
        part = parts.setdefault(unit, np.zeros(words.shape[1], np.int64))
        here = (words[column] >> np.uint64(bit)) & np.uint64(1) != 0
        part += np.where(here & ((classes >> group) & 1 == 1), points, 0)
    total = np.zeros(words.shape[1], np.int64)
    for part in parts.values():
        total += np.minimum(part, cap) if cap >= 0 else np.maximum(part, cap)
    return total
