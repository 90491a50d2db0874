"""Events from wherever they are: a path or a table."""

from __future__ import annotations

import glob
import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xinyong.engine.shape import shape_of
from xinyong.errors import EventsRefused, IntakeRefused, QuestionRefused
from xinyong.face import frames
from xinyong.face.schemes import SchemeLike, load
from xinyong.records.event import Event
from xinyong.records.shape import EventShape
from xinyong.records.table import to_events
from xinyong.scheme.model import Scheme

PathLike = str | os.PathLike[str]


def read_events(
    path: PathLike,
    scheme: SchemeLike,
    mapping: PathLike | None = None,
    *,
    rejects: PathLike | None = None,
) -> pa.Table:
    """Read CSV, JSON Lines or Parquet files into an events table, sorted and without repetitions.

    ``path`` is a file, a folder or a glob; ``mapping`` the document that says how rows become
    events (not needed where the columns already have the names of docs/intake.md). Rows that do
    not fit are written to ``rejects`` with line and reason; without it one refuses the whole.

    Raises SchemeRefused, IntakeRefused and MappingRefused.
    """
    return _take_in(path, shape_of(load(scheme)), mapping, rejects)


def _take_in(
    path: PathLike, shape: EventShape, mapping: PathLike | None, rejects: PathLike | None
) -> pa.Table:
    from xinyong.records.intake import take_in
    from xinyong.records.mapping import read_mapping

    with tempfile.TemporaryDirectory(prefix="xinyong-") as folder:
        out, aside = Path(folder, "events.parquet"), Path(folder, "aside.jsonl")
        report = take_in(
            [os.fspath(path)],
            shape,
            mapping=None if mapping is None else read_mapping(os.fspath(mapping)),
            out=out,
            rejects=aside if rejects is None else Path(rejects),
        )
        if report.set_aside and rejects is None:
            count = report.set_aside
            raise IntakeRefused(
                f"{count:,} of {report.rows:,} rows do not fit:"
                f" {', '.join(f'{n:,} {reason}' for reason, n in report.aside.items())}",
                where=os.fspath(path),
                why="rows are not left out in silence",
                mend="give rejects='aside.jsonl' to write them there and go on without them",
            )
        return pq.read_table(out)


def parquet_files(path: PathLike) -> list[Path]:
    """The Parquet files behind a path (a file, a folder or a glob); empty if it holds others.

    Raises EventsRefused where there is nothing at all.
    """
    text = os.fspath(path)
    if os.path.isdir(text):
        found = sorted(file for file in Path(text).rglob("*") if file.is_file())
        found = [file for file in found if not file.name.startswith((".", "_"))]
    elif os.path.exists(text):
        found = [Path(text)]
    else:
        found = [Path(name) for name in sorted(glob.glob(text, recursive=True))]
    if not found:
        raise EventsRefused(
            "there are no events here",
            where=text,
            why="no such file, folder or glob, or nothing in it",
            mend="give a Parquet, CSV or JSON Lines file, a folder of them, or a glob",
        )
    return found if all(file.suffix == ".parquet" for file in found) else []


def table_of(
    events: object,
    scheme: Scheme,
    *,
    mapping: PathLike | None = None,
    subject: str | None = None,
    shape: EventShape | None = None,
) -> pa.Table:
    """Events from a path or a table as one Arrow table that fits the scheme (or ``shape``).

    With ``subject``, the events of that subject alone.
    """
    shape = shape or shape_of(scheme)
    if not isinstance(events, (str, os.PathLike)):
        if mapping is not None:
            raise QuestionRefused(
                "a mapping goes with a path",
                where="mapping",
                why="a table is taken as it is",
                mend="rename its columns, or give the path of the file",
            )
        table = frames.arrow(events, shape)
    elif mapping is None and (files := parquet_files(events)):
        return _of_files(files, shape, subject)
    else:
        table = _take_in(events, shape, mapping, None)
    return table if subject is None else _only(frames.numbered(table), subject)


def _only(table: pa.Table, subject: str) -> pa.Table:
    return table.filter(pc.equal(table["subject"], pa.scalar(subject, pa.string())))


def _of_files(files: list[Path], shape: EventShape, subject: str | None) -> pa.Table:
    """The rows of Parquet files; only those of one subject are ever held, if one is asked for."""
    parts, row = [], 0
    for path in files:
        try:
            with pq.ParquetFile(path) as file:
                frames.check_names(file.schema_arrow.names, shape, str(path))
                for group in range(file.num_row_groups):
                    table = frames.fit(file.read_row_group(group), shape, where=str(path))
                    if subject is not None:
                        table = _only(frames.numbered(table, row), subject)
                    row += file.metadata.row_group(group).num_rows
                    parts.append(table)
                if file.num_row_groups == 0:
                    parts.append(frames.fit(file.read(), shape, where=str(path)))
        except (pa.ArrowException, OSError) as error:
            raise EventsRefused(
                "the file cannot be read as Parquet",
                where=str(path),
                why=str(error).splitlines()[0][:200],
                mend="fetch or write it again; CSV and JSON Lines are known by their endings",
            ) from None
    joined = pa.concat_tables(parts, promote_options="default")
    # Several files, each in order, are not in order as a whole.
    return joined if len(files) == 1 else joined.replace_schema_metadata(None)


def events_of(
    events: object, scheme: Scheme, *, subject: str, mapping: PathLike | None = None
) -> list[Event]:
    """The events of one subject; raises QuestionRefused if there is none."""
    table = table_of(events, scheme, mapping=mapping, subject=subject)
    if table.num_rows == 0:
        raise QuestionRefused(
            f"no event speaks of the subject '{subject[:80]}'",
            where="subject",
            why="a score is explained from the records of one subject",
            mend="check the spelling; letters, case and blanks all count",
        )
    return to_events(table, shape_of(scheme))
