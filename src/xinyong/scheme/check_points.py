"""Checks of what can be earned: table rows, caps, floor and ceiling, promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xinyong.scheme.bound import (
    Bound,
    BoundBins,
    BoundEach,
    BoundLine,
    BoundRow,
    BoundVariable,
    BoundWhen,
    Path,
)
from xinyong.scheme.complaints import Code, Complaint
from xinyong.scheme.expressions import Kind, format_value
from xinyong.scheme.lines import constant_points
from xinyong.terms import MICRO, POINTS_LIMIT


@dataclass(frozen=True, slots=True)
class Reach:
    """The least and the most a line can bring; None is without limit."""

    least: int | None
    most: int | None

    def plus(self, other: Reach) -> Reach:
        """Both together."""
        return Reach(
            None if self.least is None or other.least is None else self.least + other.least,
            None if self.most is None or other.most is None else self.most + other.most,
        )

    def held(self, least: int | None, most: int | None) -> Reach:
        """Held within limits, where there are any."""
        low, high = self.least, self.most
        if most is not None:
            high = most if high is None else min(high, most)
            low = low if low is None else min(low, most)
        if least is not None:
            low = least if low is None else max(low, least)
            high = high if high is None else max(high, least)
        return Reach(low, high)


def check_points(bound: Bound) -> Iterator[Complaint]:
    """Complaints about score lines, dimensions, floor, ceiling and bands."""
    for line in bound.lines:
        if isinstance(line, BoundBins):
            variable = bound.variables[line.variable]
            yield from _rows(bound, line, variable)
            yield from _promise(bound, line, variable)
            yield from _zero(line, variable)
        elif isinstance(line, BoundEach):
            yield from _caps(line)
    yield from _limits(bound)
    yield from _bands(bound)


def _complaint(path: Path, code: Code, message: str, mend: str = "") -> Complaint:
    return Complaint("", 0, 0, code, message, mend, path=path)


# ------------------------------------------------------------------ tables


def domain(variable: BoundVariable) -> tuple[int | None, int | None]:
    """The least and greatest value a variable can have, as far as its measure says."""
    if variable.measure in ("count", "distinct", "days_since"):
        return 0, None
    if variable.measure == "share":
        return 0, MICRO
    if variable.measure == "trend" and variable.field is None:
        return -MICRO, MICRO
    return None, None


def _words(bound: Bound, variable: BoundVariable) -> tuple[str, ...] | None:
    if variable.measure != "latest" or variable.event is None or variable.field is None:
        return None
    data_set = bound.scheme.data_sets[bound.data_set_of[variable.event]]
    return data_set.events[variable.event].fields[variable.field].one_of


def _rows(bound: Bound, line: BoundBins, variable: BoundVariable) -> Iterator[Complaint]:
    least, most = domain(variable)
    words = _words(bound, variable)
    covered: int | None = None  # every number below this has a row already
    taken: set[bool | int | str] = set()
    closed = False
    for place, row in enumerate(line.rows):
        path: Path = ("score", "add", line.index, "table", place)
        said = _row_said(row, variable.kind)
        edge = row.edge
        reason = ""
        if closed:
            reason = "a row above takes all other values"
        elif row.test == "else":
            closed = True
            if most is not None and covered is not None and covered > most:
                reason = f"'{variable.name}' is at most {format_value(most, variable.kind)}"
        elif row.test == "below" and isinstance(edge, int):
            if covered == edge:
                yield _complaint(
                    path, Code.OVERLAPPING_ROWS, f"two rows say {said}", "keep one of them"
                )
            elif covered is not None and edge < covered:
                reason = "a row above takes every such value"
            elif least is not None and edge <= least:
                reason = f"'{variable.name}' is at least {format_value(least, variable.kind)}"
            covered = edge if covered is None else max(covered, edge)
        elif edge is not None:
            if edge in taken:
                yield _complaint(
                    path, Code.OVERLAPPING_ROWS, f"two rows say {said}", "keep one of them"
                )
            elif words is not None and edge not in words:
                reason = f"'{variable.name}' is one of {', '.join(words[:8])}"
            elif isinstance(edge, int) and not isinstance(edge, bool):
                if covered is not None and edge < covered:
                    reason = "a row above takes this value"
                elif (least is not None and edge < least) or (most is not None and edge > most):
                    reason = f"'{variable.name}' never has this value"
            taken.add(edge)
        if reason:
            yield _complaint(
                path,
                Code.UNREACHABLE_ROW,
                f"no value reaches the row {said}: {reason}",
                "order the rows from the lowest edge to the highest, 'else' last",
            )


def _row_said(row: BoundRow, kind: Kind) -> str:
    return f"'{row.test}'" if row.edge is None else f"'{row.test} {format_value(row.edge, kind)}'"


def _promise(bound: Bound, line: BoundBins, variable: BoundVariable) -> Iterator[Complaint]:
    spec = bound.scheme.variables.get(variable.name)
    if spec is None or spec.more_is is None:
        return
    rows = [row for row in line.rows if row.test != "is"]
    if variable.kind.base == "bool":
        named = next((row.edge for row in line.rows if row.test == "is"), True)
        rows = sorted(
            line.rows, key=lambda row: row.edge is True if row.test == "is" else named is False
        )
    points = [row.points for row in rows]
    if spec.more_is == "worse":
        points.reverse()
    if points != sorted(points):
        yield _complaint(
            ("score", "add", line.index, "table"),
            Code.BROKEN_PROMISE,
            f"more of '{variable.name}' is {spec.more_is}, but the points say otherwise",
            f"let the points {'rise' if spec.more_is == 'better' else 'fall'} with the value",
        )


def _zero(line: BoundBins, variable: BoundVariable) -> Iterator[Complaint]:
    """A count of nothing is 0 even where nobody asked; it should not bring points."""
    if variable.measure not in ("count", "sum", "distinct") or variable.conditional:
        return
    for place, row in enumerate(line.rows):
        if row.test == "below":
            fits = isinstance(row.edge, int) and row.edge > 0
        else:
            fits = row.test == "else" or row.edge == 0
        if not fits:
            continue
        if row.points > 0:
            yield _complaint(
                ("score", "add", line.index, "table", place, "points"),
                Code.UNKNOWN_AS_ZERO,
                f"'{variable.name}' is 0 where nothing is known, and 0 brings {row.points} points",
                f"add known_if to '{variable.name}', such as known_if: any {variable.event}",
            )
        return


# ------------------------------------------------------------------ caps and limits


def _sign(line: BoundEach) -> int | None:
    """1 or -1 where all points of the line have that sign; None where they may have either."""
    points = constant_points(line.points)
    return None if points is None else (points > 0) - (points < 0)


def _caps(line: BoundEach) -> Iterator[Complaint]:
    sign = _sign(line)
    if sign is None:
        return
    caps: list[tuple[Path, int]] = []
    if line.cap is not None:
        caps.append((("score", "add", line.index, "cap"), line.cap))
    if line.cap_per is not None:
        caps.append((("score", "add", line.index, "cap_per", "points"), line.cap_per[0]))
    for path, cap in caps:
        if sign == 0 or (cap >= 0) != (sign > 0):
            yield _complaint(
                path,
                Code.CAP_NEVER_REACHED,
                f"a cap of {cap} never holds points of this sign back",
                "a cap of points lost is negative, one of points won positive",
            )


def reach(line: BoundLine) -> Reach:
    """What one line can bring at least and at most."""
    if isinstance(line, BoundBins):
        points = [*(row.points for row in line.rows), line.missing_points]
        return Reach(min(points), max(points))
    if isinstance(line, BoundWhen):
        fixed = constant_points(line.points)
        if fixed is None:
            return Reach(-POINTS_LIMIT, POINTS_LIMIT)
        return Reach(min(fixed, 0), max(fixed, 0))
    if isinstance(line, BoundEach):
        sign = _sign(line)
        most = 0 if sign is not None and sign <= 0 else None
        least = 0 if sign is not None and sign >= 0 else None
        if line.cap is None:
            return Reach(least, most)
        if line.cap >= 0:
            return Reach(least, line.cap if most is None else most)
        return Reach(line.cap if least is None else least, most)
    return Reach(0, 0)


def _limits(bound: Bound) -> Iterator[Complaint]:
    score = bound.scheme.score
    total = Reach(min(r.points for r in bound.start), max(r.points for r in bound.start))
    for dimension in bound.dimensions:
        lines = [line for line in bound.lines if line.dimension == dimension]
        part = _sum([reach(line) for line in lines])
        spec = score.dimensions.get(dimension) if dimension is not None else None
        if spec is not None:
            for key, limit, idle in (
                ("at_most", spec.at_most, _below(part.most, spec.at_most)),
                ("at_least", spec.at_least, _below(spec.at_least, part.least)),
            ):
                if idle:
                    yield _complaint(
                        ("score", "dimensions", str(dimension), key),
                        Code.CAP_NEVER_REACHED,
                        f"the lines of '{dimension}' never come to {limit}",
                    )
            part = part.held(spec.at_least, spec.at_most)
        total = total.plus(part)
    if _below(total.most, score.ceiling):
        yield _complaint(
            ("score", "ceiling"),
            Code.CEILING_UNREACHABLE,
            f"no subject can have more than {total.most} points; the ceiling is {score.ceiling}",
        )
    if _below(score.floor, total.least):
        yield _complaint(
            ("score", "floor"),
            Code.CEILING_UNREACHABLE,
            f"no subject can have fewer than {total.least} points; the floor is {score.floor}",
        )


def _sum(parts: Sequence[Reach]) -> Reach:
    total = Reach(0, 0)
    for part in parts:
        total = total.plus(part)
    return total


def _below(low: int | None, high: int | None) -> bool:
    return low is not None and high is not None and low < high


def _bands(bound: Bound) -> Iterator[Complaint]:
    score = bound.scheme.score
    lowest = True
    for band in bound.bands:
        if band.since is None:
            continue
        path: Path = ("bands", band.rank, "from")
        if lowest and band.since < score.floor:
            yield _complaint(
                path,
                Code.LOWEST_BAND,
                f"the lowest band starts at {band.since}, below the floor of {score.floor}",
                f"let it start at {score.floor}",
            )
        lowest = False
        if band.since > score.ceiling:
            yield _complaint(
                path,
                Code.BAND_GAP,
                f"no score reaches '{band.name}': it starts above the ceiling, {score.ceiling}",
            )
