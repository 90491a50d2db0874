"""The whole ledger verified: a second way through the same bytes, for auditors.

It shares no code with what appends and proves: entries are put together and hashed again here, and
roots are worked out by the definition in RFC 6962 section 2.1, by halves. It is given what is
stored, as it stands, and says the first thing that is wrong.

Without a checkpoint it can only say that the stored bytes agree with each other. That nothing was
cut off at the end, and that nobody wrote everything anew, is shown only by checkpoints that were
kept elsewhere: by an auditor, a partner, a witness.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xinyong.errors import ProofRefused
from xinyong.records.ledger.entry import KINDS
from xinyong.records.ledger.note import Checkpoint, Verifier, open_checkpoint

_TILE = 256
_WHO = re.compile("|[0-9a-f]{32}")


class Stored(NamedTuple):
    """One entry as it is stored, not checked, with its stored leaf hash."""

    seq: int
    kind: str
    at: int
    who: str
    body: bytes
    leaf: bytes


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong: what, at which entry, and why that cannot be.

    ``seq`` is the number of the first entry concerned; for a checkpoint its size.
    """

    what: str
    seq: int
    why: str

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.what} ({self.why})"


@dataclass(frozen=True)
class Verified:
    """What came of it: how many entries were read, their root, and the first fault or None."""

    size: int
    root: bytes
    fault: Fault | None


def verify_ledger(
    entries: Iterable[Stored],
    *,
    tiles: Iterable[tuple[int, int, bytes]],
    notes: Sequence[str] = (),
    key: Verifier | None = None,
    edge: bytes | None = None,
) -> Verified:
    """Read a ledger through and say the first thing that is wrong.

    ``entries`` in order of their numbers, ``tiles`` as level, number and bytes in any order.
    ``notes`` are checkpoints signed by ``key``; their signatures are checked, and the ledger must
    have had each root at its size. ``edge`` is the frontier kept for appending, where there is one.
    Reads everything once and holds 32 bytes for every 256 entries.
    """
    try:
        claims = _claims(notes, key)
    except ProofRefused as error:
        return Verified(0, _hash(b""), Fault("a checkpoint does not hold", 0, str(error)))
    walk = _Walk({(level, number): _hash(data) for level, number, data in tiles}, claims)
    fault = walk.through(entries) or walk.ending(edge)
    return Verified(walk.size, walk.root(0, walk.size), fault)


def _claims(notes: Sequence[str], key: Verifier | None) -> dict[int, bytes]:
    """The root that was signed for each size."""
    claims: dict[int, bytes] = {}
    for note in notes:
        if key is None:
            raise ProofRefused("a checkpoint counts only with the ledger's public key")
        found: Checkpoint = open_checkpoint(note, key)
        if claims.setdefault(found.size, found.root) != found.root:
            raise ProofRefused(
                f"two roots were signed for {found.size} entries",
                where=found.origin,
                why="the ledger has two pasts",
            )
    return claims


class _Walk:
    """One reading: leaf hashes of the last 256 entries, and one root for each 256 before."""

    def __init__(self, tiles: dict[tuple[int, int], bytes], claims: dict[int, bytes]) -> None:
        self.size = 0
        self._tiles, self._claims = tiles, claims
        self._blocks: list[bytes] = []
        self._tail: list[bytes] = []
        self._known: dict[tuple[int, int], bytes] = {}
        self._seen = 0
        self._at = 0

    def through(self, entries: Iterable[Stored]) -> Fault | None:
        """Read all entries; the fault of the first that has one, of its tile or its checkpoint."""
        fault = self._claimed()
        if fault:
            return fault
        for entry in entries:
            fault = self._wrong(entry)
            if fault:
                return fault
            self._tail.append(entry.leaf)
            self.size += 1
            if len(self._tail) == _TILE:
                fault = self._tiled()
            fault = fault or self._claimed()
            if fault:
                return fault
        return None

    def _wrong(self, entry: Stored) -> Fault | None:
        seq, kind, at, who, body, leaf = entry
        if seq != self.size or type(seq) is not int:
            return Fault(f"the next entry is {seq!r}", self.size, "numbers go up by one from 0")
        if type(kind) is not str or kind not in KINDS:
            return Fault("its kind is none", seq, "kinds are a closed set")
        if type(at) is not int or at < self._at:
            return Fault("its moment is before the entry before", seq, "moments never decrease")
        if type(who) is not str or _WHO.fullmatch(who) is None:
            return Fault("its pseudonym is none", seq, "it is 32 hexadecimal digits or empty")
        head = "\n".join(("xinyong.entry/1", str(seq), kind, str(at), who, "")).encode()
        if type(body) is not bytes or _hash(b"\0" + head + body) != leaf:
            return Fault("its bytes do not give its stored hash", seq, "one of them was changed")
        self._at = at
        return None

    def _tiled(self) -> Fault | None:
        """Close a block of 256 entries; check each tile that is full by it."""
        found, level, number = b"".join(self._tail), 0, len(self._blocks)
        self._blocks.append(_halved(self._tail))
        self._tail = []
        while True:
            first = number * _TILE ** (level + 1)
            if self._tiles.get((level, number)) != _hash(found):
                missing = (level, number) not in self._tiles
                what = f"tile {level}/{number} " + ("is missing" if missing else "is another")
                return Fault(what, first, "a full tile holds the hashes of its entries")
            self._seen += 1
            level, rest = level + 1, number + 1
            if rest % _TILE:
                return None
            number = rest // _TILE - 1
            width = _TILE**level
            starts = range(number * _TILE * width, rest * width, width)
            found = b"".join(self.root(start, start + width) for start in starts)

    def _claimed(self) -> Fault | None:
        """Check the checkpoint of the size read so far, if there is one."""
        claim = self._claims.get(self.size)
        if claim is not None and claim != self.root(0, self.size):
            why = "entries before it were changed, or another ledger was signed"
            return Fault("the root is not the one that was signed", self.size, why)
        return None

    def ending(self, edge: bytes | None) -> Fault | None:
        """What is wrong once there are no more entries."""
        beyond = [size for size in self._claims if size > self.size]
        if beyond:
            why = f"a checkpoint of {min(beyond)} entries was signed"
            return Fault("the ledger ends too early", self.size, why)
        if len(self._tiles) > self._seen:
            level, number = min(
                (level, number)
                for level, number in self._tiles
                if level < 0 or not 0 <= number < self.size // _TILE ** (level + 1)
            )
            return Fault(f"there is a tile {level}/{number}", self.size, "it cannot be full yet")
        if edge is not None and edge != b"".join(self._edge()):
            return Fault("the edge kept for appending is another", self.size, "it would fork")
        return None

    def _edge(self) -> Iterator[bytes]:
        yield self.size.to_bytes(8, "big")
        start = 0
        for bit in reversed(range(self.size.bit_length())):
            if self.size >> bit & 1:
                yield self.root(start, start + (1 << bit))
                start += 1 << bit

    def root(self, start: int, stop: int) -> bytes:
        """The root over entries ``start`` to before ``stop``, by the definition."""
        if stop == start:
            return _hash(b"")
        if start % _TILE == 0 and stop - start == _TILE and stop <= len(self._blocks) * _TILE:
            return self._blocks[start // _TILE]
        if stop - start == 1:
            return self._tail[start - len(self._blocks) * _TILE]
        known = self._known.get((start, stop))
        if known is not None:
            return known
        middle = start + _largest_below(stop - start)
        found = _hash(b"\1" + self.root(start, middle) + self.root(middle, stop))
        if stop <= len(self._blocks) * _TILE and stop - start == 2 * (middle - start):
            self._known[start, stop] = found
        return found


def _halved(leaves: list[bytes]) -> bytes:
    """The root over a power of two of leaf hashes."""
    if len(leaves) == 1:
        return leaves[0]
    half = len(leaves) // 2
    return _hash(b"\1" + _halved(leaves[:half]) + _halved(leaves[half:]))


def _largest_below(count: int) -> int:
    """The largest power of two below a count of two or more."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
