"""The audit: checkpoints, proofs, and the sealed entries themselves, for anyone who may verify."""

from __future__ import annotations

import base64
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Query
from starlette.responses import Response

from xinyong.service.asking import Asked, plain
from xinyong.service.auditing import hexed, newest_note, signer_of, verify_house
from xinyong.service.desk import Desk
from xinyong.service.forms import Told

desk = Desk("/audit", "audit")

Number = Annotated[int, Query(ge=0, lt=2**62)]


class KeyTold(Told):
    """The ledger's public key, as C2SP writes it: name, key id, Ed25519 key."""

    key: str
    origin: str


class CheckpointTold(Told):
    """A checkpoint as a C2SP signed note."""

    note: str


class Proof(Told):
    """Hashes from the lowest up, in hexadecimal digits."""

    path: list[str]
    size: int


class Entries(Told):
    """Entries as they are hashed; bodies about a subject are sealed, in base64."""

    entries: list[dict[str, Any]]


class Verdict(Told):
    """What verifying every entry, tile and checkpoint came to."""

    size: int
    root: str
    fault: str | None


@desk.get("/key", answers=KeyTold)
async def ledger_key(asked: Asked) -> Response:
    """The public key by which checkpoints are verified. Keep it: it must never change silently."""
    signer = signer_of(asked.house)
    return plain({"key": signer.verifier.to_text(), "origin": asked.house.config.origin})


@desk.get("/checkpoint", answers=CheckpointTold)
async def checkpoint(asked: Asked) -> Response:
    """The newest signed checkpoint: how many entries there are, and their root."""
    note = await to_thread.run_sync(newest_note, asked.house)
    return plain({"note": note})


@desk.get("/inclusion", answers=Proof)
async def inclusion(asked: Asked, entry: Number, size: Number) -> Response:
    """The proof that an entry is in the tree of a size."""
    path = await to_thread.run_sync(asked.house.store.inclusion, entry, size)
    return plain({"path": hexed(path), "entry": entry, "size": size})


@desk.get("/consistency", answers=Proof)
async def consistency(asked: Asked, old: Number, new: Number) -> Response:
    """The proof that the tree of a size begins with an older one."""
    path = await to_thread.run_sync(asked.house.store.consistency, old, new)
    return plain({"path": hexed(path), "old": old, "size": new})


@desk.get("/entries", roles=("auditor", "operator"), answers=Entries)
async def entries(
    asked: Asked, first: Number = 0, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> Response:
    """Entries as they are hashed: kind, moment, pseudonym, sealed body. Nobody reads a person's
    file this way: its bodies open with her key alone."""

    def read() -> list[dict[str, Any]]:
        return [
            {
                "seq": one.seq,
                "kind": one.kind,
                "at": one.at,
                "who": one.who,
                "body": base64.b64encode(one.body).decode(),
                "leaf": leaf.hex(),
            }
            for one, leaf in asked.house.store.entries(first, first + limit)
        ]

    return plain({"entries": await to_thread.run_sync(read)})


@desk.post("/verification", roles=("auditor", "operator"), answers=Verdict)
async def verify_all(asked: Asked) -> Response:
    """Verify the whole ledger from its stored bytes, by a second code path."""
    found = await to_thread.run_sync(verify_house, asked.house)
    fault = None if found.fault is None else str(found.fault)
    return plain({"size": found.size, "root": found.root.hex(), "fault": fault})
