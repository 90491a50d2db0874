"""The one source of randomness: a function of (seed, month, stream, agent).

Nothing here remembers anything. Ask twice and the answer is the same; ask for agents in any order,
in any pieces, on any number of threads, and it is the same. Two schemes that are run under one seed
meet the same luck, so that they differ only by what they do.

In a loop, make the key of a decision once and ask for each agent::

    luck = key(seed, month, Stream.PAY)
    for agent in range(n):
        if at(luck, agent) < chance_of_paying[agent]: ...

The same for whole arrays, bit for bit: ``uniforms(seed, month, Stream.PAY, agents)``. A decision
that is made several times for one agent gets a key of its own by ``below_key(luck, agent)``.

Each key is a chain of the finishing step of splitmix64 (Steele, Lea and Flood 2014, "Fast
splittable pseudorandom number generators", doi 10.1145/2660193.2660195; constants by Stafford).
A draw is that step on ``key xor (agent times the golden ratio)``; 53 of its bits become a number
in [0, 1).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.lab.compiling import COMPILED, compiled
from xinyong.lab.exact import ln, lns, quantile, quantiles

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]


class Stream(IntEnum):
    """Every decision of the lab, by name. Numbers are kept for ever; new ones fill the gaps."""

    # drawing people
    ORDER = 100
    ROUNDING = 101
    AGE = 102
    HOUSEHOLD = 103
    PARTNER = 104
    GROUP = 105
    SCHOOL = 106
    JOB = 107
    INCOME = 108
    WEALTH = 109
    RELIABILITY = 110
    CAPACITY = 111
    AWARE = 112
    CITY = 113
    CHILDREN = 114
    # drawing firms
    FIRM_ROUNDING = 140
    FIRM_ORDER = 141
    FIRM_SIZE = 142
    FIRM_COST = 143
    FIRM_EMISSION = 144
    FIRM_FAKES = 145
    FIRM_LOAN = 146
    FIRM_CITY = 147
    # networks
    EDGE = 200
    REWIRE = 201
    TARGET = 202
    GROWTH = 203
    LAYER = 204
    ALIKE = 205
    MEMBER = 206
    SUPPLY = 207
    # wealth exchange
    GIVER = 300
    RECEIVER = 301
    # what people do
    SHOCK = 400
    PAY = 401
    REPAY = 402
    BORROW = 403
    BREACH = 404
    GRAVE = 405
    GOOD_DEED = 406
    BUY = 407
    SPEAK = 408
    GAME = 409
    HACK = 410
    BOOST = 411
    MOVE = 412
    PERSIST = 413
    CHILL = 414
    LEARN = 415
    LATE_BILL = 416
    LATE_LOAN = 417
    # what is seen of it
    COVERAGE = 500
    ERROR = 501
    INFORMANT = 502
    MISTAKEN = 503
    DELAY = 504
    FABRICATE = 505
    LEAK = 506
    FRIEND = 507
    # what follows
    PERK = 600
    TRAVEL = 601
    SCHOOLING = 602
    HIRING = 603
    PRAISE = 604
    SHAME = 605
    MATCH = 606
    INHERIT = 607
    REDISTRIBUTE = 608
    DEPOSIT = 609
    EMPLOYER = 610
    LAID_OFF = 611
    # the credit market
    APPLY = 700
    APPROVE = 701
    DEFAULT = 702
    PAYDAY = 703
    PRICE = 704
    GUARANTOR = 705
    SUED = 706
    # lists and due process
    LISTING = 800
    WRONG_LISTING = 801
    REMOVAL = 802
    DISPUTE = 803
    REVIEW = 804
    COURT = 805
    # firms at work
    REPORT = 900
    EXCEED = 901
    FAKE = 902
    INSPECT = 903
    CURE = 904
    COMPLY = 905
    # published results done again
    REPLICATION = 1000
    APPLICANT = 1001
    OUTCOME = 1002
    PARTNERS = 1003
    ASSESSMENT = 1004
    ACTION = 1005
    URN = 1006
    INCIDENT = 1007
    SAMPLE = 1008
    # trying things out
    SEARCH = 1100
    PICK = 1101


GOLDEN = 0x9E3779B97F4A7C15
FIRST = 0xBF58476D1CE4E5B9
SECOND = 0x94D049BB133111EB
START = 0x243F6A8885A308D3  # the fraction of pi
SPLIT = 0x13198A2E03707344  # the next of its digits
UNIT = 2.0**-53
MIDDLE_UNIT = 2.0**-52
MASK = (1 << 64) - 1
PIECE = 1 << 15
"""Entries an array function works on at once: they then fit the processor's cache."""

if COMPILED:
    _GOLDEN, _FIRST, _SECOND = np.uint64(GOLDEN), np.uint64(FIRST), np.uint64(SECOND)
    _SPLIT = np.uint64(SPLIT)
    _N30, _N27, _N31 = np.uint64(30), np.uint64(27), np.uint64(31)
    _N11, _N12 = np.uint64(11), np.uint64(12)

    @compiled("u8(i8,i8)")
    def _mixed(base: Any, number: Any) -> Any:
        z = np.uint64(base) ^ (np.uint64(number) * _GOLDEN)
        z = (z ^ (z >> _N30)) * _FIRST
        z = (z ^ (z >> _N27)) * _SECOND
        return z ^ (z >> _N31)

    @compiled("i8(u8)")
    def _as_key(z: Any) -> Any:
        return np.int64(z)

    @compiled("i8(i8,i8)")
    def fold(base: int, number: int) -> int:
        """One step of the chain: a key (int64) from a key and a number."""
        result: int = _as_key(_mixed(base, number))
        return result

    @compiled("i8(i8,i8)")
    def below_key(base: int, number: int) -> int:
        """A key of its own for one agent, or one pair, or one try, below the key ``base``."""
        result: int = _as_key(_mixed(_as_key(np.uint64(base) ^ _SPLIT), number))
        return result

    @compiled("f8(i8,i8)")
    def at(base: int, agent: int) -> float:
        """Uniform number in [0, 1) of an agent (any int64) under a key: a multiple of 2**-53."""
        return np.float64(_mixed(base, agent) >> _N11) * UNIT

    @compiled("f8(i8,i8)")
    def _inside(base: int, agent: int) -> float:
        """Uniform in (0, 1), both ends out: the middles of 2**52 equal cells."""
        return (np.float64(_mixed(base, agent) >> _N12) + 0.5) * MIDDLE_UNIT

else:

    def _mixed(base: int, number: int) -> int:
        z = (int(base) & MASK) ^ (int(number) * GOLDEN & MASK)
        z = (z ^ (z >> 30)) * FIRST & MASK
        z = (z ^ (z >> 27)) * SECOND & MASK
        return z ^ (z >> 31)

    def _signed(z: int) -> int:
        return z - (1 << 64) if z >> 63 else z

    def fold(base: int, number: int) -> int:
        """One step of the chain: a key (int64) from a key and a number."""
        return _signed(_mixed(base, number))

    def below_key(base: int, number: int) -> int:
        """A key of its own for one agent, or one pair, or one try, below the key ``base``."""
        return _signed(_mixed(int(base) ^ SPLIT, number))

    def at(base: int, agent: int) -> float:
        """Uniform number in [0, 1) of an agent (any int64) under a key: a multiple of 2**-53."""
        return (_mixed(base, agent) >> 11) * UNIT

    def _inside(base: int, agent: int) -> float:
        """Uniform in (0, 1), both ends out: the middles of 2**52 equal cells."""
        return ((_mixed(base, agent) >> 12) + 0.5) * MIDDLE_UNIT


@compiled("i8(i8,i8,i8)")
def _key(seed: int, month: int, stream: int) -> int:
    return fold(fold(fold(START, seed), month), stream)


@compiled("f8(i8,i8,i8,i8)")
def _uniform(seed: int, month: int, stream: int, agent: int) -> float:
    return at(_key(seed, month, stream), agent)


def key(seed: int, month: int, stream: int) -> int:
    """The key of one decision in one month: an int64 to give to :func:`at` for each agent.

    ``seed`` and ``month`` are any int64, ``stream`` a :class:`Stream`. For Python and for loops.
    """
    return int(_key(seed, month, int(stream)))  # handing over an enum as it is takes 90 us


def uniform(seed: int, month: int, stream: int, agent: int) -> float:
    """Uniform number in [0, 1) of one agent in one month for one decision."""
    return float(_uniform(seed, month, int(stream), int(agent)))


if COMPILED:
    from numba.extending import overload

    @overload(key)
    def _key_in_loops(seed: Any, month: Any, stream: Any) -> Any:
        def made(seed: Any, month: Any, stream: Any) -> Any:
            return _key(seed, month, stream)

        return made

    @overload(uniform)
    def _uniform_in_loops(seed: Any, month: Any, stream: Any, agent: Any) -> Any:
        def made(seed: Any, month: Any, stream: Any, agent: Any) -> Any:
            return _uniform(seed, month, stream, agent)

        return made


@compiled("i8(i8,i8,i8)")
def below(base: int, agent: int, n: int) -> int:
    """A whole number 0, 1, ... ``n`` - 1, each equally likely; 0 < n < 2**53."""
    return int(at(base, agent) * n)


@compiled("f8(i8,i8)")
def normal(base: int, agent: int) -> float:
    """A standard normal number of an agent under a key; never beyond 8.3 either way."""
    return quantile(_inside(base, agent))


@compiled("f8(i8,i8)")
def exponential(base: int, agent: int) -> float:
    """An exponential number with mean 1 of an agent under a key; at most 36.8."""
    return -ln(1.0 - at(base, agent))


@compiled("i8(f8,f8[::1])")
def choose(u: float, cumulative: Reals) -> int:
    """Place of the first entry of ``cumulative`` above ``u``; the last place if there is none.

    ``cumulative`` is a rising float64 array of summed shares, its last entry about 1.
    """
    last = len(cumulative) - 1
    for place in range(last):
        if u < cumulative[place]:
            return place
    return last


# -- the same for arrays


def _mixes(base: int, agents: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
    """The step for every agent of a one-dimensional array of whole numbers."""
    z = agents.astype(np.int64).view(np.uint64)
    z *= np.uint64(GOLDEN)
    z ^= np.uint64(base & MASK)
    for shift, factor in ((30, FIRST), (27, SECOND)):
        z ^= z >> np.uint64(shift)
        z *= np.uint64(factor)
    z ^= z >> np.uint64(31)
    return z


def _in_pieces(
    agents: npt.NDArray[np.integer], made: Callable[[npt.NDArray[np.integer]], npt.NDArray[Any]]
) -> Reals:
    result = np.empty(len(agents), np.float64)
    for low in range(0, len(agents), PIECE):
        result[low : low + PIECE] = made(agents[low : low + PIECE])
    return result


def ats(base: int, agents: npt.NDArray[np.integer]) -> Reals:
    """:func:`at` for every agent of a one-dimensional array: float64 of the same length."""
    return _in_pieces(agents, lambda some: (_mixes(base, some) >> np.uint64(11)) * UNIT)


def uniforms(seed: int, month: int, stream: int, agents: npt.NDArray[np.integer]) -> Reals:
    """:func:`uniform` for every agent of a one-dimensional array: float64 of the same length."""
    return ats(key(seed, month, stream), agents)


def belows(base: int, agents: npt.NDArray[np.integer], n: int | Ints) -> Ints:
    """:func:`below` for every agent; ``n`` one number or one for each agent. int64."""
    return (ats(base, agents) * n).astype(np.int64)


def normals(base: int, agents: npt.NDArray[np.integer]) -> Reals:
    """:func:`normal` for every agent of a one-dimensional array: float64 of the same length."""

    def made(some: npt.NDArray[np.integer]) -> Reals:
        return quantiles(((_mixes(base, some) >> np.uint64(12)) + 0.5) * MIDDLE_UNIT)

    return _in_pieces(agents, made)


def exponentials(base: int, agents: npt.NDArray[np.integer]) -> Reals:
    """:func:`exponential` for every agent: float64 of the same length."""
    return _in_pieces(agents, lambda some: -lns(1.0 - (_mixes(base, some) >> np.uint64(11)) * UNIT))


def chooses(u: Reals, cumulative: Reals) -> Ints:
    """:func:`choose` for every entry of ``u``: int64 of the same length."""
    return np.searchsorted(cumulative[:-1], u, side="right").astype(np.int64)


def everyone(n: int) -> Ints:
    """The agents 0 to ``n`` - 1 as int64."""
    return np.arange(n, dtype=np.int64)


def summed(shares: npt.ArrayLike) -> Reals:
    """Shares (any positive weights) as the rising float64 array that :func:`choose` reads."""
    weights = np.asarray(shares, np.float64)
    total = np.cumsum(weights)
    result: Reals = total / total[-1]
    return result
