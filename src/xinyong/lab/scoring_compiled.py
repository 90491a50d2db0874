"""From a month's plan to the compiled kernel and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from xinyong.engine.machine import STACK
from xinyong.lab.bit_plan import BitPlan, Planner
from xinyong.lab.engine_parts import Int
from xinyong.lab.scoring_arrays import CHUNK, NEUTRAL, words_of
from xinyong.lab.scoring_kernel import BLOCK, UNSEEN, WRONG, Frame, Room, Store, score_bits
from xinyong.lab.tiles import Tiles

ROWS: Final = 4 * CHUNK
"""Most that each table of a month holds; when one is full all begin anew."""


class Kernel:
    """The compiled road of one scheme; holds what stays the same from month to month.

    Space for ``months`` decides how many bits an answer has in a key.
    """

    def __init__(self, planner: Planner, months: int) -> None:
        self.planner, self.compiled = planner, planner.compiled
        self.packed, self.memory = self.compiled.packed, self.compiled.memory()
        self.lane = 8 if months < 256 else 16
        t = self.compiled.plan.tables
        self.width = 4 + sum(
            len(part)
            for part in (self.compiled.plan.lists, t.consequence, self.compiled.plan.dimensions)
        )
        each = self.compiled.each_lines
        added = len(planner.op) - len(each)
        self.each = np.stack([t.stream_row[added:], t.line[each, 9], t.line[each, 5]], axis=1)
        other = np.array([n for n in range(len(t.line)) if n not in each], np.int64)
        self.other = np.stack([other, t.line[other, 9]], axis=1)
        self.settling = np.array(self.compiled.settling, np.int64)

    def outcomes(self, plan: BitPlan, tiles: Tiles) -> Iterator[tuple[int, Int, Int]]:
        """Chunk by chunk: the first agent, outcomes as the engine has them, and whose is which."""
        frame = self._frame(plan)
        store, room = self._store(frame), self._room(frame)
        for first in range(0, tiles.agents, CHUNK):
            last = min(first + CHUNK, tiles.agents)
            if (store.used + (last - first) > ROWS).any():
                store.used[:] = 0
                for table in (store.a_table, store.s_table, store.b_table):
                    table[:] = UNSEEN
            chosen = np.empty(last - first, np.int64)
            older = np.ascontiguousarray(tiles.older[:, first:last])
            words = words_of(tiles, first, last)
            used = score_bits(frame, store, room, words, older, first, last - first, chosen)
            if used == WRONG:
                raise AssertionError("the sum of points is not the engine's score")
            yield first, store.outs[:used], chosen

    def _frame(self, plan: BitPlan) -> Frame:
        t, heads, at = self.compiled.plan.tables, [], 0
        for capped in plan.capped:
            heads.append([capped.each, capped.cap, at, at + len(capped.terms)])
            at += len(capped.terms)
        held = [capped.terms for capped in plan.capped] or [np.zeros((0, 5), np.int64)]
        template = np.zeros((plan.rows.buckets, int(t.stream_row.max(initial=0)) + 1), np.int64)
        for op, row in zip(t.stream_op.tolist(), t.stream_row.tolist(), strict=True):
            template[:, row] = NEUTRAL.get(op, 0)
        ground = [[plan.rows.spans[p] - 1, t.stream_row[stream]] for stream, p in t.ground.tolist()]
        return Frame(
            P=self.packed,
            D=self.memory.table,
            day=plan.rows.day,
            edges=plan.rows.edges,
            spans=plan.rows.spans,
            template=template,
            row_of=np.array(t.stream_row),
            streams=self.planner.layout.streams,
            inner=plan.inner,
            ask=plan.ask,
            word=plan.word,
            masks=np.ascontiguousarray(plan.masks.T),
            entry=plan.entry,
            term=plan.term,
            capped=np.array(heads, np.int64).reshape(-1, 4),
            held=np.concatenate(held),
            each=self.each,
            other=self.other,
            dimension=np.array(t.dimension).reshape(-1, 2),
            floor=int(t.limits[0]),
            ceiling=int(t.limits[1]),
            settling=self.settling,
            ground=np.array(ground, np.int64).reshape(-1, 2),
            lane=self.lane,
        )

    def _store(self, f: Frame) -> Store:
        a, found = -(-f.inner * f.lane // 64), 2 + len(f.dimension)
        s = len(f.settling) + len(f.ground)
        tables = [np.full(2 * ROWS, UNSEEN, np.int32) for _ in range(3)]
        return Store(
            tables[0],
            np.empty((ROWS, a), np.int64),
            np.empty((ROWS, found), np.int64),
            tables[1],
            np.empty((ROWS, s), np.int64),
            tables[2],
            np.empty((ROWS, 2), np.int64),
            np.empty((ROWS, self.width), np.int64),
            np.zeros(3, np.int64),
        )

    def _room(self, f: Frame) -> Room:
        plan = self.compiled.plan

        def space(size: int) -> Int:
            return np.zeros(size, np.int64)

        return Room(
            block=np.zeros((len(f.ask), BLOCK), np.int64),
            keys=np.zeros((BLOCK, -(-f.inner * f.lane // 64)), np.int64),
            lines=np.zeros((len(f.each), BLOCK), np.int64),
            answers=space(len(f.ask)),
            grid=np.empty_like(f.template),
            by_dimension=space(len(f.dimension)),
            values=space(len(plan.variables)),
            on=space(len(plan.lists)),
            grounds=space(len(plan.lists)),
            stack=space(STACK),
            quick=space(len(plan.tables.quick)),
            points=space(len(plan.tables.line)),
            out=space(self.width),
            signature=space(len(f.settling) + len(f.ground)),
            pair=space(2),
        )
