"""How results of the lab are told on the command line: as plain tables, or as data for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinyong.cli.output import say, table

if TYPE_CHECKING:
    from xinyong.lab.experiment import Comparison, Swept
    from xinyong.lab.frontier import Frontier
    from xinyong.lab.scenario import Scenario


def memory(scenario: Scenario, workers: int) -> str:
    """What runs need at most, to be said before they begin."""
    from xinyong.lab.experiment import memory as needed

    return (
        f"memory: at most {needed(scenario, workers) / 1e9:.1f} GB with {workers}"
        f" {'worker' if workers == 1 else 'workers'}"
        " (the first run after installation compiles, and can take 1.4 GB)"
    )


def comparison(found: Comparison) -> None:
    """The big numbers of a comparison: each scheme against the baseline, in the last year."""
    from xinyong.lab import report_words as words
    from xinyong.lab.report import CARDS, labels
    from xinyong.lab.report_figures import Findings

    it = Findings(found, labels(found.scenario))
    say()
    if not it.others:
        say("One scheme alone has nothing to be compared with; the report shows its years.")
        return
    many = len(it.grid.seeds)
    seeds = "1 seed" if many == 1 else f"{many} seeds"
    say(f"Against {it.baseline}, in year {it.last}, {seeds}, 95 % intervals:")
    rows = []
    for name in CARDS:
        if name not in it.measures:
            continue
        measure = words.about(name)
        for at, scheme in enumerate(it.others):
            told = it.difference(scheme, name)
            better = words.verdict(told, measure)
            said = words.difference(told, measure) + (f", {better}" if better else "")
            rows.append(("" if at else measure.title, scheme, said))
    table(("Measure", "Scheme", "Difference"), rows)
    say()


def comparison_data(found: Comparison, files: Iterable[Path]) -> dict[str, Any]:
    """A comparison as JSON can hold it: differences of the last year, for everybody."""
    scenario = found.scenario
    rows = found.differences().to_pylist() if len(scenario.schemes) > 1 else []
    return {
        "scenario": scenario.scenario,
        "digest": scenario.digest,
        "schemes": scenario.schemes,
        "against": scenario.baseline,
        "people": scenario.people,
        "years": scenario.years,
        "seeds": scenario.seed_list,
        "differences": [
            {key: _finite(row[key]) for key in _KEPT}
            for row in rows
            if row["year"] == scenario.years and row["group"] == "all"
        ],
        "files": [str(path) for path in files],
    }


_KEPT = ("scheme", "measure", "mean", "low", "high", "ranked")


def _finite(value: Any) -> Any:
    """JSON knows no infinity and no missing number."""
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    return value


def sweep(found: Swept, measure: str) -> None:
    """A measure at each point of a sweep: each scheme against the baseline, in the last year."""
    from xinyong.lab import report_words as words

    known = words.about(measure)
    rows = []
    for point, scheme, told in _points(found, measure):
        rows.append((*(f"{value:g}" for value in point), scheme, words.difference(told, known)))
    say()
    say(f"{known.title}: difference to {found.points[0][1].scenario.baseline} in the last year")
    table((*found.settings, "Scheme", "Difference"), rows, right=found.settings)
    say()


def _points(found: Swept, measure: str) -> Iterable[tuple[tuple[float, ...], str, Any]]:
    from xinyong.lab.report_figures import Findings

    for point, each in found.points:
        it = Findings(each, {})
        for scheme in it.others:
            yield point, scheme, it.difference(scheme, measure)


def sweep_data(found: Swept, measure: str, files: Iterable[Path]) -> dict[str, Any]:
    """A sweep as JSON can hold it."""
    return {
        "settings": found.settings,
        "measure": measure,
        "points": [
            {
                "at": point,
                "scheme": scheme,
                **{
                    name: _finite(getattr(told, name)) for name in ("mean", "low", "high", "ranked")
                },
            }
            for point, scheme, told in _points(found, measure)
        ],
        "files": [str(path) for path in files],
    }


def search_data(found: Frontier, files: Iterable[Path]) -> dict[str, Any]:
    """A search as JSON can hold it."""
    return {
        "said": found.said(),
        "proved": found.proved,
        "runs": found.runs,
        "frontier": [
            {name: _finite(value) for name, value in row.items()}
            for row in found.table().to_pylist()
        ],
        "files": [str(path) for path in files],
    }
