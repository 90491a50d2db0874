"""One subject's score as a story: start, lines, limits, score, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from xinyong.drawing.charts import Step
from xinyong.engine.changes import first_change
from xinyong.engine.history import history
from xinyong.engine.subject import work_out
from xinyong.engine.worked import LineWork, Working
from xinyong.records.event import Event
from xinyong.scheme.binding import bind
from xinyong.scheme.bound import Bound, BoundBins, BoundEach, BoundVeto
from xinyong.scheme.model import Scheme


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line of the score. ``known`` is false where nothing is held behind it."""

    id: str
    heading: str
    points: int
    best: int
    says: str
    known: bool


@dataclass(frozen=True, slots=True)
class ToldKind:
    """How many events of one kind are known, and the days of the first and the last."""

    title: str
    count: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the page says about one subject."""

    subject: str
    day: date
    score: int
    band: str
    start: int
    start_says: str
    lines: tuple[ToldLine, ...]
    limits: tuple[tuple[str, int], ...]
    kinds: tuple[ToldKind, ...]
    reasons: tuple[tuple[int, str], ...]
    next_day: date | None
    next_score: int | None
    next_band: str | None
    moved: tuple[tuple[str, int, int], ...]
    """Lines that give other points on the next day: sentence then, points before, after."""

    @property
    def events(self) -> int:
        """How many events are known."""
        return sum(kind.count for kind in self.kinds)


def tell(scheme: Scheme, events: Sequence[Event], *, subject: str, day: date) -> Told:
    """Work out one subject with the plain engine and put it into words.

    Raises QuestionRefused and EventsRefused as the plain engine does.
    """
    bound = bind(scheme)
    today = work_out(bound, history(bound, events, subject=subject, day=day, known_by=None), day)
    later = first_change(today)
    outcome = today.outcome
    return Told(
        subject=subject,
        day=day,
        score=outcome.score,
        band=band_title(scheme, outcome.band),
        start=outcome.start,
        start_says=today.start_says or "Everybody starts here",
        lines=_lines(bound, today),
        limits=_limits(scheme, today),
        kinds=_kinds(scheme, today),
        reasons=tuple((reason.lost, reason.says) for reason in outcome.reasons),
        next_day=later.day if later else None,
        next_score=later.outcome.score if later else None,
        next_band=band_title(scheme, later.outcome.band) if later else None,
        moved=_moved(today, later) if later else (),
    )


def lines_known(scheme: Scheme, events: Sequence[Event], *, subject: str, day: date) -> int:
    """About how many lines something is known of the subject."""
    bound = bind(scheme)
    today = work_out(bound, history(bound, events, subject=subject, day=day, known_by=None), day)
    return sum(line.known for line in _lines(bound, today))


def band_title(scheme: Scheme, name: str) -> str:
    """A band as people read it."""
    return next((band.title or band.name for band in scheme.bands if band.name == name), name)


def _lines(bound: Bound, today: Working) -> tuple[ToldLine, ...]:
    titles = bound.scheme.score.dimensions
    found = []
    for line in bound.lines:
        if isinstance(line, BoundVeto):
            continue
        work = today.lines[line.id]
        heading = titles[line.dimension].title if line.dimension in titles else ""
        if isinstance(line, BoundBins):
            known = work.row is not None
        elif isinstance(line, BoundEach):
            known = bool(work.events)
        else:
            known = bool(work.fired)
        found.append(ToldLine(line.id, heading, work.points, line.reference, work.says, known))
    return tuple(found)


def _limits(scheme: Scheme, today: Working) -> tuple[tuple[str, int], ...]:
    """What the limits of headings, and of the score as a whole, took away or added."""
    found = []
    after = today.outcome.dimensions
    for name, before in today.dimensions_before.items():
        if after[name or ""] != before:
            spec = scheme.score.dimensions.get(name or "")
            title = spec.title if spec else "the rest"
            found.append((f"Limit of “{title}”", after[name or ""] - before))
    total = today.outcome.start + sum(after.values())
    if today.outcome.score != total:
        low, high = scheme.score.floor, scheme.score.ceiling
        found.append((f"Held between {low} and {high}", today.outcome.score - total))
    return tuple(found)


def _kinds(scheme: Scheme, today: Working) -> tuple[ToldKind, ...]:
    found = []
    for data_set in scheme.data_sets.values():
        for kind, spec in data_set.events.items():
            days = [one.day for one in today.history.of(kind)]
            if days:
                title = spec.title or kind.replace("_", " ")
                found.append(ToldKind(title, len(days), min(days), max(days)))
    return tuple(found)


def _moved(today: Working, later: Working) -> tuple[tuple[str, int, int], ...]:
    def changed(name: str) -> LineWork | None:
        work = later.lines[name]
        return work if work.points != today.lines[name].points else None

    return tuple(
        (work.says, today.lines[name].points, work.points)
        for name in today.lines
        if (work := changed(name)) is not None
    )


def steps(told: Told) -> list[Step]:
    """The waterfall: known lines one by one, unknown ones of a heading together, then limits.

    The steps add up to the score: each begins where the one before it ended.
    """
    found = [Step("Start", 0, told.start, f"{told.start}", total=True)]
    here = told.start

    def step(label: str, points: int) -> None:
        nonlocal here
        found.append(Step(label, here, here + points, f"{points:+d}".replace("-", "−")))
        here += points

    for heading in dict.fromkeys(line.heading for line in told.lines):
        inside = [line for line in told.lines if line.heading == heading]
        for line in inside:
            if line.known and line.points:
                step(line.says, line.points)
        unknown = [line for line in inside if not line.known and line.points]
        if unknown:
            count = f"{len(unknown)} line{'' if len(unknown) == 1 else 's'}"
            step(f"{heading or 'Other'}: {count} without data", sum(n.points for n in unknown))
    for label, points in told.limits:
        step(label, points)
    found.append(Step(f"Score: {told.band}", 0, told.score, f"{told.score}", total=True))
    return found
