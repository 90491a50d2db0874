"""What falls due: a subject's calendar and letters, and the operator's calendar of everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import Query
from starlette.responses import Response

from xinyong.days import LAST_DAY
from xinyong.decisions.calendar import Dated, Entry, calendar
from xinyong.decisions.clocks import day_of
from xinyong.decisions.icalendar import icalendar
from xinyong.decisions.letters import letter
from xinyong.decisions.notice import Notice
from xinyong.decisions.told import Told as Letter
from xinyong.errors import QuestionRefused
from xinyong.service.asking import Asked, Asking
from xinyong.service.desk import Desk
from xinyong.service.forms import Handle, Language, Told
from xinyong.service.house import House
from xinyong.service.papers import papers_of
from xinyong.service.sharing import LIVE, shares_of

desk = Desk("", "calendar")

LONGEST: Final = 366
"""Days that are asked for at once."""
MEDIA: Final = "text/calendar; charset=utf-8"

_DATED: Final = ("decision", "listing", "dispute", "consent", "share")

First = Annotated[date | None, Query(description="The first day; today where none is given")]
Last = Annotated[date | None, Query(description="The last day, counted in")]


class CalendarText(Response):
    """A calendar as iCalendar text."""

    media_type = "text/calendar"


class DueTold(Told):
    """One day on which something ends or falls due; ``handle`` names the subject."""

    day: str
    what: str
    about: str
    id: str
    handle: str


class LetterTold(Told):
    """A letter: to whom, on which day, its facts, and its text in one language."""

    sequence: int
    to: str
    given: str
    letter: dict[str, Any]
    text: str


@desk.get(
    "/subjects/{who}/calendar",
    roles=("subject", "operator"),
    discloses=("calendar",),
    answers=list[DueTold],
)
async def subject_calendar(
    asked: Asked, who: Handle, first: First = None, last: Last = None
) -> Response:
    """All that ends or falls due for a subject between two days; a quarter from today on."""
    found = await asked.read(_mine, asked, first, last)
    return await asked.release([_told(one) for one in found], basis=_basis(asked))


@desk.get(
    "/subjects/{who}/calendar.ics",
    roles=("subject", "operator"),
    discloses=("calendar",),
    response_class=CalendarText,
)
async def subject_icalendar(
    asked: Asked, who: Handle, first: First = None, last: Last = None
) -> Response:
    """The same as iCalendar text (RFC 5545), for a calendar programme; it names only the handle."""
    found = await asked.read(_mine, asked, first, last)
    text = icalendar(found, made=asked.moment, name=asked.house.config.operator)
    return await asked.release(text.encode(), basis=_basis(asked), media=MEDIA)


def _mine(asked: Asking, first: date | None, last: date | None) -> list[Entry]:
    begin, end = _span(asked, first, last)
    return due(asked, asked.subject, asked.who, begin, end)


@desk.get("/calendar", roles=("operator",), discloses=("calendar",), answers=list[DueTold])
async def whole_calendar(asked: Asked, first: First = None, last: Last = None) -> Response:
    """All that ends or falls due for anybody between two days, in order."""
    begin, end = _span(asked, first, last)
    found, subjects = await to_thread.run_sync(_everybody, asked, begin, end)
    said = [_told(one) for one in found]
    return await asked.release_many(said, subjects, basis="law:duty to keep the clocks")


def _everybody(asked: Asking, first: date, last: date) -> tuple[list[Entry], set[str]]:
    store = asked.house.store
    whos = {one.who for name in _DATED for one in store.states(name, limit=10_000_000)} - {""}
    found: list[Entry] = []
    subjects: set[str] = set()
    for who in whos:
        subject = store.subject_of(who)
        mine = [] if subject is None else due(asked, subject, who, first, last)
        if subject is not None and mine:
            found += mine
            subjects.add(subject)
    return sorted(found, key=lambda e: (e.day, e.about, e.id, e.what, e.part or "")), subjects


def due(asked: Asking, subject: str, who: str, first: date, last: date) -> list[Entry]:
    """What ends or falls due for one subject; the entries name her handle, not her id."""
    house = asked.house
    papers = papers_of(house.store, subject)
    found = list(
        calendar(
            Dated(
                "UTC",
                decisions=papers.decisions.values(),
                listings=papers.listings.values(),
                disputes=papers.disputes.values(),
                shares=_shares(house, subject),
            ),
            first,
            last,
        )
    )
    for consent in asked.scorer.consents(subject):
        dated = Dated(_zone(house, consent.scheme), consents=(consent,))
        found += calendar(dated, first, last)
    mine = [replace(one, subject=who) for one in found]
    return sorted(mine, key=lambda e: (e.day, e.about, e.id, e.what, e.part or ""))


def _shares(house: House, subject: str) -> Iterable[Entry]:
    for share in shares_of(house.store, subject):
        if share["state"] == LIVE:
            yield Entry(
                day=day_of(share["until"], _zone(house, share["scheme"])),
                what="share ends",
                about="share",
                id=share["id"],
                subject=subject,
            )


def _zone(house: House, scheme: str) -> str:
    """The time zone of a scheme; UTC where it is run here no more."""
    served = house.schemes.get(scheme)
    return "UTC" if served is None else served.approved.scheme.timezone


def _span(asked: Asking, first: date | None, last: date | None) -> tuple[date, date]:
    today = min(one.today(asked.moment) for one in asked.house.schemes.values())
    begin = min(first or today, LAST_DAY)
    end = last or min(begin + timedelta(days=91), LAST_DAY)
    if not timedelta(0) <= end - begin < timedelta(days=LONGEST):
        raise QuestionRefused(
            f"a calendar is asked for from a day to a later one, {LONGEST} days at most",
            where="last",
            mend="give a nearer last day",
        )
    return begin, end


def _told(one: Entry) -> dict[str, Any]:
    said = one.to_json()
    said["handle"] = said.pop("subject")
    return said


@desk.get(
    "/subjects/{who}/letters",
    roles=("subject", "operator"),
    discloses=("letters",),
    answers=list[LetterTold],
)
async def letters(asked: Asked, who: Handle, language: Language = "en") -> Response:
    """All letters about a subject, to her and to others, oldest first, in one language."""
    found = await asked.read(_letters, asked, language)
    return await asked.release(found, basis=_basis(asked))


def _letters(asked: Asking, language: Language) -> list[dict[str, Any]]:
    found = []
    for act in asked.house.store.of(asked.subject, ("notice",)):
        body = act.body or {}
        facts: Notice | Letter
        if "notice" in body:
            facts, to = Notice.from_json(body["notice"]), "subject"
        else:
            facts = Letter.from_json(body["told"])
            to = facts.to
        said = {
            "sequence": act.seq,
            "to": to,
            "given": facts.given.isoformat(),
            "letter": facts.to_json(),
            "text": letter(facts, "zh-Hans" if language == "zh" else "en"),
        }
        found.append(said)
    return found


def _basis(asked: Asking) -> str:
    return "right of access" if asked.own else "law:duty to show letters and clocks"
