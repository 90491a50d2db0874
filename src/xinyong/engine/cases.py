"""A scheme's worked cases: from what is written to events, and whether it comes out so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xinyong.engine import plain
from xinyong.engine.case_events import SUBJECT, case_events, case_known_by, raw_value
from xinyong.engine.coverage import Coverage, Item, coverage
from xinyong.engine.score import Outcome
from xinyong.errors import EventsRefused, QuestionRefused
from xinyong.records.event import Event
from xinyong.scheme.binding import bind
from xinyong.scheme.complaints import did_you_mean
from xinyong.scheme.expressions import format_value
from xinyong.scheme.model import Case, Scheme


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a case came out; ``outcome`` is None where its events could not be used."""

    name: str
    passed: bool
    differences: tuple[str, ...]
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class CaseReport:
    """All cases of a scheme."""

    scheme: str
    results: tuple[CaseResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every case came out as it says."""
        return all(result.passed for result in self.results)

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that did not."""
        return tuple(result for result in self.results if not result.passed)


def run_cases(scheme: Scheme, cases: Iterable[Case]) -> CaseReport:
    """Run worked cases; raises SchemeRefused where the scheme does not bind."""
    bind(scheme)
    return CaseReport(scheme.scheme, tuple(run_case(scheme, case) for case in cases))


def run_case(scheme: Scheme, case: Case) -> CaseResult:
    """Score a case's events and hold what comes out against what it says."""
    try:
        events = case_events(scheme, case)
        known_by = case_known_by(scheme, case)
        outcome = plain.score(scheme, events, subject=SUBJECT, day=case.day, known_by=known_by)
        differences = [*_of_outcome(case, outcome), *_of_variables(scheme, case, events, known_by)]
        if "next_change" in case.expect.model_fields_set:
            found = plain.next_change(
                scheme, events, subject=SUBJECT, day=case.day, known_by=known_by
            )
            differences += _compare("the next change", case.expect.next_change, found)
    except (EventsRefused, QuestionRefused) as error:
        return CaseResult(case.name, False, (str(error),), None)
    return CaseResult(case.name, not differences, tuple(differences), outcome)


# ------------------------------------------------------------------ what differs


def _of_outcome(case: Case, outcome: Outcome) -> list[str]:
    expect, found = case.expect, []
    if expect.score is not None:
        found += _compare("the score", expect.score, outcome.score)
    if expect.band is not None:
        found += _compare("the band", expect.band, outcome.band)
    for rule, points in (expect.points or {}).items():
        found += _compare(f"points of {rule}", points, outcome.points.get(rule))
    for name, state in (expect.lists or {}).items():
        found += _compare(f"the list '{name}'", state, outcome.lists.get(name))
    if expect.consequences is not None:
        found += _compare(
            "consequences", _joined(expect.consequences), _joined(outcome.consequences)
        )
    if expect.reasons is not None:
        rules = [reason.rule for reason in outcome.reasons]
        found += _compare("reasons", _joined(expect.reasons), _joined(rules))
    return found


def _joined(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"


def _compare(what: str, wanted: object, found: object) -> list[str]:
    if wanted == found:
        return []
    return [f"{what}: {_said(wanted)} expected, {_said(found)} came out"]


def _said(value: object) -> str:
    return "nothing" if value is None else str(value)


def _of_variables(
    scheme: Scheme, case: Case, events: Sequence[Event], known_by: int | None
) -> list[str]:
    wanted = case.expect.variables or {}
    known = bind(scheme).variables
    found = [
        f"variable '{name}': the scheme has none of that name; {did_you_mean(name, known)}"
        for name in wanted
        if name not in known
    ]
    names = [name for name in wanted if name in known]
    values = plain.variables(
        scheme, events, subject=SUBJECT, day=case.day, known_by=known_by, names=names
    )
    for name in names:
        kind = known[name].kind
        try:
            value = raw_value(kind, wanted[name])
        except ValueError as error:
            found.append(f"variable '{name}': {error}")
            continue
        if value != values[name]:
            said = [format_value(item, kind) for item in (value, values[name])]
            found.append(f"variable '{name}': {said[0]} expected, {said[1]} came out")
    return found


__all__ = [
    "CaseReport",
    "CaseResult",
    "Coverage",
    "Item",
    "case_events",
    "coverage",
    "run_case",
    "run_cases",
]
