"""The names a notebook uses."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import lending
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import xinyong
from xinyong.errors import (
    EventsRefused,
    IntakeRefused,
    QuestionRefused,
    SchemeNotFound,
    SchemeRefused,
)

DAY = "2022-06-30"
EXPECTED = {"ann": (83, "silver"), "bob": (30, "plain"), "cy": (85, "gold")}


def found(table: pa.Table) -> dict[str, tuple[int, str]]:
    return {row["subject"]: (row["score"], row["band"]) for row in table.to_pylist()}


def test_at_most_fifteen_names_and_each_has_a_docstring() -> None:
    assert len(xinyong.__all__) <= 15
    assert sorted(xinyong.__all__) == xinyong.__all__
    for name in xinyong.__all__:
        assert getattr(xinyong, name).__doc__, name
    assert set(xinyong.__all__) <= set(dir(xinyong))


def test_importing_the_package_loads_no_heavy_room() -> None:
    heavy = ["numpy", "pyarrow", "duckdb", "pydantic", "rich", "typer", "numba"]
    code = f"import sys, xinyong; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scor'"):
        xinyong.scor  # noqa: B018


def test_load_by_name_path_and_scheme() -> None:
    assert xinyong.load("sesame").scheme == xinyong.load("sesame-2015").scheme == "sesame-2015"
    by_path = xinyong.load(lending.LENDING)
    assert by_path.scheme == "lending"
    assert xinyong.load(by_path) is by_path
    with pytest.raises(SchemeNotFound, match="no scheme is called 'sesam'") as error:
        xinyong.load("sesam")
    assert "did you mean 'sesame'" in str(error.value)


def test_read_scheme_from_text_and_refusal_with_all_complaints() -> None:
    text = lending.LENDING.read_text()
    assert xinyong.read_scheme(text).digest == xinyong.load(lending.LENDING).digest
    with pytest.raises(SchemeRefused) as error:
        xinyong.read_scheme(text.replace("floor: 0", "flor: 0").replace("below: 3", "belw: 3"))
    assert "flor" in str(error.value) and "belw" in str(error.value)


def test_check_gives_complaints_and_does_not_raise(tmp_path: Path) -> None:
    assert xinyong.check(lending.LENDING) == ()
    assert xinyong.check(xinyong.load(lending.LENDING)) == ()
    bad = tmp_path / "bad.yaml"
    bad.write_text(lending.LENDING.read_text().replace("bins: late", "bins: lat"))
    codes = [complaint.code for complaint in xinyong.check(bad)]
    assert "unknown-name" in codes


def test_test_runs_the_cases() -> None:
    report = xinyong.test(lending.LENDING)
    assert report.passed and len(report.results) == 2
    failing = lending.LENDING.read_text().replace("score: 55", "score: 56")
    report = xinyong.test(xinyong.read_scheme(failing))
    assert [result.name for result in report.failed] == ["nothing known"]


def test_score_gives_everybody_a_row() -> None:
    scores = xinyong.score(lending.LENDING, lending.borrowers(), day=DAY, variables=True)
    assert found(scores) == EXPECTED
    assert scores["variable.late"].to_pylist() == [0, 3, 0]
    assert scores["day"].to_pylist() == [date(2022, 6, 30)] * 3


def test_score_of_several_days_and_of_questions() -> None:
    events = lending.borrowers()
    days = xinyong.score(lending.LENDING, events, day=["2022-06-30", date(2023, 6, 30)])
    assert days.filter(pa.compute.equal(days["subject"], "ann"))["score"].to_pylist() == [83, 80]
    questions = {"subject": ["bob", "nobody"], "day": [date(2022, 2, 1), date(2022, 6, 30)]}
    asked = xinyong.score(lending.LENDING, events, questions=pa.table(questions))
    assert asked["score"].to_pylist() == [60, 55]


def test_known_by_leaves_out_what_was_recorded_later() -> None:
    events = lending.borrowers()
    late = [datetime(2022, 7, 1, tzinfo=UTC)] * len(events)
    events = events.append_column("recorded_at", pa.array(late, pa.timestamp("us", tz="UTC")))
    default = xinyong.score(lending.LENDING, events, day=DAY)
    later = xinyong.score(lending.LENDING, events, day=DAY, known_by="2022-07-01")
    moment = xinyong.score(
        lending.LENDING, events, day=DAY, known_by=datetime(2022, 7, 1, tzinfo=UTC)
    )
    assert set(found(default).values()) == {(55, "plain")}
    assert found(later) == found(moment) == EXPECTED


def test_explain_equals_score_and_adds_up() -> None:
    for subject, (score, band) in EXPECTED.items():
        told = xinyong.explain(lending.LENDING, lending.borrowers(), subject=subject, day=DAY)
        assert (told.outcome.score, told.outcome.band) == (score, band)
        trace = told.trace
        parts = [trace["start"], *trace["lines"], *trace["limits"]]
        assert sum(part["points"] for part in parts) == score


def test_explain_refuses_a_subject_nobody_speaks_of() -> None:
    with pytest.raises(QuestionRefused, match="no event speaks of the subject 'Ann'"):
        xinyong.explain(lending.LENDING, lending.borrowers(), subject="Ann", day=DAY)


def test_what_if_alone_and_supposing() -> None:
    events = lending.borrowers()
    plain = xinyong.what_if(lending.LENDING, events, subject="bob", day=DAY)
    assert plain.after is None
    assert any(change.assumed == {"late": 2} and change.gain == 30 for change in plain.changes)
    values = xinyong.what_if(lending.LENDING, events, subject="bob", day=DAY, set={"late": 0})
    assert values.after is not None and values.after.score == 80
    struck = xinyong.what_if(lending.LENDING, events, subject="bob", day=DAY, strike=["bob-1"])
    assert struck.after is not None and struck.after.points["L1"] == 10
    more = xinyong.what_if(
        lending.LENDING,
        events,
        subject="bob",
        day=DAY,
        add=[{"help": {"hours": 4, "thanked": True}}],
    )
    assert more.after is not None and more.after.points["T1"] == 8
    assert more.before.score == 30


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"set": {"lat": 0}}, "no variable is called 'lat'"),
        ({"set": {"late": "some"}}, "no value of 'late'"),
        ({"strike": ["ann-1"]}, "has no event 'ann-1'"),
        ({"add": [{"help": {}, "loan": {}}]}, "exactly one kind"),
        ({"add": [{"help": {"hour": 4}}]}, "no field 'hour'"),
        ({"add": [{"help": {}, "at": "tomorrow"}]}, "not a moment"),
        ({"add": [{"help": {}, "times": 2, "every": "1 day"}]}, "'times'"),
    ],
)
def test_what_if_refuses_what_does_not_fit(given: dict[str, object], match: str) -> None:
    with pytest.raises((QuestionRefused, EventsRefused), match=match) as error:
        xinyong.what_if(lending.LENDING, lending.borrowers(), subject="bob", day=DAY, **given)
    assert error.value.where and error.value.why and error.value.mend


def test_diff_says_sentences_and_counts_moves() -> None:
    other = lending.LENDING.read_text().replace("points: -20", "points: 12")
    same = xinyong.diff(lending.LENDING, lending.LENDING)
    assert same.sentences == () and same.moves is None
    changed = xinyong.diff(
        lending.LENDING, xinyong.read_scheme(other), lending.borrowers(), "2022-06-30"
    )
    assert len(changed.sentences) == 1 and "-20" in changed.sentences[0]
    assert changed.moves is not None
    assert changed.moves.to_pylist() == [
        {"before": "gold", "after": "gold", "subjects": 1, "mean_change": 0},
        {"before": "silver", "after": "silver", "subjects": 1, "mean_change": 0},
        {"before": "plain", "after": "silver", "subjects": 1, "mean_change": 32},
    ]
    with pytest.raises(QuestionRefused, match="no day is given"):
        xinyong.diff(lending.LENDING, lending.LENDING, lending.borrowers())


def test_diff_of_schemes_that_read_other_events() -> None:
    text = lending.LENDING.read_text()
    other = xinyong.read_scheme(
        text.replace("each: help", "each: aid").replace("      help: {", "      aid: {")
        .replace("help.until", "aid.until").replace("{help: {hours", "{aid: {hours")
    )  # fmt: skip
    moves = xinyong.diff(lending.LENDING, other, lending.borrowers(), DAY).moves
    assert moves is not None
    assert sum(row["subjects"] for row in moves.to_pylist()) == 3


@pytest.mark.parametrize("day", [None, "yesterday", "2022-13-01", "1850-01-01", 7])
def test_a_day_must_be_a_day(day: object) -> None:
    with pytest.raises(QuestionRefused) as error:
        xinyong.explain(lending.LENDING, lending.borrowers(), subject="ann", day=day)  # type: ignore[arg-type]
    assert error.value.mend


def test_a_moment_is_no_day() -> None:
    moment = datetime(2022, 6, 30, 12, tzinfo=UTC)
    with pytest.raises(QuestionRefused, match="a moment is given"):
        xinyong.score(lending.LENDING, lending.borrowers(), day=moment)


# ------------------------------------------------------------------ files


def test_parquet_file_folder_and_glob_give_the_same(tmp_path: Path) -> None:
    events = lending.borrowers()
    pq.write_table(events, tmp_path / "all.parquet")
    parts = tmp_path / "parts"
    parts.mkdir()
    pq.write_table(events.slice(0, 4), parts / "a.parquet")
    pq.write_table(events.slice(4), parts / "b.parquet")
    for path in (tmp_path / "all.parquet", parts, f"{parts}/*.parquet"):
        assert found(xinyong.score(lending.LENDING, path, day=DAY)) == EXPECTED
        told = xinyong.explain(lending.LENDING, path, subject="bob", day=DAY)
        assert told.outcome.score == 30


def test_csv_goes_through_intake(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(
        "subject,kind,happened_at,days_late,fee\nann,loan,2022-03-01,0,0\nann,loan,2022-04-01,2,0\n"
    )
    assert found(xinyong.score(lending.LENDING, path, day=DAY)) == {"ann": (60, "silver")}
    table = xinyong.read_events(path, lending.LENDING)
    assert table["days_late"].to_pylist() == [0, 2]


def test_rows_are_not_left_out_in_silence(tmp_path: Path) -> None:
    path, aside = tmp_path / "events.csv", tmp_path / "aside.jsonl"
    path.write_text("subject,kind,happened_at,days_late\nann,loan,2022-03-01,0\nann,loan,never,0\n")
    with pytest.raises(IntakeRefused, match="1 of 2 rows do not fit: 1 unreadable-moment"):
        xinyong.read_events(path, lending.LENDING)
    table = xinyong.read_events(path, lending.LENDING, rejects=aside)
    assert len(table) == 1
    assert "never" in aside.read_text()


def test_no_such_file_and_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(EventsRefused, match="there are no events here"):
        xinyong.score(lending.LENDING, tmp_path / "none.parquet", day=DAY)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and then nothing of the kind PAR1")
    with pytest.raises(EventsRefused, match="cannot be read as Parquet"):
        xinyong.score(lending.LENDING, broken, day=DAY)


def test_a_mapping_goes_with_a_path() -> None:
    with pytest.raises(QuestionRefused, match="a mapping goes with a path"):
        xinyong.score(lending.LENDING, lending.borrowers(), day=DAY, mapping="map.yaml")


def test_a_town_can_be_drawn_and_scored() -> None:
    town = xinyong.draw_town(40, 5, seed=3)
    scores = xinyong.score("sesame", town.events("people"), day="2025-12-31")
    assert 0 < len(scores) <= 40
    assert (
        scores["score"].to_pylist()
        == xinyong.score(
            "sesame", xinyong.draw_town(40, 5, seed=3).events("people"), day="2025-12-31"
        )["score"].to_pylist()
    )
