"""Decisions: made, looked at, taken step by step by persons, told in a letter."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.responses import Response

from xinyong.charter.words import Place
from xinyong.decisions.decision import Decision
from xinyong.decisions.letters import letter
from xinyong.decisions.notice import write_notice
from xinyong.decisions.permission import purpose_of
from xinyong.engine.what_if import what_would_change
from xinyong.errors import StepRefused
from xinyong.records.store import Act, Unchanged
from xinyong.service.asking import Asked, Asking
from xinyong.service.deciding import Terms, due_of, told
from xinyong.service.desk import Desk
from xinyong.service.forms import Form, Handle, Id, Language, Line, Text, Told
from xinyong.service.house import Served
from xinyong.service.papers import Papers, as_it_stood, decision_act, notice_act, papers_of
from xinyong.service.problems import Refused, not_here

desk = Desk("/subjects/{who}/decisions", "decisions")

_FIELDS = ("score", "band", "reasons", "consequences")


class DecideForm(Form):
    """By which scheme, where, and how the records were found to be this subject's."""

    scheme: Id
    place: Literal["eu", "cn", "us"] | None = None
    matched: Literal["strong identifier", "person decided"] | None = None


class StepForm(Form):
    """A step of a person: ``person`` is who takes it, ``note`` the grounds."""

    step: Literal["preview", "confirm", "second", "drop", "notice", "end"]
    person: Line
    note: Text | None = None
    without: Annotated[list[Id], Field(max_length=100)] = []


class DecisionTold(Told):
    """A decision with its score, reasons, what follows, and the letter once it is given."""

    id: str
    state: str
    score: int
    band: str
    reasons: list[dict[str, Any]]
    follows: list[dict[str, Any]]
    left_out: list[dict[str, Any]]
    in_force: list[str]


class LetterTold(Told):
    """The letter: its facts and its text in one language."""

    notice: dict[str, Any]
    language: str
    text: str


@desk.post("", roles=("operator",), discloses=_FIELDS, answers=DecisionTold, status=201)
async def make_decision(asked: Asked, who: Handle, form: DecideForm) -> Response:
    """Decide about a subject: score, reasons, what follows.

    Benefits are in effect at once and their letter is written with them. Burdens are proposed:
    persons look at them, confirm them, and give the letter, before anything begins.
    """
    served = asked.house.served(form.scheme)

    place: Place = form.place or served.approved.places[0]
    terms = Terms(place, asked.caller.name, form.matched)

    async def attempt(remembered: bool) -> Response:
        question = (served, asked.subject, asked.moment, terms)
        made = asked.decider.remembered(*question) if remembered else None
        if made is None:
            made = await asked.read(asked.decider.decide, *question)
        consents = made.scored.permission.consents
        return await asked.release(
            made.answer,
            basis=f"consent:{','.join(consents)}",
            purpose=purpose_of(served.approved.scheme),
            acts=made.acts,
            needs=made.scored.needs,
            blocks=made.scored.blocks,
            status=201,
        )

    return await asked.settled(attempt)


@desk.get("", roles=("subject", "operator"), discloses=_FIELDS, answers=list[DecisionTold])
async def decisions(asked: Asked, who: Handle) -> Response:
    """All decisions about a subject as they stand, the newest last."""
    papers = await asked.read(papers_of, asked.house.store, asked.subject)
    away = papers.disputed(asked.moment)
    said = [told(one, asked.moment, away, papers) for one in papers.decisions.values()]
    return await asked.release(said, basis=_basis(asked))


@desk.get("/{decision}", roles=("subject", "operator"), discloses=_FIELDS, answers=DecisionTold)
async def decision(asked: Asked, who: Handle, decision: Id) -> Response:
    """One decision as it stands; what is in force is worked out for this moment."""
    papers = await asked.read(papers_of, asked.house.store, asked.subject)
    made = _of(papers, decision)
    said = told(made, asked.moment, papers.disputed(asked.moment), papers)
    return await asked.release(said, basis=_basis(asked))


@desk.post("/{decision}/steps", roles=("operator",), discloses=_FIELDS, answers=DecisionTold)
async def step_decision(asked: Asked, who: Handle, decision: Id, form: StepForm) -> Response:
    """A person takes the next step: look, confirm, agree as second, drop, give the letter, end.

    Two steps at once do not both count: the second is refused and looks again.
    """
    before, after, acts = await asked.read(_step, asked, decision, form)
    needs: list[Any] = [as_it_stood("decision", decision, before.state)]
    if form.step in ("confirm", "second", "notice"):
        head = asked.house.store.head(asked.subject)
        needs.append(Unchanged(asked.subject, 0 if head is None else head[0] + 1))
    return await asked.release(
        told(after, asked.moment),
        basis="law:duty of a person to look at a decision",
        acts=acts,
        needs=needs,
    )


def _step(asked: Asking, decision: str, form: StepForm) -> tuple[Decision, Decision, list[Act]]:
    papers = papers_of(asked.house.store, asked.subject)
    made = _of(papers, decision)
    if form.step not in ("drop", "end"):  # what a scheme brought can be ended after it
        asked.house.served(made.scheme)
    away = papers.disputed(asked.moment)
    given: dict[str, Any] = {"by": form.person, "at": asked.moment}
    agreed: dict[str, Any] = {"disputed": away, "consents": asked.scorer.consents(asked.subject)}
    if form.step in ("confirm", "second", "drop", "end") and form.note is None:
        raise Refused(
            422, "no-grounds", "a step is taken with grounds", where="note", mend="say why"
        )
    if form.step == "preview":
        after = made.preview(**given)
    elif form.step == "confirm":
        after = made.confirm(**given, **agreed, note=form.note or "", without=form.without)
    elif form.step == "second":
        after = made.second(**given, **agreed, note=form.note or "")
    elif form.step == "drop":
        after = made.drop(**given, note=form.note or "")
    elif form.step == "end":
        after = made.end(**given, note=form.note or "", only=form.without or None)
    else:
        served = asked.house.served(made.scheme)
        notice = write_notice(
            made,
            served.approved.scheme,
            id=secrets.token_hex(16),
            given=served.today(asked.moment),
            changes=_changes(asked, served, made),
        )
        after = made.noticed(notice.id, **given, **agreed)
        return made, after, [decision_act(after), notice_act(notice)]
    return made, after, [decision_act(after, due=due_of(after))]


def _changes(asked: Asking, served: Served, made: Decision) -> tuple[Any, ...]:
    """What would change the score that was decided on, by the events that were used."""
    standing = asked.house.store.standing(asked.subject, upto=made.key.sequence)
    used = set(made.used)
    events = [event for event in standing.fitting(served.shape) if event.id in used]
    return tuple(
        what_would_change(
            served.approved.scheme,
            events,
            subject=made.subject,
            day=made.key.day,
            known_by=made.known_by,
        )
    )


@desk.get(
    "/{decision}/letter",
    roles=("subject", "operator"),
    discloses=("notice",),
    answers=LetterTold,
)
async def decision_letter(
    asked: Asked, who: Handle, decision: Id, language: Language = "en"
) -> Response:
    """The letter about a decision, in English or Chinese, from the same facts."""
    papers = await asked.read(papers_of, asked.house.store, asked.subject)
    _of(papers, decision)
    found = [one for one in papers.notices.values() if one.decision == decision]
    if not found:
        raise StepRefused(
            "no letter has been given yet",
            code="too early",
            where="decision",
            why="a burden begins only after its letter; this decision is still being looked at",
            mend="look at the decision's state",
        )
    notice = found[-1]
    text = letter(notice, "en")
    if language == "zh":
        served = asked.house.schemes.get(notice.scheme)
        text = letter(notice, "zh-Hans", {} if served is None else served.chinese)
    said = {"notice": notice.to_json(), "language": language, "text": text}
    return await asked.release(said, basis=_basis(asked))


def _of(papers: Papers, decision: str) -> Decision:
    try:
        return papers.decisions[decision]
    except KeyError:
        raise not_here() from None


def _basis(asked: Asking) -> str:
    return "right of access" if asked.own else "law:duty to answer for decisions"
