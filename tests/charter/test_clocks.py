"""Deadlines by each place's own calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyong.charter.clocks import due, is_working_day, longer
from xinyong.charter.words import PLACES, Place
from xinyong.days import Term

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
places = st.sampled_from(tuple(PLACES))


@pytest.mark.parametrize(
    ("place", "day", "open_"),
    [
        ("cn", date(2026, 10, 1), False),  # National Day
        ("cn", date(2026, 10, 10), True),  # a Saturday worked for it
        ("eu", date(2026, 10, 10), False),
        ("eu", date(2026, 12, 25), False),
        ("us", date(2026, 7, 3), False),  # Independence Day falls on a Saturday
        ("us", date(2026, 10, 1), True),
    ],
)
def test_working_days(place: Place, day: date, open_: bool) -> None:
    assert is_working_day(day, place) is open_


@pytest.mark.parametrize(
    ("start", "term", "place", "end"),
    [
        (date(2026, 9, 30), "3 working days", "cn", date(2026, 10, 10)),
        (date(2026, 11, 20), "3 working days", "eu", date(2026, 11, 25)),
        (date(2026, 11, 20), "3 days", "eu", date(2026, 11, 23)),
        (date(2026, 1, 31), "1 month", "us", date(2026, 2, 28)),
        (date(2026, 11, 20), "24 hours", "cn", date(2026, 11, 21)),
        (date(2026, 11, 20), "72 hours", "cn", date(2026, 11, 23)),
    ],
)
def test_due(start: date, term: str, place: Place, end: date) -> None:
    assert due(start, Term.parse(term), place) == end


@given(days, st.integers(1, 30), places)
def test_a_term_in_working_days_ends_on_one_and_counts_them(
    start: date, length: int, place: Place
) -> None:
    end = due(start, Term(length, "working day"), place)
    assert is_working_day(end, place)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_working_day(day, place) for day in between) == length


@given(days, st.integers(1, 40), st.integers(1, 40), places)
def test_one_unit_is_compared_as_it_is(start: date, a: int, b: int, place: Place) -> None:
    assert longer(Term(a, "day"), Term(b, "day"), place, start) is (a > b)


def test_working_days_against_calendar_days_count_the_longest_holidays() -> None:
    day = date(2026, 11, 22)
    assert not longer(Term(5, "working day"), Term(20, "day"), "cn", day)
    assert longer(Term(12, "working day"), Term(20, "day"), "cn", day)
    assert not longer(Term(12, "working day"), Term(20, "day"), "us", day)
