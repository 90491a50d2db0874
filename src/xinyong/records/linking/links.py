"""Links between records, what each rests on, and which of them may carry a burden.

Only a number that is the same, or a person who looked at evidence and signed with a name, carries a
burden. A probability never does, however high: :class:`BurdenLink` cannot exist for it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import Any, Final, final

from xinyong.days import from_instant, parse_day
from xinyong.errors import QuestionRefused
from xinyong.records.linking.comparing import Ground, identifiers_agree
from xinyong.records.linking.identifiers import KINDS
from xinyong.records.linking.judging import Bars, Match, judge
from xinyong.records.linking.record import LONGEST, Record, Ref

_WHERE = "records.linking"


class EvidenceKind(Enum):
    """What a person looked at before deciding. That two names are the same is no evidence."""

    IDENTITY_DOCUMENT = "identity document"
    REGISTER_EXTRACT = "register extract"
    COURT_FILE = "court file"
    SUBJECT_ASKED = "subject asked"
    FIELD_VISIT = "field visit"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: its kind, and where it is kept or what was said."""

    kind: EvidenceKind
    what: str

    def __post_init__(self) -> None:
        _said(self.what, "a piece of evidence")


@dataclass(frozen=True, slots=True)
class StrongIdentifier:
    """What a strong link rests on: the kinds of identifier that are the same. Not the numbers."""

    kinds: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.kinds or set(self.kinds) - set(KINDS):
            raise _refused(
                "a strong link without a strong identifier", "name the kind that is the same"
            )


@dataclass(frozen=True, slots=True)
class Estimated:
    """What a probable link rests on: a probability in millionths, 0 to 999,999."""

    probability: int

    def __post_init__(self) -> None:
        if not 0 <= self.probability < 1_000_000:
            raise _refused("a probability that is none", "millionths, below a million")


@dataclass(frozen=True, slots=True)
class PersonDecided:
    """What a decided link rests on: who decided, on which day, and the evidence looked at."""

    by: str
    day: date
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        _said(self.by, "the person who decides")
        if not self.evidence:
            raise _refused("a decision without evidence", "say what was looked at")

    def to_json(self) -> dict[str, Any]:
        """As plain data for the ledger."""
        evidence = [{"kind": one.kind.value, "what": one.what} for one in self.evidence]
        return {"by": self.by, "day": self.day.isoformat(), "evidence": evidence}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PersonDecided:
        """Back from :meth:`to_json`."""
        evidence = tuple(Evidence(EvidenceKind(e["kind"]), e["what"]) for e in data["evidence"])
        return cls(data["by"], parse_day(data["day"]), evidence)


Basis = StrongIdentifier | Estimated | PersonDecided
"""What a link rests on."""

CARRIES: Final = (StrongIdentifier, PersonDecided)


@dataclass(frozen=True, slots=True)
class Link:
    """Two records said to be about one subject, since the moment ``at`` (microseconds UTC).

    ``id`` is made from the rest. Raises :class:`~xinyong.errors.QuestionRefused` where a record is
    linked to itself, or decided on a day after ``at``.
    """

    left: Ref
    right: Ref
    basis: Basis
    grounds: tuple[Ground, ...]
    at: int
    id: str = field(init=False)

    def __post_init__(self) -> None:
        if self.left == self.right:
            raise _refused("a link of a record to itself", "give two records")
        if isinstance(self.basis, PersonDecided):
            decided_by_then(self.basis, self.at)
        object.__setattr__(self, "id", "link-" + digest(self._told()))

    @property
    def may_carry_burden(self) -> bool:
        """Whether a burden may rest on it at all; :class:`BurdenLink` looks at the records too."""
        return isinstance(self.basis, CARRIES)

    @property
    def pair(self) -> frozenset[Ref]:
        """Its two records, in no order."""
        return frozenset((self.left, self.right))

    def _told(self) -> dict[str, Any]:
        basis: dict[str, Any]
        if isinstance(self.basis, StrongIdentifier):
            basis = {"strong": list(self.basis.kinds)}
        elif isinstance(self.basis, Estimated):
            basis = {"estimated": self.basis.probability}
        else:
            basis = {"decided": self.basis.to_json()}
        return {
            "left": self.left.to_json(),
            "right": self.right.to_json(),
            "basis": basis,
            "grounds": [ground.to_json() for ground in self.grounds],
            "at": self.at,
        }

    def to_json(self) -> dict[str, Any]:
        """As plain data for the ledger; it holds no name, number, phone or birth date."""
        return self._told() | {"id": self.id}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Link:
        """Back from :meth:`to_json`; refused where the id is not that of the rest."""
        ((how, what),) = data["basis"].items()
        basis: Basis
        if how == "strong":
            basis = StrongIdentifier(tuple(what))
        elif how == "estimated":
            basis = Estimated(what)
        else:
            basis = PersonDecided.from_json(what)
        link = cls(
            Ref.from_json(data["left"]),
            Ref.from_json(data["right"]),
            basis,
            tuple(Ground.from_json(ground) for ground in data["grounds"]),
            data["at"],
        )
        if link.id != data["id"]:
            raise _refused("a link whose id does not fit it", "it was changed after it was made")
        return link


@final
@dataclass(frozen=True, slots=True)
class BurdenLink:
    """A link that may carry a burden, with the records as they are now.

    It cannot exist for a probability. Being made it looks again: the two records are the link's
    own; a strong link must be strong still by what the records say now; a decided one must not
    meet two different numbers. Raises :class:`~xinyong.errors.QuestionRefused` with the reason.
    """

    link: Link
    left: Record
    right: Record

    def __post_init__(self) -> None:
        link = self.link
        if (link.left, link.right) != (self.left.ref, self.right.ref):
            raise _refused("the records are not those of the link", "give its own two records")
        if isinstance(link.basis, Estimated):
            raise QuestionRefused(
                f"the link {link.id} rests on a probability and carries no burden",
                where=_WHERE,
                why="namesakes, twins and families are alike too; a person has to look",
                mend="put the pair before a person, or get the number from the sources",
            )
        now = judge(self.left, self.right, Bars())
        numbers = identifiers_agree(self.left, self.right)
        strong = now.match is Match.STRONG
        apart = self.left.kind != self.right.kind or not all(numbers.values())
        if apart or (isinstance(link.basis, StrongIdentifier) and not strong):
            raise QuestionRefused(
                f"the link {link.id} carries no burden any more",
                where=_WHERE,
                why=now.why,
                mend="put the pair before a person; split the link if it was wrong",
            )


def decided_by_then(person: PersonDecided, at: int) -> None:
    """Refuse a decision dated after the moment ``at``; a day is left for time zones."""
    if person.day > from_instant(at).date() + timedelta(days=1):
        raise _refused("a decision dated after it was recorded", "give the day of the decision")


def digest(data: dict[str, Any]) -> str:
    """24 hex digits that name plain data: SHA-256 of its canonical JSON, cut."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _said(text: str, what: str) -> None:
    if not text.strip() or len(text) > LONGEST or not text.isprintable():
        raise _refused(f"{what} is not named", f"1 to {LONGEST} printable characters")


def _refused(what: str, mend: str) -> QuestionRefused:
    return QuestionRefused(what, where=_WHERE, why="it would not be a link", mend=mend)
