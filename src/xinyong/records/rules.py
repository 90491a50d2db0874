"""From rows of text to events: one rule at a time, a whole batch at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.days import start_of_day
from xinyong.records import columns, moments
from xinyong.records.aside import Faults, Reason, clip
from xinyong.records.forms import (
    Column,
    Condition,
    Const,
    DaysBetween,
    File,
    Moment,
    Money,
    Rule,
    Text,
    near,
)
from xinyong.records.rows import Array, Rows
from xinyong.records.shape import RESERVED_COLUMNS, EventShape, FieldShape
from xinyong.records.table import STAMP, field_columns, schema
from xinyong.terms import FIELD_LIMIT

Fields = Mapping[str, FieldShape]
Value = Column | Money | Const | DaysBetween | Condition

_STORED: Final = {STAMP: pa.int64(), pa.date32(): pa.int32(), pa.decimal128(18, 6): pa.int64()}


def kinds_of(shape: EventShape) -> dict[str, Fields]:
    """The kinds of the shape and their fields, ``coverage`` among them."""
    sets = tuple(sorted(set(shape.data_set_of.values())))
    return {**shape.kinds, "coverage": {"data_set": FieldShape("text", sets)}}


def stored(shape: EventShape) -> pa.Schema:
    """The schema of events on their way: as an events table, but all numbers plain integers.

    Moments are microseconds, days are day numbers, ``number`` is in millionths. The columns
    ``#file`` and ``#line`` say where the row came from.
    """
    fields = [pa.field(item.name, _STORED.get(item.type, item.type)) for item in schema(shape)]
    return pa.schema([*fields, pa.field("#file", pa.int32()), pa.field("#line", pa.int64())])


@dataclass(slots=True)
class Batch:
    """Some rows of a file as text: the columns that are needed, line numbers, and the raw rows.

    ``refused`` are rows the reader itself sets aside: line, reason, text, raw row.
    """

    table: pa.RecordBatch
    lines: np.ndarray
    raw: Callable[[int], object]
    refused: list[tuple[int, Reason, str, object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of one kind of file become events."""

    shape: EventShape
    zone: ZoneInfo
    entry: File | None
    """The file's entry in the mapping document; None for a plain file."""

    @property
    def unknown(self) -> tuple[str, ...]:
        """Words that mean unknown, besides nothing at all."""
        return self.entry.unknown if self.entry else ()

    def needed(self) -> set[str]:
        """Columns that are read, where the file has them."""
        if self.entry is not None:
            return self.entry.columns()
        return set(plain_columns(self.shape))

    def required(self) -> set[str]:
        """Columns that a file with a header must have."""
        if self.entry is not None:
            return self.entry.columns()
        return {"subject", "kind", "happened_at"}

    def events(self, batch: Batch, faults: Faults) -> list[pa.RecordBatch]:
        """The events of a batch in the stored schema, without ``#file``.

        A row goes in whole or not at all: rows with a fault, noted in ``faults``, give no event.
        """
        rules = (
            [(rule, _chosen(rule, batch, self)) for rule in self.entry.events]
            if self.entry is not None
            else list(_plain_rules(batch, self.shape, faults))
        )
        made = []
        for rule, chosen in rules:
            spots = np.flatnonzero(chosen)
            if len(spots):
                part = batch.table if len(spots) == len(chosen) else _take(batch.table, spots)
                made.append(_apply(rule, Rows(part, spots, faults), self))
        faulty = np.fromiter(faults.of, np.int64, len(faults.of))
        layout = stored(self.shape)
        out = []
        for spots, arrays in made:
            arrays["#line"] = pa.array(batch.lines[spots])
            events = pa.RecordBatch.from_arrays(
                [
                    arrays[item.name] if item.name in arrays else pa.nulls(len(spots), item.type)
                    for item in layout
                ],
                schema=layout,
            )
            good = ~np.isin(spots, faulty) if len(faulty) else None
            out.append(events if good is None else events.filter(pa.array(good)))
        return [part for part in out if part.num_rows]


def _take(table: pa.RecordBatch, spots: np.ndarray) -> pa.RecordBatch:
    return table.take(pa.array(spots))


# plain files


def plain_columns(shape: EventShape) -> dict[str, FieldShape | None]:
    """Columns a plain file may have: the reserved ones and every name of a field."""
    found: dict[str, FieldShape | None] = dict.fromkeys(sorted(RESERVED_COLUMNS))
    found.update(field_columns(shape))
    for kind, fields in shape.kinds.items():
        for name, spec in fields.items():
            found.setdefault(f"{kind}.{name}", spec)
    return found


def _plain_rules(
    batch: Batch, shape: EventShape, faults: Faults
) -> Iterable[tuple[Rule, np.ndarray]]:
    """One rule for each kind that occurs in the batch, with its rows; faults for the others."""
    rows = Rows(batch.table, np.arange(batch.table.num_rows), faults)
    kinds = kinds_of(shape)
    text = rows.text("kind")
    rows.fault(pc.is_null(text), Reason.UNKNOWN_KIND, "kind: no kind is given")
    coded = text.dictionary_encode()
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    present = set(batch.table.schema.names)
    for code, kind in enumerate(coded.dictionary.to_pylist()):
        chosen = codes == code
        if kind not in kinds:
            hint = near(kind, list(kinds))
            rows.fault(chosen, Reason.UNKNOWN_KIND, f"kind: {clip(kind)} is unknown; {hint}")
            continue
        own: dict[str, str] = {}
        shared: set[str] = set()
        for name in kinds[kind]:
            qualified = f"{kind}.{name}"
            usual = "data_set" if kind == "coverage" else shape.column(kind, name)
            own[name] = qualified if qualified in present else usual
            if own[name] != usual and usual in present:
                # Some rows may use one name, some the other.
                either = pc.coalesce(rows.text(qualified), rows.text(usual))
                spot = batch.table.schema.get_field_index(qualified)
                batch.table = batch.table.set_column(spot, qualified, either)
                shared.add(usual)
        _foreign(rows, chosen, kind, {*own.values(), *shared}, present)
        yield _plain_rule(kind, own, present), chosen


def _plain_rule(kind: str, own: Mapping[str, str], present: set[str]) -> Rule:
    def moment(column: str) -> Moment | None:
        return Moment(column=column) if column in present else None

    fields: dict[str, Any] = {name: Column(column=where) for name, where in own.items()}
    return Rule(
        kind=kind,
        at=Moment(column="happened_at"),
        recorded=moment("recorded_at"),
        struck=moment("struck_at"),
        id=Text(column="id") if "id" in present else None,
        fields=fields,
    )


def _foreign(rows: Rows, chosen: np.ndarray, kind: str, own: set[str], present: set[str]) -> None:
    """Values in columns that the kind does not have would be lost in silence."""
    for column in sorted(present - own - RESERVED_COLUMNS):
        text = rows.text(column)
        if text.null_count < len(text):
            given = chosen & pc.is_valid(text).to_numpy(zero_copy_only=False)
            rows.fault(given, Reason.UNKNOWN_FIELD, f"{clip(kind)} has no field {clip(column)}")


# one rule


def _holds(condition: Condition, rows: Rows) -> Array:
    """Whether the condition holds for each row; null where the column is unknown."""
    text = rows.text(condition.column)
    if condition.given:
        return pc.is_valid(text)
    if condition.missing:
        return pc.is_null(text)
    words = condition.in_ or condition.not_in or (condition.is_ or "",)
    found = pc.is_in(text, value_set=pa.array(words, pa.string()))
    if condition.not_in:
        found = pc.invert(found)
    return pc.if_else(pc.is_valid(text), found, pa.scalar(None, pa.bool_()))


def _chosen(rule: Rule, batch: Batch, plan: Plan) -> np.ndarray:
    rows = Rows(batch.table, np.arange(batch.table.num_rows), Faults())
    chosen = np.ones(batch.table.num_rows, dtype=bool)
    for condition in rule.when:
        chosen &= pc.fill_null(_holds(condition, rows), False).to_numpy(zero_copy_only=False)
    return chosen


def _text(text: Text, rows: Rows) -> Array:
    """A column, template or constant; unknown if a column of it is."""
    parts = [
        rows.text(piece) if is_column else pa.scalar(piece, pa.string())
        for piece, is_column in text.parts()
    ]
    if len(parts) == 1 and isinstance(parts[0], pa.Array):
        return parts[0]
    blank = pa.array([""] * len(rows), pa.string())
    return pc.binary_join_element_wise(*parts, blank, "")


def _moments(moment: Moment, rows: Rows, zone: ZoneInfo, name: str) -> Array:
    if moment.column is None:
        if moment.day is None:
            return pa.nulls(len(rows), pa.int64())
        if moment.plus_days == 0:
            return pa.array(np.full(len(rows), start_of_day(moment.day, zone), np.int64))
        text = pa.array([moment.day.isoformat()] * len(rows), pa.string())
    else:
        text = rows.text(moment.column)
        name = f"{name}: {moment.column}" if name != moment.column else name
    if moment.plus_days == 0:
        return moments.moments(rows, text, zone, name, moment.format)
    if isinstance(moment.plus_days, int):
        plus = pa.array(np.full(len(rows), moment.plus_days, np.int64))
    else:
        plus = columns.numbers(
            rows, rows.text(moment.plus_days), f"{name}: {moment.plus_days}", places=0,
            limit=73_050,
        )  # fmt: skip
    return moments.moved(rows, text, plus, zone, name, moment.format)


def _apply(rule: Rule, rows: Rows, plan: Plan) -> tuple[np.ndarray, dict[str, Array]]:
    """The columns of one rule's events, and the rows they come from."""
    shape, zone = plan.shape, plan.zone
    entry = plan.entry
    out: dict[str, Array] = {}
    subject = _text(entry.subject if entry else Text(column="subject"), rows)
    out["subject"] = columns.words(rows, subject, "subject", identity=True)
    rows.fault(pc.is_null(subject), Reason.MISSING_SUBJECT, "subject: nobody is named")
    out["kind"] = pa.array([rule.kind] * len(rows), pa.string())
    happened = _moments(rule.at, rows, zone, "happened_at")
    rows.fault(pc.is_null(happened), Reason.UNREADABLE_MOMENT, "happened_at: no moment is given")
    moments.within_days(rows, happened, shape.zone, "happened_at")
    out["happened_at"] = out["recorded_at"] = happened
    if rule.recorded is not None:
        recorded = _moments(rule.recorded, rows, zone, "recorded_at")
        moments.within_days(rows, recorded, shape.zone, "recorded_at")
        early = pc.less(recorded, happened)
        rows.fault(early, Reason.RECORDED_EARLY, "recorded_at: it was known before it happened")
        out["recorded_at"] = pc.coalesce(recorded, happened)
    if rule.struck is not None:
        struck = _moments(rule.struck, rows, zone, "struck_at")
        moments.within_days(rows, struck, shape.zone, "struck_at")
        out["struck_at"] = struck
    source = entry.source if entry else Text(column="source")
    if source is not None:
        out["source"] = columns.words(rows, _text(source, rows), "source", identity=True)
    fields = kinds_of(shape)[rule.kind]
    content = []
    for name, value in sorted(rule.fields.items()):
        column = "data_set" if rule.kind == "coverage" else shape.column(rule.kind, name)
        out[column] = _value(value, fields[name], name, rows, zone)
        content.append((name, out[column]))
    if rule.kind == "coverage":
        unsaid = pc.is_null(out["data_set"]) if "data_set" in out else np.ones(len(rows), bool)
        rows.fault(unsaid, Reason.WRONG_TYPE, "data_set: coverage must say which data set")
    made = _from_content(out, content, len(rows))
    if rule.id is not None:
        given = columns.words(rows, _text(rule.id, rows), "id", identity=True)
        out["id"] = pc.coalesce(given, made()) if given.null_count else given
    else:
        out["id"] = made()
    return rows.numbers, out


def _value(value: Value, spec: FieldShape, name: str, rows: Rows, zone: ZoneInfo) -> Array:
    """The values of one field, in the stored type."""
    if isinstance(value, Column):
        text = rows.text(value.column)
        if value.map is not None:
            table = {word: _word(scalar) for word, scalar in value.map.items()}
            text = columns.mapped(rows, text, table, value.closed, _word(value.otherwise), name)
        return columns.field_values(
            rows, text, spec, zone, name, format=value.format, rounded=value.round
        )
    if isinstance(value, Money):
        return columns.numbers(
            rows, rows.text(value.money), name, places=value.minor, limit=FIELD_LIMIT,
            rounded=value.round,
        )  # fmt: skip
    if isinstance(value, Const):
        text = pa.array([_word(value.const)] * len(rows), pa.string())
        return columns.field_values(rows, text, spec, zone, name)
    if isinstance(value, Condition):
        return _holds(value, rows)
    first, last = (_days(moment, rows, zone, name) for moment in value.days_between)
    return pc.subtract(pc.cast(last, pa.int64()), pc.cast(first, pa.int64()))


def _days(moment: Moment, rows: Rows, zone: ZoneInfo, name: str) -> Array:
    if moment.column is not None and moment.plus_days == 0:
        label = f"{name}: {moment.column}"
        return moments.days(rows, rows.text(moment.column), zone, label, moment.format)
    found = _moments(moment, rows, zone, name)
    moments.within_days(rows, found, zone, name)
    first, last = moments.bounds(zone)
    beyond = pc.or_(pc.less(found, first), pc.greater(found, last))
    return moments.local_days(pc.if_else(beyond, None, found), zone)


def _word(scalar: object) -> str | None:
    if scalar is None:
        return None
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return str(scalar)


def _from_content(
    out: Mapping[str, Array], content: list[tuple[str, Array]], count: int
) -> Callable[[], Array]:
    """Ids from content: 32 hexadecimal digits of subject, kind, moment, source and known fields."""

    def made() -> Array:
        parts = [out["subject"], out["kind"], pc.cast(out["happened_at"], pa.string())]
        parts = [pc.fill_null(part, "") for part in parts]
        source = out.get("source")
        parts.append(pa.array([""] * count) if source is None else pc.fill_null(source, ""))
        for name, values in content:
            text = pc.cast(values, pa.string())
            parts.append(pc.fill_null(pc.binary_join_element_wise(f"{name}=", text, ""), ""))
        # No text holds this separator: control characters set a row aside.
        joined = pc.cast(pc.binary_join_element_wise(*parts, "\x1f"), pa.binary()).to_pylist()
        return pa.array([blake2b(part, digest_size=16).hexdigest() for part in joined])

    return made
