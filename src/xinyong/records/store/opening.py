"""Databases opened the way the store needs them, and brought to the newest tables."""

from __future__ import annotations

import sqlite3
from importlib.resources import files
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

from xinyong.errors import ProofRefused, QuestionRefused, StoreRefused
from xinyong.records.store.migrations import NEWEST

LOCK: Final = 0x58696E79
"""Number of the advisory lock that serialises writing on PostgreSQL."""

_PATIENCE: Final = 30
"""Seconds to wait for another process that is writing."""


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
        connect_args={"timeout": _PATIENCE, "check_same_thread": False},
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
        cursor.execute("PRAGMA wal_autocheckpoint=16000")
        cursor.close()

    return engine


def _postgresql(url: sa.URL, synchronous: str) -> sa.Engine:
    folder = url.query.get("host")
    given: dict[str, Any] = {}
    if isinstance(folder, str) and folder.startswith("/"):
        port = url.query.get("port", "5432")
        # PostgreSQL speaks TLS on TCP alone; the driver would read every certificate authority
        # of the machine for each connection (about 25 ms) before it is told so.
        given["ssl_context"] = False
        url = url.difference_update_query(["host", "port"]).update_query_dict(
            {"unix_sock": f"{folder}/.s.PGSQL.{port}"}
        )
    engine = sa.create_engine(
        url.set(drivername="postgresql+pg8000"),
        connect_args=given,
        # Each statement sees what was committed before it, so also what was committed while
        # :func:`begin` waited for the lock.
        isolation_level="READ COMMITTED",
        pool_size=8,
        max_overflow=24,
    )

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
    """Take the one lock of writing, inside a transaction that :func:`commit` ends.

    Raises StoreRefused where another process holds the lock for too long; nothing is lost then.
    """
    if connection.dialect.name == "sqlite":
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except sa.exc.OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise StoreRefused(
                "the store is busy",
                where="store",
                why="another process has been writing for longer than half a minute",
                mend="send it again in a moment",
            ) from None
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


def settle(engine: sa.Engine) -> None:
    """See that what is read is on the disk too; on every opening.

    After a failed flush the kernel may show bytes that never reached the disk. SQLite would read
    them from its log and build on them; here all of the log is written into the database and
    flushed anew, or ProofRefused is raised. PostgreSQL stops by itself after such a failure, and
    starts from what the disk holds; unless somebody told it not to flush at all.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout=1000")
            # Where another process is using the log, it has settled it already, or it is
            # writing on from the last commit that was flushed.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE * 1000}")
        elif connection.exec_driver_sql("SHOW fsync").scalar_one() != "on":
            raise ProofRefused(
                "this PostgreSQL does not flush what it commits",
                where="store",
                why="with fsync = off a power cut loses what was acknowledged",
                mend="set fsync = on and start it again",
            )


def upgrade(engine: sa.Engine) -> None:
    """Bring a database to the newest tables, by Alembic; does nothing where it is there."""
    if _version(engine) == NEWEST:  # loading and asking Alembic takes longer than all the rest
        return
    from alembic import command
    from alembic.config import Config

    with engine.connect() as connection:
        config = Config()
        config.set_main_option(
            "script_location", str(files("xinyong.records.store").joinpath("migrations"))
        )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(engine: sa.Engine) -> str | None:
    """The version of a database's tables; None where there are none, or where it cannot be read."""
    with engine.connect() as connection:
        try:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()
        except sa.exc.DBAPIError:
            return None
    return str(found[0][0]) if len(found) == 1 else None


__all__ = ["LOCK", "begin", "commit", "engine_for", "roll_back", "settle", "upgrade"]
