"""A band shared over HTTP: verified without asking, ended by a step, a consent, an erasure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from city_service import (
    CITY,
    HOLDER,
    PARTNER,
    PURPOSE,
    UNTIL,
    agree,
    hours,
    kept,
    member,
    sharing,
)
from serving import DAY, START, Served

from xinyong.decisions.credential.credential import Shown
from xinyong.decisions.credential.sd_jwt import SdJwt
from xinyong.decisions.credential.signed import CredentialRefused
from xinyong.service.sharing import status_list

BOTH = pytest.mark.parametrize("start", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def city(start: Callable[..., Served]) -> Served:
    return start(**CITY)


def states(service: Served) -> str:
    """The status list as anybody gets it."""
    answer = service.client(None).get("/shares/states")
    assert answer.headers["content-type"] == "application/statuslist+jwt"
    return str(answer.text)


def verified(service: Served, made: dict[str, Any], token: str, **other: Any) -> Shown:
    """What the partner sees: the key, the status list, and no question to the service."""
    issuer = service.client(None).get("/shares/issuer").json()
    moment = service.clock.now
    form = SdJwt()
    shown = form.present(made["credential"], ["band"], nonce="n1", moment=moment, seed=HOLDER)
    given: dict[str, Any] = {
        "issuer": issuer["issuers"]["city"],
        "public": base64.urlsafe_b64decode(issuer["key"]["x"] + "="),
        "partner": PARTNER,
        "nonce": "n1",
        "states": token,
        "moment": moment,
    }
    return form.verify(shown, **given | other)


@BOTH
def test_a_partner_verifies_without_asking_until_it_is_taken_back(city: Served) -> None:
    anna = member(city)
    made = anna.share()
    shown = verified(city, made, made["states"])
    assert (shown.band, shown.purpose, shown.until) == ("trusted", PURPOSE, UNTIL)
    assert shown.scheme is None
    assert verified(city, made, states(city)) == shown
    with pytest.raises(CredentialRefused) as caught:
        verified(city, made, states(city), partner="a bank")
    assert caught.value.code == "wrong partner"
    path = f"/subjects/me/shares/{made['id']}/withdrawal"
    assert anna.client.ok(anna.client.post(path))["state"] == "taken back"
    with pytest.raises(CredentialRefused) as caught:
        verified(city, made, states(city))
    assert caught.value.code == "revoked"
    assert anna.client.post(path).status_code == 409
    (listed,) = anna.client.ok(anna.client.get("/subjects/me/shares"))
    assert (listed["id"], listed["state"]) == (made["id"], "taken back")
    assert "place" not in listed and "credential" not in listed


def test_without_consent_for_this_partner_nothing_is_shared(city: Served) -> None:
    operator = city.operator
    city.enter("anna")
    operator.ok(operator.post("/events", {"events": hours("anna")}))
    anna = city.client("subject", "anna", "anna")
    agree(anna, "help")
    path = "/subjects/me/shares"
    assert anna.post(path, sharing()).status_code == 403
    narrow = agree(anna, "loans", partner=PARTNER)
    assert anna.post(path, sharing()).status_code == 403  # her band rests on her help too
    anna.ok(anna.post(f"/subjects/me/consents/{narrow}/withdrawal"))
    agree(anna, "help", partner="a bank")
    assert anna.post(path, sharing("a bank")).status_code == 403  # the scheme names no bank
    agree(anna, "help", partner=PARTNER)
    assert anna.post(path, sharing(until=START + 301 * DAY)).status_code == 403
    assert city.house.store.of("anna", ("share",)) == []
    assert anna.post(path, sharing()).status_code == 201
    assert operator.post(f"/subjects/{city.enter('anna')}/shares", sharing()).status_code == 403


def test_a_withdrawn_consent_and_an_erasure_end_the_credential(city: Served) -> None:
    anna, bela = member(city), member(city, "bela")
    hers, his = anna.share(), bela.share()
    anna.client.ok(anna.client.post(f"/subjects/me/consents/{anna.passed_on}/withdrawal"))
    token = states(city)
    with pytest.raises(CredentialRefused) as caught:
        verified(city, hers, token)
    assert caught.value.code == "revoked"
    assert verified(city, his, token).band == "trusted"
    assert [one["state"] for one in anna.client.get("/subjects/me/shares").json()] == ["taken back"]
    bela.client.ok(bela.client.post("/subjects/me/erasure", {"reason": "I asked for it"}))
    with pytest.raises(CredentialRefused) as caught:
        verified(city, his, states(city))
    assert caught.value.code == "revoked"


def test_of_several_consents_the_widest_counts(city: Served) -> None:
    for name in ("anna", "bela", "chen", "dana"):
        one = member(city, name)
        agree(one.client, "loans")
        path = "/subjects/me/shares"
        assert one.client.post(path, sharing()).status_code == 403  # her loans are behind it too
        wide = agree(one.client, "help", "loans", partner=PARTNER)
        assert one.share()["consent"] == wide


@BOTH
def test_a_correction_ends_the_credential_whose_band_it_changes(city: Served) -> None:
    anna, operator = member(city), city.operator
    books = kept("anna", 3)
    books[2]["fields"] = {"days_late": 10}
    operator.ok(operator.post("/events", {"events": books}))
    agree(anna.client, "loans")
    agree(anna.client, "help", "loans", partner=PARTNER)
    made = [anna.share(), anna.share()]

    def mend(event: str, now: int) -> None:
        fields = [{"event": event, "field": "days_late", "value": now}]
        form = {"scheme": "city", "about": "events", "events": [event], "statement": "it is wrong"}
        opened = anna.client.ok(anna.client.post("/subjects/me/disputes", form))
        steps = f"/subjects/{anna.handle}/disputes/{opened['id']}/steps"
        operator.ok(operator.post(steps, {"step": "take", "person": "Li"}))
        found = {"found": "corrected", "fields": fields, "grounds": "the stamp says so"}
        operator.ok(operator.post(steps, {"step": "decide", "person": "Li", **found}))

    mend("book-0", 35)
    assert all(verified(city, one, states(city)).band == "trusted" for one in made)
    mend("book-2", 40)
    for one in made:
        with pytest.raises(CredentialRefused) as caught:
            verified(city, one, states(city))
        assert caught.value.code == "revoked"
    assert {one["state"] for one in anna.client.get("/subjects/me/shares").json()} == {"taken back"}


def test_the_list_tells_neither_how_many_nor_in_which_order(city: Served) -> None:
    anna = member(city)
    places = []
    for _ in range(8):
        anna.share()
    for act in city.house.store.of("anna", ("share",)):
        assert act.body is not None
        places.append(act.body["share"]["place"])
    assert len(set(places)) == 8 and places != sorted(places)
    assert max(places) > 10_000
    plain = [entry.body for entry, _ in city.house.store.entries() if not entry.who]
    long = [str(place).encode() for place in places if place > 99_999]
    assert not any(place in body for place in long for body in plain)
    assert len(status_list(city.house, city.clock.now)) < 4_000


def test_what_is_no_key_is_refused(city: Served) -> None:
    anna = member(city)
    for x in ("A" * 42, "A" * 42 + "B", "A" * 44, "+" + "A" * 42):
        form = sharing() | {"holder": {"kty": "OKP", "crv": "Ed25519", "x": x}}
        assert anna.client.post("/subjects/me/shares", form).status_code == 422
    private = sharing()["holder"] | {"d": "A" * 43}
    answer = anna.client.post("/subjects/me/shares", sharing() | {"holder": private})
    where = json.loads(answer.text)["where"]
    assert (answer.status_code, where) == (422, "body.holder.(a name not known)")
