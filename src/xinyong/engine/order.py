"""Events put in order: sorted by subject and time, each (subject, id) once.

The one place where the engine speaks SQL: narrow statements made by SQLGlot, run by DuckDB on
Arrow data, out of memory where need be, with no access to files or the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa
from sqlglot import exp

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
    """The rows of ``events`` in order, as batches. ``kind`` must be text, stamps int64."""
    names = events.schema.names
    connection = duckdb.connect(
        ":memory:",
        config={"threads": threads, "memory_limit": memory, "enable_external_access": "false"},
    )
    try:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET lock_configuration = true")
        connection.register("events", events)
        reader = connection.sql(ordering(names)).to_arrow_reader(BATCH_ROWS)
        yield from reader
    finally:
        connection.close()
