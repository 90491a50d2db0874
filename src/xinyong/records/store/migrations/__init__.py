"""Versions of the tables, run by Alembic."""

from typing import Final

NEWEST: Final = "0001"
"""The last of them: a database that bears it is left as it is."""
