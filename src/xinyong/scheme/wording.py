"""Parts of a resolved scheme in plain words: variables, table rows, lines, bands, consequences."""

from __future__ import annotations

from xinyong.scheme.bound import (
    Bound,
    BoundBins,
    BoundEach,
    BoundLine,
    BoundRow,
    BoundVariable,
    BoundVeto,
)
from xinyong.scheme.check_points import domain
from xinyong.scheme.expressions import Kind, format_value, sentence
from xinyong.scheme.lines import constant_points
from xinyong.scheme.model import Consequence, DataSet, ListSpec

_MEASURES = {
    "count": "how many {event} there were",
    "sum": "the sum of {field} of {event}",
    "mean": "the mean of {field} of {event}",
    "min": "the least {field} of {event}",
    "max": "the greatest {field} of {event}",
    "latest": "{field} of the latest {event}",
    "days_since": "days since the latest {event}",
    "distinct": "how many different values {field} of {event} had",
    "share": "the part that {event} make up of {of}",
    "trend": "whether {event} became more or fewer, from -1 to 1",
}


def plain(name: str) -> str:
    """A name as words."""
    return name.replace("_", " ").replace("-", " ")


def variable_words(bound: Bound, variable: BoundVariable) -> str:
    """What a variable measures, as one phrase."""
    if variable.expr is not None:
        return sentence(variable.expr, bound.titles())
    text = _MEASURES[variable.measure].format(
        event=f"“{plain(str(variable.event))}”",
        field=plain(variable.field or ""),
        of=", ".join(f"“{plain(event)}”" for event in variable.of_events),
    )
    if variable.where is not None:
        text += f" where {sentence(variable.where, bound.titles())}"
    if variable.within is not None:
        text += f", in the last {variable.within}"
    if variable.conditional:
        asked = [f"there is any “{plain(event)}”" for event in variable.any_of]
        asked += [f"“{plain(name)}” was asked" for name in variable.covered]
        text += f"; unknown unless {' or '.join(asked)}"
    return text


def row_words(line: BoundBins, variable: BoundVariable) -> list[str]:
    """The rows of a table as ranges in words, in the order of the table."""
    said: list[str] = []
    covered = domain(variable)[0]
    whole = variable.kind.base == "whole"
    for row in line.rows:
        if row.test == "below" and isinstance(row.edge, int):
            said.append(_range(covered, row.edge, variable.kind, whole))
            covered = row.edge if covered is None else max(covered, row.edge)
        elif row.test == "is":
            said.append(format_value(row.edge, variable.kind))
        else:
            said.append(_rest(line.rows, covered, variable.kind))
    return said


def _range(low: int | None, edge: int, kind: Kind, whole: bool) -> str:
    if low is None or edge <= low:
        return f"less than {format_value(edge, kind)}"
    if whole and edge - low == 1:
        return format_value(low, kind)
    if whole:
        return f"{low} to {format_value(edge - 1, kind)}"
    if low == 0:
        return f"less than {format_value(edge, kind)}"
    return f"{format_value(low, kind)} to less than {format_value(edge, kind)}"


def _rest(rows: tuple[BoundRow, ...], covered: int | None, kind: Kind) -> str:
    if len(rows) == 1:
        return "any value"
    if any(row.test == "is" for row in rows) or covered is None:
        return "anything else"
    return f"{format_value(covered, kind)} or more"


def points_words(points: int) -> str:
    """``8 points``, ``1 point``, ``-100 points``."""
    return f"{points} point{'' if abs(points) == 1 else 's'}"


def line_words(bound: Bound, line: BoundLine) -> str:
    """What a line without a table does, as one sentence; for a table, what is looked up."""
    titles = bound.titles()
    if isinstance(line, BoundBins):
        return f"By {variable_words(bound, bound.variables[line.variable])}:"
    if isinstance(line, BoundVeto):
        return f"The band is at most “{line.band}” while {sentence(line.when, titles)}."
    fixed = constant_points(line.points)
    points = sentence(line.points, titles) + " points" if fixed is None else points_words(fixed)
    if not isinstance(line, BoundEach):
        return f"{points} while {sentence(line.when, titles)}."
    return f"{points} for each “{plain(line.event)}”{_each_words(line, titles)}."


def _each_words(line: BoundEach, titles: dict[str, str]) -> str:
    text = f" where {sentence(line.where, titles)}" if line.where is not None else ""
    if line.starts is not None:
        text += f", from {line.starts} after it"
    if line.expires is not None:
        text += f", until {line.expires} after it"
    if line.decay == "linear":
        text += ", falling evenly to nothing"
    elif line.decay is not None:
        text += f", halved every {line.decay}"
    if line.cap_per is not None:
        text += f", {_cap_words(line.cap_per[0])} in a {line.cap_per[1]}"
    if line.cap is not None:
        text += f", {_cap_words(line.cap)} in all"
    return text


def _cap_words(cap: int) -> str:
    if cap >= 0:
        return f"at most {points_words(cap)}"
    return f"at most {points_words(-cap)} lost"


def band_words(bound: Bound) -> list[tuple[str, str]]:
    """Each band's name (or title) and its range in words, from the lowest."""
    specs = bound.scheme.bands
    edges = [band.since for band in bound.bands if band.since is not None]
    score = bound.scheme.score
    said = []
    for spec, band in zip(specs, bound.bands, strict=True):
        if band.when is not None:
            words = f"while {sentence(band.when, bound.titles())}"
        else:
            assert band.since is not None
            above = [edge for edge in edges if edge > band.since]
            last = min(above) - 1 if above else score.ceiling
            words = f"{max(band.since, score.floor)} to {last}"
        said.append((spec.title or plain(spec.name), words))
    return said


def data_set_words(data_set: DataSet) -> str:
    """Where data come from, by what right, how long they are kept."""
    keep = data_set.keep
    head = f"from {data_set.source}; by {data_set.basis}; context {data_set.context};"
    if keep is None:
        return f"{head} nobody has said for how long they are kept"
    done = {"delete": "deleted", "archive": "archived", "anonymise": "made anonymous"}[keep.then]
    since = {"event": "the event", "recording": "the recording"}.get(keep.since, keep.since)
    return f"{head} kept for {keep.span} from {since}, then {done}"


def list_words(bound: Bound, name: str, spec: ListSpec) -> str:
    """Who comes on a list, who comes off it, and what happens before."""
    entry = next(entry for entry in bound.lists if entry.name == name)
    titles = bound.titles()
    parts = [f"Added when {sentence(entry.add_when, titles)}."]
    if entry.remove_when is not None:
        parts.append(f"Removed when {sentence(entry.remove_when, titles)}.")
    if spec.lasts is not None:
        parts.append(f"Ends {spec.lasts} after the newest event behind it.")
    if spec.remove_when is None and spec.lasts is None:
        parts.append("Nothing ends it.")
    if spec.before is not None:
        before = []
        if spec.before.warn is not None:
            before.append(f"a warning {spec.before.warn} ahead")
        if spec.before.hearing:
            before.append("a hearing")
        if spec.before.by is not None:
            before.append(f"a decision by {spec.before.by}")
        if before:
            parts.append(f"Before it takes effect: {', '.join(before)}.")
    if spec.remove_within is not None:
        parts.append(f"A removal is done within {spec.remove_within}.")
    parts.append(f"Shown to: {spec.publish}.")
    return " ".join(parts)


def reasons_words(count: int | None) -> str:
    """`` with 4 reasons``, or nothing."""
    if not count:
        return ""
    return f" with {count} reason{'' if count == 1 else 's'}"


def consequence_words(bound: Bound, spec: Consequence) -> str:
    """What follows, when, and what goes with it."""
    node = next(c.when for c in bound.consequences if c.id == spec.id)
    text = f"{spec.effect} ({spec.kind} in {spec.context}) when {sentence(node, bound.titles())}"
    rest = []
    if spec.decided is not None:
        rest.append(f"decided {spec.decided}")
    if spec.notice is not None:
        reasons = reasons_words(spec.notice.reasons)
        within = f" within {spec.notice.within}" if spec.notice.within else ""
        rest.append(f"notice{reasons}{within}")
    if spec.appeal is not None:
        rest.append(f"appeal to {spec.appeal.to} within {spec.appeal.within}")
    if spec.ends is not None:
        rest.append(f"ends {spec.ends}")
    return "; ".join([text, *rest]) + "."
