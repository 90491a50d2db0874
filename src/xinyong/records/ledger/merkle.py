"""The tree of hashes over a list of leaves, as in RFC 6962 section 2.1 and RFC 9162 section 2.1.

A hash is the 32 bytes of a SHA-256. ``Frontier`` grows the tree one leaf at a time and keeps only
the roots of its complete subtrees, at most one for each bit of its size. Proofs are made from any
source of such roots (``Nodes``) and verified from nothing but roots and the proof itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from xinyong.errors import ProofRefused, QuestionRefused

HASH = 32
"""Bytes of one hash."""
MAX_SIZE = 2**63 - 1
"""The largest number of leaves: sizes fit a signed 64-bit integer."""
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""
_KEPT = 1_024
"""Roots kept from one proof to the next."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf: SHA-256 over a zero byte and the leaf's bytes."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees, each 32 bytes: SHA-256 over a one byte, left and right."""
    return sha256(b"\1" + left + right).digest()


class Nodes(Protocol):
    """A source of the roots of complete subtrees."""

    def node(self, level: int, index: int) -> bytes:
        """The root of the ``2**level`` leaves from leaf ``index * 2**level`` on."""
        ...


class Frontier:
    """The right edge of a growing tree: its size and the roots of its complete subtrees.

    The roots stand from left to right, so from the largest subtree to the smallest.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf by its hash (32 bytes, see :func:`leaf_hash`)."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaves by their hashes, in order. Nothing is added where one is not 32 bytes."""
        leaves = tuple(leaves)
        peaks, size = self._peaks, self.size
        if any(len(leaf) != HASH for leaf in leaves):
            raise ProofRefused("a leaf's hash is not 32 bytes long", mend="give leaf_hash(bytes)")
        if size + len(leaves) > MAX_SIZE:
            raise ProofRefused(f"a tree holds at most {MAX_SIZE} leaves")
        for node in leaves:
            carry = size
            while carry & 1:
                node = sha256(b"\1" + peaks.pop() + node).digest()
                carry >>= 1
            peaks.append(node)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The root of the whole tree, 32 bytes."""
        return _fold(self._peaks)

    def copy(self) -> Frontier:
        """Another frontier in the same state."""
        other = Frontier()
        other.size, other._peaks = self.size, self._peaks.copy()
        return other

    def to_bytes(self) -> bytes:
        """The state: the size (8 bytes, big-endian), then the roots from left to right."""
        return self.size.to_bytes(8, "big") + b"".join(self._peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """The frontier written by :meth:`to_bytes`. Raises ProofRefused for any other length."""
        size = int.from_bytes(data[:8], "big")
        if len(data) != 8 + HASH * size.bit_count() or size > MAX_SIZE:
            raise ProofRefused(
                f"{len(data)} bytes are no frontier of {size} leaves",
                why="it is 8 bytes of size, then one hash for each bit set in the size",
                mend="build it again from the entries' leaf hashes",
            )
        frontier = cls()
        frontier.size = size
        frontier._peaks = [data[spot : spot + HASH] for spot in range(8, len(data), HASH)]
        return frontier


def _fold(roots: Sequence[bytes]) -> bytes:
    """One root from those of complete subtrees, largest first."""
    if not roots:
        return EMPTY_ROOT
    found = roots[-1]
    for left in reversed(roots[:-1]):
        found = node_hash(left, found)
    return found


def _span(nodes: Nodes, start: int, stop: int) -> bytes:
    """The root over leaves ``start`` to before ``stop``.

    ``start`` is a multiple of a power of two not below the length, as in every subtree of the
    RFC, so the complete subtrees follow the bits of the length.
    """
    roots = []
    for level in reversed(range((stop - start).bit_length())):
        if (stop - start) >> level & 1:
            roots.append(nodes.node(level, start >> level))
            start += 1 << level
    return _fold(roots)


def root_of(nodes: Nodes, size: int) -> bytes:
    """The root of the first ``size`` leaves."""
    if not 0 <= size <= MAX_SIZE:
        raise QuestionRefused(f"no tree has {size} leaves")
    return _span(nodes, 0, size)


def _split(start: int, stop: int) -> int:
    """Where the subtree over these leaves (two or more) divides."""
    return start + (1 << ((stop - start - 1).bit_length() - 1))


def prove_inclusion(nodes: Nodes, seq: int, size: int) -> tuple[bytes, ...]:
    """The audit path of leaf ``seq`` in the tree of the first ``size`` leaves, lowest first.

    RFC 6962 section 2.1.1. Raises QuestionRefused where that tree has no such leaf.
    """
    return next(prove_inclusions(nodes, (seq,), size))


def prove_inclusions(nodes: Nodes, seqs: Iterable[int], size: int) -> Iterator[tuple[bytes, ...]]:
    """As :func:`prove_inclusion` for many leaves, best in ascending order: so they share most."""

    @lru_cache(maxsize=_KEPT)
    def span(start: int, stop: int) -> bytes:
        return _span(nodes, start, stop)

    for seq in seqs:
        if not 0 <= seq < size <= MAX_SIZE:
            raise QuestionRefused(
                f"a tree of {size} leaves has no leaf {seq}", mend="leaves count from 0"
            )
        path = []
        start, stop = 0, size
        while stop - start > 1:
            middle = _split(start, stop)
            if seq < middle:
                path.append(span(middle, stop))
                stop = middle
            else:
                path.append(span(start, middle))
                start = middle
        yield tuple(reversed(path))


def prove_consistency(nodes: Nodes, old: int, new: int) -> tuple[bytes, ...]:
    """The proof that the first ``old`` of ``new`` leaves are the tree of before, lowest first.

    RFC 6962 section 2.1.2. Empty where ``old`` is 0 or equals ``new``: nothing is to be shown.
    Raises QuestionRefused where ``old`` is larger than ``new``.
    """
    if not 0 <= old <= new <= MAX_SIZE:
        raise QuestionRefused(f"a tree of {new} leaves did not grow from one of {old}")
    if old in (0, new):
        return ()
    path = []
    start, stop = 0, new
    while old != stop:
        middle = _split(start, stop)
        if old <= middle:
            path.append(_span(nodes, middle, stop))
            stop = middle
        else:
            path.append(_span(nodes, start, middle))
            start = middle
    if start:
        path.append(_span(nodes, start, stop))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, seq: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path shows the leaf's hash at ``seq`` under the root of a tree of that size.

    RFC 9162 section 2.1.3.2.
    """
    if not 0 <= seq < size <= MAX_SIZE or len(leaf) != HASH:
        return False
    spot, last, found = seq, size - 1, leaf
    for step in path:
        if last == 0 or len(step) != HASH:
            return False
        if spot & 1 or spot == last:
            found = node_hash(step, found)
            while not spot & 1 and spot:
                spot >>= 1
                last >>= 1
        else:
            found = node_hash(found, step)
        spot >>= 1
        last >>= 1
    return last == 0 and found == root


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path shows that the tree of ``new`` leaves begins with that of ``old``.

    RFC 9162 section 2.1.4.2. A tree without leaves, whose root is ``EMPTY_ROOT``, begins all.
    """
    if not 0 <= old <= new <= MAX_SIZE or any(len(step) != HASH for step in path):
        return False
    if old == new:
        return not path and old_root == new_root and (old > 0 or old_root == EMPTY_ROOT)
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    steps = [old_root, *path] if old & (old - 1) == 0 else [*path]
    if not path:
        return False
    spot, last = old - 1, new - 1
    while spot & 1:
        spot >>= 1
        last >>= 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if spot & 1 or spot == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not spot & 1 and spot:
                spot >>= 1
                last >>= 1
        else:
            after = node_hash(after, step)
        spot >>= 1
        last >>= 1
    return last == 0 and before == old_root and after == new_root
