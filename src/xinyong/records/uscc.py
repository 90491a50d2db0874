"""The unified social credit code of an organisation in China (GB 32100-2015).

Eighteen characters: the authority that registers (1), the kind of organisation (1), the region
(6 digits), the organisation's own code (9, the last of them a check digit of its own) and a check
digit over all (1). The alphabet has 31 characters: no I, O, S, V, Z.

The first place is a digit or one of A (the army), N (agriculture) and Y (others). Both check
digits are looked at: the inner one, which GB 11714 defines for the organisation's own code, and
the last, a weighted sum by 31.

A code that passes is well formed. Whether such an organisation exists is not asked here.
"""

from __future__ import annotations

import re

import numpy as np

from xinyong.errors import CodeRefused

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""What a code is written with, in the order of the values 0 to 30."""
LETTERS_FIRST = "ANY"
"""Letters that name an authority: the army, agriculture, others."""
NOWHERE = "999999"
"""A region that does not exist: no real organisation has a code with it."""

_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))  # GB 32100-2015: powers of 3 by 31
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_STEM = re.compile(rf"[0-9{LETTERS_FIRST}][0-9]{{7}}[{ALPHABET}]{{8}}")
_WHY = "GB 32100-2015"
_FORM = re.compile(rf"[0-9{LETTERS_FIRST}][0-9]{{7}}[{ALPHABET}]{{10}}")
_MOST_DRAWN = 1_000_000


def check(code: str) -> None:
    """Say nothing about a well-formed code; otherwise raise.

    ``code`` is 18 characters in capitals, without spaces or hyphens: one organisation has one
    spelling. Raises :class:`~xinyong.errors.CodeRefused`, which says what is wrong with it.
    """
    plain = re.sub(r"[\s-]", "", code).upper()
    if plain != code:
        raise _refused(
            code,
            "is not written as a code",
            f"{_WHY}: digits and capital letters without spaces",
            f"write it as '{plain[:40]}'",
        )
    if len(code) != LENGTH:
        raise _refused(
            code,
            f"has {len(code)} characters",
            f"{_WHY}: a code has {LENGTH}",
            "look for one that was lost or doubled",
        )
    if not _FORM.fullmatch(code):
        raise _refused(
            code,
            "holds a character where none such can stand",
            f"{_WHY}: a digit, A, N or Y, then seven digits, then digits and capitals"
            " without I, O, S, V, Z",
            "look for a letter read as a digit, such as O for 0",
        )
    for place, right, whose, why in (
        (16, inner_check_digit(code[8:16]), "of the organisation's own code", "GB 11714"),
        (17, _last_check_digit(code[:17]), "of the whole code", _WHY),
    ):
        if code[place] != right:
            raise _refused(
                code,
                f"has '{code[place]}' as check digit {whose}",
                f"{why}: after the characters before it comes '{right}'",
                "a character was mistyped or two have changed places: compare with the licence",
            )


def is_valid(code: str) -> bool:
    """Whether :func:`check` has nothing to say about ``code``."""
    try:
        check(code)
    except CodeRefused:
        return False
    return True


def inner_check_digit(organisation: str) -> str:
    """The check digit of an organisation's own code: 0 to 9 or X.

    ``organisation`` is its first eight characters, of the alphabet. GB 11714: letters are 10 to
    35, weights 3, 7, 9, 10, 5, 8, 4, 2; 11 less the sum's rest by 11, where 10 is X and 11 is 0.
    Raises :class:`~xinyong.errors.CodeRefused`.
    """
    if len(organisation) != 8 or any(character not in ALPHABET for character in organisation):
        raise _refused(
            organisation,
            "is not the first part of an organisation's own code",
            "GB 11714: eight digits and capitals",
            "give the ninth to the sixteenth character of the whole code",
        )
    total = sum(int(c, 36) * weight for c, weight in zip(organisation, _INNER_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def _last_check_digit(before: str) -> str:
    """The last character to the 17 before it: 31 less the weighted sum's rest by 31."""
    total = sum(_VALUES[c] * weight for c, weight in zip(before, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def with_check_digits(stem: str) -> str:
    """The whole code to a stem of 16 characters, both check digits set.

    ``stem`` is authority, kind, region (6) and the first eight characters of the organisation's
    own code. Raises :class:`~xinyong.errors.CodeRefused` where the stem itself does not fit.
    """
    if not _STEM.fullmatch(stem):
        raise _refused(
            stem,
            "is not a stem of 16 characters",
            f"{_WHY}: a digit, A, N or Y, seven digits, then eight digits and capitals"
            " without I, O, S, V, Z",
            "leave both check digits out; they are worked out here",
        )
    inner = stem + inner_check_digit(stem[8:])
    return inner + _last_check_digit(inner)


def draw(rng: np.random.Generator, size: int) -> tuple[str, ...]:
    """Codes of ``size`` firms that do not exist, all different, both check digits right.

    They are of the region 999999, which there is not, so that none can be the code of a real
    firm. ``size`` is 0 to 1,000,000; the same generator state gives the same codes. Raises
    :class:`~xinyong.errors.CodeRefused` for another size.
    """
    if not 0 <= size <= _MOST_DRAWN:
        raise CodeRefused(
            f"{size:,} codes cannot be drawn",
            why=f"0 to {_MOST_DRAWN:,} are drawn at a time",
            mend="draw them in parts",
        )
    letters = np.array(list(ALPHABET))
    found: dict[str, None] = {}
    while len(found) < size:
        rows = letters[rng.integers(0, len(ALPHABET), (size - len(found), 8))]
        for row in rows:
            found[with_check_digits(f"91{NOWHERE}{''.join(row)}")] = None
    return tuple(found)


def _refused(code: str, what: str, why: str, mend: str) -> CodeRefused:
    return CodeRefused(f"'{code[:40]}' {what}", why=why, mend=mend)
