"""Pairs worth a look, with a probability each: Splink on DuckDB, locked down.

An extra: install ``xinyong[link]``. The database lives in memory, sees nothing but the two
tables it is given, reaches no file and no network, and cannot be told otherwise afterwards. No text
of a record becomes part of a statement.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pyarrow as pa

from xinyong.errors import QuestionRefused
from xinyong.records.linking.comparing import FIELDS, birth_forms, shortened
from xinyong.records.linking.odds import MILLION, Odds
from xinyong.records.linking.record import Record
from xinyong.records.locked import locked_down

MEMORY: Final = "1GB"
"""What DuckDB may hold; more is an error, never a file."""

MOST: Final = MILLION - 1
"""The highest probability there is, in millionths: no guess is certain."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair by its places in the two sequences, and what Splink says about it.

    ``probability`` in millionths, rounded down, 0 to 999,999. ``weights``: of name, birth, phone,
    place, each in thousandths of the logarithm (base 2) of the odds.
    """

    left: int
    right: int
    probability: int
    weights: tuple[int, int, int, int]


def scored_pairs(
    left: Sequence[Record], right: Sequence[Record], odds: Odds, *, threads: int
) -> list[Scored]:
    """All pairs that Splink looks at, in order of their places.

    Nothing here is drawn by lot, and sums are of whole numbers alone, so that any number of
    ``threads`` gives the same. Raises :class:`~xinyong.errors.QuestionRefused` where the extra is
    not installed, or where the pairs do not fit into memory.
    """
    splink = _splink()
    if not left or not right:
        return []
    with _locked_down(threads) as connection:
        api = splink.DuckDBAPI(connection)
        tables = [
            api.register(_table(left), table_name="left_records"),
            api.register(_table(right), table_name="right_records"),
        ]
        settings = odds.settings(len(left), len(right))
        linker = splink.Linker(tables, settings, log_level=None)
        try:
            found = linker.inference.predict().physical_name
            rows = connection.sql(_reading(found)).to_arrow_table()
        except (duckdb.Error, splink.internals.exceptions.SplinkException) as error:
            if not isinstance(error.__cause__ or error, duckdb.OutOfMemoryException):
                raise
            raise QuestionRefused(
                f"the pairs of {len(left):,} and {len(right):,} records do not fit into {MEMORY}",
                where="records.linking",
                why="very common names make very many pairs",
                mend="link place by place, or year of birth by year of birth",
            ) from None
    columns = [column.to_pylist() for column in rows.columns]
    return [Scored(i, j, p, (a, b, c, d)) for i, j, p, a, b, c, d in zip(*columns, strict=True)]


def _splink() -> Any:
    try:
        return importlib.import_module("splink")
    except ImportError:
        raise QuestionRefused(
            "Splink is not installed",
            where="records.linking",
            why="it works out how likely two records are about one subject",
            mend="install xinyong[link]",
        ) from None


def _locked_down(threads: int) -> closing[duckdb.DuckDBPyConnection]:
    return closing(locked_down(memory=MEMORY, threads=threads))


def _reading(table: str) -> str:
    """The statement that reads what Splink found: whole numbers, in order."""
    weights = ", ".join(
        f"CAST(round(1000 * (mw_{name} + coalesce(mw_tf_adj_{name}, 0))) AS BIGINT)"
        for name in FIELDS
    )
    return (
        "SELECT CAST(row_l AS BIGINT) AS i, CAST(row_r AS BIGINT) AS j,"
        f" least(CAST(floor(match_probability * {MILLION}) AS BIGINT), {MOST}), {weights}"
        f' FROM "{table}" ORDER BY i, j'
    )


def _table(records: Sequence[Record]) -> pa.Table:
    births = [None if r.birth is None else birth_forms(r.birth) for r in records]
    columns: dict[str, list[Any]] = {
        "row": [str(i) for i in range(len(records))],
        "kind": [r.kind for r in records],
        "name": [r.plain_name for r in records],
        "phone": [r.plain_phone or None for r in records],
        "place": [r.plain_place or None for r in records],
        "birth": [forms[0] if forms else None for forms in births],
        "birth_turned": [forms[1] if forms else None for forms in births],
        "birth_year": [forms[0][:4] if forms else None for forms in births],
    }
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    for name, texts in (("name", columns["name"]), ("phone", columns["phone"])):
        short = [None if text is None else sorted(shortened(text)) for text in texts]
        table = table.append_column(f"{name}_short", pa.array(short, pa.list_(pa.string())))
    return table
