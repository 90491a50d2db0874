"""The store: one ledger that only grows, and what follows from it, on SQLite or PostgreSQL.

::

    acts --ready--> parcel --writer: one transaction--> entries, tiles, tree
                                                        states, heads, blocks
    entries --standing--> events that count --engine--> scores

A subject's acts are sealed under her own key, which lies in the vault; the ledger's hashes run
over the sealed bytes. Erasing her destroys the key: what was proved stays proved, and nobody can
read it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

import sqlalchemy as sa

from xinyong.errors import KeyTaken, ProofRefused, QuestionRefused, StoreStopped
from xinyong.records.ledger.merkle import (
    Frontier,
    prove_consistency,
    prove_inclusion,
    prove_inclusions,
)
from xinyong.records.shape import EventShape
from xinyong.records.store import opening
from xinyong.records.store import tables as t
from xinyong.records.store.acts import Act, Parcel, Receipt
from xinyong.records.store.apart import Opened, WriterApart, can_be_apart
from xinyong.records.store.appending import erasures
from xinyong.records.store.growing import stored_nodes
from xinyong.records.store.preparing import erasing, ready
from xinyong.records.store.reading import Reader
from xinyong.records.store.snapshot import Choose, Snapshot, write_snapshot
from xinyong.records.store.writer import Answer, Soon, Writer
from xinyong.records.vault import Vault


def wall_clock() -> int:
    """The moment by this machine's clock, microseconds UTC; for the doors alone."""
    return time.time_ns() // 1000


class Store(Reader):
    """An open store. Reading is what :class:`Reader` offers; writing goes by parcels.

    ``clock`` gives the moment of writing in microseconds UTC. With ``apart`` a process of its own
    writes, by the machine's clock, so that whoever answers requests need not wait for it; where
    the system cannot do that, a thread of this process writes as usual.
    """

    def __init__(
        self,
        url: str,
        vault: Vault,
        *,
        clock: Callable[[], int] = wall_clock,
        synchronous: str = "FULL",
        apart: bool = False,
    ) -> None:
        self.url = url
        self.vault = vault
        self._clock = clock
        self._synchronous = synchronous
        self._apart = apart and can_be_apart()
        self._roots: dict[tuple[int, int], bytes] = {}
        self._open()

    def _open(self) -> None:
        engine = opening.engine_for(self.url, synchronous=self._synchronous)
        try:
            opening.upgrade(engine)
            opening.settle(engine)
            super().__init__(engine, self.vault)
            self.check_edge()
            size = self._end_erasures()
        except sa.exc.SQLAlchemyError as error:
            engine.dispose()
            raise StoreStopped(
                f"the store cannot be opened: {type(error).__name__}",
                where=engine.url.render_as_string(hide_password=True),
                why=str(getattr(error, "orig", error)),
                mend="mend the disk or the database, then open it again",
            ) from error
        except BaseException:
            engine.dispose()
            raise
        self._writer: Writer | WriterApart
        if self._apart:
            self._writer = WriterApart(engine, Opened(self.url, self._synchronous, size))
        else:
            self._writer = Writer(engine, self._clock, size)

    def _end_erasures(self) -> int:
        """Destroy the keys of every erased subject that are there, and say how many entries are.

        The entry that says so is written first. The keys may still be there where the power was
        cut in between, or where the vault was taken from a backup.
        """
        size = self.size()
        with self._engine.connect() as connection:
            done = erasures(connection)
        for _, who in done:
            keys = self.vault.by_who(who)
            if keys is not None:
                self.vault.erase(keys.subject, who=who)
        return size

    # ------------------------------------------------------------ writing

    def submit(self, parcel: Parcel) -> Future[Receipt]:
        """Queue a parcel; the future holds its receipt once it is durable.

        Raises StoreRefused (at once, or by the future) where it cannot be written: KeyTaken,
        NeedUnmet, StoreStopped.
        """
        return self._writer.submit(ready(parcel, self.vault))

    def give(self, parcel: Parcel, answer: Answer, soon: Soon | None = None) -> None:
        """Queue a parcel as :meth:`submit` does; how it went is told to ``answer``.

        ``soon`` (an event loop's ``call_soon``) lets parcels that are given one after the other go
        to the writer together.
        """
        self._writer.give(ready(parcel, self.vault), answer, soon)

    def append(self, parcel: Parcel | Act) -> Receipt:
        """Write a parcel, or one act, and wait until it is durable; see :meth:`submit`."""
        return self.submit(Parcel((parcel,)) if isinstance(parcel, Act) else parcel).result()

    def erase(self, subject: str, *, reason: str) -> Receipt | None:
        """Destroy a subject's keys; None where nothing is known about her.

        First an entry says so, and with it packed copies and states about her go; from then on
        nothing is written about her pseudonym. Then the keys go; where that is cut short, the
        next opening does it. The entry names only the pseudonym, which nobody can tie to her any
        more; ``reason`` stays readable for ever, so it is no place for her name.
        """
        keys = self.vault.keys(subject, create=False)
        if keys is None:
            return None
        try:
            receipt = self._writer.submit(erasing(keys.who, reason)).result()
        except KeyTaken:  # somebody else was quicker, for another reason
            receipt = self._erasure_of(keys.who)
        self.vault.erase(subject, who=keys.who)
        return receipt

    def _erasure_of(self, who: str) -> Receipt:
        with self._engine.connect() as connection:
            seq = next(seq for seq, erased in erasures(connection) if erased == who)
            at = connection.execute(sa.select(t.entries.c.at).where(t.entries.c.seq == seq))
            return Receipt((seq,), int(at.scalar_one()), (False,))

    # ------------------------------------------------------------ proofs

    def root(self, size: int | None = None) -> tuple[int, bytes]:
        """Size and root of the tree, now or when it had ``size`` entries."""
        with self._engine.connect() as connection:
            have, edge = connection.execute(sa.select(t.tree.c.size, t.tree.c.edge)).one()
            if size is None or size == have:
                return int(have), Frontier.from_bytes(bytes(edge)).root()
            if not 0 <= size <= have:
                raise QuestionRefused(
                    f"the ledger has {have} entries, not {size}", mend="ask for a smaller size"
                )
            from xinyong.records.ledger.merkle import root_of

            return size, root_of(stored_nodes(connection, self._roots), size)

    def inclusion(self, seq: int, size: int) -> tuple[bytes, ...]:
        """The path from an entry to the root of the tree of ``size`` entries."""
        self._within(size)
        with self._engine.connect() as connection:
            return prove_inclusion(stored_nodes(connection, self._roots), seq, size)

    def inclusions(self, seqs: Sequence[int], size: int) -> list[tuple[bytes, ...]]:
        """The paths from entries, in ascending order, to the root of the tree of ``size``."""
        self._within(size)
        with self._engine.connect() as connection:
            nodes = stored_nodes(connection, self._roots)
            return list(prove_inclusions(nodes, seqs, size))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """What shows that the tree of ``new`` entries begins with that of ``old``."""
        self._within(new)
        with self._engine.connect() as connection:
            return prove_consistency(stored_nodes(connection, self._roots), old, new)

    def _within(self, size: int) -> None:
        have = self.size()
        if not 0 <= size <= have:
            raise QuestionRefused(
                f"the ledger has {have} entries, not {size}", mend="ask for a smaller size"
            )

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed checkpoint of the tree of ``size`` entries; one that is there stays."""

        def keep(connection: sa.Connection) -> None:
            c = t.checkpoints.c
            there = connection.execute(sa.select(c.size).where(c.size == size)).first()
            if there is None:
                connection.execute(sa.insert(t.checkpoints), {"size": size, "note": note})

        self._writer.run(keep)

    def checkpoint(self, size: int | None = None) -> tuple[int, str] | None:
        """The newest kept checkpoint, or the one of a size."""
        c = t.checkpoints.c
        query = sa.select(c.size, c.note).order_by(c.size.desc()).limit(1)
        if size is not None:
            query = query.where(c.size == size)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (int(row[0]), str(row[1]))

    def check_edge(self, entries: int = 2_000) -> None:
        """Hash the newest entries again and hold them against the tree; on every opening.

        Raises ProofRefused where they disagree. The whole ledger is verified by
        :func:`xinyong.records.ledger.verify.verify_ledger`.
        """
        with self._engine.connect() as connection:  # both of one moment: others may be writing
            size, edge = connection.execute(sa.select(t.tree.c.size, t.tree.c.edge)).one()
        size = int(size)
        for entry, leaf in self.entries(max(0, size - entries), size):
            if entry.leaf() != leaf:
                raise ProofRefused(
                    f"entry {entry.seq} is not what its hash says",
                    where=self.place,
                    why="an entry was changed after it was written",
                    mend="restore a backup; 'xinyong audit verify' names every such entry",
                )
        from xinyong.records.ledger.merkle import root_of

        with self._engine.connect() as connection:
            if Frontier.from_bytes(bytes(edge)).root() != root_of(stored_nodes(connection), size):
                raise ProofRefused(
                    "the ledger's entries and its tree disagree",
                    where=self.place,
                    why="entries were changed or lost after they were written",
                    mend="restore a backup; 'xinyong audit verify' says where they part",
                )

    # ------------------------------------------------------------ the rest

    def snapshot(
        self,
        path: Path,
        shape: EventShape,
        *,
        upto: int | None = None,
        may: Callable[[str], bool] | None = None,
        choose: Choose | None = None,
        handles: bool = False,
    ) -> Snapshot:
        """Everybody's events as a Parquet file; see :func:`.snapshot.write_snapshot`."""
        return write_snapshot(
            self,
            self._engine,
            self.vault,
            path,
            shape,
            upto=upto,
            may=may,
            choose=choose,
            handles=handles,
        )

    @property
    def place(self) -> str:
        """The store's address without a password."""
        return self._engine.url.render_as_string(hide_password=True)

    @property
    def stopped(self) -> bool:
        """Whether a write failed; nothing is acknowledged until :meth:`reopen`."""
        return self._writer.failed is not None

    def reopen(self) -> None:
        """Close and open again, the vault too, verifying the edge of the ledger first.

        Raises StoreStopped or ProofRefused where that fails; nothing is acknowledged then either.
        """
        self.close()
        self.vault.reopen()
        self._open()

    def close(self) -> None:
        """Write what waits, then close; the vault stays open."""
        self._writer.close()
        self._quick.close()
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


__all__ = ["Store", "wall_clock"]
