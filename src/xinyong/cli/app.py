"""All verbs of the command line, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from xinyong.cli import lab, law, rules, scoring, sensors, serving, subject, town
from xinyong.cli.house import EXIT_CODES, House

_CODES = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())

app = typer.Typer(
    name="xinyong",
    cls=House,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExit codes:\n" + _CODES,
)


def _version(value: bool) -> None:
    if value:
        from xinyong import __version__

        print(__version__)
        raise typer.Exit


@app.callback()
def top(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an error happened (XINYONG_DEBUG=1).")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What a scoring scheme says, and what it makes of events: points, bands, reasons.

    SCHEME is a name from 'xinyong schemes' or a path to a YAML file. Every command has examples
    in its own help, such as 'xinyong score --help'.
    """


# The order here is the order in the help.
for module in (rules, law, scoring, subject, sensors, lab, serving, town):
    module.add_to(app)

__all__ = ["app"]
