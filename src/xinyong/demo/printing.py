"""Tables as plain text, as the demo prints them."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table


def printed(table: Table) -> str:
    """A table as plain text, 96 columns wide."""
    console = Console(file=io.StringIO(), width=96, color_system=None)
    with console.capture() as held:
        console.print(table)
    return held.get().rstrip()
