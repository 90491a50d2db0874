"""What proves the ledger: notes, keys, checkpoints, proofs, tiles, a witness, sealed bodies."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import changing

from xinyong.errors import XinyongError
from xinyong.records.ledger.canonical import canonical
from xinyong.records.ledger.entry import Entry
from xinyong.records.ledger.merkle import (
    Frontier,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    verify_consistency,
    verify_inclusion,
)
from xinyong.records.ledger.note import (
    COSIGNATURE,
    Checkpoint,
    Note,
    Signer,
    Verifier,
    cosignatures,
    cosigned,
    open_checkpoint,
    sign_checkpoint,
    sign_note,
)
from xinyong.records.ledger.tiles import TileNodes, filled_tiles, tile_bytes
from xinyong.records.ledger.verify import Stored, verify_ledger
from xinyong.records.ledger.witness import Witness
from xinyong.records.sealed import SubjectKeys, new_keys, seal, unseal

LAST = b""
SIZE = 300
ENTRIES = [
    Entry(n, "event", 1000 + n, "ab" * 16 if n % 3 else "", canonical({"n": n}))
    for n in range(SIZE)
]
LEAVES = [entry.leaf() for entry in ENTRIES]
FRONTIER = Frontier()
FRONTIER.extend(LEAVES)
NODES = TileNodes(lambda level, index: None, lambda first, end: b"".join(LEAVES[first:end]))
TILES = [(level, index, tile_bytes(NODES, level, index)) for level, index in filled_tiles(0, SIZE)]
LEDGER = Signer("records.example.org", bytes(range(32)))
WITNESS = Signer("witness.example.org", bytes(range(1, 33)), COSIGNATURE)
POINT = Checkpoint("records.example.org", SIZE, FRONTIER.root())
SIGNED = sign_checkpoint(POINT, LEDGER)
COSIGNED = SIGNED + cosigned(SIGNED, WITNESS, 1_800_000_000_000_000)
KEYS = new_keys("anna")
SEALED = KEYS.seal(b"a body", b"here")


def _text(rng: random.Random, text: str) -> str:
    made = changing.changed(rng, text.encode()) if rng.random() < 0.9 else changing.raw(rng)
    return made.decode("utf-8", "surrogateescape" if rng.random() < 0.1 else "replace")


def notes(rng: random.Random) -> None:
    """Notes, keys and checkpoints as text; what is signed must be what is read."""
    text = _note(_text(rng, rng.choice([SIGNED, COSIGNED])))
    if text is not None and text not in (SIGNED, COSIGNED):
        assert open_checkpoint(text, LEDGER.verifier) == POINT
    _note(sign_note(_text(rng, POINT.to_text()), [LEDGER]))


def _note(text: str) -> str | None:
    """Everything that reads a note; the note where the ledger has signed it."""
    _keep(text)
    for read in (Note.read, Checkpoint.from_text):
        _tried(read, text)
    _tried(cosignatures, text, [WITNESS.verifier])
    _tried(cosigned, text, WITNESS, 5)
    return None if _tried(open_checkpoint, text, LEDGER.verifier) is None else text


def keys(rng: random.Random) -> None:
    """Keys as text."""
    for read, good in (
        (Verifier.from_text, LEDGER.verifier.to_text()),
        (Verifier.from_text, WITNESS.verifier.to_text()),
        (Signer.from_text, LEDGER.to_text()),
    ):
        _keep(text := _text(rng, good))
        _tried(read, text)


def proofs(rng: random.Random) -> None:
    """Proofs: no other proof than the right one holds."""
    seq, old = rng.randrange(SIZE), rng.randrange(SIZE + 1)
    path = list(prove_inclusion(NODES, seq, SIZE))
    other = _path(rng, path)
    held = verify_inclusion(LEAVES[seq], seq, SIZE, other, FRONTIER.root())
    assert held == (other == path)
    numbers = [rng.choice([-1, 0, 1, seq, SIZE, 2**63, 2**70]) for _ in range(2)]
    held = verify_inclusion(rng.choice(LEAVES), numbers[0], numbers[1], other, rng.randbytes(32))
    assert not held
    grown = list(prove_consistency(NODES, old, SIZE))
    bent = _path(rng, grown)
    before = Frontier()
    before.extend(LEAVES[:old])
    assert verify_consistency(old, before.root(), SIZE, FRONTIER.root(), bent) == (bent == grown)
    verify_consistency(numbers[0], before.root(), numbers[1], FRONTIER.root(), bent)


def _path(rng: random.Random, path: list[bytes]) -> list[bytes]:
    path = list(path)
    for _ in range(rng.randrange(3)):
        spot = rng.randint(0, len(path))
        how = rng.randrange(3)
        if how == 0:
            path.insert(spot, rng.choice([*path, rng.randbytes(32), b"", b"x" * 31]))
        elif path and how == 1:
            del path[min(spot, len(path) - 1)]
        elif path:
            spot = min(spot, len(path) - 1)
            path[spot] = changing.changed(rng, path[spot])
    _keep(b"".join(path))
    return path


def ledgers(rng: random.Random) -> None:
    """A whole stored ledger, a bit of it another."""
    stored: list[Any] = [Stored(*(e.seq, e.kind, e.at, e.who, e.body, e.leaf())) for e in ENTRIES]
    tiles, edge, note = list(TILES), FRONTIER.to_bytes(), COSIGNED
    for _ in range(rng.choice([0, 1, 1, 2])):
        how, spot = rng.randrange(8), rng.randrange(len(stored))
        name = rng.choice(Stored._fields)
        if how == 0:
            del stored[spot]
        elif how == 1:
            stored.insert(spot, rng.choice(stored))
        elif how == 2:
            tiles[0] = (*tiles[0][:2], changing.changed(rng, tiles[0][2]))
        elif how == 3:
            edge = changing.changed(rng, edge)
        elif how == 4:
            note = _text(rng, note)
        else:
            was = getattr(stored[spot], name)
            now = _other(rng, was)
            stored[spot] = stored[spot]._replace(**{name: now})
    _keep(repr((stored, tiles, edge, note)))
    found = verify_ledger(stored, tiles=tiles, notes=[note], key=LEDGER.verifier, edge=edge)
    same = [tuple(one) for one in stored] == [
        (e.seq, e.kind, e.at, e.who, e.body, e.leaf()) for e in ENTRIES
    ]
    whole = same and tiles == TILES and edge == FRONTIER.to_bytes()
    if found.fault is None:
        assert whole and found.root == FRONTIER.root()


def _other(rng: random.Random, was: Any) -> Any:
    if isinstance(was, int):
        return was + rng.choice([-1, 1, 2**40, -(2**70)])
    if isinstance(was, str):
        return _text(rng, was)
    return changing.changed(rng, was)


def sealed(rng: random.Random) -> None:
    """Sealed bodies and stored keys."""
    data = changing.changed(rng, SEALED) if rng.random() < 0.8 else changing.raw(rng)
    _keep(data)
    opened = unseal(bytes(32), data, b"here")
    assert opened is None
    plain = _tried(KEYS.unseal, data, b"here")
    assert plain is None or data == SEALED
    right = seal(bytes(32), b"x", b"y")
    assert unseal(bytes(32), right, b"y") == b"x"
    _keep(kept := changing.changed(rng, KEYS.to_bytes()))
    _tried(SubjectKeys.from_bytes, kept)
    _keep(frontier := changing.changed(rng, FRONTIER.to_bytes()))
    _tried(Frontier.from_bytes, frontier)


def witnessed(rng: random.Random) -> None:
    """A witness whose memory was changed, asked about a note that was changed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "memory"
        witness = Witness(path, WITNESS, [LEDGER.verifier])
        witness.cosign(SIGNED, (), 5)
        if rng.random() < 0.7:
            _keep(memory := changing.changed(rng, path.read_bytes()))
            path.write_bytes(memory)
        _tried(witness.last, POINT.origin)
        _tried(witness.cosign, _text(rng, SIGNED), _path(rng, [leaf_hash(b"")] * 3), 6)
        _tried(witness.cosign, SIGNED, (), rng.choice([0, 6, 2**62]))


def _tried(call: Any, *given: Any) -> Any:
    """What a call gives; None where it refuses."""
    try:
        return call(*given)
    except XinyongError:
        return None


def _keep(data: str | bytes) -> None:
    global LAST  # noqa: PLW0603 - the runner reads it
    LAST = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")


KINDS = (notes, notes, keys, proofs, ledgers, sealed, witnessed)


def once(rng: random.Random) -> None:
    rng.choice(KINDS)(rng)


def parse(content: bytes) -> None:
    """Bytes given to everything that reads one of these."""
    text = content.decode("utf-8", "replace")
    assert _note(text) is None
    for read in (Verifier.from_text, Signer.from_text):
        assert _tried(read, text) is None
    assert unseal(bytes(32), content, b"") is None
    assert _tried(KEYS.unseal, content, b"") is None
    _tried(SubjectKeys.from_bytes, content)
    _tried(Frontier.from_bytes, content)
    hashes = [content[at : at + 32] for at in range(0, len(content), 32)]
    assert not verify_inclusion(LEAVES[0], 0, SIZE, hashes, FRONTIER.root())
    assert not verify_consistency(5, FRONTIER.root(), SIZE, FRONTIER.root(), hashes)
