"""Events tables as the fast engines read them: checked, in order, cut at subjects.

:func:`blocks` turns any stream of record batches into :class:`Block` s, each holding whole
subjects whose events are in order of (happened_at, recorded_at, id), each (subject, id) once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan import Plan
from xinyong.engine.plan_tables import Column
from xinyong.errors import EventsRefused
from xinyong.records.table import IN_ORDER
from xinyong.terms import EVENTS_LIMIT, FIELD_LIMIT, FIXED_FIELD_LIMIT, MICRO

DAY_US: Final = 86_400_000_000
STAMPS: Final = ("happened_at", "recorded_at", "struck_at")


@dataclass(frozen=True, slots=True)
class Block:
    """Whole subjects: one contiguous array per column, and where each subject begins.

    ``starts`` has one entry more than there are subjects; ``subjects`` is an Arrow array.
    """

    arrays: Mapping[str, pa.Array]
    subjects: pa.Array
    starts: Int
    rows: int


def is_in_order(metadata: Mapping[bytes, bytes] | None) -> bool:
    """Whether an events table says that it is sorted and free of duplicates."""
    key, value = next(iter(IN_ORDER.items()))
    return bool(metadata) and dict(metadata or {}).get(key) == value


def wanted_columns(plan: Plan, have: Sequence[str], *, ordered: bool) -> list[str]:
    """Columns of an events table that a plan reads, among those there are.

    Raises :class:`EventsRefused` if one that must be there is absent.
    """
    for name in ("subject", "kind", "happened_at"):
        if name not in have:
            raise EventsRefused(
                f"the events have no column '{name}'",
                why="an event is a subject, a kind and the moment it happened",
                mend=f"columns here: {', '.join(list(have)[:20])}; rename one, or take the "
                "file in with a mapping document",
            )
    names = ["subject", "kind", *(n for n in STAMPS if n in have)]
    if not ordered and "id" in have:
        names.append("id")
    for column in plan.columns:
        found = column_name(column, have)
        if found is not None and found not in names:
            names.append(found)
    return names


def column_name(column: Column, have: Sequence[str]) -> str | None:
    """Name under which a field stands in a table: ``kind.field``, or the field alone."""
    qualified = f"{column.kind}.{column.field}"
    if column.kind and qualified in have:
        return qualified
    return column.name if column.name in have else None


# ------------------------------------------------------------------ blocks


def runs(subjects: pa.Array) -> Int:
    """Where each run of equal subjects begins, and the end."""
    if len(subjects) == 0:
        return np.zeros(1, np.int64)
    if pa.types.is_integer(subjects.type) and subjects.null_count == 0:
        values = subjects.to_numpy()
        inner = np.flatnonzero(values[1:] != values[:-1]) + 1
    else:
        if pa.types.is_dictionary(subjects.type):
            subjects = subjects.dictionary_decode()
        ends = pc.run_end_encode(subjects).run_ends.to_numpy()
        inner = ends[:-1]
    return np.concatenate([[0], inner, [len(subjects)]]).astype(np.int64)


def _flat(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(array, pa.ChunkedArray):
        if array.num_chunks == 1:
            return array.chunk(0)
        if pa.types.is_dictionary(array.type):
            array = array.unify_dictionaries()
        combined = array.combine_chunks()
        return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined
    return array


def _block(arrays: Mapping[str, pa.Array], starts: Int) -> Block:
    low, high = int(starts[0]), int(starts[-1])
    most = int(np.max(np.diff(starts))) if len(starts) > 1 else 0
    if most > EVENTS_LIMIT:
        where = int(np.argmax(np.diff(starts)))
        raise EventsRefused(
            f"the subject {arrays['subject'][int(starts[where])].as_py()!r} has {most:,} events",
            why=f"a subject has at most {EVENTS_LIMIT:,}, so that sums stay exact",
            mend="leave out events older than the longest window",
        )
    cut = {name: array.slice(low, high - low) for name, array in arrays.items()}
    subjects = arrays["subject"].take(pa.array(starts[:-1]))
    return Block(cut, subjects, starts - low, high - low)


def blocks(batches: Iterable[pa.RecordBatch | pa.Table]) -> Iterator[Block]:
    """Cut a stream of batches that are in order by subject into blocks of whole subjects.

    Raises :class:`EventsRefused` if a subject comes back after another.
    """
    carry: dict[str, pa.Array] | None = None
    last: Any = None

    def check(block: Block) -> Block:
        nonlocal last
        last = _ascending(block.subjects, last)
        return block

    for batch in batches:
        if batch.num_rows == 0:
            continue
        arrays = {name: _flat(batch.column(name)) for name in batch.schema.names}
        starts = runs(arrays["subject"])
        first = 0
        if carry is not None:
            if carry["subject"][0].as_py() == arrays["subject"][0].as_py():
                head = {n: a.slice(0, int(starts[1])) for n, a in arrays.items()}
                carry = {n: _flat(pa.chunked_array([carry[n], head[n]])) for n in arrays}
                first = 1
            if first == 0 or len(starts) > 2:
                yield check(_block(carry, np.array([0, len(carry["subject"])], np.int64)))
                carry = None
        if carry is None:
            inner = starts[first:-1]
            if len(inner) > 1:
                yield check(_block(arrays, inner))
            tail = int(starts[-2])
            carry = {n: a.slice(tail, int(starts[-1]) - tail) for n, a in arrays.items()}
    if carry is not None:
        yield check(_block(carry, np.array([0, len(carry["subject"])], np.int64)))


def _ascending(subjects: pa.Array, last: Any) -> Any:
    """The last subject; refuses subjects that are not in ascending order."""
    if len(subjects) == 0:
        return last
    first = subjects[0].as_py()
    ordered = last is None or first is None or last < first
    if len(subjects) > 1:
        ordered = ordered and bool(pc.all(pc.less(subjects[:-1], subjects[1:])).as_py())
    if not ordered or first is None:
        raise EventsRefused(
            "a subject is missing" if first is None else "the events are not in order of subject",
            why="a table marked as in order is sorted by subject, and every event has one",
            mend="take the file in again with 'xinyong intake', or drop the mark",
        )
    return subjects[len(subjects) - 1].as_py()


# ------------------------------------------------------------------ fields


def field_array(array: pa.Array, column: Column, plan: Plan) -> pa.Array:
    """A field's column in the type the engines read: bool, integers, decimal, date, dictionary.

    Raises :class:`EventsRefused` where the values do not fit the field's type or limits.
    """
    kind = plan.bound.fields
    field_kind = next(
        fields[column.field]
        for name, fields in kind.items()
        if column.field in fields and (not column.kind or name == column.kind)
    )
    base, given = field_kind.base, array.type
    try:
        if base == "text":
            if pa.types.is_dictionary(given):
                return array
            return array.cast(pa.string()).dictionary_encode()
        if base == "bool":
            return array.cast(pa.bool_())
        if base == "date":
            return array.cast(pa.date32())
        if base == "fixed":
            if not pa.types.is_decimal128(given) or given.scale != 6:
                array = array.cast(pa.decimal128(38 if pa.types.is_integer(given) else 30, 6))
            return _bounded(array, FIXED_FIELD_LIMIT, column)
        if not pa.types.is_signed_integer(given):
            array = array.cast(pa.int64())
        return _bounded(array, FIELD_LIMIT, column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise EventsRefused(
            f"the column '{column.name}' is {given} and does not fit {field_kind}",
            why="the scored path has no floats: a field holds what its type says, exactly",
            mend="convert the column, or take the file in with 'xinyong intake'",
        ) from None


def _bounded(array: pa.Array, limit: int, column: Column) -> pa.Array:
    least = pc.min_max(array).as_py()
    if least["min"] is not None and (least["min"] < -limit or least["max"] > limit):
        raise EventsRefused(
            f"the column '{column.name}' has values beyond ±{limit:,}",
            why="larger values could overflow a sum",
            mend="set such events aside, or use a larger unit",
        )
    return array


def words(array: pa.Array, column: Column, plan: Plan) -> Int | None:
    """Look-up from dictionary codes to the plan's codes of words, or to identities."""
    if not pa.types.is_dictionary(array.type):
        return None
    values = array.dictionary.cast(pa.string())
    if column.words:
        found = pc.index_in(values, pa.array(list(plan.words), pa.string()))
        return np.asarray(found.fill_null(-1)).astype(np.int64) + 1
    codes = values.dictionary_encode().indices
    return np.asarray(codes.fill_null(0)).astype(np.int64)


def kind_codes(array: pa.Array, plan: Plan) -> tuple[pa.Array, Int]:
    """The kind of each event as a code of 8 or 32 bits, and the plan's number of each code."""
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    if array.null_count:
        raise EventsRefused(
            "an event has no kind",
            why="every event is of a kind that the scheme declares",
            mend="set such rows aside, or take the file in with 'xinyong intake'",
        )
    values = array.dictionary.cast(pa.string()).to_pylist()
    known = {kind: n for n, kind in enumerate(plan.kinds)}
    used = set(pc.unique(array.indices).to_pylist()) if set(values) - set(known) else set()
    odd = [v for n, v in enumerate(values) if v not in known and n in used]
    if odd:
        raise EventsRefused(
            f"events of kind '{odd[0]}' are not in the scheme '{plan.scheme.scheme}'",
            why="an event the scheme does not declare may not be read",
            mend=f"the scheme declares: {', '.join(plan.kinds[:-1])}; leave the others out",
        )
    indices = array.indices
    if indices.type not in (pa.int8(), pa.int32()):
        indices = indices.cast(pa.int32())
    return indices, np.array([known.get(v, 0) for v in values] or [0], np.int64)


def not_in_time() -> EventsRefused:
    """The refusal of events that claim to be in order and are not."""
    return EventsRefused(
        "the events of a subject are not in order of time",
        why="a table marked as in order is sorted by subject, happened_at, recorded_at and id",
        mend="take the file in again with 'xinyong intake', or drop the mark",
    )


def numbers(array: pa.Array, look_up: Int | None) -> Int:
    """An Arrow column as 64-bit integers, unknown where null; ``look_up`` takes codes of words."""
    missing = np.asarray(array.is_null())
    if pa.types.is_dictionary(array.type):
        assert look_up is not None
        codes = np.asarray(array.indices.fill_null(0)).astype(np.int64)
        values = look_up[codes] if len(look_up) else codes
    elif pa.types.is_decimal(array.type):
        values = decimal_low(array)
    elif pa.types.is_boolean(array.type):
        values = np.asarray(array.fill_null(False)).astype(np.int64)
    else:
        if pa.types.is_date32(array.type):
            array = array.cast(pa.int32())
        values = np.asarray(array.fill_null(0)).astype(np.int64)
    return np.where(missing, UNKNOWN, values)


def decimal_low(array: pa.Array) -> Int:
    """Millionths of a decimal column with scale 6; unknown where null."""
    buffer = array.buffers()[1]
    pairs = np.frombuffer(buffer, np.int64)
    values = pairs[2 * array.offset : 2 * (array.offset + len(array)) : 2]
    if array.null_count:
        values = np.where(np.asarray(array.is_null()), UNKNOWN, values)
    return np.ascontiguousarray(values)


assert MICRO == 10**6  # the scale of decimal columns
