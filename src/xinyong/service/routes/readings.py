"""What a subject sees of herself: who looked, and her whole file, signed."""

from __future__ import annotations

import hashlib
from typing import Any

from anyio import to_thread
from starlette.responses import Response

from xinyong.records.ledger.canonical import canonical
from xinyong.service.asking import Asked
from xinyong.service.auditing import hexed, newest_note, signer_of
from xinyong.service.desk import Desk
from xinyong.service.forms import Handle, Told
from xinyong.service.house import House

desk = Desk("/subjects/{who}", "own file")


class Reading(Told):
    """One reading: who, in which role, for what, which fields, when."""

    at: int
    reader: str
    role: str
    purpose: str
    fields: list[str]
    basis: str


class FileTold(Told):
    """A subject's whole file with its signature."""

    file: dict[str, Any]
    sha256: str
    signature: str
    key: str


@desk.get(
    "/readings", roles=("subject", "operator"), discloses=("readings",), answers=list[Reading]
)
async def readings(asked: Asked, who: Handle) -> Response:
    """Everybody who looked: name, role, purpose, fields, moment. This reading is the last."""
    found = await asked.read(asked.house.store.of, asked.subject, ("read",))
    basis = "right of access" if asked.own else "law:duty to show who looked"
    told = [{"at": one.at, "sequence": one.seq, **dict(one.body or {})} for one in found]
    mine = asked.read_body(asked.declared, basis=basis)
    return await asked.release(
        lambda receipt: [*told, {"at": receipt.at, "sequence": receipt.seqs[-1], **mine}],
        basis=basis,
    )


@desk.get("/file", roles=("subject", "operator"), discloses=("file",), answers=FileTold)
async def whole_file(asked: Asked, who: Handle) -> Response:
    """The subject's whole file: every entry about her, with the proof that each is in the ledger
    of the checkpoint that goes with it, signed. To take along, or to show to an auditor."""
    made = await to_thread.run_sync(file_of, asked.house, asked.subject, asked.moment)
    basis = "right of access" if asked.own else "law:duty to hand over the file"
    name = {"content-disposition": 'attachment; filename="xinyong-file.json"'}
    return await asked.release(made, basis=basis, headers=name)


def file_of(house: House, subject: str, moment: int) -> dict[str, Any]:
    """A subject's whole file, signed by the ledger's key; ``moment`` is when it is made."""
    note = newest_note(house)
    size = int(note.splitlines()[1])
    acts = house.store.of(subject, upto=size)
    leaves = house.store.leaves_of(subject, size)
    proofs = house.store.inclusions([one.seq for one in acts], size)
    file = {
        "xinyong.file": 1,
        "subject": subject,
        "made_at": moment,
        "checkpoint": note,
        "entries": [
            {
                "seq": one.seq,
                "kind": one.kind,
                "at": one.at,
                "body": one.body,
                "leaf": leaves[one.seq].hex(),
                "proof": hexed(proof),
            }
            for one, proof in zip(acts, proofs, strict=True)
        ],
    }
    digest = hashlib.sha256(canonical(file)).hexdigest()
    signer = signer_of(house)
    line = signer.line(f"xinyong.file/1\n{digest}\n")
    return {
        "file": file,
        "sha256": digest,
        "signature": line,
        "key": signer.verifier.to_text(),
    }
