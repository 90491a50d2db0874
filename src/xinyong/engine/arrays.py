"""The NumPy twin of the kernel: the same plan, the same bits, no compiler.

It is the specification of :mod:`xinyong.engine.kernel` and what runs where numba is absent. All
questions of a block are worked at once: an *entry* is one visible event of one question, and
every table has a row per question.
"""

from __future__ import annotations

import numpy as np

from xinyong.engine.arrays_changes import changes_of
from xinyong.engine.arrays_events import records_of
from xinyong.engine.arrays_outcome import Work
from xinyong.engine.asking import Answers, Questions, Wanted
from xinyong.engine.columns import Block
from xinyong.engine.machine import Int
from xinyong.engine.plan import Plan


def _reasons(plan: Plan, points: Int, most: int) -> Int:
    """Lines that cost most, by question: [line, lost], ties in file order."""
    lost = plan.tables.line[:, 8] - points
    order = np.argsort(-lost, axis=1, kind="stable")[:, :most]
    taken = np.take_along_axis(lost, order, axis=1)
    found = np.stack([np.where(taken > 0, order, -1), np.maximum(taken, 0)], axis=2)
    missing = most - found.shape[1]
    if missing:
        empty = np.zeros((len(points), missing, 2), np.int64)
        empty[:, :, 0] = -1
        found = np.concatenate([found, empty], axis=1)
    return found


def answer(plan: Plan, block: Block, questions: Questions, wanted: Wanted) -> Answers:
    """Answer the questions about a block with NumPy."""
    records = records_of(plan, block, questions)
    work = Work(plan, records, questions, questions.days, questions.days)
    out, points = work.outcome()
    values = (
        np.stack(work.values, axis=1)
        if wanted.variables and work.values
        else np.zeros((work.many, 0), np.int64)
    )
    return Answers(
        out=out,
        reasons=_reasons(plan, points, int(plan.tables.limits[2]))
        if wanted.reasons
        else np.zeros((work.many, 0, 2), np.int64),
        points=points,
        values=values,
        changes=changes_of(plan, records, questions, work, out)
        if wanted.next_change
        else np.zeros(0, np.int64),
    )
