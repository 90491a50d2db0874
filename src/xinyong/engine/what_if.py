"""What would change a score: other values, one event more or less, the passing of time.

Everything here is worked out by scoring again. It is not a promise: it holds as long as nothing
else changes, and a variable given another value does not change the others that read the same
events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple

from xinyong.days import start_of_day
from xinyong.engine.better import Wanted, better_row, turned
from xinyong.engine.case_events import raw_value
from xinyong.engine.changes import first_change
from xinyong.engine.history import history
from xinyong.engine.plain import score
from xinyong.engine.score import Outcome
from xinyong.engine.subject import known_variable, work_out
from xinyong.engine.values import Value
from xinyong.engine.worked import Working
from xinyong.errors import QuestionRefused
from xinyong.records.event import Event
from xinyong.scheme.binding import Bound, BoundBins, BoundEach, BoundVeto, BoundWhen, bind
from xinyong.scheme.expressions import Kind
from xinyong.scheme.model import Scheme

ADDED = "what-if"
"""Id of an event that is only supposed."""


class WhatIf(NamedTuple):
    """A score as it is and as it would be."""

    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that would change the score, and what would come of it.

    ``form``: ``row``, ``condition`` and ``veto`` (a variable with another value, in ``assumed``,
    raw), ``event`` (one event less: ``without``; or one more like it: ``again``), ``edge``
    (points missing to the next band, not scored again), ``time`` (nothing happens until ``day``).
    ``gain`` is in points; ``gained`` and ``lost`` are consequences.
    """

    form: Literal["row", "event", "condition", "veto", "edge", "time"]
    rule: str | None
    says: str
    gain: int
    score: int
    band: str
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    assumed: Mapping[str, Value] = field(default_factory=dict)
    without: str | None = None
    again: str | None = None
    day: date | None = None


def what_if(
    scheme: Scheme,
    events: Sequence[Event],
    *,
    subject: str,
    day: date,
    known_by: int | None = None,
    set: Mapping[str, Any] | None = None,
    add: Sequence[Event] = (),
    strike: Sequence[str] = (),
) -> WhatIf:
    """The score as it is, and with other values, more events, or without some. Not a promise.

    ``set`` gives variables values as a document writes them (``0.95``, ``3``, ``yes``,
    ``2016-12-31``; ``unknown`` or None for unknown), ``strike`` names events by id. Raises
    QuestionRefused for a name, value or id that does not fit, EventsRefused for an event that
    does not.
    """
    bound = bind(scheme)
    overrides: dict[str, Value] = {}
    for name, value in (set or {}).items():
        known_variable(bound, name)
        overrides[name] = _given(bound.variables[name].kind, name, value)
    mine = {event.id for event in events if event.subject == subject}
    for id_ in strike:
        if id_ not in mine:
            raise QuestionRefused(
                f"'{subject}' has no event '{id_}'",
                where="strike",
                why="only an event on record can be struck out",
                mend="the trace of the score lists the ids of all events behind it",
            )
    left = [event for event in events if event.subject != subject or event.id not in strike]
    return WhatIf(
        score(scheme, events, subject=subject, day=day, known_by=known_by),
        score(
            scheme,
            [*left, *add],
            subject=subject,
            day=day,
            known_by=known_by,
            overrides=overrides,
        ),
    )


def _given(kind: Kind, name: str, value: Any) -> Value:
    """A value as a person gives it, held as the engine holds it."""
    try:
        if isinstance(value, str) and kind.base != "text":
            value = _read(kind, value.strip())
        return None if value == "unknown" else raw_value(kind, value)
    except (ValueError, InvalidOperation):
        raise QuestionRefused(
            f"{value!r} is no value of '{name}'",
            where="set",
            why=f"'{name}' is {kind}",
            mend="write 3, 0.95, yes, no, 2016-12-31, or unknown",
        ) from None


def _read(kind: Kind, text: str) -> Any:
    if text == "unknown" or kind.base == "date":
        return text
    if kind.base == "bool":
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.lower(), text)
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"{text} is not a number")
    return number


# ------------------------------------------------------------------ what would change it


def what_would_change(
    scheme: Scheme,
    events: Sequence[Event],
    *,
    subject: str,
    day: date,
    known_by: int | None = None,
) -> tuple[Change, ...]:
    """What would better the score, each thing alone, worked out by scoring again. Not a promise.

    For each line that is not at its best: the nearest better row, one event less or one more, the
    condition turned; for each veto that lowers the band, the same. First comes the next band's
    edge, then what reaches a higher band (the nearest first), then the rest by gain; last, what
    time alone will bring.
    """
    bound = bind(scheme)
    seen = history(bound, events, subject=subject, day=day, known_by=known_by)
    work = work_out(bound, seen, day)
    found = [
        change
        for change in _all_changes(scheme, events, work)
        if change.gain > 0 or _rank(bound, change.band) > _rank(bound, work.outcome.band)
    ]
    found.sort(key=lambda change: _nearness(bound, work.outcome, change))
    return (*_edge(work), *found, *_time(work))


def _rank(bound: Bound, band: str) -> int:
    return next(one.rank for one in bound.bands if one.name == band)


def _nearness(bound: Bound, before: Outcome, change: Change) -> tuple[int, int, int]:
    up = _rank(bound, change.band) - _rank(bound, before.band)
    return (0, up, -change.gain) if up > 0 else (1, 0, -change.gain)


def _change(
    before: Outcome,
    after: Outcome,
    form: Literal["row", "event", "condition", "veto", "time"],
    rule: str | None,
    says: str,
) -> Change:
    return Change(
        form=form,
        rule=rule,
        says=says,
        gain=after.score - before.score,
        score=after.score,
        band=after.band,
        gained=tuple(x for x in after.consequences if x not in before.consequences),
        lost=tuple(x for x in before.consequences if x not in after.consequences),
    )


def _all_changes(scheme: Scheme, events: Sequence[Event], work: Working) -> Iterator[Change]:
    for line in work.bound.lines:
        done = work.lines[line.id]
        match line:
            case BoundBins():
                yield from _assuming(work, "row", line.id, better_row(work, line))
            case BoundEach():
                yield from _one_event(scheme, events, work, line)
            case BoundVeto():
                if done.fired:
                    yield from _assuming(work, "veto", line.id, turned(work, line.when, False))
            case BoundWhen():
                # a line that is silent may bring points; one that takes points may fall silent
                want = done.fired is not True
                if want or done.points < 0:
                    yield from _assuming(work, "condition", line.id, turned(work, line.when, want))


def _assuming(
    work: Working, form: Literal["row", "condition", "veto"], rule: str, wanted: Wanted | None
) -> Iterator[Change]:
    if wanted is None:
        return
    assumed = {wanted.variable: wanted.value}
    after = work_out(work.bound, work.history, work.day, assumed).outcome
    yield replace(_change(work.outcome, after, form, rule, wanted.says), assumed=assumed)


def _one_event(
    scheme: Scheme, events: Sequence[Event], work: Working, line: BoundEach
) -> Iterator[Change]:
    brought = work.lines[line.id].events
    if not brought:
        return
    subject, day, known_by = work.outcome.subject, work.day, work.outcome.known_by
    worst = min(brought, key=lambda item: item.points)
    if worst.points < 0:
        event = worst.seen.event
        left = [one for one in events if one.subject != subject or one.id != event.id]
        after = score(scheme, left, subject=subject, day=day, known_by=known_by)
        says = f"without the '{event.kind}' of {worst.seen.day} ({line.says})"
        yield replace(_change(work.outcome, after, "event", line.id, says), without=event.id)
    last = brought[-1]
    if last.full > 0:
        now = min(start_of_day(day, scheme.zone), known_by)
        more = replace(last.seen.event, id=ADDED, happened_at=now, recorded_at=now, struck_at=None)
        after = score(scheme, [*events, more], subject=subject, day=day, known_by=known_by)
        says = f"with one more '{more.kind}' like that of {last.seen.day} ({line.says})"
        again = last.seen.event.id
        yield replace(_change(work.outcome, after, "event", line.id, says), again=again)


def _edge(work: Working) -> Iterator[Change]:
    """The next edge of a band above the score, in points missing."""
    now = work.outcome.score
    above = [band for band in work.bound.bands if band.since is not None and band.since > now]
    if above:
        band = min(above, key=lambda one: one.since or 0)
        edge = band.since or 0
        missing = edge - now
        says = (
            f"{missing} point{'' if missing == 1 else 's'} more reach {edge}, where “{band.name}”"
        )
        yield Change("edge", None, f"{says} starts", missing, edge, band.name)


def _time(work: Working) -> Iterator[Change]:
    """What comes if nothing new happens."""
    later = first_change(work)
    if later is not None:
        after = later.outcome
        says = (
            f"if nothing new happens, on {later.day} your score becomes {after.score}"
            f" and your band “{after.band}”"
        )
        yield replace(_change(work.outcome, after, "time", None, says), day=later.day)
