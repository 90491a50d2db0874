"""Events as an Arrow table: the one layout that files, frames and the batch engine share.

Columns: ``subject`` and ``kind`` (text), ``happened_at``, ``recorded_at``, ``struck_at``
(timestamp, microseconds, UTC; ``struck_at`` null where the record stands), ``id``, ``source``
(text), then one column per field, named by :meth:`EventShape.column`; null is unknown. ``money``
and ``int`` are int64, ``number`` decimal128(18, 6), ``date`` date32. A coverage event has kind
``coverage`` and its source in the column ``data_set``.

A table *in order* is sorted by subject, happened_at, recorded_at, id, holds each (subject, id)
once, and says so in its metadata.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa

from xinyong.records.event import Event, FieldValue
from xinyong.records.shape import EventShape, FieldShape, FieldType
from xinyong.terms import MICRO

IN_ORDER: Final = {b"xinyong.events": b"1 in-order"}
"""Schema metadata of a table that is sorted and free of duplicates."""

STAMP: Final = pa.timestamp("us", tz="UTC")
ARROW_TYPE: Final[Mapping[FieldType, pa.DataType]] = {
    "bool": pa.bool_(),
    "int": pa.int64(),
    "money": pa.int64(),
    "number": pa.decimal128(18, 6),
    "text": pa.string(),
    "date": pa.date32(),
}


def field_columns(shape: EventShape) -> dict[str, FieldShape]:
    """Columns for fields, by name, in the order of the shape; ``data_set`` for coverage is last."""
    found: dict[str, FieldShape] = {}
    for kind, fields in shape.kinds.items():
        for name, spec in fields.items():
            found.setdefault(shape.column(kind, name), FieldShape(spec.type))
    found.setdefault("data_set", FieldShape("text"))
    return found


def schema(shape: EventShape) -> pa.Schema:
    """The Arrow schema of an events table of this shape."""
    fields = [
        pa.field("subject", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("happened_at", STAMP, nullable=False),
        pa.field("recorded_at", STAMP, nullable=False),
        pa.field("struck_at", STAMP),
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string()),
    ]
    fields += [pa.field(name, ARROW_TYPE[spec.type]) for name, spec in field_columns(shape).items()]
    return pa.schema(fields)


def from_events(events: Iterable[Event], shape: EventShape) -> pa.Table:
    """Events as a table of the shape, in the order given."""
    layout = schema(shape)
    columns: dict[str, list[Any]] = {name: [] for name in layout.names}
    specs = field_columns(shape)
    for event in events:
        row = {
            "subject": event.subject,
            "kind": event.kind,
            "happened_at": event.happened_at,
            "recorded_at": event.recorded_at,
            "struck_at": event.struck_at,
            "id": event.id,
            "source": event.source,
        }
        for name, value in event.fields.items():
            column = "data_set" if event.kind == "coverage" else shape.column(event.kind, name)
            row[column] = _to_arrow(value, specs[column].type)
        for name, values in columns.items():
            values.append(row.get(name))
    arrays = [
        pa.array(columns[item.name], pa.int64()).cast(item.type)
        if item.type == STAMP
        else pa.array(columns[item.name], item.type)
        for item in layout
    ]
    return pa.Table.from_arrays(arrays, schema=layout)


def _to_arrow(value: FieldValue, type_: FieldType) -> object:
    if value is None or type_ not in ("number", "date"):
        return value
    if type_ == "number":
        return Decimal(int(value)) / MICRO
    return int(value)


def to_events(table: pa.Table, shape: EventShape) -> list[Event]:
    """The rows of an events table, for the plain engine and for reading by people.

    ``recorded_at`` defaults to ``happened_at``, ``id`` to the row's number in the table.
    """
    specs = field_columns(shape)
    stamps = {
        name: table[name].cast(STAMP).cast(pa.int64()).to_pylist()
        for name in ("happened_at", "recorded_at", "struck_at")
        if name in table.column_names
    }
    plain = {
        name: _from_arrow(table[name], specs[name].type if name in specs else "text")
        for name in table.column_names
        if name not in stamps
    }
    events = []
    for row in range(table.num_rows):
        kind = plain["kind"][row]
        fields: dict[str, FieldValue] = {}
        if kind == "coverage":
            fields["data_set"] = plain["data_set"][row]
        for name in shape.kinds.get(kind, ()):
            qualified = f"{kind}.{name}"
            column = qualified if qualified in plain else shape.column(kind, name)
            if column in plain:
                fields[name] = plain[column][row]
        happened = stamps["happened_at"][row]
        recorded = stamps["recorded_at"][row] if "recorded_at" in stamps else None
        identity = plain["id"][row] if "id" in plain else None
        events.append(
            Event(
                subject=str(plain["subject"][row]),
                kind=kind,
                happened_at=happened,
                recorded_at=happened if recorded is None else recorded,
                id=f"{row:012d}" if identity is None else identity,
                fields=fields,
                struck_at=stamps["struck_at"][row] if "struck_at" in stamps else None,
                source=(plain["source"][row] or "") if "source" in plain else "",
            )
        )
    return events


def _from_arrow(column: pa.ChunkedArray, type_: FieldType) -> list[Any]:
    if type_ == "number":
        return [
            None if v is None else int(v * MICRO)
            for v in column.cast(pa.decimal128(18, 6)).to_pylist()
        ]
    if type_ == "date":
        return list(column.cast(pa.date32()).cast(pa.int32()).to_pylist())
    return list(column.to_pylist())
