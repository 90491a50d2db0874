"""A clause: one rule as a function, with its citations and the days on which they bind."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from xinyong.charter.asked import Asked
from xinyong.charter.source import Source
from xinyong.charter.words import Severity, State, Trail


@dataclass(frozen=True, slots=True)
class Objection:
    """What a clause function yields; :mod:`xinyong.charter.check` makes a finding of it."""

    path: tuple[str | int, ...]
    why: str
    mend: str
    trail: Trail | None = None
    severity: Severity | None = None
    state: Literal[State.OBJECTS, State.UNKNOWN] = State.OBJECTS


Judge = Callable[[Asked], Iterator[Objection]]


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
