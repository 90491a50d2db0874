"""Which settings of the town move a result: a scenario asked at the points of Sobol's sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.catalogue import measure as known_measure
from xinyong.lab.differences import grid
from xinyong.lab.experiment import Told, carry_out, plan
from xinyong.lab.mechanisms import places
from xinyong.lab.runs import MODEL
from xinyong.lab.scenario import Scenario
from xinyong.lab.sensitivity import Effect, effects, points

SAMPLES: Final = 16
"""Draws of the sample by default; runs are samples * (settings + 2) * schemes * seeds."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a measure and group in the last year, of a scheme less another.

    ``against`` None asks for the measure itself. ``bounds`` are by path of a setting
    (``dating.weight``).
    """

    measure: str
    scheme: str
    bounds: Mapping[str, tuple[float, float]]
    against: str | None = None
    group: str = "all"


def whole_range(paths: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Bounds of settings as the table of mechanisms has them.

    Raises QuestionRefused for a path that is no setting; names the nearest.
    """
    from xinyong.scheme.complaints import did_you_mean

    known = places()
    found = {}
    for path in paths:
        if path not in known:
            raise QuestionRefused(
                f"'{path[:60]}' is no setting",
                where="setting",
                why="a setting is written as mechanism.name or society.name",
                mend=did_you_mean(path, known),
            )
        setting = known[path].setting
        found[path] = (setting.least, setting.most)
    return found


def ask(
    scenario: Scenario,
    question: Question,
    *,
    samples: int = SAMPLES,
    seed: int = 1,
    executor: str = "processes",
    workers: int | None = None,
    address: str | None = None,
    progress: Told | None = None,
    model: str = MODEL,
) -> tuple[Effect, ...]:
    """Sobol's indices of the settings in ``question.bounds``, means over the scenario's seeds.

    ``executor``, ``workers`` and ``address`` say where runs are made, as for ``compare``; the
    result is the same anywhere.

    Raises QuestionRefused for a measure that no run gives, or where SALib is missing.
    """
    known_measure(question.measure)
    whole_range(tuple(question.bounds))
    drawn = points(question.bounds, samples=samples, seed=seed)
    schemes = [question.scheme, *([question.against] if question.against else [])]
    base = scenario.model_copy(update={"schemes": tuple(schemes), "against": None})
    scenarios = [_at(base, question, row) for row in drawn]
    tables = carry_out(
        plan(scenarios, out=None, model=model),
        executor_name=executor,
        workers=workers,
        address=address,
        progress=progress,
    )
    size = len(schemes) * len(base.seed_list)
    results = [
        _result(tables[at * size : (at + 1) * size], question) for at in range(len(scenarios))
    ]
    return effects(question.bounds, results, seed=seed)


def _at(scenario: Scenario, question: Question, row: npt.NDArray[np.float64]) -> Scenario:
    for path, value in zip(question.bounds, row.tolist(), strict=True):
        scenario = scenario.having(path, value)
    return scenario


def _result(tables: list[object], question: Question) -> float:
    import pyarrow as pa

    whole = grid(pa.concat_tables(tables))
    year = max(key[0] for key in whole.keys)
    key = (year, question.measure, question.group)
    if key not in whole.keys:
        raise QuestionRefused(
            f"no run gives '{question.measure}' for '{question.group}'",
            where="lab.moving",
            why="sensitivity is worked out for one figure of the last year",
            mend="choose another measure or group; 'xinyong lab measures' names all",
        )
    at = whole.keys.index(key)
    value = whole.of(question.scheme)[at].mean()
    if question.against is not None:
        value = value - whole.of(question.against)[at].mean()
    return float(value)
