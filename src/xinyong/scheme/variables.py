"""Variables resolved: their events, fields, windows, types, and the order they need."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xinyong.scheme.bound import BoundVariable, Path
from xinyong.scheme.complaints import Code, did_you_mean
from xinyong.scheme.expressions import FIXED, WHOLE, Kind, Ref, Scope
from xinyong.scheme.families import family_fits, family_members
from xinyong.scheme.model import Variable
from xinyong.scheme.work import Scopes, Work, circle, in_order

MOST_VARIABLES = 20_000


def bound_variables(
    work: Work, scopes: Scopes, data_set_of: Mapping[str, str]
) -> dict[str, BoundVariable]:
    """All variables, families expanded, each after those it needs."""
    specs: dict[str, tuple[Path, Variable]] = {
        name: (("variables", name), spec) for name, spec in work.scheme.variables.items()
    }
    for index, family in enumerate(work.scheme.families):
        if not family_fits(work, index, family, scopes.fields):
            continue
        size = len(family.events) * len(family.measures) * len(family.windows)
        if len(specs) + size > MOST_VARIABLES:
            work.complain(
                ("families", index),
                Code.TOO_MANY,
                f"this family brings the scheme over {MOST_VARIABLES:,} variables",
            )
            continue
        for name, spec in family_members(family, scopes.fields):
            if name in specs:
                work.complain(
                    ("families", index),
                    Code.DUPLICATE_NAME,
                    f"the family makes a variable '{name}' that exists already",
                    "put {event}, {measure} and {window} into its name",
                )
                break
            specs[name] = (("families", index), spec)
    for name in work.scheme.variables:
        if name in work.scheme.parameters:
            work.complain(
                ("variables", name),
                Code.DUPLICATE_NAME,
                f"'{name}' is a parameter too",
                "a variable and a parameter cannot share a name",
            )
    bound: dict[str, BoundVariable] = {}
    expressions: dict[str, tuple[Path, Variable]] = {}
    for name, (path, spec) in specs.items():
        if spec.expr is not None:
            expressions[name] = (path, spec)
        else:
            variable = _event_variable(work, scopes, data_set_of, name, path, spec)
            if variable is not None:
                bound[name] = variable
    _expression_variables(work, scopes, specs, expressions, bound)
    return bound


def _known_if(
    work: Work, scopes: Scopes, path: Path, text: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    events, sources = [], []
    for part in text.split(" or "):
        word, _, name = part.strip().partition(" ")
        if word == "any" and scopes.known_event(path, name):
            events.append(name)
        elif word == "covered":
            if name in work.scheme.data_sets:
                sources.append(name)
            else:
                work.complain(
                    path,
                    Code.UNKNOWN_NAME,
                    f"no data set is called '{name}'",
                    did_you_mean(name, work.scheme.data_sets),
                )
        elif word not in ("any", "covered"):
            work.complain(
                path,
                Code.WRONG_VALUE,
                f"'{part.strip()[:60]}' does not say when the variable is known",
                "write 'any <event>' or 'covered <data set>', joined by 'or'",
            )
    return tuple(events), tuple(sources)


def _event_variable(
    work: Work,
    scopes: Scopes,
    data_set_of: Mapping[str, str],
    name: str,
    path: Path,
    spec: Variable,
) -> BoundVariable | None:
    measure = spec.measure
    place = (*path, measure)
    event, _, field_name = str(getattr(spec, measure)).partition(".")
    if not scopes.known_event(place, event):
        return None
    kinds = scopes.fields[event]
    takes_field = measure in ("sum", "mean", "min", "max", "latest", "distinct")
    if takes_field and not field_name:
        work.complain(
            place,
            Code.MISSING_FIELD,
            f"'{measure}' needs a field of '{event}'",
            f"write {measure}: {event}.<field>; " + did_you_mean(field_name, kinds),
        )
        return None
    if field_name and not takes_field and measure != "trend":
        work.complain(place, Code.WRONG_VALUE, f"'{measure}' takes an event, not a field")
        return None
    if field_name and field_name not in kinds:
        work.complain(
            place,
            Code.UNKNOWN_NAME,
            f"'{event}' has no field '{field_name}'",
            did_you_mean(field_name, kinds),
        )
        return None
    kind = _measure_kind(work, place, measure, kinds.get(field_name))
    if kind is None:
        return None
    if spec.unit is not None and kind.numeric:
        kind = Kind(kind.base, spec.unit)
    if measure == "trend" and spec.within is not None and spec.within.half is None:
        work.complain((*path, "within"), Code.WRONG_VALUE, "a trend needs two days or months")
        return None
    where = (
        work.parse((*path, "where"), spec.where, scopes.event(event), "bool")
        if spec.where is not None
        else None
    )
    any_of, covered = (
        _known_if(work, scopes, (*path, "known_if"), spec.known_if) if spec.known_if else ((), ())
    )
    if measure == "latest" and kind.base == "text" and (event, field_name) in scopes.words:
        scopes.variable_words[name] = scopes.words[event, field_name]
    return BoundVariable(
        name=name,
        title=spec.title or name.replace("_", " "),
        measure=measure,
        kind=kind,
        path=path,
        event=event,
        field=field_name or None,
        where=where,
        within=spec.within,
        any_of=any_of,
        covered=covered,
        of_events=_share_of(work, scopes, data_set_of, path, event, spec.of)
        if measure == "share"
        else (),
    )


def _share_of(
    work: Work,
    scopes: Scopes,
    data_set_of: Mapping[str, str],
    path: Path,
    event: str,
    of: str | None,
) -> tuple[str, ...]:
    if of is None:
        return (event,)
    if of == "data_set":
        of = data_set_of[event]
    if of in work.scheme.data_sets:
        return tuple(work.scheme.data_sets[of].events)
    if of in data_set_of:
        return (of,)
    work.complain(
        (*path, "of"),
        Code.UNKNOWN_NAME,
        f"no event or data set is called '{of}'",
        did_you_mean(of, [*data_set_of, *work.scheme.data_sets]),
    )
    return (event,)


def _measure_kind(work: Work, path: Path, measure: str, of: Kind | None) -> Kind | None:
    if measure in ("count", "distinct"):
        return WHOLE
    if measure == "days_since":
        return Kind("whole", "days")
    if measure == "share":
        return FIXED
    if measure == "latest" and of is not None:
        return of
    if measure == "trend" and of is None:
        return FIXED
    assert of is not None
    if not of.numeric and not (of.base == "date" and measure in ("min", "max")):
        work.complain(path, Code.TYPE_MISMATCH, f"'{measure}' takes numbers; the field is {of}")
        return None
    if measure == "mean":
        return Kind("fixed", of.unit)
    return FIXED if measure == "trend" else of


def _expression_variables(
    work: Work,
    scopes: Scopes,
    specs: Mapping[str, tuple[Path, Variable]],
    expressions: Mapping[str, tuple[Path, Variable]],
    bound: dict[str, BoundVariable],
) -> None:
    """Parse expr variables in an order in which each comes after those it needs."""
    graph = {
        name: [w for w in set(re.findall(r"[a-z][a-z0-9_]*", str(spec.expr))) if w in expressions]
        for name, (_, spec) in expressions.items()
    }
    order = in_order(
        graph,
        lambda loop: work.complain(
            expressions[loop[0]][0],
            Code.CYCLE,
            f"variables depend on themselves: {circle(loop)}",
            "let one of them read events instead",
        ),
    )
    known: dict[str, Ref] = dict(scopes.parameter_names)
    known.update({n: Ref("variable", n, v.kind) for n, v in bound.items()})
    for name in order:
        path, spec = expressions[name]
        if any(needed not in bound for needed in graph[name]):
            continue  # what it needs has a complaint already
        node = work.parse(
            (*path, "expr"), str(spec.expr), Scope(known, words=scopes.variable_words), "any"
        )
        if node is None:
            continue
        if node.kind.base == "text":
            work.complain(
                (*path, "expr"),
                Code.TYPE_MISMATCH,
                "an expr gives a number, a day or a truth value",
            )
            continue
        kind = node.kind
        if spec.unit is not None and kind.numeric:
            kind = Kind(kind.base, spec.unit)
        bound[name] = BoundVariable(
            name, spec.title or name.replace("_", " "), "expr", kind, path, expr=node
        )
        known[name] = Ref("variable", name, kind)
