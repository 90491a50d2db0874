"""Empty stores by the thousand: each a copy of one that was opened, and so migrated, once.

All lie in memory where there is such a place (``/dev/shm``): flushing costs nothing there. The
store is still told to flush every commit, and PostgreSQL runs with ``fsync = on``, without which
the store would not open; whether flushing does what it should is for the power cuts to show
(``test_power_cuts.py``), not for whoever asks for stores here. That an empty database is brought
to the newest tables is shown by every other test of the store.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from disk import quick_folder
from own_server import Server

from xinyong.records.store import Store
from xinyong.records.store.opening import engine_for
from xinyong.records.vault import Vault

_NUMBER = itertools.count()
_LEFT: deque[str] = deque()
_LINGER = 4
"""Databases that stay a while after their use: PostgreSQL waits 0.1 s for a connection that is
just being closed before it drops what it belonged to."""


@contextmanager
def fresh_store(backend: str, folder: Path) -> Iterator[str]:
    """The address of an empty store: a file in ``folder``, or a database that is dropped again."""
    if backend == "sqlite":
        shutil.copyfile(_empty_file(), folder / "records.db")
        yield f"sqlite:///{folder}/records.db"
        return
    empty, name = _empty_database(), f"life_{next(_NUMBER)}"
    # In memory, copying files is quicker than writing every page of them to the log.
    _run(f"CREATE DATABASE {name} TEMPLATE {empty} STRATEGY file_copy")
    try:
        yield _address(name)
    finally:
        _LEFT.append(name)
        if len(_LEFT) > _LINGER:
            _run(f"DROP DATABASE {_LEFT.popleft()} WITH (FORCE)")


@cache
def _empty_file() -> Path:
    """An SQLite store without an entry; deleted when the process ends."""
    folder = quick_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _open_once(f"sqlite:///{folder}/empty.db")
    assert [file.name for file in folder.iterdir()] == ["empty.db"], "its log was not written in"
    return folder / "empty.db"


@cache
def _empty_database() -> str:
    """The name of a database that holds a store without an entry."""
    _run("CREATE DATABASE empty")
    _open_once(_address("empty"))
    return "empty"


@cache
def _server() -> tuple[Server, sa.Engine]:
    """The server of these stores alone, and connections to it; ended with the process."""
    stack = ExitStack()
    folder = quick_folder()
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    server = Server(folder)
    stack.callback(server.close)
    server.start()
    engine = engine_for(server.url)
    stack.callback(engine.dispose)
    atexit.register(stack.close)
    return server, engine


def _address(name: str) -> str:
    url = sa.make_url(_server()[0].url).set(database=name)
    return url.render_as_string(hide_password=False)


def _open_once(url: str) -> None:
    folder = quick_folder()
    try:
        with Vault.open(folder / "vault.db", bytes(32)) as vault, Store(url, vault):
            pass
    finally:
        shutil.rmtree(folder)


def _run(statement: str) -> None:
    with _server()[1].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(statement))
