"""A listing: one entry in a register, with its ground, notice, term, and the ways off it.

A listing holds days and never a word that says whether it is in force: that is worked out when
somebody asks, for the moment of asking. So no job that did not run keeps anybody on a list. Every
road off it is taken by itself when its clock runs out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from xinyong.charter.clocks import due
from xinyong.charter.words import Place
from xinyong.days import Period, Term
from xinyong.decisions.clocks import day_of
from xinyong.decisions.course import same_person
from xinyong.errors import Step, StepRefused
from xinyong.records.written import (
    STRICT,
    ClockText,
    Day,
    Digest,
    Id,
    Ids,
    Line,
    Moment,
    SpanText,
    Text,
    Written,
    ZoneName,
    fitting,
)

ListingState = Literal["announced", "listed", "stayed", "ended", "removed", "void"]


@dataclass(frozen=True, config=STRICT)
class Hearing(Written):
    """The subject was heard, or was asked to come: on which day, by whom, and what was said."""

    day: Day
    by: Line
    came: bool
    said: Text


@dataclass(frozen=True, config=STRICT)
class Repair(Written):
    """The subject asks to be taken off, having made good; ``due`` is the day by which it is done.

    ``granted`` is the day on which somebody found it so, ``refused`` that on which somebody did
    not; with neither, the listing is over once ``due`` has passed.
    """

    asked: Day
    said: Text
    due: Day
    by: Line | None = None
    granted: Day | None = None
    refused: Day | None = None
    grounds: Text | None = None

    def __post_init__(self) -> None:
        answered = [day for day in (self.granted, self.refused) if day is not None]
        if len(answered) > 1 or (answered and (self.by is None or self.grounds is None)):
            raise _odd("an answer without a person or grounds", "a person answers, with grounds")
        if self.due < self.asked or any(day < self.asked for day in answered):
            raise _odd("it is due or answered before it is asked", "first the question")


@dataclass(frozen=True, config=STRICT)
class Removal(Written):
    """Taken off the list: the day from which on, by whom, why."""

    day: Day
    by: Line
    why: Literal["repaired", "ground gone", "wrong"]
    grounds: Text


@dataclass(frozen=True, config=STRICT)
class Listing(Written):
    """One entry of one subject in one list of a scheme.

    It cannot exist without a ``ground`` (event ids; ``ground_day`` is the newest one's), a law and
    an authority, a notice, and an end. ``noticed``, ``effective`` (first day) and ``end`` (first
    day no longer) are local days of ``zone``; ``most`` is the longest that the scheme and the law
    allow from the ground's day on. ``warn`` is the time between notice and effect.
    """

    id: Id
    subject: Id
    scheme: Id
    digest: Digest
    list: Id
    title: Line
    ground: Annotated[Ids, Field(min_length=1)]
    ground_day: Day
    ground_says: Text
    ground_zh: Text
    law: Text
    authority: Line
    decided_in: Text
    by: Line
    entered: Moment
    noticed: Day
    effective: Day
    end: Day
    most: SpanText
    remove_within: ClockText
    zone: ZoneName
    place: Place
    publish: Text
    warn: SpanText | None = None
    hearing: bool = False
    heard: Hearing | None = None
    fields: tuple[Line, ...] = ()
    wrongful: Text | None = None
    repair: Repair | None = None
    removal: Removal | None = None
    second: Line | None = None
    """Who agreed besides the one who entered; needed for a grave or a public list."""

    def __post_init__(self) -> None:
        if self.effective < self.noticed:
            raise _odd("it takes effect before its notice", "first the letter", "too early")
        if self.warn is not None and self.effective < Period.parse(self.warn).after(self.noticed):
            raise _odd("it takes effect within the warning", "the warning runs out", "too early")
        if self.end <= self.effective:
            raise _odd("it ends before it takes effect", "a listing has a term", "unbounded")
        if self.end > Period.parse(self.most).after(self.ground_day):
            raise _odd("it lasts longer than may be", f"{self.most} are the most", "unbounded")
        if self.hearing and (self.heard is None or self.heard.day > self.effective):
            raise _odd("nobody was heard before it takes effect", "a hearing comes first")
        if self.heard is not None and self.heard.day < self.noticed:
            raise _odd("the hearing lies before the notice", "first the letter", "too early")
        if self.second is not None and same_person(self.second, self.by):
            raise _odd("one person agreed twice", "a second person looks", "same person")
        if self.removal is not None and self.removal.day < self.noticed:
            raise _odd("it is removed before its notice", "only an entry can be removed")

    # -------------------------------------------------------------- asked for a moment

    def state(self, moment: int, *, disputed: Collection[str] = ()) -> ListingState:
        """How it stands at an instant, worked out anew each time.

        ``disputed`` are ids of events under an open dispute; the listing's own id among them means
        that the listing itself is disputed. Either stays it.
        """
        day = day_of(moment, self.zone)
        if self.removal is not None and self.removal.why == "wrong":
            return "void"
        if self.over(day):
            return "removed"
        if day >= self.end:
            return "ended"
        if day < self.effective:
            return "announced"
        return "stayed" if set(disputed) & {self.id, *self.ground} else "listed"

    def over(self, day: date) -> bool:
        """Whether it was taken off by a day: by a person, or because a clock ran out."""
        if self.removal is not None and day >= self.removal.day:
            return True
        return self.repair is not None and self.repair.refused is None and day > self.repair.due

    def shown(self, moment: int, *, disputed: Collection[str] = ()) -> dict[str, str] | None:
        """What may be shown of it at an instant; None unless it is listed then."""
        if self.state(moment, disputed=disputed) != "listed":
            return None
        return {
            "list": self.list,
            "title": self.title,
            "ground": self.ground_says,
            "law": self.law,
            "authority": self.authority,
            "decision": self.decided_in,
            "noticed": self.noticed.isoformat(),
            "effective": self.effective.isoformat(),
            "end": self.end.isoformat(),
        }

    # -------------------------------------------------------------- the ways off

    @fitting
    def ask_repair(self, day: date, said: str) -> Listing:
        """The subject asks to be taken off; the clock of the list runs from this day."""
        self._standing(day)
        if self.repair is not None and self.repair.refused is None:
            raise _odd("it was asked for already", "one answer at a time", "out of order")
        last = due(day, Term.parse(self.remove_within), self.place)
        return replace(self, repair=Repair(asked=day, said=said, due=last))

    @fitting
    def answer_repair(self, day: date, *, by: str, grounds: str, granted: bool) -> Listing:
        """A person finds that the subject has made good, or not; in time, with grounds.

        Granting removes the listing on that day.
        """
        asked = self.repair
        if asked is None or asked.granted is not None or asked.refused is not None:
            raise _odd("nothing waits for an answer", "first the question", "out of order")
        if day > asked.due:
            raise _odd("the answer comes too late", "the listing is over by now", "too late")
        if not granted:
            return replace(self, repair=replace(asked, by=by, refused=day, grounds=grounds))
        return replace(
            self,
            repair=replace(asked, by=by, granted=day, grounds=grounds),
            removal=Removal(day=day, by=by, why="repaired", grounds=grounds),
        )

    @fitting
    def removed(self, day: date, *, by: str, grounds: str) -> Listing:
        """Taken off because its ground is gone, from this day on."""
        self._standing(day)
        return replace(self, removal=Removal(day=day, by=by, why="ground gone", grounds=grounds))

    @fitting
    def found_wrong(self, day: date, *, by: str, grounds: str) -> Listing:
        """It should never have been: void from the first day, whenever that is found.

        What makes it good is in ``wrongful``; :func:`xinyong.decisions.notice.made_good` tells the
        subject and everybody who was shown it.
        """
        if self.removal is not None and self.removal.why == "wrong":
            raise _odd("it is void already", "once is enough", "out of order")
        return replace(
            self,
            removal=Removal(day=max(day, self.noticed), by=by, why="wrong", grounds=grounds),
        )

    def _standing(self, day: date) -> None:
        if self.removal is not None or self.over(day) or day >= self.end:
            raise _odd(
                "it is over already", "only an entry that stands is taken off", "out of order"
            )
        if day < self.noticed:
            raise _odd("it lies before the notice", "first the letter", "too early")


def listed(
    listings: Iterable[Listing], subject: str, moment: int, *, disputed: Collection[str] = ()
) -> tuple[Listing, ...]:
    """Those entries of a subject that are in force at an instant."""
    return tuple(
        one
        for one in listings
        if one.subject == subject and one.state(moment, disputed=disputed) == "listed"
    )


def _odd(
    what: str,
    why: str,
    code: Step = "unfit",
) -> StepRefused:
    return StepRefused(
        what, code=code, where="Listing", why=why, mend="give what is missing, or later days"
    )


__all__ = ["Hearing", "Listing", "ListingState", "Removal", "Repair", "listed"]
