"""Days and moments as people give them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from xinyong.days import FIRST_DAY, LAST_DAY, end_of_day, instant, parse_day, parse_moment
from xinyong.errors import QuestionRefused

_WHY = "a score is always asked for one day of the calendar; the house has no clock"


def as_day(day: object) -> date:
    """A date or text such as ``2016-12-31`` as a date; raises QuestionRefused."""
    if isinstance(day, str):
        try:
            return parse_day(day)
        except ValueError as error:
            raise QuestionRefused(
                str(error), where="day", why=_WHY, mend="write it as 2016-12-31"
            ) from None
    if isinstance(day, datetime):
        raise QuestionRefused(
            "a moment is given where a day is wanted",
            where="day",
            why="which day a moment falls on depends on the scheme's time zone",
            mend="give a date, such as moment.date()",
        )
    if not isinstance(day, date):
        raise QuestionRefused(
            "no day is given" if day is None else f"{day!r} is not a day",
            where="day",
            why=_WHY,
            mend='give a date or text such as "2016-12-31"',
        )
    if not FIRST_DAY <= day <= LAST_DAY:
        raise QuestionRefused(
            f"{day} is outside {FIRST_DAY} to {LAST_DAY}",
            where="day",
            why="days outside that span are not carried by the engine",
            mend="ask for a day within it",
        )
    return day


def as_days(days: object) -> date | list[date]:
    """One day, or a sequence of days."""
    if isinstance(days, Sequence) and not isinstance(days, str):
        return [as_day(day) for day in days]
    return as_day(days)


def as_moment(moment: object, zone: ZoneInfo) -> int | None:
    """A moment as microseconds since 1970-01-01T00:00Z; a bare day is its last moment.

    None stays None. Text and datetimes without an offset are read in ``zone``.
    """
    if moment is None:
        return None
    if isinstance(moment, int) and not isinstance(moment, bool):
        return moment
    if isinstance(moment, datetime):
        return instant(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    if isinstance(moment, date):
        return end_of_day(as_day(moment), zone)
    try:
        text = str(moment)
        return end_of_day(parse_day(text), zone) if len(text) == 10 else parse_moment(text, zone)
    except ValueError as error:
        raise QuestionRefused(
            str(error),
            where="known_by",
            why="records known later than this moment do not count",
            mend="write a day (its last moment), or a moment such as 2016-12-31T09:30:00+08:00",
        ) from None
