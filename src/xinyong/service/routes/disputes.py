"""Disputes: opened by the subject, handled by a named person, decided in time, with effect."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from anyio import to_thread
from pydantic import Field
from starlette.responses import Response

from xinyong.days import instant
from xinyong.decisions.clocks import day_of
from xinyong.decisions.dispute import Dispute, Evidence, Mended, open_dispute
from xinyong.decisions.told import Kind, of_dispute
from xinyong.records.store import Act, Parcel, Unchanged
from xinyong.service.asking import Asked, Asking
from xinyong.service.correcting import correction_acts, told_act, work_out
from xinyong.service.desk import Desk
from xinyong.service.forms import FieldValue, Form, Handle, Id, Line, Text, Told
from xinyong.service.house import House
from xinyong.service.papers import Papers, as_it_stood, dispute_act, papers_of
from xinyong.service.problems import Refused, not_here

desk = Desk("", "disputes")


class EvidenceForm(Form):
    """A paper: its name and SHA-256. Papers themselves are kept where they belong."""

    name: Line
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class DisputeForm(Form):
    """What is disputed, and why. ``target`` is the listing or decision it is about."""

    scheme: Id
    about: Literal["events", "listing", "decision"]
    events: Annotated[list[Id], Field(max_length=1000)] = []
    target: Id | None = None
    statement: Text
    evidence: Annotated[list[EvidenceForm], Field(max_length=50)] = []
    source: Line | None = None


class MendedForm(Form):
    """A field of an event as it should be; null means that it is not known."""

    event: Id
    field: Line
    value: FieldValue = None


class DisputeStepForm(Form):
    """A step of the named person who handles it; ``decide`` says what was found."""

    step: Literal["mark", "take", "tell", "extend", "decide"]
    person: Line
    grounds: Text | None = None
    found: Literal["corrected", "deleted", "kept"] | None = None
    fields: Annotated[list[MendedForm], Field(max_length=1000)] = []


class DisputeTold(Told):
    """A dispute as it stands: its clocks, steps and finding."""

    id: str
    state: str
    events: list[str]
    decide_due: str
    late: list[str]


@desk.post(
    "/subjects/{who}/disputes",
    roles=("subject", "operator"),
    discloses=("dispute",),
    answers=DisputeTold,
    status=201,
)
async def dispute_open(asked: Asked, who: Handle, form: DisputeForm) -> Response:
    """Object to records, a listing or a decision.

    From this answer on the records do not count, and what rests on them is stayed.
    """
    made, acts = await asked.read(_opened, asked, form)
    return await asked.release(told(made, asked.moment), basis=_basis(asked), acts=acts, status=201)


def _opened(asked: Asking, form: DisputeForm) -> tuple[Dispute, list[Act]]:
    served = asked.house.served(form.scheme)
    papers = papers_of(asked.house.store, asked.subject)
    standing = asked.house.store.standing(asked.subject)
    known = {event.id: event for event in standing.events}
    events = tuple(form.events)
    if form.about == "listing":
        listing = papers.listings.get(form.target or "")
        events = () if listing is None else listing.ground
    elif form.about == "decision":
        events = ()
    if not set(events) <= set(known) or (form.about != "events" and _missing(papers, form)):
        raise Refused(
            422,
            "unknown-records",
            "not all that is disputed is on record",
            where="events",
            mend="look at the subject's events, listings and decisions",
        )
    made = open_dispute(
        served.approved.scheme,
        id=secrets.token_hex(16),
        subject=asked.subject,
        about=form.about,
        events=events,
        target=form.target,
        statement=form.statement,
        source=form.source or _source([known[one].source for one in events]),
        at=asked.moment,
        place=served.approved.places[0],
        evidence=tuple(Evidence(name=one.name, sha256=one.sha256) for one in form.evidence),
        earlier=tuple(papers.disputes.values()),
    )
    return made, [
        dispute_act(made, made.state(asked.moment), due=_due(made)),
        *_letters(asked, made),
    ]


def _missing(papers: Papers, form: DisputeForm) -> bool:
    there = papers.listings if form.about == "listing" else papers.decisions
    return form.target not in there


def _source(sources: list[str]) -> str:
    """Who gave the records, where they name one."""
    return next((one for one in sources if one), "the operator")


def _letters(asked: Asking, made: Dispute, kind: Kind = "dispute opened") -> list[Act]:
    sender = asked.house.sender(made.scheme)
    letters = of_dispute(made, sender, kind, id=secrets.token_hex(8), at=asked.moment)
    return [told_act(one, made.subject) for one in letters]


def _due(made: Dispute) -> int:
    """The first moment after the last day on which it can be decided."""
    return after(made.last_day, made.zone)


def after(day: date, zone: str) -> int:
    """The first moment (microseconds UTC) after a local day."""
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return instant(end.astimezone(UTC))


@desk.get(
    "/subjects/{who}/disputes",
    roles=("subject", "operator"),
    discloses=("dispute",),
    answers=list[DisputeTold],
)
async def subject_disputes(asked: Asked, who: Handle) -> Response:
    """All disputes of a subject as they stand."""
    papers = await asked.read(papers_of, asked.house.store, asked.subject, ("dispute", "outcome"))
    said = [told(one, asked.moment) for one in papers.disputes.values()]
    return await asked.release(said, basis=_basis(asked))


@desk.get("/disputes", roles=("operator",), discloses=("dispute",), answers=list[DisputeTold])
async def open_disputes(asked: Asked, limit: Annotated[int, Field(ge=1, le=500)] = 100) -> Response:
    """Disputes that wait for somebody, the most urgent first."""
    found, subjects = await to_thread.run_sync(_waiting, asked.house, asked.moment, limit)
    return await asked.release_many(found, subjects, basis="law:duty to answer disputes")


def _waiting(house: House, moment: int, limit: int) -> tuple[list[dict[str, Any]], list[str]]:
    states = house.store.states(
        "dispute", values=("opened", "marked", "taken", "extended"), limit=limit
    )
    found, subjects = [], []
    for state in states:
        subject = house.store.subject_of(state.who)
        if subject is None:
            continue
        papers = papers_of(house.store, subject, ("dispute", "outcome"))
        if state.item in papers.disputes:
            found.append({**told(papers.disputes[state.item], moment), "handle": state.who})
            subjects.append(subject)
    return found, subjects


@desk.post(
    "/subjects/{who}/disputes/{dispute}/steps",
    roles=("operator",),
    discloses=("dispute",),
    answers=DisputeTold,
)
async def dispute_step(asked: Asked, who: Handle, dispute: Id, form: DisputeStepForm) -> Response:
    """The named person takes a step: mark, take, tell the source, extend, decide with grounds.

    A record that is corrected or deleted changes every past decision that used it: they are worked
    out again beside the old ones, and whoever was told of them is told again.
    """
    before, made, acts, since = await asked.read(_step, asked, dispute, form)
    needs = [as_it_stood("dispute", dispute, before.steps[-1].state)]
    if form.step == "decide":
        receipt = await asked.append(Parcel(tuple(acts), (*needs, Unchanged(asked.subject, since))))
        assert receipt.seqs
        await to_thread.run_sync(work_out, asked.house, asked.scorer, asked.subject)
        return await asked.release(told(made, asked.moment), basis=_basis(asked))
    return await asked.release(
        told(made, asked.moment), basis=_basis(asked), acts=acts, needs=needs
    )


def _step(
    asked: Asking, dispute: str, form: DisputeStepForm
) -> tuple[Dispute, Dispute, list[Act], int]:
    head = asked.house.store.head(asked.subject)
    papers = papers_of(asked.house.store, asked.subject)
    if dispute not in papers.disputes:
        raise not_here()
    before = papers.disputes[dispute]
    given: dict[str, Any] = {"by": form.person, "at": asked.moment}
    if form.step in ("extend", "decide") and form.grounds is None:
        raise Refused(422, "no-grounds", "it is done with grounds", where="grounds", mend="say why")
    more: list[Act] = []
    if form.step == "mark":
        made = before.mark(**given)
    elif form.step == "take":
        made = before.take(**given)
    elif form.step == "tell":
        made = before.tell_source(day_of(asked.moment, before.zone))
    elif form.step == "extend":
        made = before.extend(**given, grounds=form.grounds or "")
    elif form.found is None:
        raise Refused(
            422, "no-finding", "a decision says what was found", where="found", mend="say it"
        )
    else:
        fields = [Mended(event=f.event, field=f.field, value=f.value) for f in form.fields]
        made = before.decide(form.found, **given, grounds=form.grounds or "", fields=fields)
        more = correction_acts(asked.house, made, asked.moment, form.person)
        more += _letters(asked, made, "dispute decided")
    state = made.steps[-1].state
    act = dispute_act(made, state, due=_due(made))
    return before, made, [act, *more], 0 if head is None else head[0] + 1


@desk.post(
    "/subjects/{who}/disputes/{dispute}/withdrawal",
    roles=("subject",),
    discloses=("dispute",),
    answers=DisputeTold,
)
async def dispute_withdraw(asked: Asked, who: Handle, dispute: Id) -> Response:
    """Take a dispute back; the records count again."""
    papers = await asked.read(papers_of, asked.house.store, asked.subject, ("dispute", "outcome"))
    if dispute not in papers.disputes:
        raise not_here()
    before = papers.disputes[dispute]
    made = before.withdraw(at=asked.moment)
    return await asked.release(
        told(made, asked.moment),
        basis=_basis(asked),
        acts=(dispute_act(made, "withdrawn", due=None),),
        needs=(as_it_stood("dispute", dispute, before.steps[-1].state),),
    )


def _basis(asked: Asking) -> str:
    return "right of access" if asked.own else "law:duty to answer disputes"


def told(made: Dispute, moment: int) -> dict[str, Any]:
    """A dispute as an answer: its state and what is late, worked out for this moment."""
    said = made.to_json()
    said.pop("subject")
    return {**said, "state": made.state(moment), "late": list(made.late(moment))}
