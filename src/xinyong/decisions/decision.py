"""A decision: what was found, by what, what follows, and who took which step.

States: proposed, previewed, confirmed, seconded (where a second person is needed), in effect,
dropped, ended. ``in effect`` says that the letter is out; whether a consequence is in force is
worked out for a moment. A decision is never changed: each step gives a new one to be kept beside
the old.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from xinyong.charter.clocks import due
from xinyong.charter.words import Place
from xinyong.days import Term
from xinyong.decisions.clocks import FRESH, NOTICE, begins, day_of
from xinyong.decisions.consequence import Consequence
from xinyong.decisions.course import Roads, Step, check_course, not_in, same_person
from xinyong.decisions.listing import Listing, listed
from xinyong.errors import StepRefused
from xinyong.records.consent import Consent
from xinyong.records.written import (
    STRICT,
    ClockText,
    Day,
    Digest,
    Id,
    Ids,
    Line,
    Moment,
    Text,
    Written,
    ZoneName,
    fitting,
)

Matched = Literal["strong identifier", "person decided"]
"""How records were found to be this subject's; nothing less carries a burden."""

Why = Literal["match", "absence", "dispute", "listing", "together", "stale", "new"]
"""Why a burden was left out: no strong match; it follows from knowing nothing; a record behind it
is disputed; its listing is not in force; too many together; the score is old; a correction brings
no new burden."""

State = Literal["proposed", "previewed", "confirmed", "seconded", "in effect", "dropped", "ended"]


@dataclass(frozen=True, config=STRICT)
class ScoreKey(Written):
    """The name of a score: the scheme's digest, the subject, the day, the ledger's length."""

    scheme: Digest
    subject: Id
    day: Day
    sequence: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, config=STRICT)
class Said(Written):
    """A reason actually used: the line, the points lost against its reference, the sentence."""

    rule: Line
    lost: int
    says: Text


@dataclass(frozen=True, config=STRICT)
class LeftOut(Written):
    """A burden that the score would bring and that may not follow, and why."""

    consequence: Id
    why: Why


@dataclass(frozen=True, config=STRICT)
class Decision(Written):
    """What was decided about one subject; made by :func:`xinyong.decisions.deciding.decide`.

    ``clauses`` and ``code`` are the digests it was approved by, ``used`` the ids of all events
    that lay open to the score. ``moment`` and ``known_by`` are microseconds since
    1970-01-01T00:00Z. ``grace`` is the time between notice and burden, ``notice_within`` the times
    within which notice is promised.
    """

    id: Id
    subject: Id
    scheme: Id
    version: Line
    title: Line
    place: Place
    zone: ZoneName
    moment: Moment
    key: ScoreKey
    clauses: Digest
    code: Digest
    score: int
    band: Id
    known_by: Moment
    reasons: tuple[Said, ...]
    used: Ids
    consents: Annotated[Ids, Field(min_length=1)]
    grace: ClockText
    follows: tuple[Consequence, ...]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    matched: Matched | None = None
    notice_within: tuple[ClockText, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notice: Id | None = None
    replaces: Id | None = None

    def __post_init__(self) -> None:
        check_course(self.steps, self.roads, "Decision")
        if self.burdens and self.matched is None:
            raise _odd("a burden without a strong match", "a name alone is nobody", "no ground")
        if self.key.subject != self.subject:
            raise _odd("the score is another subject's", "a decision is about one", "another")
        reached = {step.state for step in self.steps}
        begun = any(one.start is not None for one in self.burdens)
        if begun and not {"in effect"} & reached:
            raise _odd("a burden has begun before its steps", "first the steps", "out of order")
        people = [step.by for step in self.steps if step.state in ("confirmed", "seconded")]
        if len(people) == 2 and same_person(*people):
            raise _odd("one person confirmed twice", "a second person looks", "same person")
        if any(same_person(step.by, self.subject) for step in self.steps):
            raise _odd("the subject decides about itself", "nobody does", "same person")

    # -------------------------------------------------------------- what it says

    @property
    def state(self) -> str:
        """The state that the last step led to."""
        return self.steps[-1].state

    @property
    def burdens(self) -> tuple[Consequence, ...]:
        """The burdens that follow."""
        return tuple(one for one in self.follows if one.kind == "burden")

    @property
    def by_person(self) -> bool:
        """Whether a person must decide."""
        return any(one.by_person for one in self.burdens)

    @property
    def second_person(self) -> bool:
        """Whether a second person must agree."""
        return any(one.second_person for one in self.burdens)

    @property
    def roads(self) -> Roads:
        """The order of the states for this decision."""
        if not self.burdens:
            return {"": ("in effect",), "in effect": ("ended",)}
        last = "seconded" if self.second_person else "confirmed"
        roads: dict[str, tuple[str, ...]] = {
            "": ("proposed",),
            "proposed": ("previewed", "dropped"),
            "previewed": ("confirmed", "dropped"),
            "confirmed": ("seconded", "dropped") if self.second_person else ("dropped",),
            "in effect": ("ended",),
        }
        if self.second_person:
            roads["seconded"] = ("dropped",)
        roads[last] = ("in effect", *roads[last])
        if not self.by_person:
            roads["proposed"] = ("previewed", "in effect", "dropped")
        return roads

    @property
    def ready(self) -> bool:
        """Whether only the letter is missing."""
        return "in effect" in self.roads.get(self.state, ())

    @property
    def notice_due(self) -> date:
        """The last day on which its notice can be given: the tightest promise, counted in the
        place's days from the last step before the letter."""
        before = [step for step in self.steps if step.state not in ("in effect", "ended")]
        start = day_of((before or list(self.steps))[-1].at, self.zone)
        terms = [Term.parse(text) for text in self.notice_within] or [NOTICE]
        return min(due(start, term, self.place) for term in terms)

    def begins(self, noticed: date) -> date:
        """First day of the burdens if the letter is given on a day."""
        return begins(noticed, Term.parse(self.grace), self.place)

    def in_force(
        self,
        moment: int,
        *,
        disputed: Collection[str] = (),
        listings: Iterable[Listing] = (),
    ) -> tuple[Consequence, ...]:
        """What is in force at an instant, worked out anew each time.

        ``disputed`` are ids of events under an open dispute, this decision's own id among them if
        the decision is disputed; ``listings`` those of the subject. Without a listing that it
        hangs on a burden is not in force.
        """
        day = day_of(moment, self.zone)
        here = {one.id for one in listed(listings, self.subject, moment, disputed=disputed)}
        stayed = self.id in disputed
        return tuple(
            one
            for one in self.follows
            if one.in_force(day, disputed=disputed, listed=here)
            and not (stayed and one.kind == "burden")
        )

    # -------------------------------------------------------------- steps

    @fitting
    def preview(self, *, by: str, at: int) -> Decision:
        """A person has looked at what would follow, and why."""
        return replace(self, steps=(*self.steps, Step(state="previewed", by=by, at=at)))

    @fitting
    def confirm(
        self,
        *,
        by: str,
        at: int,
        note: str,
        disputed: Collection[str],
        without: Iterable[str] = (),
        consents: Iterable[Consent] | None = None,
    ) -> Decision:
        """A person decides that the burdens follow; ``without`` names those that do not.

        ``disputed`` are the ids of events under an open dispute now, ``consents`` those of the
        subject as they stand: if one that it rests on is over, it can only be dropped. With no
        burden left the decision is dropped. ``note`` holds the person's own grounds.
        """
        if self.state != "previewed":
            raise not_in("confirm", self.state, "previewed", "Decision")
        gone = set(without)
        left = tuple(one for one in self.follows if one.kind == "benefit" or one.id not in gone)
        if not any(one.kind == "burden" for one in left):
            return self.drop(by=by, at=at, note=note)
        self._undisputed(disputed, left)
        self._permitted(consents, at)
        self._fresh(at)
        step = Step(state="confirmed", by=by, at=at, note=note)
        return replace(self, follows=left, steps=(*self.steps, step))

    @fitting
    def second(
        self,
        *,
        by: str,
        at: int,
        note: str,
        disputed: Collection[str],
        consents: Iterable[Consent] | None = None,
    ) -> Decision:
        """Another person agrees; needed from gravity 4 on."""
        self._undisputed(disputed, self.follows)
        self._permitted(consents, at)
        return replace(self, steps=(*self.steps, Step(state="seconded", by=by, at=at, note=note)))

    @fitting
    def drop(self, *, by: str, at: int, note: str) -> Decision:
        """A person decides that no burden follows. Benefits stay."""
        return replace(self, steps=(*self.steps, Step(state="dropped", by=by, at=at, note=note)))

    @fitting
    def noticed(
        self,
        notice: str,
        *,
        by: str,
        at: int,
        disputed: Collection[str],
        consents: Iterable[Consent] | None = None,
    ) -> Decision:
        """The letter (its id) is given on the day of ``at``: burdens begin after the grace.

        Raises StepRefused if steps are missing, a record is disputed, or the time within which
        notice was promised is over; then the decision is dropped and made again.
        """
        if not self.ready:
            raise not_in("give notice", self.state, "decided", "Decision")
        self._undisputed(disputed, self.follows)
        self._permitted(consents, at)
        self._fresh(at)
        day = day_of(at, self.zone)
        if day > self.notice_due:
            raise _odd("the notice comes too late", f"it was due on {self.notice_due}", "too late")
        return replace(
            self,
            notice=notice,
            follows=tuple(self._begun(day)),
            steps=(*self.steps, Step(state="in effect", by=by, at=at)),
        )

    def would_follow(self, noticed: date) -> tuple[Consequence, ...]:
        """What follows, with its days, if the letter is given on a day."""
        return tuple(self._begun(noticed))

    def _begun(self, noticed: date) -> Iterator[Consequence]:
        start = self.begins(noticed)
        for one in self.follows:
            if one.kind == "benefit" or one.start is not None:
                yield one
            elif one.latest is not None and one.latest <= start:
                raise _odd("it would end before it begins", "what it hangs on is over", "too late")
            else:
                yield one.begun(noticed, start)

    @fitting
    def end(self, *, by: str, at: int, note: str, only: Iterable[str] | None = None) -> Decision:
        """Burdens end on the day of ``at``, all or some; benefits run out by themselves.

        The decision is ended when no burden is left to run.
        """
        if self.state != "in effect":
            raise not_in("end", self.state, "in effect", "Decision")
        day = day_of(at, self.zone)
        named = None if only is None else set(only)
        follows = tuple(
            one.stopped(day, note)
            if one.kind == "burden" and (named is None or one.id in named)
            else one
            for one in self.follows
        )
        left = any(
            one.kind == "burden" and one.ended is None and one.end is not None and one.end > day
            for one in follows
        )
        steps = self.steps if left else (*self.steps, Step(state="ended", by=by, at=at, note=note))
        return replace(self, follows=follows, steps=steps)

    def _undisputed(self, disputed: Collection[str], follows: Iterable[Consequence]) -> None:
        here = set(disputed)
        rests = [one for one in follows if one.kind == "burden" and here & set(one.rests_on)]
        if rests or self.id in here:
            raise _odd(
                "a burden rests on a disputed record",
                "while a record is disputed nothing follows from it",
                "disputed",
            )

    def _permitted(self, consents: Iterable[Consent] | None, at: int) -> None:
        if consents is None or not self.burdens:
            return
        here = {one.id for one in consents if one.subject == self.subject and one.in_force(at)}
        if not set(self.consents) <= here:
            raise _odd(
                "a consent that it rests on is over", "then nothing new follows", "no consent"
            )

    def _fresh(self, at: int) -> None:
        if self.replaces is None and day_of(at, self.zone) > FRESH.after(self.key.day):
            raise _odd("the score is old by now", f"a burden rests on one of {FRESH}", "too late")


def _odd(
    what: str,
    why: str,
    code: Literal[
        "no ground", "no consent", "another", "out of order", "same person", "too late", "disputed"
    ],
) -> StepRefused:
    return StepRefused(
        what, code=code, where="Decision", why=why, mend="take the step that is missing, or drop it"
    )


STATES: Final[tuple[State, ...]] = (
    "proposed",
    "previewed",
    "confirmed",
    "seconded",
    "in effect",
    "dropped",
    "ended",
)

__all__ = ["STATES", "Decision", "LeftOut", "Matched", "Said", "ScoreKey", "State", "Why"]
