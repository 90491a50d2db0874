"""The few questions that every request asks, on a connection that is kept open for each thread.

A statement goes to the driver as it is: building and checking one out anew costs more than the
answer. Every question reads what is committed at that moment.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa


class _Kept:
    """A connection and its cursor; closed when the thread that asked has ended.

    It is never handed on: on PostgreSQL each of its statements is a transaction by itself.
    """

    __slots__ = ("__weakref__", "_connection", "cursor")

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.cursor = connection.cursor()

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()


class Quick:
    """Short questions to a database; one connection for each thread that asks."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lite = engine.dialect.name == "sqlite"
        self._local = threading.local()
        self._gate = threading.Lock()
        self._all: WeakSet[_Kept] = WeakSet()

    def rows(self, question: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """The answer's rows; ``?`` stands for each value. A connection that broke is made anew."""
        if not self._lite:
            question = question.replace("?", "%s")
        try:
            return self._asked(question, values)
        except sa.exc.DBAPIError as error:
            self._drop()
            if not error.connection_invalidated and self._lite:
                raise
        return self._asked(question, values)

    def _asked(self, question: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        cursor = self._cursor()
        try:
            cursor.execute(question, values)
            found: list[tuple[Any, ...]] = [tuple(row) for row in cursor.fetchall()]
        except self._engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]
            self._drop()
            raise sa.exc.OperationalError(question, None, error) from error
        return found

    def _cursor(self) -> Any:
        kept: _Kept | None = getattr(self._local, "kept", None)
        if kept is None:
            connection = self._engine.raw_connection()
            if not self._lite:
                connection.driver_connection.autocommit = True  # type: ignore[union-attr]
            kept = self._local.kept = _Kept(connection)
            with self._gate:
                self._all.add(kept)
        return kept.cursor

    def _drop(self) -> None:
        kept: _Kept | None = getattr(self._local, "kept", None)
        self._local.kept = None
        if kept is not None:
            kept.close()

    def close(self) -> None:
        """Close every thread's connection; none of them may ask any more."""
        with self._gate:
            for kept in list(self._all):
                kept.close()


__all__ = ["Quick"]
