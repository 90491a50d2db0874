"""How far back a scheme looks: words for each row of the tiles, and what is counted for ever."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from xinyong.lab.bit_plan import ADDED, Layout, Planner
from xinyong.lab.casting import Casting
from xinyong.lab.engine_parts import HIGHEST, Compiled, Int, Mask, Slot
from xinyong.lab.tiles import WORD, Reach

KEPT_AS_COUNTS = ADDED | {Slot.MIN, Slot.MAX, Slot.DISTINCT}
"""What can go on when only the number of events is known."""


def layout_of(casting: Casting, reach: Reach, met: Int) -> Layout:
    """Where the bits of each stream lie; ``met`` int64[months, rows, 16] is casting.met."""
    starts = np.cumsum([0, *reach.words])
    row_of = {n: row for row, of in enumerate(casting.of_row) for n in of}
    return Layout(
        tuple(int(s) for s in starts[:-1]),
        reach.words,
        tuple(row_of[n] for n in range(len(casting.streams))),
        met,
        reach.counted,
    )


@dataclass
class _Needs:
    """Months that each stream must be held for, and streams whose number is enough beyond."""

    months: int
    oldest: Int
    endless: set[int] = field(default_factory=set)

    def need(self, chosen: Mask, stream: Int, ago: Int, value: Int, countable: bool) -> None:
        """Events that are read; ``countable``: their number is enough if all are alike."""
        for n in np.unique(stream[chosen]).tolist():
            here = chosen & (stream == n)
            values = value[here]
            if countable and here.sum() == self.months and (values == values[0]).all():
                self.endless.add(n)
            else:
                self.oldest[n] = max(self.oldest[n], int(ago[here].max()) + 1)


def reach_of(compiled: Compiled, casting: Casting, met: Int, days: Int) -> Reach:
    """The reach of a scheme for a society of ``len(days)`` months; ``days`` their last days."""
    months, rows = len(days), len(casting.happenings)
    every = Reach((-(-months // WORD),) * rows)
    planner = Planner(compiled, layout_of(casting, every, met), days, 0)
    seen, ago, stream = planner.seen(months - 1, months)
    needs = _Needs(months, np.zeros(len(casting.streams), np.int64))
    for number, periods in planner.uses.items():
        got, op = seen.gathered(number), planner.op[number]
        for period in periods:
            chosen = got.chosen & (seen.bucket < seen.spans[period])
            needs.need(chosen, stream, ago, got.value, period < 0 and op in KEPT_AS_COUNTS)
    row_of = np.array(planner.layout.row_of)
    for line in compiled.each_lines:
        each = seen.each(line)
        one_row = len(np.unique(row_of[stream[each.counts]])) <= 1
        alone = each.cap == HIGHEST or (one_row and each.per < 2)
        needs.need(each.counts, stream, ago, each.points, each.endless and alone)
    held = np.minimum(needs.oldest + 1, months)  # months differ in length
    words = tuple(max(1, *(-(-int(held[n]) // WORD) for n in of)) for of in casting.of_row)
    counted = tuple(
        n
        for row, of in enumerate(casting.of_row)
        for n in of
        if n in needs.endless and months > WORD * words[row]
    )
    return Reach(words, counted)
