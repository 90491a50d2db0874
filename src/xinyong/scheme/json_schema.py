"""A JSON Schema (draft-07) of scheme documents, for completion and checks in editors.

It is made from the model's annotations. It takes every good scheme; some bad ones too, since
names, types and meaning are beyond it: ``xinyong check`` is the judge.
"""

from __future__ import annotations

import inspect
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from xinyong.scheme import model as m
from xinyong.scheme.forms import hints, is_model, members
from xinyong.scheme.notes import NOTES
from xinyong.terms import POINTS_LIMIT

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 2000}
_NAMED: tuple[tuple[Any, dict[str, Any]], ...] = (
    (m.Expression, {"type": ["string", "number", "boolean"]}),
    (m.Name, {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,99}$"}),
    (m.Identifier, {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_.-]{0,63}$"}),
    (m.ContextName, {"type": "string", "pattern": r"^[a-z][a-z_]*(\.[a-z][a-z_]*)*$"}),
    (m.Day, {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
    (m.Span, {"type": "string", "pattern": r"^\d{1,5} (day|month|year)s?$"}),
    (m.Clock, {"type": "string", "pattern": r"^\d{1,5} (working day|day|month|year|hour)s?$"}),
    (m.PointCount, {"type": "integer", "minimum": -POINTS_LIMIT, "maximum": POINTS_LIMIT}),
    (m.Number, {"type": "number"}),
    (m.Gravity, {"type": "integer", "minimum": 0, "maximum": 6}),
    (m.Text, _TEXT),
    (str, {"type": "string"}),
    (int, {"type": "integer"}),
    (bool, {"type": "boolean"}),
    (Any, {}),
)


def json_schema() -> dict[str, Any]:
    """The schema of a scheme document, as JSON-ready data (a new one each time)."""
    definitions: dict[str, Any] = {}
    root = _model(m.Scheme, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A xinyong scheme",
        **root,
        "definitions": {name: definitions[name] for name in sorted(definitions)},
    }


def described(model: type[BaseModel]) -> str:
    """A model's docstring without its marks."""
    return inspect.cleandoc(model.__doc__ or "").replace("``", "'")


def _model(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    properties, required = {}, []
    for name, field in model.model_fields.items():
        key = field.alias or name
        shape = _annotation(hints(model)[key], definitions)
        shape = _bounded(shape, field)
        if field.default is None or NoneType in get_args(hints(model)[key]):
            shape = {"anyOf": [shape, {"type": "null"}]}
        elif isinstance(field.default, (bool, int, str)):
            shape = (
                {"allOf": [shape], "default": field.default}
                if "$ref" in shape
                else {
                    **shape,
                    "default": field.default,
                }
            )
        note = NOTES.get((model.__name__, key))
        properties[key] = {**shape, "description": note} if note else shape
        if field.is_required():
            required.append(key)
    shape = {
        "type": "object",
        "description": described(model),
        "properties": properties,
        "additionalProperties": False,
    }
    if required:
        shape["required"] = required
    return shape


def _bounded(shape: dict[str, Any], field: FieldInfo) -> dict[str, Any]:
    """Least and greatest sizes that stand at the field itself."""
    if shape.get("type") not in ("array", "object"):
        return shape
    words = ("minItems", "maxItems") if shape["type"] == "array" else ("minProperties",) * 2
    for limit in field.metadata:
        if (least := getattr(limit, "min_length", None)) is not None:
            shape = {**shape, words[0]: least}
        if (most := getattr(limit, "max_length", None)) is not None:
            shape = {**shape, words[1]: most}
    return shape


def _annotation(annotation: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    for known, shape in _NAMED:
        if annotation == known:
            return dict(shape)
    parts = list(members(annotation))
    if len(parts) > 1:
        return {"anyOf": [_annotation(part, definitions) for part in parts]}
    part = parts[0]
    origin = get_origin(part)
    if origin is Literal:
        return {"enum": list(get_args(part))}
    if origin is tuple:
        return {"type": "array", "items": _annotation(get_args(part)[0], definitions)}
    if origin is dict:
        return _mapping(part, definitions)
    if is_model(part):
        return _reference(part, definitions)
    if part != annotation:
        return _annotation(part, definitions)
    raise TypeError(f"no JSON Schema for {annotation!r}")


def _mapping(part: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    key, value = get_args(part)
    shape: dict[str, Any] = {
        "type": "object",
        "additionalProperties": _annotation(value, definitions),
    }
    pattern = _annotation(key, definitions).get("pattern")
    if pattern:
        shape["propertyNames"] = {"pattern": pattern}
    return shape


def _reference(part: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    name = part.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _special(part, _model(part, definitions))
    return {"$ref": f"#/definitions/{name}"}


def _special(part: type[BaseModel], shape: dict[str, Any]) -> dict[str, Any]:
    """Parts that can be written shorter than they are held."""
    if part is m.FieldSpec:
        return {"anyOf": [dict(shape["properties"]["type"]), shape]}
    if part is m.CaseEvent:
        rest = {k: v for k, v in shape["properties"].items() if k not in ("kind", "fields")}
        return {
            "type": "object",
            "description": "One kind of event with its fields, and when it happened.",
            "properties": rest,
            "required": ["at"],
            "additionalProperties": {"type": ["object", "null"]},
        }
    return shape
