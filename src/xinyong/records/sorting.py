"""Sorting more rows than fit into memory: the one place where records use DuckDB.

The database lives in memory, sees nothing but the batches it is given, reaches no file or network,
and spills into a folder of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
from sqlglot import exp

from xinyong.records.locked import locked_down

MEMORY: Final = "768MB"
"""What the sort may hold in memory before it spills."""

BATCH_ROWS: Final = 65_536


def sort_statement(keys: Iterable[str]) -> str:
    """The SQL that sorts the given rows, unknown first; one narrow statement."""
    order = [
        exp.Ordered(this=exp.column(key, quoted=True), desc=False, nulls_first=True) for key in keys
    ]
    return exp.select("*").from_("given").order_by(*order).sql(dialect="duckdb")


def sorted_batches(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], keys: Iterable[str], spill: Path
) -> Iterator[pa.RecordBatch]:
    """The rows of the batches, sorted by the keys (text by its UTF-8 bytes).

    ``batches`` may be a generator; an error it raises comes out as it is. ``spill`` is a folder for
    what does not fit into memory.
    """
    failed: list[BaseException] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except BaseException as error:
            failed.append(error)
            raise

    connection = locked_down(memory=MEMORY, spill=spill)
    try:
        connection.register("given", pa.RecordBatchReader.from_batches(schema, watched()))
        reader = connection.sql(sort_statement(keys)).to_arrow_reader(BATCH_ROWS)
        for batch in reader:
            yield batch.cast(schema)
    except Exception as error:
        if failed:
            raise failed[0] from None
        if isinstance(error, (duckdb.Error, pa.ArrowException)):
            raise OSError(f"the rows could not be sorted: {error}") from None
        raise
    finally:
        connection.close()
