"""Case B: lending changes who can borrow tomorrow, so fairness today is not fairness later.

D'Amour, Srinivasan, Atwood, Baljekar, Sculley and Halpern 2020, "Fairness is not static". Two
groups, seven scores, one applicant a step. A loan that is repaid moves a little of the group's mass
one score up, a defaulted one moves it down; who is refused stays. The bank knows all chances and
either takes the one threshold with the greatest gain, or one threshold a group such that those
who would repay are approved alike in both.

With a rule that refuses below some score, mass that falls below it never comes back: loans dry up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.chance import Stream, at, fold, key
from xinyong.lab.compiling import COMPILED, compiled
from xinyong.lab.replications.case import Case, Figure, Found, within

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

REPAY: Final = (0.1, 0.2, 0.45, 0.6, 0.65, 0.7, 0.7)
FIRST: Final = (0.0, 0.1, 0.1, 0.2, 0.3, 0.3, 0.0)
SECOND: Final = (0.1, 0.1, 0.2, 0.3, 0.3, 0.0, 0.0)
GREATEST_GAIN, EQUAL_OPPORTUNITY = 0, 1
RULES: Final = ("greatest gain", "equal opportunity")
PUBLISHED_SECONDS: Final = 1300.0
"""CPU seconds of one run of the published code, as measured on a machine like ours."""

# Means (and spread of single runs) over 1000 seeds; the number read from figure 4, one run.
PUBLISHED: Final = {
    ("greatest gain", "loans", 0): (3570, 334, 3750),
    ("greatest gain", "loans", 1): (2244, 285, 2120),
    ("greatest gain", "chance of repaying at last", 0): (0.4646, 0.0088, 0.478),
    ("greatest gain", "chance of repaying at last", 1): (0.4148, 0.0070, 0.407),
    ("greatest gain", "gain a step", None): (0.1103, 0.0107, None),
    ("equal opportunity", "loans", 0): (4008, 293, 4150),
    ("equal opportunity", "loans", 1): (3170, 259, 3200),
    ("equal opportunity", "chance of repaying at last", 0): (0.4106, 0.0285, 0.433),
    ("equal opportunity", "chance of repaying at last", 1): (0.3215, 0.0272, 0.307),
}


@compiled("void(f8[:,::1],f8[::1],i8[::1],f8,f8[:,::1])")
def equal_opportunity(
    mass: Reals, repay: Reals, part: Ints, interest: float, accept: Reals
) -> None:
    """Fill ``accept`` [2, scores] with chances of approval: greatest gain at equal true positives.

    ``part`` numbers the scores by equal chance of repaying, rising. Walks both groups' approved
    shares of good people from 0 upward together, as long as one more brings the bank a gain.
    """
    scores = len(repay)
    good = np.zeros((2, scores))  # the group's share of good people, by part
    weight = np.zeros(2)
    for g in range(2):
        for s in range(scores):
            good[g, part[s]] += mass[g, s] * repay[s]
            weight[g] += mass[g, s] * repay[s]
            accept[g, s] = 0.0
    chance = np.zeros(scores)
    for s in range(scores):
        chance[part[s]] = repay[s]
    top = part[scores - 1]
    at_part = np.array([top, top])
    taken = np.zeros(2)  # of the part at hand
    while at_part[0] >= 0 and at_part[1] >= 0:
        slope, room = 0.0, 2.0
        for g in range(2):
            slope += weight[g] * (1.0 + interest - 1.0 / chance[at_part[g]])
            room = min(room, good[g, at_part[g]] / weight[g] - taken[g])
        if slope <= 0.0 and room > 0.0:
            break
        for g in range(2):
            taken[g] += room
            if taken[g] >= good[g, at_part[g]] / weight[g]:
                at_part[g] -= 1
                taken[g] = 0.0
    for g in range(2):
        for s in range(scores):
            if part[s] > at_part[g]:
                accept[g, s] = 1.0
            elif part[s] == at_part[g] and taken[g] > 0.0:
                accept[g, s] = taken[g] * weight[g] / good[g, part[s]]


@compiled("void(f8[:,::1],f8[::1],f8,f8[:,::1])")
def greatest_gain(mass: Reals, repay: Reals, interest: float, accept: Reals) -> None:
    """Fill ``accept`` [2, scores] with the one threshold that brings the greatest gain."""
    scores = len(repay)
    best, gain, threshold = 0.0, 0.0, scores
    for s in range(scores - 1, -1, -1):
        gain += (mass[0, s] + mass[1, s]) * (repay[s] * (1.0 + interest) - 1.0)
        if gain > best:
            best, threshold = gain, s
    for g in range(2):
        for s in range(scores):
            accept[g, s] = 1.0 if s >= threshold else 0.0


@compiled("void(f8[:,::1],f8[::1],i8[::1],f8,i8,i8,i8,f8[::1])")
def simulate(
    mass: Reals, repay: Reals, part: Ints, interest: float, rule: int, steps: int, luck: int,
    seen: Reals,
) -> None:  # fmt: skip
    """One run. ``mass`` [2, scores], in units of what one loan moves, is changed in place.

    ``seen`` [3]: loans to each group, and the bank's gain.
    """
    scores = len(repay)
    accept = np.zeros((2, scores))
    whole = np.zeros(2)
    for g in range(2):
        for s in range(scores):
            whole[g] += mass[g, s]
    who, which, pays, draws = fold(luck, 0), fold(luck, 1), fold(luck, 2), fold(luck, 3)
    changed = True
    for step in range(steps):
        if changed:
            if rule == EQUAL_OPPORTUNITY:
                equal_opportunity(mass, repay, part, interest, accept)
            else:
                greatest_gain(mass, repay, interest, accept)
            changed = False
        g = 0 if at(who, step) < 0.5 else 1
        left = at(which, step) * whole[g]
        s = 0
        while s < scores - 1 and left >= mass[g, s]:
            left -= mass[g, s]
            s += 1
        if not at(draws, step) < accept[g, s]:
            continue
        repaid = at(pays, step) < repay[s]
        seen[g] += 1.0
        seen[2] += interest if repaid else -1.0
        to = min(s + 1, scores - 1) if repaid else max(s - 1, 0)
        moved = min(1.0, mass[g, s])
        mass[g, s] -= moved
        mass[g, to] += moved
        changed = True


@dataclass(frozen=True, slots=True)
class Runs:
    """Figures by run: ``loans`` [runs, 2], ``repay`` [runs, 2] at last, ``gain`` a step [runs]."""

    loans: Reals
    repay: Reals
    gain: Reals
    cpu_seconds: float


def runs(
    rule: int, seeds: int, steps: int, shift: float, interest: float, seed: int,
    groups: Sequence[Sequence[float]] = (FIRST, SECOND), repay: Sequence[float] = REPAY,
) -> Runs:  # fmt: skip
    """Many runs under seeds ``seed``, ``seed`` + 1, ...; ``shift``: mass that one loan moves."""
    chances = np.array(repay, np.float64)
    if np.any(np.diff(chances) < 0) or not 0 < chances[0] <= chances[-1] < 1:
        raise QuestionRefused("chances of repaying must rise with the score", where="case B")
    part = np.append(0, np.cumsum(np.diff(chances) > 0)).astype(np.int64)
    start = np.round(np.array(groups, np.float64) / shift, 9)
    seen, last = np.zeros((seeds, 3)), np.empty((seeds, 2))
    simulate(start.copy(), chances, part, interest, rule, 1, 0, np.zeros(3))
    began = time.process_time()
    for place in range(seeds):
        mass = start.copy()
        luck = key(seed + place, rule, Stream.REPLICATION)
        simulate(mass, chances, part, interest, rule, steps, luck, seen[place])
        last[place] = mass @ chances / mass.sum(axis=1)
    spent = time.process_time() - began
    return Runs(seen[:, :2], last, seen[:, 2] / steps, spent)


def _static() -> Iterator[Figure]:
    """What the rule of greatest gain does before anything has moved, exactly."""
    mass, chances = np.array([FIRST, SECOND]), np.array(REPAY)
    accept = np.zeros((2, len(chances)))
    greatest_gain(mass, chances, 1.0, accept)
    given, good = mass * accept, mass * chances
    for g, (approval, positives) in enumerate(((0.8, 0.8898), (0.6, 0.7576))):
        name = f"greatest gain, at the start, group {g + 1}"
        yield Figure(f"{name}: acceptance", float(given[g].sum()), approval, 5e-5)
        ours = float((good[g] * accept[g]).sum() / good[g].sum())
        yield Figure(f"{name}: true positives", ours, positives, 5e-5)
    gain = float((given * (2.0 * chances - 1.0)).sum() / 2.0)
    yield Figure("greatest gain, at the start: gain a step", gain, 0.2, 5e-5)


def _figures(rule: str, found: Runs, usual: bool) -> Iterator[Figure]:
    seeds = len(found.gain)
    columns = [
        *(("loans", g, found.loans[:, g]) for g in (0, 1)),
        *(("chance of repaying at last", g, found.repay[:, g]) for g in (0, 1)),
        ("gain a step", None, found.gain),
    ]
    for what, g, values in columns:
        name = f"{rule}{'' if g is None else f', group {g + 1}'}: {what}"
        ours = float(values.mean())
        row = PUBLISHED.get((rule, what, g)) if usual else None
        if row is None:
            yield Figure(f"{name}, mean of {seeds} runs", ours)
            continue
        mean, spread, read = row
        tolerance, said = within(4, spread / math.sqrt(seeds))
        yield Figure(f"{name}, mean of {seeds} runs", ours, mean, tolerance, said)
        if seeds > 1:
            near = 3.0 / math.sqrt(2.0 * seeds) + 0.05
            yield Figure(f"{name}, spread of single runs", float(values.std(ddof=1)), spread,
                         near * spread, "3 standard errors and a twentieth",
                         basis="1,000 runs of the model")  # fmt: skip
        if read is not None:
            yield Figure(f"{name}, against figure 4", ours, read, 2.5 * spread,
                         "2.5 spreads of a single run")  # fmt: skip


def run(
    *,
    seeds: int = 1000,
    steps: int = 20_000,
    shift: float = 0.01,
    interest: float = 1.0,
    seed: int = 1,
) -> Found:
    """Case B. ``seeds`` runs of ``steps`` applicants; ``shift``: mass that one loan moves.

    ``interest``: what a repaid loan of 1 brings; ``seed``: the first seed.
    """
    if seeds < 1 or steps < 1 or not 0 < shift <= 1 or not interest > 0:
        raise QuestionRefused(
            "seeds, steps, shift and interest must be above 0, a shift at most 1", where="case B"
        )
    usual = (steps, shift, interest) == (20_000, 0.01, 1.0)
    figures = list(_static())
    spent = 0.0
    for rule, name in enumerate(RULES):
        found = runs(rule, seeds, steps, shift, interest, seed)
        figures += _figures(name, found, usual)
        spent += found.cpu_seconds
    each = spent / (2 * seeds)
    cheaper = PUBLISHED_SECONDS / max(each, 1e-9)
    bar = 10_000.0 if usual and COMPILED and seeds >= 10 else None
    figures.append(
        Figure(
            "times cheaper than the published code, a run",
            cheaper,
            bar,
            relation="above",
            rule="1,300 CPU s a run over ours",
            basis="our own bar",
        )
    )
    return Found(tuple(figures), (f"One run took {each:.2g} CPU s here, 1,300 there.",))


CASE: Final = Case(
    "B",
    "lending-gym",
    "Equal opportunity at each step need not help over time",
    "D'Amour, Srinivasan, Atwood, Baljekar, Sculley, Halpern 2020, Fairness is not static, FAT*,"
    " figure 4; ml-fairness-gym",
    run,
)
