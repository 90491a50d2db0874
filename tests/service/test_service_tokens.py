"""Tokens of an identity provider: only what it signed, for here, now, opens anything."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from city_service import CITY
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from serving import START, Client, Served

from xinyong.service.callers import Tokens
from xinyong.service.config import Oidc

NOW = START // 1_000_000
HERE = {"issuer": "https://login.example", "audience": "xinyong"}
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
CLAIMS: dict[str, Any] = {
    "iss": HERE["issuer"],
    "aud": HERE["audience"],
    "exp": NOW + 600,
    "sub": "front desk",
    "xinyong_role": "operator",
}


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    service = start(**CITY, synchronous="OFF", limits={"failed_keys_a_minute": 1000})
    public = KeySet([KEY]).as_dict(private=False)
    (service.house.folder / "jwks.json").write_text(json.dumps(public))
    app: Any = service.http.app
    settings = Oidc(jwks="jwks.json", **HERE)
    app.state.doorkeeper._tokens = Tokens(settings, service.house.folder)
    return service


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "at+jwt", **header}, claims, key)


def status(service: Served, token: str, path: str = "/alarms") -> int:
    client = Client(service.http, None)
    client.headers["authorization"] = f"Bearer {token}"
    return int(client.get(path).status_code)


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_good_token_opens_what_its_role_may(city: Served) -> None:
    assert status(city, signed(CLAIMS)) == 200
    assert status(city, signed({**CLAIMS, "xinyong_role": "partner"})) == 403
    assert status(city, signed({**CLAIMS, "aud": ["other", "xinyong"]})) == 200


def test_a_subject_is_known_by_her_claim_alone(city: Served) -> None:
    handle = city.enter("anna")
    hers = {**CLAIMS, "xinyong_role": "subject", "xinyong_subject": "anna"}
    assert status(city, signed(hers), "/subjects/me/events") == 200
    assert status(city, signed(hers), f"/subjects/{handle}/events") == 200
    other = city.enter("bela")
    assert status(city, signed(hers), f"/subjects/{other}/events") == 404
    for odd in ("nobody", None, 7, ["anna"], ""):
        assert status(city, signed({**hers, "xinyong_subject": odd}), "/subjects/me/events") == 401


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": []},
        {"aud": None},
        {"exp": NOW - 1},
        {"exp": None},
        {"exp": "never"},
        {"nbf": NOW + 600},
        {"xinyong_role": "king"},
        {"xinyong_role": None},
        {"xinyong_role": ["operator"]},
        {"sub": ""},
        {"sub": 7},
        {"sub": None},
    ],
)
def test_a_token_for_elsewhere_or_another_time_opens_nothing(
    city: Served, other: dict[str, Any]
) -> None:
    claims = {name: value for name, value in (CLAIMS | other).items() if value is not None}
    assert status(city, signed(claims)) == 401


@pytest.mark.parametrize("kind", ["JWT", "id+jwt", "", "AT+JWT", None])
def test_a_token_of_another_kind_opens_nothing(city: Served, kind: str | None) -> None:
    assert status(city, signed(CLAIMS, typ=kind or "logout+jwt")) == 401
    assert status(city, signed(CLAIMS, typ="application/at+jwt")) == 200


def test_who_did_not_log_in_strongly_is_not_let_in(city: Served) -> None:
    app: Any = city.http.app
    settings = Oidc(jwks="jwks.json", **HERE, acr=["two", "three"], amr=["pwd", "hwk"])
    app.state.doorkeeper._tokens = Tokens(settings, city.house.folder)
    strong = {**CLAIMS, "acr": "two", "amr": ["hwk", "mfa", "pwd"]}
    assert status(city, signed(strong)) == 200
    for weak in (
        {"acr": "one"},
        {"acr": None},
        {"acr": ["two"]},
        {"amr": ["pwd"]},
        {"amr": "pwd hwk"},
        {"amr": None},
        {"amr": {"pwd": 1, "hwk": 1}},
    ):
        assert status(city, signed({**strong, **weak})) == 401, weak
    assert status(city, signed(CLAIMS)) == 401


def test_no_trick_with_the_header_opens_anything(city: Served) -> None:
    secret = KEY.as_pem(private=False)
    start = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(CLAIMS)}"
    mac = base64.urlsafe_b64encode(hmac.digest(secret, start.encode(), "sha256")).rstrip(b"=")
    good = signed(CLAIMS)
    head, body, mark = good.split(".")
    tricks = {
        "none": f"{part({'alg': 'none'})}.{part(CLAIMS)}.",
        "None": f"{part({'alg': 'None', 'kid': 'one'})}.{part(CLAIMS)}.{mark}",
        "the public key as a secret": f"{start}.{mac.decode()}",
        "another's key of that name": signed(CLAIMS, OTHER),
        "a key brought along": signed(CLAIMS, OTHER, jwk=OTHER.as_dict(private=False)),
        "an unknown key": signed(CLAIMS, OTHER, kid="two"),
        "a path": signed(CLAIMS, OTHER, kid="../../keys/master.key"),
        "another body": f"{head}.{part({**CLAIMS, 'sub': 'the boss'})}.{mark}",
        "no mark": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "five parts": f"{head}.{body}.{mark}.{mark}.{mark}",
        "no token": "." * 20_000,
        "no JSON": "e30.e30.e30",
    }
    assert status(city, good) == 200
    for name, token in tricks.items():
        assert status(city, token) == 401, name
