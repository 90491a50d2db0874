"""DuckDB: the bare scan, the narrow plan, the wide plan, and SQL as one would first write it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import numpy as np
from data import DAY, EDGES, FAMILIES, KINDS, WINDOWS, tables

from peers import points

THREADS = 2
AT_ONCE = 4_000  # subjects a query: the groups then fit the processor's cache
AGE = f"(DATE '{DAY}' - happened_at)"
COUNT_IN = 1 << 40  # one more event, in a sum that carries the count in its upper bits


def connect() -> duckdb.DuckDBPyConnection:
    """A connection in memory with two threads that need not keep the order of rows."""
    connection = duckdb.connect(config={"threads": THREADS})
    connection.execute("SET preserve_insertion_order = false")
    return connection


def _steps(value: str, edges: tuple[int, ...]) -> str:
    arms = " ".join(f"WHEN {value} < {edge} THEN {i}" for i, edge in enumerate(edges))
    return f"CASE {arms} ELSE {len(edges)} END"


KIND = "CASE kind " + " ".join(f"WHEN '{k}' THEN {i}" for i, k in enumerate(KINDS)) + " END"
STEP = _steps("amount", EDGES)
BUCKET = _steps(AGE, WINDOWS[:-1])
CELL = f"(({KIND}) * {points.STEPS} + ({STEP})) * {points.BUCKETS} + ({BUCKET})"
SEEN = f"happened_at <= DATE '{DAY}' AND {AGE} < {WINDOWS[-1]}"


def scan(path: str, distinct: bool) -> Callable[[], object]:
    """Read every value of the columns a score needs, and do the least with it.

    Sums, because the least, the greatest and the number of values are in the file's own
    statistics, and no column would be read.
    """
    sums = ["sum(subject)", "sum(length(kind))", "sum(happened_at - DATE '2020-01-01')"]
    sums += ["sum(amount)"] + ["sum(counterparty)"] * distinct
    connection = connect()
    query = f"SELECT {', '.join(sums)} FROM read_parquet('{path}')"
    return lambda: connection.sql(query).fetchall()


def narrow(path: str, subjects: int, per_subject: int, distinct: bool) -> Callable[[], np.ndarray]:
    """Group by (subject, cell) with a range of subjects a query; the rest in NumPy."""
    connection, table = connect(), tables(per_subject)

    def call() -> np.ndarray:
        score = points.started(subjects)
        for first in range(0, subjects, AT_ONCE):
            part = score[first : first + AT_ONCE]
            rows = (
                f"read_parquet('{path}')"
                f" WHERE subject BETWEEN {first} AND {first + len(part) - 1} AND {SEEN}"
            )
            found = connection.sql(
                f"SELECT ({CELL}) * {len(part)} + subject - {first} AS at,"
                f" sum(amount + {COUNT_IN})::BIGINT AS both FROM {rows} GROUP BY 1"
            ).fetchnumpy()
            counts = np.zeros(points.CELLS * len(part), np.int32)
            sums = np.zeros(points.CELLS * len(part), np.int64)
            counts[found["at"]] = found["both"] >> 40
            sums[found["at"]] = found["both"] & (COUNT_IN - 1)
            points.add_cells(part, counts, sums, table)
            if distinct:
                found = connection.sql(
                    f"SELECT (kind * {points.BUCKETS} + ({_steps('age', WINDOWS[:-1])}))"
                    f" * {len(part)} + subject - {first} AS at FROM ("
                    f"SELECT subject, {KIND} AS kind, counterparty, min({AGE}) AS age"
                    f" FROM {rows} GROUP BY ALL)"
                ).fetchnumpy()
                size = len(KINDS) * points.BUCKETS * len(part)
                points.add_distinct(part, np.bincount(found["at"], minlength=size), table)
        return score

    return call


def wide(path: str, subjects: int, per_subject: int, distinct: bool) -> Callable[[], np.ndarray]:
    """One pivoted column a variable, sixteen a query: all windows of a kind and family.

    Kind, step, bucket are worked out once in a table in memory; each query then filters to its
    own kind and steps, which costs far less than one more condition in each of its columns.
    """
    connection, table = connect(), tables(per_subject)

    def call() -> np.ndarray:
        score = points.started(subjects)
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE seen AS"
            f" SELECT subject, amount, ({KIND})::TINYINT AS kind, ({STEP})::TINYINT AS step,"
            f" ({BUCKET})::TINYINT AS bucket FROM read_parquet('{path}') WHERE {SEEN}"
        )
        wanted = [f"sum(CASE WHEN bucket <= {b} THEN 1 ELSE 0 END)" for b in range(points.BUCKETS)]
        wanted += [
            f"sum(CASE WHEN bucket <= {b} THEN amount ELSE 0 END)" for b in range(points.BUCKETS)
        ]
        for k in range(len(KINDS)):
            for f, (_, _, (low, end)) in enumerate(FAMILIES):
                rows = f"seen WHERE kind = {k} AND step >= {low} AND step < {end}"
                values = _columns(connection, wanted, rows, subjects)
                counts, sums = values[: points.BUCKETS], values[points.BUCKETS :]
                points.add_points(score, counts, _row(table.counts, (f, k)))
                points.add_points(score, sums, _row(table.sums, (f, k)))
        if distinct:
            _wide_distinct(connection, path, score, table)
        return score

    return call


def _wide_distinct(
    connection: duckdb.DuckDBPyConnection, path: str, score: np.ndarray, table: points.Tables
) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE met AS"
        f" SELECT subject, ({KIND})::TINYINT AS kind, counterparty, min({AGE}) AS age"
        f" FROM read_parquet('{path}') WHERE {SEEN} GROUP BY ALL"
    )
    wanted = [f"sum(CASE WHEN age < {days} THEN 1 ELSE 0 END)" for days in WINDOWS]
    for k in range(len(KINDS)):
        values = _columns(connection, wanted, f"met WHERE kind = {k}", len(score))
        points.add_points(score, values, _row(table.distinct, (k,)))


def _columns(
    connection: duckdb.DuckDBPyConnection, wanted: list[str], rows: str, subjects: int
) -> np.ndarray:
    """The wanted sums, one row each, one column a subject; 0 where a subject has no rows."""
    names = ", ".join(f"({text})::BIGINT AS c{i}" for i, text in enumerate(wanted))
    found = connection.sql(f"SELECT subject, {names} FROM {rows} GROUP BY 1").fetchnumpy()
    values = np.zeros((len(wanted), subjects), np.int64)
    for i in range(len(wanted)):
        values[i, found["subject"]] = found[f"c{i}"]
    return values


def _row(table: points.Table, at: tuple[int, ...]) -> points.Table:
    return type(table)(
        table.first[at], table.second[at], table.low[at], table.middle[at], table.high[at]
    )


def natural(path: str, subjects: int, per_subject: int, distinct: bool) -> Callable[[], np.ndarray]:
    """One query, one FILTER a variable: SQL as one would first write it.

    Its cost grows with the square of the number of columns; so it is run on few subjects.
    """
    connection, table = connect(), tables(per_subject)
    made = list(_natural_columns(table, distinct))
    query = (
        f"SELECT subject, {', '.join(text for text, _ in made)} FROM read_parquet('{path}')"
        f" WHERE subject < {subjects} GROUP BY subject"
    )

    def call() -> np.ndarray:
        found: dict[str, Any] = connection.sql(query).fetchnumpy()
        subject = found.pop("subject")
        score = points.started(subjects)
        values = np.zeros((1, subjects), np.int64)
        for column, (_, row) in zip(found.values(), made, strict=True):
            values[0, subject] = np.ma.filled(column, 0)
            points.add_points(score, values, row)
        return score

    return call


def _natural_columns(table: points.Tables, distinct: bool) -> Iterator[tuple[str, points.Table]]:
    number = 0
    for k, kind in enumerate(KINDS):
        for w, days in enumerate(WINDOWS):
            seen = (
                f"kind = '{kind}' AND happened_at <= DATE '{DAY}'"
                f" AND happened_at > DATE '{DAY}' - {days}"
            )
            columns = []
            for f, (_, where, _) in enumerate(FAMILIES):
                test = seen if where is None else f"{seen} AND {where}"
                columns.append((f"count(*) FILTER ({test})", _row(table.counts, (f, k, w))))
                columns.append((f"sum(amount) FILTER ({test})", _row(table.sums, (f, k, w))))
            if distinct:
                text = f"count(DISTINCT counterparty) FILTER ({seen})"
                columns.append((text, _row(table.distinct, (k, w))))
            for text, row in columns:
                yield f"{text}::BIGINT AS c{number}", row
                number += 1
