"""The end of the demo: a small comparison of schemes in the lab, with its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.table import Table

from xinyong.demo.printing import printed
from xinyong.lab import report_words as words
from xinyong.lab.experiment import compare
from xinyong.lab.report import write
from xinyong.lab.report_figures import Findings
from xinyong.lab.scenario import NO_SCHEME, default
from xinyong.lab.scenario_reading import checked

SCHEMES: Final = ("suining-2010", "rongcheng", NO_SCHEME)
PEOPLE, YEARS, SEEDS = 1000, 3, 4
SHOWN: Final = ("welfare", "approval", "listed", "chilling")
"""Measures that are printed; the report has all."""

Progress = Callable[[str, int, int], None]


def compared(folder: Path, told: Progress) -> tuple[Path, str]:
    """Run the comparison into ``folder``; gives the report and what is printed of it.

    Runs that lie there finished are not run again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    asked = default(*SCHEMES, people=PEOPLE, years=YEARS, seeds=SEEDS)
    asked = checked(asked.model_copy(update={"title": ", ".join(SCHEMES)}))
    found = compare(asked, out=folder, progress=lambda here, all_: told("living", here, all_))
    report = next(path for path in write(found, folder) if path.suffix == ".html")
    it = Findings(found, {})
    title = f"What schemes would do to {PEOPLE:,} people in {YEARS} years, against no scheme"
    table = Table(title=title, title_justify="left")
    for head in ("measure", "scheme", "difference, 95 % interval"):
        table.add_column(head, overflow="fold")
    for name in SHOWN:
        measure = words.about(name)
        for place, scheme in enumerate(it.others):
            difference = it.difference(scheme, name)
            table.add_row(
                "" if place else measure.title, scheme, words.difference(difference, measure)
            )
    return report, printed(table)
