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
from xinyong.decisions.entering import enter
from xinyong.decisions.listing import Hearing, Listing
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


def variant(**changes: Any) -> Scheme:
    """A fair start with another burden: ``changes`` are fields of its one burden."""
    whole = scheme()
    specs = tuple(
        spec.model_copy(update=changes) if spec.kind == "burden" else spec
        for spec in whole.consequences
    )
    return whole.model_copy(update={"consequences": specs})


def decided_by(changed: Scheme, events: Sequence[Event] = LATE, **changes: Any) -> Decision:
    """A decision about Amina under a changed scheme."""
    score = plain.score(changed, events, subject=AMINA, day=DAY, known_by=NOW)
    return decided(events, approved=approve(changed, "eu", DAY), score=score, **changes)


def unperformed(n: int = 1, day: str = "2027-06-01", **more: Any) -> Event:
    """A judgment that Amina has not performed; the city lists whoever could and does not."""
    moment = at(day, "Asia/Shanghai")
    return Event(AMINA, "unperformed", moment, moment, f"judgment-{n}", {}, **more)


def by_law(**changes: Any) -> Consent:
    """The court's right to tell the city."""
    fields: dict[str, Any] = {
        "id": "basis-1",
        "purpose": scheme("city").purpose,
        "scheme": "city",
        "operator": "A city",
        "data_sets": ("courts",),
        "basis": "law:Provisions of 2017 art. 5",
    }
    return consent(**(fields | changes))


def entered(events: Sequence[Event] | None = None, **changes: Any) -> Listing:
    """Amina on the city's list; ``changes`` are arguments of enter()."""
    here = (unperformed(),) if events is None else events
    given: dict[str, Any] = {
        "id": "listing-1",
        "moment": NOW,
        "place": "cn",
        "by": "Judge Wen",
        "decided_in": "decision 12 of 2027",
        "noticed": DAY,
        "effective": date(2027, 8, 20),
        "matched": "strong identifier",
        "disputed": (),
        "exempt_checked": ("minors",),
        "able": True,
        "heard": Hearing(
            day=date(2027, 8, 16), by="Judge Wen", came=True, said="she says she cannot pay"
        ),
    }
    given |= changes
    who = given.pop("approved", approved("city", "cn"))
    counting = [event for event in here if event.id not in given["disputed"]]
    score = given.pop("score", None) or scored(counting, "city")
    consents = given.pop("consents", [by_law()])
    return enter(who, score, here, consents, given.pop("list", "defaulters"), **given)
