"""Events in, consent given, a score with reasons out, every reading on record."""

from __future__ import annotations

import pytest
from serving import DAY, START, Client, Served, bills

BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)


def consent(client: Client, handle: str = "me", *names: str) -> list[str]:
    made = []
    for name in names or ("bills",):
        body = {
            "scheme": "a-fair-start",
            "data_sets": [name],
            "until": START + 300 * DAY,
            "written": True,
            "warned": True,
        }
        made.append(client.ok(client.post(f"/subjects/{handle}/consents", body))["id"])
    return made


@BOTH
def test_a_score_needs_consent_and_is_recorded(service: Served) -> None:
    operator = service.operator
    handle = service.enter("anna")
    operator.ok(operator.post("/events", {"events": bills("anna", 24, late=2)}))
    refused = operator.post(f"/subjects/{handle}/scores", {"scheme": "a-fair-start"})
    assert (refused.status_code, refused.json()["type"]) == (403, "#no-consent")
    anna = service.client("subject", "anna", "anna")
    (given,) = consent(anna)
    told = operator.ok(operator.post(f"/subjects/{handle}/scores", {"scheme": "a-fair-start"}))
    assert told["score"] == told["start"] + sum(told["points"].values()) == 560
    assert [r["rule"] for r in told["reasons"]]
    reads = [act.body for act in service.house.store.of("anna", ("read",))]
    assert [(r["reader"], r["basis"]) for r in reads] == [("coop", f"consent:{given}")]
    assert service.house.store.of("anna", ("score",))[0].body["score"] == 560
    anna.ok(anna.post(f"/subjects/me/consents/{given}/withdrawal"))
    again = operator.post(f"/subjects/{handle}/scores", {"scheme": "a-fair-start"})
    assert again.status_code == 403
    assert len(service.house.store.of("anna", ("score",))) == 1


def test_events_of_data_sets_without_consent_do_not_count(service: Served) -> None:
    operator = service.operator
    handle = service.enter("anna")
    saved = {"subject": "anna", "id": "s1", "kind": "saving", "happened_at": START - DAY}
    operator.ok(operator.post("/events", {"events": [*bills("anna", 12), saved]}))
    consent(service.client("subject", "anna", "anna"))
    told = operator.ok(operator.post(f"/subjects/{handle}/scores", {"scheme": "a-fair-start"}))
    assert told["dimensions"]["circle"] == 0
    basis = {
        "scheme": "a-fair-start",
        "data_sets": ["circle"],
        "until": START + 300 * DAY,
        "basis": "law:the contract of membership",
    }
    operator.ok(operator.post(f"/subjects/{handle}/consents", basis))
    operator.ok(
        operator.post("/events", {"events": [{**saved, "id": f"s{n}"} for n in range(2, 12)]})
    )
    told = operator.ok(operator.post(f"/subjects/{handle}/scores", {"scheme": "a-fair-start"}))
    assert told["dimensions"]["circle"] == 40


def test_the_second_score_comes_from_packed_events_and_is_the_same(service: Served) -> None:
    operator = service.operator
    handle = service.enter("anna")
    operator.ok(operator.post("/events", {"events": bills("anna", 30, late=5)}))
    consent(service.client("subject", "anna", "anna"))
    path, body = f"/subjects/{handle}/scores", {"scheme": "a-fair-start"}
    first = operator.ok(operator.post(path, body))
    assert operator.ok(operator.post(path, body)) == first
    operator.ok(operator.post("/events", {"events": bills("anna", 10, late=10, first=30)}))
    later = operator.ok(operator.post(path, body))
    assert later["score"] < first["score"]
    assert later["key"]["sequence"] > first["key"]["sequence"]


def test_a_request_of_the_wrong_form_is_told_where_and_repeats_nothing(service: Served) -> None:
    operator = service.operator
    wrong = operator.post("/events", {"events": [{**bills("anna-secret", 1)[0], "id": 7}]})
    assert wrong.status_code == 422
    assert wrong.headers["content-type"] == "application/problem+json"
    assert wrong.json()["where"] == "body.events.0.id"
    assert "anna-secret" not in wrong.text
    unknown = operator.post(
        "/events", {"events": [{**bills("anna", 1)[0], "fields": {"on_time": 1}}]}
    )
    assert (unknown.status_code, unknown.json()["where"]) == (422, "events.0.fields.on_time")
    assert service.house.store.of("anna") == []


def test_doors(service: Served) -> None:
    service.enter("anna")
    bela = service.enter("bela")
    anna = service.client("subject", "anna", "anna")
    assert anna.get("/subjects/me/events").status_code == 200
    assert anna.get(f"/subjects/{bela}/events").status_code == 404
    assert anna.get(f"/subjects/{'0' * 32}/events").status_code == 404
    assert anna.post("/events", {"events": bills("anna", 1)}).status_code == 403
    assert service.client(None).get("/subjects/me/events").status_code == 401
    assert service.operator.get("/subjects/me/events").status_code == 404
    silent = service.operator
    silent.headers.pop("xinyong-purpose")
    answer = silent.get(f"/subjects/{bela}/events")
    assert (answer.status_code, answer.json()["type"]) == (422, "#no-purpose")


def test_erasure_takes_her_keys_along(service: Served) -> None:
    service.enter("anna")
    anna = service.client("subject", "anna", "anna")
    anna.ok(anna.post("/subjects/me/erasure", {"reason": "I asked for it"}))
    service.clock.now += 2_000_000
    service.http.app.state.doorkeeper._known.clear()  # type: ignore[attr-defined]
    assert anna.get("/subjects/me/events").status_code == 401
