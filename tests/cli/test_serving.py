"""How the service is started: never open to others without saying so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from xinyong.service import main


def test_nothing_travels_in_the_open_by_mistake(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, Any]] = []
    monkeypatch.setattr(main, "serve", lambda folder, **given: started.append(given))
    coop = tmp_path / "coop"
    for host in ("0.0.0.0", "::", "192.0.2.7", "records.example.org"):
        done = run("serve", coop, "--host", host)
        assert done.code == 2 and "in the open" in done.err and "--plain" in done.err
    assert not started and not coop.exists()
    for said in (["--host", "0.0.0.0", "--plain"], ["--host", "::1"], []):
        assert run("serve", coop, *said).code == 0
    assert [one["host"] for one in started] == ["0.0.0.0", "::1", "127.0.0.1"]
    assert run("serve", coop, "--host", "0.0.0.0", "--certificate", tmp_path / "cert.pem").code == 0
