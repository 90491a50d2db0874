"""Decisions over HTTP: benefits at once, burdens by persons, letters in both languages."""

from __future__ import annotations

from serving import DAY, START, Client, Served, bills

from xinyong.service.papers import papers_of


def ready(service: Served, late: int, count: int = 24) -> tuple[Client, Client, str]:
    """Anna with bills, some of them late, and consent; operator, Anna, handle."""
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


def test_a_benefit_is_in_effect_at_once_with_its_letter(service: Served) -> None:
    operator, anna, handle = ready(service, late=0)
    made = operator.ok(operator.post(f"/subjects/{handle}/decisions", {"scheme": "a-fair-start"}))
    assert (made["state"], made["in_force"]) == ("in effect", ["C1", "C2"])
    english = anna.ok(anna.get(f"/subjects/me/decisions/{made['id']}/letter"))
    chinese = anna.ok(anna.get(f"/subjects/me/decisions/{made['id']}/letter?language=zh"))
    assert english["notice"] == chinese["notice"]
    assert str(made["score"]) in english["text"] and str(made["score"]) in chinese["text"]
    assert [one["id"] for one in anna.ok(anna.get("/subjects/me/decisions"))] == [made["id"]]


def test_a_burden_needs_a_match_persons_and_a_letter(service: Served) -> None:
    operator, anna, handle = ready(service, late=5, count=5)
    path = f"/subjects/{handle}/decisions"
    unsure = operator.ok(operator.post(path, {"scheme": "a-fair-start"}))
    assert unsure["left_out"] == [{"consequence": "C4", "why": "match"}]
    form = {"scheme": "a-fair-start", "matched": "strong identifier"}
    made = operator.ok(operator.post(path, form))
    assert (made["state"], made["in_force"]) == ("proposed", [])
    steps = f"{path}/{made['id']}/steps"
    early = operator.post(steps, {"step": "confirm", "person": "Chen", "note": "I looked"})
    assert (early.status_code, early.json()["type"]) == (409, "#out-of-order")
    assert anna.get(f"/subjects/me/decisions/{made['id']}/letter").status_code == 409
    operator.ok(operator.post(steps, {"step": "preview", "person": "Chen"}))
    bare = operator.post(steps, {"step": "confirm", "person": "Chen"})
    assert (bare.status_code, bare.json()["where"]) == (422, "note")
    operator.ok(operator.post(steps, {"step": "confirm", "person": "Chen", "note": "I looked"}))
    noticed = operator.ok(operator.post(steps, {"step": "notice", "person": "Chen"}))
    assert (noticed["state"], noticed["in_force"]) == ("in effect", [])
    start = noticed["follows"][0]["start"]
    assert start > "2026-11-22"
    service.clock.now += 40 * DAY
    later = anna.ok(anna.get(f"/subjects/me/decisions/{made['id']}"))
    assert later["in_force"] == ["C4"]
    text = anna.ok(anna.get(f"/subjects/me/decisions/{made['id']}/letter"))["text"]
    assert start in text or start.split("-")[0] in text
    states = [
        step.body["decision"]["steps"][-1]["state"]
        for step in papers_of(service.house.store, "anna", ("decision",)).steps
        if step.body is not None and step.body["decision"]["id"] == made["id"]
    ]
    assert states == ["proposed", "previewed", "confirmed", "in effect"]


def test_two_persons_at_once_do_not_both_take_a_step(service: Served) -> None:
    operator, _, handle = ready(service, late=5, count=5)
    form = {"scheme": "a-fair-start", "matched": "strong identifier"}
    made = operator.ok(operator.post(f"/subjects/{handle}/decisions", form))
    steps = f"/subjects/{handle}/decisions/{made['id']}/steps"
    operator.ok(operator.post(steps, {"step": "preview", "person": "Chen"}))
    again = operator.post(steps, {"step": "preview", "person": "Li"})
    assert again.status_code == 409
