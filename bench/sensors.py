"""The tables of docs/sensors.md: what is seen of each fabrication, at a fixed rate of false alarms.

    python bench/sensors.py                              all twelve instruments, five minutes of CPU
    python bench/sensors.py --markdown docs/sensors.md   the same, and put the tables into the page
    python bench/sensors.py --only "NO2" --every-injected 16

Needs the hourly readings of two stations in Beijing in a folder ``beijing_air`` of XINYONG_DATA,
or beside the repository; see docs/sensors.md. Each instrument is calibrated and judged on its own,
split by time: each of four years is judged by what the other three calibrated. The seed draws the
fabrications. Nothing here sets a threshold or chooses a detector.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from xinyong.records.sensors.benford import departs_from_benford
from xinyong.records.sensors.instrument import DAY
from xinyong.records.sensors.judged import Counted, Judged, judge
from xinyong.records.sensors.kinds import BAR, PER_10000, Kind
from xinyong.records.sensors.series import ENOUGH, Series
from xinyong.records.sensors.stations import STATIONS, SUBSTANCES, read_stations

BEGIN: Final = "<!-- figures: bench/sensors.py --markdown docs/sensors.md -->"
END: Final = "<!-- end of figures -->"
STRETCHES: Final = (7, 30)
"""Days of a stretch that Benford's law is tried on."""


@dataclass(frozen=True, slots=True)
class Found:
    """All of one instrument: what each kind gave, weeks flagged by any kind, Benford by days."""

    name: str
    by_kind: dict[Kind, Judged]
    any_kind: Counted
    benford: dict[int, Counted]


def data_folder() -> Path:
    """Where the two files are."""
    named = os.environ.get("XINYONG_DATA")
    base = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return base / "beijing_air"


def one(order: tuple[str, str, int, int]) -> Found:
    """Judge one instrument: station, substance, seed, one week in so many fabricated."""
    station, substance, seed, every_injected = order
    record = read_stations(data_folder())[station, substance]
    found = judge(record, seed=seed, every_injected=every_injected)
    weeks = max(each.false_alarms.of for each in found)
    alarmed = frozenset().union(*(each.alarmed for each in found))
    return Found(
        record.own.instrument.id,
        {each.kind: each for each in found},
        Counted(len(alarmed), weeks),
        {days: benford(record.own, days) for days in STRETCHES},
    )


def benford(own: Series, days: int) -> Counted:
    """Genuine stretches of so many days, begun a day apart, that Benford's law would flag."""
    hours = days * DAY
    starts = [
        start
        for start in range(0, len(own) - hours + 1, DAY)
        if own.good[start : start + hours].mean() >= ENOUGH
    ]
    parts = (own.values[s : s + hours][own.good[s : s + hours]] for s in starts)
    return Counted(sum(departs_from_benford(part) for part in parts), len(starts))


def percent(counted: Counted, *, interval: bool = False) -> str:
    """A share in percent, with Wilson's interval if asked."""
    text = f"{100 * counted.share:.1f}"
    if interval:
        low, high = counted.interval
        text += f" ({100 * low:.1f}-{100 * high:.1f})"
    return text


def table(head: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Lines of a table in Markdown."""
    yield "| " + " | ".join(head) + " |"
    yield "|---" * len(head) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def verdict(each: Judged) -> str:
    """Whether the bar is met, or what is wrong."""
    if not each.is_quiet:
        return "**too many alarms**"
    return "met" if each.passes else "**short**"


def summary(results: list[Found]) -> Iterator[str]:
    """One line for each instrument: caught, bold where the promise is not kept."""
    yield "## What is seen"
    yield ""
    rows = []
    for found in results:
        row = [found.name]
        for kind in Kind:
            each = found.by_kind.get(kind)
            text = "-" if each is None else percent(each.main)
            row.append(text if each is None or each.passes else f"**{text}**")
        rows.append(row)
    yield from table(["instrument", *(f"{k} ≥ {100 * BAR[k]:.0f}" for k in Kind)], rows)
    yield ""
    kept = [each.passes for found in results for each in found.by_kind.values()]
    yield (
        f"The bar is met with at most {PER_10000 / 100:g} % of false alarms in {sum(kept)} of "
        f"{len(kept)} cases. **Bold**: it is not."
    )


def by_kind(results: list[Found], kind: Kind) -> Iterator[str]:
    """All figures of one kind."""
    yield f"### {kind}, bar {100 * BAR[kind]:.0f} %"
    yield ""
    ways: list[str] = []
    rows = []
    for found in results:
        each = found.by_kind.get(kind)
        if each is None:
            continue
        ways = [way for way, _ in each.caught]
        years = "/".join(str(year.hits) for year in each.alarms)
        rows.append(
            [
                found.name,
                f"{each.false_alarms.of:,} ({each.judged:,})",
                f"{percent(each.false_alarms)} ({percent(each.among_judged)}): {years}",
                f"{percent(each.main, interval=True)} of {each.main.of}",
                verdict(each),
                *(f"{percent(counted)} of {counted.of}" for _, counted in each.caught[1:]),
            ]
        )
    head = ["instrument", "genuine weeks (judged)", "false alarms % (of judged): years"]
    yield from table([*head, f"caught %: {ways[0]}", "bar", *ways[1:]], rows)


def whole(results: list[Found]) -> Iterator[str]:
    """What all six together flag, and what Benford's law would."""
    yield "### All kinds together, and Benford's law"
    yield ""
    rows = [
        [
            found.name,
            f"{found.any_kind.of:,}",
            percent(found.any_kind),
            *(f"{percent(c)} of {c.of:,}" for c in found.benford.values()),
        ]
        for found in results
    ]
    head = ["instrument", "genuine weeks", "flagged by any kind %"]
    yield from table([*head, *(f"by Benford %, {days} days" for days in STRETCHES)], rows)


def report(results: list[Found]) -> str:
    """All tables in Markdown."""
    parts = [summary(results), *(by_kind(results, kind) for kind in Kind), whole(results)]
    parts.insert(1, iter(["## The figures, kind by kind"]))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def put(path: Path, text: str) -> None:
    """Write the tables between the marks of a page, or as a page of their own."""
    page = path.read_text(encoding="utf-8") if path.exists() else f"{BEGIN}\n{END}\n"
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"{path} has no marks to put the tables between: {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Judge the instruments asked for and print the tables."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--only", default="", help="part of an instrument's name")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument(
        "--every-injected", type=int, default=4, help="fabricate one week in so many"
    )
    asked.add_argument("--jobs", type=int, default=2)
    asked.add_argument("--markdown", type=Path, help="a page to put the tables into")
    given = asked.parse_args()
    if not data_folder().is_dir():
        print(f"the readings are not at {data_folder()}; name their folder in XINYONG_DATA")
        return 2
    orders = [
        (station, substance, given.seed, given.every_injected)
        for station in STATIONS
        for substance in SUBSTANCES
        if given.only in f"{station} {substance}"
    ]
    if not orders:
        print(f"no instrument's name contains '{given.only}'")
        return 2
    results = []
    with ProcessPoolExecutor(given.jobs, get_context("spawn")) as pool:
        for found in pool.map(one, orders):
            results.append(found)
            print(f"{found.name}: done", file=sys.stderr, flush=True)
    text = report(results)
    print(text)
    if given.markdown:
        put(given.markdown, text)
    spent = os.times()
    cpu = spent.user + spent.system + spent.children_user + spent.children_system
    wall = time.monotonic() - STARTED
    print(f"seed {given.seed}; {cpu:.0f} s of CPU, {wall:.0f} s by the clock", file=sys.stderr)
    return 0


STARTED: Final = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
