"""Kinds of fabrication that are looked for, and how often each should be seen."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """One kind of fabrication."""

    COPIED = "copied"
    FLAT = "flat"
    CAPPED = "capped"
    DILUTED = "diluted"
    TYPED = "typed"
    NOISY_COPY = "noisy copy"


MEANING: Final[dict[Kind, str]] = {
    Kind.COPIED: "an earlier stretch of readings, or a neighbour's, was sent again as it is",
    Kind.FLAT: "one value was held for a day or longer",
    Kind.CAPPED: "readings over the limit were written just under it",
    Kind.DILUTED: "less is measured than the independent station lets one expect",
    Kind.TYPED: "numbers were made up by hand",
    Kind.NOISY_COPY: "an earlier stretch was sent again with noise laid over it",
}
"""One line on each, as an inspector reads it."""

BAR: Final[dict[Kind, float]] = {
    Kind.COPIED: 0.99,
    Kind.FLAT: 0.95,
    Kind.CAPPED: 0.90,
    Kind.DILUTED: 0.85,
    Kind.TYPED: 0.85,
    Kind.NOISY_COPY: 0.40,
}
"""Share of fabricated weeks that should be caught, at :data:`PER_10000` false alarms."""

PER_10000: Final = 100
"""False alarms promised: at most so many of 10,000 genuine weeks, for each kind."""
