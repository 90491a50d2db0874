"""Reading Arrow's buffers from compiled code, without a copy.

A column is described by the address of its values, how wide they are, the address of its
validity bits (0 if nothing is null), the offset of its first row, and, for words, the address of
a look-up table from dictionary codes to the plan's codes.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from xinyong.engine.compiling import Grid, compiled

UNKNOWN = -(2**63)


def _loader(bits: int) -> Any:
    @intrinsic
    def load(typingctx: Any, address: Any, index: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            width = ir.IntType(bits)
            pointer = builder.inttoptr(args[0], width.as_pointer())
            value = builder.load(builder.gep(pointer, [args[1]]))
            return builder.sext(value, ir.IntType(64)) if bits < 64 else value

        return types.int64(types.int64, types.int64), codegen

    return load


load8, load16, load32, load64 = (_loader(bits) for bits in (8, 16, 32, 64))


def _add64(typingctx: Any, address: Any, index: Any, value: Any) -> Any:
    """Add to the 64-bit integer at a place."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        place = builder.gep(pointer, [args[1]])
        builder.store(builder.add(builder.load(place), args[2]), place)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


add64: Any = intrinsic(_add64)


def _put64(typingctx: Any, address: Any, index: Any, value: Any) -> Any:
    """Set the 64-bit integer at a place."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        builder.store(args[2], builder.gep(pointer, [args[1]]))
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


put64: Any = intrinsic(_put64)


@compiled
def bit(address: int, index: int) -> int:
    """Bit ``index`` of a bitmap."""
    return (load8(address, index >> 3) >> (index & 7)) & 1


@compiled
def read(columns: Grid, column: int, row: int) -> int:
    """Value of a column at a row, as a 64-bit integer; unknown where null.

    ``columns`` has a row per column: values, width in bits, validity, offset, look-up table.
    """
    at = row + columns[column, 3]
    if columns[column, 2] != 0 and bit(columns[column, 2], at) == 0:
        return UNKNOWN
    width = columns[column, 1]
    base = columns[column, 0]
    if width == 64:
        value = load64(base, at)
    elif width == 32:
        value = load32(base, at)
    elif width == 8:
        value = load8(base, at)
    elif width == 16:
        value = load16(base, at)
    elif width == 1:
        value = bit(base, at)
    else:
        value = load64(base, at * 2)
    if columns[column, 4] != 0:
        value = load64(columns[column, 4], value)
    return value


@compiled
def kind_at(columns: Grid, row: int) -> int:
    """Kind of an event: column 0, codes of 8 or 32 bits without nulls, looked up."""
    at = row + columns[0, 3]
    code = load8(columns[0, 0], at) if columns[0, 1] == 8 else load32(columns[0, 0], at)
    return load64(columns[0, 4], code)


@compiled
def day_at(columns: Grid, row: int) -> int:
    """Local day of an event: column 1, 32 bits wide, without nulls."""
    return load32(columns[1, 0], row + columns[1, 3])


@compiled
def instant_at(columns: Grid, column: int, row: int) -> int:
    """Instant of recording (column 2) or striking out (3): 64 bits wide, without nulls."""
    return load64(columns[column, 0], row)
