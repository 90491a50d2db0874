"""Subjects: entered under a handle for addresses, found again, erased."""

from __future__ import annotations

from anyio import to_thread
from starlette.responses import Response

from xinyong.service.asking import Asked, plain
from xinyong.service.desk import Desk
from xinyong.service.forms import Form, Handle, Id, Line, Told
from xinyong.service.problems import not_here

desk = Desk("/subjects", "subjects")


class SubjectForm(Form):
    """A subject by the operator's own id; it never stands in an address."""

    subject: Id


class SubjectTold(Told):
    """The handle under which the subject is addressed."""

    handle: str


class ErasureForm(Form):
    """Why a subject's records are erased."""

    reason: Line


class Erased(Told):
    """The ledger entry that says so; proofs of older entries stay valid."""

    sequence: int
    recorded_at: int


@desk.post("", roles=("operator",), answers=SubjectTold, status=201)
async def enter_subject(asked: Asked, form: SubjectForm) -> Response:
    """Enter a subject, or find the handle of one that is known. The answer is the same."""
    keys = await to_thread.run_sync(asked.house.vault.keys, form.subject, True)
    assert keys is not None
    return plain({"handle": keys.who}, 201)


@desk.post("/{who}/erasure", roles=("subject", "operator"), answers=Erased)
async def erase_subject(asked: Asked, who: Handle, form: ErasureForm) -> Response:
    """Destroy the subject's keys. What was proved stays proved; nobody can read it any more.

    The subject's own keys of this service open nothing afterwards.
    """
    subject = asked.subject
    receipt = await to_thread.run_sync(lambda: asked.house.store.erase(subject, reason=form.reason))
    if receipt is None:
        raise not_here()
    return plain({"sequence": receipt.seqs[0], "recorded_at": receipt.at})
