"""What is asked of an engine about one block of events, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from xinyong.engine.machine import Int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes into the output beyond score, band, points, lists and consequences."""

    reasons: bool = True
    lines: bool = False
    variables: bool = False
    next_change: bool = True


@dataclass(frozen=True, slots=True)
class Questions:
    """For each question its rows [low, high) of a block, its day and known_by.

    ``round``, if not 0, is how many days each subject is asked about: the same ones, one subject
    after the other.
    """

    subjects: pa.Array | str
    low: Int
    high: Int
    days: Int
    known: Int
    round: int = 0

    @property
    def clocks(self) -> tuple[Int, Int]:
        """All pairs of known_by and day that occur, once or more often."""
        end = self.round or len(self.days)
        return self.known[:end], self.days[:end]


@dataclass(frozen=True, slots=True)
class Answers:
    """Outcomes of the questions of one block, as arrays with a row per question."""

    out: Int
    reasons: Int
    points: Int
    values: Int
    changes: Int
