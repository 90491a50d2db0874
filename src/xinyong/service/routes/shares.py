"""Shares: a subject hands her band to one partner, for one purpose, until a moment."""

from __future__ import annotations

import base64
import secrets
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.responses import Response

from xinyong.decisions.credential.credential import SharedBand
from xinyong.decisions.credential.sd_jwt import SdJwt
from xinyong.decisions.credential.signed import to_base64
from xinyong.decisions.permission import may_share, operator_of
from xinyong.errors import NeedUnmet, StepRefused
from xinyong.records.consent import Consent
from xinyong.records.store import Act, AtMost, Need, Parcel, State, Unchanged
from xinyong.service import sharing
from xinyong.service.asking import Asked, Asking, plain
from xinyong.service.desk import Desk
from xinyong.service.forms import Form, Handle, Id, Line, Moment, Told
from xinyong.service.papers import as_it_stood
from xinyong.service.problems import Refused, not_here
from xinyong.service.scoring import CONSENT, GIVEN

desk = Desk("", "shares")

_TRIES = 20
_FIELDS = ("band", "shares")


class StatusToken(Response):
    """A signed status list."""

    media_type = "application/statuslist+jwt"


class HolderKey(Form):
    """The subject's own public key as a JSON Web Key; the private part never comes here."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]


class ShareForm(Form):
    """With whom the band of a scheme is shared, for what, until when, and for which key.

    ``partner`` and ``purpose`` repeat the words of the scheme's share and of the consent given for
    it; ``until`` ends no later than that consent.
    """

    scheme: Id
    partner: Line
    purpose: Line
    until: Moment
    holder: HolderKey


class ShareGone(Told):
    """A share that was taken back."""

    id: str
    state: str


class ShareTold(Told):
    """A share as it stands; the credential itself is handed out once."""

    id: str
    partner: str
    purpose: str
    scheme: str
    band: str
    until: int
    reference: str
    state: str


class ShareMade(ShareTold):
    """A new share: the credential (SD-JWT VC) and the status list of this moment."""

    credential: str
    states: str


class IssuerTold(Told):
    """Who issues, by which key, and the name of the status list."""

    key: dict[str, str]
    issuers: dict[str, str]
    states: str


@desk.post(
    "/subjects/{who}/shares",
    roles=("subject",),
    discloses=_FIELDS,
    answers=ShareMade,
    status=201,
)
async def make_share(asked: Asked, who: Handle, form: ShareForm) -> Response:
    """Share the band of today with a partner. The consent for it must be in force.

    The credential is for the key that is given: nobody else can show it. The partner verifies it
    with the issuer's key and the status list, without asking here. ``reference`` is under which
    name the partner asks for the band again, while the share lasts.
    """
    for _ in range(_TRIES):
        made, acts, needs = await asked.read(_made, asked, form)
        try:
            return await asked.release(
                lambda receipt, made=made: {
                    **made,
                    "states": sharing.status_list(asked.house, asked.moment),
                },
                basis=f"consent:{made['consent']}",
                acts=acts,
                needs=needs,
                status=201,
            )
        except NeedUnmet as error:
            if error.need not in (sharing.DRAWN, "unchanged"):
                raise
    raise Refused(
        503,
        "no-place",
        "no place on the status list was found",
        why="places are drawn by lot and none is used twice",
        mend="try again",
        headers={"retry-after": "5"},
    )


def _made(
    asked: Asking, form: ShareForm
) -> tuple[dict[str, Any], list[Act], tuple[Need | Unchanged | AtMost, ...]]:
    house, subject, moment = asked.house, asked.subject, asked.moment
    served = house.served(form.scheme)
    scheme = served.approved.scheme
    consent = consent_for(asked, form.scheme, form.partner, form.purpose)
    if consent is None or not moment < form.until <= consent.ends_at:
        raise StepRefused(
            "no consent in force lets this be passed on",
            code="no consent",
            where="partner",
            why="a band is shared with a partner whom the scheme names, under a consent for it",
            mend="agree to this partner and purpose first, until that day at least",
        )
    found = asked.scorer.score(served, subject, served.today(moment), moment)
    if not covers(consent, found.permission.data_sets):
        raise Refused(
            403,
            "no-consent",
            "the consent to pass on does not name every data set behind the band",
            where="data_sets",
            why="a band tells something of all that it was made from",
            mend="agree to passing on what rests on these data sets too",
        )
    keys = house.vault.keys(subject, create=False)
    assert keys is not None
    place, drawing, free = sharing.drawn(house)
    shared = SharedBand(
        issuer=operator_of(scheme),
        partner=form.partner,
        purpose=form.purpose,
        band=found.outcome.band,
        scheme=scheme.scheme,
        digest=served.approved.digest,
        issued=served.today(moment),
        until=form.until,
    )
    credential = SdJwt().issue(
        shared,
        holder=base64.urlsafe_b64decode(form.holder.x + "="),
        place=place,
        moment=moment,
        seed=sharing.seed_of(house),
    )
    body = {
        **shared.to_json(),
        "id": secrets.token_hex(16),
        "consent": consent.id,
        "place": place.index,
        "sequence": found.upto,
        "reference": keys.pseudonym(f"partner {form.partner}"),
        "holder": form.holder.x,
    }
    states = (
        State(sharing.SHARE, body["id"], sharing.LIVE, form.until, consent.id),
        State(sharing.PLACE, str(place.index), sharing.LIVE, form.until, body["id"]),
        State(sharing.REFERENCE, body["reference"], sharing.LIVE, None, form.partner),
    )
    act = Act("share", subject, {"share": body, "partner": form.partner}, states=states)
    needs = (*found.needs, _standing(consent), free)
    return {**told({**body, "state": "live"}), "credential": credential}, [drawing, act], needs


def consent_for(asked: Asking, name: str, partner: str, purpose: str) -> Consent | None:
    """The consent that lets the band of a scheme be passed on to a partner for a purpose, now."""
    scheme = asked.house.served(name).approved.scheme
    given = asked.scorer.consents(asked.subject)
    found = may_share(scheme, given, subject=asked.subject, partner=partner, moment=asked.moment)
    for share, consent in found:
        if share.what in ("band", "score") and consent.purpose == purpose:
            return consent
    return None


def covers(consent: Consent, data_sets: frozenset[str]) -> bool:
    """Whether a consent to pass on names every data set that a band was made from."""
    return data_sets <= set(consent.data_sets)


def _standing(consent: Consent) -> Need:
    return Need(CONSENT, consent.id, GIVEN, running=True)


@desk.get(
    "/subjects/{who}/shares",
    roles=("subject", "operator"),
    discloses=_FIELDS,
    answers=list[ShareTold],
)
async def shares(asked: Asked, who: Handle) -> Response:
    """All shares of a subject, past ones among them."""
    found = await asked.read(sharing.shares_of, asked.house.store, asked.subject)
    basis = "right of access" if asked.own else "law:duty to show shares"
    return await asked.release([told(one) for one in found], basis=basis)


@desk.post(
    "/subjects/{who}/shares/{share}/withdrawal",
    roles=("subject", "operator"),
    answers=ShareGone,
)
async def take_back_share(asked: Asked, who: Handle, share: Id) -> Response:
    """Take a share back: from this answer on the status list says so, and queries find nothing."""
    found = await asked.read(sharing.shares_of, asked.house.store, asked.subject)
    mine = next((one for one in found if one["id"] == share), None)
    if mine is None:
        raise not_here()
    if mine["state"] != sharing.LIVE:
        raise StepRefused("it has been taken back already", code="out of order", where="share")
    act = await asked.read(
        sharing.ended, asked.house.store, asked.subject, share, asked.caller.role
    )
    need = as_it_stood(sharing.SHARE, share, sharing.LIVE)
    await asked.append(Parcel((act,), (need,)))
    return plain({"id": share, "state": sharing.GONE})


@desk.get("/shares/issuer", answers=IssuerTold)
async def share_issuer(asked: Asked) -> Response:
    """The public key by which credentials and the status list are verified. Keep it."""
    x = to_base64(sharing.public_key(asked.house))
    schemes = asked.house.schemes
    said = {
        "key": {"kty": "OKP", "crv": "Ed25519", "x": x, "alg": "EdDSA"},
        "issuers": {name: operator_of(one.approved.scheme) for name, one in schemes.items()},
        "states": sharing.list_uri(asked.house),
    }
    return plain(said)


@desk.get("/shares/states", response_class=StatusToken)
async def share_states(asked: Asked) -> Response:
    """The status list, signed: one bit for each credential, 1 where it holds no more.

    A place that no credential has says 1 too, so that the list does not tell how many there are.
    """
    token = await asked.read(sharing.status_list, asked.house, asked.moment)
    return StatusToken(token)


def told(share: dict[str, Any]) -> dict[str, Any]:
    """A share as an answer."""
    return {name: value for name, value in share.items() if name not in ("place", "sequence")}
