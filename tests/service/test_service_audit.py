"""The ledger seen from outside: checkpoints, proofs, the whole file, and a changed byte found."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from serving import Served, bills

from xinyong.records.ledger.canonical import canonical
from xinyong.records.ledger.merkle import verify_consistency, verify_inclusion
from xinyong.records.ledger.note import Verifier, open_checkpoint
from xinyong.service.worker import Worker


def test_an_auditor_verifies_from_outside(service: Served) -> None:
    operator, auditor = service.operator, service.client("auditor", "court of audit")
    key = Verifier.from_text(auditor.ok(auditor.get("/audit/key"))["key"])
    operator.ok(operator.post("/events", {"events": bills("anna", 20)}))
    first = open_checkpoint(auditor.ok(auditor.get("/audit/checkpoint"))["note"], key)
    operator.ok(operator.post("/events", {"events": bills("bela", 300)}))
    last = open_checkpoint(auditor.ok(auditor.get("/audit/checkpoint"))["note"], key)
    assert last.size == first.size + 300
    path = auditor.ok(auditor.get(f"/audit/consistency?old={first.size}&new={last.size}"))["path"]
    proof = [bytes.fromhex(one) for one in path]
    assert verify_consistency(first.size, first.root, last.size, last.root, proof)
    entry = auditor.ok(auditor.get("/audit/entries?first=7&limit=1"))["entries"][0]
    path = auditor.ok(auditor.get(f"/audit/inclusion?entry=7&size={last.size}"))["path"]
    leaf = bytes.fromhex(entry["leaf"])
    assert verify_inclusion(leaf, 7, last.size, [bytes.fromhex(one) for one in path], last.root)
    assert auditor.ok(auditor.post("/audit/verification"))["fault"] is None
    assert auditor.get("/subjects/" + service.enter("anna") + "/events").status_code == 403


def test_a_changed_byte_is_found_and_nothing_more_is_signed(service: Served) -> None:
    operator, auditor = service.operator, service.client("auditor", "court of audit")
    operator.ok(operator.post("/events", {"events": bills("anna", 20)}))
    with service.house.store.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER entries_no_update")
        connection.execute(sa.text("UPDATE entries SET at = at + 1 WHERE seq = 9"))
    told = auditor.ok(auditor.post("/audit/verification"))
    assert told["fault"].startswith("entry 9:")
    assert auditor.get("/audit/checkpoint").status_code == 422
    assert service.house.store.checkpoint() is None


def test_who_looked_and_the_whole_file(service: Served) -> None:
    operator = service.operator
    handle = service.enter("anna")
    operator.ok(operator.post("/events", {"events": bills("anna", 3)}))
    operator.ok(operator.get(f"/subjects/{handle}/events"))
    anna = service.client("subject", "anna", "anna")
    told = anna.ok(anna.get("/subjects/me/readings"))
    assert [(one["reader"], one["fields"]) for one in told] == [
        ("coop", ["events"]),
        ("anna", ["readings"]),
    ]
    found = anna.ok(anna.get("/subjects/me/file"))
    assert hashlib.sha256(canonical(found["file"])).hexdigest() == found["sha256"]
    key = Verifier.from_text(found["key"])
    note = open_checkpoint(found["file"]["checkpoint"], key)
    kinds = [entry["kind"] for entry in found["file"]["entries"]]
    assert kinds.count("event") == 3 and kinds.count("read") == 2
    for entry in found["file"]["entries"]:
        proof = [bytes.fromhex(one) for one in entry["proof"]]
        leaf = bytes.fromhex(entry["leaf"])
        assert verify_inclusion(leaf, entry["seq"], note.size, proof, note.root)


def test_the_worker_signs_what_grew(service: Served) -> None:
    service.operator.ok(service.operator.post("/events", {"events": bills("anna", 3)}))
    worker = Worker(service.house)
    assert worker.once()["sign_checkpoint"] == 1
    assert worker.once()["sign_checkpoint"] == 0
    service.operator.ok(service.operator.post("/events", {"events": bills("bela", 3)}))
    assert worker.once()["sign_checkpoint"] == 0
    service.clock.now += 61_000_000
    assert worker.once()["sign_checkpoint"] == 1
    kept = service.house.store.checkpoint()
    assert kept is not None and kept[0] == service.house.store.size()
