"""Tables from elsewhere, made to fit the one layout of events.

Whatever can hand over Arrow data is taken: Arrow itself, Polars, pandas, a DuckDB relation,
anything with ``__arrow_c_stream__``, and lazy frames through narwhals. Values are never guessed:
a column of another type than the scheme's field is refused, with the way to mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.days import instant, start_of_day
from xinyong.errors import EventsRefused
from xinyong.records.event import Event
from xinyong.records.shape import EventShape, FieldType
from xinyong.records.table import ARROW_TYPE, IN_ORDER, STAMP, field_columns, from_events
from xinyong.scheme.complaints import nearest
from xinyong.terms import FIELD_LIMIT, FIXED_FIELD_LIMIT

REQUIRED = ("subject", "kind", "happened_at")
_STAMPS = ("happened_at", "recorded_at", "struck_at")
_WORDS = ("subject", "kind", "id", "source")
_TAKEN = (
    "an Arrow table, a Polars or pandas frame, a DuckDB relation, anything else with"
    " __arrow_c_stream__, a list of events, or a path"
)


def arrow(events: object, shape: EventShape, *, where: str = "events") -> pa.Table:
    """Anything that holds events as one Arrow table of the shape.

    Raises :class:`~xinyong.errors.EventsRefused` where a needed column is missing or a column
    does not fit.
    """
    return fit(_as_arrow(events, shape, where), shape, where=where)


def numbered(table: pa.Table, first: int = 0) -> pa.Table:
    """The table with the row's number as ``id`` where there is none, as the engine counts them."""
    rows = pa.array(np.arange(first, first + len(table)))
    numbers = pc.utf8_lpad(rows.cast(pa.string()), 12, "0")
    if "id" not in table.column_names:
        return table.append_column("id", numbers)
    place = table.column_names.index("id")
    return table.set_column(place, "id", pc.coalesce(table["id"], numbers))


def _as_arrow(events: object, shape: EventShape, where: str) -> pa.Table:
    if isinstance(events, pa.Table):
        return events
    if isinstance(events, pa.RecordBatch):
        return pa.Table.from_batches([events])
    if isinstance(events, pa.RecordBatchReader):
        return events.read_all()
    if isinstance(events, Sequence) and not isinstance(events, (str, bytes)):
        if all(isinstance(event, Event) for event in events):
            return from_events(events, shape)
        raise EventsRefused(
            "a list of something other than events cannot be scored",
            where=where,
            why="a plain list must hold xinyong.records.event.Event and nothing else",
            mend="for a list of dictionaries: pyarrow.Table.from_pylist(rows)",
        )
    if hasattr(events, "__arrow_c_stream__"):
        return pa.table(events)
    return _lazy(events, where)


def _lazy(events: object, where: str) -> pa.Table:
    import narwhals as nw

    try:
        frame: Any = nw.from_native(events)
    except TypeError:
        raise EventsRefused(
            f"a {type(events).__name__} cannot be read as events",
            where=where,
            why=f"events are {_TAKEN}",
            mend="turn it into an Arrow table first",
        ) from None
    return frame.lazy().collect(backend="pyarrow").to_native()


def fit(table: pa.Table, shape: EventShape, *, where: str = "events") -> pa.Table:
    """The columns that the shape knows, each in its type, in the order of the layout."""
    names = table.column_names
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise EventsRefused(
            f"there are two columns called '{twice}'",
            where=where,
            why="it cannot be told which one counts",
            mend="keep one of them",
        )
    specs = check_names(names, shape, where)
    columns: dict[str, pa.ChunkedArray] = {}
    for name in names:
        place = f"{where}, column '{name}'"
        if name in _STAMPS:
            columns[name] = _stamp(table[name], shape, place)
        elif name in _WORDS:
            columns[name] = _text(table[name], place, numbers=True)
        elif name in specs:
            columns[name] = _field(table[name], specs[name], shape, place)
    for name in REQUIRED:
        if columns[name].null_count:
            raise EventsRefused(
                f"{columns[name].null_count:,} of {len(table):,} rows have no {name}",
                where=where,
                why="every event has a subject, a kind and a moment",
                mend=f"drop the rows where {name} is null",
            )
    _kinds(columns["kind"], shape, where)
    order = [*_WORDS[:2], *_STAMPS, *_WORDS[2:], *specs]
    kept = {name: columns[name] for name in order if name in columns}
    ordered = (table.schema.metadata or {}).items() >= IN_ORDER.items()
    return pa.table(kept).replace_schema_metadata(IN_ORDER if ordered else None)


def check_names(names: list[str], shape: EventShape, where: str) -> dict[str, FieldType]:
    """Refuse names of columns that cannot be meant; gives the type of each field's column."""
    _need(names, where)
    specs = {name: spec.type for name, spec in field_columns(shape).items()}
    for kind, fields in shape.kinds.items():
        specs.update({f"{kind}.{name}": spec.type for name, spec in fields.items()})
    _near_misses(names, specs, shape, where)
    return specs


def _need(names: list[str], where: str) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if not missing:
        return
    near = {name: nearest(name, names) for name in missing}
    renames = ", ".join(f"'{found}' to '{name}'" for name, found in near.items() if found)
    raise EventsRefused(
        f"the events have no column {' and no column '.join(repr(name) for name in missing)}",
        where=where,
        why="every event has a subject, a kind and a moment",
        mend=(f"rename {renames}" if renames else "add it")
        + f"; the columns here are: {', '.join(names[:20]) or 'none'}",
    )


def _near_misses(
    names: list[str], specs: dict[str, FieldType], shape: EventShape, where: str
) -> None:
    """A column that is no field is passed over, unless it looks like a field that is absent."""
    known = {*specs, *_STAMPS, *_WORDS}
    given = {name.rpartition(".")[2] for name in names if name in known}
    absent = {*field_columns(shape), *_STAMPS, *_WORDS} - given - set(names)
    bare = {field for fields in shape.kinds.values() for field in fields} - known
    for name in names:
        if name in known:
            continue
        if name in bare:
            meant = sorted(column for column in specs if column.endswith(f".{name}"))
            raise EventsRefused(
                f"the column '{name}' could be several fields",
                where=where,
                why="events of different kinds have a field of this name, of different types",
                mend=f"name it after its kind: {', '.join(meant)}",
            )
        near = nearest(name, absent)
        if near is not None and len(name) > 3:
            raise EventsRefused(
                f"no field is called '{name}'",
                where=where,
                why=f"it would be passed over, and '{near}' would be unknown for everybody",
                mend=f"rename it to '{near}', or drop it",
            )


def _kinds(column: pa.ChunkedArray, shape: EventShape, where: str) -> None:
    known = {*shape.kinds, "coverage"}
    odd = sorted(set(pc.unique(column).to_pylist()) - known)
    if not odd:
        return
    near = nearest(odd[0], known)
    raise EventsRefused(
        f"the scheme knows no events of kind '{odd[0]}'"
        + (f" (and {len(odd) - 1} more kinds)" if len(odd) > 1 else ""),
        where=f"{where}, column 'kind'",
        why="an event the scheme does not know would be passed over in silence",
        mend=(f"did you mean '{near}'? " if near else "")
        + f"it knows: {', '.join(sorted(known))}; or drop those rows",
    )


def _wrong(column: pa.ChunkedArray, place: str, want: str, mend: str) -> EventsRefused:
    return EventsRefused(
        f"the column holds {column.type}", where=place, why=f"it must hold {want}", mend=mend
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _text(column: pa.ChunkedArray, place: str, *, numbers: bool = False) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    fits = _is_text(column.type) or pa.types.is_null(column.type)
    if fits or (numbers and pa.types.is_integer(column.type)):
        return column.cast(pa.string())
    raise _wrong(column, place, "words", "cast it to text")


def _stamp(column: pa.ChunkedArray, shape: EventShape, place: str) -> pa.ChunkedArray:
    """Moments in UTC; days and moments without an offset are read in the scheme's time zone."""
    kind = column.type
    if pa.types.is_null(kind):
        return column.cast(STAMP)
    if pa.types.is_date(kind):
        days = pc.unique(column.cast(pa.date32()))
        starts = [None if d is None else start_of_day(d, shape.zone) for d in days.to_pylist()]
        index = pc.index_in(column.cast(pa.date32()), value_set=days)
        return pc.take(pa.array(starts, pa.int64()), index).cast(STAMP)
    if not pa.types.is_timestamp(kind):
        raise _wrong(
            column,
            place,
            "moments (a timestamp) or days",
            "parse it first, for example with str.to_datetime() or pandas.to_datetime()",
        )
    if kind.tz is not None:
        return column.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(STAMP)
    return _from_wall_clock(column.cast(pa.timestamp("us"), safe=False), shape)


def _from_wall_clock(column: pa.ChunkedArray, shape: EventShape) -> pa.ChunkedArray:
    """Naive moments read in the zone as :func:`~xinyong.days.parse_moment` reads them.

    An hour that comes twice is the first; one that the clocks skip is counted on from before.
    """
    after, before = (
        pc.assume_timezone(column, shape.zone.key, ambiguous="earliest", nonexistent=word)
        for word in ("latest", "earliest")
    )
    skipped = pc.fill_null(pc.not_equal(after, before), False)
    found = after.cast(STAMP)
    if not pc.any(skipped).as_py():
        return found
    moments = [
        instant(naive.replace(tzinfo=shape.zone)) for naive in column.filter(skipped).to_pylist()
    ]
    mended = pc.replace_with_mask(
        found.combine_chunks().cast(pa.int64()), skipped.combine_chunks(), pa.array(moments)
    )
    return pa.chunked_array([mended.cast(STAMP)])


def _field(
    column: pa.ChunkedArray, want: FieldType, shape: EventShape, place: str
) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_null(kind) or kind == ARROW_TYPE[want]:
        return _bounded(column.cast(ARROW_TYPE[want]), want, place)
    if want == "text":
        return _text(column, place)
    if want == "bool":
        raise _wrong(column, place, "true, false or null", "cast it to bool")
    if want == "date":
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            column = pc.local_timestamp(column.cast(pa.timestamp(kind.unit, tz=shape.zone.key)))
        if pa.types.is_temporal(kind) and not pa.types.is_time(kind):
            return column.cast(pa.date32(), safe=False)
        raise _wrong(column, place, "days", "parse it first, for example with str.to_date()")
    return _bounded(_number(column, want, place), want, place)


def _number(column: pa.ChunkedArray, want: FieldType, place: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), None, column)
    elif not (pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise _wrong(column, place, f"numbers ({want})", "cast it to a number first")
    try:
        return column.cast(ARROW_TYPE[want])
    except pa.ArrowInvalid:
        if want == "number":
            mend = f"round it to six decimals; values lie within ±{FIXED_FIELD_LIMIT:,}"
        elif want == "money":
            mend = "give money in minor units (cents, fen): 12.50 is 1250"
        else:
            mend = "round it to whole numbers first"
        raise _wrong(
            column,
            place,
            "whole numbers" if want != "number" else "numbers with six decimals",
            mend,
        ) from None


def _bounded(column: pa.ChunkedArray, want: FieldType, place: str) -> pa.ChunkedArray:
    if want not in ("int", "money", "number") or column.null_count == len(column):
        return column
    limit = FIXED_FIELD_LIMIT if want == "number" else FIELD_LIMIT
    span = pc.min_max(column).as_py()
    if max(abs(span["min"]), abs(span["max"])) > limit:
        raise EventsRefused(
            "the column holds a number that is too large",
            where=place,
            why=f"a {want} is within ±{limit:,}, so that every sum stays exact",
            mend="give it in a larger unit, or set it to null",
        )
    return column
