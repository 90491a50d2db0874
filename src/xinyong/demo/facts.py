"""What the page says in numbers: counts and spreads from the table of scores, nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.scheme.model import Scheme

Array = npt.NDArray[Any]
LENGTHS: Final = ((0, 0), (1, 4), (5, 9), (10, 19), (20, 39), (40, 79), (80, None))
"""Lengths of a file, as least and most events known."""
THIN: Final = 9
"""A file with at most so many events is called thin."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A number over a group: tenths or quarters and the middle; ``count`` subjects."""

    label: str
    low: float
    middle: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class BandShare:
    """A band with its subjects; ``tenths`` is the share in tenths of a per cent."""

    name: str
    title: str
    since: int | None
    count: int
    tenths: int

    @property
    def share(self) -> str:
        """The share as text, such as ``12.5 %``."""
        return f"{self.tenths / 10:.1f} %"


@dataclass(frozen=True, slots=True)
class Facts:
    """One part of the town under one scheme on one day."""

    scheme: Scheme
    day: date
    subjects: int
    events: int
    blank: int
    thin: int
    median: int
    lowest: int
    highest: int
    step: int
    histogram: tuple[tuple[int, int], ...]
    bands: tuple[BandShare, ...]
    dimensions: tuple[Spread, ...]
    lengths: tuple[Spread, ...]
    benefits: tuple[tuple[str, int], ...]
    changing: int | None
    """Subjects whose next change lies within 30 days; None where it was not asked."""


def events_known(path: Path, known_by: int) -> dict[str, int]:
    """Events known of each subject in a Parquet file of a town.

    Counts records written by ``known_by`` (microseconds since 1970-01-01T00:00Z) and not struck
    out by then; coverage is not an event of the subject's.
    """
    query = """
        select subject, count(*) filter (
            kind <> 'coverage' and epoch_us(recorded_at) <= $by
            and coalesce(epoch_us(struck_at) > $by, true))
        from read_parquet($path) group by subject
        """
    with duckdb.connect() as db:
        rows = db.execute(query, {"by": known_by, "path": str(path)}).fetchall()
    return {str(subject): int(count) for subject, count in rows}


def facts_of(
    scheme: Scheme, scores: pa.Table, known: Mapping[str, int], *, day: date, events: int
) -> Facts:
    """Count up a table of scores (one row a subject, columns as ``score_table`` gives them).

    ``known`` holds the events known of each subject; who is not in it has none.
    """
    score = scores["score"].to_numpy()
    length = np.array([known.get(name, 0) for name in scores["subject"].to_pylist()], np.int64)
    step = _step(scheme.score.floor, scheme.score.ceiling)
    return Facts(
        scheme=scheme,
        day=day,
        subjects=len(score),
        events=events,
        blank=int((length == 0).sum()),
        thin=int((length <= THIN).sum()),
        median=int(np.median(score)) if len(score) else 0,
        lowest=int(score.min()) if len(score) else 0,
        highest=int(score.max()) if len(score) else 0,
        step=step,
        histogram=_histogram(score, scheme, step),
        bands=_bands(scheme, scores),
        dimensions=_dimensions(scheme, scores),
        lengths=_lengths(score, length),
        benefits=_benefits(scheme, scores),
        changing=_changing(scores, day),
    )


def _step(floor: int, ceiling: int) -> int:
    """A round width that cuts the range into about thirty or forty columns."""
    return next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 10**6) if (ceiling - floor) / s <= 60)


def _histogram(score: Array, scheme: Scheme, step: int) -> tuple[tuple[int, int], ...]:
    low = scheme.score.floor // step * step
    width = (scheme.score.ceiling - low) // step + 1
    counts = np.bincount((score - low) // step, minlength=width)
    found = [(int(low + n * step), int(count)) for n, count in enumerate(counts)]
    if len(found) > 1 and (found[-1][1] == 0 or found[-1][0] >= scheme.score.ceiling):
        last = found.pop()  # who is at the very ceiling stands in the last column
        found[-1] = (found[-1][0], found[-1][1] + last[1])
    return tuple(found)


def shares(counts: Sequence[int]) -> list[int]:
    """Shares in tenths of a per cent that add up to 1000: the largest rests are rounded up."""
    total = sum(counts)
    if total == 0:
        return [0] * len(counts)
    exact = [count * 1000 for count in counts]
    down = [value // total for value in exact]
    rests = sorted(range(len(counts)), key=lambda n: (-(exact[n] % total), n))
    for n in rests[: 1000 - sum(down)]:
        down[n] += 1
    return down


def _bands(scheme: Scheme, scores: pa.Table) -> tuple[BandShare, ...]:
    found = {row["values"]: row["counts"] for row in scores["band"].value_counts().to_pylist()}
    counts = [int(found.get(band.name, 0)) for band in scheme.bands]
    return tuple(
        BandShare(band.name, band.title or band.name, band.since, count, tenths)
        for band, count, tenths in zip(scheme.bands, counts, shares(counts), strict=True)
    )


def _spread(label: str, values: Array, low: int, high: int) -> Spread:
    if not len(values):
        return Spread(label, 0, 0, 0, 0)
    at = np.percentile(values, (low, 50, high), method="nearest")
    return Spread(label, float(at[0]), float(at[1]), float(at[2]), len(values))


def _dimensions(scheme: Scheme, scores: pa.Table) -> tuple[Spread, ...]:
    return tuple(
        _spread(spec.title, scores[f"points.{name}"].to_numpy(), 10, 90)
        for name, spec in scheme.score.dimensions.items()
        if f"points.{name}" in scores.column_names
    )


def _lengths(score: Array, length: Array) -> tuple[Spread, ...]:
    found = []
    for least, most in LENGTHS:
        inside = (length >= least) & (length <= (most if most is not None else 10**9))
        label = "no event" if most == 0 else f"{least} to {most} events"
        label = f"{least} events or more" if most is None else label
        if inside.any():
            found.append(_spread(label, score[inside], 25, 75))
    return tuple(found)


def _benefits(scheme: Scheme, scores: pa.Table) -> tuple[tuple[str, int], ...]:
    return tuple(
        (each.effect, int(np.count_nonzero(scores[f"consequence.{each.id}"].to_numpy())))
        for each in scheme.consequences
        if f"consequence.{each.id}" in scores.column_names
    )


def _changing(scores: pa.Table, day: date) -> int | None:
    if "next_change" not in scores.column_names:
        return None
    return sum(
        1 for n in scores["next_change"].to_pylist() if n is not None and (n - day).days <= 30
    )
