"""The NumPy twin of the kernel: the same plan, the same bits, no compiler.

It is the specification of :mod:`xinyong.engine.kernel` and what runs where numba is absent. All
questions of a block are worked at once: an *entry* is one visible event of one question, and
every table has a row per question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.days import LAST_DAY, day_number
from xinyong.engine import columns as cols
from xinyong.engine.asking import Answers, Questions, Wanted
from xinyong.engine.columns import Block
from xinyong.engine.machine import UNKNOWN, Int, Op, divide, run
from xinyong.engine.plan import Plan
from xinyong.engine.plan_tables import HIGHEST, PROGRAM, LineForm, Measure, Slot
from xinyong.terms import LIMIT

HORIZON: Final = 3660
LAST: Final = day_number(LAST_DAY)
Mask = npt.NDArray[np.bool_]


# ------------------------------------------------------------------ calendar


def _months(days: Int) -> tuple[Int, Int]:
    """Month (since 1970-01) and place in the month of day numbers."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)


def _month_start(months: Int) -> Int:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def before(days: Int, length: int, unit: int) -> Int:
    """Days less a period; falls back to the month's last day."""
    if unit == 0:
        return days - length
    months, place = _months(days)
    first = _month_start(months - length)
    return first + np.minimum(place, _month_start(months - length + 1) - first - 1)


def leaves(days: Int, length: int, unit: int) -> Int:
    """First days on which a window of this period no longer holds events of ``days``."""
    if unit == 0:
        return days + length
    months, place = _months(days)
    first = _month_start(months + length)
    return first + np.minimum(place, _month_start(months + length + 1) - first)


# ------------------------------------------------------------------ the events


@dataclass(slots=True)
class Records:
    """A block's events as 64-bit columns."""

    kind: Int
    day: Int
    recorded: Int | None
    struck: Int | None
    columns: list[Int]


def _column(array: pa.Array, look_up: Int | None) -> Int:
    """An Arrow column as 64-bit integers, unknown where null."""
    missing = np.asarray(array.is_null())
    if pa.types.is_dictionary(array.type):
        assert look_up is not None
        codes = np.asarray(array.indices.fill_null(0)).astype(np.int64)
        values = look_up[codes] if len(look_up) else codes
    elif pa.types.is_decimal(array.type):
        values = cols.decimal_low(array)
    elif pa.types.is_boolean(array.type):
        values = np.asarray(array.fill_null(False)).astype(np.int64)
    else:
        if pa.types.is_date32(array.type):
            array = array.cast(pa.int32())
        values = np.asarray(array.fill_null(0)).astype(np.int64)
    return np.where(missing, UNKNOWN, values)


def _records(plan: Plan, block: Block, questions: Questions) -> Records:
    none = np.zeros(0, np.int64)
    if block.rows == 0:
        return Records(none, none, None, None, [none for _ in plan.columns])
    arrays = block.arrays
    codes, numbers = cols.kind_codes(arrays["kind"], plan)
    kinds = numbers[np.asarray(codes)]
    stamp = arrays["happened_at"]
    instants: Int | None = None
    if pa.types.is_date32(stamp.type) and stamp.null_count == 0:
        days = np.asarray(stamp.cast(pa.int32())).astype(np.int64)
    else:
        instants = cols.micros(stamp, plan)
        days = cols.local_days(instants, plan).astype(np.int64)
    falls = np.diff(days) < 0
    falls[block.starts[1:-1] - 1] = False
    if falls.any():
        raise cols.not_in_time()
    recorded, struck = cols.clocks(plan, arrays, instants, questions.known, questions.days)
    columns = []
    for column in plan.columns:
        name = cols.column_name(column, list(arrays))
        if name is None:
            columns.append(np.full(block.rows, UNKNOWN, np.int64))
            continue
        array = cols.field_array(arrays[name], column, plan)
        columns.append(_column(array, cols.words(array, column, plan)))
    return Records(kinds, days, recorded, struck, columns)


@dataclass(slots=True)
class Entries:
    """Visible events of all questions, in order of question and time."""

    question: Int
    row: Int
    day: Int
    kind: Int
    bucket: Int
    classes: dict[int, Int] = field(default_factory=dict)
    """By group: the class of each entry, -1 none."""


# ------------------------------------------------------------------ the work


class Work:
    """One pass over the questions of a block, on given days."""

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
            owner = np.searchsorted(t.class_slot, slots, "right") - 1
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
                found = _rounded(top, low)
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
        return _held(points, line[5])

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
            points = _rounded(points * (span - (self.days[question] - day)), span)
        elif line[14] == 2:
            times = np.zeros(len(day), np.int64)
            for period in halvings:
                times += day <= self.edges[question, period]
            points = _rounded(points, 1 << times)
        total = np.zeros(self.many, np.int64)
        if line[6] == HIGHEST:
            np.add.at(total, question, points)
            return total
        months = _months(day)[0]
        unit = (day, months, months // 12)[line[7]]
        pairs, inverse = np.unique(np.stack([question, unit]), axis=1, return_inverse=True)
        parts = np.zeros(pairs.shape[1], np.int64)
        np.add.at(parts, inverse.ravel(), points)
        np.add.at(total, pairs[0], _held(parts, line[6]))
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


def _held(points: Int, cap: int) -> Int:
    if cap == HIGHEST:
        return points
    return np.minimum(points, cap) if cap >= 0 else np.maximum(points, cap)


def _rounded(top: Int, low: Int) -> Int:
    """``top / low`` to the nearest whole, halves away from zero; ``low`` above 0."""
    quotient, rest = np.abs(top) // low, np.abs(top) % low
    quotient = quotient + (rest >= low - rest)
    return np.where(top < 0, -quotient, quotient)


# ------------------------------------------------------------------ many questions


def _reasons(plan: Plan, points: Int, most: int) -> Int:
    """Lines that cost most, by question: [line, lost], ties in file order."""
    lost = plan.tables.line[:, 8] - points
    order = np.argsort(-lost, axis=1, kind="stable")[:, :most]
    taken = np.take_along_axis(lost, order, axis=1)
    found = np.stack([np.where(taken > 0, order, -1), np.maximum(taken, 0)], axis=2)
    missing = most - found.shape[1]
    if missing:
        empty = np.zeros((len(points), missing, 2), np.int64)
        empty[:, :, 0] = -1
        found = np.concatenate([found, empty], axis=1)
    return found


def _candidates(plan: Plan, work: Work, records: Records, here: Int) -> Int:
    """Next day after ``here``, by question, on which something can matter."""
    t, e = plan.tables, work.entries
    found = np.full(len(here), HIGHEST, np.int64)

    def note(kind: int | None, chosen: Mask | None, days: Callable[[Int], Int]) -> None:
        wanted = e.kind == kind if chosen is None else chosen
        question, turns = e.question[wanted], days(e.day[wanted])
        later = turns > here[question]
        np.minimum.at(found, question[later], turns[later])

    def leaving(period: int) -> Callable[[Int], Int]:
        length, unit = t.periods[period].tolist()
        return lambda days: leaves(days, length, unit)

    for p in range(len(t.periods)):
        note(None, t.crossing[p][e.kind] == 1, leaving(p))
    for n, (_, _, lasts, warn, _) in enumerate(t.lists.tolist()):
        grounds = t.ground_tally[t.ground_tally_start[n] : t.ground_tally_start[n + 1]]
        for kind in np.unique(t.tally[grounds, 3]).tolist():
            for period in (lasts, warn):
                if period >= 0:
                    note(kind, None, leaving(period))
    every_day = np.zeros(len(here), np.bool_)
    for n, (variable, moves) in enumerate(t.aged.tolist()):
        kind = int(t.tally[t.lean[t.lean_start[variable]], 3])
        for age in t.age[t.age_start[n] : t.age_start[n + 1]].tolist():
            note(kind, None, lambda days, age=age: days + age)  # type: ignore[misc]
        if moves:
            every_day |= work.values[variable] != UNKNOWN
    for line in t.line[(t.line[:, 0] == LineForm.SPECIAL) & (t.line[:, 14] == 1)].tolist():
        counts = e.kind == t.special[t.special_start[line[15]]]
        last = np.full(len(here), -HIGHEST, np.int64)
        np.maximum.at(last, e.question[counts], leaving(line[3])(e.day[counts]))
        every_day |= here < last
    for day in t.param_day.tolist():
        found = np.where(here < day, np.minimum(found, day), found)
    return np.where(every_day, here + 1, found)


MOST_AHEAD: Final = 4096
"""Questions asked in one pass when days ahead are tried, as long as there are no more subjects."""


def _changes(plan: Plan, records: Records, asked: Questions, first: Work, out: Int) -> Int:
    """First later day on which each outcome differs; unknown if none within the horizon.

    Days are tried in turn, more of them in a pass the longer nothing has changed.
    """
    changes = np.full(len(asked.days), UNKNOWN, np.int64)
    same = [0, 1, *range(4, 4 + len(plan.lists) + len(plan.consequences))]
    last = np.minimum(asked.days + HORIZON, LAST)
    here, pending, ahead = asked.days.copy(), np.arange(len(asked.days)), 1
    while len(pending):
        tried = []
        for _ in range(ahead):
            here = _candidates(plan, first, records, here)
            tried.append(here[pending])
        days = np.stack(tried, axis=1)
        place, turn = np.nonzero(days <= last[pending][:, None])
        asked_of, then = pending[place], days[place, turn]
        part = Questions(
            asked.subjects,
            asked.low[asked_of],
            asked.high[asked_of],
            asked.days[asked_of],
            asked.known[asked_of],
        )
        now, _ = Work(plan, records, part, then, part.days).outcome()
        differs = (now[:, same] != out[asked_of][:, same]).any(axis=1)
        # in order of question and day, so that writing backwards leaves the first day
        changes[asked_of[differs][::-1]] = then[differs][::-1]
        over = days[:, -1] > last[pending]
        pending = pending[~over & (changes[pending] == UNKNOWN)]
        ahead = int(np.clip(MOST_AHEAD // max(len(pending), 1), 1, 2 * ahead))
    return changes


def answer(plan: Plan, block: Block, questions: Questions, wanted: Wanted) -> Answers:
    """Answer the questions about a block with NumPy."""
    records = _records(plan, block, questions)
    work = Work(plan, records, questions, questions.days, questions.days)
    out, points = work.outcome()
    values = (
        np.stack(work.values, axis=1)
        if wanted.variables and work.values
        else np.zeros((work.many, 0), np.int64)
    )
    return Answers(
        out=out,
        reasons=_reasons(plan, points, int(plan.tables.limits[2]))
        if wanted.reasons
        else np.zeros((work.many, 0, 2), np.int64),
        points=points,
        values=values,
        changes=_changes(plan, records, questions, work, out)
        if wanted.next_change
        else np.zeros(0, np.int64),
    )
