"""One story from beginning to end, over HTTP alone, on both stores.

A firm and a person are on record by consent and by law, are scored and refused with reasons,
object with evidence, are corrected; earlier decisions are worked out again; the person shares a
band that a partner verifies without asking; she erases herself; an auditor verifies the ledger
before and after.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from city_service import CITY, HOLDER, PARTNER, PURPOSE, agree, hours, sharing
from serving import DAY, START, Client, Served, bills

from xinyong.decisions.credential.credential import Shown
from xinyong.decisions.credential.sd_jwt import SdJwt
from xinyong.records.ledger.merkle import verify_consistency, verify_inclusion
from xinyong.records.ledger.note import Checkpoint, Verifier, open_checkpoint

FIRM = "91350100M000100Y43"
END = START + 300 * DAY


def firm_records() -> list[dict[str, Any]]:
    """A firm of nine years in good order, but for a breach that was not its own."""

    def one(kind: str, ago: int, **fields: Any) -> dict[str, Any]:
        when = START - ago * DAY
        given = {"subject": FIRM, "id": f"{kind}-{ago}", "kind": kind, "happened_at": when}
        return {**given, "fields": fields, "source": "the tax office"}

    return [
        one("registration", 30, years=9),
        one("assessment", 20, regular_complete=True, other_complete=True),
        *(one("filing", ago, form="tax_return", days_late=0) for ago in (40, 130, 220)),
        *(one("income_report", ago, income=500_000_00) for ago in (35, 65, 95)),
        one("serious_breach", 50),
    ]


def burdened(operator: Client, handle: str, scheme: str, *people: str) -> dict[str, Any]:
    """A decision with a burden, taken by persons until its letter is given."""
    form = {"scheme": scheme, "matched": "strong identifier"}
    made = operator.ok(operator.post(f"/subjects/{handle}/decisions", form))
    assert made["state"] == "proposed"
    steps = f"/subjects/{handle}/decisions/{made['id']}/steps"
    operator.ok(operator.post(steps, {"step": "preview", "person": people[0]}))
    note = {"note": "looked at the records and the law"}
    operator.ok(operator.post(steps, {"step": "confirm", "person": people[0], **note}))
    done = operator.ok(operator.post(steps, {"step": "notice", "person": people[0]}))
    assert done["state"] == "in effect"
    return dict(done)


def settled(operator: Client, own: Client, handle: str, scheme: str, **found: Any) -> str:
    """An objection with evidence, taken and decided by a named person; its id."""
    form = {
        "scheme": scheme,
        "about": "events",
        "events": found.pop("events"),
        "statement": "this is wrong, as the paper shows",
        "evidence": [{"name": "paper.pdf", "sha256": "b" * 64}],
    }
    opened = own.ok(own.post("/subjects/me/disputes", form))
    steps = f"/subjects/{handle}/disputes/{opened['id']}/steps"
    operator.ok(operator.post(steps, {"step": "take", "person": "Li"}))
    decision = {"step": "decide", "person": "Li", "grounds": "the paper is genuine", **found}
    assert operator.ok(operator.post(steps, decision))["state"] == "decided"
    return str(opened["id"])


def checkpoint(auditor: Client, key: Verifier) -> Checkpoint:
    """The newest checkpoint, its signature verified."""
    return open_checkpoint(auditor.ok(auditor.get("/audit/checkpoint"))["note"], key)


@pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)
def test_the_whole_story(start: Callable[..., Served]) -> None:
    schemes = [*CITY["schemes"], "a-fair-start", "tax-credit-2025"]
    service = start(**{**CITY, "schemes": schemes})
    operator, auditor = service.operator, service.client("auditor", "court of audit")
    key = Verifier.from_text(auditor.ok(auditor.get("/audit/key"))["key"])
    handle, firm = service.enter("anna"), service.enter(FIRM)
    anna = service.client("subject", "anna", "anna")
    company = service.client("subject", "the firm", FIRM)

    # On record, by consent and by law.
    operator.ok(operator.post("/events", {"events": bills("anna", 5, late=5)}))
    operator.ok(operator.post("/events", {"events": firm_records()}))
    refused = operator.post(f"/subjects/{handle}/scores", {"scheme": "a-fair-start"})
    assert refused.status_code == 403
    consent = {"scheme": "a-fair-start", "data_sets": ["bills"], "until": END}
    anna.ok(anna.post("/subjects/me/consents", {**consent, "written": True, "warned": True}))
    for name in ("tax_records", "register", "other_bodies"):
        law = {"scheme": "tax-credit-2025", "data_sets": [name], "until": END}
        law["basis"] = "law:Measures on tax credit of 2025"
        operator.ok(operator.post(f"/subjects/{firm}/consents", law))

    # Scored, and refused with reasons.
    hers = burdened(operator, handle, "a-fair-start", "Chen")
    its = burdened(operator, firm, "tax-credit-2025", "Chen")
    assert (hers["band"], its["band"]) == ("talk", "D")
    letter = anna.ok(anna.get(f"/subjects/me/decisions/{hers['id']}/letter"))["text"]
    assert all(reason["says"] in letter for reason in hers["reasons"]) and hers["reasons"]
    letter = company.ok(company.get(f"/subjects/me/decisions/{its['id']}/letter?language=zh"))
    assert "D" in letter["text"]
    before = checkpoint(auditor, key)

    # Objections, corrections, and what had been decided worked out again.
    fields = [{"event": f"bill-{n}", "field": "on_time", "value": True} for n in range(5)]
    events = [field["event"] for field in fields]
    settled(operator, anna, handle, "a-fair-start", events=events, found="corrected", fields=fields)
    settled(
        operator, company, firm, "tax-credit-2025", events=["serious_breach-50"], found="deleted"
    )
    for own, old, band in ((anna, hers, "first"), (company, its, "A")):
        decisions = own.ok(own.get("/subjects/me/decisions"))
        first = next(one for one in decisions if one["id"] == old["id"])
        again = next(one for one in decisions if one.get("replaces") == old["id"])
        assert (first["state"], first["in_force"]) == ("ended", [])
        assert [one for one in again["follows"] if one["kind"] == "burden"] == []
        assert again["band"] == band

    # A band shared with one partner, who verifies it without asking.
    operator.ok(operator.post("/events", {"events": hours("anna")}))
    agree(anna, "help")
    agree(anna, "help", partner=PARTNER)
    made = anna.ok(anna.post("/subjects/me/shares", sharing()))
    issuer = service.client(None).get("/shares/issuer").json()
    form, moment = SdJwt(), service.clock.now
    shown = form.present(made["credential"], ["band"], nonce="n1", moment=moment, seed=HOLDER)
    seen: Shown = form.verify(
        shown,
        issuer=issuer["issuers"]["city"],
        public=base64.urlsafe_b64decode(issuer["key"]["x"] + "="),
        partner=PARTNER,
        nonce="n1",
        states=made["states"],
        moment=moment,
    )
    assert (seen.band, seen.purpose) == ("trusted", PURPOSE)

    # She takes her file along, sees who looked, and erases herself.
    taken = anna.ok(anna.get("/subjects/me/file"))
    looked = {one["reader"] for one in anna.ok(anna.get("/subjects/me/readings"))}
    assert {"coop", "anna"} <= looked
    middle = checkpoint(auditor, key)
    assert auditor.ok(auditor.post("/audit/verification"))["fault"] is None
    anna.ok(anna.post("/subjects/me/erasure", {"reason": "I am leaving"}))
    service.clock.now += 2 * DAY
    assert operator.get(f"/subjects/{handle}/events").status_code == 404
    assert service.house.store.of("anna") == []

    # The auditor finds the ledger grown and whole, her entries in it, and nobody who can read them.
    after = checkpoint(auditor, key)
    for old, new in ((before, middle), (middle, after)):
        answer = auditor.get(f"/audit/consistency?old={old.size}&new={new.size}")
        proof = [bytes.fromhex(one) for one in auditor.ok(answer)["path"]]
        assert verify_consistency(old.size, old.root, new.size, new.root, proof)
    assert auditor.ok(auditor.post("/audit/verification"))["fault"] is None
    root = open_checkpoint(taken["file"]["checkpoint"], key)
    for entry in taken["file"]["entries"]:
        path = [bytes.fromhex(one) for one in entry["proof"]]
        leaf = bytes.fromhex(entry["leaf"])
        assert verify_inclusion(leaf, entry["seq"], root.size, path, root.root)
        there = service.house.store.entry(entry["seq"])
        assert there is not None and there.body is None
