"""Case A: a loan that is not repaid lowers a score, so lending too freely harms whom it means well.

Liu, Dean, Rolf, Simchowitz and Hardt 2018, "Delayed impact of fair machine learning". Tables: FICO
TransRisk scores and repayment by race, of the Federal Reserve's report of 2007 to Congress (three
CSV files, looked for as the folder ``fico_cdf``; not part of this package).

A bank lends by a threshold on the score, one for each group: as profit says, with equal acceptance,
or with equal acceptance of those who would repay. A repaid loan raises the score, a defaulted one
lowers it, both held within the range of scores. What happens to the mean score of each group?
The score is also a scheme (``bureau.yaml``), and the engine is asked about the same people.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab import course, measures
from xinyong.lab.chance import Stream, ats, everyone, fold, key
from xinyong.lab.replications import bureau
from xinyong.lab.replications.case import Case, Figure, Found, data_folder, within

Reals = npt.NDArray[np.float64]
GROUPS: Final = ("Black", "White")
FILES: Final = {
    "totals.csv": "60ba4af53f9e61dedad3a5c4246390e666760e7552c98b08084dd3abf6b73f13",
    "transrisk_cdf_by_race_ssa.csv": (
        "04c9691aa4b9fad43cc9722bc35a7d3f3f02ae1d724d49ae9d3bbe153f5b4f67"
    ),
    "transrisk_performance_by_race_ssa.csv": (
        "77af654ac4173978c3cdb3a9186becb12ec35666d9e34e5b666a6a3972692ff9"
    ),
}
EDGES: Final = np.arange(300.0, 851.0, 50.0)
SHARES: Final = np.array([2.1, 4.2, 5.4, 6.5, 7.9, 9.6, 12.0, 13.8, 17.0, 15.8, 5.7])
"""Per cent of people between two edges: turns the table's percentiles into scores."""

ASKED: Final = 50_000
"""How many people of each group the engine is asked about."""

POLICIES: Final = ("greatest profit", "equal acceptance", "equal opportunity")
# threshold, acceptance, true positives, change by expectation, agent by agent: (B, W); profit
PUBLISHED: Final = {
    "greatest profit": ((645.00, 613.75), (0.1677, 0.6634), (0.4496, 0.8335), (8.397, 38.666),
                        (8.257, 38.260), 0.4574),
    "equal acceptance": ((480.10, 649.17), (0.5774, 0.5774), (0.9239, 0.7367), (-17.142, 35.040),
                         (-17.282, 34.635), 0.3355),
    "equal opportunity": ((557.29, 630.96), (0.3561, 0.6249), (0.7913, 0.7913), (6.013, 37.239),
                          (5.872, 36.833), 0.4305),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tables:
    """Scores [k] upward; for each group the share at each score and its chance of repaying."""

    scores: Reals
    pmf: Reals
    repay: Reals
    sizes: Reals


def _rows(path: Path) -> tuple[list[str], Reals]:
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    names = ["White" if "white" in name else name for name in rows[0]]
    return names, np.array([row[-len(names) + 1 :] for row in rows[1:]], np.float64)


@lru_cache(maxsize=2)
def read(folder: Path) -> Tables:
    """The tables in a folder. :raises QuestionRefused: a file is not the one of the wheel."""
    for name, digest in FILES.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise QuestionRefused(
                f"'{name}' is missing or is not the table the published figures come from",
                where=str(folder),
                why="case A compares figures that were made from one known table",
                mend="take the three files of the simulator 'delayed_impact' in whynot 0.12.0",
            )
    names, total = _rows(folder / "totals.csv")
    sizes = np.array([total[0, names.index(group) - 1] for group in GROUPS])
    names, shares = _rows(folder / "transrisk_cdf_by_race_ssa.csv")
    _, late = _rows(folder / "transrisk_performance_by_race_ssa.csv")
    with (folder / "transrisk_cdf_by_race_ssa.csv").open(encoding="utf-8") as lines:
        percentiles = np.array([float(line.split(",")[0]) for line in lines.readlines()[1:]])
    columns = [names.index(group) - 1 for group in GROUPS]
    cdf = shares[:, columns].T / 100.0
    return Tables(
        scores=np.interp(percentiles, np.append(0.0, np.cumsum(SHARES)), EDGES),
        pmf=np.diff(cdf, axis=1, prepend=0.0),
        repay=1.0 - late[:, columns].T / 100.0,
        sizes=sizes / sizes.sum(),
    )


# -- what the bank does


def _from_the_top(mass: Reals, wanted: float) -> Reals:
    """Share of loans at each score so that the highest scores hold ``wanted`` of the mass."""
    above = np.append(np.cumsum(mass[::-1])[::-1][1:], 0.0)
    room = np.divide(wanted - above, mass, out=np.zeros_like(mass), where=mass > 0)
    return np.clip(np.where(mass > 0, room, wanted > above), 0.0, 1.0)


def profit(tables: Tables, loans: Reals, u_minus: float, u_plus: float) -> float:
    """The bank's gain for each applicant of the whole population."""
    gain = tables.repay * u_plus + (1.0 - tables.repay) * u_minus
    return float(tables.sizes @ (tables.pmf * loans * gain).sum(axis=1))


def policy(tables: Tables, name: str, u_minus: float, u_plus: float) -> Reals:
    """Share of loans at each score, float64[groups, k], under one of :data:`POLICIES`.

    Profit is a straight line between two scores, so the best equal rate is one at which some
    group's threshold stands right on a score; all of them are tried.
    """
    if name == "greatest profit":
        return (tables.repay * u_plus + (1.0 - tables.repay) * u_minus >= 0).astype(np.float64)
    mass = tables.pmf if name == "equal acceptance" else tables.pmf * tables.repay
    mass = mass / mass.sum(axis=1, keepdims=True)
    corners = np.unique(np.cumsum(mass[:, ::-1], axis=1))
    tried = [np.array([_from_the_top(group, rate) for group in mass]) for rate in corners]
    return max(tried, key=lambda loans: profit(tables, loans, u_minus, u_plus))


def threshold(scores: Reals, loans: Reals) -> float:
    """The score from which loans are given; between two scores where the lower gets some."""
    lowest = int(np.flatnonzero(loans > 0)[0])
    if lowest + 1 == len(scores):
        return float(scores[lowest])
    return float(scores[lowest] + (1 - loans[lowest]) * (scores[lowest + 1] - scores[lowest]))


# -- what it does to people


def expected_move(tables: Tables, repay: Reals, up: float, down: float) -> Reals:
    """Expected change of a score by a loan, held in the range *after* the mean is taken."""
    mean = repay * up + (1.0 - repay) * down
    return np.clip(tables.scores + mean, EDGES[0], EDGES[-1]) - tables.scores


def mean_move(tables: Tables, repay: Reals, up: float, down: float) -> Reals:
    """Expected change of a score by a loan, each outcome held in the range on its own."""
    rise = np.minimum(tables.scores + up, EDGES[-1]) - tables.scores
    fall = np.maximum(tables.scores + down, EDGES[0]) - tables.scores
    return repay * rise + (1.0 - repay) * fall


def harm_threshold(tables: Tables, repay: Reals, up: float, down: float) -> float:
    """The score below which lending lowers the mean of the first group, by one repayment curve."""
    moves = tables.pmf[0] * expected_move(tables, repay, up, down)
    held = 0.0
    for place in range(len(moves) - 1, -1, -1):
        if held + moves[place] < 0:
            part = -held / moves[place] if moves[place] else 0.0
            above = min(place + 1, len(moves) - 1)
            return float(
                tables.scores[place] + part * (tables.scores[above] - tables.scores[place])
            )
        held += moves[place]
    return float(tables.scores[0])


def _curve(tables: Tables, up: float, down: float) -> tuple[Reals, Reals, Reals]:
    """Change of the first group's mean by the rate of loans: true rate, rate as plotted, change."""
    moves = tables.pmf[0] * expected_move(tables, tables.repay[0], up, down)
    rates = np.cumsum(tables.pmf[0][::-1])
    return rates, np.append(0.0, rates[:-1]), np.cumsum(moves[::-1])


def _zero(rates: Reals, change: Reals) -> float:
    """The rate at which the curve last crosses 0, on a straight line between two scores."""
    last = int(np.flatnonzero(change > 0)[-1])
    part = change[last] / (change[last] - change[last + 1])
    return float(rates[last] + part * (rates[last + 1] - rates[last]))


@dataclass(frozen=True, slots=True)
class Drawn:
    """One group of agents after one round: means with the standard error of the change."""

    acceptance: float
    true_positive: float
    change: float
    error: float
    profit: float


def _drawn(
    tables: Tables, loans: Reals, group: int, n: int, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Agents of a group: place of the score, whether they get a loan, whether they would repay."""
    base = fold(key(seed, 0, Stream.APPLICANT), group)
    people = everyone(n)
    cdf = np.cumsum(tables.pmf[group])
    place = np.minimum(np.searchsorted(cdf, ats(fold(base, 0), people), side="right"), len(cdf) - 1)
    approved = ats(fold(base, 1), people) < loans[group][place]
    return place, approved, ats(fold(base, 2), people) < tables.repay[group][place]


def told_otherwise(tables: Tables, loans: Reals, n: int, seed: int) -> int:
    """How many of ``n`` agents of each group the batch engine moves otherwise than the model.

    Scores are rounded to whole points first, as a scheme has no others.
    """
    wrong = 0
    for group in range(len(GROUPS)):
        place, approved, repays = _drawn(tables, loans, group, n, seed)
        before = np.rint(tables.scores).astype(np.int64)[place]
        after = np.clip(before + np.where(repays, 75, -150), 300, 850)
        engine = bureau.scores(before, approved, repays)
        wrong += int((engine != np.where(approved, after, before)).sum())
    return wrong


def agents(
    tables: Tables, loans: Reals, group: int, n: int, seed: int, money: tuple[float, ...]
) -> Drawn:
    """Draw ``n`` agents of a group, lend, let them repay, move each score, and measure.

    ``money``: u_minus, u_plus, points up, points down.
    """
    u_minus, u_plus, up, down = money
    place, approved, repays = _drawn(tables, loans, group, n, seed)
    score = tables.scores[place]
    after = np.where(approved, np.clip(score + np.where(repays, up, down), 300.0, 850.0), score)
    change = after - score
    lent = course.lending(np.ones(n, bool), approved, repays, np.full(n, -u_minus),
                          np.full(n, u_plus / -u_minus))  # fmt: skip
    rates = measures.decision_rates(approved, repays, np.zeros(n, np.int64))[0]
    error = float(change.std()) / math.sqrt(n)
    return Drawn(
        rates.approval, rates.true_positive, float(change.mean()), error, lent.profit_per_applicant
    )


# -- figures


def _policy_figures(
    tables: Tables, name: str, money: tuple[float, ...], known: bool, n: int, seed: int
) -> Iterator[Figure]:
    u_minus, u_plus, up, down = money
    loans = policy(tables, name, u_minus, u_plus)
    row = PUBLISHED[name] if known else None
    told = f"u- {u_minus:g}, {name}"
    for g, group in enumerate(GROUPS):
        lent = tables.pmf[g] * loans[g]
        good = tables.pmf[g] * tables.repay[g]
        values = (
            ("threshold", threshold(tables.scores, loans[g]), 0.05),
            ("acceptance", float(lent.sum()), 0.0005),
            ("true positives", float((good * loans[g]).sum() / good.sum()), 0.0005),
            ("mean change",
             float(lent @ expected_move(tables, tables.repay[g], up, down)), 0.005),
            ("mean change, each agent held in the range",
             float(lent @ mean_move(tables, tables.repay[g], up, down)), 0.005),
        )  # fmt: skip
        for column, (what, ours, tolerance) in enumerate(values):
            published = row[column][g] if row else None  # type: ignore[index]
            yield Figure(f"{told}, {group}: {what}", ours, published, tolerance)
        seen = agents(tables, loans, g, n, seed, money)
        tolerance, rule = within(3, seen.error)
        exact = row[4][g] if row else values[4][1]
        basis = "published" if row else "our own expectation"
        yield Figure(
            f"{told}, {group}: mean change of {n:,} agents",
            seen.change,
            exact,
            tolerance,
            rule,
            basis=basis,
        )
    if (up, down) == (bureau.UP, bureau.DOWN):
        asked = min(n, ASKED)
        yield Figure(f"{told}: of {asked:,} people a group, scored otherwise by the engine",
                     told_otherwise(tables, loans, asked, seed), 0.0,
                     basis="the scheme")  # fmt: skip
    ours = profit(tables, loans, u_minus, u_plus)
    yield Figure(f"{told}: profit per applicant", ours, row[5] if row else None, 0.0005)


def run(
    *,
    u_minus: float | None = None,
    u_plus: float = 1.0,
    up: float = 75.0,
    down: float = -150.0,
    people: int = 1_000_000,
    seed: int = 1,
    fico_data: str | None = None,
) -> Found:
    """Case A. ``u_minus``, ``u_plus``: what a default and a repaid loan bring the bank.

    ``u_minus`` None does both -4 and -10. ``up`` and ``down``: points by a loan that is repaid or
    not; ``people``: agents drawn in each group; ``fico_data``: the folder of the tables.
    """
    folder = data_folder("fico_cdf", fico_data)
    if folder is None:
        return Found((), not_run="the FICO tables are not here; name their folder in XINYONG_DATA")
    tables = read(folder)
    usual = (u_plus, up, down) == (1.0, 75.0, -150.0)
    figures: list[Figure] = []
    for loss in (-4.0, -10.0) if u_minus is None else (u_minus,):
        if not loss < 0 < u_plus:
            raise QuestionRefused(
                f"a default cannot bring {loss:g} where a repaid loan brings {u_plus:g}",
                where="case A",
                mend="give a loss below 0 and a gain above 0",
            )
        known = usual and loss == -4.0
        for name in POLICIES:
            money = (loss, u_plus, up, down)
            figures += _policy_figures(tables, name, money, known, people, seed)
    figures += _curve_figures(tables, up, down, usual)
    return Found(
        tuple(figures),
        (
            "497.47 is what the published code gives: its repayment curves are bound late, so that"
            " both groups get the last group's curve. With the group's own it is 529.75.",
            "The published outcome curve is drawn against rates that leave out the score itself"
            " (1 - cdf). Counting it, the maximum lies at rate .2384.",
            "The rows for u- -10 are ours; nobody tabulated them.",
        ),
    )


def _curve_figures(tables: Tables, up: float, down: float, usual: bool) -> Iterator[Figure]:
    rates, plotted, change = _curve(tables, up, down)
    top = int(change.argmax())

    def known(value: float) -> float | None:
        return value if usual else None

    yield Figure("outcome curve, Black: maximum", float(change[top]), known(9.484), 0.005)
    yield Figure("outcome curve, Black: rate of it, as plotted", float(plotted[top]),
                 known(0.2312), 0.0005)  # fmt: skip
    yield Figure("outcome curve, Black: rate of it, counting the score itself", float(rates[top]))
    if change[-1] < 0 < change[top]:
        yield Figure("outcome curve, Black: rate where it is zero, as plotted",
                     _zero(plotted, change), known(0.4246), 0.0005)  # fmt: skip
        yield Figure("outcome curve, Black: rate where it is zero, counting the score itself",
                     _zero(rates, change))  # fmt: skip
    yield Figure("outcome curve, Black: at rate 1", float(change[-1]), known(-55.03), 0.005)
    for curve, value in ((0, 529.75), (1, 497.47)):
        yield Figure(
            f"score below which lending harms, by the repayment of {GROUPS[curve]}",
            harm_threshold(tables, tables.repay[curve], up, down), known(value), 0.05,
        )  # fmt: skip


CASE: Final = Case(
    "A",
    "delayed-impact",
    "Equal acceptance can lower the scores of those it means to help",
    "Liu, Dean, Rolf, Simchowitz, Hardt 2018, Delayed impact of fair machine learning, ICML;"
    " FICO TransRisk tables of the Federal Reserve 2007",
    run,
)
