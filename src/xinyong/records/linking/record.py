"""What one source says about one person or firm, as far as linking needs it.

A record belongs to a source and has an id there. Its texts are brought into one form before they
are compared: NFKC, lower case, without spaces and punctuation; a phone is its digits.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from xinyong.days import FIRST_DAY, LAST_DAY
from xinyong.errors import QuestionRefused
from xinyong.records.linking.identifiers import FIRM, PERSON, Identifier

LONGEST: Final = 200
"""Characters a name, a place or an id may have."""

_WHERE = "records.linking"


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A record's name: its source, and its id in that source."""

    source: str
    id: str

    def __post_init__(self) -> None:
        for text in (self.source, self.id):
            if not 1 <= len(text) <= LONGEST or not text.isprintable():
                raise QuestionRefused(
                    "a record has no usable source or id",
                    where=_WHERE,
                    why=f"both are 1 to {LONGEST} printable characters",
                    mend="name the source, and give each record of it an id",
                )

    def __str__(self) -> str:
        return f"{self.source}/{self.id}"

    def to_json(self) -> dict[str, Any]:
        """As plain data for the ledger."""
        return {"source": self.source, "id": self.id}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Ref:
        """Back from :meth:`to_json`."""
        return cls(data["source"], data["id"])


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A person or a firm as one source knows it.

    ``kind`` is ``person`` or ``firm``; ``name`` must hold a letter or a digit; ``identifiers`` are
    at most one of each kind; ``born`` is the birth date (of a firm: the day it was founded);
    ``place`` and ``phone`` may be empty. Printed, it shows its ref alone.

    ``plain_name``, ``plain_place``, ``plain_phone``, ``birth`` are what is compared: the texts in
    one form, and the birth date, from a resident's number where the record gives none.

    Raises :class:`~xinyong.errors.QuestionRefused`; no error repeats what the record holds.
    """

    ref: Ref
    kind: str
    name: str
    identifiers: tuple[Identifier, ...] = ()
    born: date | None = None
    place: str = ""
    phone: str = ""
    plain_name: str = field(init=False, compare=False)
    plain_place: str = field(init=False, compare=False)
    plain_phone: str = field(init=False, compare=False)
    birth: date | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        name = plain(self.name)
        if self.kind not in (PERSON, FIRM):
            self._refuse(f"is of kind '{self.kind[:40]}'", f"it is a {PERSON} or a {FIRM}")
        if not name or max(len(self.name), len(self.place), len(self.phone)) > LONGEST:
            self._refuse(
                "has no name, or a text that is too long",
                f"a name holds a letter or digit; no text is over {LONGEST} characters",
            )
        kinds = [one.kind for one in self.identifiers]
        if len(kinds) != len(set(kinds)) or any(i.whose != self.kind for i in self.identifiers):
            self._refuse("has identifiers that do not fit it", "one of each kind, and of its kind")
        if self.born is not None and not FIRST_DAY <= self.born <= LAST_DAY:
            self._refuse("has a birth date out of range", f"from {FIRST_DAY} to {LAST_DAY}")
        held = next((i.born for i in self.identifiers if i.born is not None), None)
        object.__setattr__(self, "plain_name", name)
        object.__setattr__(self, "plain_place", plain(self.place))
        object.__setattr__(self, "plain_phone", plain_phone(self.phone))
        object.__setattr__(self, "birth", self.born or held)

    def __repr__(self) -> str:
        return f"Record({self.ref})"

    def identifier(self, kind: str) -> Identifier | None:
        """Its identifier of that kind, or None."""
        return next((one for one in self.identifiers if one.kind == kind), None)

    def _refuse(self, what: str, why: str) -> None:
        raise QuestionRefused(
            f"the record {self.ref} {what}", where=_WHERE, why=why, mend="set this record aside"
        )


def plain(text: str) -> str:
    """A text in the form in which it is compared: letters, digits and marks alone, lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LNM")


def plain_phone(text: str) -> str:
    """A phone's digits; the prefix of China is dropped before a number of 11 digits."""
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(?:00)?86(?=1[0-9]{10}$)", "", digits)
