"""Our own engine, as the parts measure it: all calls into the package stand here."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from data import DAY

from xinyong.engine.shape import shape_of
from xinyong.records.event import Event
from xinyong.records.table import to_events
from xinyong.scheme.model import Scheme

THREADS = 2
SCORES: dict[str, Any] = {"reasons": False, "next_change": False}


@cache
def load(scheme_path: str) -> Scheme:
    """The scheme, read once a process: its digest is worked out in the run before the clock."""
    return Scheme.model_validate_json(Path(scheme_path).read_text())


def _in_order(subjects: int, subject: Any, score: Any) -> np.ndarray:
    """Scores at the place of their subject."""
    scores = np.zeros(subjects, np.int64)
    scores[np.asarray(subject).astype(np.int64)] = np.asarray(score)
    return scores


def _columns(path: str, scheme: Scheme) -> pa.Table:
    names = ["subject", "kind", "happened_at", "amount"]
    if scheme.scheme.endswith("distinct"):
        names.append("counterparty")
    return pq.read_table(path, columns=names, read_dictionary=["kind"]).combine_chunks()


def numpy_sum(path: str, distinct: bool) -> Callable[[], object]:
    """NumPy's sum of each column a score reads, from memory."""
    names = ["subject", "happened_at", "amount"] + ["counterparty"] * distinct
    table = pq.read_table(path, columns=[*names, "kind"], read_dictionary=["kind"])
    table = table.combine_chunks()
    arrays = [table["kind"].chunk(0).indices.to_numpy()]
    for name in names:
        column = table[name].chunk(0)
        arrays.append((column.cast(pa.int32()) if name == "happened_at" else column).to_numpy())
    return lambda: [int(array.sum()) for array in arrays]


def memory(
    path: str,
    scheme: str,
    subjects: int,
    reasons: bool = False,
    next_change: bool = False,
    engine: str | None = None,
) -> Callable[[], np.ndarray]:
    """All subjects from an Arrow table in memory."""
    from xinyong.engine.batch import score_table

    rules = load(scheme)
    table = _columns(path, rules)

    def call() -> np.ndarray:
        found = score_table(
            rules,
            table,
            day=DAY,
            threads=THREADS,
            reasons=reasons,
            next_change=next_change,
            engine=engine,
        )
        return _in_order(subjects, found["subject"], found["score"])

    return call


def file(
    path: str, scheme: str, subjects: int, out: str, reasons: bool = False
) -> Callable[[], np.ndarray]:
    """All subjects from a Parquet file to a Parquet file; reading the answer back is included."""
    from xinyong.engine.batch import score_file

    rules = load(scheme)

    def call() -> np.ndarray:
        score_file(
            rules,
            Path(path),
            Path(out),
            day=DAY,
            threads=THREADS,
            reasons=reasons,
            next_change=False,
        )
        found = pq.read_table(out, columns=["subject", "score"])
        return _in_order(subjects, found["subject"], found["score"])

    return call


def month_ends(count: int) -> list[date]:
    """The day of scoring and the last days of the months before it, ``count`` in all."""
    days = [DAY]
    while len(days) < count:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]


def many_days(path: str, scheme: str, subjects: int, days: int) -> Callable[[], np.ndarray]:
    """All subjects on so many month-ends in one call, from memory; scores day by day."""
    from xinyong.engine.batch import score_table

    rules = load(scheme)
    table = _columns(path, rules)
    wanted = month_ends(days)
    numbers = np.array(wanted, "datetime64[D]").astype(np.int64)
    place = np.zeros(numbers[-1] - numbers[0] + 1, np.int64)
    place[numbers - numbers[0]] = np.arange(days) * subjects  # of a day's first subject

    def call() -> np.ndarray:
        found = score_table(rules, table, day=wanted, threads=THREADS, **SCORES)
        scores = np.zeros(days * subjects, np.int64)
        days_found = np.asarray(found["day"].cast(pa.int32())) - numbers[0]
        scores[place[days_found] + np.asarray(found["subject"])] = np.asarray(found["score"])
        return scores.reshape(days, subjects)

    return call


def days_apart(path: str, scheme: str, subjects: int, days: int) -> Callable[[], np.ndarray]:
    """The same, one call a day: what :func:`many_days` must agree with."""
    from xinyong.engine.batch import score_table

    rules = load(scheme)
    table = _columns(path, rules)

    def call() -> np.ndarray:
        scores = np.zeros((days, subjects), np.int64)
        for i, day in enumerate(month_ends(days)):
            found = score_table(rules, table, day=day, threads=THREADS, **SCORES)
            scores[i] = _in_order(subjects, found["subject"], found["score"])
        return scores

    return call


def first_subjects(path: str, scheme: str, count: int) -> tuple[Scheme, list[list[Event]]]:
    """The events of the first ``count`` subjects of the file."""
    rules = load(scheme)
    table = pq.ParquetFile(path).read_row_group(0)
    known: list[list[Event]] = [[] for _ in range(count)]
    number = np.asarray(table["subject"])
    table = table.slice(0, int(np.searchsorted(number, count)))
    table = table.set_column(1, "kind", table["kind"].cast(pa.string()))
    for event in to_events(table, shape_of(rules)):
        known[int(event.subject)].append(event)
    return rules, known


def plain(path: str, scheme: str, subjects: int) -> Callable[[], np.ndarray]:
    """The meaning itself, for a few subjects: the answer that all others are held against."""
    from xinyong.engine import plain as meaning

    rules, known = first_subjects(path, scheme, subjects)

    def call() -> np.ndarray:
        found = [
            meaning.score(rules, events, subject=str(number), day=DAY).score
            for number, events in enumerate(known)
        ]
        return np.array(found, np.int64)

    return call


def one_subject(path: str, scheme: str, way: str, calls: int) -> Callable[[], dict[str, Any]]:
    """Latency of one subject with reasons, in microseconds: the median over ``calls`` calls.

    ``way`` is ``plan`` (the compiled plan, on events packed beforehand) or ``plain``. Twenty
    subjects take turns.
    """
    rules, known = first_subjects(path, scheme, 20)
    once = _single(way, rules)
    turns = [(number, _ready(way, rules, number, events)) for number, events in enumerate(known)]

    def call() -> dict[str, Any]:
        for number, events in turns:  # the plan is compiled, the caches are warm
            once(number, events)
        times, answers = [], {}
        for number, events in islice(cycle(turns), calls):
            took, found = once(number, events)
            times.append(took)
            answers[number] = [found.score, [[r.rule, r.lost] for r in found.reasons]]
        return {
            "median_us": median(times) / 1000,
            "most_us": max(times) / 1000,
            "answers": [answers[number] for number in sorted(answers)],
        }

    return call


def _ready(way: str, rules: Scheme, number: int, events: list[Event]) -> Any:
    """A subject as the way takes it: events, or events packed into arrays beforehand."""
    if way == "plain":
        return events
    from xinyong.engine.single import packed

    return packed(rules, events, subject=str(number))


def _single(way: str, rules: Scheme) -> Callable[[int, Any], tuple[int, Any]]:
    from xinyong.engine import plain as meaning
    from xinyong.engine.single import score_one

    def by_plain(number: int, events: Any) -> tuple[int, Any]:
        before = time.perf_counter_ns()
        found = meaning.score(rules, events, subject=str(number), day=DAY)
        return time.perf_counter_ns() - before, found

    def by_plan(number: int, subject: Any) -> tuple[int, Any]:
        before = time.perf_counter_ns()
        found = score_one(subject, day=DAY)
        return time.perf_counter_ns() - before, found

    return by_plain if way == "plain" else by_plan
