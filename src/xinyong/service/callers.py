"""Who calls: API keys kept as digests, and tokens of an identity provider.

A key is shown once, when it is made; the store keeps its SHA-256 alone. A key that is taken back
opens nothing a second later, in every process.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from starlette.requests import Request

from xinyong.errors import QuestionRefused, XinyongError
from xinyong.records.store import Act, Parcel, State
from xinyong.service.config import Oidc
from xinyong.service.house import House
from xinyong.service.problems import Refused

Role = Literal["subject", "operator", "partner", "auditor"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

REMEMBERED: Final = 1.0
"""Seconds for which a key that was looked up is not looked up again."""


_ODD: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a token or a key of any form may raise."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a role, a name for the record, and for a subject her ledger pseudonym."""

    role: Role
    name: str
    who: str = ""
    key: str = ""


def digest_of(key: str) -> str:
    """What the store keeps of a key: it has 256 bits of chance, so nothing slower is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def new_key(
    house: House, role: Role, name: str, *, subject: str | None = None, until: int | None = None
) -> str:
    """Make a key and record that it was made; returns it, the only time it is seen.

    ``name`` is whom it is given to, ``subject`` the id of the person it speaks for, ``until`` the
    first moment (microseconds UTC) on which it opens nothing.
    """
    if (role == "subject") != (subject is not None):
        raise QuestionRefused("a subject's key speaks for one subject, another key for none")
    key = f"xy1_{secrets.token_urlsafe(32)}"
    digest = digest_of(key)
    state = State("key", digest, "live", until, f"{role}:{name}")
    body = {"key": digest, "role": role, "name": name, "until": until}
    house.store.append(Parcel((Act("partner", subject, body, states=(state,)),)))
    return key


def take_back(house: House, digest: str, *, role: str, name: str, subject: str | None) -> None:
    """Make a key open nothing any more."""
    state = State("key", digest, "taken back", None, f"{role}:{name}")
    house.store.append(
        Parcel((Act("partner", subject, {"key": digest, "taken_back": True}, states=(state,)),))
    )


class Doorkeeper:
    """Finds out who calls. One for each process; remembers keys for :data:`REMEMBERED` seconds."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[str, tuple[float, Caller | None, int | None]] = {}
        self._minute, self._failures = 0, dict[str, int]()
        self._tokens = Tokens(house.config.oidc, house.folder) if house.config.oidc else None

    def caller(self, request: Request) -> Caller:
        """Who sent a request; Refused with 401 where its key or token opens nothing.

        After so many of those in a minute from one address it is 429 until the next. A key that
        opens something is let in whatever others at the same address have sent.
        """
        try:
            return self._caller(request)
        except Refused:
            address = request.client.host if request.client else ""
            if self._failed(address) > self._house.config.limits.failed_keys_a_minute:
                raise _too_often() from None
            raise

    def _failed(self, address: str) -> int:
        """Count a failure of an address in this minute."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute or len(self._failures) > 10_000:
            self._minute, self._failures = minute, {}
        self._failures[address] = self._failures.get(address, 0) + 1
        return self._failures[address]

    def _caller(self, request: Request) -> Caller:
        head = request.headers.get("authorization", "")
        kind, _, given = head.partition(" ")
        if kind.lower() != "bearer" or not given:
            raise _unknown("no key was sent")
        if given.startswith("xy1_"):
            found = self._by_key(given)
        else:
            found = self._tokens.caller(self._house, given) if self._tokens else None
        if found is None:
            raise _unknown("this key opens nothing")
        return found

    def _by_key(self, key: str) -> Caller | None:
        digest = digest_of(key)
        now = time.monotonic()
        known = self._known.get(digest)
        if known is None or now - known[0] > REMEMBERED:
            if len(self._known) > 10_000:
                self._known.clear()
            known = (now, *self._looked_up(digest))
            self._known[digest] = known
        _, caller, until = known
        return None if until is not None and until <= self._house.clock() else caller

    def _looked_up(self, digest: str) -> tuple[Caller | None, int | None]:
        found = self._house.store.states("key", item=digest, values=("live",))
        if not found:
            return None, None
        role, _, name = found[0].group.partition(":")
        if role not in ROLES:
            return None, None
        return Caller(role, name, found[0].who, digest), found[0].due


class Tokens:
    """Tokens of an identity provider (OpenID Connect), by keys that lie in a file."""

    def __init__(self, settings: Oidc, folder: Path) -> None:
        from joserfc.errors import JoseError, SecurityWarning
        from joserfc.jwk import KeySet

        self._settings = settings
        try:
            text = (folder / settings.jwks).read_text(encoding="utf-8")
            with warnings.catch_warnings():
                warnings.simplefilter("error", SecurityWarning)  # a key that is too short
                self._keys = KeySet.import_key_set(json.loads(text))
        except (JoseError, SecurityWarning, OSError, *_ODD) as error:
            raise QuestionRefused(
                "the identity provider's keys cannot be read",
                where=settings.jwks,
                mend="save its JSON Web Key Set to this file",
            ) from error

    def caller(self, house: House, token: str) -> Caller | None:
        """Who a token speaks for, or None where it does not hold."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        wanted = self._settings
        try:
            found = jwt.decode(token, self._keys, algorithms=["RS256", "ES256", "EdDSA", "Ed25519"])
            claims: dict[str, Any] = found.claims
            jwt.JWTClaimsRegistry(
                now=house.clock() // 1_000_000,
                iss={"essential": True, "value": wanted.issuer},
                aud={"essential": True, "value": wanted.audience},
                exp={"essential": True},
            ).validate(claims)
        except (JoseError, *_ODD):
            return None
        if found.header.get("typ") not in wanted.types or not _surely(wanted, claims):
            return None
        role, name = claims.get(wanted.role), claims.get(wanted.name)
        if role not in ROLES or not isinstance(name, str) or not name:
            return None
        if role != "subject":
            return Caller(role, name)
        subject = claims.get(wanted.subject)
        try:
            keys = house.vault.keys(subject, create=False) if isinstance(subject, str) else None
        except XinyongError:  # no id that a subject could have
            return None
        return None if keys is None else Caller(role, keys.pseudonym("caller"), keys.who)


def _surely(wanted: Oidc, claims: dict[str, Any]) -> bool:
    """Whether somebody logged in as strongly as is asked for."""
    means = claims.get("amr", [])
    return (not wanted.acr or claims.get("acr") in wanted.acr) and (
        not wanted.amr or (isinstance(means, list) and all(one in means for one in wanted.amr))
    )


def _unknown(what: str) -> Refused:
    return Refused(
        401,
        "unknown-caller",
        what,
        why="every address that tells something about people asks who you are",
        mend="send 'Authorization: Bearer KEY' with a key of this service",
        headers={"www-authenticate": 'Bearer realm="xinyong"'},
    )


def _too_often() -> Refused:
    return Refused(
        429,
        "too-often",
        "too many keys that open nothing came from this address",
        why="keys are not to be guessed",
        mend="wait a minute, and send a key of this service",
        headers={"retry-after": "60"},
    )


__all__ = ["ROLES", "Caller", "Doorkeeper", "Role", "Tokens", "digest_of", "new_key", "take_back"]
