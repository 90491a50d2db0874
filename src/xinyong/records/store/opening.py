"""Databases opened the way the store needs them, and brought to the newest tables."""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

from xinyong.errors import QuestionRefused

LOCK: Final = 0x58696E79
"""Number of the advisory lock that serialises writing on PostgreSQL."""


def engine_for(url: str, *, synchronous: str = "FULL") -> sa.Engine:
    """A database by URL: ``sqlite:///file`` or ``postgresql://user@host/name``.

    SQLite runs in WAL mode with ``synchronous=FULL``: a commit that was answered survives a power
    cut. ``synchronous`` is there for the tests that show that anything less does not.
    Raises QuestionRefused for any other database.
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise QuestionRefused(
            "this is not the address of a database",
            where="store",
            mend="write sqlite:///records.db or postgresql://user@host/name",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, synchronous)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, synchronous)
    raise QuestionRefused(
        f"no store is kept in {parsed.get_backend_name()}",
        where="store",
        mend="use sqlite (the default) or postgresql",
    )


def _sqlite(url: sa.URL, synchronous: str) -> sa.Engine:
    if not url.database or url.database == ":memory:":
        raise QuestionRefused(
            "a store needs a file", where="store", mend="write sqlite:///records.db"
        )
    engine = sa.create_engine(
        url,
        connect_args={"timeout": 30, "check_same_thread": False},
        isolation_level="AUTOCOMMIT",
        pool_size=8,
        max_overflow=24,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA recursive_triggers=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute("PRAGMA mmap_size=0")
        cursor.close()

    return engine


def _postgresql(url: sa.URL, synchronous: str) -> sa.Engine:
    folder = url.query.get("host")
    if isinstance(folder, str) and folder.startswith("/"):
        port = url.query.get("port", "5432")
        url = url.difference_update_query(["host", "port"]).update_query_dict(
            {"unix_sock": f"{folder}/.s.PGSQL.{port}"}
        )
    engine = sa.create_engine(url.set(drivername="postgresql+pg8000"), pool_size=8, max_overflow=24)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        value = "on" if synchronous == "FULL" else "off"
        cursor.execute(f"SET synchronous_commit = {value}")
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.close()
        connection.commit()

    return engine


def begin(connection: sa.Connection) -> None:
    """Take the one lock of writing, inside a transaction that ends with :func:`end`."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def commit(connection: sa.Connection) -> None:
    """End what :func:`begin` began; on return it is durable."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("COMMIT")
    else:
        connection.commit()


def roll_back(connection: sa.Connection) -> None:
    """Undo what was written since :func:`begin`."""
    if connection.dialect.name == "sqlite":
        if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
            connection.exec_driver_sql("ROLLBACK")
    else:
        connection.rollback()


def upgrade(engine: sa.Engine) -> None:
    """Bring a database to the newest tables, by Alembic; does nothing where it is there."""
    from alembic import command
    from alembic.config import Config

    with engine.connect() as connection:
        config = Config()
        config.set_main_option(
            "script_location", str(files("xinyong.records.store").joinpath("migrations"))
        )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


__all__ = ["LOCK", "begin", "commit", "engine_for", "roll_back", "upgrade"]
