"""Fabrications laid over genuine weeks, to measure which of them are seen.

For evaluation and tests alone: nothing that judges readings imports this. Each function is given a
record, the first hour of a week in it and a generator, and gives the week's fabricated values
(int64, 168) or None where the week does not lend itself to it. What a week lacked stays lacking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from xinyong.records.sensors.instrument import DAY, WEEK
from xinyong.records.sensors.kinds import Kind
from xinyong.records.sensors.series import Series, Watched, Whole

Chance: TypeAlias = np.random.Generator
Fabrication: TypeAlias = Callable[[Watched, int, Chance], Whole | None]

OVER: Final = 12
"""Hours over the limit that a week must have for capping to mean anything."""


@dataclass(frozen=True, slots=True)
class Injection:
    """One way of fabricating: of which kind, in which words, and whether it is held to the bar."""

    kind: Kind
    name: str
    make: Fabrication
    held_to_bar: bool = False


def _week(series: Series, start: int) -> Whole:
    return series.values[start : start + WEEK].copy()


def _earlier_week(watched: Watched, start: int, chance: Chance) -> int | None:
    """The start of an earlier good week, two weeks before or more, at the same hour of the day."""
    running = np.concatenate([[0], np.cumsum(watched.own.good)])
    starts = np.arange(start % DAY, len(watched.own) - WEEK + 1, DAY)
    whole = running[starts + WEEK] - running[starts] == WEEK
    away = starts[whole & (starts <= start - 2 * WEEK)]
    return int(chance.choice(away)) if len(away) else None


def copied(hours: int) -> Fabrication:
    """The last ``hours`` of the week are those of an earlier week, value by value."""

    def make(watched: Watched, start: int, chance: Chance) -> Whole | None:
        source = _earlier_week(watched, start, chance)
        if source is None:
            return None
        week, other = _week(watched.own, start), _week(watched.own, source)
        week[WEEK - hours :] = other[WEEK - hours :]
        return week

    return make


def copied_from_neighbour(watched: Watched, start: int, chance: Chance) -> Whole | None:
    """The independent instrument's readings of the same week are sent as one's own."""
    for other in watched.beside:
        same = other.instrument.substance == watched.own.instrument.substance
        if same and other.good[start : start + WEEK].all():
            return _week(other, start)
    return None


def flat(least: int, most: int) -> Fabrication:
    """A reading is held for ``least`` to ``most`` hours somewhere in the week."""

    def make(watched: Watched, start: int, chance: Chance) -> Whole | None:
        week, hours = _week(watched.own, start), int(chance.integers(least, most + 1))
        first = int(chance.integers(0, WEEK - hours))
        if not watched.own.good[start + first]:
            return None
        week[first : first + hours] = week[first]
        return week

    return make


def capped(depth: float, left: float = 0.0) -> Fabrication:
    """Readings over the limit are written up to ``depth`` of it under it; a share is ``left``."""

    def make(watched: Watched, start: int, chance: Chance) -> Whole | None:
        instrument, week = watched.own.instrument, _week(watched.own, start)
        limit, step = instrument.limit, instrument.resolution
        if limit is None:
            return None
        over = (week > limit) & watched.own.good[start : start + WEEK]
        if np.count_nonzero(over) < OVER:
            return None
        over &= chance.random(WEEK) >= left
        under = chance.integers(0, max(1, round(depth * limit / step)), WEEK) * step
        return np.where(over, limit - under, week)

    return make


def diluted(factor: float) -> Fabrication:
    """Everything measured in the week is ``factor`` of what it was, in whole steps."""

    def make(watched: Watched, start: int, chance: Chance) -> Whole | None:
        step = watched.own.instrument.resolution
        return np.rint(_week(watched.own, start) * factor / step).astype(np.int64) * step

    return make


def typed(wobble: float, fives: float, repeats: float) -> Fabrication:
    """A person makes up a week around the level of the true one.

    A daily swing over levels that drift from day to day, a ``wobble`` (log) on each number, a share
    of ``fives`` rounded to 5 and a third of that to 10, and ``repeats`` the chance that a number
    equal to the one before is let stand.
    """

    def make(watched: Watched, start: int, chance: Chance) -> Whole | None:
        own, step = watched.own, watched.own.instrument.resolution
        true = own.values[start : start + WEEK][own.good[start : start + WEEK]] / step
        level = max(float(np.median(true)), 1.0)
        days = WEEK // DAY + 1
        levels = np.exp(chance.normal(np.log(level), 0.25, days + 1))
        hour = np.arange(WEEK)
        swing = 1 + chance.uniform(0.15, 0.5) * np.sin(
            2 * np.pi * (hour - chance.integers(0, DAY)) / DAY
        )
        curve = np.interp(hour / DAY, np.arange(days + 1), levels) * swing
        made = np.rint(curve * np.exp(chance.normal(0, wobble, WEEK))).astype(np.int64)
        draw = chance.random(WEEK)
        made = np.where((draw < fives) & (made >= 10), (made + 2) // 5 * 5, made)
        made = np.where((draw < fives / 3) & (made >= 30), (made + 5) // 10 * 10, made)
        for spot in range(1, WEEK):
            if made[spot] == made[spot - 1] and chance.random() >= repeats:
                made[spot] += chance.choice([-2, -1, 1, 2])
        return np.maximum(made, 1) * step

    return make


def retyped(fives: float) -> Fabrication:
    """An earlier week, typed anew: a share of the numbers rounded to 5."""

    def make(watched: Watched, start: int, chance: Chance) -> Whole | None:
        source = _earlier_week(watched, start, chance)
        if source is None:
            return None
        step = watched.own.instrument.resolution
        made = _week(watched.own, source) // step
        round_it = (chance.random(WEEK) < fives) & (made >= 10)
        return np.where(round_it, (made + 2) // 5 * 5, made) * step

    return make


def noisy_copy(noise: float, steps: float = 0.0) -> Fabrication:
    """An earlier week, each value times exp(noise), plus a noise of ``steps`` resolutions."""

    def make(watched: Watched, start: int, chance: Chance) -> Whole | None:
        source = _earlier_week(watched, start, chance)
        if source is None:
            return None
        step = watched.own.instrument.resolution
        week = _week(watched.own, source) / step * np.exp(chance.normal(0, noise, WEEK))
        week += chance.normal(0, 1, WEEK) * steps
        return np.maximum(np.rint(week).astype(np.int64), 1) * step

    return make


def half(make: Fabrication) -> Fabrication:
    """The same, but the first half of the week stays as it was: made up from its middle on."""

    def only_half(watched: Watched, start: int, chance: Chance) -> Whole | None:
        week = make(watched, start, chance)
        if week is not None:
            week[: WEEK // 2] = watched.own.values[start : start + WEEK // 2]
        return week

    return only_half


INJECTIONS: Final = (
    Injection(Kind.COPIED, "a whole week", copied(WEEK), True),
    Injection(Kind.COPIED, "a day", copied(DAY)),
    Injection(Kind.COPIED, "12 hours", copied(12)),
    Injection(Kind.COPIED, "the neighbour's week", copied_from_neighbour),
    Injection(Kind.FLAT, "held 24 to 72 hours", flat(24, 72), True),
    Injection(Kind.FLAT, "held 12 hours", flat(12, 12)),
    Injection(Kind.CAPPED, "up to 10 % under", capped(0.10), True),
    Injection(Kind.CAPPED, "1 in 10 left over it", capped(0.10, left=0.1)),
    Injection(Kind.CAPPED, "up to 30 % under", capped(0.30)),
    Injection(Kind.CAPPED, "half the week", half(capped(0.10))),
    Injection(Kind.DILUTED, "to a half", diluted(0.5), True),
    Injection(Kind.DILUTED, "to 70 %", diluted(0.7)),
    Injection(Kind.DILUTED, "to 35 %", diluted(0.35)),
    Injection(Kind.DILUTED, "half the week", half(diluted(0.5))),
    Injection(Kind.TYPED, "usual", typed(0.10, 0.3, 0.2), True),
    Injection(Kind.TYPED, "careless", typed(0.05, 0.5, 0.5)),
    Injection(Kind.TYPED, "careful", typed(0.20, 0.1, 0.2)),
    Injection(Kind.TYPED, "an old week, 1 in 3 rounded", retyped(0.33)),
    Injection(Kind.TYPED, "half the week", half(typed(0.10, 0.3, 0.2))),
    Injection(Kind.NOISY_COPY, "noise of 20 %", noisy_copy(0.20), True),
    Injection(Kind.NOISY_COPY, "noise of 10 %", noisy_copy(0.10)),
    Injection(Kind.NOISY_COPY, "noise of 30 %", noisy_copy(0.30)),
    Injection(Kind.NOISY_COPY, "20 % and two steps", noisy_copy(0.20, steps=2.0)),
    Injection(Kind.NOISY_COPY, "half the week", half(noisy_copy(0.20))),
)
"""All that is tried; those held to the bar stand first of their kind."""
