"""The letter that goes with a decision: its facts. The words are in ``letters``.

A notice holds what was really used: the reasons, the values that the condition met, what follows
and from which day, and days for everything the subject can do. Both languages say the same facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from xinyong.charter.clocks import due
from xinyong.charter.words import Place
from xinyong.decisions.clocks import REASONS, appeal_of, dispute_of, notice_of
from xinyong.decisions.consequence import Consequence
from xinyong.decisions.decision import Decision, Said
from xinyong.decisions.permission import operator_of
from xinyong.decisions.told import contact_of
from xinyong.engine.what_if import Change
from xinyong.errors import StepRefused
from xinyong.records.written import STRICT, Day, Digest, Id, Line, Text, Written, ZoneName, fitting
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import bind
from xinyong.scheme.model import Scheme


@dataclass(frozen=True, config=STRICT)
class Way(Written):
    """A way to have a consequence looked at again: to whom, until which day."""

    consequence: Id
    to: Text
    until: Day


@dataclass(frozen=True, config=STRICT)
class Would(Written):
    """One thing that would change the result, and what would come of it.

    ``form`` is that of :class:`~xinyong.engine.what_if.Change`; ``title`` and ``value`` name what
    would have to be different, ``day`` is when time alone does it.
    """

    form: Literal["row", "event", "condition", "veto", "edge", "time"]
    says: Text
    score: int
    band: Id
    title: Text | None = None
    value: Text | None = None
    without: Id | None = None
    again: Id | None = None
    day: Day | None = None


@dataclass(frozen=True, config=STRICT)
class Notice(Written):
    """Everything that the letter about one decision says.

    ``given`` is the day it is given; ``answered_by`` the last day for the answer to an objection
    made on that day, ``marked_by`` for its mark. ``see`` and ``object_to`` say where, in words
    or as an address.
    """

    id: Id
    decision: Id
    subject: Id
    operator: Line
    contact: Text
    scheme: Id
    version: Line
    digest: Digest
    title: Line
    place: Place
    zone: ZoneName
    given: Day
    scored: Day
    score: int
    band: Id
    band_title: Text
    reasons: tuple[Said, ...]
    follows: tuple[Consequence, ...]
    see: Text
    object_to: Text
    answered_by: Day
    decided_by_person: bool
    statement: bool
    marked_by: Day | None = None
    shows: tuple[Line, ...] = ()
    copies: Annotated[int, Field(ge=0, le=366)] | None = None
    free: Text | None = None
    ways: tuple[Way, ...] = ()
    would: tuple[Would, ...] = ()
    repair: Text | None = None
    wrongful: Text | None = None
    replaces: Id | None = None

    @property
    def burdens(self) -> tuple[Consequence, ...]:
        """The burdens it announces."""
        return tuple(one for one in self.follows if one.kind == "burden")

    @property
    def benefits(self) -> tuple[Consequence, ...]:
        """The benefits it announces."""
        return tuple(one for one in self.follows if one.kind == "benefit")


@fitting
def write_notice(
    decision: Decision,
    scheme: Scheme,
    *,
    id: str,
    given: date,
    changes: Sequence[Change],
    see: str | None = None,
    object_to: str | None = None,
) -> Notice:
    """The notice of a decision, given on a day, with the days that count from it.

    ``changes`` are those of :func:`xinyong.engine.what_if.what_would_change` for the same score.
    Raises StepRefused where the scheme is another one, the notice would come too late, or a burden
    has no reason that could be named.
    """
    _check_decision(decision, scheme, given)
    reasons = decision.reasons[: _most(decision, scheme)]
    follows = decision.would_follow(given)
    burdens = [one for one in follows if one.kind == "burden"]
    if burdens and not reasons and not all(one.held for one in burdens):
        raise _refused("no reason can be named", "no reasons")
    if burdens and not changes and scheme.rights.counterfactual:
        raise _refused("nothing is said about what would change it", "no reasons")
    contact = contact_of(scheme)
    right, access = dispute_of(scheme), scheme.rights.access
    bands = {band.name: band.title or band.name for band in scheme.bands}
    return Notice(
        id=id,
        decision=decision.id,
        subject=decision.subject,
        operator=operator_of(scheme),
        contact=contact,
        scheme=decision.scheme,
        version=decision.version,
        digest=decision.key.scheme,
        title=decision.title,
        place=decision.place,
        zone=decision.zone,
        given=given,
        scored=decision.key.day,
        score=decision.score,
        band=decision.band,
        band_title=bands.get(decision.band, decision.band),
        reasons=reasons,
        follows=follows,
        see=see or contact,
        object_to=object_to or contact,
        answered_by=due(given, right.decide, decision.place),
        marked_by=None if right.mark is None else due(given, right.mark, decision.place),
        decided_by_person=any(step.state == "confirmed" for step in decision.steps),
        statement=scheme.rights.statement,
        shows=() if access is None else access.shows,
        copies=None if access is None else access.copies_per_year,
        free=None if access is None else access.free,
        ways=tuple(_ways(decision, scheme, burdens, given)),
        would=tuple(_would(scheme, change) for change in changes),
        repair=None if scheme.rights.repair is None else scheme.rights.repair.when,
        wrongful=scheme.rights.wrongful,
        replaces=decision.replaces,
    )


def _check_decision(decision: Decision, scheme: Scheme, given: date) -> None:
    if scheme.digest != decision.key.scheme:
        raise _refused("the decision was made by another scheme", "another")
    if decision.burdens and not decision.ready and decision.state != "in effect":
        raise _refused("the decision is not ready for its letter", "out of order")
    if any(one.noticed not in (None, given) for one in decision.burdens):
        raise _refused("the letter was given on another day", "another")
    if decision.ready and given > decision.notice_due:
        raise _refused("the notice would come too late", "too late")


def _most(decision: Decision, scheme: Scheme) -> int:
    """How many reasons the scheme asks for the burdens that follow; at least one."""
    mine = {one.id for one in decision.burdens}
    asked = [notice_of(scheme, spec).reasons for spec in scheme.consequences if spec.id in mine]
    return max((REASONS if one is None else max(one, 1) for one in asked), default=REASONS)


def _ways(
    decision: Decision, scheme: Scheme, burdens: Iterable[Consequence], given: date
) -> Iterable[Way]:
    specs = {spec.id: spec for spec in scheme.consequences}
    for one in burdens:
        appeal = appeal_of(scheme, specs[one.id])
        if appeal is not None:
            until = due(given, appeal.within, decision.place)
            yield Way(consequence=one.id, to=appeal.to, until=until)


def _would(scheme: Scheme, change: Change) -> Would:
    title = value = None
    variables = bind(scheme).variables
    for name, raw in change.assumed.items():
        title = variables[name].title
        value = ex.format_value(raw, variables[name].kind)
    return Would(
        form=change.form,
        says=change.says,
        score=change.score,
        band=change.band,
        title=title,
        value=value,
        without=change.without,
        again=change.again,
        day=change.day,
    )


def _refused(
    what: str, code: Literal["another", "out of order", "too late", "no reasons"]
) -> StepRefused:
    return StepRefused(
        what,
        code=code,
        where="Notice",
        why="a letter says what was really decided, why, and what can be done, by which day",
        mend="decide again, or give what is missing",
    )


__all__ = ["Notice", "Way", "Would", "write_notice"]
