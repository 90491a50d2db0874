"""A mebibyte of anything into each parser: no crash, no hang, and no more than 256 MiB.

Measured: how far the peak of resident memory (VmHWM) of a process of its own lies above what was
resident (VmRSS) with all imports made and one good input read. The kernel says both.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MOST = 256 * 1024
PARSERS = (
    "reader",
    "scenarios",
    "intake",
    "sensors",
    "papers",
    "proofs",
    "tokens",
    "folders",
    "api",
)


def measured(*words: str) -> tuple[int, int]:
    """KiB of growth and milliseconds of the slowest content."""
    source = str(HERE.parents[1] / "src")
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        timeout=1500,
        env=os.environ | {"PYTHONPATH": source},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    grown, slowest = done.stdout.split()[-2:]
    return int(grown), int(slowest)


@pytest.mark.slow
@pytest.mark.parametrize("name", PARSERS)
def test_a_mebibyte_of_anything_is_read_or_refused(name: str) -> None:
    grown, slowest = measured(str(HERE / "swallowing.py"), name)
    assert grown < MOST, f"{name} grew by {grown // 1024} MiB"
    assert slowest < 20_000, f"{name} took {slowest} ms"


def test_the_measure_finds_a_parser_that_grows_out(tmp_path: Path) -> None:
    greedy = tmp_path / "greedy.py"
    greedy.write_text("def parse(content):\n    content * 400\n")
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(HERE)!r}]; "
    program += "sys.argv = ['', 'greedy']; import swallowing; swallowing.main()"
    assert measured("-c", program)[0] > MOST
