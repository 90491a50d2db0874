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

from dataclasses import dataclass
from functools import lru_cache

from xinyong.days import Period
from xinyong.engine.machine import UNKNOWN
from xinyong.engine.plan_builder import Builder
from xinyong.engine.plan_classes import NOT_PLAIN, Classes, classes_of
from xinyong.engine.plan_lines import (
    Lines,
    lines_of,
    lines_of_quick,
    quick_of,
    segments_of,
    slow_of,
    steps_of,
)
from xinyong.engine.plan_tables import (
    HIGHEST,
    LINE_WIDTH,
    Column,
    Slot,
    Tables,
    array,
    flat,
    starts,
)
from xinyong.engine.plan_tallies import tallies_of
from xinyong.engine.plan_variables import Variables, variables_of
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import (
    Bound,
    BoundBins,
    BoundEach,
    BoundVeto,
    BoundWhen,
    ByDigest,
    bind,
    ground,
)
from xinyong.scheme.model import Scheme


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

    @property
    def scheme(self) -> Scheme:
        """The scheme this is the plan of."""
        return self.bound.scheme


# ------------------------------------------------------------------ conditions


def _lists(b: Builder) -> tuple[list[list[int]], list[list[list[int]]]]:
    rows, grounds = [], []
    for entry in b.bound.lists:
        streams: list[list[int]] = []
        for name in ground(ex.names(entry.add_when, "variable"), b.bound.variables):
            v = b.bound.variables[name]
            assert v.event is not None
            within = v.within
            if v.measure == "trend" and within is not None and within.half is not None:
                within = within.half.times(2)
            streams.append([b.stream(v.event, v.where, Slot.ROW), b.period(within)])
        rows.append(
            [
                b.subject_program(entry.add_when),
                -1 if entry.remove_when is None else b.subject_program(entry.remove_when),
                b.period(entry.lasts, cuts=False),
                b.period(entry.warn, cuts=False),
                int(entry.after_score),
            ]
        )
        grounds.append(streams)
    return rows, grounds


def compile_plan(bound: Bound, *, everything: bool = False, quick: bool = True) -> Plan:
    """Compile a bound scheme. ``everything`` has every variable worked out, not only the scored.

    Without ``quick`` every variable behind a line is worked out and can be read.
    """
    b = Builder(bound, everything, quick)
    variables = variables_of(b)
    lists, grounds = _lists(b)
    lines = lines_of(b)
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
    classes = classes_of(b)
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
    )


def _tables(
    b: Builder,
    variables: Variables,
    lists: list[list[int]],
    grounds: list[list[list[int]]],
    lines: Lines,
    start: list[list[int]],
    bands: list[list[int]],
    consequences: list[list[int]],
    classes: Classes,
) -> Tables:
    score = b.bound.scheme.score
    parameters = [b.bound.parameters[name] for name in b.parameters]
    limits = [
        score.floor,
        score.ceiling,
        score.reasons.most,
        classes.slots,
        classes.rows,
        int((classes.tables["plain"][:, 0] != NOT_PLAIN).all()),
    ]
    quick = quick_of(b, variables, lines, classes.tables["stream_row"])
    quick_lines = lines_of_quick(quick)
    slow = slow_of(b, quick)
    slow_lines = sorted(set(range(len(lines.lines))) - {entry[0] for entry in quick_lines})
    limits.append(sum(len(part.vectors) for part in quick))
    conditions = [row[0] for row in start] + [row[1] for row in bands]
    more = [*slow, *slow_lines, *lists, *lines.vetoes, *consequences]
    limits.append(int(not more and max(conditions, default=-1) < 0))
    dimensions = [score.dimensions.get(name) for name in lines.dimensions]
    return Tables(
        code=array(b.assembler.code, 3),
        sets=array(b.assembler.sets),
        programs=array(b.assembler.starts),
        periods=array([[p.length, int(p.unit == "month")] for p in b.periods], 2),
        param_start=starts([p.days for p in parameters]),
        param_day=flat([p.days for p in parameters]),
        param_value=flat([p.values for p in parameters]),
        variable=array(variables.rows, 7),
        known_start=starts(variables.known),
        known_stream=flat(variables.known),
        share_start=starts(variables.share),
        share_stream=flat(variables.share),
        slow=array(slow),
        quick=array(quick_lines, 3),
        segment=array(segments_of(quick), 8),
        quick_step=steps_of(quick),
        slow_line=array(slow_lines),
        start=array(start, 2),
        line=array(lines.lines, LINE_WIDTH),
        row=array(lines.rows, 3),
        dimension=array(
            [
                [
                    -HIGHEST if d is None or d.at_least is None else d.at_least,
                    HIGHEST if d is None or d.at_most is None else d.at_most,
                ]
                for d in dimensions
            ],
            2,
        ),
        band=array(bands, 2),
        veto=array(lines.vetoes, 3),
        lists=array(lists, 5),
        ground_start=starts(grounds),
        ground=array([pair for pairs in grounds for pair in pairs], 2),
        consequence=flat(consequences),
        special_start=starts(lines.special),
        special=flat(lines.special),
        cutting=array([int(n in b.cutting) for n in range(len(b.periods))]),
        limits=array(limits),
        **classes.tables,
        **tallies_of(
            b, variables, lines, grounds, classes.of_stream, len(classes.tables["class_slot"])
        ),
    )


@lru_cache(maxsize=32)
def _cached(key: ByDigest, everything: bool, quick: bool) -> Plan:
    return compile_plan(bind(key.scheme), everything=everything, quick=quick)


def plan_of(scheme: Scheme, *, everything: bool = False, quick: bool = True) -> Plan:
    """The plan of a scheme, compiled once and kept for schemes seen before."""
    return _cached(ByDigest(scheme), everything, quick)
