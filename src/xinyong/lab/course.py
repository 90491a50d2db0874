"""Measures of what a scheme does over time: wrong listings, their end, gaming, silence, lending.

Taken together with :mod:`xinyong.lab.measures`; same habits: whole arrays in, plain numbers out,
``nan`` where there is nothing to measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xinyong.lab.measures import NAN, Column, Ints, Reals, Truths, correlation, ratio, share


def false_listing(listed: Truths, compliant: Truths) -> float:
    """Share of the compliant (bool[n]) who are listed (bool[n])."""
    return share(listed, compliant)


def false_clear(listed: Truths, compliant: Truths) -> float:
    """Share of those who do not comply who are not listed."""
    return share(~listed, ~compliant)


@dataclass(frozen=True, slots=True)
class Spells:
    """Times on a list: ``months`` int64[k]; ``over`` bool[k], False where still running at last."""

    months: Ints
    over: Truths


def spells(listed: Truths) -> Spells:
    """Every spell in a history bool[months, n]: unbroken runs of listed months of one agent.

    A spell that starts before the first month is counted from the first month.
    """
    edge = np.zeros((1, listed.shape[1]), np.int8)
    steps = np.diff(np.concatenate([edge, listed.astype(np.int8), edge]), axis=0)
    _, start = np.nonzero(steps.T == 1)
    _, end = np.nonzero(steps.T == -1)
    return Spells((end - start).astype(np.int64), end < len(listed))


def mean_spell(found: Spells) -> float:
    """Mean months of a spell, those still running counted fairly (Kaplan and Meier 1958).

    The area under the share of spells still running, up to the longest seen; so where the longest
    is still running the true mean is greater. ``nan`` without spells.
    """
    if not len(found.months):
        return NAN
    area, running, past = 0.0, 1.0, 0
    for month in np.unique(found.months):
        area += running * float(month - past)
        at_risk = float((found.months >= month).sum())
        running *= 1.0 - float((found.over & (found.months == month)).sum()) / at_risk
        past = int(month)
    return area


def time_to_correct(since: Ints, corrected: Ints, last: int) -> float:
    """Mean months from a wrong entry to its correction, by the same estimate as a spell.

    ``since`` int[k]: the month of each wrong entry; ``corrected`` int[k]: the month it was put
    right, below 0 if not yet; ``last``: the month of looking.
    """
    over = corrected >= 0
    return mean_spell(Spells(np.where(over, corrected, last) - since, over))


ROOT, UNTOUCHED = -1, -2
"""Causes that are no agents: touched by own deed; not touched at all."""


def cascades(cause: Ints) -> Ints:
    """How many others each first one drew in: int64[k], one entry for each root, by place.

    ``cause`` int[n]: the agent through whom each was touched, :data:`ROOT` or :data:`UNTOUCHED`.
    Causes must not run in a circle; an agent in one belongs to no root and is not counted.
    """
    agents = np.arange(len(cause), dtype=np.int64)
    above = np.where(cause >= 0, cause, agents)
    for _ in range(max(1, len(cause)).bit_length()):
        above = above[above]
    roots = cause == ROOT
    sizes = np.bincount(above[cause >= 0], minlength=len(cause))
    result: Ints = sizes[roots].astype(np.int64)
    return result


def cascade_size(cause: Ints) -> float:
    """Mean number of others drawn in by one who was touched first; ``nan`` if nobody was."""
    sizes = cascades(cause)
    return float(sizes.mean()) if len(sizes) else NAN


def goodhart_gap(
    score_first: Column, compliance_first: Column, score: Column, compliance: Column
) -> float:
    """How much of the score's link with compliance was lost: correlation at first less now.

    After Goodhart 1975: a measure that becomes a target stops being a good measure.
    """
    return correlation(score_first, compliance_first) - correlation(score, compliance)


def gamed_share(points: Reals, gamed: Truths) -> float:
    """Share of the score's variance that gamed variables bring.

    ``points`` float64[k, n]: points of each variable for each agent; ``gamed`` bool[k]. The share
    of a variable is its covariance with the sum over the variance of the sum; the shares of all add
    up to 1, a variable that works against the others has one below 0.
    """
    total = points.sum(axis=0)
    spread = total - total.mean()
    each = (points - points.mean(axis=1, keepdims=True)) @ spread
    return ratio(float(each[gamed].sum()), float(spread @ spread))


def fabricated_share(reported: Truths, faked: Truths) -> float:
    """Share of reports (bool[n]) that are made up (bool[n])."""
    return share(faked, reported)


def chilling(spoke: float, would_speak: float) -> float:
    """Share of speech that falls silent: 1 less what is said over what would be said unwatched."""
    return 1.0 - ratio(spoke, would_speak)


@dataclass(frozen=True, slots=True)
class Lending:
    """A lender's result: money units, shares 0 to 1; ``nan`` without loans or applicants."""

    loans: int
    approval: float
    default_rate: float
    profit: float
    profit_per_applicant: float


def lending(
    applied: Truths, approved: Truths, repaid: Truths, amount: Column, rate: Column
) -> Lending:
    """Result of one round of loans. Booleans [n]; ``amount`` lent [n]; ``rate`` of interest [n].

    A repaid loan brings amount times rate, a defaulted one loses the amount.
    """
    given = applied & approved
    amounts = np.asarray(amount, np.float64)
    brings = np.where(repaid, amounts * np.asarray(rate, np.float64), -amounts)
    profit = float(brings[given].sum()) if given.any() else 0.0
    return Lending(
        loans=int(given.sum()),
        approval=share(approved, applied),
        default_rate=share(~repaid, given),
        profit=profit,
        profit_per_applicant=ratio(profit, float(applied.sum())),
    )
