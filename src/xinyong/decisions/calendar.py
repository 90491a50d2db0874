"""The calendar: everything that ends or falls due between two days.

An entry names what it is about by id, and no person's data beyond the subject's id. Everything is
worked out from the days that things hold, when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from datetime import date
from typing import Literal

from pydantic.dataclasses import dataclass

from xinyong.decisions.clocks import FRESH, day_of
from xinyong.decisions.decision import Decision
from xinyong.decisions.dispute import Dispute
from xinyong.decisions.listing import Listing
from xinyong.records.consent import Consent
from xinyong.records.written import STRICT, Day, Id, Line, Written

What = Literal[
    "benefit ends",
    "burden begins",
    "burden ends",
    "notice is due",
    "score grows old",
    "listing takes effect",
    "listing ends",
    "repair is due",
    "dispute is to be marked",
    "dispute is to be decided",
    "source is to be told",
    "consent ends",
    "legal basis ends",
    "share ends",
]
About = Literal["decision", "listing", "dispute", "consent", "share"]


@dataclass(frozen=True, config=STRICT)
class Entry(Written):
    """One day on which something ends or falls due.

    ``part`` names the consequence of a decision. A thing that *ends* on a day is over from its
    beginning on; a thing that is *due* can still be done on the day.
    """

    day: Day
    what: What
    about: About
    id: Id
    subject: Id
    part: Line | None = None


@plain_dataclass(frozen=True)
class Dated:
    """Everything a calendar is made of; ``shares`` are dated entries made elsewhere.

    ``zone`` cuts the days of consents, which have none of their own.
    """

    zone: str
    decisions: Iterable[Decision] = ()
    listings: Iterable[Listing] = ()
    disputes: Iterable[Dispute] = ()
    consents: Iterable[Consent] = ()
    shares: Iterable[Entry] = field(default=())


def calendar(dated: Dated, first: date, last: date) -> tuple[Entry, ...]:
    """What ends or falls due from the first day to the last, both counted, in order."""
    found = (entry for entry in _all(dated) if first <= entry.day <= last)
    return tuple(
        sorted(found, key=lambda e: (e.day, e.about, e.id, e.what, e.part or "", e.subject))
    )


def _all(dated: Dated) -> Iterator[Entry]:
    decisions = list(dated.decisions)
    for decision in decisions:
        yield from _decision(decision)
    for listing in dated.listings:
        yield from _listing(listing)
    for dispute in dated.disputes:
        yield from _dispute(dispute)
    for consent in dated.consents:
        yield Entry(
            day=day_of(consent.ends_at, dated.zone),
            what="consent ends" if consent.is_consent else "legal basis ends",
            about="consent",
            id=consent.id,
            subject=consent.subject,
        )
    yield from dated.shares


def _decision(decision: Decision) -> Iterator[Entry]:
    def entry(day: date, what: What, part: str | None = None) -> Entry:
        return Entry(
            day=day,
            what=what,
            about="decision",
            id=decision.id,
            subject=decision.subject,
            part=part,
        )

    for one in decision.follows:
        if one.start is None or one.end is None:
            continue
        if one.kind == "burden":
            yield entry(one.start, "burden begins", one.id)
        ends = one.end if one.ended is None else min(one.end, one.ended)
        yield entry(ends, "burden ends" if one.kind == "burden" else "benefit ends", one.id)
    if decision.state in ("proposed", "previewed", "confirmed", "seconded"):
        if decision.ready:
            yield entry(decision.notice_due, "notice is due")
        if decision.replaces is None:
            yield entry(FRESH.after(decision.key.day), "score grows old")


def _listing(listing: Listing) -> Iterator[Entry]:
    def entry(day: date, what: What) -> Entry:
        return Entry(day=day, what=what, about="listing", id=listing.id, subject=listing.subject)

    removal, repair = listing.removal, listing.repair
    if removal is None or removal.day > listing.effective:
        yield entry(listing.effective, "listing takes effect")
    yield entry(listing.end if removal is None else min(listing.end, removal.day), "listing ends")
    if repair is not None and repair.granted is None and repair.refused is None:
        yield entry(repair.due, "repair is due")


def _dispute(dispute: Dispute) -> Iterator[Entry]:
    def entry(day: date, what: What) -> Entry:
        return Entry(day=day, what=what, about="dispute", id=dispute.id, subject=dispute.subject)

    words = dispute.words
    if words[-1] in ("decided", "withdrawn"):
        return
    yield entry(dispute.last_day, "dispute is to be decided")
    if dispute.mark_due is not None and "marked" not in words:
        yield entry(dispute.mark_due, "dispute is to be marked")
    if dispute.tell_due is not None and dispute.told is None:
        yield entry(dispute.tell_due, "source is to be told")


__all__ = ["About", "Dated", "Entry", "What", "calendar"]
