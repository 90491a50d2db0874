"""Settings of the machine change no byte: hash seed, time zone, locale."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import small

SETTINGS = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Apia", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "4294967295", "TZ": "America/New_York", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "0", "TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"},
)


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: s["TZ"])
def test_settings_of_the_machine_change_no_byte(settings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", small.__file__],
        env={**os.environ, **settings},
        cwd=Path(small.__file__).parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == small.digest()
