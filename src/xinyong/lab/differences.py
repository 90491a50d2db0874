"""Results of many runs as one table: means over seeds, and paired differences between schemes.

The same figures as :func:`xinyong.lab.intervals.paired` gives one by one, for all rows at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.errors import QuestionRefused
from xinyong.lab.intervals import LEVEL, t_bound

Reals = npt.NDArray[np.float64]
Key = tuple[int, str, str]
"""Year, measure, group."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Results as an array: ``values[scheme, key, seed]``, ``nan`` where a run has no such row."""

    schemes: tuple[str, ...]
    keys: tuple[Key, ...]
    seeds: tuple[int, ...]
    values: Reals

    def of(self, scheme: str) -> Reals:
        """The values of one scheme, float64[keys, seeds].

        Raises QuestionRefused where no run has that scheme.
        """
        if scheme not in self.schemes:
            raise QuestionRefused(
                f"no run of '{scheme}' is here",
                where="lab.differences",
                why="a difference needs the runs of both schemes",
                mend=f"there are: {', '.join(self.schemes)}",
            )
        found: Reals = self.values[self.schemes.index(scheme)]
        return found


def grid(table: pa.Table, schemes: Sequence[str] | None = None) -> Grid:
    """A table of results (:data:`xinyong.lab.runs.SCHEMA`) as an array.

    Schemes are in the order given, or that of their first row; years, measures and groups sorted.
    """
    columns: dict[str, list[Any]] = {
        name: table[name].to_pylist() for name in ("scheme", "seed", "year", "measure", "group")
    }
    order = tuple(schemes if schemes is not None else dict.fromkeys(columns["scheme"]))
    keys = tuple(
        sorted(set(zip(columns["year"], columns["measure"], columns["group"], strict=True)))
    )
    seeds = tuple(sorted(set(columns["seed"])))
    at_scheme = {name: index for index, name in enumerate(order)}
    at_key = {key: index for index, key in enumerate(keys)}
    at_seed = {seed: index for index, seed in enumerate(seeds)}
    values = np.full((len(order), len(keys), len(seeds)), np.nan)
    rows = zip(columns["year"], columns["measure"], columns["group"], strict=True)
    places = (
        [at_scheme.get(name, -1) for name in columns["scheme"]],
        [at_key[key] for key in rows],
        [at_seed[seed] for seed in columns["seed"]],
    )
    asked = np.asarray(places[0]) >= 0
    one, two, three = (np.asarray(place, np.int64)[asked] for place in places)
    values[one, two, three] = table["value"].to_numpy()[asked]
    return Grid(order, keys, seeds, values)


def interval(values: Reals, level: float = LEVEL) -> tuple[Reals, Reals, Reals]:
    """Mean, low and high over the last axis (Student's t); endless with one seed.

    Equal values have an interval of no width. A value that is not a number makes all three one.
    """
    count = values.shape[-1]
    mean: Reals = values.mean(axis=-1)
    same = (values == values[..., :1]).all(axis=-1)
    mean = np.where(same, values[..., 0], mean)
    if count == 1:
        endless = np.where(np.isnan(mean), np.nan, np.inf)
        return mean, -endless, endless
    half = t_bound(count - 1, level) * values.std(axis=-1, ddof=1) / np.sqrt(count)
    half = np.where(same, 0.0, half)
    return mean, mean - half, mean + half


def levels(table: pa.Table, schemes: Sequence[str] | None = None) -> pa.Table:
    """Means over seeds: scheme, year, measure, group, mean, low, high, seeds."""
    whole = grid(table, schemes)
    parts = [_rows(whole, name, whole.of(name), {}) for name in whole.schemes]
    return pa.concat_tables(parts)


def differences(table: pa.Table, against: str, schemes: Sequence[str] | None = None) -> pa.Table:
    """Each scheme less ``against`` under equal luck, seed by seed.

    Columns: scheme, year, measure, group, mean, low, high, seeds, ranked, against. ``ranked`` is
    whether the interval leaves 0 out. Raises QuestionRefused where ``against`` has no runs.
    """
    whole = grid(table, schemes)
    base = whole.of(against)
    parts = []
    for name in whole.schemes:
        if name == against:
            continue
        parts.append(_rows(whole, name, whole.of(name) - base, {"against": against}))
    if not parts:
        raise QuestionRefused(
            f"'{against}' alone has nothing to be compared with",
            where="lab.differences",
            why="a difference is between two schemes",
            mend="run another scheme as well",
        )
    return pa.concat_tables(parts)


def _rows(whole: Grid, scheme: str, values: Reals, more: dict[str, str]) -> pa.Table:
    mean, low, high = interval(values)
    rows = len(whole.keys)
    columns: dict[str, Any] = {
        "scheme": pa.array([scheme] * rows, pa.string()),
        "year": pa.array([key[0] for key in whole.keys], pa.int16()),
        "measure": pa.array([key[1] for key in whole.keys], pa.string()),
        "group": pa.array([key[2] for key in whole.keys], pa.string()),
        "mean": pa.array(mean),
        "low": pa.array(low),
        "high": pa.array(high),
        "seeds": pa.array([len(whole.seeds)] * rows, pa.int32()),
    }
    if more:
        columns["ranked"] = pa.array((low > 0) | (high < 0))
        columns |= {name: pa.array([text] * rows, pa.string()) for name, text in more.items()}
    return pa.table(columns)
