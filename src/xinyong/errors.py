"""All errors of the house, in one tree.

::

    XinyongError               what, where, why, mend
    ├── SchemeRefused          a scheme document cannot be used; holds every complaint
    │   ├── SchemeNotFound     no scheme of that name or no such file
    │   └── ScenarioRefused    a scenario of the lab cannot be used; complaints as above
    ├── CharterRefused         a scheme may not decide about people; holds every finding
    │   └── RealRecords        such a scheme was given records that are not synthetic
    ├── ExpressionRefused      one expression cannot be read (inside a scheme: a complaint)
    ├── IntakeRefused          a file of events cannot be taken in; nothing was changed
    │   └── MappingRefused     the mapping document that describes the file is wrong
    ├── EventsRefused          events given to the engine do not fit the scheme
    ├── ProofRefused           a hash, signature, key or credential does not hold
    ├── StoreRefused           something cannot be written to the store; nothing of it was
    │   ├── KeyTaken           its id stands for another act
    │   ├── NeedUnmet          what it needs (a consent, an open dispute) does not hold
    │   └── StoreStopped       the store acknowledges nothing until it is opened anew
    ├── StepRefused            a consent, decision, dispute or listing cannot take this step
    ├── CodeRefused            a code of an organisation is not well formed
    └── QuestionRefused        what was asked cannot be answered (day, subject, option)
        └── BudgetSpent        a release would tell more than the budget of its scope leaves

Each has four parts: *what* went wrong, *where*, *why* (the rule behind it), and how to *mend* it.
"""

from __future__ import annotations

from typing import Literal, Protocol


class XinyongError(Exception):
    """Base of every error raised on purpose; reads well when printed as it is."""

    def __init__(self, what: str, *, where: str = "", why: str = "", mend: str = "") -> None:
        self.what, self.where, self.why, self.mend = what, where, why, mend
        super().__init__(what)

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.why:
            lines.append(f"  why:  {self.why}")
        if self.mend:
            lines.append(f"  mend: {self.mend}")
        return "\n".join(lines)


class ComplaintLike(Protocol):
    """What this floor knows of a :class:`~xinyong.scheme.complaints.Complaint`."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def mend(self) -> str: ...
    @property
    def severity(self) -> str: ...
    @property
    def path(self) -> tuple[str | int, ...]: ...


class SchemeRefused(XinyongError):
    """A scheme document cannot be used; ``complaints`` holds every reason, with its place."""

    def __init__(self, complaints: tuple[ComplaintLike, ...], *, where: str = "") -> None:
        self.complaints = complaints
        count = len(complaints)
        super().__init__(
            f"the scheme has {count} error{'' if count == 1 else 's'}",
            where=where,
            mend="each line below names its place and what would fit",
        )

    def __str__(self) -> str:
        return "\n".join(str(complaint) for complaint in self.complaints)


class SchemeNotFound(SchemeRefused):
    """No scheme of that name in the library, and no such file."""

    def __init__(self, name: str, *, known: tuple[str, ...], near: str | None) -> None:
        XinyongError.__init__(
            self,
            f"no scheme is called '{name}' and no such file exists",
            mend=(f"did you mean '{near}'? " if near else "")
            + f"the library has: {', '.join(known)}",
        )
        self.complaints = ()

    __str__ = XinyongError.__str__


class ScenarioRefused(SchemeRefused):
    """A scenario of the lab cannot be used; ``complaints`` holds every reason, with its place."""

    def __init__(self, complaints: tuple[ComplaintLike, ...], *, where: str = "") -> None:
        super().__init__(complaints, where=where)
        self.what = self.what.replace("the scheme", "the scenario")


class Named(Protocol):
    """A word of a closed set."""

    @property
    def name(self) -> str: ...


class FindingLike(Protocol):
    """What this floor knows of a :class:`~xinyong.charter.words.Finding`."""

    @property
    def severity(self) -> Named: ...
    @property
    def clause(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def mend(self) -> str: ...


class CharterRefused(XinyongError):
    """A scheme may not decide about people; ``findings`` holds all that clauses found."""

    def __init__(
        self,
        what: str,
        *,
        findings: tuple[FindingLike, ...],
        where: str = "",
        why: str = "",
        mend: str = "run 'xinyong charter' to see each finding with its place and its mend",
    ) -> None:
        self.findings = findings
        super().__init__(what, where=where, why=why, mend=mend)


class RealRecords(CharterRefused):
    """A scheme for the lab, or one that is refused, was given records that are not synthetic."""


class ExpressionRefused(XinyongError):
    """One expression cannot be read; ``code`` is the complaint's code, ``offset`` a character."""

    def __init__(self, what: str, *, code: str, offset: int = 0, mend: str = "") -> None:
        super().__init__(what, mend=mend)
        self.code, self.offset = code, offset


class IntakeRefused(XinyongError):
    """A file of events cannot be taken in; nothing was changed."""


class MappingRefused(IntakeRefused):
    """The mapping document that says how columns become events is wrong."""


class EventsRefused(XinyongError):
    """Events given to the engine do not fit the scheme."""


class ProofRefused(XinyongError):
    """A hash, signature, key or credential does not hold, or is not even well formed."""


class StoreRefused(XinyongError):
    """Something cannot be written to the store; nothing of it was written."""


class KeyTaken(StoreRefused):
    """The id of an act stands for another one that is on record."""


class NeedUnmet(StoreRefused):
    """What an act needs does not hold in the moment of writing; ``need`` names it."""

    def __init__(
        self, what: str, *, need: str, where: str = "", why: str = "", mend: str = ""
    ) -> None:
        super().__init__(what, where=where, why=why, mend=mend)
        self.need = need


class StoreStopped(StoreRefused):
    """The store acknowledges nothing: it is closed, or a write failed and it must be reopened."""


Step = Literal[
    "unfit",
    "no consent",
    "bundled",
    "unbounded",
    "not approved",
    "out of order",
    "same person",
    "too early",
    "too late",
    "disputed",
    "no ground",
    "no reasons",
    "another",
]
"""Why a step was refused. ``unfit``: data of the wrong form; ``another``: of another subject,
scheme, score or zone."""


class StepRefused(XinyongError):
    """A consent, decision, notice, dispute or listing cannot be made, or cannot take this step.

    ``code`` is a word for programs; the text names no value that was given.
    """

    def __init__(
        self, what: str, *, code: Step, where: str = "", why: str = "", mend: str = ""
    ) -> None:
        super().__init__(what, where=where, why=why, mend=mend)
        self.code: Step = code


class CodeRefused(XinyongError):
    """A code of an organisation is not well formed."""


class QuestionRefused(XinyongError):
    """What was asked cannot be answered: a wrong day, an unknown subject, an odd option."""


class BudgetSpent(QuestionRefused):
    """A published statistic would tell more about subjects than the budget of its scope leaves."""
