"""A folder from register to list: what is fabricated in it is flagged, with its chance told."""

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from drawn_readings import FIRM, OTHER, START, THIRD, YEAR_HOURS, ZONE, drawn

from xinyong.errors import IntakeRefused
from xinyong.records.sensors.folder import Examined, examine_folder, read_register
from xinyong.records.sensors.injected import diluted, flat
from xinyong.records.sensors.instrument import HOUR, WEEK
from xinyong.records.sensors.kinds import Kind
from xinyong.records.sensors.series import Series

HEAD = "instrument,firm,substance,unit,resolution,limit,beside\n"
REGISTER = (
    HEAD
    + f"chimney 1,{FIRM},dust,ug/m3,1,150,station\n"
    + f"chimney 2,{THIRD},dust,ug/m3,1,150,station\n"
    + f"young,{THIRD},dust,ug/m3,1,,\n"
    + f"station,{OTHER},dust,ug/m3,1,,\n"
)
CUT = START + 3 * YEAR_HOURS * HOUR
WEEKS = 6


def write(folder: Path, name: str, one: Series) -> None:
    moments = pa.array(one.start + HOUR * np.arange(len(one)), pa.timestamp("us", "UTC"))
    values = pa.array([str(value // 1000) for value in one.values])
    names = pa.array([name] * len(one))
    table = pa.table({"instrument": names, "moment": moments, "value": values})
    pq.write_table(table, folder / f"{name}.parquet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two honest firms' readings, but one holds a value and dilutes in the weeks after the cut."""
    path = tmp_path_factory.mktemp("readings")
    (path / "instruments.csv").write_text(REGISTER, encoding="utf-8")
    hours = 3 * YEAR_HOURS + WEEKS * WEEK
    honest, other = drawn(hours, 7), drawn(hours, 8)
    write(path, "station", honest.beside[0])
    chance = np.random.default_rng(3)
    made = honest
    for week, way in ((1, flat(60, 70)), (4, diluted(0.3))):
        start = 3 * YEAR_HOURS + week * WEEK
        values = way(made, start, chance)
        assert values is not None
        made = made.with_week(start, values)
    write(path, "chimney 1", made.own)
    write(path, "chimney 2", other.own)
    write(path, "young", Series(other.own.instrument, CUT, other.own.values[:900].copy(),
                                other.own.state[:900].copy()))  # fmt: skip
    (path / "late.csv").write_text("instrument,moment,value\nchimney 1,2022-01-01T00:00,x\n")
    return path


@pytest.fixture(scope="module")
def examined(folder: Path) -> Examined:
    return examine_folder(
        folder, genuine_until=CUT, zone=ZONE, kinds=(Kind.FLAT, Kind.CAPPED, Kind.DILUTED)
    )


def test_what_was_fabricated_is_flagged_with_its_week(examined: Examined) -> None:
    found = {(one.instrument, one.kind, (one.start - CUT) // (WEEK * HOUR))
             for one in examined.flags}  # fmt: skip
    assert {("chimney 1", Kind.FLAT, 1), ("chimney 1", Kind.DILUTED, 4)} <= found
    assert len(found) <= 4
    assert all(one.end - one.start == WEEK * HOUR for one in examined.flags)
    assert {one.firm for one in examined.flags} <= {FIRM, THIRD}


def test_the_list_is_led_by_the_firm_that_fabricated(examined: Examined) -> None:
    assert examined.priorities.firms[0].firm == FIRM
    assert examined.priorities.looked_at == 3, "who runs the station is looked at too"
    assert 10 <= examined.priorities.firms[0].tries <= WEEKS * 3
    assert "would be flagged by chance" in examined.priorities.told


def test_what_cannot_be_judged_is_said_with_its_reason(examined: Examined) -> None:
    assert set(examined.not_judged) == {"young"}
    assert "too few to calibrate on" in examined.not_judged["young"]


def test_bad_rows_of_the_folder_are_set_aside(examined: Examined) -> None:
    (one,) = examined.taken.aside
    assert one.file.endswith("late.csv") and one.line == 2


def test_nothing_is_written(folder: Path, examined: Examined) -> None:
    assert {path.name for path in folder.iterdir()} == {
        "instruments.csv", "late.csv", "station.parquet", "chimney 1.parquet",
        "chimney 2.parquet", "young.parquet",
    }  # fmt: skip
    assert examined.taken.rows > 80_000


def test_the_example_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = Path(__file__).parents[2] / "docs" / "sensors.md"
    code = page.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    (tmp_path / "readings").mkdir()
    (tmp_path / "readings" / "instruments.csv").write_text(REGISTER, encoding="utf-8")
    lines = "instrument,moment,value\nchimney 1,2022-01-01T00:00,1\nchimney 1,2022-01-01T00:00,2\n"
    (tmp_path / "readings" / "a.csv").write_text(lines, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, str(page), "exec"), {})
    told = capsys.readouterr().out
    assert "Of 0 firms flagged, about 0" in told
    assert "same-id-other-content" in told and "too few to calibrate on" in told


# ------------------------------------------------------------------ the register


def test_a_register_is_read_in_its_own_units(tmp_path: Path) -> None:
    path = tmp_path / "instruments.csv"
    path.write_text(HEAD + f"kiln,{FIRM},dust,mg/m³,0.01,30,\n", encoding="utf-8")
    one = read_register(path).instruments["kiln"]
    assert (one.unit, one.resolution, one.limit) == ("mg/m3", 10_000, 30_000_000)
    assert one.shown(30_010_000) == "30.01 mg/m3"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"kiln,{FIRM},dust,ppm,1,,", "unit"),
        ("kiln,11010519491231002X,dust,ug/m3,1,,", "11010519491231002X"),
        (f"kiln,{FIRM},dust,ug/m3,zero,,", "zero"),
        (f"kiln,{FIRM},dust,ug/m3,0,,", "step"),
        (f"kiln,{FIRM},dust,ug/m3,1,,nowhere", "nowhere"),
        (f"kiln,{FIRM},dust,ug/m3,1,,\nkiln,{FIRM},dust,ug/m3,1,,", "twice"),
        (f"kiln,{FIRM},dust,ug/m3,1,,mill\nmill,{FIRM},dust,ug/m3,1,,", "same organisation"),
        (f"kiln,{FIRM},dust", "values"),
    ],
)
def test_a_register_is_right_or_refused(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "instruments.csv"
    path.write_text(HEAD + line + "\n", encoding="utf-8")
    with pytest.raises(IntakeRefused) as refused:
        read_register(path)
    assert said in str(refused.value) and "instruments.csv" in refused.value.where


def test_a_folder_without_a_register_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeRefused, match="cannot be read"):
        examine_folder(tmp_path, genuine_until=CUT, zone=ZONE)


def test_every_line_of_the_register_here_is_right() -> None:
    assert all(len(row) == 7 for row in csv.reader(REGISTER.splitlines()))
