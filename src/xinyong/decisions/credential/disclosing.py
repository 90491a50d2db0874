"""Disclosures: claims that are signed as digests, each shown by itself or kept back.

After RFC 9901 (Selective Disclosure for JWTs), for the claims of one object; sha-256 alone. What is
signed holds the digests in ``_sd``, sorted, so that their order tells nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from xinyong.decisions.credential.signed import (
    CredentialRefused,
    from_base64,
    malformed,
    read_json,
    to_base64,
)

DIGESTS: Final = "_sd"
"""The claim that holds the digests."""
HASHING: Final = "_sd_alg"
"""The claim that names how digests are made."""
MOST: Final = 50
"""Disclosures in one credential that are read at most."""

_SHA: Final = "sha-256"
_WHERE: Final = "disclosure"
_SALT: Final = 16


def digest_of(disclosure: str) -> str:
    """The digest of a disclosure as it is written."""
    return to_base64(sha256(disclosure.encode()).digest())


def disclosure_of(salt: bytes, name: str, value: object) -> str:
    """The disclosure of one claim; the salt (16 random bytes or more) keeps it from guessing."""
    if len(salt) < _SALT:
        raise ValueError("a salt has 16 bytes or more")
    return to_base64(json.dumps([to_base64(salt), name, value]).encode())


def hidden(claims: Mapping[str, object], salts: Sequence[bytes]) -> tuple[list[str], list[str]]:
    """The disclosures of some claims, and their digests in order."""
    made = [
        disclosure_of(salt, name, value)
        for salt, (name, value) in zip(salts, claims.items(), strict=True)
    ]
    return made, sorted(map(digest_of, made))


def opened(payload: Mapping[str, Any], disclosures: Sequence[str]) -> dict[str, Any]:
    """The claims that some disclosures show of a signed payload, without those always shown.

    Raises CredentialRefused (``disclosure``) for one that was not signed, that stands twice, or
    that names a claim anew.
    """
    digests = payload.get(DIGESTS, [])
    if payload.get(HASHING, _SHA) != _SHA:
        raise malformed("its digests are made by another way than sha-256", _WHERE)
    if not isinstance(digests, list) or not all(isinstance(one, str) for one in digests):
        raise malformed("its digests cannot be read", _WHERE)
    if len(set(digests)) != len(digests):
        raise _wrong("a digest was signed twice")
    if len(set(disclosures)) != len(disclosures):
        raise _wrong("a disclosure stands twice")
    if len(disclosures) > MOST:
        raise _wrong(f"there are more than {MOST} disclosures")
    found: dict[str, Any] = {}
    for disclosure in disclosures:
        if digest_of(disclosure) not in digests:
            raise _wrong("a disclosure was not signed with the credential")
        name, value = _claim(disclosure)
        if name in payload or name in found:
            raise _wrong("two claims have one name")
        if name in (DIGESTS, HASHING, "..."):
            raise _wrong("a disclosure has a name that is kept for digests")
        found[name] = value
    return found


def name_of(disclosure: str) -> str:
    """The name of the claim that a disclosure shows. Raises CredentialRefused."""
    return _claim(disclosure)[0]


def _claim(disclosure: str) -> tuple[str, Any]:
    parts = read_json(from_base64(disclosure, _WHERE), _WHERE)
    if not isinstance(parts, list) or len(parts) != 3:
        raise malformed("it has not the three parts salt, name and value", _WHERE)
    salt, name, value = parts
    if not isinstance(salt, str) or not isinstance(name, str):
        raise malformed("its salt and its name are not text", _WHERE)
    return name, value


def _wrong(what: str) -> CredentialRefused:
    return CredentialRefused(
        what,
        code="disclosure",
        where=_WHERE,
        why="what is shown must be, each once, what the operator signed",
        mend="ask the subject to show the credential again as the operator gave it",
    )
