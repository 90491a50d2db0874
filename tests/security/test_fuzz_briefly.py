"""Each fuzzer for a moment, always the same inputs: ``make fuzz`` runs them for a minute each."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xinyong.errors import XinyongError

FUZZ = Path(__file__).parents[1] / "fuzz"
SECONDS = 1.0
NAMES = ("reader", "scenarios", "intake", "sensors", "papers", "proofs", "tokens", "folders", "api")


@pytest.fixture(autouse=True)
def rooms(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The modules find each other, as the runner lets them."""
    for room in ("fuzz", "", "decisions", "decisions/credential", "service"):
        monkeypatch.syspath_prepend(str(FUZZ.parent / room))
    yield


@pytest.mark.parametrize("name", NAMES)
def test_a_second_of_everything(name: str) -> None:
    module = importlib.import_module(name)
    began, count = time.process_time(), 0
    while time.process_time() - began < SECONDS or count < 20:
        try:
            module.once(random.Random(f"7:{count}"))
        except XinyongError as error:
            assert error.what, f"{name}:7:{count}"
        except Exception as error:
            raise AssertionError(f"python tests/fuzz/run.py --replay {name}:7:{count}") from error
        count += 1
    assert count >= 20


def test_no_fuzzer_is_left_out() -> None:
    found = {path.stem for path in FUZZ.glob("*.py") if "\ndef once(" in path.read_text("utf-8")}
    assert found == set(NAMES)


def test_the_runner_finds_what_breaks(tmp_path: Path) -> None:
    """A module that raises, grows or takes long is told of, with the command to do it again."""
    source = (FUZZ / "run.py").read_text("utf-8")
    source = source.replace("MOST_SECONDS = 5.0", "MOST_SECONDS = 0.3")
    runner = tmp_path / "fuzz" / "here" / "run.py"
    (tmp_path / "fuzz" / "here").mkdir(parents=True)
    runner.write_text(source)
    bad = {
        "raises": "raise KeyError(1)",
        "grows": "rng.KEPT = bytearray(400 << 20)",
        "lasts": "while True: pass",
    }
    for name, line in bad.items():
        text = f'LAST = b"x"\n\n\ndef once(rng):\n    {line}\n'
        runner.with_name(f"{name}.py").write_text(text)
        done = subprocess.run(
            [
                sys.executable,
                str(tmp_path / "fuzz" / "here" / "run.py"),
                "--seconds",
                "1",
                "--only",
                name,
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert f"--replay {name}:" in done.stdout
