"""The page about a scheme: whom it can hurt, what the charter says, where numbers come from."""

from datetime import date
from pathlib import Path

import lending
import pytest

from xinyong.charter.clauses.ours import LAW_READ
from xinyong.charter.words import DISCLAIMER
from xinyong.errors import QuestionRefused, SchemeNotFound
from xinyong.face.page import SchemePage, linked, place_said, scheme_page
from xinyong.scheme import library


def section(page: SchemePage, title: str) -> str:
    _, found, rest = page.text.partition(f"\n## {title}\n")
    assert found, title
    return rest.partition("\n## ")[0]


def test_a_page_names_what_hurts() -> None:
    said = section(scheme_page("suining-2010"), "Whom it can hurt")
    relief = next(line for line in said.splitlines() if line.startswith("- **R6**"))
    assert "It weighs 6 of 6: an essential service, livelihood or dignity." in relief
    assert "nobody can do without" in relief
    assert "Nobody reviews it." in relief
    assert "“Persons whose points changed” is shown to: everyone. Nothing ends an entry." in said
    assert "what people are free to do or to leave: A petition" in said
    assert said.index("**R6**") < said.index("**R4**")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("court-defaulters-2017", "**X7**: no high-fee private school for their children."),
        ("court-defaulters-2017", "It also hits others: children."),
        ("sesame-2015", "What other people do counts: A contact and that person's score"),
        ("rongcheng", "What others report, and nobody checks, counts:"),
        ("xiamen-2023", "No burden follows and nobody is listed."),
        ("fico-like", "A machine alone decides."),
    ],
)
def test_whom_it_can_hurt(name: str, words: str) -> None:
    assert words in section(scheme_page(name), "Whom it can hurt")


@pytest.mark.parametrize("name", library.names())
def test_every_burden_list_and_finding_stands_on_the_page(name: str) -> None:
    page = scheme_page(name)
    hurts, charter = section(page, "Whom it can hurt"), section(page, "What the charter says")
    for spec in page.scheme.consequences:
        assert (f"- **{spec.id}**: {spec.effect}." in hurts) == (spec.kind == "burden")
    for entry in page.scheme.lists.values():
        assert f"“{entry.title}” is shown to: {entry.publish}." in hurts
    for finding in page.report.findings:
        assert f"**{finding.clause}**" in charter and finding.why in charter
        assert f"To mend: {finding.mend}." in charter
        if finding.trail is not None:
            assert str(finding.trail) in charter
    assert DISCLAIMER in charter
    sources = section(page, "Where its numbers come from")
    assert "| place | number | mark |" in sources and "### " in sources


def test_the_default_day_is_said() -> None:
    page = scheme_page("a-fair-start")
    assert page.report.day == LAW_READ
    said = section(page, "What the charter says")
    assert f"on {LAW_READ} (the day as of which its clauses were written)" in said
    assert "**no objection**" in said


def test_another_day_and_place_are_said() -> None:
    page = scheme_page("schufa-2026-like", place="us", day="2026-05-01")
    assert page.report.places == ("us",) and page.report.day == date(2026, 5, 1)
    said = section(page, "What the charter says")
    assert "Read for the United States on 2026-05-01" in said
    assert f"its clauses were written as of {LAW_READ}" in said
    with pytest.raises(QuestionRefused):
        scheme_page("schufa-2026-like", place="mars")
    with pytest.raises(SchemeNotFound):
        scheme_page("sesam")


def test_a_file_of_one_s_own_has_no_sources(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(lending.LENDING.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "sources.md").write_text("# Sources: another\n", encoding="utf-8")
    page = scheme_page(path)
    assert page.sources is None and "Where its numbers come from" not in page.text
    assert scheme_page(page.scheme).text.startswith(f"# {page.scheme.title}\n")


def test_places_are_named_by_the_entries_of_lists() -> None:
    scheme = library.load("suining-2010")
    assert place_said(scheme, ("consequences", 5, "essential")) == "`consequences.R6.essential`"
    assert place_said(scheme, ("bands", 0)) == "`bands.D`"
    assert place_said(scheme, ("score", "add", 0)) == "`score.add.0`"
    assert place_said(scheme, ()) == "The whole document"


def test_clauses_are_linked_at_the_head_of_a_line_alone() -> None:
    text = "**C01-context** A burden\nsee **C01-context**\n**R4**: x"
    assert linked(text, "../c") == (
        "**[C01-context](../c/C01-context.md)** A burden\nsee **C01-context**\n**R4**: x"
    )
