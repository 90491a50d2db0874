"""The verb of the lab that does published results again: reproduce."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xinyong.cli.given import Json, examples
from xinyong.cli.output import as_json, console, progress, say, table
from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    from xinyong.lab.replications.case import CaseResult


def add_to(lab: typer.Typer) -> None:
    """Put the verb of this module into the group of the lab."""
    lab.command(
        epilog=examples(
            "xinyong lab reproduce",
            "xinyong lab reproduce A --u-minus -10",
            "xinyong lab reproduce D --mu-a 0.02 --mu-e 0",
            "xinyong lab reproduce E --urn-a 0.6 --urn-d 0.4 --set urns=500",
        )
    )(reproduce)


def reproduce(
    cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="CASES", help="Letters or names of cases; all by default."),
    ] = None,
    u_minus: Annotated[
        float | None, typer.Option("--u-minus", help="Case A: what a default costs the bank.")
    ] = None,
    mu_a: Annotated[
        float | None, typer.Option("--mu-a", help="Case D: chance of an error of assessment.")
    ] = None,
    mu_e: Annotated[
        float | None, typer.Option("--mu-e", help="Case D: chance of an error of action.")
    ] = None,
    urn_a: Annotated[
        float | None, typer.Option("--urn-a", help="Case E: rate in one place.")
    ] = None,
    urn_d: Annotated[
        float | None, typer.Option("--urn-d", help="Case E: rate in the other place.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="Seeds, for cases that have them.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other parameter of a case."),
    ] = None,
    json: Json = False,
) -> None:
    """Do published results again.

    Prints ours beside the published numbers, with tolerance, verdict and source.

    Exit code 1 if any number misses its tolerance, or a case that was named could not be run. Where
    a setting was not published our number is told without a verdict.
    """
    from xinyong.lab.replications import chosen, exit_code, parsed
    from xinyong.lab.replications import reproduce as again

    letters = [case.letter for case in chosen(cases or None)]
    given: dict[str, dict[str, Any]] = {letter: {} for letter in letters}
    options = {"u_minus": u_minus, "mu_a": mu_a, "mu_e": mu_e, "seeds": seeds}
    for name, number in options.items():
        if number is not None:
            _give(given, name, parsed(name, str(number), letters))
    for name, rate in (("a", urn_a), ("d", urn_d)):
        if rate is not None:
            if "E" not in given:
                raise _not_of(f"--urn-{name}", "E")
            given["E"][name] = rate
    for text in set_ or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise QuestionRefused(
                f"'{text[:60]}' gives no value",
                where="--set",
                why="a parameter has a name and a value",
                mend="write it as --set urns=500",
            )
        _give(given, name.replace("-", "_"), parsed(name, value, letters))
    results = []
    with progress("cases") as told:
        told(0, len(letters))
        for done, letter in enumerate(letters):
            results += again([letter], **given[letter])
            told(done + 1, len(letters))
    if json:
        as_json([_case_data(result) for result in results])
    else:
        _print_cases(results)
    code = exit_code(results, by_name=bool(cases))
    if code:
        raise typer.Exit(code)


def _give(given: dict[str, dict[str, Any]], name: str, value: Any) -> None:
    from xinyong.lab.replications import parameters

    for letter in parameters(list(given)).get(name, {}):
        given[letter][name] = value


def _not_of(option: str, case: str) -> QuestionRefused:
    return QuestionRefused(
        f"{option} belongs to case {case}, which is not asked for",
        where=option,
        why="a parameter of another case would change nothing",
        mend=f"name case {case}, or leave the option out",
    )


def _print_cases(results: list[CaseResult]) -> None:
    for result in results:
        say(f"{result.case}  {result.title}: {result.verdict}")
        rows = []
        for figure in result.figures:
            published = "-" if figure.published is None else f"{figure.published:.6g}"
            sign = "above" if figure.relation == "above" else f"{figure.tolerance:.2g}"
            rows.append(
                (
                    figure.name,
                    published,
                    f"{figure.ours:.6g}",
                    "-" if figure.published is None else sign,
                    figure.verdict,
                )
            )
        if rows:
            heads = ("Figure", "Published", "Ours", "Tolerance", "Verdict")
            table(heads, rows, right=("Published", "Ours", "Tolerance"))
        for text in (*result.notes, result.not_run, f"source: {result.source}"):
            if text:
                say(fill(text, console().width, initial_indent="  ", subsequent_indent="  "))
        say()
    missed = [f"{r.case}: {f.name}" for r in results for f in r.figures if f.verdict == "misses"]
    held = sum(f.verdict == "holds" for r in results for f in r.figures)
    say(f"{held} figures hold, {len(missed)} miss")
    for name in missed:
        say(f"  {name}")


def _case_data(result: CaseResult) -> dict[str, Any]:
    return {
        "case": result.case,
        "name": result.name,
        "title": result.title,
        "source": result.source,
        "verdict": result.verdict,
        "parameters": dict(result.parameters),
        "notes": result.notes,
        "not_run": result.not_run,
        "cpu_seconds": round(result.cpu_seconds, 3),
        "figures": [
            {
                "name": f.name,
                "published": f.published,
                "ours": f.ours if f.ours == f.ours else None,
                "tolerance": f.tolerance,
                "relation": f.relation,
                "rule": f.rule,
                "basis": f.basis,
                "verdict": f.verdict,
            }
            for f in result.figures
        ],
    }
