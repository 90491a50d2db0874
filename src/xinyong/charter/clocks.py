"""Deadlines in working and calendar days, by each place's own calendar.

Working days come from the ``holidays`` package: China's with its make-up days, the Union's as the
days on which its payment system is open, federal holidays in the United States.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

from xinyong.charter.words import Place
from xinyong.days import Period, Term


@lru_cache(maxsize=8)
def calendar(place: Place) -> holidays.HolidayBase:
    """The calendar of a place; years are added as they are asked for."""
    if place == "cn":
        return holidays.country_holidays("CN")
    if place == "us":
        return holidays.country_holidays("US")
    return holidays.financial_holidays("ECB")


def is_working_day(day: date, place: Place) -> bool:
    """Whether offices of the place are open on ``day``."""
    return bool(calendar(place).is_working_day(day))


def due(start: date, term: Term, place: Place) -> date:
    """The last day of a term that begins on ``start``; the first day does not count.

    Hours are rounded up to whole days. ``3 working days`` from a Friday end on the Wednesday
    after, if no holiday lies between.
    """
    if term.unit == "working day":
        return calendar(place).get_nth_working_day(start, term.length)
    if term.unit == "hour":
        return start + timedelta(days=-(-term.length // 24))
    if term.unit == "day":
        return start + timedelta(days=term.length)
    months = term.length * (12 if term.unit == "year" else 1)
    return Period(months, "month").after(start)


@lru_cache(maxsize=4096)
def longer(term: Term, limit: Term, place: Place, day: date) -> bool:
    """Whether a term can end later than a limit, for some start in the year from ``day`` on.

    Terms in the same unit are compared as they are. A limit in calendar days is also kept by a
    term in working days only if it is kept on every start, the longest holidays included.
    """
    if term.unit == limit.unit:
        return term.length > limit.length
    return any(
        due(start, term, place) > due(start, limit, place)
        for start in (day + timedelta(days=step) for step in range(366))
    )
