"""Lists: a person enters a subject, with all that this takes; the ways off; what is published."""

from __future__ import annotations

import builtins
import secrets
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from anyio import to_thread
from pydantic import Field
from starlette.responses import Response

from xinyong.decisions.clocks import day_of
from xinyong.decisions.entering import enter
from xinyong.decisions.listing import Hearing, Listing
from xinyong.decisions.told import Kind
from xinyong.errors import QuestionRefused
from xinyong.records.store import Act
from xinyong.service.asking import Asked, Asking
from xinyong.service.desk import Desk
from xinyong.service.entering import letters, published, remember, word_of
from xinyong.service.forms import DayText, Form, Handle, Id, Line, Text, Told
from xinyong.service.papers import as_it_stood, listing_act, papers_of
from xinyong.service.problems import not_here
from xinyong.service.routes.disputes import after
from xinyong.service.scoring import Scored, readable

desk = Desk("", "lists")

_FIELDS = ("listing",)
_PAPERS = ("dispute", "outcome", "listing", "delisting")


class HearingForm(Form):
    """The hearing before an entry: its day, who held it, whether she came, what was said."""

    day: DayText
    by: Line
    came: bool
    said: Text


class ListingForm(Form):
    """Into which list, on which written decision, with what a person has looked at.

    ``noticed`` is the day on which the subject was told, ``effective`` the first day. ``person``
    enters; ``second`` has looked too and agreed, which a public or grave list needs.
    ``exempt_checked`` repeats the scheme's exemptions, each found not to fit; ``able`` says
    that the subject was found able where the scheme tests it.
    """

    scheme: Id
    list: Id
    person: Line
    decided_in: Text
    noticed: DayText
    effective: DayText
    matched: Literal["strong identifier", "person decided"]
    exempt_checked: Annotated[builtins.list[Line], Field(max_length=50)] = []
    able: bool | None = None
    heard: HearingForm | None = None
    authority: Line | None = None
    second: Line | None = None


class RepairForm(Form):
    """What the subject did to make good."""

    said: Text


class AnswerForm(Form):
    """What a person found about a repair, and why."""

    person: Line
    granted: bool
    grounds: Text


class RemovalForm(Form):
    """Who takes an entry off, and why."""

    person: Line
    grounds: Text


class ListingTold(Told):
    """An entry in a list, its state worked out for this moment."""

    id: str
    list: str
    state: str
    noticed: str
    effective: str
    end: str


class PublicList(Told):
    """A list as its scheme publishes it."""

    scheme: str
    list: str
    title: str
    publish: str
    entries: builtins.list[dict[str, str]]


@desk.post(
    "/subjects/{who}/listings",
    roles=("operator",),
    discloses=_FIELDS,
    answers=ListingTold,
    status=201,
)
async def enter_listing(asked: Asked, who: Handle, form: ListingForm) -> Response:
    """Enter a subject in a list: by a person, on a score of today, after notice and hearing.

    The letter is written with it. Refused where the list's condition is not met without absence
    and disputed records, where nobody has looked, or where its days are too early.
    """

    async def attempt(_: bool) -> Response:
        made, found = await asked.read(_entered, asked, form)
        return await asked.release(
            told(made, asked.moment),
            basis=f"law:{made.law}",
            acts=(_act(made), *letters(asked.house, made, "listing announced", asked.moment)),
            needs=found.needs,
            blocks=found.blocks,
            status=201,
        )

    return await asked.settled(attempt)


def _entered(asked: Asking, form: ListingForm) -> tuple[Listing, Scored]:
    served = asked.house.served(form.scheme)
    approved = served.approved
    moment, subject = asked.moment, asked.subject
    found = asked.scorer.score(served, subject, served.today(moment), moment)
    standing = asked.house.store.standing(subject, upto=found.upto)
    papers = papers_of(asked.house.store, subject, _PAPERS)
    made = enter(
        approved,
        found.outcome,
        readable(served, standing, found.permission, disputed=True),
        asked.scorer.consents(subject),
        form.list,
        id=secrets.token_hex(16),
        moment=moment,
        place=approved.places[0],
        by=form.person,
        decided_in=form.decided_in,
        noticed=day(form.noticed, "noticed"),
        effective=day(form.effective, "effective"),
        matched=form.matched,
        disputed=standing.disputed | papers.disputed(moment),
        exempt_checked=form.exempt_checked,
        able=form.able,
        heard=_heard(form.heard, served.today(moment)),
        authority=form.authority,
        second=form.second,
        earlier=papers.listings.values(),
    )
    return made, found


def _heard(form: HearingForm | None, today: date) -> Hearing | None:
    """The hearing; it has been, or there was none."""
    if form is None:
        return None
    held = day(form.day, "heard.day")
    if held > today:
        raise QuestionRefused(
            "this hearing is still to come",
            where="heard.day",
            why="what was said there cannot be known yet",
            mend="enter the subject after the hearing",
        )
    return Hearing(day=held, by=form.by, came=form.came, said=form.said)


def day(text: str, place: str) -> date:
    """A day of the calendar; QuestionRefused names the field."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise QuestionRefused("this is no day of the calendar", where=place) from None


@desk.get(
    "/subjects/{who}/listings",
    roles=("subject", "operator"),
    discloses=_FIELDS,
    answers=list[ListingTold],
)
async def subject_listings(asked: Asked, who: Handle) -> Response:
    """All entries of a subject, past ones among them."""
    papers = await asked.read(papers_of, asked.house.store, asked.subject, _PAPERS)
    away = papers.disputed(asked.moment)
    said = [told(one, asked.moment, away) for one in papers.listings.values()]
    return await asked.release(said, basis=_basis(asked))


@desk.post(
    "/subjects/{who}/listings/{listing}/repair",
    roles=("subject", "operator"),
    discloses=_FIELDS,
    answers=ListingTold,
)
async def ask_repair(asked: Asked, who: Handle, listing: Id, form: RepairForm) -> Response:
    """The subject asks to be taken off, having made good. Without an answer in time it is over."""
    return await _step(
        asked, listing, lambda one, today: one.ask_repair(today, form.said), "repair asked"
    )


@desk.post(
    "/subjects/{who}/listings/{listing}/answer",
    roles=("operator",),
    discloses=_FIELDS,
    answers=ListingTold,
)
async def answer_repair(asked: Asked, who: Handle, listing: Id, form: AnswerForm) -> Response:
    """A person finds that the subject has made good, or not, with grounds."""

    def answered(one: Listing, today: date) -> Listing:
        return one.answer_repair(today, by=form.person, grounds=form.grounds, granted=form.granted)

    kind: Kind = "listing removed" if form.granted else "repair refused"
    return await _step(asked, listing, answered, kind)


@desk.post(
    "/subjects/{who}/listings/{listing}/removal",
    roles=("operator",),
    discloses=_FIELDS,
    answers=ListingTold,
)
async def remove_listing(asked: Asked, who: Handle, listing: Id, form: RemovalForm) -> Response:
    """Take an entry off because its ground is gone; partners who were told of her are told."""
    return await _step(
        asked,
        listing,
        lambda one, today: one.removed(today, by=form.person, grounds=form.grounds),
        "listing removed",
    )


@desk.post(
    "/subjects/{who}/listings/{listing}/wrong",
    roles=("operator",),
    discloses=_FIELDS,
    answers=ListingTold,
)
async def find_wrong(asked: Asked, who: Handle, listing: Id, form: RemovalForm) -> Response:
    """An entry should never have been: it is void from its first day. Who was told is told so."""
    return await _step(
        asked,
        listing,
        lambda one, today: one.found_wrong(today, by=form.person, grounds=form.grounds),
        "listing void",
    )


async def _step(
    asked: Asking, listing: str, step: Callable[[Listing, date], Listing], kind: Kind
) -> Response:
    papers = await asked.read(papers_of, asked.house.store, asked.subject, _PAPERS)
    before = papers.listings.get(listing)
    if before is None:
        raise not_here()
    made = step(before, day_of(asked.moment, before.zone))
    acts = [_act(made), *await asked.read(letters, asked.house, made, kind, asked.moment)]
    return await asked.release(
        told(made, asked.moment, papers.disputed(asked.moment)),
        basis=_basis(asked),
        acts=acts,
        needs=(as_it_stood("listing", listing, word_of(before)),),
    )


def _act(made: Listing) -> Act:
    """The entry of a step; due is when a repair is over, or the listing itself."""
    last = made.end if made.repair is None or made.repair.refused else made.repair.due
    return listing_act(made, word_of(made), due=after(last, made.zone))


@desk.get("/lists/{scheme}/{name}", discloses=("published listing",), answers=PublicList)
async def public_list(asked: Asked, scheme: Id, name: Id) -> Response:
    """A list as its scheme publishes it, worked out for this moment.

    Only the fields that the scheme publishes, of entries that are in force and not disputed; of a
    list that is not for everyone, nothing. That it can be read is recorded for each subject once
    a day, before it is shown.
    """
    served = asked.house.served(scheme)
    entries, acts = await to_thread.run_sync(published, asked.house, served, name, asked.moment)
    spec = served.approved.scheme.lists[name]
    said = {
        "scheme": scheme,
        "list": name,
        "title": " ".join(spec.title.split()),
        "publish": spec.publish,
        "entries": entries,
    }
    answer = await asked.release_many(said, (), basis="published", acts=acts)
    remember(asked.house, acts)
    return answer


def _basis(asked: Asking) -> str:
    return "right of access" if asked.own else "law:duty to answer for lists"


def told(made: Listing, moment: int, away: frozenset[str] = frozenset()) -> dict[str, Any]:
    """An entry as an answer: its state worked out for this moment."""
    said = made.to_json()
    said.pop("subject")
    return {**said, "state": made.state(moment, disputed=away)}
