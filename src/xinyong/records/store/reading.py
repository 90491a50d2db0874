"""Reading the store: entries, a subject's file, states, and the feed that misses nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from xinyong.errors import ProofRefused
from xinyong.records.ledger.entry import Entry
from xinyong.records.sealed import SubjectKeys
from xinyong.records.store import tables as t
from xinyong.records.store.acts import ALTERING, Known
from xinyong.records.store.preparing import bound_to
from xinyong.records.store.quick import Quick
from xinyong.records.store.standing import PACKED, Standing, standing, unpacked_standing
from xinyong.records.vault import Vault

PAGE = 5_000
"""Entries read at a time."""


@dataclass(frozen=True, slots=True)
class Standed:
    """A state as the database holds it; ``who`` is the subject's ledger pseudonym, or empty."""

    name: str
    item: str
    who: str
    value: str
    due: int | None
    group: str
    seq: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """How things about a subject stand: whatever was worked out from the same stamp still holds.

    ``head``: number and moment of the newest act that alters which events count, or None.
    ``states``: those of the names asked for, in no order.
    """

    head: tuple[int, int] | None
    states: tuple[Standed, ...]


class Reader:
    """Reads by its own connections; what it returns was committed."""

    def __init__(self, engine: sa.Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._quick = Quick(engine)

    @property
    def engine(self) -> sa.Engine:
        """The database itself, for audits that look at the stored bytes."""
        return self._engine

    def size(self) -> int:
        """How many entries the ledger has."""
        with self._engine.connect() as connection:
            return int(connection.execute(sa.select(t.tree.c.size)).scalar_one())

    def entries(self, first: int = 0, last: int | None = None) -> Iterator[tuple[Entry, bytes]]:
        """Entries with their stored leaf hashes, sealed as they are, from ``first`` to before
        ``last`` (default: all there are now), page by page."""
        end = self.size() if last is None else min(last, self.size())
        while first < end:
            upto = min(first + PAGE, end)
            e = t.entries.c
            query = (
                sa.select(e.seq, e.kind, e.at, e.who, e.body, e.leaf)
                .where(e.seq >= first, e.seq < upto)
                .order_by(e.seq)
            )
            with self._engine.connect() as connection:
                rows = connection.execute(query).all()
            for seq, kind, at, who, body, leaf in rows:
                yield Entry(int(seq), kind, int(at), who, bytes(body)), bytes(leaf)
            first = upto

    def feed(self, after: int, limit: int = 1_000) -> list[Known]:
        """The entries from sequence number ``after`` on, at most ``limit``, opened.

        Numbers have no gaps and are given under the store's one lock, so that whoever asks on from
        the last number seen misses nothing.
        """
        return [self.opened(entry) for entry, _ in self.entries(after, after + limit)]

    def opened(self, entry: Entry) -> Known:
        """One entry with its body unsealed; body and subject None where the keys are gone."""
        if not entry.who:
            return Known(entry.seq, entry.kind, entry.at, None, json.loads(entry.body)["body"])
        keys = self._vault.by_who(entry.who)
        if keys is None:
            return Known(entry.seq, entry.kind, entry.at, None, None)
        return _opened(entry.seq, entry.kind, entry.at, keys, entry.body)

    def entry(self, seq: int) -> Known | None:
        """One entry by its number."""
        found = [entry for entry, _ in self.entries(seq, seq + 1)]
        return self.opened(found[0]) if found else None

    def of(
        self, subject: str, kinds: Collection[str] | None = None, *, upto: int | None = None
    ) -> list[Known]:
        """All acts about a subject, oldest first; of some kinds, before entry ``upto`` if given."""
        keys = self._vault.keys(subject, create=False)
        if keys is None or (kinds is not None and not kinds):
            return []
        return self._of(keys, kinds, upto)

    def _of(
        self, keys: SubjectKeys, kinds: Collection[str] | None, upto: int | None
    ) -> list[Known]:
        question, given = "SELECT seq, kind, at, body FROM entries WHERE who = ?", [keys.who]
        if kinds is not None:
            question += f" AND kind IN ({', '.join('?' * len(kinds))})"
            given += sorted(kinds)
        numbers = () if upto is None else (upto,)
        question += (" AND seq < ?" if numbers else "") + " ORDER BY seq"
        rows = self._quick.rows(question, (*given, *numbers))
        return [_opened(int(seq), kind, int(at), keys, bytes(body)) for seq, kind, at, body in rows]

    def leaves_of(self, subject: str, upto: int) -> dict[int, bytes]:
        """The stored leaf hash of each entry about a subject before entry ``upto``, by number."""
        keys = self._vault.keys(subject, create=False)
        if keys is None:
            return {}
        question = "SELECT seq, leaf FROM entries WHERE who = ? AND seq < ?"
        return {int(seq): bytes(leaf) for seq, leaf in self._quick.rows(question, (keys.who, upto))}

    def about_nobody(self, kinds: Collection[str]) -> list[Known]:
        """All acts of some kinds that are about no subject, oldest first."""
        e = t.entries.c
        query = sa.select(e.seq, e.kind, e.at, e.body).where(e.who == "", e.kind.in_(sorted(kinds)))
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(e.seq)).all()
        return [
            Known(int(seq), kind, int(at), None, json.loads(bytes(body))["body"])
            for seq, kind, at, body in rows
        ]

    def standing(self, subject: str, *, upto: int | None = None) -> Standing:
        """Which events of a subject count, now or as of the ledger before entry ``upto``.

        Read from its block (:data:`.standing.PACKED`) where somebody has kept one that is true.
        """
        known = self.block(subject, PACKED)
        if known is not None and known[2] is not None and upto in (None, known[0]):
            return unpacked_standing(subject, known[2], known[0], known[1])
        return standing(subject, self.of(subject, ALTERING, upto=upto))

    def head(self, subject: str) -> tuple[int, int] | None:
        """Number and moment of the newest act that alters which events of a subject count."""
        keys = self._vault.keys(subject, create=False)
        if keys is None:
            return None
        query = sa.select(t.heads.c.seq, t.heads.c.at).where(t.heads.c.who == keys.who)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (int(row[0]), int(row[1]))

    def block(self, subject: str, label: str) -> tuple[int, int, bytes | None] | None:
        """Number after the newest altering act, its moment, and the packed events if still true.

        None where nothing is known about the subject.
        """
        keys = self._vault.keys(subject, create=False)
        if keys is None:
            return None
        found = self._quick.rows(_BLOCK, (label, keys.who))
        if not found:
            return None
        row = found[0]
        seq, at, upto, body = row
        if upto is None or int(upto) <= int(seq):
            return int(seq) + 1, int(at), None
        opened = keys.unseal(bytes(body), bound_to(f"block {label}", keys.who))
        return int(seq) + 1, int(at), opened

    def stamp(self, subject: str, names: Sequence[str]) -> Stamp | None:
        """The head of a subject's records and her states of some names, as of one moment.

        None where nothing is known about her.
        """
        keys = self._vault.keys(subject, create=False)
        if keys is None:
            return None
        question = f"{_STAMP} ({', '.join('?' * len(names))})"
        head: tuple[int, int] | None = None
        found = []
        for row in self._quick.rows(question, (keys.who, keys.who, *names)):
            if row[0]:
                found.append(Standed(*row))
            else:
                head = int(row[6]), int(row[4])
        return Stamp(head, tuple(found))

    def states(
        self,
        name: str,
        *,
        item: str | None = None,
        subject: str | None = None,
        group: str | None = None,
        values: Collection[str] | None = None,
        due_before: int | None = None,
        limit: int = 10_000,
    ) -> list[Standed]:
        """States of one name that fit all that is given, the earliest due first.

        Those that are never due come last.
        """
        if values is not None and not values:
            return []
        wanted, given = ["name = ?"], [name]
        if subject is not None:
            keys = self._vault.keys(subject, create=False)
            wanted.append("who = ?")
            given.append(keys.who if keys else "?")
        for column, value in (("item", item), ("bunch", group)):
            if value is not None:
                wanted.append(f"{column} = ?")
                given.append(value)
        if values is not None:
            wanted.append(f"value IN ({', '.join('?' * len(values))})")
            given += sorted(values)
        if due_before is not None:
            wanted.append("due < ?")
        numbers = (limit,) if due_before is None else (due_before, limit)
        question = f"{_STATES} {' AND '.join(wanted)} ORDER BY due NULLS LAST, seq, item LIMIT ?"
        return [Standed(*row) for row in self._quick.rows(question, (*given, *numbers))]

    def subject_of(self, who: str) -> str | None:
        """The subject behind a ledger pseudonym; None where there is none or it is erased."""
        keys = self._vault.by_who(who) if who else None
        return keys.subject if keys else None


_BLOCK = (
    "SELECT h.seq, h.at, b.upto, b.body FROM heads h LEFT JOIN blocks b"
    " ON b.who = h.who AND b.label = ? WHERE h.who = ?"
)
_STAMP = (
    "SELECT '' AS name, '' AS item, who, '' AS value, at AS due, '' AS bunch, seq FROM heads"
    " WHERE who = ? UNION ALL SELECT name, item, who, value, due, bunch, seq FROM states"
    " WHERE who = ? AND name IN"
)
_STATES = "SELECT name, item, who, value, due, bunch, seq FROM states WHERE"


def _opened(seq: int, kind: str, at: int, keys: SubjectKeys, sealed: bytes) -> Known:
    try:
        said = msgspec.json.decode(keys.unseal(sealed, bound_to(kind, keys.who)))
    except ProofRefused as error:
        error.where = f"entry {seq}"
        raise
    return Known(seq, kind, at, keys.subject, said["body"])


__all__ = ["PAGE", "Reader", "Stamp", "Standed"]
