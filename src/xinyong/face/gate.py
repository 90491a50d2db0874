"""The gate before every score: what the charter refuses runs on people who do not exist alone.

The engine knows no law. This is the one place above it where a scheme, the events it is to be run
on, a place and a day meet the charter. There is no way around it from here or from the shell.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xinyong.errors import RealRecords
from xinyong.face.events import parquet_files

if TYPE_CHECKING:
    from xinyong.charter.check import Report
    from xinyong.scheme.model import Scheme

MARK: Final = b"xinyong.synthetic"
"""Key of the schema metadata that our own generator writes."""
NAMES: Final = "synthetic:"
"""How the names of all subjects begin that our own generator draws."""
_AFTER: Final = "synthetic;"
"""The first text after all that begin with :data:`NAMES`."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Leave to score: ``report`` is the charter's, ``lab`` whether only synthetic events pass."""

    report: Report
    lab: bool

    @property
    def said(self) -> str:
        """What is said to whoever asked, empty for a scheme that may be run on anyone."""
        if not self.lab:
            return ""
        return (
            f"{self.report.scheme} {self.report.version}: {self.report.verdict};"
            " run on synthetic events alone"
        )


def admit(
    scheme: Scheme,
    events: object,
    *,
    day: date,
    place: str | Iterable[str] | None = None,
    mapping: object = None,
) -> Admission:
    """Let a scheme be run on events, or refuse.

    ``place`` is where it would be used (default: the places of its own ``jurisdiction``), ``day``
    the last day of scoring. A scheme for the lab, and one that the charter refuses there and then,
    pass on synthetic events alone: Parquet files or Arrow tables that carry our generator's mark,
    all subjects of which bear its names. Raises RealRecords with every finding.
    """
    from xinyong.charter.approval import refusal
    from xinyong.charter.check import check, home

    report = check(scheme, home(scheme) if place is None else place, day)
    if not report.refused:
        return Admission(report, lab=False)
    if mapping is None and synthetic(events):
        return Admission(report, lab=True)
    refused = refusal(report)
    raise RealRecords(
        f"{refused.what}; and these events are not synthetic",
        findings=report.findings,
        where=os.fspath(events) if isinstance(events, (str, os.PathLike)) else "events",
        why="a scheme that may not decide about people is run on people who do not exist",
        mend="draw a town with 'xinyong demo' or xinyong.draw_town, or mend the scheme:"
        " 'xinyong charter' names each finding with its place",
    )


def synthetic(events: object) -> bool:
    """Whether events were drawn by our own generator: its mark, and its names on every subject."""
    if isinstance(events, (str, os.PathLike)):
        files = parquet_files(events)
        return bool(files) and all(_synthetic_file(file) for file in files)
    if not isinstance(events, pa.Table) or MARK not in (events.schema.metadata or {}):
        return False
    return "subject" in events.column_names and _all_named(events["subject"])


def _all_named(subjects: pa.ChunkedArray) -> bool:
    named = pc.starts_with(subjects.cast(pa.string()), NAMES)
    return subjects.null_count == 0 and pc.all(named, min_count=0).as_py() is True


def _synthetic_file(path: Path) -> bool:
    """A Parquet file's own statistics say where its names begin and end; else they are read."""
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            if MARK not in (schema.metadata or {}) or "subject" not in schema.names:
                return False
            column = schema.names.index("subject")
            for number in range(file.num_row_groups):
                held = file.metadata.row_group(number).column(column)
                statistics = held.statistics if held.path_in_schema == "subject" else None
                if statistics is not None and statistics.has_min_max:
                    low, high = str(statistics.min), str(statistics.max)
                    if statistics.null_count == 0 and low >= NAMES and high < _AFTER:
                        continue
                if not _all_named(file.read_row_group(number, columns=["subject"])["subject"]):
                    return False
    except (pa.ArrowException, OSError):
        return False
    return True
