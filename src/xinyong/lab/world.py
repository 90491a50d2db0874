"""What stays the same through a run under one scheme: settings, its meaning, its scorer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab import month_parts
from xinyong.lab.casting import ByHand, cast, plain_scheme
from xinyong.lab.cells import PAR, settings
from xinyong.lab.effects import Effects, effects_of
from xinyong.lab.lending import would_lend
from xinyong.lab.scoring import LabScorer
from xinyong.scheme.binding import bind
from xinyong.scheme.model import Scheme
from xinyong.scheme.who import PEOPLE

Array = npt.NDArray[Any]
Value = Callable[[str], float]
WATCHED: Final = (
    "loan_gate.weight",
    "informants.reports",
    "speech_penalty.recorded",
    "hacking.buyers",
    "wrong_listing.rate",
    "list_feed.drop",
    "chilling.fear",
)
"""Dials that stand at zero where no scheme watches."""
NOTHING: Final = np.zeros(1)


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The rules that hold for somebody: ``row`` and ``points`` are by happening.

    ``scorer`` and ``effects`` are None where there is no scheme. Two cities under one scheme share
    one world.
    """

    par: Array
    row: Array
    points: Array
    effects: Effects | None
    scorer: LabScorer | None
    value: Value

    @property
    def weight(self) -> float:
        """Weight of the score in a lender's guess; 0 where the scheme is not for credit."""
        if self.effects is None or not self.effects.credit:
            return 0.0
        return float(self.par[PAR["loan_gate.weight"]])

    @property
    def boost(self) -> int:
        """Points that a bought score has on top; 0 where there is no scheme."""
        if self.effects is None:
            return 0
        span = self.effects.ceiling - self.effects.floor
        return round(self.par[PAR["hacking.boost"]] * span)

    @property
    def floor(self) -> int:
        """The lowest score; 0 where there is no scheme."""
        return self.effects.floor if self.effects is not None else 0

    @property
    def ceiling(self) -> int:
        """The highest score; 0 where there is no scheme."""
        return self.effects.ceiling if self.effects is not None else 0

    @property
    def worth(self) -> Array:
        """What each score from the floor on is worth a month."""
        return self.effects.score_worth if self.effects is not None else NOTHING

    def standing(self, score: Array) -> Array:
        """Where scores stand between floor (0) and ceiling (1); nan where there is no scheme."""
        if self.effects is None:
            return np.full(len(score), np.nan)
        found: Array = (score - self.floor) / max(self.ceiling - self.floor, 1)
        return found

    def access(self, luck: int, who: Array, facts: Array, flags: Array, score: Array) -> Array:
        """Whom of agents ``who`` a lender would grant a loan if they asked: bool[n].

        ``luck`` is the key of :func:`.lending.lender`; the rest is their state.
        """
        granted = np.zeros(len(flags), np.bool_)
        would_lend(
            luck, who, facts, flags, score, self.floor, self.ceiling, self.weight, self.par, granted
        )
        return granted


def world_of(value: Value, said: Scheme | ByHand | None, months: int) -> World:
    """What a run under a scheme needs; a scheme for firms leaves people without one."""
    par, scheme = settings(value), None if said is None else plain_scheme(said)
    if said is None or scheme is None or scheme.subjects not in PEOPLE:
        for path in WATCHED:
            par[PAR[path]] = 0.0
        nothing = month_parts.places({})
        return World(par, nothing, np.zeros_like(nothing), None, None, value)
    casting = cast(said)
    points = casting.points.copy()
    points[casting.rows < 0] = 0
    return World(
        par,
        casting.rows,
        points,
        effects_of(bind(scheme), value),
        LabScorer(scheme, casting, months=months),
        value,
    )
