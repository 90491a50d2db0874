"""Readings are taken in whole or set aside with line and reason; what is odd is told."""

import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from drawn_readings import FIRM, OTHER, START, ZONE, dust
from hypothesis import given
from hypothesis import strategies as st

from xinyong.errors import CodeRefused, IntakeRefused, QuestionRefused
from xinyong.records.sensors.instrument import HOUR, Instrument, plain_unit
from xinyong.records.sensors.readings import Taken, readings_from_rows, take_readings
from xinyong.records.sensors.series import State
from xinyong.records.sensors.troubles import Odd

REGISTER = {"chimney 1": dust()}


def clock(hour: int) -> str:
    day, rest = divmod(hour, 24)
    return f"2022-01-{day + 1:02d}T{rest:02d}:00"


def rows(*values: object, **more: object) -> list[dict[str, object]]:
    return [
        {"instrument": "chimney 1", "moment": clock(n), "value": value, **more}
        for n, value in enumerate(values)
    ]


def taken(*given: dict[str, object]) -> Taken:
    return readings_from_rows(given, REGISTER, zone=ZONE)


def test_a_reading_becomes_whole_thousandths_of_the_plain_unit() -> None:
    found = taken(*rows(12, "12.5", "0.001", 0))
    one = found.series["chimney 1"]
    assert one.values.tolist() == [12_000, 12_500, 1, 0]
    assert one.start == START and one.good.all() and found.rows == 4
    assert found.aside == () and found.troubles == ()


@given(st.integers(0, 10**10))
def test_no_value_passes_through_a_float(thousandths: int) -> None:
    text = f"{thousandths // 1000}.{thousandths % 1000:03d}"
    limit = 10**7 * 1000
    found = taken(*rows(text))
    if thousandths <= limit:
        assert found.series["chimney 1"].values.tolist() == [thousandths]
    else:
        assert [one.reason for one in found.aside] == ["number-beyond-limit"]


BAD = [
    ({"instrument": "chimney 9"}, "unknown-instrument"),
    ({"instrument": ""}, "unknown-instrument"),
    ({"moment": "yesterday"}, "unreadable-moment"),
    ({"moment": ""}, "outside-days"),
    ({"moment": "1850-01-01T00:00"}, "outside-days"),
    ({"moment": "2022-01-01T00:07"}, "between-hours"),
    ({"value": "twelve"}, "wrong-type"),
    ({"value": ""}, "no-value"),
    ({"value": "-1"}, "less-than-nothing"),
    ({"value": "1.0005"}, "too-many-decimals"),
    ({"value": "1e99"}, "number-beyond-limit"),
    ({"unit": "furlong"}, "unknown-unit"),
    ({"unit": "mg/L"}, "unit-of-another-medium"),
    ({"status": "Q"}, "unknown-status"),
    ({"firm": OTHER}, "instrument-of-another-firm"),
    ({"substance": "ozone"}, "instrument-of-another-substance"),
]


@pytest.mark.parametrize(("wrong", "reason"), BAD)
def test_a_row_that_does_not_fit_is_set_aside_with_line_and_reason(
    wrong: dict[str, object], reason: str
) -> None:
    good, bad = rows(12)[0], {**rows(12, 13)[1], **wrong}
    found = taken(good, bad)
    (one,) = found.aside
    assert (one.line, one.reason) == (2, reason) and one.text and one.row == bad
    assert found.series["chimney 1"].values.tolist() == [12_000]


def test_what_a_status_letter_marks_is_kept_and_not_judged() -> None:
    given = rows(12, 900, "", 13)
    given[1]["status"] = given[2]["status"] = "D"
    one = taken(*given).series["chimney 1"]
    assert one.state.tolist() == [State.GOOD, State.MARKED, State.MARKED, State.GOOD]
    (told,) = taken(*given).troubles
    assert told.odd is Odd.MARKED and told.count == 2


def test_gaps_are_told_with_their_first_hour_and_length() -> None:
    given = rows(12, 13, 14, 15, 16, 17)
    found = taken(given[0], given[1], given[5])
    (told,) = found.troubles
    assert (told.odd, told.start, told.count) == (Odd.GAP, START + 2 * HOUR, 3)
    assert found.series["chimney 1"].state.tolist() == [1, 1, 0, 0, 0, 1]


def test_a_repeated_reading_changes_nothing() -> None:
    given = rows(12, 13)
    found = taken(*given, given[1])
    assert found.series["chimney 1"].values.tolist() == [12_000, 13_000]
    assert [t.odd for t in found.troubles] == [Odd.REPEATED] and found.aside == ()


def test_two_values_for_an_hour_leave_it_doubtful_and_the_second_aside() -> None:
    given = rows(12, 13)
    found = taken(*given, {**given[1], "value": 40})
    assert found.series["chimney 1"].state.tolist() == [State.GOOD, State.DOUBTFUL]
    assert found.series["chimney 1"].values.tolist() == [12_000, 13_000]
    (one,) = found.aside
    assert (one.line, one.reason) == (3, "same-id-other-content")
    assert {t.odd for t in found.troubles} == {Odd.TWICE}


def test_a_clock_that_goes_back_is_told_with_its_line() -> None:
    given = rows(10, 11, 12, 13)
    found = taken(given[0], given[3], given[1], given[2])
    (told,) = found.troubles
    assert (told.odd, told.line, told.count) == (Odd.CLOCK_BACK, 3, 2)
    assert found.series["chimney 1"].values.tolist() == [10_000, 11_000, 12_000, 13_000]


def test_a_unit_that_the_row_names_is_converted_and_told() -> None:
    given = rows("0.012", 13)
    given[0]["unit"] = "mg/m³"
    found = taken(*given)
    assert found.series["chimney 1"].values.tolist() == [12_000, 13_000]
    (told,) = found.troubles
    assert (told.odd, told.line, told.count) == (Odd.OTHER_UNIT, 1, 1)


@pytest.mark.parametrize("factor", [1000, 0.001])
def test_a_unit_that_nobody_names_is_suspected_and_never_mended(factor: float) -> None:
    chance = np.random.default_rng(3)
    values = [int(v) for v in chance.integers(20, 90, 200)]
    shown = [f"{v * factor:.3f}" if 100 <= n < 110 else v for n, v in enumerate(values)]
    found = taken(*rows(*shown))
    (told,) = found.troubles
    assert (told.odd, told.start, told.count) == (Odd.UNIT, START + 100 * HOUR, 10)
    one = found.series["chimney 1"]
    assert (one.state[100:110] == State.DOUBTFUL).all()
    assert one.good.sum() == 190 and one.values[100] == round(float(shown[100]) * 1000)


def test_a_genuine_peak_is_no_mix_up_of_units() -> None:
    chance = np.random.default_rng(3)
    values = [int(v) for v in chance.integers(20, 90, 200)]
    values[100:110] = [800] * 10
    assert taken(*rows(*values)).troubles == ()


# ------------------------------------------------------------------ files

HEAD = "instrument,moment,value,unit,status\n"


def test_csv_gzip_parquet_and_json_lines_mean_the_same(tmp_path: Path) -> None:
    lines = [f"chimney 1,{clock(n)},{n}.5,ug/m3,N\n" for n in range(30)]
    (tmp_path / "a.csv").write_text(HEAD + "".join(lines))
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress((HEAD + "".join(lines)).encode()))
    split = [dict(zip(HEAD.strip().split(","), x.strip().split(","), strict=True)) for x in lines]
    pq.write_table(pa.Table.from_pylist(split), tmp_path / "c.parquet")
    json_lines = (str(row).replace("'", '"') for row in split)
    (tmp_path / "d.jsonl").write_text("\n".join(json_lines))
    each = [
        take_readings([path], REGISTER, zone=ZONE).series["chimney 1"]
        for path in sorted(tmp_path.iterdir())
    ]
    assert len(each) == 4
    assert all(one.values.tolist() == each[0].values.tolist() for one in each)
    assert each[0].values.tolist() == [n * 1000 + 500 for n in range(30)]
    together = take_readings([tmp_path], REGISTER, zone=ZONE)
    assert [t.odd for t in together.troubles] == [Odd.REPEATED]


def test_lines_of_a_file_are_its_own(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(HEAD + f"chimney 1,{clock(0)},12,,\nchimney 1,{clock(1)},x,,\n1,2\n")
    found = take_readings([path], REGISTER, zone=ZONE)
    assert [(one.file, one.line, one.reason) for one in found.aside] == [
        (str(path), 3, "wrong-type"),
        (str(path), 4, "wrong-number-of-columns"),
    ]


@pytest.mark.parametrize(
    "text", ["", "instrument,moment\nchimney 1,2022-01-01\n", HEAD.replace("status", "stauts")]
)
def test_a_broken_file_stops_the_intake(tmp_path: Path, text: str) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(text)
    with pytest.raises(IntakeRefused):
        take_readings([path], REGISTER, zone=ZONE)


# ------------------------------------------------------------------ organisations only


@pytest.mark.parametrize("code", ["", "11010519491231002X", "Zhang San", FIRM.lower()])
def test_nobody_but_an_organisation_has_readings(code: str) -> None:
    with pytest.raises(CodeRefused):
        Instrument("watch", code, "pulse", "ug/m3", 1)


@pytest.mark.parametrize(
    "wrong", [{"unit": "bpm"}, {"resolution": 0}, {"limit": 0}, {"id": ""}, {"substance": ""}]
)
def test_an_instrument_is_whole(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {
        "id": "a", "firm": FIRM, "substance": "dust", "unit": "ug/m3", "resolution": 1,
    }  # fmt: skip
    Instrument(**right)  # type: ignore[arg-type]
    with pytest.raises(QuestionRefused):
        Instrument(**(right | wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name"),
    [("µg/m³", "ug/m3"), ("mg / m3", "mg/m3"), ("mg/l", "mg/L"), ("℃", "degC"), ("ppm", None)],
)
def test_units_are_read_as_people_write_them(text: str, name: str | None) -> None:
    assert plain_unit(text) == name
