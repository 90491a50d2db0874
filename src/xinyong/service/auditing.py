"""Checkpoints of the ledger: signed by this house, after a second look at the stored bytes."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from xinyong.errors import ProofRefused
from xinyong.records.ledger.note import Checkpoint, Signer, open_checkpoint, sign_checkpoint
from xinyong.records.ledger.verify import Stored, Verified, verify_ledger
from xinyong.records.store import Store
from xinyong.records.store import tables as t
from xinyong.service.house import House


def signer_of(house: House) -> Signer:
    """The key that signs this ledger's checkpoints."""
    made: Signer | None = house.rooms.get("signer")
    if made is None:
        made = house.rooms["signer"] = Signer(house.config.origin, house.ledger_key)
    return made


def newest_note(house: House, *, sign: bool = True) -> str:
    """A signed checkpoint of the ledger as it is now; kept, so that no other can ever be shown.

    The entries since the last checkpoint are hashed again from their stored bytes, by code that
    shares nothing with the writing, and the tree must continue the one that was signed. Raises
    ProofRefused where it does not; then nothing is signed. Without ``sign`` the newest kept one
    is given.
    """
    store, signer = house.store, signer_of(house)
    kept = store.checkpoint()
    size, root = store.root()
    if kept is not None and (kept[0] == size or not sign):
        return kept[1]
    old = 0
    if kept is not None:
        before = open_checkpoint(kept[1], signer.verifier)
        old = before.size
        if store.root(old)[1] != before.root:
            raise _parted(old, "the tree is not the one that was signed")
    for entry, leaf in store.entries(old, size):
        written = f"xinyong.entry/1\n{entry.seq}\n{entry.kind}\n{entry.at}\n{entry.who}\n"
        if sha256(b"\0" + written.encode() + entry.body).digest() != leaf:
            raise _parted(entry.seq, "its bytes are not what its hash says")
    note = sign_checkpoint(Checkpoint(house.config.origin, size, root), signer)
    store.keep_checkpoint(size, note)
    found = store.checkpoint(size)
    return note if found is None else found[1]


def _parted(seq: int, why: str) -> ProofRefused:
    return ProofRefused(
        "the ledger is not what it was; nothing is signed",
        where=f"entry {seq}",
        why=why,
        mend="run 'xinyong audit verify', and restore a backup",
    )


def stored(store: Store) -> Iterator[Stored]:
    """Every entry as it lies in the database, unchecked."""
    from itertools import pairwise

    e = t.entries.c
    with store.engine.connect() as connection:
        top = connection.execute(sa.select(sa.func.max(e.seq))).scalar()
    edges = [*range(-1, (-1 if top is None else int(top)) + 1, 5000), 2**63 - 1]
    for low, high in pairwise(edges):
        query = sa.select(e.seq, e.kind, e.at, e.who, e.body, e.leaf)
        query = query.where(e.seq > low, e.seq <= high).order_by(e.seq)
        with store.engine.connect() as connection:
            rows = connection.execute(query).all()
        for seq, kind, at, who, body, leaf in rows:
            yield Stored(int(seq), kind, int(at), who, bytes(body), bytes(leaf))


def verify_house(house: House) -> Verified:
    """Every entry, tile and checkpoint verified from the stored bytes, by a second code path."""
    store = house.store
    c, k = t.tiles.c, t.checkpoints.c
    with store.engine.connect() as connection:
        tiles = [
            (int(level), int(number), bytes(hashes))
            for level, number, hashes in connection.execute(
                sa.select(c.level, c.number, c.hashes).order_by(c.level, c.number)
            )
        ]
        notes = [str(note) for (note,) in connection.execute(sa.select(k.note).order_by(k.size))]
        edge = bytes(connection.execute(sa.select(t.tree.c.edge)).scalar_one())
    key = signer_of(house).verifier
    return verify_ledger(stored(store), tiles=tiles, notes=notes, key=key, edge=edge)


def hexed(hashes: Any) -> list[str]:
    """Hashes as hexadecimal text."""
    return [one.hex() for one in hashes]


__all__ = ["hexed", "newest_note", "signer_of", "stored", "verify_house"]
