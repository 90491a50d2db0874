"""How a database is connected to."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from postgres import fresh_database

from xinyong.records.store import Store, migrations
from xinyong.records.store.opening import engine_for


def test_no_tls_is_tried_on_a_unix_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL has none there, and reading the machine's authorities for it takes long."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("TLS was prepared for")

    with fresh_database() as url:
        assert "host=/" in url
        monkeypatch.setattr(ssl, "create_default_context", refused)
        engine = engine_for(url)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        engine.dispose()


def test_the_newest_version_is_the_last_that_alembic_finds() -> None:
    folder = Path(migrations.__file__).parent
    assert ScriptDirectory(folder).get_heads() == [migrations.NEWEST]


def test_alembic_is_asked_where_the_tables_are_not_the_newest(
    make: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    whole = command.upgrade

    def counted(config: Config, revision: str) -> None:
        asked.append(revision)
        whole(config, revision)

    monkeypatch.setattr(command, "upgrade", counted)
    store = make()
    assert asked == ["head"]
    store.reopen()
    assert (asked, store.size()) == (["head"], 0)
    monkeypatch.setattr("xinyong.records.store.opening.NEWEST", "9999")
    store.reopen()
    assert (asked, store.size()) == (["head", "head"], 0)
