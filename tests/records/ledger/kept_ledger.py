"""A ledger as it is stored, to be tampered with, and everything that can be done to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from merkle_oracle import ListNodes

from xinyong.records.ledger.entry import KINDS, entry_leaf
from xinyong.records.ledger.merkle import Frontier
from xinyong.records.ledger.note import Checkpoint, Signer, sign_checkpoint
from xinyong.records.ledger.tiles import TileNodes, filled_tiles, tile_bytes
from xinyong.records.ledger.verify import Stored, Verified, verify_ledger

LEDGER = Signer("example.com/ledger", bytes(range(32)))
START = 1_700_000_000_000_000


@dataclass(frozen=True)
class Kept:
    """``notes`` lie with an auditor; all the rest lies with the operator."""

    rows: list[Stored]
    tiles: dict[tuple[int, int], bytes]
    edge: bytes
    notes: list[str]

    def verified(self, notes: Sequence[str] | None = None) -> Verified:
        return verify_ledger(
            self.rows,
            tiles=[(level, number, data) for (level, number), data in self.tiles.items()],
            notes=self.notes if notes is None else notes,
            key=LEDGER.verifier,
            edge=self.edge,
        )


def rehashed(rows: Sequence[Stored]) -> list[Stored]:
    """Numbered from 0 on, with the leaf hashes that fit."""
    found = []
    for seq, row in enumerate(rows):
        leaf = entry_leaf(seq, row.kind, row.at, row.who, row.body)
        found.append(row._replace(seq=seq, leaf=leaf))
    return found


def tiled(rows: Sequence[Stored]) -> tuple[dict[tuple[int, int], bytes], bytes]:
    """The tiles and the edge that fit the stored leaf hashes."""
    leaves, tiles = [row.leaf for row in rows], {}
    nodes = TileNodes(
        lambda level, index: tiles.get((level, index)),
        lambda start, stop: b"".join(leaves[start:stop]),
    )
    for level, index in filled_tiles(0, len(rows)):
        nodes._tile.cache_clear()
        tiles[level, index] = tile_bytes(nodes, level, index)
    frontier = Frontier()
    frontier.extend(leaves)
    return tiles, frontier.to_bytes()


def signed(rows: Sequence[Stored], size: int) -> str:
    frontier = Frontier()
    frontier.extend(row.leaf for row in rows[:size])
    return sign_checkpoint(Checkpoint("example.com/ledger", size, frontier.root()), LEDGER)


def a_row(chance: random.Random, at: int) -> Stored:
    who = chance.choice(["", chance.randbytes(16).hex()])
    body = chance.randbytes(chance.randrange(0, 60))
    return Stored(0, chance.choice(sorted(KINDS)), at, who, body, b"")


def a_ledger(size: int, seed: int) -> Kept:
    """Entries drawn at random, with checkpoints at two thirds and at the end."""
    chance, at, rows = random.Random(seed), START, []
    for _ in range(size):
        at += chance.choice((0, 1, 1000))
        rows.append(a_row(chance, at))
    rows = rehashed(rows)
    return Kept(rows, *tiled(rows), [signed(rows, size * 2 // 3), signed(rows, size)])


Tampered = tuple[Kept, int | None]
"""What is stored after tampering, and the entry that should be named, where only one can be."""
Tamper = Callable[[Kept, random.Random], Tampered]


def flipped(data: bytes, chance: random.Random) -> bytes:
    spot, wrong = chance.randrange(len(data) * 8), bytearray(data)
    wrong[spot // 8] ^= 1 << spot % 8
    return bytes(wrong)


def with_row(kept: Kept, seq: int, row: Stored) -> Kept:
    return replace(kept, rows=[*kept.rows[:seq], row, *kept.rows[seq + 1 :]])


def flip_body(kept: Kept, chance: random.Random) -> Tampered:
    seq = chance.choice([row.seq for row in kept.rows if row.body])
    row = kept.rows[seq]
    return with_row(kept, seq, row._replace(body=flipped(row.body, chance))), seq


def flip_header(kept: Kept, chance: random.Random) -> Tampered:
    seq = chance.randrange(len(kept.rows))
    row = kept.rows[seq]
    way = chance.randrange(4)
    if way == 0:
        row = row._replace(seq=row.seq ^ 1 << chance.randrange(40))
    elif way == 1:
        row = row._replace(at=row.at ^ 1 << chance.randrange(60))
    elif way == 2:
        row = row._replace(kind=chance.choice([*sorted(KINDS - {row.kind}), row.kind + "\n", ""]))
    else:
        other = chance.choice(
            ["", chance.randbytes(16).hex(), row.who + "0", row.who.upper() + "A"]
        )
        row = row._replace(who=other if other != row.who else "0" * 32)
    return with_row(kept, seq, row), seq


def flip_leaf(kept: Kept, chance: random.Random) -> Tampered:
    seq = chance.randrange(len(kept.rows))
    row = kept.rows[seq]
    return with_row(kept, seq, row._replace(leaf=flipped(row.leaf, chance))), seq


def flip_tile(kept: Kept, chance: random.Random) -> Tampered:
    spot = chance.choice(sorted(kept.tiles))
    data = flipped(kept.tiles[spot], chance)
    return replace(kept, tiles=kept.tiles | {spot: data}), spot[1] * 256 ** (spot[0] + 1)


def spoil_tiles(kept: Kept, chance: random.Random) -> Tampered:
    """A tile is taken away, cut, or added."""
    spot, tiles = chance.choice(sorted(kept.tiles)), dict(kept.tiles)
    way = chance.randrange(3)
    if way == 0:
        del tiles[spot]
    elif way == 1:
        tiles[spot] = tiles[spot][: chance.randrange(8192)]
    else:
        tiles[chance.choice(((0, len(kept.rows) // 256), (1, 0), (0, 999), (-1, 0)))] = tiles[spot]
    return replace(kept, tiles=tiles), None


def flip_edge(kept: Kept, chance: random.Random) -> Tampered:
    return replace(kept, edge=flipped(kept.edge, chance)), len(kept.rows)


def flip_note(kept: Kept, chance: random.Random) -> Tampered:
    notes, spot = list(kept.notes), chance.randrange(len(kept.notes))
    notes[spot] = flipped(notes[spot].encode(), chance).decode("utf-8", "replace")
    return replace(kept, notes=notes), 0


def delete(kept: Kept, chance: random.Random) -> Tampered:
    """Some entries in a row are gone, the others keep their numbers."""
    seq = chance.randrange(len(kept.rows))
    after = seq + chance.choice((1, 1, 2, 50))
    return replace(kept, rows=kept.rows[:seq] + kept.rows[after:]), seq


def exchange(kept: Kept, chance: random.Random) -> Tampered:
    """Two entries stand in each other's place; or only their bodies, or their leaf hashes, do."""
    one, two = sorted(chance.sample(range(len(kept.rows)), 2))
    first, second = kept.rows[one], kept.rows[two]
    way = chance.randrange(3)
    if way == 1:
        if first.body == second.body:
            return exchange(kept, chance)
        first, second = first._replace(body=second.body), second._replace(body=first.body)
    elif way == 2:
        first, second = first._replace(leaf=second.leaf), second._replace(leaf=first.leaf)
    else:
        first, second = second, first
    return with_row(with_row(kept, one, first), two, second), one


def truncate(kept: Kept, chance: random.Random) -> Tampered:
    """The end is cut off, with tiles and edge made to fit."""
    rows = kept.rows[: chance.randrange(len(kept.rows))]
    return Kept(rows, *tiled(rows), kept.notes), None


def fork(kept: Kept, chance: random.Random) -> Tampered:
    """Another past is written, and everything the operator keeps is made to fit it."""
    rows, seq = list(kept.rows), chance.randrange(len(kept.rows))
    way = chance.randrange(5)
    if way == 0:
        rows[seq] = rows[seq]._replace(body=rows[seq].body + b"x")
    elif way == 1:
        del rows[seq]
    elif way == 2:
        rows.insert(seq, a_row(chance, rows[seq].at))
    elif way == 3:
        seq = max(seq, 1)
        moment = rows[seq].at
        rows[seq - 1], rows[seq] = (
            rows[seq]._replace(at=rows[seq - 1].at),
            rows[seq - 1]._replace(at=moment),
        )
        if rows == rehashed(rows):
            return fork(kept, chance)
    else:
        start = rows[seq - 1].at if seq else START
        rows[seq:] = [a_row(chance, start) for _ in range(len(rows) - seq + 3)]
    rows = rehashed(rows)
    if [row.leaf for row in rows] == [row.leaf for row in kept.rows]:
        return fork(kept, chance)
    return Kept(rows, *tiled(rows), kept.notes), None


def fork_and_sign(kept: Kept, chance: random.Random) -> Tampered:
    """As before, and the operator signs the new past too; the auditor has the old notes as well."""
    forked, _ = fork(kept, chance)
    return replace(forked, notes=[*kept.notes, signed(forked.rows, len(forked.rows))]), None


TAMPERINGS: tuple[Tamper, ...] = (
    flip_body,
    flip_header,
    flip_leaf,
    flip_tile,
    spoil_tiles,
    flip_edge,
    flip_note,
    delete,
    exchange,
    truncate,
    fork,
    fork_and_sign,
)


def nodes_of(kept: Kept) -> ListNodes:
    return ListNodes([row.leaf for row in kept.rows])
