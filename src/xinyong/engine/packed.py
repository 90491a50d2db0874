"""A plan's tables in one array, for compiled code.

Table *k* of :class:`~xinyong.engine.plan_tables.Tables` starts at ``P[3 k]``, has rows of
``P[3 k + 1]`` numbers and ``P[3 k + 2]`` rows. One array instead of fifty keeps the compiler quick.
"""

from __future__ import annotations

import numpy as np

from xinyong.engine.compiling import Vector, compiled
from xinyong.engine.machine import Int
from xinyong.engine.plan_tables import Tables

CODE = 0
SETS = 1
PROGRAMS = 2
PERIODS = 3
PARAM_START = 4
PARAM_DAY = 5
PARAM_VALUE = 6
KIND_GROUP = 7
GROUP_CELL = 8
GROUP_TABLE = 9
GROUP_SLOT = 10
CELL_SOURCE = 11
CELL_BOUND = 12
CELL_STRIDE = 13
BOUNDS = 14
CLASS_TABLE = 15
CLASS_SLOT = 16
SLOT_OP = 17
SLOT_SOURCE = 18
STREAM_OP = 19
STREAM_SLOT = 20
STREAM_SLOTS = 21
STREAM_ROW = 22
MULTI = 23
MULTI_START = 24
MULTI_ROWS = 25
RUNS = 26
PLAIN = 27
PLAIN_SLOT = 28
GROUP_CLASS = 29
GROUP_DISTINCT = 30
DISTINCT_SLOT = 31
DISTINCT_SOURCE = 32
DISTINCT_ALWAYS = 33
MEMBERS = 34
VARIABLE = 35
KNOWN_START = 36
KNOWN_STREAM = 37
SHARE_START = 38
SHARE_STREAM = 39
SLOW = 40
QUICK = 41
SEGMENT = 42
QUICK_STEP = 43
SLOW_LINE = 44
START = 45
LINE = 46
ROW = 47
DIMENSION = 48
BAND = 49
VETO = 50
LISTS = 51
GROUND_START = 52
GROUND = 53
CONSEQUENCE = 54
SPECIAL_START = 55
SPECIAL = 56
CUTTING = 57
TALLY = 58
TALLY_READER_START = 59
TALLY_READER = 60
TAKEN_START = 61
TAKEN = 62
CROSSING = 63
LEAN_START = 64
LEAN = 65
KNOWN_TALLY_START = 66
KNOWN_TALLY = 67
LINE_TALLY = 68
GROUND_TALLY_START = 69
GROUND_TALLY = 70
AGED = 71
AGE_START = 72
AGE = 73
ASKED = 74
LOOKED_UP_START = 75
LOOKED_UP = 76
COMPUTED = 77
NEED_START = 78
NEED = 79
LIMITS = 80


def pack(tables: Tables) -> Int:
    """The tables of a plan as one array; each begins at an address that 64 bytes divide."""
    head, at = [], _whole_lines(3 * len(tables))
    for table in tables:
        head += [at, table.shape[1] if table.ndim > 1 else 1, table.shape[0]]
        at += _whole_lines(table.size)
    room = np.zeros(at + 8, np.int64)
    begin = -room.ctypes.data % 64 // 8
    packed = room[begin : begin + at]
    packed[: len(head)] = head
    for place, table in zip(head[::3], tables, strict=True):
        packed[place : place + table.size] = table.ravel()
    return packed


def _whole_lines(numbers: int) -> int:
    return -(-numbers // 8) * 8


@compiled
def one(P: Vector, table: int, row: int) -> int:
    """Entry of a table with one number a row."""
    return P[P[3 * table] + row]


@compiled
def cell(P: Vector, table: int, row: int, place: int) -> int:
    """Entry of a table with several numbers a row."""
    return P[P[3 * table] + row * P[3 * table + 1] + place]


@compiled
def size_of(P: Vector, table: int) -> int:
    """How many rows a table has."""
    return P[3 * table + 2]
