"""Compiling a scheme: classes of events, their slots, and the streams put together from them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import gcd
from typing import Final

import numpy as np

from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan_builder import Builder, Group
from xinyong.engine.plan_tables import ADDED, LANES, PROGRAM, Slot, array, flat, starts
from xinyong.scheme.expressions import Node


@dataclass(slots=True)
class Classes:
    """Tables of groups, classes, slots and streams, and how many slots there are."""

    tables: dict[str, Int]
    slots: int
    rows: int
    of_stream: list[list[int]]


def _arrange(b: Builder) -> None:
    """Put every condition into a group, and the groups in the order of their kinds."""
    for condition in range(len(b.condition_of)):
        b.place(condition)
    by_kind = sorted(range(len(b.groups)), key=lambda g: b.groups[g].kind)
    order = {old: new for new, old in enumerate(by_kind)}
    b.groups = [b.groups[g] for g in by_kind]
    b.group_of = {c: order[g] for c, g in b.group_of.items()}
    for condition, slot, source in b.streams:
        group = b.groups[b.group_of[condition]]
        if slot != Slot.DISTINCT:
            group.slots.setdefault((slot, source), len(group.slots))
    for group in b.groups:
        kept = sorted(group.slots, key=lambda pair: pair[0] not in ADDED)
        group.slots = {pair: place for place, pair in enumerate(kept)}


def _class_table(b: Builder, group: Group) -> tuple[list[int], list[tuple[bool, ...]]]:
    """For every combination of cells its class (-1: no condition true), and the classes."""
    samples: list[list[int]] = []
    for cell in group.cells.values():
        bounds = sorted(cell.bounds)
        samples.append([UNKNOWN, (bounds[0] - 1) if bounds else 0, *bounds])
    wheres = [b.condition_of[c][1] for c in group.conditions]
    kind = b.kinds[group.kind]
    table: list[int] = []
    truths: dict[tuple[bool, ...], int] = {}
    for values in product(*samples):
        given = dict(zip(group.cells, values, strict=True))
        found = tuple(where is None or _holds(b, where, given, kind) for where in wheres)
        table.append(truths.setdefault(found, len(truths)) if any(found) else -1)
    return table, list(truths)


@dataclass(slots=True)
class _Classed:
    """Groups one by one: their cells, class tables, and which conditions hold for each class."""

    cells: list[list[list[int]]]
    tables: list[list[int]]
    members: list[list[tuple[bool, ...]]]
    first: list[int]
    """The first class of each group, and the end."""


def _classed(b: Builder) -> _Classed:
    made = _Classed([], [], [], [0])
    for group in b.groups:
        table, truths = _class_table(b, group)
        made.tables.append([c + made.first[-1] if c >= 0 else -1 for c in table])
        made.first.append(made.first[-1] + len(truths))
        made.members.append(truths)
        strides = _strides([len(c.bounds) + 2 for c in group.cells.values()])
        made.cells.append(
            [
                [source, stride, *sorted(cell.bounds)]
                for (source, cell), stride in zip(group.cells.items(), strides, strict=True)
            ]
        )
    return made


@dataclass(slots=True)
class _Streams:
    """Of each stream its slots and classes; of each group its distinct counts; the slots in all."""

    slots: list[list[int]]
    classes: list[list[int]]
    distinct: list[list[list[int]]]
    many: int


def _streams(b: Builder, classed: _Classed, class_slot: list[int], slots: int) -> _Streams:
    """Streams over slots; a distinct count takes a slot of its own, after the classes."""
    made = _Streams([], [], [[] for _ in b.groups], slots)
    for condition, slot, source in b.streams:
        number = b.group_of[condition]
        group, truths = b.groups[number], classed.members[number]
        place = group.conditions.index(condition)
        classes = [classed.first[number] + n for n, found in enumerate(truths) if found[place]]
        made.classes.append(classes)
        if slot == Slot.DISTINCT:
            always = int(b.condition_of[condition][1] is None)
            made.distinct[number].append([made.many, source, always, *classes])
            made.slots.append([made.many])
            made.many += 1
        else:
            offset = group.slots[slot, source]
            made.slots.append([class_slot[c] + offset for c in classes])
    return made


def classes_of(b: Builder) -> Classes:
    """Cells, class tables, slots and streams; run after all streams are known."""
    _arrange(b)
    classed = _classed(b)
    cells, tables, many = classed.cells, classed.tables, classed.first[-1]
    class_slot, slots, filled = _laid_out(b, classed.members)
    group_of = [b.group_of[condition] for condition, _, _ in b.streams]
    streams = _streams(b, classed, class_slot, slots)
    stream_slots, distinct = streams.slots, streams.distinct
    runs = _runs(b, class_slot, classed.first, streams.many)
    slots = -(-streams.many // LANES) * LANES

    def order(n: int) -> tuple[object, ...]:
        apart = group_of[n] not in filled
        return apart, len(stream_slots[n]), _relative(stream_slots[n]), stream_slots[n]

    multi = sorted((n for n, of in enumerate(stream_slots) if len(of) != 1), key=order)
    rows = [of[0] if len(of) == 1 else slots + multi.index(n) for n, of in enumerate(stream_slots)]
    together = _together(b, multi, _parts(stream_slots, multi, slots), slots)
    flat_cells = [cell for group_cells in cells for cell in group_cells]
    flat_distinct = [entry for entries in distinct for entry in entries]
    members = np.zeros((len(flat_distinct), many), np.int64)
    for row, entry in enumerate(flat_distinct):
        members[row, entry[3:]] = 1
    per_kind = [[g for g in b.groups if g.kind == k] for k in range(len(b.kinds))]
    made = {
        "kind_group": starts(per_kind),
        "group_cell": starts(cells),
        "group_table": starts(tables),
        "group_slot": starts([list(group.slots) for group in b.groups]),
        "group_class": array(classed.first),
        "group_distinct": starts(distinct),
        "cell_source": array([cell[0] for cell in flat_cells]),
        "cell_stride": array([cell[1] for cell in flat_cells]),
        "cell_bound": starts([cell[2:] for cell in flat_cells]),
        "bounds": flat([cell[2:] for cell in flat_cells]),
        "class_table": flat(tables),
        "class_slot": array(class_slot),
        "slot_op": array([slot for group in b.groups for slot, _ in group.slots]),
        "slot_source": array([source for group in b.groups for _, source in group.slots]),
        "stream_op": array([slot for _, slot, _ in b.streams]),
        "stream_slot": starts(stream_slots),
        "stream_slots": flat(stream_slots),
        "stream_row": array(rows),
        "multi": array([run[0] for run in together], 3),
        "multi_start": starts([run[1] for run in together]),
        "multi_rows": flat([run[1] for run in together]),
        "runs": array(runs, 2),
        "plain": array(_plain(b, cells, tables), 8),
        "plain_slot": array([class_slot[c] if c >= 0 else -1 for table in tables for c in table]),
        "distinct_slot": array([entry[0] for entry in flat_distinct]),
        "distinct_source": array([entry[1] for entry in flat_distinct]),
        "distinct_always": array([entry[2] for entry in flat_distinct]),
        "members": members,
    }
    return Classes(made, slots, slots + len(multi), streams.classes)


def _parts(stream_slots: list[list[int]], multi: list[int], slots: int) -> list[list[int]]:
    """Each stream of several slots as few rows as can be had: earlier streams, then slots."""
    made: list[tuple[int, frozenset[int]]] = []
    found = []
    for place, n in enumerate(multi):
        left, rows = set(stream_slots[n]), []
        for row, of in reversed(made):
            if len(of) > 1 and of <= left:
                rows.append(row)
                left -= of
        found.append([*rows, *sorted(left)])
        made.append((slots + place, frozenset(stream_slots[n])))
    return found


def _relative(slots: list[int]) -> list[int]:
    return [slot - slots[0] for slot in slots]


def _laid_out(
    b: Builder, members_of: list[list[tuple[bool, ...]]]
) -> tuple[list[int], int, set[int]]:
    """The first slot of each class, how many slots there are, and the groups that fill vectors.

    Groups with the same slots and classes, as a family has them over several kinds, are laid out
    class by class, so that what is put together for one is put together for all at once. As many
    of them as fill whole vectors come first, so that these begin where a line of memory does.
    """
    alike: dict[object, list[int]] = {}
    for n, (group, truths) in enumerate(zip(b.groups, members_of, strict=True)):
        kinds = tuple(slot for slot, _ in group.slots)
        added = all(slot in ADDED for slot in kinds)
        alike.setdefault((kinds, tuple(truths)) if added else n, []).append(n)
    whole, rest = [], []
    for numbers in sorted(alike.values(), key=lambda of: not b.groups[of[0]].slots):
        width = len(b.groups[numbers[0]].slots)
        enough = LANES // gcd(width, LANES)
        cut = len(numbers) // enough * enough if width else 0
        whole.append(numbers[:cut])
        rest.append(numbers[cut:])  # those without slots last: no slot is theirs
    first: list[list[int]] = [[] for _ in b.groups]
    slots = 0
    for numbers in filter(None, whole + rest):
        for _ in members_of[numbers[0]]:
            for n in numbers:
                first[n].append(slots)
                slots += len(b.groups[n].slots)
    filled = {n for numbers in whole for n in numbers}
    return [slot for of in first for slot in of], slots, filled


Run = tuple[list[int], list[int]]


def _together(b: Builder, multi: list[int], parts: list[list[int]], slots: int) -> list[Run]:
    """Streams of several slots, neighbours put together in one go.

    Each run is [first row, how many rows, slot kind or 0 where it adds up] and the rows that
    together are its first row; those of the next row lie one further on, and so forth.
    """
    kinds = [slot for _, slot, _ in b.streams]
    found: list[Run] = []
    for place, (n, rows) in enumerate(zip(multi, parts, strict=True)):
        op = 0 if kinds[n] in ADDED else int(kinds[n])
        if found and op == 0:
            head, before = found[-1]
            # all at once: none may need another of the run
            apart = bool(rows) and max(rows) < head[0]
            if head[2] == 0 and apart and [row - head[1] for row in rows] == before:
                head[1] += 1
                continue
        found.append(([slots + place, 1, op], rows))
    return found


def _runs(b: Builder, class_slot: list[int], first_class: list[int], slots: int) -> list[list[int]]:
    """Runs of slots that add up, neighbours joined; to a whole vector if none follows."""
    found: list[list[int]] = []
    end = 0
    for g, group in enumerate(b.groups):
        added = sum(slot in ADDED for slot, _ in group.slots)
        for c in range(first_class[g], first_class[g + 1]):
            found.append([class_slot[c], class_slot[c] + added])
            end = max(end, class_slot[c] + len(group.slots))
    found.append([end, slots])  # distinct streams have slots of their own, after the classes
    joined: list[list[int]] = []
    for first, last in sorted(found):
        if first == last:
            continue
        if joined and joined[-1][1] == first:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    if joined and joined[-1][1] == slots:
        joined[-1][1] = -(-slots // LANES) * LANES
    return joined


NOT_PLAIN: Final = -2


def _plain(b: Builder, cells: list[list[list[int]]], tables: list[list[int]]) -> list[list[int]]:
    """By kind, what the short loop needs, or NOT_PLAIN where it does not do.

    [cell column or -1, its first bound, end bound, start of the class table, offset of the count
    or -1, column summed or -1, offset of the sum, spare]; a kind without a group has -3 in the
    first place. Bounds and tables are counted over all groups.
    """
    bound_at = table_at = 0
    found: dict[int, list[int]] = {}
    for g, group in enumerate(b.groups):
        bounds = sum(len(cell) - 2 for cell in cells[g])
        counts = [place for place, (slot, _) in enumerate(group.slots) if slot == Slot.COUNT]
        sums = [(place, s) for place, (slot, s) in enumerate(group.slots) if slot == Slot.SUM]
        usable = (
            group.kind not in found
            and len(cells[g]) <= 1
            and all(cell[0] < PROGRAM for cell in cells[g])
            and len(counts) + len(sums) == len(group.slots)
            and len(sums) <= 1
            and all(source < PROGRAM for _, source in sums)
        )
        row = [
            cells[g][0][0] if cells[g] else -1,
            bound_at,
            bound_at + bounds,
            table_at,
            counts[0] if counts else -1,
            sums[0][1] if sums else -1,
            sums[0][0] if sums else 0,
            0,
        ]
        found[group.kind] = row if usable else [NOT_PLAIN] * 8
        bound_at += bounds
        table_at += len(tables[g])
    return [found.get(k, [-3] * 8) for k in range(len(b.kinds))]


def _strides(sizes: list[int]) -> list[int]:
    """Strides of a table whose last index runs fastest, as :func:`itertools.product` has it."""
    strides, total = [], 1
    for size in reversed(sizes):
        strides.append(total)
        total *= size
    return strides[::-1]


def _holds(b: Builder, where: Node, given: dict[int, int], kind: str) -> bool:
    whole = PROGRAM + b.programs.get(("event", kind, where, False), -PROGRAM)
    if whole >= PROGRAM and whole in given:
        return given[whole] == 1
    return b.truth(where, given, kind) == 1
