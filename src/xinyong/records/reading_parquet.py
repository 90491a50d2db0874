"""Parquet files as batches of text columns, read piece by piece within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xinyong.errors import IntakeRefused
from xinyong.records.aside import Reason
from xinyong.records.columns import TEXT_LIMIT
from xinyong.records.files import FREE, RATIO, broken, unreadable
from xinyong.records.forms import near
from xinyong.records.rows import clean
from xinyong.records.rules import Batch

_ROWS: Final = 16_384
PIECE: Final = 8 << 20
"""Bytes of text that are unfolded at a time; one row alone may have more."""

_CUT: Final = 200
"""Characters that are kept of a text too long."""

_LEAST: Final = 4
"""Bytes that any value takes once it is unfolded."""


# What the reader raises for damaged files; the names in a file may not even be text.
_BROKEN: Final = (pa.ArrowException, OSError, MemoryError, ValueError, LookupError, OverflowError)


def read_parquet(
    path: Path, needed: set[str], required: set[str], unknown: tuple[str, ...],
    progress: Callable[[int], None], *, closed: bool,
) -> Iterator[Batch]:  # fmt: skip
    """Read a Parquet file; ``closed`` refuses columns that are not among the needed ones.

    Every value becomes the shortest text that says it exactly, so all formats mean the same. Raises
    :class:`IntakeRefused` if the file is broken.
    """
    try:
        size = path.stat().st_size
        with pq.ParquetFile(path) as file:
            names = _checked(path, file.schema_arrow, needed, required, closed)
            _within_bounds(path, size, file.metadata, len(names))
        texts = [n for n in names if _is_text(file.schema_arrow.field(n).type)]
        with pq.ParquetFile(path, read_dictionary=texts, pre_buffer=False) as file:
            total, row, texted = max(file.metadata.num_rows, 1), 0, 0
            for batch in file.iter_batches(batch_size=_ROWS, columns=names, use_threads=False):
                batch.validate(full=True)
                for piece, long in _pieces(batch):
                    texted += long
                    if texted > max(FREE, RATIO * size):
                        raise _too_much(path, f"{size} bytes become more than {texted} of text")
                    yield _batch(piece, row + 1, unknown)
                    row += piece.num_rows
                progress(size * row // total)
    except FileNotFoundError as error:
        raise unreadable(path, error) from None
    except _BROKEN as error:
        if isinstance(error, PermissionError):
            raise unreadable(path, error) from None
        raise broken(
            path, "the Parquet file is damaged, or it is no Parquet file",
            why=str(error)[:200] or type(error).__name__, mend="fetch or write the file again",
        ) from None  # fmt: skip


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _checked(
    path: Path, schema: pa.Schema, needed: set[str], required: set[str], closed: bool
) -> list[str]:
    """The columns to read, in a fixed order."""
    for name in sorted(required - set(schema.names)):
        raise broken(
            path, f"the column '{name}' is missing",
            why=f"the file has {len(schema.names)} columns",
            mend=near(name, schema.names),
        )  # fmt: skip
    for name in schema.names:
        if closed and name not in needed:
            raise broken(
                path, f"the column '{name[:60]}' belongs to no field of the scheme",
                why="a misspelt column would lose data in silence",
                mend=f"{near(name, sorted(needed))} Rename it, remove it, "
                "or describe the file by a mapping",
            )  # fmt: skip
    names = [name for name in schema.names if name in needed]
    for name in names:
        if schema.names.count(name) > 1:
            raise broken(path, f"two columns are called '{name}'", mend="rename one of them")
        if not _plain(schema.field(name).type):
            raise broken(
                path, f"the column '{name}' holds {schema.field(name).type}",
                why="a column holds plain values: text, numbers, days, moments, true or false",
                mend="write it as one of these",
            )  # fmt: skip
    return names


def _plain(type_: pa.DataType) -> bool:
    types = pa.types
    if types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return bool(
        _is_text(type_)
        or types.is_integer(type_)
        or types.is_floating(type_)
        or types.is_decimal(type_)
        or types.is_boolean(type_)
        or types.is_date(type_)
        or types.is_timestamp(type_)
        or types.is_null(type_)
    )


def _within_bounds(path: Path, size: int, metadata: pq.FileMetaData, columns: int) -> None:
    """Refuse small files that unfold to something huge: by rows and columns, before reading."""
    unfolded = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    rows = metadata.num_rows
    if max(unfolded, rows * max(columns, 1) * _LEAST) > max(FREE, RATIO * size):
        raise _too_much(path, f"{size} bytes become {unfolded} bytes and {rows} rows")


def _too_much(path: Path, why: str) -> IntakeRefused:
    return broken(
        path, "the file unfolds to far more than it should",
        why=why, mend="look what it holds; write it anew without a dictionary if it is right",
    )  # fmt: skip


def _pieces(batch: pa.RecordBatch) -> Iterator[tuple[pa.RecordBatch, int]]:
    """A batch in pieces of about :data:`PIECE` bytes of text, and how many each has.

    A dictionary holds a word once, however many rows say it: its length counts for each of them.
    Words that are too long count as what is left when they are cut.
    """
    widths = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            known = pc.binary_length(column.dictionary)
            known = pc.if_else(pc.greater(known, TEXT_LIMIT), _CUT, known)
            widths += pc.fill_null(known.take(column.indices), 0).to_numpy(zero_copy_only=False)
    ends = np.cumsum(widths)
    start, before = 0, 0
    while start < batch.num_rows:
        end = max(int(np.searchsorted(ends, before + PIECE, side="right")), start + 1)
        yield batch.slice(start, end - start), int(ends[end - 1]) - before
        start, before = end, int(ends[end - 1])


def _batch(batch: pa.RecordBatch, first: int, unknown: tuple[str, ...]) -> Batch:
    count = batch.num_rows
    long = np.zeros(count, dtype=bool)
    arrays = []
    for name in batch.schema.names:
        text, bad = _text(batch.column(name))
        if bad is not None:
            long |= bad
        arrays.append(clean(text, unknown))
    if not arrays:
        arrays, names = [pa.nulls(count, pa.string())], ["#none"]
    else:
        names = batch.schema.names
    table = pa.RecordBatch.from_arrays(arrays, names=names)
    refused: list[tuple[int, Reason, str, object]] = []
    lines = np.arange(first, first + count, dtype=np.int64)
    if long.any():
        told = f"a text is longer than {TEXT_LIMIT} bytes"
        for spot in np.flatnonzero(long):
            shown = {name: table.column(name)[int(spot)].as_py() for name in names}
            refused.append((int(lines[spot]), Reason.TOO_LONG, told, shown))
        table = table.filter(pa.array(~long))
        lines = lines[~long]

    def raw(row: int) -> dict[str, object]:
        return {name: table.column(name)[row].as_py() for name in table.schema.names}

    return Batch(table, lines, raw, refused)


def _text(column: pa.Array) -> tuple[pa.Array, np.ndarray | None]:
    """A column as text, and which rows are too long to be unfolded (None: no row)."""
    type_ = column.type
    if pa.types.is_dictionary(type_):
        words = column.dictionary.cast(pa.string())
        longer = pc.greater(pc.binary_length(words), TEXT_LIMIT)
        bad = None
        if pc.any(longer).as_py():
            # A few long words, repeated, would fill the memory: they are cut before unfolding.
            bad = pc.fill_null(longer.take(column.indices), False).to_numpy(zero_copy_only=False)
            words = pc.if_else(longer, pc.utf8_slice_codeunits(words, 0, _CUT), words)
        return words.take(column.indices), bad
    if pa.types.is_timestamp(type_):
        zone = None if type_.tz is None else "UTC"
        column = pc.cast(column, pa.timestamp("us", zone), safe=False)
    elif pa.types.is_date(type_):
        column = pc.cast(column, pa.date32())
    elif pa.types.is_null(type_):
        return pa.nulls(len(column), pa.string()), None
    return pc.cast(column, pa.string()), None
