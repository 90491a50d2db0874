"""The harness of consent in force: reads race with the revocation of what they rest on.

A book numbers everything it writes. A read with a higher number than the revocation of its consent
was written after it; a read that was asked for after a revocation had been acknowledged must be
refused.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import sqlalchemy as sa

from xinyong.errors import NeedUnmet
from xinyong.records.store import Act, Need, Parcel, State, Store

THREADS = 16
READS = 4
"""Reads on one consent."""
AT_ONCE = 48
"""Consents that are given before the race begins."""


class Book(Protocol):
    """Where consents and reads are written; numbers go up."""

    def give(self, consent: int) -> None:
        """Write that a consent is given."""

    def revoke(self, consent: int) -> int:
        """Write that it is withdrawn; its number, once that is acknowledged."""

    def read(self, consent: int) -> int | None:
        """Write that somebody read on a consent; its number, or None where it was refused."""


@dataclass
class Race:
    """What came of the race on one consent: numbers, and moments by the monotonic clock."""

    revoked: int = 0
    acknowledged: float = 0.0
    reads: list[tuple[float, int | None]] = field(default_factory=list)

    def broken(self) -> int:
        """Reads that were written after the revocation, or let through when asked for after it."""
        return sum(
            number is not None and (number > self.revoked or asked > self.acknowledged)
            for asked, number in self.reads
        )


def race(books: Sequence[Book], reads: int, seed: int) -> list[Race]:
    """So many reads, each against one revocation, by sixteen threads over all the books."""
    chance = random.Random(seed)
    found: list[Race] = []
    failures: list[BaseException] = []

    def run(book: Book, steps: list[tuple[bool, int]]) -> None:
        try:
            for revokes, consent in steps:
                one = found[consent]
                if revokes:
                    one.revoked = book.revoke(consent)
                    one.acknowledged = time.monotonic()
                else:
                    asked = time.monotonic()
                    one.reads.append((asked, book.read(consent)))
        except BaseException as error:
            failures.append(error)

    while len(found) * READS < reads and not failures:
        consents = range(len(found), len(found) + AT_ONCE)
        for consent in consents:
            books[consent % len(books)].give(consent)
            found.append(Race())
        parts: list[list[tuple[bool, int]]] = [[] for _ in range(THREADS)]
        for consent in consents:
            for spot, revokes in enumerate([True] + [False] * READS):
                parts[(consent * 3 + spot) % THREADS].append((revokes, consent))
        threads = []
        for spot, steps in enumerate(parts):
            # About the same order everywhere, so that what belongs together meets.
            steps.sort(key=lambda step: step[1] + chance.random() * 6)
            threads.append(threading.Thread(target=run, args=(books[spot % len(books)], steps)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
    return found


class StoreBook:
    """The store: a read needs its consent in the moment of writing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def give(self, consent: int) -> None:
        self._write("consent", consent, "given")

    def revoke(self, consent: int) -> int:
        return self._write("revocation", consent, "withdrawn")

    def read(self, consent: int) -> int | None:
        need = Need("consent", f"c{consent}", frozenset({"given"}))
        act = Act("read", f"s{consent % 50}", {"reader": "bank"})
        try:
            return self._store.append(Parcel((act,), (need,))).seqs[0]
        except NeedUnmet:
            return None

    def _write(self, kind: str, consent: int, value: str) -> int:
        state = State("consent", f"c{consent}", value)
        act = Act(kind, f"s{consent % 50}", {"consent": consent}, states=(state,))  # type: ignore[arg-type]
        return self._store.append(act).seqs[0]


class NaiveBook:
    """PostgreSQL at READ COMMITTED: look whether it is given, then write, in one transaction."""

    def __init__(self, engine: sa.Engine, *, make: bool) -> None:
        self._engine = engine
        if make:
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE consent (id INT PRIMARY KEY, value TEXT)")
                connection.exec_driver_sql("CREATE TABLE log (id BIGSERIAL PRIMARY KEY, note TEXT)")

    def give(self, consent: int) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"INSERT INTO consent VALUES ({consent}, 'given')")

    def revoke(self, consent: int) -> int:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE consent SET value = 'no' WHERE id = {consent}")
            return _logged(connection, "revocation")

    def read(self, consent: int) -> int | None:
        with self._engine.begin() as connection:
            query = f"SELECT value FROM consent WHERE id = {consent}"
            if connection.exec_driver_sql(query).scalar_one() != "given":
                return None
            return _logged(connection, "read")


def _logged(connection: sa.Connection, note: str) -> int:
    put = f"INSERT INTO log (note) VALUES ('{note}') RETURNING id"
    return int(connection.exec_driver_sql(put).scalar_one())
