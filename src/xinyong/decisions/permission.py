"""Which data sets a scheme may read, and what it may pass on, under a set of consents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xinyong.errors import StepRefused
from xinyong.records.consent import Consent, readable
from xinyong.records.event import Event
from xinyong.scheme.bound import COVERAGE
from xinyong.scheme.model import Scheme, Share

ANYBODY = "the operator"
"""The operator's name where a scheme names none."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What a scheme may read about one subject at one moment: data set -> the consent behind it."""

    subject: str
    moment: int
    by: Mapping[str, Consent]

    @property
    def data_sets(self) -> frozenset[str]:
        """Names of the data sets that may be read."""
        return frozenset(self.by)

    @property
    def consents(self) -> tuple[str, ...]:
        """Ids of the consents and legal bases behind it, in order, each once."""
        return tuple(sorted({consent.id for consent in self.by.values()}))

    def without(self, data_sets: Iterable[str]) -> tuple[str, ...]:
        """Those of some data sets that may not be read."""
        return tuple(sorted(set(data_sets) - self.data_sets))


def purpose_of(scheme: Scheme) -> str:
    """The scheme's purpose as one line, the very words that a consent repeats."""
    return " ".join(scheme.purpose.split())


def operator_of(scheme: Scheme) -> str:
    """Who runs the scheme, as consents and letters name it."""
    return ANYBODY if scheme.operator is None else " ".join(scheme.operator.name.split())


def may_read(
    scheme: Scheme, consents: Iterable[Consent], *, subject: str, moment: int
) -> Permission:
    """The data sets that may be read about a subject at a moment.

    A data set whose basis is consent is opened by a consent alone: one of its own where the scheme
    asks *separately*, in writing or after a warning where the scheme says so. Any other is opened
    by a legal basis that is named, or by consent.
    """
    names = {
        "subject": subject,
        "scheme": scheme.scheme,
        "operator": operator_of(scheme),
        "purpose": purpose_of(scheme),
    }
    given = list(consents)
    by = {}
    for name in scheme.data_sets:
        fit = [consent for consent in given if _opens(scheme, name, consent)]
        found = readable(fit, moment=moment, **names).get(name)
        if found is not None:
            by[name] = found
    return Permission(subject, moment, by)


def _opens(scheme: Scheme, name: str, consent: Consent) -> bool:
    data_set = scheme.data_sets[name]
    if data_set.basis != "consent":
        return True
    asked = data_set.consent
    if not consent.is_consent:
        return False
    return asked is None or (
        (len(consent.data_sets) == 1 or not asked.separate)
        and (consent.written or not asked.written)
        and (consent.warned or not asked.harm_warning)
    )


def read_by(scheme: Scheme, events: Iterable[Event]) -> frozenset[str]:
    """The data sets that some events belong to; a coverage event belongs to the one it names."""
    found = set()
    for event in events:
        if event.kind == COVERAGE:
            found.add(str(event.fields.get("data_set")))
        else:
            name = scheme.event_data_set(event.kind)
            if name is not None:
                found.add(name)
    return frozenset(found)


def must_read(
    scheme: Scheme,
    consents: Iterable[Consent],
    events: Iterable[Event],
    *,
    subject: str,
    moment: int,
) -> Permission:
    """The permission that covers events, or a refusal (``no consent``) that names what is missing.

    Without any permission at all nobody is scored, even if nothing is on record.
    """
    permission = may_read(scheme, consents, subject=subject, moment=moment)
    missing = permission.without(read_by(scheme, events))
    if missing or not permission.by:
        raise StepRefused(
            f"no consent in force covers {', '.join(missing)}"
            if missing
            else "no consent and no legal basis is in force",
            code="no consent",
            where=scheme.scheme,
            why="consent is off until it is given, holds for one purpose, and ends",
            mend="ask for it: for each data set by itself where the scheme says 'separate'",
        )
    return permission


def may_share(
    scheme: Scheme, consents: Iterable[Consent], *, subject: str, partner: str, moment: int
) -> tuple[tuple[Share, Consent], ...]:
    """What may be passed on to a partner at a moment, each with the permission it rests on.

    The scheme must name the recipient; the subject must have agreed to this partner, for the
    purpose of this share, or a law that the scheme names must order it and stand as the basis.
    Of several the one that names the most data sets counts, then the one that lasts longest.
    """
    found = []
    given = sorted(consents, key=lambda one: (-len(one.data_sets), -one.ends_at, one.id))
    for share in scheme.shares:
        if share.recipient != partner:
            continue
        for consent in given:
            mine = (consent.subject, consent.scheme) == (subject, scheme.scheme)
            right = consent.is_consent or share.law is not None
            purpose = " ".join(share.purpose.split())
            ours = mine and right and consent.operator == operator_of(scheme)
            if ours and consent.in_force(moment, purpose, partner=partner):
                found.append((share, consent))
                break
    return tuple(found)


__all__ = [
    "ANYBODY",
    "Permission",
    "may_read",
    "may_share",
    "must_read",
    "operator_of",
    "purpose_of",
    "read_by",
]
