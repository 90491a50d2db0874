"""Tokens and credentials: shown to a partner, signed by an operator, or made by a provider.

What was changed after it was signed is never accepted; what was signed anew with odd claims is
accepted or refused, and nothing else.
"""

from __future__ import annotations

import json
import random
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import changing
import shared
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from xinyong.decisions.credential.sd_jwt import BINDING, KIND, SdJwt
from xinyong.decisions.credential.signed import read_json, read_signed, sign, to_base64
from xinyong.decisions.credential.status import KIND as STATES
from xinyong.decisions.credential.status import check_status
from xinyong.errors import QuestionRefused, XinyongError
from xinyong.records.sealed import new_keys
from xinyong.service.callers import Tokens
from xinyong.service.config import Oidc

LAST = b""
NOW = shared.MOMENT // 1_000_000
GOOD = shared.presented()
CREDENTIAL = shared.issued()
KEY = RSAKey.import_key(RSAKey.generate_key(2048).as_dict(private=True) | {"kid": "one"})
CLAIMS: dict[str, Any] = {
    "iss": "https://login.example",
    "aud": "xinyong",
    "exp": NOW + 600,
    "nbf": NOW - 60,
    "sub": "front desk",
    "xinyong_role": "operator",
    "xinyong_subject": "anna",
}
OIDC = Oidc(issuer=CLAIMS["iss"], audience=CLAIMS["aud"], jwks="jwks.json")


class _Vault:
    def keys(self, subject: str, create: bool) -> Any:
        """The keys of anybody whose id can be kept."""
        return new_keys(subject) if subject == "anna" else None


HOUSE: Any = SimpleNamespace(clock=lambda: shared.MOMENT, vault=_Vault())


@lru_cache(maxsize=1)
def tokens() -> Tokens:
    """The provider's keys, read."""
    with tempfile.TemporaryDirectory() as folder:
        public = KeySet([KEY]).as_dict(private=False)
        (Path(folder) / "jwks.json").write_text(json.dumps(public))
        return Tokens(OIDC, Path(folder))


def shown(rng: random.Random) -> None:
    """A presentation that was changed on its way."""
    text = changing.changed(rng, GOOD.encode()).decode("utf-8", "replace")
    if rng.random() < 0.5:
        parts = GOOD.split("~")
        spot = rng.randrange(len(parts))
        how = rng.randrange(4)
        if how == 0:
            del parts[spot]
        elif how == 1:
            parts.insert(spot, rng.choice([*parts, "", to_base64(rng.randbytes(9))]))
        elif how == 2:
            rng.shuffle(parts)
        else:
            parts[spot] = to_base64(_json(changing.odd(rng)))
        text = "~".join(parts)
    _keep(text)
    if text != GOOD:
        try:
            shared.verified(text)
        except XinyongError:
            pass
        else:
            raise AssertionError("a changed presentation was accepted")
    _tried(SdJwt().present, text, ("band",), nonce="n", moment=shared.MOMENT, seed=shared.HOLDER)


def signed_anew(rng: random.Random) -> None:
    """Odd claims under good signatures: the issuer's, the holder's, the list's."""
    head, *disclosures, binding = GOOD.split("~")
    claims = changing.altered(rng, read_signed(head, KIND, "x"))
    bound = changing.altered(rng, read_signed(binding, BINDING, "x"), rng.choice([0, 0, 1]))
    for _ in range(rng.choice([0, 0, 1])):
        odd = [to_base64(bytes(16)), rng.choice(["band", "_sd", "iss", 5]), changing.odd(rng)]
        disclosures.append(to_base64(_json(changing.altered(rng, odd))))
    if not _writable(claims, bound):
        return
    made = sign(claims, rng.choice([KIND, KIND, KIND, BINDING]), shared.OPERATOR)
    text = "~".join((made, *disclosures, ""))
    if isinstance(bound, dict):
        bound["sd_hash"] = shared.digest_of(text)
    text += sign(bound, BINDING, shared.HOLDER)
    _keep(text)
    _tried(shared.verified, text)


def listed(rng: random.Random) -> None:
    """A list of states, changed or signed anew."""
    states = shared.STATES
    claims = changing.altered(rng, read_signed(states, STATES, "x", longest=10**6))
    if not _writable(claims):
        return
    made, public = sign(claims, STATES, shared.OPERATOR), shared.public_of(shared.OPERATOR)
    for text in (made, changing.changed(rng, states.encode()).decode("utf-8", "replace")):
        _keep(text)
        _tried(check_status, text, shared.PLACE, issuer=public, moment=shared.MOMENT)


def provided(rng: random.Random) -> None:
    """A provider's token, changed or signed anew."""
    claims = changing.altered(rng, CLAIMS)
    head = changing.altered(rng, {"alg": "RS256", "kid": "one"}, rng.choice([0, 0, 1]))
    try:
        text = jwt.encode(head, claims, KEY)
    except Exception:  # the library will not sign such claims: any text with them in it does
        text = ".".join(to_base64(_json(part)) for part in (head, claims)) + ".AAAA"
    if rng.random() < 0.5:
        text = changing.changed(rng, text.encode()).decode("latin-1")
    _keep(text)
    caller = tokens().caller(HOUSE, text)
    assert caller is None or caller.role in ("subject", "operator", "partner", "auditor")


def key_sets(rng: random.Random) -> None:
    """The file of a provider's keys."""
    with tempfile.TemporaryDirectory() as folder:
        data = _json(changing.altered(rng, KeySet([KEY]).as_dict(private=False)))
        if rng.random() < 0.3:
            data = changing.changed(rng, data)
        _keep(data)
        (Path(folder) / "jwks.json").write_bytes(data)
        try:
            found = Tokens(OIDC, Path(folder))
        except QuestionRefused:
            return
        found.caller(HOUSE, jwt.encode({"alg": "RS256", "kid": "one"}, CLAIMS, KEY))


def _json(value: Any) -> bytes:
    try:
        return json.dumps(value).encode("utf-8", "surrogatepass")
    except RecursionError:
        return b"[" * 5000


def _writable(*values: Any) -> bool:
    """Whether the values can be written as JSON at all; they are no input otherwise."""
    try:
        return bool(json.dumps(values))
    except RecursionError:
        return False


def _tried(call: Any, *given: Any, **named: Any) -> None:
    with suppress(XinyongError):
        call(*given, **named)


def _keep(data: str | bytes) -> None:
    global LAST  # noqa: PLW0603 - the runner reads it
    LAST = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")


KINDS = (shown, signed_anew, listed, provided, provided, key_sets)


def once(rng: random.Random) -> None:
    rng.choice(KINDS)(rng)


def parse(content: bytes) -> None:
    """Bytes given to everything that reads tokens."""
    text = content.decode("utf-8", "replace")
    for one in (text, f"{text}~", f"{text}.{text}.{text}~", text.replace("a", ".")):
        _tried(shared.verified, one)
        _tried(check_status, one, shared.PLACE, issuer=bytes(32), moment=shared.MOMENT)
        assert tokens().caller(HOUSE, one) is None
    _tried(read_json, content, "here")
