"""The working of one score: every intermediate value, for the trace and for what-if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from xinyong.engine.history import History, Seen
from xinyong.engine.score import ListState, Outcome
from xinyong.engine.values import Value
from xinyong.scheme.binding import Bound, BoundRow


@dataclass(frozen=True, slots=True)
class EventPoints:
    """One event of an ``each`` line: its points as written, and after decay."""

    seen: Seen
    full: int
    points: int


@dataclass(frozen=True, slots=True)
class CapPerUse:
    """A calendar unit in which ``cap_per`` changed the sum: its first day, before, after."""

    unit_start: date
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class LineWork:
    """What a line gave: its points, the sentence said, and what lies behind them.

    ``row`` is the row of a table (None: the missing row). ``fired`` is the truth of a ``when``
    or veto line, else None.
    """

    id: str
    points: int
    says: str
    row: BoundRow | None = None
    fired: bool | None = None
    events: Sequence[EventPoints] = ()
    cap_per: Sequence[CapPerUse] = ()
    before_cap: int = 0


@dataclass(frozen=True, slots=True)
class ListWork:
    """A list's state and its days; the days are None where there is no ground."""

    state: ListState
    ground: date | None = None
    effective: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Working:
    """Everything that was worked out for one subject on one day."""

    bound: Bound
    history: History
    day: date
    outcome: Outcome
    values: Mapping[str, Value]
    overrides: Mapping[str, Value]
    start_row: int
    start_says: str
    lines: Mapping[str, LineWork]
    dimensions_before: Mapping[str, int]
    band_before: str
    vetoed_by: str | None
    lists: Mapping[str, ListWork]
    truths: Mapping[str, bool | None]
    """Truth of each consequence's condition, by id."""
