"""From every datum to every consequence: what a scheme's document makes follow from what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xinyong.charter.words import Trail
from xinyong.scheme import expressions as ex
from xinyong.scheme.bound import (
    Bound,
    BoundBins,
    BoundEach,
    BoundLine,
    BoundVeto,
)
from xinyong.scheme.expressions import Node
from xinyong.scheme.following import ground


class Trails:
    """All trails of a scheme, one for each event kind and end; the first in file order is kept."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self._of_variable: dict[str, tuple[tuple[str, str], ...]] = {}
        self.to_score: dict[str, Trail] = {}
        for line in bound.lines:
            for kind, steps in self.of_line(line):
                self.to_score.setdefault(kind, self.trail(kind, (*steps, line.id, "score")))
        for band in bound.bands:
            if band.when is not None:
                for kind, steps in self._of_node(band.when, frozenset({"score"})):
                    self.to_score.setdefault(kind, self.trail(kind, (*steps, "band")))
        for row in bound.start:
            if row.when is not None:
                for kind, steps in self._of_node(row.when, frozenset({"score"})):
                    self.to_score.setdefault(kind, self.trail(kind, (*steps, "start", "score")))
        self.to_list: dict[str, dict[str, Trail]] = {
            entry.name: self._first(entry.add_when) for entry in bound.lists
        }
        self.to_consequence: dict[str, dict[str, Trail]] = {
            spec.id: {
                kind: replace(trail, consequence=spec.id)
                for kind, trail in self._first(spec.when).items()
            }
            for spec in bound.consequences
        }

    def trail(self, kind: str, steps: tuple[str, ...]) -> Trail:
        """The trail of an event kind through some steps."""
        name = self.bound.data_set_of[kind]
        return Trail(kind, name, self.bound.scheme.data_sets[name].context, steps)

    def _first(self, node: Node) -> dict[str, Trail]:
        found: dict[str, Trail] = {}
        for kind, steps in self._of_node(node, frozenset()):
            found.setdefault(kind, self.trail(kind, steps))
        return found

    def _of_node(self, node: Node, seen: frozenset[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Event kinds behind an expression, each with the steps it takes."""
        for name in ex.names(node, "variable"):
            yield from ((kind, (event,)) for kind, event in self._variable(name))
        for name in ex.lists(node):
            if name in seen:
                continue
            entry = next(entry for entry in self.bound.lists if entry.name == name)
            for kind, steps in self._of_node(entry.add_when, seen | {name}):
                yield kind, (*steps, f"list {name}")
        if "score" not in seen and (ex.names(node, "score") or ex.names(node, "band")):
            for kind, trail in self.to_score.items():
                yield kind, trail.steps

    def _variable(self, name: str) -> tuple[tuple[str, str], ...]:
        """Event kinds that a variable reads, each with the event variable it goes through."""
        if name not in self._of_variable:
            found: dict[str, str] = {}
            for base in ground((name,), self.bound.variables):
                variable = self.bound.variables[base]
                if variable.event is not None:
                    found.setdefault(variable.event, base)
                for other in variable.of_events:
                    found.setdefault(other, base)
            self._of_variable[name] = tuple(found.items())
        return self._of_variable[name]

    def of_line(self, line: BoundLine) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Event kinds that a line rests on, each with the steps to it."""
        if isinstance(line, BoundEach):
            yield line.event, ()
        elif isinstance(line, BoundBins):
            yield from ((kind, (event,)) for kind, event in self._variable(line.variable))
        else:
            nodes = [line.when] if isinstance(line, BoundVeto) else [line.when, line.points]
            for node in nodes:
                yield from self._of_node(node, frozenset({"score"}))


def can_lower(bound: Bound, trails: Trails) -> dict[str, Trail]:
    """Event kinds that can cost points, hold a band down or put a subject on a list.

    A table counts where its points are not all the same: whoever is not in its best row has lost
    something by the events behind it.
    """
    found: dict[str, Trail] = {}
    for line in bound.lines:
        if _takes(line):
            for kind, steps in trails.of_line(line):
                found.setdefault(kind, trails.trail(kind, (*steps, line.id, "score")))
    for name, kinds in trails.to_list.items():
        for kind, trail in kinds.items():
            found.setdefault(kind, replace(trail, steps=(*trail.steps, f"list {name}")))
    return found


def _takes(line: BoundLine) -> bool:
    if isinstance(line, BoundVeto):
        return True
    if isinstance(line, BoundBins):
        return len({row.points for row in line.rows}) > 1
    cap = line.cap if isinstance(line, BoundEach) else None
    if cap is not None:
        return cap < 0
    return any(_below_zero(node) for node in ex.walk(line.points))


def _below_zero(node: Node) -> bool:
    """Whether a part of an expression can turn points negative: a sign, a minus."""
    if isinstance(node, ex.Const):
        return isinstance(node.value, int) and not isinstance(node.value, bool) and node.value < 0
    return isinstance(node, ex.Negate) or (isinstance(node, ex.Arith) and node.op == "-")
