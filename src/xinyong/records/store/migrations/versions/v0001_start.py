"""The first tables."""

import sqlalchemy as sa
from alembic import op

from xinyong.records.ledger.merkle import Frontier
from xinyong.records.store.tables import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the first version; there is no way back but a backup."""
    op.create_table(
        "entries",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),  # the row's own number
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("mark", sa.Text, nullable=True),
    )
    op.create_index("entries_who", "entries", ["who", "kind", "seq"])
    op.create_index("entries_mark", "entries", ["mark"], unique=True)
    op.create_table(
        "tiles",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    tree = op.create_table(
        "tree",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("edge", sa.LargeBinary, nullable=False),
    )
    op.bulk_insert(tree, [{"one": 0, "size": 0, "at": 0, "edge": Frontier().to_bytes()}])
    op.create_table(
        "states",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=True),
        sa.Column("bunch", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_index("states_bunch", "states", ["name", "bunch"])
    op.create_index("states_due", "states", ["name", "value", "due"])
    op.create_index("states_who", "states", ["who", "name", "seq"])
    op.create_table(
        "heads",
        sa.Column("who", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "blocks",
        sa.Column("who", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, primary_key=True),
        sa.Column("upto", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    for statement in guards(op.get_bind().dialect.name):
        op.get_bind().exec_driver_sql(statement)
