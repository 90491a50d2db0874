"""What is asked of every block: days for everybody, or a table of questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from xinyong.days import day_number, end_of_day, from_day_number
from xinyong.engine import columns as cols
from xinyong.engine.asking import Questions
from xinyong.engine.columns import Block
from xinyong.engine.history import checked_day
from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan import Plan
from xinyong.engine.stamps import micros
from xinyong.errors import QuestionRefused


def check_day(day: date) -> int:
    """The number of a day that can be scored; else QuestionRefused."""
    return day_number(checked_day(day))


def day_ends(days: Iterable[int], plan: Plan) -> dict[int, int]:
    """The last microsecond of each day in the zone of the scheme."""
    return {d: end_of_day(from_day_number(d), plan.scheme.zone) for d in set(days)}


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of every block: days for everybody, or a table of questions."""

    days: tuple[int, ...]
    known_by: int | None
    ends: dict[int, int]
    table: dict[Any, list[tuple[int, int, int]]] | None = None
    """For a table of questions: subject -> [(row, day, known_by)]."""

    @property
    def most(self) -> int:
        """On how many days a subject is asked about, at most."""
        if self.table is None:
            return len(self.days)
        return max(map(len, self.table.values()), default=0)

    def of(self, block: Block) -> tuple[Questions, Int]:
        """The questions about the subjects of a block, and their rows in the table asked."""
        if self.table is not None:
            return self._looked_up(block)
        count, many = len(block.subjects), len(self.days)
        low = np.repeat(block.starts[:-1], many)
        high = np.repeat(block.starts[1:], many)
        days = np.tile(np.array(self.days, np.int64), count)
        known = np.tile(
            np.array(
                [self.ends[d] if self.known_by is None else self.known_by for d in self.days],
                np.int64,
            ),
            count,
        )
        subjects = block.subjects
        if many != 1:
            subjects = subjects.take(pa.array(np.repeat(np.arange(count), many)))
        return Questions(subjects, low, high, days, known, many), np.zeros(0, np.int64)

    def _looked_up(self, block: Block) -> tuple[Questions, Int]:
        assert self.table is not None
        found: list[tuple[int, int, int, int, int]] = []
        places = []
        for n, subject in enumerate(block.subjects.to_pylist()):
            for row, day, known in self.table.pop(subject, ()):
                found.append((row, int(block.starts[n]), int(block.starts[n + 1]), day, known))
                places.append(n)
        table = np.array(found, np.int64).reshape(len(found), 5)
        # the compiled kernel takes whole arrays, not strides of one
        rows, low, high, days, known_by = np.ascontiguousarray(table.T)
        subjects = block.subjects.take(pa.array(places, pa.int64()))
        return Questions(subjects, low, high, days, known_by), rows


def asked(
    plan: Plan,
    day: date | Sequence[date] | None,
    known_by: int | None,
    questions: pa.Table | None,
) -> Ask:
    """What is asked, checked; QuestionRefused where it cannot be answered."""
    if questions is None:
        if day is None:
            raise QuestionRefused(
                "no day is given",
                why="a score is always as of a day; there is no clock inside",
                mend="give day=date(2026, 11, 22), or a table of questions",
            )
        given = [day] if isinstance(day, date) else list(day)
        days = tuple(check_day(d) for d in given)
        if not days:
            raise QuestionRefused("the sequence of days is empty", mend="give at least one day")
        return Ask(days, known_by, day_ends(days, plan))
    for name in ("subject", "day"):
        if name not in questions.column_names:
            raise QuestionRefused(
                f"the questions have no column '{name}'",
                why="each question names a subject and a day",
                mend=f"columns here: {', '.join(questions.column_names)}",
            )
    dates = questions["day"].to_pylist()
    numbers = [check_day(d) for d in dates]
    ends = day_ends(numbers, plan)
    instants: list[int] = [ends[d] if known_by is None else known_by for d in numbers]
    if "known_by" in questions.column_names:
        given_known = micros(cols._flat(questions["known_by"]), plan)
        instants = [
            int(k) if k != UNKNOWN else default
            for k, default in zip(given_known, instants, strict=True)
        ]
    table: dict[Any, list[tuple[int, int, int]]] = {}
    for row, (subject, number, instant) in enumerate(
        zip(questions["subject"].to_pylist(), numbers, instants, strict=True)
    ):
        table.setdefault(subject, []).append((row, number, instant))
    return Ask((), None, ends, table)
