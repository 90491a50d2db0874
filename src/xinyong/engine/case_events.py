"""The events of a worked case, from the way a document writes them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from xinyong.days import (
    Period,
    day_number,
    end_of_day,
    from_instant,
    instant,
    parse_day,
    parse_moment,
)
from xinyong.engine.values import Value
from xinyong.errors import EventsRefused, XinyongError
from xinyong.records.event import Event
from xinyong.scheme.binding import bind
from xinyong.scheme.complaints import did_you_mean
from xinyong.scheme.expressions import Kind
from xinyong.scheme.model import Case, CaseEvent, Scheme
from xinyong.terms import MICRO

SUBJECT = "case"
"""The subject a case is about, unless told otherwise."""


def case_known_by(scheme: Scheme, case: Case) -> int | None:
    """The instant a case is known by: a day stands for its last moment."""
    if case.known_by is None:
        return None
    with _Placed(case, "known_by"):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", case.known_by):
            return end_of_day(parse_day(case.known_by), scheme.zone)
        return parse_moment(case.known_by, scheme.zone)


# ------------------------------------------------------------------ from a case to events


def case_events(scheme: Scheme, case: Case, subject: str = SUBJECT) -> list[Event]:
    """The events of a case, in the order written.

    ``at``, ``recorded`` and ``struck`` are days (their first instant in the scheme's zone) or
    moments; ``recorded`` is ``at`` unless given. With ``times`` and ``every`` the event comes
    again, each ``every`` later on the local calendar. Ids are ``e1``, ``e2``, ... by place, or
    ``<id>``, ``<id>-2``, ...
    Raises :class:`~xinyong.errors.EventsRefused`.
    """
    events: list[Event] = []
    for spec in case.events:
        fields = {
            name: _field(scheme, case, spec, name, value) for name, value in spec.fields.items()
        }
        with _Placed(case, spec.kind):
            moments = [
                None if text is None else parse_moment(text, scheme.zone)
                for text in (spec.at, spec.recorded or spec.at, spec.struck)
            ]
        for turn in range(spec.times):
            step = spec.every.times(turn) if spec.every is not None and turn else None
            with _Placed(case, spec.kind):
                happened, recorded, struck = (_later(one, step, scheme.zone) for one in moments)
            name = f"e{len(events) + 1}"
            if spec.id is not None:
                name = f"{spec.id}-{turn + 1}" if turn else spec.id
            assert happened is not None and recorded is not None
            events.append(
                Event(subject, spec.kind, happened, recorded, name, fields, struck, "case")
            )
    return events


def _later(microseconds: int | None, step: Period | None, zone: ZoneInfo) -> int | None:
    """The same time of day, a period later on the calendar of the zone."""
    if microseconds is None or step is None:
        return microseconds
    local = from_instant(microseconds).astimezone(zone)
    return instant(datetime.combine(step.after(local.date()), local.time(), tzinfo=zone))


def _field(scheme: Scheme, case: Case, spec: CaseEvent, name: str, value: Any) -> Value:
    kinds = bind(scheme).fields.get(spec.kind)
    if kinds is None:
        raise EventsRefused(
            f"the scheme has no event '{spec.kind}'",
            where=f"case '{case.name}'",
            why="a case tells only of events the scheme reads",
            mend=did_you_mean(spec.kind, bind(scheme).fields),
        )
    if name not in kinds:
        raise EventsRefused(
            f"'{spec.kind}' has no field '{name}'",
            where=f"case '{case.name}'",
            why="a case gives only fields the scheme declares",
            mend=did_you_mean(name, kinds),
        )
    with _Placed(case, f"{spec.kind}.{name}"):
        return raw_value(kinds[name], value)


def raw_value(kind: Kind, value: Any) -> Value:
    """A value as written in a document, as the engine holds it; ValueError says what is wrong.

    Fixed numbers are written with up to six decimals and held in millionths; days are written as
    2016-12-31 and held as day numbers. None is unknown.
    """
    if value is None:
        return None
    number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if kind.base == "fixed" and number:
        exact = Decimal(value) * MICRO
        if exact != exact.to_integral_value():
            raise ValueError(f"{value} has more than six decimals")
        return int(exact)
    if kind.base == "whole" and number and value == int(value):
        return int(value)
    if kind.base == "date" and isinstance(value, (str, date)):
        return day_number(parse_day(value) if isinstance(value, str) else value)
    if kind.base == "bool" and isinstance(value, bool):
        return value
    if kind.base == "text" and isinstance(value, str):
        return value
    raise ValueError(f"{value!r} is not {kind}")


class _Placed:
    """Turns a ValueError within into EventsRefused with the case's name as its place."""

    def __init__(self, case: Case, what: str) -> None:
        self.place = f"case '{case.name}', {what}"

    def __enter__(self) -> None:
        pass

    def __exit__(self, type_: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (ValueError, OverflowError)) and not isinstance(error, XinyongError):
            raise EventsRefused(
                str(error),
                where=self.place,
                why="the value does not fit the scheme",
                mend="write days as 2016-12-31 and values as the field's type has them",
            ) from None
