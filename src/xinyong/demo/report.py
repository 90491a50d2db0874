"""The page about the town: one HTML file that needs no network, no script and no other file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markupsafe import Markup

from xinyong.demo.facts import Facts, Spread
from xinyong.demo.told import Told, steps
from xinyong.demo.town import Town
from xinyong.drawing import Drawn, pages, style
from xinyong.drawing.charts import Bar, Span, bars, both, histogram, spans, waterfall

_TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Change:
    """One fact altered, the score and band that would follow, and what would be gained by it."""

    says: str
    score: int
    band: str
    gained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page is made from. ``nothing`` is the score of who has no event at all."""

    town: Town
    people: Facts
    firms: Facts
    told: Told
    rule: str
    changes: tuple[Change, ...]
    nothing: int | None
    files: tuple[tuple[str, str], ...]
    versions: str


def render(page: Page) -> str:
    """The page as text."""
    env = pages(_TEMPLATES)
    env.filters["thousands"] = thousands
    return env.get_template("page.html").render(
        town=page.town,
        people=page.people,
        firms=page.firms,
        told=page.told,
        rule=page.rule,
        changes=page.changes,
        gained=tuple({c.band: c.gained for c in page.changes if c.gained}.items()),
        nothing=page.nothing,
        files=page.files,
        versions=page.versions,
        css=Markup(style()),
        people_charts=(
            _scores("people-scores", "Scores of people", page.people, "people"),
            _bands("people-bands", "People in each band", page.people, "people"),
            _dimensions("people-points", page.people),
            _lengths("people-files", page.people),
            _benefits("people-perks", page.people),
        ),
        told_charts=(_waterfall("one-person", page.told), _held("one-file", page.told)),
        firm_charts=(
            _bands("firm-grades", "Firms in each grade", page.firms, "firms"),
            _scores("firm-scores", "Points of firms", page.firms, "firms"),
        ),
    )


def thousands(number: int) -> str:
    """A whole number with commas."""
    return f"{number:,d}"


# ------------------------------------------------------------------ the charts of the page


def _scores(name: str, title: str, facts: Facts, noun: str) -> Drawn:
    edges = [(b.title, b.since) for b in facts.bands if b.since is not None]
    says = (
        f"How many {noun} have how many points, in steps of {facts.step}."
        f" Half of them have {facts.median} or fewer. The lowest has {facts.lowest},"
        f" the highest {facts.highest}. Dashed lines: where a band begins."
    )
    draw = histogram(
        facts.histogram, facts.step, edges, across="Score (points)", up=f"Number of {noun}"
    )
    used = [(low, count) for low, count in facts.histogram if count]
    rows = tuple((f"{low} to {low + facts.step - 1}", thousands(n)) for low, n in used)
    return Drawn(title, says, both(name, title, says, draw), ("Points", noun.capitalize()), rows)


def _bands(name: str, title: str, facts: Facts, noun: str) -> Drawn:
    best_first = tuple(reversed(facts.bands))
    says = "Shares add up to 100 %. " + "; ".join(f"{b.title}: {b.share}" for b in best_first) + "."
    rows = [
        Bar(_band_label(b.title, b.since), b.tenths / 10, f"{b.share} ({thousands(b.count)})")
        for b in best_first
    ]
    draw = bars(rows, across=f"Share of {noun} (%)")
    return Drawn(
        title,
        "From the highest to the lowest. Shares add up to 100 %.",
        both(name, title, says, draw),
        ("Band", noun.capitalize(), "Share"),
        tuple((b.title, thousands(b.count), b.share) for b in best_first),
    )


def _band_label(title: str, since: int | None) -> str:
    return title if since is None else f"{title} (from {since})"


def _dimensions(name: str, facts: Facts) -> Drawn:
    says = (
        "Points under each heading. Dark mark: half of the people have less, half have more."
        " Bar: the middle four fifths of the people."
    )
    specs = facts.scheme.score.dimensions.values()
    limits = {spec.title: spec.at_most for spec in specs}
    rows = []
    for spread in facts.dimensions:
        most = limits.get(spread.label)
        note = f"{spread.middle:.0f}" + (f" of at most {most}" if most is not None else "")
        rows.append(Span(spread.label, spread.low, spread.middle, spread.high, note))
    draw = spans(rows, across="Points")
    return _spread_figure(
        name, "Where the points come from", says, rows, facts.dimensions, draw, ("10 %", "90 %")
    )


def _lengths(name: str, facts: Facts) -> Drawn:
    says = (
        "Score by the number of events known of a person. Dark mark: the middle score."
        " Bar: the middle half. With few events most lines know nothing, so scores lie close."
    )
    rows = [
        Span(s.label, s.low, s.middle, s.high, f"{s.middle:.0f} ({thousands(s.count)} people)")
        for s in facts.lengths
    ]
    draw = spans(rows, across="Score (points)", zero=False)
    return _spread_figure(
        name, "Score by length of file", says, rows, facts.lengths, draw, ("25 %", "75 %")
    )


def _spread_figure(
    name: str,
    title: str,
    says: str,
    rows: Sequence[Span],
    spreads: Sequence[Spread],
    draw: object,
    ends: tuple[str, str],
) -> Drawn:
    desc = says + " " + "; ".join(f"{row.label}: {row.note}" for row in rows) + "."
    return Drawn(
        title,
        says,
        both(name, title, desc, draw),  # type: ignore[arg-type]
        ("", ends[0], "Middle", ends[1], "People"),
        tuple(
            (s.label, f"{s.low:.0f}", f"{s.middle:.0f}", f"{s.high:.0f}", thousands(s.count))
            for s in spreads
        ),
    )


def _benefits(name: str, facts: Facts) -> Drawn:
    title = "Who would get which convenience"
    total = facts.subjects or 1
    says = "Share of people above the threshold of each convenience the scheme names."
    rows = [
        Bar(what[:1].upper() + what[1:], n * 100 / total, f"{n * 100 / total:.1f} %")
        for what, n in facts.benefits
    ]
    desc = says + " " + "; ".join(f"{row.label}: {row.note}" for row in rows) + "."
    return Drawn(
        title,
        says,
        both(name, title, desc, bars(rows, across="Share of people (%)")),
        ("Convenience", "People"),
        tuple((what, thousands(n)) for what, n in facts.benefits),
    )


def _waterfall(name: str, told: Told) -> Drawn:
    title = "From the start to the score"
    rows = steps(told)
    says = (
        "Each bar begins where the one above it ends. Lines about which something is known stand"
        " one by one; lines without data stand together under their heading."
    )
    desc = says + " " + "; ".join(f"{row.label}: {row.note}" for row in rows) + "."
    table = tuple((row.label, row.note, str(row.after)) for row in rows)
    draw = waterfall(rows, across="Points")
    return Drawn(title, says, both(name, title, desc, draw), ("Line", "Points", "Sum"), table)


def _held(name: str, told: Told) -> Drawn:
    title = "What is known of this person"
    says = "Number of events of each kind."
    rows = [Bar(k.title, float(k.count), str(k.count)) for k in told.kinds]
    desc = says + " " + "; ".join(f"{row.label}: {row.note}" for row in rows) + "."
    return Drawn(
        title,
        says,
        both(name, title, desc, bars(rows, across="Number of events")),
        ("Kind", "Events", "First", "Last"),
        tuple((k.title, str(k.count), str(k.first), str(k.last)) for k in told.kinds),
    )
