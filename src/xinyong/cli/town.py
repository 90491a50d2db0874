"""The verb demo: a town of people who do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinyong.cli.given import Json, examples
from xinyong.cli.output import as_json, note, progress, say

if TYPE_CHECKING:
    from collections.abc import Callable


def add_to(app: typer.Typer) -> None:
    """Put the verb of this module on the command line."""
    app.command(
        epilog=examples("xinyong demo", "xinyong demo --people 2000 --firms 100 --out /tmp/town")
    )(demo)


def demo(
    out: Annotated[
        str, typer.Option("--out", metavar="FOLDER", help="Where events, scores and the page go.")
    ] = "out/demo",
    people: Annotated[int, typer.Option("--people", help="How many people to draw.")] = 100_000,
    firms: Annotated[int, typer.Option("--firms", help="How many firms to draw.")] = 5_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same town.")] = 1,
    threads: Annotated[
        int, typer.Option("--threads", min=1, max=256, help="How many threads may work.")
    ] = 2,
    json: Json = False,
) -> None:
    """Draw a synthetic town, score it, write a page.

    People are scored under sesame, firms under tax-credit. Nobody in the town exists.
    """
    from xinyong.demo.run import run

    with _steps() as told:
        done = run(
            Path(out),
            people=people,
            firms=firms,
            seed=seed,
            say=note if json else say,
            threads=threads,
            progress=told,
        )
    if json:
        as_json(
            {
                "seed": seed,
                "files": done.files,
                "parts": {
                    part: {
                        "scheme": facts.scheme.scheme,
                        "digest": facts.scheme.digest,
                        "day": facts.day,
                        "subjects": facts.subjects,
                        "events": facts.events,
                        "median": facts.median,
                        "least": facts.lowest,
                        "greatest": facts.highest,
                        "bands": {band.name: band.count for band in facts.bands},
                    }
                    for part, facts in done.facts.items()
                },
                "seconds": {step: round(spent, 3) for step, spent in done.seconds.items()},
            }
        )


@contextmanager
def _steps() -> Iterator[Callable[[str, int, int], None]]:
    """Progress of one step after the other, each in a bar that goes away when it is done."""
    with ExitStack() as stack:
        running: dict[str, Callable[[int, int], None]] = {}

        def told(step: str, done: int, whole: int) -> None:
            if step not in running:
                stack.close()
                running.clear()
                running[step] = stack.enter_context(progress(step))
            running[step](done, whole)
            if done >= whole:
                stack.close()
                running.clear()

        yield told
