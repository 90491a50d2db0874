"""When something changes though nothing new happens: section 8 of docs/meaning.md.

On most days nothing can change. The days worth a second look are those on which an event leaves a
window, expires, starts to count or halves, a list's term or warning ends, or a parameter gets a
new value; all of them are known beforehand. In between, only ``days_since`` and points that
fall in a straight line move; whatever reads them is looked at day by day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from xinyong.days import LAST_DAY, Period, from_day_number
from xinyong.engine.history import Seen
from xinyong.engine.lines import bins_line, each_line
from xinyong.engine.measures import conditions, ground_window, scored_variables
from xinyong.engine.subject import work_out
from xinyong.engine.values import Value, evaluate
from xinyong.engine.worked import Names, Working
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import COVERAGE, BoundBins, BoundEach, BoundVariable

HORIZON: Final = 3_660
"""Days ahead that are looked at."""


def first_change(today: Working) -> Working | None:
    """The working of the first later day that differs, or None within the horizon."""
    last = min(today.day + timedelta(days=HORIZON), LAST_DAY)
    stops = sorted(day for day in _turning_days(today) if today.day < day <= last)
    here = today
    for stop in [*stops, last + timedelta(days=1)]:
        for day in _moving_days(here, stop):
            later = _again(today, day)
            if differs(today, later):
                return later
        if stop <= last:
            here = _again(today, stop)
            if differs(today, here):
                return here
    return None


def _again(today: Working, day: date) -> Working:
    """The same events and ``known_by`` on a later day."""
    return work_out(today.bound, today.history, day, today.overrides)


def differs(one: Working, other: Working) -> bool:
    """Whether score, band, a list's state or the consequences are not the same."""
    a, b = one.outcome, other.outcome
    return (a.score, a.band, dict(a.lists), a.consequences) != (
        b.score,
        b.band,
        dict(b.lists),
        b.consequences,
    )


# ------------------------------------------------------------------ days known beforehand


def _turning_days(today: Working) -> set[date]:
    """Days on which a window, a term or a parameter turns."""
    bound, seen = today.bound, today.history
    found = {from_day_number(day) for item in bound.parameters.values() for day in item.days}
    for name in scored_variables(bound):
        variable = bound.variables[name]
        for period in _windows(variable):
            for kind in _kinds(variable):
                found |= _leaving(seen.of(kind), period)
    for line in bound.lines:
        if isinstance(line, BoundEach):
            for period in _periods_of_line(line):
                found |= _leaving(seen.of(line.event), period)
    for entry in bound.lists:
        for name in entry.ground:
            for term in (entry.lasts, entry.warn):
                if term is not None:
                    found |= _leaving(seen.of(bound.variables[name].event or ""), term)
    return found


def _leaving(events: Iterable[Seen], period: Period) -> set[date]:
    return {period.leaves(day) for day in {one.day for one in events}}


def _windows(variable: BoundVariable) -> list[Period]:
    if variable.within is None:
        return []
    periods = [variable.within]
    if variable.measure == "trend":
        periods += [p for p in (variable.within.half, ground_window(variable)) if p is not None]
    return periods


def _kinds(variable: BoundVariable) -> set[str]:
    kinds = {variable.event or "", *variable.any_of, *variable.of_events}
    return kinds | {COVERAGE} if variable.covered else kinds


def _periods_of_line(line: BoundEach) -> list[Period]:
    periods = [period for period in (line.expires, line.starts) if period is not None]
    if isinstance(line.decay, Period):
        periods += [line.decay.times(j) for j in range(1, 31)]
    return periods


# ------------------------------------------------------------------ what moves day by day


def _moving_days(here: Working, stop: date) -> Iterator[date]:
    """Days after ``here`` and before ``stop`` on which something that moves crosses an edge."""
    bound = here.bound
    moving = _moving_variables(here)
    linear = [x for x in bound.lines if isinstance(x, BoundEach) and x.decay == "linear"]
    if not moving and not any(here.lines[line.id].events for line in linear):
        return
    bins = [x for x in bound.lines if isinstance(x, BoundBins) and x.variable in moving]
    nodes = [n for n in conditions(bound) if set(ex.names(n, "variable")) & set(moving)]
    if not bins and not nodes and not linear:
        return
    last: tuple[Value, ...] | None = None
    day = here.day
    while day < stop:
        values = _values_on(here, moving, day)
        sight: list[Value] = [each_line(bound, x, here.history, day).points for x in linear]
        sight += [bins_line(x, values[x.variable]).points for x in bins]
        sight += [evaluate(node, Names(here, values)) for node in nodes]
        if last is not None and tuple(sight) != last:
            yield day
        last = tuple(sight)
        day += timedelta(days=1)


def _moving_variables(here: Working) -> list[str]:
    """Known ``days_since`` variables and the expressions over them, each after its needs."""
    found: list[str] = []
    for name, value in here.values.items():
        variable = here.bound.variables[name]
        grows = variable.measure == "days_since" and value is not None
        if name not in here.overrides and (grows or set(variable.needs) & set(found)):
            found.append(name)
    return found


def _values_on(here: Working, moving: list[str], day: date) -> dict[str, Value]:
    """Values on a day before the next turning day: only the moving ones are others."""
    values = dict(here.values)
    lookup = Names(here, values)
    for name in moving:
        variable = here.bound.variables[name]
        if variable.expr is None:
            values[name] = int(here.values[name] or 0) + (day - here.day).days
        else:
            values[name] = evaluate(variable.expr, lookup)
    return values


__all__ = ["HORIZON", "differs", "first_change"]
