"""The page about a search: goal against price for the scheme as written and for what was found."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from markupsafe import Markup

from xinyong.drawing import Drawn, pages, style
from xinyong.drawing.charts import both
from xinyong.drawing.crosses import Axis, Cross, crosses
from xinyong.lab import report_words as words
from xinyong.lab.catalogue import Measure
from xinyong.lab.frontier import Frontier, Point
from xinyong.lab.intervals import Estimate
from xinyong.lab.report import TEMPLATES, fitting, put, write_table
from xinyong.lab.scenario import Scenario

WRITTEN, BEST, OTHER = 5, 2, 0
"""Colours of the scheme as written, of the one that would be picked, of the others."""


@dataclass(frozen=True, slots=True)
class Row:
    """A scheme as the table of the page shows it; ``sign`` is its letter in the picture."""

    sign: str
    what: str
    values: tuple[str, ...]
    goal: str
    gain: str
    price: str
    change: str
    keeps: bool


def signs(found: Frontier) -> Iterator[tuple[str, str, Point]]:
    """Each point with its letter and what it is: W as written, B would be picked, 1, 2, ..."""
    yield "W", "as written", found.written
    number = 0
    for one in found.points:
        if one is found.best:
            yield "B", "would be picked", one
            continue
        number += 1
        yield str(number), "on the frontier", one


def _measures(found: Frontier) -> tuple[tuple[Measure, str], tuple[Measure, str]]:
    """Goal and price, each with its group."""
    (goal, goal_group), (price, price_group), *_ = found.wanted.columns
    return (words.about(goal), goal_group), (words.about(price), price_group)


def _name(measure: Measure, group: str) -> str:
    return words.axis(measure) + ("" if group == "all" else f": {words.group(group)}")


def _said(value: Estimate, measure: Measure) -> str:
    text = words.level(value.mean, measure)
    if not (isfinite(value.low) and isfinite(value.high)):
        return text
    low, high = (words.level(end, measure) for end in (value.low, value.high))
    return f"{text} ({low} to {high})"


def rows(found: Frontier) -> list[Row]:
    """The scheme as written and the frontier, in order of their price."""
    (goal, _), (price, _) = _measures(found)
    return [
        Row(
            sign,
            what,
            tuple(f"{value.normalize():f}" for value in one.values.values()),
            _said(one.goal, goal),
            "" if one is found.written else words.difference(one.gain, goal),
            _said(one.price, price),
            "" if one is found.written else words.difference(one.change, price),
            one.keeps,
        )
        for sign, what, one in signs(found)
    ]


def figure(found: Frontier) -> Drawn:
    """Goal against price; a scheme that cannot be told from the one as written is pale."""
    (goal, goal_group), (price, price_group) = _measures(found)
    shown = []
    for sign, _, one in signs(found):
        colour = WRITTEN if one is found.written else BEST if one is found.best else OTHER
        told = one is found.written or one.gain.ranked
        across = (one.price.low, one.price.mean, one.price.high)
        up = (one.goal.low, one.goal.mean, one.goal.high)
        shown.append(Cross(sign, across, up, told, colour))
    bars = found.wanted.bars[:1]
    edges = [end for bar in bars for end in (bar.low, bar.high) if isfinite(end)]
    says = (
        "W is the scheme as written, B the one that the search would pick; arms are 95 %"
        f" intervals over {len(found.fresh)} fresh seeds. Pale: no difference in the goal to the"
        " scheme as written that can be told from chance."
    )
    if edges:
        says += " The dashed line is the limit."
    draw = crosses(
        shown,
        across=Axis(_name(price, price_group), lambda v: words.short(v, price), edges),
        up=Axis(_name(goal, goal_group), lambda v: words.short(v, goal)),
    )
    table = tuple((row.sign, row.goal, row.gain, row.price) for row in rows(found))
    desc = says + " " + " ".join(f"{row[0]}: goal {row[1]}, price {row[3]}." for row in table)
    title = f"{goal.title} against {price.title[:1].lower()}{price.title[1:]}"
    svg: Markup = both("frontier", title, desc, draw)
    return Drawn(title, says, svg, ("Scheme", "Goal", "Against W", "Price"), table)


def limits(found: Frontier) -> list[str]:
    """Each limit in words."""
    told = []
    for bar in found.wanted.bars:
        measure = words.about(bar.measure)
        who = "" if bar.group == "all" else f", {words.group(bar.group)}"
        if isfinite(bar.low):
            told.append(f"{measure.title}{who}: at least {words.level(bar.low, measure)}")
        if isfinite(bar.high):
            told.append(f"{measure.title}{who}: at most {words.level(bar.high, measure)}")
    return told


def render(found: Frontier, scenario: Scenario, files: tuple[str, ...] = ()) -> str:
    """The page as text."""
    (goal, group), (price, _) = _measures(found)
    refused = Counter((one.by, one.why) for one in found.refused).most_common(5)
    return (
        pages(TEMPLATES)
        .get_template("search.html")
        .render(
            scenario=scenario,
            css=Markup(style()),
            scheme=found.written.scheme,
            said=found.said(),
            goal=_name(goal, group),
            want="as much as can be" if found.wanted.goal.want == "most" else "as little as can be",
            price=price.title,
            limits=limits(found),
            places=list(found.written.values),
            drawn=figure(found),
            rows=rows(found),
            refused=[(by, why, count) for (by, why), count in refused],
            dropped=len(found.refused),
            runs=found.runs,
            seeds=len(found.seeds),
            fresh=len(found.fresh),
            law=(", ".join(found.law[0]), found.law[1].isoformat()),
            files=files,
        )
    )


def write(found: Frontier, scenario: Scenario, folder: str | os.PathLike[str]) -> list[Path]:
    """Write ``search.html`` and the frontier as Parquet and CSV beside it; gives the files."""
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    write_table(home, "frontier", found.table())
    files = ("frontier.parquet", "frontier.csv")
    page = render(found, scenario, files)
    put(home / "search.html", fitting(page, f"{len(found.points)} schemes", "show fewer places"))
    return [home / "search.html", *(home / name for name in files)]
