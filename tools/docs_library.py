"""One page for each scheme of the library, and the table of docs/library.md."""

from collections.abc import Iterator, Mapping

from docs_charter import MADE, cell

from xinyong.charter.check import Report
from xinyong.charter.clauses.ours import LAW_READ
from xinyong.face.page import SchemePage, linked


def scheme_pages(pages: Mapping[str, SchemePage]) -> Iterator[tuple[str, str]]:
    """Name of the file and text, for every scheme: what ``xinyong show`` prints, with links."""
    for name, page in pages.items():
        title, _, rest = page.text.partition("\n")
        text = f"{title}\n\n{MADE}\n{linked(rest, '../clauses')}"
        yield f"{name}.md", text.rstrip() + "\n\n[All schemes](../library.md)\n"


def shelf(pages: Mapping[str, SchemePage]) -> str:
    """The table of all schemes."""
    return "\n".join(
        [
            "",
            f"{len(pages)} schemes. The verdict is the charter's for the scheme's own places, as of"
            f" {LAW_READ}.",
            "",
            "| scheme | scores | from | use | verdict | title |",
            "|---|---|---|---|---|---|",
            *(_row(page) for page in pages.values()),
            "",
        ]
    )


def _row(page: SchemePage) -> str:
    scheme, report = page.scheme, page.report
    return (
        f"| [{scheme.scheme}](schemes/{scheme.scheme}.md) | {scheme.subjects} |"
        f" {scheme.in_force.since.year} | {scheme.use} | {report.verdict} | {cell(scheme.title)} |"
    )


def reports(pages: Mapping[str, SchemePage]) -> dict[str, Report]:
    return {name: page.report for name, page in pages.items()}
