"""Compiling a scheme: columns, programs, conditions and streams, as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from xinyong.days import Period
from xinyong.engine.machine import UNKNOWN, Assembler, Op
from xinyong.engine.plan_tables import MOST_CLASSES, PROGRAM, Column, Slot
from xinyong.engine.shape import shape_of
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import COVERAGE, Bound
from xinyong.scheme.expressions import Node


@dataclass(slots=True)
class Cells:
    """The bounds at which one source changes the truth of some condition."""

    bounds: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Group:
    """Conditions on one kind that share a class table."""

    kind: int
    conditions: list[int] = field(default_factory=list)
    cells: dict[int, Cells] = field(default_factory=dict)
    slots: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Atom:
    """A condition over cells: a source and how its truth comes from a value."""

    source: int
    test: Node


class Builder:
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
        self.groups: list[Group] = []
        self.group_of: dict[int, int] = {}
        self.streams: dict[tuple[int, int, int], int] = {}
        self.variable_number: dict[str, int] = {}
        self.list_number = {entry.name: n for n, entry in enumerate(bound.lists)}
        self.programs: dict[tuple[object, ...], int] = {}
        self.cutting: set[int] = set()

    # -- small things

    def word(self, text: str) -> int:
        """Code of a word of the scheme; 0 is every other word."""
        return self.word_codes.setdefault(text, len(self.word_codes) + 1)

    def period(self, period: Period | None, *, cuts: bool = True) -> int:
        """Number of a period, -1 for none; ``cuts`` where it is a window of some stream."""
        if period is None:
            return -1
        number = self.periods.setdefault(period, len(self.periods))
        if cuts:
            self.cutting.add(number)
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
            self.groups.append(Group(kind))
            number, joined = len(self.groups) - 1, wanted
        group = self.groups[number]
        group.cells = {s: Cells(b) for s, b in joined.items()}
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
