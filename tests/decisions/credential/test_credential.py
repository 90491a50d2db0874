"""A credential shows what it should, to whom it should, when it should, and nothing else."""

import hashlib
import hmac
import json
import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared import (
    BAND,
    DAY,
    FORM,
    HOLDER,
    MOMENT,
    NONCE,
    OPERATOR,
    OTHER,
    PLACE,
    STATES,
    bound_by,
    issued,
    presented,
    states,
    unsigned,
    verified,
)

from xinyong.decisions.credential.credential import CHOICE, Credential, SharedBand
from xinyong.decisions.credential.disclosing import MOST, digest_of, disclosure_of, hidden, opened
from xinyong.decisions.credential.nonces import LIVES, Nonces
from xinyong.decisions.credential.sd_jwt import FRESH, KIND
from xinyong.decisions.credential.signed import (
    CredentialRefused,
    check_signature,
    from_base64,
    public_of,
    read_signed,
    sign,
    to_base64,
)
from xinyong.errors import QuestionRefused

SECOND = 1_000_000


def refused(presentation: str, **other: object) -> str:
    """The code of the refusal; each says what, where, why and how to mend it."""
    with pytest.raises(CredentialRefused) as caught:
        verified(presentation, **other)
    found = caught.value
    assert found.what and found.where and found.why and found.mend
    assert not any(said in str(found) for said in (BAND.purpose, BAND.digest, BAND.scheme))
    return found.code


def payload_of(credential: str) -> dict[str, object]:
    return read_signed(credential.partition("~")[0], KIND, "")


def signed_again(**other: object) -> list[str]:
    """The credential with other claims, truly signed by the operator, and its disclosures."""
    head, *disclosures, _ = issued().split("~")
    return [sign(payload_of(head) | other, KIND, OPERATOR), *disclosures]


def test_the_example_of_rfc_8037_verifies() -> None:
    """Appendix A.4 of RFC 8037; its key is the first of RFC 8032."""
    seed = from_base64("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "")
    public = from_base64("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "")
    assert public_of(seed) == public
    text = (
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )
    check_signature(text, public, "")
    with pytest.raises(CredentialRefused):
        check_signature(text, public_of(OTHER), "")


def test_the_example_of_rfc_9901_has_its_digest() -> None:
    """Section 4.2.3: the claim family_name."""
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    digest = "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    assert digest_of(disclosure) == digest
    assert opened({"_sd": [digest]}, [disclosure]) == {"family_name": "Möbius"}


def test_what_is_shown_is_what_was_issued() -> None:
    form: Credential = FORM
    assert form is FORM
    found = verified(presented())
    assert (found.issuer, found.partner, found.purpose) == (BAND.issuer, BAND.partner, BAND.purpose)
    assert (found.band, found.scheme, found.digest) == (BAND.band, BAND.scheme, BAND.digest)
    assert (found.issued, found.until, found.place) == (BAND.issued, BAND.until, PLACE)
    assert found.holder == public_of(HOLDER)


@given(st.sets(st.sampled_from(CHOICE)))
def test_what_is_kept_back_is_nowhere(show: set[str]) -> None:
    presentation = presented(show=sorted(show))
    found = verified(presentation, need=())
    for name in CHOICE:
        value = getattr(found, name)
        assert value == (getattr(BAND, name) if name in show else None)
    pieces = [from_base64(part, "") for part in presentation.replace("~", ".").split(".")]
    for name, text in (("band", b"good"), ("scheme", b"a-fair-start"), ("digest", b"abab")):
        assert any(text in piece for piece in pieces) == (name in show)
    if show != set(CHOICE):
        assert refused(presentation, need=CHOICE) == "withheld"


@settings(max_examples=50)
@given(
    st.builds(
        SharedBand,
        issuer=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20),
        partner=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20),
        purpose=st.text(st.characters(categories=["L", "N", "S"]), min_size=1, max_size=50),
        band=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20),
        scheme=st.just("a-scheme"),
        digest=st.binary(min_size=32, max_size=32).map(bytes.hex),
        issued=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
        until=st.integers(MOMENT + SECOND, MOMENT + 2000 * DAY),
    )
)
def test_any_band_comes_through(shared: SharedBand) -> None:
    found = verified(presented(issued(shared)), issuer=shared.issuer, partner=shared.partner)
    assert (found.band, found.purpose, found.issued) == (shared.band, shared.purpose, shared.issued)
    assert found.until == shared.until // SECOND * SECOND


def test_the_same_band_is_never_written_the_same() -> None:
    one, two = (issued().split("~")[1:-1] for _ in range(2))
    assert not set(one) & set(two)
    credential = issued()
    digests = payload_of(credential)["_sd"]
    assert digests == sorted(map(digest_of, credential.split("~")[1:-1]))


def test_it_ends_on_its_moment() -> None:
    last, credential = BAND.until - 1, issued()
    late = {"states": states(moment=last)}
    assert verified(presented(credential, moment=last), moment=last, **late).band == "good"
    ended = presented(credential, moment=BAND.until)
    assert refused(ended, moment=BAND.until, **late) == "expired"
    early = MOMENT - 61 * SECOND
    assert refused(presented(credential, moment=early), moment=early) == "not yet"
    with pytest.raises(QuestionRefused):
        issued(replace(BAND, until=MOMENT))


def test_it_is_for_one_partner_and_one_nonce_and_now() -> None:
    presentation = presented()
    assert refused(presentation, partner="Another Bank") == "wrong partner"
    assert refused(presentation, issuer="Another Operator") == "wrong issuer"
    assert refused(presentation, nonce="another") == "wrong nonce"
    assert refused(presentation, nonce="") == "wrong nonce"
    assert verified(presentation, moment=MOMENT + FRESH).band == "good"
    assert refused(presentation, moment=MOMENT + FRESH + SECOND) == "stale"
    assert refused(presented(moment=MOMENT + FRESH + SECOND)) == "stale"
    parts = presentation.split("~")[:-1]
    assert refused(bound_by(parts, aud="Another Bank")) == "wrong partner"
    assert refused(bound_by(parts, aud=[BAND.partner])) == "wrong partner"
    assert refused(bound_by(parts, nonce="")) == "wrong nonce"
    assert refused(bound_by(parts, iat=None)) == "stale"
    assert refused(bound_by(parts, iat=True)) == "stale"
    assert refused(bound_by(signed_again(aud="Another Bank"))) == "wrong partner"


def test_without_the_subjects_key_a_copy_is_of_no_use() -> None:
    presentation, credential = presented(), issued()
    parts = presentation.split("~")
    assert refused("~".join([*parts[:-1], ""])) == "key binding"
    assert refused(credential) == "key binding"
    assert refused(bound_by(parts[:-1], seed=OTHER)) == "tampered"
    assert refused(bound_by(parts[:-1], sd_hash=digest_of("~".join(parts[:-1])))) == "key binding"
    other_binding = presented(issued()).split("~")[-1]
    assert refused("~".join([*parts[:-1], other_binding])) == "key binding"
    with pytest.raises(CredentialRefused) as caught:
        FORM.present(credential, CHOICE, nonce=NONCE, moment=MOMENT, seed=OTHER)
    assert caught.value.code == "key binding"
    with pytest.raises(CredentialRefused):
        presented(presentation)
    # The credential's own kind of signature cannot stand as a key binding.
    text = "~".join((*parts[:-1], ""))
    claims = {"iat": 0, "aud": BAND.partner, "nonce": NONCE, "sd_hash": digest_of(text)}
    assert refused(text + sign(claims, KIND, HOLDER)) == "malformed"


def test_taken_back_or_without_its_list_it_does_not_count() -> None:
    presentation = presented()
    assert refused(presentation, states=states(77)) == "revoked"
    assert verified(presentation, states=states(76, 78)).band == "good"
    assert refused(presentation, states=states(uri="https://operator.example/2")) == "status"
    assert refused(presentation, states=states(moment=MOMENT - DAY)) == "status"
    assert refused(presentation, states=states(seed=OTHER)) == "tampered"
    assert refused(presentation, states="") == "malformed"
    for status in (None, {}, {"status_list": {"idx": -1, "uri": "u"}}, {"status_list": {"idx": 1}}):
        assert refused(bound_by(signed_again(status=status))) == "malformed"


def test_unsigned_and_otherwise_signed_is_refused_by_name() -> None:
    head, *disclosures, _ = issued().split("~")
    payload = payload_of(head)
    for alg in ("none", "None", "NONE", "", None, "HS256", "ES256", "Ed25519", ["EdDSA"]):
        forged = unsigned({"alg": alg, "typ": KIND}, payload, b"x")
        assert refused(bound_by([forged, *disclosures])) == "algorithm"
    empty = unsigned({"alg": "none", "typ": KIND}, payload)
    assert refused(bound_by([empty, *disclosures])) == "algorithm"
    # The public key, which everybody has, as the secret of a keyed hash.
    text = unsigned({"alg": "HS256", "typ": KIND}, payload).rpartition(".")[0]
    mac = hmac.digest(public_of(OPERATOR), text.encode(), hashlib.sha256)
    assert refused(bound_by([f"{text}.{to_base64(mac)}", *disclosures])) == "algorithm"
    crit = unsigned({"alg": "EdDSA", "typ": KIND, "crit": ["x"]}, payload, b"x")
    assert refused(bound_by([crit, *disclosures])) == "malformed"
    parts = presented().split("~")
    text = "~".join((*parts[:-1], ""))
    claims = {"iat": MOMENT // SECOND, "aud": BAND.partner, "nonce": NONCE}
    bare = unsigned({"alg": "none", "typ": "kb+jwt"}, claims | {"sd_hash": digest_of(text)})
    assert refused(text + bare) == "algorithm"
    assert refused(bound_by([*signed_again()], seed=OTHER)) == "tampered"
    assert refused(presented(issued(seed=OTHER))) == "tampered"


def test_a_holder_cannot_add_double_or_change_what_is_shown() -> None:
    parts = issued().split("~")[:-1]
    better = disclosure_of(bytes(16), "band", "excellent")
    band = next(part for part in parts[1:] if b"good" in from_base64(part, ""))
    rest = [part for part in parts if part != band]
    assert verified(bound_by([*rest, band])).band == "good"
    assert refused(bound_by([*rest, better])) == "disclosure"
    assert refused(bound_by([*parts, better])) == "disclosure"
    assert refused(bound_by([*parts, band])) == "disclosure"
    assert refused(bound_by([*parts, ""])) == "disclosure"
    assert refused(bound_by([*parts, *("x" * MOST)])) == "disclosure"
    reordered = bound_by([parts[0], *parts[:0:-1]])
    assert verified(reordered).band == "good", "the order of disclosures means nothing"


def test_an_issuer_cannot_sign_what_contradicts_itself() -> None:
    parts = issued().split("~")[:-1]
    digests = payload_of(parts[0])["_sd"]
    assert isinstance(digests, list)
    for name, value in (("band", "bad"), ("iss", "me"), ("exp", 1), ("_sd", []), ("...", "x")):
        more = disclosure_of(bytes(16), name, value)
        again = signed_again(_sd=sorted([*digests, digest_of(more)]))
        assert refused(bound_by([*again, more])) == "disclosure"
    assert refused(bound_by(signed_again(_sd=[*digests, digests[0]]))) == "disclosure"
    for odd in (
        {"_sd": "x"},
        {"_sd": [1]},
        {"_sd_alg": "sha-512"},
        {"vct": "urn:other"},
        {"nbf": 5},
        {"exp": "1"},
        {"exp": True},
        {"iat": None},
        {"cnf": None},
        {"cnf": {"jwk": {"kty": "EC"}}},
        {"cnf": {"jwk": {"kty": "OKP", "crv": "Ed25519"}}},
        {"purpose": 5},
        {"purpose": ""},
    ):
        assert refused(bound_by(signed_again(**odd))) == "malformed"
    for odd_claim in ("band", "scheme", "digest", "issued"):
        more = disclosure_of(bytes(16), odd_claim, 7)
        again = signed_again(_sd=[digest_of(more)])
        assert refused(bound_by([again[0], more]), need=()) == "malformed"
    for made in ('["salt"]', "{}", '["s", "band", "good", 1]', '[1, "band", "x"]', '["s", 1, "x"]'):
        text = to_base64(made.encode())
        again = signed_again(_sd=[digest_of(text)])
        assert refused(bound_by([again[0], text])) == "malformed"


@pytest.mark.slow
def test_every_changed_byte_is_refused() -> None:
    presentation, tried = presented(), 0
    assert verified(presentation).band == "good"
    for spot, letter in enumerate(presentation):
        others = {chr(ord(letter) ^ 1 << bit) for bit in range(8)} | {"~", ".", "A", ""}
        for other in others - {letter}:
            refused(presentation[:spot] + other + presentation[spot + 1 :])
            tried += 1
    assert tried > 9 * len(presentation)


def test_noise_is_refused_and_nothing_else_happens() -> None:
    chance, presentation = random.Random(6), presented()
    pieces = presentation.replace("~", " ~ ").replace(".", " . ").split(" ")
    odd = ["", "~", ".", "..", "~~", "e30", "W10", "bnVsbA", "\0", "é", "x" * 200_000]
    deep = to_base64(b"[" * 900 + b"]" * 900)
    twice = to_base64(b'{"alg":"EdDSA","alg":"EdDSA","typ":"dc+sd-jwt"}')
    for _ in range(2000):
        some = chance.choices([*pieces, *odd, deep, twice], k=chance.randrange(1, 14))
        refused("".join(some))
    for head in (twice, to_base64(b"[]"), to_base64(b"\xff"), deep, to_base64(b'{"alg":1.0}')):
        refused(presentation.replace(presentation.split(".")[0], head, 1))


def test_only_what_there_is_can_be_chosen() -> None:
    with pytest.raises(QuestionRefused):
        presented(show=["band", "purpose"])
    with pytest.raises(QuestionRefused):
        presented(nonce="")
    with pytest.raises(CredentialRefused):
        presented("no credential")


def test_salts_are_long_enough() -> None:
    with pytest.raises(ValueError, match="salt"):
        disclosure_of(bytes(15), "band", "good")
    made, digests = hidden({"a": 1, "b": 2}, [bytes(16), bytes(range(16))])
    assert opened({"_sd": digests}, made) == {"a": 1, "b": 2}
    salts = {json.loads(from_base64(part, ""))[0] for part in issued().split("~")[1:-1]}
    assert len(salts) == len(CHOICE) and min(map(len, salts)) == 22


def test_a_nonce_is_good_once_and_for_a_while() -> None:
    nonces = Nonces()
    one, two, three = (nonces.fresh(MOMENT) for _ in range(3))
    assert len({one, two, three}) == 3 and len(one) >= 32
    nonces.spend(one, MOMENT + LIVES - 1)
    for nonce, moment in ((one, MOMENT), (two, MOMENT + LIVES), (three, MOMENT - 1), ("x", MOMENT)):
        with pytest.raises(CredentialRefused) as caught:
            nonces.spend(nonce, moment)
        assert caught.value.code == "wrong nonce"
    assert verified(presented(), states=STATES).band == "good"
