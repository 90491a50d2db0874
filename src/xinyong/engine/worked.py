"""The working of one score: every intermediate value, for the trace and for what-if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from xinyong.engine.history import History, Seen
from xinyong.engine.measures import parameter
from xinyong.engine.score import ListState, Outcome
from xinyong.engine.values import Value
from xinyong.scheme import expressions as ex
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


class Names:
    """Looks up names as they were worked out, some variables having other values."""

    def __init__(self, work: Working, instead: Mapping[str, Value] | None = None) -> None:
        self.work, self.instead = work, instead or {}

    def __call__(self, ref: ex.Ref | ex.On) -> Value:
        """The value of a name, or whether the subject is on a list."""
        outcome = self.work.outcome
        if isinstance(ref, ex.On):
            return outcome.lists[ref.name] == "listed"
        match ref.role:
            case "variable":
                instead = self.instead
                return instead[ref.name] if ref.name in instead else self.work.values[ref.name]
            case "score":
                return outcome.score
            case "band":
                return outcome.band
            case _:
                return parameter(self.work.bound, ref.name, self.work.day)
