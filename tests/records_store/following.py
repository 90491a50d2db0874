"""The harness of the feed: writers write, one follower asks on from the last number it saw."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from xinyong.records.store import Act, Parcel, Receipt, Store
from xinyong.records.vault import Vault

MASTER = bytes(range(32))
BY_THREAD = 4
"""Writers in one process."""

Read = Callable[[int], Sequence[int]]
"""Numbers from one on, in order, not necessarily all."""


def follow(read: Read, ended: threading.Event) -> list[int]:
    """Read until the writers have ended and nothing more comes; what was seen, in its order."""
    seen: list[int] = []
    after = 0
    while True:
        last = ended.is_set()
        found = read(after)
        seen += found
        if found:
            after = found[-1] + 1
        elif last:
            return seen
        else:
            time.sleep(0.001)


def write_many(store: Store, entries: int, writer: int) -> list[int]:
    """Write in parcels of all sizes, a few in flight; the numbers that were acknowledged."""
    chance = random.Random(writer)
    acked: list[int] = []
    waiting: list[Future[Receipt]] = []
    number = 0
    while number < entries:
        count = min(chance.choice((1, 1, 2, 7, 40, 150)), entries - number)
        acts = [_act(writer, number + spot) for spot in range(count)]
        number += count
        waiting.append(store.submit(Parcel(tuple(acts))))
        if len(waiting) >= 8:
            acked += waiting.pop(0).result().seqs
    for future in waiting:
        acked += future.result().seqs
    return acked


def _act(writer: int, number: int) -> Act:
    return Act("event", f"s{writer}-{number % 20}", {"id": f"w{writer}-{number}"})


def write_from_child(url: str, vault: Path, entries: int, child: int, pipe: Connection) -> None:
    """A process of its own with four writers."""
    acked: list[list[int]] = [[] for _ in range(BY_THREAD)]
    with Vault.open(vault, MASTER) as opened, Store(url, opened) as store:

        def write(spot: int) -> None:
            acked[spot] = write_many(store, entries // BY_THREAD, child * BY_THREAD + spot)

        threads = [threading.Thread(target=write, args=(spot,)) for spot in range(BY_THREAD)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    pipe.send([seq for found in acked for seq in found])


class NaiveTable:
    """A table with a serial number, tailed by that number."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE naive (id BIGSERIAL PRIMARY KEY, note TEXT)")

    def write(self, entries: int) -> list[int]:
        """Write one row in each transaction, some of which take a little longer."""
        chance = random.Random(entries)
        acked = []
        for _ in range(entries):
            with self._engine.begin() as connection:
                put = "INSERT INTO naive (note) VALUES ('x') RETURNING id"
                acked.append(int(connection.exec_driver_sql(put).scalar_one()))
                time.sleep(chance.random() * 0.004)
        return acked

    def read(self, after: int) -> list[int]:
        """The numbers from one on."""
        with self._engine.begin() as connection:
            query = sa.text("SELECT id FROM naive WHERE id >= :after ORDER BY id LIMIT 1000")
            return [int(one) for (one,) in connection.execute(query, {"after": after})]
