"""Flags over HTTP: an order for inspections, told with its chance, and never part of a score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import DAY, START, Served

from xinyong.records import uscc

*FIRMS, NOT_LOOKED_AT = uscc.draw(np.random.default_rng(7), 41)
MARKET = {
    "operator": "An environment bureau",
    "places": ["cn"],
    "schemes": [str(Path(__file__).with_name("market.yaml"))],
}


@pytest.fixture
def bureau(start: Any) -> Served:
    served: Served = start(**MARKET)
    return served


def flag(firm: str, week: int = 0, **other: Any) -> dict[str, Any]:
    return {
        "firm": firm,
        "instrument": "chimney 1",
        "substance": "dust",
        "kind": "flat",
        "start": START - (week + 1) * 7 * DAY,
        "end": START - week * 7 * DAY,
        "evidence": "the same value for four days",
        "false_alarms_per_10000": 100,
        **other,
    }


def looked(*flags: dict[str, Any], tries: int = 52) -> dict[str, Any]:
    return {"looked_at": [{"firm": f, "tries": tries} for f in FIRMS], "flags": list(flags)}


def test_firms_come_in_the_order_of_chance_and_each_has_a_reading(bureau: Served) -> None:
    operator = bureau.operator
    many = [flag(FIRMS[3], week) for week in range(6)]
    told = operator.ok(operator.post("/flags", looked(flag(FIRMS[1]), *many)))
    assert told == {"firms": 40, "flags": 7}
    found = operator.ok(operator.get("/flags"))
    handles = [bureau.enter(FIRMS[n]) for n in (3, 1)]
    assert [one["handle"] for one in found["firms"]] == handles
    assert found["looked_at"] == 40 and "about 2 would be flagged by chance" in found["told"]
    assert found["firms"][0]["odds_per_million"] < 100 < found["firms"][1]["odds_per_million"]
    assert not any(firm in str(found) for firm in FIRMS)
    operator.ok(operator.post("/flags", looked()))
    again = operator.ok(operator.get("/flags"))
    assert [one["tries"] for one in again["firms"]] == [104, 104]
    assert again["firms"][1]["odds_per_million"] > found["firms"][1]["odds_per_million"]
    store = bureau.house.store
    assert [len(store.of(FIRMS[n], ("read",))) for n in (3, 1, 0)] == [2, 2, 0]
    assert bureau.client("auditor", "court").get("/flags").status_code == 403


def test_a_look_with_an_id_is_recorded_once_and_never_changed(bureau: Served) -> None:
    operator = bureau.operator
    look = {"look": "2026-47", **looked(flag(FIRMS[1]), flag(FIRMS[3]))}
    first = operator.ok(operator.post("/flags", look))
    found = operator.ok(operator.get("/flags"))
    assert operator.ok(operator.post("/flags", look)) == first
    assert operator.ok(operator.get("/flags")) == found
    other = {"look": "2026-47", **looked(flag(FIRMS[1], 1), flag(FIRMS[3]))}
    refused = operator.post("/flags", other)
    assert (refused.status_code, refused.json()["type"]) == (409, "#id-taken")
    elsewhere = {"look": "2026-47", "looked_at": [{"firm": NOT_LOOKED_AT, "tries": 3}]}
    refused = operator.post("/flags", elsewhere)
    assert refused.status_code == 409, refused.text
    assert operator.ok(operator.get("/flags")) == found


def test_a_week_that_is_looked_at_again_is_no_second_sign(bureau: Served) -> None:
    operator = bureau.operator
    operator.ok(operator.post("/flags", looked(flag(FIRMS[1]))))
    once = operator.ok(operator.get("/flags"))["firms"][0]
    operator.ok(operator.post("/flags", looked(flag(FIRMS[1], evidence="said otherwise"))))
    again = operator.ok(operator.get("/flags"))["firms"][0]
    assert again["flags"] == once["flags"] and again["tries"] == 104
    assert again["odds_per_million"] > once["odds_per_million"]


def test_a_flag_changes_no_score(bureau: Served) -> None:
    operator, handle = bureau.operator, bureau.enter(FIRMS[0])
    basis = {
        "scheme": "market",
        "data_sets": ["sensors"],
        "until": START + 300 * DAY,
        "basis": "law:Environmental Protection Law art. 42",
    }
    operator.ok(operator.post(f"/subjects/{handle}/consents", basis))
    path, form = f"/subjects/{handle}/scores", {"scheme": "market"}
    before = operator.ok(operator.post(path, form))
    operator.ok(operator.post("/flags", looked(*[flag(FIRMS[0], n) for n in range(9)])))
    assert operator.ok(operator.post(path, form)) == before


@pytest.mark.parametrize(
    "form",
    [
        looked(flag("anna")),
        {"looked_at": [{"firm": "anna", "tries": 3}]},
        {"looked_at": [{"firm": FIRMS[0], "tries": 3}], "flags": [flag(FIRMS[1])]},
        looked(flag(FIRMS[0], 0), flag(FIRMS[0], 1), tries=1),
        looked(flag(FIRMS[0], false_alarms_per_10000=101)),
        looked(flag(FIRMS[0], kind="benford")),
        looked(flag(FIRMS[0], end=START - 8 * DAY)),
        looked(flag(FIRMS[0], use="a penalty")),
        {"looked_at": []},
    ],
)
def test_what_is_no_flag_is_refused_whole(bureau: Served, form: dict[str, Any]) -> None:
    operator = bureau.operator
    assert operator.post("/flags", form).status_code == 422
    found = operator.ok(operator.get("/flags"))
    assert (found["firms"], found["looked_at"]) == ([], 0)
