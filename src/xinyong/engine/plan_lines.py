"""Compiling a scheme: its lines, and which of them are quick."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from xinyong.days import LONGEST_DAYS, LONGEST_MONTHS, Period
from xinyong.engine.machine import Int
from xinyong.engine.plan_builder import Builder
from xinyong.engine.plan_tables import (
    HIGHEST,
    LANES,
    LINE_WIDTH,
    PROGRAM,
    LineForm,
    Measure,
    Slot,
    Test,
)
from xinyong.engine.plan_variables import Variables, needed
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import BoundBins, BoundEach, BoundVeto, BoundWhen
from xinyong.terms import POINTS_LIMIT


@dataclass(slots=True)
class Lines:
    """Rows of lines and of their tables; vetoes stand apart."""

    lines: list[list[int]] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    special: list[list[int]] = field(default_factory=list)
    kept: list[BoundBins | BoundEach | BoundWhen] = field(default_factory=list)
    vetoes: list[list[int]] = field(default_factory=list)
    veto_lines: list[BoundVeto] = field(default_factory=list)
    dimensions: dict[str, int] = field(default_factory=dict)

    def counts(self, number: int) -> bool:
        """Whether a line counts or adds up what a stream holds."""
        return self.lines[number][0] in (LineForm.COUNTED, LineForm.SUMMED)

    def edges_of(self, number: int) -> list[int]:
        """Periods whose crossing changes a line that is worked out event by event."""
        line = self.lines[number]
        if line[0] != LineForm.SPECIAL:
            return []
        return [p for p in (line[2], line[3], *self.special[line[15]][3:]) if p >= 0]


_PER = {"day": 0, "month": 1, "year": 2}
MOST_HALVINGS: Final = 30


def lines_of(b: Builder) -> Lines:
    """The lines of a scheme, their tables and dimensions."""
    made = Lines()
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


def _bins(b: Builder, line: BoundBins, row: list[int], made: Lines) -> None:
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
        test = {"below": Test.BELOW, "is": Test.IS, "else": Test.ELSE}[entry.test]
        made.rows.append([test, edge, entry.points])
    row[11] = len(made.rows)
    row[12] = line.missing_points
    tests = [entry.test for entry in line.rows]
    ascending = all(x < y for x, y in pairwise(edges))
    plain = tests[:-1] == ["below"] * (len(tests) - 1) and tests[-1] == "else"
    row[0] = LineForm.STEPS if plain and ascending and kind.numeric else LineForm.TABLE


def _each(b: Builder, line: BoundEach, row: list[int], made: Lines) -> None:
    special = line.cap_per is not None or line.decay is not None
    row[2], row[3] = (b.period(p, cuts=not special) for p in (line.starts, line.expires))
    if line.cap is not None:
        row[5] = line.cap
    constant = line.points.value if isinstance(line.points, ex.Const) else None
    if not special:
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
        halvings = [b.period(period, cuts=False) for period in _halvings(line.decay, line.expires)]
        row[14] = 2
    elif line.decay == "linear":
        row[14] = 1
    else:
        row[14] = 0
    row[15] = len(made.special)
    where = -1 if line.where is None else b.event_program(line.event, line.where)
    points = b.event_program(line.event, line.points, points=True)
    made.special.append([b.kind_number[line.event], where, points, *halvings])


def _halvings(decay: Period, expires: Period | None) -> list[Period]:
    """Periods after which an event's points halve again, as far as it still counts."""
    most = LONGEST_DAYS if decay.unit == "day" else LONGEST_MONTHS
    found = []
    for factor in range(1, MOST_HALVINGS + 1):
        length = decay.length * factor
        if length > most or (expires is not None and _covers(length, decay.unit, expires)):
            break
        found.append(decay.times(factor))
    return found


def _covers(length: int, unit: str, expires: Period) -> bool:
    """Whether a period is never shorter than another, wherever it is laid."""
    if unit == expires.unit:
        return length >= expires.length
    return length * 28 >= expires.length if unit == "month" else length >= expires.length * 31


# ------------------------------------------------------------------ quick lines


class Looked(NamedTuple):
    """A quick line: it looks the number at ``row`` up in a table of steps.

    ``base`` is what it brings below all edges; at each of ``edges`` its points rise.
    """

    row: int
    period: int
    line: int
    base: int
    dimension: int
    edges: list[int]
    rises: list[int]


Lanes = dict[int, Looked]
"""Quick lines by their lane in a vector."""


@dataclass(slots=True)
class Segment:
    """Vectors of quick lines with one period and dimension, their rows one after the other."""

    first_row: int
    edges: int
    vectors: list[Lanes] = field(default_factory=list)

    @property
    def any(self) -> Looked:
        """One of the lines."""
        return next(iter(self.vectors[0].values()))


Quick = list[Segment]
FURTHEST: Final = 2**31 - 1
"""Edges and rises of quick lines are held in 32 bits."""
MOST_STEPS: Final = 1_000
"""Most edges that one lane of a segment adds the rises of, so that 32 bits hold the sum."""


def quick_of(b: Builder, variables: Variables, lines: Lines, row_of: Int) -> Quick:
    """Lines that look a count or sum up in a table of steps, in segments.

    A sum of whole numbers never passes the limit (see terms), so such a variable is never unknown.
    """
    found: dict[tuple[int, int, int, int], Lanes] = {}
    for n, (line, kept) in enumerate(zip(lines.lines, lines.kept, strict=True)):
        if not b.quick or line[0] != LineForm.STEPS or not isinstance(kept, BoundBins):
            continue
        variable = b.bound.variables[kept.variable]
        row = variables.rows[line[1]]
        exact = row[0] == Measure.COUNT or (row[0] == Measure.SUM and variable.kind.base == "whole")
        table = lines.rows[line[10] : line[11]]
        edges = [entry[1] for entry in table[:-1]]
        if not exact or variables.known[line[1]] or any(abs(e) > FURTHEST for e in edges):
            continue
        rises = [after[2] - here[2] for here, after in pairwise(table)]
        looked = Looked(int(row_of[row[1]]), row[3], n, table[0][2], line[9], edges, rises)
        layer = 0  # lines that look up the same number stand in layers
        key = (looked.dimension, looked.period, layer, looked.row // LANES)
        while looked.row % LANES in found.get(key, ()):
            layer += 1
            key = (looked.dimension, looked.period, layer, looked.row // LANES)
        found.setdefault(key, {})[looked.row % LANES] = looked
    segments: Quick = []
    last: tuple[int, ...] = ()
    for *where, block in sorted(found):
        lanes = found[where[0], where[1], where[2], block]
        edges_here = max(len(looked.edges) for looked in lanes.values())
        here = (*where, edges_here, block)
        room = segments and (len(segments[-1].vectors) + 1) * edges_here <= MOST_STEPS
        if not room or last != (*where, edges_here, block - 1):
            segments.append(Segment(block * LANES, edges_here))
        segments[-1].vectors.append(lanes)
        last = here
    return segments


def segments_of(quick: Quick) -> list[list[int]]:
    """Rows of the table of segments."""
    found, vector, step = [], 0, 0
    for part in quick:
        base = sum(looked.base for lanes in part.vectors for looked in lanes.values())
        many = len(part.vectors)
        period, dimension = part.any.period, part.any.dimension
        found.append([many, part.edges, period, part.first_row, dimension, step, base, vector])
        vector += many
        step += LANES * many * part.edges
    return found


def lines_of_quick(quick: Quick) -> list[list[int]]:
    """For each quick line [line, its lane among those of all vectors, points below all edges]."""
    vectors = [lanes for part in quick for lanes in part.vectors]
    return [
        [looked.line, LANES * n + lane, looked.base]
        for n, lanes in enumerate(vectors)
        for lane, looked in lanes.items()
    ]


def steps_of(quick: Quick) -> Int:
    """Edge by edge of each vector: eight edges and eight rises of 32 bits, as 64-bit numbers."""
    made = []
    for part in quick:
        for lanes in part.vectors:
            steps = np.zeros((part.edges, 2, LANES), np.int32)
            steps[:, 0] = FURTHEST
            for lane, looked in lanes.items():
                steps[: len(looked.edges), 0, lane] = looked.edges
                steps[: len(looked.rises), 1, lane] = looked.rises
            made.append(steps.ravel())
    return np.concatenate([np.zeros(0, np.int32), *made]).view(np.int64)


def slow_of(b: Builder, quick: Quick) -> list[int]:
    """Variables that something other than a quick line reads, or all."""
    if b.everything:
        return list(range(len(b.variable_number)))
    fast = {entry[0] for entry in lines_of_quick(quick)}
    place = {
        line.id: n
        for n, line in enumerate(line for line in b.bound.lines if not isinstance(line, BoundVeto))
    }
    read = needed(b.bound, lines=[line for line in b.bound.lines if place.get(line.id) not in fast])
    return [n for name, n in b.variable_number.items() if name in read]
