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
    """For each question its rows [low, high) of a block, its day and known_by."""

    subjects: pa.Array | str
    low: Int
    high: Int
    days: Int
    known: Int


@dataclass(frozen=True, slots=True)
class Answers:
    """Outcomes of the questions of one block, as arrays with a row per question."""

    out: Int
    reasons: Int
    points: Int
    values: Int
    changes: Int
