"""What a scheme reads from bits on the last day of one month.

An *atom* is a question about one word of an agent: how many of the bits under a mask are set, or
which of them is the newest, or how many events fell out of the words. An *entry* says what an atom
adds to one cell of the engine's table of streams by bucket, which variables and lists read. A
*term* says what an atom adds to a line of points for each event. All follows from what the engine
makes of the virtual rows (:mod:`xinyong.lab.engine_parts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np

from xinyong.lab.casting import CLASSES
from xinyong.lab.engine_parts import (
    HIGHEST,
    Compiled,
    Each,
    Gathered,
    Int,
    Mask,
    Rows,
    Sight,
    Slot,
)
from xinyong.lab.tiles import WORD, Bits


class Ask(IntEnum):
    """What an atom asks of a word."""

    COUNT = 0
    NEWEST = 1
    OLDER = 2


ADDED: Final = frozenset({Slot.COUNT, Slot.SUM, Slot.KNOWN})
NEWEST: Final = frozenset({Slot.ROW, Slot.KNOWN_ROW})


@dataclass(frozen=True)
class Layout:
    """Where the bits of each stream lie: row of the tiles, word-columns, its months by class.

    ``column`` by row of the tiles its first word-column; ``words`` how many; ``row_of`` by stream;
    ``met`` int64[months, rows, 16].
    """

    column: tuple[int, ...]
    words: tuple[int, ...]
    row_of: tuple[int, ...]
    met: Int
    counted: tuple[int, ...]

    @property
    def streams(self) -> int:
        """How many streams there are."""
        return len(self.row_of)


@dataclass(frozen=True)
class Capped:
    """A line over several rows of the tiles, held unit by unit: added up, held, added up again.

    ``each`` is its place among the lines of points for each event. ``terms`` int64[m, 5], units
    together: unit, word-column, bit, classes of agents (a bit each), points.
    """

    each: int
    cap: int
    terms: Int


@dataclass(frozen=True)
class BitPlan:
    """Atoms, entries and terms of one month; arrays are contiguous.

    The first ``inner`` atoms are those that entries read. ``word`` is a word-column, or a row of
    ``older``. ``masks`` uint64[16, atoms], by class of agents. ``entry`` int64[m, 6]: stream,
    bucket, op, value to tell apart, atom, value; in order. ``term`` int64[m, 3]: place among the
    lines of points for each event, atom, points.
    """

    month: int
    sight: Sight
    inner: int
    ask: Int
    word: Int
    masks: Bits
    entry: Int
    term: Int
    capped: tuple[Capped, ...]


@dataclass
class _Maker:
    """Collects atoms, entries and terms."""

    layout: Layout
    month: int
    atoms: dict[tuple[int, int, int, int], int] = field(default_factory=dict)
    masks: list[Bits] = field(default_factory=list)
    entries: list[list[int]] = field(default_factory=list)
    terms: list[list[int]] = field(default_factory=list)
    patterns: dict[int, Bits] = field(default_factory=dict)

    def pattern(self, word: int) -> Bits:
        """Bits of a word at which a happening becomes each stream: uint64[streams, 16]."""
        if word not in self.patterns:
            newest = self.month - WORD * word
            many = min(WORD, newest + 1)
            met = self.layout.met[newest - many + 1 : newest + 1][::-1]
            streams = np.arange(self.layout.streams)
            mine = met[:, np.array(self.layout.row_of)] == streams[:, None]
            bits = np.uint64(1) << np.arange(many, dtype=np.uint64)
            self.patterns[word] = np.where(mine, bits[:, None, None], np.uint64(0)).sum(axis=0)
        return self.patterns[word]

    def atom(self, ask: Ask, stream: int, word: int, mask: int) -> int:
        """Number of an atom."""
        row = self.layout.row_of[stream]
        key = (int(ask), self.layout.column[row] + word, mask, stream)
        if key not in self.atoms:
            self.atoms[key] = len(self.atoms)
            self.masks.append(np.uint64(mask) & self.pattern(word)[stream])
        return self.atoms[key]

    def older(self, stream: int) -> int:
        """Number of the atom that counts what fell out of a stream's words."""
        key = (int(Ask.OLDER), self.layout.counted.index(stream), 0, stream)
        if key not in self.atoms:
            self.atoms[key] = len(self.atoms)
            self.masks.append(np.zeros(CLASSES, np.uint64))
        return self.atoms[key]


@dataclass(frozen=True)
class Seen:
    """Virtual rows of a month: how many months ago, which stream, whether within its words."""

    rows: Rows
    ago: Int
    stream: Int
    within: Mask


class Planner:
    """Makes the plan of any month over virtual rows ``month * streams + stream``.

    ``days`` int64[months] are the last days of the months; ``first`` the calendar month (since
    year 0) of month 0.
    """

    def __init__(self, compiled: Compiled, layout: Layout, days: Int, first: int) -> None:
        self.compiled, self.layout, self.days, self.first = compiled, layout, days, first
        self.uses, self.needs = compiled.uses, compiled.needs
        self.op = compiled.plan.tables.stream_op.tolist()
        self._plans: dict[int, BitPlan] = {}

    def seen(self, month: int, back: int) -> tuple[Rows, Int, Int]:
        """Rows of the last ``back`` months on the last day of a month; how old, which stream."""
        many = self.layout.streams
        first = max(0, month - back + 1)
        rows = self.compiled.rows(first * many, (month + 1) * many, int(self.days[month]))
        return rows, month - rows.entries // many, rows.entries % many

    def plan(self, month: int) -> BitPlan:
        """The plan of one month, made once."""
        if month not in self._plans:
            self._plans[month] = self._planned(month)
        return self._plans[month]

    def _planned(self, month: int) -> BitPlan:
        rows, ago, stream = self.seen(month, WORD * max(self.layout.words))
        words = np.array(self.layout.words)[np.array(self.layout.row_of)]
        seen = Seen(rows, ago, stream, ago < WORD * words[stream])
        maker = _Maker(self.layout, month)
        for number, periods in sorted(self.uses.items()):
            got = rows.gathered(number)
            for reach in sorted({int(rows.spans[p]) for p in periods}):
                self._entries(maker, seen, number, reach, got)
        inner = len(maker.atoms)
        capped = [
            found
            for place, line in enumerate(self.compiled.each_lines)
            if (found := self._terms(maker, seen, place, rows.each(line))) is not None
        ]
        keys = list(maker.atoms)
        return BitPlan(
            month,
            rows.sight,
            inner,
            np.array([key[0] for key in keys], np.int64),
            np.array([key[1] for key in keys], np.int64),
            np.ascontiguousarray(np.array(maker.masks, np.uint64).reshape(-1, CLASSES).T),
            np.array(sorted(maker.entries), np.int64).reshape(-1, 6),
            np.array(sorted(maker.terms), np.int64).reshape(-1, 3),
            tuple(capped),
        )

    def _atoms(
        self, maker: _Maker, ask: Ask, seen: Seen, here: Int, value: Int
    ) -> Iterator[tuple[int, int, int, int]]:
        """Atoms for rows ``here``, those of one stream and value together: with word and value."""
        stream, word, worth = seen.stream[here], seen.ago[here] // WORD, value[here]
        bits = np.uint64(1) << (seen.ago[here] % WORD).astype(np.uint64)
        order = np.lexsort((word, worth, stream))
        keys = np.stack([stream, word, worth])[:, order]
        first = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)))
        if not len(order):
            return
        masks = np.bitwise_or.reduceat(bits[order], first)
        for (of, n, one), mask in zip(keys[:, first].T.tolist(), masks.tolist(), strict=True):
            yield maker.atom(ask, of, n, mask), of, n, one

    def _entries(self, maker: _Maker, seen: Seen, number: int, reach: int, got: Gathered) -> None:
        """Entries of a stream for the cell before bucket ``reach``."""
        op = self.op[number]
        chosen = got.chosen & (seen.rows.bucket < reach)
        here = np.flatnonzero(chosen & seen.within)
        if op in NEWEST:
            nothing = np.zeros_like(got.value)
            for atom, stream, word, _ in self._atoms(maker, Ask.NEWEST, seen, here, nothing):
                row = (maker.month - WORD * word) * self.layout.streams + stream
                maker.entries.append([number, reach - 1, op, 0, atom, row])
            return
        found = [
            (atom, worth)
            for atom, _, _, worth in self._atoms(maker, Ask.COUNT, seen, here, got.value)
        ]
        if reach == seen.rows.buckets:
            found += self._older(maker, seen, chosen, got.value)
        for atom, worth in found:
            apart = worth if op == Slot.DISTINCT else 0
            maker.entries.append([number, reach - 1, op, apart, atom, worth])

    def _older(
        self, maker: _Maker, seen: Seen, chosen: Mask, value: Int
    ) -> Iterator[tuple[int, int]]:
        """What fell out of the words: atoms and values, which are the same for every month."""
        for stream in self.layout.counted:
            words = self.layout.words[self.layout.row_of[stream]]
            here = np.flatnonzero(chosen & (seen.stream == stream))
            if maker.month >= WORD * words and len(here):
                yield maker.older(stream), int(value[here[0]])

    def _terms(self, maker: _Maker, seen: Seen, place: int, each: Each) -> Capped | None:
        """Terms of a line of points for each event, or what must be held unit by unit."""
        here = np.flatnonzero(each.counts & seen.within)
        tiles = {self.layout.row_of[s] for s in np.unique(seen.stream[here]).tolist()}
        if each.cap != HIGHEST and (len(tiles) > 1 or each.per == 2):
            terms = [
                self._held(maker, int(seen.ago[n]), int(seen.stream[n]), int(each.points[n]), each)
                for n in here.tolist()
            ]
            return Capped(place, each.cap, np.array(sorted(terms), np.int64).reshape(-1, 5))
        points = each.points  # at most one event a unit: each is held by itself
        if each.cap != HIGHEST:
            hold = np.minimum if each.cap >= 0 else np.maximum
            points = hold(points, each.cap)
        for atom, _, _, worth in self._atoms(maker, Ask.COUNT, seen, here, points):
            maker.terms.append([place, atom, worth])
        if each.endless:
            for atom, worth in self._older(maker, seen, each.counts, points):
                maker.terms.append([place, atom, worth])
        return None

    def _held(self, maker: _Maker, ago: int, stream: int, points: int, each: Each) -> list[int]:
        word, bit = divmod(ago, WORD)
        pattern = maker.pattern(word)[stream].tolist()
        classes = sum(1 << g for g in range(CLASSES) if pattern[g] >> bit & 1)
        month = maker.month - ago + self.first
        column = self.layout.column[self.layout.row_of[stream]] + word
        return [month // 12 if each.per == 2 else month, column, bit, classes, points]
