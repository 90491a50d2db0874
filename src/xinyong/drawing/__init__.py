"""Drawings for pages that need no network: charts as SVG, and the style sheet they share."""

from __future__ import annotations

from pathlib import Path

STYLE = Path(__file__).parent / "page.css"
"""The style sheet of every page: light, dark and print, wide and narrow."""


def style() -> str:
    """The style sheet as text."""
    return STYLE.read_text(encoding="utf-8")
