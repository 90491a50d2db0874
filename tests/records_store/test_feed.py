"""A follower of the feed misses nothing, with eight writers in two processes.

``XINYONG_FED`` says how many entries are written (16,000; the full run is 1,000,000).
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from following import NaiveTable, follow, write_from_child
from postgres import fresh_database

from xinyong.records.store import Store
from xinyong.records.store.opening import engine_for
from xinyong.records.vault import Vault

FED = int(os.environ.get("XINYONG_FED", "16000"))
MASTER = bytes(range(32))

pytestmark = pytest.mark.slow


def test_a_follower_misses_nothing(url: str, tmp_path: Path) -> None:
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["following"])
    path = tmp_path / "vault.db"
    ended = threading.Event()
    with (
        Vault.open(path, MASTER) as vault,
        Store(url, vault) as store,
        ThreadPoolExecutor(1) as follower,
    ):
        seen = follower.submit(
            follow, lambda after: [known.seq for known in store.feed(after)], ended
        )
        pipes, children = [], []
        for number in range(2):
            ours, theirs = forks.Pipe(duplex=False)
            child = forks.Process(
                target=write_from_child, args=(url, path, FED // 2, number, theirs)
            )
            child.start()
            theirs.close()
            pipes.append(ours)
            children.append(child)
        try:
            acked = sorted(seq for pipe in pipes for seq in pipe.recv())
        finally:
            ended.set()
        for child, pipe in zip(children, pipes, strict=True):
            child.join()
            pipe.close()
            assert child.exitcode == 0
            child.close()
        assert len(acked) == store.size() == FED
        assert seen.result() == acked == list(range(FED))
    print(f"{FED} entries by eight writers: none missed, none twice, all in order")


def test_tailing_a_serial_number_is_caught() -> None:
    with fresh_database() as url:
        engine = engine_for(url)
        table = NaiveTable(engine)
        ended = threading.Event()
        with ThreadPoolExecutor(9) as pool:
            follower = pool.submit(follow, table.read, ended)
            writers = [pool.submit(table.write, 100) for _ in range(8)]
            acked = {seq for writer in writers for seq in writer.result()}
            ended.set()
            missed = acked - set(follower.result())
        engine.dispose()
    assert len(acked) == 800 and missed
