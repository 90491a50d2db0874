"""When a score changes next by itself: every engine gives the day that scoring day by day finds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from xinyong.days import start_of_day
from xinyong.engine import plain
from xinyong.engine.batch import chosen_engine, score_table
from xinyong.engine.plan import plan_of
from xinyong.engine.shape import shape_of
from xinyong.records.event import Event
from xinyong.records.table import from_events
from xinyong.scheme.model import Scheme
from xinyong.scheme.reading import scheme_from_text

ENGINES = ["numpy"] if chosen_engine() == "numpy" else ["numba", "numpy"]
DAY = date(2026, 3, 31)
HEAD = """
xinyong: 1
scheme: following
version: "1"
use: lab
subjects: person
in_force: {from: 2020-01-01}
title: What changes by itself
purpose: To test
data_sets:
  bank:
    context: finance
    source: banks
    basis: law
    keep: {for: 100 years, from: event, then: delete}
    events: {pay: {fields: {amount: money, shop: text}}}
parameters:
  wait:
    title: Days to wait
    unit: days
    values: {2020-01-01: {value: 40}, 2026-05-01: {value: 50}}
"""
TAIL = """
bands: [{name: low, from: 0}, {name: high, from: 100}]
"""
VARIABLES = """
variables:
  idle: {title: Days since a payment, days_since: pay}
  idle_year: {title: The same within a year, days_since: pay, within: 12 months}
  shops: {title: Shops, distinct: pay.shop, within: 60 days}
  least: {title: Least, min: pay.amount, within: 60 days}
  most: {title: Most, max: pay.amount, within: 60 days}
  months_idle: {title: Months, expr: idle / 30}
  more: {title: Longer than the wait, expr: idle - 7}
"""
ONE_OFF = "{id: L, when: '%s', points: 10, says: A line}"


def scheme_of(line: str, rest: str = "") -> Scheme:
    """A scheme with one line."""
    score = f"score: {{start: 50, floor: 0, ceiling: 200, add: [{line}]}}"
    return scheme_from_text(HEAD + VARIABLES + score + rest + TAIL)


def paid(ago: int, number: int = 0, *, amount: int = 5, shop: str = "a") -> Event:
    """A payment so many days before the day of scoring."""
    at = start_of_day(DAY - timedelta(days=ago), scheme_of(ONE_OFF % "idle > 1").zone) + number
    return Event("s", "pay", at, at, f"{ago}-{number}", {"amount": amount, "shop": shop})


def changes(scheme: Scheme, events: list[Event], engine: Any) -> date | None:
    """The next change by a fast engine, after it was found equal to the plain one's."""
    table = from_events(events, shape_of(scheme))
    [found] = score_table(scheme, table, day=DAY, engine=engine)["next_change"].to_pylist()
    assert found == plain.next_change(scheme, events, subject="s", day=DAY)
    day: date | None = found
    return day


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("condition", "after", "moves"),
    [
        ("idle > 30", 21, False),
        ("idle >= 30.5", 21, False),
        ("idle == 45", 35, False),
        ("not (20 > idle)", 10, False),
        ("idle in [12, 90]", 2, False),
        ("idle > wait", 41, False),  # on the 41st day the parameter is 50 already
        ("known(idle_year)", 355, False),
        ("idle + 1 > 30", 20, True),
        ("months_idle >= 2", 50, True),
        ("more * 2 > wait", 18, True),
        ("idle < 5", None, False),
        ("idle_year < idle - 1", None, True),
    ],
)
def test_ages_in_conditions(condition: str, after: int | None, moves: bool, engine: Any) -> None:
    scheme = scheme_of(ONE_OFF % condition)
    found = changes(scheme, [paid(10), paid(200)], engine)
    assert found == (None if after is None else DAY + timedelta(days=after))
    assert plan_of(scheme).tables.aged[:, 1].any() == moves


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("variable", ["shops", "least", "most"])
def test_hundreds_of_events_leave(variable: str, engine: Any) -> None:
    """What cannot be taken away one by one is worked out anew, however many events there are."""
    rows = "{below: 3, points: 0, says: few}, {below: 9, points: 7, says: some}"
    rows += ", {else: true, points: 20, says: many}"
    line = f"{{id: L, bins: {variable}, table: [{rows}], missing: {{points: 1, says: none}}}}"
    events = [
        paid(ago, n, amount=(ago * 7 + n) % 12 + (ago > 40) * (n % 3 - 1) * 2, shop=f"s{ago}-{n}")
        for ago in range(59)
        for n in range(12)
    ]
    events += [paid(ago, 50, shop="again", amount=10) for ago in range(59)]
    for last in (0, 40):
        left = [event for event in events if int(event.id.split("-")[0]) >= last]
        assert changes(scheme_of(line), left, engine) is not None


@pytest.mark.parametrize("engine", ENGINES)
def test_lists_end_and_start_by_themselves(engine: Any) -> None:
    lists = """
lists:
  late: {title: Late, add_when: idle > 5, lasts: 90 days, before: {warn: 30 days}}
"""
    scheme = scheme_of(ONE_OFF % 'on("late")', lists)
    assert changes(scheme, [paid(2)], engine) == DAY + timedelta(days=4)
    assert changes(scheme, [paid(10)], engine) == DAY + timedelta(days=20)
    assert changes(scheme, [paid(40)], engine) == DAY + timedelta(days=50)
    assert changes(scheme, [paid(100)], engine) is None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("starts", ["30 days", "1 month", "400 days"])
def test_events_that_start_to_count(starts: str, engine: Any) -> None:
    line = f"{{id: L, each: pay, points: 9, starts: {starts}, expires: 14 months, says: Payments}}"
    found = changes(scheme_of(line), [paid(3), paid(50)], engine)
    assert found is not None
    assert found > DAY


def test_it_comes_with_every_score_unless_left_out() -> None:
    scheme = scheme_of(ONE_OFF % "idle > 30")
    table = from_events([paid(1)], shape_of(scheme))
    for engine in ENGINES:
        with_it = score_table(scheme, table, day=DAY, engine=engine)  # type: ignore[arg-type]
        without = score_table(scheme, table, day=DAY, engine=engine, next_change=False)  # type: ignore[arg-type]
        assert with_it.drop_columns(["next_change"]).equals(without)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_first_small_job_is_left_to_the_twin_and_answers_the_same(
    monkeypatch: pytest.MonkeyPatch, engine: Any
) -> None:
    from xinyong.demo.town import draw_town
    from xinyong.scheme.library import load

    table = draw_town(60, 1, seed=4).events("people")
    asked: list[bool] = []

    def answers(there: bool) -> Any:
        def kept(module: str, name: str) -> bool:
            asked.append(there)
            return there

        if engine == "numba":
            monkeypatch.setattr("xinyong.engine.compiled.kept", kept)
        return score_table(
            load("sesame"),
            table,
            day=date(2025, 12, 31),
            engine=engine,
            next_change=True,
        )

    assert answers(False).equals(answers(True))
    assert set(asked) == ({False, True} if engine == "numba" else set())
