"""How scores spread: counts over a file of scores, and how they are printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xinyong.cli.output import bar, say, table

if TYPE_CHECKING:
    from xinyong.scheme.model import Scheme


def aggregates(path: Path, scheme: Scheme) -> dict[str, Any]:
    """Counts over a file of scores."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        wanted = [
            name
            for name in file.schema_arrow.names
            if name in ("score", "band") or name.startswith(("list.", "consequence."))
        ]
        scores = file.read(columns=wanted)

    def counts(column: str) -> dict[str, int]:
        text = scores[column].cast("string")
        return {row["values"]: row["counts"] for row in text.value_counts().to_pylist()}

    bands = counts("band")
    spread: dict[str, int] | None = None
    if scores.num_rows:
        at = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]
        cuts = pc.quantile(scores["score"], q=at, interpolation="lower").to_pylist()
        names = ["least", "p10", "p25", "median", "p75", "p90", "greatest"]
        spread = dict(zip(names, map(int, cuts), strict=True))
    return {
        "bands": {band.name: bands.get(band.name, 0) for band in scheme.bands},
        "score": spread,
        "lists": {name: counts(f"list.{name}") for name in scheme.lists},
        "consequences": {
            item.id: int(pc.sum(scores[f"consequence.{item.id}"]).as_py() or 0)
            for item in scheme.consequences
        },
    }


def print_spread(answer: dict[str, Any], scheme: Scheme) -> None:
    """Print the counts of :func:`aggregates` with a heading; bands from the highest down."""
    total = answer["subjects"]
    say(f"{scheme.title}")
    say(f"{scheme.scheme} {scheme.version}, digest {scheme.digest[:12]}, day {answer['day']}")
    say(f"{total:,} {scheme.subjects}s, {answer['events']:,} events")
    if total == 0:
        return
    say()
    titles = {band.name: band.title or "" for band in scheme.bands}
    columns = ["band", "subjects", "share", ""]
    rows = [
        [name, f"{count:,}", f"{100 * count / total:.1f}%", bar(count / total)]
        for name, count in reversed(answer["bands"].items())
    ]
    if any(titles.values()):
        columns.insert(1, "title")
        rows = [[row[0], titles[row[0]], *row[1:]] for row in rows]
    table(columns, rows, right=("subjects", "share"))
    spread = answer["score"]
    say()
    say(
        f"score: least {spread['least']}, a tenth below {spread['p10']}, middle"
        f" {spread['median']}, a tenth above {spread['p90']}, greatest {spread['greatest']}"
    )
    lists = {name: found.get("listed", 0) for name, found in answer["lists"].items()}
    if lists:
        say()
        table(["list", "listed"], ([n, f"{c:,}"] for n, c in lists.items()), right=("listed",))
    if scheme.consequences:
        say()
        table(
            ["what follows", "kind", "subjects"],
            (
                [item.effect, item.kind, f"{answer['consequences'][item.id]:,}"]
                for item in scheme.consequences
            ),
            right=("subjects",),
        )
    if answer["out"]:
        say()
        say(f"written to {answer['out']}")
