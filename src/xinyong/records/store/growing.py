"""The tree's complete tiles, written as the ledger grows, and its hashes read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from xinyong.records.ledger.merkle import HASH
from xinyong.records.ledger.tiles import WIDTH, TileNodes, filled_tiles, tile_bytes
from xinyong.records.store import tables as t


def stored_nodes(
    connection: sa.Connection, roots: dict[tuple[int, int], bytes] | None = None
) -> TileNodes:
    """The hashes of complete subtrees as this transaction sees them; ``roots`` are kept ones."""
    return TileNodes(
        lambda level, number: _tile(connection, level, number),
        lambda first, last: _leaves(connection, first, last),
        roots=roots,
    )


class Leaves:
    """The leaf hashes right of the last full tile, kept by a writer from one batch to the next.

    So they need not be read back where nobody else has written in between.
    """

    def __init__(self) -> None:
        self._first = self._end = 0
        self._bytes = b""

    def add(self, before: int, leaves: Sequence[bytes]) -> None:
        """Entries were written after the first ``before``; these are their leaf hashes."""
        if before != self._end:
            self._first, self._bytes = before, b""
        full = before // WIDTH * WIDTH
        if full > self._first:
            self._bytes = self._bytes[(full - self._first) * HASH :]
            self._first = full
        self._bytes += b"".join(leaves)
        self._end = before + len(leaves)

    def get(self, first: int, last: int) -> bytes | None:
        """The hashes of entries ``first`` to before ``last`` in a row, or None."""
        if not self._first <= first <= last <= self._end:
            return None
        return self._bytes[(first - self._first) * HASH : (last - self._first) * HASH]


def write_tiles(connection: sa.Connection, before: int, after: int, known: Leaves) -> None:
    """Write the tiles that become complete as the ledger grows; its entries are already there."""
    rows: dict[tuple[int, int], bytes] = {}

    def leaves(first: int, last: int) -> bytes:
        found = known.get(first, last)
        return _leaves(connection, first, last) if found is None else found

    def tile(level: int, number: int) -> bytes | None:
        return rows.get((level, number)) or _tile(connection, level, number)

    for level, number in filled_tiles(before, after):
        if level == 0:
            rows[0, number] = leaves(number * WIDTH, (number + 1) * WIDTH)
        else:
            nodes = TileNodes(tile, leaves)
            rows[level, number] = tile_bytes(nodes, level, number)
    written: list[dict[str, Any]] = [
        {"level": level, "number": number, "hashes": hashes}
        for (level, number), hashes in rows.items()
    ]
    if written:
        connection.execute(sa.insert(t.tiles), written)


def _tile(connection: sa.Connection, level: int, number: int) -> bytes | None:
    c = t.tiles.c
    query = sa.select(c.hashes).where(c.level == level, c.number == number)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)


def _leaves(connection: sa.Connection, first: int, last: int) -> bytes:
    e = t.entries.c
    query = sa.select(e.leaf).where(e.seq >= first, e.seq < last).order_by(e.seq)
    return b"".join(bytes(leaf) for (leaf,) in connection.execute(query))


__all__ = ["Leaves", "stored_nodes", "write_tiles"]
