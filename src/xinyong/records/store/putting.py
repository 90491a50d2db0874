"""Many rows in one statement, and many values in one question, on either database.

SQLite runs a prepared statement row by row in C. PostgreSQL is sent entries by COPY and other rows
as one array for each column, so that a batch is one message to the server.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

import sqlalchemy as sa

from xinyong.records.store import tables as t

MOST: Final = 500
"""Values that one question may ask about."""

_ARRAY: Final = {sa.Text: "text[]", sa.BigInteger: "bigint[]", sa.Integer: "int[]"}


def put_all(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows; into a table that follows from the entries, over what is there."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    statement = _statement(connection.dialect.name, table.name)
    if connection.dialect.name == "sqlite":
        values = [tuple(row[name] for name in names) for row in rows]
        connection.exec_driver_sql(statement, values)
        return
    if table is t.entries:
        _copy_entries(connection, rows)
        return
    arrays = tuple(_array([_sent(row[c.name], c) for row in rows]) for c in table.columns)
    connection.exec_driver_sql(statement, arrays)


def _copy_entries(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Entries by ``COPY``: half the work of an ``INSERT``, on both sides.

    Kinds, pseudonyms and marks are words of ours, so nothing in them has to be escaped.
    """
    lines = [
        f"{row['seq']}\t{row['kind']}\t{row['at']}\t{row['who']}\t\\\\x{row['body'].hex()}"
        f"\t\\\\x{row['leaf'].hex()}\t{row['mark'] or _NULL}\n"
        for row in rows
    ]
    cursor = connection.connection.cursor()
    cursor.execute(_COPY, stream=BytesIO("".join(lines).encode()))  # type: ignore[call-arg]
    cursor.close()


_NULL: Final = "\\N"
_COPY: Final = "COPY entries (seq, kind, at, who, body, leaf, mark) FROM STDIN"


_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, MOST)


def one_of(
    connection: sa.Connection, question: str, values: Sequence[str], first: Sequence[str] = ()
) -> tuple[str, tuple[Any, ...]]:
    """A question that ends with a column, made to ask for any of some values of it.

    ``first`` stand for the ``?`` that are in it. For SQLite the last value is given several times,
    so that there are few texts: each has to be prepared once.
    """
    if connection.dialect.name == "sqlite":
        many = next(size for size in _SIZES if size >= len(values))
        marks = ", ".join("?" * many)
        return f"{question} IN ({marks})", (*first, *values, *[values[-1]] * (many - len(values)))
    return f"{question.replace('?', '%s')} = ANY(%s::text[])", (*first, _array(values))


def _array(values: Sequence[str | int | None]) -> str:
    """Values as PostgreSQL writes an array. The driver would look at each character in Python."""
    return f"{{{','.join([_element(one) for one in values])}}}"


def _element(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _sent(value: Any, column: sa.Column[Any]) -> Any:
    """Bytes travel as hexadecimal text, which the statement turns back."""
    return value.hex() if isinstance(column.type, sa.LargeBinary) else value


@lru_cache(maxsize=16)
def _statement(dialect: str, name: str) -> str:
    table = t.metadata.tables[name]
    names = [column.name for column in table.columns]
    key = [column.name for column in table.primary_key]
    if dialect == "sqlite":
        source = f"VALUES ({', '.join('?' * len(names))})"
    else:
        arrays = ", ".join(f"%s::{_ARRAY.get(type(c.type), 'text[]')}" for c in table.columns)
        shown = ", ".join(
            f"decode({c.name}, 'hex')" if isinstance(c.type, sa.LargeBinary) else c.name
            for c in table.columns
        )
        source = f"SELECT {shown} FROM unnest({arrays}) AS given({', '.join(names)})"
    made = f"INSERT INTO {name} ({', '.join(names)}) {source}"
    if name in t.GROWING:
        return made
    rest = ", ".join(f"{one} = excluded.{one}" for one in names if one not in key)
    return f"{made} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {rest}"


__all__ = ["MOST", "one_of", "put_all"]
