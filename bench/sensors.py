"""The table of docs/sensors.md: what is seen of each fabrication, at a fixed rate of false alarms.

    python bench/sensors.py                       all twelve instruments, some minutes on two cores
    python bench/sensors.py --only "NO2" --every-injected 16

Needs the hourly readings of two stations in Beijing in a folder ``beijing_air`` of XINYONG_DATA,
or beside the repository; see docs/sensors.md. The seed draws the fabrications.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from xinyong.records.sensors.benford import departs_from_benford
from xinyong.records.sensors.instrument import WEEK
from xinyong.records.sensors.judged import Counted, Judged, judge
from xinyong.records.sensors.kinds import BAR, Kind
from xinyong.records.sensors.series import weeks
from xinyong.records.sensors.stations import STATIONS, SUBSTANCES, read_stations

Found = tuple[str, list[Judged], Counted, Counted]


def data_folder() -> Path:
    named = os.environ.get("XINYONG_DATA")
    base = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return base / "beijing_air"


def one(order: tuple[str, str, int, int]) -> Found:
    """Judge one instrument; also genuine weeks flagged by any kind, and by Benford's law."""
    station, substance, seed, every_injected = order
    record = read_stations(data_folder())[station, substance]
    found = judge(record, seed=seed, every_injected=every_injected)
    judged = max(each.false_alarms.of for each in found)
    alarmed = frozenset().union(*(each.alarmed for each in found))
    own = record.own
    parts = [own.values[s : s + WEEK][own.good[s : s + WEEK]] for s in weeks(own)]
    benford = sum(departs_from_benford(part) for part in parts)
    return own.instrument.id, found, Counted(len(alarmed), judged), Counted(benford, len(parts))


def percent(counted: Counted, interval: bool = False) -> str:
    text = f"{100 * counted.share:.1f}"
    if interval:
        low, high = counted.interval
        text += f" ({100 * low:.1f}-{100 * high:.1f})"
    return text


def main_table(results: list[Found]) -> None:
    print("| instrument | " + " | ".join(f"{k} ≥ {100 * BAR[k]:.0f}" for k in Kind) + " |")
    print("|---" * (len(Kind) + 1) + "|")
    for name, found, _, _ in results:
        of = {each.kind: each for each in found}
        cells = []
        for kind in Kind:
            each = of.get(kind)
            text = "-" if each is None else percent(each.main, interval=True)
            cells.append(f"**{text}**" if each is not None and not each.passes else text)
        print(f"| {name} | " + " | ".join(cells) + " |")


def alarm_table(results: list[Found]) -> None:
    print("| instrument | weeks | " + " | ".join(Kind) + " | any kind | Benford |")
    print("|---" * (len(Kind) + 4) + "|")
    for name, found, any_kind, benford in results:
        of = {each.kind: each for each in found}
        cells = []
        for kind in Kind:
            each = of.get(kind)
            if each is None:
                cells.append("-")
                continue
            years = "/".join(str(year.hits) for year in each.alarms)
            text = f"{percent(each.false_alarms)} ({years})"
            cells.append(f"**{text}**" if each.false_alarms.share > 0.01 else text)
        of_weeks = f"{any_kind.of:,} of {min(e.calibrated_on for e in found):,}"
        row = [name, of_weeks, *cells, percent(any_kind), percent(benford)]
        print("| " + " | ".join(row) + " |")


def way_table(results: list[Found], kind: Kind) -> None:
    ways = [way.name for each in results[0][1] if each.kind is kind for way, _ in each.caught]
    print(f"\n### {kind}\n\n| instrument | " + " | ".join(ways) + " |")
    print("|---" * (len(ways) + 1) + "|")
    for name, found, _, _ in results:
        for each in found:
            if each.kind is kind:
                cells = [f"{percent(counted)} of {counted.of}" for _, counted in each.caught]
                print(f"| {name} | " + " | ".join(cells) + " |")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--only", default="", help="part of an instrument's name")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument(
        "--every-injected", type=int, default=4, help="fabricate one week in so many"
    )
    asked.add_argument("--jobs", type=int, default=2)
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
    started = time.perf_counter()
    with ProcessPoolExecutor(given.jobs) as pool:
        results = list(pool.map(one, orders))
    print("Caught, in percent, of weeks fabricated in the way that is held to the bar (95 %")
    print("interval); bold: the bar is missed, or more than 1 % of genuine weeks are flagged.\n")
    main_table(results)
    print("\nGenuine weeks flagged, in percent (held-out years one by one); weeks judged of how")
    print("many calibrated on at least.\n")
    alarm_table(results)
    for kind in Kind:
        way_table(results, kind)
    print(f"\nseed {given.seed}; {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
