"""The verb ``xinyong sensors``: the list, as text and as JSON, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from drawn_readings import FIRM, OTHER, START, YEAR_HOURS, ZONE, drawn
from test_sensor_folder import HEAD, write
from typer.testing import CliRunner

from xinyong.cli.app import app
from xinyong.days import from_instant
from xinyong.records.sensors.injected import flat
from xinyong.records.sensors.instrument import HOUR, WEEK

CUT = f"{from_instant(START + 3 * YEAR_HOURS * HOUR).astimezone(ZONE):%Y-%m-%d}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One firm's readings, which hold a value for days after the cut; and a bad row."""
    import numpy as np

    path = tmp_path_factory.mktemp("readings")
    (path / "instruments.csv").write_text(
        HEAD
        + f"chimney 1,{FIRM},dust,ug/m3,1,150,station\n"
        + f"station,{OTHER},dust,ug/m3,1,,\n"
        + f"young,{OTHER},dust,ug/m3,1,,\n",
        encoding="utf-8",
    )
    record = drawn(3 * YEAR_HOURS + 6 * WEEK, 7)
    start = 3 * YEAR_HOURS + 2 * WEEK
    values = flat(60, 70)(record, start, np.random.default_rng(3))
    assert values is not None
    write(path, "chimney 1", record.with_week(start, values).own)
    write(path, "station", record.beside[0])
    (path / "late.csv").write_text(
        "instrument,moment,value\nchimney 1,2022-01-01T00:00,x\nyoung,2024-12-31T00:00,7\n"
    )
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], prog_name="xinyong")


def asked(folder: Path, **other: Any) -> Result:
    given = {"genuine-until": CUT, "zone": "Asia/Shanghai", "kind": "flat"} | other
    options = [word for name, value in given.items() for word in (f"--{name}", value)]
    return run("sensors", folder, *options)


def test_the_list_says_whom_to_inspect_and_what_chance_brings(folder: Path) -> None:
    done = asked(folder)
    assert done.exit_code == 0, done.output
    told, _, first, *flags = done.stdout.splitlines()
    assert told.startswith("Of 1 firm flagged, about 0 would be flagged by chance: 2 were")
    assert told.endswith("A flag is a reason to inspect, not a finding.")
    assert first.startswith(f"1. {FIRM}: ") and "chance brings 0.1" in first
    assert flags[0].startswith("- chimney 1 (dust), week from 20") and " flat: " in flags[0]
    assert "Not judged:\n- young: " in done.stdout
    assert "rows read, 1 set aside\n- wrong-type: 1\n" in done.stdout


def test_as_json_it_holds_every_flag_row_and_moment(folder: Path) -> None:
    done = run(
        "sensors", folder, "--genuine-until", CUT, "--zone", "Asia/Shanghai", "--kind", "flat",
        "--json",
    )  # fmt: skip
    found = json.loads(done.stdout)
    (firm,) = found["firms"]
    assert (firm["firm"], found["looked_at"]) == (FIRM, 2)
    assert firm["by_chance"] == pytest.approx(firm["tries"] / 100)
    flag = firm["flags"][0]
    assert (flag["instrument"], flag["kind"]) == ("chimney 1", "flat")
    assert flag["use"] == "inspection priority" and flag["start"].endswith("+08:00")
    (aside,) = found["aside"]
    assert Path(aside["file"]).name == "late.csv"
    assert (aside["line"], aside["reason"]) == (2, "wrong-type")
    assert list(found["not_judged"]) == ["young"]


def test_where_nothing_can_be_judged_it_says_so(folder: Path) -> None:
    done = asked(folder, **{"genuine-until": "2199-01-01"})
    assert done.exit_code == 0
    assert done.stdout.startswith("Nothing was judged: ")


@pytest.mark.parametrize(
    ("option", "value", "what", "mend"),
    [
        ("genuine-until", "2025-02-30", "is not a day of the calendar", "2022-01-02"),
        ("zone", "Asia/Nowhere", "no time zone is called 'Asia/Nowhere'", "Asia/Shanghai"),
        ("zone", "../etc/passwd", "no time zone is called", "Asia/Shanghai"),
        ("kind", "forged", "no kind of fabrication is called 'forged'", "copied, flat, capped"),
    ],
)
def test_bad_input_is_one_error_in_four_parts(
    folder: Path, option: str, value: str, what: str, mend: str
) -> None:
    done = asked(folder, **{option: value})
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("error: ") == 1
    head, _, tail = done.stderr.partition("\n  why:  ")
    assert what in head and f"--{option}" in head and mend in tail.partition("\n  mend: ")[2]


def test_a_folder_without_a_register_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        done = asked(place)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "instruments.csv" in done.stderr and "\n  mend: " in done.stderr
