"""Everybody, fast: scores for an events table or a file, equal to the plain engine to the bit.

Work goes block by block (whole subjects, about a million events), so that memory stays flat, on
as many threads as asked. The compiled kernel does the work where numba is installed, its NumPy
twin otherwise or when asked (``engine=`` or the environment variable ``XINYONG_ENGINE``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xinyong.engine import columns as cols
from xinyong.engine.asking import Answers, Questions, Wanted
from xinyong.engine.columns import Block
from xinyong.engine.files import file_batches, opened, paths_of
from xinyong.engine.kept import kept
from xinyong.engine.machine import Int
from xinyong.engine.order import put_in_order
from xinyong.engine.plan import Plan, plan_of
from xinyong.engine.questions import Ask, asked
from xinyong.engine.results import metadata_of, nothing, results_of
from xinyong.errors import QuestionRefused
from xinyong.scheme.model import Scheme

Engine = Literal["numba", "numpy"]
ROWS: Final = 1_000_000
"""About how many events a block has."""
SMALL: Final = 250_000
"""Up to so many events, times days, the NumPy engine takes less than a second or two."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run over a file did."""

    scheme: str
    digest: str
    subjects: int
    rows: int
    events: int
    out: Path


def chosen_engine(engine: Engine | None = None, size: int = SMALL + 1) -> Engine:
    """The engine to use: as asked, else by the environment, else numba where installed.

    ``size`` is how many events are looked at, times days. A first small job is left to the NumPy
    engine, which gives the same bits: compiling the other would take longer than the job.
    """
    asked = engine or os.environ.get("XINYONG_ENGINE") or None
    if asked not in (None, "numba", "numpy"):
        raise QuestionRefused(
            f"no engine is called '{asked}'",
            where="XINYONG_ENGINE" if engine is None else "engine",
            mend="use 'numba' or 'numpy'",
        )
    if asked == "numpy":
        return "numpy"
    if find_spec("numba") is None:
        if asked == "numba":
            raise QuestionRefused(
                "numba is not installed",
                why="the compiled engine needs it",
                mend="install xinyong[fast], or use engine='numpy'",
            )
        return "numpy"
    if asked is None and size <= SMALL and not kept("kernel", "answer"):
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
    return cols.blocks(put_in_order([table], plan, threads))


# ------------------------------------------------------------------ running


def _run(
    plan: Plan, blocks: Iterator[Block], ask: Ask, wanted: Wanted, engine: Engine, threads: int
) -> Iterator[tuple[pa.Table, Int, int]]:
    """Score block after block on threads, in order: (results, rows asked, events)."""
    room = _room(engine)

    def work(block: Block) -> tuple[pa.Table, Int, int]:
        questions, places = ask.of(block)
        answers = room.answer(plan, block, questions, wanted)
        return results_of(plan, questions, answers, wanted), places, block.rows

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
    return results_of(plan, questions, answers, wanted), rows, 0


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
    ask = asked(plan, day, known_by, questions)
    wanted = Wanted(reasons, lines, variables, next_change)
    name = chosen_engine(engine, events.num_rows * ask.most)
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
        return nothing(plan, wanted, events.schema.field("subject").type)
    made = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries()
    if questions is not None:
        made = made.take(pa.array(np.argsort(np.concatenate(places), kind="stable")))
    return made.combine_chunks().replace_schema_metadata(metadata_of(plan))


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
    ask = asked(plan, day, known_by, questions)
    wanted = Wanted(reasons, lines, variables, next_change)
    files = [opened(p) for p in paths_of(path)]
    events = sum(file.metadata.num_rows for file in files)
    name = chosen_engine(engine, events * ask.most)
    ordered = len(files) == 1 and cols.is_in_order(files[0].schema_arrow.metadata)
    names = cols.wanted_columns(plan, files[0].schema_arrow.names, ordered=ordered)
    batches: Iterable[Any] = file_batches(files, names, threads)
    if not ordered:
        batches = put_in_order(batches, plan, threads)
    sibling = out.with_name(f".{out.name}.{os.getpid()}.part")
    rows = done = 0
    writer: pq.ParquetWriter | None = None
    try:
        for part, _, count in _all_parts(plan, batches, ask, wanted, name, threads, files):
            part = part.replace_schema_metadata(metadata_of(plan))
            if writer is None:
                writer = pq.ParquetWriter(sibling, part.schema, compression="zstd")
            writer.write_table(part)
            rows += part.num_rows
            done += count
            if progress is not None:
                progress(done, events)
        if writer is None:
            empty = nothing(plan, wanted, files[0].schema_arrow.field("subject").type)
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
