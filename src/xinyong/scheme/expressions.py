"""Expressions: Python's syntax, a short whitelist, types with units, three values.

:func:`parse` turns text into a typed tree of the classes in :mod:`xinyong.scheme.nodes`;
:func:`sentence` renders a tree as a plain sentence; both can be imported from here. What a node
*means* is said in :mod:`xinyong.engine.plain`.

Numbers are *whole* (integers) or *fixed* (millionths). Where a whole meets a fixed number the
tree holds an explicit :class:`Widen`, so that evaluators never guess.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import Literal

from xinyong.days import day_number, parse_day
from xinyong.errors import ExpressionRefused
from xinyong.scheme.complaints import Code, did_you_mean
from xinyong.scheme.nodes import (
    BOOL,
    DATE,
    FIXED,
    TEXT,
    WHOLE,
    Among,
    And,
    Arith,
    Base,
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
    Role,
    Widen,
    children,
    lists,
    names,
    walk,
)
from xinyong.scheme.sentences import format_value, sentence
from xinyong.terms import LIMIT, MICRO

_WIDE = Context(prec=2500)
"""Digits enough for any number that fits into an expression, so that none is rounded."""


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
            # a literal too large to be a fixed number is equal to none
            wide = [_widen(value) for value in values]
            values = [value for value in wide if isinstance(value, Const)]
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


__all__ = [
    "BOOL",
    "DATE",
    "FIXED",
    "TEXT",
    "WHOLE",
    "Among",
    "And",
    "Arith",
    "Base",
    "Compare",
    "Const",
    "Extreme",
    "Kind",
    "Known",
    "Negate",
    "Node",
    "Not",
    "On",
    "Or",
    "Ref",
    "Role",
    "Scope",
    "Widen",
    "children",
    "format_value",
    "lists",
    "names",
    "parse",
    "refuse",
    "replace_unit",
    "sentence",
    "walk",
]
