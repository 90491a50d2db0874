"""The page about a sweep: one measure against the values of one or two settings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from xinyong.drawing import Drawn, pages, style
from xinyong.drawing.charts import both
from xinyong.drawing.panels import Line, panels
from xinyong.lab import report_words as words
from xinyong.lab.catalogue import Measure
from xinyong.lab.experiment import Swept
from xinyong.lab.intervals import Difference
from xinyong.lab.mechanisms import places
from xinyong.lab.report import TEMPLATES, fitting, labels, put, write_table
from xinyong.lab.report_figures import Findings


def _title(path: str) -> str:
    known = places().get(path)
    return path if known is None else f"{known.setting.title} ({known.setting.unit})"


def figures(found: Swept, measure: str) -> list[Drawn]:
    """One figure for each scheme but the baseline, or each measure in one where nothing is left.

    The first setting runs from left to right; a second one has a panel for each of its values.
    """
    known = words.about(measure)
    first = found.points[0][1]
    names = labels(first.scenario)
    base = names[first.scenario.baseline]
    told = [(point, Findings(each, names)) for point, each in found.points]
    drawn = []
    for scheme in told[0][1].others:
        rows = [(point, it.difference(scheme, measure)) for point, it in told]
        lines = _lines(found.settings, rows, names[scheme])
        says = (
            f"Difference to “{base}” in the last year, with its 95 % interval. From left to right:"
            f" {_title(found.settings[0])}."
        )
        draw = panels(lines, say=lambda v: words.short(v, known), across=found.settings[0])
        drawn.append(_drawn(scheme, f"{known.title}: {names[scheme]}", says, draw, rows, known))
    return drawn


def _lines(
    settings: Sequence[str], rows: Sequence[tuple[tuple[float, ...], Difference]], name: str
) -> list[Line]:
    seconds = sorted({point[1] for point, _ in rows}) if len(settings) > 1 else [None]
    lines = []
    for colour, second in enumerate(seconds):
        mine = [(p[0], d) for p, d in rows if second is None or p[1] == second]
        mine.sort(key=lambda pair: pair[0])
        label = name if second is None else f"{settings[1]} = {second:g}"
        lines.append(
            Line(
                label,
                [at for at, _ in mine],
                [d.mean for _, d in mine],
                [d.low for _, d in mine],
                [d.high for _, d in mine],
                colour % 8,
            )
        )
    return lines


def _drawn(
    name: str,
    title: str,
    says: str,
    draw: object,
    rows: Sequence[tuple[tuple[float, ...], Difference]],
    measure: Measure,
) -> Drawn:
    table = tuple(
        (", ".join(f"{value:g}" for value in point), words.difference(told, measure))
        for point, told in rows
    )
    desc = says + " " + " ".join(f"{at}: {said}." for at, said in table[:40])
    key = "".join(c if c.isalnum() else "-" for c in name)
    svg: Markup = both(f"sweep-{key}", title, desc, draw)  # type: ignore[arg-type]
    return Drawn(title, says, svg, ("At", "Difference"), table)


def write(found: Swept, measure: str, folder: str | os.PathLike[str]) -> list[Path]:
    """Write ``sweep.html`` and the differences beside it; gives the files."""
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    scenario = found.points[0][1].scenario
    files = []
    if len(scenario.schemes) > 1:
        write_table(home, "sweep", found.differences())
        files = [home / "sweep.parquet", home / "sweep.csv"]
    page = (
        pages(TEMPLATES)
        .get_template("sweep.html")
        .render(
            scenario=scenario,
            css=Markup(style()),
            settings=[(path, _title(path)) for path in found.settings],
            drawn=figures(found, measure),
            seeds=len(scenario.seed_list),
            measure=words.about(measure),
            files=[path.name for path in files],
        )
    )
    mend = "sweep fewer values, or compare fewer schemes, at a time"
    put(home / "sweep.html", fitting(page, f"{len(found.points)} points", mend))
    return [home / "sweep.html", *files]
