"""The command ``xinyong``: each verb is one room of the house.

Modules here import heavy rooms only inside the commands, so that help comes at once.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line; ends the process with the exit code."""
    from xinyong.cli.app import app

    app(prog_name="xinyong")
