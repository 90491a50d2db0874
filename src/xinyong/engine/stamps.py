"""Instants and local days of whole columns, and when each event counts as known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.days import (
    FIRST_DAY,
    LAST_DAY,
    day_number,
    end_of_day,
    from_day_number,
    from_instant,
)
from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan import Plan
from xinyong.errors import EventsRefused
from xinyong.records.table import STAMP

DAY_US: Final = 86_400_000_000


def micros(array: pa.Array, plan: Plan) -> Int:
    """Instants of a stamp column, in microseconds; unknown where null.

    A day is its first instant in the scheme's zone; a moment without a zone is read in it.
    """
    kind = array.type
    if pa.types.is_date(kind):
        days = array.cast(pa.date32()).cast(pa.int32())
        local = np.asarray(days.fill_null(0)).astype(np.int64) * DAY_US
        found = _from_local(local, plan)
    elif pa.types.is_timestamp(kind):
        if kind.tz is None:
            values = array.cast(pa.timestamp("us")).cast(pa.int64())
            found = _from_local(np.asarray(values.fill_null(0)), plan)
        else:
            found = np.asarray(array.cast(STAMP).cast(pa.int64()).fill_null(0))
    elif pa.types.is_int64(kind):
        found = np.asarray(array.fill_null(0))
    else:
        raise EventsRefused(
            f"a moment is given as {kind}",
            why="moments are Arrow timestamps or dates",
            mend="take the file in with 'xinyong intake', which reads text as moments",
        )
    if array.null_count:
        found = np.where(np.asarray(array.is_null()), UNKNOWN, found)
    return np.ascontiguousarray(found, np.int64)


@lru_cache(maxsize=16)
def _offsets(zone: ZoneInfo) -> tuple[Int, Int, Int]:
    """Instants from which each offset of a zone holds, the wall clock then, and the offsets.

    All in microseconds. Offsets are sampled every five days and the turns found by halving.
    """

    def offset(instant: int) -> int:
        found = from_instant(instant).astimezone(zone).utcoffset()
        assert found is not None
        return round(found.total_seconds()) * 1_000_000

    first = (day_number(FIRST_DAY) - 2) * DAY_US
    starts, offsets = [-(2**62)], [offset(first)]
    for here in range(first, (day_number(LAST_DAY) + 3) * DAY_US, 5 * DAY_US):
        if offset(here) != offsets[-1]:
            low, high = here - 5 * DAY_US, here
            while high - low > 1_000_000:
                middle = (low + high) // 2_000_000 * 1_000_000
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            starts.append(high)
            offsets.append(offset(high))
    # a wall-clock time that comes twice, or never, takes the offset from before the turn
    walls = [-(2**62)] + [
        start + max(pair) for start, pair in zip(starts[1:], pairwise(offsets), strict=True)
    ]
    return np.array(starts, np.int64), np.array(walls, np.int64), np.array(offsets, np.int64)


def _from_local(local: Int, plan: Plan) -> Int:
    """Instants of local times (us since 1970-01-01T00:00 on the wall clock)."""
    _, walls, offsets = _offsets(plan.scheme.zone)
    return local - offsets[np.searchsorted(walls, local, "right") - 1]


def local_days(instants: Int, plan: Plan) -> npt.NDArray[np.int32]:
    """The day each instant falls on in the scheme's zone, as day numbers."""
    starts, _, offsets = _offsets(plan.scheme.zone)
    if len(instants) == 0:
        return np.zeros(0, np.int32)
    low, high = np.searchsorted(starts, [instants.min(), instants.max()], "right") - 1
    if low == high:
        shifted = instants + offsets[low]
    else:
        shifted = instants + offsets[np.searchsorted(starts, instants, "right") - 1]
    return (shifted // DAY_US).astype(np.int32)


def clocks(
    plan: Plan, arrays: Mapping[str, pa.Array], instants: Int | None, known: Int, days: Int
) -> tuple[Int | None, Int | None]:
    """Instants of recording and of striking out, each None where it cannot matter.

    Without ``recorded_at`` an event is recorded when it happens: that matters only where some
    ``known_by`` lies before the end of its day.
    """
    recorded: Int | None = None
    if "recorded_at" in arrays:
        recorded = micros(arrays["recorded_at"], plan)
        if (recorded == UNKNOWN).any():
            if instants is None:
                instants = micros(arrays["happened_at"], plan)
            recorded = np.where(recorded == UNKNOWN, instants, recorded)
    elif len(known):
        asked, place = np.unique(days, return_inverse=True)
        zone = plan.scheme.zone
        ends = np.array([end_of_day(from_day_number(d), zone) for d in asked.tolist()], np.int64)
        if (known < ends[place.ravel()]).any():
            recorded = instants if instants is not None else micros(arrays["happened_at"], plan)
    struck: Int | None = None
    if "struck_at" in arrays:
        stamp = arrays["struck_at"]
        if pa.types.is_int64(stamp.type) and stamp.null_count == 0:
            struck = np.asarray(stamp)
        elif stamp.null_count < len(stamp):
            struck = micros(stamp, plan)
        if struck is not None and (struck == UNKNOWN).all():
            struck = None
    return recorded, struck
