"""Events put in order: sorted by subject and time, each (subject, id) once.

The one place where the engine speaks SQL: narrow statements made by SQLGlot, run by DuckDB on
Arrow data, out of memory where need be, with no access to files or the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from xinyong.engine import columns as cols
from xinyong.engine.machine import UNKNOWN
from xinyong.engine.plan import Plan
from xinyong.engine.stamps import micros
from xinyong.errors import EventsRefused
from xinyong.records.locked import locked_down

BATCH_ROWS = 1_000_000


def ordering(columns: Sequence[str]) -> str:
    """The statement that orders a table ``events`` with these columns.

    Stamps must be 64-bit integers already. With ids, of records with the same subject and id the
    one with the least (recorded_at, happened_at, kind) stays.
    """

    def column(name: str) -> exp.Expression:
        return exp.column(name, quoted=True)

    stamps = [n for n in ("happened_at", "recorded_at") if n in columns]
    query = exp.select(*(column(n) for n in columns)).from_("events")
    if "id" in columns:
        first = [n for n in ("recorded_at", "happened_at") if n in columns]
        window = exp.Window(
            this=exp.RowNumber(),
            partition_by=[column("subject"), column("id")],
            order=exp.Order(expressions=[exp.Ordered(this=column(n)) for n in [*first, "kind"]]),
        )
        query = query.qualify(exp.EQ(this=window, expression=exp.Literal.number(1)))
    by = ["subject", *stamps, *(["id"] if "id" in columns else [])]
    query = query.order_by(*(exp.Ordered(this=column(n), nulls_first=True) for n in by))
    return query.sql(dialect="duckdb")


def in_order(
    events: pa.Table | pa.RecordBatchReader, *, threads: int = 2, memory: str = "512MB"
) -> Iterator[pa.RecordBatch]:
    """The rows of ``events`` in order, as batches. ``kind`` must be text, stamps int64.

    What does not fit into ``memory`` is spilled into the system's folder for temporary files.
    """
    names = events.schema.names
    # not a TemporaryDirectory: it warns where whoever asked stops early and is collected with it
    spill = Path(mkdtemp(prefix="xinyong-order-"))
    try:
        with closing(locked_down(memory=memory, threads=threads, spill=spill)) as connection:
            connection.register("events", events)
            yield from connection.sql(ordering(names)).to_arrow_reader(BATCH_ROWS)
    finally:
        rmtree(spill, ignore_errors=True)


def _normal(batch: pa.Table, plan: Plan, first_row: int) -> pa.Table:
    """A batch ready for sorting: text kinds, integer stamps, an id for every row."""
    made: dict[str, Any] = {}
    have = batch.column_names
    for name in have:
        array = cols._flat(batch[name])
        if name in cols.STAMPS:
            array = pa.array(micros(array, plan))
        elif name == "kind" or (name == "subject" and not pa.types.is_integer(array.type)):
            array = array.cast(pa.string())
        made[name] = array
    happened = np.asarray(made["happened_at"])
    if (happened == UNKNOWN).any():
        raise EventsRefused(
            "an event has no happened_at",
            why="every event has the moment it happened",
            mend="set such rows aside, or take the file in with 'xinyong intake'",
        )
    if "recorded_at" in made:
        recorded = np.asarray(made["recorded_at"])
        made["recorded_at"] = pa.array(np.where(recorded == UNKNOWN, happened, recorded))
    numbers = pc.cast(pa.array(np.arange(first_row, first_row + batch.num_rows)), pa.string())
    numbers = pc.utf8_lpad(numbers, 12, "0")
    if "id" in made:
        made["id"] = pc.coalesce(made["id"].cast(pa.string()), numbers)
    else:
        made["id"] = numbers
    return pa.table(made)


def put_in_order(batches: Iterable[pa.Table], plan: Plan, threads: int) -> Iterator[pa.RecordBatch]:
    """Batches in no order, put in order by DuckDB."""
    iterator = iter(batches)
    first = next(iterator, None)
    if first is None:
        return
    seen = 0

    def normal() -> Iterator[pa.RecordBatch]:
        nonlocal seen
        for batch in chain([first], iterator):
            yield from _normal(batch, plan, seen).cast(schema).to_batches()
            seen += batch.num_rows

    schema = _normal(first.slice(0, 0), plan, 0).schema
    reader = pa.RecordBatchReader.from_batches(schema, normal())
    for batch in in_order(reader, threads=threads):
        yield batch.drop_columns(["id"])
