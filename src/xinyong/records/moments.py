"""Columns of text become columns of moments and days.

Whole columns are converted at once where their texts look as they should; the few others are read
one by one by ``read_moment`` and ``read_day``, which define the meaning. Results are Arrow arrays
with null for unknown: moments int64 microseconds since 1970-01-01T00:00Z, days int32.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.days import (
    FIRST_DAY,
    LAST_DAY,
    day_number,
    end_of_day,
    instant,
    local_day,
    start_of_day,
)
from xinyong.records.aside import Reason, RowFault, clip
from xinyong.records.rows import Array, Rows, mask_of, whole
from xinyong.terms import MICRO

_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"[ T](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?"
_NAIVE = f"^{_DAY}(?:{_CLOCK})?$"
_OFFSET = f"^{_DAY}{_CLOCK}(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)$"


def read_moment(text: str, zone: ZoneInfo, format: str | None = None, plus: int = 0) -> int:
    """One moment from text, in microseconds since 1970-01-01T00:00Z.

    A day is its first instant in ``zone``, and a moment without an offset is in ``zone``. ``plus``
    calendar days are added to the local day. Raises :class:`RowFault`.
    """
    try:
        moment = _moment(text, format)
        if plus:
            if moment.tzinfo is not None:
                moment = moment.astimezone(zone).replace(tzinfo=None)
            moment += timedelta(days=plus)
        return instant(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))
    except OverflowError:
        raise outside(text) from None
    except ValueError:
        raise RowFault(
            Reason.UNREADABLE_MOMENT,
            f"{clip(text)} is not a moment"
            + (f" written as {format}" if format else "; write 2016-12-31 or 2016-12-31T09:30:00"),
        ) from None


def outside(text: object) -> RowFault:
    """The fault of a day before the first or after the last."""
    return RowFault(Reason.DAY_OUTSIDE, f"{clip(text)} is outside {FIRST_DAY} to {LAST_DAY}")


def _moment(text: str, format: str | None) -> datetime:
    if not text.isascii():
        raise ValueError(text)
    if format is None:
        return datetime.fromisoformat(text)
    if format not in ("unix", "unix_ms"):
        return datetime.strptime(text, format)
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,6}0*)?", text):
        raise ValueError(text)
    micro = int(Decimal(text) * (MICRO if format == "unix" else 1000))
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micro)


@lru_cache(maxsize=200_000)
def _offset(day: str, zone: ZoneInfo) -> tuple[bool, int | None]:
    """Whether the day exists, and the zone's offset (microseconds) if it is the same all day."""
    try:
        found = date.fromisoformat(day)
        start = datetime(found.year, found.month, found.day)
        ends = (start, start + timedelta(hours=12), start + timedelta(days=1))
        offsets = {m.replace(tzinfo=zone, fold=f).utcoffset() for m in ends for f in (0, 1)}
    except (ValueError, OverflowError):
        return False, None
    only = offsets.pop()
    if offsets or only is None:
        return True, None
    return True, (only.days * 86_400 + only.seconds) * MICRO + only.microseconds


def _by_day(text: Array, zone: ZoneInfo) -> tuple[np.ndarray, np.ndarray]:
    """For each text that starts with a day: does it exist; the offset, or -1 where it varies."""
    coded = pc.utf8_slice_codeunits(text, 0, 10).dictionary_encode()
    known = [_offset(day, zone) for day in coded.dictionary.to_pylist()]
    exists = np.array([found for found, _ in known], dtype=bool)
    offsets = np.array([-1 if value is None else value for _, value in known], dtype=np.int64)
    codes = coded.indices.to_numpy(zero_copy_only=False)
    return exists[codes], offsets[codes]


def moments(rows: Rows, text: Array, zone: ZoneInfo, name: str, format: str | None = None) -> Array:
    """A column of moments: int64 microseconds since 1970-01-01T00:00Z."""
    known = mask_of(pc.is_valid(text))
    if format is not None:
        return whole(rows.each(text, known, lambda t: read_moment(t, zone, format), name), known)
    out = np.zeros(len(text), np.int64)
    done = np.zeros(len(text), dtype=bool)
    for pattern, aware in ((_NAIVE, False), (_OFFSET, True)):
        spots = np.flatnonzero(mask_of(pc.match_substring_regex(text, pattern)))
        if not len(spots):
            continue
        exists, offsets = _by_day(text.take(pa.array(spots)), zone)
        good = exists if aware else exists & (offsets != -1)
        spots = spots[good]
        stamp = pa.timestamp("us", tz="UTC" if aware else None)
        cast = pc.cast(pc.cast(text.take(pa.array(spots)), stamp), pa.int64())
        out[spots] = cast.to_numpy(zero_copy_only=False) - (0 if aware else offsets[good])
        done[spots] = True
    rest = rows.each(text, known & ~done, lambda t: read_moment(t, zone), name)
    return whole(np.where(done, out, rest), known)


def days(rows: Rows, text: Array, zone: ZoneInfo, name: str, format: str | None = None) -> Array:
    """A column of days: int32 days since 1970-01-01; of a moment its day in ``zone``."""
    known = mask_of(pc.is_valid(text))
    if format is None:
        naive = pc.match_substring_regex(text, _NAIVE)
        text = pc.if_else(naive, pc.utf8_slice_codeunits(text, 0, 10), text)
    found = rows.each(text, known, lambda t: read_day(t, zone, format), name)
    return whole(found, known, pa.int32())


def read_day(text: str, zone: ZoneInfo, format: str | None = None, plus: int = 0) -> int:
    """One day from text, as days since 1970-01-01. Raises :class:`RowFault`."""
    try:
        day = local_day(read_moment(text, zone, format, plus), zone)
    except RowFault as fault:
        if fault.reason is Reason.UNREADABLE_MOMENT:
            raise RowFault(Reason.WRONG_TYPE, fault.text.replace("moment", "day", 1)) from None
        raise
    except OverflowError:
        raise outside(text) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise outside(text)
    return day_number(day)


def moved(
    rows: Rows, text: Array, plus: Array, zone: ZoneInfo, name: str, format: str | None = None
) -> Array:
    """A column of moments moved by whole days (int64), row by row; unknown if either is unknown."""
    known = mask_of(pc.and_(pc.is_valid(text), pc.is_valid(plus)))
    out = np.zeros(len(text), np.int64)
    memo: dict[tuple[str, int], int | RowFault] = {}
    texts, steps = text.to_pylist(), plus.to_pylist()
    for spot in np.flatnonzero(known):
        key = (texts[spot], steps[spot])
        if key not in memo:
            try:
                memo[key] = read_moment(key[0], zone, format, key[1])
            except RowFault as fault:
                memo[key] = fault
        found = memo[key]
        if isinstance(found, RowFault):
            rows.faults.add([rows.numbers[spot]], found.reason, f"{name}: {found.text}")
        else:
            out[spot] = found
    return whole(out, known)


def local_days(moments_: Array, zone: ZoneInfo) -> Array:
    """The local day of each moment, int32 days since 1970-01-01."""
    known = mask_of(pc.is_valid(moments_))
    values = pc.fill_null(moments_, 0).to_numpy(zero_copy_only=False)
    unique, codes = np.unique(values, return_inverse=True)
    found = [day_number(local_day(int(value), zone)) for value in unique]
    return whole(np.array(found, np.int32)[codes], known, pa.int32())


@lru_cache(maxsize=64)
def bounds(zone: ZoneInfo) -> tuple[int, int]:
    """First and last instant (microseconds) of the days of the house in a zone."""
    return start_of_day(FIRST_DAY, zone), end_of_day(LAST_DAY, zone)


def within_days(rows: Rows, moments_: Array, zone: ZoneInfo, name: str) -> None:
    """Note a fault where a moment's local day lies outside the days of the house."""
    first, last = bounds(zone)
    bad = pc.or_(pc.less(moments_, first), pc.greater(moments_, last))
    rows.fault(bad, Reason.DAY_OUTSIDE, f"{name}: the day is outside {FIRST_DAY} to {LAST_DAY}")
