"""Taking in an example's files, asking both engines about its loans, and comparing the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from xinyong.days import from_instant
from xinyong.engine import plain
from xinyong.engine.score import Outcome
from xinyong.engine.shape import shape_of
from xinyong.records.event import Event
from xinyong.records.intake import IntakeReport, read_events, take_in
from xinyong.records.mapping import read_mapping
from xinyong.records.table import to_events
from xinyong.scheme import library
from xinyong.scheme.model import Scheme

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Question:
    """One loan: who, on which day, known by which instant, and how it went."""

    subject: str
    day: date
    known_by: int
    bad: bool


@dataclass(frozen=True)
class Real:
    """A scheme, the events taken in for it, and the loans to be scored."""

    scheme: Scheme
    events: pa.Table
    report: IntakeReport
    rejects: str
    questions: tuple[Question, ...]


def take(
    example: str, mapping: str, data: Path, work: Path
) -> tuple[Scheme, pa.Table, IntakeReport, str]:
    folder = EXAMPLES / example
    scheme = library.load(folder)
    out, rejects = work / "events.parquet", work / "rejects.jsonl"
    report = take_in(
        [data],
        shape_of(scheme),
        mapping=read_mapping(folder / mapping),
        out=out,
        rejects=rejects,
    )
    return scheme, read_events(out), report, rejects.read_text(encoding="utf-8")


def table_of(questions: Sequence[Question]) -> pa.Table:
    return pa.table(
        {
            "subject": pa.array([q.subject for q in questions]),
            "day": pa.array([q.day for q in questions], pa.date32()),
            "known_by": pa.array(
                [from_instant(q.known_by) for q in questions], pa.timestamp("us", tz="UTC")
            ),
        }
    )


def by_subject(scheme: Scheme, events: pa.Table) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in to_events(events, shape_of(scheme)):
        found[event.subject].append(event)
    return found


def ask_plain(
    scheme: Scheme, events: dict[str, list[Event]], questions: Iterable[Question]
) -> list[Outcome]:
    return [
        plain.score(scheme, events[q.subject], subject=q.subject, day=q.day, known_by=q.known_by)
        for q in questions
    ]


def differences(scheme: Scheme, batch: pa.Table, outcomes: Sequence[Outcome]) -> list[str]:
    """What the batch table says otherwise than the plain engine, column by column."""
    rows: list[dict[str, Any]] = [_row(scheme, one) for one in outcomes]
    found = []
    if batch.num_rows != len(rows):
        return [f"{batch.num_rows} rows for {len(rows)} questions"]
    for column in rows[0]:
        if column not in batch.column_names:
            found.append(f"the batch engine gives no {column}")
            continue
        for row, got in zip(rows, batch[column].to_pylist(), strict=True):
            if row[column] != got and not (column.startswith("lost.") and not (got or row[column])):
                found.append(f"{row['subject']} {column}: plain {row[column]}, batch {got}")
    return found


def _row(scheme: Scheme, one: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = {
        "subject": one.subject,
        "day": one.day,
        "score": one.score,
        "band": one.band,
        "start": one.start,
    }
    row |= {f"points.{name or 'other'}": points for name, points in one.dimensions.items()}
    row |= {f"line.{name}": points for name, points in one.points.items()}
    row |= {f"consequence.{c.id}": c.id in one.consequences for c in scheme.consequences}
    row |= {f"list.{name}": state for name, state in one.lists.items()}
    for n in range(scheme.score.reasons.most):
        reason = one.reasons[n] if n < len(one.reasons) else None
        row[f"reason.{n + 1}"] = reason.rule if reason else None
        row[f"lost.{n + 1}"] = reason.lost if reason else None
    return row
