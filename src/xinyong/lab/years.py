"""What happens once a year: people grow older and are followed by their children, couples form,
people move, money is shared out. Whole arrays; every chance is a function, as elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.cells import BORN, Fact, Flag, Money, Trait, origin, start
from xinyong.lab.chance import Stream, normals, uniforms
from xinyong.lab.chance import key as key_of
from xinyong.lab.exact import exps, lns

Value = Callable[[str], float]
Array = npt.NDArray[Any]

OLDEST: Final = 70
"""Age at which people leave the town and a child of theirs, aged 20, takes their place."""
YOUNGEST: Final = 20
SPREAD: Final = 0.5
"""Standard deviation of log income around what parents' means and school explain (assumed)."""
SCHOOLING: Final = 0.25
"""Rise of log income by a good school (assumed)."""
GOOD_SCHOOL: Final = 0.6
"""Rank of means from which on parents pay for a good school (assumed)."""
SINGLE_UNTIL: Final = 45


def ranks(values: Array) -> Array:
    """Places from 0 to nearly 1, ties in order of the agent; float64[n]."""
    order = np.argsort(values, kind="stable")
    found = np.empty(len(values))
    found[order] = np.arange(len(values)) / max(len(values), 1)
    return found


def renew(
    money: Array,
    facts: Array,
    flags: Array,
    seed: int,
    month: int,
    pull: float,
    ban: float,
    near: Array | None = None,
) -> tuple[Array, tuple[float, float]]:
    """Let a year pass; who is :data:`OLDEST` is followed by a child.

    Gives whom (bool[n]), and how many children were barred from a good school of how many who could
    have gone. ``pull`` is how far parents' place decides the child's income (0 to 1), ``ban`` what
    a school kept shut takes, as a part of a good school; ``near`` bool[n] is whom a ban of somebody
    else in the household reaches. A couple's means count for both. Wealth is
    inherited whole; a record is not, but that is the keeper's to empty.
    """
    facts[Fact.AGE] += 1
    gone: Array = facts[Fact.AGE] >= OLDEST
    old = np.flatnonzero(gone)
    if not len(old):
        return gone, (0.0, 0.0)
    partner = money[Money.PARTNER]
    income = np.where(partner > 0.0, (money[Money.INCOME] + partner) / 2.0, money[Money.INCOME])
    place = ranks(money[Money.WEALTH] + 12.0 * income)[old]
    barred = (flags[old] & int(Flag.NO_SCHOOL)) != 0
    if near is not None:
        barred |= near[old]
    school = np.where(place >= GOOD_SCHOOL, 1.0, 0.0)
    counted = float((barred & (school > 0.0)).sum()), float((school > 0.0).sum())
    school = np.where(barred, school * (1.0 - ban), school)
    luck = normals(key_of(seed, month, int(Stream.INHERIT)), old)
    middle = np.maximum(np.median(money[Money.INCOME]).astype(np.float64), 1e-6)
    centre = lns(np.array([middle]))[0]
    logs = centre + pull * 2.0 * (place - 0.5) + SCHOOLING * (school - 0.4) + SPREAD * luck
    money[Money.INCOME, old] = exps(logs)
    for row in (Money.SHOCK, Money.CHILL, Money.DUE, Money.PARTNER, Money.WELFARE):
        money[row, old] = 0.0
    fresh = uniforms(seed, month, int(Stream.RELIABILITY), old)
    money[Money.RELIABILITY, old] = 0.8 + 0.2 * fresh
    facts[Fact.AGE, old] = YOUNGEST
    parent = np.minimum((place * 5).astype(np.uint8), 4)
    facts[Fact.ORIGIN, old] = origin(start(facts)[old], parent) | np.uint8(BORN)
    for fact in (Fact.DUES, Fact.TERMS, Fact.LISTED, Fact.LINGER, Fact.ASKED):
        facts[fact, old] = 0
    facts[Fact.TRAITS, old] |= np.uint8(Trait.JOB)
    flags[old] = 0
    return gone, counted


def couple(
    money: Array,
    facts: Array,
    score: Array,
    seed: int,
    month: int,
    weight: float,
    pace: float,
    among: Array | None = None,
) -> tuple[float, int]:
    """Let couples form: singles sorted by ``weight`` of visible score and the rest of chance.

    ``pace`` is the part of singles who find a partner in the year; ``among`` (int64, rising) are
    those who can meet, by default everybody. Gives the correlation of the partners' scores, ``nan``
    where nobody paired or all have one score, and how many people paired.
    """
    free = (money[Money.PARTNER] == 0.0) & (facts[Fact.AGE] < SINGLE_UNTIL)
    single = np.flatnonzero(free) if among is None else among[free[among]]
    chosen = single[uniforms(seed, month, int(Stream.MATCH), single) < pace]
    chosen = chosen[: len(chosen) // 2 * 2]
    if len(chosen) < 4:
        return float("nan"), 0
    chance = uniforms(seed, month, int(Stream.PARTNERS), chosen)
    seen = ranks(score[chosen] + 1e-3 * chance)
    order = chosen[np.argsort(weight * seen + (1.0 - weight) * chance, kind="stable")]
    left, right = order[0::2], order[1::2]
    money[Money.PARTNER, left] = money[Money.INCOME, right]
    money[Money.PARTNER, right] = money[Money.INCOME, left]
    a, b = score[left].astype(float), score[right].astype(float)
    both = np.concatenate([a, b])
    if both.std() == 0.0:
        return float("nan"), len(chosen)
    return float(((a - both.mean()) * (b - both.mean())).mean() / both.var()), len(chosen)


def weighed(parts: Sequence[tuple[float, int]]) -> float:
    """The mean of figures weighed by people; those that are ``nan`` are left out."""
    known = [(value, many) for value, many in parts if not math.isnan(value) and many > 0]
    whole = sum(many for _, many in known)
    return sum(value * many for value, many in known) / whole if whole else math.nan


def share_out(money: Array, clean: Array, part: float) -> float:
    """Move ``part`` of a year's income to those of the lowest fifth who are ``clean`` (bool[n]).

    Nobody gives more than they have; money is neither made nor lost. Gives what was moved.
    """
    if part == 0.0:
        return 0.0
    wealth = money[Money.WEALTH].astype(np.float64)
    poor = ranks(wealth + 12.0 * money[Money.INCOME]) < 0.2
    helped = poor & clean
    if not helped.any():
        return 0.0
    given = np.minimum(wealth, part * 12.0 * money[Money.INCOME].astype(np.float64))
    given[helped] = 0.0
    total = float(given.sum())
    wealth -= given
    wealth[helped] += total / int(helped.sum())
    money[Money.WEALTH] = wealth
    return total
