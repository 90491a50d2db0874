"""Noise for counts, by OpenDP (MIT licence): the discrete Laplace mechanism.

An extra: install ``xinyong[privacy]``. To a count is added a whole number k that comes with
probability in proportion to exp(-abs(k) / scale) (Ghosh, Roughgarden and Sundararajan 2009), drawn
exactly, without floating point, from the machine's source of chance (Canonne, Kamath and Steinke
2020). There is no seed: whoever knew it could take the noise off again.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final

from xinyong.errors import QuestionRefused

MILLION: Final = 1_000_000

_TRIES: Final = 16


def noise(amount: int, most: int) -> Callable[[Sequence[int]], list[int]]:
    """What adds noise to counts: whole numbers come out, also negative ones.

    One subject changes at most ``most`` of the counts, each by one; then what comes out tells two
    data sets apart that differ in one subject by no more than a factor exp(``amount`` / 1,000,000).
    OpenDP works out the loss itself, and it is held to ``amount``. Nothing is drawn yet. Raises
    :class:`~xinyong.errors.QuestionRefused` where the extra is not installed.
    """
    mechanism = _mechanism(amount, most)

    def noisy(counts: Sequence[int]) -> list[int]:
        return [int(number) for number in mechanism(list(counts))] if counts else []

    return noisy


def scale(amount: int, most: int) -> float:
    """The scale of the noise: mean distance from the truth, about, in subjects."""
    return most * MILLION / amount


def error_bound(amount: int, most: int) -> int:
    """How far a count is from the truth in 95 of 100 cases at most, in subjects."""
    q = math.exp(-1 / scale(amount, most))
    # P(abs(k) > b) = 2 q^(b+1) / (1 + q)
    return max(0, math.ceil(math.log(0.05 * (1 + q) / 2) / math.log(q)) - 1)


def _mechanism(amount: int, most: int) -> Any:
    dp = _opendp()
    dp.enable_features("contrib")  # OpenDP's word for what has a written proof but no second reader
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    wide = scale(amount, most)
    for _ in range(_TRIES):
        mechanism = dp.m.make_laplace(*space, scale=wide)
        if Fraction(mechanism.map(most)) * MILLION <= amount:
            return mechanism
        wide *= 1 + 1e-15  # the scale was rounded down: a hair wider
    raise QuestionRefused(
        "OpenDP does not promise what is to be paid for",
        where="records.published",
        why=f"it works out a loss above {amount:,} millionths",
        mend="install the version of OpenDP that the lock names",
    )


def _opendp() -> Any:
    try:
        return importlib.import_module("opendp.prelude")
    except ImportError:
        raise QuestionRefused(
            "OpenDP is not installed",
            where="records.published",
            why="noise of our own making would be easy to get wrong",
            mend="install xinyong[privacy]",
        ) from None
