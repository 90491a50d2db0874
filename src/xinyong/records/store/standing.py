"""Which events of a subject count, worked out from the acts about it in their order.

A pure function of the ledger up to an entry: an event counts from when it was recorded; one that
was struck counts no more from the strike on; one under an open dispute does not count from the
dispute on, and again if the outcome keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from xinyong.records.event import Event
from xinyong.records.shape import EventShape
from xinyong.records.store.acts import Known


@dataclass(frozen=True, slots=True)
class Standing:
    """A subject's records at one point of the ledger.

    ``events``: all that were recorded, ``struck_at`` set on those that were struck out.
    ``disputed``: ids under an open dispute; they do not count either. ``upto``: the entry after the
    newest that matters; ``known_by`` its predecessor's moment, microseconds UTC.
    """

    subject: str
    events: tuple[Event, ...]
    disputed: frozenset[str]
    upto: int
    known_by: int

    def fitting(self, shape: EventShape, *, disputed: bool = False) -> list[Event]:
        """The events that count and that a scheme of this shape reads, with its fields alone.

        With ``disputed`` those under an open dispute are among them. In order of time, so that
        the list is the same wherever it is worked out.
        """
        found = []
        for event in self.counting if not disputed else self._standing:
            known = {"data_set"} if event.kind == "coverage" else shape.kinds.get(event.kind)
            if known is None:
                continue
            if any(name not in known for name in event.fields):
                fields = {name: value for name, value in event.fields.items() if name in known}
                event = replace(event, fields=fields)
            found.append(event)
        return sorted(found, key=lambda e: (e.happened_at, e.recorded_at, e.id))

    @property
    def counting(self) -> tuple[Event, ...]:
        """The events that count."""
        return tuple(event for event in self._standing if event.id not in self.disputed)

    @property
    def _standing(self) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.struck_at is None)


PACKED: Final = "standing/1"
"""Label of the block that holds a subject's standing."""


def packed_standing(found: Standing) -> bytes:
    """A standing as bytes, to be kept as a block; :func:`unpacked_standing` reads it."""
    events = [
        [e.id, e.kind, e.happened_at, e.recorded_at, dict(e.fields), e.source, e.struck_at]
        for e in found.events
    ]
    return msgspec.json.encode([events, sorted(found.disputed)])


def unpacked_standing(subject: str, data: bytes, upto: int, known_by: int) -> Standing:
    """The standing of a block that is true up to an entry."""
    events, disputed = msgspec.json.decode(data)
    return Standing(
        subject,
        tuple(
            Event(subject, kind, happened_at, recorded_at, id, fields, struck_at, source)
            for id, kind, happened_at, recorded_at, fields, source, struck_at in events
        ),
        frozenset(disputed),
        upto,
        known_by,
    )


def standing(subject: str, acts: Iterable[Known]) -> Standing:
    """The standing of one subject after these acts (event, strike, dispute, outcome), in order."""
    events: dict[str, Event] = {}
    struck: dict[str, int] = {}
    disputes: dict[str, tuple[str, ...]] = {}
    upto = known_by = 0
    for act in acts:
        body = act.body
        upto, known_by = act.seq + 1, act.at
        if body is None:
            continue
        if act.kind == "event":
            events.setdefault(body["id"], event_of(subject, body, act.at))
        elif act.kind == "strike":
            for one in body["events"]:
                struck.setdefault(one, act.at)
        elif act.kind == "dispute":
            disputes[body["dispute"]] = tuple(body.get("events", ()))
        elif act.kind == "outcome":
            disputes.pop(body["dispute"], None)
    found = tuple(
        replace(event, struck_at=struck[one]) if one in struck else event
        for one, event in events.items()
    )
    held = frozenset(one for ids in disputes.values() for one in ids)
    return Standing(subject, found, held & frozenset(events), upto, known_by)


def event_of(subject: str, body: object, recorded_at: int) -> Event:
    """The event that an entry's body says; moments in microseconds UTC."""
    assert isinstance(body, dict)
    return Event(
        subject=subject,
        kind=body["kind"],
        happened_at=body["happened_at"],
        recorded_at=recorded_at,
        id=body["id"],
        fields=body.get("fields", {}),
        source=body.get("source", ""),
    )


def body_of(event: Event) -> dict[str, object]:
    """What an entry says of an event; its ``recorded_at`` is the entry's own moment."""
    return {
        "id": event.id,
        "kind": event.kind,
        "happened_at": event.happened_at,
        "fields": dict(event.fields),
        "source": event.source,
    }


__all__ = [
    "PACKED",
    "Standing",
    "body_of",
    "event_of",
    "packed_standing",
    "standing",
    "unpacked_standing",
]
