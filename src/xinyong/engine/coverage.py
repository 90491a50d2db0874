"""What of a scheme its worked cases reach, and what they leave untouched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from xinyong.engine.case_events import SUBJECT, case_events, case_known_by
from xinyong.engine.history import history
from xinyong.engine.subject import work_out
from xinyong.engine.worked import Working
from xinyong.errors import EventsRefused, QuestionRefused
from xinyong.scheme.binding import (
    Bound,
    BoundBins,
    BoundEach,
    BoundRow,
    BoundVeto,
    Path,
    bind,
)
from xinyong.scheme.expressions import format_value
from xinyong.scheme.model import Case, Scheme

Part = Literal["start", "line", "row", "veto", "cap", "band", "list", "consequence"]
PARTS: Final[tuple[Part, ...]] = (
    "start",
    "line",
    "row",
    "veto",
    "cap",
    "band",
    "list",
    "consequence",
)


@dataclass(frozen=True, slots=True)
class Item:
    """Something a case can reach: its part, its name, its place in the document."""

    part: Part
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was reached and what was not, in the order of the document."""

    reached: tuple[Item, ...]
    missed: tuple[Item, ...]

    @property
    def counts(self) -> Mapping[Part, tuple[int, int]]:
        """For each part that the scheme has: how many are reached, of how many."""
        found: dict[Part, tuple[int, int]] = {}
        for part in PARTS:
            hit = sum(item.part == part for item in self.reached)
            total = hit + sum(item.part == part for item in self.missed)
            if total:
                found[part] = (hit, total)
        return found

    @property
    def percent(self) -> int:
        """Share of all items that are reached, in whole percent, rounded down."""
        total = len(self.reached) + len(self.missed)
        return 100 * len(self.reached) // total if total else 100


def coverage(scheme: Scheme, cases: Iterable[Case]) -> Coverage:
    """Which parts of a scheme its cases reach; a case that cannot be run reaches nothing.

    A ``bins`` line is reached by any row but the missing one, an ``each`` line by an event that
    counts, a ``when`` line and a veto by being true, a cap by changing a sum, a list by each of its
    states, a consequence by applying and by not applying.
    """
    bound = bind(scheme)
    hits: set[tuple[Part, str]] = set()
    for case in cases:
        try:
            seen = history(
                bound,
                case_events(scheme, case),
                subject=SUBJECT,
                day=case.day,
                known_by=case_known_by(scheme, case),
            )
        except (EventsRefused, QuestionRefused):
            continue
        hits.update(_hits(work_out(bound, seen, case.day)))
    items = list(_items(bound))
    return Coverage(
        tuple(item for item in items if (item.part, item.name) in hits),
        tuple(item for item in items if (item.part, item.name) not in hits),
    )


def _row(bound: Bound, line: BoundBins, row: BoundRow | None) -> str:
    if row is None:
        return f"{line.id} missing"
    place = next(place for place, one in enumerate(line.rows) if one is row)
    if row.edge is None:
        return f"{line.id} row {place + 1} (else)"
    said = format_value(row.edge, bound.variables[line.variable].kind)
    return f"{line.id} row {place + 1} ({row.test} {said})"


def _start(place: int) -> str:
    return f"start row {place + 1}"


def _hits(work: Working) -> Iterator[tuple[Part, str]]:
    bound, outcome = work.bound, work.outcome
    yield "start", _start(work.start_row)
    for line in bound.lines:
        done = work.lines[line.id]
        if isinstance(line, BoundBins):
            yield "row", _row(bound, line, done.row)
        if isinstance(line, BoundVeto):
            if done.fired:
                yield "veto", line.id
        elif done.row is not None or done.fired or done.events:
            yield "line", line.id
        if done.cap_per:
            yield "cap", f"{line.id} cap_per"
        if isinstance(line, BoundEach) and done.points != done.before_cap:
            yield "cap", f"{line.id} cap"
    yield "band", outcome.band
    for name, state in outcome.lists.items():
        yield "list", f"{name} {state}"
    for id_ in work.truths:
        yield (
            "consequence",
            f"{id_} {'applies' if id_ in outcome.consequences else 'does not apply'}",
        )


def _items(bound: Bound) -> Iterator[Item]:
    for place in range(len(bound.start)):
        single = isinstance(bound.scheme.score.start, int)
        path: Path = ("score", "start") if single else ("score", "start", place)
        yield Item("start", _start(place), path)
    for line in bound.lines:
        path = ("score", "add", line.index)
        yield Item("veto" if isinstance(line, BoundVeto) else "line", line.id, path)
        if isinstance(line, BoundBins):
            for place, row in enumerate(line.rows):
                yield Item("row", _row(bound, line, row), (*path, "table", place))
            yield Item("row", _row(bound, line, None), (*path, "missing"))
        if isinstance(line, BoundEach):
            if line.cap_per is not None:
                yield Item("cap", f"{line.id} cap_per", (*path, "cap_per"))
            if line.cap is not None:
                yield Item("cap", f"{line.id} cap", (*path, "cap"))
    for band in bound.bands:
        yield Item("band", band.name, ("bands", band.rank))
    for entry in bound.lists:
        states = ["off", "listed"]
        states += ["warned"] if entry.warn is not None else []
        states += ["ended"] if entry.lasts is not None else []
        for state in states:
            yield Item("list", f"{entry.name} {state}", ("lists", entry.name))
    for index, item in enumerate(bound.consequences):
        for word in ("applies", "does not apply"):
            yield Item("consequence", f"{item.id} {word}", ("consequences", index))
