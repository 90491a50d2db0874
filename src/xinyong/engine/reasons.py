"""Why points were lost: section 7 of docs/meaning.md."""

from __future__ import annotations

from collections.abc import Mapping

from xinyong.engine.score import Reason
from xinyong.engine.worked import LineWork
from xinyong.scheme.binding import Bound, BoundVeto


def losses(bound: Bound, lines: Mapping[str, LineWork]) -> dict[str, int]:
    """Each line's reference less its points, vetoes left out (section 7)."""
    return {
        line.id: line.reference - lines[line.id].points
        for line in bound.lines
        if not isinstance(line, BoundVeto)
    }


def lowering(bound: Bound, lines: Mapping[str, LineWork], rank: int) -> tuple[BoundVeto, ...]:
    """Vetoes that fired and whose band is lower than the one of that rank, in file order."""
    return tuple(
        line
        for line in bound.lines
        if isinstance(line, BoundVeto) and lines[line.id].fired and line.rank < rank
    )


def reasons(
    bound: Bound, lines: Mapping[str, LineWork], vetoes: tuple[BoundVeto, ...]
) -> tuple[Reason, ...]:
    """The reasons of a score: vetoes that lowered the band, then losses, greatest first."""
    lost = losses(bound, lines)
    # sorted() keeps the file's order among equals
    order = sorted((id_ for id_, loss in lost.items() if loss > 0), key=lambda id_: -lost[id_])
    found = [Reason(veto.id, 0, veto.says) for veto in vetoes]
    found += [Reason(id_, lost[id_], lines[id_].says) for id_ in order]
    return tuple(found[: bound.scheme.score.reasons.most])
