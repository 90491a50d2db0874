"""One entry of the ledger, and the bytes that its leaf hash is taken over.

The bytes are ``xinyong.entry/1``, then ``seq``, ``kind``, ``at`` and ``who``, each ended by a line
feed, then the body as it is. The first five hold no line feed, so no two entries share their bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from xinyong.errors import ProofRefused

KINDS = frozenset(
    "event strike consent revocation dispute outcome listing delisting decision notice score read"
    " share link flag scheme partner budget job erasure".split()
)
"""What an entry can be about."""

_WHO = re.compile(r"(?:[0-9a-f]{32})?")
_TOP = 2**63
_PIECE = 2_000
"""Bytes hashed at once: with more, the hash lets other threads run, which takes longer than it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; it cannot be made out of shape.

    ``seq`` counts from 0; ``at`` is microseconds UTC since 1970 and never decreases along ``seq``;
    ``who`` is the subject's pseudonym in the ledger (32 hexadecimal digits), or empty where the
    entry is about nobody; ``body`` is sealed for its subject, or canonical JSON.
    """

    seq: int
    kind: str
    at: int
    who: str
    body: bytes

    def __post_init__(self) -> None:
        why = _fault(self)
        if why:
            raise ProofRefused(
                "this is no entry of a ledger", where=f"entry {self.seq!r}"[:40], why=why
            )

    def to_bytes(self) -> bytes:
        """The bytes that are hashed."""
        return entry_bytes(self.seq, self.kind, self.at, self.who, self.body)

    def leaf(self) -> bytes:
        """The leaf hash, 32 bytes."""
        return entry_leaf(self.seq, self.kind, self.at, self.who, self.body)


def _fault(entry: Entry) -> str:
    """Why this is no entry, or nothing."""
    if type(entry.seq) is not int or not 0 <= entry.seq < _TOP:
        return "seq is a whole number from 0"
    if type(entry.at) is not int or not 0 <= entry.at < _TOP:
        return "at is a whole number of microseconds since 1970"
    if entry.kind not in KINDS:
        return f"the kind is one of {', '.join(sorted(KINDS))}"
    if type(entry.who) is not str or _WHO.fullmatch(entry.who) is None:
        return "who is 32 hexadecimal digits, or empty"
    if type(entry.body) is not bytes:
        return "the body is bytes"
    return ""


def entry_bytes(seq: int, kind: str, at: int, who: str, body: bytes) -> bytes:
    """The bytes of an entry that is known to be in shape; made without an object, for speed."""
    return f"xinyong.entry/1\n{seq}\n{kind}\n{at}\n{who}\n".encode() + body


def entry_leaf(seq: int, kind: str, at: int, who: str, body: bytes) -> bytes:
    """The leaf hash of an entry that is known to be in shape, 32 bytes."""
    hashed = sha256(f"\0xinyong.entry/1\n{seq}\n{kind}\n{at}\n{who}\n".encode())
    for start in range(0, len(body), _PIECE):
        hashed.update(body[start : start + _PIECE])
    return hashed.digest()
