"""Verbs about one subject: explain, what-if."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping as Dict
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xinyong.cli.given import (
    Day,
    Events,
    Json,
    KnownBy,
    Mapping,
    PlaceOption,
    SchemeName,
    Subject,
    examples,
    read_day,
    read_moment,
)
from xinyong.cli.output import as_json, note
from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    from xinyong.engine.score import Outcome
    from xinyong.face.scores import Alternatives

MOST_DIGITS = 30
"""Digits of a number in an event that is supposed; far beyond what a field takes."""


def add_to(app: typer.Typer) -> None:
    """Put the verbs of this module on the command line."""
    app.command(
        epilog=examples(
            "xinyong explain sesame events.parquet --subject p1 --day 2025-12-31",
            "xinyong explain sesame events.parquet --subject p1 --day 2025-12-31 --json",
        )
    )(explain)
    app.command(
        "what-if",
        epilog=examples(
            "xinyong what-if sesame events.parquet --subject p1 --day 2025-12-31",
            "xinyong what-if sesame events.parquet --subject p1 --day 2025-12-31 \\",
            "    --set bills_on_time=0.97",
            "xinyong what-if sesame events.parquet --subject p1 --day 2025-12-31 \\",
            """    --strike b17 --add '{"rental": {"returned": true}, "at": "2025-12-01"}'""",
        ),
    )(what_if)


def explain(
    scheme: SchemeName,
    events: Events,
    subject: Subject,
    day: Day,
    known_by: KnownBy = None,
    mapping: Mapping = None,
    place: PlaceOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also lines that bring nothing, and what does not follow.")
    ] = False,
    json: Json = False,
) -> None:
    """Explain the score of one subject: a column that adds up.

    Each line says its points, its sentence, what it rests on and until when that counts. With
    --json, the whole trace (xinyong.trace/1).
    """
    from xinyong.face.schemes import load
    from xinyong.face.scores import explain as explain_one

    asked = read_day(day)
    known = load(scheme)
    found = explain_one(
        known,
        events,
        subject=subject,
        day=asked,
        known_by=read_moment(known_by, known),
        mapping=mapping,
        place=place,
    )
    if found.trace.get("lab"):
        note(found.trace["lab"])
    if json:
        as_json(found.trace)
        return
    from xinyong.cli.telling import tell

    tell(found.trace, known, everything=everything)


def what_if(
    scheme: SchemeName,
    events: Events,
    subject: Subject,
    day: Day,
    known_by: KnownBy = None,
    mapping: Mapping = None,
    place: PlaceOption = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="VARIABLE=VALUE", help="Suppose another value; 'unknown' for unknown."
        ),
    ] = None,
    strike: Annotated[
        list[str] | None,
        typer.Option("--strike", metavar="ID", help="Suppose this record were struck out."),
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="JSON", help="Suppose one more event, as JSON."),
    ] = None,
    json: Json = False,
) -> None:
    """What would change the score of one subject.

    Alone, it lists what would better the score, each thing by itself, and what time brings. With
    --set, --strike or --add (as often as you like) it gives the score if things were so. It is
    worked out by scoring again, and it is not a promise.
    """
    from xinyong.face.schemes import load
    from xinyong.face.scores import what_if as suppose

    asked = read_day(day)
    known = load(scheme)
    found = suppose(
        known,
        events,
        subject=subject,
        day=asked,
        known_by=read_moment(known_by, known),
        mapping=mapping,
        place=place,
        set=dict(_pair(text) for text in values or ()),
        strike=strike or (),
        add=[_event(text) for text in add or ()],
    )
    if found.lab:
        note(found.lab)
    if json:
        as_json(_as_data(found))
        return
    from xinyong.cli.telling import tell_alternatives

    tell_alternatives(found, known)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise QuestionRefused(
            f"'{text[:60]}' is not a variable with a value",
            where="--set",
            why="it says which variable is supposed to have which value",
            mend="write --set bills_on_time=0.97",
        )
    return name.strip(), value.strip()


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError(f"{text[:20]} has too many digits")
    return number


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"{text[:20]}... has too many digits")
    return int(text)


def _event(text: str) -> Dict[str, Any]:
    why = "an event is written as in a worked case"
    mend = """write --add '{"bill": {"amount": 4000}, "at": "2025-12-01"}'"""
    try:
        found = json_.loads(text, parse_float=_number, parse_int=_whole)
    except ValueError as error:
        raise QuestionRefused(
            f"this cannot be read as JSON: {error}", where="--add", why=why, mend=mend
        ) from None
    if not isinstance(found, dict):
        raise QuestionRefused("this is not an event", where="--add", why=why, mend=mend)
    return found


def _as_data(found: Alternatives) -> Dict[str, Any]:
    return {
        "subject": found.before.subject,
        "day": found.before.day,
        "before": _short(found.before),
        "after": None if found.after is None else _short(found.after),
        "changes": found.changes,
        **({"lab": found.lab} if found.lab else {}),
    }


def _short(outcome: Outcome) -> Dict[str, Any]:
    return {
        "score": outcome.score,
        "band": outcome.band,
        "points": outcome.points,
        "lists": outcome.lists,
        "consequences": outcome.consequences,
    }
