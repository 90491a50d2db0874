"""Scores with reasons, and what would change them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from xinyong.decisions.permission import purpose_of
from xinyong.engine.what_if import Change, what_if, what_would_change
from xinyong.errors import QuestionRefused
from xinyong.records.store import Act
from xinyong.service.asking import Asked, Asking
from xinyong.service.desk import Desk
from xinyong.service.forms import DayText, Form, Handle, Id, Told
from xinyong.service.house import Served
from xinyong.service.scoring import told

desk = Desk("/subjects/{who}", "scores")


class ScoreForm(Form):
    """Which scheme, and on which day (default: today in the scheme's time zone)."""

    scheme: Id
    day: DayText | None = None


class WhatIfForm(ScoreForm):
    """What is supposed: variables with other values, events left out. Nothing: what would help."""

    set: Annotated[dict[Id, int | bool | str], Field(max_length=50)] = {}
    strike: Annotated[list[Id], Field(max_length=1000)] = []


class ScoreTold(Told):
    """A score: its parts add up to it."""

    score: int
    band: str
    start: int
    points: dict[str, int]
    reasons: list[dict[str, Any]]
    key: dict[str, Any]


class WhatIfTold(Told):
    """The score as it is, and otherwise; or what would change it."""

    before: dict[str, Any]
    after: dict[str, Any] | None
    changes: list[dict[str, Any]]


@desk.post(
    "/scores",
    roles=("subject", "operator"),
    discloses=("score", "band", "reasons"),
    answers=ScoreTold,
)
async def score_subject(asked: Asked, who: Handle, form: ScoreForm) -> Response:
    """Score a subject by what is on record and may be read now. The score is recorded."""
    served = asked.house.served(form.scheme)
    day = day_of(asked, served, form.day)

    async def attempt(remembered: bool) -> Response:
        question = (served, asked.subject, day, asked.moment)
        found = asked.scorer.remembered(*question) if remembered else None
        if found is None:
            found = await asked.read(asked.scorer.score, *question)
        answer, body = found.found.texts(served, found.permission)
        return await asked.release(
            answer,
            basis=f"consent:{','.join(found.permission.consents)}",
            purpose=purpose_of(served.approved.scheme),
            acts=(Act("score", asked.subject, body),),
            needs=found.needs,
            blocks=found.blocks,
        )

    return await asked.settled(attempt)


@desk.post(
    "/what-if",
    roles=("subject", "operator"),
    discloses=("score", "band", "reasons"),
    answers=WhatIfTold,
)
async def suppose(asked: Asked, who: Handle, form: WhatIfForm) -> Response:
    """The score if things were otherwise, or what would change it. None of it is a promise."""
    served = asked.house.served(form.scheme)
    day = day_of(asked, served, form.day)
    said, found = await asked.read(_supposed, asked, served, day, form)
    return await asked.release(
        said,
        basis=f"consent:{','.join(found.permission.consents)}",
        purpose=purpose_of(served.approved.scheme),
        needs=found.needs,
    )


def _supposed(asked: Asking, served: Served, day: date, form: WhatIfForm) -> tuple[Any, Any]:
    scheme = served.approved.scheme
    found = asked.scorer.score(served, asked.subject, day, asked.moment)
    events = asked.scorer.events(served, asked.subject, found.permission)
    given: dict[str, Any] = {
        "subject": asked.subject,
        "day": day,
        "known_by": found.outcome.known_by,
    }
    before = told(served, found.outcome, found.upto)
    if not (form.set or form.strike):
        changes = [_change(one) for one in what_would_change(scheme, events, **given)]
        return {"before": before, "after": None, "changes": changes}, found
    made = what_if(scheme, events, set=form.set, strike=form.strike, add=(), **given)
    after = told(served, made.after, found.upto)
    return {"before": before, "after": after, "changes": []}, found


def _change(change: Change) -> dict[str, Any]:
    return {
        "form": change.form,
        "rule": change.rule,
        "says": change.says,
        "gain": change.gain,
        "score": change.score,
        "band": change.band,
        "gained": list(change.gained),
        "lost": list(change.lost),
    }


def day_of(asked: Asking, served: Served, given: str | None) -> date:
    """The day asked about, today where none is given; a day to come is refused."""
    today = served.today(asked.moment)
    if given is None:
        return today
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise QuestionRefused("this is no day of the calendar", where="day") from None
    if day > today:
        raise QuestionRefused(
            "this day is still to come", where="day", mend="ask for today or an earlier day"
        )
    return day
