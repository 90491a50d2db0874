"""Expressions and values as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from xinyong.scheme.nodes import (
    Among,
    And,
    Arith,
    Compare,
    Const,
    Extreme,
    Kind,
    Known,
    Negate,
    Node,
    Not,
    On,
    Or,
    Ref,
    Widen,
)
from xinyong.terms import MICRO

_SAID = {
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "==": "is",
    "!=": "is not",
    "+": "plus",
    "-": "minus",
    "*": "times",
    "/": "divided by",
}


def format_value(value: bool | int | str | date | None, kind: Kind) -> str:
    """A value as a person reads it; an unknown value is never a 0."""
    if value is None:
        return "unknown"
    if kind.base == "bool":
        return "yes" if value else "no"
    if kind.base == "fixed":
        exact = Decimal(int(value)) / MICRO  # type: ignore[arg-type]
        text = format(exact.normalize(), "f")
    elif kind.base == "date":
        return (
            date.fromordinal(value + 719163).isoformat() if isinstance(value, int) else str(value)
        )
    else:
        text = str(value)
    return f"{text} {kind.unit}" if kind.unit in ("days", "hours") else text


def sentence(node: Node, titles: Mapping[str, str] | None = None) -> str:
    """The expression as a plain English clause, names replaced by their titles."""
    said = titles or {}

    def inner(part: Node) -> str:
        text = sentence(part, said)
        return f"({text})" if isinstance(part, (And, Or, Arith)) else text

    match node:
        case Const():
            quoted = node.kind.base == "text"
            return f"'{node.value}'" if quoted else format_value(node.value, node.kind)
        case Ref(role="score" | "band"):
            return f"the {node.name}"
        case Ref():
            title = said.get(node.name)
            return f"“{title}”" if title else node.name.replace("_", " ")
        case Widen():
            return sentence(node.arg, said)
        case Negate():
            return f"minus {inner(node.arg)}"
        case Compare():
            return f"{inner(node.left)} {_SAID[node.op]} {inner(node.right)}"
        case Arith():
            return f"{inner(node.left)} {_SAID[node.op]} {inner(node.right)}"
        case Among():
            words = " or ".join(sentence(value, said) for value in node.values)
            return f"{inner(node.arg)} is {words}"
        case Not():
            if isinstance(node.arg, Ref):
                return f"{sentence(node.arg, said)} is not so"
            if isinstance(node.arg, Known):
                return f"{inner(node.arg.arg)} is unknown"
            return f"it is not so that {inner(node.arg)}"
        case And():
            return " and ".join(inner(item) for item in node.items)
        case Or():
            return " or ".join(inner(item) for item in node.items)
        case Known():
            return f"{inner(node.arg)} is known"
        case On():
            return f"the subject is on the list “{said.get(node.name, node.name)}”"
        case Extreme():
            word = "smallest" if node.which == "min" else "largest"
            return f"the {word} of {', '.join(inner(item) for item in node.items)}"
