"""What is written down about links: entries of the ledger, of kind ``link``.

Each has ``to_json()``; :func:`from_json` reads any of them back. None holds a name, a number, a
phone or a birth date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from xinyong.errors import QuestionRefused
from xinyong.records.linking.comparing import Ground
from xinyong.records.linking.links import Link, PersonDecided, decided_by_then, digest
from xinyong.records.linking.record import Ref
from xinyong.records.written import exactly

KIND: Final = "link"
"""The kind of these entries in the ledger."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A link was made."""

    link: Link

    @property
    def at(self) -> int:
        """When, in microseconds UTC."""
        return self.link.at

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"what": "linked", "link": self.link.to_json()}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair put before a person: why, on which grounds, how probable (millionths, or None)."""

    left: Ref
    right: Ref
    why: str
    grounds: tuple[Ground, ...]
    probability: int | None
    at: int
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", "proposal-" + digest(self._told()))

    @property
    def pair(self) -> frozenset[Ref]:
        """Its two records, in no order."""
        return frozenset((self.left, self.right))

    def _told(self) -> dict[str, Any]:
        return {
            "left": self.left.to_json(),
            "right": self.right.to_json(),
            "why": self.why,
            "grounds": [ground.to_json() for ground in self.grounds],
            "probability": self.probability,
            "at": self.at,
        }

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return self._told() | {"what": "proposed", "id": self.id}


@dataclass(frozen=True, slots=True)
class Parted:
    """A person said that two records are of two subjects, or undid a link.

    ``told`` are the ids of what had been built on the link, sorted: decisions, scores, reads. Each
    must be looked at again. ``grounds`` are those known then: on them the pair is not proposed
    again.
    """

    left: Ref
    right: Ref
    person: PersonDecided
    why: str
    grounds: tuple[Ground, ...]
    told: tuple[str, ...]
    at: int

    def __post_init__(self) -> None:
        decided_by_then(self.person, self.at)

    @property
    def pair(self) -> frozenset[Ref]:
        """Its two records, in no order."""
        return frozenset((self.left, self.right))

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "what": "parted",
            "left": self.left.to_json(),
            "right": self.right.to_json(),
            "person": self.person.to_json(),
            "why": self.why,
            "grounds": [ground.to_json() for ground in self.grounds],
            "told": list(self.told),
            "at": self.at,
        }


@dataclass(frozen=True, slots=True)
class Used:
    """Something was built on links: its id ``by``, and the ids of the links under it, sorted."""

    by: str
    links: tuple[str, ...]
    at: int

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"what": "used", "by": self.by, "links": list(self.links), "at": self.at}


Entry = Linked | Proposal | Parted | Used


@exactly
def from_json(data: dict[str, Any]) -> Entry:
    """An entry back from its plain data; refused where it is none."""
    what = data.get("what")
    if what == "linked":
        return Linked(Link.from_json(data["link"]))
    if what == "used":
        return Used(data["by"], tuple(data["links"]), data["at"])
    if what not in ("proposed", "parted"):
        raise _unreadable("an entry about links of no known kind", "linked, proposed, parted, used")
    left, right = Ref.from_json(data["left"]), Ref.from_json(data["right"])
    grounds = tuple(Ground.from_json(ground) for ground in data["grounds"])
    if what == "proposed":
        proposal = Proposal(left, right, data["why"], grounds, data["probability"], data["at"])
        if proposal.id != data["id"]:
            raise _unreadable("a proposal whose id does not fit it", "it was changed afterwards")
        return proposal
    person = PersonDecided.from_json(data["person"])
    return Parted(left, right, person, data["why"], grounds, tuple(data["told"]), data["at"])


def _unreadable(what: str, why: str) -> QuestionRefused:
    mend = "verify the ledger; read it with the version that wrote it"
    return QuestionRefused(what, where="records.linking", why=why, mend=mend)
