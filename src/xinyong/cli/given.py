"""What is given on the command line, and how it is read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from xinyong.cli.house import session
from xinyong.days import parse_day
from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    from xinyong.scheme.model import Scheme


def _remember_json(value: bool) -> bool:
    session().json = value
    return value


SchemeName = Annotated[
    str,
    typer.Argument(
        metavar="SCHEME", help="Name of a scheme in the library, or a path to its YAML file."
    ),
]
Events = Annotated[
    str,
    typer.Argument(
        metavar="EVENTS",
        help="Events: a Parquet, CSV or JSON Lines file, a folder of them, or a quoted glob.",
    ),
]
Mapping = Annotated[
    str | None,
    typer.Option("--mapping", metavar="FILE", help="Mapping document: how rows become events."),
]
_DAY = typer.Option("--day", metavar="DAY", help="The day of scoring, such as 2016-12-31.")
Day = Annotated[str, _DAY]
DayIfAny = Annotated[str | None, _DAY]
KnownBy = Annotated[
    str | None,
    typer.Option(
        "--known-by",
        metavar="MOMENT",
        help="Only records known by then count: a day (its last moment), or a moment such as"
        " 2016-12-31T09:30:00+08:00. Default: the end of the day of scoring.",
    ),
]
Subject = Annotated[
    str, typer.Option("--subject", metavar="ID", help="The one subject to look at.")
]
PlaceOption = Annotated[
    str | None,
    typer.Option(
        "--place",
        metavar="PLACE",
        help="Where the scheme is used, for the charter: eu, cn, us, all, elsewhere."
        " Default: the places of its own jurisdiction.",
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="One JSON document on stdout.", callback=_remember_json),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, max=1024, help="Processes; by default one for each core."),
]
ExecutorName = Annotated[
    str, typer.Option("--executor", metavar="WHERE", help="One of serial, processes, dask, ray.")
]
Address = Annotated[
    str | None,
    typer.Option(
        "--address", metavar="URL", help="A cluster of Dask or Ray; else one is started here."
    ),
]


def examples(*lines: str) -> str:
    """The examples at the end of a command's help, kept as they are laid out."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def read_day(
    text: str,
    option: str = "--day",
    *,
    why: str = "a score is always asked for one day of the calendar",
    like: str = "2016-12-31",
) -> date:
    """A day from an option; raises QuestionRefused with ``why`` and a day ``like`` it."""
    try:
        return parse_day(text)
    except ValueError as error:
        raise QuestionRefused(
            str(error),
            where=option,
            why=why,
            mend=f"write it as {option} {like}",
        ) from None


def read_moment(text: str | None, scheme: Scheme, option: str = "--known-by") -> int | None:
    """A moment from an option, in microseconds since 1970-01-01T00:00Z; raises QuestionRefused."""
    from xinyong.face.given import as_moment

    try:
        return as_moment(text, scheme.zone)
    except QuestionRefused as error:
        error.where = option
        raise
