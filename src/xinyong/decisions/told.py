"""Short letters: about a dispute, a listing, a decision that was replaced. Facts alone.

Each goes to the subject, to the source of a record, or to somebody who was given a decision. It
tells each no more than it must: a source learns which records are disputed, not what was scored;
a recipient learns that what it was given no longer holds, not what holds now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass as plain_dataclass
from datetime import date
from typing import Literal

from pydantic.dataclasses import dataclass

from xinyong.charter.clocks import due
from xinyong.decisions.clocks import appeal_of, day_of
from xinyong.decisions.dispute import Dispute, Finding, OnTimeout
from xinyong.decisions.listing import Listing
from xinyong.decisions.permission import operator_of
from xinyong.records.written import STRICT, Day, Id, Ids, Line, Text, Written, fitting
from xinyong.scheme.binding import bind
from xinyong.scheme.model import Appeal, Scheme
from xinyong.scheme.nodes import lists

Whom = Literal["subject", "source", "recipient"]
Kind = Literal[
    "dispute opened",
    "dispute extended",
    "dispute decided",
    "dispute timed out",
    "listing announced",
    "repair asked",
    "repair refused",
    "listing removed",
    "listing void",
    "decision replaced",
]


@dataclass(frozen=True, config=STRICT)
class Told(Written):
    """What one short letter says, and to whom.

    ``about`` names the dispute, listing or decision as its reader knows it; ``events`` are the
    records. Days are local; ``until`` is the last day for a review by ``review``.
    """

    id: Id
    kind: Kind
    to: Whom
    whom: Line
    operator: Line
    contact: Text
    scheme: Id
    about: Id
    given: Day
    events: Ids = ()
    statement: Text | None = None
    mark_due: Day | None = None
    decide_due: Day | None = None
    handler: Line | None = None
    finding: Finding | None = None
    on_timeout: OnTimeout | None = None
    title: Text | None = None
    ground: Text | None = None
    ground_zh: Text | None = None
    law: Text | None = None
    authority: Line | None = None
    decided_in: Text | None = None
    hearing: bool = False
    effective: Day | None = None
    end: Day | None = None
    grounds: Text | None = None
    wrongful: Text | None = None
    new: Id | None = None
    changed: tuple[Line, ...] = ()
    review: Text | None = None
    until: Day | None = None


@plain_dataclass(frozen=True)
class Sender:
    """Who writes a letter about something done under a scheme, by the scheme's name.

    ``contact`` says where the operator is reached; ``review`` who looks again where one objects.
    """

    scheme: str
    operator: str
    contact: str
    review: Appeal | None = None


def sender_of(scheme: Scheme, name: str | None = None) -> Sender:
    """Who writes letters about a scheme, or about its list of a name, as the scheme says."""
    review = scheme.rights.review if name is None else _review(scheme, name)
    return Sender(scheme.scheme, operator_of(scheme), contact_of(scheme), review)


def contact_of(scheme: Scheme) -> str:
    """Where the operator is reached; its name where the scheme says no more."""
    operator = scheme.operator
    if operator is None or operator.contact is None:
        return operator_of(scheme)
    return operator.contact


@fitting
def of_dispute(
    dispute: Dispute, sender: Sender, kind: Kind, *, id: str, at: int, pass_on: bool = False
) -> tuple[Told, ...]:
    """The letters to the subject and to the source about a step of a dispute.

    ``at`` is when they are given, in microseconds since 1970-01-01T00:00Z; ids are ``id`` and a
    word. ``pass_on`` says that the subject lets its statement go to the source.
    """
    day = day_of(at, dispute.zone)
    known = {
        "kind": kind,
        "operator": sender.operator,
        "contact": sender.contact,
        "scheme": dispute.scheme,
        "about": dispute.id,
        "given": day,
        "events": dispute.events,
        "decide_due": dispute.last_day,
        "finding": dispute.finding,
        "on_timeout": dispute.on_timeout,
    }
    review = sender.review
    subject = Told(
        id=f"{id}-subject",
        to="subject",
        whom=dispute.subject,
        statement=dispute.statement,
        mark_due=dispute.mark_due,
        handler=dispute.handler,
        review=None if review is None else review.to,
        until=None if review is None else due(day, review.within, dispute.place),
        **known,  # type: ignore[arg-type]
    )
    source = Told(
        id=f"{id}-source",
        to="source",
        whom=dispute.source,
        statement=dispute.statement if pass_on else None,
        **known,  # type: ignore[arg-type]
    )
    return subject, source


@fitting
def of_listing(
    listing: Listing,
    sender: Sender,
    kind: Kind,
    *,
    id: str,
    given: date,
    shown_to: Iterable[tuple[str, str]] = (),
) -> tuple[Told, ...]:
    """The letter to the subject about a listing, and one to everybody who was shown it.

    ``shown_to`` are recipients, each with the reference it knows the listing by; they are told of
    a removal or a void entry, of nothing else.
    """
    review = sender.review
    removal = listing.removal
    over = kind in ("listing removed", "listing void")
    known = {
        "kind": kind,
        "operator": sender.operator,
        "contact": sender.contact,
        "scheme": listing.scheme,
        "given": given,
    }
    found = [
        Told(
            id=f"{id}-subject",
            to="subject",
            whom=listing.subject,
            about=listing.id,
            events=listing.ground,
            title=listing.title,
            ground=listing.ground_says,
            ground_zh=listing.ground_zh,
            law=listing.law,
            authority=listing.authority,
            decided_in=listing.decided_in,
            hearing=listing.hearing,
            effective=listing.effective if not over else None,
            end=removal.day if over and removal is not None else listing.end,
            decide_due=None if listing.repair is None else listing.repair.due,
            grounds=_grounds(listing),
            wrongful=listing.wrongful if kind == "listing void" else None,
            review=None if review is None else review.to,
            until=None if review is None else due(given, review.within, listing.place),
            **known,  # type: ignore[arg-type]
        )
    ]
    if over:
        found += _recipients(id, shown_to, known)
    return tuple(found)


def _review(scheme: Scheme, name: str) -> Appeal | None:
    """To whom a listing can be taken: where what hangs on the list can be."""
    hanging = {item.id for item in bind(scheme).consequences if name in lists(item.when)}
    found = [appeal_of(scheme, spec) for spec in scheme.consequences if spec.id in hanging]
    return next((one for one in found if one is not None), scheme.rights.review)


def _grounds(listing: Listing) -> str | None:
    if listing.removal is not None:
        return listing.removal.grounds
    return None if listing.repair is None else listing.repair.grounds


def _recipients(
    id: str, recipients: Iterable[tuple[str, str]], known: dict[str, object]
) -> Iterator[Told]:
    for number, (name, reference) in enumerate(recipients, 1):
        yield Told(
            id=f"{id}-recipient-{number}",
            to="recipient",
            whom=name,
            about=reference,
            **known,  # type: ignore[arg-type]
        )


@fitting
def of_replaced(
    sender: Sender,
    *,
    id: str,
    subject: str,
    old: str,
    new: str | None,
    changed: tuple[str, ...],
    given: date,
    events: Iterable[str],
    recipients: Iterable[tuple[str, str]],
) -> tuple[Told, ...]:
    """The letters about a decision that a correction changed: to the subject, and to everybody it
    was disclosed to, each with the reference it knows the decision by."""
    known: dict[str, object] = {
        "kind": "decision replaced",
        "operator": sender.operator,
        "contact": sender.contact,
        "scheme": sender.scheme,
        "given": given,
    }
    mine = Told(
        id=f"{id}-subject",
        to="subject",
        whom=subject,
        about=old,
        new=new,
        changed=changed,
        events=tuple(events),
        **known,  # type: ignore[arg-type]
    )
    return (mine, *_recipients(id, recipients, known))


__all__ = [
    "Kind",
    "Sender",
    "Told",
    "Whom",
    "contact_of",
    "of_dispute",
    "of_listing",
    "of_replaced",
    "sender_of",
]
