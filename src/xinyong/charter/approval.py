"""Approval: the one way to a scheme that may decide about people.

:class:`ApprovedScheme` is a type: what decides about people takes nothing else. It can be made
only for a scheme to which no clause objects with an error, and it checks that itself, whoever
makes it. There is no argument, setting or environment that turns this off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from xinyong.charter.check import Placed, Report, check, read_places
from xinyong.charter.words import Finding, Place, Verdict, places_said
from xinyong.errors import CharterRefused
from xinyong.scheme.model import Scheme

_CHARTER = Path(__file__).resolve().parent
_PACKAGE = _CHARTER.parent


@lru_cache(maxsize=2)
def _digest_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def clauses_digest() -> str:
    """SHA-256 over the charter's source files, as 64 hexadecimal digits."""
    return _digest_of(_CHARTER)


def code_digest() -> str:
    """SHA-256 over all source files of the package, as 64 hexadecimal digits."""
    return _digest_of(_PACKAGE)


@dataclass(frozen=True)
class ApprovedScheme:
    """A scheme that the charter lets decide about people, in some places, from a day on.

    Making one reads the scheme against the clauses again and raises
    :class:`~xinyong.errors.CharterRefused` where they object; so it cannot exist for a refused
    scheme. ``clauses_digest`` and ``code_digest`` name what it was read by; a decision stores them
    with the scheme's own digest.
    """

    scheme: Scheme
    places: tuple[Place, ...]
    day: date
    report: Report = field(init=False, compare=False)
    clauses_digest: str = field(init=False)
    code_digest: str = field(init=False)

    def __post_init__(self) -> None:
        report = check(self.scheme, self.places, self.day)
        if report.refused:
            raise refusal(report)
        object.__setattr__(self, "places", report.places)
        object.__setattr__(self, "report", report)
        object.__setattr__(self, "clauses_digest", clauses_digest())
        object.__setattr__(self, "code_digest", code_digest())

    def __copy__(self) -> ApprovedScheme:
        return ApprovedScheme(self.scheme, self.places, self.day)

    def __deepcopy__(self, memo: object) -> ApprovedScheme:
        return ApprovedScheme(self.scheme, self.places, self.day)

    def __reduce__(self) -> tuple[type[ApprovedScheme], tuple[Scheme, tuple[Place, ...], date]]:
        return ApprovedScheme, (self.scheme, self.places, self.day)

    @property
    def digest(self) -> str:
        """The scheme's own digest."""
        return self.scheme.digest

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What a person should look at all the same."""
        return self.report.findings


def approve(
    scheme: Scheme, place: str | Iterable[str], day: date, *, text: Placed | None = None
) -> ApprovedScheme:
    """Let a scheme decide about people in a place from a day on, or refuse.

    Raises CharterRefused with every finding (lines and columns where ``text`` is given),
    SchemeRefused where names do not resolve, QuestionRefused for an unknown place.
    """
    places = read_places(place)
    if text is not None:
        report = check(scheme, places, day, text=text)
        if report.refused:
            raise refusal(report)
    return ApprovedScheme(scheme, places, day)


_WHY = {
    Verdict.REFUSED: "clauses object to it",
    Verdict.LAB_ONLY: "it is for the lab: it runs on people who do not exist",
    Verdict.UNKNOWN: "it does not say enough to be judged",
}


def refusal(report: Report) -> CharterRefused:
    """The error that says why a scheme is not approved."""
    return CharterRefused(
        f"the charter does not approve {report.scheme} {report.version}"
        f" for {places_said(report.places)} on {report.day}: {report.verdict}",
        findings=report.findings,
        why=_WHY[report.verdict],
    )
