"""Case E: who looks only where something was found before finds more there, and looks there again.

Ensign, Friedler, Neville, Scheidegger and Venkatasubramanian 2018, "Runaway feedback loops in
predictive policing". Two districts; each draw sends an inspection to one of them in proportion to
the incidents recorded so far; an incident is recorded only where an inspection is, with that
district's own rate. With equal rates the share of the first district ends anywhere, evenly
(Polya's urn); with unequal rates it runs to one side whatever the true share. Recording an incident
only with the share of inspections that the *other* district has undoes this: the share ends at
the true one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.chance import Stream, at, fold, key
from xinyong.lab.compiling import compiled
from xinyong.lab.replications.case import Case, Figure, Found

Reals = npt.NDArray[np.float64]


@compiled("f8(f8,f8,i8,b1,i8,i8)")
def urn(first: float, second: float, draws: int, corrected: bool, visits: int, finds: int) -> float:
    """Share of the first district's records after ``draws`` inspections, from one record each.

    ``first``, ``second``: rates of incidents, 0 to 1; ``visits``, ``finds``: keys of chance.
    """
    a, b = 1.0, 1.0
    for draw in range(draws):
        share = a / (a + b)
        here = at(visits, draw) < share
        rate = first if here else second
        if corrected:
            rate *= 1.0 - share if here else share
        if at(finds, draw) < rate:
            if here:
                a += 1.0
            else:
                b += 1.0
    return a / (a + b)


def shares(first: float, second: float, urns: int, draws: int, corrected: bool, seed: int) -> Reals:
    """Shares at the end of many urns, float64[urns]; each urn has its own luck."""
    base = fold(key(seed, int(corrected), Stream.URN), round(first * 1e6) * 2_000_003
                + round(second * 1e6))  # fmt: skip
    found = np.empty(urns)
    for place in range(urns):
        luck = fold(base, place)
        found[place] = urn(first, second, draws, corrected, fold(luck, 0), fold(luck, 1))
    return found


def distance_from_even(values: Reals) -> float:
    """Greatest distance between the shares' distribution and the even one (Kolmogorov)."""
    ordered, n = np.sort(values), len(values)
    steps = np.arange(n + 1) / n
    return float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


def even_bound(n: int, level: float = 0.01) -> float:
    """The distance that ``n`` even draws exceed with chance ``level`` (Smirnov; Stephens 1970)."""
    root = math.sqrt(n)
    return math.sqrt(-math.log(level / 2.0) / 2.0) / (root + 0.12 + 0.11 / root)


def _checked(rates: tuple[float, float], urns: int, draws: int) -> None:
    if not all(0 < rate <= 1 for rate in rates) or urns < 1 or draws < 1:
        raise QuestionRefused(
            "rates lie above 0 and at most at 1, urns and draws are at least 1", where="case E"
        )


def _figures(a: float, d: float, urns: int, draws: int, seed: int, usual: bool) -> Iterator[Figure]:
    even = shares(a, a, urns, draws, False, seed)
    yield Figure(f"equal rates ({a:g}), uncorrected: distance from an even spread",
                 distance_from_even(even), 0.0, even_bound(urns),
                 "Kolmogorov-Smirnov at 1 %", basis="Polya's urn")  # fmt: skip
    yield Figure(f"equal rates ({a:g}), uncorrected: mean share", float(even.mean()), 0.5,
                 4.0 / math.sqrt(12.0 * urns), "4 standard errors",
                 basis="Polya's urn")  # fmt: skip
    away = shares(a, d, urns, draws, False, seed)
    yield Figure(f"rates {a:g} and {d:g}, uncorrected: mean share", float(away.mean()),
                 0.95 if usual else None, relation="above", rule="runs to one side")  # fmt: skip
    true = a / (a + d)
    mended = shares(a, d, urns, draws, True, seed)
    yield Figure(f"rates {a:g} and {d:g}, corrected: mean share", float(mended.mean()), true, 0.01,
                 basis="the true share")  # fmt: skip
    yield Figure(f"rates {a:g} and {d:g}, corrected: spread of the shares", float(mended.std()))


def run(
    *, a: float = 0.75, d: float = 0.25, urns: int = 200, draws: int = 20_000, seed: int = 1
) -> Found:
    """Case E. ``a``, ``d``: rates of incidents in the two districts; ``urns`` of ``draws`` each."""
    _checked((a, d), urns, draws)
    usual = (a, d, draws) == (0.75, 0.25, 20_000)
    return Found(
        tuple(_figures(a, d, urns, draws, seed, usual)),
        ("The rates .75 and .25 are ours; the result holds for any two that differ.",),
    )


CASE: Final = Case(
    "E",
    "urns",
    "Records made only where one looks run away from the truth",
    "Ensign, Friedler, Neville, Scheidegger, Venkatasubramanian 2018, Runaway feedback loops in"
    " predictive policing, FAT*",
    run,
)
