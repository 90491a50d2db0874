"""One subject scored from the store: consents, packed events, the engine, the reasons.

The events of data sets that no consent or legal basis opens are left out before anything is
counted. The key of a score is the scheme's digest, the subject, the day and the number of ledger
entries about her that were known; the same key gives the same score for ever.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from xinyong.decisions.permission import Permission, may_read
from xinyong.engine.batch import chosen_engine
from xinyong.engine.carried import carried, unpacked
from xinyong.engine.score import Outcome
from xinyong.engine.single import Packed, packed, score_one
from xinyong.errors import StepRefused
from xinyong.records.consent import Consent
from xinyong.records.event import Event
from xinyong.records.store import Block, Need, Store, Unchanged
from xinyong.scheme.model import Scheme
from xinyong.service.house import House, Served

CONSENT = "consent"
GIVEN = frozenset({"given"})


@dataclass(frozen=True, slots=True)
class Scored:
    """A score with what it rests on.

    ``upto`` is its ledger sequence; ``needs`` must hold when anything is written on it; ``blocks``
    are packed events to keep along with that.
    """

    outcome: Outcome
    upto: int
    permission: Permission
    needs: tuple[Need | Unchanged, ...]
    blocks: tuple[Block, ...]


class Scorer:
    """Scores subjects of one house; remembers the consents it has read, by their states."""

    def __init__(self, house: House, *, remembered: int = 10_000) -> None:
        self._house = house
        self._most = remembered
        self._consents: OrderedDict[str, tuple[tuple[object, ...], tuple[Consent, ...]]]
        self._consents = OrderedDict()

    @property
    def store(self) -> Store:
        """The house's store."""
        return self._house.store

    def consents(self, subject: str) -> tuple[Consent, ...]:
        """All consents and legal bases of a subject as they stand, oldest first."""
        found = self.store.states(CONSENT, subject=subject)
        stamp = tuple((one.item, one.value, one.due, one.seq) for one in found)
        known = self._consents.get(subject)
        if known is not None and known[0] == stamp:
            self._consents.move_to_end(subject)
            return known[1]
        made = self._read(subject)
        self._consents[subject] = (stamp, made)
        if len(self._consents) > self._most:
            self._consents.popitem(last=False)
        return made

    def _read(self, subject: str) -> tuple[Consent, ...]:
        newest: dict[str, Consent] = {}
        for act in self.store.of(subject, ("consent", "revocation")):
            if act.body is not None:
                one = Consent.from_json(act.body["consent"])
                newest[one.id] = one
        return tuple(newest.values())

    def permission(self, served: Served, subject: str, moment: int) -> Permission:
        """What the scheme may read about a subject; refused where that is nothing at all."""
        scheme = served.approved.scheme
        found = may_read(scheme, self.consents(subject), subject=subject, moment=moment)
        if not found.by:
            raise StepRefused(
                "no consent and no legal basis is in force",
                code="no consent",
                where=scheme.scheme,
                why="consent is off until it is given, holds for one purpose, and ends",
                mend="ask for it: for each data set by itself where the scheme says 'separate'",
            )
        return found

    def score(self, served: Served, subject: str, day: date, moment: int) -> Scored:
        """The score of one subject on a day, by what is on record and may be read now.

        Raises StepRefused (``no consent``) and EventsRefused.
        """
        scheme = served.approved.scheme
        permission = self.permission(served, subject, moment)
        label = label_of(scheme.digest, permission.data_sets)
        found = self.store.block(subject, label)
        if found is None:
            subject_packed, upto, known_by = packed(scheme, (), subject=subject), 0, moment
            blocks: tuple[Block, ...] = ()
        else:
            upto, known_by, body = found
            subject_packed, blocks = self._packed(served, subject, permission, label, body, upto)
        outcome = score_one(subject_packed, day=day, known_by=known_by)
        return Scored(outcome, upto, permission, self.needs(permission, subject, upto), blocks)

    def needs(
        self, permission: Permission, subject: str, upto: int
    ) -> tuple[Need | Unchanged, ...]:
        """What must hold when something is written that rests on a score."""
        given = (Need(CONSENT, one, GIVEN, running=True) for one in permission.consents)
        return (*given, Unchanged(subject, upto))

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
        made = packed(scheme, self.events(served, subject, permission), subject=subject)
        return made, (Block(subject, label, upto, carried(made)),) if compiled else ()

    def events(self, served: Served, subject: str, permission: Permission) -> list[Event]:
        """The events that count and that may be read, in order of time."""
        return allowed(
            served.approved.scheme,
            self.store.standing(subject).fitting(served.shape),
            permission.data_sets,
        )


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


__all__ = ["CONSENT", "GIVEN", "Scored", "Scorer", "allowed", "label_of"]
