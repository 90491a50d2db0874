"""Several processes at one vault, and processes that are killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xinyong.errors import ProofRefused
from xinyong.records.vault import Vault

MASTERS = (bytes(range(32)), bytes(range(1, 33)))

WORK = """
import json, sys
from xinyong.records.vault import Vault
number, path = int(sys.argv[1]), sys.argv[2]
found = {}
with Vault.open(path, bytes(range(32))) as vault:
    for turn in range(25):
        for keys in vault.keys_of([f"s{i}" for i in range(turn, turn + 20)]):
            found.setdefault(keys.subject, set()).add(keys.who)
        vault.keys(f"own{number}", create=True)
        assert vault.erase(f"own{number}")
        if turn == 12:
            vault.rotate()
print(json.dumps({subject: sorted(whos) for subject, whos in found.items()}))
"""

ROTATE = """
import sys
from xinyong.records.vault import Vault
path, held = sys.argv[1], int(sys.argv[2])
masters = (bytes(range(32)), bytes(range(1, 33)))
with Vault.open(path, masters[held]) as vault:
    print("open", flush=True)
    while True:
        held = 1 - held
        vault.rotate(masters[held])
"""


def start(script: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, words)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.slow
def test_processes_agree_on_every_pseudonym(tmp_path: Path) -> None:
    path = tmp_path / "keys.vault"
    workers = [start(WORK, number, path) for number in range(4)]
    answers = [worker.communicate(timeout=120)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4
    whos: dict[str, set[str]] = {}
    for answer in answers:
        for subject, found in json.loads(answer).items():
            whos.setdefault(subject, set()).update(found)
    assert len(whos) == 44
    assert {len(found) for found in whos.values()} == {1}
    with Vault.open(path, MASTERS[0]) as vault:
        assert {keys.subject: {keys.who} for keys in vault.everyone()} == whos
        assert vault._file.number("erasures") == 100


def opened(path: Path) -> tuple[Vault, int]:
    """The vault by whichever master key opens it; exactly one does."""
    found = []
    for held, master in enumerate(MASTERS):
        try:
            found.append((Vault.open(path, master), held))
        except ProofRefused as refused:
            assert "master key does not open" in refused.what
    assert len(found) == 1
    return found[0]


@pytest.mark.slow
def test_killed_in_the_middle_of_rotating_it_opens_with_every_key(tmp_path: Path) -> None:
    path, chance, held, cut = tmp_path / "keys.vault", random.Random(1), 0, 0
    journal = path.with_name(path.name + "-journal")
    with Vault.open(path, MASTERS[0]) as vault:
        keys = vault.keys_of([f"s{i}" for i in range(3000)])
        whos = {k.subject: k.who for k in keys}
        sealed = keys[7].seal(b"body", b"")
    for _ in range(12):
        worker = start(ROTATE, path, held)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "open\n"
        time.sleep(chance.random() * 0.1)
        ends = time.monotonic() + 20
        while not journal.exists() and time.monotonic() < ends:
            pass
        time.sleep(chance.random() * 0.02)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
        cut += journal.exists()
        vault, held = opened(path)
        with vault:
            assert {k.subject: k.who for k in vault.everyone()} == whos
            seventh = vault.keys("s7", create=False)
            assert seventh is not None and seventh.unseal(sealed, b"") == b"body"
            assert vault._file.execute("SELECT count(*) FROM epoch").fetchone() == (1,)
    assert cut >= 3, "too few were killed inside a transaction to show anything"
