"""Nonces: what a partner asks with, each good once and for a short time."""

from __future__ import annotations

import secrets
from typing import Final

from xinyong.decisions.credential.signed import CredentialRefused

LIVES: Final = 300 * 1_000_000
"""How long a nonce is good (microseconds)."""
MOST: Final = 100_000
"""Open nonces that are remembered; the oldest go first."""


class Nonces:
    """The nonces one partner has open. One object for one process, and for one thread at a time."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}

    def fresh(self, moment: int) -> str:
        """A new nonce, asked with at a moment (microseconds UTC)."""
        nonce = secrets.token_urlsafe(24)
        self._open[nonce] = moment
        while len(self._open) > MOST:
            del self._open[next(iter(self._open))]
        return nonce

    def spend(self, nonce: str, moment: int) -> None:
        """Use a nonce up, before verifying what was shown to it.

        Raises CredentialRefused (``wrong nonce``) where it is not one of these, was used before,
        or is too old.
        """
        asked = self._open.pop(nonce, None)
        if asked is None or not asked <= moment < asked + LIVES:
            raise CredentialRefused(
                "the nonce is not one you asked with, was used before, or is too old",
                code="wrong nonce",
                where="key binding",
                why="each showing answers one question, once",
                mend="ask with a new nonce",
            )
