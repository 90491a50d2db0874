"""Which parameter moves a result: Sobol's indices, by SALib.

SALib (MIT licence; Herman and Usher 2017, doi 10.21105/joss.00097; Iwanaga, Usher and Herman 2022)
draws Saltelli's sample and works out the indices with intervals; nothing of it is done here again.
It is an extra: install ``xinyong[lab]``.

For n uncertain parameters the function is asked for ``samples`` * (n + 2) results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """One parameter's part of the variance of a result.

    ``alone`` (S1): by itself; ``total`` (ST): with everything it does together with others. Each
    with half the width of its 95 % interval. Both lie between 0 and 1, up to the sample's error.
    """

    parameter: str
    alone: float
    alone_half: float
    total: float
    total_half: float


def _salib() -> tuple[Any, Any]:
    try:
        from SALib.analyze import sobol as analyze
        from SALib.sample import sobol as sample
    except ImportError:
        raise QuestionRefused(
            "SALib is not installed",
            where="lab.sensitivity",
            why="Sobol's indices are worked out by it",
            mend="install xinyong[lab]",
        ) from None
    return sample, analyze


def _problem(bounds: Mapping[str, tuple[float, float]], samples: int) -> dict[str, Any]:
    for name, (low, high) in bounds.items():
        if not low < high:
            raise QuestionRefused(
                f"the bounds of '{name}' run from {low:g} to {high:g}",
                where="lab.sensitivity",
                mend="give the lower bound first, and two that differ",
            )
    if not bounds or samples < 2 or samples & (samples - 1):
        raise QuestionRefused(
            f"{samples} samples of {len(bounds)} parameters cannot be drawn",
            where="lab.sensitivity",
            why="Sobol's sequence is balanced at powers of two only",
            mend="give at least one parameter, and 64, 128, 256, ... samples",
        )
    return {
        "num_vars": len(bounds),
        "names": list(bounds),
        "bounds": [list(pair) for pair in bounds.values()],
    }


def points(bounds: Mapping[str, tuple[float, float]], *, samples: int, seed: int) -> Reals:
    """Saltelli's sample: float64[samples * (parameters + 2), parameters], each within its bounds.

    ``bounds``: lowest and highest value of each parameter, all values alike likely; ``samples``: a
    power of two. :raises QuestionRefused: bounds or samples are wrong, or SALib is missing.
    """
    problem = _problem(bounds, samples)
    sample, _ = _salib()
    drawn: Reals = sample.sample(problem, samples, calc_second_order=False, seed=seed)
    return drawn


def effects(
    bounds: Mapping[str, tuple[float, float]], results: Sequence[float] | Reals, *, seed: int
) -> tuple[Effect, ...]:
    """Indices from the results at :func:`points`, in their order; one for each parameter.

    ``seed`` (not below 0) draws the resamples behind the intervals. A result that does not vary at
    all has no indices: they are ``nan``.
    """
    values = np.asarray(results, np.float64)
    samples, left = divmod(len(values), len(bounds) + 2)
    if left:
        raise QuestionRefused(
            f"{len(values)} results do not fit {len(bounds)} parameters",
            where="lab.sensitivity",
            why="a sample has parameters + 2 results for each draw",
        )
    problem = _problem(bounds, samples)
    _, analyze = _salib()
    if float(np.ptp(values)) == 0.0:
        nan = float("nan")
        return tuple(Effect(name, nan, nan, nan, nan) for name in bounds)
    # SALib takes a seed of 0 for none at all
    found = analyze.analyze(problem, values, calc_second_order=False, seed=seed + 1)
    columns = (found["S1"], found["S1_conf"], found["ST"], found["ST_conf"])
    return tuple(
        Effect(name, *(float(column[place]) for column in columns))
        for place, name in enumerate(bounds)
    )


def sobol(
    function: Callable[[Mapping[str, float]], float],
    bounds: Mapping[str, tuple[float, float]],
    *,
    samples: int = 1024,
    seed: int,
) -> tuple[Effect, ...]:
    """Ask ``function`` at every point of the sample, and give the indices of each parameter."""
    drawn = points(bounds, samples=samples, seed=seed)
    results = [function(dict(zip(bounds, row.tolist(), strict=True))) for row in drawn]
    return effects(bounds, results, seed=seed)
