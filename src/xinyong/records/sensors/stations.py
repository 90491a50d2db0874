"""Public hourly air quality of two stations in Beijing, as genuine readings to be judged on.

The table is the UCI set "Beijing Multi-Site Air-Quality" (hourly, March 2013 to February 2017). In
the copy at hand its gaps were filled by straight lines before we had it: 3 % of the hours lie
exactly on a line between their neighbours, off the instrument's steps. Such hours are no readings
and are taken out again here; so is a single value held for longer than two weeks. Shorter flat
fills cannot be told from readings and stay in. From 4 to 17 March 2013 both stations give ozone as
plateaus of about a day (94 µg/m³ for 24 hours, 77 for 24), which no ozone does: they are no hourly
readings and are taken out too. Carbon monoxide comes in steps of 100 µg/m³, cut to 1,399 or 1,899
for a time; such values are put back on their step.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.csv as arrow_csv

from xinyong.days import instant
from xinyong.records import uscc
from xinyong.records.sensors.instrument import DAY, Instrument
from xinyong.records.sensors.series import Floats, Mask, Series, State, Watched, watched
from xinyong.records.sensors.troubles import stretches

SUBSTANCES: Final = ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3")
STATIONS: Final = ("Aotizhongxin", "Dingling")
"""One in the north of the city, one at its edge, some 35 km apart."""

_WEATHER: Final = {"TEMP": "degC", "PRES": "hPa", "DEWP": "degC", "WSPM": "m/s"}
_COARSE: Final = 100_000
_FINE: Final = 1_000
_LONGEST: Final = 14 * DAY
_LIMIT_AT: Final = 0.9
_FIRST: Final = datetime(2013, 3, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
_OZONE_BY_DAY: Final = slice(3 * DAY, 17 * DAY)
"""Hours of the record in which ozone is held for a day at a time."""

_CUT: Final = 1.0
"""How far (µg/m³) a value of carbon monoxide may lie off its step by being cut."""


def read_stations(folder: Path) -> dict[tuple[str, str], Watched]:
    """Both stations' six instruments, each with all of the other station beside it.

    ``folder`` holds the two files. The limit of each instrument is the value that a tenth of its
    readings exceed, in whole steps: air has no permit, and capping needs something to stay under.
    """
    tables = {name: _station(folder, name, f"1299999900000{n}") for n, name in enumerate(STATIONS)}
    found = {}
    for name, other in zip(STATIONS, reversed(STATIONS), strict=True):
        for substance in SUBSTANCES:
            own = tables[name][substance]
            found[name, substance] = watched(own, tuple(tables[other].values()))
    return found


def _station(folder: Path, name: str, stem: str) -> dict[str, Series]:
    (path,) = folder.glob(f"*_{name}_*.csv.gz")
    options = arrow_csv.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True)
    table = arrow_csv.read_csv(path, convert_options=options)
    firm = uscc.with_check_digits(stem.ljust(16, "0"))
    found = {}
    for column in (*SUBSTANCES, *_WEATHER):
        shown = table[column].to_numpy().astype(np.float64)
        out = np.isnan(shown)
        step = _COARSE if column == "CO" else _FINE
        if column == "CO":
            shown = _on_steps(shown, step / 1000)
        if column in SUBSTANCES:
            out |= filled(shown, step / 1000) | _held_too_long(shown)
        if column == "O3":
            out[_OZONE_BY_DAY] = True
        values = np.rint(np.nan_to_num(shown) * 1000).astype(np.int64)
        limit = None
        if column in SUBSTANCES:
            limit = int(np.quantile(values[~out], _LIMIT_AT)) // step * step
        instrument = Instrument(
            f"{name} {column}", firm, column, _WEATHER.get(column, "ug/m3"), step, limit
        )
        state = np.where(out, State.MISSING, State.GOOD).astype(np.uint8)
        found[column] = Series(instrument, instant(_FIRST), values, state)
    return found


def _on_steps(shown: Floats, step: float) -> Floats:
    """Values that lie within a cut of a whole step are put on it."""
    near = np.rint(shown / step) * step
    return np.where(np.abs(near - shown) <= _CUT, near, shown)


def filled(shown: Floats, step: float = 1.0) -> Mask:
    """Hours inside a stretch that is exactly straight and holds a value between the steps.

    ``shown`` are values in µg/m³, in whole ``step`` where they were read; NaN is in no stretch.
    """
    with np.errstate(invalid="ignore"):
        bend = np.abs(np.diff(shown, 2)) < 1e-6 * np.maximum(1.0, np.abs(shown[1:-1]))
        off = np.abs(shown - np.rint(shown / step) * step) > 1e-9
    found = np.zeros(len(shown), np.bool_)
    for first, last in stretches(bend):
        inner = slice(first + 1, last + 1)
        found[inner] = off[inner].any()
    return found


def _held_too_long(shown: Floats) -> Mask:
    found = np.zeros(len(shown), np.bool_)
    for first, last in stretches(np.diff(shown) == 0):
        if last - first > _LONGEST:
            found[first : last + 1] = True
    return found
