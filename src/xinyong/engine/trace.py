"""How a score came about, as JSON-ready data: the trace ``xinyong.trace/1``.

``start.points``, the ``points`` of all ``lines`` and the ``points`` of all ``limits`` add up to
``score`` exactly. Days are ISO dates; an ``end`` is the first day on which the thing no longer
counts. Values come twice: ``value`` raw (millionths where ``base`` is ``fixed``) and ``text`` as
a person reads it; an unknown value is null and has a ``why``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from xinyong.engine.changes import first_change
from xinyong.engine.history import Seen, in_window, moment
from xinyong.engine.measures import consulted, ground_window, selected
from xinyong.engine.values import parameter_on
from xinyong.engine.worked import EventPoints, LineWork, Working
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import (
    BoundBins,
    BoundEach,
    BoundLine,
    BoundVariable,
    BoundVeto,
    BoundWhen,
    ground,
)
from xinyong.scheme.expressions import Node

Data = dict[str, Any]
TRACE: Final = "xinyong.trace/1"


def trace(work: Working) -> Data:
    """The whole trace of one working."""
    scheme, outcome = work.bound.scheme, work.outcome
    change = first_change(work)
    return {
        "trace": TRACE,
        "scheme": {
            "name": scheme.scheme,
            "version": scheme.version,
            "digest": scheme.digest,
            "title": scheme.title,
        },
        "subject": outcome.subject,
        "day": work.day.isoformat(),
        "known_by": moment(outcome.known_by),
        "assumed": sorted(work.overrides),
        "variables": [_variable(work, work.bound.variables[name]) for name in work.values],
        "start": _start(work),
        "lines": [_line(work, line) for line in work.bound.lines],
        "limits": limits(work),
        "score": outcome.score,
        "band": outcome.band,
        "band_before_vetoes": work.band_before,
        "lowered_by": work.vetoed_by,
        "lists": [_list(work, name) for name in work.lists],
        "consequences": _consequences(work),
        "reasons": [
            {"rule": item.rule, "lost": item.lost, "says": item.says} for item in outcome.reasons
        ],
        "next_change": None if change is None else change.day.isoformat(),
    }


# ------------------------------------------------------------------ variables


def _variable(work: Working, variable: BoundVariable) -> Data:
    value = work.values[variable.name]
    data: Data = {
        "name": variable.name,
        "title": variable.title,
        "measure": variable.measure,
        "base": variable.kind.base,
        "unit": variable.kind.unit,
        "value": value,
        "text": ex.format_value(value, variable.kind),
        "unknown": value is None,
        "why": why_unknown(work, variable) if value is None else None,
        "assumed": variable.name in work.overrides,
        "window": _window(work, variable),
        "events": [one.event.id for one in _behind(work, variable)],
    }
    if variable.expr is not None:
        data["reads"] = list(variable.needs)
        data["says"] = ex.sentence(variable.expr, work.bound.titles())
        data["parameters"] = _parameters(work, variable.expr, [work.day])
    elif variable.where is not None:
        kind = in_window(work.history.of(variable.event or ""), work.day, variable.within)
        data["says"] = ex.sentence(variable.where, work.bound.titles())
        data["parameters"] = _parameters(work, variable.where, [one.day for one in kind])
    return data


def _window(work: Working, variable: BoundVariable) -> Data | None:
    if variable.within is None:
        return None
    first = variable.within.before(work.day) + timedelta(days=1)
    return {
        "period": str(variable.within),
        "first": first.isoformat(),
        "last": work.day.isoformat(),
    }


def _behind(work: Working, variable: BoundVariable) -> list[Seen]:
    """The events a variable rests on, through expressions, each once, in the order of time."""
    found: dict[str, Seen] = {}
    for name in ground([variable.name], work.bound.variables):
        one = work.bound.variables[name]
        for seen in selected(work.bound, one, work.history, work.day, ground_window(one)):
            found[seen.event.id] = seen
    return sorted(found.values(), key=lambda seen: (seen.event.happened_at, seen.event.id))


def why_unknown(work: Working, variable: BoundVariable) -> str:
    """Why a variable has no value, as a clause."""
    if variable.name in work.overrides:
        return "it was assumed to be unknown"
    if variable.expr is not None:
        return _why_expression(work, variable.expr)
    if not consulted(variable, work.history, work.day):
        asked = [f"no '{kind}' is on record" for kind in variable.any_of]
        asked += [f"no record that '{source}' was asked" for source in variable.covered]
        return " and ".join(asked) + " in the window"
    events = selected(work.bound, variable, work.history, work.day, ground_window(variable))
    if variable.measure == "share":
        return "there is nothing to take a share of"
    if not events:
        return f"no '{variable.event}' that counts lies in the window"
    known = [one for one in events if one.event.fields.get(variable.field or "") is not None]
    if variable.field is not None and not known:
        return f"none of the events gives a value of '{variable.field}'"
    if variable.measure == "trend":
        return "the total is 0 or beyond the limit of numbers"
    return "the value is beyond the limit of numbers"


def _why_expression(work: Working, node: Node) -> str:
    unknown = [
        f"“{work.bound.variables[name].title}” is unknown"
        for name in ex.names(node, "variable")
        if work.values[name] is None
    ]
    unknown += [
        f"the parameter '{name}' has no value on {work.day}"
        for name in ex.names(node, "parameter")
        if parameter_on(work.bound.parameters[name], work.day) is None
    ]
    return ", ".join(unknown) or "it divides by 0 or goes beyond the limit of numbers"


def _parameters(work: Working, node: Node | None, days: Iterable[date]) -> list[Data]:
    """The dated values an expression read on these days, each once, with the date they began."""
    found: dict[tuple[str, date | None], Data] = {}
    for name in ex.names(node, "parameter") if node is not None else ():
        parameter = work.bound.parameters[name]
        for day in sorted(days):
            pair = parameter_on(parameter, day)
            value, since = pair if pair is not None else (None, None)
            data = {
                "name": name,
                "title": work.bound.scheme.parameters[name].title,
                "value": value,
                "text": ex.format_value(value, parameter.kind),
                "since": None if since is None else since.isoformat(),
            }
            found.setdefault((name, since), data)
    return list(found.values())


# ------------------------------------------------------------------ start and lines


def _start(work: Working) -> Data:
    row = work.bound.start[work.start_row]
    when = None if row.when is None else ex.sentence(row.when, work.bound.titles())
    return {"points": row.points, "says": row.says, "when": when}


def _line(work: Working, line: BoundLine) -> Data:
    done = work.lines[line.id]
    data: Data = {
        "rule": line.id,
        "dimension": line.dimension,
        "points": done.points,
        "says": done.says,
        "start": None,
        "end": None,
        "events": [],
        "caps": [],
        "parameters": [],
    }
    if isinstance(line, BoundVeto):
        data |= {"form": "veto", "at_most": line.band, "fired": done.fired}
        data |= {"lowered": line.rank < _rank(work, work.band_before) and bool(done.fired)}
        data |= _condition(work, line.when, None)
        return data
    data |= {"reference": line.reference, "lost": line.reference - done.points}
    if isinstance(line, BoundWhen):
        data |= {"form": "when", "fired": done.fired}
        return data | _condition(work, line.when, line.points)
    if isinstance(line, BoundBins):
        variable = work.bound.variables[line.variable]
        edge = done.row.edge if done.row is not None else None
        data |= {
            "form": "bins",
            "variable": line.variable,
            "value": work.values[line.variable],
            "text": ex.format_value(work.values[line.variable], variable.kind),
            "row": "missing" if done.row is None else done.row.test,
            "edge": ex.format_value(edge, variable.kind) if edge is not None else None,
            "events": [{"id": one.event.id, **_event(one)} for one in _behind(work, variable)],
        }
        return data
    return data | _each(work, line, done)


def _condition(work: Working, when: Node, points: Node | None) -> Data:
    titles = work.bound.titles()
    nodes = [when] if points is None else [when, points]
    found = [item for node in nodes for item in _parameters(work, node, [work.day])]
    reads = dict.fromkeys(name for node in nodes for name in ex.names(node, "variable"))
    return {
        "when": ex.sentence(when, titles),
        "variables": list(reads),
        "parameters": list({(item["name"], item["since"]): item for item in found}.values()),
    }


def _rank(work: Working, name: str) -> int:
    return next(band.rank for band in work.bound.bands if band.name == name)


def _event(one: Seen) -> Data:
    return {"kind": one.event.kind, "day": one.day.isoformat()}


def _each(work: Working, line: BoundEach, done: LineWork) -> Data:
    starts = [_starts(line, item) for item in done.events]
    ends = [_ends(line, item) for item in done.events]
    known = [end for end in ends if end is not None]
    days = [item.seen.day for item in done.events]
    read = _parameters(work, line.points, days) + _parameters(work, line.where, days)
    caps: list[Data] = []
    for use in done.cap_per:
        caps.append(
            {
                "cap": line.cap_per[0] if line.cap_per else None,
                "per": line.cap_per[1] if line.cap_per else None,
                "from": use.unit_start.isoformat(),
                "before": use.before,
                "after": use.after,
            }
        )
    if done.points != done.before_cap:
        caps.append({"cap": line.cap, "per": None, "before": done.before_cap, "after": done.points})
    return {
        "form": "each",
        "start": min(starts).isoformat() if starts else None,
        "end": max(known).isoformat() if known else None,
        "events": [
            {
                "id": item.seen.event.id,
                **_event(item.seen),
                "points": item.points,
                "before_decay": item.full,
                "start": start.isoformat(),
                "end": None if end is None else end.isoformat(),
            }
            for item, start, end in zip(done.events, starts, ends, strict=True)
        ],
        "caps": caps,
        "parameters": list({(item["name"], item["since"]): item for item in read}.values()),
    }


def _starts(line: BoundEach, item: EventPoints) -> date:
    return item.seen.day if line.starts is None else line.starts.leaves(item.seen.day)


def _ends(line: BoundEach, item: EventPoints) -> date | None:
    return None if line.expires is None else line.expires.leaves(item.seen.day)


def limits(work: Working) -> list[Data]:
    """What the limits of dimensions, floor and ceiling changed, in points."""
    found: list[Data] = []
    rules = work.bound.scheme.score
    for name, before in work.dimensions_before.items():
        after = work.outcome.dimensions[name]
        if after != before:
            word = "at_most" if after < before else "at_least"
            found.append(
                {"limit": word, "dimension": name, "before": before, "after": after}
                | {"points": after - before, "says": f"{rules.dimensions[name].title}: {after}"}
            )
    total = work.outcome.start + sum(work.outcome.dimensions.values())
    if total != work.outcome.score:
        word = "ceiling" if work.outcome.score < total else "floor"
        found.append(
            {"limit": word, "dimension": None, "before": total, "after": work.outcome.score}
            | {"points": work.outcome.score - total, "says": f"the {word} of the score"}
        )
    return found


# ------------------------------------------------------------------ what follows


def _list(work: Working, name: str) -> Data:
    done = work.lists[name]
    entry = next(item for item in work.bound.lists if item.name == name)
    titles = work.bound.titles()
    return {
        "name": name,
        "title": entry.title,
        "state": done.state,
        "ground": None if done.ground is None else done.ground.isoformat(),
        "effective": None if done.effective is None else done.effective.isoformat(),
        "end": None if done.ends is None else done.ends.isoformat(),
        "add_when": ex.sentence(entry.add_when, titles),
        "remove_when": None
        if entry.remove_when is None
        else ex.sentence(entry.remove_when, titles),
    }


def _consequences(work: Working) -> list[Data]:
    titles = work.bound.titles()
    return [
        {
            "id": item.id,
            "effect": item.effect,
            "kind": item.kind,
            "when": ex.sentence(item.when, titles),
            "applies": work.truths[item.id],
        }
        for item in work.bound.consequences
    ]
