"""Intake: files of events become one events table; what does not fit is set aside.

Only the face, the demo and the command line open this door. ``docs/intake.md`` tells users what
happens to each kind of bad input.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xinyong.days import from_instant, local_day
from xinyong.errors import IntakeRefused
from xinyong.records import mapping as mapping_documents
from xinyong.records.aside import AsideFile, Faults, Reason
from xinyong.records.checking import check_mapping
from xinyong.records.duplicates import Once
from xinyong.records.files import Bytes, Given, broken, find
from xinyong.records.forms import Csv
from xinyong.records.reading_csv import read_csv
from xinyong.records.reading_jsonl import read_jsonl
from xinyong.records.reading_parquet import read_parquet
from xinyong.records.rules import Batch, Plan, stored
from xinyong.records.shape import EventShape
from xinyong.records.sorting import sorted_batches
from xinyong.records.table import IN_ORDER, STAMP, schema

ORDER: Final = ("subject", "happened_at", "recorded_at", "id")
GROUP_ROWS: Final = 131_072
"""Rows in a row group of the table that is written."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What an intake did. ``rows`` are the rows read, of which ``set_aside`` rows gave nothing."""

    rows: int
    events: int
    duplicates: int
    aside: Mapping[Reason, int]
    files: tuple[str, ...]
    subjects: int
    first_day: date | None
    last_day: date | None

    @property
    def set_aside(self) -> int:
        """How many rows (and repeated records that contradict) were set aside."""
        return sum(self.aside.values())


def take_in(
    paths: Sequence[Path | str],
    shape: EventShape,
    *,
    mapping: mapping_documents.Mapping | None,
    out: Path,
    rejects: Path,
    progress: Progress | None = None,
) -> IntakeReport:
    """Read files of events and write the events table ``out`` and the set-aside rows ``rejects``.

    ``paths`` are files, folders or globs; with a mapping they may be left to it. ``progress`` is
    called with bytes read and bytes in all. Both files are replaced at the very end, together.

    Raises :class:`IntakeRefused` (or :class:`MappingRefused`) if anything but single rows is wrong;
    then neither file has changed.
    """
    out, rejects = Path(out), Path(rejects)
    if mapping is not None:
        check_mapping(mapping, shape)
    _check_targets(out, rejects)
    files = find(paths, mapping, (out, rejects))
    zone = (mapping.document.zone if mapping is not None else None) or shape.zone
    try:
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise _unwritable(out.parent, error) from None
    try:
        with (work / "aside").open("w", encoding="utf-8") as aside_file:
            run = _Run(shape, files, AsideFile(aside_file), progress)
            plans = [Plan(shape, zone, given.entry) for given in files]
            report = run.write(plans, work)
            _settle(aside_file)
        _replace(work, out, rejects)
    except OSError as error:
        raise _unwritable(out, error) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return report


def read_events(path: Path | str) -> pa.Table:
    """An events table from Parquet, as it is; metadata :data:`IN_ORDER` says if it is in order.

    Raises :class:`IntakeRefused` if the file cannot be read or has no subject, kind and moment.
    """
    path = Path(path)
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise broken(
            path, "this cannot be read as an events table",
            why=getattr(error, "strerror", None) or str(error)[:200],
            mend="make it with intake, or check the path",
        ) from None  # fmt: skip
    for name in ("subject", "kind", "happened_at"):
        if name not in table.column_names:
            raise broken(
                path, f"the column '{name}' is missing",
                why="an events table has subject, kind and happened_at",
                mend="make it with intake and a mapping",
            )  # fmt: skip
    return table


def _check_targets(out: Path, rejects: Path) -> None:
    if out.resolve() == rejects.resolve():
        raise IntakeRefused(
            "events and set-aside rows cannot share a file", where=str(out),
            why="nothing was changed", mend="name two files",
        )  # fmt: skip
    for path in (out, rejects):
        if path.is_dir():
            raise broken(path, "a folder has this name", mend="name a file")
        if not path.parent.is_dir():
            raise broken(path, "the folder for this file does not exist", mend="make it first")
        if not os.access(path.parent, os.W_OK):
            raise broken(
                path, "there is no right to write here", mend="choose another folder for the output"
            )


def _unwritable(path: Path, error: OSError) -> IntakeRefused:
    return broken(
        path, "the result cannot be written", why=error.strerror or str(error)[:300],
        mend="check the folder, its rights and the space that is left",
    )  # fmt: skip


def _settle(file: IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _replace(work: Path, out: Path, rejects: Path) -> None:
    """Put both results in place. The set-aside rows may lie on another disk, so they go next to
    their place first."""
    beside = rejects.with_name(f".{rejects.name}.{work.name}")
    try:
        shutil.move(work / "aside", beside)
        os.replace(work / "events", out)
        os.replace(beside, rejects)
    finally:
        beside.unlink(missing_ok=True)


class _Run:
    """One intake on its way."""

    def __init__(
        self, shape: EventShape, files: list[Given], aside: AsideFile, progress: Progress | None
    ) -> None:
        self.shape, self.files, self.aside = shape, files, aside
        self.rows = 0
        self._progress = progress
        self._before = 0
        self._sizes = [_size(given.path) for given in files]

    def write(self, plans: list[Plan], work: Path) -> IntakeReport:
        """Sort, settle duplicates and write ``events`` into the work folder."""
        once = Once(self._put_event_aside)
        layout = schema(self.shape).with_metadata(IN_ORDER)
        inside = stored(self.shape)
        first = last = None
        events = 0
        ordered = sorted_batches(inside, self._events(plans), ORDER, work / "spill")
        with pq.ParquetWriter(
            work / "events", layout, compression="zstd", write_statistics=True
        ) as writer:
            for table in _in_groups(once.pass_on(ordered), inside):
                span = pc.min_max(table["happened_at"]).as_py()
                first = span["min"] if first is None else min(first, span["min"])
                last = span["max"] if last is None else max(last, span["max"])
                events += table.num_rows
                writer.write_table(_finished(table, layout), row_group_size=GROUP_ROWS)
        return IntakeReport(
            rows=self.rows,
            events=events,
            duplicates=once.dropped,
            aside=dict(sorted(self.aside.counts.items())),
            files=tuple(str(given.path) for given in self.files),
            subjects=once.subjects,
            first_day=None if first is None else local_day(first, self.shape.zone),
            last_day=None if last is None else local_day(last, self.shape.zone),
        )

    def _events(self, plans: list[Plan]) -> Iterator[pa.RecordBatch]:
        """The events of all files in the stored schema; bad rows are set aside on the way."""
        spot = stored(self.shape).get_field_index("#file")
        for number, (given, plan) in enumerate(zip(self.files, plans, strict=True)):
            for batch in self._batches(given, plan):
                faults = Faults()
                events = plan.events(batch, faults)
                self._set_aside(str(given.path), batch, faults)
                for part in events:
                    which = pa.array(np.full(part.num_rows, number, np.int32))
                    yield part.set_column(spot, part.schema.field(spot), which)
            self._before += self._sizes[number]
            self._tell(0)

    def _batches(self, given: Given, plan: Plan) -> Iterator[Batch]:
        needed, required, unknown = plan.needed(), plan.required(), plan.unknown
        closed = plan.entry is None
        if given.format == "parquet":
            return read_parquet(given.path, needed, required, unknown, self._tell, closed=closed)
        source = Bytes(given.path, self._tell)
        if given.format == "jsonl":
            return read_jsonl(source, needed, unknown, closed=closed)
        options = plan.entry.csv if plan.entry is not None else Csv()
        return read_csv(source, options, needed, required, unknown, closed=closed)

    def _set_aside(self, file: str, batch: Batch, faults: Faults) -> None:
        self.rows += batch.table.num_rows + len(batch.refused)
        found = [
            (int(batch.lines[row]), reason, text, batch.raw(row))
            for row, (reason, text) in faults.of.items()
        ]
        for line, reason, text, raw in sorted([*batch.refused, *found], key=lambda item: item[0]):
            self.aside.put(file, line, reason, text, raw)

    def _put_event_aside(self, row: dict[str, Any], reason: Reason, text: str) -> None:
        shown = {k: v for k, v in row.items() if v is not None and not k.startswith("#")}
        for name in ("happened_at", "recorded_at", "struck_at"):
            if name in shown:
                shown[name] = from_instant(shown[name]).isoformat()
        path = str(self.files[row["#file"]].path)
        self.aside.put(path, row["#line"], reason, text, shown)

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            total = sum(self._sizes)
            self._progress(min(self._before + done, total), total)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _in_groups(tables: Iterator[pa.Table], layout: pa.Schema) -> Iterator[pa.Table]:
    """The same rows in tables of exactly ``GROUP_ROWS`` rows, so that the file's bytes depend on
    the events alone."""
    held = layout.empty_table()
    for table in tables:
        held = pa.concat_tables([held, table])
        while held.num_rows >= GROUP_ROWS:
            yield held.slice(0, GROUP_ROWS).combine_chunks()
            held = held.slice(GROUP_ROWS)
    if held.num_rows:
        yield held.combine_chunks()


def _finished(table: pa.Table, layout: pa.Schema) -> pa.Table:
    """Rows of the stored schema as rows of an events table."""
    arrays = []
    for item in layout:
        column = table[item.name].combine_chunks()
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if item.type == STAMP or item.type == pa.date32():
            column = column.cast(item.type)
        elif pa.types.is_decimal(item.type):
            column = _millionths(column, item.type)
        arrays.append(column)
    return pa.Table.from_arrays(arrays, schema=layout)


def _millionths(column: pa.Array, type_: pa.DataType) -> pa.Array:
    """Whole millionths as decimals with six places: the same integers, held in 128 bits."""
    low = pc.fill_null(column, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    wide = np.empty((len(low), 2), np.int64)
    wide[:, 0], wide[:, 1] = low, low >> 63
    mask = pc.is_valid(column)
    plain = pa.Array.from_buffers(type_, len(low), [None, pa.py_buffer(wide.tobytes())])
    return pc.if_else(mask, plain, pa.scalar(None, type_))
