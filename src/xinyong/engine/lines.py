"""Points of one line: section 5 of docs/meaning.md, for one subject on one day."""

from __future__ import annotations

from datetime import date

from xinyong.engine.history import History, Seen, in_window
from xinyong.engine.measures import evaluate_event, selects
from xinyong.engine.values import Value, whole_points
from xinyong.engine.worked import CapPerUse, EventPoints, LineWork
from xinyong.scheme.binding import Bound, BoundBins, BoundEach
from xinyong.terms import half_away


def bins_line(line: BoundBins, value: Value) -> LineWork:
    """Section 5, bins: the row of a table."""
    if value is None:
        return LineWork(line.id, line.missing_points, line.missing_says)
    for row in line.rows:
        if (
            row.test == "else"
            or (row.test == "is" and value == row.edge)
            or (row.test == "below" and int(value) < int(row.edge or 0))
        ):
            return LineWork(line.id, row.points, row.says, row=row)
    raise AssertionError("binding sees to it that every table has a last row")


def counting(bound: Bound, line: BoundEach, seen: History, day: date) -> list[Seen]:
    """Section 5, each: the events that count on ``day``."""
    latest = day if line.starts is None else line.starts.before(day)
    here = in_window(seen.of(line.event), day, line.expires)
    return [one for one in here if one.day <= latest and selects(bound, line.where, one)]


def decayed(line: BoundEach, points: int, happened: date, day: date) -> int:
    """Section 5, each: what is left of an event's points on ``day``."""
    if line.decay is None:
        return points
    if line.decay == "linear":
        assert line.expires is not None  # binding refuses decay without an end
        length = (day - line.expires.before(day)).days
        return half_away(points * (length - (day - happened).days), length)
    halvings = 0
    while halvings < 30 and happened <= line.decay.times(halvings + 1).before(day):
        halvings += 1
    return half_away(points, 2**halvings)


def _capped(total: int, cap: int) -> int:
    """Not more than a cap that is positive or zero, not less than a negative one."""
    return min(total, cap) if cap >= 0 else max(total, cap)


def _unit_start(happened: date, per: str) -> date:
    if per == "day":
        return happened
    return happened.replace(day=1) if per == "month" else happened.replace(month=1, day=1)


def each_line(bound: Bound, line: BoundEach, seen: History, day: date) -> LineWork:
    """Section 5, each: points of every event that counts, then ``cap_per``, then ``cap``."""
    brought = []
    for one in counting(bound, line, seen, day):
        full = whole_points(evaluate_event(bound, line.points, one), line.points.kind)
        brought.append(EventPoints(one, full, decayed(line, full, one.day, day)))
    uses = []
    if line.cap_per is None:
        total = sum(item.points for item in brought)
    else:
        most, per = line.cap_per
        units: dict[date, int] = {}
        for item in brought:
            unit = _unit_start(item.seen.day, per)
            units[unit] = units.get(unit, 0) + item.points
        total = sum(_capped(points, most) for points in units.values())
        for unit, points in units.items():
            if _capped(points, most) != points:
                uses.append(CapPerUse(unit, points, _capped(points, most)))
    points = total if line.cap is None else _capped(total, line.cap)
    return LineWork(line.id, points, line.says, events=brought, cap_per=uses, before_cap=total)


def clamp(value: int, at_least: int | None, at_most: int | None) -> int:
    """A sum held within limits, where there are any."""
    if at_least is not None:
        value = max(value, at_least)
    return value if at_most is None else min(value, at_most)
