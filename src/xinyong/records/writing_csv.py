"""A table as CSV that a spreadsheet opens as text: no cell becomes a formula there.

A spreadsheet works out a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line's end,
whoever wrote it (CWE-1236). Such a text gets an apostrophe before it, which spreadsheets take as
"this is text" and do not show. Numbers, days and truth values are written as they are. The Parquet
file beside it holds every text unchanged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

FORMULA: Final = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What a formula begins with; the last four are the wide forms of the first four."""

_BEGINS: Final = f"^\\s*[{FORMULA.replace('-', '')}-]"


def write_csv(table: pa.Table, path: Path) -> None:
    """Write a table as CSV: UTF-8, a header, texts in quotes. Raises OSError."""
    columns = [_plain(column) for column in table.columns]
    names = _plain(pa.array(table.column_names, pa.string())).to_pylist()
    arrow_csv.write_csv(pa.table(columns, names=names), path)


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """A column whose texts are no formulas; another column as it is."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    mark, nothing = pa.scalar("'", column.type), pa.scalar("", column.type)
    marked = pc.binary_join_element_wise(mark, column, nothing)
    return pc.if_else(pc.match_substring_regex(column, _BEGINS), marked, column)


__all__ = ["FORMULA", "write_csv"]
