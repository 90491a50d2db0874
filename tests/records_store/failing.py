"""The fail-stop harness: write, break what lies underneath, mend it, and count what was answered.

Run as a program it does so with flushes that fail: the library of ``failing_flush.c`` has been
loaded before, and the file named by ``XINYONG_NO_FLUSH`` makes them fail. It prints one JSON
object.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from xinyong.errors import XinyongError
from xinyong.records.ledger.merkle import Frontier
from xinyong.records.store import Act, Receipt, Store
from xinyong.records.vault import Vault

MASTER = bytes(range(32))
TRIES = 60
MOST = 20_000
"""Writes after which the disk must have failed."""

Write = Callable[[int], bool]
"""Writes number n and says whether that was acknowledged."""
Step = Callable[[], None]


@dataclass
class Tally:
    """How many writes were acknowledged before the first failure, and after it."""

    before: int
    after: int


def tally(write: Write, breaks: Step, mends: Step) -> Tally:
    """Write, break, write until it fails and on, mend, write on; nobody reopens anything."""
    number = 0

    def answered(count: int) -> int:
        nonlocal number
        number += count
        return sum(write(one) for one in range(number - count, number))

    before = answered(TRIES)
    breaks()
    while answered(1):
        before += 1
        assert number < MOST, "nothing failed"
    after = answered(TRIES)
    mends()
    return Tally(before, after + answered(TRIES))


class StoreWriter:
    """Writes to a store; remembers what was acknowledged."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.acks: dict[int, Receipt] = {}

    def __call__(self, number: int) -> bool:
        try:
            self.acks[number] = self.store.append(_act(number))
        except XinyongError:
            return False
        return True

    def all_there(self) -> bool:
        """Whether the tree holds, and every acknowledged act with it."""
        tree = Frontier()
        for entry, leaf in self.store.entries():
            if entry.leaf() != leaf:
                return False
            tree.append(leaf)
        ids = {known.seq: (known.body or {}).get("id") for known in self.store.of("anna")}
        there = all(ids.get(ack.seqs[0]) == f"e{number}" for number, ack in self.acks.items())
        return there and self.store.root() == (tree.size, tree.root())


def _act(number: int) -> Act:
    body = {
        "id": f"e{number}",
        "kind": "bill",
        "happened_at": number,
        "fields": {"note": os.urandom(1_000).hex()},
        "source": "water works",
    }
    return Act("event", "anna", body)


class NaiveWriter:
    """SQLite as durable as it can be set, but going on after a failure, as SQLite itself does."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=FULL")
        self._base.execute("CREATE TABLE event (number INTEGER PRIMARY KEY, body BLOB)")

    def __call__(self, number: int) -> bool:
        try:
            self._base.execute("INSERT INTO event VALUES (?, ?)", (number, os.urandom(2_000)))
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        self._base.close()


def main(what: str, url: str, folder: Path) -> None:
    """Tally a writer (``sqlite`` or ``naive``) under flushes that fail."""
    sign = Path(os.environ["XINYONG_NO_FLUSH"])
    if what == "naive":
        with closing(NaiveWriter(folder / "naive.db")) as naive:
            found = tally(naive, sign.touch, sign.unlink)
        print(json.dumps({"before": found.before, "after": found.after}))
        return
    with Vault.open(folder / "vault.db", MASTER) as vault, Store(url, vault) as store:
        writer = StoreWriter(store)
        found = tally(writer, sign.touch, sign.unlink)
        store.reopen()
        again = sum(writer(MOST + one) for one in range(TRIES))
        said = {"before": found.before, "after": found.after, "again": again}
        print(json.dumps(said | {"whole": writer.all_there()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
