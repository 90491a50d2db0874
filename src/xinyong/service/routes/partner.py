"""Partners: asking for the band of somebody who shares it, and learning of corrections."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Final

from pydantic import Field
from starlette.responses import Response

from xinyong.decisions.letters import letter
from xinyong.decisions.told import Told as Letter
from xinyong.errors import NeedUnmet, StepRefused
from xinyong.records.store import Act, Need, Parcel, State
from xinyong.service import alarms as alarm_book
from xinyong.service import sharing
from xinyong.service.asking import Asked, Asking, plain
from xinyong.service.correcting import LETTER
from xinyong.service.desk import Desk
from xinyong.service.forms import Form, Id, Language, Line, Text, Told
from xinyong.service.papers import as_it_stood
from xinyong.service.problems import Refused, not_here
from xinyong.service.routes.shares import consent_for, covers
from xinyong.service.scoring import CONSENT, GIVEN, Scored

desk = Desk("", "partners")

STEP: Final = 0.05
"""A question that finds nothing is answered after a multiple of so many seconds, whatever the
reason."""


class QueryForm(Form):
    """``reference`` is this partner's own name for a subject, as the share gave it."""

    reference: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    scheme: Id
    purpose: Line


class QueryTold(Told):
    """The band of today; nothing else is passed on."""

    band: str
    scheme: str
    day: str


class PartnerLetter(Told):
    """A letter to this partner: what it was given about a reference no longer holds."""

    sequence: int
    letter: dict[str, Any]
    text: str


class AlarmTold(Told):
    """An alarm: which partner, when, why, and whether somebody has looked."""

    alarm: str
    partner: str
    state: str
    why: str


class AlarmForm(Form):
    """Who looked at an alarm, and what came of it."""

    alarm: Id
    person: Line
    note: Text


@desk.post(
    "/partner/queries",
    roles=("partner",),
    discloses=("band",),
    answers=QueryTold,
    refuses=(404, 429),
)
async def partner_query(asked: Asked, form: QueryForm) -> Response:
    """The band of somebody who shares it with this partner for this purpose, now.

    A reference that nobody has, one of another partner's, and somebody who shares nothing (any
    more) are answered alike. So many different people a day, and no more.
    """
    started = time.monotonic()
    try:
        return await asked.settled(lambda _: _answered(asked, form))
    except Refused as refusal:
        if refusal.status == 404:
            refusal = await alarm_book.missed(asked)
        await asyncio.sleep(STEP - (time.monotonic() - started) % STEP)
        raise refusal from None


async def _answered(asked: Asking, form: QueryForm) -> Response:
    found, share, consent = await asked.read(_found, asked, form)
    said = {
        "band": found.outcome.band,
        "scheme": form.scheme,
        "day": found.outcome.day.isoformat(),
    }
    seen, most = asked.seen_today(asked.house.config.limits.partner_subjects_a_day)
    body = {"partner": asked.caller.name, "answered": said, "under": share}
    needs = (
        *found.needs,
        Need(sharing.SHARE, share, frozenset({sharing.LIVE}), running=True),
        Need(CONSENT, consent, GIVEN, running=True),
        most,
    )
    try:
        return await asked.release(
            said,
            basis=f"consent:{consent}",
            purpose=form.purpose,
            acts=(Act("share", asked.subject, body, states=(seen,)),),
            needs=needs,
            blocks=found.blocks,
        )
    except NeedUnmet as error:
        if error.need in (CONSENT, sharing.SHARE, "keys"):
            raise not_here() from None
        if error.need == "seen":
            raise alarm_book.wait_until_tomorrow(asked.moment) from None
        raise


def _found(asked: Asking, form: QueryForm) -> tuple[Scored, str, str]:
    """The score, and the ids of the share and the consent by which its band is passed on."""
    store = asked.house.store
    known = store.states(sharing.REFERENCE, item=form.reference, group=asked.caller.name)
    asked.who = known[0].who if known else ""
    if not alarm_book.quiet(asked, asked.who):
        raise alarm_book.wait_until_tomorrow(asked.moment)
    if not known or form.scheme not in asked.house.schemes:
        raise not_here()
    consent = consent_for(asked, form.scheme, asked.caller.name, form.purpose)
    if consent is None:
        raise not_here()
    share = sharing.in_force(store, asked.subject, consent.id, asked.moment)
    if share is None:
        raise not_here()
    served = asked.house.served(form.scheme)
    try:
        found = asked.scorer.score(served, asked.subject, served.today(asked.moment), asked.moment)
    except StepRefused:
        raise not_here() from None
    if not covers(consent, found.permission.data_sets):
        raise not_here()
    return found, share, consent.id


@desk.get(
    "/partner/notices",
    roles=("partner",),
    discloses=("notice",),
    answers=list[PartnerLetter],
)
async def partner_notices(
    asked: Asked, after: Annotated[int, Field(ge=-1)] = -1, language: Language = "en"
) -> Response:
    """Letters to this partner: what it was given under a reference no longer holds.

    ``after`` is the highest ``sequence`` it has seen. At most 500 at a time.
    """
    found, subjects = await asked.read(_letters, asked, after, language)
    return await asked.release_many(found, subjects, basis="law:duty to tell of corrections")


def _letters(
    asked: Asking, after: int, language: Language
) -> tuple[list[dict[str, Any]], set[str]]:
    store, mine = asked.house.store, asked.caller.name
    states = sorted(store.states(LETTER, group=mine, limit=100_000), key=lambda one: one.seq)
    found: list[dict[str, Any]] = []
    subjects: set[str] = set()
    for state in [one for one in states if one.seq > after][:500]:
        act = store.entry(state.seq)
        if act is None or act.body is None or act.subject is None:
            continue
        told = Letter.from_json(act.body["told"])
        text = letter(told, "zh-Hans" if language == "zh" else "en")
        found.append({"sequence": act.seq, "letter": told.to_json(), "text": text})
        subjects.add(act.subject)
    return found, subjects


@desk.get("/alarms", roles=("operator", "auditor"), answers=list[AlarmTold])
async def open_alarms(asked: Asked) -> Response:
    """Partners who asked about much that is not theirs; closed alarms among them."""
    return plain(await asked.read(alarm_book.alarms, asked.house.store))


@desk.post("/alarms/closed", roles=("operator",), answers=AlarmTold, refuses=(404,))
async def close_alarm(asked: Asked, form: AlarmForm) -> Response:
    """A person has looked at an alarm and says what came of it."""
    store = asked.house.store
    known = store.states(alarm_book.ALARM, item=form.alarm)
    if not known:
        raise not_here()
    body = {"alarm": form.alarm, "closed_by": form.person, "note": form.note}
    states = State(alarm_book.ALARM, form.alarm, alarm_book.CLOSED, None, known[0].group)
    need = as_it_stood(alarm_book.ALARM, form.alarm, alarm_book.OPEN)
    act = Act("flag", None, body, states=(states,))
    await asked.append(Parcel((act,), (need,)))
    return plain(next(one for one in alarm_book.alarms(store) if one["alarm"] == form.alarm))
