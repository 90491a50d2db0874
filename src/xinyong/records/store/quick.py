"""The few questions that every request asks, on a connection that is kept open for each thread.

A statement goes to the driver as it is: building and checking one out anew costs more than the
answer. Every question reads what is committed at that moment.
"""

from __future__ import annotations

import threading
from typing import Any

import sqlalchemy as sa


class Quick:
    """Short questions to a database; one connection for each thread that asks."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lite = engine.dialect.name == "sqlite"
        self._local = threading.local()
        self._held: set[Any] = set()

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
        held = getattr(self._local, "cursor", None)
        if held is None:
            connection = self._engine.raw_connection()
            if not self._lite:
                connection.driver_connection.autocommit = True  # type: ignore[union-attr]
            held = connection.cursor()
            self._held.add(connection)
            self._local.connection, self._local.cursor = connection, held
        return held

    def _drop(self) -> None:
        held = getattr(self._local, "connection", None)
        self._local.connection = self._local.cursor = None
        if held is not None:
            self._held.discard(held)
            held.invalidate()

    def close(self) -> None:
        """Close every thread's connection; none of them may ask any more."""
        while self._held:
            self._held.pop().invalidate()


__all__ = ["Quick"]
