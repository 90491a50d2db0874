"""Backups by command: made while it serves, put back, the erased erased again."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import Run, four_parts

from xinyong.records.store import Act
from xinyong.service.house import open_house, prepare


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A service with something on record about three people."""
    made = tmp_path / "coop"
    prepare(made)
    house = open_house(made)
    for name in ("anna", "bela", "chen"):
        house.store.append(Act("notice", name, {"told": {"text": f"for {name}"}}))
    house.store.erase("chen", reason="asked")
    house.close()
    return made


def settings(folder: Path, to: Path) -> None:
    """What an operator keeps elsewhere: the settings and the keys."""
    to.mkdir()
    shutil.copy(folder / "service.toml", to)
    shutil.copytree(folder / "keys", to / "keys")


def test_a_backup_comes_back_without_whom_it_should_not(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    out, there = tmp_path / "backup", tmp_path / "again"
    made = json.loads(run("backup", folder, out, "--json").out)
    assert made["size"] == 4
    assert run("backup", folder, out).code != 0  # it is taken
    house = open_house(folder)
    house.store.erase("bela", reason="asked later")
    house.close()
    gone = run("erased", folder)
    assert (gone.code, len(gone.out.split())) == (0, 2)
    (tmp_path / "erased.txt").write_text(gone.out)
    settings(folder, there)
    done = run("restore", out, there, "--erased", tmp_path / "erased.txt", "--json")
    told = json.loads(done.out)
    assert (told["size"], told["root"], told["unreadable"]) == (4, made["root"], 0)
    assert told["erased_again"] == 1
    house = open_house(there)
    try:
        said = {name: house.store.of(name) for name in ("anna", "bela", "chen")}
    finally:
        house.close()
    assert [act.body for act in said["anna"]] == [{"told": {"text": "for anna"}}]
    assert said["bela"] == said["chen"] == []
    assert run("audit", "verify", there).code == 0


def test_what_cannot_be_put_back_leaves_nothing(run: Run, folder: Path, tmp_path: Path) -> None:
    out, there = tmp_path / "backup", tmp_path / "again"
    assert run("backup", folder, out).code == 0
    there.mkdir()
    bare = run("restore", out, there)
    assert bare.code == 2
    four_parts(bare.err)
    shutil.rmtree(there)
    settings(folder, there)
    assert run("restore", out, there, "--erased", tmp_path / "none.txt").code == 2
    entries = out / "entries.parquet"
    data = bytearray(entries.read_bytes())
    data[len(data) // 2] ^= 1
    entries.write_bytes(bytes(data))
    assert run("restore", out, there).code == 2
    assert sorted(path.name for path in there.iterdir()) == ["keys", "service.toml"]
    assert run("restore", out, folder).code == 2  # there is one already
