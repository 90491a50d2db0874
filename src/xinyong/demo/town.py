"""A synthetic town: people and firms who do not exist, and two years of what happened to them.

The same seed gives the same bytes (with the same versions of numpy and pyarrow). Subjects are
drawn in groups of :data:`GROUP`, each from a stream of its own, so a town of any size is drawn
and written in little memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from xinyong.days import day_number, start_of_day
from xinyong.demo.fields import FREE_WORDS, Drawn, draw_of
from xinyong.demo.habits import OWN_DRAWS, habit_of
from xinyong.demo.traits import Traits, draw_firms, draw_people, draw_times
from xinyong.engine.shape import shape_of
from xinyong.errors import QuestionRefused
from xinyong.records.shape import EventShape, FieldShape
from xinyong.records.table import IN_ORDER, field_columns, schema
from xinyong.scheme.library import load

Array = npt.NDArray[Any]
Part = Literal["people", "firms"]
FIRST: Final = date(2024, 1, 1)
LAST: Final = date(2025, 12, 31)
"""The two years that are drawn unless others are asked for."""
SCHEMES: Final[Mapping[Part, str]] = {"people": "sesame", "firms": "tax-credit"}
"""The schemes of the library whose events are drawn unless other shapes are given."""
GROUP: Final = 5_000
"""Subjects drawn at a time; part of what a seed means."""
SYNTHETIC: Final = {b"xinyong.synthetic": b"1"}
"""Schema metadata of every table drawn here."""
PREFIX: Final = {"people": ("synthetic:p", 6), "firms": ("synthetic:f", 5)}
_DAY = 86_400
_LATE = 0.03
_STRUCK = 0.003
_UNKNOWN = 0.01


@dataclass(frozen=True, slots=True)
class Town:
    """How a town is drawn. Nothing is held in memory: each call draws anew, the same again."""

    people: int
    firms: int
    seed: int
    first: date
    last: date
    people_shape: EventShape
    firm_shape: EventShape

    def groups(self, part: Part, *, threads: int = 1) -> Iterator[pa.Table]:
        """Events tables of :data:`GROUP` subjects each, in order of subject.

        Each table is in order, and so are they one after the other. The number of threads
        changes nothing but the time.
        """
        size = self.people if part == "people" else self.firms
        begins = range(0, size, GROUP)
        if threads <= 1:
            yield from (self._group(part, begin) for begin in begins)
            return
        with ThreadPoolExecutor(threads) as pool:
            ahead: list[Future[pa.Table]] = []
            for begin in begins:
                ahead.append(pool.submit(self._group, part, begin))
                if len(ahead) > threads:
                    yield ahead.pop(0).result()
            yield from (future.result() for future in ahead)

    def _group(self, part: Part, begin: int) -> pa.Table:
        size = self.people if part == "people" else self.firms
        shape = self.people_shape if part == "people" else self.firm_shape
        seeds = np.random.SeedSequence([self.seed, int(part == "firms"), begin // GROUP])
        rng = np.random.Generator(np.random.PCG64(seeds))
        return _group(self, part, shape, rng, begin, min(GROUP, size - begin))

    def events(self, part: Part) -> pa.Table:
        """All events of the people or of the firms, in order."""
        shape = self.people_shape if part == "people" else self.firm_shape
        return pa.concat_tables([_layout(shape).empty_table(), *self.groups(part)])

    def write(
        self,
        part: Part,
        path: Path,
        *,
        threads: int = 1,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Write the events of one part as a Parquet file; gives the number of events.

        ``progress`` is told subjects done and subjects in all. The file appears whole or not.
        """
        size = self.people if part == "people" else self.firms
        shape = self.people_shape if part == "people" else self.firm_shape
        half = path.with_name(path.name + ".part")
        rows = done = 0
        try:
            with pq.ParquetWriter(half, _layout(shape), **_written(shape)) as writer:
                for table in self.groups(part, threads=threads):
                    writer.write_table(table, row_group_size=1 << 18)
                    rows += table.num_rows
                    done = min(done + GROUP, size)
                    if progress is not None:
                        progress(done, size)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
        return rows


def draw_town(
    people: int = 1_000,
    firms: int = 50,
    *,
    seed: int,
    first: date = FIRST,
    last: date = LAST,
    people_shape: EventShape | None = None,
    firm_shape: EventShape | None = None,
) -> Town:
    """A town of so many people and firms with events from ``first`` to ``last``, both included.

    The shapes say which events and fields there are (``shape_of(scheme)``; default: the library's
    schemes ``sesame`` and ``tax-credit``). ``town.events("people")`` is an events table. Raises
    :class:`~xinyong.errors.QuestionRefused` for a size, seed or span that cannot be drawn.
    """
    for what, count, most in (("people", people, 999_999), ("firms", firms, 99_999)):
        if not 0 <= count <= most:
            raise QuestionRefused(f"{count} {what} cannot be drawn", mend=f"ask for 0 to {most}")
    if not 0 <= seed < 2**63:
        raise QuestionRefused(f"{seed} is not a seed", mend="a seed is a whole number from 0")
    if not 30 <= (last - first).days + 1 <= 3660:
        raise QuestionRefused(
            f"events from {first} to {last} cannot be drawn", mend="ask for 30 days to 10 years"
        )
    people_shape = people_shape or shape_of(load(SCHEMES["people"]))
    firm_shape = firm_shape or shape_of(load(SCHEMES["firms"]))
    return Town(people, firms, seed, first, last, people_shape, firm_shape)


def subject_name(part: Part, number: int) -> str:
    """The name of a subject of the town, counted from 1."""
    prefix, width = PREFIX[part]
    return f"{prefix}{number:0{width}d}"


# ------------------------------------------------------------------ one group


@dataclass(slots=True)
class _Rows:
    """Rows of one group before they are sorted, one array per column."""

    subject: Array
    day: Array
    kind: Array
    fields: dict[str, tuple[Array, Array]]


def _layout(shape: EventShape) -> pa.Schema:
    return schema(shape).with_metadata({**IN_ORDER, **SYNTHETIC})


def _written(shape: EventShape) -> dict[str, Any]:
    """How the file is packed: a dictionary for words only, where it saves both time and room."""
    words = [item.name for item in _layout(shape) if pa.types.is_string(item.type)]
    return {"compression": "zstd", "compression_level": 1, "use_dictionary": words}


def _group(
    town: Town, part: Part, shape: EventShape, rng: np.random.Generator, begin: int, size: int
) -> pa.Table:
    days = (town.last - town.first).days + 1
    traits = (draw_people if part == "people" else draw_firms)(rng, size, days)
    kinds = [*shape.kinds, "coverage"]
    rows = _rows(rng, town, part, shape, traits, days)
    moment = rows.day * _DAY + _second_of_day(rng, len(rows.day))
    wait = _wait(rng, len(moment))
    order = np.lexsort((wait, rows.subject * (days * _DAY) + moment))
    subject, moment, wait = rows.subject[order], moment[order], wait[order]
    zero = start_of_day(town.first, shape.zone)
    happened = zero + moment * 1_000_000
    recorded = happened + wait * 1_000_000
    struck, stands = _struck(rng, recorded, zero + days * _DAY * 1_000_000)
    layout = _layout(shape)
    stamp = layout.field("happened_at").type
    kind = rows.kind[order]
    sources = pa.array([*(shape.data_set_of[k] for k in shape.kinds), "registry"])
    columns: dict[str, pa.Array] = {
        "subject": _names(part, begin + 1 + subject),
        "kind": pa.array(kinds).take(pa.array(kind)),
        "happened_at": pa.array(happened).cast(stamp),
        "recorded_at": pa.array(recorded).cast(stamp),
        "struck_at": pa.array(struck, mask=stands).cast(stamp),
        "id": _numbered(b"e", _within(subject) + 1, 6),
        "source": sources.take(pa.array(kind)),
    }
    for name, spec in field_columns(shape).items():
        values, known = rows.fields[name]
        columns[name] = _column(values[order], known[order], spec, shape, name)
    return pa.Table.from_arrays([columns[name] for name in layout.names], schema=layout)


def _rows(
    rng: np.random.Generator,
    town: Town,
    part: Part,
    shape: EventShape,
    traits: Traits,
    days: int,
) -> _Rows:
    """Draw every kind of event, then the coverage events, one after the other."""
    drawn: list[Drawn] = []
    for kind in shape.kinds:
        subject, day = draw_times(rng, habit_of(part, kind), traits, days)
        trouble = (day >= traits.trouble_from[subject]) & (day < traits.trouble_to[subject])
        drawn.append(Drawn(rng, traits, subject, day, trouble))
    asked = [_asked(rng, traits, days) for _ in dict.fromkeys(shape.data_set_of.values())]
    sizes = [d.size for d in drawn]
    total = sum(sizes) + sum(len(s) for s, _ in asked)
    fields: dict[str, tuple[Array, Array]] = {}
    for name, spec in field_columns(shape).items():
        type_ = np.bool_ if spec.type == "bool" else np.int64
        fields[name] = (np.zeros(total, type_), np.zeros(total, np.bool_))
    first_day = day_number(town.first)
    begin = 0
    for (kind, specs), one in zip(shape.kinds.items(), drawn, strict=True):
        here = slice(begin, begin + one.size)
        for field, spec in specs.items():
            values, known = fields[shape.column(kind, field)]
            value = draw_of(kind, field, spec, OWN_DRAWS)(one, spec)
            if spec.type == "date":
                value = value + one.day + first_day
            elif spec.type == "text":
                value = value + _word_offset(shape, kind, field)
            values[here] = value
            known[here] = rng.random(one.size) >= _UNKNOWN
        begin = here.stop
    for number, (subject, _) in enumerate(asked):
        here = slice(begin, begin + len(subject))
        fields["data_set"][0][here] = number
        fields["data_set"][1][here] = True
        begin = here.stop
    return _Rows(
        subject=np.concatenate([d.subject for d in drawn] + [s for s, _ in asked]),
        day=np.concatenate([d.day for d in drawn] + [d for _, d in asked]),
        kind=np.repeat(np.arange(len(sizes) + 1), [*sizes, total - sum(sizes)]),
        fields=fields,
    )


def _asked(rng: np.random.Generator, traits: Traits, days: int) -> tuple[Array, Array]:
    """Coverage: a source was asked about the subject, whether or not it had anything to say."""
    chance = np.where(traits.exposure > 0, 0.55, 0.3)
    subject = np.flatnonzero(rng.random(traits.size) < chance)
    wait = rng.exponential(60.0, len(subject)).astype(np.int64)
    again = np.flatnonzero(rng.random(len(subject)) < 0.35)
    subject = np.concatenate((subject, subject[again]))
    day = traits.joined[subject] + np.concatenate((wait, wait[again] + 365))
    inside = day < days
    return subject[inside], day[inside]


def _second_of_day(rng: np.random.Generator, size: int) -> Array:
    """Between six in the morning and eleven at night, most in the afternoon."""
    hour = 14.5 + 3.6 * rng.standard_normal(size, dtype=np.float32)
    second: Array = (np.clip(hour, 6, 22.99) * 3600).astype(np.int64)
    return second


def _wait(rng: np.random.Generator, size: int) -> Array:
    """Seconds until a record is written: at once, within hours, or (3 %) weeks later."""
    wait = rng.exponential(9_000.0, size).astype(np.int64)
    wait[rng.random(size, dtype=np.float32) < 0.5] = 0
    late = np.flatnonzero(rng.random(size, dtype=np.float32) < _LATE)
    wait[late] = (_DAY * (7 + rng.exponential(25.0, len(late)))).astype(np.int64)
    return wait


def _struck(rng: np.random.Generator, recorded: Array, end: int) -> tuple[Array, Array]:
    """When a few records were struck out (by ``end``), and a mask of those that stand."""
    stands = rng.random(len(recorded), dtype=np.float32) >= _STRUCK
    wait = (rng.exponential(45.0, len(recorded)) * _DAY).astype(np.int64) + 3_600
    struck = recorded + wait * 1_000_000
    return struck, stands | (struck >= end)


# ------------------------------------------------------------------ columns


def _within(subject: Array) -> Array:
    """0, 1, 2, ... within each run of equal values."""
    place = np.arange(len(subject))
    starts = np.flatnonzero(np.diff(subject, prepend=-1))
    return place - np.repeat(starts, np.diff(starts, append=len(subject)))


def _names(part: Part, number: Array) -> pa.Array:
    prefix, width = PREFIX[part]
    return _numbered(prefix.encode(), number, width)


def _numbered(prefix: bytes, number: Array, width: int) -> pa.Array:
    """Text of a fixed length: the prefix, then the number with leading zeros."""
    length = len(prefix) + width
    letters = np.empty((len(number), length), np.uint8)
    letters[:, : len(prefix)] = np.frombuffer(prefix, np.uint8)
    rest = number.astype(np.int32)
    for place in range(length - 1, len(prefix) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        letters[:, place] = digit + 48
    offsets = np.arange(len(number) + 1, dtype=np.int32) * length
    return pa.StringArray.from_buffers(len(number), pa.py_buffer(offsets), pa.py_buffer(letters))


def _vocabulary(shape: EventShape, column: str) -> list[str]:
    """The words of a text column: those the scheme allows, or shop-like names of our own."""
    if column == "data_set":
        return list(dict.fromkeys(shape.data_set_of.values()))
    words: list[str] = []
    for kind, fields in shape.kinds.items():
        for field, spec in fields.items():
            if spec.type == "text" and shape.column(kind, field) == column:
                words += spec.one_of or [f"{field}-{n:03d}" for n in range(FREE_WORDS)]
    return words


def _word_offset(shape: EventShape, kind: str, field: str) -> int:
    """Where the words of one field begin in the vocabulary of its column."""
    begin, column = 0, shape.column(kind, field)
    for other, fields in shape.kinds.items():
        for name, spec in fields.items():
            if (other, name) == (kind, field):
                return begin
            if spec.type == "text" and shape.column(other, name) == column:
                begin += len(spec.one_of) if spec.one_of else FREE_WORDS
    return begin


def _column(
    values: Array, known: Array, spec: FieldShape, shape: EventShape, name: str
) -> pa.Array:
    if spec.type == "text":
        return pa.array(_vocabulary(shape, name)).take(pa.array(values, mask=~known))
    if spec.type == "number":
        return _decimals(values, known)
    if spec.type == "date":
        return pa.array(values.astype(np.int32), mask=~known).cast(pa.date32())
    return pa.array(values, mask=~known)


def _decimals(values: Array, known: Array) -> pa.Array:
    """Millionths as decimal128(18, 6), without going through Python numbers."""
    pair = np.empty((len(values), 2), np.int64)
    pair[:, 0] = values
    pair[:, 1] = values >> 63
    valid = pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(pa.decimal128(18, 6), len(values), [valid, pa.py_buffer(pair)])
