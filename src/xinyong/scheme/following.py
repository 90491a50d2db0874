"""What follows from a score, resolved: lists, bands, consequences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from xinyong.scheme import expressions as ex
from xinyong.scheme.bound import BoundBand, BoundConsequence, BoundList, BoundVariable, Path
from xinyong.scheme.complaints import Code
from xinyong.scheme.expressions import Node, Scope
from xinyong.scheme.work import Work, circle, in_order


def bound_lists(
    work: Work, scope: Scope, variables: Mapping[str, BoundVariable]
) -> tuple[BoundList, ...]:
    """Lists, each after those its conditions ask for."""
    found: dict[str, BoundList] = {}
    for name, spec in work.scheme.lists.items():
        path: Path = ("lists", name)
        add = work.parse((*path, "add_when"), spec.add_when, scope, "bool")
        remove = (
            work.parse((*path, "remove_when"), spec.remove_when, scope, "bool")
            if spec.remove_when is not None
            else None
        )
        if add is None:
            continue
        found[name] = BoundList(
            name=name,
            title=spec.title,
            add_when=add,
            remove_when=remove,
            lasts=spec.lasts,
            warn=spec.before.warn if spec.before else None,
            after_score=_reads_score(add) or (remove is not None and _reads_score(remove)),
            ground=ground(ex.names(add, "variable"), variables),
        )
    graph = {
        name: [
            other
            for node in (entry.add_when, entry.remove_when)
            if node is not None
            for other in ex.lists(node)
            if other in found
        ]
        for name, entry in found.items()
    }
    order = in_order(
        graph,
        lambda loop: work.complain(
            ("lists", loop[0]),
            Code.CYCLE,
            f"lists depend on themselves: {circle(loop)}",
            "let one of them read variables instead",
        ),
    )
    ordered: dict[str, BoundList] = {}
    for name in order:
        entry = found[name]
        late = entry.after_score or any(
            ordered[other].after_score for other in graph[name] if other in ordered
        )
        ordered[name] = BoundList(
            entry.name,
            entry.title,
            entry.add_when,
            entry.remove_when,
            entry.lasts,
            entry.warn,
            late,
            entry.ground,
        )
    return tuple(ordered.values())


def _reads_score(node: Node) -> bool:
    return bool(ex.names(node, "score") or ex.names(node, "band"))


def ground(wanted: Iterable[str], variables: Mapping[str, BoundVariable]) -> tuple[str, ...]:
    """Event variables that the wanted variables rest on, through expressions, each once."""
    found: dict[str, None] = {}
    todo = list(wanted)
    seen: set[str] = set()
    while todo:
        name = todo.pop(0)
        variable = variables.get(name)
        if variable is None or name in seen:
            continue
        seen.add(name)
        if variable.expr is None:
            found[name] = None
        else:
            todo.extend(variable.needs)
    return tuple(found)


def bound_bands(work: Work, scope: Scope) -> tuple[BoundBand, ...]:
    """Bands from lowest to highest."""
    bound = []
    seen: set[str] = set()
    for rank, band in enumerate(work.scheme.bands):
        if band.name in seen:
            work.complain(
                ("bands", rank, "name"),
                Code.DUPLICATE_NAME,
                f"two bands are called '{band.name}'",
            )
        seen.add(band.name)
        when = None
        if band.when is not None:
            when = work.parse(("bands", rank, "when"), band.when, scope, "bool")
        bound.append(BoundBand(band.name, rank, band.since, when))
    edges = [
        (rank, band.since) for rank, band in enumerate(work.scheme.bands) if band.since is not None
    ]
    if not edges:
        work.complain(
            ("bands",),
            Code.LOWEST_BAND,
            "no band starts at a score",
            "give the lowest band 'from' the floor",
        )
    for (_, lower), (rank, upper) in pairwise(edges):
        if upper <= lower:
            work.complain(
                ("bands", rank, "from"),
                Code.BAND_GAP,
                f"bands stand from lowest to highest; {upper} follows {lower}",
            )
    if edges and edges[0][1] > work.scheme.score.floor:
        work.complain(
            ("bands", edges[0][0], "from"),
            Code.LOWEST_BAND,
            f"scores from {work.scheme.score.floor} to {edges[0][1] - 1} have no band",
            f"let the lowest band start at the floor, {work.scheme.score.floor}",
        )
    if work.scheme.score.ceiling < work.scheme.score.floor:
        work.complain(("score", "ceiling"), Code.WRONG_VALUE, "the ceiling lies below the floor")
    return tuple(bound)


def bound_consequences(work: Work, scope: Scope) -> tuple[BoundConsequence, ...]:
    """Consequences in file order."""
    bound = []
    seen: set[str] = set()
    for index, spec in enumerate(work.scheme.consequences):
        if spec.id in seen:
            work.complain(
                ("consequences", index, "id"),
                Code.DUPLICATE_NAME,
                f"two consequences have the id '{spec.id}'",
            )
        seen.add(spec.id)
        when = work.parse(("consequences", index, "when"), spec.when, scope, "bool")
        if when is not None:
            bound.append(BoundConsequence(spec.id, when, spec.effect, spec.kind))
    return tuple(bound)
