"""Unified social credit codes: form, the check digit inside and the last one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyong.errors import CodeRefused, XinyongError
from xinyong.records import uscc

GOOD = "91110000600037341L"
STEMS = st.builds(
    str.__add__,
    st.from_regex(r"[0-9ANY][0-9]{7}", fullmatch=True),
    st.text(uscc.ALPHABET, min_size=8, max_size=8),
)


TOLD = (
    "91110000600037341L",
    "92110105MA0000007H",
    "12100000400002128U",
    "93370102MAC1ABCD7L",
    "51310000501234569N",
    "91999999ABCDEFGH59",
    "000000000000000000",
    "99999999YXWUTRQP5Q",
    "35440300MJLC123415",
    "11440000006940116U",
)
"""Codes that another program, python-stdnum 2.2, called valid on 22 November 2026."""


@pytest.mark.parametrize("code", TOLD)
def test_what_another_program_called_valid_is_valid_here(code: str) -> None:
    uscc.check(code)
    assert uscc.with_check_digits(code[:16]) == code


def test_an_authority_may_be_a_letter() -> None:
    with pytest.raises(CodeRefused, match="check digit"):
        uscc.check("N2110105MA0000000E")
    for first in "ANY":
        code = uscc.with_check_digits(f"{first}2110105MA000000")
        assert code[:16] == f"{first}2110105MA000000"
        uscc.check(code)
    assert not uscc.is_valid("B" + uscc.with_check_digits("N2110105MA000000")[1:])


def test_the_check_digit_inside_is_looked_at_though_the_last_one_fits() -> None:
    with pytest.raises(CodeRefused, match="organisation's own code") as caught:
        uscc.check("91110000600037342P")
    assert "'1'" in caught.value.why
    assert "licence" in caught.value.mend


def test_check_digits_by_hand() -> None:
    """60003734: 18 + 15 + 56 + 12 + 8 = 109, rest 10 by 11, so 1; and 0 and X at the ends."""
    assert uscc.inner_check_digit("60003734") == "1"
    assert uscc.inner_check_digit("00000000") == "0"
    assert uscc.inner_check_digit("40000000") == "X"  # 12, rest 1
    assert uscc.with_check_digits(GOOD[:16]) == GOOD


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "0 characters"),
        ("9111000060003734", "16 characters"),
        (GOOD + "0", "19 characters"),
        ("911100006OOO37341L", "where none such"),
        ("9111000A600037341L", "where none such"),
        ("91110000600037341M", "of the whole code"),
        ("91110000600073341L", "organisation's own code"),
        ("91110000 600037341L", "not written"),
        (GOOD.lower(), "not written"),
    ],
)
def test_what_is_wrong_is_said_in_four_parts(code: str, says: str) -> None:
    with pytest.raises(CodeRefused, match=says) as caught:
        uscc.check(code)
    assert not uscc.is_valid(code)
    assert isinstance(caught.value, XinyongError)
    assert caught.value.why and caught.value.mend


@pytest.mark.parametrize("stem", ["", GOOD, "9111000A60003734", "9111000060003O34"])
def test_a_stem_that_does_not_fit_is_refused(stem: str) -> None:
    with pytest.raises(CodeRefused, match="stem"):
        uscc.with_check_digits(stem)


@pytest.mark.parametrize("part", ["", "6000373", "600O3734", "600037341"])
def test_a_part_that_does_not_fit_has_no_check_digit(part: str) -> None:
    with pytest.raises(CodeRefused, match="own code"):
        uscc.inner_check_digit(part)


@given(STEMS)
def test_what_is_given_check_digits_passes(stem: str) -> None:
    code = uscc.with_check_digits(stem)
    uscc.check(code)
    assert code[:16] == stem


@given(STEMS, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_one_wrong_character_is_noticed(stem: str, place: int, other: str) -> None:
    """31 is a prime and no weight is a multiple of it: every single mistake shows."""
    code = uscc.with_check_digits(stem)
    wrong = code[:place] + other + code[place + 1 :]
    assert uscc.is_valid(wrong) == (wrong == code)


@given(st.text(max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    assert not uscc.is_valid(text) or uscc.with_check_digits(text[:16]) == text


def test_drawn_codes_are_valid_different_and_nobody_s() -> None:
    codes = uscc.draw(np.random.default_rng(7), 2_000)
    assert len(codes) == len(set(codes)) == 2_000
    assert all(map(uscc.is_valid, codes))
    assert {code[2:8] for code in codes} == {uscc.NOWHERE}
    assert codes == uscc.draw(np.random.default_rng(7), 2_000)
    assert codes != uscc.draw(np.random.default_rng(8), 2_000)
    assert uscc.draw(np.random.default_rng(7), 0) == ()


@pytest.mark.parametrize("size", [-1, 1_000_001])
def test_a_size_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(CodeRefused, match="cannot be drawn"):
        uscc.draw(np.random.default_rng(7), size)
