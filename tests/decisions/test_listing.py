from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import (
    AMINA,
    DAY,
    approved,
    at,
    by_law,
    decided,
    entered,
    in_effect,
    scheme,
    scored,
    unperformed,
)

from xinyong.days import Period, instant
from xinyong.decisions.deciding import decide
from xinyong.decisions.listing import Hearing, Listing, listed
from xinyong.errors import StepRefused
from xinyong.records.event import Event

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "UTC",
)
NEEDED = ("ground", "law", "authority", "decision", "noticed", "effective", "end", "list", "title")
FIRST = date(2020, 1, 1)
DAYS = 3653  # ten years, three leap days


# ------------------------------------------------------------------ what an entry cannot be without


def test_an_entry_has_ground_law_authority_notice_and_end() -> None:
    one = entered()
    assert one.ground == ("judgment-1",) and one.ground_day == date(2027, 6, 1)
    assert one.law == "Provisions of 2017" and one.authority == "a judge"
    assert (one.noticed, one.effective, one.end) == (DAY, date(2027, 8, 20), date(2029, 6, 1))
    assert one.wrongful == "compensation by the State"
    assert Listing.from_json(one.to_json()) == one


@pytest.mark.parametrize(
    "name",
    """ground ground_day ground_says law authority decided_in by entered noticed effective end most
    remove_within zone place""".split(),
)
def test_no_entry_is_read_without_one_of_them(name: str) -> None:
    data = entered().to_json()
    del data[name]
    with pytest.raises(StepRefused):
        Listing.from_json(data)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"end": "2029-06-02"}, "unbounded"),  # a day more than two years from the newest event
        ({"ground_day": "2027-05-31"}, "unbounded"),
        ({"end": "2027-08-20"}, "unbounded"),
        ({"effective": "2027-08-01"}, "too early"),
        ({"noticed": "2027-08-11"}, "too early"),
        ({"hearing": True, "heard": None}, "unfit"),
        ({"ground": []}, "unfit"),
        ({"zone": "Mars/Olympus"}, "unfit"),
        ({"most": "without end"}, "unfit"),
    ],
)
def test_no_entry_is_read_whose_days_do_not_follow_one_another(
    change: dict[str, Any], code: str
) -> None:
    data = {**entered().to_json(), **change}
    with pytest.raises(StepRefused) as caught:
        Listing.from_json(data)
    assert caught.value.code == code
    assert Listing.from_json(entered().to_json()) == entered()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"effective": date(2027, 8, 1)}, "too early"),
        ({"effective": date(2027, 8, 11)}, "too early"),  # within the ten days of warning
        ({"effective": date(2029, 6, 1)}, "unbounded"),
        ({"noticed": date(2027, 8, 3)}, "too early"),  # not told yet
        ({"heard": None}, "unfit"),
        ({"heard": Hearing(day=date(2027, 8, 21), by="x", came=True, said="x")}, "unfit"),
        ({"heard": Hearing(day=date(2027, 8, 1), by="x", came=True, said="x")}, "too early"),
        ({"matched": None}, "no ground"),
        ({"matched": "name"}, "no ground"),
        ({"exempt_checked": ()}, "no ground"),
        ({"able": None}, "no ground"),
        ({"able": False}, "no ground"),
        ({"disputed": {"judgment-1"}}, "no ground"),
        ({"events": ()}, "no ground"),
        ({"list": "another"}, "no ground"),
        ({"consents": []}, "no consent"),
        ({"by": AMINA}, "same person"),
        ({"place": "us"}, "not approved"),
        ({"decided_in": ""}, "unfit"),
        ({"score": scored((unperformed(),), "city", day=date(2027, 7, 1))}, "too late"),
        ({"score": replace(scored((unperformed(),), "city"), score=99)}, "another"),
    ],
)
def test_an_entry_that_lacks_something_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(StepRefused) as caught:
        entered(**change)
    assert caught.value.code == code


def test_the_term_is_the_schemes_or_the_laws_whichever_is_shorter() -> None:
    from xinyong.decisions.entering import _most

    spec = scheme("city").lists["defaulters"]
    for lasts, law, most in (
        ("24 months", "60 months", "24 months"),
        ("90 months", "60 months", "60 months"),
        (None, "60 months", "60 months"),
        ("2000 days", "60 months", "60 months"),
    ):
        changed = spec.model_copy(update={"lasts": None if lasts is None else Period.parse(lasts)})
        assert _most(changed, Period.parse(law), DAY) == Period.parse(most)


# ------------------------------------------------------------------ ten years, day by day


def listing(zone: str, effective: date, end: date, **changes: Any) -> Listing:
    fields: dict[str, Any] = {
        "zone": zone,
        "ground_day": effective - timedelta(days=30),
        "noticed": effective - timedelta(days=10),
        "effective": effective,
        "end": end,
        "most": "132 months",
        "warn": None,
        "hearing": False,
        "heard": None,
    }
    return replace(entered(), **(fields | changes))


def moments(zone: ZoneInfo) -> Iterator[int]:
    """Each local midnight of ten years, the instant before it, and a noon."""
    for n in range(DAYS):
        day = FIRST + timedelta(days=n)
        midnight = instant(datetime(day.year, day.month, day.day, tzinfo=zone))
        yield midnight - 1
        yield midnight
        yield instant(datetime(day.year, day.month, day.day, 12, tzinfo=zone))


Shown = Callable[[int], "dict[str, str] | None"]


def wrong(shown: Shown, one: Listing) -> tuple[int, int]:
    """How often something is served, and how often of that without a field or outside its days.

    The days are those of the wall clock.
    """
    zone = ZoneInfo(one.zone)
    found = served = 0
    for moment in moments(zone):
        seen = shown(moment)
        if seen is None:
            continue
        served += 1
        here = datetime.fromtimestamp(moment // 1_000_000, zone).date()
        lacking = any(not seen.get(name) for name in NEEDED)
        if lacking or not one.effective <= here < one.end:
            found += 1
    return served, found


CASES = [
    (zone, effective, end)
    for zone in ZONES
    for effective, end in (
        (date(2020, 2, 29), date(2024, 2, 29)),
        (date(2021, 3, 28), date(2021, 10, 31)),
        (date(2023, 3, 12), date(2029, 12, 31)),
    )
]


@pytest.mark.parametrize(("zone", "effective", "end"), CASES)
def test_nothing_is_served_without_a_field_or_past_its_days(
    zone: str, effective: date, end: date
) -> None:
    one = listing(zone, effective, end)
    # three instants a day, for as many days as it lasts
    assert wrong(one.shown, one) == (3 * (end - effective).days, 0)


@dataclass
class Flagged:
    """What this house does not do: a flag that a job sets every 24 hours, some nights not."""

    one: Listing
    missed: frozenset[int]
    start: int

    def shown(self, moment: int) -> dict[str, str] | None:
        nights = (moment - self.start) // (24 * 3600 * 1_000_000)
        while nights in self.missed:
            nights -= 1
        ran = self.start + nights * 24 * 3600 * 1_000_000
        return self.one.shown(ran)


@pytest.mark.parametrize(("zone", "effective", "end"), CASES)
def test_a_stored_flag_is_caught_by_the_same_harness(zone: str, effective: date, end: date) -> None:
    one = listing(zone, effective, end)
    start = instant(datetime(2019, 12, 1, tzinfo=ZoneInfo(zone)))
    night = (instant(datetime(end.year, end.month, end.day, tzinfo=ZoneInfo(zone))) - start) // (
        24 * 3600 * 1_000_000
    )
    assert wrong(Flagged(one, frozenset({night, night + 1}), start).shown, one)[1] > 0


def test_the_changing_of_clocks_alone_is_caught_too() -> None:
    # A job at midnight in winter runs at one in summer: an hour in which it is served too long.
    one = listing("Europe/Berlin", date(2021, 3, 1), date(2021, 8, 1))
    start = instant(datetime(2019, 12, 1, tzinfo=ZoneInfo("Europe/Berlin")))
    assert wrong(Flagged(one, frozenset(), start).shown, one)[1] > 0


@pytest.mark.parametrize("gone", ["ground", "law", "authority", "decision", "end"])
def test_an_entry_shown_without_a_field_is_caught(gone: str) -> None:
    one = listing("UTC", date(2021, 3, 1), date(2021, 8, 1))

    def shown(moment: int) -> dict[str, str] | None:
        seen = one.shown(moment)
        return None if seen is None else {name: text for name, text in seen.items() if name != gone}

    assert wrong(shown, one)[1] > 0


@settings(max_examples=200)
@given(
    zone=st.sampled_from(ZONES),
    begins=st.integers(0, 3000),
    lasts=st.integers(1, 3600),
    moment=st.integers(at("2020-01-01"), at("2032-01-01")),
    gone=st.integers(0, 4000),
    wrong_entry=st.booleans(),
)
def test_at_any_moment_it_stands_as_its_days_say(
    zone: str, begins: int, lasts: int, moment: int, gone: int, wrong_entry: bool
) -> None:
    effective = FIRST + timedelta(days=begins)
    one = listing(zone, effective, effective + timedelta(days=lasts))
    here = datetime.fromtimestamp(moment // 1_000_000, ZoneInfo(zone)).date()
    state = one.state(moment)
    assert (state == "listed") == (one.effective <= here < one.end)
    assert one.state(moment, disputed={"judgment-1"}) == ("stayed" if state == "listed" else state)
    assert one.state(moment, disputed={one.id}) == ("stayed" if state == "listed" else state)
    off = one.noticed + timedelta(days=gone)
    if wrong_entry:
        void = one.found_wrong(off, by="Judge Wen", grounds="another person")
        assert void.state(moment) == "void" and void.shown(moment) is None
    elif off < one.end:
        removed = one.removed(off, by="Judge Wen", grounds="paid")
        assert (removed.state(moment) == "removed") == (here >= off)
        assert Listing.from_json(removed.to_json()) == removed


# ------------------------------------------------------------------ the ways off


def test_repair_takes_off_by_its_clock_if_nobody_refuses() -> None:
    one = entered().ask_repair(date(2027, 9, 1), "I have paid")
    assert one.repair is not None and one.repair.due == date(2027, 9, 6)  # three working days
    zone = "Asia/Shanghai"
    assert one.state(at("2027-09-06T23:59:59", zone)) == "listed"
    assert one.state(at("2027-09-07", zone)) == "removed"
    refused = one.answer_repair(date(2027, 9, 3), by="Judge Wen", grounds="half", granted=False)
    assert refused.state(at("2027-09-07", zone)) == "listed"
    again = refused.ask_repair(date(2027, 10, 8), "now all of it")
    granted = again.answer_repair(date(2027, 10, 9), by="Judge Wen", grounds="paid", granted=True)
    assert granted.state(at("2027-10-08T12:00:00", zone)) == "listed"
    assert granted.state(at("2027-10-09", zone)) == "removed"
    for act in (
        lambda: one.ask_repair(date(2027, 9, 2), "again"),
        lambda: one.answer_repair(date(2027, 9, 7), by="x", grounds="late", granted=False),
        lambda: granted.ask_repair(date(2027, 10, 10), "again"),
        lambda: granted.removed(date(2027, 10, 10), by="x", grounds="x"),
        lambda: granted.answer_repair(date(2027, 10, 10), by="x", grounds="x", granted=True),
        lambda: entered().answer_repair(date(2027, 10, 10), by="x", grounds="x", granted=True),
        lambda: entered().removed(date(2029, 6, 1), by="x", grounds="over by itself"),
        lambda: entered().removed(date(2027, 8, 1), by="x", grounds="before the notice"),
        lambda: (
            entered().found_wrong(DAY, by="x", grounds="x").found_wrong(DAY, by="x", grounds="x")
        ),
    ):
        with pytest.raises(StepRefused):
            act()


def test_what_was_taken_off_comes_back_on_new_records_alone() -> None:
    one = entered()
    for earlier in (
        one,
        one.removed(date(2027, 9, 1), by="x", grounds="paid"),
        one.found_wrong(date(2027, 9, 1), by="x", grounds="another person"),
    ):
        with pytest.raises(StepRefused) as caught:
            entered(id="listing-2", earlier=[earlier])
        assert caught.value.code == "out of order"
        both = (unperformed(), unperformed(2, "2027-07-01"))
        assert entered(both, id="listing-2", earlier=[earlier]).ground_day == date(2027, 7, 1)
        assert entered(id="listing-2", earlier=[replace(earlier, subject="ben")]).id == "listing-2"


# ------------------------------------------------------------------ what hangs on a list


def talk(listings: Iterable[Listing], events: tuple[Event, ...] = (unperformed(),)) -> Any:
    moment = at("2027-08-25T10:00:00", "Asia/Shanghai")
    score = scored(events, "city", day=date(2027, 8, 25), known_by=moment)
    return decide(
        approved("city", "cn"), score, events, [by_law()], id="decision-2", sequence=3,
        moment=moment, place="cn", by="Ms Qin", matched="strong identifier", disputed=(),
        listings=listings,
    )  # fmt: skip


def test_a_burden_hangs_on_a_listing_in_due_form_and_ends_with_it() -> None:
    assert [(one.consequence, one.why) for one in talk([]).left_out] == [("C2", "listing")]
    late = entered(effective=date(2027, 9, 1))
    assert [one.why for one in talk([late]).left_out] == ["listing"]
    other = replace(entered(), subject="ben")
    assert [one.why for one in talk([other]).left_out] == ["listing"]
    one = entered()
    made = talk([one])
    assert [burden.id for burden in made.burdens] == ["C2"]
    assert made.burdens[0].listings == (one.id,) and made.burdens[0].latest == one.end
    moment = made.moment
    made = made.preview(by="Ms Qin", at=moment).confirm(
        by="Ms Qin", at=moment, note="she can pay", disputed=()
    )
    made = made.noticed("n", by="Ms Qin", at=moment, disputed=())
    later = at("2027-10-01", "Asia/Shanghai")

    def burdens(**given: Any) -> list[str]:
        return [one.id for one in made.in_force(later, **given) if one.kind == "burden"]

    assert burdens(listings=[one]) == ["C2"]
    assert not burdens()
    assert not burdens(listings=[one.removed(date(2027, 9, 30), by="x", grounds="paid")])
    assert not burdens(listings=[one], disputed={one.id})
    assert not burdens(listings=[one], disputed={"judgment-1"})
    assert listed([one], AMINA, later) == (one,) and not listed([one], "ben", later)


def test_a_score_that_reads_no_list_needs_none() -> None:
    assert in_effect().burdens[0].listings == () and decided().left_out == ()
