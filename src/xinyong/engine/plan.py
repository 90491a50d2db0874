"""A scheme compiled once to frozen arrays that the fast engines read.

How the work is cut up:

- A *source* is where a 64-bit number of an event comes from: a column of the events table, or a
  program over columns (numbers at or above :data:`PROGRAM`).
- The conditions (``where``) on one event kind are gathered in *groups*. Each condition depends on
  a few fields only through the *cell* their value lies in, so the cells of an event give, by one
  look-up, its *class*: which of the group's conditions are true.
- Each class has *slots* (how many, sum of a field, least, greatest, newest row) per *bucket* of
  age. Buckets are cut at the union of all window edges.
- A *stream* is what one condition selects: the slots of its classes put together. A window of a
  stream is the run of buckets from the day of scoring back to the window's edge.
- Variables, lines, lists, bands and consequences read streams, each other, and programs.

Nothing here depends on the data or the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise, product
from typing import Final, NamedTuple

import numpy as np

from xinyong.days import LONGEST_DAYS, LONGEST_MONTHS, Period
from xinyong.engine.machine import UNKNOWN, Assembler, Int, Op
from xinyong.engine.shape import shape_of
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import (
    COVERAGE,
    Bound,
    BoundBins,
    BoundEach,
    BoundLine,
    BoundVariable,
    BoundVeto,
    BoundWhen,
    bind,
    ground,
)
from xinyong.scheme.expressions import Node
from xinyong.scheme.model import Scheme
from xinyong.terms import POINTS_LIMIT

PROGRAM: Final = 1 << 20
"""Sources from here on are programs."""

MOST_CLASSES: Final = 1 << 12
"""Cells of a group multiply; a group whose table would be larger is cut in two."""

HIGHEST: Final = 2**62
"""Stands for "no limit" among limits and for the identity of a minimum."""


class Slot(IntEnum):
    """What a slot of a class gathers."""

    COUNT = 0
    SUM = 1
    KNOWN = 2  # events whose source is known
    MIN = 3
    MAX = 4
    ROW = 5  # newest row
    KNOWN_ROW = 6  # newest row whose source is known
    DISTINCT = 7  # values whose newest occurrence lies in the bucket


ADDED: Final = frozenset({Slot.COUNT, Slot.SUM, Slot.KNOWN, Slot.DISTINCT})
"""Slots that add up over classes and buckets."""


class Measure(IntEnum):
    """How a variable comes from streams ``a`` and ``b``."""

    COUNT = 0
    SUM = 1
    MEAN_WHOLE = 2
    MEAN_FIXED = 3
    MIN = 4
    MAX = 5
    LATEST = 6
    DAYS_SINCE = 7
    SHARE = 8
    TREND = 9
    EXPR = 10


class LineForm(IntEnum):
    """How a line's points come about."""

    STEPS = 0  # a table of ascending edges over a numeric variable
    TABLE = 1  # a table of any tests
    COUNTED = 2  # constant points for each event: a count
    SUMMED = 3  # points of each event added up
    SPECIAL = 4  # event by event: cap_per or decay
    WHEN = 5


class Test(IntEnum):
    """Tests of a table row."""

    BELOW = 0
    IS = 1
    ELSE = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column the plan reads: its name in the events table and how it is to be held.

    ``words`` true: a text column as codes of the scheme's words (0 for any other word);
    ``identity`` true: as codes that tell values apart.
    """

    kind: str
    field: str
    name: str
    words: bool = False
    identity: bool = False


class Tables(NamedTuple):
    """The arrays of a plan. All are int64 and read-only; names in brackets are row meanings."""

    code: Int  # [op, a, b] of all programs
    sets: Int
    programs: Int  # start of each program in code, and the end
    periods: Int  # [length, unit: 0 day 1 month]
    param_start: Int  # first row of each parameter in the next two
    param_day: Int
    param_value: Int
    kind_group: Int  # first group of each kind (and end)
    group_cell: Int  # first cell source of each group (and end)
    group_table: Int  # first entry of each group in class_table
    group_slot: Int  # first slot kind of each group (and end)
    cell_source: Int
    cell_bound: Int  # first bound of each cell source (and end)
    cell_stride: Int
    bounds: Int
    class_table: Int  # class by cell index, -1 none
    class_slot: Int  # first slot of each class
    slot_op: Int  # of the group's slots
    slot_source: Int
    stream_op: Int
    stream_slot: Int  # first entry of each stream in the next (and end)
    stream_slots: Int
    stream_row: Int  # row of each stream among slots (of one class) or after them
    multi: Int  # streams of none or several classes, the small ones first
    multi_start: Int  # first row of each in the next (and end)
    multi_rows: Int  # rows (slots, or streams before it) that together are the stream
    runs: Int  # [first, end) of slots that add up over buckets
    plain: Int  # by kind: see _plain
    plain_slot: Int  # as class_table, with the first slot of the class
    group_class: Int  # first class of each group (and end)
    group_distinct: Int  # first distinct stream of each group (and end)
    distinct_slot: Int  # slot of each distinct stream
    distinct_source: Int
    distinct_always: Int  # 1 where a distinct stream selects every event of its kind
    members: Int  # [distinct stream, class]: 1 where the class belongs to the stream
    variable: Int  # [measure, a, b, period, period 2, source (a trend: own window), program]
    known_start: Int  # first stream of each variable's known_if (and end)
    known_stream: Int
    share_start: Int  # first stream of each share's denominator (and end)
    share_stream: Int
    slow: Int  # variables to be worked out one by one
    quick: Int  # line of each quick line, in order of segments
    quick_base: Int  # points below all edges
    segment: Int  # [first, end, edges, period, first row of slots, dimension, first step]
    quick_step: Int  # per segment, edge by edge: all edges, then what the points rise by
    slow_line: Int  # lines that are not quick
    start: Int  # [program or -1, points]
    line: Int  # [form, variable or stream, low period, high period, points, cap, cap_per, per,
    #   reference, dimension, first row, end row, missing, program, decay, row of special]
    row: Int  # [test, edge, points]
    dimension: Int  # [at least, at most]
    band: Int  # [since or UNKNOWN, program or -1]
    veto: Int  # [program, rank, line]
    lists: Int  # [add program, remove program or -1, lasts, warn, after score]
    ground_start: Int
    ground: Int  # [stream, period]
    consequence: Int  # program
    special_start: Int  # first entry of each special line in the next (and end)
    special: Int  # kind, where program or -1, points program, periods of halving
    watch: Int  # [period, kind]: 1 where an event crossing the period's edge can change something
    marks: Int  # [age in days, kind]: ages of an event at which a count of days changes its row
    limits: Int  # [floor, ceiling, reasons, slots, daily, rows (slots and streams), plain]


LINE_WIDTH: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A compiled scheme: arrays, and the names that go with their rows."""

    bound: Bound
    tables: Tables
    kinds: tuple[str, ...]
    columns: tuple[Column, ...]
    words: tuple[str, ...]
    parameters: tuple[str, ...]
    periods: tuple[Period, ...]
    variables: tuple[str, ...]
    lines: tuple[BoundBins | BoundEach | BoundWhen, ...]
    dimensions: tuple[str, ...]
    bands: tuple[str, ...]
    lists: tuple[str, ...]
    vetoes: tuple[BoundVeto, ...]
    consequences: tuple[str, ...]
    daily: bool
    """Whether an outcome can change on any day (a linear decay, or days counted and computed)."""

    @property
    def scheme(self) -> Scheme:
        """The scheme this is the plan of."""
        return self.bound.scheme


# ------------------------------------------------------------------ conditions


@dataclass(slots=True)
class _Cells:
    """The bounds at which one source changes the truth of some condition."""

    bounds: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Group:
    """Conditions on one kind that share a class table."""

    kind: int
    conditions: list[int] = field(default_factory=list)
    cells: dict[int, _Cells] = field(default_factory=dict)
    slots: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Atom:
    """A condition over cells: a source and how its truth comes from a value."""

    source: int
    test: Node


class _Builder:
    """Compiles one bound scheme; ``everything`` compiles every variable, not only the scored."""

    def __init__(self, bound: Bound, everything: bool, quick: bool) -> None:
        self.bound, self.everything, self.quick = bound, everything, quick
        self.shape = shape_of(bound.scheme)
        self.kinds = (*self.shape.kinds, COVERAGE)
        self.kind_number = {kind: n for n, kind in enumerate(self.kinds)}
        self.columns: dict[Column, int] = {}
        self.word_codes: dict[str, int] = {}
        self.parameters = tuple(bound.parameters)
        self.assembler = Assembler(self.word, {b.name: b.rank for b in bound.bands})
        self.periods: dict[Period, int] = {}
        self.conditions: dict[tuple[int, Node | None], int] = {}
        self.condition_of: list[tuple[int, Node | None]] = []
        self.groups: list[_Group] = []
        self.group_of: dict[int, int] = {}
        self.streams: dict[tuple[int, int, int], int] = {}
        self.variable_number: dict[str, int] = {}
        self.list_number = {entry.name: n for n, entry in enumerate(bound.lists)}
        self.programs: dict[tuple[object, ...], int] = {}
        self.watch: set[tuple[int, int]] = set()
        self.marks: set[tuple[int, int]] = set()
        self.daily = False

    # -- small things

    def word(self, text: str) -> int:
        """Code of a word of the scheme; 0 is every other word."""
        return self.word_codes.setdefault(text, len(self.word_codes) + 1)

    def period(self, period: Period | None, *kinds: str) -> int:
        """Number of a period, -1 for none; events of ``kinds`` matter when they cross its edge."""
        if period is None:
            return -1
        number = self.periods.setdefault(period, len(self.periods))
        self.watch.update((number, self.kind_number[kind]) for kind in kinds)
        return number

    def column(self, kind: str, name: str, *, identity: bool = False) -> int:
        """Source number of a field."""
        if kind == COVERAGE:
            text, column = True, "data_set"
        else:
            text = self.shape.kinds[kind][name].type == "text"
            column = self.shape.column(kind, name)
        wanted = Column(
            kind if "." in column else "",
            name,
            column,
            words=text and not identity,
            identity=text and identity,
        )
        return self.columns.setdefault(wanted, len(self.columns))

    def event_program(self, kind: str, node: Node, *, points: bool = False) -> int:
        """Source number of a program over an event."""
        key = ("event", kind, node, points)
        if key not in self.programs:

            def push(ref: ex.Ref) -> tuple[int, int]:
                if ref.role == "parameter":
                    return Op.PARAM_AT_EVENT, self.parameters.index(ref.name)
                return Op.COLUMN, self.column(kind, ref.name)

            self.programs[key] = self.assembler.program(node, push, {}, points=points)
        return self.programs[key]

    def subject_program(self, node: Node, *, points: bool = False) -> int:
        """Number of a program over a subject."""
        key = ("subject", node, points)
        if key not in self.programs:

            def push(ref: ex.Ref) -> tuple[int, int]:
                if ref.role == "score":
                    return Op.SCORE, 0
                if ref.role == "band":
                    return Op.BAND, 0
                if ref.role == "parameter":
                    return Op.PARAM_AT_DAY, self.parameters.index(ref.name)
                return Op.VARIABLE, self.variable_number[ref.name]

            self.programs[key] = self.assembler.program(node, push, self.list_number, points=points)
        return self.programs[key]

    # -- conditions, groups, classes

    def condition(self, kind: str, where: Node | None) -> int:
        """Number of a condition on a kind."""
        key = (self.kind_number[kind], where)
        if key not in self.conditions:
            self.conditions[key] = len(self.condition_of)
            self.condition_of.append(key)
        return self.conditions[key]

    def atoms(self, kind: str, where: Node) -> list[_Atom]:
        """The parts of a condition that look at one source each."""
        match where:
            case ex.And() | ex.Or():
                return [atom for item in where.items for atom in self.atoms(kind, item)]
            case ex.Not():
                return self.atoms(kind, where.arg)
            case ex.Const():
                return []
            case ex.Ref(role="field") | ex.Known(arg=ex.Ref(role="field")):
                ref = where if isinstance(where, ex.Ref) else where.arg
                return [_Atom(self.column(kind, ref.name), where)]  # type: ignore[union-attr]
            case (
                ex.Compare(left=ex.Ref(role="field") as ref, right=ex.Const())
                | ex.Compare(left=ex.Const(), right=ex.Ref(role="field") as ref)
            ):
                return [_Atom(self.column(kind, ref.name), where)]
            case ex.Among(arg=ex.Ref(role="field") as ref):
                return [_Atom(self.column(kind, ref.name), where)]
            case _:
                return [_Atom(PROGRAM + self.event_program(kind, where), where)]

    def edges(self, atom: _Atom) -> Iterable[int]:
        """Values at which an atom can change: the first value on the far side."""
        match atom.test:
            case ex.Compare(op=op, left=left, right=right) if atom.source < PROGRAM:
                const, ref = (right, left) if isinstance(right, ex.Const) else (left, right)
                assert isinstance(const, ex.Const)
                value = self.assembler.value(const, ref)
                if isinstance(left, ex.Const) and op not in ("==", "!="):
                    op = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]  # type: ignore[assignment]
                if op in ("<", ">="):
                    return [value]
                return [value + 1] if op in ("<=", ">") else [value, value + 1]
            case ex.Among() as among if atom.source < PROGRAM:
                values = [self.assembler.value(v, among.arg) for v in among.values]
                return [edge for value in values for edge in (value, value + 1)]
            case ex.Known() if atom.source < PROGRAM:
                return []
            case _:
                return [1]

    def place(self, condition: int) -> None:
        """Put a condition into a group of its kind that has room."""
        kind, where = self.condition_of[condition]
        wanted: dict[int, set[int]] = {}
        if where is not None:
            for atom in self.atoms(self.kinds[kind], where):
                wanted.setdefault(atom.source, set()).update(self.edges(atom))
        if _product(wanted) > MOST_CLASSES and where is not None:
            # too many cells of its own: one truth value worked out by a program instead
            wanted = {PROGRAM + self.event_program(self.kinds[kind], where): {1}}
        for number, group in enumerate(self.groups):  # noqa: B007
            if group.kind != kind:
                continue
            joined = {s: set(c.bounds) for s, c in group.cells.items()}
            for source, bounds in wanted.items():
                joined.setdefault(source, set()).update(bounds)
            if _product(joined) <= MOST_CLASSES:
                break
        else:
            self.groups.append(_Group(kind))
            number, joined = len(self.groups) - 1, wanted
        group = self.groups[number]
        group.cells = {s: _Cells(b) for s, b in joined.items()}
        group.conditions.append(condition)
        self.group_of[condition] = number

    def truth(self, where: Node, values: dict[int, int], kind: str) -> int:
        """Truth (1, 0, UNKNOWN) of a condition, given a value in each cell."""
        match where:
            case ex.And() | ex.Or():
                found = [self.truth(item, values, kind) for item in where.items]
                strong = 0 if isinstance(where, ex.And) else 1
                if strong in found:
                    return strong
                return UNKNOWN if UNKNOWN in found else 1 - strong
            case ex.Not():
                inner = self.truth(where.arg, values, kind)
                return inner if inner == UNKNOWN else 1 - inner
            case ex.Const():
                return int(where.value)
        [atom] = self.atoms(kind, where)
        value = values[atom.source]
        if isinstance(where, ex.Known) and atom.source < PROGRAM:
            return int(value != UNKNOWN)
        if value == UNKNOWN or atom.source >= PROGRAM or isinstance(where, ex.Ref):
            return value
        if isinstance(where, ex.Among):
            return int(value in [self.assembler.value(v, where.arg) for v in where.values])
        assert isinstance(where, ex.Compare)
        left, right = (
            self.assembler.value(side, other) if isinstance(side, ex.Const) else value
            for side, other in ((where.left, where.right), (where.right, where.left))
        )
        return int(
            {
                "<": left < right,
                "<=": left <= right,
                ">": left > right,
                ">=": left >= right,
                "==": left == right,
                "!=": left != right,
            }[where.op]
        )

    # -- streams

    def stream(self, kind: str, where: Node | None, slot: Slot, source: int = -1) -> int:
        """Number of a stream: what a condition selects, gathered by a slot."""
        key = (self.condition(kind, where), int(slot), source)
        return self.streams.setdefault(key, len(self.streams))


def _product(cells: dict[int, set[int]]) -> int:
    total = 1
    for bounds in cells.values():
        total *= len(bounds) + 2
    return total


def _array(rows: Sequence[object], width: int = 0) -> Int:
    made = np.array(rows, dtype=np.int64)
    if width:
        made = made.reshape(len(rows), width)
    made.flags.writeable = False
    return made


def _starts(parts: Sequence[Sequence[object]]) -> Int:
    return _array(np.concatenate([[0], np.cumsum([len(p) for p in parts])]).tolist())


# ------------------------------------------------------------------ variables


def _needed(
    bound: Bound, *, computed: bool = False, lines: Sequence[BoundLine] | None = None
) -> set[str]:
    """Variables that the score, lists, bands and consequences read, through expressions.

    ``computed`` leaves out those that are only looked up in tables; ``lines`` looks at these
    lines alone.
    """
    wanted: list[str] = []

    def read(*nodes: Node | None) -> None:
        for node in nodes:
            if node is not None:
                wanted.extend(ex.names(node, "variable"))

    for row in bound.start:
        read(row.when)
    for line in bound.lines if lines is None else lines:
        if isinstance(line, BoundBins):
            looked_up = bound.variables[line.variable]
            if looked_up.expr is not None or not computed:
                wanted.append(line.variable)
        elif isinstance(line, BoundWhen):
            read(line.when, line.points)
        elif isinstance(line, BoundVeto):
            read(line.when)
    for band in bound.bands:
        read(band.when)
    for entry in bound.lists:
        read(entry.add_when, entry.remove_when)
    for consequence in bound.consequences:
        read(consequence.when)
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted.extend(bound.variables[name].needs)
    return found


def _variable(b: _Builder, v: BoundVariable) -> tuple[list[int], list[int]]:
    """The row of a variable and the streams of its known_if."""
    if v.expr is not None:
        return [Measure.EXPR, -1, -1, -1, -1, -1, b.subject_program(v.expr)], []
    assert v.event is not None
    first = second = source = -1
    kinds = {v.event, *v.any_of, *v.of_events} | ({COVERAGE} if v.covered else set())
    period, other = b.period(v.within, *kinds), -1
    number = b.column(v.event, v.field) if v.field is not None else -1

    def stream(slot: Slot, of: int = -1) -> int:
        return b.stream(v.event, v.where, slot, of)  # type: ignore[arg-type]

    match v.measure:
        case "count":
            measure, first = Measure.COUNT, stream(Slot.COUNT)
        case "sum":
            measure, first = Measure.SUM, stream(Slot.SUM, number)
        case "mean":
            fixed = b.bound.fields[v.event][str(v.field)].base == "fixed"
            measure = Measure.MEAN_FIXED if fixed else Measure.MEAN_WHOLE
            first, second = stream(Slot.SUM, number), stream(Slot.KNOWN, number)
        case "min":
            measure, first = Measure.MIN, stream(Slot.MIN, number)
        case "max":
            measure, first = Measure.MAX, stream(Slot.MAX, number)
        case "latest":
            measure, first, source = Measure.LATEST, stream(Slot.KNOWN_ROW, number), number
        case "days_since":
            measure, first = Measure.DAYS_SINCE, stream(Slot.ROW)
        case "distinct":
            identity = b.column(v.event, str(v.field), identity=True)
            measure, first = Measure.COUNT, stream(Slot.DISTINCT, identity)
        case "share":
            measure, first = Measure.SHARE, stream(Slot.COUNT)
            second = -2  # several streams: see share_of
        case _:
            measure = Measure.TREND
            first = stream(Slot.SUM, number) if v.field is not None else stream(Slot.COUNT)
            assert v.within is not None and v.within.half is not None
            period = b.period(v.within.half, v.event)
            other = b.period(v.within.half.times(2), v.event)
            source = b.period(v.within, *kinds)
    known = [b.stream(kind, None, Slot.COUNT) for kind in v.any_of]
    known += [b.stream(COVERAGE, _covers(name), Slot.COUNT) for name in v.covered]
    return [measure, first, second, period, other, source, -1], known


def _covers(data_set: str) -> Node:
    """The condition that a coverage event speaks of a data set."""
    return ex.Compare("==", ex.Ref("field", "data_set", ex.TEXT), ex.Const(data_set, ex.TEXT))


@dataclass(slots=True)
class _Variables:
    rows: list[list[int]] = field(default_factory=list)
    known: list[list[int]] = field(default_factory=list)
    share: list[list[int]] = field(default_factory=list)


def _variables(b: _Builder) -> _Variables:
    needed = _needed(b.bound)
    chosen = [v for n, v in b.bound.variables.items() if b.everything or n in needed]
    # plain counts and sums first, so that the kernel can take them in one tight loop
    b.variable_number = {v.name: n for n, v in enumerate(chosen)}
    made = _Variables()
    computed = _needed(b.bound, computed=True)
    for v in chosen:
        row, known = _variable(b, v)
        made.rows.append(row)
        made.known.append(known)
        made.share.append(
            [b.stream(kind, None, Slot.COUNT) for kind in v.of_events]
            if row[0] == Measure.SHARE
            else []
        )
        if v.measure == "days_since" and v.name in computed:
            b.daily = True
    return made


# ------------------------------------------------------------------ lines


@dataclass(slots=True)
class _Lines:
    lines: list[list[int]] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    special: list[list[int]] = field(default_factory=list)
    kept: list[BoundBins | BoundEach | BoundWhen] = field(default_factory=list)
    vetoes: list[list[int]] = field(default_factory=list)
    veto_lines: list[BoundVeto] = field(default_factory=list)
    dimensions: dict[str, int] = field(default_factory=dict)


_PER = {"day": 0, "month": 1, "year": 2}
MOST_HALVINGS: Final = 30


def _lines(b: _Builder) -> _Lines:
    made = _Lines()
    for line in b.bound.lines:
        if isinstance(line, BoundVeto):
            made.vetoes.append([b.subject_program(line.when), line.rank, len(made.lines)])
            made.veto_lines.append(line)
            continue
        dimension = made.dimensions.setdefault(line.dimension or "", len(made.dimensions))
        row = [0] * LINE_WIDTH
        row[2:4] = -1, -1
        row[5] = row[6] = HIGHEST
        row[8], row[9] = line.reference, dimension
        row[13] = row[14] = row[15] = -1
        if isinstance(line, BoundBins):
            _bins(b, line, row, made)
        elif isinstance(line, BoundWhen):
            row[0] = LineForm.WHEN
            row[1] = b.subject_program(line.when)
            row[13] = b.subject_program(line.points, points=True)
        else:
            _each(b, line, row, made)
        made.lines.append(row)
        made.kept.append(line)
    return made


def _bins(b: _Builder, line: BoundBins, row: list[int], made: _Lines) -> None:
    row[1] = b.variable_number[line.variable]
    row[10] = len(made.rows)
    variable = b.bound.variables[line.variable]
    kind = variable.kind
    edges = []
    for entry in line.rows:
        edge = 0
        if entry.test != "else":
            edge = b.word(entry.edge) if isinstance(entry.edge, str) else int(entry.edge or 0)
            edges.append(edge)
            if variable.measure == "days_since" and variable.event is not None:
                number = b.kind_number[variable.event]
                b.marks.update({(edge, number), (edge + 1, number)})
        test = {"below": Test.BELOW, "is": Test.IS, "else": Test.ELSE}[entry.test]
        made.rows.append([test, edge, entry.points])
    row[11] = len(made.rows)
    row[12] = line.missing_points
    tests = [entry.test for entry in line.rows]
    ascending = all(x < y for x, y in pairwise(edges))
    plain = tests[:-1] == ["below"] * (len(tests) - 1) and tests[-1] == "else"
    row[0] = LineForm.STEPS if plain and ascending and kind.numeric else LineForm.TABLE


def _each(b: _Builder, line: BoundEach, row: list[int], made: _Lines) -> None:
    row[2], row[3] = b.period(line.starts, line.event), b.period(line.expires, line.event)
    if line.cap is not None:
        row[5] = line.cap
    constant = line.points.value if isinstance(line.points, ex.Const) else None
    if line.cap_per is None and line.decay is None:
        if isinstance(constant, int) and line.points.kind.base == "whole":
            row[0] = LineForm.COUNTED
            row[1] = b.stream(line.event, line.where, Slot.COUNT)
            row[4] = min(max(constant, -POINTS_LIMIT), POINTS_LIMIT)
            return
        source = PROGRAM + b.event_program(line.event, line.points, points=True)
        row[0], row[1] = LineForm.SUMMED, b.stream(line.event, line.where, Slot.SUM, source)
        return
    row[0] = LineForm.SPECIAL
    if line.cap_per is not None:
        row[6], row[7] = line.cap_per[0], _PER[line.cap_per[1]]
    halvings: list[int] = []
    if isinstance(line.decay, Period):
        most = LONGEST_DAYS if line.decay.unit == "day" else LONGEST_MONTHS
        halvings = [
            b.period(line.decay.times(factor), line.event)
            for factor in range(1, MOST_HALVINGS + 1)
            if line.decay.length * factor <= most
        ]
        row[14] = 2
    elif line.decay == "linear":
        row[14] = 1
        b.daily = True
    else:
        row[14] = 0
    row[15] = len(made.special)
    where = -1 if line.where is None else b.event_program(line.event, line.where)
    points = b.event_program(line.event, line.points, points=True)
    made.special.append([b.kind_number[line.event], where, points, *halvings])


# ------------------------------------------------------------------ quick lines

_Quick = list[list[list[int]]]


def _quick(b: _Builder, variables: _Variables, lines: _Lines, row_of: Int) -> _Quick:
    """Lines that look a count or sum up in a table of steps, in segments.

    Each is [row, period, line, lowest points, dimension, edges..., rises...]. The lines of a
    segment have as many edges, one period, one dimension, and rows one after the other. A sum of
    whole numbers never passes the limit (see terms), so such a variable is never unknown.
    """
    found: list[list[int]] = []
    for n, (line, kept) in enumerate(zip(lines.lines, lines.kept, strict=True)):
        if not b.quick or line[0] != LineForm.STEPS or not isinstance(kept, BoundBins):
            continue
        variable = b.bound.variables[kept.variable]
        row = variables.rows[line[1]]
        exact = row[0] == Measure.COUNT or (row[0] == Measure.SUM and variable.kind.base == "whole")
        if not exact or variables.known[line[1]]:
            continue
        table = lines.rows[line[10] : line[11]]
        edges = [entry[1] for entry in table[:-1]]
        rises = [after[2] - here[2] for here, after in pairwise(table)]
        found.append([int(row_of[row[1]]), row[3], n, table[0][2], line[9], *edges, *rises])
    found.sort(key=lambda e: (len(e), e[4], e[1], e[0], e[2]))
    segments: _Quick = []
    for entry in found:
        last = segments[-1][-1] if segments else None
        if last and [len(last), last[4], last[1], last[0] + 1] == [
            len(entry),
            entry[4],
            entry[1],
            entry[0],
        ]:
            segments[-1].append(entry)
        else:
            segments.append([entry])
    return segments


def _segments(quick: _Quick) -> list[list[int]]:
    found, at, step = [], 0, 0
    for part in quick:
        row, period, _, _, dimension = part[0][:5]
        edges = (len(part[0]) - 5) // 2
        found.append([at, at + len(part), edges, period, row, dimension, step])
        at += len(part)
        step += 2 * edges * len(part)
    return found


def _steps(quick: _Quick) -> list[list[int]]:
    found = []
    for part in quick:
        edges = (len(part[0]) - 5) // 2
        for j in range(edges):
            found.append([entry[5 + j] for entry in part])
            found.append([entry[5 + edges + j] for entry in part])
    return found


def _slow(b: _Builder, quick: _Quick) -> list[int]:
    """Variables that something other than a quick line reads, or all."""
    if b.everything:
        return list(range(len(b.variable_number)))
    fast = {entry[2] for tier in quick for entry in tier}
    place = {
        line.id: n
        for n, line in enumerate(line for line in b.bound.lines if not isinstance(line, BoundVeto))
    }
    read = _needed(
        b.bound, lines=[line for line in b.bound.lines if place.get(line.id) not in fast]
    )
    return [n for name, n in b.variable_number.items() if name in read]


# ------------------------------------------------------------------ the rest


@dataclass(slots=True)
class _Classes:
    """Tables of groups, classes, slots and streams, and how many slots there are."""

    tables: dict[str, Int]
    slots: int
    rows: int


def _arrange(b: _Builder) -> None:
    """Put every condition into a group, and the groups in the order of their kinds."""
    for condition in range(len(b.condition_of)):
        b.place(condition)
    by_kind = sorted(range(len(b.groups)), key=lambda g: b.groups[g].kind)
    order = {old: new for new, old in enumerate(by_kind)}
    b.groups = [b.groups[g] for g in by_kind]
    b.group_of = {c: order[g] for c, g in b.group_of.items()}
    for condition, slot, source in b.streams:
        group = b.groups[b.group_of[condition]]
        if slot != Slot.DISTINCT:
            group.slots.setdefault((slot, source), len(group.slots))
    for group in b.groups:
        kept = sorted(group.slots, key=lambda pair: pair[0] not in ADDED)
        group.slots = {pair: place for place, pair in enumerate(kept)}


def _class_table(b: _Builder, group: _Group) -> tuple[list[int], list[tuple[bool, ...]]]:
    """For every combination of cells its class (-1: no condition true), and the classes."""
    samples: list[list[int]] = []
    for cell in group.cells.values():
        bounds = sorted(cell.bounds)
        samples.append([UNKNOWN, (bounds[0] - 1) if bounds else 0, *bounds])
    wheres = [b.condition_of[c][1] for c in group.conditions]
    kind = b.kinds[group.kind]
    table: list[int] = []
    truths: dict[tuple[bool, ...], int] = {}
    for values in product(*samples):
        given = dict(zip(group.cells, values, strict=True))
        found = tuple(where is None or _holds(b, where, given, kind) for where in wheres)
        table.append(truths.setdefault(found, len(truths)) if any(found) else -1)
    return table, list(truths)


def _classes(b: _Builder) -> _Classes:
    """Cells, class tables, slots and streams; run after all streams are known."""
    _arrange(b)
    cells: list[list[list[int]]] = []
    tables: list[list[int]] = []
    class_slot: list[int] = []
    members_of: list[list[tuple[bool, ...]]] = []
    first_class: list[int] = []
    slots = 0
    for group in b.groups:
        table, truths = _class_table(b, group)
        first_class.append(len(class_slot))
        tables.append([c + len(class_slot) if c >= 0 else -1 for c in table])
        for _ in truths:
            class_slot.append(slots)
            slots += len(group.slots)
        members_of.append(truths)
        strides = _strides([len(c.bounds) + 2 for c in group.cells.values()])
        cells.append(
            [
                [source, stride, *sorted(cell.bounds)]
                for (source, cell), stride in zip(group.cells.items(), strides, strict=True)
            ]
        )
    stream_slots: list[list[int]] = []
    distinct: list[list[list[int]]] = [[] for _ in b.groups]
    for condition, slot, source in b.streams:
        number = b.group_of[condition]
        group, truths = b.groups[number], members_of[number]
        place = group.conditions.index(condition)
        classes = [first_class[number] + n for n, found in enumerate(truths) if found[place]]
        if slot == Slot.DISTINCT:
            always = int(b.condition_of[condition][1] is None)
            distinct[number].append([slots, source, always, *classes])
            stream_slots.append([slots])
            slots += 1
        else:
            offset = group.slots[slot, source]
            stream_slots.append([class_slot[c] + offset for c in classes])
    multi = sorted(
        (n for n, of in enumerate(stream_slots) if len(of) != 1), key=lambda n: len(stream_slots[n])
    )
    rows = [of[0] if len(of) == 1 else slots + multi.index(n) for n, of in enumerate(stream_slots)]
    flat_cells = [cell for group_cells in cells for cell in group_cells]
    flat_distinct = [entry for entries in distinct for entry in entries]
    members = np.zeros((len(flat_distinct), len(class_slot)), np.int64)
    for row, entry in enumerate(flat_distinct):
        members[row, entry[3:]] = 1
    per_kind = [[g for g in b.groups if g.kind == k] for k in range(len(b.kinds))]
    made = {
        "kind_group": _starts(per_kind),
        "group_cell": _starts(cells),
        "group_table": _starts(tables),
        "group_slot": _starts([list(group.slots) for group in b.groups]),
        "group_class": _array([*first_class, len(class_slot)]),
        "group_distinct": _starts(distinct),
        "cell_source": _array([cell[0] for cell in flat_cells]),
        "cell_stride": _array([cell[1] for cell in flat_cells]),
        "cell_bound": _starts([cell[2:] for cell in flat_cells]),
        "bounds": _flat([cell[2:] for cell in flat_cells]),
        "class_table": _flat(tables),
        "class_slot": _array(class_slot),
        "slot_op": _array([slot for group in b.groups for slot, _ in group.slots]),
        "slot_source": _array([source for group in b.groups for _, source in group.slots]),
        "stream_op": _array([slot for _, slot, _ in b.streams]),
        "stream_slot": _starts(stream_slots),
        "stream_slots": _flat(stream_slots),
        "stream_row": _array(rows),
        "multi": _array(multi),
        "multi_start": _starts(_parts(stream_slots, multi, slots)),
        "multi_rows": _flat(_parts(stream_slots, multi, slots)),
        "runs": _array(_runs(b, class_slot, [*first_class, len(class_slot)], slots), 2),
        "plain": _array(_plain(b, cells, tables), 8),
        "plain_slot": _array([class_slot[c] if c >= 0 else -1 for table in tables for c in table]),
        "distinct_slot": _array([entry[0] for entry in flat_distinct]),
        "distinct_source": _array([entry[1] for entry in flat_distinct]),
        "distinct_always": _array([entry[2] for entry in flat_distinct]),
        "members": members,
    }
    return _Classes(made, slots, slots + len(multi))


def _parts(stream_slots: list[list[int]], multi: list[int], slots: int) -> list[list[int]]:
    """Each stream of several slots as few rows as can be had: earlier streams, then slots."""
    made: list[tuple[int, frozenset[int]]] = []
    found = []
    for place, n in enumerate(multi):
        left, rows = set(stream_slots[n]), []
        for row, of in reversed(made):
            if len(of) > 1 and of <= left:
                rows.append(row)
                left -= of
        found.append([*rows, *sorted(left)])
        made.append((slots + place, frozenset(stream_slots[n])))
    return found


def _runs(
    b: _Builder, class_slot: list[int], first_class: list[int], slots: int
) -> list[list[int]]:
    """Runs of slots that add up, neighbours joined."""
    found: list[list[int]] = []
    end = 0
    for g, group in enumerate(b.groups):
        added = sum(slot in ADDED for slot, _ in group.slots)
        for c in range(first_class[g], first_class[g + 1]):
            found.append([class_slot[c], class_slot[c] + added])
            end = class_slot[c] + len(group.slots)
    found.append([end, slots])  # distinct streams have slots of their own, after the classes
    joined: list[list[int]] = []
    for first, last in found:
        if first == last:
            continue
        if joined and joined[-1][1] == first:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return joined


NOT_PLAIN: Final = -2


def _plain(b: _Builder, cells: list[list[list[int]]], tables: list[list[int]]) -> list[list[int]]:
    """By kind, what the short loop needs, or NOT_PLAIN where it does not do.

    [cell column or -1, its first bound, end bound, start of the class table, offset of the count
    or -1, column summed or -1, offset of the sum, spare]; a kind without a group has -3 in the
    first place. Bounds and tables are counted over all groups.
    """
    bound_at = table_at = 0
    found: dict[int, list[int]] = {}
    for g, group in enumerate(b.groups):
        bounds = sum(len(cell) - 2 for cell in cells[g])
        counts = [place for place, (slot, _) in enumerate(group.slots) if slot == Slot.COUNT]
        sums = [(place, s) for place, (slot, s) in enumerate(group.slots) if slot == Slot.SUM]
        usable = (
            group.kind not in found
            and len(cells[g]) <= 1
            and all(cell[0] < PROGRAM for cell in cells[g])
            and len(counts) + len(sums) == len(group.slots)
            and len(sums) <= 1
            and all(source < PROGRAM for _, source in sums)
        )
        row = [
            cells[g][0][0] if cells[g] else -1,
            bound_at,
            bound_at + bounds,
            table_at,
            counts[0] if counts else -1,
            sums[0][1] if sums else -1,
            sums[0][0] if sums else 0,
            0,
        ]
        found[group.kind] = row if usable else [NOT_PLAIN] * 8
        bound_at += bounds
        table_at += len(tables[g])
    return [found.get(k, [-3] * 8) for k in range(len(b.kinds))]


def _strides(sizes: list[int]) -> list[int]:
    """Strides of a table whose last index runs fastest, as :func:`itertools.product` has it."""
    strides, total = [], 1
    for size in reversed(sizes):
        strides.append(total)
        total *= size
    return strides[::-1]


def _flat(parts: Iterable[Iterable[int]]) -> Int:
    return _array([x for part in parts for x in part])


def _holds(b: _Builder, where: Node, given: dict[int, int], kind: str) -> bool:
    whole = PROGRAM + b.programs.get(("event", kind, where, False), -PROGRAM)
    if whole >= PROGRAM and whole in given:
        return given[whole] == 1
    return b.truth(where, given, kind) == 1


def _lists(b: _Builder) -> tuple[list[list[int]], list[list[list[int]]]]:
    rows, grounds = [], []
    for entry in b.bound.lists:
        streams: list[list[int]] = []
        kinds: set[str] = set()
        for name in ground(ex.names(entry.add_when, "variable"), b.bound.variables):
            v = b.bound.variables[name]
            assert v.event is not None
            kinds.add(v.event)
            within = v.within
            if v.measure == "trend" and within is not None and within.half is not None:
                within = within.half.times(2)
            streams.append([b.stream(v.event, v.where, Slot.ROW), b.period(within, v.event)])
        rows.append(
            [
                b.subject_program(entry.add_when),
                -1 if entry.remove_when is None else b.subject_program(entry.remove_when),
                b.period(entry.lasts, *kinds),
                b.period(entry.warn, *kinds),
                int(entry.after_score),
            ]
        )
        grounds.append(streams)
    return rows, grounds


def compile_plan(bound: Bound, *, everything: bool = False, quick: bool = True) -> Plan:
    """Compile a bound scheme. ``everything`` has every variable worked out, not only the scored.

    Without ``quick`` every variable behind a line is worked out and can be read.
    """
    b = _Builder(bound, everything, quick)
    variables = _variables(b)
    lists, grounds = _lists(b)
    lines = _lines(b)
    start = [
        [-1 if row.when is None else b.subject_program(row.when), row.points] for row in bound.start
    ]
    bands = [
        [
            UNKNOWN if band.since is None else band.since,
            -1 if band.when is None else b.subject_program(band.when),
        ]
        for band in bound.bands
    ]
    consequences = [[b.subject_program(c.when)] for c in bound.consequences]
    classes = _classes(b)
    tables = _tables(b, variables, lists, grounds, lines, start, bands, consequences, classes)
    return Plan(
        bound=bound,
        tables=tables,
        kinds=b.kinds,
        columns=tuple(b.columns),
        words=tuple(b.word_codes),
        parameters=b.parameters,
        periods=tuple(b.periods),
        variables=tuple(b.variable_number),
        lines=tuple(lines.kept),
        dimensions=tuple(lines.dimensions),
        bands=tuple(band.name for band in bound.bands),
        lists=tuple(entry.name for entry in bound.lists),
        vetoes=tuple(lines.veto_lines),
        consequences=tuple(c.id for c in bound.consequences),
        daily=b.daily,
    )


def _tables(
    b: _Builder,
    variables: _Variables,
    lists: list[list[int]],
    grounds: list[list[list[int]]],
    lines: _Lines,
    start: list[list[int]],
    bands: list[list[int]],
    consequences: list[list[int]],
    classes: _Classes,
) -> Tables:
    score = b.bound.scheme.score
    parameters = [b.bound.parameters[name] for name in b.parameters]
    limits = [
        score.floor,
        score.ceiling,
        score.reasons.most,
        classes.slots,
        int(b.daily),
        classes.rows,
        int((classes.tables["plain"][:, 0] != NOT_PLAIN).all()),
    ]
    quick = _quick(b, variables, lines, classes.tables["stream_row"])
    dimensions = [score.dimensions.get(name) for name in lines.dimensions]
    return Tables(
        code=_array(b.assembler.code, 3),
        sets=_array(b.assembler.sets),
        programs=_array(b.assembler.starts),
        periods=_array([[p.length, int(p.unit == "month")] for p in b.periods], 2),
        param_start=_starts([p.days for p in parameters]),
        param_day=_flat([p.days for p in parameters]),
        param_value=_flat([p.values for p in parameters]),
        variable=_array(variables.rows, 7),
        known_start=_starts(variables.known),
        known_stream=_flat(variables.known),
        share_start=_starts(variables.share),
        share_stream=_flat(variables.share),
        slow=_array(_slow(b, quick)),
        quick=_array([entry[2] for part in quick for entry in part]),
        quick_base=_array([entry[3] for part in quick for entry in part]),
        segment=_array(_segments(quick), 7),
        quick_step=_flat(_steps(quick)),
        slow_line=_array(
            sorted(set(range(len(lines.lines))) - {e[2] for tier in quick for e in tier})
        ),
        start=_array(start, 2),
        line=_array(lines.lines, LINE_WIDTH),
        row=_array(lines.rows, 3),
        dimension=_array(
            [
                [
                    -HIGHEST if d is None or d.at_least is None else d.at_least,
                    HIGHEST if d is None or d.at_most is None else d.at_most,
                ]
                for d in dimensions
            ],
            2,
        ),
        band=_array(bands, 2),
        veto=_array(lines.vetoes, 3),
        lists=_array(lists, 5),
        ground_start=_starts(grounds),
        ground=_array([pair for pairs in grounds for pair in pairs], 2),
        consequence=_flat(consequences),
        special_start=_starts(lines.special),
        special=_flat(lines.special),
        watch=_watch(b),
        marks=_array(sorted(b.marks), 2),
        limits=_array(limits),
        **classes.tables,
    )


def _watch(b: _Builder) -> Int:
    matrix = np.zeros((len(b.periods), len(b.kinds)), np.int64)
    for period, kind in b.watch:
        matrix[period, kind] = 1
    return matrix


@lru_cache(maxsize=32)
def _cached(digest: str, everything: bool, quick: bool, holder: _Holder) -> Plan:
    return compile_plan(bind(holder.scheme), everything=everything, quick=quick)


class _Holder:
    """Carries a scheme past the cache: equal digests are equal schemes."""

    __slots__ = ("scheme",)

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Holder)


def plan_of(scheme: Scheme, *, everything: bool = False, quick: bool = True) -> Plan:
    """The plan of a scheme, compiled once and kept for schemes seen before."""
    return _cached(scheme.digest, everything, quick, _Holder(scheme))
