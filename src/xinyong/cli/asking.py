"""A table of questions: who is scored as of which day, by what was known when."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    import pyarrow as pa

QuestionsOption = Annotated[
    str | None,
    typer.Option(
        "--questions",
        metavar="FILE",
        help="Score these subjects as of these days: .csv or .parquet with the columns subject, day"
        " and, if you like, known_by. Instead of --day.",
    ),
]


def read_questions(name: str) -> tuple[pa.Table, date]:
    """The table of questions and its last day. Raises QuestionRefused.

    In a CSV a day is written 2016-12-31, ``known_by`` as a moment with its zone.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    path = Path(name)
    try:
        with path.open("rb"):
            pass  # no such file, a folder, no permission: said in the system's own words
        made = _csv(path) if path.suffix == ".csv" else _parquet(path)
    except pa.ArrowException as error:
        raise _refused(name, (str(error).splitlines() or ["it is broken"])[0][:200]) from None
    except OSError as error:
        raise _refused(name, (error.strerror or "it cannot be read").lower()) from None
    for column in ("subject", "day"):
        if column not in made.column_names:
            raise _refused(name, f"it has no column '{column}'")
        if made[column].null_count:
            raise _refused(name, f"a row has no {column}")
    if not pa.types.is_date(made["day"].type):
        raise _refused(name, f"the column 'day' is of type {made['day'].type}, not a day")
    last = pc.max(made["day"]).as_py()
    if last is None:
        raise _refused(name, "it has no rows")
    return made, last


def _csv(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    types = {
        "subject": pa.string(),
        "day": pa.date32(),
        "known_by": pa.timestamp("us", tz="UTC"),
    }
    convert = csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
    return csv.read_csv(path, convert_options=convert)


def _parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    if path.suffix != ".parquet":
        raise _refused(str(path), f"'{path.suffix or path.name}' is no format for questions")
    file = pq.ParquetFile(path)
    names = [one for one in file.schema_arrow.names if one in ("subject", "day", "known_by")]
    return file.read(columns=names)


def _refused(name: str, why: str) -> QuestionRefused:
    return QuestionRefused(
        "the questions cannot be read",
        where=name,
        why=why,
        mend="give a .csv or .parquet with the columns subject, day and, if you like, known_by",
    )


__all__ = ["QuestionsOption", "read_questions"]
