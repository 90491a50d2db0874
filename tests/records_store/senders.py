"""The harness of "exactly once": many senders of the same ids, and what must come of it.

A sender sends number ``key`` with one of two bodies and is told where it stands and whether it was
new, or is refused because the number says something else. Afterwards there is one row for each
number, everybody was told the same place, and nobody who was told a place finds another body there.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from xinyong.errors import KeyTaken
from xinyong.records.store import Act, Store
from xinyong.records.vault import Vault

MASTER = bytes(range(32))
SENDERS = 32
WINDOW = 24
"""Numbers that are sent at about the same time."""
EACH = 8
"""How often a number is sent, about."""

Send = Callable[[int, int], tuple[int, bool] | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender was told: the place and whether it was new; place None where refused."""

    key: int
    body: int
    seq: int | None
    new: bool


def storm(send: Send, operations: int, seed: int, *, senders: int = SENDERS) -> list[Answer]:
    """Send from many threads at once; all numbers lie close together at any time."""
    answers: list[list[Answer]] = [[] for _ in range(senders)]
    failures: list[BaseException] = []
    start = threading.Barrier(senders)

    def run(sender: int) -> None:
        chance = random.Random(f"{seed} {sender}")
        start.wait()
        try:
            for turn in range(operations // senders):
                key = turn * senders // EACH + chance.randrange(WINDOW)
                body = int(chance.random() < 0.3)
                told = send(key, body)
                found = Answer(key, body, None, False) if told is None else Answer(key, body, *told)
                answers[sender].append(found)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(sender,)) for sender in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [answer for found in answers for answer in found]


def wrongs(answers: Sequence[Answer], rows: Sequence[tuple[int, int, int]]) -> list[str]:
    """All that is not exactly once; ``rows`` are (place, number, body) as they stand."""
    wrong = []
    there = {seq: (key, body) for seq, key, body in rows}
    places = defaultdict(list)
    for seq, key, _ in rows:
        places[key].append(seq)
    wrong += [f"number {key} stands {len(seqs)} times" for key, seqs in places.items() if seqs[1:]]
    new: dict[int, int] = defaultdict(int)
    for one in answers:
        new[one.key] += one.new
        if one.seq is not None and there.get(one.seq) != (one.key, one.body):
            wrong.append(f"number {one.key} was told place {one.seq}, where something else stands")
        if one.seq is None and any(there[seq][1] == one.body for seq in places[one.key]):
            wrong.append(f"number {one.key} was refused for the body that stands")
    wrong += [f"number {key} was new {count} times" for key, count in new.items() if count != 1]
    wrong += [f"number {key} was sent and is not there" for key in new if key not in places]
    return wrong


def to_store(store: Store) -> Send:
    """A sender of events: the number is the event's id."""

    def send(key: int, body: int) -> tuple[int, bool] | None:
        said = {"id": f"e{key}", "kind": "bill", "happened_at": key, "fields": {"body": body}}
        try:
            receipt = store.append(Act("event", f"s{key % 5}", said, key=f"e{key}"))
        except KeyTaken:
            return None
        return receipt.seqs[0], receipt.new[0]

    return send


def rows_of(store: Store) -> list[tuple[int, int, int]]:
    """Place, number and body of every event in a store."""
    found = []
    for entry, _ in store.entries():
        known = store.opened(entry)
        assert known.body is not None
        found.append((known.seq, int(known.body["id"][1:]), known.body["fields"]["body"]))
    return found


class NaiveBook:
    """Looks a number up and inserts it where it is not there: in two steps, as is often seen."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        kind = "INTEGER PRIMARY KEY" if engine.dialect.name == "sqlite" else "SERIAL PRIMARY KEY"
        with engine.begin() as connection:
            connection.exec_driver_sql(
                f"CREATE TABLE naive (seq {kind}, number INTEGER, body INTEGER)"
            )

    def send(self, key: int, body: int) -> tuple[int, bool] | None:
        """As :func:`to_store`, without its promises."""
        find = sa.text("SELECT seq, body FROM naive WHERE number = :key")
        put = sa.text("INSERT INTO naive (number, body) VALUES (:key, :body) RETURNING seq")
        with self._engine.begin() as connection:
            row = connection.execute(find, {"key": key}).first()
        if row is not None:
            return (row[0], False) if row[1] == body else None
        with self._engine.begin() as connection:
            return connection.execute(put, {"key": key, "body": body}).scalar_one(), True

    def rows(self) -> list[tuple[int, int, int]]:
        """As :func:`rows_of`."""
        with self._engine.begin() as connection:
            found = connection.exec_driver_sql("SELECT seq, number, body FROM naive")
            return [(int(seq), int(key), int(body)) for seq, key, body in found]


def send_from_child(url: str, vault: Path, operations: int, seed: int, pipe: Connection) -> None:
    """A process of its own that opens the store and sends."""
    with Vault.open(vault, MASTER) as opened, Store(url, opened) as store:
        pipe.send("ready")
        assert pipe.recv() == "go"
        pipe.send(storm(to_store(store), operations, seed, senders=SENDERS // 2))
