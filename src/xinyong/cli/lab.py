"""Verbs of the lab that run a society: run, compare, sweep; the group of all verbs of the lab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xinyong.cli import lab_asking, lab_told
from xinyong.cli.given import Address, ExecutorName, Json, Workers, examples
from xinyong.cli.output import as_json, note, progress, say
from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    from xinyong.lab.experiment import Plan
    from xinyong.lab.scenario import Scenario

lab = typer.Typer(
    name="lab",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "xinyong lab compare rongcheng no-scheme --people 10000 --years 10 --seeds 20",
        "xinyong lab run one-town --out out/one-town",
        "xinyong lab reproduce",
    ),
)

ScenarioName = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="A scenario of the house, or a path to a YAML file."),
]


def add_to(app: typer.Typer) -> None:
    """Put the verbs of the lab on the command line."""
    lab.command(epilog=examples("xinyong lab run one-town", "xinyong lab run my.yaml --seeds 5"))(
        run
    )
    lab.command(
        epilog=examples(
            "xinyong lab compare rongcheng sesame-2015 no-scheme --people 100000 --seeds 20",
            "xinyong lab compare my.yaml no-scheme --years 5 --out out/mine",
        )
    )(compare)
    lab.command(
        epilog=examples(
            "xinyong lab sweep partners --out out/partners",
            "xinyong lab sweep one-town --vary dating.weight=0,0.5,1 --measure gini",
        )
    )(sweep)
    lab_asking.add_to(lab)
    app.add_typer(lab, name="lab", help=_HELP, short_help="What a scheme would do to a society.")


_HELP = """What a scheme would do to a society of people who do not exist.

SCENARIO is the name of a scenario of the house (one-town, four-cities, partners) or a path to a
YAML file.
Runs that are finished in the folder of --out are not repeated, so a stopped experiment goes on
where it was."""


def run(
    scenario: ScenarioName,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="FOLDER", help="Where results go; default out/SCENARIO."),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="Other than the scenario says.")
    ] = None,
    people: Annotated[
        int | None, typer.Option("--people", min=100, help="Other than the scenario says.")
    ] = None,
    executor: ExecutorName = "processes",
    workers: Workers = None,
    address: Address = None,
    json: Json = False,
) -> None:
    """Run the schemes of a scenario and write a report.

    The report is one HTML page that needs no network, with its data as CSV and Parquet beside it.
    """
    from xinyong.lab.scenario_reading import load

    asked = load(scenario)
    if seeds is not None:
        asked = asked.model_copy(update={"seeds": seeds})
    if people is not None:
        asked = asked.having("society.people", people)
    folder = Path(out or f"out/{asked.scenario}")
    _compared(asked, folder, executor, workers, address, json)


def compare(
    schemes: Annotated[
        list[str],
        typer.Argument(metavar="SCHEMES", help="Two or more schemes; no-scheme is one of them."),
    ],
    people: Annotated[int, typer.Option("--people", min=100, help="People in the town.")] = 10_000,
    years: Annotated[int, typer.Option("--years", min=1, max=100, help="Length of a run.")] = 10,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="How often each scheme is run, by other luck.")
    ] = 20,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="SCHEME", help="The one that others are compared with."),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", metavar="FOLDER", help="Where results go.")
    ] = "out/lab",
    executor: ExecutorName = "processes",
    workers: Workers = None,
    address: Address = None,
    json: Json = False,
) -> None:
    """Compare schemes under equal luck in the town as it comes."""
    from xinyong.lab.scenario import default
    from xinyong.lab.scenario_reading import checked

    asked = default(*schemes, people=people, years=years, seeds=seeds)
    asked = asked.model_copy(update={"against": against, "title": ", ".join(schemes)})
    _compared(checked(asked), Path(out), executor, workers, address, json)


def _compared(
    scenario: Scenario,
    folder: Path,
    executor: str,
    workers: int | None,
    address: str | None,
    json: bool,
) -> None:
    from xinyong.lab.experiment import compare as run_all
    from xinyong.lab.experiment import plan
    from xinyong.lab.report import write

    folder.mkdir(parents=True, exist_ok=True)
    tell = note if json else say
    announce(plan([scenario], out=folder), scenario, executor, workers, tell)
    with progress("months") as told:
        found = run_all(
            scenario, out=folder, executor=executor, workers=workers, address=address,
            progress=told,
        )  # fmt: skip
    files = write(found, folder)
    if json:
        as_json(lab_told.comparison_data(found, files))
    else:
        lab_told.comparison(found)
        for path in files:
            say(f"wrote {path}")


def announce(
    asked: Plan, scenario: Scenario, executor: str, workers: int | None, tell: Any
) -> None:
    """Say what is about to be run and what memory it takes, before it is run."""
    from xinyong.lab.executors import default_workers

    count = 1 if executor == "serial" else workers or default_workers()
    count = max(min(count, len(asked.missing)), 1)
    tell(
        f"{len(asked.runs)} runs of {scenario.months} months,"
        f" {asked.finished} of them finished before; {scenario.people:,} people each"
    )
    tell(lab_told.memory(scenario, count))


def sweep(
    scenario: ScenarioName,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="SETTING=VALUES",
            help="One or two settings, such as dating.weight=0,0.5,1; else those of the scenario.",
        ),
    ] = None,
    measure: Annotated[
        str, typer.Option("--measure", metavar="NAME", help="The measure that is shown.")
    ] = "welfare",
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="Other than the scenario says.")
    ] = None,
    people: Annotated[
        int | None, typer.Option("--people", min=100, help="Other than the scenario says.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="FOLDER", help="Where results go; default out/SCENARIO."),
    ] = None,
    executor: ExecutorName = "processes",
    workers: Workers = None,
    address: Address = None,
    json: Json = False,
) -> None:
    """Run a scenario at several values of one or two settings."""
    from xinyong.lab.experiment import plan, points
    from xinyong.lab.experiment import sweep as run_all
    from xinyong.lab.measures import measure as known
    from xinyong.lab.report_sweep import write
    from xinyong.lab.scenario_reading import checked, load

    known(measure)
    asked = load(scenario)
    if vary:
        asked = checked(asked.model_copy(update={"sweeps": tuple(map(_varied, vary))}))
    if not asked.sweeps:
        raise QuestionRefused(
            "nothing is swept",
            where="SCENARIO",
            why="the scenario has no sweeps",
            mend="give --vary dating.weight=0,0.5,1 (once or twice)",
        )
    if seeds is not None:
        asked = asked.model_copy(update={"seeds": seeds})
    if people is not None:
        asked = asked.having("society.people", people)
    folder = Path(out or f"out/{asked.scenario}-sweep")
    folder.mkdir(parents=True, exist_ok=True)
    at = [each for _, each in points(asked)]
    announce(plan(at, out=folder), asked, executor, workers, note if json else say)
    with progress("months") as told:
        found = run_all(
            asked, out=folder, executor=executor, workers=workers, address=address, progress=told
        )
    files = write(found, measure, folder)
    if json:
        as_json(lab_told.sweep_data(found, measure, files))
    else:
        lab_told.sweep(found, measure)
        for path in files:
            say(f"wrote {path}")


def _varied(text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    from xinyong.lab.scenario import Sweep

    setting, _, listed = text.partition("=")
    try:
        values = tuple(Decimal(value) for value in listed.split(","))
    except InvalidOperation:
        values = ()
    if len(values) < 2 or not all(value.is_finite() for value in values):
        raise QuestionRefused(
            f"'{text[:80]}' does not say what to try",
            where="--vary",
            why="a sweep is a setting and two or more numbers",
            mend="write it as --vary dating.weight=0,0.5,1",
        )
    return Sweep(setting=setting, values=values)
