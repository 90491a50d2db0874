"""A score and what goes with it: the same data whichever engine worked it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

ListState = Literal["off", "warned", "listed", "ended"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A line that cost points: how many against its reference, and the sentence said."""

    rule: str
    lost: int
    says: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What every engine must agree on, to the bit, for one subject on one day.

    ``points`` are per line (by id, vetoes left out), ``dimensions`` after their limits (the key
    of lines without a dimension is ``""``), ``consequences`` ids in file order. ``known_by`` is
    microseconds since 1970-01-01T00:00Z.
    """

    subject: str
    day: date
    known_by: int
    score: int
    band: str
    start: int
    points: Mapping[str, int]
    dimensions: Mapping[str, int]
    lists: Mapping[str, ListState]
    consequences: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """An outcome with its full trace (``xinyong.trace/1``) as JSON-ready data."""

    outcome: Outcome
    trace: Mapping[str, Any]
