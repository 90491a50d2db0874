"""The short loop over events and the vectors of quick lines: plans of counts and sums alone.

The records have no moments of recording or of striking out, as only then that loop is taken.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from equal import rows

from xinyong.days import day_number
from xinyong.engine import plain
from xinyong.engine.batch import score_table
from xinyong.engine.plan import plan_of
from xinyong.engine.shape import shape_of
from xinyong.errors import EventsRefused
from xinyong.records.table import IN_ORDER, to_events
from xinyong.scheme.model import Scheme

DAY = date(2024, 5, 31)
FAR = 2**33
"""An edge that 32 bits do not hold."""
WINDOWS = ("7 days", "90 days", "12 months", None)
WHERES = (None, "amount < 100", "amount >= 100", "amount >= 250 and amount < 4000")
KINDS = ("pay", "bill", "rent")


def _line(name: str, number: int, rng: np.random.Generator, *, far: bool) -> dict[str, Any]:
    """A table of one to twelve rows on a variable."""
    edges = sorted({int(edge) for edge in rng.integers(-5, 5_000, rng.integers(0, 12))})
    if far and number % 17 == 0:
        edges.append(FAR)
    table: list[dict[str, Any]] = [
        {"below": edge, "points": int(rng.integers(-50, 50)), "says": "so"} for edge in edges
    ]
    table.append({"else": True, "points": int(rng.integers(-50, 50)), "says": "so"})
    dimension = {"dimension": f"d{number % 3}"} if number % 4 else {}
    missing = {"points": 3, "says": "missing"}
    return {"id": f"line-{number}", "bins": name, "table": table, "missing": missing, **dimension}


def _scheme(
    *,
    distinct: bool = False,
    bounds: int = 0,
    far: bool = True,
    only: dict[str, Any] | None = None,
) -> Scheme:
    """Counts and sums over windows and conditions, each looked up once or twice."""
    rng = np.random.default_rng(11)
    variables: dict[str, Any] = {}
    wheres = [*WHERES, *(f"amount < {37 * n + 1}" for n in range(bounds))]
    for n, (kind, where, window) in enumerate(product(KINDS, wheres, WINDOWS)):
        for measure in ({"count": kind}, {"sum": f"{kind}.amount"}):
            given = {} if where is None else {"where": where}
            given |= {} if window is None else {"within": window}
            variables[f"v{n}_{next(iter(measure))}"] = {**measure, **given}
    for n, window in enumerate(WINDOWS):
        variables[f"seen{n}"] = {"count": "visit"} | ({"within": window} if window else {})
        if distinct:
            many = {"distinct": "pay.other"} | ({"within": window} if window else {})
            large = {"distinct": "bill.other", "where": "amount > 50"}
            variables |= {f"met{n}": many, f"large{n}": large}
    variables = variables if only is None else only
    names = [*variables, *list(variables)[::3]]
    fields = {"amount": "money", "other": "int"}
    kinds = {"pay": fields, "bill": fields, "rent": fields, "visit": {}, "silent": {}}
    document = {
        "xinyong": 1,
        "scheme": "short",
        "version": "1",
        "use": "lab",
        "subjects": "person",
        "in_force": {"from": "2020-01-01", "until": None},
        "title": "Counts and sums",
        "purpose": "Tests",
        "data_sets": {
            "account": {
                "context": "finance",
                "source": "made up",
                "basis": "consent",
                "keep": {"for": "60 months", "from": "event", "then": "delete"},
                "events": {kind: {"fields": of} for kind, of in kinds.items()},
            }
        },
        "variables": variables,
        "score": {
            "start": 500,
            "floor": -100_000,
            "ceiling": 100_000,
            "dimensions": {
                f"d{n}": {"title": "Some", "at_least": -400 - n, "at_most": 90} for n in range(3)
            },
            "add": [_line(name, n, rng, far=far) for n, name in enumerate(names)],
        },
        "bands": [{"name": "low", "from": -100_000}, {"name": "high", "from": 500}],
    }
    return Scheme.model_validate_json(json.dumps(document))


def _events(subjects: int, amounts: pa.DataType, *, gaps: bool) -> pa.Table:
    """Events of so many subjects, some of them years old, some after the day."""
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 60, subjects)
    many = int(sizes.sum())
    subject = np.repeat(np.arange(subjects), sizes)
    days = day_number(DAY) + 20 - (6_000 * rng.random(many) ** 4).astype(np.int64)
    days = days[np.lexsort((days, subject))]
    amount = rng.integers(-20, 120 if amounts == pa.int8() else 9_000, many)
    if amounts == pa.int64():
        amount[::2] *= 999_983
    missing = rng.random(many) < 0.2 if gaps else None
    columns = {
        "subject": pa.array(subject.astype(np.int32)),
        "kind": pa.array(rng.choice([*KINDS, "visit", "silent"], many)).dictionary_encode(),
        "happened_at": pa.array(days.astype(np.int32)).cast(pa.date32()),
        "amount": pa.array(amount, mask=missing).cast(amounts),
        "other": pa.array(rng.integers(-4, 9, many), mask=missing).cast(pa.int32()),
    }
    return pa.table(columns).replace_schema_metadata(IN_ORDER)


def _by_plain(scheme: Scheme, table: pa.Table, days: list[date], subjects: int) -> list[Any]:
    text = table.set_column(1, "kind", table["kind"].cast(pa.string()))
    events = list(to_events(text, shape_of(scheme)))
    of = {str(n): [e for e in events if e.subject == str(n)] for n in range(subjects)}
    return [
        plain.score(scheme, of[name], subject=name, day=day, known_by=None).score
        for name in of
        for day in days
    ]


DAYS = [DAY - timedelta(days=n) for n in (800, 366, 31, 30, 1, 0)]


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize("bounds", [0, 9])
@pytest.mark.parametrize("amounts", [pa.int64(), pa.int8(), pa.int32()])
@pytest.mark.parametrize("gaps", [False, True])
def test_short_loop_equals_the_rest(
    distinct: bool, bounds: int, amounts: pa.DataType, gaps: bool
) -> None:
    scheme = _scheme(distinct=distinct, bounds=bounds)
    plan = plan_of(scheme)
    assert plan.tables.limits[5] == 1, "the short loop is not taken"
    assert plan.tables.limits[7] == 0, "a line with a far edge is looked up one by one"
    table = _events(40, amounts, gaps=gaps)
    for days in ([DAY], DAYS):
        brief = score_table(scheme, table, day=days, reasons=False, next_change=False)
        full = score_table(scheme, table, day=days, lines=True, next_change=False)
        twin = score_table(scheme, table, day=days, lines=True, next_change=False, engine="numpy")
        assert rows(full) == rows(twin)
        assert brief.equals(full.select(brief.column_names))
    assert brief["score"].to_pylist()[: 6 * 3] == _by_plain(scheme, table, DAYS, 3)


def test_a_score_of_quick_lines_alone() -> None:
    scheme = _scheme(far=False)
    assert plan_of(scheme).tables.limits[7] == 1
    table = _events(40, pa.int64(), gaps=True)
    for days in ([DAY], DAYS):
        brief = score_table(scheme, table, day=days, reasons=False, next_change=False)
        full = score_table(scheme, table, day=days, lines=True, next_change=False)
        twin = score_table(scheme, table, day=days, lines=True, next_change=False, engine="numpy")
        assert rows(full) == rows(twin)
        assert brief.equals(full.select(brief.column_names))


@pytest.mark.parametrize("alone", ["pay", "bill", "rent"])
def test_a_kind_of_which_different_values_alone_are_counted(alone: str) -> None:
    """It has classes and no slot of its own."""
    only: dict[str, Any] = {f"many_{kind}": {"count": kind} for kind in KINDS if kind != alone}
    scheme = _scheme(only={**only, "met": {"distinct": f"{alone}.other"}}, far=False)
    table = _events(40, pa.int64(), gaps=True)
    for engine in ("numpy", None):
        found = score_table(scheme, table, day=DAYS, lines=True, engine=engine)  # type: ignore[arg-type]
        assert found["score"].to_pylist()[: 6 * 3] == _by_plain(scheme, table, DAYS, 3)


@pytest.mark.parametrize("place", [1, 7, 8, 9, 16, 17, 29])
def test_a_fall_in_time_is_seen_wherever_it_lies(place: int) -> None:
    scheme = _scheme()
    days = np.full(30, day_number(DAY) - 100) + np.arange(30)
    days[place] = days[place - 1] - 1
    table = pa.table(
        {
            "subject": pa.array(np.zeros(30, np.int32)),
            "kind": pa.array(["pay"] * 30).dictionary_encode(),
            "happened_at": pa.array(days.astype(np.int32)).cast(pa.date32()),
            "amount": pa.array(np.arange(30)),
            "other": pa.array(np.arange(30)),
        }
    ).replace_schema_metadata(IN_ORDER)
    with pytest.raises(EventsRefused, match="order of time"):
        score_table(scheme, table, day=DAY, next_change=False)
