"""What a credential says, and what can be done with one, whatever form it has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass as plain_dataclass
from datetime import date
from typing import Final, Protocol

from pydantic.dataclasses import dataclass

from xinyong.decisions.credential.status import Place
from xinyong.records.written import STRICT, Day, Digest, Id, Line, Moment, Written

CHOICE: Final = ("band", "scheme", "digest", "issued")
"""What the subject may show or keep back; all the rest is always shown."""


@dataclass(frozen=True, config=STRICT)
class SharedBand(Written):
    """A band that a subject shares with one partner, for one purpose, until a moment.

    ``issuer`` is the operator's name; ``scheme`` and ``digest`` name the scheme; ``issued`` is the
    day of issue; ``until`` is the first moment it no longer holds (microseconds UTC). It does not
    say who the subject is: that is shown by the subject's own key.
    """

    issuer: Line
    partner: Line
    purpose: Line
    band: Id
    scheme: Id
    digest: Digest
    issued: Day
    until: Moment


@plain_dataclass(frozen=True)
class Shown:
    """What a partner has verified. Claims that were kept back are None.

    ``holder`` is the public key (32 bytes) that the subject has proved to hold; ``place`` is where
    the credential's status stands.
    """

    issuer: str
    partner: str
    purpose: str
    until: int
    holder: bytes
    place: Place
    band: str | None
    scheme: str | None
    digest: str | None
    issued: date | None


class Credential(Protocol):
    """A form of credential. Keys are 32 bytes of Ed25519, private ones as their seed.

    Moments are microseconds UTC since 1970, always given.
    """

    def issue(
        self, shared: SharedBand, *, holder: bytes, place: Place, moment: int, seed: bytes
    ) -> str:
        """A credential for the holder of a public key, signed by the operator's seed."""
        ...

    def present(
        self, credential: str, show: Collection[str], *, nonce: str, moment: int, seed: bytes
    ) -> str:
        """What the subject hands to the partner, showing some of ``CHOICE``.

        ``nonce`` is what the partner asked with; ``seed`` is the subject's own.
        """
        ...

    def verify(
        self,
        presentation: str,
        *,
        issuer: str,
        public: bytes,
        partner: str,
        nonce: str,
        states: str,
        moment: int,
        need: Collection[str] = ("band",),
    ) -> Shown:
        """What is shown, once everything about it holds; else CredentialRefused.

        ``public`` is the operator's key, ``states`` the signed status list, ``need`` the claims
        without which it is of no use.
        """
        ...
