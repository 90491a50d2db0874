"""Everybody, fast: scores for an events table or a file, equal to the plain engine to the bit.

Work goes block by block (whole subjects, about a million events), so that memory stays flat, on
as many threads as asked. The compiled kernel does the work where numba is installed, its NumPy
twin otherwise or when asked (``engine=`` or the environment variable ``XINYONG_ENGINE``).
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xinyong.days import day_number, end_of_day, from_day_number
from xinyong.engine import columns as cols
from xinyong.engine.asking import Answers, Questions, Wanted
from xinyong.engine.columns import Block
from xinyong.engine.history import checked_day
from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.order import in_order
from xinyong.engine.plan import Plan, plan_of
from xinyong.errors import EventsRefused, QuestionRefused
from xinyong.scheme.model import Scheme

Engine = Literal["numba", "numpy"]
STATES: Final = ("off", "warned", "listed", "ended")
ROWS: Final = 1_000_000
"""About how many events a block has."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run over a file did."""

    scheme: str
    digest: str
    subjects: int
    rows: int
    events: int
    out: Path


def chosen_engine(engine: Engine | None = None) -> Engine:
    """The engine to use: as asked, else by the environment, else numba where installed."""
    asked = engine or os.environ.get("XINYONG_ENGINE") or None
    if asked not in (None, "numba", "numpy"):
        raise QuestionRefused(
            f"no engine is called '{asked}'",
            where="XINYONG_ENGINE" if engine is None else "engine",
            mend="use 'numba' or 'numpy'",
        )
    if asked == "numpy":
        return "numpy"
    try:
        import numba  # noqa: F401
    except ImportError:
        if asked == "numba":
            raise QuestionRefused(
                "numba is not installed",
                why="the compiled engine needs it",
                mend="install xinyong[fast], or use engine='numpy'",
            ) from None
        return "numpy"
    return "numba"


@lru_cache(maxsize=2)
def _room(engine: Engine) -> ModuleType:
    """The module that answers: :mod:`~xinyong.engine.compiled` or :mod:`~xinyong.engine.arrays`."""
    if engine == "numba":
        from xinyong.engine import compiled

        return compiled
    from xinyong.engine import arrays

    return arrays


# ------------------------------------------------------------------ questions


def check_day(day: date) -> int:
    """The number of a day that can be scored; else QuestionRefused."""
    return day_number(checked_day(day))


def _day_ends(days: Iterable[int], plan: Plan) -> dict[int, int]:
    return {d: end_of_day(from_day_number(d), plan.scheme.zone) for d in set(days)}


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of every block: days for everybody, or a table of questions."""

    days: tuple[int, ...]
    known_by: int | None
    ends: dict[int, int]
    table: dict[Any, list[tuple[int, int, int]]] | None = None
    """For a table of questions: subject -> [(row, day, known_by)]."""

    def of(self, block: Block) -> tuple[Questions, Int]:
        """The questions about the subjects of a block, and their rows in the table asked."""
        if self.table is not None:
            return self._looked_up(block)
        count, many = len(block.subjects), len(self.days)
        low = np.repeat(block.starts[:-1], many)
        high = np.repeat(block.starts[1:], many)
        days = np.tile(np.array(self.days, np.int64), count)
        known = np.tile(
            np.array(
                [self.ends[d] if self.known_by is None else self.known_by for d in self.days],
                np.int64,
            ),
            count,
        )
        subjects = block.subjects
        if many != 1:
            subjects = subjects.take(pa.array(np.repeat(np.arange(count), many)))
        return Questions(subjects, low, high, days, known), np.zeros(0, np.int64)

    def _looked_up(self, block: Block) -> tuple[Questions, Int]:
        assert self.table is not None
        found: list[tuple[int, int, int, int, int]] = []
        places = []
        for n, subject in enumerate(block.subjects.to_pylist()):
            for row, day, known in self.table.pop(subject, ()):
                found.append((row, int(block.starts[n]), int(block.starts[n + 1]), day, known))
                places.append(n)
        table = np.array(found, np.int64).reshape(len(found), 5)
        # the compiled kernel takes whole arrays, not strides of one
        rows, low, high, days, known_by = np.ascontiguousarray(table.T)
        subjects = block.subjects.take(pa.array(places, pa.int64()))
        return Questions(subjects, low, high, days, known_by), rows


def _ask(
    plan: Plan,
    day: date | Sequence[date] | None,
    known_by: int | None,
    questions: pa.Table | None,
) -> Ask:
    if questions is None:
        if day is None:
            raise QuestionRefused(
                "no day is given",
                why="a score is always as of a day; there is no clock inside",
                mend="give day=date(2026, 11, 22), or a table of questions",
            )
        given = [day] if isinstance(day, date) else list(day)
        days = tuple(check_day(d) for d in given)
        if not days:
            raise QuestionRefused("the sequence of days is empty", mend="give at least one day")
        return Ask(days, known_by, _day_ends(days, plan))
    for name in ("subject", "day"):
        if name not in questions.column_names:
            raise QuestionRefused(
                f"the questions have no column '{name}'",
                why="each question names a subject and a day",
                mend=f"columns here: {', '.join(questions.column_names)}",
            )
    dates = questions["day"].to_pylist()
    numbers = [check_day(d) for d in dates]
    ends = _day_ends(numbers, plan)
    instants: list[int] = [ends[d] if known_by is None else known_by for d in numbers]
    if "known_by" in questions.column_names:
        given_known = cols.micros(cols._flat(questions["known_by"]), plan)
        instants = [
            int(k) if k != UNKNOWN else default
            for k, default in zip(given_known, instants, strict=True)
        ]
    table: dict[Any, list[tuple[int, int, int]]] = {}
    for row, (subject, number, instant) in enumerate(
        zip(questions["subject"].to_pylist(), numbers, instants, strict=True)
    ):
        table.setdefault(subject, []).append((row, number, instant))
    return Ask((), None, ends, table)


# ------------------------------------------------------------------ streams of batches


def _normal(batch: pa.Table, plan: Plan, first_row: int) -> pa.Table:
    """A batch ready for sorting: text kinds, integer stamps, an id for every row."""
    made: dict[str, Any] = {}
    have = batch.column_names
    for name in have:
        array = cols._flat(batch[name])
        if name in cols.STAMPS:
            array = pa.array(cols.micros(array, plan))
        elif name == "kind" or (name == "subject" and not pa.types.is_integer(array.type)):
            array = array.cast(pa.string())
        made[name] = array
    happened = np.asarray(made["happened_at"])
    if (happened == UNKNOWN).any():
        raise EventsRefused(
            "an event has no happened_at",
            why="every event has the moment it happened",
            mend="set such rows aside, or take the file in with 'xinyong intake'",
        )
    if "recorded_at" in made:
        recorded = np.asarray(made["recorded_at"])
        made["recorded_at"] = pa.array(np.where(recorded == UNKNOWN, happened, recorded))
    numbers = pc.cast(pa.array(np.arange(first_row, first_row + batch.num_rows)), pa.string())
    numbers = pc.utf8_lpad(numbers, 12, "0")
    if "id" in made:
        made["id"] = pc.coalesce(made["id"].cast(pa.string()), numbers)
    else:
        made["id"] = numbers
    return pa.table(made)


def _sorted(batches: Iterable[pa.Table], plan: Plan, threads: int) -> Iterator[pa.RecordBatch]:
    """Batches in no order, put in order by DuckDB."""
    iterator = iter(batches)
    first = next(iterator, None)
    if first is None:
        return
    seen = 0

    def normal() -> Iterator[pa.RecordBatch]:
        nonlocal seen
        for batch in chain([first], iterator):
            yield from _normal(batch, plan, seen).cast(schema).to_batches()
            seen += batch.num_rows

    schema = _normal(first.slice(0, 0), plan, 0).schema
    reader = pa.RecordBatchReader.from_batches(schema, normal())
    for batch in in_order(reader, threads=threads):
        yield batch.drop_columns(["id"])


def _slices(table: pa.Table) -> Iterator[pa.RecordBatch]:
    for batch in table.to_batches():
        for start in range(0, batch.num_rows, ROWS):
            yield batch.slice(start, ROWS)


def _blocks_of_table(table: pa.Table, plan: Plan, threads: int) -> Iterator[Block]:
    ordered = cols.is_in_order(table.schema.metadata)
    names = cols.wanted_columns(plan, table.column_names, ordered=ordered)
    table = table.select(names)
    if ordered:
        return cols.blocks(_slices(table))
    return cols.blocks(_sorted([table], plan, threads))


# ------------------------------------------------------------------ running


def _run(
    plan: Plan, blocks: Iterator[Block], ask: Ask, wanted: Wanted, engine: Engine, threads: int
) -> Iterator[tuple[pa.Table, Int, int]]:
    """Score block after block on threads, in order: (results, rows asked, events)."""
    room = _room(engine)

    def work(block: Block) -> tuple[pa.Table, Int, int]:
        questions, places = ask.of(block)
        answers = room.answer(plan, block, questions, wanted)
        return _results(plan, questions, answers, wanted), places, block.rows

    if threads <= 1:
        for block in blocks:
            yield work(block)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: list[Future[tuple[pa.Table, Int, int]]] = []
        try:
            for block in blocks:
                waiting.append(pool.submit(work, block))
                while len(waiting) > threads:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()


def _nobody(plan: Plan, ask: Ask, wanted: Wanted, engine: Engine, like: pa.DataType) -> Any:
    """Outcomes of questions about subjects who have no events."""
    assert ask.table is not None
    left = [(subject, *entry) for subject, entries in ask.table.items() for entry in entries]
    if not left:
        return None
    numbers = np.array([entry[1:] for entry in left], np.int64)
    rows, days, known_by = np.ascontiguousarray(numbers.T)
    zero = np.zeros(len(left), np.int64)
    subjects = pa.array([entry[0] for entry in left], like)
    questions = Questions(subjects, zero, zero, days, known_by)
    empty = Block({}, subjects.slice(0, 0), np.zeros(1, np.int64), 0)
    answers = _room(engine).answer(plan, empty, questions, wanted)
    return _results(plan, questions, answers, wanted), rows, 0


def score_table(
    scheme: Scheme,
    events: pa.Table,
    *,
    day: date | Sequence[date] | None = None,
    known_by: int | None = None,
    questions: pa.Table | None = None,
    threads: int = 1,
    engine: Engine | None = None,
    reasons: bool = True,
    lines: bool = False,
    variables: bool = False,
    next_change: bool = True,
) -> pa.Table:
    """Scores of everybody in an events table, or of the subjects and days asked about.

    ``events`` has the columns of :mod:`xinyong.records.table` (subject, kind and happened_at must
    be there). ``day`` is one day or several; ``known_by`` an instant in microseconds (default:
    the end of each day). ``questions`` is a table of subject, day and optionally known_by,
    answered row by row. The result has a row per subject and day, in order of subject (or of the
    questions): subject, day, score, band, start, ``points.<dimension>``, ``reason.<n>`` and
    ``lost.<n>``, ``list.<name>``, ``consequence.<id>``, ``next_change`` (unless left out),
    and, if asked, ``line.<id>`` and ``variable.<name>``.

    Raises :class:`EventsRefused` or :class:`QuestionRefused`.
    """
    plan = plan_of(scheme, everything=variables)
    ask = _ask(plan, day, known_by, questions)
    wanted = Wanted(reasons, lines, variables, next_change)
    name = chosen_engine(engine)
    parts, places = [], []
    for part, place, _ in _run(
        plan, _blocks_of_table(events, plan, threads), ask, wanted, name, threads
    ):
        parts.append(part)
        places.append(place)
    if questions is not None:
        like = events.schema.field("subject").type
        if pa.types.is_dictionary(like):
            like = like.value_type
        left = _nobody(plan, ask, wanted, name, like)
        if left is not None:
            parts.append(left[0])
            places.append(left[1])
    if not parts:
        return _empty(plan, wanted, events.schema.field("subject").type)
    made = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries()
    if questions is not None:
        made = made.take(pa.array(np.argsort(np.concatenate(places), kind="stable")))
    return made.combine_chunks().replace_schema_metadata(_metadata(plan))


def _metadata(plan: Plan) -> dict[str, str]:
    scheme = plan.scheme
    return {
        "xinyong.scores": "1",
        "xinyong.scheme": scheme.scheme,
        "xinyong.version": scheme.version,
        "xinyong.digest": scheme.digest,
    }


def _empty(plan: Plan, wanted: Wanted, subject: pa.DataType) -> pa.Table:
    zero = np.zeros(0, np.int64)
    t = plan.tables
    width = 4 + len(plan.lists) + len(plan.consequences) + len(plan.dimensions)
    answers = Answers(
        np.zeros((0, width), np.int64),
        np.zeros((0, int(t.limits[2]), 2), np.int64),
        np.zeros((0, len(plan.lines)), np.int64),
        np.zeros((0, len(plan.variables)), np.int64),
        zero,
    )
    if pa.types.is_dictionary(subject):
        subject = subject.value_type
    questions = Questions(pa.array([], subject), zero, zero, zero, zero)
    return _results(plan, questions, answers, wanted).replace_schema_metadata(_metadata(plan))


# ------------------------------------------------------------------ results


def _names(codes: Int, names: Sequence[str]) -> pa.Array:
    """Words by code, as a dictionary column; a code below 0 is null."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(names), pa.string()))


def _results(plan: Plan, questions: Questions, a: Answers, wanted: Wanted) -> pa.Table:
    """Answers as a table; see :func:`score_table` for its columns."""
    lists, consequences = len(plan.lists), len(plan.consequences)
    made: dict[str, Any] = {
        "subject": questions.subjects,
        "day": pa.array(questions.days.astype(np.int32)).cast(pa.date32()),
        "score": pa.array(a.out[:, 0].astype(np.int32)),
        "band": _names(a.out[:, 1], plan.bands),
        "start": pa.array(a.out[:, 2].astype(np.int32)),
    }
    for n, name in enumerate(plan.dimensions):
        made[f"points.{name or 'other'}"] = pa.array(a.out[:, 4 + lists + consequences + n])
    if wanted.reasons:
        _reason_columns(plan, a, made)
    for n, name in enumerate(plan.lists):
        made[f"list.{name}"] = _names(a.out[:, 4 + n], STATES)
    for n, name in enumerate(plan.consequences):
        made[f"consequence.{name}"] = pa.array(a.out[:, 4 + lists + n] == 1)
    if wanted.next_change:
        unknown = a.changes == UNKNOWN
        days = np.where(unknown, 0, a.changes).astype(np.int32)
        made["next_change"] = pa.array(days, mask=unknown).cast(pa.date32())
    if wanted.lines:
        for n, line in enumerate(plan.lines):
            made[f"line.{line.id}"] = pa.array(a.points[:, n])
    if wanted.variables:
        for n, name in enumerate(plan.variables):
            made[f"variable.{name}"] = _variable_column(plan, name, a.values[:, n])
    return pa.table(made)


def _reason_columns(plan: Plan, a: Answers, made: dict[str, Any]) -> None:
    """Reasons: a veto that lowered the band first, then the lines that cost most."""
    most = int(plan.tables.limits[2])
    ids = [line.id for line in plan.lines] + [veto.id for veto in plan.vetoes]
    codes, lost = a.reasons[:, :, 0].copy(), a.reasons[:, :, 1].copy()
    for fired in np.unique(a.out[:, 3]).tolist():
        named = [n for n in range(len(plan.vetoes)) if fired >> n & 1][:most]
        if named:
            here = np.flatnonzero(a.out[:, 3] == fired)
            rest = most - len(named)
            codes[here, len(named) :] = codes[here, :rest]
            lost[here, len(named) :] = lost[here, :rest]
            codes[here, : len(named)] = np.array(named) + len(plan.lines)
            lost[here, : len(named)] = 0
    for n in range(most):
        made[f"reason.{n + 1}"] = _names(codes[:, n], ids)
        made[f"lost.{n + 1}"] = pa.array(lost[:, n], mask=codes[:, n] < 0)


def _variable_column(plan: Plan, name: str, values: Int) -> pa.Array:
    """A variable's values as Arrow: integers, decimals, truth values, days; null is unknown.

    Words other than the scheme's own are given as ``other``.
    """
    unknown = values == UNKNOWN
    filled = np.where(unknown, 0, values)
    base = plan.bound.variables[name].kind.base
    if base == "text":
        return pa.DictionaryArray.from_arrays(
            pa.array(filled.astype(np.int32), mask=unknown),
            pa.array(["other", *plan.words], pa.string()),
        )
    if base == "bool":
        return pa.array(filled == 1, mask=unknown)
    if base == "date":
        return pa.array(filled.astype(np.int32), mask=unknown).cast(pa.date32())
    if base == "fixed":
        pairs = np.empty(2 * len(filled), np.int64)
        pairs[0::2], pairs[1::2] = filled, filled >> 63
        bits = pa.array(~unknown).buffers()[1]
        return pa.Array.from_buffers(
            pa.decimal128(24, 6), len(filled), [bits, pa.py_buffer(pairs.tobytes())]
        )
    return pa.array(filled, mask=unknown)


# ------------------------------------------------------------------ files


def _paths(path: str | Path | Sequence[str | Path]) -> list[Path]:
    given = [path] if isinstance(path, (str, Path)) else list(path)
    found: list[Path] = []
    for one in given:
        here = Path(one)
        if here.is_dir():
            found += sorted(here.glob("**/*.parquet"))
        elif here.exists():
            found.append(here)
        else:
            found += [Path(p) for p in sorted(glob.glob(str(one)))]
    if not found:
        raise EventsRefused(
            "there are no events here",
            where=", ".join(str(p) for p in given),
            why="no such file, or a folder without Parquet files",
            mend="give a Parquet file, a folder or a pattern such as 'events/*.parquet'",
        )
    return found


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, memory_map=True)
    except (pa.ArrowInvalid, OSError) as error:
        raise EventsRefused(
            "the file cannot be read as Parquet",
            where=str(path),
            why=str(error).splitlines()[0][:200],
            mend="take CSV or JSON Lines in with 'xinyong intake'; fetch a broken file again",
        ) from None


def _file_batches(
    files: Sequence[pq.ParquetFile], names: list[str], threads: int
) -> Iterator[pa.Table]:
    """Row groups of files as tables, a few read ahead."""
    jobs = [(file, n) for file in files for n in range(file.num_row_groups)]
    dictionary = [
        n
        for n in names
        if pa.types.is_string(files[0].schema_arrow.field(n).type) and n not in ("subject", "id")
    ]

    def read(file: pq.ParquetFile, group: int) -> pa.Table:
        table = file.read_row_group(group, columns=names, use_threads=False)
        for name in dictionary:
            place = table.schema.get_field_index(name)
            if pa.types.is_string(table.schema.field(place).type):
                table = table.set_column(place, name, table[name].dictionary_encode())
        return table.select(names)

    if threads <= 1:
        for job in jobs:
            yield read(*job)
        return
    with ThreadPoolExecutor(1) as pool:
        ahead: list[Future[pa.Table]] = []
        for job in jobs:
            ahead.append(pool.submit(read, *job))
            if len(ahead) > 1:
                yield ahead.pop(0).result()
        for future in ahead:
            yield future.result()


def score_file(
    scheme: Scheme,
    path: str | Path | Sequence[str | Path],
    out: Path,
    *,
    day: date | Sequence[date] | None = None,
    known_by: int | None = None,
    questions: pa.Table | None = None,
    threads: int = 2,
    engine: Engine | None = None,
    reasons: bool = True,
    lines: bool = False,
    variables: bool = False,
    next_change: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Score a Parquet file, folder or pattern into a Parquet file, block by block.

    Memory stays flat whatever the size. ``progress`` is told (events done, events in all). The
    output appears at ``out`` only when whole. See :func:`score_table` for the rest.
    """
    plan = plan_of(scheme, everything=variables)
    ask = _ask(plan, day, known_by, questions)
    wanted = Wanted(reasons, lines, variables, next_change)
    name = chosen_engine(engine)
    files = [_open(p) for p in _paths(path)]
    events = sum(file.metadata.num_rows for file in files)
    ordered = len(files) == 1 and cols.is_in_order(files[0].schema_arrow.metadata)
    names = cols.wanted_columns(plan, files[0].schema_arrow.names, ordered=ordered)
    batches: Iterable[Any] = _file_batches(files, names, threads)
    if not ordered:
        batches = _sorted(batches, plan, threads)
    sibling = out.with_name(f".{out.name}.{os.getpid()}.part")
    rows = done = 0
    writer: pq.ParquetWriter | None = None
    try:
        for part, _, count in _all_parts(plan, batches, ask, wanted, name, threads, files):
            part = part.replace_schema_metadata(_metadata(plan))
            if writer is None:
                writer = pq.ParquetWriter(sibling, part.schema, compression="zstd")
            writer.write_table(part)
            rows += part.num_rows
            done += count
            if progress is not None:
                progress(done, events)
        if writer is None:
            empty = _empty(plan, wanted, files[0].schema_arrow.field("subject").type)
            writer = pq.ParquetWriter(sibling, empty.schema)
        writer.close()
        os.replace(sibling, out)
    finally:
        if writer is not None:
            with suppress(Exception):
                writer.close()
        sibling.unlink(missing_ok=True)
    many = max(len(ask.days), 1)
    return Summary(scheme.scheme, scheme.digest, rows // many, rows, events, out)


def _all_parts(
    plan: Plan,
    batches: Iterable[Any],
    ask: Ask,
    wanted: Wanted,
    engine: Engine,
    threads: int,
    files: Sequence[pq.ParquetFile],
) -> Iterator[tuple[pa.Table, Int, int]]:
    yield from _run(plan, cols.blocks(batches), ask, wanted, engine, threads)
    if ask.table is not None:
        left = _nobody(plan, ask, wanted, engine, files[0].schema_arrow.field("subject").type)
        if left is not None:
            yield left


__all__ = ["Answers", "Questions", "Summary", "score_file", "score_table"]
