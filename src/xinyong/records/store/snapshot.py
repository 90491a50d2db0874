"""Everybody's events at one point of the ledger, as a Parquet file for the batch engine.

The file holds what :func:`~xinyong.records.store.standing.standing` says for each subject, so that
scoring everybody from it and one subject from the store give the same scores.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa

from xinyong.records.event import Event
from xinyong.records.sealed import SubjectKeys
from xinyong.records.shape import EventShape
from xinyong.records.store import tables as t
from xinyong.records.store.acts import ALTERING, Known
from xinyong.records.store.reading import Reader, _opened
from xinyong.records.store.standing import Standing, standing
from xinyong.records.table import IN_ORDER, from_events, schema
from xinyong.records.vault import Vault

ROWS = 100_000
"""Events held in memory at a time, about."""

Choose = Callable[[Standing, list[Event]], list[Event]]
"""Which of a subject's events are written, given her standing and those that fit; in order."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot holds: up to which entry, known by when, how many subjects and events."""

    path: Path
    upto: int
    known_by: int
    subjects: int
    events: int
    left_out: int


def write_snapshot(
    reader: Reader,
    engine: sa.Engine,
    vault: Vault,
    path: Path,
    shape: EventShape,
    *,
    upto: int | None = None,
    may: Callable[[str], bool] | None = None,
    choose: Choose | None = None,
    handles: bool = False,
) -> Snapshot:
    """Write the events of everybody (or of subjects that ``may`` lets through) to ``path``.

    Events whose kind the shape does not know, and those that do not count, are left out
    (``left_out``), and whatever ``choose`` does not choose. Subjects come in order of their names,
    or with ``handles`` under their ledger pseudonyms; the file appears only when whole.
    """
    size = reader.size()
    end = size if upto is None else min(upto, size)
    known_by = _moment(engine, end)
    every = (k for k in vault.everyone() if may is None or may(k.subject))
    keys = sorted(every, key=_handle if handles else _name)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    layout = schema(shape).with_metadata(IN_ORDER)
    subjects = events = left = 0
    try:
        with pq.ParquetWriter(part, layout, compression="zstd") as writer:
            waiting: list[Event] = []
            for one in keys:
                found = standing(one.subject, _acts(engine, one, end))
                fitting = found.fitting(shape)
                if choose is not None:
                    fitting = choose(found, fitting)
                if handles:
                    fitting = [replace(event, subject=one.who) for event in fitting]
                left += len(found.events) - len(fitting)
                subjects += bool(fitting)
                waiting += fitting
                if len(waiting) >= ROWS:
                    events += _write(writer, waiting, shape)
                    waiting = []
            events += _write(writer, waiting, shape)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return Snapshot(path, end, known_by, subjects, events, left)


def _name(keys: SubjectKeys) -> str:
    return keys.subject


def _handle(keys: SubjectKeys) -> str:
    return keys.who


def _acts(engine: sa.Engine, keys: SubjectKeys, end: int) -> Iterator[Known]:
    e = t.entries.c
    query = (
        sa.select(e.seq, e.kind, e.at, e.body)
        .where(e.who == keys.who, e.kind.in_(sorted(ALTERING)), e.seq < end)
        .order_by(e.seq)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    for seq, kind, at, body in rows:
        yield _opened(int(seq), kind, int(at), keys, bytes(body))


def _moment(engine: sa.Engine, end: int) -> int:
    if end == 0:
        return 0
    with engine.connect() as connection:
        query = sa.select(t.entries.c.at).where(t.entries.c.seq == end - 1)
        return int(connection.execute(query).scalar_one())


def _write(writer: pq.ParquetWriter, events: list[Event], shape: EventShape) -> int:
    if events:
        made = from_events(events, shape)
        writer.write_table(made.replace_schema_metadata(IN_ORDER))
    return len(events)


__all__ = ["Choose", "Snapshot", "write_snapshot"]
