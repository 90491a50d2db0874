"""Eight numbers at a time, for compiled code: written out for the compiler, which need not guess.

Addresses are those of 64-bit integers. A *vector* is eight of them, or eight of 32 bits, one
after the other; none needs to lie at a round address, all must lie inside the array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 8
_WORD = ir.IntType(64)
_BIT = ir.IntType(1)
_WIDE = ir.VectorType(_WORD, LANES)
_NARROW = ir.VectorType(ir.IntType(32), LANES)


def _load(builder: Any, address: Any, kind: Any, offset: int = 0) -> Any:
    if offset:
        address = builder.add(address, ir.Constant(_WORD, offset))
    return builder.load(builder.inttoptr(address, kind.as_pointer()), align=4)


def _store(builder: Any, value: Any, address: Any) -> None:
    builder.store(value, builder.inttoptr(address, value.type.as_pointer()), align=4)


def _each(builder: Any, count: Any, held: list[Any], body: Callable[[Any, list[Any]], Any]) -> Any:
    """``body(number, held)`` for each number below ``count``; gives what is held at the end."""
    start = builder.block
    test = builder.append_basic_block("test")
    inside = builder.append_basic_block("inside")
    after = builder.append_basic_block("after")
    builder.branch(test)
    builder.position_at_end(test)
    number = builder.phi(_WORD)
    number.add_incoming(ir.Constant(_WORD, 0), start)
    phis = [builder.phi(value.type) for value in held]
    for phi, value in zip(phis, held, strict=True):
        phi.add_incoming(value, start)
    builder.cbranch(builder.icmp_signed("<", number, count), inside, after)
    builder.position_at_end(inside)
    made = body(number, phis)
    number.add_incoming(builder.add(number, ir.Constant(_WORD, 1)), builder.block)
    for phi, value in zip(phis, made, strict=True):
        phi.add_incoming(value, builder.block)
    builder.branch(test)
    builder.position_at_end(after)
    return phis


def _times(builder: Any, number: Any, factor: int) -> Any:
    return builder.mul(number, ir.Constant(_WORD, factor))


def _all(kind: Any, value: int) -> Any:
    return ir.Constant(kind, [value] * LANES)


def _steps(
    typingctx: Any, value: Any, newer: Any, step: Any, vectors: Any, edges: Any, kept: Any
) -> Any:
    """What tables of steps give, summed: for each lane the rises of the edges it reaches.

    The value of a lane is that at ``value`` less that at ``newer``. At ``step`` lie, for each
    vector and each of its ``edges``, eight edges and eight rises of 32 bits; no edge is the least
    number of 32 bits. ``kept``, if not 0, takes the points of each lane as 32 bits.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        value, newer, step, vectors, edges, kept = args
        keeps = builder.icmp_signed("!=", kept, ir.Constant(_WORD, 0))
        nothing = _all(_NARROW, 0)

        def lanes_at(number: Any) -> Any:
            at = _times(builder, number, 8 * LANES)
            lanes = builder.sub(
                _load(builder, builder.add(value, at), _WIDE),
                _load(builder, builder.add(newer, at), _WIDE),
            )
            low, high = _all(_WIDE, -(2**31)), _all(_WIDE, 2**31 - 1)
            lanes = builder.select(builder.icmp_signed("<", lanes, low), low, lanes)
            lanes = builder.select(builder.icmp_signed(">", lanes, high), high, lanes)
            return builder.trunc(lanes, _NARROW)

        def risen(short: Any, found: Any, here: Any, offset: int) -> Any:
            reached = builder.icmp_signed(">=", short, _load(builder, here, _NARROW, offset))
            rise = _load(builder, here, _NARROW, offset + 4 * LANES)
            return builder.add(found, builder.select(reached, rise, nothing))

        def keep(number: Any, found: Any) -> None:
            with builder.if_then(keeps):
                _store(builder, found, builder.add(kept, _times(builder, number, 4 * LANES)))

        def vector_of_two(number: Any, held: list[Any]) -> list[Any]:
            short, here = lanes_at(number), builder.add(step, _times(builder, number, 16 * LANES))
            found = risen(short, risen(short, nothing, here, 0), here, 8 * LANES)
            keep(number, found)
            return [builder.add(held[0], found)]

        def vector(number: Any, held: list[Any]) -> list[Any]:
            short = lanes_at(number)

            def edge(_: Any, inner: list[Any]) -> list[Any]:
                found, here = inner
                after = builder.add(here, ir.Constant(_WORD, 8 * LANES))
                return [risen(short, found, here, 0), after]

            found, here = _each(builder, edges, [nothing, held[1]], edge)
            keep(number, found)
            return [builder.add(held[0], found), here]

        two = builder.icmp_signed("==", edges, ir.Constant(_WORD, 2))
        with builder.if_else(two) as (then, otherwise):
            with then:  # most tables have three rows
                (total_of_two,) = _each(builder, vectors, [nothing], vector_of_two)
                end_of_two = builder.block
            with otherwise:
                total_of_many, _ = _each(builder, vectors, [nothing, step], vector)
                end_of_many = builder.block
        total = builder.phi(_NARROW)
        total.add_incoming(total_of_two, end_of_two)
        total.add_incoming(total_of_many, end_of_many)
        return _sum(builder, builder.sext(total, _WIDE))

    return types.int64(*[types.int64] * 6), codegen


def _sum(builder: Any, lanes: Any) -> Any:
    name, kind = f"llvm.vector.reduce.add.v{LANES}i64", ir.FunctionType(_WORD, [lanes.type])
    function = builder.module.declare_intrinsic(name, (), kind)
    return builder.call(function, [lanes])


def _reached(typingctx: Any, bound: Any, value: Any) -> Any:
    """How many of the eight bounds at an address are at or below a value."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bound, value = args
        none = ir.Constant(_WIDE, ir.Undefined)
        lane = builder.insert_element(none, value, ir.Constant(ir.IntType(32), 0))
        lanes = builder.shuffle_vector(lane, none, _all(_NARROW, 0))
        below = builder.icmp_signed("<=", _load(builder, bound, _WIDE), lanes)
        bits = builder.zext(builder.bitcast(below, ir.IntType(LANES)), _WORD)
        return builder.ctpop(bits)

    return types.int64(types.int64, types.int64), codegen


def _add_row(builder: Any, lanes: int, width: Any, addresses: list[Any], many: Any) -> None:
    """Sets so many vectors, ``width`` bytes apart, to the sum of those at other addresses."""
    kind = ir.VectorType(_WORD, lanes)

    def vector(_: Any, held: list[Any]) -> list[Any]:
        into, *sides = held
        found = _load(builder, sides[0], kind)
        for side in sides[1:]:
            found = builder.add(found, _load(builder, side, kind))
        _store(builder, found, into)
        return [builder.add(address, width) for address in held]

    _each(builder, many, addresses, vector)


def _add_two(typingctx: Any, into: Any, left: Any, right: Any, vectors: Any) -> Any:
    """Sets vectors to the sum of those at two other addresses."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        *addresses, vectors = args
        _add_row(builder, LANES, ir.Constant(_WORD, 8 * LANES), addresses, vectors)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 4), codegen


def _add_lines(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """In each of so many lines, ``width`` bytes apart, sets ``many`` integers to sums of others.

    Addresses are those in the first line. Where ``many`` is odd, one more is set.
    """
    width, lines, *addresses, many = args
    vectors = builder.sdiv(many, ir.Constant(_WORD, LANES))
    left = builder.and_(many, ir.Constant(_WORD, LANES - 1))
    pairs = builder.ashr(builder.add(left, ir.Constant(_WORD, 1)), ir.Constant(_WORD, 1))

    for lanes, columns in ((LANES, vectors), (2, pairs)):

        def column(_: Any, held: list[Any], lanes: int = lanes) -> list[Any]:
            _add_row(builder, lanes, width, held, lines)  # down the lines: a loop without another
            return [builder.add(address, ir.Constant(_WORD, 8 * lanes)) for address in held]

        addresses = _each(builder, columns, addresses, column)
    return context.get_dummy_value()


def _add_two_lines(
    typingctx: Any, width: Any, lines: Any, into: Any, left: Any, right: Any, many: Any
) -> Any:
    """Sets integers to the sum of two others, line by line; see :func:`_add_lines`."""
    return types.void(*[types.int64] * 6), _add_lines


def _add_three_lines(
    typingctx: Any, width: Any, lines: Any, into: Any, left: Any, right: Any, third: Any, many: Any
) -> Any:
    """Sets integers to the sum of three others, line by line; see :func:`_add_lines`."""
    return types.void(*[types.int64] * 7), _add_lines


def _add_masked(typingctx: Any, address: Any, value: Any, way: Any) -> Any:
    """Add to two 64-bit integers, one after the other.

    At ``way`` lie the bits of the value that each takes, then what is added to each besides.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        address, value, way = args
        pair = ir.VectorType(_WORD, 2)
        none = ir.Constant(pair, ir.Undefined)
        lane = builder.insert_element(none, value, ir.Constant(ir.IntType(32), 0))
        both = builder.shuffle_vector(
            lane, none, ir.Constant(ir.VectorType(ir.IntType(32), 2), [0, 0])
        )
        added = builder.add(
            builder.and_(both, _load(builder, way, pair)), _load(builder, way, pair, 16)
        )
        _store(builder, builder.add(_load(builder, address, pair), added), address)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 3), codegen


def _falls(typingctx: Any, first: Any, vectors: Any) -> Any:
    """Where a row of 32-bit integers at an address falls from one to the next; 0 for nowhere."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        first, vectors = args

        def vector(number: Any, held: list[Any]) -> list[Any]:
            here = builder.add(first, _times(builder, number, 4 * LANES))
            fall = builder.icmp_signed(
                ">", _load(builder, here, _NARROW), _load(builder, here, _NARROW, 4)
            )
            return [builder.or_(held[0], fall)]

        none = ir.Constant(ir.VectorType(_BIT, LANES), [0] * LANES)
        (found,) = _each(builder, vectors, [none], vector)
        return builder.zext(builder.bitcast(found, ir.IntType(LANES)), _WORD)

    return types.int64(types.int64, types.int64), codegen


steps: Any = intrinsic(_steps)
reached: Any = intrinsic(_reached)
add_two: Any = intrinsic(_add_two)
add_two_lines: Any = intrinsic(_add_two_lines)
add_three_lines: Any = intrinsic(_add_three_lines)
add_masked: Any = intrinsic(_add_masked)
falls: Any = intrinsic(_falls)
