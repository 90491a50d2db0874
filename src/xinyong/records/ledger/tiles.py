"""Tiles: complete subtrees of height 8, stored so that any proof needs few reads.

The tile (``level``, ``index``) holds 256 hashes: the roots of the complete subtrees of
``256**level`` leaves from subtree ``256 * index`` on; at level 0 these are leaf hashes. Only full
tiles are stored; what lies right of them is worked out from the entries' leaf hashes.
After the C2SP specification tlog-tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from xinyong.errors import ProofRefused
from xinyong.records.ledger.merkle import HASH, Nodes, node_hash

HEIGHT = 8
"""Levels of the tree in one level of tiles."""
WIDTH = 1 << HEIGHT
"""Hashes in a full tile."""
TILE = WIDTH * HASH
"""Bytes of a full tile."""

_MOST_ROOTS = 100_000

ReadTile = Callable[[int, int], bytes | None]
"""From a tile's level and index to its 8192 bytes, or None where it is not stored."""
ReadLeaves = Callable[[int, int], bytes]
"""From the first leaf and the one after the last to their hashes in one string of bytes."""


def filled_tiles(before: int, after: int) -> Iterator[tuple[int, int]]:
    """Level and index of each tile that fills up as the tree grows; lower levels come first."""
    level = 0
    while after >= WIDTH:
        before, after = before // WIDTH, after // WIDTH
        for index in range(before, after):
            yield level, index
        level += 1


def tile_bytes(nodes: Nodes, level: int, index: int) -> bytes:
    """The 8192 bytes of one full tile."""
    first = index * WIDTH
    return b"".join(nodes.node(level * HEIGHT, first + spot) for spot in range(WIDTH))


class TileNodes:
    """Roots of complete subtrees, read from stored tiles and, right of them, from leaf hashes.

    ``keep`` tiles are kept in memory (8 KiB each). One object serves one moment of the ledger: a
    tile missing then is taken as missing for good, so make another after the ledger has grown.
    ``roots``, by level and index of a full tile, may be handed on from one to the next: a full tile
    never changes, and near the right edge a proof needs up to 255 such roots for each level.
    """

    def __init__(
        self,
        read_tile: ReadTile,
        read_leaves: ReadLeaves,
        *,
        keep: int = 64,
        roots: dict[tuple[int, int], bytes] | None = None,
    ) -> None:
        self._tile = lru_cache(maxsize=keep)(read_tile)
        self._leaves = lru_cache(maxsize=keep)(read_leaves)
        self._roots = {} if roots is None else roots

    def node(self, level: int, index: int) -> bytes:
        """The root of the ``2**level`` leaves from leaf ``index * 2**level`` on."""
        tiles, within = divmod(level, HEIGHT)
        count = 1 << within
        first = index << within
        return _root(self._hashes(tiles, first, count))

    def _hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """``count`` hashes of one tile from ``first`` on, the tile being full or not."""
        tile = self._tile(level, first // WIDTH)
        if tile is not None:
            if len(tile) != TILE:
                raise ProofRefused(
                    f"a stored tile has {len(tile)} bytes",
                    where=f"tile {level}/{first // WIDTH}",
                    why=f"a full tile has {TILE}",
                    mend="verify the whole ledger",
                )
            spot = first % WIDTH * HASH
            return _cut(tile[spot : spot + count * HASH])
        if level == 0:
            found = self._leaves(first, first + count)
            if len(found) != count * HASH:
                raise ProofRefused(
                    "leaf hashes are missing",
                    where=f"entries {first} to {first + count - 1}",
                    why="a subtree is proved from every leaf in it",
                    mend="ask for no more leaves than there are; else verify the whole ledger",
                )
            return _cut(found)
        return [self._root_of_tile(level - 1, spot) for spot in range(first, first + count)]

    def _root_of_tile(self, level: int, index: int) -> bytes:
        """The root of a full tile; of a level above 0 it need not be stored itself."""
        found = self._roots.get((level, index))
        if found is None:
            found = _root(self._hashes(level, index * WIDTH, WIDTH))
            if len(self._roots) >= _MOST_ROOTS:
                self._roots.clear()
            self._roots[level, index] = found
        return found


def _cut(data: bytes) -> list[bytes]:
    return [data[spot : spot + HASH] for spot in range(0, len(data), HASH)]


def _root(hashes: list[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]
