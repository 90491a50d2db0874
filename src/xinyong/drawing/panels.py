"""Charts for comparisons: lines in panels on one scale, differences with intervals, a matrix.

Each gives a function from a width to height and elements, for :func:`xinyong.drawing.charts.both`.
A colour is a class ``c0`` to ``c7`` of the style sheet; every line also carries its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from textwrap import wrap

from xinyong.drawing.charts import heading, rect, scale, text

Draw = Callable[[int], tuple[int, list[str]]]
Say = Callable[[float], str]
GAP = 18


@dataclass(frozen=True, slots=True)
class Line:
    """Values at places from left to right, with an interval around each; ``nan`` is left out."""

    label: str
    at: Sequence[float]
    middle: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Range:
    """A value with its interval; ``strong`` is whether the interval leaves 0 out."""

    label: str
    low: float
    middle: float
    high: float
    note: str
    strong: bool = True
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Matrix:
    """Shares in rows and columns, rows from the top; ``nan`` is an empty cell."""

    title: str
    cells: Sequence[Sequence[float]]


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values from low to high, at most about ``most``; for numbers of any size."""
    if not high > low:
        return [low]
    raw = (high - low) / max(most - 1, 1)
    power = 10.0 ** floor(log10(raw))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw * 0.999999)
    first = floor(low / step + 1e-9) * step
    if first < low - step * 1e-6:
        first += step
    return [round(first + n * step, 12) for n in range(int((high - first) / step + 1e-6) + 1)]


def around(values: Sequence[float]) -> tuple[float, float]:
    """A range that holds the values with some room; not empty."""
    known = [value for value in values if isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    room = (high - low) * 0.06 or abs(high) * 0.05 or 0.5
    return low - room, high + room


# ------------------------------------------------------------------ lines in panels


def panels(lines: Sequence[Line], *, say: Say, across: str, pale: bool = True) -> Draw:
    """A panel for each line, side by side, all on one scale; the others ``pale`` behind it."""

    def draw(width: int) -> tuple[int, list[str]]:
        columns = min(len(lines), 3 if width > 500 else 2) or 1
        left, high = 54, 150 if width > 500 else 130
        room = (width - left - 6 - GAP * (columns - 1)) / columns
        low_value, high_value = around([v for x in lines for v in (*x.low, *x.high, *x.middle)])
        first = min((x.at[0] for x in lines if len(x.at)), default=0)
        last = max((x.at[-1] for x in lines if len(x.at)), default=1)
        body: list[str] = []
        top, rows = 0, 0
        for number, line in enumerate(lines):
            row, column = divmod(number, columns)
            if column == 0:
                names = [wrap(x.label, max(int(room / 7), 8)) for x in lines[number:][:columns]]
                rows = max(len(n) for n in names)
                top = top + (high + 44 if row else 4) + rows * 16
            begin = left + column * (room + GAP)
            x = scale(first, last if last > first else first + 1, begin + 3, begin + room - 3)
            y = scale(low_value, high_value, top + high, top)
            _name(body, line.label, begin, top, rows, room)
            _frame(body, x, y, (begin, room), (low_value, high_value), (first, last), say, column)
            for other in lines if pale else ():
                if other is not line:
                    body.append(_path(other, x, y, "pale"))
            body += _shade(line, x, y)
            body.append(_path(line, x, y, f"line c{line.colour}"))
        body.append(text(width - 6, top + high + 34, across, "small end"))
        return top + high + 42, body

    return draw


def _name(body: list[str], label: str, begin: float, top: float, rows: int, room: float) -> None:
    for number, words in enumerate(wrap(label, max(int(room / 7), 8))):
        body.append(text(begin, top - 6 - (rows - 1 - number) * 16, words, "small strong"))


def _frame(
    body: list[str],
    x: Callable[[float], float],
    y: Callable[[float], float],
    across: tuple[float, float],
    values: tuple[float, float],
    ends: tuple[float, float],
    say: Say,
    column: int,
) -> None:
    begin, room = across
    for value in ticks(*values, 4):
        body.append(f'<path class="grid" d="M{begin:.1f} {y(value):.1f}h{room:.1f}"/>')
        if column == 0:
            body.append(text(begin - 6, y(value) + 4, say(value), "small end"))
    floor_ = y(values[0])
    body.append(f'<path class="axis" d="M{begin:.1f} {floor_:.1f}h{room:.1f}"/>')
    body.append(text(x(ends[0]), floor_ + 16, f"{ends[0]:g}", "small"))
    if ends[1] > ends[0]:
        body.append(text(x(ends[1]), floor_ + 16, f"{ends[1]:g}", "small end"))


def _points(line: Line, values: Sequence[float]) -> list[tuple[float, float]]:
    return [(a, v) for a, v in zip(line.at, values, strict=True) if isfinite(v)]


def _path(line: Line, x: Callable[[float], float], y: Callable[[float], float], kind: str) -> str:
    places = [f"{x(a):.1f} {y(v):.1f}" for a, v in _points(line, line.middle)]
    if not places:
        return ""
    if len(places) == 1:
        across, down = places[0].split()
        return f'<circle class="{kind} dot" cx="{across}" cy="{down}" r="3"/>'
    return f'<path class="{kind}" d="M{"L".join(places)}"/>'


def _shade(line: Line, x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    upper, lower = _points(line, line.high), _points(line, line.low)
    if len(upper) < 2 or len(upper) != len(lower):
        return []
    # whole steps: a band needs no finer edge, and a page of many is a sixth smaller
    places = [f"{x(a):.0f} {y(v):.0f}" for a, v in [*upper, *reversed(lower)]]
    return [f'<path class="shade c{line.colour}" d="M{"L".join(places)}Z"/>']


# ------------------------------------------------------------------ differences


def ranges(rows: Sequence[Range], *, say: Say, across: str, also: Sequence[float] = ()) -> Draw:
    """One interval a row around its middle, with a line at 0; pale where it covers 0.

    ``also`` are values that the scale must hold, so that several figures share one.
    """

    def draw(width: int) -> tuple[int, list[str]]:
        ends = [v for row in rows for v in (row.low, row.high, row.middle)]
        low, high = around([*ends, *also, 0.0])
        x = scale(low, high, 14, width - 16)
        body: list[str] = []
        at = 4
        zero = len(body)
        for row in rows:
            fits = len(row.label) * 6.7 + len(row.note) * 7.7 + 30 <= width
            at = heading(body, at, width, row.label, row.note if fits else "")
            if not fits:
                for words in wrap(row.note, max(int((width - 16) / 7.7), 12)):
                    body.append(text(4, at + 12, words, "small strong"))
                    at += 16
            body += _whisker(row, x, at + 7, (low, high))
            at += 22
        body.insert(zero, f'<path class="edge" d="M{x(0):.1f} 4V{at}"/>')
        marks = ticks(low, high, 6 if width > 500 else 4)
        body.append(f'<path class="axis" d="M{x(low):.1f} {at}H{x(high):.1f}"/>')
        body += [text(x(v), at + 16, say(v), "small middle") for v in marks if _inside(x(v), width)]
        body.append(text(width - 4, at + 34, across, "small end"))
        return at + 42, body

    return draw


def _inside(place: float, width: int) -> bool:
    return 26 <= place <= width - 28


def _whisker(
    row: Range, x: Callable[[float], float], at: float, ends: tuple[float, float]
) -> list[str]:
    if not isfinite(row.middle):
        return []
    kind = f"c{row.colour}" if row.strong else "none"
    low, high = max(row.low, ends[0]), min(row.high, ends[1])
    return [
        f'<path class="whisker {kind}" d="M{x(low):.1f} {at:.1f}H{x(high):.1f}"/>',
        f'<circle class="dot {kind}" cx="{x(row.middle):.1f}" cy="{at:.1f}" r="4.5"/>',
    ]


# ------------------------------------------------------------------ matrices


def matrices(shown: Sequence[Matrix], *, down: str, across: str) -> Draw:
    """Shares as squares whose darkness is the share, with the number in each; side by side."""

    def draw(width: int) -> tuple[int, list[str]]:
        columns = min(len(shown), 3 if width > 500 else 1) or 1
        left = 24
        room = (width - left - 4 - GAP * (columns - 1)) / columns
        body: list[str] = [text(4, 12, down, "small")]
        top, size = 20.0, 0.0
        for number, matrix in enumerate(shown):
            row, column = divmod(number, columns)
            count = len(matrix.cells) or 1
            size = min((room - 4) / count, 46)
            if column == 0:
                top = 20.0 + row * (size * count + 56)
            begin = left + column * (room + GAP)
            body.append(text(begin, top + 14, matrix.title, "small strong"))
            _matrix(body, matrix, begin, top + 22, size, column == 0)
        count = len(shown[0].cells) if shown else 0
        end = top + 22 + size * count
        body.append(text(width - 4, end + 34, across, "small end"))
        return int(end + 42), body

    return draw


def _matrix(
    body: list[str], matrix: Matrix, begin: float, top: float, size: float, named: bool
) -> None:
    for down, cells in enumerate(matrix.cells):
        y = top + down * size
        if named:
            body.append(text(begin - 8, y + size / 2 + 4, str(down + 1), "small end"))
        for along, share in enumerate(cells):
            x = begin + along * size
            if isfinite(share):
                step = min(int(share * 10), 9)
                body.append(rect(x, y, size - 2, size - 2, f"heat h{step}"))
                kind = "small middle" + (" light" if step >= 5 else "")
                body.append(text(x + size / 2 - 1, y + size / 2 + 4, f"{share * 100:.0f}", kind))
    for along in range(len(matrix.cells)):
        x = begin + along * size + size / 2 - 1
        body.append(text(x, top + len(matrix.cells) * size + 14, str(along + 1), "small middle"))
