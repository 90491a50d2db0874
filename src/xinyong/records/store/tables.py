"""The tables of the store, the same on SQLite and PostgreSQL.

``entries``, ``tiles`` and ``checkpoints`` only grow: the database itself refuses to change or
delete their rows. ``tree``, ``states``, ``heads`` and ``blocks`` follow from the entries and are
kept with them in one transaction, so that nothing has to be read twice.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

metadata = sa.MetaData()

entries = sa.Table(
    "entries",
    metadata,
    sa.Column(
        "seq",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.Column("mark", sa.Text, nullable=True),
    sa.Index("entries_who", "who", "kind", "seq"),
    sa.Index("entries_mark", "mark", unique=True),
)
"""The ledger. ``mark`` is the keyed hash of an act's key, null where it has none."""

tiles = sa.Table(
    "tiles",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
)
"""Complete rows of 256 hashes of the tree; ``level`` counts in steps of eight."""

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
)

tree = sa.Table(
    "tree",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("edge", sa.LargeBinary, nullable=False),
)
"""One row: how many entries there are, the newest moment, the right edge of the tree."""

states = sa.Table(
    "states",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=True),
    sa.Column("bunch", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Index("states_bunch", "name", "bunch"),
    sa.Index("states_due", "name", "value", "due"),
    sa.Index("states_who", "who", "name", "seq"),
)

heads = sa.Table(
    "heads",
    metadata,
    sa.Column("who", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""The newest act about a subject that can change which events count."""

blocks = sa.Table(
    "blocks",
    metadata,
    sa.Column("who", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, primary_key=True),
    sa.Column("upto", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
"""A subject's events packed for one scheme (``label``), sealed, true up to an entry."""

GROWING: Final = ("entries", "tiles", "checkpoints")
"""Tables that only grow."""

_TAKEN: Final = {
    "entries": "EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq)"
    " OR EXISTS (SELECT 1 FROM entries WHERE mark = NEW.mark)",
    "tiles": "EXISTS (SELECT 1 FROM tiles WHERE level = NEW.level AND number = NEW.number)",
    "checkpoints": "EXISTS (SELECT 1 FROM checkpoints WHERE size = NEW.size)",
}
"""Whether a new row of a growing table has a key that is there already."""


def guards(dialect: str) -> list[str]:
    """Statements that make the database refuse to change or delete rows of growing tables.

    SQLite deletes a row that is replaced without asking the triggers of deletion, unless the
    connection says ``recursive_triggers``; so a row whose key is taken is refused before that.
    PostgreSQL's triggers fire even where a session says it only replays another server's changes.
    """
    if dialect == "sqlite":
        return [
            *(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} BEGIN"
                f" SELECT RAISE(ABORT, '{table} only grows'); END"
                for table in GROWING
                for what in ("UPDATE", "DELETE")
            ),
            *(
                f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} BEGIN"
                f" SELECT RAISE(ABORT, '{table} only grows'); END"
                for table, taken in _TAKEN.items()
            ),
        ]
    return [
        "CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$",
        *(
            statement
            for table in GROWING
            for statement in (
                f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION only_grows()",
                f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_only_grows",
            )
        ),
    ]


__all__ = [
    "GROWING",
    "blocks",
    "checkpoints",
    "entries",
    "guards",
    "heads",
    "metadata",
    "states",
    "tiles",
    "tree",
]
