"""What an outsider can prove: a loss larger than promised, or a number that was hidden."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.stats import beta

from xinyong.records.published_hiding import Shown

SURE = 1e-9
"""The chance that one bound of a probability is wrong."""


def bounds(hits: int, draws: int) -> tuple[float, float]:
    """A probability between two bounds, by Clopper and Pearson; each is wrong once in 1e9."""
    low = 0.0 if hits == 0 else float(beta.ppf(SURE, hits, draws - hits + 1))
    high = 1.0 if hits == draws else float(beta.ppf(1 - SURE, hits + 1, draws - hits))
    return low, high


def proven_loss(one: Sequence[int], other: Sequence[int]) -> float:
    """The largest loss (epsilon) proved by draws from two neighbouring data sets.

    Looked at are single outcomes, and all outcomes up to or from a number on. The largest logarithm
    of a ratio that the draws prove, beyond chance, is given back; 0 if none.
    """
    a, b = np.asarray(one), np.asarray(other)
    worst = 0.0
    for number in range(int(min(a.min(), b.min())), int(max(a.max(), b.max())) + 1):
        for hits in (
            (int((a == number).sum()), int((b == number).sum())),
            (int((a <= number).sum()), int((b <= number).sum())),
            (int((a >= number).sum()), int((b >= number).sum())),
        ):
            for x, y in (hits, hits[::-1]):
                low, high = bounds(x, len(a))[0], bounds(y, len(b))[1]
                if low > 0:
                    worst = max(worst, math.log(low / high))
    return worst


def lines(shown: Shown) -> Iterator[list[tuple[int, int, int]]]:
    """What adds up to 0: (row, column, sign) of each row and column with its total."""
    height, width = len(shown), len(shown[0])
    for i in range(height):
        yield [(i, j, 1 if j < width - 1 else -1) for j in range(width)]
    for j in range(width):
        yield [(i, j, 1 if i < height - 1 else -1) for i in range(height)]


def ranges(shown: Shown) -> dict[tuple[int, int], tuple[float, float]]:
    """What an outsider can work out: for each hidden number, the least and the most it can be.

    By linear programming, from the numbers shown, the totals, and that nothing is negative.
    """
    unknown = [(i, j) for i, row in enumerate(shown) for j, n in enumerate(row) if n is None]
    at = {place: k for k, place in enumerate(unknown)}
    left, right = [], []
    for line in lines(shown):
        coefficients, rest = [0.0] * len(unknown), 0.0
        for i, j, sign in line:
            number = shown[i][j]
            if number is None:
                coefficients[at[i, j]] = sign
            else:
                rest -= sign * number
        left.append(coefficients)
        right.append(rest)
    found = {}
    for place, k in at.items():
        ends = []
        for sign in (1, -1):
            aim = [0.0] * len(unknown)
            aim[k] = sign
            done = linprog(aim, A_eq=left, b_eq=right, bounds=(0, 1e6), method="highs")
            assert done.status == 0, done.message
            ends.append(sign * float(done.fun))
        found[place] = (ends[0], ends[1])
    return found


def known(shown: Shown, least: int) -> list[tuple[int, int]]:
    """Hidden numbers that are known after all: fewer than ``least`` apart at the ends."""
    return [place for place, (low, high) in ranges(shown).items() if high - low < least - 1e-6]
