"""Verbs about schemes themselves: schemes, show, check, test, schema, diff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
from xinyong.cli.output import as_json, bullets, console, say, table

if TYPE_CHECKING:
    from xinyong.engine.cases import CaseReport
    from xinyong.engine.coverage import Coverage
    from xinyong.face.rules import Difference


def add_to(app: typer.Typer) -> None:
    """Put the verbs of this module on the command line."""
    app.command(epilog=examples("xinyong schemes", "xinyong schemes --json | jq -r '.[].scheme'"))(
        schemes
    )
    app.command(epilog=examples("xinyong show sesame", "xinyong show my.yaml > my.md"))(show)
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


def schemes(json: Json = False) -> None:
    """List the schemes in the library."""
    from xinyong.scheme import library

    found = [library.load(name) for name in library.names()]
    if json:
        as_json(
            [
                {
                    "scheme": scheme.scheme,
                    "version": scheme.version,
                    "use": scheme.use,
                    "subjects": scheme.subjects,
                    "title": scheme.title,
                    "digest": scheme.digest,
                }
                for scheme in found
            ]
        )
        return
    table(
        ["scheme", "version", "use", "scores", "title"],
        ([s.scheme, s.version, s.use, f"{s.subjects}s", s.title] for s in found),
    )


def show(scheme: SchemeName, json: Json = False) -> None:
    """Show a scheme as a page for a lay reader.

    With --json, the document itself and its digest.
    """
    from xinyong.face.schemes import load

    known = load(scheme)
    if json:
        as_json(
            {
                "digest": known.digest,
                "document": known.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            }
        )
        return
    from xinyong.scheme.page import page

    out = console()
    if out.is_terminal:
        from rich.markdown import Markdown

        out.print(Markdown(page(known)))
    else:
        say(page(known).rstrip())


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
