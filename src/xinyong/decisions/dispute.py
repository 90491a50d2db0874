"""A dispute: a subject objects to records, a listing or a decision, and what comes of it.

From the moment it is opened the records leave scoring and what rests on them is stayed. The clocks
are the scheme's; when the last has run out, nobody need act: the record is out. A person handles
it and decides with grounds: corrected, deleted or kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from xinyong.charter.clocks import due
from xinyong.charter.words import Place
from xinyong.days import Term
from xinyong.decisions.clocks import day_of, dispute_of
from xinyong.decisions.course import Roads, Step, check_course, not_in, same_person
from xinyong.errors import StepRefused
from xinyong.records.event import FieldValue
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
from xinyong.scheme import follows
from xinyong.scheme.model import Scheme

About = Literal["events", "listing", "decision"]
Found = Literal["corrected", "deleted", "kept"]
OnTimeout = Literal["removed", "left out", "kept"]
"""What happens when nobody decides in time: the record is removed for good, left out until
somebody decides, or kept."""

ROADS: Final[Roads] = {
    "": ("opened",),
    "opened": ("marked", "taken", "withdrawn"),
    "marked": ("taken", "withdrawn"),
    "taken": ("marked", "extended", "taken", "decided", "withdrawn"),
    "extended": ("marked", "taken", "decided", "withdrawn"),
}


@dataclass(frozen=True, config=STRICT)
class Evidence(Written):
    """A paper that the subject or the source gave: its name and SHA-256; never its content."""

    name: Line
    sha256: Digest
    by: Literal["subject", "source"] = "subject"


@dataclass(frozen=True, config=STRICT)
class Mended(Written):
    """A field of an event as it should be; without a value it is unknown.

    ``says`` is the value as a person reads it, where that is not the value itself.
    """

    event: Id
    field: Line
    value: bool | int | str | None = None
    says: Line | None = None

    @property
    def now(self) -> FieldValue:
        """The corrected value."""
        return self.value


@dataclass(frozen=True, config=STRICT)
class Finding(Written):
    """What a dispute came to: the finding, the corrected fields, the grounds, who found it."""

    found: Found
    grounds: Text
    by: Line
    at: Moment
    fields: tuple[Mended, ...] = ()
    by_clock: bool = False

    def __post_init__(self) -> None:
        if (self.found == "corrected") != bool(self.fields):
            raise _odd("corrected fields belong to a correction", "unfit", "say which, and how")
        places = [(one.event, one.field) for one in self.fields]
        if len(set(places)) != len(places):
            raise _odd("a field is corrected twice", "unfit", "give each field once")


@dataclass(frozen=True, config=STRICT)
class Dispute(Written):
    """An objection of a subject, its clocks, steps and outcome.

    ``events`` are ids of the records it is about, which leave scoring; ``target`` is the id of a
    listing or decision, which is stayed. ``mark_due``, ``decide_due``, ``tell_due`` and
    ``extended_to`` are the last days, local to ``zone``, in working days of ``place``.
    """

    id: Id
    subject: Id
    scheme: Id
    about: About
    events: Ids
    statement: Text
    source: Line
    opened: Moment
    zone: ZoneName
    place: Place
    decide_due: Day
    on_timeout: OnTimeout
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    evidence: tuple[Evidence, ...] = ()
    target: Id | None = None
    mark_due: Day | None = None
    tell_due: Day | None = None
    told: Day | None = None
    extension: ClockText | None = None
    extended_to: Day | None = None
    handler: Line | None = None
    finding: Finding | None = None

    def __post_init__(self) -> None:
        check_course(self.steps, ROADS, "Dispute")
        if (self.about == "events") != (self.target is None):
            raise _odd("it does not say what it is about", "unfit", "name what is disputed")
        if self.about == "events" and not self.events:
            raise _odd("it names no record", "no ground", "name the events")
        if self.steps[0].at != self.opened:
            raise _odd("its first step is not its opening", "out of order", "give the same moment")
        states = [step.state for step in self.steps]
        if states.count("extended") > 1 or states.count("marked") > 1:
            raise _odd("it is extended or marked twice", "out of order", "once is all")
        if ("extended" in states) != (self.extended_to is not None):
            raise _odd("its extension and its steps differ", "out of order", "extend it")
        if ("decided" in states) != (self.finding is not None):
            raise _odd("its finding and its steps differ", "out of order", "decide it")
        if ("taken" in states) != (self.handler is not None):
            raise _odd("its handler and its steps differ", "out of order", "name the handler")
        if self.finding is not None:
            odd = {one.event for one in self.finding.fields} - set(self.events)
            if odd:
                raise _odd("it corrects another record", "another", "correct what is disputed")
        if self.handler is not None and same_person(self.handler, self.subject):
            raise _odd("the subject handles its own dispute", "same person", "name another")

    # -------------------------------------------------------------- asked for a moment

    @property
    def last_day(self) -> date:
        """The last day on which it can be decided."""
        return self.extended_to or self.decide_due

    @property
    def words(self) -> tuple[str, ...]:
        """States it has been in, in order."""
        return tuple(step.state for step in self.steps)

    def state(self, moment: int) -> str:
        """The state at an instant; ``timed out`` once the last day is over and nobody decided.

        Empty before it was opened.
        """
        state = next((step.state for step in reversed(self.steps) if step.at <= moment), "")
        if state in ("", "decided", "withdrawn"):
            return state
        return "timed out" if day_of(moment, self.zone) > self.last_day else state

    def counts(self, moment: int) -> bool:
        """Whether the disputed records count at an instant, in their corrected form if any.

        They do not from the opening on; again if they were kept or corrected, or the subject took
        the dispute back, or the scheme says that time decides for the record.
        """
        if moment < self.opened:
            return True
        state = self.state(moment)
        if state == "timed out":
            return self.on_timeout == "kept"
        if state == "withdrawn":
            return True
        return state == "decided" and self.finding is not None and self.finding.found != "deleted"

    def open(self, moment: int) -> bool:
        """Whether somebody still has to decide it at an instant."""
        state = self.state(moment)
        late = state == "timed out" and self.on_timeout != "left out"
        return state not in ("", "decided", "withdrawn") and not late

    def late(self, moment: int) -> tuple[str, ...]:
        """Clocks that have run out by an instant and were not kept."""
        day = day_of(moment, self.zone)
        closed = self.steps[-1].state in ("decided", "withdrawn")
        found = []
        marked = next((s.at for s in self.steps if s.state in ("marked", "decided")), moment)
        if self.mark_due is not None and day_of(marked, self.zone) > self.mark_due:
            found.append("mark")
        if self.tell_due is not None and (self.told or day) > self.tell_due:
            found.append("tell the source")
        if not closed and day > self.last_day:
            found.append("decide")
        return tuple(found)

    # -------------------------------------------------------------- steps

    @fitting
    def mark(self, *, by: str, at: int) -> Dispute:
        """The records are shown as disputed wherever they are shown."""
        self._running("mark", at)
        return replace(self, steps=self._then("marked", by, at))

    @fitting
    def take(self, *, by: str, at: int) -> Dispute:
        """A named person handles it from now on."""
        self._running("take", at)
        return replace(self, handler=by, steps=self._then("taken", by, at))

    @fitting
    def tell_source(self, day: date) -> Dispute:
        """The source of the records was told on a day."""
        if self.told is not None or day < day_of(self.opened, self.zone):
            raise _odd("it was told already, or before the dispute", "out of order", "once")
        return replace(self, told=day)

    @fitting
    def extend(self, *, by: str, at: int, grounds: str) -> Dispute:
        """More time, once, before the first is over, by the handler, with grounds."""
        self._running("extend", at)
        self._handler(by)
        if self.extension is None:
            raise _odd("the scheme gives no more time", "too late", "decide it in time")
        last = due(self.decide_due, Term.parse(self.extension), self.place)
        return replace(self, extended_to=last, steps=self._then("extended", by, at, grounds))

    @fitting
    def decide(
        self, found: Found, *, by: str, at: int, grounds: str, fields: Iterable[Mended] = ()
    ) -> Dispute:
        """The handler decides, with grounds: corrected (with the fields), deleted or kept.

        After the last day nothing but ``deleted`` can be found, unless the scheme only leaves the
        record out until somebody decides.
        """
        if self.state(at) == "timed out" and self.on_timeout != "left out" and found != "deleted":
            raise _odd("time has decided already", "too late", "close it with deleted")
        self._handler(by)
        finding = Finding(found=found, grounds=grounds, by=by, at=at, fields=tuple(fields))
        return replace(self, finding=finding, steps=self._then("decided", by, at, grounds))

    @fitting
    def withdraw(self, *, at: int) -> Dispute:
        """The subject takes it back; the records count again."""
        self._running("withdraw", at)
        return replace(self, steps=self._then("withdrawn", self.subject, at))

    def _then(self, state: str, by: str, at: int, note: str | None = None) -> tuple[Step, ...]:
        return (*self.steps, Step(state=state, by=by, at=at, note=note))

    def _running(self, word: str, at: int) -> None:
        if self.state(at) in ("decided", "withdrawn", "timed out"):
            raise not_in(word, self.state(at), "open", "Dispute")

    def _handler(self, by: str) -> None:
        if self.handler is None or not same_person(by, self.handler):
            raise _odd("somebody else handles it", "another", "let the handler, or take it first")


@fitting
def open_dispute(
    scheme: Scheme,
    *,
    id: str,
    subject: str,
    about: About,
    events: Iterable[str],
    statement: str,
    source: str,
    at: int,
    place: Place,
    target: str | None = None,
    evidence: Iterable[Evidence] = (),
    earlier: Sequence[Dispute] = (),
) -> Dispute:
    """A new dispute with its clocks; at the same moment the records leave scoring.

    Any scheme will do, approved or not: whoever is on record can object. ``at`` is in microseconds
    since 1970-01-01T00:00Z. ``earlier`` are the subject's disputes so far; records that were kept
    are disputed again with new evidence alone, and one open dispute about them is enough.
    """
    right = dispute_of(scheme)
    named, papers = tuple(events), tuple(evidence)
    _check_again(subject, set(named), papers, earlier, at)
    day = day_of(at, scheme.timezone)
    mark, tell = right.mark, right.tells_source
    return Dispute(
        id=id,
        subject=subject,
        scheme=scheme.scheme,
        about=about,
        events=named,
        target=target,
        statement=statement,
        evidence=papers,
        source=source,
        opened=at,
        zone=scheme.timezone,
        place=place,
        mark_due=None if mark is None else due(day, mark, place),
        decide_due=due(day, right.decide, place),
        tell_due=None if tell is None else due(day, tell, place),
        extension=None if right.extension is None else str(right.extension),
        on_timeout=timeout_of(right.on_timeout),
        steps=(Step(state="opened", by=subject, at=at),),
    )


def _check_again(
    subject: str,
    named: set[str],
    papers: tuple[Evidence, ...],
    earlier: Sequence[Dispute],
    at: int,
) -> None:
    mine = [one for one in earlier if one.subject == subject and named & set(one.events)]
    if any(one.open(at) for one in mine):
        raise _odd("it is disputed already", "out of order", "add to the dispute that is open")
    kept = [one for one in mine if one.finding is not None and one.finding.found == "kept"]
    known = {paper.sha256 for one in mine for paper in one.evidence}
    if kept and not {paper.sha256 for paper in papers} - known:
        raise _odd(
            "it was kept, and nothing new is shown", "out of order", "add evidence, or ask a review"
        )


_OTHERWISE: Final[Mapping[follows.OnTimeout, OnTimeout]] = {
    "the record is left out until decided": "left out",
    "the record is kept": "kept",
    "the record stands": "kept",
}


def timeout_of(said: follows.OnTimeout | None) -> OnTimeout:
    """What a scheme's ``on_timeout`` comes to; what is not plainly otherwise is *removed*."""
    return "removed" if said is None else _OTHERWISE.get(said, "removed")


def disputed(disputes: Iterable[Dispute], moment: int) -> frozenset[str]:
    """Ids of all that nothing may rest on at an instant: events, listings, decisions.

    They are under an open dispute, or it ended against them: deleted, or not decided in time.
    """
    found: set[str] = set()
    for one in disputes:
        if not one.counts(moment):
            found |= set(one.events) | ({one.target} if one.target is not None else set())
    return frozenset(found)


def _odd(
    what: str,
    code: Literal["unfit", "no ground", "out of order", "another", "same person", "too late"],
    mend: str,
) -> StepRefused:
    return StepRefused(
        what,
        code=code,
        where="Dispute",
        why="a dispute has a ground, a person who handles it, clocks, and one end",
        mend=mend,
    )


__all__ = [
    "ROADS",
    "Dispute",
    "Evidence",
    "Finding",
    "Mended",
    "OnTimeout",
    "disputed",
    "open_dispute",
    "timeout_of",
]
