"""Compiling a scheme: its variables, each from streams or from a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xinyong.engine.plan_builder import Builder
from xinyong.engine.plan_tables import Measure, Slot
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import (
    COVERAGE,
    Bound,
    BoundBins,
    BoundLine,
    BoundVariable,
    BoundVeto,
    BoundWhen,
)
from xinyong.scheme.expressions import Node


def needed(bound: Bound, *, lines: Sequence[BoundLine] | None = None) -> set[str]:
    """Variables that the score, lists, bands and consequences read, through expressions.

    ``lines`` looks at these lines alone.
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


def _variable(b: Builder, v: BoundVariable) -> tuple[list[int], list[int]]:
    """The row of a variable and the streams of its known_if."""
    if v.expr is not None:
        return [Measure.EXPR, -1, -1, -1, -1, -1, b.subject_program(v.expr)], []
    assert v.event is not None
    first = second = source = -1
    period, other = b.period(v.within), -1
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
            period = b.period(v.within.half)
            other = b.period(v.within.half.times(2))
            source = b.period(v.within)
    known = [b.stream(kind, None, Slot.COUNT) for kind in v.any_of]
    known += [b.stream(COVERAGE, _covers(name), Slot.COUNT) for name in v.covered]
    return [measure, first, second, period, other, source, -1], known


def _covers(data_set: str) -> Node:
    """The condition that a coverage event speaks of a data set."""
    return ex.Compare("==", ex.Ref("field", "data_set", ex.TEXT), ex.Const(data_set, ex.TEXT))


@dataclass(slots=True)
class Variables:
    """Rows of variables, and the streams of their known_if and of the whole of a share."""

    rows: list[list[int]] = field(default_factory=list)
    known: list[list[int]] = field(default_factory=list)
    share: list[list[int]] = field(default_factory=list)


def variables_of(b: Builder) -> Variables:
    """The variables of a scheme that a score reads, or all of them."""
    read = needed(b.bound)
    chosen = [v for n, v in b.bound.variables.items() if b.everything or n in read]
    # plain counts and sums first, so that the kernel can take them in one tight loop
    b.variable_number = {v.name: n for n, v in enumerate(chosen)}
    made = Variables()
    for v in chosen:
        row, known = _variable(b, v)
        made.rows.append(row)
        made.known.append(known)
        made.share.append(
            [b.stream(kind, None, Slot.COUNT) for kind in v.of_events]
            if row[0] == Measure.SHARE
            else []
        )
    return made


# ------------------------------------------------------------------ lines
