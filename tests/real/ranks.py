"""How well scores tell two groups apart, exactly."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction


def auc(good: Sequence[int], bad: Sequence[int]) -> Fraction:
    """Chance that a random good has a higher score than a random bad, a tie counting half.

    The Mann-Whitney statistic over the number of pairs, in whole numbers throughout.

    >>> auc([3, 2], [1, 2])
    Fraction(7, 8)
    """
    ranked = sorted(bad)
    halves = sum(bisect_left(ranked, one) + bisect_right(ranked, one) for one in good)
    return Fraction(halves, 2 * len(good) * len(ranked))
