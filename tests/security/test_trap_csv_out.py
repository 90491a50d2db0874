"""What is written as CSV is opened by spreadsheets: no cell of it may be a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import lending
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import xinyong
from xinyong.cli.app import app
from xinyong.lab.report import write_table
from xinyong.records.writing_csv import FORMULA, write_csv

FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\uff1d1",
    '=HYPERLINK("http://x.example")',
)
PLAIN = ("a=1", "1-2", "", "'=1", "钱", 'a"b,c', "a\nb")


def cells(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            yield from row


def harmless(path: Path) -> None:
    """No text of a file begins like a formula; numbers may have a sign."""
    for cell in cells(path):
        bare = cell.lstrip(" ")
        assert not bare.startswith(tuple(FORMULA)) or re.fullmatch(r"-?[0-9.e+-]+", bare), cell


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_a_text_that_begins_like_a_formula_is_marked(tmp_path: Path, kind: str) -> None:
    texts = pa.array([*FORMULAS, *PLAIN, None])
    column = texts.dictionary_encode() if kind == "dictionary" else texts.cast(kind)
    table = pa.table({"=text": column, "number": pa.array([-5] * len(texts))})
    write_csv(table, tmp_path / "a.csv")
    harmless(tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["'=text", "number"]
    assert [row[0] for row in rows] == [*(f"'{text}" for text in FORMULAS), *PLAIN, ""]
    assert {row[1] for row in rows} == {"-5"}


def test_scores_of_whoever_is_called_so_are_harmless(tmp_path: Path) -> None:
    events = lending.borrowers()
    names = {name: f"={name}|x!A0" for name in ("ann", "bob", "cy")}
    subjects = [names[name] for name in events["subject"].to_pylist()]
    spot = events.schema.get_field_index("subject")
    pq.write_table(events.set_column(spot, "subject", pa.array(subjects)), tmp_path / "e.parquet")
    out = tmp_path / "scores.csv"
    words = ["score", str(lending.LENDING), str(tmp_path / "e.parquet"), "--out", str(out)]
    done = CliRunner().invoke(app, [*words, "--day", "2022-12-31", "--variables"])
    assert done.exit_code == 0, done.output
    harmless(out)
    assert {"'=ann|x!A0", "'=bob|x!A0", "'=cy|x!A0"} <= set(cells(out))


def test_tables_of_the_lab_are_harmless_and_whole_as_parquet(tmp_path: Path) -> None:
    table = pa.table({"scheme": ["=x", "-y"], "value": [-1.5, 2.0]})
    write_table(tmp_path, "measures", table)
    harmless(tmp_path / "measures.csv")
    assert list(cells(tmp_path / "measures.csv")) == ["scheme", "value", "'=x", "-1.5", "'-y", "2"]
    assert pq.read_table(tmp_path / "measures.parquet").equals(table)


def test_nothing_else_writes_csv() -> None:
    home = Path(str(xinyong.__file__)).parent
    writers = re.compile(r"csv\.write_csv|csv\.(writer|DictWriter)|\.to_csv\(|CSVWriter|COPY .* TO")
    found = {
        path.relative_to(home).as_posix()
        for path in home.rglob("*.py")
        if writers.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"records/writing_csv.py"}
