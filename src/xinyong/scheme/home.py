"""Where the schemes of the library lie, and what they are called."""

from __future__ import annotations

from pathlib import Path

HOME = Path(__file__).resolve().parent.parent / "library"
SCHEME_FILE = "scheme.yaml"
MOST_MIXED = 20
"""Schemes of the library that one document may mix in."""


def names() -> tuple[str, ...]:
    """Names of the schemes in the library, sorted."""
    return tuple(sorted(folder.parent.name for folder in HOME.glob(f"*/{SCHEME_FILE}")))
