"""The one place where the lab reaches into the engine's plan and its NumPy twin.

(The compiled last step is called in :mod:`xinyong.lab.scoring_kernel`, which needs numba.)

A scheme's plan is asked about *virtual rows*: every event that could happen, one for each month
and stream. What the engine makes of each row (bucket of age, which of its streams select it,
value) is what :mod:`xinyong.lab.bit_plan` turns into masks over bits. Nothing of the meaning of a
scheme is written down a second time here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.engine import columns
from xinyong.engine.arrays_events import Records, records_of
from xinyong.engine.arrays_outcome import Work
from xinyong.engine.asking import Questions
from xinyong.engine.batch import chosen_engine
from xinyong.engine.machine import UNKNOWN, Int, Op
from xinyong.engine.packed import pack
from xinyong.engine.plan import Plan, plan_of
from xinyong.engine.plan_tables import HIGHEST, LineForm, Measure, Slot
from xinyong.engine.shape import shape_of
from xinyong.records.event import Event
from xinyong.records.table import from_events
from xinyong.scheme.expressions import names
from xinyong.scheme.model import Scheme

ALWAYS = np.iinfo(np.int64).max
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a stream of the plan takes from each visible virtual row: bool[rows], int64[rows]."""

    chosen: Mask
    value: Int


@dataclass(frozen=True, slots=True)
class Each:
    """A line with points for each event: what each visible virtual row brings by itself.

    ``counts`` bool[rows], ``points`` int64[rows]; what the events of one unit (``per``: 0 day,
    1 month, 2 year) bring together is held by ``cap``, HIGHEST for none. ``endless``: an event
    counts for ever.
    """

    counts: Mask
    points: Int
    cap: int
    per: int
    endless: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What a day makes of age: the first day of each period, and how many buckets each spans.

    ``edges`` int64[periods]; ``spans`` int64[periods + 1], the last one without a window.
    """

    day: int
    edges: Int
    spans: Int
    buckets: int


class Rows:
    """Virtual rows under a plan, seen from one day; rows [low, high) of them."""

    def __init__(self, plan: Plan, records: Records, low: int, high: int, day: int) -> None:
        many = high - low
        rows = np.arange(low, high)
        asked = Questions("", rows, rows + 1, np.full(many, day), np.full(many, ALWAYS))
        self.plan, self.day = plan, day
        self.work = Work(plan, records, asked, asked.days, asked.days)
        self.entries = self.work.entries.row
        self.bucket = self.work.entries.bucket
        self.buckets = int(self.work.buckets)
        self.edges: Int = np.ascontiguousarray(self.work.edges[0])
        self.spans: Int = np.append(self.work.spans[0], self.buckets)

    @property
    def sight(self) -> Sight:
        """What stays of the rows when they have been read."""
        return Sight(self.day, self.edges, self.spans, self.buckets)

    def gathered(self, stream: int) -> Gathered:
        """What a stream selects, and the values it gathers; rows without a value are left out."""
        work = self.work
        chosen, source = work.members(stream)
        value = np.zeros(len(chosen), np.int64)
        if source >= 0:
            value = work.source(source, self.entries, work.entries.day)
            chosen = chosen & (value != UNKNOWN)
        return Gathered(chosen, value)

    def each(self, line: int) -> Each:
        """What each row brings to a line of points for each event, before the line's own caps."""
        row = self.plan.tables.line[line].tolist()
        form, low, high = row[0], row[2], row[3]
        if form == LineForm.SPECIAL:
            alone = [*row[:6], HIGHEST, *row[7:]]
            points = self.work._special(alone)[self.entries - self.entries[0]]
            day = self.work.entries.day
            inside = points != 0
            if low >= 0:
                inside &= day <= self.edges[low]
            if high >= 0:
                inside &= day > self.edges[high]
            return Each(inside, points, row[6], row[7], high < 0)
        got = self.gathered(row[1])
        inside = got.chosen & (self.bucket < self.spans[high])
        if low >= 0:
            inside &= self.bucket >= self.spans[low]
        points = np.full(len(inside), row[4]) if form == LineForm.COUNTED else got.value
        return Each(inside, points, HIGHEST, 0, high < 0)


EACH = (LineForm.COUNTED, LineForm.SUMMED, LineForm.SPECIAL)


class Compiled:
    """A scheme's plan over virtual rows, one for each event of ``events`` (in order of time).

    In ``plan`` every line of points for each event (``each_lines``) reads a sum of its own, which
    is put there ready; ``read_by`` is the plan as the engine has it.
    """

    def __init__(self, scheme: Scheme, events: Sequence[Event]) -> None:
        plan = plan_of(scheme, quick=False)
        self.each_lines = [n for n, row in enumerate(plan.tables.line) if row[0] in EACH]
        self.read_by = plan
        self.plan = _summed(plan, self.each_lines)
        self.records = self._taken(scheme, events)

    @property
    def settling(self) -> list[int]:
        """Variables that bands, vetoes, lists and consequences read by themselves."""
        bound = self.plan.bound
        nodes = [band.when for band in bound.bands]
        nodes += [veto.when for veto in self.plan.vetoes]
        nodes += [node for entry in bound.lists for node in (entry.add_when, entry.remove_when)]
        nodes += [consequence.when for consequence in bound.consequences]
        read = {name for node in nodes if node is not None for name in names(node, "variable")}
        return [n for n, name in enumerate(self.plan.variables) if name in read]

    def _taken(self, scheme: Scheme, events: Sequence[Event]) -> Records:
        table = from_events(events, shape_of(scheme))
        [block] = columns.blocks(table.combine_chunks().to_batches())
        none = np.zeros(1, np.int64)
        asked = Questions("", none, np.array([len(events)]), none, np.array([ALWAYS]))
        records = records_of(self.read_by, block, asked)
        return replace(records, recorded=None, struck=None)

    def rows(self, low: int, high: int, day: int) -> Rows:
        """Rows [low, high) seen from a day."""
        return Rows(self.read_by, self.records, low, high, day)

    @property
    def uses(self) -> dict[int, set[int]]:
        """By stream the periods over which variables and lists read it; -1 is without a window."""
        return _uses(self.read_by)

    @property
    def needs(self) -> Needs:
        """What the lines, the start and what follows from the score are worked out from."""
        return Needs(self.read_by, self.settling)

    @property
    def packed(self) -> Int:
        """The plan for the compiled kernel."""
        return pack(self.plan.tables)

    def memory(self) -> Any:
        """The virtual rows as the kernel reads them; keep the object as long as its table."""
        from xinyong.engine.compiled import HEAD, Memory

        plan = self.plan
        memory = Memory(HEAD + len(plan.columns))
        numbers = np.arange(len(plan.kinds))
        memory.numpy(0, self.records.kind.astype(np.int8))
        memory.alive.append(numbers)
        memory.table[0, 4] = numbers.ctypes.data
        memory.numpy(1, self.records.day.astype(np.int32))
        for place, values in enumerate(self.records.columns):
            memory.numpy(HEAD + place, np.ascontiguousarray(values))
        return memory


def _summed(plan: Plan, lines: Sequence[int]) -> Plan:
    """The plan with these lines as sums of streams of their own, after all others."""
    t = plan.tables
    streams, line = len(t.stream_op), t.line.copy()
    width = int(t.stream_row.max(initial=-1)) + 1
    for place, number in enumerate(lines):
        line[number, [0, 1, 2, 3]] = LineForm.SUMMED, streams + place, -1, -1
    added = np.arange(len(lines))
    tables = t._replace(
        line=line,
        stream_op=np.append(t.stream_op, np.full(len(lines), int(Slot.SUM))),
        stream_row=np.append(t.stream_row, width + added),
    )
    return replace(plan, tables=tables)


def _uses(plan: Plan) -> dict[int, set[int]]:
    t = plan.tables
    found: dict[int, set[int]] = {}
    read = [pair for n in range(len(t.variable)) for pair in _of_variable(plan, n)]
    for stream, period in [*read, *map(tuple, t.ground.tolist())]:
        found.setdefault(stream, set()).add(period)
    return found


def _of_variable(plan: Plan, n: int) -> Iterator[tuple[int, int]]:
    """(stream, period) of what a variable reads by itself, not through others."""
    t = plan.tables
    measure, a, b, period, other, source, _ = t.variable[n].tolist()
    if measure == Measure.EXPR:
        return
    yield a, period
    if measure in (Measure.MEAN_WHOLE, Measure.MEAN_FIXED):
        yield b, period
    if measure == Measure.TREND:
        yield a, other
    for k in range(t.known_start[n], t.known_start[n + 1]):
        yield int(t.known_stream[k]), source if measure == Measure.TREND else period
    for k in range(t.share_start[n], t.share_start[n + 1]):
        yield int(t.share_stream[k]), period


Read = frozenset[tuple[int, int]]
"""(stream, period) each; period -1 is without a window."""


class Needs:
    """What each part of an outcome is worked out from: (stream, period) of everything it reads.

    Two subjects for whom these streams come to the same over these periods, on the same day, have
    the same points from that line, the same start, the same lists before the score.
    """

    def __init__(self, plan: Plan, settling: Sequence[int]) -> None:
        self.plan, self.t = plan, plan.tables
        self._variables: dict[int, Read] = {}
        self.start: Read = self._all(self._program(p) for p, _ in self.t.start.tolist() if p >= 0)
        grounds: Read = frozenset((s, p) for s, p in self.t.ground.tolist())
        self.settling: Read = grounds | self._all(map(self._variable, settling))

    def line(self, number: int) -> Read:
        """What a line other than points for each event reads."""
        form, first, *_, program, _, _ = self.t.line[number].tolist()
        if form == LineForm.WHEN:
            return self._program(first) | self._program(program)
        return self._variable(first)

    def _variable(self, n: int) -> Read:
        if n not in self._variables:
            program = int(self.t.variable[n, 6])
            inner = self._program(program) if self.t.variable[n, 0] == Measure.EXPR else frozenset()
            self._variables[n] = inner | frozenset(_of_variable(self.plan, n))
        return self._variables[n]

    def _list(self, n: int) -> Read:
        add, remove = self.t.lists[n, :2].tolist()
        begin, end = self.t.ground_start[n : n + 2].tolist()
        grounds: Read = frozenset((s, p) for s, p in self.t.ground[begin:end].tolist())
        return (
            grounds | self._program(add) | (self._program(remove) if remove >= 0 else frozenset())
        )

    def _program(self, number: int) -> Read:
        begin, end = self.t.programs[number : number + 2].tolist()
        code = self.t.code[begin:end].tolist()
        return self._all(
            [self._variable(a) for op, a, _ in code if op == Op.VARIABLE]
            + [self._list(a) for op, a, _ in code if op == Op.ON]
        )

    @staticmethod
    def _all(parts: Iterable[Read]) -> Read:
        return frozenset().union(*parts)


class BitWork(Work):
    """The engine's NumPy twin, its streams given: int64[agents, buckets] each, by number."""

    def __init__(self, compiled: Compiled, rows: Sight, streams: dict[int, Int], many: int) -> None:
        self.plan, self.t, self.records = compiled.plan, compiled.plan.tables, compiled.records
        self.many = many
        self.days = self.seen_days = np.full(many, rows.day)
        self.edges = np.broadcast_to(rows.edges, (many, len(rows.edges)))
        self.spans = np.broadcast_to(rows.spans[:-1], (many, len(rows.edges)))
        self.buckets = rows.buckets
        self.tables = streams
        self.values = []
        self.on = [np.zeros(many, np.int64) for _ in self.plan.lists]
        self.score = self.band = np.full(many, UNKNOWN, np.int64)

    def stream(self, stream: int) -> Int:
        """A stream by agent and bucket; nothing is gathered here."""
        return self.tables[stream]


__all__ = [
    "HIGHEST",
    "BitWork",
    "Compiled",
    "Int",
    "Needs",
    "Rows",
    "Sight",
    "Slot",
    "chosen_engine",
]
