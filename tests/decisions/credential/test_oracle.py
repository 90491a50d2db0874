"""What we write, the reference implementation reads, and what it writes, we read."""

import json
import time
from typing import Any

import pytest
import sd_jwt.verifier
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier
from shared import BAND, DAY, FORM, HOLDER, NONCE, OPERATOR, PLACE, states, verified

from xinyong.decisions.credential.credential import CHOICE
from xinyong.decisions.credential.sd_jwt import TYPE
from xinyong.decisions.credential.signed import public_of, to_base64

SHOW = [(), ("band",), ("band", "scheme"), CHOICE]


def jwk(seed: bytes) -> JWK:
    public = to_base64(public_of(seed))
    return JWK(kty="OKP", crv="Ed25519", d=to_base64(seed), x=public)


@pytest.fixture
def now() -> int:
    """The other side asks the clock, so the moment has to be the true one."""
    return int(time.time()) * 1_000_000


@pytest.fixture(autouse=True)
def their_algorithm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sd_jwt.verifier, "DEFAULT_SIGNING_ALG", "EdDSA")


def ours_issued(now: int) -> str:
    shared = BAND.__class__.from_json(BAND.to_json() | {"until": now + DAY})
    public = public_of(HOLDER)
    return FORM.issue(shared, holder=public, place=PLACE, moment=now, seed=OPERATOR)


def theirs_issued(now: int) -> str:
    claims: dict[Any, Any] = {
        "iss": BAND.issuer,
        "vct": TYPE,
        "iat": now // 1_000_000,
        "exp": (now + DAY) // 1_000_000,
        "aud": BAND.partner,
        "purpose": BAND.purpose,
        "status": {"status_list": {"idx": PLACE.index, "uri": PLACE.uri}},
        SDObj("band"): BAND.band,
        SDObj("scheme"): BAND.scheme,
        SDObj("digest"): BAND.digest,
        SDObj("issued"): BAND.issued.isoformat(),
    }
    made = SDJWTIssuer(
        claims,
        jwk(OPERATOR),
        holder_key=jwk(HOLDER),
        sign_alg="EdDSA",
        add_decoy_claims=True,
        extra_header_parameters={"typ": "dc+sd-jwt"},
    )
    return str(made.sd_jwt_issuance)


def ours_presented(credential: str, show: tuple[str, ...], now: int) -> str:
    return FORM.present(credential, show, nonce=NONCE, moment=now, seed=HOLDER)


def theirs_presented(credential: str, show: tuple[str, ...], now: int) -> str:
    holder = SDJWTHolder(credential)
    chosen = dict.fromkeys(show, True)
    holder.create_presentation(chosen, NONCE, BAND.partner, jwk(HOLDER), "EdDSA")
    return str(holder.sd_jwt_presentation)


@pytest.mark.parametrize("show", SHOW)
@pytest.mark.parametrize("present", [ours_presented, theirs_presented])
@pytest.mark.parametrize("issue", [ours_issued, theirs_issued])
def test_each_reads_the_other(issue: Any, present: Any, show: tuple[str, ...], now: int) -> None:
    presentation = present(issue(now), show, now)
    ours = verified(presentation, states=states(moment=now), moment=now, need=show)
    payload = SDJWTVerifier(
        presentation, lambda issuer, header: jwk(OPERATOR), BAND.partner, NONCE
    ).get_verified_payload()
    for name in CHOICE:
        wanted = BAND.to_json()[name] if name in show else None
        mine = getattr(ours, name)
        assert (mine.isoformat() if name == "issued" and mine else mine) == wanted
        assert payload.get(name) == wanted
    assert payload["purpose"] == ours.purpose == BAND.purpose


@pytest.mark.parametrize("issue", [ours_issued, theirs_issued])
def test_the_other_refuses_a_changed_presentation_of_ours(issue: Any, now: int) -> None:
    presentation = ours_presented(issue(now), ("band",), now)
    assert json.dumps(SDJWTVerifier(presentation, lambda *_: jwk(OPERATOR)).get_verified_payload())
    for nonce, partner in (("another", BAND.partner), (NONCE, "Another Bank")):
        with pytest.raises(ValueError, match="Invalid"):
            SDJWTVerifier(presentation, lambda *_: jwk(OPERATOR), partner, nonce)
