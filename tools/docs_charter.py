"""The charter's vocabulary, the table of all clauses, and one page for each clause."""

from collections.abc import Iterable, Iterator, Mapping

from xinyong.charter.check import Report
from xinyong.charter.clause import Clause
from xinyong.charter.clauses import CLAUSES
from xinyong.charter.clauses.ours import LAW_READ
from xinyong.charter.ladders import CONDUCT, CONSEQUENCE, CONTEXTS
from xinyong.charter.source import Source
from xinyong.charter.words import (
    PLACES,
    SEVERITY_MEANING,
    VERDICT_MEANING,
    Finding,
    Severity,
    State,
)
from xinyong.face.page import place_said
from xinyong.scheme.model import Scheme

MADE = "<!-- Made by tools/make_docs.py; do not edit. -->"
MARKS = {"P": "primary text", "S": "secondary source", "M": "from memory"}


def cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


# ------------------------------------------------------------------ blocks of docs/charter.md


def severities() -> str:
    rows = [f"| {one.name} | {SEVERITY_MEANING[one]} |" for one in reversed(Severity)]
    return "\n".join(["", "| severity | what it does |", "|---|---|", *rows, ""])


def verdicts() -> str:
    rows = [f"| {one} | {text} |" for one, text in VERDICT_MEANING.items()]
    return "\n".join(["", "| verdict | means |", "|---|---|", *rows, ""])


def ladders() -> str:
    words = ", ".join(f"`{word}`" for word in sorted(CONTEXTS))
    return "\n".join(
        [
            "",
            f"Contexts: {words}, and `admin.<field>` for the fields of public offices.",
            "",
            "| gravity | conduct | consequence |",
            "|---:|---|---|",
            *(
                f"| {step} | {CONDUCT[step] if step < len(CONDUCT) else ''} | {said} |"
                for step, said in enumerate(CONSEQUENCE)
            ),
            "",
        ]
    )


def index() -> str:
    """All clauses with severity, citations and days."""
    return "\n".join(
        [
            "",
            f"{len(CLAUSES)} clauses, written as of {LAW_READ}. *Own* says whether a clause runs as"
            " the charter's own rule where no law binds. After each citation stand its first day in"
            " force and a mark:",
            f"{', '.join(f'{mark} {said}' for mark, said in MARKS.items())}.",
            "",
            "| clause | what it objects to | severity | own | rests on, from |",
            "|---|---|---|---|---|",
            *(_index_row(one) for one in CLAUSES),
            "",
        ]
    )


def _index_row(one: Clause) -> str:
    laws = "<br>".join(f"{_where(s)}: {cell(s.cite)}, {_days(s)} [{s.mark}]" for s in one.sources)
    own = "yes" if one.everywhere else "no"
    return (
        f"| [{one.id}](clauses/{one.id}.md) | {cell(one.title)} | {one.severity.name} | {own} |"
        f" {laws or 'the charter alone'} |"
    )


def _where(source: Source) -> str:
    return source.region or source.place.upper()


def _days(source: Source) -> str:
    return f"{source.since}" + (f" to {source.until}" if source.until else "")


# ------------------------------------------------------------------ one page for each clause


def clause_pages(
    reports: Mapping[str, Report], schemes: Mapping[str, Scheme]
) -> Iterator[tuple[str, str]]:
    """Name of the file and text, for every clause."""
    for one in CLAUSES:
        yield f"{one.id}.md", "\n".join(_page(one, reports, schemes)) + "\n"


def _page(
    one: Clause, reports: Mapping[str, Report], schemes: Mapping[str, Scheme]
) -> Iterator[str]:
    yield from (f"# {one.id}", "", MADE, "", f"**{one.title}.**", "")
    yield from one.text.partition("\n")[2].strip().splitlines()
    yield from (
        "",
        f"- **Severity**: {one.severity.name}, unless the text above says otherwise:"
        f" {SEVERITY_MEANING[one.severity]}.",
        f"- **About**: {'natural persons alone' if one.people else 'everybody who is scored'}.",
        f"- **Where no law binds**: {_elsewhere(one)}.",
        "",
        "## What it rests on",
        "",
    )
    yield from _sources(one.sources)
    yield from ("", f"## The library, each scheme in its own places, on {LAW_READ}", "")
    yield from _library(one, reports, schemes)
    yield from ("", "[All clauses](../charter.md)")


def _elsewhere(one: Clause) -> str:
    if one.everywhere:
        return "it runs as the charter's own rule, and says so (`basis: charter`)"
    return "it is silent"


def _sources(sources: Iterable[Source]) -> Iterator[str]:
    rows = [
        f"| {PLACES[s.place]}{f' ({s.region})' if s.region else ''} | {cell(s.cite)} | {s.since} |"
        f" {s.until or 'no end known'} | {_binds(s)} | [{s.mark}] {MARKS[s.mark]} |"
        for s in sources
    ]
    if not rows:
        yield "No law: it is the charter's own rule."
        return
    yield "| place | text | from | to | binds | how well known |"
    yield "|---|---|---|---|---|---|"
    yield from rows


def _binds(source: Source) -> str:
    said = []
    if source.region:
        said.append("schemes that name this place in `jurisdiction`")
    if source.people:
        said.append("where natural persons are scored")
    if source.ai_system:
        said.append("unless the scheme says `ai_system: false`")
    return ", ".join(said) or "everybody there"


def _library(
    one: Clause, reports: Mapping[str, Report], schemes: Mapping[str, Scheme]
) -> Iterator[str]:
    rows = []
    for name, report in reports.items():
        found = [finding for finding in report.findings if finding.clause == one.id]
        if found:
            rows.append(_library_row(schemes[name], found))
    silent = sum(1 for report in reports.values() if report.states[one.id] is State.SILENT)
    if rows:
        yield "| scheme | says | rests on | where and why |"
        yield "|---|---|---|---|"
        yield from rows
    else:
        yield "It objects to none."
    if silent:
        count = "one scheme" if silent == 1 else f"{silent} schemes"
        yield from ("", f"It is silent on {count}: no law of it binds there.")


def _library_row(scheme: Scheme, found: list[Finding]) -> str:
    worst = found[0]
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    unknown = ", not answered" if worst.state is State.UNKNOWN else ""
    return (
        f"| [{scheme.scheme}](../schemes/{scheme.scheme}.md) | {worst.severity.name}{unknown} |"
        f" {worst.basis} | {place_said(scheme, worst.path)}: {cell(worst.why)}.{more} |"
    )
