"""Expressions: Python's syntax, a short whitelist, types with units, three values.

:func:`parse` turns text into a typed tree of the node classes below; :func:`sentence` renders a
tree as a plain sentence. What a node *means* is said in :mod:`xinyong.engine.plain`.

Numbers are *whole* (integers) or *fixed* (millionths). Where a whole meets a fixed number the
tree holds an explicit :class:`Widen`, so that evaluators never guess.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from typing import Literal

from xinyong.days import day_number, parse_day
from xinyong.errors import ExpressionRefused
from xinyong.scheme.complaints import Code, did_you_mean
from xinyong.terms import LIMIT, MICRO

_WIDE = Context(prec=2500)
"""Digits enough for any number that fits into an expression, so that none is rounded."""

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


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may speak of.

    ``names`` maps a name to its reference; ``event`` is the event at hand, if any, so that
    ``event.field`` can be written; ``lists`` are the lists ``on()`` may ask for.
    """

    names: Mapping[str, Ref]
    event: str | None = None
    lists: frozenset[str] = frozenset()
    words: Mapping[str, tuple[str, ...]] | None = None
    """For text names: the words they can hold, where the scheme says so."""


def refuse(code: Code, what: str, node: ast.AST | None = None, mend: str = "") -> ExpressionRefused:
    """An error with the place of the syntax node it is about."""
    offset = getattr(node, "col_offset", 0) if node is not None else 0
    return ExpressionRefused(what, code=code, offset=offset, mend=mend)


def parse(text: str, scope: Scope, *, want: Literal["bool", "number", "any"] = "any") -> Node:
    """Read an expression and give its typed tree.

    Raises :class:`ExpressionRefused` (code, character offset, mend) for anything that is not
    of the language, names nothing known, or mixes types or units.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise ExpressionRefused(
            f"'{_clip(text)}' is not an expression",
            code=Code.BAD_EXPRESSION,
            offset=max((error.offset or 1) - 1, 0),
            mend="write it as in Python: a < b, not a, a and b, x in ['u', 'v'], known(x)",
        ) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionRefused(
            "the expression is nested too deeply or holds an odd character",
            code=Code.BAD_EXPRESSION,
            mend="split it into variables with names of their own",
        ) from None
    try:
        node = _Reader(text.strip(), scope).read(tree.body)
    except ExpressionRefused as refusal:
        refusal.offset = _characters(text, refusal.offset)
        raise
    except RecursionError:
        raise ExpressionRefused(
            "the expression is nested too deeply",
            code=Code.BAD_EXPRESSION,
            mend="split it into variables with names of their own",
        ) from None
    if want == "bool" and node.kind.base != "bool":
        raise refuse(
            Code.TYPE_MISMATCH,
            f"a condition is true or false; '{_clip(text)}' is {node.kind}",
            mend="compare it with something, as in x > 0",
        )
    if want == "number" and not node.kind.numeric:
        raise refuse(Code.TYPE_MISMATCH, f"a number is wanted; '{_clip(text)}' is {node.kind}")
    return node


def _characters(text: str, offset: int) -> int:
    """Python counts the bytes of a line; complaints count characters of the whole text."""
    stripped = text.strip()
    head = stripped.encode("utf-8", "replace")[:offset].decode("utf-8", "replace")
    return len(text) - len(text.lstrip()) + len(head)


def _clip(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


_COMPARE: dict[type[ast.cmpop], Literal["<", "<=", ">", ">=", "==", "!="]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_ARITH: dict[type[ast.operator], Literal["+", "-", "*", "/"]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


class _Reader:
    """One pass over Python's tree, giving ours."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text, self.scope, self.depth = text, scope, 0
        self.handlers: dict[type[ast.AST], Callable[[ast.AST], Node]] = {
            ast.Constant: self.constant,
            ast.Name: self.name,
            ast.Attribute: self.attribute,
            ast.UnaryOp: self.unary,
            ast.BoolOp: self.boolean,
            ast.Compare: self.compare,
            ast.BinOp: self.binary,
            ast.Call: self.call,
        }

    def read(self, tree: ast.AST) -> Node:
        self.depth += 1
        if self.depth > 60:
            raise refuse(Code.BAD_EXPRESSION, "the expression is nested too deeply", tree)
        handler = self.handlers.get(type(tree))
        if handler is None:
            raise refuse(
                Code.BAD_EXPRESSION,
                f"'{_clip(self.source(tree))}' is not in the language of schemes",
                tree,
                "use names, numbers, 'words', comparisons, and, or, not, + - * /, "
                "in [...], known(), on(), min(), max()",
            )
        node = handler(tree)
        self.depth -= 1
        return node

    def source(self, tree: ast.AST) -> str:
        return ast.get_source_segment(self.text, tree) or type(tree).__name__

    # -- leaves

    def constant(self, tree: ast.AST) -> Node:
        assert isinstance(tree, ast.Constant)
        value = tree.value
        if isinstance(value, bool):
            return Const(value, BOOL)
        if isinstance(value, int):
            if abs(value) > LIMIT:
                raise refuse(Code.WRONG_VALUE, "the number is too large", tree)
            return Const(value, WHOLE)
        if isinstance(value, float):
            return Const(self.decimal(tree), FIXED)
        if isinstance(value, str):
            return Const(value, TEXT)
        raise refuse(Code.BAD_EXPRESSION, f"'{_clip(self.source(tree))}' is not a value here", tree)

    def decimal(self, tree: ast.Constant) -> int:
        source = self.source(tree)
        try:
            exact = Decimal(source.replace("_", ""))
            decimals = -int(exact.normalize(_WIDE).as_tuple().exponent)
        except (ArithmeticError, ValueError):
            exact, decimals = Decimal("NaN"), 0
        if not exact.is_finite() or decimals > 6 or (exact and not -7 < exact.adjusted() < 19):
            fits = False
        else:
            fits = abs(exact.scaleb(6, _WIDE)) <= LIMIT
        if not fits:
            raise refuse(
                Code.WRONG_VALUE,
                f"'{_clip(source)}' is not a number of at most six decimals",
                tree,
                "write it with fewer digits",
            )
        return int(exact.scaleb(6, _WIDE))

    def name(self, tree: ast.AST) -> Node:
        assert isinstance(tree, ast.Name)
        if tree.id in ("true", "false"):
            return Const(tree.id == "true", BOOL)
        ref = self.scope.names.get(tree.id)
        if ref is None:
            raise refuse(
                Code.UNKNOWN_NAME,
                f"nothing is called '{tree.id}' here",
                tree,
                did_you_mean(tree.id, self.scope.names),
            )
        return ref

    def attribute(self, tree: ast.AST) -> Node:
        assert isinstance(tree, ast.Attribute)
        if not isinstance(tree.value, ast.Name) or tree.value.id != self.scope.event:
            mend = (
                f"only '{self.scope.event}.<field>' can be written here"
                if self.scope.event
                else "a field of an event is read by a variable, as in latest: event.field"
            )
            raise refuse(
                Code.BAD_EXPRESSION, f"'{_clip(self.source(tree))}' cannot be read here", tree, mend
            )
        ref = self.scope.names.get(tree.attr)
        if ref is None or ref.role != "field":
            fields = [name for name, known in self.scope.names.items() if known.role == "field"]
            raise refuse(
                Code.UNKNOWN_NAME,
                f"'{tree.value.id}' has no field '{tree.attr}'",
                tree,
                did_you_mean(tree.attr, fields),
            )
        return ref

    # -- logic

    def unary(self, tree: ast.AST) -> Node:
        assert isinstance(tree, ast.UnaryOp)
        arg = self.read(tree.operand)
        if isinstance(tree.op, ast.Not):
            return Not(self.truth(arg, tree.operand))
        if isinstance(tree.op, ast.USub):
            self.number(arg, tree.operand)
            if isinstance(arg, Const):
                return Const(-arg.value, arg.kind)  # type: ignore[operator]
            return Negate(arg, arg.kind)
        raise refuse(Code.BAD_EXPRESSION, "only 'not' and '-' stand before a value", tree)

    def boolean(self, tree: ast.AST) -> Node:
        assert isinstance(tree, ast.BoolOp)
        items = tuple(self.truth(self.read(item), item) for item in tree.values)
        return And(items) if isinstance(tree.op, ast.And) else Or(items)

    def truth(self, node: Node, tree: ast.AST) -> Node:
        if node.kind.base != "bool":
            raise refuse(
                Code.TYPE_MISMATCH,
                f"'{_clip(self.source(tree))}' is {node.kind}, not true or false",
                tree,
            )
        return node

    def number(self, node: Node, tree: ast.AST) -> Node:
        if not node.kind.numeric:
            raise refuse(
                Code.TYPE_MISMATCH,
                f"'{_clip(self.source(tree))}' is {node.kind}, not a number",
                tree,
            )
        return node

    def compare(self, tree: ast.AST) -> Node:
        assert isinstance(tree, ast.Compare)
        links: list[Node] = []
        left_tree: ast.expr = tree.left
        for op, right_tree in zip(tree.ops, tree.comparators, strict=True):
            left = self.read(left_tree)
            if isinstance(op, (ast.In, ast.NotIn)):
                link: Node = self.among(left, right_tree, tree)
                if isinstance(op, ast.NotIn):
                    link = Not(link)
            elif type(op) in _COMPARE:
                link = self.pair(_COMPARE[type(op)], left, self.read(right_tree), tree)
            else:
                raise refuse(
                    Code.BAD_EXPRESSION, "'is' is not in the language; write == or known()", tree
                )
            links.append(link)
            left_tree = right_tree
        return links[0] if len(links) == 1 else And(tuple(links))

    def pair(
        self, op: Literal["<", "<=", ">", ">=", "==", "!="], left: Node, right: Node, tree: ast.AST
    ) -> Node:
        left, right = self.dated(left, right, tree), self.dated(right, left, tree)
        if left.kind.numeric and right.kind.numeric:
            left, right = self.meet(left, right, tree)
        elif left.kind.base != right.kind.base:
            raise refuse(Code.TYPE_MISMATCH, f"{left.kind} is compared with {right.kind}", tree)
        if left.kind.base in ("bool", "text"):
            if op not in ("==", "!="):
                raise refuse(Code.TYPE_MISMATCH, f"'{op}' has no meaning for {left.kind}", tree)
            if left.kind.base == "text":
                if isinstance(left, Const) and not isinstance(right, Const):
                    left, right = right, left
                if not isinstance(right, Const) or isinstance(left, Const):
                    raise refuse(
                        Code.TYPE_MISMATCH,
                        "a word is compared with a word written in the scheme",
                        tree,
                    )
                self.word(left, right, tree)
        return Compare(op, left, right)

    def word(self, name: Node, value: Const, tree: ast.AST) -> None:
        words = (self.scope.words or {}).get(name.name) if isinstance(name, Ref) else None
        if words is not None and value.value not in words:
            raise refuse(
                Code.UNKNOWN_NAME,
                f"'{value.value}' is never a value of '{name.name}'",  # type: ignore[union-attr]
                tree,
                did_you_mean(str(value.value), words),
            )

    def dated(self, node: Node, other: Node, tree: ast.AST) -> Node:
        """A word compared with a day is read as a day."""
        if isinstance(node, Const) and node.kind.base == "text" and other.kind.base == "date":
            try:
                return Const(day_number(parse_day(str(node.value))), DATE)
            except ValueError as error:
                raise refuse(Code.WRONG_VALUE, str(error), tree) from None
        return node

    def among(self, left: Node, tree: ast.expr, whole: ast.AST) -> Node:
        if not isinstance(tree, (ast.List, ast.Tuple)) or not tree.elts:
            raise refuse(
                Code.BAD_EXPRESSION,
                "after 'in' stands a list of values",
                whole,
                "write x in ['a', 'b']",
            )
        if isinstance(left, Const):
            raise refuse(Code.BAD_EXPRESSION, "before 'in' stands a name", whole)
        values = []
        fixed = left.kind.base == "fixed"
        for item in tree.elts:
            value = self.dated(self.read(item), left, item)
            if not isinstance(value, Const):
                raise refuse(Code.BAD_EXPRESSION, "only plain values stand in the list", item)
            if left.kind.numeric and value.kind.numeric:
                fixed = fixed or value.kind.base == "fixed"
            elif value.kind.base != left.kind.base:
                raise refuse(Code.TYPE_MISMATCH, f"{left.kind} is compared with {value.kind}", item)
            elif left.kind.base == "text":
                self.word(left, value, item)
            values.append(value)
        if fixed:
            left = _widen(left)
            wide = [_widen(value) for value in values]
            values = [value for value in wide if isinstance(value, Const)]
            if len(values) < len(wide):
                raise refuse(Code.WRONG_VALUE, "a number in the list is too large", whole)
        return Among(left, tuple(values))

    # -- arithmetic

    def meet(self, left: Node, right: Node, tree: ast.AST) -> tuple[Node, Node]:
        """Two numbers of one base and compatible units."""
        self.unit(left, right, tree)
        if left.kind.base != right.kind.base:
            return _widen(left), _widen(right)
        return left, right

    def unit(self, left: Node, right: Node, tree: ast.AST) -> str | None:
        units = {left.kind.unit, right.kind.unit} - {None}
        if len(units) > 1:
            raise refuse(
                Code.UNIT_MISMATCH,
                f"{left.kind.unit} and {right.kind.unit} are mixed in '{_clip(self.source(tree))}'",
                tree,
                "give both the same unit, or divide one by a number of its own unit",
            )
        return units.pop() if units else None

    def binary(self, tree: ast.AST) -> Node:
        assert isinstance(tree, ast.BinOp)
        op = _ARITH.get(type(tree.op))
        if op is None:
            raise refuse(Code.BAD_EXPRESSION, "only + - * / are in the language", tree)
        left, right = self.read(tree.left), self.read(tree.right)
        if op == "-" and left.kind.base == right.kind.base == "date":
            return Arith(op, left, right, Kind("whole", "days"))
        self.number(left, tree.left)
        self.number(right, tree.right)
        if op == "/":
            same = left.kind.unit == right.kind.unit
            if right.kind.unit is not None and not same and left.kind.unit is not None:
                self.unit(left, right, tree)
            unit = None if same else left.kind.unit
            if left.kind.base != right.kind.base:
                left, right = _widen(left), _widen(right)
            return Arith(op, left, right, Kind("fixed", unit))
        if op == "*":
            if left.kind.unit and right.kind.unit:
                raise refuse(
                    Code.UNIT_MISMATCH,
                    f"{left.kind.unit} times {right.kind.unit} has no meaning here",
                    tree,
                )
            unit = left.kind.unit or right.kind.unit
        else:
            unit = self.unit(left, right, tree)
        if left.kind.base != right.kind.base:
            left, right = _widen(left), _widen(right)
        return Arith(op, left, right, Kind(left.kind.base, unit))

    def call(self, tree: ast.AST) -> Node:
        assert isinstance(tree, ast.Call)
        word = tree.func.id if isinstance(tree.func, ast.Name) else None
        if word not in ("known", "on", "min", "max") or tree.keywords:
            raise refuse(
                Code.BAD_EXPRESSION,
                f"'{_clip(self.source(tree.func))}' cannot be called",
                tree,
                "there are known(), on(), min(), max()",
            )
        if word == "on":
            return self.on(tree)
        if word == "known":
            if len(tree.args) != 1:
                raise refuse(Code.BAD_EXPRESSION, "known() takes one value", tree)
            return Known(self.read(tree.args[0]))
        return self.extreme("min" if word == "min" else "max", tree)

    def on(self, tree: ast.Call) -> Node:
        arg = tree.args[0] if len(tree.args) == 1 else None
        if not isinstance(arg, ast.Constant) or not isinstance(arg.value, str):
            raise refuse(Code.BAD_EXPRESSION, "on() takes the name of one list in quotes", tree)
        if arg.value not in self.scope.lists:
            raise refuse(
                Code.UNKNOWN_NAME,
                f"no list is called '{_clip(arg.value)}' here",
                arg,
                did_you_mean(arg.value, self.scope.lists),
            )
        return On(arg.value)

    def extreme(self, word: Literal["min", "max"], tree: ast.Call) -> Node:
        if len(tree.args) < 2:
            raise refuse(Code.BAD_EXPRESSION, f"{word}() takes two or more values", tree)
        items = [self.read(arg) for arg in tree.args]
        bases = {item.kind.base for item in items}
        if not (bases <= {"whole", "fixed"} or bases == {"date"}):
            raise refuse(Code.TYPE_MISMATCH, f"{word}() takes numbers, or days", tree)
        unit = items[0].kind.unit
        for item in items[1:]:
            unit = self.unit(replace_unit(items[0], unit), item, tree) or unit
        if "fixed" in bases:
            items = [_widen(item) for item in items]
        return Extreme(word, tuple(items), Kind(items[0].kind.base, unit))


def replace_unit(node: Node, unit: str | None) -> Node:
    """The node with its value taken to be of that unit."""
    return replace(node, kind=Kind(node.kind.base, unit))


def _widen(node: Node) -> Node:
    if node.kind.base == "fixed":
        return node
    kind = Kind("fixed", node.kind.unit)
    if isinstance(node, Const) and isinstance(node.value, int):
        return (
            Const(node.value * MICRO, kind)
            if abs(node.value) <= LIMIT // MICRO
            else Widen(node, kind)
        )
    return Widen(node, kind)


# ------------------------------------------------------------------ looking at a tree


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


# ------------------------------------------------------------------ sentences

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
