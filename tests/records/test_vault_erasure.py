"""What is left of an erased subject in the files, byte for byte."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from xinyong.errors import ProofRefused
from xinyong.records import vault_file
from xinyong.records.slack import left_over
from xinyong.records.vault import Vault
from xinyong.records.vault_file import VaultFile

MASTER = bytes(range(32))
Row = tuple[bytes, ...]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "keys.vault"


@pytest.fixture(autouse=True)
def quick(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is forced to the disk: that changes when bytes are written, not which."""
    path.parent.mkdir()
    monkeypatch.setitem(vault_file._PRAGMAS, "synchronous", 0)


def filled(vault: Vault, count: int) -> dict[str, Row]:
    """So many subjects, taken in by threes and thirties, and the bytes of each one's row."""
    subjects = [f"canary-{number:06d}" for number in range(count)]
    spot, chance = 0, random.Random(3)
    while spot < count:
        step = chance.choice((1, 3, 30, 100))
        keys = vault.keys_of(subjects[spot : spot + step])
        spot += len(keys)
    whos = {keys.who: keys.subject for keys in vault.everyone()}
    rows = vault._file.execute("SELECT lookup, who, wrapped FROM subject").fetchall()
    return {whos[row[1].hex()]: row for row in rows}


def hits(folder: Path, rows: dict[str, Row]) -> set[str]:
    """Subjects of whom eight bytes in a row, or their id, stand in any file of the folder."""
    data = b"".join(file.read_bytes() for file in folder.iterdir())
    windows = {data[spot : spot + 8] for spot in range(len(data) - 7)}
    return {
        subject
        for subject, row in rows.items()
        if subject.encode() in data
        or any(text[s : s + 8] in windows for text in row for s in range(len(text) - 7))
    }


def erase(vault: Vault, rows: dict[str, Row], count: int) -> dict[str, Row]:
    gone = random.Random(4).sample(sorted(rows), count)
    for subject in gone:
        assert vault.erase(subject)
    return {subject: rows[subject] for subject in gone}


@pytest.fixture
def not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vault_file._PRAGMAS, "secure_delete", 0)


@pytest.fixture
def not_swept(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as patch:
        patch.setattr(VaultFile, "sweep", lambda self, gone: None)
        yield patch


@pytest.mark.slow
def test_no_part_of_a_thousand_rows_is_left(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        rows = filled(vault, 2500)
        gone = erase(vault, rows, 1000)
        assert hits(path.parent, gone) == set()
        kept = {subject: row for subject, row in rows.items() if subject not in gone}
        assert hits(path.parent, kept) == set(kept), "the scan sees the rows that are kept"
        assert len(list(vault.everyone())) == 1500
    assert hits(path.parent, gone) == set()
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no journal is left"


@pytest.mark.usefixtures("not_overwritten", "not_swept")
def test_the_same_scan_finds_rows_that_were_not_overwritten(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        gone = erase(vault, filled(vault, 600), 200)
        assert len(hits(path.parent, gone)) > 150


@pytest.mark.usefixtures("not_overwritten")
def test_sweeping_mends_what_was_not_overwritten(path: Path) -> None:
    with Vault.open(path, MASTER) as vault:
        gone = erase(vault, filled(vault, 600), 60)
        assert hits(path.parent, gone) == set()
        assert vault._file.number("unswept") == 0


@pytest.mark.usefixtures("not_overwritten")
def test_what_was_not_swept_in_time_is_swept_at_opening(
    path: Path, not_swept: pytest.MonkeyPatch
) -> None:
    """As if the process had been killed between the erasures and their sweeping."""
    with Vault.open(path, MASTER) as vault:
        gone = erase(vault, filled(vault, 300), 40)
        assert hits(path.parent, gone)
        assert vault._file.number("unswept") == 40
    not_swept.undo()
    with Vault.open(path, MASTER) as vault:
        assert hits(path.parent, gone) == set()
        assert vault._file.number("unswept") == 0


@pytest.mark.usefixtures("not_overwritten")
def test_what_rewriting_does_not_mend_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VaultFile, "rewrite", lambda self: None)
    with Vault.open(path, MASTER) as vault:
        rows = filled(vault, 300)
        with pytest.raises(ProofRefused, match="erased bytes are still"):
            erase(vault, rows, 20)
        assert vault._file.number("unswept") > 0


def test_unused_bytes_hold_what_is_in_the_file_and_in_no_row(tmp_path: Path) -> None:
    """Against the plain search through the whole file, for rows long and short, one by one."""
    base = sqlite3.connect(tmp_path / "b.db", isolation_level=None)
    base.execute("PRAGMA secure_delete = OFF")
    base.execute("CREATE TABLE t (a BLOB PRIMARY KEY, b BLOB) WITHOUT ROWID")
    base.execute("CREATE TABLE u (a BLOB UNIQUE)")
    chance = random.Random(8)
    rows = [(chance.randbytes(16), chance.randbytes(chance.randrange(8, 900))) for _ in range(400)]
    base.execute("BEGIN")
    for a, b in rows:
        base.execute("INSERT INTO t VALUES (?, ?)", (a, b))
        base.execute("INSERT INTO u VALUES (?)", (b[:30],))
    base.execute("COMMIT")
    gone = [row for row in rows if chance.random() < 0.4]
    for a, b in gone:
        base.execute("DELETE FROM t WHERE a = ?", (a,))
        base.execute("DELETE FROM u WHERE a = ?", (b[:30],))
    data = base.serialize()
    found = [left_over(data, row) for row in gone]
    plain = [
        any(t[spot : spot + 8] in data for t in row for spot in range(len(t) - 7)) for row in gone
    ]
    assert found == plain and sum(found) > len(gone) / 2
    base.execute("VACUUM")
    assert not any(left_over(base.serialize(), row) for row in gone)
    base.close()
