"""Tiles are made of the leaves that are there, whoever wrote them, kept in memory or not."""

from __future__ import annotations

import random
from collections.abc import Callable

import sqlalchemy as sa

from xinyong.records.ledger.merkle import Frontier
from xinyong.records.store import Act, Parcel, Store
from xinyong.records.store import tables as t
from xinyong.records.store.growing import Leaves

HASH = 32


def test_two_writers_in_turn_write_the_tiles_of_the_ledger(make: Callable[..., Store]) -> None:
    stores = [make(), make(apart=True)]
    chance, number = random.Random(5), 0
    while number < 1_400:
        store = stores[chance.random() < 0.3]
        many = chance.choice([1, 2, 40, 255, 256, 257, 300])
        acts = [Act("event", f"s{n % 5}", {"id": f"e{n}"}) for n in range(number, number + many)]
        store.append(Parcel(tuple(acts)))
        number += many
    leaves = b"".join(leaf for _, leaf in stores[0].entries())
    with stores[0]._engine.connect() as connection:
        rows = connection.execute(
            sa.select(t.tiles.c.number, t.tiles.c.hashes).where(t.tiles.c.level == 0)
        )
        tiles = {int(row[0]): bytes(row[1]) for row in rows}
    wide = 256 * HASH
    assert tiles == {n: leaves[n * wide : (n + 1) * wide] for n in range(number // 256)}
    tree = Frontier()
    for spot in range(0, len(leaves), HASH):
        tree.append(leaves[spot : spot + HASH])
    assert stores[0].root() == stores[1].root() == (number, tree.root())


def test_leaves_that_others_wrote_are_not_made_up() -> None:
    kept, hashes = Leaves(), [bytes([n % 251]) * HASH for n in range(2_000)]
    kept.add(0, hashes[:10])
    assert kept.get(0, 10) == b"".join(hashes[:10])
    assert kept.get(0, 11) is None
    kept.add(12, hashes[12:300])  # two were written by somebody else
    assert kept.get(0, 256) is None and kept.get(12, 300) == b"".join(hashes[12:300])
    kept.add(300, hashes[300:700])
    assert kept.get(256, 512) == b"".join(hashes[256:512])
    kept.add(700, hashes[700:701])
    assert kept.get(512, 701) == b"".join(hashes[512:701])
    assert kept.get(511, 701) is None  # what lies in full tiles is let go
