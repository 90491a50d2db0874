"""A band shared with a bank that does not exist, and everything needed to show it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from xinyong.decisions.credential.credential import CHOICE, SharedBand, Shown
from xinyong.decisions.credential.disclosing import digest_of
from xinyong.decisions.credential.sd_jwt import BINDING, SdJwt
from xinyong.decisions.credential.signed import public_of, sign, to_base64
from xinyong.decisions.credential.status import Place, StatusList, sign_list

OPERATOR, HOLDER, OTHER = bytes(range(32)), bytes(range(1, 33)), bytes(range(2, 34))
MOMENT = 1_800_000_000_000_000
DAY = 86_400 * 1_000_000
URI = "https://operator.example/states/1"
PLACE = Place(URI, 77)
NONCE = "a-nonce-of-the-bank"
BAND = SharedBand(
    issuer="Städtische Kreditstelle",
    partner="Example Bank",
    purpose="a loan of 500 to be paid back in a year",
    band="good",
    scheme="a-fair-start",
    digest="ab" * 32,
    issued=date(2027, 1, 15),
    until=MOMENT + 30 * DAY,
)
FORM = SdJwt()


def states(*revoked: int, uri: str = URI, moment: int = MOMENT, seed: bytes = OPERATOR) -> str:
    made = StatusList(1000)
    for index in revoked:
        made.revoke(index)
    return sign_list(made, uri, moment=moment, until=moment + DAY, seed=seed)


def issued(shared: SharedBand = BAND, holder: bytes = HOLDER, seed: bytes = OPERATOR) -> str:
    public = public_of(holder)
    return FORM.issue(shared, holder=public, place=PLACE, moment=MOMENT, seed=seed)


def presented(
    credential: str | None = None,
    show: Sequence[str] = CHOICE,
    *,
    nonce: str = NONCE,
    moment: int = MOMENT,
) -> str:
    credential = issued() if credential is None else credential
    return FORM.present(credential, show, nonce=nonce, moment=moment, seed=HOLDER)


def verified(presentation: str, **other: Any) -> Shown:
    given: dict[str, Any] = {
        "issuer": BAND.issuer,
        "public": public_of(OPERATOR),
        "partner": BAND.partner,
        "nonce": NONCE,
        "states": STATES,
        "moment": MOMENT,
    }
    return FORM.verify(presentation, **given | other)


def bound_by(parts: Sequence[str], seed: bytes = HOLDER, **other: Any) -> str:
    """Signed JSON and disclosures as a holder who means ill can bind them with a true key."""
    text = "~".join((*parts, ""))
    claims: dict[str, Any] = {
        "iat": MOMENT // 1_000_000,
        "aud": BAND.partner,
        "nonce": NONCE,
        "sd_hash": digest_of(text),
    }
    return text + sign(claims | other, BINDING, seed)


def unsigned(head: Mapping[str, Any], payload: Mapping[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(head).encode(), json.dumps(payload).encode(), signature)
    return ".".join(to_base64(part) for part in parts)


STATES = states(5, 6)
