"""Measures of a society at one time: how unequal, how mobile, how fairly decided.

Every function takes whole arrays (one entry an agent) and gives plain numbers; a measure that has
nothing to measure is ``nan``. Shapes and units stand with each function. :data:`MEASURES` says
what each is called, in which unit it is told, and which way is better. Measures of a course of
time (spells, cascades, gaming, lending) stand in :mod:`xinyong.lab.course`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.catalogue import MEASURES, Measure, measure

__all__ = ["MEASURES", "Measure", "measure"]

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Column = npt.NDArray[Any]
NAN: Final = math.nan


def ratio(part: float, whole: float) -> float:
    """``part`` / ``whole``; ``nan`` where the whole is 0."""
    return part / whole if whole else NAN


# -- how unequal


def _amounts(values: Column) -> Reals:
    amounts = np.asarray(values, np.float64)
    if amounts.ndim != 1 or len(amounts) == 0:
        raise QuestionRefused(
            "a measure of inequality needs a one-dimensional array with at least one entry",
            where="lab.measures",
        )
    if not amounts.min() >= 0:
        raise QuestionRefused(
            "an amount below 0, or one that is not a number, has no share of a whole",
            where="lab.measures",
            mend="measure income, or wealth held at 0 from below",
        )
    return amounts


def _ordered(values: Column) -> Reals:
    """Amounts from the least to the greatest; what is in order already is not sorted again."""
    amounts = _amounts(values)
    return amounts if bool((amounts[1:] >= amounts[:-1]).all()) else np.sort(amounts)


def gini(values: Column) -> float:
    """Gini index of amounts (not below 0): 0 all alike, near 1 one has all; 0 if all are 0.

    Half the mean difference between two agents over the mean. Reference: Sen 1973, On Economic
    Inequality, 2.5.
    """
    amounts = _ordered(values)
    n, total = len(amounts), float(amounts.sum())
    if total == 0:
        return 0.0
    places = np.arange(1, n + 1, dtype=np.float64)
    return float((2 * places - n - 1) @ amounts) / (n * total)


def theil_t(values: Column) -> float:
    """Theil's T of amounts (not below 0; 0 ln 0 is 0): 0 all alike, ln n one has all.

    Theil 1967, Economics and Information Theory.
    """
    amounts = _amounts(values)
    total = float(amounts.sum())
    if total == 0:
        return 0.0
    parts = amounts[amounts > 0] / (total / len(amounts))
    return float((parts * np.log(parts)).sum()) / len(amounts)


def theil_l(values: Column) -> float:
    """Theil's L, the mean log deviation, of amounts; infinite if somebody has nothing."""
    amounts = _amounts(values)
    if float(amounts.sum()) == 0:
        return 0.0
    if float(amounts.min()) == 0:
        return math.inf
    return math.log(float(amounts.mean())) - float(np.log(amounts).mean())


@dataclass(frozen=True, slots=True)
class Parts:
    """An index split by group; ``within`` + ``between`` is the index of all."""

    within: float
    between: float

    @property
    def total(self) -> float:
        """The index of everybody."""
        return self.within + self.between


def _groups(values: Column, groups: Column) -> tuple[Reals, list[Reals]]:
    amounts, names = _amounts(values), np.asarray(groups)
    return amounts, [amounts[names == name] for name in np.unique(names)]


def theil_t_by_group(values: Column, groups: Column) -> Parts:
    """Theil's T split by group; a group weighs by its share of the amounts (Shorrocks 1980)."""
    amounts, parts = _groups(values, groups)
    mean, n = float(amounts.mean()), len(amounts)
    if mean == 0:
        return Parts(0.0, 0.0)
    shares = [(len(p) / n, float(p.mean()) / mean, theil_t(p)) for p in parts]
    return Parts(
        within=sum(size * level * inside for size, level, inside in shares),
        between=sum(size * level * math.log(level) for size, level, _ in shares if level > 0),
    )


def theil_l_by_group(values: Column, groups: Column) -> Parts:
    """Theil's L split by group; a group weighs by its size. All amounts must be above 0."""
    amounts, parts = _groups(values, groups)
    if float(amounts.min()) == 0:
        return Parts(math.inf, NAN) if float(amounts.sum()) else Parts(0.0, 0.0)
    mean, n = float(amounts.mean()), len(amounts)
    return Parts(
        within=sum(len(p) / n * theil_l(p) for p in parts),
        between=sum(len(p) / n * math.log(mean / float(p.mean())) for p in parts),
    )


def lorenz(values: Column, at: float) -> float:
    """Share of the total held by the poorest share ``at`` (0 to 1) of agents; ``nan`` if all 0.

    Between two agents the curve is a straight line, so ``at`` need not hit a whole agent.
    """
    amounts = _ordered(values)
    total = float(amounts.sum())
    place = at * len(amounts)
    whole = min(int(place), len(amounts) - 1)
    held = float(amounts[:whole].sum()) + (place - whole) * float(amounts[whole])
    return ratio(held, total)


def top_share(values: Column, share: float = 0.1) -> float:
    """Share of the total held by the richest ``share`` of agents (0 to 1)."""
    return 1.0 - lorenz(values, 1.0 - share)


def palma(values: Column) -> float:
    """Palma's ratio: what the richest tenth holds over what the poorest four tenths hold."""
    low = lorenz(values, 0.4)
    return NAN if math.isnan(low) else math.inf if low == 0 else top_share(values, 0.1) / low


def welfare(income: Column, aversion: float = 1.0) -> float:
    """The equal income that would be worth as much, in units of income (Atkinson 1970).

    ``aversion`` 0 gives the mean, 1 the geometric mean, more weighs the poor more. 0 where somebody
    has nothing and the aversion is 1 or more.
    """
    amounts = _amounts(income)
    if aversion == 0:
        return float(amounts.mean())
    if aversion >= 1 and float(amounts.min()) == 0:
        return 0.0
    if aversion == 1:
        return math.exp(float(np.log(amounts).mean()))
    power = 1.0 - aversion
    scale = float(amounts.max())
    if scale == 0:
        return 0.0
    return scale * float(np.mean((amounts / scale) ** power)) ** (1.0 / power)


# -- how mobile


def ranks(values: Column) -> Reals:
    """Place of each entry from 0 (lowest) to 1 (highest) as (rank - 1/2) / n; ties share a mean."""
    _, place, count = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    upto = np.cumsum(count)
    result: Reals = ((upto - count + upto) / 2.0 / len(place))[place]
    return result


def rank_slope(parents: Column, children: Column) -> float:
    """Slope of children's rank on parents' rank: 0 is no link, 1 each keeps the parents' place.

    Chetty, Hendren, Kline, Saez 2014, Where is the land of opportunity?
    """
    x, y = ranks(parents), ranks(children)
    spread = x - x.mean()
    return ratio(float(spread @ (y - y.mean())), float(spread @ spread))


def fifths(values: Column, parts: int = 5) -> Ints:
    """Which fifth each entry lies in, 0 the lowest (``parts`` of them); equal entries share one."""
    return np.minimum((ranks(values) * parts).astype(np.int64), parts - 1)


def transitions(parents: Column, children: Column, parts: int = 5) -> Reals:
    """Shares of children by fifth: row = parents' fifth, column = children's; rows sum to 1.

    A row without parents (everybody alike) is ``nan``.
    """
    cells = fifths(parents, parts) * parts + fifths(children, parts)
    counts = np.bincount(cells, minlength=parts * parts).reshape(parts, parts)
    size = counts.sum(axis=1, keepdims=True)
    result: Reals = np.divide(counts, size, out=np.full(counts.shape, NAN), where=size > 0)
    return result


def bottom_to_top(parents: Column, children: Column, parts: int = 5) -> float:
    """Share of the lowest fifth's children who reach the highest fifth; .2 is perfect mobility."""
    return float(transitions(parents, children, parts)[0, -1])


# -- how fairly decided


@dataclass(frozen=True, slots=True)
class Rates:
    """Decisions in one group: shares between 0 and 1, ``nan`` where nobody could be counted.

    ``true_positive`` is the approved share of those who turn out good, ``false_positive`` of the
    others.
    """

    size: int
    approval: float
    true_positive: float
    false_positive: float


def decision_rates(approved: Truths, good: Truths, groups: Column) -> dict[Any, Rates]:
    """Rates by group. ``approved`` and ``good`` (would repay, complied): bool[n]; groups [n]."""
    found: dict[Any, Rates] = {}
    for name in np.unique(groups):
        inside = groups == name
        yes, fine = approved[inside], good[inside]
        found[name.item()] = Rates(
            size=len(yes),
            approval=ratio(float(yes.sum()), len(yes)),
            true_positive=ratio(float((yes & fine).sum()), float(fine.sum())),
            false_positive=ratio(float((yes & ~fine).sum()), float((~fine).sum())),
        )
    return found


def gap(by_group: dict[Any, Rates], rate: str = "true_positive") -> float:
    """Greatest difference between two groups in one rate (a field of :class:`Rates`)."""
    values = [getattr(rates, rate) for rates in by_group.values()]
    known = [value for value in values if not math.isnan(value)]
    return max(known) - min(known) if known else NAN


def calibration(score: Column, good: Truths, groups: Column, bands: int = 10) -> dict[Any, Reals]:
    """Share of good outcomes by band of the score, for each group: float64[bands], nan if empty.

    Bands are equal parts of everybody, so that one band means one range of score in all groups.
    """
    band = fifths(score, bands)
    found: dict[Any, Reals] = {}
    for name in np.unique(groups):
        inside = groups == name
        size = np.bincount(band[inside], minlength=bands)
        fine = np.bincount(band[inside], weights=good[inside], minlength=bands)
        found[name.item()] = np.divide(fine, size, out=np.full(bands, NAN), where=size > 0)
    return found


def calibration_gap(score: Column, good: Truths, groups: Column, bands: int = 10) -> float:
    """Mean over bands of the spread between groups at an equal score; 0 is calibrated alike.

    A band weighs by its agents; a band that only one group reaches is left out.
    """
    table = np.array(list(calibration(score, good, groups, bands).values()))
    both = (~np.isnan(table)).sum(axis=0) >= 2
    if not both.any():
        return NAN
    size = np.bincount(fifths(score, bands), minlength=bands)[both]
    spread = np.nanmax(table[:, both], axis=0) - np.nanmin(table[:, both], axis=0)
    return ratio(float(spread @ size), float(size.sum()))


def thin_file_scored(scored: Truths, thin: Truths) -> float:
    """Share of the people with a thin file (bool[n]) who get a score at all (bool[n])."""
    return ratio(float((scored & thin).sum()), float(thin.sum()))


def share(part: Truths, among: Truths | None = None) -> float:
    """Share of agents that are in ``part``, of those in ``among`` (default: of everybody)."""
    if among is None:
        return ratio(float(part.sum()), len(part))
    return ratio(float((part & among).sum()), float(among.sum()))


def correlation(a: Column, b: Column) -> float:
    """Pearson's correlation of two columns; ``nan`` where one does not vary."""
    x = np.asarray(a, np.float64) - np.mean(a, dtype=np.float64)
    y = np.asarray(b, np.float64) - np.mean(b, dtype=np.float64)
    return ratio(float(x @ y), math.sqrt(float(x @ x) * float(y @ y)))
