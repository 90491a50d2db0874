"""Events: taken in, read by whom they are about, struck out."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from xinyong.records.ledger.canonical import written_plain
from xinyong.records.store import Act, Parcel
from xinyong.service.accepting import Fitting
from xinyong.service.asking import Asked, Asking, plain
from xinyong.service.desk import Desk
from xinyong.service.forms import EventForm, Form, Handle, Id, Line, Receipted, Told
from xinyong.service.problems import Refused

desk = Desk("", "events")


class EventsForm(Form):
    """Events to record; they are recorded together or not at all."""

    events: Annotated[list[EventForm], Field(min_length=1, max_length=10_000)]


class EventsTold(Told):
    """The sequence number of each event, in order, and whether this request recorded it."""

    sequences: list[int]
    new: list[bool]
    recorded_at: int


class StrikeForm(Form):
    """Events that must not count any more, and why."""

    events: Annotated[list[Id], Field(min_length=1, max_length=1000)]
    why: Line


class Record(Told):
    """What is on record about a subject."""

    sequence: int
    events: list[dict[str, Any]]
    disputed: list[str]


@desk.post("/events", roles=("operator",), answers=EventsTold, status=201)
async def record_events(asked: Asked, form: EventsForm) -> Response:
    """Record events. The same id with the same content is answered as the first time; the same id
    with another content is refused, and nothing of the request is recorded."""
    most = asked.house.config.limits.batch
    if len(form.events) > most:
        raise Refused(
            413, "too-many", f"more than {most} events in one request", mend="send them in parts"
        )
    fitting = _fitting(asked)
    acts = []
    for number, event in enumerate(form.events):
        fitting.check(event, f"events.{number}")
        acts.append(Act("event", event.subject, written_plain(body_of(event)), key=event.id))
    receipt = await asked.append_many(Parcel(tuple(acts)))
    told = {
        "sequences": list(receipt.seqs),
        "new": list(receipt.new),
        "recorded_at": receipt.at,
    }
    return plain(told, 201)


def _fitting(asked: Asking) -> Fitting:
    rooms = asked.house.rooms
    if "fitting" not in rooms:
        rooms["fitting"] = Fitting(one.shape for one in asked.house.schemes.values())
    made: Fitting = rooms["fitting"]
    return made


def body_of(event: EventForm) -> dict[str, Any]:
    """What the ledger says of an event."""
    return {
        "id": event.id,
        "kind": event.kind,
        "happened_at": event.happened_at,
        "fields": dict(event.fields),
        "source": event.source,
    }


@desk.get(
    "/subjects/{who}/events",
    roles=("subject", "operator"),
    discloses=("events",),
    answers=Record,
)
async def subject_events(asked: Asked, who: Handle) -> Response:
    """All events on record about a subject, those struck and disputed among them."""
    found = await asked.read(asked.house.store.standing, asked.subject)
    told = {
        "sequence": found.upto,
        "disputed": sorted(found.disputed),
        "events": [
            {
                "id": event.id,
                "kind": event.kind,
                "happened_at": event.happened_at,
                "recorded_at": event.recorded_at,
                "struck_at": event.struck_at,
                "fields": dict(event.fields),
                "source": event.source,
            }
            for event in found.events
        ],
    }
    basis = "right of access" if asked.own else "law:duty to keep records right"
    return await asked.release(told, basis=basis)


@desk.post("/subjects/{who}/strikes", roles=("operator",), answers=Receipted, status=201)
async def strike_events(asked: Asked, who: Handle, form: StrikeForm) -> Response:
    """Strike events out: they stay on record and count no more from now on."""
    found = await asked.read(asked.house.store.standing, asked.subject)
    known = {event.id for event in found.events if event.struck_at is None} | set(found.disputed)
    if not set(form.events) <= known:
        raise Refused(
            409,
            "not-standing",
            "not all of these events stand",
            where="events",
            why="only what is on record and not struck yet can be struck out",
            mend="look at the subject's events",
        )
    act = Act("strike", asked.subject, {"events": list(form.events), "why": form.why})
    receipt = await asked.append(act)
    return plain({"sequence": receipt.seqs[0], "recorded_at": receipt.at}, 201)
