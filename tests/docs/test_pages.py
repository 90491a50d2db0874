"""The pages made from the library: current, complete, and honest about what hurts.

After a scheme or a clause changed: python tools/make_docs.py pages
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from xinyong.charter.clauses import CLAUSES
from xinyong.face.page import scheme_page
from xinyong.scheme import library

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def make_docs(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_docs.py"), *words],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_pages_are_up_to_date() -> None:
    done = make_docs("--check", "pages")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_part_that_is_not_there_is_named() -> None:
    done = make_docs("--check", "page")
    assert done.returncode == 2 and "there is no part 'page'" in done.stderr


def test_every_scheme_and_every_clause_has_its_page_and_its_row() -> None:
    assert {path.stem for path in (DOCS / "schemes").glob("*.md")} == set(library.names())
    assert {path.stem for path in (DOCS / "clauses").glob("*.md")} == {one.id for one in CLAUSES}
    shelf = (DOCS / "library.md").read_text(encoding="utf-8")
    assert all(f"(schemes/{name}.md)" in shelf for name in library.names())
    charter = (DOCS / "charter.md").read_text(encoding="utf-8")
    for one in CLAUSES:
        (row,) = re.findall(rf"^\| \[{one.id}\].*$", charter, re.MULTILINE)
        assert one.severity.name in row
        for source in one.sources:
            assert source.cite in row and str(source.since) in row


@pytest.mark.parametrize("name", library.names())
def test_the_prose_on_the_library_speaks_of_every_scheme(name: str) -> None:
    text = (DOCS / "library.md").read_text(encoding="utf-8")
    prose = text.partition("<!-- end of schemes -->")[2]
    assert f"`{name}`" in prose


@pytest.mark.parametrize("name", library.names())
def test_a_page_in_the_docs_says_what_show_says(name: str) -> None:
    text = (DOCS / "schemes" / f"{name}.md").read_text(encoding="utf-8")
    page = scheme_page(name)
    unlinked = re.sub(r"\*\*\[([^]]+)\]\([^)]+\)\*\*", r"**\1**", text)
    for line in page.text.splitlines():
        assert line in unlinked
    for finding in page.report.findings:
        assert f"../clauses/{finding.clause}.md" in text and finding.why in text


def test_the_counts_of_what_was_seen_agree_with_each_other() -> None:
    text = (DOCS / "seen-and-guessed.md").read_text(encoding="utf-8")
    marks = {
        m: int(n.replace(",", ""))
        for m, n in re.findall(r"^\| (\[.\]) .*\| ([\d,]+) \|$", text.partition("## ")[0], re.M)
    }
    (total,) = re.findall(r"^\| \| all \| ([\d,]+) \|$", text, re.M)
    assert list(marks) == ["[P]", "[S]", "[M]", "[G]"]
    assert sum(marks.values()) == int(total.replace(",", ""))
    rows = re.findall(
        r"^\| \[[\w-]+\]\(schemes/.*?\) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", text, re.M
    )
    assert len(rows) == len(library.names())
    for place, mark in enumerate(marks):
        assert sum(int(row[place]) for row in rows) == marks[mark]
    every = re.findall(
        r"^\| (\[.\]) \| .* \| (\d+) \|$", text.partition("## Every number")[2], re.M
    )
    for mark, count in marks.items():
        assert sum(int(n) for m, n in every if m == mark) == count
