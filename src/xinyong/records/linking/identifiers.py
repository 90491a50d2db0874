"""Numbers that name one subject for good, and whether they are well formed.

Three kinds are known:

===========  ======  =====================================================================
kind         whose   checked for
===========  ======  =====================================================================
cn-resident  person  GB 11643: 18 characters; region, birth date, check digit
cn-uscc      firm    GB 32100 and GB 11714: both check digits (:mod:`xinyong.records.uscc`)
lei          firm    ISO 17442: 20 characters; check digits of ISO 7064 mod 97-10
===========  ======  =====================================================================

A number of another kind can be kept elsewhere; it never makes a match strong. A number that passes
is well formed; whether it was ever given to somebody is not asked. No error here repeats a number:
errors are logged, and a number names a person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from stdnum.cn import ric
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from xinyong.errors import CodeRefused
from xinyong.records import uscc

PERSON: Final = "person"
FIRM: Final = "firm"

RESIDENT: Final = "cn-resident"
USCC: Final = "cn-uscc"
LEI: Final = "lei"

_RESIDENT_FORM = re.compile(r"[0-9]{17}[0-9X]")
_LEI_FORM = re.compile(r"[0-9A-Z]{18}[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that names one subject: its ``kind`` (above) and its well-formed ``value``.

    There is one spelling: capitals, no spaces. Raises :class:`~xinyong.errors.CodeRefused` for an
    unknown kind or a number that is not well formed. Printed, it hides the number.
    """

    kind: str
    value: str

    def __post_init__(self) -> None:
        rule = _RULES.get(self.kind)
        if rule is None:
            raise CodeRefused(
                f"'{self.kind[:40]}' is no kind of strong identifier",
                where="records.linking",
                why="only a number with a check that we can do ourselves makes a match strong",
                mend=f"one of {', '.join(_RULES)}; leave another number out",
            )
        wrong = rule.wrong(self.value)
        if wrong:
            raise CodeRefused(
                f"a number of kind {self.kind} {wrong}",
                where="records.linking",
                why=rule.source,
                mend="compare it with the document it was copied from, or leave it out",
            )

    def __repr__(self) -> str:
        return f"Identifier({self.kind!r}, hidden)"

    @property
    def whose(self) -> str:
        """``person`` or ``firm``."""
        return _RULES[self.kind].whose

    @property
    def born(self) -> date | None:
        """The birth date that a resident's number holds; None for other kinds."""
        return ric.get_birth_date(self.value) if self.kind == RESIDENT else None


def identifier(kind: str, text: str) -> Identifier | None:
    """An identifier from a column of a file, or None where the text is not well formed.

    Spaces and hyphens are dropped and letters made capital first. Raises
    :class:`~xinyong.errors.CodeRefused` for an unknown kind alone: a mistyped number is met every
    day and is no evidence of anything.
    """
    value = re.sub(r"[\s-]", "", text).upper()
    if kind in _RULES and _RULES[kind].wrong(value):
        return None
    return Identifier(kind, value)


def _resident(value: str) -> str:
    if not _RESIDENT_FORM.fullmatch(value):
        return "is not 17 digits and a digit or X"
    if ric.calc_check_digit(value) != value[-1]:
        return "has a check digit that does not fit"
    try:
        born = ric.get_birth_date(value)
    except ValidationError:
        return "holds no birth date"
    if not _region_known(value[:6], born.year):
        return "holds a region that there was not"
    return "" if value[14:17] != "000" else "has no sequence number"


@lru_cache(maxsize=1 << 16)
def _region_known(region: str, year: int) -> bool:
    try:
        ric.get_birth_place(f"{region}{year:04d}01010000")
    except ValidationError:
        return False
    return True


def _uscc(value: str) -> str:
    return "" if uscc.is_valid(value) else "is not well formed"


def _lei(value: str) -> str:
    if not _LEI_FORM.fullmatch(value):
        return "is not 18 letters or digits and two digits"
    return "" if mod_97_10.is_valid(value) else "has check digits that do not fit"


@dataclass(frozen=True, slots=True)
class _Rule:
    whose: str
    source: str
    wrong: Callable[[str], str]


_RULES: Final = {
    RESIDENT: _Rule(PERSON, "GB 11643: region, birth date, sequence, check digit", _resident),
    USCC: _Rule(FIRM, "GB 32100-2015 and GB 11714", _uscc),
    LEI: _Rule(FIRM, "ISO 17442, ISO 7064 mod 97-10", _lei),
}
KINDS: Final = tuple(_RULES)
"""The kinds of strong identifier."""
