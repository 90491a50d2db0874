"""Ten thousand subjects for a scheme of the library, with everything records can have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from xinyong.days import day_number, end_of_day, start_of_day
from xinyong.demo.town import Part, draw_town
from xinyong.engine.shape import shape_of
from xinyong.records.event import Event
from xinyong.records.shape import EventShape, FieldShape
from xinyong.records.table import ARROW_TYPE, IN_ORDER, STAMP, field_columns, from_events, schema
from xinyong.scheme import library

Array = npt.NDArray[Any]
SUBJECTS: Final = 10_000
EACH: Final = 10
"""About how many events a subject has."""
FIRST: Final = date(2024, 7, 1)
DAY: Final = date(2025, 10, 31)
LAST: Final = date(2025, 12, 31)
"""Events lie from FIRST to LAST and scores are asked for as of DAY."""
PARTS: Final[dict[str, Part]] = {"sesame": "people", "tax-credit": "firms"}
"""The schemes whose events the demo town draws."""
HOUR: Final = 3_600_000_000
MONTH: Final = 720 * HOUR


@lru_cache(maxsize=1)
def drawn(name: str) -> pa.Table:
    """Events of SUBJECTS subjects, in order of subject and time, not free of duplicates.

    In shares of a few in a hundred: recorded months late or before it happened, struck out
    before or after the day, at the first or last microsecond of a day, the same id twice.
    """
    scheme = library.load(name)
    rng = np.random.Generator(np.random.PCG64(20251031))
    shape = shape_of(scheme)
    table = _thinned(_town(name), rng) if name in PARTS else _by_type(shape, rng)
    table = _disturbed(_first_subjects(table), shape, rng)
    return table.replace_schema_metadata(None)


def shuffled(table: pa.Table) -> pa.Table:
    """The rows in another order, without the mark of order."""
    places = np.random.Generator(np.random.PCG64(7)).permutation(table.num_rows)
    return table.take(pa.array(places)).replace_schema_metadata(None)


def by_subject(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Events of each subject; the plain engine passes over others, but slowly."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.subject].append(event)
    return found


def in_order(events: Iterable[Event], shape: EventShape) -> pa.Table:
    """Each (subject, id) once, sorted and marked so: section 2 of the meaning, in Python."""
    first: dict[tuple[str, str], Event] = {}
    for event in sorted(events, key=lambda e: (e.recorded_at, e.happened_at, e.kind)):
        first.setdefault((event.subject, event.id), event)
    rows = sorted(first.values(), key=lambda e: (e.subject, e.happened_at, e.recorded_at, e.id))
    return from_events(rows, shape).replace_schema_metadata(IN_ORDER)


def in_pieces(table: pa.Table, rows: int) -> pa.Table:
    """The same table in chunks of so many rows, which cut through subjects."""
    return pa.concat_tables(table.slice(n, rows) for n in range(0, table.num_rows, rows))


# ------------------------------------------------------------------ drawing


def _town(name: str) -> pa.Table:
    size = SUBJECTS * 6 // 5
    return draw_town(size, size, seed=3, first=FIRST, last=LAST).events(PARTS[name])


def _thinned(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Fewer of the frequent kinds, all of the rare ones: EACH events a subject."""
    codes = table["kind"].combine_chunks().dictionary_encode()
    counts = np.bincount(codes.indices.to_numpy())
    low, high = 0, int(counts.max())
    while low < high - 1:
        most = (low + high) // 2
        low, high = (
            (most, high) if np.minimum(counts, most).sum() < EACH * SUBJECTS else (low, most)
        )
    share = np.minimum(high / counts, 1.0)[codes.indices.to_numpy()]
    return table.filter(pa.array(rng.random(table.num_rows) < share))


def _by_type(shape: EventShape, rng: np.random.Generator) -> pa.Table:
    """Events of any shape at any time, fields drawn by their types alone."""
    kinds = [*shape.kinds, "coverage"]
    size = SUBJECTS * EACH * 6 // 5
    kind = rng.integers(0, len(kinds), size)
    subject = np.sort(rng.integers(0, SUBJECTS * 6 // 5, size))
    zero, end = start_of_day(FIRST, shape.zone), end_of_day(LAST, shape.zone)
    seconds = np.sort(rng.integers(0, (end - zero) // 1_000_000, size))
    happened = zero + seconds[np.argsort(np.argsort(rng.random(size)))] * 1_000_000
    order = np.lexsort((happened, subject))
    columns: dict[str, pa.Array] = {
        "subject": _numbered("s", subject),
        "kind": pa.array(kinds).take(pa.array(kind)),
        "happened_at": pa.array(happened[order]).cast(STAMP),
        "recorded_at": pa.array(happened[order]).cast(STAMP),
        "struck_at": pa.nulls(size, STAMP),
        "id": _numbered("e", np.arange(size)),
        "source": pa.nulls(size, pa.string()),
    }
    for name, spec in field_columns(shape).items():
        owners = [n for n, k in enumerate(kinds) if _has(shape, k, name)]
        columns[name] = _values(shape, name, spec, rng, np.isin(kind, owners))
    layout = schema(shape)
    return pa.Table.from_arrays([columns[n] for n in layout.names], schema=layout)


def _has(shape: EventShape, kind: str, column: str) -> bool:
    if kind == "coverage":
        return column == "data_set"
    return any(shape.column(kind, field) == column for field in shape.kinds[kind])


def _values(
    shape: EventShape, name: str, spec: FieldShape, rng: np.random.Generator, there: Array
) -> pa.Array:
    """Small values, now and then a huge one or none, on the rows that have the field."""
    size = len(there)
    none = ~there | (rng.random(size) < 0.05)
    if spec.type == "text":
        words = sorted({*_words(shape, name), *(() if name == "data_set" else ("", "elsewhere"))})
        return pa.array(words).take(pa.array(rng.integers(0, len(words), size), mask=none))
    values = rng.integers(-3, 25, size)
    if spec.type == "bool":
        return pa.array(values > 10, mask=none)
    if spec.type == "money":
        values = np.where(rng.random(size) < 0.1, 10**12 - abs(values), values * 5_000)
    if spec.type == "date":
        days = (day_number(DAY) + values * 100).astype(np.int32)
        return pa.array(days, mask=none).cast(pa.date32())
    if spec.type == "number":
        return pa.array(values.astype(np.int32), mask=none).cast(ARROW_TYPE[spec.type])
    return pa.array(values, mask=none).cast(ARROW_TYPE[spec.type])


def _words(shape: EventShape, column: str) -> set[str]:
    if column == "data_set":
        return set(shape.data_set_of.values())
    return {
        word
        for kind, fields in shape.kinds.items()
        for field, spec in fields.items()
        if shape.column(kind, field) == column
        for word in spec.one_of or ("free", "words")
    }


def _numbered(prefix: str, numbers: Array) -> pa.Array:
    texts = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 7, "0")
    return pc.binary_join_element_wise(prefix, texts, "")


def _first_subjects(table: pa.Table) -> pa.Table:
    subjects = pc.unique(table["subject"]).sort().slice(0, SUBJECTS)
    return table.filter(pc.is_in(table["subject"], subjects)).combine_chunks()


def _disturbed(table: pa.Table, shape: EventShape, rng: np.random.Generator) -> pa.Table:
    """What the docstring of :func:`drawn` says, done to a share of the rows."""
    size = table.num_rows
    happened, recorded = (
        np.asarray(table[name].cast(pa.int64())).copy() for name in ("happened_at", "recorded_at")
    )
    fate = rng.integers(0, 100, size)
    recorded += np.select([fate < 5, fate < 8], [2 * MONTH, -HOUR], 0)
    limit = end_of_day(DAY, shape.zone)
    recorded[fate == 9] = limit
    recorded[fate == 10] = limit + 1_000_000
    struck = recorded + rng.integers(0, 4, size) * 2 * MONTH
    struck[fate == 20] = limit
    struck[fate == 21] = limit + 1
    stands = (fate < 16) | (fate > 21)
    edges = np.array(
        [
            edge
            for months in (0, 1, 3, 12)
            for day in (DAY - timedelta(days=30 * months + months // 6),)
            for edge in (start_of_day(day, shape.zone), end_of_day(day, shape.zone))
        ]
    )
    happened = np.where(fate > 92, edges[rng.integers(0, len(edges), size)], happened)
    # a record under the id of the one before it, never recorded in the same microsecond
    subject = table["subject"].combine_chunks().dictionary_encode().indices.to_numpy()
    twice = (rng.random(size) < 0.05) & (subject == np.roll(subject, 1))
    twice[0] = False
    recorded = recorded + np.where(twice, 1, 0)
    ids = table["id"].combine_chunks()
    ids = ids.take(pa.array(np.where(twice, np.arange(size) - 1, np.arange(size))))
    made = {
        "happened_at": pa.array(happened).cast(STAMP),
        "recorded_at": pa.array(recorded).cast(STAMP),
        "struck_at": pa.array(struck, mask=stands).cast(STAMP),
        "id": ids,
    }
    return pa.table({name: made.get(name, table[name]) for name in table.column_names})
