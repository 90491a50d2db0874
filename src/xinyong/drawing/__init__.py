"""Drawings for pages that need no network: charts as SVG, and the style sheet they share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart in its frame: title, a sentence, the drawing, and the same as a table."""

    title: str
    says: str
    svg: Markup
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def style() -> str:
    """The style sheet of every page: light, dark and print, wide and narrow."""
    return (HERE / "page.css").read_text(encoding="utf-8")


def pages(folder: Path) -> Environment:
    """Templates of a folder, and the frame of a figure (``figure.html``)."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
