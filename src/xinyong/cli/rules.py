"""Verbs about schemes themselves: schemes, show, check, test, schema, diff."""

from __future__ import annotations

from datetime import date
from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xinyong.cli.given import (
    Json,
    KnownBy,
    Mapping,
    PlaceOption,
    SchemeName,
    examples,
    read_day,
    read_moment,
)
from xinyong.cli.house import NO
from xinyong.cli.law import report_data, shared_out
from xinyong.cli.output import as_json, bullets, console, say, table

if TYPE_CHECKING:
    from xinyong.engine.cases import CaseReport
    from xinyong.engine.coverage import Coverage
    from xinyong.face.rules import Difference


def add_to(app: typer.Typer) -> None:
    """Put the verbs of this module on the command line."""
    app.command(
        epilog=examples(
            "xinyong schemes",
            "xinyong schemes --day 2019-07-01",
            "xinyong schemes --json | jq -r '.[] | select(.verdict == \"warned\").scheme'",
        )
    )(schemes)
    app.command(
        epilog=examples(
            "xinyong show suining-2010",
            "xinyong show sesame --place eu --day 2026-11-22",
            "xinyong show my.yaml > my.md",
        )
    )(show)
    app.command(
        epilog=examples(
            "xinyong check my.yaml", "xinyong check sesame --strict", "xinyong check my.yaml --json"
        )
    )(check)
    app.command(epilog=examples("xinyong test sesame --coverage", "xinyong test my.yaml --json"))(
        test
    )
    app.command(epilog=examples("xinyong schema > xinyong.schema.json"))(schema)
    app.command(
        epilog=examples(
            "xinyong diff sesame my.yaml",
            "xinyong diff old.yaml new.yaml --data events.parquet --day 2025-12-31",
        )
    )(diff)


LawDay = Annotated[
    str | None,
    typer.Option(
        "--day",
        metavar="DAY",
        help="The day as of which the charter reads law."
        " Default: the day as of which its clauses were written.",
    ),
]


def _law_day(text: str | None) -> date:
    from xinyong.charter.clauses.ours import LAW_READ

    return LAW_READ if text is None else read_day(text)


def schemes(day: LawDay = None, json: Json = False) -> None:
    """List the schemes in the library, each with the charter's verdict.

    The year is that of its first day in force. The verdict is for the places of the scheme's own
    jurisdiction; it is a check of a design, not legal advice.
    """
    from xinyong.charter.clauses.ours import LAW_READ
    from xinyong.charter.words import DISCLAIMER
    from xinyong.scheme.home import names

    asked = _law_day(day)
    found = shared_out(names(), partial(_scheme_data, day=asked))
    if json:
        as_json(found)
        return
    _print_schemes(found)
    own = "; the clauses were written as of that day" if asked == LAW_READ else ""
    say()
    bullets([f"Verdicts as of {asked}, each for the scheme's own places{own}.", DISCLAIMER])


def _scheme_data(name: str, day: date) -> dict[str, Any]:
    from xinyong.face.charter import charter_report
    from xinyong.scheme import library

    scheme, report = library.load(name), charter_report(name, day=day)
    return {
        "scheme": scheme.scheme,
        "version": scheme.version,
        "subjects": scheme.subjects,
        "year": scheme.in_force.since.year,
        "use": scheme.use,
        "verdict": str(report.verdict),
        "places": report.places,
        "day": report.day,
        "title": scheme.title,
        "digest": scheme.digest,
    }


def _print_schemes(found: list[dict[str, Any]]) -> None:
    """One line for each scheme; on a terminal the title is wrapped below itself."""
    keys = ("scheme", "subjects", "year", "use", "verdict", "title")
    rows: list[tuple[str, ...]] = [("scheme", "subject", "year", "use", "verdict", "title")]
    rows += [tuple(str(one[key]) for key in keys) for one in found]
    widths = [max(len(row[place]) for row in rows) for place in range(5)]
    left = sum(widths) + 2 * len(widths)
    out = console()
    room = max(out.width - left, 24) if out.is_terminal else 10_000
    for row in rows:
        head = "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=False))
        first, *rest = wrap(row[-1], room)
        say(f"{head}  {first}")
        for line in rest:
            say(" " * left + line)


def show(
    scheme: SchemeName, day: LawDay = None, place: PlaceOption = None, json: Json = False
) -> None:
    """Show a scheme as a page for a lay reader.

    What it is for and whom it can hurt; data, points and what follows; what the charter says of
    it, there and then; where its numbers come from. With --json, the document itself with its
    digest, the charter's report and the sources.
    """
    from xinyong.face.page import scheme_page

    known = scheme_page(scheme, place=place, day=_law_day(day))
    if json:
        as_json(
            {
                "digest": known.scheme.digest,
                "document": known.scheme.model_dump(
                    mode="json", by_alias=True, exclude_defaults=True
                ),
                "charter": report_data(known.report),
                "sources": known.sources,
            }
        )
        return
    out = console()
    if out.is_terminal:
        from rich.markdown import Markdown

        out.print(Markdown(known.text))
    else:
        say(known.text.rstrip())


def check(
    scheme: SchemeName,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 for findings, too, not for errors alone.")
    ] = False,
    json: Json = False,
) -> None:
    """Say all that is wrong or suspicious about a scheme.

    Each complaint has its place, and a way to mend it. Errors keep a scheme from being used;
    findings are legal and still suspicious.
    """
    from xinyong.face.rules import check as complaints_of

    found = complaints_of(scheme)
    errors = sum(1 for complaint in found if complaint.severity == "error")
    findings = len(found) - errors
    if json:
        as_json(
            {
                "scheme": scheme,
                "errors": errors,
                "findings": findings,
                "complaints": [
                    {
                        "file": c.file,
                        "line": c.line,
                        "column": c.column,
                        "code": str(c.code),
                        "severity": c.severity,
                        "message": c.message,
                        "mend": c.mend,
                        "path": list(c.path),
                    }
                    for c in found
                ],
            }
        )
    else:
        for complaint in found:
            say(str(complaint))
        say(f"{scheme}: {_count(errors, 'error')}, {_count(findings, 'finding')}")
    if errors or (strict and findings):
        raise typer.Exit(NO)


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def test(
    scheme: SchemeName,
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Also say which rules, rows, bands... no case reaches."),
    ] = False,
    json: Json = False,
) -> None:
    """Run the worked cases of a scheme.

    They are its own 'tests' and, for a scheme folder, those in cases.yaml. A case that does not
    come out as it says has failed.
    """
    from xinyong.face.rules import test as run_cases
    from xinyong.face.schemes import load
    from xinyong.scheme import library

    report = run_cases(scheme)
    covered: Coverage | None = None
    if coverage:
        from xinyong.engine.coverage import coverage as coverage_of

        covered = coverage_of(load(scheme), library.cases(scheme))
    if json:
        as_json(_test_json(report, covered))
    else:
        _print_test(report, covered)
    if not report.passed:
        raise typer.Exit(NO)


def _test_json(report: CaseReport, covered: Coverage | None) -> dict[str, object]:
    answer: dict[str, object] = {
        "scheme": report.scheme,
        "cases": len(report.results),
        "failed": len(report.failed),
        "results": [
            {"name": r.name, "passed": r.passed, "differences": r.differences}
            for r in report.results
        ],
    }
    if covered is not None:
        answer["coverage"] = {
            "percent": covered.percent,
            "counts": {
                part: {"reached": reached, "of": total}
                for part, (reached, total) in covered.counts.items()
            },
            "missed": [
                {"part": item.part, "name": item.name, "path": list(item.path)}
                for item in covered.missed
            ],
        }
    return answer


def _print_test(report: CaseReport, covered: Coverage | None) -> None:
    from rich.text import Text

    out = console()
    for result in report.results:
        mark = Text("ok    ", "green") if result.passed else Text("FAILED", "bold red")
        out.print(mark, result.name)
        for difference in result.differences:
            for line in difference.splitlines():
                out.print(f"         {line}")
    cases, failed = len(report.results), len(report.failed)
    say(f"{report.scheme}: {_count(cases, 'case')}, {failed or 'none'} failed")
    if covered is None:
        return
    say()
    table(
        ["reached", "of", "part"],
        (
            [str(reached), str(total), "vetoes" if part == "veto" else f"{part}s"]
            for part, (reached, total) in covered.counts.items()
        ),
        right=("reached", "of"),
    )
    if covered.missed:
        say()
        say("No case reaches:")
        for item in covered.missed:
            say(f"  {item.part} {item.name}")
    say(f"{covered.percent}% of {len(covered.reached) + len(covered.missed)} parts reached")


def schema() -> None:
    """Print a JSON Schema of the language, for editors.

    It gives completion and first checks; 'xinyong check' is the judge.
    """
    from xinyong.scheme.json_schema import json_schema

    as_json(json_schema())


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="The scheme as it was: a name or a path.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The scheme as it is to be.")],
    data: Annotated[
        str | None,
        typer.Option(
            "--data", metavar="EVENTS", help="Also say who changes band, on these events."
        ),
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DAY", help="The day of scoring; with --data.")
    ] = None,
    known_by: KnownBy = None,
    mapping: Mapping = None,
    place: PlaceOption = None,
    json: Json = False,
) -> None:
    """Say in sentences what changes from A to B.

    Given events and a day, also say how many subjects change from which band to which.

    Only counts are printed, never names.
    """
    from xinyong.face.rules import diff as differ
    from xinyong.face.schemes import load

    found = differ(
        a,
        b,
        data,
        None if day is None else read_day(day),
        known_by=read_moment(known_by, load(b)),
        mapping=mapping,
        place=place,
    )
    if json:
        as_json(
            {
                "same": not found.sentences,
                "sentences": found.sentences,
                "moves": None if found.moves is None else found.moves.to_pylist(),
            }
        )
    else:
        _print_diff(found)


def _print_diff(found: Difference) -> None:
    if not found.sentences:
        say("The two schemes say the same.")
    bullets(found.sentences)
    if found.moves is None:
        return
    say()
    moves = found.moves.to_pylist()
    total = sum(move["subjects"] for move in moves)
    stay = sum(move["subjects"] for move in moves if move["before"] == move["after"])
    table(
        ["from band", "to band", "subjects", "mean change"],
        (
            [
                move["before"],
                move["after"] if move["after"] != move["before"] else "(the same)",
                f"{move['subjects']:,}",
                f"{move['mean_change']:+d}" if move["mean_change"] else "0",
            ]
            for move in moves
        ),
        right=("subjects", "mean change"),
    )
    say()
    say(f"{total - stay:,} of {total:,} subjects change band")
