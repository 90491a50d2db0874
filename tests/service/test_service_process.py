"""The service as its user starts it: one process that answers, and beside it one that writes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import psutil
import pytest


@contextmanager
def serving(folder: Path, *more: str) -> Iterator[tuple[psutil.Process, httpx.Client]]:
    """A service on a free port, and the operator's client of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "xinyong", "serve", str(folder), "--port", str(port), *more]
    out = folder.with_suffix(".out")
    with out.open("w") as to, subprocess.Popen(command, stdout=to, stderr=to) as process:
        try:
            base = f"http://127.0.0.1:{port}/api/v1"
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                try:
                    if httpx.get(f"{base}/ready").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
            words = out.read_text().split()
            key = next(word for word in words if word.startswith("xy1_"))
            headers = {"authorization": f"Bearer {key}", "xinyong-purpose": "a test"}
            with httpx.Client(base_url=base, headers=headers, timeout=30) as client:
                yield psutil.Process(process.pid), client
        finally:
            process.terminate()
            process.wait(30)


def enter(client: httpx.Client, name: str) -> int:
    return client.post("/subjects", json={"subject": name}).status_code


def writers(service: psutil.Process) -> list[psutil.Process]:
    return [one for one in service.children() if one.cmdline()[-2].endswith("apart_child")]


@pytest.mark.parametrize("more", [(), ("--no-worker",)])
def test_a_writer_that_dies_is_started_again(tmp_path: Path, more: tuple[str, ...]) -> None:
    with serving(tmp_path / "coop", *more) as (service, client):
        assert enter(client, "anna") == 201
        (writer,) = writers(service)
        writer.kill()
        writer.wait(20)
        answers = []
        deadline = time.monotonic() + 30
        while 201 not in answers and time.monotonic() < deadline:
            answers.append(enter(client, f"bela {len(answers)}"))
            time.sleep(0.1)
        assert set(answers) <= {201, 503} and answers[-1] == 201
        (other,) = writers(service)
        assert other.pid != writer.pid
    assert not other.is_running()
