"""Two measures against each other: a cross for each thing, as wide and as high as is uncertain.

Gives a function from a width to height and elements, for :func:`xinyong.drawing.charts.both`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from xinyong.drawing.charts import scale, text
from xinyong.drawing.panels import Draw, Say, around, ticks

LEFT, RIGHT, TOP, BELOW = 66, 14, 28, 52


@dataclass(frozen=True, slots=True)
class Cross:
    """A thing in two measures: (low, middle, high) of each; pale unless ``strong``.

    ``label`` is a letter or two that stand beside it.
    """

    label: str
    across: tuple[float, float, float]
    up: tuple[float, float, float]
    strong: bool = True
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: its name, how its values are said, and values at which a dashed line stands."""

    name: str
    say: Say
    edges: Sequence[float] = ()


def crosses(rows: Sequence[Cross], *, across: Axis, up: Axis) -> Draw:
    """All crosses in one frame; what is no number is left out."""
    known = [row for row in rows if isfinite(row.across[1]) and isfinite(row.up[1])]

    def draw(width: int) -> tuple[int, list[str]]:
        height = 340 if width > 500 else 300
        x_ends = around([v for row in known for v in row.across] + list(across.edges))
        y_ends = around([v for row in known for v in row.up] + list(up.edges))
        floor = height - BELOW
        x = scale(*x_ends, LEFT, width - RIGHT)
        y = scale(*y_ends, floor, TOP)
        body = _frame(width, floor, (x, x_ends, across), (y, y_ends, up))
        for row in known:
            body += _cross(row, x, y, x_ends, y_ends)
        for row in known:
            here = x(row.across[1])
            near = here + 8 + len(row.label) * 8 > width - RIGHT
            kind = "small strong end" if near else "small strong"
            body.append(text(here + (-8 if near else 8), y(row.up[1]) - 7, row.label, kind))
        body.append(text(LEFT - 60, 14, up.name, "small"))
        body.append(text(width - RIGHT, height - 8, across.name, "small end"))
        return height, body

    return draw


Scaled = tuple[Callable[[float], float], tuple[float, float], Axis]


def _frame(width: int, floor: float, across: Scaled, up: Scaled) -> list[str]:
    body = []
    x, x_ends, x_axis = across
    y, y_ends, y_axis = up
    for value in ticks(*y_ends, 5):
        body.append(f'<path class="grid" d="M{LEFT} {y(value):.1f}H{width - RIGHT}"/>')
        body.append(text(LEFT - 6, y(value) + 4, y_axis.say(value), "small end"))
    body.append(f'<path class="axis" d="M{LEFT} {floor:.1f}H{width - RIGHT}"/>')
    for value in ticks(*x_ends, 6 if width > 500 else 4):
        if LEFT + 8 <= x(value) <= width - RIGHT - 16:
            body.append(f'<path class="axis" d="M{x(value):.1f} {floor:.1f}v5"/>')
            body.append(text(x(value), floor + 18, x_axis.say(value), "small middle"))
    for value in filter(isfinite, x_axis.edges):
        body.append(f'<path class="edge" d="M{x(value):.1f} {TOP}V{floor:.1f}"/>')
    for value in filter(isfinite, y_axis.edges):
        body.append(f'<path class="edge" d="M{LEFT} {y(value):.1f}H{width - RIGHT}"/>')
    return body


def _cross(
    row: Cross,
    x: Callable[[float], float],
    y: Callable[[float], float],
    x_ends: tuple[float, float],
    y_ends: tuple[float, float],
) -> list[str]:
    kind = f"c{row.colour}" if row.strong else "none"
    here, there = x(row.across[1]), y(row.up[1])
    left, right = x(max(row.across[0], x_ends[0])), x(min(row.across[2], x_ends[1]))
    low, high = y(max(row.up[0], y_ends[0])), y(min(row.up[2], y_ends[1]))
    return [
        f'<path class="whisker {kind}" d="M{left:.1f} {there:.1f}H{right:.1f}"/>',
        f'<path class="whisker {kind}" d="M{here:.1f} {low:.1f}V{high:.1f}"/>',
        f'<circle class="dot {kind}" cx="{here:.1f}" cy="{there:.1f}" r="5"/>',
    ]
