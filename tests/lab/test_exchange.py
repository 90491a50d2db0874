"""The wealth exchange ends where theory says, in each regime, and loses no unit on the way."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinyong.errors import QuestionRefused
from xinyong.lab import exchange
from xinyong.lab.chance import Stream, key
from xinyong.lab.compiling import plain
from xinyong.lab.measures import gini as measured_gini

KNOWN = {
    "synchronous": (math.sqrt(2) - 1, 0.579929),
    "sequential": (0.5, 2 / 3),
}
ROUNDS = 40
"""As many as the docstring says are enough."""


@pytest.mark.parametrize("regime", KNOWN)
def test_a_million_agents_end_at_the_known_shares(regime):
    nothing, gini = KNOWN[regime]
    wealth = exchange.exchange(1_000_000, ROUNDS, 1, regime)
    assert wealth.sum() == 1_000_000
    assert abs((wealth == 0).mean() - nothing) < 0.002
    assert abs(measured_gini(wealth) - gini) < 0.002


def test_the_known_synchronous_shares_follow_from_the_queue():
    # the stationary distribution of X' = X - [X > 0] + Poisson(q), by repeated application
    q = 2 - math.sqrt(2)
    arrivals = np.array([math.exp(-q) * q**k / math.factorial(k) for k in range(40)])
    share = np.zeros(200)
    share[1] = 1.0
    for _ in range(5000):
        served = np.append(share[1:], 0.0)
        served[0] += share[0]
        share = np.convolve(served, arrivals)[:200]
    assert abs(share[0] - (math.sqrt(2) - 1)) < 1e-9
    assert abs((share * np.arange(200)).sum() - 1) < 1e-9
    above = 1 - np.cumsum(share)  # Gini = 1 - sum of (chance of more than k) squared, mean 1
    assert abs(1 - (above**2).sum() - 0.579929) < 1e-6


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=60),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 100),
)
def test_compiled_and_written_rounds_are_equal(start, seed, month):
    luck = key(seed, month, Stream.RECEIVER)
    first, second, third = (np.array(start, np.int32) for _ in range(3))
    exchange.step(first, seed, month, "synchronous")
    exchange.together_by_arrays(second, luck)
    plain(exchange._together)(third, *exchange.room_for(len(start)), luck)
    assert first.tolist() == second.tolist() == third.tolist()
    one, other = np.array(start, np.int32), np.array(start, np.int32)
    exchange.step(one, seed, month, "sequential")
    plain(exchange._one_by_one)(other, len(start), key(seed, month, Stream.GIVER), luck)
    last = np.array(start, np.int32)
    exchange.one_by_one_by_arrays(last, len(start), key(seed, month, Stream.GIVER), luck)
    assert one.tolist() == other.tolist() == last.tolist()


def test_a_large_round_by_arrays_is_the_loop():
    one, other = (np.full(40_000, 1, np.int32) for _ in range(2))
    for month in range(3):
        luck = key(5, month, Stream.GIVER), key(5, month, Stream.RECEIVER)
        exchange._one_by_one(one, 40_000, *luck)
        exchange.one_by_one_by_arrays(other, 40_000, *luck)
        assert np.array_equal(one, other)


@settings(max_examples=30)
@given(st.integers(1, 300), st.integers(0, 20), st.integers(0, 99), st.sampled_from([*KNOWN]))
def test_money_is_neither_made_nor_lost(n, rounds, seed, regime):
    wealth = exchange.exchange(n, rounds, seed, regime, start=3)
    assert wealth.sum() == 3 * n
    assert wealth.min() >= 0
    assert wealth.dtype == np.int32


def test_seeds_differ_and_the_same_seed_does_not():
    one = exchange.exchange(1000, 5, 1, "sequential")
    assert np.array_equal(one, exchange.exchange(1000, 5, 1, "sequential"))
    assert not np.array_equal(one, exchange.exchange(1000, 5, 2, "sequential"))


def test_nobody_gives_what_came_in_during_the_same_round():
    wealth = np.zeros(50, np.int32)
    wealth[7] = 4
    exchange.step(wealth, 3, 0, "synchronous")
    assert sorted(wealth[wealth > 0].tolist()) in ([1, 3], [4])


def test_an_unknown_regime_is_refused_with_the_known_ones():
    with pytest.raises(QuestionRefused) as caught:
        exchange.exchange(10, 1, 1, "shuffled")
    assert "synchronous, sequential" in caught.value.mend
    assert caught.value.why
