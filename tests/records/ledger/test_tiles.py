from collections.abc import Iterator

import pytest
from merkle_oracle import mth, path, subproof

from xinyong.errors import ProofRefused, QuestionRefused
from xinyong.records.ledger.merkle import (
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    prove_inclusions,
    root_of,
)
from xinyong.records.ledger.tiles import TILE, WIDTH, TileNodes, filled_tiles, tile_bytes

SIZE = WIDTH * WIDTH + 3 * WIDTH + 77
LEAVES = [leaf_hash(b"%d" % i) for i in range(SIZE)]


class Kept:
    """Leaf hashes and full tiles, as a store would keep them, written batch by batch."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.read = 0

    def nodes(self) -> TileNodes:
        return TileNodes(self.tile, self.some_leaves)

    def tile(self, level: int, index: int) -> bytes | None:
        self.read += 1
        return self.tiles.get((level, index))

    def some_leaves(self, start: int, stop: int) -> bytes:
        self.read += 1
        return b"".join(self.leaves[start:stop])

    def append(self, leaves: list[bytes]) -> None:
        before = len(self.leaves)
        self.leaves += leaves
        for level, index in filled_tiles(before, len(self.leaves)):
            self.tiles[level, index] = tile_bytes(self.nodes(), level, index)


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    kept, sizes = Kept(), [1, 255, 100, 300, 7, 1000, 0, 40_000]
    for size in sizes:
        kept.append(LEAVES[len(kept.leaves) :][:size])
    kept.append(LEAVES[len(kept.leaves) :])
    yield kept


def test_each_full_tile_is_there_once_and_no_other(kept: Kept) -> None:
    assert set(kept.tiles) == {(0, i) for i in range(SIZE // WIDTH)} | {(1, 0)}
    assert {len(tile) for tile in kept.tiles.values()} == {TILE}
    for index in (0, 1, 255, 258):
        assert kept.tiles[0, index] == b"".join(LEAVES[index * WIDTH : (index + 1) * WIDTH])
    assert kept.tiles[1, 0][32 * 7 : 32 * 8] == mth(LEAVES[7 * WIDTH : 8 * WIDTH])


def test_proofs_from_tiles_equal_the_definition_with_few_reads(kept: Kept) -> None:
    sizes = (1, 2, 255, 256, 257, 700, WIDTH * WIDTH, WIDTH * WIDTH + 1, SIZE)
    for size in sizes:
        assert root_of(kept.nodes(), size) == mth(LEAVES[:size])
    for seq in (0, 255, 256, 65_535, 65_536, SIZE - 1):
        kept.read = 0
        assert list(prove_inclusion(kept.nodes(), seq, SIZE)) == path(seq, LEAVES)
        assert kept.read < 40
    for old in sizes:
        kept.read = 0
        assert list(prove_consistency(kept.nodes(), old, SIZE)) == subproof(old, LEAVES, True)
        assert kept.read < 40


def test_many_proofs_at_once_are_the_same_and_read_little(kept: Kept) -> None:
    seqs = [*range(100, 900), 65_535, 65_536, SIZE - 1]
    kept.read = 0
    found = list(prove_inclusions(kept.nodes(), seqs, SIZE))
    assert kept.read < len(seqs) / 4
    assert [list(one) for one in found[::40]] == [path(seq, LEAVES) for seq in seqs[::40]]
    assert found == [prove_inclusion(kept.nodes(), seq, SIZE) for seq in seqs]
    assert list(prove_inclusions(kept.nodes(), [], SIZE)) == []
    with pytest.raises(QuestionRefused, match="no leaf"):
        list(prove_inclusions(kept.nodes(), [3, SIZE], SIZE))


def test_roots_of_full_tiles_can_be_handed_on(kept: Kept) -> None:
    """Two levels of tiles, the upper one not yet full: every root is worked out once."""
    half = Kept()
    half.append(LEAVES[:40_000])
    roots: dict[tuple[int, int], bytes] = {}
    reads = []
    for seq in (39_999, 0, 20_000):
        half.read = 0
        nodes = TileNodes(half.tile, half.some_leaves, roots=roots)
        assert list(prove_inclusion(nodes, seq, 40_000)) == path(seq, LEAVES[:40_000])
        reads.append(half.read)
    assert len(roots) == 40_000 // WIDTH and reads[0] > 100 > 20 > max(reads[1:])
    half.append(LEAVES[40_000:])
    nodes = TileNodes(half.tile, half.some_leaves, roots=roots)
    assert root_of(nodes, SIZE) == mth(LEAVES)


def test_missing_leaves_and_broken_tiles_are_said(kept: Kept) -> None:
    short = Kept()
    short.append(LEAVES[:10])
    with pytest.raises(ProofRefused, match="leaf hashes are missing"):
        root_of(short.nodes(), 11)
    broken = Kept()
    broken.append(LEAVES[:300])
    broken.tiles[0, 0] = broken.tiles[0, 0][:-1]
    with pytest.raises(ProofRefused, match=r"tile 0/0"):
        root_of(broken.nodes(), 256)
