"""Charts as SVG, drawn by us: no script, no font, no colour that is not in the page's own CSS.

Each function gives the drawing at one width. :func:`both` puts a wide and a narrow one into the
page, of which the style sheet shows the one that fits, so that letters keep their size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from textwrap import wrap

from markupsafe import Markup, escape

WIDE, NARROW = 760, 344
_LETTER, _BOLD = 6.7, 7.6
_LINE = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """A named quantity, and what is written beside it."""

    label: str
    value: float
    note: str


@dataclass(frozen=True, slots=True)
class Span:
    """A named spread: a tenth lie below ``low``, half below ``middle``, nine tenths below
    ``high`` (or quarters, as the chart says); ``note`` is written beside it."""

    label: str
    low: float
    middle: float
    high: float
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall: from the running total before to the one after."""

    label: str
    before: int
    after: int
    note: str
    total: bool = False


def both(name: str, title: str, desc: str, draw: Callable[[int], tuple[int, list[str]]]) -> Markup:
    """A chart at both widths; ``draw`` gives height and elements for a width.

    ``name`` makes the ids, ``title`` and ``desc`` are read out in place of the drawing.
    """
    drawn = []
    for size, width in (("wide", WIDE), ("narrow", NARROW)):
        height, body = draw(width)
        key = f"{name}-{size}"
        drawn.append(
            f'<svg class="chart {size}" role="img" aria-labelledby="{key}-t {key}-d"'
            f' viewBox="0 0 {width} {height}">'
            f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(desc)}</desc>'
            + "".join(body)
            + "</svg>"
        )
    return Markup("\n".join(drawn))


# ------------------------------------------------------------------ the charts


def histogram(
    counts: Sequence[tuple[int, int]],
    step: int,
    edges: Sequence[tuple[str, int]],
    *,
    across: str,
    up: str,
) -> Callable[[int], tuple[int, list[str]]]:
    """Columns of (lowest value, count) of width ``step``, with band edges as named lines."""

    def draw(width: int) -> tuple[int, list[str]]:
        rows, placed = _stagger(edges, counts[0][0], counts[-1][0] + step, width)
        left, right, top, height = 58, 12, 26 + rows * _LINE, 250 + rows * _LINE
        low, high = counts[0][0], counts[-1][0] + step
        most = max((count for _, count in counts), default=1) or 1
        x = scale(low, high, left, width - right)
        y = scale(0, _ceiling(most), height - 46, top)
        body = _grid_up(_ticks(0, _ceiling(most), 4), y, left, width - right)
        for value, count in counts:
            here, there = x(value) + 0.5, x(value + step) - 0.5
            body.append(rect(here, y(count), there - here, y(0) - y(count), "bar"))
        for name, value, row in placed:
            at, line = x(value), 26 + row * _LINE
            if value > low:
                body.append(f'<path class="edge" d="M{at:.1f} {line - 8}V{y(0):.1f}"/>')
            right_of = _fits(at, name, width)
            kind = "small strong" if right_of else "small strong end"
            body.append(text(at + 4 if right_of else at - 4, line, name, kind))
        body += _axis_across(_ticks(low, high, 9 if width > 500 else 5), x, height - 46)
        body += [
            text(left, 10, up, "small"),
            text(width - right, height - 6, across, "small end"),
        ]
        return height, body

    return draw


def _fits(at: float, name: str, width: int) -> bool:
    """Whether a name has room to the right of its edge."""
    return at + 4 + len(name) * _BOLD <= width - 4


def _stagger(
    edges: Sequence[tuple[str, int]], low: int, high: int, width: int
) -> tuple[int, list[tuple[str, int, int]]]:
    """Rows for the names of edges, so that no name runs into the next or out of the drawing."""
    x = scale(low, high, 58, width - 12)
    ends: list[float] = []
    placed = []
    for name, value in sorted(edges, key=lambda edge: edge[1]):
        long = len(name) * _BOLD
        start = x(value) if _fits(x(value), name, width) else x(value) - 8 - long
        row = next((r for r, end in enumerate(ends) if end + 6 <= start), len(ends))
        if row == len(ends):
            ends.append(0.0)
        ends[row] = start + 4 + long
        placed.append((name, value, row))
    return len(ends), placed


def bars(
    rows: Sequence[Bar], *, across: str, unit: str = ""
) -> Callable[[int], tuple[int, list[str]]]:
    """One bar a row, its name above it and its note at its right."""

    def draw(width: int) -> tuple[int, list[str]]:
        most = max((row.value for row in rows), default=1) or 1
        x = scale(0, _ceiling(most), 4, width - 16)
        body: list[str] = []
        at = 4
        for row in rows:
            at = heading(body, at, width, row.label, row.note)
            body.append(rect(x(0), at, x(row.value) - x(0), 14, "bar"))
            at += 24
        ends = _ticks(0, _ceiling(most), 6 if width > 500 else 4)
        return close(body, at, width, ends, x, across, unit)

    return draw


def spans(
    rows: Sequence[Span], *, across: str, zero: bool = True
) -> Callable[[int], tuple[int, list[str]]]:
    """One spread a row: a bar from low to high with a mark at the middle."""

    def draw(width: int) -> tuple[int, list[str]]:
        values = [v for row in rows for v in (row.low, row.high)] + ([0.0] if zero else [])
        low, high = _around(min(values), max(values))
        x = scale(low, high, 14, width - 16)
        body: list[str] = []
        at = 4
        for row in rows:
            at = heading(body, at, width, row.label, row.note)
            body.append(f'<path class="grid" d="M{x(low):.1f} {at + 7}H{x(high):.1f}"/>')
            body.append(rect(x(row.low), at, max(x(row.high) - x(row.low), 2), 14, "bar light"))
            body.append(rect(x(row.middle) - 2, at - 2, 4, 18, "mark"))
            at += 24
        return close(body, at, width, _ticks(low, high, 7 if width > 500 else 5), x, across)

    return draw


def waterfall(rows: Sequence[Step], *, across: str) -> Callable[[int], tuple[int, list[str]]]:
    """From the start, line by line, to the score; each step hangs where the last one ended."""

    def draw(width: int) -> tuple[int, list[str]]:
        values = [v for row in rows for v in (row.before, row.after) if not row.total]
        values += [row.after for row in rows if row.total]
        spread = max(max(values) - min(values), 10)
        low, high = _around(min(values) - spread * 0.08, max(values))
        x = scale(low, high, 14, width - 16)
        body: list[str] = []
        at = 4
        last: int | None = None
        for row in rows:
            top, words = at, list[str]()
            at = heading(words, at, width, row.label, row.note, strong=row.total)
            if last is not None:
                here = f"{x(last):.1f}"  # the thread is cut where the words stand
                body.append(
                    f'<path class="edge" d="M{here} {top - 10}V{top}M{here} {at - 5}V{at}"/>'
                )
            body += words
            if row.total:
                body.append(f'<path class="grid" d="M{x(low):.1f} {at + 7}H{x(row.after):.1f}"/>')
                body.append(rect(x(row.after) - 3, at - 1, 6, 16, "mark"))
            else:
                begin, end = sorted((row.before, row.after))
                kind = "gain" if row.after >= row.before else "loss"
                body.append(rect(x(begin), at, max(x(end) - x(begin), 2), 14, kind))
            last = row.after
            at += 24
        return close(body, at, width, _ticks(low, high, 7 if width > 500 else 5), x, across)

    return draw


# ------------------------------------------------------------------ parts of a drawing


def heading(
    body: list[str], at: int, width: int, label: str, note: str, *, strong: bool = False
) -> int:
    """Name at the left, note at the right, on as many lines as they need; gives the next y."""
    room = max(int((width - 24 - len(note) * _LETTER) / _LETTER), 12)
    lines = wrap(label, room) or [""]
    weight = " strong" if strong else ""
    for number, line in enumerate(lines):
        body.append(text(4, at + 12 + number * _LINE, line, f"label{weight}"))
    body.append(text(width - 4, at + 12, note, "label end strong"))
    return at + 4 + len(lines) * _LINE


def close(
    body: list[str],
    at: int,
    width: int,
    ticks: Sequence[float],
    x: Callable[[float], float],
    across: str,
    unit: str = "",
) -> tuple[int, list[str]]:
    """An axis below the rows, with its name; gives height and elements."""
    body += _axis_across(ticks, x, at, unit)
    body.append(text(width - 4, at + 36, across, "small end"))
    return at + 44, body


def _axis_across(
    ticks: Sequence[float], x: Callable[[float], float], at: float, unit: str = ""
) -> list[str]:
    body = [f'<path class="axis" d="M{x(ticks[0]):.1f} {at:.1f}H{x(ticks[-1]):.1f}"/>']
    for number, value in enumerate(ticks):
        body.append(f'<path class="axis" d="M{x(value):.1f} {at:.1f}v5"/>')
        place = "start" if number == 0 and x(value) < 12 else "middle"
        body.append(text(x(value), at + 18, f"{value:,.0f}{unit}", f"small {place}"))
    return body


def _grid_up(
    ticks: Sequence[float], y: Callable[[float], float], left: float, right: float
) -> list[str]:
    body = []
    for value in ticks:
        body.append(f'<path class="grid" d="M{left} {y(value):.1f}H{right}"/>')
        body.append(text(left - 6, y(value) + 4, f"{value:,.0f}", "small end"))
    return body


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A rectangle of a class of the style sheet."""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}"'
        f' width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"/>'
    )


def text(x: float, y: float, words: str, kind: str) -> str:
    """Words at a place, in classes of the style sheet."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def scale(low: float, high: float, begin: float, end: float) -> Callable[[float], float]:
    """From values between low and high to places between begin and end."""
    width = (high - low) or 1
    return lambda value: begin + (value - low) / width * (end - begin)


def _nice(step: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50, ... that is not below ``step``, and at least 1."""
    if step <= 1:
        return 1.0
    power: float = 10.0 ** floor(log10(step))
    return next(f * power for f in (1, 2, 5, 10) if f * power >= step * 0.999999)


def _ceiling(most: float) -> float:
    step = _nice(most / 4)
    return step * -(-most // step)


def _around(low: float, high: float) -> tuple[float, float]:
    step = _nice((high - low) / 6)
    return low // step * step, -(-high // step) * step


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Round values from low to high, at most about ``most`` of them."""
    step = _nice((high - low) / max(most - 1, 1))
    first = -(-low // step) * step
    return [first + n * step for n in range(int((high - first) / step + 1e-9) + 1)]
