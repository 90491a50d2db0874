"""The page about a comparison: one HTML file that needs no network, and its data beside it.

:func:`write` leaves in a folder: ``report.html``, ``measures.parquet`` and ``.csv``,
``differences.parquet`` and ``.csv``, ``scenario.yaml`` and ``odd.md``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import Markup

from xinyong.drawing import Drawn, pages, style
from xinyong.errors import QuestionRefused
from xinyong.lab import odd, report_cities
from xinyong.lab import report_figures as figures
from xinyong.lab import report_words as words
from xinyong.lab.experiment import Comparison
from xinyong.lab.mechanisms import ARTICLES, MECHANISMS
from xinyong.lab.mechanisms_parts import Mechanism
from xinyong.lab.report_figures import Findings
from xinyong.lab.runs import code_digest
from xinyong.lab.scenario import CITY_SCHEMES, NO_SCHEME, Scenario
from xinyong.records.writing_csv import write_csv
from xinyong.scheme import library

LARGEST: Final = 2_000_000
"""Bytes of a page, at most."""

TEMPLATES: Final = Path(__file__).parent / "report_page"
"""Templates of the pages."""

CARDS: Final = (
    "welfare", "gini", "bottom_up", "approval", "default_rate", "false_listing", "chilling",
)  # fmt: skip
"""Measures of the big numbers, for every scheme the same."""

SECTIONS: Final = (
    ("years", "How the town changes, year by year",
     ("welfare", "income", "gini", "gini_wealth", "compliance", "score")),
    ("mobility", "Who can rise", ("rank_slope", "bottom_to_top", "bottom_up")),
    ("lists", "Listed, wrongly listed, and how long it lasts",
     ("listed", "false_listing", "wrongly_listed", "spell", "time_to_correct")),
    ("gaming", "Gaming the score", ("score_compliance", "goodhart", "gamed_share")),
    ("cut-off", "Who is cut off",
     ("approval", "thin_approval", "listed_approval", "credit_refused", "payday", "default_rate",
      "profit", "true_positive_gap", "calibration_gap")),
    ("people", "What people do and keep from doing",
     ("good_deeds", "speech", "unaware", "good_standing", "helped")),
    ("cities", "Cities and who moves between them", ("moved", "movers_gap", "moving_credit")),
    ("firms", "Firms", ("fabricated", "emissions", "compliance_cost", "small_firm_approval")),
)  # fmt: skip
"""Parts of the report, their titles, and measures they show besides those of mechanisms."""


GROUPED: Final = (
    ("welfare", "Well-being"),
    ("approval", "Whose loans are granted"),
    ("listed", "Who is listed"),
)
"""Measures told for each tenth and group."""

ALL, NO_PALE_LINES, NO_MECHANISMS, FEWEST = 3, 2, 1, 0
"""How much a page holds."""


@dataclass(frozen=True, slots=True)
class Card:
    """One big number: what it is about, the difference, its span, what that means."""

    title: str
    number: str
    span: str
    more: str
    ranked: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """A mechanism as the table of the report shows it."""

    name: str
    title: str
    state: str
    cited: str
    shown: tuple[tuple[str, str], ...]


def titles(scenario: Scenario) -> dict[str, str]:
    """Schemes in full."""
    found = {}
    for name in scenario.schemes:
        if name == NO_SCHEME:
            found[name] = "No scores, no lists, no consequences"
        elif name == CITY_SCHEMES:
            each = ", ".join(f"{city.name}: {Path(city.scheme).stem}" for city in scenario.cities)
            found[name] = f"Each city its own scheme ({each})"
        else:
            found[name] = library.load(name).title
    return found


def labels(scenario: Scenario) -> dict[str, str]:
    """Schemes in a word or two, as figures name them; the file's own name for a path."""
    return {name: Path(name).stem.replace("-", " ") for name in scenario.schemes}


def render(comparison: Comparison, files: Sequence[tuple[str, str]] = ()) -> str:
    """The page as text, at most :data:`LARGEST` bytes: what weighs least to a reader goes first.

    Raises QuestionRefused where even the fewest figures are too many.
    """
    found = Findings(comparison, labels(comparison.scenario))
    page = ""
    for detail in (ALL, NO_PALE_LINES, NO_MECHANISMS, FEWEST):
        page = _page(found, files, detail)
        if len(page.encode()) <= LARGEST:
            break
    return fitting(page, f"{len(found.grid.schemes)} schemes over {len(found.years)} years")


def fitting(page: str, what: str, mend: str = "compare fewer schemes at a time") -> str:
    """The page itself. Raises QuestionRefused for one of more than :data:`LARGEST` bytes."""
    if len(page.encode()) <= LARGEST:
        return page
    raise QuestionRefused(
        f"{what} do not fit on a page",
        where="report",
        why=f"a page has at most {LARGEST:,} bytes; the results are kept all the same",
        mend=mend,
    )


def _page(found: Findings, files: Sequence[tuple[str, str]], detail: int) -> str:
    scenario = found.comparison.scenario
    env = pages(TEMPLATES)
    return env.get_template("page.html").render(
        scenario=scenario,
        css=Markup(style()),
        baseline=found.title(found.baseline),
        schemes=[(found.title(name), full) for name, full in titles(scenario).items()],
        cards=[(found.title(name), _cards(found, name)) for name in found.others],
        differences=[figures.against(found, name) for name in CARDS if name in found.measures],
        sections=[s for s in _sections(found, detail) if s[2]],
        groups=_groups(found, detail),
        switches=_switches(found),
        odd=odd.chapters(scenario),
        files=files,
        code=code_digest(),
        last=found.last,
        seeds=len(found.grid.seeds),
        snippet=snippet(scenario),
        whole=detail >= NO_PALE_LINES,
    )


def _cards(found: Findings, scheme: str) -> list[Card]:
    cards = []
    for name in CARDS:
        if name not in found.measures:
            continue
        measure = words.about(name)
        told = found.difference(scheme, name)
        value, base = (
            words.level(figures.mean_of(found.values(each, name)), measure)
            for each in (scheme, found.baseline)
        )
        better = words.verdict(told, measure)
        more = f"{value.removesuffix(' median incomes')} against {base}"
        more += f": {better}" if better else ""
        number, span = words.parts(told, measure)
        cards.append(Card(measure.title, number, span, more, told.ranked))
    return cards


def _sections(found: Findings, detail: int) -> Iterable[tuple[str, str, list[Drawn]]]:
    """The parts of the page; a measure stands in the first part that asks for it."""
    seen: set[str] = set()
    wanted = {name: list(measures) for name, _, measures in SECTIONS}
    if detail >= NO_PALE_LINES:
        for mechanism in MECHANISMS.values():
            wanted[mechanism.figure] += mechanism.measures
    for name, title, own in SECTIONS:
        asked = own[:2] if detail == FEWEST else wanted[name]
        fresh = [m for m in dict.fromkeys(asked) if m in found.measures and m not in seen]
        seen.update(fresh)
        drawn = [figures.by_year(found, m, pale=detail == ALL) for m in fresh]
        if name == "mobility":
            matrix = figures.mobility(found)
            drawn = [matrix, *drawn] if matrix is not None else drawn
        if name == "cities":
            drawn = [*report_cities.figures(found), *drawn]
        yield name, title, drawn


def _groups(found: Findings, detail: int) -> list[tuple[str, list[Drawn]]]:
    shown = []
    for name, title in GROUPED[:1] if detail == FEWEST else GROUPED:
        drawn = [figures.by_group(found, name, scheme) for scheme in found.others]
        kept = [each for each in drawn if each is not None]
        if kept:
            shown.append((title, kept))
    return shown


def _switches(found: Findings) -> list[Switch]:
    scenario = found.comparison.scenario
    return [_switch(found, scenario, mechanism) for mechanism in MECHANISMS.values()]


def _switch(found: Findings, scenario: Scenario, mechanism: Mechanism) -> Switch:
    on = scenario.on(mechanism.name)
    settings = "; ".join(
        f"{s.title}: {scenario.value(mechanism.name, s.name):g} ({s.whence})"
        for s in mechanism.settings
    )
    shown = [name for name in mechanism.measures if name in found.measures]
    return Switch(
        mechanism.name,
        mechanism.title,
        settings if on else "off",
        "; ".join(ARTICLES[name] for name in mechanism.articles) or mechanism.described,
        tuple((name, words.about(name).title) for name in shown),
    )


def snippet(scenario: Scenario) -> str:
    """What gives the same results in Python, byte for byte."""
    return (
        "from xinyong import lab\n\n"
        f'found = lab.compare("scenario.yaml", out="{scenario.scenario}")\n'
        "table = found.differences()          # an Arrow table\n"
        "print(table.to_pandas())             # if pandas is there"
    )


def write(comparison: Comparison, folder: str | os.PathLike[str]) -> list[Path]:
    """Write the page and its data; gives the files. Those of that name are replaced."""
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    scenario = comparison.scenario
    data = [("measures", comparison.table, "every value of every run")]
    if len(scenario.schemes) > 1:
        data.append(
            ("differences", comparison.differences(), "paired differences with their intervals")
        )
    files: list[tuple[str, str]] = []
    for name, table, what in data:
        write_table(home, name, table)
        files += [(f"{name}.parquet", what), (f"{name}.csv", "the same as text")]
    text = json.dumps(json.loads(scenario.canonical), indent=2, ensure_ascii=False)
    put(home / "scenario.yaml", text + "\n")
    put(home / "odd.md", odd.markdown(scenario))
    files += [("scenario.yaml", "what was run"), ("odd.md", "the model described in full")]
    put(home / "report.html", render(comparison, files))
    return [home / "report.html", *(home / name for name, _ in files)]


def write_table(home: Path, name: str, table: pa.Table) -> None:
    """Write a table as Parquet and as CSV, each whole or not at all."""
    for ending in ("parquet", "csv"):
        half = home / f".{name}.{ending}.part"
        if ending == "parquet":
            pq.write_table(table, half, compression="zstd")
        else:
            write_csv(table, half)
        half.replace(home / f"{name}.{ending}")


def put(path: Path, text: str) -> None:
    """Write a text, whole or not at all."""
    half = path.with_name(f".{path.name}.part")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


__all__ = ["LARGEST", "render", "snippet", "titles", "write"]
