"""A made-up member of a fair start, a debtor of a made-up city, and what is decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from xinyong.charter.approval import ApprovedScheme, approve
from xinyong.days import parse_moment
from xinyong.decisions.deciding import decide
from xinyong.decisions.decision import Decision
from xinyong.engine import plain
from xinyong.engine.score import Outcome
from xinyong.records.consent import Consent
from xinyong.records.event import Event
from xinyong.scheme import library
from xinyong.scheme.model import Scheme
from xinyong.scheme.reading import read_file

CITY = Path(__file__).parents[1] / "charter" / "city.yaml"
FIRMS = Path(__file__).parents[1] / "charter" / "firms.yaml"
DAY = date(2027, 8, 2)  # a Monday
AMINA = "amina"


def at(text: str, zone: str = "UTC") -> int:
    return parse_moment(text, ZoneInfo(zone))


NOW = at("2027-08-02T10:00:00")


@lru_cache(maxsize=8)
def scheme(name: str = "fair") -> Scheme:
    if name == "fair":
        return library.load("a-fair-start")
    found = read_file(CITY if name == "city" else FIRMS).scheme
    assert found is not None
    return found


@lru_cache(maxsize=8)
def approved(name: str = "fair", place: str = "eu", day: date = DAY) -> ApprovedScheme:
    return approve(scheme(name), place, day)


def bill(n: int, on_time: bool, month: int = 3, **more: Any) -> Event:
    moment = at(f"2027-{month:02}-{n:02}")
    return Event(AMINA, "bill", moment, moment, f"bill-{n}", {"on_time": on_time}, **more)


LATE = (bill(1, True), bill(2, True), bill(3, True), bill(4, False), bill(5, False))
"""Three bills on time and two late: 440 points and a talk."""

GOOD = tuple(bill(n, True) for n in range(1, 13))
"""Twelve bills on time: 600 points, two benefits."""


def consent(**changes: Any) -> Consent:
    fields: dict[str, Any] = {
        "id": "consent-1",
        "subject": AMINA,
        "purpose": scheme().purpose,
        "scheme": "a-fair-start",
        "operator": "A credit co-operative",
        "data_sets": ("bills",),
        "given_at": at("2027-01-01"),
        "until": at("2028-12-31"),
        "written": True,
        "warned": True,
    }
    return Consent(**(fields | changes))


def scored(events: Sequence[Event], name: str = "fair", day: date = DAY, **more: Any) -> Outcome:
    given = {"subject": AMINA, "day": day, "known_by": NOW}
    return plain.score(scheme(name), events, **(given | more))


def decided(events: Sequence[Event] = LATE, **changes: Any) -> Decision:
    """A decision about Amina; ``changes`` are arguments of decide()."""
    given: dict[str, Any] = {
        "id": "decision-1",
        "sequence": 9,
        "moment": NOW,
        "place": "eu",
        "by": "Ms Okafor",
        "matched": "strong identifier",
        "disputed": (),
    }
    given |= changes
    who = given.pop("approved", approved())
    score = given.pop("score", None) or scored(
        [event for event in events if event.id not in given["disputed"]]
    )
    consents = given.pop("consents", [consent()])
    return decide(who, score, events, consents, **given)


def confirmed(**changes: Any) -> Decision:
    return (
        decided(**changes)
        .preview(by="Ms Okafor", at=NOW + 1)
        .confirm(by="Ms Okafor", at=NOW + 2, note="two bills were late", disputed=())
    )


def in_effect(**changes: Any) -> Decision:
    return confirmed(**changes).noticed("notice-1", by="Ms Okafor", at=NOW + 3, disputed=())
