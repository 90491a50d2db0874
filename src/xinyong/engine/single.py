"""One subject at a time through the compiled plan.

:func:`packed` puts a subject's events into arrays once; :func:`score_one` scores them, as often
as asked. The outcome is the plain engine's, to the bit. Without numba the plain engine answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from xinyong.days import day_number, end_of_day, local_day
from xinyong.engine import plain
from xinyong.engine.asking import Answers, Questions
from xinyong.engine.batch import chosen_engine
from xinyong.engine.history import recorded_once
from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan import Plan, plan_of
from xinyong.engine.questions import check_day
from xinyong.engine.results import STATES
from xinyong.engine.score import Outcome, Reason
from xinyong.errors import QuestionRefused
from xinyong.records.event import Event
from xinyong.scheme.binding import BoundBins
from xinyong.scheme.model import Scheme


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A subject's events in order, as arrays the kernel reads where they lie.

    ``table`` describes the columns (see :mod:`xinyong.engine.memory`); ``alive`` holds them.
    ``events`` is None where they were unpacked from bytes (:mod:`xinyong.engine.carried`): such a
    subject is scored by the compiled engine alone.
    """

    subject: str
    plan: Plan
    events: tuple[Event, ...] | None
    rows: int
    table: Int
    alive: Sequence[Any]

    def table_of(self, column: int) -> Any:
        """The array behind a column: kind, day, recorded, struck, then the plan's columns."""
        address = int(self.table[column, 0])
        return next(array for array in self.alive if array.ctypes.data == address)


def packed(scheme: Scheme, events: Sequence[Event], *, subject: str) -> Packed:
    """The events of one subject, in order, each id once, ready for :func:`score_one`.

    Raises EventsRefused where a record does not fit the scheme, as the plain engine does.
    """
    from xinyong.engine.compiled import HEAD, Memory

    plan = plan_of(scheme, quick=False)
    kept = recorded_once(plan.bound, events, subject)
    number = {kind: n for n, kind in enumerate(plan.kinds)}
    word = {text: n + 1 for n, text in enumerate(plan.words)}
    memory = Memory(HEAD + len(plan.columns))
    memory.numpy(0, np.array([number[e.kind] for e in kept] or [0], np.int8))
    numbers = np.arange(len(plan.kinds))
    memory.alive.append(numbers)
    memory.table[0, 4] = numbers.ctypes.data
    zone = scheme.zone
    days = [day_number(local_day(e.happened_at, zone)) for e in kept]
    memory.numpy(1, np.array(days or [0], np.int32))
    memory.numpy(2, np.array([e.recorded_at for e in kept] or [0], np.int64))
    struck = [UNKNOWN if e.struck_at is None else e.struck_at for e in kept]
    memory.numpy(3, np.array(struck or [0], np.int64))
    for place, column in enumerate(plan.columns):
        seen: dict[object, int] = {}
        values = []
        for e in kept:
            mine = not column.kind or e.kind == column.kind
            value = e.fields.get(column.field) if mine else None
            if value is None:
                values.append(UNKNOWN)
            elif column.words:
                values.append(word.get(str(value), 0))
            elif column.identity:
                values.append(seen.setdefault(value, len(seen)))
            else:
                values.append(int(value))
        memory.numpy(HEAD + place, np.array(values or [0], np.int64))
    return Packed(subject, plan, tuple(kept), len(kept), memory.table, memory.alive)


@lru_cache(maxsize=1024)
def _day_end(day: date, scheme_zone: object) -> int:
    return end_of_day(day, scheme_zone)  # type: ignore[arg-type]


def score_one(subject: Packed, *, day: date, known_by: int | None = None) -> Outcome:
    """The outcome of one packed subject on one day; see :func:`xinyong.engine.plain.score`."""
    plan = subject.plan
    number = check_day(day)
    known = _day_end(day, plan.scheme.zone) if known_by is None else known_by
    if chosen_engine() == "numpy":
        if subject.events is None:
            raise QuestionRefused(
                "packed events need the compiled engine",
                where=subject.subject,
                mend="install numba, or give the events themselves",
            )
        return plain.score(
            plan.scheme, subject.events, subject=subject.subject, day=day, known_by=known
        )
    from xinyong.engine.compiled import run_kernel

    most = int(plan.tables.limits[2])
    width = 4 + len(plan.lists) + len(plan.consequences) + len(plan.dimensions)
    answers = Answers(
        np.zeros((1, width), np.int64),
        np.zeros((1, most, 2), np.int64),
        np.zeros((1, len(plan.lines)), np.int64),
        np.zeros((1, len(plan.variables)), np.int64),
        np.zeros(0, np.int64),
    )
    rows = subject.rows
    question = Questions(
        subject.subject,
        np.zeros(1, np.int64),
        np.array([rows], np.int64),
        np.array([number], np.int64),
        np.array([known], np.int64),
    )
    run_kernel(plan, subject.table, question, answers, rows, 1, told=True)
    return _outcome(subject, answers, day, known)


def _outcome(subject: Packed, answers: Answers, day: date, known: int) -> Outcome:
    plan = subject.plan
    lists, consequences = len(plan.lists), len(plan.consequences)
    score, band, start, fired, *rest = answers.out[0].tolist()
    reasons = [Reason(v.id, 0, v.says) for n, v in enumerate(plan.vetoes) if fired >> n & 1]
    for line, lost in answers.reasons[0].tolist():
        if line >= 0:
            reasons.append(Reason(plan.lines[line].id, lost, _says(plan, line, answers.values[0])))
    return Outcome(
        subject=subject.subject,
        day=day,
        known_by=known,
        score=score,
        band=plan.bands[band],
        start=start,
        points=dict(zip((line.id for line in plan.lines), answers.points[0].tolist(), strict=True)),
        dimensions=dict(zip(plan.dimensions, rest[lists + consequences :], strict=True)),
        lists={name: STATES[rest[n]] for n, name in enumerate(plan.lists)},
        consequences=tuple(
            name for n, name in enumerate(plan.consequences) if rest[lists + n] == 1
        ),
        reasons=tuple(reasons[: int(plan.tables.limits[2])]),
    )


def _says(plan: Plan, number: int, values: Int) -> str:
    """The sentence said for a line: that of its row, for a table."""
    line = plan.lines[number]
    if not isinstance(line, BoundBins):
        return line.says
    row = plan.tables.line[number]
    value = int(values[row[1]])
    if value == UNKNOWN:
        return line.missing_says
    for place, (test, edge, _) in enumerate(plan.tables.row[row[10] : row[11]].tolist()):
        if test == 2 or (value < edge if test == 0 else value == edge):
            return line.rows[place].says
    return ""


__all__ = ["Packed", "packed", "score_one"]
