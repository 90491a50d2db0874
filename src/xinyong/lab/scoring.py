"""Scores of a whole society from tiles, by the engine's own plan.

::

    scorer = LabScorer(scheme, cast(scheme))
    tiles = scorer.tiles(n)
    tiles.happened(Happening.BILL_PAID, who)
    scores = scorer.score(tiles, tiles.month)
    tiles.next_month()

Events of a month happen on its 15th at noon in the scheme's zone; scores are as of its last day.
The same history as events is :meth:`LabScorer.events`; the engine gives it the same score.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from xinyong.days import day_number
from xinyong.errors import QuestionRefused
from xinyong.lab.bit_plan import Planner
from xinyong.lab.bit_reach import layout_of, reach_of
from xinyong.lab.casting import CLASSES, Casting, cast
from xinyong.lab.engine_parts import Compiled, chosen_engine
from xinyong.lab.probing import event_instant, first_month, last_day
from xinyong.lab.scoring_arrays import by_arrays
from xinyong.lab.tiles import WORD, Bits, Tiles
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme

if TYPE_CHECKING:
    from xinyong.lab.scoring_compiled import Kernel

MONTHS: Final = 128
"""How many months a society runs, unless it says otherwise."""
KEPT: Final = 4
"""Schemes of which everything is kept that does not depend on who lives."""
STATES: Final = ("off", "warned", "listed", "ended")
"""States of a list, by the numbers in :class:`Scores`."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Outcomes of ``n`` agents: int32[n], uint8[n], uint8[lists, n], bool[consequences, n].

    ``band`` is the rank, 0 the lowest; ``lists`` are 0 off, 1 warned, 2 listed, 3 ended.
    """

    score: npt.NDArray[np.int32]
    band: npt.NDArray[np.uint8]
    lists: npt.NDArray[np.uint8]
    consequences: npt.NDArray[np.bool_]


class LabScorer:
    """Scores agents of a society under one scheme, month after month, up to ``months``.

    ``names`` of bands, lists and consequences say what the numbers in :class:`Scores` mean.
    ``engine``: "numba", "numpy" or None for the usual choice. Raises what the engine raises.
    """

    def __init__(
        self,
        scheme: Scheme,
        casting: Casting | None = None,
        *,
        months: int = MONTHS,
        engine: str | None = None,
    ) -> None:
        if not 1 <= months <= 600:
            raise QuestionRefused(
                f"{months} months cannot be scored", where="months", mend="give 1 to 600"
            )
        self.scheme, self.casting = scheme, cast(scheme) if casting is None else casting
        self.months = months
        self.engine = chosen_engine(engine)  # type: ignore[arg-type]
        self.first = first_month(scheme)
        self._ready = _ready(_Asked(scheme, self.casting, months))
        self.compiled, self.planner = self._ready.compiled, self._ready.planner
        self.met, self.reach = self._ready.met, self._ready.reach
        self.bands, self.lists = self.compiled.plan.bands, self.compiled.plan.lists
        self.consequences = self.compiled.plan.consequences

    # -- events

    def event(self, subject: str, month: int, stream: int) -> Event:
        """The event of a stream in a month."""
        return _event(self.scheme, self.casting, subject, month, stream)

    def events(self, tiles: Tiles, agent: int, month: int) -> list[Event]:
        """The history of one agent (0, 1, ...) up to a month as events, in order of time.

        Events beyond the words of the tiles are not given back: see :class:`Reach`.
        """
        found = []
        for row in range(len(self.casting.happenings)):
            for when in tiles.months_of(row, agent):
                if when <= month:
                    found.append((when, int(self.met[when, row, agent % CLASSES])))
        return [self.event(str(agent), when, stream) for when, stream in sorted(found)]

    @property
    def bytes_per_agent(self) -> int:
        """State of one agent in the tiles, in bytes."""
        return self.reach.bytes_per_agent

    def tiles(self, n: int) -> Tiles:
        """Empty tiles for ``n`` agents."""
        return Tiles(self.casting, self.reach, n)

    # -- scores

    def score(self, tiles: Tiles | Bits, month: int) -> Scores:
        """Everybody's scores on the last day of a month (0, 1, ...), which is bit 0 of the tiles.

        Bare words uint64[rows, n] do where the scheme looks back no further than they reach.
        """
        held = self._held(tiles, month)
        n = held.agents
        made = Scores(
            np.empty(n, np.int32),
            np.empty(n, np.uint8),
            np.empty((len(self.lists), n), np.uint8),
            np.empty((len(self.consequences), n), np.bool_),
        )
        plan = self.planner.plan(month)
        if self.engine == "numba":
            found = self._ready.kernel.outcomes(plan, held)
        else:
            found = by_arrays(self.planner, plan, held)
        for first, outs, chosen in found:
            here = slice(first, first + len(chosen))
            made.score[here] = outs[:, 0].astype(np.int32)[chosen]
            made.band[here] = outs[:, 1].astype(np.uint8)[chosen]
            after = outs[:, 4:].astype(np.uint8)
            for n in range(len(self.lists)):
                made.lists[n, here] = after[:, n][chosen]
            for n in range(len(self.consequences)):
                made.consequences[n, here] = after[:, len(self.lists) + n][chosen]
        return made

    def _held(self, tiles: Tiles | Bits, month: int) -> Tiles:
        if not 0 <= month < self.months:
            raise QuestionRefused(
                f"month {month} cannot be scored",
                where="month",
                why=f"this scorer knows {self.months} months, counted from 0",
                mend="give months= when the scorer is made",
            )
        if isinstance(tiles, Tiles):
            if tiles.month != month:
                raise QuestionRefused(
                    f"the tiles stand at month {tiles.month}, month {month} is asked",
                    where="tiles",
                    mend="call next_month() after each month",
                )
            return tiles
        further = any(words > 1 for words in self.reach.words) or bool(self.reach.counted)
        if further and month >= WORD:
            raise QuestionRefused(
                "bare words do not reach far enough",
                where="tiles",
                why=f"'{self.scheme.scheme}' counts what happened more than {WORD} months ago",
                mend="use LabScorer.tiles(n), and keep() before each move",
            )
        held = Tiles(self.casting, self.reach, 0)
        held.bits, held.month = tiles, month
        held.deep = np.zeros((len(self.reach.deep), tiles.shape[1]), np.uint64)
        held.older = np.zeros((len(self.reach.counted), tiles.shape[1]), np.uint16)
        return held


# ------------------------------------------------------------------ ready for any society


def _event(scheme: Scheme, casting: Casting, subject: str, month: int, stream: int) -> Event:
    spec = casting.streams[stream]
    at = event_instant(first_month(scheme) + month, scheme)
    return Event(subject, spec.kind, at, at, f"{month:05d}.{stream:03d}", dict(spec.fields))


class _Asked:
    """A scheme, its casting and a length of run as a key: equal ones are made ready once."""

    __slots__ = ("casting", "key", "months", "scheme")

    def __init__(self, scheme: Scheme, casting: Casting, months: int) -> None:
        self.scheme, self.casting, self.months = scheme, casting, months
        self.key = (scheme.digest, repr(casting.streams), months)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key


class _Ready:
    """What does not depend on who lives: plan over virtual rows, reach, the plans of months."""

    def __init__(self, asked: _Asked) -> None:
        scheme, casting, months = asked.scheme, asked.casting, asked.months
        first = first_month(scheme)
        # every event that can happen, month by month in the order of the streams
        self.compiled = Compiled(
            scheme,
            [
                _event(scheme, casting, "1", month, stream)
                for month in range(months)
                for stream in range(len(casting.streams))
            ],
        )
        days = np.array([day_number(last_day(first + month)) for month in range(months)])
        self.met = np.stack([casting.met(month) for month in range(months)])
        self.reach = reach_of(self.compiled, casting, self.met, days)
        layout = layout_of(casting, self.reach, self.met)
        self.planner = Planner(self.compiled, layout, days, first)

    @cached_property
    def kernel(self) -> Kernel:
        """The compiled road."""
        from xinyong.lab.scoring_compiled import Kernel

        return Kernel(self.planner)


@lru_cache(maxsize=KEPT)
def _ready(asked: _Asked) -> _Ready:
    return _Ready(asked)


__all__ = ["MONTHS", "STATES", "LabScorer", "Scores"]
