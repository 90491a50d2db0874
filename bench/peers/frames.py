"""Polars: the narrow plan, the wide plan, and keys by Polars with the sums by NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from data import DAY, DAY_NUMBER, EDGES, FAMILIES, KINDS, WINDOWS, tables

from peers import points

AT_ONCE = 4_000
COUNT_IN = 1 << 40
amount = pl.col("amount")
age = DAY_NUMBER - pl.col("happened_at").to_physical()
SEEN = (pl.col("happened_at") <= DAY) & (age < WINDOWS[-1])
BUCKET_OF_AGE = pl.Series(np.searchsorted(WINDOWS, np.arange(WINDOWS[-1]), side="right"))
BUCKET = pl.lit(BUCKET_OF_AGE.cast(pl.Int32)).gather(age)


def _step() -> pl.Expr:
    chain = pl.when(amount < EDGES[0]).then(pl.lit(0, pl.Int32))
    for i, edge in enumerate(EDGES[1:], 1):
        chain = chain.when(amount < edge).then(pl.lit(i, pl.Int32))
    return chain.otherwise(pl.lit(len(EDGES), pl.Int32))


# Kept alive: Polars forgets the codes of its categories once no series uses them.
KIND_WORDS = pl.Series(KINDS, dtype=pl.Categorical)


def _kind() -> pl.Expr:
    """Place of the kind in KINDS, through the codes Polars itself keeps for the words."""
    codes = KIND_WORDS.to_physical().to_numpy()
    places = np.zeros(int(codes.max()) + 1, np.int32)
    places[codes] = np.arange(len(KINDS))
    return pl.lit(pl.Series(places)).gather(pl.col("kind").to_physical())


def _cell() -> pl.Expr:
    return (_kind() * points.STEPS + _step()) * points.BUCKETS + BUCKET


def narrow(path: str, subjects: int, per_subject: int, distinct: bool) -> Callable[[], np.ndarray]:
    """Group by (subject, cell) in Polars' streaming engine, a range of subjects at a time."""
    table = tables(per_subject)

    def call() -> np.ndarray:
        score = points.started(subjects)
        for first in range(0, subjects, AT_ONCE):
            part = score[first : first + AT_ONCE]
            rows = _rows(path, first, len(part))
            at = (_cell() * len(part) + pl.col("subject") - first).alias("at")
            both = (amount + COUNT_IN).sum().alias("both")
            found = rows.group_by(at).agg(both).collect(engine="streaming")
            where, value = found["at"].to_numpy(), found["both"].to_numpy()
            counts = np.zeros(points.CELLS * len(part), np.int32)
            sums = np.zeros(points.CELLS * len(part), np.int64)
            counts[where] = value >> 40
            sums[where] = value & (COUNT_IN - 1)
            points.add_cells(part, counts, sums, table)
            if distinct:
                _add_distinct(rows, part, first, table)
        return score

    return call


def _rows(path: str, first: int, count: int) -> pl.LazyFrame:
    subject = pl.col("subject").is_between(first, first + count - 1)
    return pl.scan_parquet(path).filter(subject & SEEN)


def _add_distinct(rows: pl.LazyFrame, part: np.ndarray, first: int, table: points.Tables) -> None:
    group = (_kind() * len(part) + pl.col("subject") - first).cast(pl.Int64)
    who = group * (1 << 32) + pl.col("counterparty")
    last = rows.group_by(who.alias("who")).agg(age.min().alias("age"))
    found = last.collect(engine="streaming")
    kind, subject = np.divmod(found["who"].to_numpy() >> 32, len(part))
    bucket = BUCKET_OF_AGE.to_numpy()[found["age"].to_numpy()]
    at = (kind * points.BUCKETS + bucket) * len(part) + subject
    size = len(KINDS) * points.BUCKETS * len(part)
    points.add_distinct(part, np.bincount(at, minlength=size), table)


def keys(path: str, subjects: int, per_subject: int, distinct: bool) -> Callable[[], np.ndarray]:
    """Cells by Polars, but sums by ``numpy.bincount`` instead of a group-by.

    Possible because subjects are small whole numbers here. Beyond what the word "narrow SQL plan"
    means, but the best we know without compiled code of our own. Sums are float64 inside
    bincount: exact below 2^53.
    """
    table = tables(per_subject)

    def call() -> np.ndarray:
        score = points.started(subjects)
        for first in range(0, subjects, AT_ONCE):
            part = score[first : first + AT_ONCE]
            rows = _rows(path, first, len(part))
            at = (_cell() * len(part) + pl.col("subject") - first).alias("at")
            found = rows.select(at, amount).collect(engine="streaming")
            where, size = found["at"].to_numpy(), points.CELLS * len(part)
            counts = np.bincount(where, minlength=size)
            sums = np.bincount(where, weights=found["amount"].to_numpy(), minlength=size)
            points.add_cells(part, counts, sums.astype(np.int64), table)
            if distinct:
                _add_distinct(rows, part, first, table)
        return score

    return call


def wide(path: str, subjects: int, per_subject: int, distinct: bool) -> Callable[[], np.ndarray]:
    """One column a variable, 26 a group-by: all families of a kind and window.

    Rows of other kinds and older rows are filtered away before each group-by.
    """
    table = tables(per_subject)

    def call() -> np.ndarray:
        score = points.started(subjects)
        events = (
            pl.scan_parquet(path)
            .filter(SEEN)
            .select("subject", "amount", _kind().alias("kind"), age.alias("age"))
            .collect(engine="streaming")
        )
        for k in range(len(KINDS)):
            of_kind = events.filter(pl.col("kind") == k)
            for w, days in enumerate(WINDOWS):
                rows = of_kind.lazy().filter(pl.col("age") < days).group_by("subject")
                found = rows.agg(_family_columns()).collect(engine="streaming")
                at = found["subject"].to_numpy()
                for measure, points_table in (("n", table.counts), ("s", table.sums)):
                    values = np.zeros((len(FAMILIES), subjects), np.int64)
                    for f in range(len(FAMILIES)):
                        values[f, at] = found[f"{measure}{f}"].to_numpy()
                    points.add_points(score, values, _of(points_table, k, w))
        if distinct:
            _wide_distinct(path, score, table)
        return score

    return call


def _family_columns() -> list[pl.Expr]:
    columns = []
    for f, (_, where, (low, end)) in enumerate(FAMILIES):
        if where is None:
            columns += [pl.len().alias(f"n{f}"), amount.sum().alias(f"s{f}")]
            continue
        inside = amount >= EDGES[low - 1] if low else amount < EDGES[end - 1]
        if low and end <= len(EDGES):
            inside = inside & (amount < EDGES[end - 1])
        columns += [inside.sum().alias(f"n{f}"), amount.filter(inside).sum().alias(f"s{f}")]
    return columns


def _wide_distinct(path: str, score: np.ndarray, table: points.Tables) -> None:
    met = (
        pl.scan_parquet(path)
        .filter(SEEN)
        .group_by("subject", _kind().alias("kind"), "counterparty")
        .agg(age.min().alias("age"))
        .collect(engine="streaming")
    )
    wanted = [(pl.col("age") < days).sum().alias(f"c{w}") for w, days in enumerate(WINDOWS)]
    for k in range(len(KINDS)):
        rows = met.lazy().filter(pl.col("kind") == k).group_by("subject")
        found = rows.agg(wanted).collect(engine="streaming")
        values = np.zeros((len(WINDOWS), len(score)), np.int64)
        for w in range(len(WINDOWS)):
            values[w, found["subject"].to_numpy()] = found[f"c{w}"].to_numpy()
        points.add_points(score, values, _of(table.distinct, k))


def _of(table: points.Table, k: int, w: int | None = None) -> points.Table:
    """The part of a table for a kind (and window): families, or windows, are what remains."""
    at = (k,) if w is None else (slice(None), k, w)
    return type(table)(
        table.first[at], table.second[at], table.low[at], table.middle[at], table.high[at]
    )
