"""Whatever is read, there is a scheme or there are complaints; nothing else happens."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from samples import EXAMPLE

from xinyong.scheme.page import page
from xinyong.scheme.reading import Reading, read_text


def is_one_or_the_other(reading: Reading) -> None:
    assert (reading.scheme is None) == bool(reading.errors)
    for complaint in reading.complaints:
        assert complaint.line >= 0 and complaint.column >= 0
        assert "Input should" not in str(complaint)
    if reading.scheme is not None:
        assert page(reading.scheme)


@given(st.text(max_size=300) | st.binary(max_size=300))
@settings(max_examples=150)
def test_random_text(text: str | bytes) -> None:
    is_one_or_the_other(read_text(text))


YAMLISH = st.text(alphabet="ab1.:-?[]{},&*!|>'\"#%~\n \t\\", max_size=60)


@given(YAMLISH)
@settings(max_examples=300)
def test_text_that_looks_like_yaml(text: str) -> None:
    is_one_or_the_other(read_text(text))


WORDS = sorted({word for word in EXAMPLE.replace(",", " ").replace("}", " ").split() if word})


@given(
    st.randoms(use_true_random=False), st.integers(1, 4), st.sampled_from([*WORDS, "", "{", "9"])
)
@settings(max_examples=80)
def test_the_example_with_some_words_exchanged(rng: random.Random, times: int, word: str) -> None:
    text = EXAMPLE
    for _ in range(times):
        text = text.replace(rng.choice(WORDS), word, 1)
    is_one_or_the_other(read_text(text))


@given(st.integers(0, len(EXAMPLE)), st.integers(0, 200), YAMLISH)
@settings(max_examples=80)
def test_the_example_with_a_piece_exchanged(start: int, length: int, piece: str) -> None:
    is_one_or_the_other(read_text(EXAMPLE[:start] + piece + EXAMPLE[start + length :]))
