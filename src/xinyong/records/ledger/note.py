"""Signed notes, checkpoints and cosignatures, as C2SP writes them down.

A note is text, an empty line, and signature lines: em dash, the key's name, and base64 of 4 bytes
of key id and the signature. A checkpoint is a note of origin, size and root of a ledger. A
cosignature is a witness's signature of a checkpoint together with the time. Specifications:
c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature (Ed25519 kinds only).
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from xinyong.errors import ProofRefused
from xinyong.records.ledger.merkle import HASH, MAX_SIZE

SIGNATURE = 1
"""The kind of key that signs notes."""
COSIGNATURE = 4
"""The kind of key that signs checkpoints with a time, as witnesses do."""

_LONGEST = 100_000
_SECOND = 1_000_000
_LINE = re.compile("— ([^ ]+) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Verifier:
    """A public key with its name and kind: 32 bytes of Ed25519."""

    name: str
    public: bytes
    kind: int = SIGNATURE

    def __post_init__(self) -> None:
        odd = any(c.isspace() or c < " " for c in self.name) or not _is_unicode(self.name)
        if not self.name or "+" in self.name or odd:
            raise _refused("this is no name of a key", why="it has no space and no plus sign")
        if len(self.public) != 32 or self.kind not in (SIGNATURE, COSIGNATURE):
            raise _refused("this is no key", why="a key is 32 bytes of kind 1 or 4")

    @property
    def key_id(self) -> bytes:
        """The four bytes by which signature lines name the key."""
        kind = bytes((self.kind,))
        return sha256(self.name.encode() + b"\n" + kind + self.public).digest()[:4]

    def to_text(self) -> str:
        """The key as ``name+key id+base64``, to be handed to whoever verifies."""
        return f"{self.name}+{self.key_id.hex()}+{_to_base64(bytes((self.kind,)) + self.public)}"

    @classmethod
    def from_text(cls, text: str) -> Verifier:
        """The key written by :meth:`to_text`. Raises ProofRefused."""
        name, key_id, data = _key_parts(text)
        verifier = cls(name, data[1:], data[0])
        if verifier.key_id.hex() != key_id:
            raise _refused("the key does not fit its id", why="a part of the text was changed")
        return verifier

    def holds(self, signature: bytes, text: str) -> bool:
        """Whether this key made the signature (without its key id) of a note's text."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            if len(signature) != 72:
                return False
            seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = _with_time(seconds, text)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    """A private key with its name and kind."""

    __slots__ = ("_key", "verifier")

    def __init__(self, name: str, seed: bytes, kind: int = SIGNATURE) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw(), kind)

    @classmethod
    def new(cls, name: str, kind: int = SIGNATURE) -> Signer:
        """A new random key."""
        return cls(name, os.urandom(32), kind)

    def __repr__(self) -> str:
        return f"Signer({self.verifier.to_text()!r})"

    def to_text(self) -> str:
        """The private key as one line of text; keep it from everybody."""
        verifier = self.verifier
        data = bytes((verifier.kind,)) + self._key.private_bytes_raw()
        return f"PRIVATE+KEY+{verifier.name}+{verifier.key_id.hex()}+{_to_base64(data)}"

    @classmethod
    def from_text(cls, text: str) -> Signer:
        """The key written by :meth:`to_text`. Raises ProofRefused."""
        if not text.startswith("PRIVATE+KEY+"):
            raise _refused("this is no private key", why="it begins with PRIVATE+KEY+")
        name, key_id, data = _key_parts(text.removeprefix("PRIVATE+KEY+").rstrip("\n"))
        signer = cls(name, data[1:], data[0])
        if signer.verifier.key_id.hex() != key_id:
            raise _refused("the private key does not fit its id")
        return signer

    def line(self, text: str, seconds: int = 0) -> str:
        """The signature line of a note's text; a witness's key signs the time with it."""
        signature = b""
        message = text.encode()
        if self.verifier.kind == COSIGNATURE:
            signature, message = seconds.to_bytes(8, "big"), _with_time(seconds, text)
        signature = self.verifier.key_id + signature + self._key.sign(message)
        return f"— {self.verifier.name} {_to_base64(signature)}\n"


@dataclass(frozen=True)
class Signed:
    """One signature line: the key's name, its id (4 bytes), the signature."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class Note:
    """A note as it reads; what it says counts only once a signature is verified."""

    text: str
    lines: tuple[Signed, ...]

    @classmethod
    def read(cls, note: str) -> Note:
        """Text and signature lines of a note. Raises ProofRefused where it is not well formed."""
        text, cut, tail = note.rpartition("\n\n")
        if len(note) > _LONGEST or not cut or not tail.endswith("\n"):
            raise _refused("this is no signed note", why="text, empty line, signature lines")
        if any(c < " " and c != "\n" for c in note) or not _is_unicode(note):
            raise _refused("this is no signed note", why="it holds control characters")
        return cls(text + "\n", tuple(_signed(line) for line in tail[:-1].split("\n")))

    def signed_by(self, verifier: Verifier) -> list[bytes]:
        """All signatures by one key. Raises ProofRefused where one of them does not hold."""
        found = [
            line.signature
            for line in self.lines
            if (line.name, line.key_id) == (verifier.name, verifier.key_id)
        ]
        if not all(verifier.holds(signature, self.text) for signature in found):
            raise _refused(
                f"the signature of {verifier.name} does not hold",
                why="the note was changed, or another key signed under this name",
                mend="do not use it; ask for the note again from where it comes",
            )
        return found


@dataclass(frozen=True)
class Checkpoint:
    """What a ledger says of itself: its name, how many entries it has, and their root."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or any(c < " " for c in self.origin):
            raise _refused("this is no origin of a ledger", why="it is one line of text")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH:
            raise _refused("this is no checkpoint", why="a size from 0, a root of 32 bytes")

    def to_text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{_to_base64(self.root)}\n"

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """The checkpoint in a note's text; further lines say nothing that could be verified."""
        lines = text.split("\n")
        if len(lines) < 4 or not all(lines[:-1]) or lines[-1] or not _SIZE.fullmatch(lines[1]):
            raise _refused("this is no checkpoint", why="origin, size and root, a line each")
        return cls(lines[0], int(lines[1]), _from_base64(lines[2]))


@dataclass(frozen=True)
class Cosignature:
    """That a witness saw a checkpoint: the key's name and the moment, microseconds UTC."""

    witness: str
    moment: int


def sign_note(text: str, signers: Iterable[Signer]) -> str:
    """A note of some text. Raises ProofRefused where the text cannot be a note's."""
    fits = text.endswith("\n") and _is_unicode(text)
    note = f"{text}\n{''.join(signer.line(text) for signer in signers)}" if fits else ""
    if not fits or Note.read(note).text != text:
        raise _refused("the text cannot be signed as a note", why="it ends with a line feed")
    return note


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The checkpoint as a note signed by the ledger's key."""
    return sign_note(checkpoint.to_text(), [signer])


def open_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """The checkpoint in a note that this ledger's key has signed.

    Raises ProofRefused where the key did not sign it, or the signature does not hold.
    """
    read = Note.read(note)
    if not read.signed_by(verifier):
        raise _refused(
            f"{verifier.name} did not sign this note",
            why="a checkpoint counts by the signature of the ledger's own key",
            mend="give the ledger's public key, or the ledger's note",
        )
    return Checkpoint.from_text(read.text)


def cosigned(note: str, signer: Signer, moment: int) -> str:
    """The line by which a witness adds that it saw a checkpoint; ``moment`` in microseconds.

    It does not ask whether the checkpoint is consistent: see ``witness.Witness``.
    """
    if signer.verifier.kind != COSIGNATURE:
        raise _refused("this key is no witness's", why=f"a witness's key is of kind {COSIGNATURE}")
    return signer.line(Note.read(note).text, moment // _SECOND)


def cosignatures(note: str, witnesses: Sequence[Verifier]) -> list[Cosignature]:
    """Which of these witnesses have cosigned a note, and when: the newest time of each.

    Raises ProofRefused where a cosignature of one of them does not hold.
    """
    read, found = Note.read(note), []
    for witness in witnesses:
        times = [int.from_bytes(s[:8], "big") for s in read.signed_by(witness)]
        if times and witness.kind == COSIGNATURE:
            found.append(Cosignature(witness.name, max(times) * _SECOND))
    return found


def _with_time(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _signed(line: str) -> Signed:
    found = _LINE.fullmatch(line)
    if found is None or any(c.isspace() or c == "+" for c in found[1]):
        raise _refused("a signature line cannot be read", why="— name base64")
    data = _from_base64(found[2])
    if len(data) < 5:
        raise _refused("a signature line is too short", why="4 bytes of key id, then a signature")
    return Signed(found[1], data[:4], data[4:])


def _key_parts(text: str) -> tuple[str, str, bytes]:
    """Name, id and bytes of a key in text; base64 may hold plus signs, the others may not."""
    name, _, rest = text.partition("+")
    key_id, _, data = rest.partition("+")
    if not data:
        raise _refused("this is no key", why="name, id and base64 stand between plus signs")
    found = _from_base64(data)
    if len(found) != 33:
        raise _refused("this is no key", why="it has one byte of kind and 32 of the key")
    return name, key_id, found


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_base64(text: str) -> bytes:
    """Bytes of base64 that is written the one right way."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or _to_base64(data) != text:
        raise _refused("this is no base64")
    return data


def _is_unicode(text: str) -> bool:
    """Whether a text has no half of a character, and so can be written as UTF-8."""
    return not any("\ud800" <= c <= "\udfff" for c in text)


def _refused(what: str, *, why: str = "", mend: str = "") -> ProofRefused:
    return ProofRefused(what, where="signed note", why=why, mend=mend)
