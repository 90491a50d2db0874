"""A scheme read against every clause, for a place and a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from xinyong.charter.asked import Asked, Whole
from xinyong.charter.clause import Clause, Objection
from xinyong.charter.clauses import CLAUSES
from xinyong.charter.source import Source
from xinyong.charter.words import ELSEWHERE, PLACES, Basis, Finding, Place, Severity, State, Verdict
from xinyong.errors import QuestionRefused
from xinyong.scheme.binding import bind
from xinyong.scheme.model import Scheme
from xinyong.scheme.who import PEOPLE


class Placed(Protocol):
    """What knows where a path stands in a text: a reading of a scheme."""

    @property
    def file(self) -> str: ...
    def place(self, path: Sequence[str | int]) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class Report:
    """What came of reading one scheme against the clauses.

    ``findings`` stand worst first, then in file order. ``states`` says for every clause how it
    stands. ``digest`` is the scheme's.
    """

    scheme: str
    version: str
    digest: str
    use: str
    places: tuple[Place, ...]
    day: date
    verdict: Verdict
    findings: tuple[Finding, ...]
    states: Mapping[str, State]

    @property
    def refused(self) -> bool:
        """Whether the scheme cannot be approved."""
        return self.verdict in (Verdict.REFUSED, Verdict.LAB_ONLY, Verdict.UNKNOWN)


def read_places(text: str | Iterable[str]) -> tuple[Place, ...]:
    """Places from ``eu``, ``cn,us``, ``all`` or ``elsewhere``.

    ``elsewhere`` is where no law is known here: the charter's own rules alone are read. Raises
    QuestionRefused for a word unknown.
    """
    if not isinstance(text, str):
        words = list(text)
        if not words:
            return ()
    else:
        words = text.replace(",", " ").split()
    if words == ["all"]:
        return tuple(PLACES)
    if words == [ELSEWHERE]:
        return ()
    odd = [word for word in words if word not in PLACES]
    if odd or not words:
        raise QuestionRefused(
            f"'{odd[0][:40]}' is not a place whose law is read here"
            if odd
            else "no place is given",
            where="place",
            why="a clause binds in a place, on a day",
            mend=f"give {', '.join(PLACES)}, several with commas, all, or {ELSEWHERE}",
        )
    return tuple(place for place in PLACES if place in words)


def home(scheme: Scheme) -> tuple[Place, ...]:
    """The places that a scheme's own ``jurisdiction`` names.

    A scheme that names none is read in all of them; one that names only places whose law is not
    known here, in none: the charter's own rules alone.
    """
    if not scheme.jurisdiction:
        return tuple(PLACES)
    return tuple(
        place for place in PLACES if any(_in_place(code, place) for code in scheme.jurisdiction)
    )


_UNION = frozenset(
    """EU AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES
    SE""".split()
)


def _in_place(code: str, place: Place) -> bool:
    country = code.partition("-")[0].upper()
    return country in _UNION if place == "eu" else country == place.upper()


def check(
    scheme: Scheme,
    place: str | Iterable[str],
    day: date,
    *,
    text: Placed | None = None,
    clauses: Sequence[Clause] = CLAUSES,
) -> Report:
    """Read a scheme against the clauses for a place (``eu``, ``cn``, ``us``, ``all``) and a day.

    ``text`` gives findings their lines and columns. Raises SchemeRefused where names do not
    resolve, QuestionRefused for a place that is not known.
    """
    places = read_places(place)
    whole = Whole(bind(scheme))
    findings: list[Finding] = []
    states: dict[str, State] = {}
    for one in clauses:
        law = binding(one, scheme, places, day)
        if one.people and scheme.subjects not in PEOPLE:
            states[one.id] = State.NO_OBJECTION
            continue
        if not law and not one.everywhere:
            states[one.id] = State.SILENT
            continue
        found = [
            _finding(one, law, objection, text)
            for objection in one.judge(Asked(whole, places, day, law))
        ]
        findings += found
        states[one.id] = _state(found)
    findings.sort(key=lambda f: (-f.severity, f.line, f.column, f.clause))
    return Report(
        scheme.scheme,
        scheme.version,
        scheme.digest,
        scheme.use,
        places,
        day,
        verdict(scheme, findings),
        tuple(findings),
        states,
    )


def binding(one: Clause, scheme: Scheme, places: Sequence[Place], day: date) -> tuple[Source, ...]:
    """Those sources of a clause that bind a scheme in some places on a day."""
    return tuple(
        source
        for source in one.sources
        if source.place in places
        and source.in_force(day)
        and (source.region is None or source.region in scheme.jurisdiction)
        and not (source.ai_system and scheme.ai_system is False)
        and not (source.people and scheme.subjects not in PEOPLE)
    )


def _state(found: Sequence[Finding]) -> State:
    if any(finding.state is State.OBJECTS for finding in found):
        return State.OBJECTS
    return State.UNKNOWN if found else State.NO_OBJECTION


def _finding(
    one: Clause, law: tuple[Source, ...], objection: Objection, text: Placed | None
) -> Finding:
    line, column = text.place(objection.path) if text is not None else (0, 0)
    return Finding(
        clause=one.id,
        severity=one.severity if objection.severity is None else objection.severity,
        basis=Basis.STATUTE if law else Basis.CHARTER,
        law=tuple(source.cite for source in law),
        path=objection.path,
        why=objection.why,
        mend=objection.mend,
        trail=objection.trail,
        state=objection.state,
        file=text.file if text is not None else "",
        line=line,
        column=column,
    )


def verdict(scheme: Scheme, findings: Iterable[Finding]) -> Verdict:
    """The verdict that findings lead to; the worst one decides."""
    found = list(findings)
    worst = max((finding.severity for finding in found), default=Severity.INFO)
    if scheme.use == "lab" or worst is Severity.FORBID:
        return Verdict.LAB_ONLY
    stopping = [finding for finding in found if finding.severity is Severity.ERROR]
    if any(finding.state is State.OBJECTS for finding in stopping):
        return Verdict.REFUSED
    if stopping:
        return Verdict.UNKNOWN
    return Verdict.WARNED if worst is Severity.WARN else Verdict.NO_OBJECTION
