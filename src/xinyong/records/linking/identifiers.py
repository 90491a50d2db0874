"""Numbers that name one subject for good, and whether they are well formed.

Three kinds are known:

===========  ======  =====================================================================
kind         whose   checked for
===========  ======  =====================================================================
cn-resident  person  GB 11643: 18 characters; province, birth date, check digit
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
from typing import Final

from xinyong.errors import CodeRefused
from xinyong.records import uscc

PERSON: Final = "person"
FIRM: Final = "firm"

RESIDENT: Final = "cn-resident"
USCC: Final = "cn-uscc"
LEI: Final = "lei"

# GB/T 2260: the first two digits of every region a number was given in. 81, 82 and 83 are the
# residence permits of people from Hong Kong, Macao and Taiwan (2018).
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46"
    " 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
_RESIDENT_WEIGHTS = tuple(pow(2, place, 11) for place in range(17, 0, -1))  # ISO 7064 mod 11-2
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
        return _born(self.value) if self.kind == RESIDENT else None


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


def resident_check_digit(before: str) -> str:
    """The last character of a resident's number to the 17 digits ``before`` it: 0 to 9 or X.

    GB 11643, which is ISO 7064 mod 11-2: weights 2^17, ... 2^1, and the whole sum is 1 by 11.
    Raises :class:`~xinyong.errors.CodeRefused` for anything but 17 digits.
    """
    if not re.fullmatch(r"[0-9]{17}", before):
        raise CodeRefused(
            "what stands before a check digit is not 17 digits",
            where="records.linking",
            why="GB 11643: region (6), birth date (8), sequence (3)",
            mend="leave the check digit out; it is worked out here",
        )
    total = sum(int(c) * weight for c, weight in zip(before, _RESIDENT_WEIGHTS, strict=True))
    return "0123456789X"[(1 - total) % 11]


def _born(value: str) -> date | None:
    try:
        return date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return None


def _resident(value: str) -> str:
    if not _RESIDENT_FORM.fullmatch(value):
        return "is not 17 digits and a digit or X"
    if resident_check_digit(value[:17]) != value[-1]:
        return "has a check digit that does not fit"
    if _born(value) is None:
        return "holds no birth date"
    if value[:2] not in _PROVINCES:
        return "holds a region that there was not"
    return "" if value[14:17] != "000" else "has no sequence number"


def _uscc(value: str) -> str:
    return "" if uscc.is_valid(value) else "is not well formed"


def _lei(value: str) -> str:
    if not _LEI_FORM.fullmatch(value):
        return "is not 18 letters or digits and two digits"
    as_number = int("".join(str(int(c, 36)) for c in value))
    return "" if as_number % 97 == 1 else "has check digits that do not fit"


@dataclass(frozen=True, slots=True)
class _Rule:
    whose: str
    source: str
    wrong: Callable[[str], str]


_RULES: Final = {
    RESIDENT: _Rule(PERSON, "GB 11643: province, birth date, sequence, check digit", _resident),
    USCC: _Rule(FIRM, "GB 32100-2015 and GB 11714", _uscc),
    LEI: _Rule(FIRM, "ISO 17442, ISO 7064 mod 97-10", _lei),
}
KINDS: Final = tuple(_RULES)
"""The kinds of strong identifier."""
