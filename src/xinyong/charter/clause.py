"""A clause: one rule as a function, with its citations and the days on which they bind."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from xinyong.charter.words import Place, Severity, State, Trail

if TYPE_CHECKING:
    from xinyong.charter.asked import Asked

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


@dataclass(frozen=True, slots=True)
class Objection:
    """What a clause function yields; :mod:`xinyong.charter.check` makes a finding of it."""

    path: tuple[str | int, ...]
    why: str
    mend: str
    trail: Trail | None = None
    severity: Severity | None = None
    state: Literal[State.OBJECTS, State.UNKNOWN] = State.OBJECTS


Judge = Callable[["Asked"], Iterator[Objection]]


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule. ``id`` begins with a letter and two digits; ``judge`` yields objections.

    ``everywhere``: where none of the sources binds, the rule runs as the charter's own. Without
    it the clause is silent there. ``people``: it is about natural persons alone.
    """

    id: str
    title: str
    severity: Severity
    sources: tuple[Source, ...]
    everywhere: bool
    people: bool
    judge: Judge
    text: str

    @property
    def letter(self) -> str:
        """The first part of its id: ``C01`` of ``C01-context``."""
        return self.id.partition("-")[0]


def clause(
    id: str,
    severity: Severity,
    *sources: Source,
    everywhere: bool = True,
    people: bool = False,
) -> Callable[[Judge], Clause]:
    """Make a clause of a function; its docstring is the clause's text.

    The docstring's first line is the title, the rest cites and explains.
    """

    def made(judge: Judge) -> Clause:
        text = inspect.getdoc(judge) or ""
        title = text.partition("\n")[0].rstrip(".")
        if not title:
            raise ValueError(f"clause {id} has no docstring")
        return Clause(id, title, severity, sources, everywhere, people, judge, text)

    return made
