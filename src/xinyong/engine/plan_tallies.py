"""What the next change is worked out from: what the compiled follower reads.

A *tally* is what a stream holds over one window: a sum, a least value, a newest row. As days go
by events only leave windows, so a tally is kept up by what each leaving event takes away. An
event *crosses* a period on the first day whose window of that period no longer holds it. Tables
here say which tallies an event of a class takes from when it crosses a period, and who reads a
tally: a variable, a line, or the ground of a list.

Only ``days_since`` moves between crossings. Where it is looked up in a table or compared with
numbers, the ages that matter (*marks*) are known; a variable of which more is asked *moves*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from xinyong.engine.machine import Int
from xinyong.engine.measures import conditions, scored_variables
from xinyong.engine.plan_builder import Builder
from xinyong.engine.plan_lines import Lines
from xinyong.engine.plan_tables import Measure, array, flat, starts
from xinyong.engine.plan_variables import Variables
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import Bound, BoundBins
from xinyong.scheme.expressions import Node
from xinyong.scheme.nodes import children
from xinyong.terms import MICRO


@dataclass(slots=True)
class _Tallies:
    """Tallies found so far, and who reads each."""

    builder: Builder
    number: dict[tuple[int, int], int] = field(default_factory=dict)
    readers: list[list[int]] = field(default_factory=list)

    def __call__(self, stream: int, period: int, reader: int) -> int:
        key = (stream, period)
        if key not in self.number:
            self.number[key] = len(self.readers)
            self.readers.append([])
        place = self.number[key]
        if reader not in self.readers[place]:
            self.readers[place].append(reader)
        return place


def tallies_of(
    b: Builder,
    variables: Variables,
    lines: Lines,
    grounds: list[list[list[int]]],
    stream_classes: list[list[int]],
    classes: int,
) -> dict[str, Int]:
    """The tables, by their names in :class:`~xinyong.engine.plan_tables.Tables`."""
    tally = _Tallies(b)
    scored = set(scored_variables(b.bound))
    many, size = len(b.variable_number), len(lines.lines)
    leans: list[list[int]] = []
    known: list[list[int]] = []
    for name, n in b.variable_number.items():
        measure, first, second, period, other, source, _ = variables.rows[n]
        mine: list[int] = []
        asked: list[int] = []
        if name in scored and measure != Measure.EXPR:
            mine.append(tally(first, period, n))
            if measure in (Measure.MEAN_WHOLE, Measure.MEAN_FIXED):
                mine.append(tally(second, period, n))
            elif measure == Measure.SHARE:
                mine += [tally(stream, period, n) for stream in variables.share[n]]
            elif measure == Measure.TREND:
                mine.append(tally(first, other, n))
            own = source if measure == Measure.TREND else period
            asked = [tally(stream, own, n) for stream in variables.known[n]]
        leans.append(mine)
        known.append(asked)
    line_tally = []
    for n, line in enumerate(lines.lines):
        pair = [-1, -1]
        if lines.counts(n):
            pair[0] = tally(line[1], line[3], many + n)
            if line[2] >= 0:
                pair[1] = tally(line[1], line[2], many + n)
        line_tally.append(pair)
    ground = [
        [tally(stream, period, many + size + n) for stream, period in streams]
        for n, streams in enumerate(grounds)
    ]
    ages, moving = _ages(b.bound)
    asked_of = {name for node in conditions(b.bound) for name in ex.names(node, "variable")}
    place = b.variable_number
    looked_up: list[list[int]] = [[] for _ in place]
    for n, kept in enumerate(lines.kept):
        if isinstance(kept, BoundBins):
            looked_up[place[kept.variable]].append(n)
    aged = [name for name in place if name in scored and (ages.get(name) or name in moving)]
    computed = [name for name in place if name in scored and _expr(b.bound, name) is not None]
    return {
        "tally": array(_rows(tally, b), 5),
        "tally_reader_start": starts(tally.readers),
        "tally_reader": flat(tally.readers),
        **_crossings(tally, b, lines, stream_classes, classes),
        "lean_start": starts(leans),
        "lean": flat(leans),
        "known_tally_start": starts(known),
        "known_tally": flat(known),
        "line_tally": array(line_tally, 2),
        "ground_tally_start": starts(ground),
        "ground_tally": flat(ground),
        "aged": array([[place[name], int(name in moving)] for name in aged], 2),
        "age_start": starts([sorted(ages.get(name, ())) for name in aged]),
        "age": flat([sorted(ages.get(name, ())) for name in aged]),
        "asked": array([int(name in asked_of) for name in place]),
        "looked_up_start": starts(looked_up),
        "looked_up": flat(looked_up),
        "computed": array([place[name] for name in computed]),
        "need_start": starts([b.bound.variables[name].needs for name in computed]),
        "need": flat([[place[x] for x in b.bound.variables[name].needs] for name in computed]),
    }


def _expr(bound: Bound, name: str) -> Node | None:
    return bound.variables[name].expr


def _rows(tally: _Tallies, b: Builder) -> list[list[int]]:
    """Of each tally: stream, period, what its slot gathers, kind, source."""
    streams = list(b.streams)
    rows = []
    for stream, period in tally.number:
        condition, slot, source = streams[stream]
        rows.append([stream, period, slot, b.condition_of[condition][0], source])
    return rows


def _crossings(
    tally: _Tallies, b: Builder, lines: Lines, stream_classes: list[list[int]], classes: int
) -> dict[str, Int]:
    """Tallies by class and period, and which kinds can change anything by crossing a period."""
    periods, streams = len(b.periods), list(b.streams)
    taken: list[list[int]] = [[] for _ in range(classes * periods)]
    crossing = [[0] * len(b.kinds) for _ in range(periods)]
    for (stream, period), number in tally.number.items():
        if period >= 0:
            crossing[period][b.condition_of[streams[stream][0]][0]] = 1
            for c in stream_classes[stream]:
                taken[c * periods + period].append(number)
    for n, line in enumerate(lines.lines):
        for period in lines.edges_of(n):
            crossing[period][lines.special[line[15]][0]] = 1
    return {
        "taken_start": starts(taken),
        "taken": flat(taken),
        "crossing": array(crossing, len(b.kinds)),
    }


# ------------------------------------------------------------------ ages that matter


def _ages(bound: Bound) -> tuple[Mapping[str, set[int]], set[str]]:
    """Ages in days at which a ``days_since`` turns something, and those that move every day."""
    scored = scored_variables(bound)
    grows = {name for name in scored if bound.variables[name].measure == "days_since"}
    ages: dict[str, set[int]] = {name: set() for name in grows}
    moving: set[str] = set()
    for line in bound.lines:
        if isinstance(line, BoundBins) and line.variable in grows:
            for row in line.rows:
                if row.test != "else":
                    ages[line.variable] |= _turns([int(row.edge or 0)])
    nodes = [bound.variables[name].expr for name in scored]
    for node in [*nodes, *conditions(bound)]:
        if node is not None:
            _look(node, bound, ages, moving)
    return ages, moving


def _turns(edges: Iterable[int]) -> set[int]:
    """Ages at which a comparison with these numbers can turn."""
    return {age for edge in edges for age in (edge, edge + 1) if age > 0}


def _look(node: Node, bound: Bound, ages: dict[str, set[int]], moving: set[str]) -> None:
    """Collect what an expression asks of ages."""
    match node:
        case ex.Ref(role="variable", name=name) if name in ages:
            moving.add(name)
        case ex.Known(arg=ex.Ref()):
            pass  # turns only when an event crosses
        case ex.Among(arg=ex.Ref(role="variable", name=name)) if name in ages:
            ages[name] |= _turns(int(value.value) for value in node.values)
        case ex.Compare(left=left, right=right):
            for one, other in ((left, right), (right, left)):
                grown = _age(one, ages)
                edges = None if grown is None else _edges(other, bound)
                if grown is not None and edges is not None:
                    ages[grown] |= _turns(edges)
                    return
            _look(left, bound, ages, moving)
            _look(right, bound, ages, moving)
        case _:
            for part in children(node):
                _look(part, bound, ages, moving)


def _age(node: Node, ages: Mapping[str, set[int]]) -> str | None:
    """The ``days_since`` that a node is, widened or not."""
    inner = node.arg if isinstance(node, ex.Widen) else node
    if isinstance(inner, ex.Ref) and inner.role == "variable" and inner.name in ages:
        return inner.name
    return None


def _edges(node: Node, bound: Bound) -> list[int] | None:
    """Whole numbers a side of a comparison can be, rounded down; None if it can be others."""
    match node:
        case ex.Const():
            values = [int(node.value)]
        case ex.Ref(role="parameter"):
            values = [int(value) for value in bound.parameters[node.name].values]
        case ex.Widen():
            return _edges(node.arg, bound)
        case _:
            return None
    return [value // MICRO for value in values] if node.kind.base == "fixed" else values
