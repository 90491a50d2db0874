"""The numbers behind people and firms who do not exist, each with its mark and its source.

Marks: ``P`` a primary text, ``S`` a secondary source, ``M`` from memory, ``assumed``: chosen by us.
Marked numbers are of China about 2017 to 2020; nothing here describes a real person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Mark = Literal["P", "S", "M", "assumed"]


@dataclass(frozen=True, slots=True)
class Margin:
    """Numbers for the values of one trait, in their order; shares are made to sum to 1."""

    title: str
    values: tuple[str, ...]
    numbers: tuple[float, ...]
    mark: Mark
    source: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that a caller may set, with its range."""

    title: str
    default: float
    least: float
    most: float
    mark: Mark
    source: str = "assumed"


OLDEST: Final = 70
AGES: Final = (20, 30, 40, 50, 60, OLDEST)
"""Ages at which bands begin; the last is one above the oldest drawn."""

AGE: Final = Margin(
    "Age", ("20-29", "30-39", "40-49", "50-59", "60-69"), (167, 223, 207, 223, 147), "M",
    "census of 2020, millions aged 20 to 69",
)  # fmt: skip
REGION: Final = Margin(
    "Region", ("east", "centre", "west", "north-east"), (40, 26, 27, 7), "M",
    "census of 2020, per cent of people",
)  # fmt: skip
CLASS: Final = Margin(
    "Class: fifth of income", ("lowest", "second", "third", "fourth", "highest"), (1, 1, 1, 1, 1),
    "P", "a fifth is a fifth",
)  # fmt: skip
INCOME: Final = Margin(
    "Income by class, yuan a month", CLASS.values, (496, 1154, 1875, 2879, 5411), "M",
    "National Bureau of Statistics, disposable income a head by fifths in 2017, a twelfth",
)  # fmt: skip
SPREAD: Final = Margin(
    "Standard deviation of log income within a class", CLASS.values, (0.35, 0.15, 0.13, 0.15, 0.4),
    "assumed", "with the class means it gives a Gini coefficient near .42",
)  # fmt: skip
EAST: Final = Margin(
    "Odds of one class more than in the centre", REGION.values, (1.35, 1.0, 0.9, 1.0), "assumed",
    "the east is richer, the west poorer",
)  # fmt: skip
PRESENCE_BY_AGE: Final = Margin(
    "Odds of a record at a bank by age", AGE.values, (0.8, 1.4, 1.2, 0.8, 0.4), "assumed",
    "students and new graduates are refused cards (phys.org)",
)  # fmt: skip
PRESENCE_BY_CLASS: Final = Margin(
    "Odds of a record at a bank by class", CLASS.values, (0.3, 0.6, 1.0, 1.7, 3.0), "assumed",
    "banks hesitate to lend to those without means",
)  # fmt: skip
HOUSEHOLD: Final = Margin(
    "Adults of a household", ("1", "2", "3", "4"), (25, 50, 15, 10), "assumed",
    "mean 2.1 adults; the census of 2020 has 2.6 people with children",
)  # fmt: skip
JOB: Final = Margin(
    "Job of those who work", ("own account", "small firm", "large firm", "public"),
    (30, 50, 12, 8), "assumed",
    "small firms and own account have 80 % of jobs (phys.org: small and medium firms over 80 %)",
)  # fmt: skip
IDLE: Final = Margin(
    "Share without a job by age", AGE.values, (0.15, 0.08, 0.08, 0.2, 0.65), "assumed",
    "study and retirement",
)  # fmt: skip
SAVED: Final = Margin(
    "Wealth in years of income by age", AGE.values, (0.4, 1.2, 2.5, 3.5, 4.0), "assumed",
    "wealth grows with age",
)  # fmt: skip

PEOPLE: Final[dict[str, Parameter]] = {
    "thin": Parameter("Share without a record at a bank", 0.75, 0, 1, "S",
                      "about 300 million had one in 2017, less than 25 % (phys.org)"),
    "second_group": Parameter("Share in the synthetic second group", 0.2, 0, 1, "assumed"),
    "unaware": Parameter("Share who do not know their own score", 0.5, 0, 1, "assumed"),
    "inheritance": Parameter("Correlation of own fifth and parents' fifth", 0.4, 0, 0.9, "assumed"),
    "likeness": Parameter("Pull of class in who lives together", 0.6, 0, 1, "assumed"),
    "cities": Parameter("Cities of a region", 2, 1, 50, "assumed"),
    "school_size": Parameter("People for each school", 1500, 10, 1e9, "assumed"),
    "need": Parameter("What a month costs at least, yuan", 400, 0, 1e6, "assumed"),
}  # fmt: skip

# -- firms

SECTOR: Final = Margin(
    "Sector", ("services", "light industry", "heavy industry", "farming"), (60, 22, 10, 8),
    "assumed", "services are most firms",
)  # fmt: skip
SIZE: Final = Margin(
    "Size by workers", ("1-9", "10-49", "50-299", "300-2000"), (880, 100, 18, 2), "assumed",
    "firms below 300 workers then have over 80 % of jobs (phys.org)",
)  # fmt: skip
WORKERS: Final = ((1, 10), (10, 50), (50, 300), (300, 2001))
HEAVY: Final = Margin(
    "Odds of one size more", SECTOR.values, (0.9, 1.4, 2.0, 0.6), "assumed",
    "industry has the larger firms",
)  # fmt: skip
EMISSION: Final = Margin(
    "Usual emission as a share of the limit", SECTOR.values, (0.1, 0.6, 1.1, 0.4), "assumed",
    "half of heavy industry lies above its limit",
)  # fmt: skip

FIRMS: Final[dict[str, Parameter]] = {
    "fabricating": Parameter("Share of industry that fabricates its measurements", 1 / 3, 0, 1,
                             "S", "one third of manufacturers in northern China (TechNode)"),
    "cost": Parameter("What keeping all rules costs, share of turnover", 0.04, 0, 1, "assumed"),
    "indebted": Parameter("Share of large firms with a loan", 0.8, 0, 1, "assumed"),
    "small_gap": Parameter("Loans of the smallest firms as a share of the largest's", 0.25, 0, 1,
                           "assumed"),
    "cities": Parameter("Cities of a region", 2, 1, 50, "assumed"),
}  # fmt: skip


def shares(margin: Margin) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The numbers of a margin as float64 shares that sum to 1."""
    numbers = np.asarray(margin.numbers, np.float64)
    result: np.ndarray[tuple[int], np.dtype[np.float64]] = numbers / numbers.sum()
    return result
