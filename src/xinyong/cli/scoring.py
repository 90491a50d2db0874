"""Verbs about everybody: score, intake. They print counts, never names."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from xinyong.cli.asking import QuestionsOption, read_questions
from xinyong.cli.given import (
    DayIfAny,
    Events,
    Json,
    KnownBy,
    Mapping,
    PlaceOption,
    SchemeName,
    examples,
    read_day,
    read_moment,
)
from xinyong.cli.house import NO
from xinyong.cli.output import as_json, note, progress, refuse_taken, replacing, say
from xinyong.cli.spread import aggregates, print_spread
from xinyong.errors import EventsRefused, QuestionRefused

if TYPE_CHECKING:
    from xinyong.engine.batch import Summary
    from xinyong.records.intake import IntakeReport
    from xinyong.scheme.model import Scheme


def add_to(app: typer.Typer) -> None:
    """Put the verbs of this module on the command line."""
    app.command(
        epilog=examples(
            "xinyong score sesame events.parquet --day 2025-12-31 --out scores.parquet",
            "xinyong score my.yaml 'events/*.parquet' --day 2025-12-31",
            "xinyong score thin.yaml loans.csv --mapping map.yaml --day 2025-12-31 --json",
            "xinyong score thin.yaml events.parquet --questions asked.csv --out scores.parquet",
        )
    )(score)
    app.command(
        epilog=examples(
            "xinyong intake sesame bills.csv --out events.parquet",
            "xinyong intake thin.yaml --mapping map.yaml --out events.parquet",
            "xinyong intake sesame 'in/*.jsonl' --out events.parquet --rejects bad.jsonl --strict",
        )
    )(intake)


# ------------------------------------------------------------------ score


OutOption = Annotated[
    str | None,
    typer.Option("--out", metavar="FILE", help="Write the scores there: .parquet, .csv or .arrow."),
]
VariablesOption = Annotated[
    bool, typer.Option("--variables", help="Also write the value of every variable.")
]
NextChangeOption = Annotated[
    bool,
    typer.Option(
        "--next-change/--no-next-change", help="Write when each score changes next by itself."
    ),
]
ReasonsOption = Annotated[
    bool, typer.Option("--reasons/--no-reasons", help="Write the reasons for lost points.")
]
ThreadsOption = Annotated[
    int, typer.Option("--threads", min=1, max=256, help="How many threads may work.")
]
EngineOption = Annotated[
    str | None,
    typer.Option("--engine", metavar="NAME", help="numba or numpy; the answers are the same."),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")]


def score(
    scheme: SchemeName,
    events: Events,
    day: DayIfAny = None,
    questions: QuestionsOption = None,
    out: OutOption = None,
    known_by: KnownBy = None,
    mapping: Mapping = None,
    place: PlaceOption = None,
    variables: VariablesOption = False,
    next_change: NextChangeOption = True,
    reasons: ReasonsOption = True,
    threads: ThreadsOption = 2,
    engine: EngineOption = None,
    force: ForceOption = False,
    json: Json = False,
) -> None:
    """Score everybody as of one day; show the spread.

    Or, with --questions, the subjects of a table, each as of its own day.

    The file of scores has one row a subject: score, band, points of each dimension, reasons, lists,
    consequences, and the day on which the score changes next by itself. What is printed are
    counts; names stand in the file alone.
    """
    from xinyong.engine.batch import score_file
    from xinyong.face.gate import admit
    from xinyong.face.schemes import load

    table = None
    if (day is None) == (questions is None):
        raise QuestionRefused(
            "no day is given" if day is None else "a day and a table of questions are given",
            where="--day",
            why="a score is always as of a day; there is no clock inside",
            mend="give --day 2016-12-31 for everybody, or --questions with a day in each row",
        )
    if questions is not None:
        table, asked = read_questions(questions)
    else:
        asked = read_day(day or "")
    target = None if out is None else _target(out)
    known = load(scheme)
    moment = read_moment(known_by, known)
    leave = admit(known, events, day=asked, place=place, mapping=mapping)
    if leave.lab:
        note(leave.said)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="xinyong-") as folder,
        _place(target, Path(folder), force) as half,
    ):
        files = _prepared(known, events, mapping, Path(folder))
        with _readable(events), progress("scoring events") as told:
            summary = score_file(
                known,
                files,
                half,
                day=asked if table is None else None,
                known_by=moment,
                questions=table,
                threads=threads,
                engine=_engine(engine),
                variables=variables,
                next_change=next_change,
                reasons=reasons,
                progress=told,
            )
        told_of = aggregates(half, known)
        if target is not None:
            _convert(half, target)
    _note_rate(summary, time.monotonic() - began)
    answer = {
        "scheme": {"name": known.scheme, "version": known.version, "digest": known.digest},
        "day": asked,
        **({} if table is None else {"questions": table.num_rows}),
        "subjects": summary.subjects,
        "events": summary.events,
        "out": out,
        **({"lab": leave.said} if leave.lab else {}),
        **told_of,
    }
    if json:
        as_json(answer)
    else:
        print_spread(answer, known)


def _note_rate(summary: Summary, spent: float) -> None:
    note(
        f"scored {summary.subjects:,} subjects with {summary.events:,} events"
        f" in {spent:.1f} s ({summary.events / max(spent, 1e-9):,.0f} events/s)"
    )


def _engine(name: str | None) -> Literal["numba", "numpy"] | None:
    if name is None or name == "numba" or name == "numpy":
        return name  # type: ignore[return-value]
    raise QuestionRefused(
        f"no engine is called '{name[:40]}'",
        where="--engine",
        why="two engines give the same answers",
        mend="choose numba or numpy, or leave it out",
    )


def _target(out: str) -> Path:
    path = Path(out)
    if path.suffix not in (".parquet", ".csv", ".arrow"):
        raise QuestionRefused(
            f"'{path.suffix or path.name}' is not a format for scores",
            where="--out",
            why="the format is told from the file's ending",
            mend="let the name end in .parquet, .csv or .arrow",
        )
    return path


@contextmanager
def _place(target: Path | None, folder: Path, force: bool) -> Iterator[Path]:
    """Where the engine writes: beside the target, or in a folder that goes away."""
    if target is None:
        yield folder / "scores.parquet"
        return
    with replacing(target, force=force) as half:
        yield half


def _prepared(scheme: Scheme, events: str, mapping: str | None, folder: Path) -> list[Path]:
    """Parquet files ready for the engine; anything else is taken in first."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from xinyong.engine.shape import shape_of
    from xinyong.face.events import parquet_files
    from xinyong.face.frames import check_names

    files = parquet_files(events) if mapping is None else []
    shape = shape_of(scheme)
    for file in files:
        try:
            names = pq.read_schema(file).names
        except (pa.ArrowException, OSError):
            continue  # the engine says what is wrong with it
        check_names(names, shape, str(file))
    if files:
        return files
    made = folder / "events.parquet"
    report = _take_in(scheme, [events], mapping, made, folder / "aside.jsonl")
    if report.set_aside:
        raise QuestionRefused(
            f"{report.set_aside:,} of {report.rows:,} rows do not fit:"
            f" {', '.join(f'{count:,} {reason}' for reason, count in report.aside.items())}",
            where=events,
            why="rows are not left out in silence",
            mend="run 'xinyong intake' first: it sets them aside with line and reason",
        )
    return [made]


@contextmanager
def _readable(events: str) -> Iterator[None]:
    """A file that breaks off or holds nonsense in the middle is bad input."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise EventsRefused(
            "the file cannot be read to its end",
            where=events,
            why=(str(error).splitlines() or ["it is broken"])[0][:200],
            mend="fetch or write it again; nothing was written",
        ) from None


def _convert(half: Path, target: Path) -> None:
    """Turn the Parquet file just written into the format the target's ending asks for."""
    if target.suffix == ".parquet":
        return
    import pyarrow.parquet as pq

    scores = pq.read_table(half)
    if target.suffix == ".csv":
        from xinyong.records.writing_csv import write_csv

        write_csv(scores, half)
    else:
        import pyarrow.feather as feather

        feather.write_feather(scores, half, compression="zstd")


# ------------------------------------------------------------------ intake


def intake(
    scheme: SchemeName,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILES",
            help="CSV, JSON Lines or Parquet files, folders, quoted globs."
            " May be left to the mapping document.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="The events table to write (Parquet).")
    ] = ...,  # type: ignore[assignment]
    mapping: Mapping = None,
    rejects: Annotated[
        str | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help="Rows that do not fit, with line and reason."
            " Default: the name of --out with .aside.jsonl.",
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if any row was set aside.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the files if they exist.")
    ] = False,
    json: Json = False,
) -> None:
    """Take files of events in: one table, each event once.

    Rows that do not fit are set aside with line and reason. A file that is broken stops the whole
    intake, and nothing changes. docs/intake.md tells what happens to each kind of bad input.
    """
    from xinyong.face.schemes import load

    target = Path(out)
    aside = target.with_name(target.stem + ".aside.jsonl") if rejects is None else Path(rejects)
    for path in (target, aside):
        refuse_taken(path, force=force)
    report = _take_in(load(scheme), list(files or []), mapping, target, aside)
    if json:
        as_json(_intake_data(report, target, aside))
    else:
        _print_intake(report, target, aside)
    if strict and report.set_aside:
        raise typer.Exit(NO)


def _intake_data(report: IntakeReport, out: Path, aside: Path) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "events": report.events,
        "duplicates": report.duplicates,
        "set_aside": report.set_aside,
        "aside": dict(report.aside),
        "subjects": report.subjects,
        "first_day": report.first_day,
        "last_day": report.last_day,
        "files": report.files,
        "out": out,
        "rejects": aside,
    }


def _take_in(
    scheme: Scheme, files: list[str], mapping: str | None, out: Path, aside: Path
) -> IntakeReport:
    from xinyong.engine.shape import shape_of
    from xinyong.records.intake import take_in
    from xinyong.records.mapping import read_mapping

    with progress("reading bytes") as told:
        return take_in(
            files,
            shape_of(scheme),
            mapping=None if mapping is None else read_mapping(mapping),
            out=out,
            rejects=aside,
            progress=told,
        )


def _print_intake(report: IntakeReport, out: Path, aside: Path) -> None:
    count = len(report.files)
    say(f"{report.rows:,} rows read from {count} file{'' if count == 1 else 's'}")
    span = f", {report.first_day} to {report.last_day}" if report.first_day else ""
    say(f"{report.events:,} events of {report.subjects:,} subjects{span}: {out}")
    if report.duplicates:
        say(f"{report.duplicates:,} repeated records left out")
    if report.set_aside:
        say(f"{report.set_aside:,} rows set aside, with line and reason: {aside}")
        for reason, number in report.aside.items():
            say(f"  {number:>9,}  {reason}")
    else:
        say("no row set aside")
