"""Answers as tables of scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from xinyong.engine.asking import Answers, Questions, Wanted
from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan import Plan

STATES: Final = ("off", "warned", "listed", "ended")
"""States of a list, by their numbers in the answers."""


def metadata_of(plan: Plan) -> dict[str, str]:
    """What a table of scores says of the scheme behind it."""
    scheme = plan.scheme
    return {
        "xinyong.scores": "1",
        "xinyong.scheme": scheme.scheme,
        "xinyong.version": scheme.version,
        "xinyong.digest": scheme.digest,
    }


def nothing(plan: Plan, wanted: Wanted, subject: pa.DataType) -> pa.Table:
    """A table of scores of nobody."""
    zero = np.zeros(0, np.int64)
    t = plan.tables
    width = 4 + len(plan.lists) + len(plan.consequences) + len(plan.dimensions)
    answers = Answers(
        np.zeros((0, width), np.int64),
        np.zeros((0, int(t.limits[2]), 2), np.int64),
        np.zeros((0, len(plan.lines)), np.int64),
        np.zeros((0, len(plan.variables)), np.int64),
        zero,
    )
    if pa.types.is_dictionary(subject):
        subject = subject.value_type
    questions = Questions(pa.array([], subject), zero, zero, zero, zero)
    return results_of(plan, questions, answers, wanted).replace_schema_metadata(metadata_of(plan))


def _names(codes: Int, names: Sequence[str]) -> pa.Array:
    """Words by code, as a dictionary column; a code below 0 is null."""
    nothing = codes < 0
    indices = pa.array(codes.astype(np.int32), mask=nothing if nothing.any() else None)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), pa.string()))


def results_of(plan: Plan, questions: Questions, a: Answers, wanted: Wanted) -> pa.Table:
    """Answers as a table; see :func:`score_table` for its columns."""
    lists, consequences = len(plan.lists), len(plan.consequences)
    made: dict[str, Any] = {
        "subject": questions.subjects,
        "day": pa.array(questions.days.astype(np.int32)).cast(pa.date32()),
        "score": pa.array(a.out[:, 0].astype(np.int32)),
        "band": _names(a.out[:, 1], plan.bands),
        "start": pa.array(a.out[:, 2].astype(np.int32)),
    }
    for n, name in enumerate(plan.dimensions):
        made[f"points.{name or 'other'}"] = pa.array(a.out[:, 4 + lists + consequences + n])
    if wanted.reasons:
        _reason_columns(plan, a, made)
    for n, name in enumerate(plan.lists):
        made[f"list.{name}"] = _names(a.out[:, 4 + n], STATES)
    for n, name in enumerate(plan.consequences):
        made[f"consequence.{name}"] = pa.array(a.out[:, 4 + lists + n] == 1)
    if wanted.next_change:
        unknown = a.changes == UNKNOWN
        days = np.where(unknown, 0, a.changes).astype(np.int32)
        made["next_change"] = pa.array(days, mask=unknown).cast(pa.date32())
    if wanted.lines:
        for n, line in enumerate(plan.lines):
            made[f"line.{line.id}"] = pa.array(a.points[:, n])
    if wanted.variables:
        for n, name in enumerate(plan.variables):
            made[f"variable.{name}"] = _variable_column(plan, name, a.values[:, n])
    return pa.table(made)


def _reason_columns(plan: Plan, a: Answers, made: dict[str, Any]) -> None:
    """Reasons: a veto that lowered the band first, then the lines that cost most."""
    most = int(plan.tables.limits[2])
    ids = [line.id for line in plan.lines] + [veto.id for veto in plan.vetoes]
    codes, lost = a.reasons[:, :, 0].copy(), a.reasons[:, :, 1].copy()
    for fired in np.unique(a.out[:, 3]).tolist():
        named = [n for n in range(len(plan.vetoes)) if fired >> n & 1][:most]
        if named:
            here = np.flatnonzero(a.out[:, 3] == fired)
            rest = most - len(named)
            codes[here, len(named) :] = codes[here, :rest]
            lost[here, len(named) :] = lost[here, :rest]
            codes[here, : len(named)] = np.array(named) + len(plan.lines)
            lost[here, : len(named)] = 0
    for n in range(most):
        made[f"reason.{n + 1}"] = _names(codes[:, n], ids)
        made[f"lost.{n + 1}"] = pa.array(lost[:, n], mask=codes[:, n] < 0)


def _variable_column(plan: Plan, name: str, values: Int) -> pa.Array:
    """A variable's values as Arrow: integers, decimals, truth values, days; null is unknown.

    Words other than the scheme's own are given as ``other``.
    """
    unknown = values == UNKNOWN
    filled = np.where(unknown, 0, values)
    base = plan.bound.variables[name].kind.base
    if base == "text":
        return pa.DictionaryArray.from_arrays(
            pa.array(filled.astype(np.int32), mask=unknown),
            pa.array(["other", *plan.words], pa.string()),
        )
    if base == "bool":
        return pa.array(filled == 1, mask=unknown)
    if base == "date":
        return pa.array(filled.astype(np.int32), mask=unknown).cast(pa.date32())
    if base == "fixed":
        pairs = np.empty(2 * len(filled), np.int64)
        pairs[0::2], pairs[1::2] = filled, filled >> 63
        bits = pa.array(~unknown).buffers()[1]
        return pa.Array.from_buffers(
            pa.decimal128(24, 6), len(filled), [bits, pa.py_buffer(pairs.tobytes())]
        )
    return pa.array(filled, mask=unknown)
