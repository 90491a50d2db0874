"""A first small job is not kept waiting for the compiler."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xinyong.engine import batch
from xinyong.engine.batch import SMALL, chosen_engine

RUN = """
import sys
from datetime import date
from xinyong.demo.town import draw_town
from xinyong.engine.batch import score_table
from xinyong.scheme import library

firms = draw_town(0, 40, seed=5).events("firms")
found = score_table(library.load("tax-credit"), firms, day=date(2025, 12, 31))
assert found.num_rows > 0
print("numba" in sys.modules)
"""


def _asked(code: str, cache: Path) -> str:
    env = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    env.pop("XINYONG_ENGINE", None)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
def test_a_first_small_job_loads_no_compiler(tmp_path: Path) -> None:
    assert _asked(RUN, tmp_path) == "False"


def test_large_jobs_and_later_ones_are_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.delenv("XINYONG_ENGINE", raising=False)
    monkeypatch.setattr(batch, "kept", lambda module, name: False)
    assert chosen_engine(None, SMALL) == "numpy"
    assert chosen_engine(None, SMALL + 1) == "numba"
    assert chosen_engine("numba", 1) == "numba"
    monkeypatch.setattr(batch, "kept", lambda module, name: True)
    assert chosen_engine(None, 1) == "numba"
