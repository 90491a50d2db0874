"""The same id is written once, whoever sends it how often; another body never takes its place.

``XINYONG_SENT`` says how many times the senders send (6,000; the full run is 100,000).
"""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from senders import NaiveBook, rows_of, send_from_child, storm, to_store, wrongs

from xinyong.records.store import Store
from xinyong.records.store.opening import engine_for
from xinyong.records.vault import Vault

SENT = int(os.environ.get("XINYONG_SENT", "6000"))
MASTER = bytes(range(32))

pytestmark = pytest.mark.slow


def test_thirty_two_senders_of_the_same_ids(store: Store) -> None:
    answers = storm(to_store(store), SENT, seed=1)
    assert wrongs(answers, rows_of(store)) == []
    taken = sum(one.seq is None for one in answers)
    new = sum(one.new for one in answers)
    print(f"{len(answers)} sent: {new} new, {taken} refused, none twice, none overwritten")
    assert new and taken and new + taken < len(answers)


def test_two_processes_on_one_database(url: str, tmp_path: Path) -> None:
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["senders"])
    path = tmp_path / "vault.db"
    pipes, children = [], []
    for _ in range(2):
        ours, theirs = forks.Pipe()
        child = forks.Process(target=send_from_child, args=(url, path, SENT // 2, 1, theirs))
        child.start()
        theirs.close()
        pipes.append(ours)
        children.append(child)
    assert [pipe.recv() for pipe in pipes] == ["ready", "ready"]
    for pipe in pipes:
        pipe.send("go")
    answers = [answer for pipe in pipes for answer in pipe.recv()]
    for child, pipe in zip(children, pipes, strict=True):
        child.join()
        pipe.close()
        assert child.exitcode == 0
        child.close()
    with Vault.open(path, MASTER) as vault, Store(url, vault) as store:
        rows = rows_of(store)
    assert wrongs(answers, rows) == []
    assert 0 < len(rows) < len(answers)


def test_looking_first_and_inserting_then_is_caught(url: str) -> None:
    engine = engine_for(url)
    book = NaiveBook(engine)
    found = wrongs(storm(book.send, 3_200, seed=1), book.rows())
    engine.dispose()
    assert any(" times" in one for one in found)
