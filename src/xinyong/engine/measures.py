"""Variables: section 3 of docs/meaning.md, for one subject on one day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from xinyong.days import Period
from xinyong.engine.history import History, Seen, in_window
from xinyong.engine.values import Value, evaluate, parameter_on, ratio, within_limit
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import (
    COVERAGE,
    Bound,
    BoundBins,
    BoundVariable,
    BoundVeto,
    BoundWhen,
)
from xinyong.scheme.expressions import Node
from xinyong.terms import half_away


def conditions(bound: Bound) -> list[Node]:
    """Every expression on the subject that a score, its lists or consequences rest on."""
    nodes: list[Node | None] = [row.when for row in bound.start]
    for line in bound.lines:
        if isinstance(line, (BoundWhen, BoundVeto)):
            nodes.append(line.when)
        if isinstance(line, BoundWhen):
            nodes.append(line.points)
    nodes += [band.when for band in bound.bands]
    for entry in bound.lists:
        nodes += [entry.add_when, entry.remove_when]
    nodes += [consequence.when for consequence in bound.consequences]
    return [node for node in nodes if node is not None]


def scored_variables(bound: Bound) -> list[str]:
    """Variables that the score, lists, bands and consequences read, each after its needs."""
    wanted = [line.variable for line in bound.lines if isinstance(line, BoundBins)]
    for node in conditions(bound):
        wanted += ex.names(node, "variable")
    return with_needs(bound, wanted)


def with_needs(bound: Bound, wanted: Iterable[str]) -> list[str]:
    """The wanted variables and those their expressions read, each after its needs."""
    todo, found = list(wanted), set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(bound.variables[name].needs)
    return [name for name in bound.variables if name in found]


def values_of(
    bound: Bound, seen: History, day: date, names: Iterable[str], overrides: Mapping[str, Value]
) -> dict[str, Value]:
    """Section 3: values of variables, given in an order in which each follows its needs."""
    values: dict[str, Value] = {}

    def lookup(ref: ex.Ref | ex.On) -> Value:
        if isinstance(ref, ex.Ref) and ref.role == "variable":
            return values[ref.name]
        return parameter(bound, ref.name, day)

    for name in names:
        variable = bound.variables[name]
        if name in overrides:
            values[name] = overrides[name]
        elif variable.expr is not None:
            values[name] = evaluate(variable.expr, lookup)
        elif consulted(variable, seen, day):
            values[name] = _measure(bound, variable, seen, day)
        else:
            values[name] = None
    return values


def parameter(bound: Bound, name: str, day: date) -> int | None:
    """A parameter as of a day; unknown before its first date."""
    found = parameter_on(bound.parameters[name], day)
    return None if found is None else found[0]


def selects(bound: Bound, where: Node | None, one: Seen) -> bool:
    """Section 2: ``where`` on the event's fields and parameters of its day; only true selects."""
    return where is None or evaluate_event(bound, where, one) is True


def evaluate_event(bound: Bound, node: Node, one: Seen) -> Value:
    """An expression on one event: its fields, and parameters as of its local day."""

    def lookup(ref: ex.Ref | ex.On) -> Value:
        if isinstance(ref, ex.Ref) and ref.role == "field":
            return one.event.fields.get(ref.name)
        return parameter(bound, ref.name, one.day)

    return evaluate(node, lookup)


def consulted(variable: BoundVariable, seen: History, day: date) -> bool:
    """Section 3, ``known_if``: whether the variable can be known at all."""
    if not variable.conditional:
        return True
    if any(in_window(seen.of(kind), day, variable.within) for kind in variable.any_of):
        return True
    return any(
        one.event.fields.get("data_set") in variable.covered
        for one in in_window(seen.of(COVERAGE), day, variable.within)
    )


def selected(
    bound: Bound, variable: BoundVariable, seen: History, day: date, window: Period | None
) -> Sequence[Seen]:
    """Section 3: E, the events of the variable's kind in the window that ``where`` selects.

    Worked out once for a history of this scheme.
    """
    key = (variable.name, day, window)
    found = seen.chosen.get(key)
    if found is None:
        here = in_window(seen.of(variable.event or ""), day, window)
        found = tuple(one for one in here if selects(bound, variable.where, one))
        seen.chosen[key] = found
    return found


def ground_window(variable: BoundVariable) -> Period | None:
    """The window of the events a variable rests on; for a trend twice its half."""
    if variable.measure == "trend":
        half = variable.within.half if variable.within else None
        return half.times(2) if half else None
    return variable.within


def _measure(bound: Bound, variable: BoundVariable, seen: History, day: date) -> Value:
    """Section 3: the table of measures."""
    if variable.measure == "trend":
        return _trend(bound, variable, seen, day)
    events = selected(bound, variable, seen, day, variable.within)
    match variable.measure:
        case "count":
            return len(events)
        case "days_since":
            return (day - max(one.day for one in events)).days if events else None
        case "share":
            others = sum(
                len(in_window(seen.of(kind), day, variable.within)) for kind in variable.of_events
            )
            return ratio(len(events), others)
        case "latest":
            # Events stand in the order of (happened_at, recorded_at, id).
            known = [one for one in events if _field(variable, one) is not None]
            return _field(variable, known[-1]) if known else None
        case "distinct":
            return len({_field(variable, one) for one in events} - {None})
        case _:
            return _of_numbers(bound, variable, numbers(variable, events))


def _field(variable: BoundVariable, one: Seen) -> Value:
    return one.event.fields.get(variable.field or "")


def numbers(variable: BoundVariable, events: Iterable[Seen]) -> list[int]:
    """Section 3: V, the known values of the field."""
    return [int(value) for one in events if (value := _field(variable, one)) is not None]


def _of_numbers(bound: Bound, variable: BoundVariable, known: list[int]) -> Value:
    if variable.measure == "sum":
        return within_limit(sum(known))
    if not known:
        return None
    if variable.measure == "min":
        return min(known)
    if variable.measure == "max":
        return max(known)
    total = within_limit(sum(known))
    if total is None:
        return None
    if bound.fields[variable.event or ""][variable.field or ""].base == "fixed":
        return within_limit(half_away(total, len(known)))
    return ratio(total, len(known))


def _trend(bound: Bound, variable: BoundVariable, seen: History, day: date) -> Value:
    half = variable.within.half if variable.within else None
    assert half is not None  # binding refuses a trend without a window of two
    totals: list[int | None] = []
    for window in (half, half.times(2)):
        events = selected(bound, variable, seen, day, window)
        many = len(events) if variable.field is None else sum(numbers(variable, events))
        totals.append(within_limit(many))
    recent, both = totals
    if recent is None or both is None:
        return None
    older = within_limit(both - recent)
    rise = None if older is None else within_limit(recent - older)
    return None if rise is None else ratio(rise, both)
