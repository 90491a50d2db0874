"""Comparing outcomes of the plain engine with a results table of the fast ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from xinyong.engine import plain
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme


def expected_row(
    scheme: Scheme,
    events: Sequence[Event],
    subject: str,
    day: date,
    known_by: int | None,
    *,
    next_change: bool = False,
) -> dict[str, Any]:
    """The row of a results table that the plain engine's outcome amounts to."""
    outcome = plain.score(scheme, events, subject=subject, day=day, known_by=known_by)
    row: dict[str, Any] = {
        "subject": subject,
        "day": day,
        "score": outcome.score,
        "band": outcome.band,
        "start": outcome.start,
    }
    row |= {f"points.{name or 'other'}": n for name, n in outcome.dimensions.items()}
    row |= {f"line.{name}": n for name, n in outcome.points.items()}
    row |= {f"list.{name}": state for name, state in outcome.lists.items()}
    for consequence in scheme.consequences:
        row[f"consequence.{consequence.id}"] = consequence.id in outcome.consequences
    for n in range(scheme.score.reasons.most):
        given = outcome.reasons[n] if n < len(outcome.reasons) else None
        row[f"reason.{n + 1}"] = given.rule if given else None
        row[f"lost.{n + 1}"] = given.lost if given else None
    if next_change:
        row["next_change"] = plain.next_change(
            scheme, events, subject=subject, day=day, known_by=known_by
        )
    return row


def rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a results table, variables left out."""
    names = [n for n in table.column_names if not n.startswith("variable.")]
    return table.select(names).to_pylist()
