"""A whole folder of readings: register, intake, calibration, flags, list for inspection.

The folder holds ``instruments.csv``, the register, and files of readings beside it. The register
has the columns ``instrument, firm, substance, unit, resolution, limit, beside``: resolution and
limit in the unit, limit empty where there is none, ``beside`` the names of independent instruments
of other organisations, with semicolons between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from xinyong.errors import IntakeRefused, QuestionRefused, XinyongError
from xinyong.records.aside import RowFault
from xinyong.records.columns import read_number
from xinyong.records.files import Bytes, broken, ending
from xinyong.records.forms import Csv
from xinyong.records.reading_csv import read_csv
from xinyong.records.sensors.calibrating import calibrate
from xinyong.records.sensors.fitted import NOT_JUDGED
from xinyong.records.sensors.flags import Flag, Priorities, prioritise
from xinyong.records.sensors.instrument import HOUR, UNITS, WEEK, Instrument, plain_unit
from xinyong.records.sensors.kinds import PER_10000, Kind
from xinyong.records.sensors.readings import Taken, no_mapping, take_readings
from xinyong.records.sensors.series import Watched, watched, weeks, years_of

REGISTER: Final = "instruments.csv"
_COLUMNS: Final = ("instrument", "firm", "substance", "unit", "resolution", "limit", "beside")


@dataclass(frozen=True, slots=True)
class Registered:
    """The register: instruments by name, and which independent ones stand beside each."""

    instruments: Mapping[str, Instrument]
    beside: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What a folder gave: the intake, flags, the list, and what could not be judged, with why.

    ``tries`` is how many weeks and kinds were judged of each firm that was looked at, flagged or
    not; whoever passes the flags on passes these on too.
    """

    taken: Taken
    flags: tuple[Flag, ...]
    tries: Mapping[str, int]
    priorities: Priorities
    not_judged: Mapping[str, str]


def examine_folder(
    folder: Path, *, genuine_until: int, zone: ZoneInfo, kinds: tuple[Kind, ...] = tuple(Kind)
) -> Examined:
    """Take in a folder, calibrate on what came before an instant, and flag weeks after it.

    ``genuine_until`` (microseconds since 1970-01-01T00:00Z) ends the record that is taken for
    genuine, because it was inspected or compared; nothing here can know that. Weeks follow each
    other from there on. Moments without an offset are in ``zone``. Nothing is written.

    Raises :class:`~xinyong.errors.IntakeRefused` for a folder without a register, or a broken file.
    """
    register = read_register(folder / REGISTER)
    paths = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ending(path) and path != folder / REGISTER
    ]
    taken = take_readings(paths, register.instruments, zone=zone)
    flags: list[Flag] = []
    tries = {one.firm: 0 for name, one in register.instruments.items() if name in taken.series}
    not_judged = {}
    for name, series in taken.series.items():
        if not series.instrument.is_concentration:
            continue
        others = (taken.series[o] for o in register.beside[name] if o in taken.series)
        try:
            found, tried = examine(watched(series, tuple(others)), genuine_until, kinds)
        except QuestionRefused as error:
            not_judged[name] = f"{error.what}: {error.why}"
            continue
        flags += found
        tries[series.instrument.firm] += tried
    tries = {firm: count for firm, count in tries.items() if count}
    return Examined(taken, tuple(flags), tries, prioritise(flags, tries), not_judged)


def examine(
    record: Watched, genuine_until: int, kinds: tuple[Kind, ...] = tuple(Kind)
) -> tuple[list[Flag], int]:
    """Flags of one instrument's weeks after an instant, and how many weeks and kinds were judged.

    A noisy copy is not told of a week that is flagged as copied: it says the same once more.
    """
    own = record.own
    cut = min(max(0, (genuine_until - own.start) // HOUR), len(own))
    part = np.full(len(own), -1, np.int64)
    part[:cut] = years_of(cut)
    starts = weeks(own, 1)
    starts = starts[(starts >= cut) & ((starts - cut) % WEEK == 0)]
    found: dict[tuple[int, Kind], Flag] = {}
    tried = 0
    for calibration in calibrate(record, part, kinds):
        scores = calibration.fitted.scores(record, starts)
        tried += int(np.count_nonzero(scores > NOT_JUDGED))
        for start in starts[scores > calibration.threshold]:
            found[int(start), calibration.kind] = Flag(
                firm=own.instrument.firm,
                instrument=own.instrument.id,
                substance=own.instrument.substance,
                kind=calibration.kind,
                start=own.moment(int(start)),
                end=own.moment(int(start) + WEEK),
                evidence=calibration.fitted.words(record, int(start)),
                false_alarms_per_10000=PER_10000,
            )
    kept = {
        key: flag
        for key, flag in found.items()
        if key[1] is not Kind.NOISY_COPY or (key[0], Kind.COPIED) not in found
    }
    return [kept[key] for key in sorted(kept)], tried


@no_mapping()
def read_register(path: Path) -> Registered:
    """Read the register of instruments. Raises :class:`~xinyong.errors.IntakeRefused`."""
    instruments: dict[str, Instrument] = {}
    beside: dict[str, tuple[str, ...]] = {}
    source = Bytes(path, lambda done: None)
    required = set(_COLUMNS) - {"limit", "beside"}
    for batch in read_csv(source, Csv(), set(_COLUMNS), required, (), closed=True):
        if batch.refused:
            line, _, text, _ = batch.refused[0]
            raise broken(f"{path}:{line}", text, mend="mend the register; it is read whole")
        for line, row in zip(batch.lines, batch.table.to_pylist(), strict=True):
            where = f"{path}:{line}"
            one = _instrument(row, where)
            if one.id in instruments:
                raise broken(where, f"'{one.id}' is registered twice", mend="name each once")
            instruments[one.id] = one
            beside[one.id] = tuple(
                filter(None, map(str.strip, (row.get("beside") or "").split(";")))
            )
    for name, others in beside.items():
        for other in others:
            if other not in instruments:
                raise broken(path, f"'{other}' beside '{name}' is not registered",
                             mend="register it, or leave it out")  # fmt: skip
            if instruments[other].firm == instruments[name].firm:
                raise broken(path, f"'{other}' beside '{name}' is of the same organisation",
                             why="who changes the one could change the other",
                             mend="name an independent instrument")  # fmt: skip
    return Registered(instruments, beside)


def _instrument(row: Mapping[str, str | None], where: str) -> Instrument:
    unit = plain_unit(row["unit"] or "")
    if unit is None:
        raise broken(where, "the unit is not known", mend="write one of " + ", ".join(UNITS))
    try:
        return Instrument(
            row["instrument"] or "", row["firm"] or "", row["substance"] or "", unit,
            _thousandths(row["resolution"] or "", unit),
            _thousandths(row["limit"], unit) if row.get("limit") else None,
        )  # fmt: skip
    except RowFault as error:
        raise broken(where, error.text, mend="write a number of the unit") from None
    except XinyongError as error:
        raise IntakeRefused(error.what, where=where, why=error.why, mend=error.mend) from None


def _thousandths(text: str | None, unit: str) -> int:
    places = len(str(UNITS[unit].thousandths)) - 1
    return read_number(text or "", places, 10**12)
