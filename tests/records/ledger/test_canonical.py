"""Canonical texts of which the most is at hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyong.errors import ProofRefused
from xinyong.records.ledger.canonical import Blank, canonical, written_plain

NAMES = st.text(st.characters(codec="utf-8"), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.data())
def test_what_is_filled_in_is_the_text_of_the_whole(
    value: dict[str, object], data: st.DataObject
) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(value)), unique=True)) if value else []
    blank = Blank({name: one for name, one in value.items() if name not in names}, *names)
    other = Blank(value | dict.fromkeys(names, 1.5), *names)
    texts = {name: canonical(value[name]) for name in names}
    for _ in range(2):
        assert blank.filled(**texts) == other.filled(**texts) == canonical(value)
    assert written_plain(value).text == canonical(value)


def test_a_gap_that_is_left_and_one_that_is_not_there_are_errors() -> None:
    blank = Blank({"a": 1}, "b")
    for texts in ({}, {"b": b"2", "c": b"3"}, {"c": b"3"}):
        with pytest.raises(ValueError, match="gaps"):
            blank.filled(**texts)
    assert blank.filled(b=b"2") == b'{"a":1,"b":2}'


@pytest.mark.parametrize("odd", [1.5, b"x", {1: 2}, "\ud800", object()])
def test_what_has_no_one_text_is_refused_when_the_blank_is_made(odd: object) -> None:
    with pytest.raises(ProofRefused):
        Blank({"a": odd, "b": 1}, "b")
