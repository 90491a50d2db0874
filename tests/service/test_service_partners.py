"""Partners ask for bands: under a share alone, so many people a day, with nothing to be guessed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from city_service import CITY, PARTNER, PURPOSE, agree, kept, member
from serving import DAY, Client, Served

BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    return start(**CITY, limits={"partner_subjects_a_day": 3, "partner_misses_a_day": 12})


def ask(client: Client, reference: str, **other: str) -> Any:
    form = {"reference": reference, "scheme": "city", "purpose": PURPOSE, **other}
    return client.post("/partner/queries", form)


@BOTH
def test_a_band_is_told_while_the_share_lasts_and_she_sees_who_asked(city: Served) -> None:
    anna = member(city)
    parks, bank = city.client("partner", PARTNER), city.client("partner", "a bank")
    reference = anna.share()["reference"]
    assert reference != anna.handle
    told = parks.ok(ask(parks, reference))
    assert told == {"band": "trusted", "scheme": "city", "day": "2026-11-22"}
    last = anna.client.ok(anna.client.get("/subjects/me/readings"))[-2]
    assert (last["reader"], last["role"], last["purpose"]) == (PARTNER, "partner", PURPOSE)
    assert (last["fields"], last["basis"]) == (["band"], f"consent:{anna.passed_on}")
    silent = city.operator
    silent.ok(silent.post("/events", {"events": kept("anna", 3)}))
    agree(anna.client, "loans")
    assert ask(parks, reference).status_code == 404  # the band rests on more than she passes on
    agree(anna.client, "help", "loans", partner=PARTNER)
    assert ask(parks, reference).status_code == 404  # and nothing is shared under the new consent
    again = anna.client.get("/subjects/me/consents").json()
    assert [one["in_force"] for one in again] == [True] * 4
    assert ask(bank, reference).status_code == 404
    assert city.operator.post("/partner/queries", {}).status_code == 403


def test_who_may_not_know_is_told_the_same_in_the_same_time(start: Callable[..., Served]) -> None:
    city = start(**CITY, limits={"partner_misses_a_day": 1000})
    anna, bela, chen = member(city), member(city, "bela"), member(city, "chen")
    parks = city.client("partner", PARTNER)
    made, gone = anna.share(), bela.share()
    bela.client.ok(bela.client.post(f"/subjects/me/consents/{bela.passed_on}/withdrawal"))
    keys = city.house.vault.keys("chen", create=False)
    assert keys is not None and chen.handle == keys.who
    other = {
        "nobody's": ("0" * 32, {}),
        "another's": (keys.pseudonym("partner a bank"), {}),
        "handle": (anna.handle, {}),
        "withdrawn": (gone["reference"], {}),
        "another purpose": (made["reference"], {"purpose": "to lend"}),
        "another scheme": (made["reference"], {"scheme": "a-fair-start"}),
    }
    seen: dict[str, set[tuple[int, bytes, str]]] = {}
    times: dict[str, list[float]] = {}
    for _ in range(12):
        for name, (reference, form) in other.items():
            began = time.perf_counter()
            answer = ask(parks, reference, **form)
            times.setdefault(name, []).append(time.perf_counter() - began)
            headers = str(sorted(answer.headers.items()))
            seen.setdefault(name, set()).add((answer.status_code, answer.content, headers))
    assert len(set.union(*seen.values())) == 1
    assert next(iter(seen["withdrawn"]))[0] == 404
    quickest = [min(one) for one in times.values()]
    assert max(quickest) < 1.5 * min(quickest)
    assert ask(parks, made["reference"]).status_code == 200
    assert not [
        act for act in city.house.store.of("bela", ("read",)) if act.body and "partner" in act.body
    ]


@BOTH
def test_so_many_different_people_a_day(city: Served) -> None:
    members = [member(city, name) for name in ("anna", "bela", "chen", "dora")]
    references = [one.share()["reference"] for one in members]
    parks = city.client("partner", PARTNER)
    told = [ask(parks, reference).status_code for reference in references]
    assert told == [200, 200, 200, 429]
    full, unknown = ask(parks, references[3]), ask(parks, "0" * 32)
    assert full.content == unknown.content and full.status_code == unknown.status_code
    seconds = int(full.headers["retry-after"])
    assert 0 < seconds <= 86_400
    assert ask(parks, references[0]).status_code == 200  # the same people are no others
    dora = members[3].client
    reads = dora.ok(dora.get("/subjects/me/readings"))
    assert not [one for one in reads if one["role"] == "partner"]
    city.clock.now += seconds * 1_000_000
    assert ask(parks, references[3]).status_code == 200


def test_guessing_raises_an_alarm_and_ends_the_answers(city: Served) -> None:
    anna = member(city)
    reference = anna.share()["reference"]
    parks, operator = city.client("partner", PARTNER), city.operator
    assert ask(parks, reference).status_code == 200
    assert operator.ok(operator.get("/alarms")) == []
    told = [ask(parks, f"{n:032x}").status_code for n in range(13)]
    assert told == [404] * 12 + [429]
    assert ask(parks, reference).status_code == 429
    (alarm,) = operator.ok(operator.get("/alarms"))
    assert (alarm["partner"], alarm["state"]) == (PARTNER, "open")
    assert re.search(r"^xinyong_open_alarms 1\.0$", operator.get("/metrics").text, re.M)
    form = {"alarm": alarm["alarm"], "person": "Ms Okafor", "note": "I called them"}
    assert operator.ok(operator.post("/alarms/closed", form))["state"] == "closed"
    assert operator.post("/alarms/closed", form).status_code == 409
    assert re.search(r"^xinyong_open_alarms 0\.0$", operator.get("/metrics").text, re.M)
    assert ask(city.client("partner", "a bank"), reference).status_code == 404
    city.clock.now += DAY
    assert ask(parks, reference).status_code == 200


def test_a_partner_is_told_that_what_it_knew_no_longer_holds(city: Served) -> None:
    operator = city.operator
    anna = member(city)
    form = {"scheme": "city", "matched": "strong identifier"}
    operator.ok(operator.post(f"/subjects/{anna.handle}/decisions", form))
    made = anna.share()
    parks, bank = city.client("partner", PARTNER), city.client("partner", "a bank")
    parks.ok(ask(parks, made["reference"]))
    assert parks.ok(parks.get("/partner/notices")) == []
    objection = {
        "scheme": "city",
        "about": "events",
        "events": ["help-0", "help-1", "help-2"],
        "statement": "I was not there",
        "source": "an association",
    }
    opened = anna.client.ok(anna.client.post("/subjects/me/disputes", objection))
    steps = f"/subjects/{anna.handle}/disputes/{opened['id']}/steps"
    operator.ok(operator.post(steps, {"step": "take", "person": "Li"}))
    end = {"step": "decide", "person": "Li", "found": "deleted", "grounds": "they mistook her"}
    operator.ok(operator.post(steps, end))
    (letter,) = parks.ok(parks.get("/partner/notices"))
    assert letter["letter"]["kind"] == "decision replaced"
    assert letter["letter"]["about"] == made["reference"]
    assert "anna" not in str(letter)
    (chinese,) = parks.ok(parks.get("/partner/notices?language=zh"))
    assert chinese["letter"] == letter["letter"] and chinese["text"] != letter["text"]
    assert parks.ok(parks.get(f"/partner/notices?after={letter['sequence']}")) == []
    assert bank.ok(bank.get("/partner/notices")) == []
