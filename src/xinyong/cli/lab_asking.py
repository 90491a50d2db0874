"""Verbs of the lab that ask: sensitivity, search, measures, mechanisms."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Annotated, Any

import typer

from xinyong.cli import lab_again, lab_told
from xinyong.cli.given import Address, ExecutorName, Json, Workers, examples
from xinyong.cli.output import as_json, console, note, progress, say, table
from xinyong.errors import QuestionRefused


def add_to(lab: typer.Typer) -> None:
    """Put the verbs of this module into the group of the lab."""
    lab.command(
        epilog=examples(
            "xinyong lab sensitivity one-town --scheme rongcheng --measure gini \\",
            "    --setting dating.weight --setting loan_gate.weight=0..0.5 --people 2000",
        )
    )(sensitivity)
    lab.command(epilog=examples("xinyong lab search lift --out out/lift"))(search)
    lab_again.add_to(lab)
    lab.command(epilog=examples("xinyong lab measures", "xinyong lab measures gini --json"))(
        measures
    )
    lab.command(epilog=examples("xinyong lab mechanisms", "xinyong lab mechanisms dating"))(
        mechanisms
    )


# ------------------------------------------------------------------ which setting matters


def sensitivity(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario of the house, or a YAML file.")
    ],
    setting: Annotated[
        list[str],
        typer.Option(
            "--setting",
            metavar="PATH[=LOW..HIGH]",
            help="A setting that may vary, such as dating.weight; give two or more.",
        ),
    ],
    scheme: Annotated[
        str | None,
        typer.Option("--scheme", metavar="SCHEME", help="By default the first of the scenario."),
    ] = None,
    measure: Annotated[str, typer.Option("--measure", metavar="NAME", help="What moves.")] = "gini",
    group: Annotated[
        str, typer.Option("--group", metavar="GROUP", help="For whom: all, tenth.1, group.0, ...")
    ] = "all",
    level: Annotated[
        bool, typer.Option("--level", help="The measure itself, not its difference.")
    ] = False,
    samples: Annotated[int, typer.Option("--samples", min=2, help="Draws, a power of two.")] = 16,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="Seeds over which each result is a mean.")
    ] = 2,
    people: Annotated[
        int | None, typer.Option("--people", min=100, help="Other than the scenario says.")
    ] = None,
    executor: ExecutorName = "processes",
    workers: Workers = None,
    address: Address = None,
    json: Json = False,
) -> None:
    """Say which settings move a result, by Sobol's indices.

    By default the result is the difference to the baseline of the scenario in the last year. Needs
    SALib: install xinyong[lab].
    """
    from xinyong.lab.moving import Question, ask
    from xinyong.lab.scenario_reading import load

    asked = load(scenario).model_copy(update={"seeds": seeds, "sweeps": ()})
    if people is not None:
        asked = asked.having("society.people", people)
    name = scheme or asked.schemes[0]
    base = None if level or name == asked.baseline else asked.baseline
    bounds = _bounds(setting)
    question = Question(measure, name, bounds, base, group)
    runs = samples * (len(bounds) + 2) * seeds * (1 if base is None else 2)
    (note if json else say)(f"{runs} runs of {asked.months} months, {asked.people:,} people each")
    with progress("months") as told:
        found = ask(
            asked,
            question,
            samples=samples,
            executor=executor,
            workers=workers,
            address=address,
            progress=told,
        )
    if json:
        as_json({"measure": measure, "group": group, "scheme": name, "effects": list(found)})
        return
    rows = [
        (e.parameter, f"{e.alone:.2f} ± {e.alone_half:.2f}", f"{e.total:.2f} ± {e.total_half:.2f}")
        for e in found
    ]
    say(f"Parts of the variance of '{measure}', with 95 % intervals:")
    table(("Setting", "Alone", "With others"), rows, right=("Alone", "With others"))


def _bounds(settings: list[str]) -> dict[str, tuple[float, float]]:
    from xinyong.lab.moving import whole_range

    found = {}
    for text in settings:
        path, equals, span = text.partition("=")
        [(low, high)] = whole_range((path,)).values()
        if equals:
            ends = span.split("..")
            try:
                one, other = (float(end) for end in ends)
            except ValueError:
                one, other = high, low
            if not low <= one < other <= high:
                raise QuestionRefused(
                    f"'{span[:40]}' is no range within {low:g}..{high:g}",
                    where="--setting",
                    why="each setting has bounds; 'xinyong lab mechanisms' tells them",
                    mend=f"write it as --setting {path}={low:g}..{high:g}",
                )
            low, high = one, other
        found[path] = (low, high)
    return found


# ------------------------------------------------------------------ better schemes


def search(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario with a search in it.")
    ],
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="FOLDER", help="Where results go; default out/SCENARIO."),
    ] = None,
    executor: ExecutorName = "processes",
    workers: Workers = None,
    address: Address = None,
    json: Json = False,
) -> None:
    """Look for the points that serve a goal best.

    Points and favours change within bounds only. The scenario says the scheme, the goal, the limits
    and which numbers may change. What is found is tried again with fresh seeds.
    """
    from xinyong.lab.executors import executor as working
    from xinyong.lab.executors import spreading
    from xinyong.lab.report_search import write
    from xinyong.lab.scenario_reading import load
    from xinyong.lab.search import search as look
    from xinyong.lab.search_runs import most_runs

    asked = load(scenario)
    whole, tell = most_runs(asked) * asked.months, note if json else say
    at = working(executor, workers=workers, address=address)
    with at as place, progress("months at most") as told:
        tell(
            f"at most {most_runs(asked)} runs of {asked.months} months,"
            f" {asked.people:,} people each"
        )
        tell(lab_told.memory(asked, place.workers))
        spread = spreading(place, asked.months, lambda done: told(min(done, whole), whole))
        found = look(asked, spread=spread)
    files = write(found, asked, Path(out or f"out/{asked.scenario}"))
    if json:
        as_json(lab_told.search_data(found, files))
        return
    say(found.said())
    rows = found.table().to_pylist()
    heads = [name for name in rows[0] if name not in ("digest",) and not name.endswith("_low")]
    heads = [name for name in heads if not name.endswith("_high")]
    table(heads, [[_cell(row[name]) for name in heads] for row in rows], right=heads[1:])
    say(f"{found.runs} runs")
    for path in files:
        say(f"wrote {path}")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


# ------------------------------------------------------------------ what there is


def measures(
    name: Annotated[
        str | None, typer.Argument(metavar="MEASURE", help="One measure; all by default.")
    ] = None,
    json: Json = False,
) -> None:
    """List what is measured.

    Each in words, with its unit, the direction that is better for people, and its source.
    """
    from xinyong.lab.measures import MEASURES, measure

    found = [measure(name)] if name else list(MEASURES.values())
    if json:
        as_json(found[0] if name else found)
    elif name:
        one = found[0]
        say(f"{one.name}: {one.title}")
        say(f"  unit:   {one.unit}")
        say(f"  better: {one.better}")
        say(f"  source: {one.source}")
        if one.shows:
            say(f"  shows:  {', '.join(one.shows)}")
    else:
        table(
            ("Name", "What", "Unit", "Better"), [(m.name, m.title, m.unit, m.better) for m in found]
        )


def mechanisms(
    name: Annotated[
        str | None, typer.Argument(metavar="MECHANISM", help="One mechanism; all by default.")
    ] = None,
    json: Json = False,
) -> None:
    """List the switches of the town.

    What each models, its settings, and what they rest on. A setting without a source is assumed,
    and says so.
    """
    from xinyong.lab.mechanisms import ARTICLES, MECHANISMS
    from xinyong.scheme.complaints import did_you_mean

    if name is not None and name not in MECHANISMS:
        raise QuestionRefused(
            f"no mechanism is called '{name[:60]}'",
            where="MECHANISM",
            why="the mechanisms are a closed list",
            mend=did_you_mean(name, MECHANISMS),
        )
    found = [MECHANISMS[name]] if name else list(MECHANISMS.values())
    if json:
        as_json(found[0] if name else found)
    elif name:
        one = found[0]
        for text in (f"{one.title}. {one.models}", one.does):
            say(fill(text, console().width))
        say(f"described in: {'; '.join(ARTICLES[article] for article in one.articles)}")
        say(f"shown by: {', '.join(one.measures)}")
        say()
        rows = [
            (s.name, s.title, f"{s.default:g}", f"{s.least:g} to {s.most:g}", s.unit, s.whence)
            for s in one.settings
        ]
        table(("Setting", "What", "Default", "Range", "Unit", "Where from"), rows)
    else:
        table(
            ("Name", "What", "Dial", "Default", "On"),
            [(m.name, m.title, m.dial.name, f"{m.dial.default:g}", "yes" if m.on else "no")
             for m in found],
        )  # fmt: skip
