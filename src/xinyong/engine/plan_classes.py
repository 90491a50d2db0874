"""Compiling a scheme: classes of events, their slots, and the streams put together from them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan_builder import Builder, Group
from xinyong.engine.plan_tables import ADDED, PROGRAM, Slot, array, flat, starts
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


def classes_of(b: Builder) -> Classes:
    """Cells, class tables, slots and streams; run after all streams are known."""
    _arrange(b)
    cells: list[list[list[int]]] = []
    tables: list[list[int]] = []
    class_slot: list[int] = []
    members_of: list[list[tuple[bool, ...]]] = []
    first_class: list[int] = []
    slots = 0
    for group in b.groups:
        table, truths = _class_table(b, group)
        first_class.append(len(class_slot))
        tables.append([c + len(class_slot) if c >= 0 else -1 for c in table])
        for _ in truths:
            class_slot.append(slots)
            slots += len(group.slots)
        members_of.append(truths)
        strides = _strides([len(c.bounds) + 2 for c in group.cells.values()])
        cells.append(
            [
                [source, stride, *sorted(cell.bounds)]
                for (source, cell), stride in zip(group.cells.items(), strides, strict=True)
            ]
        )
    stream_slots: list[list[int]] = []
    of_stream: list[list[int]] = []
    distinct: list[list[list[int]]] = [[] for _ in b.groups]
    for condition, slot, source in b.streams:
        number = b.group_of[condition]
        group, truths = b.groups[number], members_of[number]
        place = group.conditions.index(condition)
        classes = [first_class[number] + n for n, found in enumerate(truths) if found[place]]
        of_stream.append(classes)
        if slot == Slot.DISTINCT:
            always = int(b.condition_of[condition][1] is None)
            distinct[number].append([slots, source, always, *classes])
            stream_slots.append([slots])
            slots += 1
        else:
            offset = group.slots[slot, source]
            stream_slots.append([class_slot[c] + offset for c in classes])
    multi = sorted(
        (n for n, of in enumerate(stream_slots) if len(of) != 1), key=lambda n: len(stream_slots[n])
    )
    rows = [of[0] if len(of) == 1 else slots + multi.index(n) for n, of in enumerate(stream_slots)]
    flat_cells = [cell for group_cells in cells for cell in group_cells]
    flat_distinct = [entry for entries in distinct for entry in entries]
    members = np.zeros((len(flat_distinct), len(class_slot)), np.int64)
    for row, entry in enumerate(flat_distinct):
        members[row, entry[3:]] = 1
    per_kind = [[g for g in b.groups if g.kind == k] for k in range(len(b.kinds))]
    made = {
        "kind_group": starts(per_kind),
        "group_cell": starts(cells),
        "group_table": starts(tables),
        "group_slot": starts([list(group.slots) for group in b.groups]),
        "group_class": array([*first_class, len(class_slot)]),
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
        "multi": array(multi),
        "multi_start": starts(_parts(stream_slots, multi, slots)),
        "multi_rows": flat(_parts(stream_slots, multi, slots)),
        "runs": array(_runs(b, class_slot, [*first_class, len(class_slot)], slots), 2),
        "plain": array(_plain(b, cells, tables), 8),
        "plain_slot": array([class_slot[c] if c >= 0 else -1 for table in tables for c in table]),
        "distinct_slot": array([entry[0] for entry in flat_distinct]),
        "distinct_source": array([entry[1] for entry in flat_distinct]),
        "distinct_always": array([entry[2] for entry in flat_distinct]),
        "members": members,
    }
    return Classes(made, slots, slots + len(multi), of_stream)


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


def _runs(b: Builder, class_slot: list[int], first_class: list[int], slots: int) -> list[list[int]]:
    """Runs of slots that add up, neighbours joined."""
    found: list[list[int]] = []
    end = 0
    for g, group in enumerate(b.groups):
        added = sum(slot in ADDED for slot, _ in group.slots)
        for c in range(first_class[g], first_class[g + 1]):
            found.append([class_slot[c], class_slot[c] + added])
            end = class_slot[c] + len(group.slots)
    found.append([end, slots])  # distinct streams have slots of their own, after the classes
    joined: list[list[int]] = []
    for first, last in found:
        if first == last:
            continue
        if joined and joined[-1][1] == first:
            joined[-1][1] = last
        else:
            joined.append([first, last])
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
