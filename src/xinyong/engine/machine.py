"""Typed expressions as small programs for a stack machine.

A program is a run of instructions ``(op, a, b)`` in one table. The machine works on 64-bit
integers; :data:`UNKNOWN` stands for unknown, truth is 0 or 1. The compiled kernel runs programs
one row at a time, :func:`run` runs them on whole NumPy columns: the same instructions, the
same results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.scheme import expressions as ex
from xinyong.scheme.expressions import Node
from xinyong.terms import LIMIT, MICRO, POINTS_LIMIT

Int = npt.NDArray[np.int64]
UNKNOWN: Final = -(2**63)
"""The 64-bit integer that stands for unknown."""


class Op(IntEnum):
    """Instructions; ``a`` and ``b`` are their operands."""

    CONST = 0  # push a
    COLUMN = 1  # push source a of the event at hand (a column)
    PARAM_AT_EVENT = 2  # push parameter a as of the event's day
    VARIABLE = 3  # push variable a
    PARAM_AT_DAY = 4  # push parameter a as of the day of scoring
    SCORE = 5
    BAND = 6
    ON = 7  # push 1 if on list a
    WIDEN = 8
    NEGATE = 9
    ADD = 10
    SUB = 11
    MUL = 12  # of whole numbers
    MUL_FIXED = 13
    DIV = 14
    LT = 15
    LE = 16
    GT = 17
    GE = 18
    EQ = 19
    NE = 20
    AND = 21
    OR = 22
    NOT = 23
    KNOWN = 24
    MIN = 25
    MAX = 26
    IN = 27  # is the top among the set values [a, a + b)?
    ROUND = 28  # millionths to whole
    POINTS = 29  # unknown is 0; cut to the limits of points


STACK: Final = 64
"""Depth of the machine's stack; the reader's depth limit keeps programs below it."""

_ARITH = {"+": Op.ADD, "-": Op.SUB, "/": Op.DIV}
_COMPARE = {"<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE, "==": Op.EQ, "!=": Op.NE}


class Assembler:
    """Collects programs into one table of instructions and one table of set values.

    ``word`` gives the code of a word; ``rank`` that of a band; ``push`` the instruction that
    brings a name onto the stack.
    """

    def __init__(self, word: Callable[[str], int], rank: Mapping[str, int]) -> None:
        self.word, self.rank = word, rank
        self.code: list[tuple[int, int, int]] = []
        self.sets: list[int] = []
        self.starts: list[int] = [0]

    def program(
        self,
        node: Node,
        push: Callable[[ex.Ref], tuple[int, int]],
        lists: Mapping[str, int],
        *,
        points: bool = False,
    ) -> int:
        """Add a program and give its number; ``points`` rounds and bounds the result."""
        self.push, self.lists = push, lists
        self.emit(node)
        if points:
            if node.kind.base == "fixed":
                self.code.append((Op.ROUND, 0, 0))
            self.code.append((Op.POINTS, 0, 0))
        self.starts.append(len(self.code))
        return len(self.starts) - 2

    def value(self, const: ex.Const, beside: Node) -> int:
        """A literal as the machine holds it, given what it is compared with."""
        if isinstance(const.value, str):
            if isinstance(beside, ex.Ref) and beside.role == "band":
                return self.rank.get(const.value, -1)
            return self.word(const.value)
        return int(const.value)

    def emit(self, node: Node) -> None:
        """Append the instructions that leave the node's value on the stack."""
        match node:
            case ex.Const():
                self.code.append((Op.CONST, self.value(node, node), 0))
            case ex.Ref():
                op, operand = self.push(node)
                self.code.append((op, operand, 0))
            case ex.On():
                self.code.append((Op.ON, self.lists[node.name], 0))
            case ex.Widen() | ex.Negate() | ex.Not() | ex.Known():
                self.emit(node.arg)
                op = {
                    ex.Widen: Op.WIDEN,
                    ex.Negate: Op.NEGATE,
                    ex.Not: Op.NOT,
                    ex.Known: Op.KNOWN,
                }[type(node)]
                self.code.append((op, 0, 0))
            case ex.Arith():
                self.emit(node.left)
                self.emit(node.right)
                if node.op == "*":
                    op = Op.MUL_FIXED if node.kind.base == "fixed" else Op.MUL
                else:
                    op = _ARITH[node.op]
                self.code.append((op, 0, 0))
            case ex.Compare():
                for side, other in ((node.left, node.right), (node.right, node.left)):
                    if isinstance(side, ex.Const):
                        self.code.append((Op.CONST, self.value(side, other), 0))
                    else:
                        self.emit(side)
                self.code.append((_COMPARE[node.op], 0, 0))
            case ex.Among():
                self.emit(node.arg)
                first = len(self.sets)
                self.sets += [self.value(value, node.arg) for value in node.values]
                self.code.append((Op.IN, first, len(node.values)))
            case ex.And() | ex.Or():
                self.chain(node.items, Op.AND if isinstance(node, ex.And) else Op.OR)
            case ex.Extreme():
                self.chain(node.items, Op.MIN if node.which == "min" else Op.MAX)

    def chain(self, items: tuple[Node, ...], op: Op) -> None:
        """Fold an operation over its arguments, from the left."""
        self.emit(items[0])
        for item in items[1:]:
            self.emit(item)
            self.code.append((op, 0, 0))


# ------------------------------------------------------------------ on whole columns


def known(a: Int, b: Int) -> npt.NDArray[np.bool_]:
    """Where both are known."""
    return np.logical_and(a != UNKNOWN, b != UNKNOWN)


def within(value: Int) -> Int:
    """The value where it lies within the limit, else unknown."""
    return np.where((value > LIMIT) | (value < -LIMIT), UNKNOWN, value)


def divide(a: Int, b: Int) -> Int:
    """``a / b`` in millionths, halves away from zero; unknown if b is 0 or beyond the limit.

    Long division, one decimal a step, so that 64 bits suffice for any ``b`` within the limit.
    """
    usable = known(a, b) & (b != 0)
    a, b = np.where(usable, a, 0), np.where(usable, b, 1)
    top, low = np.abs(a), np.abs(b)
    quotient, rest = top // low, top % low
    large = quotient > LIMIT // MICRO
    quotient = np.where(large, 0, quotient)
    for _ in range(6):
        rest = rest * 10
        quotient = quotient * 10 + rest // low
        rest = rest % low
    quotient = quotient + (rest >= low - rest)
    signed = np.where((a < 0) != (b < 0), -quotient, quotient)
    return np.where(usable & ~large & (quotient <= LIMIT), signed, UNKNOWN)


def multiply(a: Int, b: Int) -> Int:
    """Product of whole numbers, unknown beyond the limit."""
    usable = known(a, b)
    a, b = np.where(usable, a, 0), np.where(usable, b, 0)
    top, low = np.abs(a), np.abs(b)
    fits = (low == 0) | (top <= LIMIT // np.where(low == 0, 1, low))
    return np.where(usable & fits, np.where(fits, a, 0) * np.where(fits, b, 0), UNKNOWN)


def multiply_fixed(a: Int, b: Int) -> Int:
    """Product of millionths, rounded to millionths, unknown beyond the limit."""
    usable = known(a, b)
    a, b = np.where(usable, a, 0), np.where(usable, b, 0)
    negative = (a < 0) != (b < 0)
    a, b = np.abs(a), np.abs(b)
    high_a, low_a = a // MICRO, a % MICRO
    high_b, low_b = b // MICRO, b % MICRO
    fits = (b == 0) | (high_a <= LIMIT // np.where(b == 0, 1, b))
    first = np.where(fits, high_a, 0) * np.where(fits, b, 0)
    small = low_a * low_b
    total = first + low_a * high_b + (small + MICRO // 2) // MICRO
    fits &= total <= LIMIT
    return np.where(usable & fits, np.where(negative, -total, total), UNKNOWN)


def round_fixed(a: Int) -> Int:
    """Millionths to whole, halves away from zero."""
    top = (np.abs(np.where(a == UNKNOWN, 0, a)) + MICRO // 2) // MICRO
    return np.where(a == UNKNOWN, UNKNOWN, np.where(a < 0, -top, top))


def _both(a: Int, b: Int, result: npt.NDArray[np.generic]) -> Int:
    return np.where(known(a, b), result.astype(np.int64), UNKNOWN)


def _and(a: Int, b: Int) -> Int:
    return np.where((a == 0) | (b == 0), 0, np.where(known(a, b), 1, UNKNOWN))


def _or(a: Int, b: Int) -> Int:
    return np.where((a == 1) | (b == 1), 1, np.where(known(a, b), 0, UNKNOWN))


def _sum(a: Int, b: Int) -> Int:
    usable = known(a, b)
    return np.where(usable, within(np.where(usable, a, 0) + np.where(usable, b, 0)), UNKNOWN)


def _negate(a: Int) -> Int:
    return np.where(a == UNKNOWN, UNKNOWN, -np.where(a == UNKNOWN, 0, a))


def _widen(a: Int) -> Int:
    fits = (a != UNKNOWN) & (np.abs(np.where(a == UNKNOWN, 0, a)) <= LIMIT // MICRO)
    return np.where(fits, np.where(fits, a, 0) * MICRO, UNKNOWN)


_TWO: dict[int, Callable[[Int, Int], Int]] = {
    Op.ADD: _sum,
    Op.SUB: lambda a, b: _sum(a, _negate(b)),
    Op.MUL: multiply,
    Op.MUL_FIXED: multiply_fixed,
    Op.DIV: divide,
    Op.LT: lambda a, b: _both(a, b, a < b),
    Op.LE: lambda a, b: _both(a, b, a <= b),
    Op.GT: lambda a, b: _both(a, b, a > b),
    Op.GE: lambda a, b: _both(a, b, a >= b),
    Op.EQ: lambda a, b: _both(a, b, a == b),
    Op.NE: lambda a, b: _both(a, b, a != b),
    Op.AND: _and,
    Op.OR: _or,
    Op.MIN: lambda a, b: np.where(a == UNKNOWN, b, np.where(b == UNKNOWN, a, np.minimum(a, b))),
    Op.MAX: lambda a, b: np.where(a == UNKNOWN, b, np.where(b == UNKNOWN, a, np.maximum(a, b))),
}
_ONE: dict[int, Callable[[Int], Int]] = {
    Op.WIDEN: _widen,
    Op.NEGATE: _negate,
    Op.NOT: lambda a: np.where(a == UNKNOWN, UNKNOWN, 1 - np.where(a == UNKNOWN, 0, a)),
    Op.KNOWN: lambda a: (a != UNKNOWN).astype(np.int64),
    Op.ROUND: round_fixed,
    Op.POINTS: lambda a: np.clip(np.where(a == UNKNOWN, 0, a), -POINTS_LIMIT, POINTS_LIMIT),
}


def run(code: Int, sets: Int, load: Callable[[int, int], Int], size: int) -> Int:
    """Run one program on columns of ``size`` rows; ``load(op, operand)`` brings a column."""
    stack: list[Int] = []
    for op, a, b in code.tolist():
        if op in _TWO:
            right = stack.pop()
            stack.append(_TWO[op](stack.pop(), right))
        elif op in _ONE:
            stack.append(_ONE[op](stack.pop()))
        elif op == Op.IN:
            value = stack.pop()
            stack.append(
                np.where(
                    value == UNKNOWN, UNKNOWN, np.isin(value, sets[a : a + b]).astype(np.int64)
                )
            )
        elif op == Op.CONST:
            stack.append(np.full(size, a, np.int64))
        else:
            stack.append(load(op, a))
    return stack.pop()
