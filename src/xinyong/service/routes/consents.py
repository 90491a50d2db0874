"""Consents: given one purpose at a time, seen, taken back as easily as given."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from xinyong.decisions.permission import operator_of, purpose_of
from xinyong.errors import NeedUnmet
from xinyong.records.consent import Consent, give
from xinyong.records.store import Act, Need, Parcel, State
from xinyong.service.asking import Asked, Asking, plain
from xinyong.service.desk import Desk
from xinyong.service.forms import Form, Handle, Id, Line, Moment, Told
from xinyong.service.problems import not_here
from xinyong.service.scoring import CONSENT, GIVEN
from xinyong.service.sharing import SHARE, ended_with

desk = Desk("/subjects/{who}/consents", "consents")


class ConsentForm(Form):
    """What is agreed to: data sets of one scheme, for its purpose or for passing something on.

    Without ``partner`` it is for the scheme's own purpose; with one, ``purpose`` repeats the words
    of the scheme's share with this partner. ``basis`` is ``consent``, or ``law:`` and a reference
    where an operator enters a legal basis. ``shown`` is the SHA-256 of the words agreed to.
    """

    scheme: Id
    data_sets: Annotated[list[Id], Field(min_length=1, max_length=100)]
    until: Moment
    purpose: Line | None = None
    partner: Line | None = None
    basis: Line = "consent"
    written: bool = False
    warned: bool = False
    shown: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class ConsentTold(Told):
    """A consent as it stands."""

    id: str
    purpose: str
    data_sets: list[str]
    until: int
    in_force: bool


@desk.post("", roles=("subject", "operator"), answers=ConsentTold, status=201)
async def give_consent(asked: Asked, who: Handle, form: ConsentForm) -> Response:
    """Agree to one purpose. An operator enters what was agreed to elsewhere, or a legal basis."""
    served = asked.house.served(form.scheme)
    scheme = served.approved.scheme
    unknown = sorted(set(form.data_sets) - set(scheme.data_sets))
    if unknown or (asked.own and form.basis != "consent"):
        raise not_here()
    consent = give(
        id=secrets.token_hex(16),
        subject=asked.subject,
        purpose=purpose_of(scheme) if form.purpose is None else form.purpose,
        scheme=scheme.scheme,
        operator=operator_of(scheme),
        data_sets=tuple(form.data_sets),
        given_at=asked.moment,
        until=form.until,
        partner=form.partner,
        basis=form.basis,
        written=form.written,
        warned=form.warned,
        shown=form.shown,
    )
    state = State(CONSENT, consent.id, "given", consent.until, scheme.scheme)
    body = {"consent": consent.to_json(), "by": asked.caller.role}
    await asked.append(Parcel((Act("consent", asked.subject, body, states=(state,)),)))
    return plain(told(consent, asked.moment), 201)


@desk.get("", roles=("subject", "operator"), discloses=("consents",), answers=list[ConsentTold])
async def consents(asked: Asked, who: Handle) -> Response:
    """All consents and legal bases of a subject, past ones among them."""
    found = await asked.read(_all, asked)
    basis = "right of access" if asked.own else "law:duty to show consent"
    return await asked.release([told(one, asked.moment) for one in found], basis=basis)


@desk.post("/{consent}/withdrawal", roles=("subject", "operator"), answers=ConsentTold)
async def withdraw_consent(asked: Asked, who: Handle, consent: Id) -> Response:
    """Take a consent back: one request, as giving it was. An operator closes a legal basis so.

    From the answer on nothing is read or scored under it.
    """
    found = next((one for one in await asked.read(_all, asked) if one.id == consent), None)
    if found is None:
        raise not_here()
    made = found.withdrawn(asked.moment) if found.is_consent else found.closed(asked.moment)
    state = State(CONSENT, made.id, "withdrawn", made.until, made.scheme)
    body = {"consent": made.to_json(), "by": asked.caller.role}
    need = Need(CONSENT, made.id, GIVEN, why="it has been taken back already")
    act = Act("revocation", asked.subject, body, states=(state,))
    await _withdraw(asked, act, need)
    return plain(told(made, asked.moment))


async def _withdraw(asked: Asking, act: Act, need: Need) -> None:
    """Write the withdrawal together with the end of every share that rests on the consent."""
    for last in (False, False, True):
        ends, no_other = await asked.read(
            ended_with, asked.house.store, asked.subject, need.item, asked.caller.role
        )
        try:
            await asked.append(Parcel((act, *ends), (need, no_other)))
        except NeedUnmet as error:
            if last or error.need != SHARE:
                raise
        else:
            return


def _all(asked: Asking) -> tuple[Consent, ...]:
    found: tuple[Consent, ...] = asked.scorer.consents(asked.subject)
    return found


def told(consent: Consent, moment: int) -> dict[str, Any]:
    """A consent as an answer: all its fields but the subject's id, and whether it is in force."""
    said = consent.to_json()
    said.pop("subject")
    return {**said, "in_force": consent.in_force(moment)}
