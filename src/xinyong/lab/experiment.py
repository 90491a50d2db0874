"""Many runs: schemes times seeds times settings, resumed where they were left, and compared.

>>> from xinyong import lab
>>> scenario = lab.default("rongcheng", "no-scheme", people=10_000, years=10, seeds=20)
>>> found = lab.compare(scenario, out="out/lab")        # doctest: +SKIP
>>> found.differences().column_names[:4]                # doctest: +SKIP
['scheme', 'year', 'measure', 'group']
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Final

import pyarrow as pa

from xinyong.lab import differences as over_seeds
from xinyong.lab.executors import Place, Serial, executor
from xinyong.lab.runs import MODEL, Choice, Months, Run, RunResult, Shelf, choice, work
from xinyong.lab.scenario import CITY_SCHEMES, City, Scenario
from xinyong.lab.scenario_reading import load
from xinyong.scheme.model import Scheme

BYTES_PER_AGENT: Final = 500
"""State of one person or firm and what a month needs in passing, at most.

Measured with 400,000 people: 184 under ``rongcheng``, 455 under ``sesame-linked``.
"""
BYTES_PER_WORKER: Final = 700_000_000
"""Python, Arrow and the code of one process while it is compiled; later it is half of that.

Measured: 565 million at the first run, 330 million once the compiled code was kept.
"""

Told = Callable[[int, int], None]
"""Told the months done and the months in all, of the runs that were not finished before."""


def run(
    scenario: Scenario | str | os.PathLike[str],
    scheme: Scheme | str,
    seed: int,
    progress: Months | None = None,
    *,
    model: str = MODEL,
) -> RunResult:
    """One society under one scheme with one seed, in this process.

    ``scenario`` is one, its name or its path; ``scheme`` likewise, or ``no-scheme``. ``progress``
    is told months done and months in all. Raises ScenarioRefused, SchemeRefused, SchemeNotFound.
    """
    one = load(scenario)
    return work(Run(one, choice(scheme, one), seed, model), progress)


def memory(scenario: Scenario, workers: int) -> int:
    """Bytes that the runs need at most, in all processes that work."""
    agents = scenario.people + scenario.firms
    return workers * (agents * BYTES_PER_AGENT + BYTES_PER_WORKER)


@dataclass(frozen=True, slots=True)
class Plan:
    """Runs that were asked for, in order, and those of them that are not finished yet."""

    runs: tuple[Run, ...]
    missing: tuple[Run, ...]
    shelf: Shelf | None

    @property
    def finished(self) -> int:
        """Runs found in the folder, which are not worked out again."""
        return len(self.runs) - len(self.missing)


def plan(
    scenarios: Sequence[Scenario], *, out: str | os.PathLike[str] | None, model: str = MODEL
) -> Plan:
    """The runs of scenarios: their schemes times their seeds, less those finished in ``out``."""
    known: dict[tuple[str, tuple[City, ...]], Choice] = {}
    runs = []
    for scenario in scenarios:
        for name in scenario.schemes:
            asked = name, scenario.cities if name == CITY_SCHEMES else ()
            if asked not in known:
                known[asked] = choice(name, scenario)
            runs += [Run(scenario, known[asked], seed, model) for seed in scenario.seed_list]
    shelf = None if out is None else Shelf(out)
    once = {run.id: run for run in runs}
    missing = [run for run in once.values() if shelf is None or not shelf.has(run)]
    return Plan(tuple(runs), tuple(missing), shelf)


def carry_out(
    asked: Plan,
    *,
    executor_name: str = "processes",
    workers: int | None = None,
    address: str | None = None,
    progress: Told | None = None,
) -> list[pa.Table]:
    """Work out what is missing and give the result of every run, in the order of the plan.

    A result is written as soon as it is there, whole; an interruption leaves whole files only. The
    tables do not depend on where, how many at once, or in which order the runs were worked out.
    """
    found: dict[str, pa.Table] = {}

    def keep(run: Run, table: pa.Table) -> None:
        if asked.shelf is not None:
            asked.shelf.put(run, table)
        else:
            found[run.id] = table

    if asked.missing:
        with executor(executor_name, workers=workers, address=address) as place:
            _all(place, asked.missing, keep, progress)
    tables = []
    for each in asked.runs:
        if asked.shelf is not None:
            tables.append(asked.shelf.get(each))
        else:
            table = found[each.id]
            name = pa.array([each.choice.name] * table.num_rows, pa.string())
            tables.append(table.set_column(0, "scheme", name))
    return tables


def _all(
    place: Place, runs: Sequence[Run], keep: Callable[[Run, pa.Table], None], progress: Told | None
) -> None:
    """Work out runs, a few in hand at a time, and keep each when it is done."""
    whole = sum(run.scenario.months for run in runs)
    done = 0

    def tell(months: int) -> None:
        if progress is not None:
            progress(min(months, whole), whole)

    def here(months: int, _whole: int) -> None:
        tell(done + months)

    waiting = list(reversed(runs))
    serial = isinstance(place.pool, Serial)
    more = (here,) if serial else ()
    flying: dict[Future[RunResult], Run] = {}
    tell(0)
    while waiting or flying:
        while waiting and len(flying) < place.workers + (0 if serial else 1):
            run = waiting.pop()
            flying[place.pool.submit(work, run, *more)] = run
        ready, _ = wait(flying, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in ready:
            run = flying.pop(future)
            keep(run, future.result().table)
            done += run.scenario.months
        tell(max(done, place.months() or 0))


@dataclass(frozen=True)
class Comparison:
    """Schemes compared under equal luck: the scenario and the results of all runs."""

    scenario: Scenario
    table: pa.Table

    def differences(self, against: str | None = None) -> pa.Table:
        """Paired differences over seeds, against the baseline of the scenario by default."""
        base = self.scenario.baseline if against is None else against
        return over_seeds.differences(self.table, base, self.scenario.schemes)

    @cached_property
    def levels(self) -> pa.Table:
        """Means over seeds with their intervals, for each scheme."""
        return over_seeds.levels(self.table, self.scenario.schemes)


def compare(
    scenario: Scenario | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    executor: str = "processes",
    workers: int | None = None,
    address: str | None = None,
    progress: Told | None = None,
    model: str = MODEL,
) -> Comparison:
    """Run every scheme of a scenario with every seed.

    Each seed is the same luck for all schemes. ``out`` keeps finished runs, so that they are never
    repeated. Raises ScenarioRefused, SchemeRefused, SchemeNotFound, QuestionRefused.
    """
    one = load(scenario)
    asked = plan([one], out=out, model=model)
    tables = carry_out(
        asked, executor_name=executor, workers=workers, address=address, progress=progress
    )
    return Comparison(one, pa.concat_tables(tables))


@dataclass(frozen=True)
class Swept:
    """A comparison at each point of one or two settings."""

    settings: tuple[str, ...]
    points: tuple[tuple[tuple[float, ...], Comparison], ...]

    @property
    def table(self) -> pa.Table:
        """All results, with a column for each setting in front."""
        return pa.concat_tables([_with(self.settings, v, c.table) for v, c in self.points])

    def differences(self, against: str | None = None) -> pa.Table:
        """Paired differences at each point, with a column for each setting in front."""
        return pa.concat_tables(
            [_with(self.settings, v, c.differences(against)) for v, c in self.points]
        )


def _with(names: Sequence[str], values: Sequence[float], table: pa.Table) -> pa.Table:
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        column = pa.array([value] * table.num_rows, pa.float64())
        table = table.add_column(at, name, column)
    return table


def sweep(
    scenario: Scenario | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    executor: str = "processes",
    workers: int | None = None,
    address: str | None = None,
    progress: Told | None = None,
    model: str = MODEL,
) -> Swept:
    """Run a scenario at every value of its one or two ``sweeps``.

    Raises what :func:`compare` raises; a scenario without sweeps has one point.
    """
    one = load(scenario)
    at = points(one)
    scenarios = [each for _, each in at]
    asked = plan(scenarios, out=out, model=model)
    tables = carry_out(
        asked, executor_name=executor, workers=workers, address=address, progress=progress
    )
    count = len(one.schemes) * len(one.seed_list)
    found = [
        (point, Comparison(each, pa.concat_tables(tables[n * count : (n + 1) * count])))
        for n, (point, each) in enumerate(at)
    ]
    return Swept(tuple(each.setting for each in one.sweeps), tuple(found))


def points(scenario: Scenario) -> list[tuple[tuple[float, ...], Scenario]]:
    """Every point of a scenario's sweeps, with the scenario that has these values."""
    settings = tuple(each.setting for each in scenario.sweeps)
    values = product(*(tuple(map(float, each.values)) for each in scenario.sweeps))
    return [(point, _at(scenario, settings, point)) for point in values]


def _at(scenario: Scenario, settings: Sequence[str], point: Sequence[float]) -> Scenario:
    for path, value in zip(settings, point, strict=True):
        scenario = scenario.having(path, value)
    return scenario
