"""Who lives in the synthetic town: hidden traits, and how often something happens to them.

Floats are fine here: this is where facts are drawn, not where they are scored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

REGIONS: Final = ("centre", "harbour", "north", "hills")
_REGION_SHARE = (0.34, 0.27, 0.23, 0.16)
_REGION_MEANS = np.array((0.35, 0.1, -0.15, -0.5))
_REGION_PRESENCE = np.array((0.25, 0.1, -0.1, -0.45))
FLOODED: Final = 3
"""The region that a flood strikes, 65 % of the way through the time drawn, for ten weeks."""


@dataclass(frozen=True, slots=True)
class Traits:
    """Hidden traits of n subjects, one array each.

    ``reliability``, ``means`` (income or turnover), ``youth`` are standard scores.
    ``exposure`` multiplies how much is recorded (0: nothing ever). ``joined`` is the day, counted
    from the first, on which records begin. Trouble lies in ``[trouble_from, trouble_to)``.
    """

    reliability: Array
    means: Array
    youth: Array
    exposure: Array
    region: Array
    joined: Array
    trouble_from: Array
    trouble_to: Array

    @property
    def size(self) -> int:
        """How many subjects."""
        return len(self.joined)


def draw_people(rng: np.random.Generator, size: int, days: int) -> Traits:
    """Traits of ``size`` people over ``days`` days: age, region and income hang together."""
    age = np.clip(rng.gamma(6.0, 7.6, size), 18, 95)
    region = rng.choice(len(REGIONS), size, p=_REGION_SHARE)
    working = 1 - ((age - 46) / 30) ** 2
    means = 0.75 * rng.standard_normal(size) + 0.35 * working + _REGION_MEANS[region]
    reliability = 0.9 * rng.standard_normal(size) + 0.22 * means + 0.012 * (age - 44)
    seen = (
        0.8 * rng.standard_normal(size)
        + 0.35 * means
        + _REGION_PRESENCE[region]
        - 0.00085 * (age - 36) ** 2
        - 0.9 * (age < 21)
    )
    hazard = np.where(means < -0.6, 0.16, 0.08)
    return Traits(
        reliability=reliability,
        means=means,
        youth=(44 - age) / 18,
        exposure=_exposure(seen, blank=0.05, thin=0.16),
        region=region,
        joined=_joined(rng, size, days, newcomers=0.26),
        **_trouble(rng, region, days, hazard),
    )


def draw_firms(rng: np.random.Generator, size: int, days: int) -> Traits:
    """Traits of ``size`` firms; ``means`` is size by turnover, ``youth`` how new the firm is."""
    region = rng.choice(len(REGIONS), size, p=_REGION_SHARE)
    years = rng.gamma(1.6, 5.0, size)
    means = 0.9 * rng.standard_normal(size) + 0.5 * _REGION_MEANS[region] + 0.25 * np.log1p(years)
    reliability = 0.95 * rng.standard_normal(size) + 0.18 * means + 0.1 * np.log1p(years)
    seen = 0.7 * rng.standard_normal(size) + 0.4 * means
    return Traits(
        reliability=reliability,
        means=means,
        youth=1.0 - np.log1p(years) / 1.6,
        exposure=_exposure(seen, blank=0.01, thin=0.06),
        region=region,
        joined=_joined(rng, size, days, newcomers=0.12),
        **_trouble(rng, region, days, np.where(reliability < -0.8, 0.2, 0.07)),
    )


def _exposure(seen: Array, *, blank: float, thin: float) -> Array:
    """How much of a subject's doings is recorded; the least seen leave nothing, or little."""
    if not len(seen):
        return seen
    centre, spread = -0.15, 1.02
    z = (seen - centre) / spread
    cuts = _normal_cut(blank), _normal_cut(blank + thin)
    full = np.exp(0.5 * np.clip(z, -2, 3.2)) * 0.95
    little = 0.05 + 0.11 * np.clip((z - cuts[0]) / (cuts[1] - cuts[0]), 0, 1)
    return np.where(z < cuts[0], 0.0, np.where(z < cuts[1], little, full))


def _normal_cut(share: float) -> float:
    """The standard normal value below which ``share`` lies (good to 0.005)."""
    t = np.sqrt(-2 * np.log(share))
    top = 2.515517 + 0.802853 * t + 0.010328 * t * t
    return float(top / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t**3) - t)


def _joined(rng: np.random.Generator, size: int, days: int, *, newcomers: float) -> Array:
    late = rng.random(size) < newcomers
    return np.where(late, (rng.random(size) * days * 0.97).astype(np.int64), 0)


def _trouble(rng: np.random.Generator, region: Array, days: int, hazard: Array) -> dict[str, Array]:
    """One spell of trouble for some, and the flood for most of a region."""
    size = len(region)
    struck = rng.random(size) < hazard
    start = (rng.random(size) * days).astype(np.int64)
    length = 30 + rng.gamma(2.0, 45.0, size).astype(np.int64)
    flooded = (region == FLOODED) & (rng.random(size) < 0.7) & ~struck
    start = np.where(flooded, int(days * 0.65), start)
    length = np.where(flooded, 70, length)
    return {
        "trouble_from": np.where(struck | flooded, start, days + 1),
        "trouble_to": np.where(struck | flooded, start + length, days + 1),
    }


# ------------------------------------------------------------------ how often

Rhythm = Literal["chance", "monthly", "quarterly", "yearly", "once"]


@dataclass(frozen=True, slots=True)
class Habit:
    """How often an event of one kind comes to a subject.

    ``chance``: ``per_year`` on average, at any time, times the subject's exposure. ``monthly``,
    ``quarterly``, ``yearly``: on a date of the subject's own, for the ``share`` that has such a
    thing at all, ``per_year`` divided by the rhythm's own number of times over. ``once``: when
    records begin. ``pulls`` are weights of traits on the logarithm of the rate;
    ``trouble`` multiplies the rate in times of trouble.
    """

    rhythm: Rhythm
    per_year: float = 1.0
    share: float = 1.0
    pulls: Mapping[str, float] | None = None
    trouble: float = 1.0


_STEP = {"monthly": 30.4375, "quarterly": 91.3125, "yearly": 365.25}


def draw_times(
    rng: np.random.Generator, habit: Habit, traits: Traits, days: int
) -> tuple[Array, Array]:
    """Subject (0-based) and day (0 .. days-1) of every event of one kind."""
    pull = np.zeros(traits.size)
    for name, weight in (habit.pulls or {}).items():
        pull += weight * getattr(traits, name)
    factor = np.exp(np.clip(pull, -4, 4))
    has = rng.random(traits.size) < np.clip(habit.share * factor**0.5, 0, 0.98)
    has &= traits.exposure > 0
    if habit.rhythm == "chance":
        return _by_chance(rng, habit, traits, days, np.where(has, factor * traits.exposure, 0.0))
    has &= rng.random(traits.size) < traits.exposure * 1.6
    if habit.rhythm == "once":
        subject = np.flatnonzero(has)
        wait = rng.exponential(40.0, len(subject)).astype(np.int64)
        return _inside(subject, traits.joined[subject] + wait, days)
    return _regular(rng, habit, traits, days, has)


def _by_chance(
    rng: np.random.Generator, habit: Habit, traits: Traits, days: int, factor: Array
) -> tuple[Array, Array]:
    span = days - traits.joined
    factor = factor * np.exp(0.7 * rng.standard_normal(traits.size) - 0.245)  # some do it a lot
    mean = factor * habit.per_year * span / 365.25
    subject = np.repeat(np.arange(traits.size), rng.poisson(mean))
    day = traits.joined[subject] + (rng.random(len(subject)) * span[subject]).astype(np.int64)
    if habit.trouble <= 1:
        return _inside(subject, day, days)
    start = np.maximum(traits.trouble_from, traits.joined)
    length = np.maximum(np.minimum(traits.trouble_to, days) - start, 0)
    more = rng.poisson(factor * habit.per_year * (habit.trouble - 1) * length / 365.25)
    extra = np.repeat(np.arange(traits.size), more)
    late = start[extra] + (rng.random(len(extra)) * length[extra]).astype(np.int64)
    return _inside(np.concatenate((subject, extra)), np.concatenate((day, late)), days)


def _regular(
    rng: np.random.Generator, habit: Habit, traits: Traits, days: int, has: Array
) -> tuple[Array, Array]:
    step = _STEP[habit.rhythm]
    times_over = max(habit.per_year * step / 365.25, 1.0)
    owners = np.flatnonzero(has)
    owners = np.repeat(owners, 1 + rng.poisson(times_over - 1, len(owners)))
    begins = traits.joined[owners] + rng.random(len(owners)) * step
    count = int(days / step) + 1
    grid = begins[:, None] + np.arange(count) * step + rng.integers(0, 3, (len(owners), count))
    kept = (grid < days) & (rng.random((len(owners), count)) < 0.98)
    row, _ = np.nonzero(kept)
    return owners[row], grid[kept].astype(np.int64)


def _inside(subject: Array, day: Array, days: int) -> tuple[Array, Array]:
    kept = (day >= 0) & (day < days)
    return (subject, day) if kept.all() else (subject[kept], day[kept])
