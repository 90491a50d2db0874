"""Disputes over HTTP: records leave scoring at once; a correction reaches every past decision."""

from __future__ import annotations

import pytest
from serving import DAY, START, Client, Served, bills

from xinyong.service.worker import Worker

BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)


def ready(service: Served, late: int = 5, count: int = 5) -> tuple[Client, Client, str]:
    operator = service.operator
    handle = service.enter("anna")
    operator.ok(operator.post("/events", {"events": bills("anna", count, late=late)}))
    anna = service.client("subject", "anna", "anna")
    consent = {
        "scheme": "a-fair-start",
        "data_sets": ["bills"],
        "until": START + 300 * DAY,
        "written": True,
        "warned": True,
    }
    anna.ok(anna.post("/subjects/me/consents", consent))
    return operator, anna, handle


def objection(*events: str) -> dict[str, object]:
    return {
        "scheme": "a-fair-start",
        "about": "events",
        "events": list(events),
        "statement": "I paid these on the day; here are the receipts",
        "evidence": [{"name": "receipts.pdf", "sha256": "a" * 64}],
        "source": "water works",
    }


def decided(operator: Client, handle: str) -> str:
    """A decision with a burden in effect; its id."""
    form = {"scheme": "a-fair-start", "matched": "strong identifier"}
    made = operator.ok(operator.post(f"/subjects/{handle}/decisions", form))
    steps = f"/subjects/{handle}/decisions/{made['id']}/steps"
    operator.ok(operator.post(steps, {"step": "preview", "person": "Chen"}))
    operator.ok(operator.post(steps, {"step": "confirm", "person": "Chen", "note": "I looked"}))
    operator.ok(operator.post(steps, {"step": "notice", "person": "Chen"}))
    return str(made["id"])


@BOTH
def test_a_correction_reaches_the_decision_that_used_the_record(service: Served) -> None:
    operator, anna, handle = ready(service)
    old = decided(operator, handle)
    scores = f"/subjects/{handle}/scores"
    before = operator.ok(operator.post(scores, {"scheme": "a-fair-start"}))
    opened = anna.ok(anna.post("/subjects/me/disputes", objection("bill-0", "bill-1")))
    during = operator.ok(operator.post(scores, {"scheme": "a-fair-start"}))
    assert during["key"]["sequence"] > before["key"]["sequence"]
    assert anna.ok(anna.get("/subjects/me/events"))["disputed"] == ["bill-0", "bill-1"]
    steps = f"/subjects/{handle}/disputes/{opened['id']}/steps"
    untaken = {"step": "decide", "person": "Li", "found": "corrected", "grounds": "receipts"}
    fields = [{"event": f"bill-{n}", "field": "on_time", "value": True} for n in (0, 1)]
    assert operator.post(steps, {**untaken, "fields": fields}).status_code == 422
    operator.ok(operator.post(steps, {"step": "take", "person": "Li"}))
    done = operator.ok(operator.post(steps, {**untaken, "fields": fields}))
    assert done["state"] == "decided"
    record = anna.ok(anna.get("/subjects/me/events"))
    assert record["disputed"] == []
    standing = {one["id"]: one for one in record["events"] if one["struck_at"] is None}
    assert sorted(standing)[:3] == [f"bill-{n}/{opened['id'][:12]}" for n in (0, 1)] + ["bill-2"]
    decisions = anna.ok(anna.get("/subjects/me/decisions"))
    assert decisions[0]["id"] == old
    again = [one for one in decisions if one.get("replaces") == old]
    assert len(again) == 1
    assert [reason for reason in again[0]["reasons"]]
    letters = [
        act.body["told"]
        for act in service.house.store.of("anna", ("notice",))
        if act.body is not None and "told" in act.body
    ]
    assert {one["kind"] for one in letters} == {
        "dispute opened",
        "dispute decided",
        "decision replaced",
    }


def test_a_disputed_record_carries_no_burden(service: Served) -> None:
    operator, anna, handle = ready(service)
    anna.ok(anna.post("/subjects/me/disputes", objection(*(f"bill-{n}" for n in range(5)))))
    form = {"scheme": "a-fair-start", "matched": "strong identifier"}
    made = operator.ok(operator.post(f"/subjects/{handle}/decisions", form))
    assert [one for one in made["follows"] if one["kind"] == "burden"] == []


def test_time_decides_for_the_subject(service: Served) -> None:
    operator, anna, handle = ready(service)
    decided(operator, handle)
    opened = anna.ok(anna.post("/subjects/me/disputes", objection("bill-0")))
    waiting = operator.ok(operator.get("/disputes"))
    assert [(one["id"], one["handle"]) for one in waiting] == [(opened["id"], handle)]
    worker = Worker(service.house)
    assert worker.once()["close_disputes"] == 0
    service.clock.now += 12 * DAY
    done = worker.once()
    assert (done["close_disputes"], done["work_out_all"]) == (1, 1)
    assert operator.ok(operator.get("/disputes")) == []
    record = anna.ok(anna.get("/subjects/me/events"))
    assert [one["id"] for one in record["events"] if one["struck_at"] is not None] == ["bill-0"]
    assert worker.once()["work_out_all"] == 0


def test_withdrawn_records_count_again(service: Served) -> None:
    _, anna, _ = ready(service)
    opened = anna.ok(anna.post("/subjects/me/disputes", objection("bill-0")))
    path = f"/subjects/me/disputes/{opened['id']}/withdrawal"
    assert anna.ok(anna.post(path))["state"] == "withdrawn"
    assert anna.ok(anna.get("/subjects/me/events"))["disputed"] == []
    assert anna.post(path).status_code == 409
    assert anna.post("/subjects/me/disputes", objection("no-such")).status_code == 422
