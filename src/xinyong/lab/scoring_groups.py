"""Parts of a score that few answers decide, so that each is worked out once for a month.

What a line comes to depends on a handful of atoms, though all lines of a scheme together depend on
nearly all. So lines are put into *groups*: lines of one dimension whose atoms lie within those of
another. What a group brings is looked up by the answers of its own atoms, and few sets of these
occur among many agents. The last group is the *signature*: the answers that bands, lists and
consequences rest on beside the score.

A set of answers is one number, each answer times its stride, since an atom's answers have a bound:
the bits under its mask. A group with few sets has a table of all of them, read without searching;
others search by the number, or by several numbers where one of 62 bits is too small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from xinyong.lab.bit_plan import Ask, BitPlan, Planner
from xinyong.lab.engine_parts import Int
from xinyong.lab.tiles import WORD

DIRECT: Final = 1 << 13
"""Sets of answers that a table without searching may have."""
KEY: Final = 1 << 62
"""A number of a key is below this."""


@dataclass(frozen=True)
class Groups:
    """The groups of one month.

    ``head`` int64[groups, 5]: first and end among atoms; what it brings points to (a dimension;
    the number of dimensions for the start, one more for the signature); where its table begins
    (-1: it searches); its number among those that search (-1: it does not). ``atom`` int64[m, 3]:
    atom, stride, number of the key. ``line`` int64[m, 2]: group, line (-1 for the start).

    ``direct`` is the size of all tables without searching, ``lasting`` that of those before the
    signature's, whose numbers are of one run. ``searching`` groups search, by ``words`` numbers.
    """

    head: Int
    atom: Int
    line: Int
    direct: int
    lasting: int
    searching: int
    words: int


def groups_of(planner: Planner, plan: BitPlan) -> Groups:
    """The groups of a month's plan."""
    read = _Read(planner, plan)
    wanted: dict[int, list[tuple[frozenset[int], int]]] = {}
    lines = planner.compiled.plan.tables.line
    for number in range(len(lines)):
        if number not in planner.compiled.each_lines:
            here = read.atoms(planner.needs.line(number))
            wanted.setdefault(int(lines[number, 9]), []).append((here, number))
    dimensions = len(planner.compiled.plan.dimensions)
    wanted[dimensions] = [(read.atoms(planner.needs.start), -1)]
    made = _Made([], [], [])
    for target, parts in sorted(wanted.items()):
        for atoms, some in _joined(parts):
            made.add(target, sorted(atoms), some, read.bounds)
    made.add(dimensions + 1, sorted(read.atoms(planner.needs.settling)), [], read.bounds)
    return made.whole()


class _Read:
    """Atoms behind streams, and how many answers each atom has."""

    def __init__(self, planner: Planner, plan: BitPlan) -> None:
        self.spans = plan.sight.spans
        self.cells: dict[tuple[int, int], set[int]] = {}
        for stream, bucket, _, _, atom, _ in plan.entry.tolist():
            self.cells.setdefault((stream, bucket), set()).add(atom)
        masks = plan.masks[:, : plan.inner]
        many = np.bitwise_count(masks).astype(np.int64).max(axis=0) + 1
        highest = [int(m).bit_length() + 1 for m in masks.max(axis=0)]
        self.bounds = np.where(plan.ask[: plan.inner] == Ask.COUNT, many, highest)
        self.bounds[plan.ask[: plan.inner] == Ask.OLDER] = max(plan.month + 2 - WORD, 1)

    def atoms(self, read: frozenset[tuple[int, int]]) -> frozenset[int]:
        """Atoms that decide what these streams come to over these periods."""
        cells = ((stream, int(self.spans[period]) - 1) for stream, period in read)
        return frozenset(atom for cell in cells for atom in self.cells.get(cell, ()))


def _joined(
    parts: list[tuple[frozenset[int], int]],
) -> list[tuple[frozenset[int], list[int]]]:
    """Parts whose atoms lie within those of another are put with it."""
    groups: list[tuple[frozenset[int], list[int]]] = []
    for atoms, number in sorted(parts, key=lambda part: (-len(part[0]), sorted(part[0]), part[1])):
        for known, lines in groups:
            if atoms <= known:
                lines.append(number)
                break
        else:
            groups.append((atoms, [number]))
    return groups


@dataclass
class _Made:
    head: list[list[int]]
    atom: list[list[int]]
    line: list[list[int]]
    direct: int = 0
    searching: int = 0
    words: int = 1

    def add(self, target: int, atoms: list[int], lines: list[int], bounds: Int) -> None:
        first, group = len(self.atom), len(self.head)
        size, word, whole = 1, 0, 1
        for atom in atoms:
            if size * int(bounds[atom]) > KEY:
                size, word = 1, word + 1
            self.atom.append([atom, size, word])
            size *= int(bounds[atom])
            whole *= int(bounds[atom])
        begin, number = -1, -1
        if whole <= DIRECT:
            begin = self.direct
            self.direct += whole
        else:
            number = self.searching
            self.searching += 1
            self.words = max(self.words, word + 1)
        self.head.append([first, len(self.atom), target, begin, number])
        self.line += [[group, line] for line in lines]

    def whole(self) -> Groups:
        return Groups(
            np.array(self.head, np.int64),
            np.array(self.atom, np.int64).reshape(-1, 3),
            np.array(self.line, np.int64).reshape(-1, 2),
            self.direct,
            self.direct if self.head[-1][3] < 0 else self.head[-1][3],
            self.searching,
            self.words,
        )
