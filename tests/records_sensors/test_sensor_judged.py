"""The detectors on genuine readings: the bars, where they are missed, what the page says.

A smaller part of what bench/sensors.py judges: fewer fabricated weeks, all the genuine ones. What
is held to a bar here is what the page says is met; what it says is short is held to be short.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from xinyong.decisions.inspections import CLOCKS
from xinyong.records.sensors.benford import departs_from_benford
from xinyong.records.sensors.injected import INJECTIONS
from xinyong.records.sensors.instrument import DAY
from xinyong.records.sensors.judged import Counted, Judged, judge
from xinyong.records.sensors.kinds import BAR, PER_10000, Kind
from xinyong.records.sensors.series import Watched, weeks
from xinyong.records.sensors.stations import STATIONS, SUBSTANCES, filled, read_stations

pytestmark = pytest.mark.data
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "sensors.md"
HELD = tuple(way for way in INJECTIONS if way.held_to_bar)
NAMES = [f"{station} {substance}" for station in STATIONS for substance in SUBSTANCES]
Stations = dict[str, Watched]


@pytest.fixture(scope="module")
def stations(data_folder: Path) -> Stations:
    found = read_stations(data_folder / "beijing_air")
    return {record.own.instrument.id: record for record in found.values()}


def judged(record: Watched, *kinds: Kind, every_injected: int = 16) -> list[Judged]:
    return judge(record, kinds, seed=1, every_injected=every_injected, injections=HELD)


# ------------------------------------------------------------------ the readings


def test_the_record_is_whole_and_only_what_is_no_reading_is_taken_out(stations: Stations) -> None:
    assert sorted(stations) == sorted(NAMES)
    for name, record in stations.items():
        own, instrument = record.own, record.own.instrument
        assert len(own) == 35_064 and len(record.beside) == 10
        assert 0.92 < own.good.mean() < 0.99
        assert len(weeks(own)) >= 1_360
        assert instrument.limit is not None
        assert 0.05 < np.mean(own.values[own.good] > instrument.limit) <= 0.11
        between = np.mean(own.values[own.good] % instrument.resolution != 0)
        assert between < (0.001 if instrument.substance == "CO" else 0.04), name


def test_ozone_that_is_held_by_the_day_is_no_hourly_reading(stations: Stations) -> None:
    for station in STATIONS:
        own = stations[f"{station} O3"].own
        by_day = slice(3 * DAY, 17 * DAY)
        assert not own.good[by_day].any() and own.good[17 * DAY :].mean() > 0.95
        # What stood there did not change for most of each day; hourly ozone does.
        same = np.diff(own.values) == 0
        assert same[by_day].mean() > 0.6 > 0.3 > same[17 * DAY :].mean()


def test_a_straight_line_off_the_steps_is_filled_and_one_on_the_steps_is_not() -> None:
    assert filled(np.array([3, 4, 5, 6.5, 8, 9.5, 11, 9])).tolist() == [
        False, False, False, True, True, True, False, False,
    ]  # fmt: skip
    assert not filled(np.array([3.0, 4, 5, 6, 7, 8, 2])).any()
    assert not filled(np.array([3.0, np.nan, 5, 6.3, 7, 8, 2])).any()
    coarse = np.array([300.0, 300, 350, 400, 300])
    assert filled(coarse, 100.0).tolist() == [False, False, True, False, False]
    assert not filled(coarse).any()


# ------------------------------------------------------------------ Benford


@pytest.mark.parametrize(("days", "least"), [(7, 0.70), (30, 0.86), (60, 0.92)])
def test_benford_flags_most_genuine_stretches_and_so_is_no_method(
    stations: Stations, days: int, least: float
) -> None:
    """It promises one false alarm in a hundred."""
    for record in stations.values():
        own, good, hours = record.own, record.own.good, days * DAY
        starts = [
            s for s in range(0, len(own) - hours + 1, DAY) if good[s : s + hours].mean() > 0.8
        ]
        parts = [own.values[s : s + hours][good[s : s + hours]] for s in starts]
        assert len(parts) >= 1_000
        assert np.mean([departs_from_benford(part) for part in parts]) >= least


# ------------------------------------------------------------------ the page


def tables(heading: str) -> dict[str, list[str]]:
    """The rows of the first table after a heading of the page, by their first cell."""
    text = PAGE.read_text(encoding="utf-8")
    assert heading in text
    table = text.partition(heading)[2].partition("\n|")[2].partition("\n\n")[0]
    cells = [[c.strip() for c in line.strip("| ").split("|")] for line in table.splitlines()]
    return {row[0]: row[1:] for row in cells[2:]}


def by_kind(kind: Kind) -> dict[str, list[str]]:
    """The page's rows of a kind by instrument: weeks, false alarms, caught, bar, other ways."""
    return tables(f"### {kind}, bar {100 * BAR[kind]:.0f} %")


def shown(counted: Counted) -> str:
    low, high = counted.interval
    return f"{100 * counted.share:.1f} ({100 * low:.1f}-{100 * high:.1f}) of {counted.of}"


MET = "met"
ON_PAGE = {(kind, name): by_kind(kind)[name][3] for kind in Kind for name in NAMES}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("Aotizhongxin PM2.5", tuple(Kind)),
        ("Dingling PM10", (Kind.FLAT, Kind.DILUTED, Kind.TYPED)),
    ],
)
def test_fine_and_coarse_dust_reach_every_bar(
    stations: Stations, name: str, kinds: tuple[Kind, ...]
) -> None:
    found = judged(stations[name], *kinds)
    assert tuple(one.kind for one in found) == kinds
    for one in found:
        assert ON_PAGE[one.kind, name] == MET
        assert one.false_alarms.of >= 1_000
        assert one.among_judged.hits * 10_000 <= PER_10000 * one.among_judged.of, one.kind
        assert one.main.of >= 30 and one.main.share >= BAR[one.kind], (one.kind, one.main)


@pytest.mark.slow
def test_a_noisy_copy_of_nitrogen_dioxide_reaches_its_bar(stations: Stations) -> None:
    name, kind = "Dingling NO2", Kind.NOISY_COPY
    (one,) = judged(stations[name], kind)
    assert one.passes and ON_PAGE[kind, name] == MET and one.false_alarms.of >= 1_000


@pytest.mark.parametrize("kind", [Kind.FLAT, Kind.DILUTED])
def test_coarse_sulphur_dioxide_falls_short_and_the_page_says_so(
    stations: Stations, kind: Kind
) -> None:
    for station in STATIONS:
        name = f"{station} SO2"
        (one,) = judged(stations[name], kind, every_injected=32)
        assert one.main.share < BAR[kind] and not one.passes
        assert ON_PAGE[kind, name] in ("**short**", "**too many alarms**")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_what_comes_out(stations: Stations, name: str) -> None:
    """Figure by figure, for the two kinds that are quick to judge."""
    for one in judged(stations[name], Kind.FLAT, Kind.CAPPED, every_injected=4):
        genuine, alarms, caught, bar = by_kind(one.kind)[name][:4]
        assert caught == shown(one.main), one.kind
        assert genuine == f"{one.false_alarms.of:,} ({one.judged:,})"
        years = "/".join(str(year.hits) for year in one.alarms)
        assert alarms.endswith(f": {years}")
        assert alarms.startswith(f"{100 * one.false_alarms.share:.1f} (")
        assert (bar == MET) is one.passes


def test_the_summary_of_the_page_agrees_with_its_tables() -> None:
    summary = tables("## What is seen")
    assert list(summary) == NAMES
    for spot, kind in enumerate(Kind):
        for name in NAMES:
            text = summary[name][spot]
            assert text.strip("*") == by_kind(kind)[name][2].split()[0]
            assert text.startswith("**") is (ON_PAGE[kind, name] != MET)
    met = sum(text == MET for text in ON_PAGE.values())
    assert f"in {met} of {len(ON_PAGE)} cases" in PAGE.read_text(encoding="utf-8")


def test_every_figure_of_the_page_rests_on_a_thousand_genuine_weeks() -> None:
    for kind in Kind:
        for name, row in by_kind(kind).items():
            weeks_ = int(re.sub(r"\D", "", row[0].partition("(")[0]))
            assert weeks_ >= 1_000, name


def test_the_page_names_every_clock_with_its_length_and_mark() -> None:
    marks = {"text": "[P]", "elsewhere": "[P] of Linyi", "house": "[G]"}
    told = tables("## The clocks of Zibo")
    assert list(told) == list(CLOCKS)
    for name, clock in CLOCKS.items():
        assert told[name] == [clock.duty, str(clock.term), clock.article, marks[clock.basis]]


def test_the_page_claims_no_rate_of_fabrication() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert "found *problems* at a third of firms; that is not a rate" in text
