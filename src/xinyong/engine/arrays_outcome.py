"""The NumPy twin: from streams to values, points and outcomes."""

from __future__ import annotations

import numpy as np

from xinyong.engine.arrays_events import months_of
from xinyong.engine.arrays_streams import Streams
from xinyong.engine.machine import UNKNOWN, Int, divide
from xinyong.engine.plan_tables import HIGHEST, LineForm, Measure
from xinyong.terms import LIMIT


def held(points: Int, cap: int) -> Int:
    """Totals held by a cap: from above if it is 0 or more, else from below."""
    if cap == HIGHEST:
        return points
    return np.minimum(points, cap) if cap >= 0 else np.maximum(points, cap)


def rounded(top: Int, low: Int) -> Int:
    """``top / low`` to the nearest whole, halves away from zero; ``low`` above 0."""
    quotient, rest = np.abs(top) // low, np.abs(top) % low
    quotient = quotient + (rest >= low - rest)
    return np.where(top < 0, -quotient, quotient)


class Work(Streams):
    """One pass over the questions of a block, on given days."""

    # -- variables

    def variable(self, number: int) -> Int:
        """Values of a variable, by question."""
        measure, a, b, period, other, source, program = self.t.variable[number].tolist()
        if measure == Measure.EXPR:
            return self.program(program)
        found = self._measured(measure, a, b, period, other, source, number)
        first, last = self.t.known_start[number], self.t.known_start[number + 1]
        if first < last:
            own = source if measure == Measure.TREND else period
            asked = np.zeros(self.many, np.bool_)
            for stream in self.t.known_stream[first:last]:
                asked |= self.window(int(stream), own) > 0
            found = np.where(asked, found, UNKNOWN)
        return found

    def _measured(
        self, measure: int, a: int, b: int, period: int, other: int, source: int, number: int
    ) -> Int:
        first = self.window(a, period)
        if measure == Measure.COUNT:
            return first
        if measure == Measure.SUM:
            return np.where(np.abs(first) <= LIMIT, first, UNKNOWN)
        if measure in (Measure.MEAN_WHOLE, Measure.MEAN_FIXED):
            many = self.window(b, period)
            usable = (many > 0) & (np.abs(first) <= LIMIT)
            top, low = np.where(usable, first, 0), np.where(usable, many, 1)
            if measure == Measure.MEAN_WHOLE:
                found = divide(top, low)
            else:
                found = rounded(top, low)
            return np.where(usable, found, UNKNOWN)
        if measure == Measure.MIN:
            return np.where(first == HIGHEST, UNKNOWN, first)
        if measure == Measure.MAX:
            return np.where(first == -HIGHEST, UNKNOWN, first)
        if measure in (Measure.LATEST, Measure.DAYS_SINCE):
            table = self.records.columns[source] if measure == Measure.LATEST else self.records.day
            held = np.concatenate([table, [0]])[first]
            value = held if measure == Measure.LATEST else self.days - held
            return np.where(first < 0, UNKNOWN, value)
        if measure == Measure.SHARE:
            many = np.zeros(self.many, np.int64)
            low, high = self.t.share_start[number], self.t.share_start[number + 1]
            for stream in self.t.share_stream[low:high]:
                many = many + self.window(int(stream), period)
            return divide(first, many)
        both = self.window(a, other)
        older = both - first
        largest = np.maximum.reduce([np.abs(x) for x in (first, both, older, first - older)])
        found = divide(np.where(largest <= LIMIT, first - older, 0), both)
        return np.where(largest <= LIMIT, found, UNKNOWN)

    # -- lines

    def line(self, number: int) -> Int:
        """Points of a line, by question, after its own caps."""
        line = self.t.line[number].tolist()
        form = line[0]
        if form in (LineForm.STEPS, LineForm.TABLE):
            return self._table(line)
        if form == LineForm.WHEN:
            return np.where(self.program(line[1]) == 1, self.program(line[13]), 0)
        if form == LineForm.SPECIAL:
            points = self._special(line)
        else:
            low = self.reach(line[2]) if line[2] >= 0 else np.zeros(self.many, np.int64)
            high = np.maximum(self.reach(line[3]), low)
            table = np.pad(self.stream(line[1]), ((0, 0), (1, 0)))
            each = np.arange(self.many)
            points = table[each, high] - table[each, low]
            if form == LineForm.COUNTED:
                points = points * line[4]
        return held(points, line[5])

    def _table(self, line: list[int]) -> Int:
        value = self.values[line[1]]
        points = np.zeros(self.many, np.int64)
        for test, edge, brings in reversed(self.t.row[line[10] : line[11]].tolist()):
            holds = (
                np.ones(self.many, np.bool_)
                if test == 2
                else (value < edge if test == 0 else value == edge)
            )
            points = np.where(holds, brings, points)
        return np.where(value == UNKNOWN, line[12], points)

    def _special(self, line: list[int]) -> Int:
        first, last = self.t.special_start[line[15]], self.t.special_start[line[15] + 1]
        kind, where, program, *halvings = self.t.special[first:last].tolist()
        e = self.entries
        newest = self.edges[:, line[2]] if line[2] >= 0 else self.days
        oldest = self.edges[:, line[3]] if line[3] >= 0 else np.full(self.many, -HIGHEST, np.int64)
        chosen = (e.kind == kind) & (e.day <= newest[e.question]) & (e.day > oldest[e.question])
        question, row, day = e.question[chosen], e.row[chosen], e.day[chosen]
        points = self.event_program(program, row, day)
        if where >= 0:
            points = np.where(self.event_program(where, row, day) == 1, points, 0)
        if line[14] == 1:
            span = self.days[question] - oldest[question]
            points = rounded(points * (span - (self.days[question] - day)), span)
        elif line[14] == 2:
            times = np.zeros(len(day), np.int64)
            for period in halvings:
                times += day <= self.edges[question, period]
            points = rounded(points, 1 << times)
        total = np.zeros(self.many, np.int64)
        if line[6] == HIGHEST:
            np.add.at(total, question, points)
            return total
        months = months_of(day)[0]
        unit = (day, months, months // 12)[line[7]]
        pairs, inverse = np.unique(np.stack([question, unit]), axis=1, return_inverse=True)
        parts = np.zeros(pairs.shape[1], np.int64)
        np.add.at(parts, inverse.ravel(), points)
        np.add.at(total, pairs[0], held(parts, line[6]))
        return total

    # -- lists

    def list_state(self, number: int) -> Int:
        """State of a list, by question: 0 off, 1 warned, 2 listed, 3 ended."""
        add, remove, lasts, warn, _ = self.t.lists[number].tolist()
        row = np.full(self.many, -1, np.int64)
        first, last = self.t.ground_start[number], self.t.ground_start[number + 1]
        for stream, period in self.t.ground[first:last].tolist():
            row = np.maximum(row, self.window(stream, period))
        ground = np.where(row < 0, self.days, np.concatenate([self.records.day, [0]])[row])
        state = np.full(self.many, 2, np.int64)
        if warn >= 0:
            state = np.where(ground > self.edges[:, warn], 1, state)
        if lasts >= 0:
            state = np.where(ground <= self.edges[:, lasts], 3, state)
        off = self.program(add) != 1
        if remove >= 0:
            off |= self.program(remove) == 1
        return np.where(off, 0, state)

    def lists(self, late: int, out: Int) -> None:
        """Work out the lists before (0) or after (1) the score."""
        for n in range(len(self.plan.lists)):
            if self.t.lists[n, 4] == late:
                out[:, 4 + n] = self.list_state(n)
                self.on[n] = (out[:, 4 + n] == 2).astype(np.int64)

    # -- the outcome

    def outcome(self) -> tuple[Int, Int]:
        """``out`` as the kernel's finish has it, and the points of every line."""
        t, plan = self.t, self.plan
        lists, consequences = len(plan.lists), len(plan.consequences)
        out = np.zeros((self.many, 4 + lists + consequences + len(plan.dimensions)), np.int64)
        for n in range(len(plan.variables)):
            self.values.append(self.variable(n))
        self.lists(0, out)
        start = np.full(self.many, t.start[-1, 1], np.int64)
        for program, points in reversed(t.start.tolist()):
            applies = self.program(program) == 1 if program >= 0 else np.ones(self.many, np.bool_)
            start = np.where(applies, points, start)
        points = np.zeros((self.many, len(plan.lines)), np.int64)
        for n in range(len(plan.lines)):
            points[:, n] = self.line(n)
            out[:, 4 + lists + consequences + t.line[n, 9]] += points[:, n]
        dimensions = out[:, 4 + lists + consequences :]
        if len(plan.dimensions):
            np.clip(dimensions, t.dimension[:, 0], t.dimension[:, 1], out=dimensions)
        self.score = np.clip(start + dimensions.sum(axis=1), t.limits[0], t.limits[1])
        fired = self._bands()
        self.lists(1, out)
        for n, program in enumerate(t.consequence.tolist()):
            out[:, 4 + lists + n] = self.program(program) == 1
        out[:, 0], out[:, 1], out[:, 2], out[:, 3] = self.score, self.band, start, fired
        return out, points

    def _bands(self) -> Int:
        band = np.full(self.many, -1, np.int64)
        for n, (since, program) in enumerate(self.t.band.tolist()):
            if program < 0:
                band = np.where(self.score >= since, n, band)
        for n, (_, program) in reversed(list(enumerate(self.t.band.tolist()))):
            if program >= 0:
                band = np.where(self.program(program) == 1, n, band)
        fired = np.zeros(self.many, np.int64)
        lowest = band
        for n, (program, rank, _) in enumerate(self.t.veto.tolist()):
            lowers = (rank < band) & (self.program(program) == 1)
            fired |= np.where(lowers, 1 << n, 0)
            lowest = np.where(lowers, np.minimum(lowest, rank), lowest)
        self.band = lowest
        return fired
