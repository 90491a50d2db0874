"""Chance is a function: both roads agree to the bit, and what comes out looks like luck."""

import math
import os
import subprocess
import sys
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyong.lab import chance, exact
from xinyong.lab.chance import Stream
from xinyong.lab.compiling import compiled

WHOLE = st.integers(-(2**63), 2**63 - 1)
N = 200_000
AGENTS = chance.everyone(N)


@given(WHOLE, WHOLE, st.sampled_from(Stream), st.lists(WHOLE, min_size=1, max_size=20))
def test_one_number_and_whole_arrays_have_equal_bits(seed, month, stream, agents):
    key = chance.key(seed, month, stream)
    many = np.array(agents, np.int64)
    assert chance.uniforms(seed, month, stream, many).tolist() == [
        chance.uniform(seed, month, stream, agent) for agent in agents
    ]
    assert chance.normals(key, many).tolist() == [chance.normal(key, agent) for agent in agents]
    assert chance.exponentials(key, many).tolist() == [
        chance.exponential(key, agent) for agent in agents
    ]
    assert chance.belows(key, many, 7).tolist() == [chance.below(key, agent, 7) for agent in agents]
    shares = chance.summed([1, 2, 3, 4])
    assert chance.chooses(chance.ats(key, many), shares).tolist() == [
        chance.choose(chance.at(key, agent), shares) for agent in agents
    ]


@given(WHOLE, WHOLE)
def test_numbers_keep_their_range(seed, agent):
    key = chance.key(seed, 0, Stream.PAY)
    assert 0.0 <= chance.at(key, agent) < 1.0
    assert chance.at(key, agent) * 2**53 == int(chance.at(key, agent) * 2**53)
    assert -8.3 < chance.normal(key, agent) < 8.3
    assert 0.0 <= chance.exponential(key, agent) < 36.8
    assert 0 <= chance.below(key, agent, 3) < 3


@given(st.integers(1, 200_000), st.integers(0, 2**40))
def test_any_cut_of_the_agents_gives_the_same(cut, seed):
    key = chance.key(seed, 5, Stream.SHOCK)
    parts = [chance.ats(key, AGENTS[:cut]), chance.ats(key, AGENTS[cut:])]
    assert np.array_equal(np.concatenate(parts), chance.ats(key, AGENTS))


def test_without_the_compiler_the_bits_are_the_same():
    program = (
        "import numpy as np\n"
        "from xinyong.lab import chance as c\n"
        "from xinyong.lab.compiling import COMPILED\n"
        "k = c.below_key(c.key(-3, 11, c.Stream.PAY), 2**62)\n"
        "ways = (c.at, c.normal, c.exponential)\n"
        "draws = [way(k, a) for a in (-9, 0, 1, 2**63 - 1) for way in ways]\n"
        "print(COMPILED, k, [float(d).hex() for d in draws])\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "XINYONG_ENGINE": engine},
        ).stdout.split(" ", 1)
        for engine in ("numba", "numpy")
    ]
    assert [first for first, _ in told] == ["True", "False"]
    assert told[0][1] == told[1][1]


@compiled()
def in_a_loop(seed, month, agent):
    return chance_key(seed, month, Stream.PAY), chance_uniform(seed, month, Stream.PAY, agent)


chance_key, chance_uniform = chance.key, chance.uniform


@given(WHOLE, WHOLE, WHOLE)
def test_a_loop_and_python_make_the_same_key(seed, month, agent):
    key = chance.key(seed, month, Stream.PAY)
    assert in_a_loop(seed, month, agent) == (key, chance.at(key, agent))
    assert chance.uniform(seed, month, Stream.PAY, agent) == chance.at(key, agent)


def test_pinned_draws_never_change():
    # A run id promises the same society for ever; these numbers hold that promise.
    assert chance.key(1, 2, Stream.PAY) == -7508354793376347944
    assert chance.uniform(1, 2, Stream.PAY, 5) == 0.4585435093369361


def chi_square(counts, expected):
    """Distance in standard deviations of the chi-square from its mean (about normal here)."""
    value = ((counts - expected) ** 2 / expected).sum()
    free = counts.size - 1
    return (value - free) / math.sqrt(2 * free)


@pytest.mark.parametrize("seed", [0, 1, 20260101, -7])
def test_draws_are_uniform(seed):
    u = np.sort(chance.uniforms(seed, 0, Stream.PAY, AGENTS))
    grid = np.arange(1, N + 1) / N
    distance = max((grid - u).max(), (u - grid + 1 / N).max())  # Kolmogorov and Smirnov
    assert distance * math.sqrt(N) < 1.95  # passed by 99.9 % of truly uniform draws
    counts = np.bincount((u * 1000).astype(int), minlength=1000)
    assert abs(chi_square(counts, N / 1000)) < 4
    # the low bits too, of the 53
    low = (u * 2**53).astype(np.int64) & 255
    assert abs(chi_square(np.bincount(low, minlength=256), N / 256)) < 4


PAIRS = {
    "next agent": ((3, 5, Stream.PAY, AGENTS), (3, 5, Stream.PAY, AGENTS + 1)),
    "next month": ((3, 5, Stream.PAY, AGENTS), (3, 6, Stream.PAY, AGENTS)),
    "next seed": ((3, 5, Stream.PAY, AGENTS), (4, 5, Stream.PAY, AGENTS)),
    "next stream": ((3, 5, Stream.PAY, AGENTS), (3, 5, Stream.REPAY, AGENTS)),
    "seed and month swapped": ((3, 5, Stream.PAY, AGENTS), (5, 3, Stream.PAY, AGENTS)),
    "agent and month shifted": ((3, 5, Stream.PAY, AGENTS), (3, 6, Stream.PAY, AGENTS - 1)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_neighbouring_draws_are_independent(name):
    one, other = (chance.uniforms(*ask) for ask in PAIRS[name])
    cells = (one * 32).astype(int) * 32 + (other * 32).astype(int)
    assert abs(chi_square(np.bincount(cells, minlength=1024), N / 1024)) < 4
    assert abs(np.corrcoef(one, other)[0, 1]) * math.sqrt(N) < 4


def test_draws_below_one_key_are_independent_of_the_draws_of_the_key():
    key = chance.key(9, 9, Stream.EDGE)
    below = np.array([chance.at(chance.below_key(key, a), 0) for a in range(50_000)])
    same = chance.ats(key, AGENTS[:50_000])
    assert abs(np.corrcoef(below, same)[0, 1]) * math.sqrt(50_000) < 4
    assert abs(chi_square(np.bincount((below * 100).astype(int), minlength=100), 500)) < 4


def test_normal_and_exponential_have_their_distribution():
    key = chance.key(11, 0, Stream.INCOME)
    z = chance.normals(key, AGENTS)
    assert abs(z.mean()) * math.sqrt(N) < 4
    assert abs((z**2).mean() - 1) * math.sqrt(N / 2) < 4
    assert abs((z**4).mean() - 3) * math.sqrt(N / 96) < 4
    x = chance.exponentials(key, AGENTS)
    assert abs(x.mean() - 1) * math.sqrt(N) < 4
    assert abs((x > 2).mean() - math.exp(-2)) * math.sqrt(N) < 4


def test_choice_follows_its_shares():
    shares = np.array([0.5, 0.2, 0.0, 0.3])
    picked = chance.chooses(chance.uniforms(1, 1, Stream.PICK, AGENTS), chance.summed(shares))
    found = np.bincount(picked, minlength=4) / N
    assert found[2] == 0
    assert np.abs(found - shares).max() * math.sqrt(N) < 4


@given(st.floats(1e-300, 1e300))
def test_logarithm_is_right_on_both_roads(x):
    assert abs(exact.ln(x) - math.log(x)) <= 4 * math.ulp(math.log(x))
    assert exact.lns(np.array([x]))[0] == exact.ln(x)


@given(st.floats(-800, 800))
def test_exponential_is_right_on_both_roads(x):
    true = math.exp(min(max(x, -708), 709))
    assert abs(exact.exp(x) - true) <= 4 * math.ulp(true)
    assert exact.exps(np.array([x]))[0] == exact.exp(x)
    assert exact.logistics(np.array([x]))[0] == exact.logistic(x)
    assert abs(exact.logistic(x) - 1 / (1 + math.exp(-max(x, -700)))) < 1e-15


@given(st.floats(1e-15, 1 - 1e-15))
def test_quantile_is_that_of_the_standard_library(p):
    assert abs(exact.quantile(p) - NormalDist().inv_cdf(p)) < 1e-12
    assert exact.quantiles(np.array([p]))[0] == exact.quantile(p)


def test_every_stream_has_its_own_number():
    assert len({int(stream) for stream in Stream}) == len(Stream.__members__)
