"""What linking is given, it never runs, reads or writes; and what it says when Splink is absent."""

import logging
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from xinyong.errors import QuestionRefused
from xinyong.records.linking import candidates
from xinyong.records.linking.candidates import scored_pairs
from xinyong.records.linking.matching import match
from xinyong.records.linking.odds import Odds
from xinyong.records.linking.record import Record, Ref

HOSTILE = [
    "'; DROP TABLE left_records; --a",
    "\"; COPY left_records TO 'out.csv'; --a",
    "read_csv('/etc/passwd')",
    "{{ 1 }} %s ${HOME} a",
    "a'||(select 1)||'",
    "\\' OR 1=1 a",
    "NULL",
    "a\x00b",
    "👍🏽é王",
]


def hostile(source: str) -> list[Record]:
    born = date(2150, 1, 2)
    return [
        Record(Ref(source, f"{i}{text}" if text.isprintable() else str(i)), "person", text, (),
               born, place=text, phone=f"100{i:08d}")
        for i, text in enumerate(HOSTILE)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO 'out.csv'",
        "ATTACH 'out.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '8GB'",
        "RESET lock_configuration",
        "SELECT * FROM seen_from_python",
    ],
)
def test_the_database_reaches_nothing_and_cannot_be_told_otherwise(
    statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen_from_python = [1]
    with (
        candidates._locked_down(2) as connection,
        pytest.raises((duckdb.Error, duckdb.CatalogException)),
    ):
        connection.execute(statement).fetchall()
    assert list(tmp_path.iterdir()) == [] and seen_from_python


def test_an_open_database_is_caught_by_the_same_statements(tmp_path: Path) -> None:
    """The statements above do something where nothing is locked."""
    with duckdb.connect(":memory:") as connection:
        assert connection.execute("SELECT * FROM glob('/*')").fetchall()
        connection.execute(f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'")
        connection.execute("SET memory_limit = '2GB'")
    assert (tmp_path / "out.csv").is_file()


def test_hostile_texts_are_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.WARNING):
        found = match(hostile("left"), hostile("right"))
    assert sum(pair.left.ref.id == pair.right.ref.id for pair in found.pairs) == len(HOSTILE)
    assert list(tmp_path.iterdir()) == []
    assert caplog.records == []  # Splink has nothing to warn of


def test_two_records_of_one_ref_are_refused() -> None:
    records = hostile("left")
    with pytest.raises(QuestionRefused, match="two records are called"):
        match([*records, records[0]], hostile("right"))


def test_without_records_there_are_no_pairs() -> None:
    assert scored_pairs([], hostile("right"), Odds(), threads=1) == []
    assert match([], []).pairs == ()


def test_more_pairs_than_memory_holds_are_refused_and_nothing_is_spilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(candidates, "MEMORY", "24MB")
    born = date(2150, 1, 1)
    left, right = (
        [Record(Ref(side, str(i)), "person", "王伟", (), born) for i in range(1_200)]
        for side in ("left", "right")
    )
    with pytest.raises(QuestionRefused, match="do not fit into 24MB") as caught:
        scored_pairs(left, right, Odds(), threads=2)
    assert "王伟" not in str(caught.value) and caught.value.mend
    assert list(tmp_path.iterdir()) == []


def test_without_splink_the_error_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(QuestionRefused, match="not installed") as caught:
        match(hostile("left"), hostile("right"))
    assert "xinyong[link]" in caught.value.mend


def test_splink_is_not_imported_before_it_is_needed() -> None:
    import subprocess

    code = (
        "import sys, xinyong.records.linking.book, xinyong.records.linking.matching;"
        "sys.exit('splink' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
