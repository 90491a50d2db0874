"""One text that a clause rests on: where it holds, and between which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from xinyong.charter.words import Place

Mark = Literal["P", "S", "M"]


@dataclass(frozen=True, slots=True)
class Source:
    """One text that a clause rests on, in one place, between two days.

    ``region`` narrows a place to part of it (an ISO 3166-2 code such as ``CN-SH``): it binds only
    schemes whose ``jurisdiction`` names it. ``ai_system`` and ``people`` say that it binds AI
    systems alone, or schemes that score natural persons alone. ``mark`` says how well the text is
    known: P a primary text, S a secondary one, M from memory.
    """

    place: Place
    cite: str
    since: date
    until: date | None = None
    region: str | None = None
    ai_system: bool = False
    people: bool = False
    mark: Mark = "S"

    def in_force(self, day: date) -> bool:
        """Whether the text is in force on ``day``; both ends count."""
        return self.since <= day and (self.until is None or day <= self.until)
