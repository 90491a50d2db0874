"""How two records agree, field by field: the grounds of a link.

This is the one meaning of *same* and *near*; what Splink counts is held to it by test.

=======  ==============================================  =======================================
field    near                                            part
=======  ==============================================  =======================================
name     3 characters or more, and the same once each    -
         has lost at most one character
birth    one digit mistyped, or two neighbours changed   the year alone agrees
         over; or day and month changed over
phone    7 digits or more, and as a name                 -
place    -                                               -
=======  ==============================================  =======================================
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from xinyong.records.linking.record import Record

FIELDS: Final = ("name", "birth", "phone", "place")
"""What is compared besides identifiers."""

SHORTEST_NAME: Final = 3
SHORTEST_PHONE: Final = 7


class Agreement(Enum):
    """How one field of two records agrees."""

    SAME = "same"
    NEAR = "near"
    PART = "part"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for or against a link: a field (or kind of identifier) and how it agrees.

    ``weight`` is what it adds to the logarithm (base 2) of the odds, in thousandths; 0 where no
    probability was worked out. The values themselves are not repeated.
    """

    field: str
    agreement: Agreement
    weight: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain data for the ledger."""
        return {"field": self.field, "agreement": self.agreement.value, "weight": self.weight}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ground:
        """Back from :meth:`to_json`."""
        return cls(data["field"], Agreement(data["agreement"]), data["weight"])


def compare(left: Record, right: Record) -> dict[str, Agreement]:
    """How each of :data:`FIELDS` agrees, in their order."""
    return {
        "name": _text(left.plain_name, right.plain_name, SHORTEST_NAME),
        "birth": _birth(left.birth, right.birth),
        "phone": _text(left.plain_phone, right.plain_phone, SHORTEST_PHONE),
        "place": _text(left.plain_place, right.plain_place, None),
    }


def identifiers_agree(left: Record, right: Record) -> dict[str, bool]:
    """For each kind of identifier that both have: whether it is the same number."""
    return {
        one.kind: one == other
        for one in left.identifiers
        if (other := right.identifier(one.kind)) is not None
    }


def shortened(text: str) -> frozenset[str]:
    """The text, and the text less any one character: two of them meet where :func:`one_lost`."""
    return frozenset({text, *(text[:i] + text[i + 1 :] for i in range(len(text)))})


@lru_cache(maxsize=1 << 16)
def birth_forms(birth: date) -> tuple[str, str]:
    """A birth date as YYYYMMDD and, with day and month changed over, YYYYDDMM."""
    year, month, day = birth.isoformat().split("-")
    return year + month + day, year + day + month


def _text(left: str, right: str, shortest: int | None) -> Agreement:
    if not left or not right:
        return Agreement.UNKNOWN
    if left == right:
        return Agreement.SAME
    long_enough = shortest is not None and min(len(left), len(right)) >= shortest
    return Agreement.NEAR if long_enough and one_lost(left, right) else Agreement.DIFFERS


def one_lost(left: str, right: str) -> bool:
    """Whether two texts become the same once each has lost at most one character."""
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    left, right = left[start:], right[start:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    if max(len(left), len(right)) <= 1:
        return True
    return len(left) == len(right) and (left[1:] == right[:-1] or left[:-1] == right[1:])


def _birth(left: date | None, right: date | None) -> Agreement:
    if left is None or right is None:
        return Agreement.UNKNOWN
    if left == right:
        return Agreement.SAME
    mine, turned = birth_forms(left)
    theirs, _ = birth_forms(right)
    if turned == theirs or one_slip(mine, theirs):
        return Agreement.NEAR
    return Agreement.PART if left.year == right.year else Agreement.DIFFERS


def one_slip(left: str, right: str) -> bool:
    """Whether two texts of one length differ in one character, or in two that changed places."""
    apart = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    if len(apart) == 2:
        i, j = apart
        return j == i + 1 and left[i] == right[j] and left[j] == right[i]
    return len(apart) == 1
