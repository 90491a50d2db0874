"""From an approved scheme, a score and consents to a decision. Nothing else makes one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from xinyong.charter.approval import ApprovedScheme
from xinyong.charter.words import Place
from xinyong.days import Term
from xinyong.decisions.clocks import (
    FRESH,
    REASONS,
    day_of,
    grace_of,
    grave,
    longest,
    notice_of,
)
from xinyong.decisions.consequence import Consequence
from xinyong.decisions.course import Step
from xinyong.decisions.decision import Decision, LeftOut, Matched, Said, ScoreKey, Why
from xinyong.decisions.ground import ground_of, reasons_used, seen_events
from xinyong.decisions.listing import Listing, listed
from xinyong.decisions.permission import Permission, must_read
from xinyong.engine.history import history
from xinyong.engine.score import Outcome
from xinyong.engine.subject import work_out
from xinyong.engine.worked import Working
from xinyong.errors import Step as Code
from xinyong.errors import StepRefused
from xinyong.records.consent import Consent
from xinyong.records.event import Event
from xinyong.records.written import fitting
from xinyong.scheme import model
from xinyong.scheme.binding import COVERAGE, ByDigest, bind

STRONG: tuple[Matched, ...] = ("strong identifier", "person decided")


@dataclass(frozen=True, slots=True)
class _Case:
    """What one decision is made from."""

    approved: ApprovedScheme
    work: Working
    all_of_it: Outcome
    nothing: tuple[Outcome, ...]
    moment: int
    place: Place
    matched: str | None
    listings: tuple[Listing, ...]
    disputed: frozenset[str]
    replaces: Decision | None

    @property
    def scheme(self) -> model.Scheme:
        return self.approved.scheme


@fitting
def decide(
    approved: ApprovedScheme,
    score: Outcome,
    events: Sequence[Event],
    consents: Iterable[Consent],
    *,
    id: str,
    sequence: int,
    moment: int,
    place: Place,
    by: str,
    matched: Matched | None,
    disputed: Collection[str],
    listings: Iterable[Listing] = (),
    grace: Term | None = None,
    replaces: Decision | None = None,
) -> Decision:
    """What follows from a score: benefits at once, burdens proposed to a person.

    ``events`` are those recorded about the subject by ledger ``sequence``, the disputed ones
    among them or not; the score must be that of the undisputed ones, and is worked out again.
    ``moment`` is now, in microseconds since 1970-01-01T00:00Z; ``by`` is who asks for the decision.
    ``matched`` says how the records were found to be this subject's; None or anything else brings
    no burden. ``grace`` may lengthen the scheme's. ``replaces`` is the decision that a correction
    puts this one beside.

    Raises CharterRefused where the law of the day objects, StepRefused where consent, events or
    score do not fit. A burden that may not be is left out, with the reason why.
    """
    approved = check_approval(approved, moment, place)
    seen = [event for event in events if event.subject == score.subject]
    permission = must_read(approved.scheme, consents, seen, subject=score.subject, moment=moment)
    if replaces is not None and replaces.subject != score.subject:
        raise _refused("it replaces another subject's decision", "another", "give this subject's")
    work, everything, nothing = rescored(approved, score, seen, frozenset(disputed), moment)
    case = _Case(
        approved,
        work,
        everything,
        nothing,
        moment,
        place,
        matched,
        tuple(listings),
        frozenset(disputed),
        replaces,
    )
    return _decision(case, permission, id, sequence, by, _grace(approved.scheme, grace))


def check_approval(approved: ApprovedScheme, moment: int, place: Place) -> ApprovedScheme:
    """The approval for the place by the law of the day: the charter reads the scheme again.

    Raises CharterRefused where a clause objects by now, StepRefused (``not approved``) for another
    place, for a day on which the scheme is not in force, and for what is no approved scheme.
    """
    if type(approved) is not ApprovedScheme:
        raise _refused("this is no approved scheme", "not approved", "approve the scheme first")
    day = day_of(moment, approved.scheme.timezone)
    if approved.places and place not in approved.places:
        raise _refused("the scheme is not approved there", "not approved", "approve it for it")
    force = approved.scheme.in_force
    over = force.until is not None and day > force.until
    if day < approved.day or day < force.since or over:
        raise _refused("the scheme is not in force on this day", "not approved", "use one that is")
    return _approved_on(ByDigest(approved.scheme), approved.places, day)


@lru_cache(maxsize=64)
def _approved_on(key: ByDigest, places: tuple[Place, ...], day: date) -> ApprovedScheme:
    return ApprovedScheme(key.scheme, places, day)


def _grace(scheme: model.Scheme, asked: Term | None) -> Term:
    least = grace_of(scheme)
    if asked is None:
        return least
    if asked.unit != least.unit or asked.length < least.length:
        raise _refused(
            "the grace is shorter than the scheme's, or in another unit",
            "too early",
            f"give {least} or more",
        )
    return asked


def rescored(
    approved: ApprovedScheme,
    score: Outcome,
    events: Sequence[Event],
    disputed: Collection[str],
    moment: int,
) -> tuple[Working, Outcome, tuple[Outcome, ...]]:
    """The score worked out again: of the undisputed events, of all of them, of nothing.

    *Nothing* is an empty history, and one of coverage events alone: that a source was asked and
    knew nothing is absence, too. Raises StepRefused where the score given is another one.
    """
    bound = bind(approved.scheme)
    seen = [event for event in events if event.subject == score.subject]

    def of(some: Sequence[Event]) -> Working:
        known = history(bound, some, subject=score.subject, day=score.day, known_by=score.known_by)
        return work_out(bound, known, score.day)

    undisputed = [event for event in seen if event.id not in disputed]
    # A store strikes a disputed record for as long as it is disputed; here it is looked at.
    whole = [replace(event, struck_at=None) if event.id in disputed else event for event in seen]
    work = of(undisputed)
    if work.outcome != score:
        raise _refused(
            "the score is not that of these events", "another", "score the undisputed events again"
        )
    if score.known_by > moment or score.day > day_of(moment, approved.scheme.timezone):
        raise _refused("the score lies in the future", "too early", "score what is known by now")
    asked = [event for event in undisputed if event.kind == COVERAGE]
    nothing = (of(()).outcome, of(asked).outcome) if asked else (of(()).outcome,)
    return work, work.outcome if len(undisputed) == len(seen) else of(whole).outcome, nothing


def _decision(
    case: _Case, permission: Permission, id: str, sequence: int, by: str, grace: Term
) -> Decision:
    scheme, outcome, moment = case.scheme, case.work.outcome, case.moment
    follows, left_out = _follows(case)
    burdens = [one for one in follows if one.kind == "burden"]
    most = max(
        (_reasons(scheme, spec) for spec in scheme.consequences if spec.kind == "burden"),
        default=REASONS,
    )
    reasons = reasons_used(case.work, most)
    return Decision(
        id=id,
        subject=outcome.subject,
        scheme=scheme.scheme,
        version=scheme.version,
        title=" ".join(scheme.title.split()),
        place=case.place,
        zone=scheme.timezone,
        moment=moment,
        key=ScoreKey(
            scheme=scheme.digest, subject=outcome.subject, day=outcome.day, sequence=sequence
        ),
        clauses=case.approved.clauses_digest,
        code=case.approved.code_digest,
        score=outcome.score,
        band=outcome.band,
        known_by=outcome.known_by,
        matched=case.matched if case.matched in STRONG else None,
        reasons=tuple(Said(rule=one.rule, lost=one.lost, says=one.says) for one in reasons),
        used=seen_events(case.work),
        consents=permission.consents,
        grace=str(grace),
        notice_within=_tightest(case, burdens),
        follows=follows,
        left_out=left_out,
        steps=(Step(state="proposed" if burdens else "in effect", by=by, at=moment),),
        replaces=None if case.replaces is None else case.replaces.id,
    )


def _reasons(scheme: model.Scheme, spec: model.Consequence) -> int:
    asked = notice_of(scheme, spec).reasons
    return REASONS if asked is None else max(asked, 1)


def _follows(case: _Case) -> tuple[tuple[Consequence, ...], tuple[LeftOut, ...]]:
    """Benefits from today on; burdens without days, those that may be; and those that may not."""
    specs = {spec.id: spec for spec in case.scheme.consequences}
    today = day_of(case.moment, case.scheme.timezone)
    follows: list[Consequence] = []
    left_out: list[LeftOut] = []
    together = case.scheme.burdens_together
    for name in case.work.outcome.consequences:
        if specs[name].kind == "benefit":
            follows.append(_consequence(case, specs[name], ()).begun(None, today))
            continue
        why, listings = _not_allowed(case, name)
        burdens = sum(one.kind == "burden" for one in follows)
        if why is None and together is not None and burdens >= together:
            why = "together"
        if why is None:
            follows.append(_consequence(case, specs[name], listings))
        else:
            left_out.append(LeftOut(consequence=name, why=why))
    return tuple(follows), tuple(left_out)


def _not_allowed(case: _Case, name: str) -> tuple[Why | None, tuple[Listing, ...]]:
    """Why a burden may not follow, or None; and the listings that it hangs on."""
    item = next(one for one in case.work.bound.consequences if one.id == name)
    ground = ground_of(case.work, item.when)
    here = listed(case.listings, case.work.outcome.subject, case.moment, disputed=case.disputed)
    mine = tuple(
        one for one in here if one.list in ground.lists and one.scheme == case.scheme.scheme
    )
    today = day_of(case.moment, case.scheme.timezone)
    if case.matched not in STRONG:
        return "match", ()
    if not ground.events or any(name in empty.consequences for empty in case.nothing):
        return "absence", ()
    if name not in case.all_of_it.consequences or set(ground.events) & case.disputed:
        return "dispute", ()
    if {one.list for one in mine} != set(ground.lists):
        return "listing", ()
    if case.replaces is not None:
        if name not in {one.id for one in case.replaces.burdens if one.ended is None}:
            return "new", ()
    elif today > FRESH.after(case.work.day):
        return "stale", ()
    return None, mine


def _consequence(
    case: _Case, spec: model.Consequence, listings: tuple[Listing, ...]
) -> Consequence:
    item = next(one for one in case.work.bound.consequences if one.id == spec.id)
    ground = ground_of(case.work, item.when)
    burden = spec.kind == "burden"
    solely = spec.automated == "solely" and spec.decided is None
    bounds = [one.end for one in listings]
    if burden:
        bounds.append(longest(case.scheme, case.approved.places).after(case.work.day))
        if case.replaces is not None:
            bounds += [
                one.end
                for one in case.replaces.burdens
                if one.id == spec.id and one.end is not None
            ]
    return Consequence(
        id=spec.id,
        kind=spec.kind,
        effect=spec.effect,
        context=spec.context,
        gravity=spec.gravity,
        ground=ground.says,
        ground_zh=ground.says_zh,
        held=ground.held,
        rests_on=ground.events if burden else (),
        listings=tuple(one.id for one in listings),
        by_person=burden and (grave(spec) or not solely),
        second_person=burden and grave(spec),
        decided=spec.decided,
        lasts=None if spec.lasts is None else str(spec.lasts),
        ends=spec.ends,
        latest=min(bounds, default=None),
    )


def _tightest(case: _Case, burdens: Sequence[Consequence]) -> tuple[str, ...]:
    """The times within which notice is promised, of the burdens that follow."""
    mine = {one.id for one in burdens}
    specs = [spec for spec in case.scheme.consequences if spec.id in mine]
    terms = [notice_of(case.scheme, spec).within for spec in specs]
    return tuple(dict.fromkeys(str(term) for term in terms if term is not None))


def _refused(what: str, code: Code, mend: str) -> StepRefused:
    return StepRefused(
        what,
        code=code,
        where="decide",
        why="only a score of these events, under an approved scheme, is decided on",
        mend=mend,
    )


__all__ = ["STRONG", "check_approval", "decide", "rescored"]
