"""A consequence: what follows, on what ground, from when, until when.

Nothing here says that a consequence *is* in force. It holds days; whether it is in force is worked
out for a moment when somebody asks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from xinyong.days import Period
from xinyong.decisions.clocks import LASTING, shortest_end
from xinyong.errors import StepRefused
from xinyong.records.written import STRICT, Day, Id, Ids, Line, SpanText, Text, Written


@dataclass(frozen=True, config=STRICT)
class Held(Written):
    """A fact that a ground rests on: its title and value as a person reads them."""

    name: Line
    title: Text
    value: Text


@dataclass(frozen=True, config=STRICT)
class Consequence(Written):
    """What follows from a score or a listing.

    ``ground`` is the condition in words (``ground_zh`` in Chinese), ``held`` the values it met,
    ``rests_on`` ids of the events behind a burden (a benefit is stayed by no dispute, so it names
    none) and ``listings`` those of the listings. ``noticed`` is the day the letter was given,
    ``start`` the first day, ``end`` the first day no longer, ``ended`` a day on which it was ended
    before that. ``latest`` bounds the end. A burden has no start before its notice.
    """

    id: Id
    kind: Literal["benefit", "burden"]
    effect: Text
    context: Line
    ground: Text
    ground_zh: Text
    gravity: Annotated[int, Field(ge=0, le=6)] | None = None
    held: tuple[Held, ...] = ()
    rests_on: Ids = ()
    listings: Ids = ()
    by_person: bool = False
    second_person: bool = False
    decided: Text | None = None
    lasts: SpanText | None = None
    ends: Text | None = None
    latest: Day | None = None
    noticed: Day | None = None
    start: Day | None = None
    end: Day | None = None
    ended: Day | None = None
    ended_why: Text | None = None

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise _odd("a start without an end", "whatever begins has an end")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise _odd("an end that is not after the start", "a consequence lasts a day at least")
        if self.end is not None and self.latest is not None and self.end > self.latest:
            raise _odd("an end after its bound", "nothing outlasts what it hangs on")
        if self.ended is not None and (self.start is None or self.ended_why is None):
            raise _odd("it was ended before it began, or nobody said why", "an end has a ground")
        if self.kind == "burden":
            self._check_burden()

    def _check_burden(self) -> None:
        if not self.rests_on:
            raise _odd("a burden rests on no event", "not knowing is no ground", "no ground")
        if self.start is not None and (self.noticed is None or self.noticed >= self.start):
            raise _odd(
                "a burden begins before its notice",
                "first comes the letter",
                "too early",
            )

    def in_force(
        self,
        day: date,
        *,
        disputed: Collection[str] = (),
        listed: Collection[str] = (),
    ) -> bool:
        """Whether it is in force on a local day.

        A burden is stayed while an event that it rests on is disputed, and while a listing that it
        hangs on is not among those ``listed`` on the day.
        """
        if self.start is None or self.end is None or not self.start <= day < self.end:
            return False
        if self.ended is not None and day >= self.ended:
            return False
        if self.kind == "benefit":
            return True
        return set(self.listings) <= set(listed) and not set(self.rests_on) & set(disputed)

    def begun(self, noticed: date | None, start: date) -> Consequence:
        """The consequence with its days: from the start for as long as the scheme says, bounded."""
        span = LASTING if self.lasts is None else Period.parse(self.lasts)
        end = shortest_end(start, span)
        if self.latest is not None:
            end = min(end, self.latest)
        return replace(self, noticed=noticed, start=start, end=end)

    def stopped(self, day: date, why: str) -> Consequence:
        """The consequence ended on a day; unchanged if it is over by then."""
        if self.start is None or self.end is None or self.ended is not None or day >= self.end:
            return self
        return replace(self, ended=day, ended_why=why)


def _odd(
    what: str, why: str, code: Literal["unfit", "no ground", "too early"] = "unfit"
) -> StepRefused:
    return StepRefused(
        what, code=code, where="Consequence", why=why, mend="give days that follow one another"
    )


__all__ = ["Consequence", "Held"]
