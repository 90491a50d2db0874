"""The power-cut harness: write, cut, start again, and hold what is there against what was said.

What was said after the cut began does not count. A flush that is under way when ext4 is stopped may
return as if all were well though nothing was kept (in one cut of fifteen, seen); after a real power
cut nobody is there to say so, or to hear it.
"""

from __future__ import annotations

import multiprocessing
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import psutil
from disk import Disk
from own_server import Server
from writing_child import MASTER, parcel, subject_of, write

from xinyong.records.ledger.merkle import Frontier
from xinyong.records.store import Known, Store
from xinyong.records.vault import Vault

_FORKS = multiprocessing.get_context("forkserver")


@dataclass
class Said:
    """What the writing process said before its power was cut."""

    acks: dict[int, tuple[int, ...]] = field(default_factory=dict)
    erasing: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    failed: str = ""
    cut: float = float("inf")
    """When the power was cut, by the machine's monotonic clock."""
    late: int = 0
    """Acknowledgements of what was given to the store after the first failure."""

    def hear(self, what: tuple[object, ...]) -> None:
        match what:
            case ("ack", float(when), int(number), tuple(seqs), bool(late)):
                self.late += late
                if when < self.cut:
                    self.acks[number] = seqs
            case ("erasing", str(subject)):
                self.erasing.add(subject)
            case ("erased", float(when), str(subject)):
                if when < self.cut:
                    self.erased.add(subject)
            case ("failed", str(why)):
                self.failed = why


class Site:
    """A store on a disk of its own, on either backend; ``sqlite apart`` has a writer apart."""

    def __init__(self, disk: Disk, backend: str) -> None:
        self.disk = disk
        self.server = Server(disk.folder) if backend == "postgresql" else None
        self.apart = backend.endswith("apart")
        self.vault = disk.folder / "vault.db"

    @property
    def url(self) -> str:
        return self.server.url if self.server else f"sqlite:///{self.disk.folder}/records.db"

    def start(self) -> None:
        if self.server:
            self.server.start()

    def end(self) -> None:
        if self.server:
            self.server.kill()

    def close(self) -> None:
        if self.server:
            self.server.close()

    @contextmanager
    def store(self) -> Iterator[Store]:
        with (
            Vault.open(self.vault, MASTER) as vault,
            Store(self.url, vault, apart=self.apart) as store,
        ):
            yield store


@contextmanager
def site(backend: str, megabytes: int = 512) -> Iterator[Site]:
    """A fresh disk with a store that is running."""
    with Disk(megabytes) as disk:
        made = Site(disk, backend)
        try:
            made.start()
            with made.store():
                pass  # its tables are made
            yield made
        finally:
            made.close()


def one_cut(place: Site, turn: int, synchronous: str, chance: random.Random) -> Said:
    """Let a process write for a moment, cut the power, and start everything again.

    In every other turn its writer is a process of its own.
    """
    _FORKS.set_forkserver_preload(["writing_child"])
    ours, theirs = _FORKS.Pipe(duplex=False)
    child = _FORKS.Process(
        target=write,
        args=(place.url, place.vault, synchronous, turn, turn % 2 == 1, theirs),
        daemon=True,
    )
    child.start()
    theirs.close()
    assert ours.poll(60)
    word, writer = ours.recv()
    assert word == "ready" and (writer is not None) == (turn % 2 == 1)
    said = Said()
    ear = threading.Thread(target=_listen, args=(ours, said))
    ear.start()
    time.sleep(0.05 + chance.random() * 0.35)
    said.cut = time.monotonic()
    place.disk.cut()
    child.join(10)
    child.kill()
    child.join()
    if writer is not None:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(writer).wait(20)
    ear.join()
    ours.close()
    child.close()
    place.end()
    place.disk.off()
    place.disk.again()
    place.start()
    return said


def _listen(pipe: Connection, said: Said) -> None:
    try:
        while True:
            said.hear(pipe.recv())
    except EOFError:
        return


def lost(store: Store, turn: int, said: Said, first: int) -> list[str]:
    """All that is not as it was said, among the entries from ``first`` on; nothing when well."""
    wrong = []
    there: dict[int, tuple[str, Known]] = {}
    for entry, leaf in store.entries(first):
        if entry.leaf() != leaf:
            wrong.append(f"entry {entry.seq} is not what its hash says")
        there[entry.seq] = (entry.who, store.opened(entry))
    erased = {
        known.body["who"] for _, known in there.values() if known.kind == "erasure" and known.body
    }
    parts: dict[int, set[int]] = {}
    for seq, (who, known) in there.items():
        if known.kind != "event":
            continue
        if known.body is not None:
            written, number, spot, _ = known.body["of"]
            assert written == turn
            parts.setdefault(number, set()).add(spot)
        elif who not in erased:
            wrong.append(f"the key of entry {seq} is gone")
    for number, found in parts.items():
        acts = parcel(turn, number).acts
        if {s for s, act in enumerate(acts) if act.subject not in said.erasing} - found:
            wrong.append(f"parcel {number} is there in part")
    for number, seqs in said.acks.items():
        for spot, seq in enumerate(seqs):
            if seq not in there:
                wrong.append(f"parcel {number} was acknowledged and is gone")
                continue
            body = there[seq][1].body
            if body is None and subject_of(turn, number + spot) not in said.erasing:
                wrong.append(f"parcel {number} was acknowledged and cannot be read")
            if body is not None and body["of"][:3] != [turn, number, spot]:
                wrong.append(f"entry {seq} is another than was acknowledged")
    for subject in said.erased:
        keys = store.vault.keys(subject, create=False)
        if keys is not None and keys.who in erased:
            wrong.append(f"{subject} was erased and is back")
    if said.late:
        wrong.append(f"{said.late} acknowledgements after the first failure")
    return wrong


def whole_tree(store: Store) -> bool:
    """Whether every entry hashes to its leaf, and all leaves to the root."""
    tree = Frontier()
    for entry, leaf in store.entries():
        if entry.seq != tree.size or entry.leaf() != leaf:
            return False
        tree.append(leaf)
    return store.root() == (tree.size, tree.root())


__all__ = ["Said", "Site", "lost", "one_cut", "site", "whole_tree"]
