"""The typed tree of an expression: its nodes, their types, and ways to look at them.

Numbers are *whole* (integers) or *fixed* (millionths). Where a whole meets a fixed number the
tree holds an explicit :class:`Widen`, so that evaluators never guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Base = Literal["bool", "whole", "fixed", "text", "date"]
Role = Literal["variable", "parameter", "field", "score", "band"]


@dataclass(frozen=True, slots=True)
class Kind:
    """Type of a value: its base and, for numbers, a unit (None goes with every unit)."""

    base: Base
    unit: str | None = None

    @property
    def numeric(self) -> bool:
        return self.base in ("whole", "fixed")

    def __str__(self) -> str:
        word = {
            "bool": "a truth value",
            "whole": "a whole number",
            "fixed": "a number",
            "text": "a word",
            "date": "a day",
        }[self.base]
        return f"{word} of {self.unit}" if self.unit else word


BOOL, WHOLE, FIXED, TEXT, DATE = (
    Kind("bool"),
    Kind("whole"),
    Kind("fixed"),
    Kind("text"),
    Kind("date"),
)


@dataclass(frozen=True, slots=True)
class Const:
    """A literal: bool, int (whole), millionths (fixed), str, or a day number (date)."""

    value: bool | int | str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Ref:
    """A name: a variable, a parameter, a field of the event at hand, the score or the band."""

    role: Role
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Widen:
    """A whole number as a fixed one (times a million)."""

    arg: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class Negate:
    """Minus."""

    arg: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class Arith:
    """``+ - * /`` of two numbers of the same base; ``/`` is always fixed; day less day is whole."""

    op: Literal["+", "-", "*", "/"]
    left: Node
    right: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of two values of the same base."""

    op: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Node
    right: Node
    kind: Kind = BOOL


@dataclass(frozen=True, slots=True)
class Among:
    """``x in [a, b]``: true if equal to one of the literals."""

    arg: Node
    values: tuple[Const, ...]
    kind: Kind = BOOL


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene negation."""

    arg: Node
    kind: Kind = BOOL


@dataclass(frozen=True, slots=True)
class And:
    """Kleene conjunction of two or more."""

    items: tuple[Node, ...]
    kind: Kind = BOOL


@dataclass(frozen=True, slots=True)
class Or:
    """Kleene disjunction of two or more."""

    items: tuple[Node, ...]
    kind: Kind = BOOL


@dataclass(frozen=True, slots=True)
class Known:
    """True if the argument is known, else false; never unknown."""

    arg: Node
    kind: Kind = BOOL


@dataclass(frozen=True, slots=True)
class On:
    """True if the subject stands on the list; never unknown."""

    name: str
    kind: Kind = BOOL


@dataclass(frozen=True, slots=True)
class Extreme:
    """``min`` or ``max`` of the known among the arguments; unknown if none is known."""

    which: Literal["min", "max"]
    items: tuple[Node, ...]
    kind: Kind


Node = (
    Const | Ref | Widen | Negate | Arith | Compare | Among | Not | And | Or | Known | On | Extreme
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node."""
    match node:
        case Widen() | Negate() | Not() | Known():
            return (node.arg,)
        case Among():
            return (node.arg, *node.values)
        case Arith() | Compare():
            return (node.left, node.right)
        case And() | Or() | Extreme():
            return node.items
        case _:
            return ()


def walk(node: Node) -> list[Node]:
    """A node and all below it, outermost first."""
    found, todo = [], [node]
    while todo:
        here = todo.pop()
        found.append(here)
        todo.extend(reversed(children(here)))
    return found


def names(node: Node, role: Role) -> tuple[str, ...]:
    """Names of one role that an expression speaks of, in order, each once."""
    return tuple(dict.fromkeys(n.name for n in walk(node) if isinstance(n, Ref) and n.role == role))


def lists(node: Node) -> tuple[str, ...]:
    """Lists that an expression asks for, in order, each once."""
    return tuple(dict.fromkeys(n.name for n in walk(node) if isinstance(n, On)))
