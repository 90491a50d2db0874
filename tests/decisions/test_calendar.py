from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import AMINA, NOW, at, by_law, confirmed, consent, decided, entered, in_effect, scheme

from xinyong.decisions.calendar import Dated, Entry, calendar
from xinyong.decisions.dispute import open_dispute
from xinyong.decisions.icalendar import escaped, folded, icalendar
from xinyong.errors import StepRefused

FOREVER = (date(1990, 1, 1), date(2190, 1, 1))


def dispute() -> object:
    return open_dispute(
        scheme(), id="dispute-1", subject=AMINA, about="events", events=["bill-4"],
        statement="x", source="A landlord", at=NOW, place="eu",
    )  # fmt: skip


def all_of_it() -> Dated:
    return Dated(
        zone="UTC",
        decisions=[in_effect(), confirmed(id="decision-2")],
        listings=[entered().ask_repair(date(2027, 9, 1), "paid")],
        disputes=[dispute()],  # type: ignore[list-item]
        consents=[consent(), by_law()],
        shares=[
            Entry(day=date(2027, 12, 1), what="share ends", about="share", id="s", subject=AMINA)
        ],
    )


def told(dated: Dated, first: date = FOREVER[0], last: date = FOREVER[1]) -> list[tuple[str, str]]:
    return [(one.day.isoformat(), one.what) for one in calendar(dated, first, last)]


def test_everything_that_ends_or_falls_due_is_there_in_order() -> None:
    assert told(all_of_it()) == [
        ("2027-08-03", "dispute is to be marked"),
        ("2027-08-05", "notice is due"),
        ("2027-08-05", "source is to be told"),
        ("2027-08-09", "dispute is to be decided"),
        ("2027-08-10", "burden begins"),
        ("2027-08-20", "listing takes effect"),
        ("2027-09-02", "score grows old"),
        ("2027-09-06", "repair is due"),
        ("2027-11-10", "burden ends"),
        ("2027-12-01", "share ends"),
        ("2028-12-31", "legal basis ends"),
        ("2028-12-31", "consent ends"),
        ("2029-06-01", "listing ends"),
    ]


def test_what_is_done_falls_due_no_more() -> None:
    done = dispute().take(by="Ms Roy", at=NOW).decide("kept", by="Ms Roy", at=NOW, grounds="x")  # type: ignore[attr-defined]
    assert told(Dated(zone="UTC", disputes=[done])) == []
    ended = in_effect().end(by="x", at=at("2027-09-01"), note="talked")
    assert told(Dated(zone="UTC", decisions=[ended]))[-1] == ("2027-09-01", "burden ends")
    gone = entered().removed(date(2027, 8, 10), by="x", grounds="paid")
    assert told(Dated(zone="UTC", listings=[gone])) == [("2027-08-10", "listing ends")]
    assert told(Dated(zone="UTC", consents=[consent().withdrawn(NOW)])) == [
        ("2027-08-02", "consent ends")
    ]
    assert told(Dated(zone="UTC", decisions=[decided()])) == [("2027-09-02", "score grows old")]


@given(cut=st.dates(date(2027, 8, 1), date(2029, 7, 1)))
def test_two_spans_side_by_side_hold_what_one_holds(cut: date) -> None:
    dated = all_of_it()
    parts = [*told(dated, last=cut), *told(dated, first=cut + timedelta(days=1))]
    assert parts == told(dated)


def test_days_of_consents_are_cut_by_the_zone() -> None:
    ends = at("2028-01-01T01:00:00")
    for zone, day in (("UTC", "2028-01-01"), ("America/New_York", "2027-12-31")):
        assert told(Dated(zone=zone, consents=[consent(until=ends)]))[0][0] == day


# ------------------------------------------------------------------ iCalendar


def unfolded(text: str) -> list[str]:
    """Lines as RFC 5545 reads them."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    return text[:-2].replace("\r\n ", "").split("\r\n")


def test_a_calendar_programme_can_read_it() -> None:
    entries = calendar(all_of_it(), *FOREVER)
    text = icalendar(entries, made=NOW, name="Clocks; of, the co-operative")
    lines = unfolded(text)
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(entries)
    assert "NAME:Clocks\\; of\\, the co-operative" in lines
    assert lines.count("DTSTAMP:20270802T100000Z") == len(entries)
    assert "DTSTART;VALUE=DATE:20271110" in lines and "DTEND;VALUE=DATE:20271111" in lines
    assert "SUMMARY:burden ends: decision decision-1 C4" in lines
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(set(uids)) == len(entries)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert icalendar(entries, made=NOW, name="x") == icalendar(entries, made=NOW, name="x")


@given(text=st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])))
def test_a_folded_line_is_short_and_unfolds_to_itself(text: str) -> None:
    whole = folded(text)
    assert all(len(line.encode()) <= 75 for line in whole.split("\r\n"))
    assert whole.replace("\r\n ", "") == text


@pytest.mark.parametrize("sign", ["a", "é", "信", "𠀀"])
@pytest.mark.parametrize("many", [74, 75, 76, 77, 300])
def test_a_long_line_is_folded_after_75_octets_and_never_inside_a_sign(
    sign: str, many: int
) -> None:
    lines = folded(sign * many).split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert all(len(line.encode()) > 75 - len(sign.encode()) for line in lines[:-1])
    assert "".join([lines[0], *(line[1:] for line in lines[1:])]) == sign * many


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_text_has_no_bare_sign_and_can_be_read_back(text: str) -> None:
    out = escaped(text)
    assert "\n" not in out and "\r" not in out
    back = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], out)
    assert back == text.replace("\r\n", "\n").replace("\r", "\n")
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", out)


def test_an_entry_with_an_injected_line_is_refused() -> None:
    with pytest.raises(StepRefused):
        Entry.from_json(
            {"day": "2027-01-01", "what": "share ends", "about": "share", "id": "s\r\nATTACH:x",
             "subject": "a"}
        )  # fmt: skip
