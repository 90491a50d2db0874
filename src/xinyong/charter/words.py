"""The closed vocabulary of the charter: severities, bases, verdicts, places, and what is found.

There is no word for "compliant" here, and no percentage: a scheme against which nothing was
found has met no objection of these clauses, on that day, in that place. That is all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, Literal

DISCLAIMER: Final = (
    "This is a check of a design against written clauses. It is not legal advice, and it says"
    " nothing about how the scheme is run."
)

Place = Literal["cn", "eu", "us"]
PLACES: Final[Mapping[Place, str]] = {
    "cn": "China",
    "eu": "the European Union",
    "us": "the United States",
}
"""Places whose law is read, and how they are called."""


ELSEWHERE: Final = "elsewhere"
"""Where no law is known here; the charter's own rules alone are read."""


def places_said(places: Iterable[Place]) -> str:
    """Places in words."""
    return ", ".join(PLACES[place] for place in places) or "a place whose law is not known here"


class Severity(IntEnum):
    """How much a finding weighs; the worst one decides the verdict."""

    INFO = 0
    """Worth knowing; stops nothing."""
    WARN = 1
    """A person should look; stops nothing."""
    ERROR = 2
    """The scheme cannot be approved as it is."""
    FORBID = 3
    """Never outside the lab, whatever else is mended."""


SEVERITY_MEANING: Final[Mapping[Severity, str]] = {
    Severity.INFO: "worth knowing; stops nothing",
    Severity.WARN: "a person should look; stops nothing",
    Severity.ERROR: "the scheme cannot be approved as it is",
    Severity.FORBID: "never outside the lab, whatever else is mended",
}


class Basis(StrEnum):
    """What a finding rests on."""

    STATUTE = "statute"
    """A law that is in force in the place on the day."""
    CHARTER = "charter"
    """Our own rule, where no statute binds."""


class Verdict(StrEnum):
    """What came of reading a scheme."""

    NO_OBJECTION = "no objection"
    WARNED = "warned"
    UNKNOWN = "unknown"
    """The scheme does not say enough to be judged."""
    REFUSED = "refused"
    LAB_ONLY = "lab only"


VERDICT_MEANING: Final[Mapping[Verdict, str]] = {
    Verdict.NO_OBJECTION: "no clause objects",
    Verdict.WARNED: "a person should look at the warnings; nothing stops the scheme",
    Verdict.UNKNOWN: "the scheme does not say enough to be judged, and so cannot be approved",
    Verdict.REFUSED: "the scheme cannot be approved as it is",
    Verdict.LAB_ONLY: "the scheme runs on people who do not exist, and on nobody else",
}


class State(StrEnum):
    """How one clause stands towards a scheme, in a place, on a day."""

    OBJECTS = "objects"
    UNKNOWN = "unknown"
    SILENT = "silent"
    """In force nowhere that was asked for, on that day."""
    NO_OBJECTION = "no objection"


@dataclass(frozen=True, slots=True)
class Trail:
    """The way from a datum to a consequence: ``loan_due -> late_loans -> R2 -> score -> C2``.

    ``kind`` is an event of data set ``data_set``, which arose in ``context``. ``steps`` are the
    variable, line and list it goes through; ``consequence`` is where it ends, None where the
    finding is about the score or the list itself.
    """

    kind: str
    data_set: str
    context: str
    steps: tuple[str, ...] = ()
    consequence: str | None = None

    def __str__(self) -> str:
        end = (self.consequence,) if self.consequence else ()
        return " -> ".join((self.kind, *self.steps, *end))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a clause holds against a scheme.

    ``path`` is the place in the document; ``file``, ``line`` and ``column`` (from 1; 0: unknown)
    where it stands in the text. ``law`` cites what binds. ``state`` tells an objection from a
    question that the scheme does not answer.
    """

    clause: str
    severity: Severity
    basis: Basis
    law: tuple[str, ...]
    path: tuple[str | int, ...]
    why: str
    mend: str
    trail: Trail | None = None
    state: Literal[State.OBJECTS, State.UNKNOWN] = State.OBJECTS
    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def place(self) -> str:
        """``file:line:column``, or the path of keys where there is no file."""
        if self.line:
            return f"{self.file}:{self.line}:{self.column}"
        return ".".join(str(step) for step in self.path) or "the scheme"
