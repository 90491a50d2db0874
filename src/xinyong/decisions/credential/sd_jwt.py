"""The credential as an SD-JWT VC: RFC 9901, with the claims of draft-ietf-oauth-sd-jwt-vc.

``<signed JSON>~<disclosure>~...~<key binding>``. The key binding is signed by the subject over the
partner's nonce and name and the digest of all before it: it cannot be shown again, nor elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import date
from typing import Any, Final

from xinyong.decisions.credential.credential import CHOICE, SharedBand, Shown
from xinyong.decisions.credential.disclosing import (
    DIGESTS,
    HASHING,
    digest_of,
    hidden,
    name_of,
    opened,
)
from xinyong.decisions.credential.signed import (
    LONGEST,
    CredentialRefused,
    Reason,
    check_signature,
    from_base64,
    malformed,
    public_of,
    read_signed,
    sign,
    to_base64,
)
from xinyong.decisions.credential.status import Place, check_status
from xinyong.errors import QuestionRefused, StepRefused

KIND: Final = "dc+sd-jwt"
"""The kind of signed JSON that the credential is."""
BINDING: Final = "kb+jwt"
"""The kind of signed JSON that the key binding is."""
TYPE: Final = "urn:xinyong:shared-band:1"
"""The type of the credential: which claims it has and what they mean."""
FRESH: Final = 300 * 1_000_000
"""How far the moment of showing may lie from that of verifying (microseconds)."""

_SECOND: Final = 1_000_000
_SKEW: Final = 60 * _SECOND
_WHERE: Final = "credential"
_HERE: Final = "key binding"


class SdJwt:
    """The form SD-JWT VC of a :class:`~.credential.Credential`."""

    def issue(
        self, shared: SharedBand, *, holder: bytes, place: Place, moment: int, seed: bytes
    ) -> str:
        """See :meth:`.Credential.issue`."""
        if shared.until <= moment:
            raise QuestionRefused(
                "the credential would have ended before it began", where="until", mend="a later end"
            )
        claims = {
            "band": shared.band,
            "scheme": shared.scheme,
            "digest": shared.digest,
            "issued": shared.issued.isoformat(),
        }
        disclosures, digests = hidden(claims, [os.urandom(16) for _ in claims])
        payload = {
            "iss": shared.issuer,
            "vct": TYPE,
            "iat": moment // _SECOND,
            "exp": shared.until // _SECOND,
            "aud": shared.partner,
            "purpose": shared.purpose,
            "cnf": {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": to_base64(holder)}},
            "status": {"status_list": {"idx": place.index, "uri": place.uri}},
            DIGESTS: digests,
            HASHING: "sha-256",
        }
        return "~".join((sign(payload, KIND, seed), *disclosures, ""))

    def present(
        self, credential: str, show: Collection[str], *, nonce: str, moment: int, seed: bytes
    ) -> str:
        """See :meth:`.Credential.present`."""
        odd = sorted(set(show) - set(CHOICE))
        if odd or not nonce:
            raise QuestionRefused(
                f"there is no choice about {', '.join(odd)}" if odd else "there is no nonce",
                where="credential",
                mend=f"choose among {', '.join(CHOICE)}, for the nonce the partner gave",
            )
        head, disclosures, binding = _parts(credential)
        payload = read_signed(head, KIND, _WHERE)
        if binding or to_base64(public_of(seed)) != _jwk(payload):
            raise CredentialRefused(
                "this is not the credential of this key",
                code="key binding",
                where=_WHERE,
                why="only the subject's own key can show it",
                mend="use the credential as it was issued, with the key it was issued for",
            )
        chosen = [one for one in disclosures if name_of(one) in show]
        bound = "~".join((head, *chosen, ""))
        claims = {
            "iat": moment // _SECOND,
            "aud": payload.get("aud"),
            "nonce": nonce,
            "sd_hash": digest_of(bound),
        }
        return bound + sign(claims, BINDING, seed)

    def verify(
        self,
        presentation: str,
        *,
        issuer: str,
        public: bytes,
        partner: str,
        nonce: str,
        states: str,
        moment: int,
        need: Collection[str] = ("band",),
    ) -> Shown:
        """See :meth:`.Credential.verify`."""
        head, disclosures, binding = _parts(presentation)
        payload = read_signed(head, KIND, _WHERE)
        check_signature(head, public, _WHERE)
        _check_claims(payload, issuer=issuer, partner=partner, moment=moment)
        holder = from_base64(_jwk(payload), _WHERE)
        if not binding:
            raise _unbound("it is shown without a key binding")
        bound = "~".join((head, *disclosures, ""))
        _check_binding(binding, bound, holder, partner=partner, nonce=nonce, moment=moment)
        claims = opened(payload, disclosures)
        missing = sorted(set(need) - set(claims))
        if missing:
            raise CredentialRefused(
                f"the subject did not show {', '.join(missing)}",
                code="withheld",
                where=_WHERE,
                why="the subject chooses what to show",
                mend="say what you need and what for; do without it, or do without the credential",
            )
        place = _place(payload)
        check_status(states, place, issuer=public, moment=moment)
        return _shown(payload, claims, holder, place)


def _parts(text: str) -> tuple[str, list[str], str]:
    """Signed JSON, disclosures, and key binding (empty where there is none)."""
    if len(text) > LONGEST or not text.isascii() or "~" not in text:
        raise malformed("it is no credential", _WHERE)
    head, *disclosures, binding = text.split("~")
    return head, disclosures, binding


def _jwk(payload: dict[str, Any]) -> str:
    """The subject's public key in base64url."""
    cnf = payload.get("cnf")
    jwk = cnf.get("jwk") if isinstance(cnf, dict) else None
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("OKP", "Ed25519"):
        raise malformed("it names no key of the subject", _WHERE)
    if not isinstance(jwk.get("x"), str):
        raise malformed("it names no key of the subject", _WHERE)
    return str(jwk["x"])


def _check_claims(payload: dict[str, Any], *, issuer: str, partner: str, moment: int) -> None:
    start, end = payload.get("iat"), payload.get("exp")
    if payload.get("vct") != TYPE or "nbf" in payload:
        raise malformed("it is no credential about a shared band", _WHERE)
    if type(start) is not int or type(end) is not int:
        raise malformed("it is no credential about a shared band", _WHERE)
    if payload.get("iss") != issuer:
        raise _refused(
            "it was issued by somebody else", "wrong issuer", "ask for one of the right operator"
        )
    if payload.get("aud") != partner:
        raise _refused(
            "it was issued for another partner",
            "wrong partner",
            "ask the subject to share the band with you; what was meant for others is not yours",
        )
    if start * _SECOND > moment + _SKEW:
        raise _refused("it is not yet good", "not yet", "set your clock")
    if moment >= end * _SECOND:
        raise _refused("it has expired", "expired", "ask the subject for a new one")


def _check_binding(
    binding: str, bound: str, holder: bytes, *, partner: str, nonce: str, moment: int
) -> None:
    payload = read_signed(binding, BINDING, _HERE)
    check_signature(binding, holder, _HERE)
    if payload.get("sd_hash") != digest_of(bound):
        raise _unbound("the key binding is that of another showing")
    if payload.get("aud") != partner:
        raise _refused(
            "it was shown to another partner", "wrong partner", "ask the subject to show it to you"
        )
    if not nonce or payload.get("nonce") != nonce:
        raise _refused(
            "it answers another question than yours",
            "wrong nonce",
            "ask with a new nonce: this one may have been recorded and sent again",
        )
    shown = payload.get("iat")
    if type(shown) is not int or abs(shown * _SECOND - moment) > FRESH:
        raise _refused("it was not shown now", "stale", "ask again, and compare the clocks")


def _place(payload: dict[str, Any]) -> Place:
    status = payload.get("status")
    found = status.get("status_list") if isinstance(status, dict) else None
    if isinstance(found, dict):
        index, uri = found.get("idx"), found.get("uri")
        if type(index) is int and index >= 0 and isinstance(uri, str) and uri:
            return Place(uri, index)
    raise malformed("it does not say where its status stands", _WHERE)


def _shown(payload: dict[str, Any], claims: dict[str, Any], holder: bytes, place: Place) -> Shown:
    try:
        day = claims.get("issued")
        issued = None if day is None else date.fromisoformat(day)
        whole = SharedBand(
            issuer=payload["iss"],
            partner=payload["aud"],
            purpose=payload["purpose"],
            band=claims.get("band", "-"),
            scheme=claims.get("scheme", "-"),
            digest=claims.get("digest", "0" * 64),
            issued=issued or date(2000, 1, 1),
            until=payload["exp"] * _SECOND,
        )
    except (KeyError, TypeError, ValueError, StepRefused):
        raise malformed("its claims do not fit", _WHERE) from None
    return Shown(
        issuer=whole.issuer,
        partner=whole.partner,
        purpose=whole.purpose,
        until=whole.until,
        holder=holder,
        place=place,
        band=claims.get("band"),
        scheme=claims.get("scheme"),
        digest=claims.get("digest"),
        issued=issued,
    )


def _refused(what: str, code: Reason, mend: str) -> CredentialRefused:
    return CredentialRefused(
        what,
        code=code,
        where=_WHERE,
        why="a band is shared with one partner, for one purpose, until a day",
        mend=mend,
    )


def _unbound(what: str) -> CredentialRefused:
    return CredentialRefused(
        what,
        code="key binding",
        where=_HERE,
        why="without it anybody could show a copy",
        mend="ask the subject to show it with the key it was issued for, to your nonce",
    )
