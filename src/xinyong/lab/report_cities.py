"""Figures of the report about cities: how each fares, who moves where, and what moving does."""

from __future__ import annotations

from math import isfinite
from typing import Final

from xinyong.drawing import Drawn
from xinyong.drawing.panels import Line, Range, panels, ranges
from xinyong.lab import report_words as words
from xinyong.lab.differences import interval
from xinyong.lab.report_figures import Findings, array, drawn, mean_of
from xinyong.lab.scenario import CITY_SCHEMES

BY_CITY: Final = ("welfare", "credit_access", "listed", "chilling", "city_people")
"""Measures drawn for each city under its own scheme, year by year."""
BETWEEN: Final = (
    ("moved", "Who moves where",
     "People who moved from one city to another when the year ended, of all people."),
    ("moving_standing", "What moving does to one's place",
     "Place between the lowest score of a scheme and the highest, on arrival less on the evening"
     " before; the same life, read by other rules and from what was taken over."),
    ("moving_credit", "What moving does to loans",
     "Of those who moved, how many more would be granted a loan on arrival than on the evening"
     " before."),
    ("rules_gap", "The same record elsewhere",
     "How far a record's band lies from its band at home, if the other city's scheme reads all of"
     " it: 0 the same place, 100 the other end."),
)  # fmt: skip
"""Measures told between two cities: name, title, what it says."""
MOST_PAIRS: Final = 30
"""Pairs of cities in one figure; of more, those between which most people move."""


def figures(found: Findings) -> list[Drawn]:
    """What is to be seen of cities, under each city's own scheme; nothing where there are none."""
    cities = [city.name for city in found.comparison.scenario.cities]
    if not cities or CITY_SCHEMES not in found.grid.schemes:
        return []
    made = [by_city(found, name, cities) for name in BY_CITY]
    return [*made, *(between(found, *each, cities=cities) for each in BETWEEN)]


def by_city(found: Findings, name: str, cities: list[str]) -> Drawn:
    """One measure year by year, a panel for each city, all on one scale."""
    measure = words.about(name)
    lines, rows = [], []
    for number, city in enumerate(cities):
        parts = [
            interval(array(found.values(CITY_SCHEMES, name, f"city.{city}", year)))
            for year in found.years
        ]
        middle, low, high = (tuple(float(part[at]) for part in parts) for at in range(3))
        lines.append(Line(city, found.years, middle, low, high, number % 8))
        told = (middle[0], middle[-1])
        rows.append((city, *(words.level(value, measure) for value in told)))
    says = "One panel for each city under its own scheme, all on one scale."
    draw = panels(lines, say=lambda v: words.short(v, measure), across="year", pale=False)
    heads = ("City", f"Year {found.years[0]}", f"Year {found.last}")
    title = f"{words.axis(measure)}, city by city"
    return drawn(f"city-{name}", title, says, draw, heads, rows)


def between(found: Findings, name: str, title: str, says: str, *, cities: list[str]) -> Drawn:
    """One measure from each city to each other in the last year, with its interval over seeds."""
    measure, rows = words.about(name), []
    for a, b in _pairs(found, cities):
        values = array(found.values(CITY_SCHEMES, name, f"from.{a}.to.{b}"))
        mean, low, high = (float(part) for part in interval(values))
        if not isfinite(mean):
            continue
        ends = (low, high) if isfinite(low) else (mean, mean)
        note = words.level(mean, measure)
        number = cities.index(a) % 8
        rows.append(Range(f"{a} to {b}", ends[0], mean, ends[1], note, True, number))
    says = f"{says} Year {found.last}; the line is the interval over seeds."
    across = "in a hundred" if words.in_hundred(measure) else words.unit_of(measure)
    draw = ranges(rows, say=lambda v: words.short(v, measure), across=across)
    told = [(row.label, row.note) for row in rows]
    return drawn(f"between-{name}", title, says, draw, ("From and to", "Value"), told)


def _pairs(found: Findings, cities: list[str]) -> list[tuple[str, str]]:
    pairs = [(a, b) for a in cities for b in cities if a != b]
    if len(pairs) <= MOST_PAIRS:
        return pairs
    often = {
        (a, b): mean_of(found.values(CITY_SCHEMES, "moved", f"from.{a}.to.{b}")) for a, b in pairs
    }
    kept = sorted(pairs, key=lambda pair: -often[pair])[:MOST_PAIRS]
    return [pair for pair in pairs if pair in kept]
