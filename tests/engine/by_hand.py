"""Short ways to ask for one value, one line or one score in a test."""

from datetime import date
from typing import Any

from documents import event, example, small

from xinyong.engine import plain
from xinyong.engine.score import Outcome
from xinyong.records.event import Event

DAY = date(2021, 3, 31)


def value(
    expr: str, *events: Event, day: date = DAY, scheme: str = "", known_by: int | None = None
) -> Any:
    """The value of one variable, given as it stands in a document."""
    made = small(f"{scheme}\nvariables:\n  n0: {{count: fine}}\n  v: {expr}\n")
    return plain.variables(made, events, subject="s", day=day, known_by=known_by, names=["v"])["v"]


def expression(text: str, scheme: str = "") -> Any:
    """Value of an expression; u is unknown, zero is 0."""
    variables = f"""
variables:
  u: {{max: pay.late}}
  zero: {{count: pay}}
  v: {{expr: "{text}"}}
"""
    made = small(scheme + variables)
    return plain.variables(made, [], subject="s", day=DAY, names=["v"])["v"]


def scored(text: str, *events: Event, day: date = DAY, known_by: int | None = None) -> Outcome:
    return plain.score(small(text), events, subject="s", day=day, known_by=known_by)


def each(options: str, *events: Event, day: date = DAY) -> int:
    """Points of one ``each`` line over fines, without a floor."""
    line = f"{{id: R, {options}, says: x}}"
    text = f"score: {{start: 0, floor: -999999, ceiling: 999999, add: [{line}]}}"
    bands = "\nbands: [{name: low, from: -999999}]"
    return scored(text + bands, *events, day=day).points["R"]


def fines(*days: str, size: int = 1) -> list[Event]:
    return [event("fine", day, id=f"{n}{day}", size=size) for n, day in enumerate(days)]


def with_line(options: str) -> str:
    return f"score: {{start: 500, floor: 0, ceiling: 999, add: [{{id: R, {options}}}]}}"


__all__ = [
    "DAY",
    "each",
    "event",
    "example",
    "expression",
    "fines",
    "scored",
    "small",
    "value",
    "with_line",
]
