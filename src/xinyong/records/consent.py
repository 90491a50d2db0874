"""Consent: by what right a scheme may read data about a subject, for what, for whom, until when.

A consent is off unless it was given; there is no record that says no. It holds one purpose, one
scheme, one operator and at most one partner, and always has an end. Where no consent is asked, a
*legal basis* stands in its place and is named: ``law:<reference>``. Both are checked at the moment
of reading; nothing here knows the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from xinyong.days import Period, from_instant
from xinyong.errors import StepRefused
from xinyong.records.written import STRICT, Digest, Id, Ids, Line, Moment, Written, fitting

LONGEST_CONSENT: Final = Period(24, "month")
"""A consent is asked for again after this; the charter's own bound."""

LONGEST_BASIS: Final = Period(60, "month")
"""A legal basis is looked at again after this; the charter's own bound."""


def _basis(text: str) -> str:
    if text != "consent" and (not text.startswith("law:") or not text[4:].strip()):
        raise ValueError("is neither 'consent' nor 'law:' and a reference")
    return text


def _one_purpose(text: str) -> str:
    if any(sign in text for sign in ";；•|"):
        raise ValueError("names more than one purpose")
    return text


Basis = Annotated[Line, AfterValidator(_basis)]
Purpose = Annotated[Line, AfterValidator(_one_purpose)]


@dataclass(frozen=True, config=STRICT)
class Consent(Written):
    """One permission to read named data sets about a subject, for one purpose.

    ``scheme`` is the scheme's name and ``operator`` who runs it; ``partner`` None means that nobody
    else is given anything. ``given_at``, ``until`` (first instant no longer) and ``withdrawn_at``
    are microseconds since 1970-01-01T00:00Z. ``written`` and ``warned``: given in writing, after a
    warning of harm. ``shown`` is the SHA-256 of the words that the subject agreed to.
    """

    id: Id
    subject: Id
    purpose: Purpose
    scheme: Id
    operator: Line
    data_sets: Annotated[Ids, Field(min_length=1, max_length=100)]
    given_at: Moment
    until: Moment
    partner: Line | None = None
    basis: Basis = "consent"
    written: bool = False
    warned: bool = False
    shown: Digest | None = None
    withdrawn_at: Moment | None = None

    def __post_init__(self) -> None:
        first, last = (from_instant(at) for at in (self.given_at, self.until))
        longest = LONGEST_CONSENT if self.basis == "consent" else LONGEST_BASIS
        if self.until <= self.given_at or last.date() > longest.after(first.date()):
            raise StepRefused(
                "it ends before it begins, or too late",
                code="unbounded",
                where="Consent.until",
                why=f"every permission ends, after {longest} at most; then it is asked for again",
                mend="give an end within that time",
            )
        if self.withdrawn_at is not None and self.withdrawn_at < self.given_at:
            raise StepRefused(
                "it is taken back before it is given",
                code="out of order",
                where="Consent.withdrawn_at",
                why="only what was given can be taken back",
                mend="give the moment at which it was taken back",
            )

    @classmethod
    def from_json(cls, data: object) -> Self:
        """As :meth:`Written.from_json`; several purposes at once are refused as *bundled*."""
        if isinstance(data, dict) and isinstance(data.get("purpose"), (list, tuple, dict)):
            raise bundled()
        return super().from_json(data)

    @property
    def is_consent(self) -> bool:
        """Whether the subject gave it; else a law does."""
        return self.basis == "consent"

    def in_force(
        self,
        moment: int,
        purpose: str | None = None,
        data_sets: Iterable[str] = (),
        partner: str | None = None,
    ) -> bool:
        """Whether it holds at a moment, for a purpose, data sets and a partner.

        Without a purpose the times and data sets alone are looked at. With one it is the very
        same words, and the very same partner: a consent to pass something on to a partner lets
        nobody else read, and a consent without a partner lets nothing be passed on.
        """
        if not self.given_at <= moment < self.until:
            return False
        if self.withdrawn_at is not None and self.withdrawn_at <= moment:
            return False
        if not set(data_sets) <= set(self.data_sets):
            return False
        return purpose is None or (self.purpose == purpose and self.partner == partner)

    @property
    def ends_at(self) -> int:
        """The first instant at which it no longer holds."""
        return self.until if self.withdrawn_at is None else min(self.until, self.withdrawn_at)

    def withdrawn(self, moment: int) -> Consent:
        """The consent taken back; what was done before stays lawful, nothing is read after.

        Raises StepRefused for a legal basis, and for what has ended already.
        """
        if not self.is_consent:
            raise StepRefused(
                "a legal basis is not the subject's to take back",
                code="out of order",
                where="Consent.withdrawn",
                why=f"it rests on {self.basis[4:]}, not on consent",
                mend="dispute the record, or let the operator end the basis with closed()",
            )
        return self._stopped(moment)

    def closed(self, moment: int) -> Consent:
        """A legal basis that the operator ends, as when a contract is over."""
        if self.is_consent:
            raise StepRefused(
                "a consent is the subject's to take back, not the operator's to close",
                code="out of order",
                where="Consent.closed",
                why="consent is withdrawn by whoever gave it",
                mend="use withdrawn()",
            )
        return self._stopped(moment)

    @fitting
    def _stopped(self, moment: int) -> Consent:
        if self.withdrawn_at is not None or moment >= self.until:
            raise StepRefused(
                "it has ended already",
                code="out of order",
                where="Consent.withdrawn_at",
                why="a permission ends once",
                mend="nothing is left to be done",
            )
        return replace(self, withdrawn_at=moment)


def bundled() -> StepRefused:
    """The refusal of several purposes in one consent."""
    return StepRefused(
        "several purposes are tied together",
        code="bundled",
        where="Consent.purpose",
        why="whoever agrees to one thing must be able to refuse another",
        mend="ask for one consent for each purpose, each with a box of its own that is empty",
    )


@fitting
def give(*, purpose: str | Iterable[str], **fields: Any) -> Consent:
    """A consent from what was asked and answered; several purposes are refused as *bundled*.

    ``fields`` are those of :class:`Consent`.
    """
    purposes = [purpose] if isinstance(purpose, str) else list(purpose)
    if len(purposes) != 1:
        raise bundled()
    return Consent(purpose=purposes[0], **fields)


def readable(
    consents: Iterable[Consent],
    *,
    subject: str,
    scheme: str,
    operator: str,
    purpose: str,
    moment: int,
    partner: str | None = None,
) -> dict[str, Consent]:
    """Data sets that may be read, each with the permission that lasts longest.

    Names that no permission holds are not in it: off by default.
    """
    found: dict[str, Consent] = {}
    for consent in consents:
        mine = (consent.subject, consent.scheme, consent.operator) == (subject, scheme, operator)
        if not mine or not consent.in_force(moment, purpose, partner=partner):
            continue
        for name in consent.data_sets:
            other = found.get(name)
            if other is None or (consent.ends_at, consent.id) > (other.ends_at, other.id):
                found[name] = consent
    return found


__all__ = [
    "LONGEST_BASIS",
    "LONGEST_CONSENT",
    "Basis",
    "Consent",
    "Purpose",
    "bundled",
    "give",
    "readable",
]
