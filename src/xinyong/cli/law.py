"""Verbs of the charter: charter, clauses."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from xinyong.cli.given import Json, PlaceOption, examples, read_day
from xinyong.cli.house import NO
from xinyong.cli.output import as_json, console, say, table
from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    from xinyong.charter.check import Report
    from xinyong.charter.clause import Clause
    from xinyong.charter.words import Finding

T = TypeVar("T")


def add_to(app: typer.Typer) -> None:
    """Put the verbs of this module on the command line."""
    app.command(
        epilog=examples(
            "xinyong charter my.yaml --place eu --day 2026-11-22",
            "xinyong charter sesame suining-2010 --place all --day 2026-11-22",
            "xinyong charter --library --day 2026-11-22",
            "xinyong charter my.yaml --day 2026-11-22 --sarif > charter.sarif",
        )
    )(charter)
    app.command(epilog=examples("xinyong clauses", "xinyong clauses C01-context --json"))(clauses)


def charter(
    schemes: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCHEMES", help="Names of the library, or paths of YAML files."),
    ] = None,
    day: Annotated[
        str, typer.Option("--day", metavar="DAY", help="The day as of which law is read.")
    ] = ...,  # type: ignore[assignment]
    place: PlaceOption = None,
    library: Annotated[
        bool, typer.Option("--library", help="Every scheme of the library.")
    ] = False,
    json: Json = False,
    sarif: Annotated[
        bool, typer.Option("--sarif", help="One SARIF 2.1.0 document on stdout.")
    ] = False,
) -> None:
    """Read schemes against dated law.

    Each finding names the clause, the place in the file, the path from datum to consequence, and
    how to mend it.

    A check of a design, not legal advice. The verdict is one of: no objection, warned, unknown (the
    scheme does not say enough), refused, lab only. Exit code 1 if any scheme cannot be approved.
    """
    from xinyong.scheme import library as shelf

    asked = read_day(day)
    names = [*(schemes or ()), *(shelf.names() if library else ())]
    if not names:
        raise QuestionRefused(
            "no scheme is named",
            where="SCHEMES",
            why="the charter reads one scheme or several",
            mend="name them, or give --library",
        )
    reports = _reports(names, place, asked)
    if sarif:
        from xinyong.charter.sarif import sarif as as_sarif

        as_json(as_sarif(finding for report in reports for finding in report.findings))
    elif json:
        told = [report_data(report) for report in reports]
        as_json(told[0] if len(told) == 1 else told)
    elif len(reports) == 1:
        _print(reports[0])
    else:
        _print_all(reports)
    if any(report.refused for report in reports):
        raise typer.Exit(NO)


_MANY = 6
"""From so many schemes on, several processes share the reading."""


def _reports(names: list[str], place: str | None, day: date) -> list[Report]:
    return shared_out(names, partial(_report, place=place, day=day))


def shared_out(names: Sequence[str], one: Callable[[str], T]) -> list[T]:
    """``one`` of each name, in the order of the names; the first error in that order is raised.

    ``one`` and what it gives are sent between processes where the names are many.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if len(names) < _MANY or cores < 2:
        return [one(name) for name in names]
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # The first is read here: forked after that, the workers need not import anything again.
    first = one(names[0])
    with ProcessPoolExecutor(min(cores, 8), mp_context=get_context("fork")) as pool:
        return [first, *pool.map(one, names[1:], chunksize=2)]


def _report(name: str, place: str | None, day: date) -> Report:
    from xinyong.face.charter import charter_report

    return charter_report(name, place=place, day=day)


def report_data(report: Report) -> dict[str, Any]:
    """A report of the charter as JSON can hold it."""
    from xinyong.charter.words import DISCLAIMER

    return {
        "scheme": report.scheme,
        "version": report.version,
        "digest": report.digest,
        "places": report.places,
        "day": report.day,
        "verdict": str(report.verdict),
        "findings": [
            {
                "clause": f.clause,
                "severity": f.severity.name,
                "state": str(f.state),
                "basis": str(f.basis),
                "law": f.law,
                "file": f.file,
                "line": f.line,
                "column": f.column,
                "path": f.path,
                "trail": None if f.trail is None else str(f.trail),
                "why": f.why,
                "mend": f.mend,
            }
            for f in report.findings
        ],
        "clauses": {name: str(state) for name, state in report.states.items()},
        "note": DISCLAIMER,
    }


_COLOURS = {"FORBID": "bold red", "ERROR": "red", "WARN": "yellow", "INFO": "dim"}


def _print(report: Report) -> None:
    from xinyong.charter.words import DISCLAIMER, VERDICT_MEANING, places_said

    for finding in report.findings:
        _print_finding(finding)
    count = len(report.findings)
    say(f"{report.scheme} {report.version}, {places_said(report.places)}, {report.day}:")
    say(f"  {report.verdict}: {VERDICT_MEANING[report.verdict]}")
    silent = sum(1 for state in report.states.values() if state == "silent")
    say(
        f"  {count or 'no'} finding{'' if count == 1 else 's'} of {len(report.states)} clauses,"
        f" {silent} of them silent there and then"
    )
    say()
    say(DISCLAIMER)


def _print_finding(finding: Finding) -> None:
    from rich.text import Text

    name = finding.severity.name
    law = f"{finding.basis}: {'; '.join(finding.law)}" if finding.law else str(finding.basis)
    unknown = "" if str(finding.state) == "objects" else ", unknown"
    head = Text(f"{finding.place}  {finding.clause}: ")
    head.append(name, _COLOURS[name])
    head.append(f" ({law}{unknown})")
    console().print(head, soft_wrap=True)
    width = max(console().width, 40)
    rows = [("why:  ", finding.why), ("mend: ", finding.mend)]
    if finding.trail is not None:
        rows.insert(0, ("path: ", str(finding.trail)))
    for word, text in rows:
        say(fill(text, width, initial_indent=f"  {word}", subsequent_indent=" " * 8))


def _print_all(reports: list[Report]) -> None:
    from xinyong.charter.words import DISCLAIMER, places_said

    table(
        ["scheme", "version", "verdict", "read for", "clauses that object"],
        (
            [
                report.scheme,
                report.version,
                str(report.verdict),
                places_said(report.places),
                " ".join(
                    dict.fromkeys(
                        f.clause.partition("-")[0] for f in report.findings if f.severity > 1
                    )
                ),
            ]
            for report in reports
        ),
    )
    say()
    say(DISCLAIMER)


def clauses(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="CLAUSES", help="Ids such as C01-context or C01; default: all."),
    ] = None,
    json: Json = False,
) -> None:
    """List the clauses with their laws and days."""
    from xinyong.charter.clauses import CLAUSES
    from xinyong.scheme.complaints import did_you_mean

    chosen = list(CLAUSES)
    if names:
        known = {word: one for one in CLAUSES for word in (one.id, one.letter)}
        for name in names:
            if name not in known:
                raise QuestionRefused(
                    f"no clause is called '{name[:40]}'",
                    where="CLAUSES",
                    why="a clause has an id such as C01-context",
                    mend=did_you_mean(name, known),
                )
        chosen = [known[name] for name in names]
    if json:
        as_json([_clause_data(one) for one in chosen])
    elif names:
        for one in chosen:
            say(f"{one.id} ({one.severity.name}, {'charter' if one.everywhere else 'law alone'})")
            say()
            say(one.text)
            say()
            for source in _clause_data(one)["sources"]:
                until = f" to {source['until']}" if source["until"] else ""
                place = source["region"] or source["place"].upper()
                say(
                    f"- {place}: {source['cite']}, from {source['since']}{until} [{source['mark']}]"
                )
            say()
    else:
        table(
            ["clause", "severity", "places", "since", "what it objects to"],
            (
                [
                    one.id,
                    one.severity.name,
                    _places(one),
                    str(min((s.since for s in one.sources), default="always")),
                    one.title,
                ]
                for one in chosen
            ),
        )


def _places(one: Clause) -> str:
    found = " ".join(dict.fromkeys(source.place for source in one.sources))
    return f"{found} +" if one.everywhere and found else found or "+"


def _clause_data(one: Clause) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "severity": one.severity.name,
        "everywhere": one.everywhere,
        "people_only": one.people,
        "text": one.text,
        "sources": [
            {
                "place": source.place,
                "region": source.region,
                "cite": source.cite,
                "since": source.since,
                "until": source.until,
                "mark": source.mark,
            }
            for source in one.sources
        ],
    }
