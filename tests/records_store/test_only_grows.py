"""The ledger's tables refuse every change and deletion, through every door that was found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import fresh_database

from xinyong.records.store import Act, Block, Parcel, State, Store
from xinyong.records.store.opening import engine_for
from xinyong.records.store.tables import GROWING
from xinyong.records.vault import Vault

DOCUMENT = Path(__file__).parents[2] / "docs" / "store.md"

COLUMN = {"entries": "kind", "tiles": "hashes", "checkpoints": "note"}
KEY = {"entries": "seq", "tiles": "level, number", "checkpoints": "size"}

EVERYWHERE = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "INSERT INTO {table} SELECT * FROM {table} WHERE true"
    " ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}",
    "WITH one AS (SELECT 1) DELETE FROM {table}",
]
SQLITE = [
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table}",
    "UPDATE OR REPLACE {table} SET {column} = {column}",
    "UPDATE OR IGNORE {table} SET {column} = {column}",
    "DELETE FROM {table} WHERE rowid = 1 RETURNING {column}",
]
POSTGRESQL = [
    "TRUNCATE {table}",
    "TRUNCATE {table} RESTART IDENTITY CASCADE",
    "TRUNCATE blocks, {table}",
    "DELETE FROM ONLY {table}",
    "UPDATE {table} SET {column} = {column} FROM tree",
    "DELETE FROM {table} USING tree",
    "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT * FROM gone",
    "MERGE INTO {table} USING tree ON true WHEN MATCHED THEN DELETE",
    "MERGE INTO {table} USING tree ON true WHEN MATCHED THEN UPDATE SET {column} = {column}",
    "DO $$ BEGIN DELETE FROM {table}; END $$",
    "SET session_replication_role = replica; DELETE FROM {table}",
    "SET session_replication_role = replica; TRUNCATE {table}",
]


@pytest.fixture
def full(store: Store) -> Store:
    """A store with rows in all three tables."""
    acts = (Act("event", "anna", {"id": f"e{n}"}, key=f"e{n}") for n in range(300))
    store.append(Parcel(tuple(acts)))
    store.keep_checkpoint(300, "a signed note")
    return store


@contextmanager
def by_hand(store: Store) -> Iterator[sa.Connection]:
    """A connection as any other program makes one, without the store's settings."""
    if store.url.startswith("sqlite"):
        engine = sa.create_engine(store.url, isolation_level="AUTOCOMMIT")
    else:
        engine = engine_for(store.url).execution_options(isolation_level="AUTOCOMMIT")
    with closing(engine.connect()) as connection:
        yield connection
    engine.dispose()


def contents(store: Store) -> list[list[sa.Row[tuple[object, ...]]]]:
    with by_hand(store) as connection:
        return [
            list(connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY {KEY[table]}"))
            for table in GROWING
        ]


@pytest.mark.parametrize("table", GROWING)
def test_no_statement_changes_or_deletes_a_row(full: Store, table: str) -> None:
    doors = EVERYWHERE + (SQLITE if full.url.startswith("sqlite") else POSTGRESQL)
    before = contents(full)
    assert all(before)
    for door in doors:
        statements = door.format(table=table, column=COLUMN[table], key=KEY[table]).split("; ")
        with by_hand(full) as connection:
            if door.startswith("DO"):
                statements = ["; ".join(statements)]
            for first in statements[:-1]:
                connection.exec_driver_sql(first)
            with pytest.raises(sa.exc.DBAPIError, match=f"{table} only grows"):
                connection.exec_driver_sql(statements[-1])
    assert contents(full) == before


def test_a_row_with_a_known_mark_replaces_none(full: Store) -> None:
    before = contents(full)
    word = "INSERT OR REPLACE" if full.url.startswith("sqlite") else "INSERT"
    with by_hand(full) as connection:
        mark = connection.exec_driver_sql("SELECT mark FROM entries WHERE seq = 7").scalar_one()
        row = sa.text(
            f"{word} INTO entries (seq, kind, at, who, body, leaf, mark)"
            " SELECT 300, kind, at, who, body, leaf, mark FROM entries WHERE mark = :mark"
        )
        with pytest.raises(sa.exc.DBAPIError):
            connection.execute(row, {"mark": mark})
    assert contents(full) == before


def test_simpler_guards_would_leave_a_door_open(full: Store) -> None:
    """Triggers on UPDATE and DELETE alone, as one would write them first, do not hold."""
    make = "CREATE TABLE simple (one INTEGER PRIMARY KEY, note TEXT)"
    if full.url.startswith("sqlite"):
        guard = "BEFORE DELETE ON simple BEGIN SELECT RAISE(ABORT, 'no'); END"
        through = ["INSERT OR REPLACE INTO simple VALUES (1, 'another')"]
    else:
        guard = "BEFORE UPDATE ON simple FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
        through = ["SET session_replication_role = replica", "UPDATE simple SET note = 'another'"]
    with by_hand(full) as connection:
        for statement in (
            make,
            f"CREATE TRIGGER simple_guard {guard}",
            "INSERT INTO simple VALUES (1, 'a note')",
            *through,
        ):
            connection.exec_driver_sql(statement)
        assert connection.exec_driver_sql("SELECT note FROM simple").scalar_one() == "another"


AS_THE_ROLE = [
    "UPDATE entries SET kind = kind",
    "DELETE FROM tiles",
    "TRUNCATE checkpoints",
    "ALTER TABLE entries DISABLE TRIGGER ALL",
    "DROP TRIGGER entries_only_grows ON entries",
    "DROP TABLE entries",
    "CREATE OR REPLACE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NULL; END $$",
    "CREATE RULE quiet AS ON INSERT TO entries DO INSTEAD NOTHING",
    "ALTER TABLE entries RENAME TO other",
    "SET session_replication_role = replica",
    "CREATE TABLE public.other (one integer)",
    "UPDATE alembic_version SET version_num = '0000'",
    "DELETE FROM tree",
]


def test_the_role_of_the_documentation_can_add_and_nothing_else(tmp_path: Path) -> None:
    (sql,) = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    with fresh_database() as url, Vault.open(tmp_path / "vault.db", bytes(range(32))) as vault:
        with Store(url, vault) as owned, by_hand(owned) as connection:
            for statement in sql.strip().split(";\n"):
                connection.exec_driver_sql(statement)
        try:
            with Store(url.replace("postgres:@", "xinyong_service@"), vault) as store:
                works_as_a_store(store)
                before = contents(store)
                with by_hand(store) as connection:
                    assert connection.exec_driver_sql("SELECT current_user").scalar_one() == (
                        "xinyong_service"
                    )
                    for door in AS_THE_ROLE:
                        with pytest.raises(sa.exc.DBAPIError, match=r"permission|owner"):
                            connection.exec_driver_sql(door)
                assert contents(store) == before
        finally:
            with Store(url, vault) as owned, by_hand(owned) as connection:
                connection.exec_driver_sql("DROP OWNED BY xinyong_service")
                connection.exec_driver_sql("DROP ROLE xinyong_service")


def works_as_a_store(store: Store) -> None:
    events = tuple(Act("event", "anna", {"id": f"e{n}"}, key=f"e{n}") for n in range(300))
    store.append(Parcel(events, blocks=(Block("anna", "s", 300, b"packed"),)))
    given = State("consent", "c1", "given")
    for _ in range(2):
        store.append(Act("consent", "anna", {"purpose": "loan"}, states=(given,)))
    store.keep_checkpoint(300, "a signed note")
    assert store.erase("anna", reason="asked") is not None
    assert store.states("consent") == []
