"""The figures of the report, made from means and paired differences over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, nan
from typing import Any

from markupsafe import Markup

from xinyong.drawing import Drawn
from xinyong.drawing.charts import both
from xinyong.drawing.panels import Line, Matrix, Range, matrices, panels, ranges
from xinyong.lab import report_words as words
from xinyong.lab.catalogue import Measure
from xinyong.lab.differences import Grid, grid, interval
from xinyong.lab.experiment import Comparison
from xinyong.lab.intervals import Difference, paired, tiers

Values = Any
FIFTHS = range(1, 6)
PALE = "; the pale lines are the other schemes"


@dataclass(frozen=True)
class Findings:
    """A comparison as the report looks at it; ``titles`` name schemes for readers."""

    comparison: Comparison
    titles: dict[str, str]

    @cached_property
    def grid(self) -> Grid:
        """All results as an array."""
        return grid(self.comparison.table, self.comparison.scenario.schemes)

    @cached_property
    def _place(self) -> dict[tuple[int, str, str], int]:
        return {key: at for at, key in enumerate(self.grid.keys)}

    @property
    def baseline(self) -> str:
        """The scheme that the others are compared with."""
        return self.comparison.scenario.baseline

    @property
    def others(self) -> tuple[str, ...]:
        """All schemes but the baseline."""
        return tuple(name for name in self.grid.schemes if name != self.baseline)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years that were measured."""
        return tuple(sorted({year for year, _, _ in self.grid.keys}))

    @property
    def last(self) -> int:
        """The last year."""
        return self.years[-1]

    @cached_property
    def measures(self) -> frozenset[str]:
        """Measures that some run has for everybody."""
        return frozenset(name for _, name, where in self.grid.keys if where == "all")

    def groups(self, measure: str) -> list[str]:
        """Groups of people that a measure is told for in the last year, in order."""
        found = {g for year, name, g in self.grid.keys if name == measure and year == self.last}
        return sorted(filter(words.is_group, found), key=words.rank_of)

    def values(self, scheme: str, measure: str, group: str = "all", year: int = 0) -> Values:
        """One value for each seed; ``nan`` where there is none. Year 0 is the last."""
        at = self._place.get((year or self.last, measure, group))
        if at is None:
            return [nan] * len(self.grid.seeds)
        return self.grid.of(scheme)[at]

    def difference(self, scheme: str, measure: str, group: str = "all") -> Difference:
        """Paired difference to the baseline in the last year."""
        mine = self.values(scheme, measure, group)
        return paired(mine, self.values(self.baseline, measure, group))

    def title(self, scheme: str) -> str:
        """A scheme for readers."""
        return self.titles.get(scheme, scheme)

    def colour(self, scheme: str) -> int:
        """Its colour."""
        return self.grid.schemes.index(scheme) % 8


def drawn(
    name: str, title: str, says: str, draw: Any, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> Drawn:
    """A figure in both widths, described in words, with its rows as a table."""
    desc = says + " " + " ".join(f"{row[0]}: {row[-1]}." for row in rows[:40])
    svg: Markup = both(name, title, desc, draw)
    return Drawn(title, says, svg, tuple(heads), tuple(tuple(row) for row in rows))


def _range(found: Findings, scheme: str, label: str, it: Difference, measure: Measure) -> Range:
    low = it.low if isfinite(it.low) else it.mean
    high = it.high if isfinite(it.high) else it.mean
    note = words.difference(it, measure)
    better = words.verdict(it, measure)
    note = f"{note}, {better}" if better else note
    return Range(label, low, it.mean, high, note, it.ranked, found.colour(scheme))


def _ends(it: Difference) -> tuple[float, ...]:
    return tuple(value for value in (it.low, it.mean, it.high) if isfinite(value))


def against(found: Findings, name: str) -> Drawn:
    """Each scheme against the baseline in one measure, in the last year."""
    measure = words.about(name)
    rows = [
        _range(found, s, found.title(s), found.difference(s, name), measure) for s in found.others
    ]
    base = found.title(found.baseline)
    says = f"Difference to “{base}” in year {found.last}. {_order(found, measure)}"
    draw = ranges(rows, say=lambda v: words.short(v, measure), across=_less(measure))
    return drawn(
        f"diff-{name}", measure.title, says, draw, ("Scheme", "Difference"),
        [(row.label, row.note) for row in rows],
    )  # fmt: skip


def _less(measure: Measure) -> str:
    return "difference, in a hundred" if words.in_hundred(measure) else "difference"


def _order(found: Findings, measure: Measure) -> str:
    """Which schemes can be told apart at all; never an order that chance could have made."""
    if measure.better == "neither":
        return "Neither more nor less of it is better for everybody."
    known = {
        name: [float(v) for v in found.values(name, measure.name)] for name in found.grid.schemes
    }
    known = {name: v for name, v in known.items() if all(map(isfinite, v))}
    if len(known) < 2 or len(found.grid.seeds) < 2:
        return "With what was run no order can be told."
    told = tiers(known, measure.better)
    if len(told) == 1:
        return "No order of the schemes can be told from chance."
    steps = "; then ".join(" and ".join(map(found.title, tier)) for tier in told)
    return f"From better to worse, as far as it can be told from chance: {steps}."


def by_year(found: Findings, name: str, *, pale: bool = True) -> Drawn:
    """One measure year by year, a panel for each scheme, all on one scale.

    ``pale``: with the lines of the other schemes behind each.
    """
    measure = words.about(name)
    lines, rows = [], []
    for scheme in found.grid.schemes:
        parts = [interval(array(found.values(scheme, name, year=year))) for year in found.years]
        middle, low, high = (tuple(float(part[at]) for part in parts) for at in range(3))
        lines.append(
            Line(found.title(scheme), found.years, middle, low, high, found.colour(scheme))
        )
        told = (middle[0], middle[-1])
        rows.append((found.title(scheme), *(words.level(value, measure) for value in told)))
    says = (
        f"One panel for each scheme, all on one scale{PALE if pale else ''}."
        " The band holds the mean of many such towns in 95 of 100 experiments."
    )
    draw = panels(lines, say=lambda v: words.short(v, measure), across="year", pale=pale)
    heads = ("Scheme", f"Year {found.years[0]}", f"Year {found.last}")
    return drawn(f"years-{name}", words.axis(measure), says, draw, heads, rows)


def array(values: Values) -> Any:
    """One value for each seed as float64."""
    import numpy as np

    return np.asarray(values, np.float64)


def by_group(found: Findings, name: str, scheme: str) -> Drawn | None:
    """Who gains and who loses under one scheme: a measure by tenth and group, last year."""
    measure = words.about(name)
    groups = found.groups(name)
    if not groups:
        return None
    rows = [
        _range(found, scheme, words.group(g), found.difference(scheme, name, g), measure)
        for g in groups
    ]
    all_ends = [
        end
        for other in found.others
        for g in groups
        for end in _ends(found.difference(other, name, g))
    ]
    says = (
        f"{measure.title}: difference to “{found.title(found.baseline)}” in year {found.last},"
        " on one scale for all schemes. Tenths are by means when the run began; the two groups"
        " are synthetic."
    )
    draw = ranges(rows, say=lambda v: words.short(v, measure), across=_less(measure), also=all_ends)
    return drawn(
        f"groups-{name}-{found.grid.schemes.index(scheme)}", found.title(scheme), says, draw,
        ("Who", "Difference"), [(row.label, row.note) for row in rows],
    )  # fmt: skip


def mobility(found: Findings) -> Drawn | None:
    """Where children of each fifth end up, a matrix for each scheme."""
    if not any(name == "mobility" for _, name, _ in found.grid.keys):
        return None
    shown, rows = [], []
    for scheme in found.grid.schemes:
        cells = [
            [mean_of(found.values(scheme, "mobility", f"from.{a}.to.{b}")) for b in FIFTHS]
            for a in FIFTHS
        ]
        shown.append(Matrix(found.title(scheme), cells))
        rows += [
            (f"{found.title(scheme)}, parents in fifth {a}", *map(_share, cells[a - 1]))
            for a in FIFTHS
        ]
    says = (
        "Of a hundred children whose parents stood in the fifth at the left (1 is the poorest), so"
        " many stand in the fifth below. If birth did not matter, every number would be 20."
    )
    draw = matrices(shown, down="parents’ fifth", across="children’s fifth (in a hundred)")
    heads = ("From", *(f"to {b}" for b in FIFTHS))
    return drawn("mobility", "Where children end up", says, draw, heads, rows)


def mean_of(values: Values) -> float:
    """Mean over seeds."""
    return float(array(values).mean())


def _share(value: float) -> str:
    return f"{value * 100:.0f} %" if isfinite(value) else "not measured"
