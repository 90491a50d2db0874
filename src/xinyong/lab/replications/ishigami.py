"""Case H: the sensitivity of a function whose indices are known (Ishigami and Homma 1990).

f = sin x1 + a sin^2 x2 + b x3^4 sin x1, each x even on (-pi, pi). It pins our use of SALib.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from xinyong.lab import sensitivity
from xinyong.lab.replications.case import Case, Figure, Found

BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    name: (-math.pi, math.pi) for name in ("x1", "x2", "x3")
}


def exact(a: float, b: float) -> dict[str, tuple[float, float]]:
    """(S1, ST) of each variable, in closed form (Sobol and Levitan 1999)."""
    first = 0.5 * (1.0 + b * math.pi**4 / 5.0) ** 2
    second = a * a / 8.0
    both = b * b * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = first + second + both
    return {
        "x1": (first / whole, (first + both) / whole),
        "x2": (second / whole, second / whole),
        "x3": (0.0, both / whole),
    }


def run(*, a: float = 7.0, b: float = 0.1, samples: int = 4096, seed: int = 1) -> Found:
    """Case H. ``a``, ``b``: the function's parameters; ``samples``: a power of two."""
    if importlib.util.find_spec("SALib") is None:
        return Found((), not_run="SALib is not installed; install xinyong[lab]")
    x = sensitivity.points(BOUNDS, samples=samples, seed=seed).T
    results = np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0])
    known, figures = exact(a, b), []
    for effect in sensitivity.effects(BOUNDS, results, seed=seed):
        alone, total = known[effect.parameter]
        figures += [
            Figure(f"{effect.parameter}: S1", effect.alone, alone, 0.02, basis="closed form"),
            Figure(f"{effect.parameter}: ST", effect.total, total, 0.02, basis="closed form"),
        ]
    return Found(tuple(figures))


CASE: Final = Case(
    "H",
    "ishigami",
    "Which of three variables moves a function, where the answer is known",
    "Ishigami and Homma 1990; Sobol and Levitan 1999; SALib",
    run,
)
