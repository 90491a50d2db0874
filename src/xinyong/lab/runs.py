"""One run: a scenario, a scheme, a seed. Its id, its result, and the folder of finished ones.

A run's id is the SHA-256 of everything its result depends on. Its result is one Parquet file of
that name, written whole or not at all; whoever finds the file need not run it again.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xinyong.errors import QuestionRefused, XinyongError
from xinyong.lab.casting import ByHand
from xinyong.lab.cities import CitySchemes
from xinyong.lab.executors import ticking
from xinyong.lab.scenario import CITY_SCHEMES, NO_SCHEME, Scenario
from xinyong.scheme import library
from xinyong.scheme.model import Scheme

MODEL: Final = "xinyong.lab.society"
"""The module whose ``simulate(scenario, scheme, seed, progress)`` is the society."""

SCHEMA: Final = pa.schema(
    [
        ("scheme", pa.string()),
        ("seed", pa.int64()),
        ("year", pa.int16()),
        ("measure", pa.string()),
        ("group", pa.string()),
        ("value", pa.float64()),
    ]
)
"""Columns of a result: one value for each scheme, seed, year (1, 2, ...), measure and group."""

Months = Callable[[int, int], None]
"""Told the months done and the months in all."""

_WORDS_ONLY: Final = frozenset(
    {
        "candidates",
        "frontier",
        "moving",
        "odd",
        "report",
        "report_cities",
        "report_figures",
        "report_search",
        "report_sweep",
        "report_words",
        "search",
        "search_runs",
        "sensitivity",
    }
)
"""Files of the lab that no result depends on."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A scheme by the name it has in a scenario; ``scheme`` is None for ``no-scheme``.

    Under ``city-schemes`` it is what each city runs.
    """

    name: str
    scheme: Scheme | ByHand | CitySchemes | None
    digest: str


def choice(name: str | Scheme, scenario: Scenario | None = None) -> Choice:
    """The scheme of that name or path, ``no-scheme``, or ``city-schemes`` of that scenario.

    Raises SchemeNotFound, or SchemeRefused with every error and its place; QuestionRefused for
    ``city-schemes`` where there are no cities.
    """
    if isinstance(name, Scheme):
        return Choice(name.scheme, name, name.digest)
    if name == NO_SCHEME:
        return Choice(name, None, hashlib.sha256(NO_SCHEME.encode()).hexdigest())
    if name == CITY_SCHEMES:
        return _of_cities(scenario)
    scheme = ByHand.of(library.load(name), library.locate(name).parent)
    return Choice(name, scheme, scheme.digest)


def _of_cities(scenario: Scenario | None) -> Choice:
    if scenario is None or not scenario.cities:
        raise QuestionRefused(
            f"'{CITY_SCHEMES}' needs a scenario with cities",
            where="schemes",
            why="it stands for what each city of a scenario runs",
            mend="write cities: in the scenario, with a scheme for each",
        )
    each = [choice(city.scheme) for city in scenario.cities]
    schemes = tuple(one.scheme for one in each if not isinstance(one.scheme, CitySchemes))
    whole = "\n".join([CITY_SCHEMES, *(one.digest for one in each)])
    return Choice(CITY_SCHEMES, CitySchemes(schemes), hashlib.sha256(whole.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be run. ``model`` is the module of the society."""

    scenario: Scenario
    choice: Choice
    seed: int
    model: str = MODEL

    @property
    def id(self) -> str:
        """Name of the run: 64 hexadecimal digits."""
        parts = (
            self.choice.digest.encode(),
            self.scenario.world,
            str(self.seed).encode(),
            code_digest(self.model).encode(),
        )
        whole = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hashlib.sha256(whole).hexdigest()


@dataclass(frozen=True, slots=True)
class RunResult:
    """The measures of one run (:data:`SCHEMA`), in a fixed order of rows, and its seconds."""

    id: str
    table: pa.Table
    seconds: float


def work(run: Run, progress: Months | None = None) -> RunResult:
    """Work out one run.

    Raises XinyongError where the society gives two values for one thing, and what it raises.
    """
    begun = time.perf_counter()
    counted = ticking()

    def tell(done: int, whole: int) -> None:
        counted(done, whole)
        if progress is not None:
            progress(done, whole)

    table = _model(run.model).simulate(run.scenario, run.choice.scheme, run.seed, tell)
    return RunResult(run.id, shaped(table, run), time.perf_counter() - begun)


def _model(name: str) -> ModuleType:
    return importlib.import_module(name)


def shaped(table: pa.Table, run: Run) -> pa.Table:
    """A society's table with the run's own names, its columns and rows in a fixed order."""
    rows = table.num_rows
    columns = {
        "scheme": pa.array([run.choice.name] * rows, pa.string()),
        "seed": pa.array([run.seed] * rows, pa.int64()),
        **{name: table[name] for name in ("year", "measure", "group", "value")},
    }
    made = pa.table(columns).cast(SCHEMA)
    made = made.sort_by([("year", "ascending"), ("measure", "ascending"), ("group", "ascending")])
    keys = made.group_by(["year", "measure", "group"]).aggregate([])
    if keys.num_rows != rows:
        raise XinyongError(
            f"the society {run.model} gives {rows - keys.num_rows} values twice",
            where=run.choice.name,
            why="a year, a measure and a group have one value",
            mend="please report it",
        )
    return made.combine_chunks()


@cache
def code_digest(model: str = MODEL) -> str:
    """SHA-256 of the code a result depends on: lab, engine, scheme, and the libraries' versions."""
    import numpy as np

    home = Path(__file__).parent.parent
    files = [
        path
        for room in ("engine", "scheme", "records", "lab")
        for path in sorted((home / room).glob("*.py"))
        if room != "lab" or path.stem not in _WORDS_ONLY
    ]
    files += [home / "days.py", home / "terms.py"]
    other = inspect.getsourcefile(_model(model)) if model != MODEL else None
    files += [Path(other)] if other else []
    digest = hashlib.sha256(f"{np.__version__} {pa.__version__}".encode())
    for path in files:
        digest.update(path.stem.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Shelf:
    """The finished runs in a folder: ``runs/ID.parquet``, each whole."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder) / "runs"

    def path(self, run: Run) -> Path:
        """Where the result of a run stands, or will."""
        return self.folder / f"{run.id}.parquet"

    def has(self, run: Run) -> bool:
        """Whether it is finished."""
        return self.path(run).is_file()

    def put(self, run: Run, table: pa.Table) -> None:
        """Write a result: under another name first, so that only whole files have its name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path(run)
        half = path.with_name(f".{path.stem}.{os.getpid()}.part")
        try:
            pq.write_table(table, half, compression="zstd")
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)

    def get(self, run: Run) -> pa.Table:
        """The result of a finished run, under the names it has in this experiment."""
        table = pq.read_table(self.path(run), schema=SCHEMA)
        name = pa.array([run.choice.name] * table.num_rows, pa.string())
        return table.set_column(0, "scheme", name)


def groups_of(table: pa.Table, measure: str) -> list[str]:
    """Names of the groups a measure is told for."""
    rows = table.filter(pc.equal(table["measure"], measure))
    return sorted(set(rows["group"].to_pylist()))
