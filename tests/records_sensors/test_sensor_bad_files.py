"""Bad files of readings: one clear refusal or a row set aside, and nothing half taken in."""

import gzip
from pathlib import Path

import pytest
from drawn_readings import FIRM, START, ZONE, dust
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinyong.errors import IntakeRefused
from xinyong.records.sensors.folder import examine_folder, read_register
from xinyong.records.sensors.instrument import HOUR
from xinyong.records.sensors.readings import Taken, take_readings

REGISTER = {"chimney 1": dust()}
HEAD = b"instrument,moment,value,unit,status\n"
GOOD = b"chimney 1,2022-01-01T00:00,12,,\n"
MIB = 1 << 20


def row(value: bytes, hour: int = 1) -> bytes:
    return b"chimney 1,2022-01-01T%02d:00,%s,,\n" % (hour, value)


def line(value: bytes) -> bytes:
    return b'{"instrument":"chimney 1","moment":"2022-01-01T01:00","value":%s}\n' % value


def take(path: Path, content: bytes) -> Taken:
    """Take in one file; the folder around it is the same afterwards."""
    path.write_bytes(content)
    try:
        return take_readings([path], REGISTER, zone=ZONE)
    finally:
        assert [one.name for one in path.parent.iterdir()] == [path.name]
        assert path.read_bytes() == content


# ------------------------------------------------------------------ files that are refused whole

BROKEN = {
    "nothing.csv": b"",
    "only NUL.csv": b"\0" * 500,
    "two marks of order.csv": b"\xef\xbb\xbf\xef\xbb\xbf" + HEAD + GOOD,
    "UTF-16.csv": (HEAD + GOOD).decode().encode("utf-16"),
    "UTF-16 without a mark.csv": (HEAD + GOOD).decode().encode("utf-16-le"),
    "UTF-32.csv": (HEAD + GOOD).decode().encode("utf-32"),
    "Latin 1.csv": HEAD + GOOD + "chimney 1,2022-01-01T01:00,12,µg/m³,\n".encode("latin-1"),
    "half a character in the head.csv": b"\xff" + HEAD + GOOD,
    "half a character in a row.csv": HEAD + GOOD + b"chimney \xc3\x28,2022-01-01T01:00,1,,\n",
    "one line of 1 MiB.csv": b"x" * MIB,
    "1 MiB of commas.csv": b"," * MIB,
    "a quote that never closes.csv": HEAD + GOOD + b'"' + b"x" * MIB,
    "a column twice.csv": HEAD.replace(b"status", b"value") + GOOD,
    "a column misspelt.csv": HEAD.replace(b"value", b"Value") + GOOD,
    "a column missing.csv": b"instrument,moment\nchimney 1,2022-01-01T00:00\n",
    "not packed.csv.gz": HEAD + GOOD,
    "cut.csv.gz": gzip.compress(HEAD + GOOD * 1000)[:-20],
    "something behind.csv.gz": gzip.compress(HEAD + GOOD) + b"\0more",
    "300 MB in 300 KB.csv.gz": gzip.compress(b"\0" * (300 * MIB), 1),
    "nothing.parquet": b"",
    "1 MiB of anything.parquet": b"x" * MIB,
    "a head and a foot.parquet": b"PAR1" + b"x" * MIB + b"PAR1",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_refusal_of_four_parts(tmp_path: Path, name: str) -> None:
    with pytest.raises(IntakeRefused) as refused:
        take(tmp_path / name, BROKEN[name])
    said = refused.value
    assert said.what and said.why and said.mend and name in said.where
    assert "mapping" not in str(said) and "scheme" not in str(said), "readings have neither"
    assert len(str(said)) < 800, "a refusal does not give the file back"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_beside_a_good_one_gives_nothing(tmp_path: Path, name: str) -> None:
    """The good file comes first by name; still no series comes out, and no flag."""
    register = "instrument,firm,substance,unit,resolution,limit,beside\n"
    (tmp_path / "instruments.csv").write_text(register + f"chimney 1,{FIRM},dust,ug/m3,1,,\n")
    (tmp_path / " good.csv").write_bytes(HEAD + GOOD)
    fine = examine_folder(tmp_path, genuine_until=START, zone=ZONE)
    assert fine.taken.rows == 1
    (tmp_path / name).write_bytes(BROKEN[name])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(IntakeRefused):
        examine_folder(tmp_path, genuine_until=START, zone=ZONE)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_register_that_is_no_text_or_has_an_unknown_column_says_how_to_mend_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "instruments.csv"
    head = "instrument,firm,substance,unit,resolution,limit,beside"
    for content, mend in (
        (head.encode("utf-16"), "write it as UTF-8"),
        ((head + "\nµ,,,,,,").encode("latin-1"), "write it as UTF-8"),
        ((head + ",colour\n").encode(), "Rename it or remove it"),
    ):
        path.write_bytes(content)
        with pytest.raises(IntakeRefused) as refused:
            read_register(path)
        assert mend in refused.value.mend and "instruments.csv" in refused.value.where


# ------------------------------------------------------------------ rows that are set aside

ASIDE = {
    "NUL in a number.csv": (HEAD + GOOD + row(b"1\x002"), "wrong-type"),
    "a row of NUL.csv": (HEAD + GOOD + b"\0" * 1000, "wrong-number-of-columns"),
    "a row of 1 MiB.csv": (HEAD + GOOD + b"x" * MIB + b"\n", "bad-quotes"),
    "a value of 1 MiB.csv": (HEAD + GOOD + row(b"9" * MIB), "too-long"),
    "1 MiB of quotes.csv": (HEAD + GOOD + b'"' * MIB, "bad-quotes"),
    "beyond 64 bits.csv": (HEAD + GOOD + row(b"9223372036854775808"), "number-beyond-limit"),
    "a large exponent.csv": (HEAD + GOOD + row(b"1e999999999"), "wrong-type"),
    "a small exponent.csv": (HEAD + GOOD + row(b"1e-999999999"), "wrong-type"),
    "infinity.csv": (HEAD + GOOD + row(b"inf"), "wrong-type"),
    "no number.csv": (HEAD + GOOD + row(b"nan"), "wrong-type"),
    "base 16.csv": (HEAD + GOOD + row(b"0x10"), "wrong-type"),
    "other digits.csv": (HEAD + GOOD + row("١٢".encode()), "wrong-type"),
    "a formula.csv": (HEAD + GOOD + row(b"=1+1"), "wrong-type"),
    "the year 9999.csv": (HEAD + GOOD + b"chimney 1,9999-12-31T23:00,1,,\n", "outside-days"),
    "depth 100,000.jsonl": (line(b"12") + b"[" * 100_000, "not-an-object"),
    "a number of 1 MiB.jsonl": (line(b"12") + line(b"9" * MIB), "too-long"),
    "beyond a float.jsonl": (line(b"12") + line(b"1e400"), "number-beyond-limit"),
    "no number.jsonl": (line(b"12") + line(b"NaN"), "wrong-type"),
    "true is no 1.jsonl": (line(b"12") + line(b"true"), "wrong-type"),
    "a key twice.jsonl": (line(b"12") + line(b'1,"value":2'), "duplicate-key"),
    "half a character.jsonl": (line(b"12") + line(b'"\xff"'), "bad-characters"),
    "half a surrogate.jsonl": (line(b"12") + line(b'"\\ud800"'), "bad-characters"),
    "NUL.jsonl": (line(b"12") + b"\0\0", "not-an-object"),
}


@pytest.mark.parametrize("name", ASIDE)
def test_a_bad_row_is_set_aside_and_the_good_one_stays(tmp_path: Path, name: str) -> None:
    content, reason = ASIDE[name]
    found = take(tmp_path / name, content)
    (one,) = found.aside
    first = 1 if name.endswith(".jsonl") else 2
    assert (one.reason, one.line, found.rows) == (reason, first + 1, 2)
    assert one.text and len(one.text) < 200
    assert found.series["chimney 1"].values.tolist() == [12_000]


def test_a_mark_of_order_at_the_head_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    for name, content in (("a.csv", HEAD + GOOD), ("a.jsonl", line(b"12"))):
        folder = tmp_path / name[2:]
        folder.mkdir()
        found = take(folder / name, b"\xef\xbb\xbf" + content)
        assert found.aside == () and found.series["chimney 1"].values.tolist() == [12_000]


# ------------------------------------------------------------------ anything

TEN = [row(b"%d.5" % hour, hour) for hour in range(10)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    at=st.integers(0, len(HEAD + b"".join(TEN))),
    gone=st.integers(0, 40),
    put=st.one_of(
        st.binary(max_size=60), st.sampled_from([b'"', b"\r", b"\n\n", b"\0", b",,", b"'"])
    ),
)
def test_a_damaged_file_is_refused_or_every_row_is_accounted_for(
    tmp_path: Path, at: int, gone: int, put: bytes
) -> None:
    whole = HEAD + b"".join(TEN)
    content = whole[:at] + put + whole[at + gone :]
    try:
        found = take(tmp_path / "a.csv", content)
    except IntakeRefused as refused:
        assert refused.what and refused.why and refused.mend
        return
    told_again = sum(one.count for one in found.troubles if one.odd == "same reading again")
    hours = sum(int((one.state > 0).sum()) for one in found.series.values())
    assert hours + told_again + len(found.aside) == found.rows
    # No reading comes out of nothing: beyond the damage all is as it was.
    one = found.series.get("chimney 1")
    untouched = {hour for hour, text in enumerate(TEN) if _spared(hour, at, gone)}
    assert one is not None or not untouched
    if one is not None:
        shift = (one.start - START) // HOUR
        for hour in untouched:
            spot = hour - shift
            assert one.values[spot] == hour * 1000 + 500 or one.state[spot] == 3


def _spared(hour: int, at: int, gone: int) -> bool:
    """Whether a row ends before the damage begins."""
    return len(HEAD) + sum(map(len, TEN[: hour + 1])) <= at
