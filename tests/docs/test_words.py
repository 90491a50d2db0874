"""Words that docs/how-we-speak.md leaves out, and rulings that docs/rulings.md claims."""

import re
from datetime import date
from pathlib import Path

import pytest

from xinyong.charter.check import check
from xinyong.charter.words import Finding
from xinyong.scheme import library
from xinyong.scheme.reading import scheme_from_text

ROOT = Path(__file__).resolve().parents[2]
# In pieces, so that this file does not hold what it looks for.
LEFT_OUT = re.compile("black" + "list|red" + "list|dead" + "beat|lao" + "lai", re.IGNORECASE)
EXPLAINS = "how-we-speak.md"


def texts() -> list[Path]:
    folders = ("src", "docs", "tests", "tools", "examples")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    kinds = (".py", ".md", ".yaml", ".html", ".css", ".svg")
    return [ROOT / "README.md", *(path for path in found if path.suffix in kinds)]


def test_words_left_out_stand_where_they_are_explained_alone() -> None:
    held = {path.name for path in texts() if LEFT_OUT.search(path.read_text(encoding="utf-8"))}
    assert held == {EXPLAINS}


# ------------------------------------------------------------------ the hard case, as ruled


def findings(text: str, clause: str) -> dict[str, Finding]:
    """Findings of a clause on the court's list, by the consequence they are about."""
    scheme = scheme_from_text(text)
    found = check(scheme, "cn", date(2026, 11, 22)).findings
    return {
        scheme.consequences[int(finding.path[1])].id: finding
        for finding in found
        if finding.clause == clause
    }


@pytest.fixture
def court() -> str:
    return library.locate("court-defaulters-2017").read_text(encoding="utf-8")


def test_a_tie_by_law_is_a_warning_from_gravity_five_on_and_none_below(court: str) -> None:
    found = findings(court, "C01-context")
    assert {name: finding.severity.name for name, finding in found.items()} == dict.fromkeys(
        ("X1", "X7", "X9"), "WARN"
    )
    assert all("let a person decide each case" in finding.mend for finding in found.values())


def test_the_same_bans_without_the_tie_are_forbidden(court: str) -> None:
    untied, count = re.subn(r"\n    related: \{court:[^\n]*", "", court)
    assert count == 9
    found = findings(untied, "C01-context")
    assert {finding.severity.name for finding in found.values()} == {"FORBID"}
    assert len(found) == 9


def test_a_lighter_breach_carries_no_such_ban(court: str) -> None:
    assert findings(court, "C02-proportion") == {}
    lighter, count = re.subn(r"gravity: 4(?=\s*#|\n {8}established)", "gravity: 2", court)
    assert count >= 1
    found = findings(lighter, "C02-proportion")
    assert found["X1"].severity.name == "FORBID" and "no more than 3" in found["X1"].why


def test_a_score_between_list_and_doors_breaks_the_tie() -> None:
    linked = library.locate("sesame-linked").read_text(encoding="utf-8")
    severities = {finding.severity.name for finding in findings(linked, "C01-context").values()}
    assert "FORBID" in severities
