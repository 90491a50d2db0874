"""Whoever tampers is found: the promise of the ledger, and what it takes to keep it."""

import random
from collections import Counter
from dataclasses import replace

import kept_ledger
import pytest
from kept_ledger import LEDGER, TAMPERINGS, Kept, a_ledger, flipped, signed, tiled
from merkle_oracle import mth

from xinyong.records.ledger.note import Signer
from xinyong.records.ledger.verify import Stored, verify_ledger

SIZES = (257, 290, 513)
ROUNDS = 5_000
"""In each half; two halves, so that two processes can share the work."""


@pytest.fixture(scope="module")
def ledgers() -> list[Kept]:
    return [a_ledger(size, size) for size in SIZES]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 700, 1025])
def test_a_true_ledger_has_no_fault(size: int) -> None:
    kept = a_ledger(size, 1)
    every = [signed(kept.rows, part) for part in range(0, size + 1, 37)]
    found = kept.verified([*kept.notes, *every])
    assert found.fault is None
    assert (found.size, found.root) == (size, mth([row.leaf for row in kept.rows]))


@pytest.mark.slow
@pytest.mark.parametrize("half", [1, 2])
def test_ten_thousand_tamperings_are_found(ledgers: list[Kept], half: int) -> None:
    chance, missed, misplaced = random.Random(half), Counter[str](), Counter[str]()
    for turn in range(ROUNDS):
        tamper = TAMPERINGS[turn % len(TAMPERINGS)]
        tampered, seq = tamper(chance.choice(ledgers), chance)
        fault = tampered.verified().fault
        if fault is None:
            missed[tamper.__name__] += 1
        elif seq is not None and fault.seq != seq:
            misplaced[tamper.__name__] += 1
    assert missed == Counter()
    assert misplaced == Counter(), "the fault is at the entry that was tampered with"


NEEDS_NOTES = {"truncate", "fork", "fork_and_sign"}
NEEDS_NOTHING = {"flip_body", "flip_header", "flip_leaf", "flip_tile", "spoil_tiles", "flip_edge"}


@pytest.mark.slow
def test_without_a_checkpoint_the_same_harness_misses(ledgers: list[Kept]) -> None:
    """What agrees with itself passes where nobody kept a checkpoint elsewhere."""
    chance, found, tried = random.Random(21), Counter[str](), Counter[str]()
    for turn in range(1200):
        tamper = TAMPERINGS[turn % len(TAMPERINGS)]
        tampered, _ = tamper(chance.choice(ledgers), chance)
        tried[tamper.__name__] += 1
        found[tamper.__name__] += tampered.verified(notes=[]).fault is not None
    assert {name: found[name] for name in NEEDS_NOTES} == dict.fromkeys(NEEDS_NOTES, 0)
    assert all(found[name] == tried[name] for name in NEEDS_NOTHING)


def test_with_the_newest_checkpoint_of_the_forger_alone_a_fork_is_missed(
    ledgers: list[Kept],
) -> None:
    """A ledger that signs a second past agrees with it; it takes a note from before the fork."""
    chance = random.Random(22)
    for _ in range(40):
        tampered, _ = kept_ledger.fork_and_sign(ledgers[1], chance)
        assert tampered.verified(notes=tampered.notes[-1:]).fault is None
        assert tampered.verified().fault is not None


def test_two_roots_for_one_size_are_two_pasts(ledgers: list[Kept]) -> None:
    chance, kept = random.Random(23), ledgers[0]
    forked, _ = kept_ledger.fork(kept, chance)
    while len(forked.rows) != len(kept.rows):
        forked, _ = kept_ledger.fork(kept, chance)
    both = [*kept.notes, signed(forked.rows, len(forked.rows))]
    fault = kept.verified(both).fault
    assert fault is not None and "two roots were signed for 257 entries" in fault.why


def test_notes_of_another_key_or_without_one_prove_nothing(ledgers: list[Kept]) -> None:
    kept = ledgers[0]
    for key in (None, Signer("example.com/ledger", bytes(32)).verifier):
        found = verify_ledger(kept.rows, tiles=[], notes=kept.notes, key=key)
        assert found.fault is not None and found.fault.what == "a checkpoint does not hold"
    assert verify_ledger([], tiles=[], key=LEDGER.verifier).fault is None


def test_faults_read_well(ledgers: list[Kept]) -> None:
    kept = ledgers[1]
    row = kept.rows[7]
    wrong = kept_ledger.with_row(kept, 7, row._replace(at=row.at - 5000))
    assert str(wrong.verified().fault) == (
        "entry 7: its moment is before the entry before (moments never decrease)"
    )
    short = Kept(kept.rows[:280], *tiled(kept.rows[:280]), kept.notes)
    assert str(short.verified().fault) == (
        "entry 280: the ledger ends too early (a checkpoint of 290 entries was signed)"
    )


@pytest.mark.slow
def test_a_ledger_with_three_levels_of_tiles() -> None:
    """65,536 entries and more, so that tiles of tiles are full and checked."""
    chance = random.Random(9)
    kept = a_ledger(66_000, 9)
    assert {level for level, _ in kept.tiles} == {0, 1}
    assert kept.verified().fault is None
    wrong = flipped(kept.tiles[1, 0], chance)
    fault = replace(kept, tiles=kept.tiles | {(1, 0): wrong}).verified().fault
    assert fault is not None and fault.what == "tile 1/0 is another"
    without = {spot: data for spot, data in kept.tiles.items() if spot != (1, 0)}
    fault = replace(kept, tiles=without).verified().fault
    assert fault is not None and fault.what == "tile 1/0 is missing"
    # The right edge may not stand as a full tile, nor a level be made up.
    for spot in ((0, 257), (1, 1), (2, 0), (0, -1)):
        fault = replace(kept, tiles=kept.tiles | {spot: bytes(8192)}).verified().fault
        assert fault is not None and fault.what == f"there is a tile {spot[0]}/{spot[1]}"
    row = kept.rows[40_000]
    fault = kept_ledger.with_row(kept, 40_000, row._replace(body=row.body + b"x")).verified().fault
    assert fault is not None and fault.seq == 40_000


@pytest.mark.parametrize(
    "odd",
    [
        {"seq": None},
        {"seq": "0"},
        {"seq": 0.0},
        {"kind": None},
        {"kind": ["event"]},
        {"at": None},
        {"at": "1"},
        {"who": None},
        {"body": None},
        {"body": "text"},
        {"leaf": None},
    ],
)
def test_values_of_other_types_are_faults_not_failures(odd: dict[str, object]) -> None:
    kept = a_ledger(3, 5)
    row: Stored = kept.rows[0]._replace(**odd)  # type: ignore[arg-type]
    fault = kept_ledger.with_row(kept, 0, row).verified().fault
    assert fault is not None and fault.seq == 0
