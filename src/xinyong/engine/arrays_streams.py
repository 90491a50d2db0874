"""The NumPy twin: programs, classes and streams of all questions at once."""

from __future__ import annotations

import numpy as np

from xinyong.engine.arrays_events import Entries, Mask, Records, before
from xinyong.engine.asking import Questions
from xinyong.engine.machine import UNKNOWN, Int, Op, run
from xinyong.engine.plan import Plan
from xinyong.engine.plan_tables import HIGHEST, PROGRAM, Slot


class Streams:
    """The events of a block as streams by question and bucket, on given days."""

    def __init__(
        self, plan: Plan, records: Records, asked: Questions, days: Int, seen_days: Int
    ) -> None:
        self.plan, self.t, self.records = plan, plan.tables, records
        self.asked, self.days, self.seen_days = asked, days, seen_days
        self.many = len(days)
        self.edges = (
            np.stack([before(days, int(n), int(unit)) for n, unit in self.t.periods], axis=1)
            if len(self.t.periods)
            else np.zeros((self.many, 0), np.int64)
        )
        cuts = -np.sort(-self.edges, axis=1)
        self.buckets = self.edges.shape[1] + 1
        above = cuts[:, None, :] > self.edges[:, :, None]
        self.spans = above.sum(axis=2) + 1
        self.entries = self._entries(cuts)
        self.tables: dict[int, Int] = {}
        self.values: list[Int] = []
        self.on: list[Int] = [np.zeros(self.many, np.int64) for _ in plan.lists]
        self.score = self.band = np.full(self.many, UNKNOWN, np.int64)

    def _entries(self, cuts: Int) -> Entries:
        sizes = self.asked.high - self.asked.low
        question = np.repeat(np.arange(self.many), sizes)
        offset = np.arange(len(question)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        row = np.repeat(self.asked.low, sizes) + offset
        r = self.records
        seen = r.day[row] <= self.seen_days[question]
        known = self.asked.known[question]
        if r.recorded is not None:
            seen &= r.recorded[row] <= known
        if r.struck is not None:
            struck = r.struck[row]
            seen &= (struck == UNKNOWN) | (struck > known)
        question, row = question[seen], row[seen]
        day = r.day[row]
        bucket = (day[:, None] <= cuts[question]).sum(axis=1)
        return Entries(question, row, day, r.kind[row], bucket)

    # -- expressions

    def event_program(self, program: int, rows: Int, days: Int) -> Int:
        """A program over events."""

        def load(op: int, operand: int) -> Int:
            if op == Op.COLUMN:
                return self.records.columns[operand][rows]
            return self.parameter(operand, days)

        return self._run(program, load, len(rows))

    def program(self, program: int) -> Int:
        """A program over subjects."""

        def load(op: int, operand: int) -> Int:
            if op == Op.VARIABLE:
                return self.values[operand]
            if op == Op.PARAM_AT_DAY:
                return self.parameter(operand, self.days)
            if op == Op.SCORE:
                return self.score
            return self.band if op == Op.BAND else self.on[operand]

        return self._run(program, load, self.many)

    def _run(self, program: int, load: object, size: int) -> Int:
        first, last = self.t.programs[program], self.t.programs[program + 1]
        return run(self.t.code[first:last], self.t.sets, load, size)  # type: ignore[arg-type]

    def parameter(self, number: int, days: Int) -> Int:
        """A parameter as of days; unknown before its first date."""
        first, last = self.t.param_start[number], self.t.param_start[number + 1]
        place = np.searchsorted(self.t.param_day[first:last], days, "right")
        table = np.concatenate([[UNKNOWN], self.t.param_value[first:last]])
        found: Int = table[place]
        return found

    def source(self, source: int, rows: Int, days: Int) -> Int:
        """Numbers of events: a column, or a program."""
        if source < PROGRAM:
            return self.records.columns[source][rows]
        return self.event_program(source - PROGRAM, rows, days)

    # -- streams

    def classes(self, group: int, kind: int) -> Int:
        """Class of every entry in a group; -1 for other kinds and where no condition is true."""
        e, t = self.entries, self.t
        if group not in e.classes:
            here = np.flatnonzero(e.kind == kind)
            index = np.zeros(len(here), np.int64)
            for c in range(t.group_cell[group], t.group_cell[group + 1]):
                value = self.source(int(t.cell_source[c]), e.row[here], e.day[here])
                bounds = t.bounds[t.cell_bound[c] : t.cell_bound[c + 1]]
                cell = np.searchsorted(bounds, value, "right") + 1
                index += np.where(value == UNKNOWN, 0, cell) * t.cell_stride[c]
            found = np.full(len(e.kind), -1, np.int64)
            found[here] = t.class_table[t.group_table[group] + index]
            e.classes[group] = found
        return e.classes[group]

    def members(self, stream: int) -> tuple[Mask, int]:
        """Entries a stream selects, and the source it gathers (-1 none)."""
        t = self.t
        first, last = t.stream_slot[stream], t.stream_slot[stream + 1]
        slots = t.stream_slots[first:last]
        none = np.zeros(len(self.entries.kind), np.bool_)
        if len(slots) == 0:
            return none, -1
        if t.stream_op[stream] == Slot.DISTINCT:
            place = int(np.flatnonzero(t.distinct_slot == slots[0])[0])
            group = int(np.searchsorted(t.group_distinct, place, "right") - 1)
            chosen = np.flatnonzero(t.members[place])
            source = int(t.distinct_source[place])
        else:
            order = np.argsort(t.class_slot, kind="stable")
            owner = order[np.searchsorted(t.class_slot[order], slots, "right") - 1]
            group = int(np.searchsorted(t.group_class, owner[0], "right") - 1)
            chosen = owner
            source = int(t.slot_source[t.group_slot[group] + slots[0] - t.class_slot[owner[0]]])
        kind = int(np.searchsorted(t.kind_group, group, "right") - 1)
        wanted = np.zeros(len(t.class_slot) + 1, np.bool_)
        wanted[chosen] = True
        return wanted[self.classes(group, kind)], source

    def stream(self, stream: int) -> Int:
        """A stream by question and bucket, run on from the newest bucket."""
        if stream in self.tables:
            return self.tables[stream]
        op = self.t.stream_op[stream]
        chosen, source = self.members(stream)
        e = self.entries
        question, row, day = e.question[chosen], e.row[chosen], e.day[chosen]
        key = question * self.buckets + e.bucket[chosen]
        size = self.many * self.buckets
        value = row
        if source >= 0:
            value = self.source(source, row, day)
            held = value != UNKNOWN
            question, row, key, value = question[held], row[held], key[held], value[held]
        if op == Slot.DISTINCT:
            order = np.lexsort((-row, value, question))
            q, v = question[order], value[order]
            new = np.ones(len(order), np.bool_)
            new[1:] = (q[1:] != q[:-1]) | (v[1:] != v[:-1])
            key = key[order][new]
        table = self._gathered(int(op), key, value, row, size)
        self.tables[stream] = table
        return table

    def _gathered(self, op: int, key: Int, value: Int, row: Int, size: int) -> Int:
        shape = (self.many, self.buckets)
        if op in (Slot.COUNT, Slot.KNOWN, Slot.DISTINCT):
            return np.cumsum(np.bincount(key, minlength=size).reshape(shape), axis=1)
        if op == Slot.SUM:
            table = np.zeros(size, np.int64)
            np.add.at(table, key, value)
            return np.cumsum(table.reshape(shape), axis=1)
        if op == Slot.MIN:
            table = np.full(size, HIGHEST, np.int64)
            np.minimum.at(table, key, value)
            return np.minimum.accumulate(table.reshape(shape), axis=1)
        table = np.full(size, -HIGHEST if op == Slot.MAX else -1, np.int64)
        np.maximum.at(table, key, value if op == Slot.MAX else row)
        return np.maximum.accumulate(table.reshape(shape), axis=1)

    def reach(self, period: int) -> Int:
        """How many buckets a window has, by question; all without a window."""
        if period < 0:
            return np.full(self.many, self.buckets, np.int64)
        found: Int = self.spans[:, period]
        return found

    def window(self, stream: int, period: int) -> Int:
        """A stream over a window, by question."""
        found: Int = self.stream(stream)[np.arange(self.many), self.reach(period) - 1]
        return found
