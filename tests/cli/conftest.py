"""Running commands in the process, and what they work on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lending
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from xinyong.cli.app import app


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command; an error must have four parts and no traceback."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("XINYONG_DEBUG", raising=False)

    def go(*words: object) -> Ran:
        done = CliRunner().invoke(app, [str(word) for word in words], prog_name="xinyong")
        assert "Traceback" not in done.stderr, done.stderr
        assert done.exit_code != 70, done.stderr
        return Ran(done.exit_code, done.stdout, done.stderr)

    return go


@pytest.fixture
def scheme() -> Path:
    return lending.LENDING


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.parquet"
    pq.write_table(lending.borrowers(), path)
    return path


@pytest.fixture
def harsher(tmp_path: Path) -> Path:
    """The scheme with one number changed."""
    path = tmp_path / "harsher.yaml"
    path.write_text(lending.LENDING.read_text().replace("points: 30", "points: 5", 1))
    return path


def four_parts(text: str) -> None:
    """An error as a person should meet it."""
    assert text.startswith("error: "), text
    assert "\n  why:  " in text, text
    assert "\n  mend: " in text, text
