"""One subject scored from the store: consents, packed events, the engine, the reasons.

The events of data sets that no consent or legal basis opens are left out before anything is
counted. The key of a score is the scheme's digest, the subject, the day and the number of ledger
entries about her that were known; the same key gives the same score for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from xinyong.decisions.permission import Permission, may_read
from xinyong.engine.batch import chosen_engine
from xinyong.engine.carried import carried, unpacked
from xinyong.engine.score import Outcome
from xinyong.engine.single import Packed, packed, score_one
from xinyong.errors import StepRefused
from xinyong.records.consent import Consent
from xinyong.records.event import Event
from xinyong.records.ledger.canonical import Canonical, canonical
from xinyong.records.store import (
    PACKED,
    Block,
    Need,
    Stamp,
    Standing,
    Store,
    Unchanged,
    packed_standing,
)
from xinyong.scheme.model import Scheme
from xinyong.service.house import House, Served
from xinyong.service.remembered import Remembered

CONSENT = "consent"
GIVEN = frozenset({"given"})


_STAMPED: Final = (CONSENT, "dispute", "listing")
"""States that say whether anything about a subject is otherwise than it was."""


class Found:
    """An outcome that holds as long as the subject's records stay as they are."""

    __slots__ = ("_texts", "outcome", "scored", "upto")

    def __init__(self, outcome: Outcome, upto: int) -> None:
        self.outcome, self.upto = outcome, upto
        self.scored: tuple[Permission, Stamp, Scored] | None = None
        """The score by the last permission and stamp that were asked for."""
        self._texts: tuple[Permission, bytes, Canonical] | None = None

    def texts(self, served: Served, permission: Permission) -> tuple[bytes, Canonical]:
        """A score as an answer (:func:`told`), and as it is recorded; each written once."""
        if self._texts is None or self._texts[0] is not permission:
            said = told(served, self.outcome, self.upto)
            more = {"known_by": self.outcome.known_by, "consents": list(permission.consents)}
            recorded = Canonical(canonical(said | more))
            self._texts = permission, canonical(said), recorded
        return self._texts[1], self._texts[2]


@dataclass(frozen=True, slots=True)
class Scored:
    """A score with what it rests on.

    ``found`` is the outcome and its ledger sequence; ``needs`` must hold when anything is written
    on it; ``blocks`` are packed events to keep along with that. ``quiet``: there never was a
    dispute or a listing about the subject.
    """

    found: Found
    permission: Permission
    needs: tuple[Need | Unchanged, ...]
    blocks: tuple[Block, ...]
    quiet: bool

    @property
    def outcome(self) -> Outcome:
        """The score, its parts and reasons."""
        return self.found.outcome

    @property
    def upto(self) -> int:
        """The ledger sequence of the score."""
        return self.found.upto


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A subject's consents, for as long as their states stay; permissions by scheme's digest."""

    stamp: tuple[object, ...]
    consents: tuple[Consent, ...]
    permissions: dict[str, tuple[int, int, Permission]]


class Scorer:
    """Scores subjects of one house; remembers consents and scores, by the states they rest on.

    What is remembered is dropped as soon as anybody was erased.
    """

    def __init__(self, house: House, *, remembered: int = 10_000) -> None:
        self._house = house
        self._agreed: Remembered[str, _Agreed] = Remembered(remembered)
        self._found: Remembered[tuple[str, str, date], Found] = Remembered(remembered)
        self._stamps: Remembered[str, Stamp] = Remembered(remembered)
        self._erasures = -1

    @property
    def store(self) -> Store:
        """The house's store."""
        return self._house.store

    @property
    def erasures(self) -> int:
        """How many subjects had been erased at the last look."""
        return self._erasures

    def consents(self, subject: str) -> tuple[Consent, ...]:
        """All consents and legal bases of a subject as they stand, oldest first."""
        stamp = self._stamp(subject)
        return () if stamp is None else self._agreement(subject, stamp).consents

    def _stamp(self, subject: str) -> Stamp | None:
        stamp = self.store.stamp(subject, _STAMPED)
        self._forget_erased()
        if stamp is not None:
            self._stamps.keep(subject, stamp)
        return stamp

    def _forget_erased(self) -> None:
        if self._house.vault.erasures != self._erasures:
            self._erasures = self._house.vault.erasures
            for memory in (self._agreed, self._found, self._stamps):
                memory.clear()

    def _agreement(self, subject: str, stamp: Stamp) -> _Agreed:
        mark = _mark(stamp)
        known = self._agreed.get(subject)
        if known is None or known.stamp != mark:
            known = _Agreed(mark, self._read(subject), {})
            self._agreed.keep(subject, known)
        return known

    def _read(self, subject: str) -> tuple[Consent, ...]:
        newest: dict[str, Consent] = {}
        for act in self.store.of(subject, ("consent", "revocation")):
            if act.body is not None:
                one = Consent.from_json(act.body["consent"])
                newest[one.id] = one
        return tuple(newest.values())

    def permission(self, served: Served, subject: str, moment: int) -> Permission:
        """What the scheme may read about a subject; refused where that is nothing at all."""
        return self._permission(served, subject, moment, self._stamp(subject))

    def _permission(
        self, served: Served, subject: str, moment: int, stamp: Stamp | None
    ) -> Permission:
        scheme = served.approved.scheme
        if stamp is None:
            raise _no_consent(scheme)
        agreed = self._agreement(subject, stamp)
        since, until, found = agreed.permissions.get(scheme.digest, (1, 0, None))
        if found is None or not since <= moment < until:
            found = may_read(scheme, agreed.consents, subject=subject, moment=moment)
            since, until = span(agreed.consents, moment)
            agreed.permissions[scheme.digest] = since, until, found
        if not found.by:
            raise _no_consent(scheme)
        return found

    def score(self, served: Served, subject: str, day: date, moment: int) -> Scored:
        """The score of one subject on a day, by what is on record and may be read now.

        Raises StepRefused (``no consent``) and EventsRefused.
        """
        scheme = served.approved.scheme
        stamp = self._stamp(subject)
        permission = self._permission(served, subject, moment, stamp)
        label = label_of(scheme.digest, permission.data_sets)
        found, blocks = None, tuple[Block, ...]()
        if stamp is not None and stamp.head is not None:
            found = self._found.get((subject, label, day))
            if found is not None and found.upto != stamp.head[0] + 1:
                found = None
        if found is None:
            found, blocks = self._worked(served, subject, permission, label, day, moment)
        return self._scored(subject, found, permission, stamp, blocks)

    def remembered(self, served: Served, subject: str, day: date, moment: int) -> Scored | None:
        """The same score from memory alone; None where anything for it is not there.

        It may be out of date: what it ``needs`` then does not hold when it is written, and it is
        scored again by :meth:`score`.
        """
        self._forget_erased()
        digest = served.approved.scheme.digest
        stamp, agreed = self._stamps.get(subject), self._agreed.get(subject)
        if stamp is None or agreed is None or agreed.stamp != _mark(stamp):
            return None
        since, until, permission = agreed.permissions.get(digest, (1, 0, None))
        if permission is None or not (permission.by and since <= moment < until):
            return None
        label = label_of(digest, permission.data_sets)
        found = self._found.get((subject, label, day))
        if found is None or stamp.head is None or found.upto != stamp.head[0] + 1:
            return None
        last = found.scored
        if last is None or last[0] is not permission or last[1] is not stamp:
            last = permission, stamp, self._scored(subject, found, permission, stamp, ())
            found.scored = last
        return last[2]

    def _scored(
        self,
        subject: str,
        found: Found,
        permission: Permission,
        stamp: Stamp | None,
        blocks: tuple[Block, ...],
    ) -> Scored:
        states = () if stamp is None else stamp.states
        quiet = all(one.name == CONSENT for one in states)
        last = max((one.seq for one in states), default=-1)
        needs = self.needs(permission, subject, found.upto, last)
        return Scored(found, permission, needs, blocks, quiet)

    def _worked(
        self,
        served: Served,
        subject: str,
        permission: Permission,
        label: str,
        day: date,
        moment: int,
    ) -> tuple[Found, tuple[Block, ...]]:
        block = self.store.block(subject, label)
        if block is None:
            nothing = packed(served.approved.scheme, (), subject=subject)
            return Found(score_one(nothing, day=day, known_by=moment), 0), ()
        upto, known_by, body = block
        subject_packed, blocks = self._packed(served, subject, permission, label, body, upto)
        found = Found(score_one(subject_packed, day=day, known_by=known_by), upto)
        self._found.keep((subject, label, day), found)
        return found, blocks

    def needs(
        self, permission: Permission, subject: str, upto: int, last: int
    ) -> tuple[Need | Unchanged, ...]:
        """What must hold when something is written that rests on a score.

        No consent, dispute or listing of hers has come after the entry ``last``, either.
        """
        given = (Need(CONSENT, one, GIVEN, running=True) for one in permission.consents)
        return (*given, Unchanged(subject, upto, _STAMPED, last))

    def _packed(
        self,
        served: Served,
        subject: str,
        permission: Permission,
        label: str,
        body: bytes | None,
        upto: int,
    ) -> tuple[Packed, tuple[Block, ...]]:
        scheme = served.approved.scheme
        compiled = chosen_engine() != "numpy"
        if body is not None and compiled:
            return unpacked(scheme, body, subject=subject), ()
        standing = self.store.standing(subject)
        made = packed(scheme, readable(served, standing, permission), subject=subject)
        if not compiled or standing.upto != upto:
            return made, ()
        return made, (
            Block(subject, label, upto, carried(made)),
            Block(subject, PACKED, upto, packed_standing(standing)),
        )

    def events(self, served: Served, subject: str, permission: Permission) -> list[Event]:
        """The events that count and that may be read, in order of time."""
        return readable(served, self.store.standing(subject), permission)


def _mark(stamp: Stamp) -> tuple[object, ...]:
    """The consents of a stamp, each as it stands."""
    return tuple(sorted((s.item, s.value, s.seq) for s in stamp.states if s.name == CONSENT))


def _no_consent(scheme: Scheme) -> StepRefused:
    return StepRefused(
        "no consent and no legal basis is in force",
        code="no consent",
        where=scheme.scheme,
        why="consent is off until it is given, holds for one purpose, and ends",
        mend="ask for it: for each data set by itself where the scheme says 'separate'",
    )


def span(consents: Iterable[Consent], moment: int) -> tuple[int, int]:
    """From when, and until before when, the same consents are in force as at a moment."""
    since, until = -(1 << 63), 1 << 63
    for one in consents:
        for edge in (one.given_at, one.ends_at):
            if edge <= moment:
                since = max(since, edge)
            else:
                until = min(until, edge)
    return since, until


def told(served: Served, outcome: Outcome, upto: int) -> dict[str, Any]:
    """A score as an answer, and as it is recorded."""
    return {
        "scheme": served.name,
        "score": outcome.score,
        "band": outcome.band,
        "start": outcome.start,
        "points": dict(outcome.points),
        "dimensions": dict(outcome.dimensions),
        "lists": dict(outcome.lists),
        "consequences": list(outcome.consequences),
        "reasons": [{"rule": r.rule, "lost": r.lost, "says": r.says} for r in outcome.reasons],
        "key": {
            "scheme": served.approved.digest,
            "day": outcome.day.isoformat(),
            "sequence": upto,
        },
    }


def readable(
    served: Served, standing: Standing, permission: Permission, *, disputed: bool = False
) -> list[Event]:
    """The events of a standing that a scheme reads and may read; see :meth:`Standing.fitting`."""
    fitting = standing.fitting(served.shape, disputed=disputed)
    return allowed(served.approved.scheme, fitting, permission.data_sets)


def allowed(scheme: Scheme, events: Sequence[Event], data_sets: frozenset[str]) -> list[Event]:
    """The events of some data sets; one of coverage belongs to the data set that it names."""
    found = []
    for event in events:
        if event.kind == "coverage":
            name = str(event.fields.get("data_set"))
        else:
            name = scheme.event_data_set(event.kind) or ""
        if name in data_sets:
            found.append(event)
    return found


@lru_cache(maxsize=1024)
def label_of(digest: str, data_sets: frozenset[str]) -> str:
    """The label of a packed block: one for each scheme and set of data sets that may be read."""
    inside = hashlib.sha256("\n".join(sorted(data_sets)).encode()).hexdigest()
    return f"{digest[:32]}.{inside[:16]}"


__all__ = [
    "CONSENT",
    "GIVEN",
    "Found",
    "Scored",
    "Scorer",
    "allowed",
    "label_of",
    "readable",
    "span",
    "told",
]
