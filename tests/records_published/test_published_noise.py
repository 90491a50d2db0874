"""Noise: what it gives away is what is paid for, and it is no wilder than it has to be."""

import math
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_harness import bounds, proven_loss
from scipy.stats import chi2

from xinyong.errors import QuestionRefused
from xinyong.records.published_noise import _mechanism, error_bound, noise, scale

DRAWS = 60_000


def drawn(count: int, amount: int, most: int = 1) -> list[int]:
    return noise(amount, most)([count] * DRAWS)


@pytest.mark.slow
@pytest.mark.parametrize("amount", [200_000, 1_000_000])
def test_neighbours_are_told_apart_by_no_more_than_was_paid_and_more_is_caught(amount: int) -> None:
    """One harness: the loss it proves stays below the promise, and does not where it is broken."""
    epsilon = amount / 1_000_000
    assert proven_loss(drawn(1_000, amount), drawn(1_001, amount)) <= epsilon
    for wrong in (10, 2):
        proved = proven_loss(drawn(1_000, amount * wrong), drawn(1_001, amount * wrong))
        assert proved > epsilon, f"noise for {wrong} times the epsilon was not caught"


@pytest.mark.slow
def test_a_subject_in_three_cells_is_protected_as_one_and_less_is_caught() -> None:
    """All three counts rise by one: told by whether all three come out above what they were."""

    def hits(start: int, most: int) -> int:
        flat = noise(1_000_000, most)([start] * 3 * tries)
        return sum(min(flat[i : i + 3]) > 1_000 for i in range(0, len(flat), 3))

    def proved(most: int) -> float:
        low, high = bounds(hits(1_001, most), tries)[0], bounds(hits(1_000, most), tries)[1]
        return math.log(low / high)

    tries = 25_000
    assert 0.6 < proved(3) <= 1
    assert proved(1) > 1  # noise as if it were one cell


@pytest.mark.slow
@pytest.mark.parametrize(("amount", "most"), [(1_000_000, 1), (300_000, 2)])
def test_the_noise_is_the_discrete_laplace_and_no_wider(amount: int, most: int) -> None:
    """Against its formula, by chi-squared; and the bound that readers are told holds."""
    q = math.exp(-1 / scale(amount, most))
    found = Counter(number - 50 for number in drawn(50, amount, most))
    edge = 0
    while DRAWS * (1 - q) / (1 + q) * q ** (edge + 1) > 50:
        edge += 1
    expected = {k: DRAWS * (1 - q) / (1 + q) * q ** abs(k) for k in range(-edge, edge + 1)}
    rest = DRAWS - sum(expected.values())
    seen_rest = DRAWS - sum(found[k] for k in expected)
    distance = sum((found[k] - n) ** 2 / n for k, n in expected.items())
    distance += (seen_rest - rest) ** 2 / rest
    assert chi2.sf(distance, len(expected)) > 1e-9
    bound = error_bound(amount, most)
    beyond = sum(n for k, n in found.items() if abs(k) > bound)
    inside = sum(n for k, n in found.items() if abs(k) >= bound)
    assert bounds(beyond, DRAWS)[0] <= 0.05 <= bounds(inside, DRAWS)[1]
    # A noise of half the width would be seen.
    wrong = Counter(number - 50 for number in drawn(50, amount * 2, most))
    assert chi2.sf(sum((wrong[k] - n) ** 2 / n for k, n in expected.items()), len(expected)) < 1e-9


@given(st.integers(1, 10_000_000), st.integers(1, 400))
def test_what_opendp_works_out_is_never_above_what_is_paid(amount: int, most: int) -> None:
    loss = _mechanism(amount, most).map(most)
    assert loss * 1_000_000 <= amount
    assert loss * 1_000_000 >= amount * (1 - 1e-9)  # and nothing is wasted


def test_whole_numbers_in_and_out() -> None:
    add = noise(1_000_000, 1)
    assert add([]) == []
    found = add([0, 1, 5_000_000_000])
    assert all(type(number) is int for number in found) and found[2] > 4_999_999_000
    assert any(number < 0 for number in add([0] * 200))
    first, second = add([0] * 200), add([0] * 200)
    assert first != second  # no seed


@pytest.mark.parametrize(("amount", "most", "bound"), [(1_000_000, 1, 3), (100_000, 1, 30)])
def test_the_bound_by_hand(amount: int, most: int, bound: int) -> None:
    """P(abs(k) > b) = 2 q^(b + 1) / (1 + q): the least b for which that is 5 % or less."""
    q = math.exp(-amount / most / 1_000_000)
    assert error_bound(amount, most) == bound
    assert 2 * q ** (bound + 1) / (1 + q) <= 0.05 < 2 * q**bound / (1 + q)


def test_without_opendp_the_error_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(QuestionRefused, match="not installed") as caught:
        noise(1_000_000, 1)
    assert "xinyong[privacy]" in caught.value.mend
