"""The NumPy twin: the next change, days ahead tried in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from xinyong.days import LAST_DAY, day_number
from xinyong.engine.arrays_events import Mask, Records, leaves
from xinyong.engine.arrays_outcome import Work
from xinyong.engine.asking import Questions
from xinyong.engine.machine import UNKNOWN, Int
from xinyong.engine.plan import Plan
from xinyong.engine.plan_tables import HIGHEST, LineForm

HORIZON: Final = 3660
LAST: Final = day_number(LAST_DAY)


def _candidates(plan: Plan, work: Work, records: Records, here: Int) -> Int:
    """Next day after ``here``, by question, on which something can matter."""
    t, e = plan.tables, work.entries
    found = np.full(len(here), HIGHEST, np.int64)

    def note(kind: int | None, chosen: Mask | None, days: Callable[[Int], Int]) -> None:
        wanted = e.kind == kind if chosen is None else chosen
        question, turns = e.question[wanted], days(e.day[wanted])
        later = turns > here[question]
        np.minimum.at(found, question[later], turns[later])

    def leaving(period: int) -> Callable[[Int], Int]:
        length, unit = t.periods[period].tolist()
        return lambda days: leaves(days, length, unit)

    for p in range(len(t.periods)):
        note(None, t.crossing[p][e.kind] == 1, leaving(p))
    for n, (_, _, lasts, warn, _) in enumerate(t.lists.tolist()):
        grounds = t.ground_tally[t.ground_tally_start[n] : t.ground_tally_start[n + 1]]
        for kind in np.unique(t.tally[grounds, 3]).tolist():
            for period in (lasts, warn):
                if period >= 0:
                    note(kind, None, leaving(period))
    every_day = np.zeros(len(here), np.bool_)
    for n, (variable, moves) in enumerate(t.aged.tolist()):
        kind = int(t.tally[t.lean[t.lean_start[variable]], 3])
        for age in t.age[t.age_start[n] : t.age_start[n + 1]].tolist():
            note(kind, None, lambda days, age=age: days + age)  # type: ignore[misc]
        if moves:
            every_day |= work.values[variable] != UNKNOWN
    for line in t.line[(t.line[:, 0] == LineForm.SPECIAL) & (t.line[:, 14] == 1)].tolist():
        counts = e.kind == t.special[t.special_start[line[15]]]
        last = np.full(len(here), -HIGHEST, np.int64)
        np.maximum.at(last, e.question[counts], leaving(line[3])(e.day[counts]))
        every_day |= here < last
    for day in t.param_day.tolist():
        found = np.where(here < day, np.minimum(found, day), found)
    return np.where(every_day, here + 1, found)


MOST_AHEAD: Final = 4096
"""Questions asked in one pass when days ahead are tried, as long as there are no more subjects."""


def changes_of(plan: Plan, records: Records, asked: Questions, first: Work, out: Int) -> Int:
    """First later day on which each outcome differs; unknown if none within the horizon.

    Days are tried in turn, more of them in a pass the longer nothing has changed.
    """
    changes = np.full(len(asked.days), UNKNOWN, np.int64)
    same = [0, 1, *range(4, 4 + len(plan.lists) + len(plan.consequences))]
    last = np.minimum(asked.days + HORIZON, LAST)
    here, pending, ahead = asked.days.copy(), np.arange(len(asked.days)), 1
    while len(pending):
        tried = []
        for _ in range(ahead):
            here = _candidates(plan, first, records, here)
            tried.append(here[pending])
        days = np.stack(tried, axis=1)
        place, turn = np.nonzero(days <= last[pending][:, None])
        asked_of, then = pending[place], days[place, turn]
        part = Questions(
            asked.subjects,
            asked.low[asked_of],
            asked.high[asked_of],
            asked.days[asked_of],
            asked.known[asked_of],
        )
        now, _ = Work(plan, records, part, then, part.days).outcome()
        differs = (now[:, same] != out[asked_of][:, same]).any(axis=1)
        # in order of question and day, so that writing backwards leaves the first day
        changes[asked_of[differs][::-1]] = then[differs][::-1]
        over = days[:, -1] > last[pending]
        pending = pending[~over & (changes[pending] == UNKNOWN)]
        ahead = int(np.clip(MOST_AHEAD // max(len(pending), 1), 1, 2 * ahead))
    return changes
