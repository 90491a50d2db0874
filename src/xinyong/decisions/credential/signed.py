"""Signed JSON: the compact form of RFC 7515 with Ed25519, read as strictly as it is written.

One algorithm (``EdDSA``) and one spelling of everything: base64url without padding and without
loose bits, JSON without double keys and without fractions. So no other bytes say the same.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from xinyong.errors import ProofRefused

LONGEST: Final = 100_000
"""Characters of the longest credential that is read."""

_ALG: Final = "EdDSA"
_DEEPEST: Final = 20

Reason = Literal[
    "malformed",
    "algorithm",
    "tampered",
    "not yet",
    "expired",
    "wrong issuer",
    "wrong partner",
    "wrong nonce",
    "stale",
    "key binding",
    "disclosure",
    "withheld",
    "status",
    "revoked",
]


class CredentialRefused(ProofRefused):
    """A credential is not accepted; ``code`` is a word for programs."""

    def __init__(
        self, what: str, *, code: Reason, where: str = "", why: str = "", mend: str = ""
    ) -> None:
        super().__init__(what, where=where, why=why, mend=mend)
        self.code: Reason = code


def public_of(seed: bytes) -> bytes:
    """The public key (32 bytes) of a private one (a seed of 32 bytes)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def to_base64(data: bytes) -> str:
    """Bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str, where: str) -> bytes:
    """Bytes of base64url that is written the one right way. Raises CredentialRefused."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not text or to_base64(data) != text:
        raise malformed("it is not written in base64url", where)
    return data


def read_json(data: bytes, where: str) -> Any:
    """A JSON value. Raises CredentialRefused for double keys, fractions and great depth."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands twice")
        return found

    def no_fraction(_: str) -> float:
        raise ValueError("there are no fractions here")

    try:
        text = data.decode()
        if text.count("[") + text.count("{") > 1000 or _depth(text) > _DEEPEST:
            raise ValueError("it is too deep")
        return json.loads(
            text, object_pairs_hook=once, parse_float=no_fraction, parse_constant=no_fraction
        )
    except ValueError:
        raise malformed("it is no JSON, or holds a key twice", where) from None


def _depth(text: str) -> int:
    deep = deepest = 0
    for letter in text:
        if letter in "[{":
            deep += 1
            deepest = max(deepest, deep)
        elif letter in "]}":
            deep -= 1
    return deepest


def sign(payload: Mapping[str, Any], kind: str, seed: bytes) -> str:
    """A payload signed by a private key; ``kind`` is its media type, short form."""
    head = {"alg": _ALG, "typ": kind}
    text = ".".join(to_base64(json.dumps(part).encode()) for part in (head, payload))
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    return f"{text}.{to_base64(signature)}"


def read_signed(text: str, kind: str, where: str, *, longest: int = LONGEST) -> dict[str, Any]:
    """The payload of signed JSON of the right kind, *not yet verified*. Raises CredentialRefused.

    The kind and the algorithm are settled here, not by what is read: nothing but Ed25519 is ever
    tried, and an unsigned one is refused by name.
    """
    parts = text.split(".")
    if len(text) > longest or len(parts) != 3:
        raise malformed("it has not the three parts of signed JSON", where)
    head = read_json(from_base64(parts[0], where), where)
    if not isinstance(head, dict) or head.get("alg") != _ALG:
        raise CredentialRefused(
            "it is not signed by Ed25519",
            code="algorithm",
            where=where,
            why=f"the algorithm is {_ALG}; 'none' and all others are refused",
            mend="ask the subject for a credential of this operator",
        )
    if head.get("typ") != kind or "crit" in head:
        raise malformed(f"it is not of the kind {kind}", where)
    payload = read_json(from_base64(parts[1], where), where)
    if not isinstance(payload, dict):
        raise malformed("its payload is no JSON object", where)
    return payload


def check_signature(text: str, public: bytes, where: str) -> None:
    """Raise CredentialRefused (``tampered``) where a public key did not sign this text."""
    message, _, signature = text.rpartition(".")
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(from_base64(signature, where), message.encode())
    except (InvalidSignature, ValueError):
        raise CredentialRefused(
            "its signature does not hold",
            code="tampered",
            where=where,
            why="it was changed, or somebody else signed it",
            mend="do not rely on it; ask for it again, and check whose public key you hold",
        ) from None


def malformed(what: str, where: str) -> CredentialRefused:
    """The error of what cannot be read."""
    return CredentialRefused(
        what,
        code="malformed",
        where=where,
        why="a credential is read exactly as it is written, or not at all",
        mend="hand it on as you got it, unchanged",
    )
