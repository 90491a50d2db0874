"""What may stand where: the model's own annotations, asked by path.

The reader's messages and the language reference both come from here, so that they cannot say
anything else than the model does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from xinyong.days import Period, Term
from xinyong.scheme import model as m

_NAMED: tuple[tuple[Any, str], ...] = (
    (m.Expression, "an expression"),
    (m.Name, "a name"),
    (m.Identifier, "an identifier"),
    (m.ContextName, "a context such as finance.credit"),
    (m.Day, "a day such as 2016-12-31"),
    (m.Span, "a span of time such as 24 months"),
    (m.Clock, "a term such as 20 days or 3 working days"),
    (m.PointCount, "a whole number of points"),
    (m.Number, "a number of at most six decimals"),
)
_PLAIN: dict[Any, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    date: "a day such as 2016-12-31",
    Decimal: "a number",
    Period: "a span of time such as 24 months",
    Term: "a term such as 20 days or 3 working days",
    Any: "anything",
}


@cache
def hints(model: type[BaseModel]) -> dict[str, Any]:
    """The annotation of each field, by the key it has in a document."""
    raw = get_type_hints(model, include_extras=True)
    return {field.alias or name: raw[name] for name, field in model.model_fields.items()}


def members(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation, with names such as ``Span`` kept whole."""
    if any(annotation == named for named, _ in _NAMED):
        yield annotation
        return
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from members(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from members(part)
    elif annotation is not NoneType:
        yield annotation


def is_model(annotation: Any) -> bool:
    """Whether an annotation is a part of the document with fields of its own."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _plain(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


_LINES: dict[str | None, Any] = {
    "bins": m.BinsLine,
    "each": m.EachLine,
    "when": m.WhenLine,
    "veto": m.VetoLine,
}


def allowed(root: type[BaseModel], value: object, path: Sequence[str | int]) -> list[Any]:
    """The alternatives that may stand at ``path`` of a document of the model ``root``.

    ``value`` is the document as plain data; it tells the forms of score lines apart.
    """
    here: list[Any] = [root]
    for step in path:
        below: list[Any] = []
        for part in here:
            if is_model(part):
                found = hints(part).get(str(step))
                below.extend(members(found) if found is not None else ())
            elif get_origin(part) is dict:
                below.extend(members(get_args(part)[1]))
            elif get_origin(part) is tuple:
                below.extend(members(get_args(part)[0]))
        value = _step(value, step)
        if m.BinsLine in below and isinstance(value, dict):
            form = _LINES.get(m.line_form(value))
            below = [form] if form else below
        here = below
    return here


def _step(value: object, step: str | int) -> object:
    try:
        return value[step]  # type: ignore[index]
    except (LookupError, TypeError):
        return None


def keys(parts: Sequence[Any]) -> list[str]:
    """Keys that a block of one of these forms takes, in the model's order."""
    return list(dict.fromkeys(key for part in parts if is_model(part) for key in hints(part)))


def literals(parts: Sequence[Any]) -> list[str]:
    """Words that may stand here as they are written."""
    return [said(word) for part in parts if get_origin(part) is Literal for word in get_args(part)]


def said(word: object) -> str:
    """A fixed value as it is written in a document."""
    return str(word).lower() if isinstance(word, bool) else str(word)


def words(parts: Sequence[Any]) -> str:
    """What may stand here, in words: ``a whole number or a list``."""
    found: dict[str, None] = {}
    for part in parts:
        named = next((text for known, text in _NAMED if known == part), None)
        origin = get_origin(part)
        if named:
            found[named] = None
        elif origin is Literal:
            found.update(dict.fromkeys(said(word) for word in get_args(part)))
        elif origin is tuple:
            found["a list"] = None
        elif origin is dict:
            found["a mapping"] = None
        elif is_model(part):
            found[f"a block with {_some(keys([part]))}"] = None
        else:
            found[_PLAIN.get(_plain(part), "a value")] = None
    *most, last = found or {"nothing": None}
    return f"{', '.join(most)} or {last}" if most else last


def _some(listed: list[str]) -> str:
    return ", ".join(listed[:6]) + (", …" if len(listed) > 6 else "")


def takes_text(parts: Sequence[Any]) -> bool:
    """Whether any text of the right form may stand here."""
    return any(_plain(part) is str for part in parts)


def takes_whole(parts: Sequence[Any]) -> bool:
    """Whether a whole number may stand here."""
    return any(_plain(part) is int or part == m.Number for part in parts)
