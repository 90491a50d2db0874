"""What goes out: plain text or JSON on stdout, progress on stderr, files whole or not at all."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinyong.errors import QuestionRefused

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDEST = 110
"""Columns beyond which lines are not stretched, however wide the terminal."""


def console() -> Console:
    """A console on stdout: colours on a terminal only, and none under NO_COLOR."""
    from rich.console import Console

    made = Console(
        file=sys.stdout,
        highlight=False,
        markup=False,
        emoji=False,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
    if made.width > WIDEST:
        made.width = WIDEST
    return made


def say(text: str = "") -> None:
    """One line on stdout, as it is."""
    print(text)


def note(text: str) -> None:
    """One line on stderr: for the person who waits, never part of the answer."""
    print(text, file=sys.stderr)


def as_json(data: object) -> None:
    """The whole answer as one JSON document on stdout."""
    print(json.dumps(plain(data), ensure_ascii=False, indent=2))


def plain(data: object) -> Any:
    """Data as JSON can hold it: days and paths become text, dataclasses mappings."""
    if is_dataclass(data) and not isinstance(data, type):
        return plain(asdict(data))
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple, set, frozenset)):
        return [plain(value) for value in data]
    if data is None or isinstance(data, (bool, int, str)):
        return data
    if isinstance(data, float):
        return data
    return str(data)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()
) -> None:
    """A plain table: a heading, no frame; the columns named by ``right`` stand to the right."""
    from rich.table import Table

    made = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for heading in headings:
        made.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    _print(made)


def bullets(lines: Iterable[str]) -> None:
    """Sentences one below the other, each with a dash, wrapped below itself."""
    from textwrap import fill

    width = console().width
    for line in lines:
        print(fill(line, width, initial_indent="- ", subsequent_indent="  "))


def columns(rows: Iterable[Sequence[Any]]) -> None:
    """Two columns without a heading: figures to the right, text that wraps below itself."""
    from rich.table import Table

    made = Table(box=None, show_header=False, padding=(0, 1, 0, 0), pad_edge=False)
    made.add_column(justify="right", min_width=7, no_wrap=True)
    made.add_column(overflow="fold")
    for row in rows:
        made.add_row(*row)
    _print(made)


def _print(made: Table) -> None:
    """Print a table without blanks at the ends of lines."""
    out = console()
    with out.capture() as held:
        out.print(made)
    for line in held.get().splitlines():
        print(line.rstrip())


def bar(share: float, width: int = 24) -> str:
    """A bar of so many eighths, for a share between 0 and 1."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest].strip())


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with rate and time left on stderr, while it is a terminal; silent otherwise.

    Gives a function of (done, all); it may be called as often as one likes.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Any) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "-/s")

    err = Console(file=sys.stderr, highlight=False)
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        Rate(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )
    with shown:
        task = shown.add_task(what, total=None)
        yield lambda done, whole: shown.update(task, completed=done, total=whole)


def refuse_taken(path: Path, *, force: bool) -> None:
    """Refuse to write over a file unless told to."""
    if path.exists() and not force:
        raise QuestionRefused(
            "the file is already there",
            where=str(path),
            why="nothing is overwritten unasked",
            mend="choose another name, or add --force",
        )


@contextmanager
def replacing(path: Path, *, force: bool) -> Iterator[Path]:
    """A sibling to write to, which takes the place of ``path`` when all went well.

    Refuses up front, before any work, if the place cannot be written or is taken.
    """
    if path.is_dir():
        raise QuestionRefused(
            "this is a folder", where=str(path), why="the answer is one file", mend="name a file"
        )
    refuse_taken(path, force=force)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        half.open("xb").close()
    except OSError as error:
        raise QuestionRefused(
            f"the file cannot be written: {(error.strerror or str(error)).lower()}",
            where=str(path),
            why="the folder must exist and you must be allowed to write into it",
            mend=f"make the folder ({path.parent}) or choose another place",
        ) from None
    try:
        yield half
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
