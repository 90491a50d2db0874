"""Lists over HTTP: entered with all it takes, left in every way, published as the scheme says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from city_service import CITY
from serving import DAY, START, Client, Served

from xinyong.records.store import Act

BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)
MARKET = {
    "operator": "An environment bureau",
    "places": ["cn"],
    "schemes": [str(Path(__file__).with_name("market.yaml"))],
}
FIRM = "91310000MA1K00000X"


@pytest.fixture
def market(start: Callable[..., Served]) -> Served:
    return start(**MARKET)


def over(subject: str, count: int = 5) -> list[dict[str, Any]]:
    return [
        {
            "subject": subject,
            "id": f"reading-{n}",
            "kind": "reading",
            "happened_at": START - (n + 20) * DAY,
            "fields": {"over": True},
        }
        for n in range(count)
    ]


def polluter(service: Served, name: str = FIRM, count: int = 5) -> tuple[Client, str]:
    """A plant with readings over its limit, and the legal basis for reading them."""
    operator = service.operator
    handle = service.enter(name)
    operator.ok(operator.post("/events", {"events": over(name, count)}))
    basis = {
        "scheme": "market",
        "data_sets": ["sensors"],
        "until": START + 300 * DAY,
        "basis": "law:Environmental Protection Law art. 42",
    }
    operator.ok(operator.post(f"/subjects/{handle}/consents", basis))
    return operator, handle


def entry(**other: Any) -> dict[str, Any]:
    heard = {"day": "2026-11-18", "by": "Mr Gao", "came": True, "said": "a filter was broken"}
    form = {
        "scheme": "market",
        "list": "polluters",
        "person": "Ms Lin",
        "decided_in": "decision 7 of 2026",
        "noticed": "2026-11-12",
        "effective": "2026-11-25",
        "matched": "strong identifier",
        "exempt_checked": ["plants that are being rebuilt"],
        "heard": heard,
        "second": "Mr Qiu",
    }
    return form | other


def listed(operator: Client, handle: str) -> dict[str, Any]:
    made: dict[str, Any] = operator.ok(operator.post(f"/subjects/{handle}/listings", entry()))
    return made


def shown(service: Served) -> list[dict[str, str]]:
    """The list as anybody reads it."""
    found: list[dict[str, str]] = (
        service.client(None).get("/lists/market/polluters").json()["entries"]
    )
    return found


@BOTH
def test_an_entry_takes_effect_is_published_and_ends_by_itself(market: Served) -> None:
    operator, handle = polluter(market)
    made = listed(operator, handle)
    assert (made["state"], shown(market)) == ("announced", [])
    market.clock.now += 4 * DAY
    (one,) = shown(market)
    assert one == {
        "code": FIRM,
        "ground": made["ground_says"],
        "decision": "decision 7 of 2026",
        "authority": "the bureau",
        "effective": "2026-11-25",
        "end": made["end"],
    }
    shown(market)
    reads = [act.body for act in market.house.store.of(FIRM, ("read",)) if act.body]
    assert [one["role"] for one in reads].count("public") == 1
    market.clock.now += DAY
    market.house.rooms.clear()
    shown(market)
    shown(market)
    reads = [act.body for act in market.house.store.of(FIRM, ("read",)) if act.body]
    assert [one["role"] for one in reads].count("public") == 2
    market.clock.now += 800 * DAY
    assert shown(market) == []
    (mine,) = operator.ok(operator.get(f"/subjects/{handle}/listings"))
    assert mine["state"] == "ended"


@pytest.mark.parametrize(
    "other",
    [
        {"heard": None},
        {"heard": entry()["heard"] | {"day": "2026-11-24"}},
        {"effective": "2026-11-20"},
        {"noticed": "2026-11-23"},
        {"exempt_checked": []},
        {"matched": "name"},
        {"list": "another"},
        {"decided_in": ""},
        {"noticed": "2026-13-45"},
    ],
)
def test_nobody_is_entered_without_what_it_takes(market: Served, other: dict[str, Any]) -> None:
    operator, handle = polluter(market)
    answer = operator.post(f"/subjects/{handle}/listings", entry(**other))
    assert answer.status_code in (409, 422)
    assert market.house.store.of(FIRM, ("listing", "notice")) == []


def test_nobody_is_entered_by_absence_or_disputed_records(market: Served) -> None:
    operator, handle = polluter(market, count=3)
    path = f"/subjects/{handle}/listings"
    assert operator.post(path, entry()).status_code == 422
    operator.ok(operator.post("/events", {"events": over(FIRM, 4)[3:]}))
    firm = market.client("subject", "the plant", FIRM)
    objection = {
        "scheme": "market",
        "about": "events",
        "events": ["reading-0"],
        "statement": "the instrument was being calibrated",
        "source": "the bureau",
    }
    opened = firm.ok(firm.post("/subjects/me/disputes", objection))
    assert operator.post(path, entry()).status_code in (409, 422)
    firm.ok(firm.post(f"/subjects/me/disputes/{opened['id']}/withdrawal"))
    made = listed(operator, handle)
    market.clock.now += 4 * DAY
    assert len(shown(market)) == 1
    firm.ok(firm.post("/subjects/me/disputes", objection | {"events": ["reading-1"]}))
    assert shown(market) == []
    (mine,) = firm.ok(firm.get("/subjects/me/listings"))
    assert (mine["id"], mine["state"]) == (made["id"], "stayed")


@pytest.mark.parametrize("granted", [True, False])
def test_making_good_is_answered_or_over_by_itself(market: Served, granted: bool) -> None:
    operator, handle = polluter(market)
    path = f"/subjects/{handle}/listings/{listed(operator, handle)['id']}"
    firm = market.client("subject", "the plant", FIRM)
    mine = path.replace(handle, "me")
    market.clock.now += 4 * DAY
    assert operator.post(f"{path}/answer", {**GRANT, "granted": granted}).status_code == 409
    firm.ok(firm.post(f"{mine}/repair", {"said": "the filter is new"}))
    assert firm.post(f"{mine}/repair", {"said": "again"}).status_code in (409, 422)
    assert len(shown(market)) == 1
    answered = operator.ok(operator.post(f"{path}/answer", {**GRANT, "granted": granted}))
    assert answered["state"] == ("removed" if granted else "listed")
    assert len(shown(market)) == (0 if granted else 1)
    if not granted:
        firm.ok(firm.post(f"{mine}/repair", {"said": "the chimney is new too"}))
        market.clock.now += 10 * DAY
        assert shown(market) == []
    kinds = [
        act.body["told"]["kind"]
        for act in market.house.store.of(FIRM, ("notice",))
        if act.body is not None
    ]
    end = ["repair refused", "repair asked"] if not granted else ["listing removed"]
    assert kinds == ["listing announced", "repair asked", *end]


GRANT = {"person": "Ms Lin", "grounds": "I went and looked"}


def test_what_was_wrong_never_was_and_whoever_was_told_is_told(market: Served) -> None:
    operator, handle = polluter(market)
    made = listed(operator, handle)
    path = f"/subjects/{handle}/listings/{made['id']}"
    body = {"partner": "a bank", "answered": {"band": "D"}}
    market.house.store.append(Act("share", FIRM, body))
    market.clock.now += 4 * DAY
    gone = operator.ok(operator.post(f"{path}/removal", GRANT))
    assert (gone["state"], shown(market)) == ("removed", [])
    assert operator.post(f"{path}/removal", GRANT).status_code == 409
    void = operator.ok(operator.post(f"{path}/wrong", GRANT))
    assert void["state"] == "void"
    assert operator.post(f"{path}/wrong", GRANT).status_code == 409
    bank = market.client("partner", "a bank")
    letters = bank.ok(bank.get("/partner/notices"))
    assert [one["letter"]["kind"] for one in letters] == ["listing removed", "listing void"]
    keys = market.house.vault.keys(FIRM, create=False)
    assert keys is not None
    assert {one["letter"]["about"] for one in letters} == {keys.pseudonym("partner a bank")}
    assert FIRM not in str(letters)
    assert operator.post(f"/subjects/{handle}/listings", entry()).status_code == 409


def test_a_list_of_persons_is_shown_to_nobody(start: Callable[..., Served]) -> None:
    city = start(**CITY)
    operator, handle = city.operator, city.enter("anna")
    event = {"subject": "anna", "id": "j1", "kind": "unperformed", "happened_at": START - 30 * DAY}
    operator.ok(operator.post("/events", {"events": [event]}))
    basis = {
        "scheme": "city",
        "data_sets": ["courts"],
        "until": START + 300 * DAY,
        "basis": "law:Provisions of 2017",
    }
    operator.ok(operator.post(f"/subjects/{handle}/consents", basis))
    form = entry(scheme="city", list="defaulters", exempt_checked=["minors"], able=True)
    operator.ok(operator.post(f"/subjects/{handle}/listings", form))
    city.clock.now += 4 * DAY
    (mine,) = operator.ok(operator.get(f"/subjects/{handle}/listings"))
    assert mine["state"] == "listed"
    told = city.client(None).get("/lists/city/defaulters")
    assert (told.status_code, told.json()["entries"]) == (200, [])
    assert city.client(None).get("/lists/city/no-such").status_code == 422


def test_a_public_list_takes_two_persons(market: Served) -> None:
    operator, handle = polluter(market)
    path = f"/subjects/{handle}/listings"
    alone = operator.post(path, entry(second=None))
    assert (alone.status_code, alone.json()["type"]) == (409, "#out-of-order")
    for one in ("ms  LIN", "Ms\u200b Lin"):
        twice = operator.post(path, entry(second=one))
        assert (twice.status_code, twice.json()["type"]) == (409, "#same-person")
    assert market.house.store.states("listing") == []
    made = operator.ok(operator.post(path, entry()))
    assert made["second"] == "Mr Qiu"
