"""Which events count: section 2 of docs/meaning.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from xinyong.days import FIRST_DAY, LAST_DAY, Period, end_of_day, from_instant, local_day
from xinyong.errors import EventsRefused, QuestionRefused
from xinyong.records.event import Event, FieldValue
from xinyong.scheme.binding import Bound
from xinyong.scheme.complaints import did_you_mean
from xinyong.scheme.model import Scheme
from xinyong.terms import EVENTS_LIMIT, FIELD_LIMIT, FIXED_FIELD_LIMIT, MICRO

DAY_MICROSECONDS: Final = 86_400 * 1_000_000
FAR: Final = 150_000 * DAY_MICROSECONDS
"""No instant of an allowed day is further from 1970 than this."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A visible event and its local day, in the scheme's time zone."""

    event: Event
    day: date


@dataclass(frozen=True, slots=True)
class History:
    """The visible events of one subject, by kind; within a kind in the order of time.

    ``chosen`` keeps what variables select from them, since lines, lists and reasons ask again.
    """

    subject: str
    known_by: int
    kinds: Mapping[str, Sequence[Seen]]
    chosen: dict[tuple[str, date, Period | None], tuple[Seen, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def of(self, kind: str) -> Sequence[Seen]:
        """Visible events of one kind."""
        return self.kinds.get(kind, ())


def in_window(seen: Iterable[Seen], day: date, period: Period | None) -> list[Seen]:
    """Events that lie in the window ``(day - period, day]``; all of them without a period.

    The events must be visible on ``day``, so none lies after it.
    """
    if period is None:
        return list(seen)
    outside = period.before(day)
    return [one for one in seen if one.day > outside]


def checked_day(day: date) -> date:
    """The day, if it can be asked for; else :class:`~xinyong.errors.QuestionRefused`."""
    if type(day) is not date or not FIRST_DAY <= day <= LAST_DAY:
        raise QuestionRefused(
            f"'{day}' is not a day that can be scored",
            where="day",
            why=f"days run from {FIRST_DAY} to {LAST_DAY}",
            mend="give a datetime.date within these bounds",
        )
    return day


def last_instant(scheme: Scheme, day: date, known_by: int | None) -> int:
    """``known_by``, or by default the last microsecond of ``day`` in the scheme's zone."""
    if known_by is None:
        return end_of_day(day, scheme.zone)
    if type(known_by) is not int:
        raise QuestionRefused(
            f"{known_by!r} is not an instant",
            where="known_by",
            why="instants are microseconds since 1970-01-01T00:00Z",
            mend="give an integer, as xinyong.days.parse_moment does",
        )
    return known_by


def history(
    bound: Bound, events: Iterable[Event], *, subject: str, day: date, known_by: int | None
) -> History:
    """Check the subject's records and keep those that are visible (section 2).

    Raises :class:`~xinyong.errors.EventsRefused` for a record that does not fit the scheme and
    :class:`~xinyong.errors.QuestionRefused` for a day that cannot be scored.
    """
    scheme = bound.scheme
    last = last_instant(scheme, checked_day(day), known_by)
    kinds: dict[str, list[Seen]] = {}
    for event in recorded_once(bound, events, subject):
        local = local_day(event.happened_at, scheme.zone)
        if not FIRST_DAY <= local <= LAST_DAY:
            raise _instant_refused(event)
        known = event.recorded_at <= last
        struck = event.struck_at is not None and event.struck_at <= last
        if local <= day and known and not struck:
            kinds.setdefault(event.kind, []).append(Seen(event, local))
    return History(subject, last, kinds)


def recorded_once(bound: Bound, events: Iterable[Event], subject: str) -> list[Event]:
    """The subject's records, checked, each id once, in the order of time (section 2).

    Raises :class:`~xinyong.errors.EventsRefused` for a record that does not fit the scheme.
    """
    mine = [event for event in events if event.subject == subject]
    for event in mine:
        _check(bound, event)
    records = _one_of_each(mine)
    if len(records) > EVENTS_LIMIT:
        raise EventsRefused(
            f"subject '{subject}' has {len(records):,} events",
            why=f"at most {EVENTS_LIMIT:,} keep every sum exact",
            mend="leave out events that no window reaches",
        )
    return sorted(records, key=lambda e: (e.happened_at, e.recorded_at, e.id))


def _one_of_each(events: Iterable[Event]) -> list[Event]:
    """Of records with the same id the one recorded first counts (section 2)."""
    first: dict[str, Event] = {}
    for event in events:
        other = first.get(event.id)
        if other is None or _age(event) < _age(other):
            first[event.id] = event
    return list(first.values())


def _age(event: Event) -> tuple[int, int, str]:
    return (event.recorded_at, event.happened_at, event.kind)


# ------------------------------------------------------------------ records that do not fit


def _check(bound: Bound, event: Event) -> None:
    fields = bound.fields.get(event.kind)
    if fields is None:
        raise EventsRefused(
            f"the scheme has no event '{event.kind}'",
            where=_place(event),
            why=f"'{bound.scheme.scheme}' reads only the events of its own data sets",
            mend=did_you_mean(event.kind, bound.fields),
        )
    struck = event.happened_at if event.struck_at is None else event.struck_at
    for instant in (event.happened_at, event.recorded_at, struck):
        if type(instant) is not int or abs(instant) > FAR:
            raise _instant_refused(event)
    for name, value in event.fields.items():
        kind = fields.get(name)
        if kind is None:
            raise EventsRefused(
                f"'{event.kind}' has no field '{name}'",
                where=_place(event),
                why="an event carries only the fields the scheme declares",
                mend=did_you_mean(name, fields),
            )
        if value is not None and not _fits(kind.base, value):
            raise EventsRefused(
                f"{value!r} does not fit the field '{name}', which is {kind}",
                where=_place(event),
                why=_WANTED[kind.base],
                mend="give a value of that kind, or None for unknown",
            )


_WANTED: Final = {
    "bool": "it holds True or False",
    "whole": f"it holds an integer within ±{FIELD_LIMIT:,}",
    "fixed": f"it holds millionths, an integer within ±{FIXED_FIELD_LIMIT * MICRO:,}",
    "text": "it holds text",
    "date": "it holds a day number, counted from 1970-01-01, of the years 1 to 9999",
}
_FIRST_NUMBER: Final = date.min.toordinal() - 719163
_LAST_NUMBER: Final = date.max.toordinal() - 719163


def _fits(base: str, value: FieldValue) -> bool:
    if base == "bool":
        return type(value) is bool
    if base == "text":
        return type(value) is str
    if type(value) is not int:
        return False
    if base == "whole":
        return abs(value) <= FIELD_LIMIT
    if base == "fixed":
        return abs(value) <= FIXED_FIELD_LIMIT * MICRO
    return _FIRST_NUMBER <= value <= _LAST_NUMBER


def _instant_refused(event: Event) -> EventsRefused:
    return EventsRefused(
        "the event has no usable instant",
        where=_place(event),
        why=f"instants are microseconds since 1970-01-01T00:00Z, from {FIRST_DAY} to {LAST_DAY}",
        mend="check the unit (microseconds, not seconds) and the year",
    )


def _place(event: Event) -> str:
    return f"event '{event.id}' of subject '{event.subject}'"


def moment(microseconds: int) -> str:
    """An instant as ISO text in UTC; one beyond the calendar as its number."""
    try:
        return from_instant(microseconds).isoformat()
    except OverflowError:
        return str(microseconds)
