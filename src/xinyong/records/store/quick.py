"""The few questions that every request asks, on connections that are kept open for them.

A statement goes to the driver as it is: building and checking one out anew costs more than the
answer. Every question reads what is committed at that moment. The connections are apart from the
engine's pool, so that no number of readers keeps the writer from its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import sqlalchemy as sa

MOST: Final = 8
"""Questions that are asked at once; further ones wait for their turn."""


class _Kept:
    """A connection and its cursor; on PostgreSQL each of its statements is a transaction."""

    __slots__ = ("_connection", "cursor")

    def __init__(self, engine: sa.Engine) -> None:
        lent = engine.raw_connection()
        connection: Any = lent.driver_connection
        lent.detach()
        if engine.dialect.name != "sqlite":
            connection.autocommit = True
        self._connection, self.cursor = connection, connection.cursor()

    def close(self) -> None:
        with suppress(Exception):
            self._connection.close()


class Quick:
    """Short questions to a database, from any thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lite = engine.dialect.name == "sqlite"
        self._turns = threading.Semaphore(MOST)
        self._gate = threading.Lock()
        self._idle: list[_Kept] = []
        self._closed = False

    def rows(self, question: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """The answer's rows; ``?`` stands for each value. A connection that broke is made anew."""
        if not self._lite:
            question = question.replace("?", "%s")
        try:
            return self._asked(question, values)
        except sa.exc.DBAPIError:
            if self._lite:
                raise
        return self._asked(question, values)

    def _asked(self, question: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._one() as cursor:
            cursor.execute(question, values)
            return [tuple(row) for row in cursor.fetchall()]

    @contextmanager
    def _one(self) -> Iterator[Any]:
        """A cursor that nobody else uses meanwhile; its connection goes if anything goes wrong."""
        with self._turns:
            with self._gate:
                kept = self._idle.pop() if self._idle else None
            if kept is None:
                kept = _Kept(self._engine)
            try:
                yield kept.cursor
            except BaseException as error:
                kept.close()
                if isinstance(error, self._engine.dialect.dbapi.Error):  # type: ignore[union-attr]
                    raise sa.exc.OperationalError("", None, error) from error
                raise
            with self._gate:
                if not self._closed:
                    self._idle.append(kept)
                    return
            kept.close()

    def close(self) -> None:
        """Close every connection; one that is in use, as soon as it is not."""
        with self._gate:
            self._closed = True
            idle, self._idle = self._idle, []
        for kept in idle:
            kept.close()


__all__ = ["MOST", "Quick"]
