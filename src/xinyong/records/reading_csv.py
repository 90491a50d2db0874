"""CSV files as batches of text columns.

Records are found first, by the parity of quotes, so that every row has its true line number and
its raw text; the values are then split by Arrow. Where Arrow and the records do not agree, each row
is read by itself.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from xinyong.errors import IntakeRefused
from xinyong.records.aside import Reason, clip
from xinyong.records.files import Bytes, broken
from xinyong.records.forms import Csv, near
from xinyong.records.rows import clean
from xinyong.records.rules import Batch

ROW_LIMIT: Final = 1 << 20
"""Most bytes a row may have."""

ENDLESS: Final = 32 << 20
"""A line this long is no line: the file is refused."""

_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


def read_csv(
    source: Bytes, options: Csv, needed: set[str], required: set[str], unknown: tuple[str, ...],
    *, closed: bool,
) -> Iterator[Batch]:  # fmt: skip
    """Read a CSV file; ``closed`` refuses columns that are not among the needed ones.

    Raises :class:`IntakeRefused` if the file is broken.
    """
    reader = _Reader(source.path, options, needed, required, unknown, closed)
    blocks = _text(source, options.encoding)
    rest, line = b"", 1
    for block in blocks:
        rest += block
        records, used = _records(rest, line, source.path, final=False)
        if used:
            yield from reader.batches(rest, records)
            line += rest.count(b"\n", 0, used)
            rest = rest[used:]
        elif len(rest) > ENDLESS:
            raise broken(
                f"{source.path}:{line}", f"a line is longer than {ENDLESS >> 20} MiB",
                why="this does not look like a CSV file with one row a line",
                mend="check the format and the line breaks",
            )  # fmt: skip
    if rest:
        records, _ = _records(rest, line, source.path, final=True)
        yield from reader.batches(rest, records)
    if reader.names is None:
        raise broken(
            source.path, "the file is empty", why="a CSV file starts with a header",
            mend="fetch it again; for no events, leave the header",
        )  # fmt: skip


def _text(source: Bytes, encoding: str) -> Iterator[bytes]:
    """The file as UTF-8, without the mark at its start; wrong encoding and binary are refused."""
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    line, first = 1, True
    for chunk in source.chunks():
        text = _decoded(decoder, chunk, source.path, encoding, line)
        if first and (chunk.startswith(b"PAR1") or "\0" in text.split("\n", 1)[0][:4096]):
            raise broken(
                source.path, "this is not text", why="it holds bytes that no CSV file holds",
                mend="check format and encoding: 'csv: {encoding: utf-16}', 'format: parquet'",
            )  # fmt: skip
        first = first and not text
        if text:
            line += text.count("\n")
            yield text.encode("utf-8")
    _decoded(decoder, b"", source.path, encoding, line, final=True)


def _decoded(
    decoder: codecs.IncrementalDecoder, chunk: bytes, path: Path, encoding: str, line: int,
    *, final: bool = False,
) -> str:  # fmt: skip
    try:
        text = decoder.decode(chunk, final)
        text.encode("utf-8")
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        if isinstance(error, UnicodeDecodeError):
            line += error.object[:start].count(b"\n")
        raise broken(
            f"{path}:{line}", f"the text is not {encoding}",
            mend="say the encoding in a mapping, such as 'csv: {encoding: windows-1252}'",
        ) from None  # fmt: skip
    return text


class Records:
    """Where the records of a block lie: starts, ends (without line break) and line numbers."""

    def __init__(self, starts: np.ndarray, ends: np.ndarray, lines: np.ndarray) -> None:
        self.starts, self.ends, self.lines = starts, ends, lines

    def __len__(self) -> int:
        return len(self.starts)

    def keep(self, mask: np.ndarray) -> Records:
        """Those where the mask is true."""
        return Records(self.starts[mask], self.ends[mask], self.lines[mask])


def _records(block: bytes, line: int, path: Path, *, final: bool) -> tuple[Records, int]:
    """Find the whole records of a block; returns them and how many bytes they take.

    Raises :class:`IntakeRefused` for a quote that is still open after 1 MiB, or at the end.
    """
    data = np.frombuffer(block, np.uint8)
    breaks = np.flatnonzero(data == _NEWLINE)
    inner = breaks
    if b'"' in block:
        quotes = np.flatnonzero(data == _QUOTE)
        odd = np.searchsorted(quotes, breaks) % 2 == 1
        breaks = breaks[~odd]
        tail = int(breaks[-1]) + 1 if len(breaks) else 0
        open_ = (len(quotes) - np.searchsorted(quotes, tail)) % 2 == 1
        gaps = np.diff(np.concatenate([[-1], breaks, [len(block) - 1]]))
        _check_open(block, quotes, breaks, inner, gaps, path, line, final and open_)
    used = int(breaks[-1]) + 1 if len(breaks) else 0
    starts = np.concatenate([[0], breaks[:-1] + 1]) if len(breaks) else np.zeros(0, np.int64)
    ends = breaks
    if final and used < len(block):
        starts, ends = np.append(starts, used), np.append(ends, len(block))
        used = len(block)
    starts, ends = starts.astype(np.int64), ends.astype(np.int64)
    lines = line + np.searchsorted(inner, starts)
    returned = (ends > starts) & (data[np.maximum(ends - 1, 0)] == _RETURN)
    return Records(starts, ends - returned, lines), used


def _check_open(
    block: bytes, quotes: np.ndarray, breaks: np.ndarray, inner: np.ndarray, gaps: np.ndarray,
    path: Path, line: int, at_end: bool,
) -> None:  # fmt: skip
    """Refuse a quote that is never closed: all after it would be swallowed."""
    edges = np.concatenate([[0], breaks + 1])
    for spot in np.flatnonzero(gaps > ROW_LIMIT):
        start, stop = int(edges[spot]), int(edges[spot] + gaps[spot])
        lines = np.searchsorted(inner, stop) - np.searchsorted(inner, start)
        if lines > 1 or at_end:
            raise _unclosed(path, line + int(np.searchsorted(inner, start)))
    if at_end:
        raise _unclosed(path, line + int(np.searchsorted(inner, int(edges[-1]))))


def _unclosed(path: Path, line: int) -> IntakeRefused:
    return broken(
        f"{path}:{line}", "a quote that opens here is never closed",
        why="all that follows would be taken for one value",
        mend='close the quote; a quote inside a value is written twice: ""',
    )  # fmt: skip


class _Reader:
    """Turns records into batches; the first record is the header, if there is one."""

    def __init__(
        self, path: Path, options: Csv, needed: set[str], required: set[str],
        unknown: tuple[str, ...], closed: bool,
    ) -> None:  # fmt: skip
        self.path, self.options, self.unknown = path, options, unknown
        self.needed, self.required, self.closed = needed, required, closed
        self.names: list[str] | None = None
        if options.columns is not None:
            self._name(list(options.columns), 1)

    def _name(self, names: list[str], line: int) -> None:
        names = [name.strip() for name in names]
        where = f"{self.path}:{line}"
        doubled = sorted({name for name in names if name in self.needed and names.count(name) > 1})
        if doubled:
            raise broken(
                where, f"two columns are called {clip(doubled[0])}",
                why="it could not be told which is meant", mend="rename one of them",
            )  # fmt: skip
        for name in sorted(self.required - set(names)):
            raise broken(
                where, f"the column {clip(name)} is missing",
                why=f"the header has {len(names)} columns", mend=near(name, names),
            )  # fmt: skip
        for name in names:
            if self.closed and name not in self.needed:
                raise broken(
                    where, f"the column {clip(name)} belongs to no field of the scheme",
                    why="a misspelt column would lose data in silence",
                    mend=f"{near(name, sorted(self.needed))} Rename it, remove it, "
                    "or describe the file by a mapping",
                )  # fmt: skip
        self.names = names

    def batches(self, block: bytes, records: Records) -> Iterator[Batch]:
        """The batch of a block; none if nothing but the header or empty lines is in it."""
        given = records.ends > records.starts
        dense = bool(given.all())
        records = records.keep(given)
        if self.names is None and len(records):
            head = block[records.starts[0] : records.ends[0]]
            values = None if len(head) > ROW_LIMIT else self._split(head)
            if values is None:
                raise broken(
                    f"{self.path}:{records.lines[0]}", "the header cannot be read",
                    mend="check quotes and line breaks of the first line",
                )  # fmt: skip
            self._name(values, int(records.lines[0]))
            records = records.keep(np.arange(len(records)) > 0)
            dense = False
        if len(records):
            yield self._batch(block, records, dense)

    def _split(self, record: bytes) -> list[str] | None:
        """One record split by the standard reader; None if its quotes are wrong."""
        text = record.decode("utf-8")
        try:
            rows = list(
                csv.reader(
                    io.StringIO(text, newline=""),
                    delimiter=self.options.delimiter,
                    strict=True,
                )
            )
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else None

    def _batch(self, block: bytes, records: Records, dense: bool) -> Batch:
        refused: list[tuple[int, Reason, str, object]] = []
        long = records.ends - records.starts > ROW_LIMIT
        if long.any():
            told = f"the row is longer than {ROW_LIMIT} bytes"
            for spot in np.flatnonzero(long):
                start = int(records.starts[spot])
                begins = block[start : start + 65_536].decode("utf-8", "replace")
                refused.append((int(records.lines[spot]), Reason.TOO_LONG, told, begins))
        if long.any() or not dense:
            kept = records.keep(~long)
            spans = zip(kept.starts.tolist(), kept.ends.tolist(), strict=True)
            block = b"\n".join(block[start:end] for start, end in spans) + b"\n"
            lengths = kept.ends - kept.starts + 1
            starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(kept) else kept.starts
            records = Records(starts, starts + lengths - 1, kept.lines)
        table, spots = self._table(block, records, refused)
        lines, starts, ends = (
            part[spots] for part in (records.lines, records.starts, records.ends)
        )

        def raw(row: int) -> str:
            return block[starts[row] : ends[row]].decode("utf-8", "replace")

        return Batch(table, lines, raw, refused)

    def _table(
        self, block: bytes, records: Records, refused: list[tuple[int, Reason, str, object]]
    ) -> tuple[pa.RecordBatch, np.ndarray]:
        """Columns of the rows that have as many values as there are names; which rows those are."""
        assert self.names is not None
        ragged: list[int] = []

        def skip(row: arrow_csv.InvalidRow) -> str:
            ragged.append(row.number)
            return "skip"

        count = len(records)
        wanted = {i: name for i, name in enumerate(self.names) if name in self.needed}
        keys = [f"c{i}" for i in range(len(self.names))]
        used = [f"c{i}" for i in wanted] or ["c0"]
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(block[: int(records.ends[-1])] if count else b""),
                arrow_csv.ReadOptions(use_threads=False, column_names=keys, block_size=1 << 30),
                arrow_csv.ParseOptions(
                    delimiter=self.options.delimiter, newlines_in_values=b'"' in block,
                    invalid_row_handler=skip, ignore_empty_lines=False,
                ),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(used, pa.string()), include_columns=used,
                    strings_can_be_null=False,
                ),
            )  # fmt: skip
            agrees = table.num_rows + len(ragged) == count and None not in ragged
        except pa.ArrowInvalid:
            agrees = False
        if not agrees or ragged:
            return self._one_by_one(block, records, refused, wanted)
        batch = table.combine_chunks().to_batches()
        arrays = [clean(batch[0].column(f"c{i}"), self.unknown) for i in wanted]
        return _made(arrays, list(wanted.values()), count), np.arange(count)

    def _one_by_one(
        self, block: bytes, records: Records, refused: list[tuple[int, Reason, str, object]],
        wanted: dict[int, str],
    ) -> tuple[pa.RecordBatch, np.ndarray]:  # fmt: skip
        assert self.names is not None
        rows, spots = [], []
        for spot in range(len(records)):
            record = block[records.starts[spot] : records.ends[spot]]
            values = self._split(record)
            if values is not None and len(values) == len(self.names):
                rows.append([values[i] for i in wanted])
                spots.append(spot)
                continue
            reason = Reason.BAD_QUOTES if values is None else Reason.RAGGED
            told = (
                "a quote stands where none can be, or a value is cut by a line break"
                if values is None
                else f"the row has {len(values)} values, there are {len(self.names)} columns"
            )
            raw = record.decode("utf-8", "replace")
            refused.append((int(records.lines[spot]), reason, told, raw))
        arrays = [
            clean(pa.array([row[k] for row in rows], pa.string()), self.unknown)
            for k in range(len(wanted))
        ]
        return _made(arrays, list(wanted.values()), len(rows)), np.array(spots, np.int64)


def _made(arrays: list[pa.Array], names: list[str], count: int) -> pa.RecordBatch:
    """A batch that keeps its number of rows even without columns."""
    if not arrays:
        arrays, names = [pa.nulls(count, pa.string())], ["#none"]
    return pa.RecordBatch.from_arrays(arrays, names=names)
