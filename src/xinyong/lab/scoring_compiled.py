"""From a month's plan to the compiled kernel and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from xinyong.engine.machine import STACK
from xinyong.lab.bit_plan import BitPlan, Planner
from xinyong.lab.engine_parts import Int
from xinyong.lab.scoring_arrays import CHUNK, NEUTRAL, words_of
from xinyong.lab.scoring_groups import Groups, groups_of
from xinyong.lab.scoring_kernel import (
    BLOCK,
    UNSEEN,
    UNTOLD,
    WRONG,
    Frame,
    Room,
    Store,
    score_bits,
)
from xinyong.lab.tiles import Tiles

ROWS: Final = 4 * CHUNK
"""Most that each table of a month holds; when one is full all begin anew."""


class Kernel:
    """The compiled road of one scheme; holds what stays the same from month to month."""

    def __init__(self, planner: Planner) -> None:
        self.planner, self.compiled = planner, planner.compiled
        self.packed, self.memory = self.compiled.packed, self.compiled.memory()
        t = self.compiled.plan.tables
        self.width = 4 + sum(
            len(part)
            for part in (self.compiled.plan.lists, t.consequence, self.compiled.plan.dimensions)
        )
        each = self.compiled.each_lines
        added = len(planner.op) - len(each)
        self.each = np.stack([t.stream_row[added:], t.line[each, 9], t.line[each, 5]], axis=1)
        self.settling = np.array(self.compiled.settling, np.int64)
        self.frames: dict[int, tuple[Frame, Groups]] = {}
        self.told: dict[int, tuple[Int, Int]] = {}
        """By month what groups bring, found in any run: places in their tables, points."""

    def outcomes(self, plan: BitPlan, tiles: Tiles) -> Iterator[tuple[int, Int, Int]]:
        """Chunk by chunk: the first agent, outcomes as the engine has them, and whose is which."""
        if plan.month not in self.frames:
            groups = groups_of(self.planner, plan)
            self.frames[plan.month] = self._frame(plan, groups), groups
        frame, groups = self.frames[plan.month]
        store, room = self._store(frame, groups, tiles.agents), self._room(frame, groups)
        places, found = self.told.get(plan.month, (np.empty(0, np.int64),) * 2)
        store.direct[places] = found
        for first in range(0, tiles.agents, CHUNK):
            last = min(first + CHUNK, tiles.agents)
            if (store.used + (last - first) > len(store.b_keys)).any():
                store.used[:] = 0
                store.direct[:] = UNTOLD
                for table in (store.g_table, store.s_table, store.b_table):
                    table[:] = UNSEEN
            chosen = np.empty(last - first, np.int64)
            older = np.ascontiguousarray(tiles.older[:, first:last])
            words = words_of(tiles, first, last)
            used = score_bits(frame, store, room, words, older, first, last - first, chosen)
            if used == WRONG:
                raise AssertionError("the sum of points is not the engine's score")
            yield first, store.outs[:used], chosen
        places = np.flatnonzero(store.direct[: groups.lasting] != UNTOLD)
        self.told[plan.month] = places, store.direct[places]

    def _frame(self, plan: BitPlan, groups: Groups) -> Frame:
        t, heads, at = self.compiled.plan.tables, [], 0
        for capped in plan.capped:
            heads.append([capped.each, capped.cap, at, at + len(capped.terms)])
            at += len(capped.terms)
        held = [capped.terms for capped in plan.capped] or [np.zeros((0, 5), np.int64)]
        template = np.zeros((plan.sight.buckets, int(t.stream_row.max(initial=0)) + 1), np.int64)
        for op, row in zip(t.stream_op.tolist(), t.stream_row.tolist(), strict=True):
            template[:, row] = NEUTRAL.get(op, 0)
        ground = [
            [plan.sight.spans[p] - 1, t.stream_row[stream]] for stream, p in t.ground.tolist()
        ]
        return Frame(
            P=self.packed,
            D=self.memory.table,
            day=plan.sight.day,
            edges=plan.sight.edges,
            spans=plan.sight.spans,
            template=template,
            row_of=np.array(t.stream_row),
            streams=self.planner.layout.streams,
            ask=plan.ask,
            word=plan.word,
            masks=np.ascontiguousarray(plan.masks.T),
            entry=plan.entry,
            term=plan.term,
            capped=np.array(heads, np.int64).reshape(-1, 4),
            held=np.concatenate(held),
            each=self.each,
            head=groups.head,
            atom=groups.atom,
            line=groups.line,
            dimension=np.array(t.dimension).reshape(-1, 2),
            floor=int(t.limits[0]),
            ceiling=int(t.limits[1]),
            settling=self.settling,
            ground=np.array(ground, np.int64).reshape(-1, 2),
        )

    def _store(self, f: Frame, groups: Groups, agents: int) -> Store:
        rows = min(ROWS, 1 << max(agents, 1).bit_length())
        signature = len(f.settling) + len(f.ground)
        return Store(
            direct=np.full(groups.direct, UNTOLD, np.int64),
            g_table=np.full((groups.searching, 2 * rows), UNSEEN, np.int32),
            g_keys=np.empty((groups.searching, rows, groups.words), np.int64),
            g_found=np.empty((groups.searching, rows), np.int64),
            s_table=np.full(2 * rows, UNSEEN, np.int32),
            s_keys=np.empty((rows, signature), np.int64),
            b_table=np.full(2 * rows, UNSEEN, np.int32),
            b_keys=np.empty((rows, 1), np.int64),
            outs=np.empty((rows, self.width), np.int64),
            used=np.zeros(groups.searching + 2, np.int64),
        )

    def _room(self, f: Frame, groups: Groups) -> Room:
        plan = self.compiled.plan

        def space(size: int) -> Int:
            return np.zeros(size, np.int64)

        return Room(
            block=np.zeros((len(f.ask), BLOCK), np.int32),
            codes=np.zeros(BLOCK, np.int32),
            keys=np.zeros((BLOCK, groups.words), np.int64),
            lines=np.zeros((len(f.each), BLOCK), np.int64),
            sums=np.zeros((len(f.dimension) + 2, BLOCK), np.int64),
            answers=space(len(f.ask)),
            grid=np.empty_like(f.template),
            values=space(len(plan.variables)),
            on=space(len(plan.lists)),
            grounds=space(len(plan.lists)),
            stack=space(STACK),
            quick=space(len(plan.tables.quick)),
            points=space(len(plan.tables.line)),
            out=space(self.width),
            signature=space(len(f.settling) + len(f.ground)),
            key=space(groups.words),
            told=space(len(groups.head)),
            pair=space(1),
        )
