"""Draw the town, score it, explain one person, and write the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from platform import python_version
from time import perf_counter
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.table import Table

from xinyong import __version__
from xinyong.days import end_of_day
from xinyong.demo.compared import compared
from xinyong.demo.facts import THIN, Facts, events_known, facts_of
from xinyong.demo.printing import printed
from xinyong.demo.report import Change, Page, render, thousands
from xinyong.demo.told import Told, band_title, lines_known, steps, tell
from xinyong.demo.town import LAST, SCHEMES, Part, Town, draw_town, subject_name
from xinyong.engine.batch import chosen_engine, score_file
from xinyong.engine.shape import shape_of
from xinyong.engine.what_if import what_would_change
from xinyong.errors import QuestionRefused
from xinyong.face.gate import admit
from xinyong.records.event import Event
from xinyong.records.table import to_events
from xinyong.scheme.library import load
from xinyong.scheme.model import Scheme

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is."""
_FEWEST, _NEAREST, _MOST_CHANGES = 5, 40, 6
RULE: Final = (
    f"Chosen by rule, not by hand: of the {_NEAREST} people with {_FEWEST} to {THIN} known events"
    " whose score lies the fewest points below the edge of a band, the one about whom the most"
    " lines know something."
)


@dataclass(slots=True)
class DemoResult:
    """What a run made: facts, one person told, files, and the seconds each step took.

    ``events`` are those of the person told, ``rule`` says how that person was chosen.
    """

    town: Town
    facts: dict[Part, Facts] = field(default_factory=dict)
    told: Told | None = None
    rule: str = ""
    events: list[Event] = field(default_factory=list)
    changes: tuple[Change, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def page(self) -> Path:
        """The HTML page."""
        return self.files["page"]


def run(
    out: Path,
    *,
    people: int,
    firms: int,
    seed: int,
    say: Callable[[str], None],
    threads: int = 2,
    progress: Progress | None = None,
) -> DemoResult:
    """Draw, score, explain, write: everything ends up in the folder ``out``.

    ``say`` is given the lines to print; ``progress`` the step, done and in all. Raises
    :class:`~xinyong.errors.QuestionRefused` for a size or seed that cannot be drawn.
    """
    if people < 1 or firms < 1:
        raise QuestionRefused(
            f"a town of {people} people and {firms} firms has nobody to explain",
            mend="ask for at least one of each",
        )
    schemes = {part: load(name) for part, name in SCHEMES.items()}
    town = draw_town(
        people,
        firms,
        seed=seed,
    )
    out.mkdir(parents=True, exist_ok=True)
    done = DemoResult(town)
    told = progress or (lambda step, here, all_: None)
    say(f"Drawing a town of {people:,} people and {firms:,} firms, seed {seed}.")
    events = _draw(done, out, threads, told)
    say(f"{sum(events.values()):,} records drawn. Nobody in this town exists.")
    for part, scheme in schemes.items():
        leave = admit(scheme, done.files[f"{part} events"], day=LAST)
        if leave.lab:
            say(f"The charter on {leave.said}.")
        _score(done, part, scheme, threads, told)
    with _timed(done, "counting and choosing"):
        _count(done, schemes, events)
    for part, facts in done.facts.items():
        say(_distribution(f"{thousands(facts.subjects)} {part} under {facts.scheme.scheme}", facts))
    with _timed(done, "one person explained"):
        done.changes = _changes(done, schemes["people"])
    say(_story(done))
    with _timed(done, "writing the page"):
        done.files["page"] = _write_page(done, schemes["people"], out / "town.html")
    with _timed(done, "a small comparison of schemes"):
        done.files["comparison"], said = compared(out / "comparison", told)
    say(said)
    say(_seconds(done))
    say("Files:\n" + "\n".join(f"  {what:<14} {path}" for what, path in done.files.items()))
    return done


@contextmanager
def _timed(done: DemoResult, step: str) -> Iterator[None]:
    begin = perf_counter()
    yield
    done.seconds[step] = perf_counter() - begin


def _draw(done: DemoResult, out: Path, threads: int, told: Progress) -> dict[Part, int]:
    """Write the events of both parts; gives how many records each has."""
    events: dict[Part, int] = {}
    with _timed(done, "drawing and writing events"):
        for part in SCHEMES:
            path = done.files[f"{part} events"] = out / f"{part}.parquet"
            events[part] = done.town.write(
                part,
                path,
                threads=threads,
                progress=lambda here, all_: told("drawing", here, all_),
            )
    return events


def _score(done: DemoResult, part: Part, scheme: Scheme, threads: int, told: Progress) -> None:
    """Score everybody of one part, those without any record included."""
    events = done.files[f"{part} events"]
    path = done.files[f"{part} scores"] = events.with_name(f"{part}-scores.parquet")
    with _timed(done, f"scoring {part} ({chosen_engine()})"):
        score_file(
            scheme,
            events,
            path,
            day=LAST,
            questions=_everybody(done.town, part),
            threads=threads,
            progress=lambda here, all_: told("scoring", here, all_),
        )


def _everybody(town: Town, part: Part) -> pa.Table:
    """A question about each subject of the town, those without any record included."""
    size = town.people if part == "people" else town.firms
    names = [subject_name(part, number + 1) for number in range(size)]
    days = pa.array(np.full(size, np.datetime64(town.last, "D")), pa.date32())
    return pa.table({"subject": pa.array(names, pa.string()), "day": days})


def _count(done: DemoResult, schemes: Mapping[Part, Scheme], events: Mapping[Part, int]) -> None:
    """Counts and spreads of both parts, and the person that the rule chooses."""
    for part, scheme in schemes.items():
        known = events_known(done.files[f"{part} events"], end_of_day(LAST, scheme.zone))
        scores = pq.read_table(done.files[f"{part} scores"])
        done.facts[part] = facts_of(scheme, scores, known, day=LAST, events=events[part])
        if part == "people":
            _choose(done, scheme, scores, known)


def _choose(done: DemoResult, scheme: Scheme, scores: pa.Table, known: Mapping[str, int]) -> None:
    """Tell the person of :data:`RULE`; in a town too small for it, the first person."""
    near = _candidates(scheme, scores, known)[:_NEAREST]
    names, done.rule = near, RULE
    if not near:
        names = [subject_name("people", 1)]
        done.rule = "The first person of the town: nobody fits the usual rule."
    table = pq.read_table(done.files["people events"], filters=[("subject", "in", names)])
    events = to_events(table, shape_of(scheme))
    best = max(names, key=lambda n: (lines_known(scheme, events, subject=n, day=LAST), n))
    done.told = tell(scheme, events, subject=best, day=LAST)
    done.events = [event for event in events if event.subject == best]


def _candidates(scheme: Scheme, scores: pa.Table, known: Mapping[str, int]) -> list[str]:
    """People with thin files just below an edge, the nearest first, then by name."""
    edges = sorted(band.since for band in scheme.bands if band.since is not None)
    found = []
    for name, score in zip(scores["subject"].to_pylist(), scores["score"].to_pylist(), strict=True):
        gap = min((edge - score for edge in edges if edge > score), default=None)
        if gap is not None and _FEWEST <= known.get(name, 0) <= THIN:
            found.append((gap, name))
    return [name for _, name in sorted(found)]


def _changes(done: DemoResult, scheme: Scheme) -> tuple[Change, ...]:
    """The first few things that would better the score of the person told, each alone."""
    assert done.told is not None
    effects = {each.id: each.effect for each in scheme.consequences}
    found = what_would_change(scheme, done.events, subject=done.told.subject, day=LAST)
    return tuple(
        Change(
            says=change.says[:1].upper() + change.says[1:],
            score=change.score,
            band=band_title(scheme, change.band),
            gained=tuple(effects[each] for each in change.gained),
        )
        for change in found
        if change.form not in ("edge", "time")
    )[:_MOST_CHANGES]


# ------------------------------------------------------------------ what is printed


def _distribution(title: str, facts: Facts) -> str:
    table = Table(title=title, title_justify="left")
    for head, side in (("band", "left"), ("from", "right"), ("subjects", "right")):
        table.add_column(head, justify="right" if side == "right" else "left")
    table.add_column("share", justify="right")
    table.add_column("", justify="left", min_width=25)
    for band in reversed(facts.bands):
        since = "" if band.since is None else str(band.since)
        bar = "█" * round(band.tenths / 20)
        table.add_row(band.title, since, thousands(band.count), band.share, bar)
    said = f"Middle score {facts.median}, lowest {facts.lowest}, highest {facts.highest}."
    if facts.scheme.subjects == "person":
        said += (
            f" {thousands(facts.thin)} have {THIN} known events or fewer,"
            f" {thousands(facts.blank)} of them none."
        )
    return f"{printed(table)}\n{said}"


def _story(done: DemoResult) -> str:
    told = done.told
    assert told is not None
    table = Table(title=f"One person: {told.subject} on {told.day}", title_justify="left")
    table.add_column("what is said")
    table.add_column("points", justify="right")
    table.add_column("sum", justify="right")
    for step in steps(told):
        table.add_row(step.label, "" if step.total else step.note, str(step.after))
    lines = [printed(table), done.rule]
    if done.changes:
        first = done.changes[0]
        lines.append(f"What would change it: {first.says}: {first.score} points, {first.band}.")
    if told.next_day is not None:
        lines.append(
            f"If nothing new happens, it next changes on {told.next_day}: {told.next_score} points,"
            f" {told.next_band}."
        )
    return "\n".join(lines)


def _seconds(done: DemoResult) -> str:
    table = Table(title="Time", title_justify="left")
    table.add_column("step")
    table.add_column("seconds", justify="right")
    for step, seconds in done.seconds.items():
        table.add_row(step, f"{seconds:.1f}")
    table.add_row("all", f"{sum(done.seconds.values()):.1f}")
    return printed(table)


def _write_page(done: DemoResult, scheme: Scheme, path: Path) -> Path:
    """The page; it holds no time of the run, so that the same seed gives the same page."""
    assert done.told is not None
    blank = tell(scheme, [], subject="nobody", day=LAST)
    text = render(
        Page(
            town=done.town,
            people=done.facts["people"],
            firms=done.facts["firms"],
            told=done.told,
            rule=done.rule,
            changes=done.changes,
            nothing=blank.score,
            files=tuple((file.name, what) for what, file in done.files.items()),
            versions=(
                f"xinyong {__version__}, Python {python_version()}, numpy {np.__version__},"
                f" pyarrow {pa.__version__}"
            ),
        )
    )
    half = path.with_name(path.name + ".part")
    try:
        half.write_text(text, "utf-8")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path
