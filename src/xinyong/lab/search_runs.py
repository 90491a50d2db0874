"""Runs of a search: each scheme and seed once, no more than there is a budget for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa

from xinyong.errors import QuestionRefused
from xinyong.lab.candidates import Candidate
from xinyong.lab.executors import ticking
from xinyong.lab.frontier import Wanted
from xinyong.lab.scenario import Scenario
from xinyong.scheme.model import Scheme

TRIES: Final = 64
"""Candidates' worth of runs where a scenario does not say."""

Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
Row = tuple[float, ...]
Told = Callable[[int, int], None]


class Simulate(Protocol):
    """What runs one society: :func:`xinyong.lab.society.simulate`, or a stand-in."""

    def __call__(
        self, scenario: Scenario, scheme: Scheme, seed: int, progress: Told | None = None
    ) -> pa.Table: ...


def most_runs(scenario: Scenario, seeds: int | None = None) -> int:
    """The runs that a scenario's search makes at most, one for each scheme and seed."""
    tries = TRIES if scenario.search is None else scenario.search.tries
    return tries * (len(scenario.seed_list) if seeds is None else seeds)


def last_year(table: pa.Table, measure: str, group: str) -> float:
    """A measure of a group in the last year of a run; ``nan`` where the run has no such figure.

    Raises QuestionRefused where no year of the run has the measure.
    """
    columns = (table.column(name).to_pylist() for name in ("year", "measure", "group", "value"))
    rows = list(zip(*columns, strict=True))
    if not any(name == measure for _, name, _, _ in rows):
        raise QuestionRefused(
            f"no run gives the measure '{measure}'",
            where="search",
            mend=f"the runs give: {', '.join(sorted({name for _, name, _, _ in rows}))}",
        )
    year = max(year for year, _, _, _ in rows)
    found = [value for when, m, g, value in rows if (when, m, g) == (year, measure, group)]
    return float(found[0]) if found else math.nan


def _work(
    simulate: Simulate, scenario: Scenario, columns: Sequence[tuple[str, str]], job: Any
) -> Row:
    scheme, seed = job
    table = simulate(scenario, scheme, seed, ticking())
    return tuple(last_year(table, measure, group) for measure, group in columns)


@dataclass
class Runs:
    """All runs so far, each scheme and seed once; ``budget`` is what may still be added."""

    scenario: Scenario
    simulate: Simulate
    wanted: Wanted
    budget: int
    spread: Spread
    known: dict[tuple[str, int], Row] = field(default_factory=dict)

    def cost(self, candidates: Iterable[Candidate], seeds: Sequence[int]) -> int:
        """How many runs are still to be made for these."""
        return len(self._missing(candidates, seeds))

    def make(self, candidates: Iterable[Candidate], seeds: Sequence[int]) -> None:
        """Run what is missing."""
        missing = self._missing(candidates, seeds)
        work = partial(_work, self.simulate, self.scenario, self.wanted.columns)
        jobs = [(one.scheme, seed) for one, seed in missing.values()]
        for key, row in zip(missing, self.spread(work, jobs), strict=True):
            self.known[key] = row

    def rows(self, candidate: Candidate, seeds: Sequence[int]) -> np.ndarray[Any, Any]:
        """Figures of a candidate, a row a seed."""
        return np.array([self.known[candidate.scheme.digest, seed] for seed in seeds])

    def _missing(
        self, candidates: Iterable[Candidate], seeds: Sequence[int]
    ) -> dict[tuple[str, int], tuple[Candidate, int]]:
        return {
            (one.scheme.digest, seed): (one, seed)
            for one in candidates
            for seed in seeds
            if (one.scheme.digest, seed) not in self.known
        }

    @property
    def left(self) -> int:
        """Runs that may still be made."""
        return self.budget - len(self.known)
