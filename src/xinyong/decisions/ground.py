"""What a score and its consequences rest on: events, values, and the reasons actually used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from xinyong.decisions.consequence import Held
from xinyong.decisions.sentences_zh import sentence_zh
from xinyong.engine.measures import ground_window, selected
from xinyong.engine.reasons import losses, lowering
from xinyong.engine.score import Reason
from xinyong.engine.worked import Working
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import ground
from xinyong.scheme.bound import BoundBins, BoundEach, BoundLine, BoundList, BoundVeto
from xinyong.scheme.expressions import Node
from xinyong.scheme.nodes import lists as lists_of


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a condition holds: in words, the values it met, the events behind, the lists it asks."""

    says: str
    says_zh: str
    held: tuple[Held, ...]
    events: tuple[str, ...]
    lists: tuple[str, ...]


def ground_of(work: Working, node: Node) -> Ground:
    """What a condition rests on; through score and band, every line that counts an event."""
    return Ground(
        ex.sentence(node, work.bound.titles()),
        sentence_zh(node, work.bound.titles()),
        tuple(_held(work, node)),
        tuple(sorted(set(_events(work, node)))),
        lists_of(node),
    )


def _held(work: Working, node: Node) -> Iterator[Held]:
    for name in ex.names(node, "variable"):
        variable = work.bound.variables[name]
        value = ex.format_value(work.values[name], variable.kind)
        yield Held(name, variable.title, value)
    if ex.names(node, "score"):
        yield Held("score", "score", str(work.outcome.score))
    if ex.names(node, "band"):
        yield Held("band", "band", work.outcome.band)
    for name in lists_of(node):
        yield Held(name, work.bound.scheme.lists[name].title, work.outcome.lists[name])


def _events(work: Working, node: Node) -> Iterator[str]:
    yield from _of_variables(work, ex.names(node, "variable"))
    if ex.names(node, "score") or ex.names(node, "band"):
        yield from score_events(work)
    for name in lists_of(node):
        yield from list_events(work, name)


def _of_variables(work: Working, names: Iterable[str]) -> Iterator[str]:
    for name in ground(list(names), work.bound.variables):
        variable = work.bound.variables[name]
        window = ground_window(variable)
        for one in selected(work.bound, variable, work.history, work.day, window):
            yield one.event.id


def score_events(work: Working) -> set[str]:
    """Ids of the events that the score and the band rest on."""
    found: set[str] = set()
    for line in work.bound.lines:
        found |= line_events(work, line)
    nodes = [row.when for row in work.bound.start] + [band.when for band in work.bound.bands]
    for node in nodes:
        if node is not None:
            found |= set(_of_variables(work, ex.names(node, "variable")))
    return found


def line_events(work: Working, line: BoundLine) -> set[str]:
    """Ids of the events that one line rests on."""
    if isinstance(line, BoundBins):
        return set(_of_variables(work, [line.variable]))
    if isinstance(line, BoundEach):
        return {item.seen.event.id for item in work.lines[line.id].events}
    found = set(_of_variables(work, ex.names(line.when, "variable")))
    for name in lists_of(line.when):
        found |= list_events(work, name)
    return found


def list_events(work: Working, name: str) -> set[str]:
    """Ids of the events that are the ground of a list."""
    entry = _list(work, name)
    found = set(_of_variables(work, entry.ground))
    for other in lists_of(entry.add_when):
        found |= list_events(work, other)
    if entry.after_score and (
        ex.names(entry.add_when, "score") or ex.names(entry.add_when, "band")
    ):
        found |= score_events(work)
    return found


def list_ground(work: Working, name: str) -> tuple[date | None, str, str]:
    """Day of the newest event behind a list, and its condition in English and Chinese."""
    entry, titles = _list(work, name), work.bound.titles()
    says, says_zh = ex.sentence(entry.add_when, titles), sentence_zh(entry.add_when, titles)
    return work.lists[name].ground, says, says_zh


def _list(work: Working, name: str) -> BoundList:
    return next(entry for entry in work.bound.lists if entry.name == name)


def seen_events(work: Working) -> tuple[str, ...]:
    """Ids of every event that lay open to the score, in order.

    More than those that moved it: a correction can make an event count that did not.
    """
    return tuple(sorted({one.event.id for kind in work.history.kinds.values() for one in kind}))


def reasons_used(work: Working, most: int) -> tuple[Reason, ...]:
    """The reasons for a burden: vetoes that lowered the band, then losses, greatest first.

    As section 7 of docs/meaning.md, less the lines that rest on no event and take no points: that
    nothing is known there is no reason.
    """
    bound, lines = work.bound, work.lines
    rank = next(band.rank for band in bound.bands if band.name == work.band_before)
    found = [Reason(veto.id, 0, veto.says) for veto in lowering(bound, lines, rank)]
    lost = losses(bound, lines)
    known = [
        line.id
        for line in bound.lines
        if not isinstance(line, BoundVeto)
        and lost[line.id] > 0
        and (lines[line.id].points < 0 or line_events(work, line))
    ]
    found += [
        Reason(id_, lost[id_], lines[id_].says) for id_ in sorted(known, key=lambda id_: -lost[id_])
    ]
    return tuple(found[:most])


__all__ = [
    "Ground",
    "ground_of",
    "line_events",
    "list_events",
    "list_ground",
    "reasons_used",
    "score_events",
    "seen_events",
]
