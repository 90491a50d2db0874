"""Case F: the exchange of wealth, in both regimes, against the distributions that are known.

The mechanism and the derivation stand in :mod:`xinyong.lab.exchange`; inequality is measured by
:mod:`xinyong.lab.measures`. The other figures pin the measure of inequality itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from xinyong.errors import QuestionRefused
from xinyong.lab import chance, measures
from xinyong.lab.exchange import Regime, exchange
from xinyong.lab.replications.case import Case, Figure, Found

KNOWN: Final = {
    Regime.SYNCHRONOUS: (math.sqrt(2.0) - 1.0, 0.579929),
    Regime.SEQUENTIAL: (0.5, 2.0 / 3.0),
}
"""Share who own nothing and Gini index, for one unit a head."""


def _exchange(regime: Regime, people: int, rounds: int, seed: int, usual: bool) -> Iterator[Figure]:
    wealth = exchange(people, rounds, seed, regime)
    nothing, index = KNOWN[regime]
    rule = "tabulated for 1 M people" if people >= 1_000_000 else "the same, grown with 1/root(n)"
    tolerance = 0.002 * max(1.0, math.sqrt(1_000_000 / people))
    for what, ours, known in (
        ("share who own nothing", measures.share(wealth == 0), nothing),
        ("Gini index", measures.gini(wealth), index),
    ):
        yield Figure(f"{regime}: {what}", ours, known if usual else None, tolerance, rule)
    yield Figure(f"{regime}: money made or lost", float(wealth.sum() - people), 0.0, 0.0)


def _indices(people: int, seed: int) -> Iterator[Figure]:
    base = chance.key(seed, 0, chance.Stream.SAMPLE)
    everyone = chance.everyone(people)
    tolerance = 0.002 * max(1.0, math.sqrt(1_000_000 / people))
    drawn = (
        ("lognormal, sigma 1", np.exp(chance.normals(chance.fold(base, 0), everyone)),
         math.erf(0.5)),
        ("exponential", chance.exponentials(chance.fold(base, 1), everyone), 0.5),
        ("even on (0, 1)", chance.ats(chance.fold(base, 2), everyone), 1.0 / 3.0),
    )  # fmt: skip
    for name, values, known in drawn:
        yield Figure(f"Gini index of {people:,} draws, {name}", measures.gini(values), known,
                     tolerance, basis="closed form")  # fmt: skip


def run(*, people: int = 1_000_000, rounds: int = 60, seed: int = 1) -> Found:
    """Case F. ``people`` start with one unit each and exchange for ``rounds`` rounds."""
    if people < 1000 or rounds < 1:
        raise QuestionRefused("at least 1,000 people and one round are needed", where="case F")
    usual = rounds >= 40
    figures = [
        figure
        for regime in (Regime.SYNCHRONOUS, Regime.SEQUENTIAL)
        for figure in _exchange(regime, people, rounds, seed, usual)
    ]
    return Found((*figures, *_indices(people, seed)))


CASE: Final = Case(
    "F",
    "wealth",
    "Who acts when decides how unequal the same rule ends",
    "Dragulescu and Yakovenko 2000, Statistical mechanics of money, in whole units; the"
    " synchronous regime is a queue with one service a round",
    run,
)
