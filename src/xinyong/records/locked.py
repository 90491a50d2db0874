"""DuckDB for what comes from outside: it reaches no file, no network and no setting of its own."""

from __future__ import annotations

from pathlib import Path

import duckdb


def locked_down(
    *, memory: str, threads: int = 2, spill: Path | None = None
) -> duckdb.DuckDBPyConnection:
    """A database in memory that sees nothing but what is registered with it.

    ``memory`` is what it may hold, such as ``768MB``; ``spill`` a folder for what does not fit,
    without which that is an error.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "allow_community_extensions": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory,
            "python_enable_replacements": "false",
            "temp_directory": str(spill) if spill else "",
            "threads": str(threads),
        },
    )
    # in this order: without access to files the folder for spilling cannot be named any more
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


__all__ = ["locked_down"]
