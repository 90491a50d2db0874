"""Small numbers are hidden, and enough others with them that no subtraction brings them back.

A table with its totals is a flow: each row's total runs into its row, from there through the cells
into the columns, through their totals to the grand total, and round again. Whoever sees a part of
the numbers knows that the rest is a flow too, without negative numbers. A hidden number is safe if
at least :data:`LEAST` more could run through it, along hidden numbers alone, with nothing shown
changing: then it could be any of at least ``LEAST + 1`` numbers. Where that is not so, the cheapest
way round is hidden as well (shortest paths: Castro 2007, doi 10.1287/ijoc.1060.0187). There always
is one, in the worst case by way of the totals.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

LEAST: Final = 10
"""A number below this is not shown."""

_ONE_MORE: Final = 1 << 60  # dearer than any sum of counts

Table = tuple[tuple[int, ...], ...]
Shown = tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Arc:
    """One number of the table as a flow between two nodes; ``row`` or ``column`` -1: a total."""

    row: int
    column: int
    start: int
    end: int
    value: int


def with_totals(table: Table) -> Table:
    """The table with a column and a row more: totals, the grand total last."""
    rows = [(*row, sum(row)) for row in table]
    return (*rows, tuple(sum(column) for column in zip(*rows, strict=True)))


def hidden(table: Table) -> Shown:
    """The table with its totals (last row, last column); None where a number is not shown.

    ``table`` holds whole numbers from 0, noise already in them; at least one row and column.
    """
    whole = with_totals(table)
    arcs = _arcs(whole)
    gone = {i for i, arc in enumerate(arcs) if arc.value < LEAST}
    for i in sorted(gone):
        gone.update(_way_round(arcs, gone, i))
    left_out = {(arcs[i].row, arcs[i].column) for i in gone}
    height, width = len(whole) - 1, len(whole[0]) - 1

    def place(row: int, column: int) -> tuple[int, int]:
        return (-1 if row == height else row, -1 if column == width else column)

    return tuple(
        tuple(None if place(i, j) in left_out else value for j, value in enumerate(row))
        for i, row in enumerate(whole)
    )


def _arcs(whole: Table) -> list[Arc]:
    height, width = len(whole) - 1, len(whole[0]) - 1
    foot, head = height + width, height + width + 1

    def arc(i: int, j: int) -> Arc:
        total_row, total_column = i == height, j == width
        start = foot if total_row and total_column else height + j if total_row else i
        end = foot if total_row else height + j
        if total_column:
            start, end = (foot, head) if total_row else (head, i)
        value = whole[i][j]
        return Arc(-1 if total_row else i, -1 if total_column else j, start, end, value)

    return [arc(i, j) for i in range(height + 1) for j in range(width + 1)]


def _way_round(arcs: Sequence[Arc], gone: set[int], target: int) -> set[int]:
    """The numbers to be hidden so that LEAST more can run through one: few, then small ones.

    Dijkstra from its end back to its start. More can run along any number; against one, only what
    it has. A number hidden already costs nothing.
    """
    ways = _neighbours(arcs, target)
    begin, goal = arcs[target].end, arcs[target].start
    cost: dict[int, int] = {begin: 0}
    came: dict[int, tuple[int, int]] = {}
    ahead = [(0, begin)]
    while ahead:
        spent, node = heapq.heappop(ahead)
        if node == goal:
            break
        if spent > cost[node]:
            continue
        for i, other in ways.get(node, ()):
            price = spent + (0 if i in gone else _ONE_MORE + arcs[i].value)
            if price < cost.get(other, price + 1):
                cost[other] = price
                came[other] = (i, node)
                heapq.heappush(ahead, (price, other))
    return set(_followed(came, goal, begin))


def _neighbours(arcs: Sequence[Arc], target: int) -> dict[int, list[tuple[int, int]]]:
    ways: dict[int, list[tuple[int, int]]] = {}
    for i, arc in enumerate(arcs):
        if i == target:
            continue
        ways.setdefault(arc.start, []).append((i, arc.end))
        if arc.value >= LEAST:
            ways.setdefault(arc.end, []).append((i, arc.start))
    return ways


def _followed(came: dict[int, tuple[int, int]], node: int, begin: int) -> Iterator[int]:
    while node != begin:
        i, node = came[node]
        yield i
