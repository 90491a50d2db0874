"""Calendars and letters over HTTP: what falls due, for her and for everybody, in two languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from city_service import CITY, agree, member
from serving import DAY, START, Served

BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    return start(**CITY)


@BOTH
def test_a_calendar_holds_what_ends_and_names_no_id(city: Served) -> None:
    operator = city.operator
    anna = member(city, "anna-secret")
    share = anna.share()
    form = {"scheme": "city"}
    made = operator.ok(operator.post(f"/subjects/{anna.handle}/decisions", form))
    mine = anna.client.ok(anna.client.get("/subjects/me/calendar?last=2027-11-22"))
    told = {(one["what"], one["day"], one["id"]) for one in mine}
    assert ("share ends", "2027-02-20", share["id"]) in told
    assert ("consent ends", "2027-09-18", anna.read) in told
    assert [one["part"] for one in mine if one["id"] == made["id"]] == ["C1"]
    assert {one["handle"] for one in mine} == {anna.handle}
    near = anna.client.ok(anna.client.get("/subjects/me/calendar"))
    assert [one["what"] for one in near] == ["share ends"]
    anna.client.ok(anna.client.post(f"/subjects/me/shares/{share['id']}/withdrawal"))
    assert anna.client.ok(anna.client.get("/subjects/me/calendar")) == []
    answer = anna.client.get("/subjects/me/calendar.ics?last=2027-11-22")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.text.count("BEGIN:VEVENT\r\n") == len(mine) - 1
    assert "anna-secret" not in answer.text and anna.handle in answer.text.replace("\r\n ", "")
    assert anna.client.get("/subjects/me/calendar?last=2027-11-23").status_code == 422
    assert anna.client.get("/subjects/me/calendar?last=2026-11-21").status_code == 422


def test_the_operators_calendar_leaves_a_reading_with_everybody_in_it(city: Served) -> None:
    operator = city.operator
    anna, bela = member(city), member(city, "bela")
    chen = city.enter("chen")
    city.clock.now += DAY
    agree(bela.client, "loans", until=START + 30 * DAY)
    found = operator.ok(operator.get("/calendar?last=2026-12-31"))
    assert [(one["handle"], one["what"]) for one in found] == [(bela.handle, "consent ends")]
    found = operator.ok(operator.get("/calendar?last=2027-11-22"))
    assert {one["handle"] for one in found} == {anna.handle, bela.handle}
    assert [one["day"] for one in found] == sorted(one["day"] for one in found)
    store = city.house.store
    reads = {name: len(store.of(name, ("read",))) for name in ("anna", "bela", "chen")}
    assert reads == {"anna": 1, "bela": 2, "chen": 0}
    assert chen not in str(found)
    assert anna.client.get("/calendar").status_code == 403


def test_letters_say_the_same_in_both_languages(city: Served) -> None:
    operator = city.operator
    anna = member(city)
    made = operator.ok(operator.post(f"/subjects/{anna.handle}/decisions", {"scheme": "city"}))
    objection = {
        "scheme": "city",
        "about": "events",
        "events": ["help-0"],
        "statement": "I was there longer",
        "source": "an association",
    }
    anna.client.ok(anna.client.post("/subjects/me/disputes", objection))
    english = anna.client.ok(anna.client.get("/subjects/me/letters"))
    chinese = anna.client.ok(anna.client.get("/subjects/me/letters?language=zh"))
    assert [one["to"] for one in english] == ["subject", "subject", "source"]
    assert english[0]["letter"]["decision"] == made["id"]
    for one, other in zip(english, chinese, strict=True):
        assert one["letter"] == other["letter"] and one["text"] != other["text"]
        assert one["given"] in one["text"]
    assert "I was there longer" not in english[2]["text"]
    bela = member(city, "bela")
    assert bela.client.get(f"/subjects/{anna.handle}/letters").status_code == 404
