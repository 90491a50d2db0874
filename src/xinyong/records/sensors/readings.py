"""Intake of readings: files or rows become one series for each registered instrument.

CSV, JSON Lines and Parquet (also packed by gzip) are read by the same readers as events. A row that
does not fit is set aside with its file, line and reason; a broken file stops everything. Values
become whole thousandths without passing through a float. Nothing is mended: a reading in another
unit of the same medium is converted because its row says so, never because it looks like it.

========== =========================================================== ======================
column     holds                                                       if absent or empty
========== =========================================================== ======================
instrument the registered name                                         the row is set aside
moment     the full hour; without an offset in the zone that is given  the row is set aside
value      the reading                                                 set aside, if normal
unit       ``ug/m3``, ``mg/L`` ...                                     as registered
status     a letter of HJ 212 (:class:`~.instrument.Status`)           ``N``, normal
firm       the organisation's code                                     as registered
substance  what is measured                                            as registered
========== =========================================================== ======================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.errors import IntakeRefused
from xinyong.records import columns, moments
from xinyong.records.aside import Faults, Reason
from xinyong.records.files import Bytes, Given, find
from xinyong.records.forms import Csv
from xinyong.records.reading_csv import read_csv
from xinyong.records.reading_jsonl import read_jsonl
from xinyong.records.reading_parquet import read_parquet
from xinyong.records.rows import Rows, clean
from xinyong.records.rules import Batch
from xinyong.records.sensors.gridding import Columns, gridded
from xinyong.records.sensors.instrument import HOUR, UNITS, Instrument, Status, plain_unit
from xinyong.records.sensors.series import Mask, Series, State, Whole
from xinyong.records.sensors.troubles import Trouble
from xinyong.terms import FIXED_FIELD_LIMIT, MICRO

NEEDED: Final = frozenset({"instrument", "moment", "value"})
KNOWN: Final = NEEDED | {"unit", "status", "firm", "substance"}

UNKNOWN_INSTRUMENT: Final = "unknown-instrument"
NO_VALUE: Final = "no-value"
OTHER_MEDIUM: Final = "unit-of-another-medium"
UNKNOWN_UNIT: Final = "unknown-unit"
UNKNOWN_STATUS: Final = "unknown-status"
OTHER_FIRM: Final = "instrument-of-another-firm"
OTHER_SUBSTANCE: Final = "instrument-of-another-substance"
BELOW_NOTHING: Final = "less-than-nothing"
BETWEEN_HOURS: Final = "between-hours"
FAR_OFF: Final = "outside-days"

_LOST: Final = {
    UNKNOWN_INSTRUMENT: "no instrument of that name is registered",
    NO_VALUE: "a normal reading without a value",
    OTHER_MEDIUM: "the unit is not one of what this instrument measures",
    UNKNOWN_UNIT: "the unit is not known: " + ", ".join(UNITS),
    UNKNOWN_STATUS: "the status is no letter of HJ 212: " + " ".join(Status),
    OTHER_FIRM: "the instrument is registered for another organisation",
    OTHER_SUBSTANCE: "the instrument is registered for another substance",
    BELOW_NOTHING: "a concentration below 0",
    FAR_OFF: "a moment before 1900 or after 2199, or none",
    BETWEEN_HOURS: "the moment is not a full hour",
}


@dataclass(frozen=True, slots=True)
class SetAside:
    """One row that was not taken in: where it stands, why, and the row as it was."""

    file: str
    line: int
    reason: str
    text: str
    row: object


@dataclass(frozen=True, slots=True)
class Taken:
    """What an intake of readings gave. ``rows`` were read; those in ``aside`` are in no series."""

    series: Mapping[str, Series]
    aside: tuple[SetAside, ...]
    troubles: tuple[Trouble, ...]
    rows: int


def take_readings(
    paths: Sequence[Path | str], instruments: Mapping[str, Instrument], *, zone: ZoneInfo
) -> Taken:
    """Read files of readings (files, folders or globs) of registered instruments.

    Raises :class:`~xinyong.errors.IntakeRefused` for a file that is broken, has no column
    ``instrument``, ``moment`` or ``value``, or has one that is not known.
    """
    take = _Take(instruments, zone)
    with no_mapping():
        for given in find(paths, None, ()):
            for batch in _batches(given):
                take.batch(str(given.path), batch)
    return take.result()


@contextmanager
def no_mapping() -> Iterator[None]:
    """Refusals of a file that say how to mend it where there is neither mapping nor scheme."""
    try:
        yield
    except IntakeRefused as error:
        what = error.what.replace("belongs to no field of the scheme", "is none of those known")
        mend = error.mend.replace(", remove it, or describe the file by a mapping", " or remove it")
        if "csv: {" in mend:
            mend = "write it as UTF-8 text, or as Parquet under a name that ends in .parquet"
        raise IntakeRefused(what, where=error.where, why=error.why, mend=mend) from None


def readings_from_rows(
    rows: Iterable[Mapping[str, object]], instruments: Mapping[str, Instrument], *, zone: ZoneInfo,
    name: str = "rows",
) -> Taken:  # fmt: skip
    """The same from rows in memory; their lines count from 1. Values are read as their text."""
    given = list(rows)
    texts = [{key: None if v is None else str(v) for key, v in row.items()} for row in given]
    columns_ = sorted(KNOWN & {key for row in texts for key in row})
    arrays = [clean(pa.array([row.get(c) for row in texts], pa.string()), ()) for c in columns_]
    take = _Take(instruments, zone)
    if texts and arrays:
        table = pa.RecordBatch.from_arrays(arrays, names=columns_)
        lines = np.arange(1, len(texts) + 1)
        take.batch(name, Batch(table, lines, lambda row: dict(given[row])))
    return take.result()


def _batches(given: Given) -> Iterator[Batch]:
    needed, required = set(KNOWN), set(NEEDED)
    if given.format == "parquet":
        return read_parquet(given.path, needed, required, (), _quiet, closed=True)
    source = Bytes(given.path, _quiet)
    if given.format == "jsonl":
        return read_jsonl(source, needed, (), closed=True)
    return read_csv(source, Csv(), needed, required, (), closed=True)


def _quiet(done: int) -> None:
    """Nobody is told how far the reading is."""


@dataclass(slots=True)
class _Take:
    """Readings on their way in."""

    instruments: Mapping[str, Instrument]
    zone: ZoneInfo
    rows: int = 0
    aside: list[SetAside] = field(default_factory=list)
    parts: dict[str, list[Columns]] = field(default_factory=dict)

    def batch(self, file: str, batch: Batch) -> None:
        """Take in the rows of one batch; each goes in whole or is set aside."""
        count = batch.table.num_rows
        self.rows += count + len(batch.refused)
        faults = Faults()
        rows = Rows(batch.table, np.arange(count), faults)
        found = self._converted(rows)
        lost = {spot: (why, _LOST[why]) for why in reversed(_LOST) for spot in found.lost[why]}
        lost |= {spot: (why.value, text) for spot, (why, text) in faults.of.items()}
        told = [
            SetAside(file, int(batch.lines[spot]), why, text, batch.raw(spot))
            for spot, (why, text) in lost.items()
        ]
        told += [
            SetAside(file, line, why.value, text, raw) for line, why, text, raw in batch.refused
        ]
        self.aside += sorted(told, key=lambda one: one.line)
        good = np.ones(count, np.bool_)
        good[list(lost)] = False
        names = np.array(found.names, dtype=object)
        for name in sorted(set(names[good])):
            mine = good & (names == name)
            part = Columns(
                file, batch.lines[mine], found.moment[mine], found.value[mine],
                found.state[mine], found.other_unit[mine],
            )  # fmt: skip
            self.parts.setdefault(name, []).append(part)

    def result(self) -> Taken:
        """The series of all instruments that have readings."""
        series, troubles = {}, []
        for name in sorted(self.parts):
            made, odd, again = gridded(self.instruments[name], self.parts[name])
            series[name] = made
            troubles += odd
            self.aside += [
                SetAside(
                    file, line, Reason.SAME_ID.value, "the hour has another value already", row
                )
                for file, line, row in again
            ]
        return Taken(series, tuple(self.aside), tuple(troubles), self.rows)

    def _converted(self, rows: Rows) -> _Converted:
        """All columns of a batch as arrays, with the rows that cannot be used by reason."""
        names = rows.text("instrument").to_pylist()
        known = [self.instruments.get(name or "") for name in names]
        lost: dict[str, set[int]] = {why: set() for why in _LOST}

        def lose(why: str, spots: Iterable[int]) -> None:
            lost[why].update(int(spot) for spot in spots)

        lose(UNKNOWN_INSTRUMENT, (spot for spot, one in enumerate(known) if one is None))
        units = [plain_unit(text) if text else "" for text in rows.text("unit").to_pylist()]
        lose(UNKNOWN_UNIT, (spot for spot, unit in enumerate(units) if unit is None))
        state, odd = _states(rows)
        lose(UNKNOWN_STATUS, odd)
        for column, why in (("firm", OTHER_FIRM), ("substance", OTHER_SUBSTANCE)):
            said = rows.text(column).to_pylist()
            lose(why, (n for n, (t, k) in enumerate(zip(said, known, strict=True))
                       if t and k is not None and t != getattr(k, column)))  # fmt: skip
        moment, timed = _plain(moments.moments(rows, rows.text("moment"), self.zone, "moment"))
        first, last = moments.bounds(self.zone)
        lose(FAR_OFF, np.flatnonzero(~timed | (moment < first) | (moment > last)))
        lose(BETWEEN_HOURS, np.flatnonzero(timed & (moment % HOUR != 0)))
        most = FIXED_FIELD_LIMIT * MICRO
        micro, valued = _plain(
            columns.numbers(rows, rows.text("value"), "value", places=6, limit=most)
        )
        lose(NO_VALUE, np.flatnonzero(~valued & (state == State.GOOD)))
        value, other_unit = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_)
        for spot, (one, unit) in enumerate(zip(known, units, strict=True)):
            if one is None or unit is None:
                continue
            meant = UNITS[unit or one.unit]
            if meant.medium != one.medium:
                lose(OTHER_MEDIUM, [spot])
                continue
            whole, rest = divmod(int(micro[spot]) * meant.thousandths, MICRO)
            if rest:
                text = f"value: finer than a thousandth of the unit ({unit or one.unit})"
                rows.faults.add([spot], Reason.TOO_MANY_DECIMALS, text)
            if whole < 0 and one.is_concentration:
                lose(BELOW_NOTHING, [spot])
            value[spot], other_unit[spot] = whole, bool(unit) and unit != one.unit
        return _Converted(names, moment, value, state, other_unit, lost)


@dataclass(frozen=True, slots=True)
class _Converted:
    names: list[str | None]
    moment: Whole
    value: Whole
    state: np.ndarray[Any, np.dtype[np.uint8]]
    other_unit: Mask
    lost: Mapping[str, set[int]]


def _states(rows: Rows) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], list[int]]:
    """Good or marked by the status letter of each row, and the rows whose letter is none."""
    letters = {status.value for status in Status}
    texts = [(text or "N").upper() for text in rows.text("status").to_pylist()]
    normal = np.array([text == Status.NORMAL for text in texts], np.bool_)
    state = np.where(normal, State.GOOD, State.MARKED).astype(np.uint8)
    return state, [spot for spot, text in enumerate(texts) if text not in letters]


def _plain(array: pa.Array) -> tuple[Whole, Mask]:
    """Integers, 0 where unknown, and which are known."""
    known = pc.is_valid(array).to_numpy(zero_copy_only=False)
    return pc.fill_null(array, 0).to_numpy(zero_copy_only=False), known
