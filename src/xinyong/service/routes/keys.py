"""Keys: made, shown once, taken back."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from pydantic import Field
from starlette.responses import Response

from xinyong.service.asking import Asked, plain
from xinyong.service.callers import Role, digest_of, new_key, take_back
from xinyong.service.desk import Desk
from xinyong.service.forms import Form, Id, Line, Moment, Told
from xinyong.service.problems import Refused, not_here

desk = Desk("/keys", "keys")


class KeyForm(Form):
    """For whom a key is: a role, a name that readings are recorded under, a subject's id."""

    role: Role
    name: Line
    subject: Id | None = None
    until: Moment | None = None


class KeyTold(Told):
    """The key, the one time it is seen; ``digest`` names it afterwards."""

    key: str
    digest: str


class KeyGone(Form):
    """The digest of the key to take back."""

    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


@desk.post("", roles=("operator",), answers=KeyTold, status=201, refuses=(404,))
async def make_key(asked: Asked, form: KeyForm) -> Response:
    """Make a key. It is shown in this answer and never again."""
    if form.role == "subject" and form.subject is not None:
        known = asked.house.vault.keys(form.subject, create=False)
        if known is None:
            raise not_here()
    key = await to_thread.run_sync(
        lambda: new_key(asked.house, form.role, form.name, subject=form.subject, until=form.until)
    )
    return plain({"key": key, "digest": digest_of(key)}, 201)


@desk.post("/taken-back", roles=("operator",), refuses=(404,))
async def take_back_key(asked: Asked, form: KeyGone) -> Response:
    """Take a key back: a second later it opens nothing."""
    store = asked.house.store
    found = store.states("key", item=form.digest, values=("live",))
    if not found:
        raise not_here()
    if form.digest == asked.caller.key:
        raise Refused(
            409, "own-key", "a key does not take itself back", mend="use another operator's key"
        )
    role, _, name = found[0].group.partition(":")
    subject = store.subject_of(found[0].who)
    await to_thread.run_sync(
        lambda: take_back(asked.house, form.digest, role=role, name=name, subject=subject)
    )
    return plain({"digest": form.digest, "taken_back": True})
