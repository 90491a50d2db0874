"""The keys of one subject: what seals its records, names it, and is destroyed by erasure.

A sealed text is 12 random bytes, then the AES-256-GCM of the plain text with its 16-byte tag. Names
are the first 128 bits of an HMAC-SHA256, as 32 hexadecimal digits. All of them come from two keys
that nobody can work out from anything else; without them a sealed text is noise and a name is
nobody's. Python cannot wipe memory: a key is gone from a process when its objects are.
"""

from __future__ import annotations

import hmac
import os
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xinyong.errors import ProofRefused

KEY = 32
"""Bytes of every key."""
NONCE = 12
"""Random bytes before each sealed text."""
LEDGER = "ledger"
"""The domain of the pseudonym that stands in the ledger."""

_STEP = 32
_LONGEST = 4096


class _Drawn:
    """Random bytes of the system, asked for many at a time and given once each.

    Asking costs more than most of what they are for. A process that splits off asks anew.
    """

    def __init__(self) -> None:
        self._gate = Lock()
        self.forget()
        os.register_at_fork(after_in_child=self._split)

    def forget(self) -> None:
        self._bytes, self._spot = b"", 0

    def _split(self) -> None:
        self._gate = Lock()
        self.forget()

    def take(self, count: int) -> bytes:
        with self._gate:
            start = self._spot
            if start + count > len(self._bytes):
                self._bytes, start = os.urandom(max(count, _DRAWN)), 0
            self._spot = start + count
            return self._bytes[start : start + count]


_DRAWN = 4096
_drawn = _Drawn()
fresh = _drawn.take
"""So many random bytes from the system, as good as a key's."""


def seal(key: bytes, plain: bytes, aad: bytes) -> bytes:
    """Seal bytes under a key of 32 bytes; ``aad`` is bound in but not hidden."""
    return _sealed(AESGCM(key), plain, aad)


def _sealed(cipher: AESGCM, plain: bytes, aad: bytes) -> bytes:
    nonce = fresh(NONCE)
    return nonce + cipher.encrypt(nonce, plain, aad)


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes | None:
    """The plain bytes, or None where key, text or ``aad`` is another."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], aad)
    except (InvalidTag, ValueError):
        return None


class Opener:
    """Opens what was sealed for a subject, and can do nothing else: it cannot name her."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __repr__(self) -> str:
        return "Opener(...)"

    def to_bytes(self) -> bytes:
        """Its key, for handing on to another process of ours."""
        return self._data

    def unseal(self, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed with the same ``aad``. Raises ProofRefused for anything else."""
        plain = unseal(self._data, sealed, aad)
        if plain is None:
            raise ProofRefused(
                "the sealed bytes do not open",
                why="they were changed, belong to another subject, or stand in another place",
                mend="verify the ledger; if it holds, the vault is not the one it was written with",
            )
        return plain


class SubjectKeys:
    """What can be done with the keys of one subject; hold it no longer than one piece of work."""

    __slots__ = ("_cipher", "_data", "_names", "subject", "who")

    def __init__(self, subject: str, data: bytes, names: bytes) -> None:
        self.subject = subject
        self._data: bytes | None = data
        self._names: bytes | None = names
        self._cipher: AESGCM | None = None
        self.who = self.pseudonym(LEDGER)

    def __repr__(self) -> str:
        return "SubjectKeys(...)"

    def pseudonym(self, domain: str) -> str:
        """The subject's name in one domain: 32 hexadecimal digits, unlike that in any other."""
        return self._name(b"pseudonym\0", domain)

    def mark(self, text: str) -> str:
        """A stand-in for an id (32 hexadecimal digits) that says nothing once keys are gone."""
        return self._name(b"mark\0", text)

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """Seal bytes for this subject: 28 bytes longer, and never the same twice."""
        if self._data is None:
            raise erased()
        if self._cipher is None:
            self._cipher = AESGCM(self._data)
        return _sealed(self._cipher, plain, aad)

    def unseal(self, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed with the same ``aad``. Raises ProofRefused for anything else."""
        return self.opener().unseal(sealed, aad)

    def opener(self) -> Opener:
        """What opens her records."""
        if self._data is None:
            raise erased()
        return Opener(self._data)

    def forget(self) -> None:
        """Drop the keys; afterwards everything but ``subject`` and ``who`` is refused."""
        self._data = self._names = self._cipher = None

    def to_bytes(self) -> bytes:
        """Both keys and the subject's id, padded so that the length tells little."""
        if self._data is None or self._names is None:
            raise erased()
        text = self.subject.encode()
        return self._data + self._names + text + bytes(-len(text) % _STEP)

    @classmethod
    def from_bytes(cls, data: bytes) -> SubjectKeys:
        """The keys written by :meth:`to_bytes`. Raises ProofRefused for other bytes."""
        subject = data[2 * KEY :].rstrip(b"\0").decode(errors="surrogateescape")
        checked_subject(subject)
        return cls(subject, data[:KEY], data[KEY : 2 * KEY])

    def _name(self, use: bytes, text: str) -> str:
        if self._names is None:
            raise erased()
        return hmac.digest(self._names, use + text.encode(), "sha256")[:16].hex()


def new_keys(subject: str) -> SubjectKeys:
    """Fresh random keys for a subject. Raises ProofRefused where the id cannot be kept."""
    return SubjectKeys(subject, os.urandom(KEY), os.urandom(KEY))


def checked_subject(subject: str) -> bytes:
    """The id of a subject in UTF-8. Raises ProofRefused where it cannot be kept."""
    try:
        text = subject.encode()
    except (AttributeError, UnicodeEncodeError):
        text = b""
    if not 0 < len(text) <= _LONGEST or b"\0" in text:
        raise ProofRefused(
            "the id of a subject cannot be kept",
            why=f"an id is text of 1 to {_LONGEST} bytes in UTF-8, without NUL",
        )
    return text


def erased() -> ProofRefused:
    """The error of asking keys that are gone."""
    return ProofRefused(
        "the keys of this subject were erased",
        why="erasure destroys the keys; what they sealed cannot be read again",
    )
