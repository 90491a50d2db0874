"""One subject's packed events as bytes, to be kept and scored again without packing anew.

The bytes are true for one scheme (its digest stands in front) and one version of this layout; a
plan that numbers its kinds and words otherwise cannot read them by mistake.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from xinyong.engine.plan import Plan, plan_of
from xinyong.engine.single import Packed
from xinyong.errors import EventsRefused
from xinyong.scheme.model import Scheme

LAYOUT: Final = b"xinyong.packed/1"
_WIDTHS: Final = {1: np.int8, 4: np.int32, 8: np.int64}


def carried(subject: Packed) -> bytes:
    """The arrays of a packed subject, one after the other, each on a border of eight bytes."""
    arrays = [subject.table_of(n) for n in range(len(subject.plan.columns) + 4)]
    parts = [_head(subject.plan, subject.rows, len(arrays))]
    for array in arrays:
        data = array[: subject.rows].tobytes()
        parts.append(struct.pack("<q", array.itemsize) + data + b"\0" * (-len(data) % 8))
    return b"".join(parts)


def _head(plan: Plan, rows: int, columns: int) -> bytes:
    return LAYOUT + bytes.fromhex(plan.scheme.digest) + struct.pack("<qq", rows, columns)


def unpacked(scheme: Scheme, data: bytes, *, subject: str) -> Packed:
    """What :func:`carried` wrote, ready to be scored; the arrays lie in ``data`` itself.

    Raises EventsRefused where the bytes are of another scheme or layout.
    """
    from xinyong.engine.compiled import Memory

    plan = plan_of(scheme, quick=False)
    size = len(LAYOUT) + 32 + 16
    rows, columns = struct.unpack_from("<qq", data, size - 16) if len(data) >= size else (-1, -1)
    if rows < 0 or data[:size] != _head(plan, rows, len(plan.columns) + 4):
        raise EventsRefused(
            "these packed events belong to another scheme or version",
            where=subject,
            mend="pack the subject's events again",
        )
    memory = Memory(columns)
    place = size
    for column in range(columns):
        (width,) = struct.unpack_from("<q", data, place)
        values = np.frombuffer(data, _WIDTHS[width], rows, place + 8)
        memory.numpy(column, values if rows else np.zeros(1, _WIDTHS[width]))
        place += 8 + rows * width + -(rows * width) % 8
    numbers = np.arange(len(plan.kinds))
    memory.alive.append(numbers)
    memory.table[0, 4] = numbers.ctypes.data
    return Packed(subject, plan, None, rows, memory.table, memory.alive)


__all__ = ["LAYOUT", "carried", "unpacked"]
