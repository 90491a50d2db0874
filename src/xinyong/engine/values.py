"""Values and expressions: section 1 of docs/meaning.md.

A value is an integer (whole; or millionths if the expression's kind is *fixed*; or a day number),
a truth value, a word, or None for *unknown*. No step uses a float.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from xinyong.days import day_number
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import BoundParameter
from xinyong.scheme.expressions import Kind, Node
from xinyong.terms import LIMIT, MICRO, POINTS_LIMIT, half_away

Value = bool | int | str | None
"""Truth value, integer, word, or None for unknown."""

Lookup = Callable[[ex.Ref | ex.On], Value]
"""Gives the value of a name, and whether the subject is on a list."""


def within_limit(number: int) -> int | None:
    """The number, or unknown where it lies beyond the limit (section 1)."""
    return number if -LIMIT <= number <= LIMIT else None


def ratio(numerator: int, denominator: int) -> int | None:
    """``numerator / denominator`` in millionths, rounded; unknown for 0 or beyond the limit."""
    if denominator == 0:
        return None
    return within_limit(half_away(numerator * MICRO, denominator))


def evaluate(node: Node, lookup: Lookup) -> Value:
    """The value of a typed expression (section 1).

    ``lookup`` is asked for every name (:class:`~xinyong.scheme.expressions.Ref`) and every list
    (:class:`~xinyong.scheme.expressions.On`). None is *unknown*.
    """
    return _STEPS[type(node)](node, lookup)


def _const(node: ex.Const, lookup: Lookup) -> Value:
    return node.value


def _name(node: ex.Ref | ex.On, lookup: Lookup) -> Value:
    return lookup(node)


def _widen(node: ex.Widen, lookup: Lookup) -> Value:
    value = evaluate(node.arg, lookup)
    return None if value is None else within_limit(int(value) * MICRO)


def _negate(node: ex.Negate, lookup: Lookup) -> Value:
    value = evaluate(node.arg, lookup)
    return None if value is None else -int(value)


def _arith(node: ex.Arith, lookup: Lookup) -> Value:
    left, right = evaluate(node.left, lookup), evaluate(node.right, lookup)
    if left is None or right is None:
        return None
    return arithmetic(node.op, int(left), int(right), fixed=node.left.kind.base == "fixed")


def arithmetic(op: str, left: int, right: int, *, fixed: bool) -> int | None:
    """One step of arithmetic on two numbers of the same base (the table of section 1)."""
    if op == "/":
        return ratio(left, right)
    if op == "*":
        product = left * right
        return within_limit(half_away(product, MICRO) if fixed else product)
    return within_limit(left + right if op == "+" else left - right)


def _compare(node: ex.Compare, lookup: Lookup) -> Value:
    left, right = evaluate(node.left, lookup), evaluate(node.right, lookup)
    if left is None or right is None:
        return None
    if node.op == "==":
        return left == right
    if node.op == "!=":
        return left != right
    a, b = int(left), int(right)
    if node.op == "<":
        return a < b
    if node.op == "<=":
        return a <= b
    return a > b if node.op == ">" else a >= b


def _among(node: ex.Among, lookup: Lookup) -> Value:
    value = evaluate(node.arg, lookup)
    if value is None:
        return None
    return any(value == item.value for item in node.values)


def _not(node: ex.Not, lookup: Lookup) -> Value:
    value = evaluate(node.arg, lookup)
    return None if value is None else not value


def _and(node: ex.And, lookup: Lookup) -> Value:
    unknown = False
    for item in node.items:
        value = evaluate(item, lookup)
        if value is False:
            return False
        unknown = unknown or value is None
    return None if unknown else True


def _or(node: ex.Or, lookup: Lookup) -> Value:
    return any_of(evaluate(item, lookup) for item in node.items)


def any_of(values: Iterable[Value]) -> bool | None:
    """Kleene's *or*: true if one is true, else unknown if one is unknown, else false."""
    unknown = False
    for value in values:
        if value is True:
            return True
        unknown = unknown or value is None
    return None if unknown else False


def _known(node: ex.Known, lookup: Lookup) -> Value:
    return evaluate(node.arg, lookup) is not None


def _extreme(node: ex.Extreme, lookup: Lookup) -> Value:
    values = [evaluate(item, lookup) for item in node.items]
    known = [int(value) for value in values if value is not None]
    if not known:
        return None
    return min(known) if node.which == "min" else max(known)


_STEPS: dict[type, Callable[..., Value]] = {
    ex.Const: _const,
    ex.Ref: _name,
    ex.On: _name,
    ex.Widen: _widen,
    ex.Negate: _negate,
    ex.Arith: _arith,
    ex.Compare: _compare,
    ex.Among: _among,
    ex.Not: _not,
    ex.And: _and,
    ex.Or: _or,
    ex.Known: _known,
    ex.Extreme: _extreme,
}


def whole_points(value: Value, kind: Kind) -> int:
    """Points from the value of a points expression (section 5).

    Unknown is 0, fixed points are rounded, and what lies beyond ±1,000,000 is cut.
    """
    if value is None:
        return 0
    points = half_away(int(value), MICRO) if kind.base == "fixed" else int(value)
    return max(-POINTS_LIMIT, min(POINTS_LIMIT, points))


def parameter_on(parameter: BoundParameter, day: date) -> tuple[int, date] | None:
    """Value of a parameter on a day, and the date it is in force from; None before the first."""
    number = day_number(day)
    for since, value in zip(reversed(parameter.days), reversed(parameter.values), strict=True):
        if since <= number:
            return value, date.fromordinal(since + 719163)
    return None
