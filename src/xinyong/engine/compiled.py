"""From a block of events to the compiled kernel and back."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from xinyong.engine import arrays, kernel
from xinyong.engine import columns as cols
from xinyong.engine.asking import Answers, Questions, Wanted
from xinyong.engine.columns import Block
from xinyong.engine.kept import kept
from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.packed import pack
from xinyong.engine.plan import Plan
from xinyong.engine.stamps import clocks, local_days, micros


class Memory:
    """Descriptions of columns for the kernel, and the arrays that must stay alive meanwhile."""

    def __init__(self, many: int) -> None:
        self.table = np.zeros((many, 5), np.int64)
        self.alive: list[Any] = []

    def numpy(self, place: int, values: Any) -> None:
        """Describe a NumPy array of signed integers without nulls."""
        self.alive.append(values)
        self.table[place] = values.ctypes.data, values.itemsize * 8, 0, 0, 0

    def arrow(self, place: int, array: pa.Array, words: Int | None) -> None:
        """Describe an Arrow array; ``words`` look dictionary codes up."""
        if pa.types.is_dictionary(array.type):
            array = array.indices
        buffers = array.buffers()
        width = array.type.bit_width
        valid = buffers[0].address if buffers[0] is not None and array.null_count else 0
        self.alive += [array, words]
        look_up = words.ctypes.data if words is not None else 0
        self.table[place] = buffers[1].address, width, valid, array.offset, look_up

    def nothing(self, place: int, rows: int) -> None:
        """Describe a column that is absent: unknown in every row."""
        self.numpy(place, np.full(max(rows, 1), UNKNOWN, np.int64))


HEAD = 4
"""Columns before the fields: kind, day, recorded, struck."""


def describe(plan: Plan, block: Block, known: Int, days: Int) -> Memory:
    """Columns of a block as the kernel reads them.

    The four of :data:`HEAD`, then the plan's; those that the short loop over events reads once
    more, with 0 for unknown.
    """
    many = len(plan.columns)
    memory = Memory(HEAD + 2 * many)
    if block.rows == 0:
        for place in range(len(plan.columns)):
            memory.nothing(HEAD + place, 0)
        return memory
    arrays = block.arrays
    memory.arrow(0, *cols.kind_codes(arrays["kind"], plan))
    stamp = arrays["happened_at"]
    instants: Int | None = None
    if pa.types.is_date32(stamp.type) and stamp.null_count == 0:
        memory.arrow(1, stamp, None)
    else:
        instants = micros(stamp, plan)
        memory.numpy(1, local_days(instants, plan))
    for n, values in enumerate(clocks(plan, arrays, instants, known, days)):
        if values is not None:
            memory.numpy(2 + n, np.ascontiguousarray(values))
    short = _short(plan) if not memory.table[2:4, 0].any() else frozenset()
    for place, column in enumerate(plan.columns):
        name = cols.column_name(column, list(arrays))
        if name is None:
            memory.nothing(HEAD + place, block.rows)
            continue
        array = cols.field_array(arrays[name], column, plan)
        words = cols.words(array, column, plan)
        if place in short and (array.null_count or words is not None or array.type.bit_width != 64):
            values = cols.numbers(array, words)
            memory.numpy(HEAD + place, values)
            memory.numpy(HEAD + many + place, np.where(values == UNKNOWN, 0, values))
        else:
            memory.arrow(HEAD + place, array, words)
            memory.table[HEAD + many + place] = memory.table[HEAD + place]
    return memory


@lru_cache(maxsize=32)
def _short(plan: Plan) -> frozenset[int]:
    """Columns that the short loop over events reads, as 64-bit numbers."""
    plain = plan.tables.plain
    return frozenset(plain[:, [0, 5]].ravel().tolist() if plan.tables.limits[5] else [])


MOST_TOGETHER = 36
"""Most questions about the same events that are answered from one pass over them."""


def together(questions: Questions) -> int:
    """How many questions in a row are about the same events, up to :data:`MOST_TOGETHER`."""
    if len(questions.low) < 2 or questions.round:
        return min(max(questions.round, 1), MOST_TOGETHER)
    ends = np.flatnonzero(np.diff(questions.low)) + 1
    most = int(np.max(np.diff(np.concatenate([[0], ends, [len(questions.low)]]))))
    return min(most, MOST_TOGETHER)


@lru_cache(maxsize=32)
def _packed(plan: Plan) -> Int:
    return pack(plan.tables)


def answer(plan: Plan, block: Block, questions: Questions, wanted: Wanted) -> Answers:
    """Answer the questions about a block with the compiled kernel.

    A first small job that asks for the next change is left to the twin, which gives the same bits:
    compiling the follower would take longer than the job.
    """
    many = len(questions.low)
    if wanted.next_change and many <= FEW and not kept("following", "follow"):
        return arrays.answer(plan, block, questions, wanted)
    memory = describe(plan, block, *questions.clocks)
    width = 4 + len(plan.lists) + len(plan.consequences) + len(plan.dimensions)
    made = Answers(
        out=np.zeros((many, width), np.int64),
        reasons=np.zeros((many, int(plan.tables.limits[2]) if wanted.reasons else 0, 2), np.int64),
        points=np.zeros((many if wanted.lines else 1, len(plan.lines)), np.int64),
        values=np.zeros((many if wanted.variables else 1, len(plan.variables)), np.int64),
        changes=np.zeros(many if wanted.next_change else 0, np.int64),
    )
    longest = int(np.max(questions.high - questions.low)) if many else 0
    at_once = together(questions)
    if many and wanted.next_change:
        _follow(plan, memory.table, questions, made, longest, at_once)
    elif many:
        told = wanted.lines or wanted.reasons
        run_kernel(plan, memory.table, questions, made, longest, at_once, told=told)
    del memory
    return made


FEW = 2_000
"""Questions that the twin answers in a few seconds at most."""
ONE_FOLLOWED = 1 << 21
"""About how many numbers are held at a time to look for next changes."""


def _follow(
    plan: Plan, table: Int, questions: Questions, made: Answers, longest: int, at_once: int
) -> None:
    """Fill ``made`` with next changes too, some questions at a time."""
    from xinyong.engine.following import follow  # compiled only where it is asked for

    many, tables = len(questions.low), plan.tables
    width = len(tables.tally) + len(plan.lines) + len(plan.variables)
    size = max(ONE_FOLLOWED // max(width, 1), 64)
    tallies = np.empty((min(size, many), len(tables.tally)), np.int64)
    for begin in range(0, many, size):
        here = slice(begin, min(begin + size, many))
        part = Questions(
            "",
            questions.low[here],
            questions.high[here],
            questions.days[here],
            questions.known[here],
        )
        count = len(part.low)
        points = np.empty((count, len(plan.lines)), np.int64)
        values = np.zeros((count, len(plan.variables)), np.int64)
        answers = Answers(made.out[here], made.reasons[here], points, values, made.changes[here])
        run_kernel(plan, table, part, answers, longest, at_once, told=True, tallies=tallies[:count])
        if len(made.points) == many:
            made.points[here] = points
        if len(made.values) == many:
            made.values[here] = values
        follow(
            _packed(plan),
            table,
            part.low,
            part.high,
            part.days,
            part.known,
            answers.out,
            tallies[:count],
            values,
            points,
            answers.changes,
            longest,
        )


def run_kernel(
    plan: Plan,
    table: Int,
    questions: Questions,
    made: Answers,
    longest: int,
    at_once: int,
    *,
    told: bool,
    tallies: Int | None = None,
) -> None:
    """Fill ``made``; ``told``: the points of every line are wanted. Refuses events out of order."""
    in_time = kernel.answer(
        _packed(plan),
        table,
        questions.low,
        questions.high,
        questions.days,
        questions.known,
        made.out,
        made.reasons,
        made.points,
        made.values,
        np.empty((0, 0), np.int64) if tallies is None else tallies,
        longest,
        at_once,
        int(told),
    )
    if not in_time:
        raise cols.not_in_time()
