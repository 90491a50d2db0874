"""Which values would be better: the nearest that gives a better row, or turns a condition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xinyong.engine.lines import bins_line
from xinyong.engine.values import Value, evaluate
from xinyong.engine.worked import Names, Working
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import BoundBins, BoundVariable
from xinyong.scheme.expressions import Node
from xinyong.terms import MICRO


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value a variable would need, and that said in words."""

    variable: str
    value: Value
    says: str


def possible(variable: BoundVariable, value: Value) -> bool:
    """Whether a variable of that measure can take the value at all."""
    if variable.measure in ("count", "distinct", "days_since", "share") and int(value or 0) < 0:
        return False
    return not (variable.measure == "share" and int(value or 0) > MICRO)


def nearest(options: Iterable[tuple[Value, str]], now: Value) -> tuple[Value, str] | None:
    """The option with the least distance from the value now; the first where none is nearer."""
    found = list(options)
    if not found:
        return None
    if now is None or isinstance(now, str):
        return found[0]
    return min(found, key=lambda option: abs(int(option[0] or 0) - int(now)))


def better_row(work: Working, line: BoundBins) -> Wanted | None:
    """The nearest value that reaches a row with more points; None if no row has more."""
    variable = work.bound.variables[line.variable]
    now, points = work.values[line.variable], work.lines[line.id].points
    options = []
    for value, words in _row_values(line, variable):
        if value is not None and possible(variable, value):
            reached = bins_line(line, value).points
            if reached > points:
                options.append((reached, value, words))
    if now is None:  # nothing is near an unknown value: the best row comes first
        options.sort(key=lambda option: -option[0])
    best = nearest([(value, words) for _, value, words in options], now)
    if best is None:
        return None
    return Wanted(line.variable, best[0], f"“{variable.title}” would have to be {best[1]}")


def _row_values(line: BoundBins, variable: BoundVariable) -> list[tuple[Value, str]]:
    """Values at the edges of a table, each with its words."""
    found: list[tuple[Value, str]] = []
    for row in line.rows:
        said = ex.format_value(row.edge, variable.kind)
        if row.test == "below":
            edge = int(row.edge or 0)
            found += [(edge - 1, f"below {said}"), (edge, f"at least {said}")]
        elif row.test == "is" and isinstance(row.edge, bool):
            found += [(row.edge, said), (not row.edge, "no" if row.edge else "yes")]
        elif row.test == "is":
            found.append((row.edge, said))
            if isinstance(row.edge, int):
                found += [(row.edge + 1, f"more than {said}"), (row.edge - 1, f"below {said}")]
    return found


# ------------------------------------------------------------------ conditions


def turned(work: Working, node: Node, want: bool) -> Wanted | None:
    """A value of one variable that makes a condition true (or false), if it is that simple."""
    match node:
        case ex.Not():
            return turned(work, node.arg, not want)
        case ex.And() | ex.Or():
            return _turned_chain(work, node, want)
        case ex.Ref() if node.role == "variable" and node.kind.base == "bool":
            title = work.bound.variables[node.name].title
            return Wanted(node.name, want, f"“{title}” would have to be {'yes' if want else 'no'}")
        case ex.Compare():
            return _turned_comparison(work, node, want)
        case _:
            return None


def _turned_chain(work: Working, node: ex.And | ex.Or, want: bool) -> Wanted | None:
    """One item turns the whole: any that decides alone, or the only one that stands in the way."""
    alone = want == isinstance(node, ex.Or)
    others = [item for item in node.items if evaluate(item, Names(work)) is not want]
    if not alone and len(others) != 1:
        return None
    for item in others:
        found = turned(work, item, want)
        if found is not None:
            return found
    return None


def _turned_comparison(work: Working, node: ex.Compare, want: bool) -> Wanted | None:
    for side, other in ((node.left, node.right), (node.right, node.left)):
        widened = isinstance(side, ex.Widen)
        ref = side.arg if isinstance(side, ex.Widen) else side
        if not isinstance(ref, ex.Ref) or ref.role != "variable" or not ref.kind.numeric:
            continue
        edge = evaluate(other, Names(work))
        if edge is None:
            continue
        middle = int(edge) // MICRO if widened else int(edge)
        variable = work.bound.variables[ref.name]
        options = []
        for value in (middle - 1, middle, middle + 1):
            known = Names(work, {ref.name: value})
            if possible(variable, value) and evaluate(node, known) is want:
                options.append((value, ex.format_value(value, ref.kind)))
        best = nearest(options, work.values[ref.name])
        if best is not None:
            return Wanted(ref.name, best[0], f"“{variable.title}” would have to be {best[1]}")
    return None
