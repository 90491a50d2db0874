"""How figures of the lab are said: units, differences, groups, for readers without statistics."""

from __future__ import annotations

from math import floor, inf, isfinite, isnan, log10
from typing import Final

from xinyong.lab.catalogue import MEASURES, Measure
from xinyong.lab.intervals import Difference

UNTOLD: Final = "no difference that can be told from chance"
NOTHING: Final = "exactly no difference"
UNMEASURED: Final = "could not be measured"

NOISE: Final = 1e-9
"""A span narrower than this part of what it is around is noise of the arithmetic."""

_UNITS: Final = {
    "money": "median incomes",
    "months": "months",
    "points": "points",
    "number": "",
    "ratio": "",
}
"""How a unit is written after a figure; a unit that is not here is written as it is."""


def about(name: str) -> Measure:
    """The measure of that name; one that is not in the catalogue speaks for itself."""
    return MEASURES.get(name) or Measure(name, name.replace("_", " "), "", "neither", "")


def in_hundred(measure: Measure) -> bool:
    """Whether a measure is told in a hundred; an index such as Gini's is told as it is."""
    return measure.unit == "share" and not measure.name.startswith("gini")


def level(value: float, measure: Measure) -> str:
    """A value as it is: ``12.3 %``, ``0.412``."""
    if isnan(value):
        return "not measured"
    if in_hundred(measure):
        return f"{plain(value * 100)}\N{NO-BREAK SPACE}%"
    return _with_unit(plain(value), measure)


def axis(measure: Measure) -> str:
    """What stands beside an axis of this measure."""
    unit = unit_of(measure)
    return f"{measure.title} ({unit})" if unit else measure.title


def unit_of(measure: Measure) -> str:
    """The unit as it is written after a figure; empty where it has none."""
    if measure.unit == "share":
        return "%" if in_hundred(measure) else ""
    return _UNITS.get(measure.unit, measure.unit)


def short(value: float, measure: Measure) -> str:
    """A value at a tick of an axis, without its unit."""
    shown = value * 100 if in_hundred(measure) else value
    text = f"{shown:,.6g}" if abs(shown) < 1e6 else f"{shown:.3g}"
    return text.replace("-", "−")


def plain(value: float) -> str:
    """A number with about three telling digits."""
    return f"{value:,.{_places(value)}f}".replace("-", "−")


def _places(value: float) -> int:
    size = abs(value)
    if size == 0 or size >= 100:
        return 0
    return 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 else 4


def _with_unit(text: str, measure: Measure) -> str:
    return f"{text} {unit_of(measure)}".rstrip()


def difference(found: Difference, measure: Measure) -> str:
    """A difference in words: ``+3.1 in a hundred (2.0 to 4.2)``, or that none can be told."""
    return " ".join(filter(None, parts(found, measure)))


def parts(found: Difference, measure: Measure) -> tuple[str, str]:
    """A difference as its number, and its unit with its span; only words where none is told."""
    if isnan(found.mean):
        return UNMEASURED, ""
    if found.mean == found.low == found.high == 0:
        return NOTHING, ""
    if not found.ranked:
        return UNTOLD, ""
    times = 100 if in_hundred(measure) else 1
    mean, low, high = found.mean * times, found.low * times, found.high * times
    places = _telling(low, high)
    text = f"{mean:+,.{places}f}".replace("-", "−")
    span = f"({low:,.{places}f} to {high:,.{places}f})".replace("-", "−")
    unit = "in a hundred" if in_hundred(measure) else unit_of(measure)
    return text, f"{unit} {span}".lstrip()


def _telling(low: float, high: float) -> int:
    """Decimals that show how wide a span is, and that neither end of it is 0."""
    half = (high - low) / 2
    least = min(abs(low), abs(high))
    sharp = half <= NOISE * max(abs(low), abs(high))
    places = 2 if sharp or half == inf else max(-floor(log10(half)), 1)
    while places < 9 and least > 0 and round(least, places) == 0:
        places += 1
    return places


def verdict(found: Difference, measure: Measure) -> str:
    """Whether that is better for the people, where it can be told."""
    first = found.better(measure.better) if isfinite(found.mean) else None
    return "" if first is None else "better" if first == 0 else "worse"


def group(name: str) -> str:
    """A group in words: ``tenth.1`` is the poorest tenth at the start."""
    kind, _, number = name.partition(".")
    if name == "all":
        return "Everybody"
    if kind in ("tenth", "decile") and number.isdigit():
        place = int(number)
        if place == 1:
            return "Poorest tenth"
        return "Richest tenth" if place == 10 else f"Tenth {place}"
    if kind == "group" and number.isdigit():
        return "First group" if int(number) == 0 else "Second group"
    if kind == "city":
        return f"City of {number}"
    return name.replace(".", " ").replace("_", " ")


def is_group(name: str) -> bool:
    """Whether a group's name is one of people: a tenth by means, a synthetic group, a city."""
    return name.split(".", maxsplit=1)[0] in ("tenth", "decile", "group", "city")


def rank_of(name: str) -> tuple[int, int, str]:
    """The order in which groups stand: everybody, tenths from the poorest, groups, cities."""
    kind, _, number = name.partition(".")
    place = int(number) if number.isdigit() else 0
    order = {"all": 0, "tenth": 1, "decile": 1, "group": 2, "city": 3}
    return order.get(kind, 4), place, name
