"""What the benchmark runs on: a made-up scheme of 1,040 or 1,080 variables, and made-up events.

The scheme has one data set with five kinds of events. Thirteen families (one for all events,
twelve with a ``where`` on the amount) x five kinds x (count, sum of amounts) x eight windows give
1,040 variables; *with distinct*, 40 more count the different counterparties per kind and window.
Every variable carries points, so none can be left out.

The events lie in one Parquet file in the canonical layout, in order: subject (int32), kind
(dictionary), happened_at (day), amount (int64), counterparty (int32).
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xinyong.records.table import IN_ORDER

DAY = date(2025, 12, 31)
DAY_NUMBER = DAY.toordinal() - date(1970, 1, 1).toordinal()
SPREAD = 730  # days before the day of scoring on which events lie
KINDS = ("payment", "bill", "rental", "purchase", "transfer")
SHARES = (0.35, 0.15, 0.05, 0.30, 0.15)
WINDOWS = (7, 30, 60, 90, 180, 365, 547, 730)
EDGES = (100, 500, 1_000, 2_000, 5_000, 10_000, 20_000)  # the amounts where a `where` cuts
NO_EDGE = (0, len(EDGES) + 1)
START, CEILING = 100_000, 1_000_000
SEED = 20_251_231
ROW_GROUP = 1 << 20

# Each family: its name, its `where`, and the steps of the amount it covers: step i holds the
# amounts from EDGES[i - 1] up to but not including EDGES[i].
FAMILIES: tuple[tuple[str, str | None, tuple[int, int]], ...] = (
    ("all", None, NO_EDGE),
    ("below_100", "amount < 100", (0, 1)),
    ("from_100", "amount >= 100 and amount < 500", (1, 2)),
    ("from_500", "amount >= 500 and amount < 1000", (2, 3)),
    ("from_1000", "amount >= 1000 and amount < 2000", (3, 4)),
    ("from_2000", "amount >= 2000 and amount < 5000", (4, 5)),
    ("from_5000", "amount >= 5000 and amount < 10000", (5, 6)),
    ("from_10000", "amount >= 10000 and amount < 20000", (6, 7)),
    ("from_20000", "amount >= 20000", (7, 8)),
    ("small", "amount < 1000", (0, 3)),
    ("not_small", "amount >= 1000", (3, 8)),
    ("large", "amount >= 5000", (5, 8)),
    ("very_large", "amount >= 10000", (6, 8)),
)
# Of all amounts, about how many lie in each step, and their mean there (for the tables' edges).
STEP_SHARE = (0.12, 0.27, 0.17, 0.16, 0.16, 0.07, 0.03, 0.02)
STEP_MEAN = (55, 270, 710, 1_400, 3_100, 6_900, 13_500, 38_000)


@dataclass(frozen=True)
class Table:
    """The points of a block of variables: ``low`` below ``first``, ``middle`` below ``second``,
    else ``high``. All arrays have the same shape, one entry a variable."""

    first: np.ndarray
    second: np.ndarray
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Tables:
    """Points of all variables. ``counts``, ``sums``: family x kind x window; ``distinct``:
    kind x window."""

    counts: Table
    sums: Table
    distinct: Table


def tables(per_subject: int) -> Tables:
    """The points tables, with edges fit for subjects of about so many events."""
    rng = np.random.default_rng(SEED)
    window = np.array(WINDOWS) / SPREAD
    events = per_subject * np.array(SHARES)[:, None] * window  # kind x window
    share = np.array([sum(STEP_SHARE[a:b]) for _, _, (a, b) in FAMILIES])
    money = np.array([np.dot(STEP_SHARE[a:b], STEP_MEAN[a:b]) for _, _, (a, b) in FAMILIES])
    return Tables(
        counts=_table(rng, share[:, None, None] * events),
        sums=_table(rng, money[:, None, None] * events),
        distinct=_table(rng, np.minimum(events * 0.6, 20)),
    )


def _table(rng: np.random.Generator, expected: np.ndarray) -> Table:
    first = np.maximum(1, expected * 0.7).astype(np.int64)
    second = np.maximum(first + 1, (expected * 1.3).astype(np.int64))
    points = rng.integers(-9, 10, (3, *expected.shape))
    return Table(first, second, points[0], points[1], points[2])


def scheme_document(per_subject: int, *, distinct: bool) -> dict[str, Any]:
    """The scheme as a document (what the YAML would hold)."""
    points = tables(per_subject)
    families: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    windows = [f"{days} days" for days in WINDOWS]
    for f, (name, where, _) in enumerate(FAMILIES):
        family = {
            "name": f"{name}_{{event}}_{{measure}}_{{window}}",
            "events": list(KINDS),
            "measures": ["count", "sum amount"],
            "windows": windows,
        }
        families.append(family if where is None else {**family, "where": where})
        for k, kind in enumerate(KINDS):
            for w, days in enumerate(WINDOWS):
                lines.append(_line(f"{name}_{kind}_count_{days}_days", points.counts, (f, k, w)))
                lines.append(_line(f"{name}_{kind}_sum_amount_{days}_days", points.sums, (f, k, w)))
    if distinct:
        families.append(
            {
                "name": "{event}_{measure}_{window}",
                "events": list(KINDS),
                "measures": ["distinct counterparty"],
                "windows": windows,
            }
        )
        for k, kind in enumerate(KINDS):
            for w, days in enumerate(WINDOWS):
                name = f"{kind}_distinct_counterparty_{days}_days"
                lines.append(_line(name, points.distinct, (k, w)))
    return _document("bench-distinct" if distinct else "bench", families, lines)


def few_document(per_subject: int) -> dict[str, Any]:
    """A scheme of usual size: 40 variables with points (count and sum, four windows)."""
    points = tables(per_subject)
    chosen = [w for w, days in enumerate(WINDOWS) if days in (30, 90, 365, 730)]
    family = {
        "name": "all_{event}_{measure}_{window}",
        "events": list(KINDS),
        "measures": ["count", "sum amount"],
        "windows": [f"{WINDOWS[w]} days" for w in chosen],
    }
    lines = []
    for k, kind in enumerate(KINDS):
        for w in chosen:
            days = WINDOWS[w]
            lines.append(_line(f"all_{kind}_count_{days}_days", points.counts, (0, k, w)))
            lines.append(_line(f"all_{kind}_sum_amount_{days}_days", points.sums, (0, k, w)))
    return _document("bench-few", [family], lines)


def _line(variable: str, table: Table, at: tuple[int, ...]) -> dict[str, Any]:
    return {
        "id": variable,
        "bins": variable,
        "table": [
            {"below": int(table.first[at]), "points": int(table.low[at]), "says": "Little"},
            {"below": int(table.second[at]), "points": int(table.middle[at]), "says": "As usual"},
            {"else": True, "points": int(table.high[at]), "says": "Much"},
        ],
        "missing": {"points": 0, "says": "Not known"},
    }


def _document(
    name: str, families: list[dict[str, Any]], lines: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "xinyong": 1,
        "scheme": name,
        "version": "1",
        "use": "lab",
        "subjects": "person",
        "in_force": {"from": "2020-01-01", "until": None},
        "title": "A scheme for measuring speed",
        "purpose": "Measure speed",
        "data_sets": {
            "account": {
                "context": "finance",
                "source": "made up",
                "basis": "consent",
                "keep": {"for": "60 months", "from": "event", "then": "delete"},
                "events": {
                    kind: {"fields": {"amount": "money", "counterparty": "int"}} for kind in KINDS
                },
            }
        },
        "families": families,
        "score": {"start": START, "floor": 0, "ceiling": CEILING, "add": lines},
        "bands": [{"name": "lower", "from": 0}, {"name": "upper", "from": START}],
    }


def make_events(subjects: int, per_subject: int, seed: int, path: Path) -> None:
    """Write ``subjects`` x ``per_subject`` events, sorted by subject and day, as one Parquet file.

    Row groups hold 2^20 rows, so that subjects lie across their borders. Written beside the
    target and renamed at the end: a broken run leaves no half file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    layout = pa.schema(
        [
            ("subject", pa.int32()),
            ("kind", pa.dictionary(pa.int32(), pa.string())),
            ("happened_at", pa.date32()),
            ("amount", pa.int64()),
            ("counterparty", pa.int32()),
        ],
        metadata=IN_ORDER,
    )
    at_once = max(1, ROW_GROUP // per_subject)
    held: list[pa.Table] = []
    with pq.ParquetWriter(half, layout, compression="snappy") as writer:
        for chunk, first in enumerate(range(0, subjects, at_once)):
            count = min(at_once, subjects - first)
            held.append(_some_events(first, count, per_subject, seed, chunk, layout))
            while sum(table.num_rows for table in held) >= ROW_GROUP:
                together = pa.concat_tables(held)
                writer.write_table(together.slice(0, ROW_GROUP), row_group_size=ROW_GROUP)
                held = [together.slice(ROW_GROUP)]
        rest = pa.concat_tables(held)
        if rest.num_rows:
            writer.write_table(rest, row_group_size=ROW_GROUP)
    half.rename(path)


def _some_events(
    first: int, subjects: int, per_subject: int, seed: int, chunk: int, layout: pa.Schema
) -> pa.Table:
    rng = np.random.default_rng([seed, chunk])
    rows = subjects * per_subject
    shape = (subjects, per_subject)
    # Subjects differ: how much they spend, how lately they were active.
    wealth = rng.lognormal(0, 0.5, subjects)
    lateness = rng.uniform(0.7, 1.4, subjects)
    ages = (SPREAD * rng.random(shape) ** lateness[:, None]).astype(np.int32)
    days = DAY_NUMBER - ages
    days.sort(axis=1)
    kinds = np.searchsorted(np.cumsum(SHARES)[:-1], rng.random(rows)).astype(np.int32)
    amounts = np.minimum(rng.lognormal(6.5, 1.5, shape) * wealth[:, None], 1_000_000)
    amounts = amounts.astype(np.int64)
    amounts[amounts >= 1_000] -= amounts[amounts >= 1_000] % 50  # large amounts are round
    # Each subject deals with forty others, with some of them far more often.
    habit = (40 * rng.random(shape) ** 2).astype(np.int64)
    circle = rng.integers(0, 20_000, (subjects, 40), dtype=np.int32)
    others = np.take_along_axis(circle, habit, axis=1)
    return pa.Table.from_arrays(
        [
            pa.array(np.repeat(np.arange(first, first + subjects, dtype=np.int32), per_subject)),
            pa.DictionaryArray.from_arrays(pa.array(kinds), pa.array(KINDS)),
            pa.array(days.ravel()).cast(pa.date32()),
            pa.array(amounts.ravel()),
            pa.array(others.ravel()),
        ],
        schema=layout,
    )


def events_file(folder: Path, subjects: int, per_subject: int) -> Path:
    """The events file of that size; made if it is not there."""
    path = folder / f"events-{subjects}x{per_subject}.parquet"
    if not path.exists():
        print(f"bench: making {subjects * per_subject:,} events", file=sys.stderr, flush=True)
        make_events(subjects, per_subject, SEED, path)
    return path


def scheme_file(folder: Path, per_subject: int, which: str) -> Path:
    """The scheme ``bench``, ``bench-distinct`` or ``bench-few`` as a YAML file (JSON is YAML)."""
    document = (
        few_document(per_subject)
        if which == "bench-few"
        else scheme_document(per_subject, distinct=which == "bench-distinct")
    )
    path = folder / f"{which}-{per_subject}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1))
    return path
