"""Whether a mapping document fits the events of a scheme: kinds, fields and types."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from xinyong.records.aside import Faults
from xinyong.records.columns import field_values
from xinyong.records.forms import (
    Column,
    Condition,
    Const,
    DaysBetween,
    Money,
    Rule,
    near,
)
from xinyong.records.mapping import Mapping
from xinyong.records.rows import Rows
from xinyong.records.rules import kinds_of
from xinyong.records.shape import EventShape, FieldShape


def check_mapping(mapping: Mapping, shape: EventShape) -> None:
    """Raises :class:`MappingRefused` where a mapping names what the shape does not have."""
    for number, entry in enumerate(mapping.document.files):
        for spot, rule in enumerate(entry.events):
            _check_rule(mapping, shape, ("files", number, "events", spot), rule)


def _check_rule(
    mapping: Mapping, shape: EventShape, path: tuple[str | int, ...], rule: Rule
) -> None:
    kinds = kinds_of(shape)
    if rule.kind not in kinds:
        raise mapping.refuse(
            (*path, "kind"),
            f"the scheme has no event called '{rule.kind[:60]}'",
            near(rule.kind, list(kinds)),
        )
    fields = kinds[rule.kind]
    for name, value in rule.fields.items():
        where = (*path, "fields", name)
        if name not in fields:
            raise mapping.refuse(
                where,
                f"the event '{rule.kind}' has no field called '{name[:60]}'",
                near(name, list(fields)),
            )
        wrong = _misfit(value, fields[name], shape)
        if wrong:
            raise mapping.refuse(where, f"the field '{name}' is of type {fields[name].type}", wrong)
    if rule.kind == "coverage" and "data_set" not in rule.fields:
        raise mapping.refuse(
            path,
            "coverage must say which data set was asked",
            "add 'fields: {data_set: {const: name}}'",
        )


def _misfit(
    value: Column | Money | Const | DaysBetween | Condition, spec: FieldShape, shape: EventShape
) -> str:
    """What would fit instead; empty if the value fits."""
    if isinstance(value, Money):
        return "" if spec.type == "money" else "'money' is for fields of type money"
    if isinstance(value, DaysBetween):
        return "" if spec.type == "int" else "'days_between' is for fields of type int"
    if isinstance(value, Condition):
        return "" if spec.type == "bool" else "a condition is for fields of type bool"
    if isinstance(value, Const):
        return _misfit_words([value.const], spec, shape)
    if value.format is not None and spec.type != "date":
        return "'format' is for fields of type date"
    if value.round and spec.type not in ("int", "number"):
        return "'round' is for fields of type int or number (and for 'money')"
    if value.map is not None:
        return _misfit_words([*value.map.values(), value.otherwise], spec, shape)
    return ""


def _misfit_words(values: Sequence[object], spec: FieldShape, shape: EventShape) -> str:
    texts = [
        ("true" if value else "false") if isinstance(value, bool) else str(value)
        for value in values
        if value is not None
    ]
    faults = Faults()
    none = pa.RecordBatch.from_arrays([], names=[])
    rows = Rows(none, np.arange(len(texts)), faults)
    field_values(rows, pa.array(texts, pa.string()), spec, shape.zone, "it")
    return next((text for _, text in faults.of.values()), "")
