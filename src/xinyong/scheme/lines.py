"""Score lines resolved: tables, events, conditions, vetoes, and where everyone starts."""

from __future__ import annotations

from collections.abc import Mapping

from xinyong.scheme import expressions as ex
from xinyong.scheme.bound import (
    BoundBins,
    BoundEach,
    BoundLine,
    BoundRow,
    BoundStart,
    BoundVariable,
    BoundVeto,
    BoundWhen,
    Path,
)
from xinyong.scheme.complaints import Code, did_you_mean
from xinyong.scheme.expressions import Node, Scope
from xinyong.scheme.model import BinsLine, EachLine, Row, VetoLine, WhenLine
from xinyong.scheme.work import Scopes, Work, micro
from xinyong.terms import LIMIT, MICRO, half_away

MOST_VETOES = 60


def bound_start(work: Work, scope: Scope) -> tuple[BoundStart, ...]:
    """Starting points: one row for everyone, or the rows of the scheme."""
    start = work.scheme.score.start
    if isinstance(start, int):
        return (BoundStart(None, start, "Everyone starts here"),)
    rows = []
    for index, row in enumerate(start):
        when = None
        if row.when is not None:
            when = work.parse(("score", "start", index, "when"), row.when, scope, "bool")
        rows.append(BoundStart(when, row.points, row.says))
    if not start or start[-1].otherwise is None:
        work.complain(
            ("score", "start"),
            Code.MISSING_FIELD,
            "the starting points have no last row 'else: true'",
            "add {else: true, points: ..., says: ...}",
        )
    return tuple(rows)


def bound_lines(
    work: Work, scopes: Scopes, scope: Scope, variables: Mapping[str, BoundVariable]
) -> tuple[BoundLine, ...]:
    """Score lines in file order."""
    lines: list[BoundLine] = []
    seen: set[str] = set()
    dimensions = work.scheme.score.dimensions
    for index, line in enumerate(work.scheme.score.add):
        path: Path = ("score", "add", index)
        if line.id in seen:
            work.complain((*path, "id"), Code.DUPLICATE_NAME, f"two lines have the id '{line.id}'")
        seen.add(line.id)
        if line.dimension is not None and dimensions and line.dimension not in dimensions:
            work.complain(
                (*path, "dimension"),
                Code.UNKNOWN_NAME,
                f"no dimension is called '{line.dimension}'",
                did_you_mean(line.dimension, dimensions),
            )
        bound = _line(work, scopes, scope, variables, index, path, line)
        if bound is not None:
            lines.append(bound)
    vetoes = sum(isinstance(line, BoundVeto) for line in lines)
    if vetoes > MOST_VETOES:
        work.complain(
            ("score", "add"), Code.TOO_MANY, f"there are {vetoes} vetoes; at most {MOST_VETOES}"
        )
    return tuple(lines)


def _line(
    work: Work,
    scopes: Scopes,
    scope: Scope,
    variables: Mapping[str, BoundVariable],
    index: int,
    path: Path,
    line: BinsLine | EachLine | WhenLine | VetoLine,
) -> BoundLine | None:
    against = work.scheme.score.reasons.against
    if isinstance(line, BinsLine):
        return _bins(work, variables, index, path, line, against)
    if isinstance(line, EachLine):
        return _each(work, scopes, index, path, line, against)
    when = work.parse((*path, "when"), line.when, scope, "bool")
    if isinstance(line, VetoLine):
        ranks = {band.name: rank for rank, band in enumerate(work.scheme.bands)}
        if line.at_most not in ranks:
            work.complain(
                (*path, "at_most"),
                Code.UNKNOWN_NAME,
                f"no band is called '{line.at_most}'",
                did_you_mean(line.at_most, ranks),
            )
            return None
        if when is None:
            return None
        return BoundVeto(
            line.id, index, line.dimension, when, line.at_most, ranks[line.at_most], line.says
        )
    points = work.parse((*path, "points"), line.points, scope, "number")
    if when is None or points is None:
        return None
    best = max(constant_points(points) or 0, 0) if against == "best" else 0
    reference = best if line.reference is None else line.reference
    return BoundWhen(line.id, index, line.dimension, when, points, line.says, reference)


def constant_points(node: Node) -> int | None:
    """The points a literal brings; None where they depend on data."""
    if not isinstance(node, ex.Const) or not isinstance(node.value, int):
        return None
    return half_away(node.value, MICRO) if node.kind.base == "fixed" else node.value


def _each(
    work: Work, scopes: Scopes, index: int, path: Path, line: EachLine, against: str
) -> BoundEach | None:
    if not scopes.known_event((*path, "each"), line.each):
        return None
    scope = scopes.event(line.each)
    where = None
    if line.where is not None:
        where = work.parse((*path, "where"), line.where, scope, "bool")
    points = work.parse((*path, "points"), line.points, scope, "number")
    if line.decay is not None and line.expires is None:
        work.complain(
            (*path, "decay"),
            Code.MISSING_FIELD,
            "points that decay need an end",
            "add 'expires', such as expires: 24 months",
        )
    if (
        line.starts is not None
        and line.expires is not None
        and (line.starts.roughly_days() >= line.expires.roughly_days())
    ):
        work.complain(
            (*path, "starts"), Code.DATES_OUT_OF_ORDER, "the points expire before they start"
        )
    if points is None or (line.where is not None and where is None):
        return None
    best = max(line.cap or 0, 0) if against == "best" else 0
    return BoundEach(
        id=line.id,
        index=index,
        dimension=line.dimension,
        event=line.each,
        where=where,
        points=points,
        cap=line.cap,
        cap_per=(line.cap_per.points, line.cap_per.per) if line.cap_per else None,
        expires=line.expires,
        starts=line.starts,
        decay=line.decay
        if line.decay is None or line.decay == "linear"
        else line.decay.halves_every,
        says=line.says,
        reference=best if line.reference is None else line.reference,
    )


def _bins(
    work: Work,
    variables: Mapping[str, BoundVariable],
    index: int,
    path: Path,
    line: BinsLine,
    against: str,
) -> BoundBins | None:
    variable = variables.get(line.bins)
    if variable is None:
        if not work.complaints or line.bins not in work.scheme.variables:
            work.complain(
                (*path, "bins"),
                Code.UNKNOWN_NAME,
                f"no variable is called '{line.bins}'",
                did_you_mean(line.bins, variables),
            )
        return None
    rows = []
    for place, row in enumerate(line.table):
        bound = _row(work, (*path, "table", place), row, variable)
        if bound is not None:
            rows.append(bound)
    both = {row.edge for row in rows if row.test == "is"} == {True, False}
    if rows and rows[-1].test != "else" and not (variable.kind.base == "bool" and both):
        work.complain(
            (*path, "table"),
            Code.MISSING_FIELD,
            "some values fall through the table: it has no last row 'else: true'",
            "add {else: true, points: ..., says: ...}",
        )
    if not rows:
        return None
    default = max(row.points for row in rows) if against == "best" else line.missing.points
    return BoundBins(
        id=line.id,
        index=index,
        dimension=line.dimension,
        variable=line.bins,
        rows=tuple(rows),
        missing_points=line.missing.points,
        missing_says=line.missing.says,
        reference=default if line.reference is None else line.reference,
    )


def _row(work: Work, path: Path, row: Row, variable: BoundVariable) -> BoundRow | None:
    kind = variable.kind
    if row.otherwise is not None:
        return BoundRow("else", None, row.points, row.says)
    if row.below is not None:
        if not kind.numeric:
            work.complain(
                (*path, "below"),
                Code.TYPE_MISMATCH,
                f"'{variable.name}' is {kind}; 'below' goes with numbers",
            )
            return None
        edge: int
        if kind.base == "fixed":
            edge = micro(row.below)
        else:
            # v < 1.5 for whole v is v < 2: the edge rounded up
            edge = -((-micro(row.below)) // MICRO)
        if abs(edge) > LIMIT:
            work.complain((*path, "below"), Code.WRONG_VALUE, "the edge is too large")
            return None
        return BoundRow("below", edge, row.points, row.says)
    value = row.equal
    fits = {
        "bool": isinstance(value, bool),
        "text": isinstance(value, str),
        "whole": isinstance(value, int) and not isinstance(value, bool),
        "fixed": isinstance(value, int) and not isinstance(value, bool),
        "date": False,
    }[kind.base]
    if not fits or value is None:
        work.complain(
            (*path, "is"), Code.TYPE_MISMATCH, f"'{variable.name}' is {kind}, never {value!r}"
        )
        return None
    if kind.base == "fixed" and not isinstance(value, str):
        value = value * MICRO
    return BoundRow("is", value, row.points, row.says)
