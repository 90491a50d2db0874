"""Every engine gives the same bits: random schemes, random histories, both engines."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from equal import expected_row, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import days_and_known, histories, schemes

from xinyong.days import start_of_day
from xinyong.engine import plain
from xinyong.engine.batch import chosen_engine, score_table
from xinyong.engine.shape import shape_of
from xinyong.records.event import Event
from xinyong.records.table import from_events
from xinyong.scheme import library
from xinyong.scheme.binding import bind
from xinyong.scheme.model import Scheme
from xinyong.scheme.reading import scheme_from_text

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
ENGINES = ["numpy"] if chosen_engine() == "numpy" else ["numba", "numpy"]


def raw(value: Any, kind: str) -> Any:
    """A variable's value as the plain engine holds it."""
    if value is None or kind not in ("fixed", "date"):
        return value
    return int(value * 10**6) if kind == "fixed" else (value - plain_epoch).days


plain_epoch = date(1970, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=150, suppress_health_check=QUIET)
@given(data=st.data())
def test_batch_equals_plain(engine: Any, data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    day, known = data.draw(days_and_known(scheme))
    events = data.draw(histories(scheme))
    random.Random(data.draw(st.integers(0, 9))).shuffle(events)
    table = from_events(events, shape_of(scheme))
    found = score_table(
        scheme, table, day=day, known_by=known, engine=engine, lines=True, next_change=True
    )
    subjects = sorted({event.subject for event in events})
    wanted = [
        expected_row(scheme, events, subject, day, known, next_change=True) for subject in subjects
    ]
    assert rows(found) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=80, suppress_health_check=QUIET)
@given(data=st.data())
def test_variables_equal_plain(engine: Any, data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    day, known = data.draw(days_and_known(scheme))
    events = data.draw(histories(scheme))
    table = from_events(events, shape_of(scheme))
    found = score_table(
        scheme, table, day=day, known_by=known, engine=engine, variables=True, reasons=False
    )
    kinds = {name: v.kind.base for name, v in bind(scheme).variables.items()}
    for row in found.to_pylist():
        wanted = plain.variables(scheme, events, subject=row["subject"], day=day, known_by=known)
        for name, value in wanted.items():
            got = raw(row[f"variable.{name}"], kinds[name])
            if kinds[name] == "text" and got == "other":
                assert value is not None
            else:
                assert got == value, name


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=60, suppress_health_check=QUIET)
@given(data=st.data())
def test_many_days_equal_one_at_a_time(engine: Any, data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    day, _ = data.draw(days_and_known(scheme))
    events = data.draw(histories(scheme))
    table = from_events(events, shape_of(scheme))
    days = [day - timedelta(days=n) for n in (61, 30, 29, 1, 0)]
    found = score_table(scheme, table, day=days, engine=engine, lines=True, next_change=False)
    wanted = [
        expected_row(scheme, events, subject, one, None)
        for subject in sorted({event.subject for event in events})
        for one in days
    ]
    assert rows(found) == wanted


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("points", [10, -7])
def test_the_next_change_of_a_linear_decay(engine: Any, points: int) -> None:
    scheme = decaying(points)
    day = date(2026, 3, 31)
    events = [
        Event("s", "fine", start_of_day(day - timedelta(days=ago), scheme.zone), 0, str(ago))
        for ago in (0, 3, 300, 360)
    ]
    events = [replace(event, recorded_at=event.happened_at) for event in events]
    table = from_events(events, shape_of(scheme))
    found = score_table(scheme, table, day=day, engine=engine, next_change=True)
    wanted = plain.next_change(scheme, events, subject="s", day=day)
    assert found["next_change"].to_pylist() == [wanted]
    assert wanted is not None


def decaying(points: int) -> Scheme:
    """A scheme whose one line falls in a straight line over twelve months."""
    return _fines(f"points: {points}, expires: 12 months, decay: linear")


def steady(points: int) -> Scheme:
    """A scheme whose one line brings the same points for every event, for ever."""
    return _fines(f"points: {points}")


def _fines(line: str) -> Scheme:
    return scheme_from_text(
        f"""
xinyong: 1
scheme: decaying
version: "1"
use: lab
subjects: person
in_force: {{from: 2020-01-01}}
title: A line that decays
purpose: To test
data_sets:
  police:
    context: transport
    source: police
    basis: law
    keep: {{for: 24 months, from: event, then: delete}}
    events: {{fine: {{}}}}
score:
  start: 100
  floor: 0
  ceiling: 200
  add:
    - {{id: F, each: fine, {line}, says: Fines}}
bands: [{{name: low, from: 0}}, {{name: high, from: 100}}]
"""
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_constant_points_are_cut_to_the_limit(engine: Any) -> None:
    """Found by a random draw: a line that counts events must cut the points of each."""
    scheme = steady(10**11)
    events = [Event("s", "fine", 10**15 + n, 10**15 + n, str(n)) for n in range(4)]
    table = from_events(events, shape_of(scheme))
    found = score_table(scheme, table, day=date(2026, 1, 1), engine=engine, lines=True)
    wanted = plain.score(scheme, events, subject="s", day=date(2026, 1, 1))
    assert found["line.F"].to_pylist() == [wanted.points["F"]]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loss_beyond_32_bits(engine: Any) -> None:
    """Found by a random draw: what a line costs is not held by any limit of 32 bits."""
    scheme, day = steady(-1_000_000), date(2026, 3, 31)
    at = start_of_day(day, scheme.zone)
    events = [Event("s", "fine", at, at, str(n)) for n in range(3_000)]
    table = from_events(events, shape_of(scheme))
    found = score_table(scheme, table, day=day, engine=engine, lines=True, next_change=False)
    assert found["lost.1"].to_pylist() == [3_000_000_000]
    assert rows(found) == [expected_row(scheme, events, "s", day, None)]


def test_an_empty_table_gives_an_empty_result() -> None:
    scheme = library.load("sesame")
    table = from_events([], shape_of(scheme))
    for engine in ENGINES:
        found = score_table(scheme, table, day=date(2026, 1, 1), engine=engine)  # type: ignore[arg-type]
        assert found.num_rows == 0
        assert "score" in found.column_names
        assert isinstance(found, pa.Table)
