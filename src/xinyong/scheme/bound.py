"""A scheme with names and types resolved, as frozen data; :mod:`binding` makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from xinyong.days import Period
from xinyong.scheme import expressions as ex
from xinyong.scheme.expressions import Kind, Node
from xinyong.scheme.model import Scheme

Path = tuple[str | int, ...]
COVERAGE = "coverage"
"""The built-in event kind: its field ``data_set`` names the source that was asked."""


@dataclass(frozen=True, slots=True)
class BoundVariable:
    """A variable with everything resolved; ``path`` is its place in the document."""

    name: str
    title: str
    measure: str
    kind: Kind
    path: Path
    event: str | None = None
    field: str | None = None
    where: Node | None = None
    within: Period | None = None
    any_of: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    of_events: tuple[str, ...] = ()
    expr: Node | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Variables that its expression reads."""
        return ex.names(self.expr, "variable") if self.expr is not None else ()

    @property
    def conditional(self) -> bool:
        """Whether it has a ``known_if``."""
        return bool(self.any_of or self.covered)


@dataclass(frozen=True, slots=True)
class BoundRow:
    """A table row; ``edge`` is in the variable's own base (millionths if fixed)."""

    test: Literal["below", "is", "else"]
    edge: int | bool | str | None
    points: int
    says: str


@dataclass(frozen=True, slots=True)
class BoundBins:
    """A characteristic: a variable and its rows; ``index`` is the place in ``score.add``."""

    id: str
    index: int
    dimension: str | None
    variable: str
    rows: tuple[BoundRow, ...]
    missing_points: int
    missing_says: str
    reference: int


@dataclass(frozen=True, slots=True)
class BoundEach:
    """Points for each event of a kind while it counts."""

    id: str
    index: int
    dimension: str | None
    event: str
    where: Node | None
    points: Node
    cap: int | None
    cap_per: tuple[int, Literal["day", "month", "year"]] | None
    expires: Period | None
    starts: Period | None
    decay: Literal["linear"] | Period | None
    says: str
    reference: int


@dataclass(frozen=True, slots=True)
class BoundWhen:
    """Points while a condition is true."""

    id: str
    index: int
    dimension: str | None
    when: Node
    points: Node
    says: str
    reference: int


@dataclass(frozen=True, slots=True)
class BoundVeto:
    """A condition under which the band is at most ``band``, whose rank is ``rank``."""

    id: str
    index: int
    dimension: str | None
    when: Node
    band: str
    rank: int
    says: str


BoundLine = BoundBins | BoundEach | BoundWhen | BoundVeto


@dataclass(frozen=True, slots=True)
class BoundStart:
    """A starting row; ``when`` None is the else row."""

    when: Node | None
    points: int
    says: str


@dataclass(frozen=True, slots=True)
class BoundBand:
    """A band; ``rank`` counts from 0 at the lowest, ``since`` is its first score."""

    name: str
    rank: int
    since: int | None
    when: Node | None


@dataclass(frozen=True, slots=True)
class BoundList:
    """A list; ``ground`` are the event variables whose events are its ground."""

    name: str
    title: str
    add_when: Node
    remove_when: Node | None
    lasts: Period | None
    warn: Period | None
    after_score: bool
    ground: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoundConsequence:
    """What follows while a condition is true."""

    id: str
    when: Node
    effect: str
    kind: Literal["benefit", "burden"]


@dataclass(frozen=True, slots=True)
class BoundParameter:
    """A dated number: ``days`` ascending day numbers, ``values`` in the kind's base."""

    name: str
    kind: Kind
    days: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A scheme with names and types resolved; everything the engine needs and nothing else.

    ``variables`` are in an order in which each comes after those it needs; ``lists`` likewise;
    ``lines`` are in file order.
    """

    scheme: Scheme
    fields: Mapping[str, Mapping[str, Kind]]
    data_set_of: Mapping[str, str]
    parameters: Mapping[str, BoundParameter]
    variables: Mapping[str, BoundVariable]
    start: tuple[BoundStart, ...]
    lines: tuple[BoundLine, ...]
    bands: tuple[BoundBand, ...]
    lists: tuple[BoundList, ...]
    consequences: tuple[BoundConsequence, ...]
    dimensions: tuple[str | None, ...]
    """Dimension names in order of first appearance; None if some line has none."""

    def titles(self) -> dict[str, str]:
        """Names as a lay reader sees them."""
        said = {name: v.title for name, v in self.variables.items()}
        said.update({name: p.title for name, p in self.scheme.parameters.items()})
        said.update({name: spec.title for name, spec in self.scheme.lists.items()})
        return said
