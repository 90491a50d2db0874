"""The gate: what the charter refuses runs on people who do not exist alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import lending
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import xinyong
from xinyong.errors import CharterRefused, QuestionRefused, RealRecords
from xinyong.face import gate
from xinyong.scheme import library

DAY = "2025-12-31"
LAB = "sesame-2015"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The people of a drawn town, as a file."""
    path = tmp_path_factory.mktemp("town") / "people.parquet"
    xinyong.draw_town(40, 5, seed=3).write("people", path)
    return path


@pytest.fixture(scope="module")
def people(town: Path) -> pa.Table:
    return pq.read_table(town)


def real(table: pa.Table) -> pa.Table:
    """The same events under names of one's own, mark and all."""
    named = pc.replace_substring(table["subject"], "synthetic:", "")
    return table.set_column(table.schema.get_field_index("subject"), "subject", named)


def test_drawn_people_pass_and_the_answer_says_so(town: Path, people: pa.Table) -> None:
    for events in (town, str(town), people, town.parent):
        scores = xinyong.score(LAB, events, day=DAY)
        assert scores.num_rows == len(pc.unique(people["subject"])) > 30
        assert scores.schema.metadata[b"xinyong.lab"].startswith(b"sesame-2015 ")
        assert b"synthetic events alone" in scores.schema.metadata[b"xinyong.lab"]


def _named(table: pa.Table) -> pa.Table:
    return real(table)


def _unmarked(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata(None)


def _one_real(table: pa.Table) -> pa.Table:
    """One subject among forty bears a name of its own."""
    subjects = table["subject"].to_pylist()
    subjects = ["Ann" if name == subjects[-1] else name for name in subjects]
    column = pa.array(subjects, pa.string())
    return table.set_column(table.schema.get_field_index("subject"), "subject", column)


FAKES: list[Callable[[pa.Table], Any]] = [_named, _unmarked, _one_real]


@pytest.mark.parametrize("fake", FAKES)
@pytest.mark.parametrize("as_file", [False, True])
def test_anything_else_is_refused(
    people: pa.Table, tmp_path: Path, fake: Callable[[pa.Table], pa.Table], as_file: bool
) -> None:
    events: Any = fake(people)
    if as_file:
        pq.write_table(events, tmp_path / "events.parquet")
        events = tmp_path / "events.parquet"
    someone = "synthetic:p000001"
    for verb in (
        lambda: xinyong.score(LAB, events, day=DAY),
        lambda: xinyong.explain(LAB, events, subject=someone, day=DAY),
        lambda: xinyong.what_if(LAB, events, subject=someone, day=DAY),
        lambda: xinyong.diff("a-fair-start", LAB, events, DAY),
        lambda: xinyong.diff(LAB, "a-fair-start", events, DAY),
    ):
        with pytest.raises(RealRecords) as error:
            verb()
        assert "not synthetic" in str(error.value)
        assert {f.clause for f in error.value.findings} >= {"L01-lab", "K01-consent"}


def test_statistics_left_out_do_not_open_the_gate(people: pa.Table, tmp_path: Path) -> None:
    honest, lying = tmp_path / "honest.parquet", tmp_path / "lying.parquet"
    pq.write_table(people, honest, write_statistics=False)
    pq.write_table(_one_real(people), lying, write_statistics=False)
    assert gate.synthetic(honest) is True
    assert gate.synthetic(lying) is False


def test_one_real_file_among_several_closes_it(people: pa.Table, tmp_path: Path) -> None:
    pq.write_table(people, tmp_path / "a.parquet")
    assert gate.synthetic(tmp_path) is True
    pq.write_table(real(people), tmp_path / "b.parquet")
    assert gate.synthetic(tmp_path) is False


def test_names_that_merely_look_alike_are_not_synthetic(people: pa.Table) -> None:
    for name in ("synthetic;1", "Synthetic:1", " synthetic:1", "synthetic"):
        column = pa.array([name] * people.num_rows, pa.string())
        odd = people.set_column(people.schema.get_field_index("subject"), "subject", column)
        assert gate.synthetic(odd) is False, name


@pytest.mark.parametrize("value", [None, 3, {"subject": ["synthetic:1"]}, b"synthetic:"])
def test_what_is_no_table_is_not_synthetic(value: object) -> None:
    assert gate.synthetic(value) is False


def test_text_files_carry_no_mark(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("subject,kind,happened_at\nsynthetic:p1,bill,2025-01-01\n")
    assert gate.synthetic(path) is False


def test_an_approved_scheme_runs_on_anyone() -> None:
    scores = xinyong.score(lending.LENDING, lending.borrowers(), day="2022-06-30")
    assert b"xinyong.lab" not in (scores.schema.metadata or {})
    assert scores.num_rows == 3


def test_place_and_day_decide(tmp_path: Path) -> None:
    """A scheme that is approved at home may be refused elsewhere."""
    with pytest.raises(RealRecords) as error:
        xinyong.score(lending.LENDING, lending.borrowers(), day="2022-06-30", place="cn")
    assert "D11-catalogue" in {finding.clause for finding in error.value.findings}
    with pytest.raises(QuestionRefused):
        xinyong.score(lending.LENDING, lending.borrowers(), day="2022-06-30", place="mars")


def test_the_last_of_several_days_is_read(people: pa.Table) -> None:
    scheme = library.load("a-fair-start")
    left = scheme.rights.model_copy(update={"repair": None})
    broken = scheme.model_copy(update={"rights": left, "jurisdiction": ("CN",)})
    events = lending.borrowers().select(["subject", "kind", "happened_at", "id"]).slice(0, 0)
    assert gate.admit(broken, events, day=date(2026, 3, 31)).lab is False
    with pytest.raises(RealRecords):
        gate.admit(broken, events, day=date(2026, 4, 1))
    with pytest.raises(RealRecords):
        xinyong.score(broken, events, day=["2026-03-31", "2026-04-01"])
    questions = pa.table({"subject": ["x"], "day": [date(2026, 4, 1)]})
    with pytest.raises(RealRecords):
        xinyong.score(broken, events, questions=questions)


def test_the_report_and_the_approval_are_verbs_of_the_house() -> None:
    report = xinyong.charter_report("rongcheng", day="2026-11-22")
    assert report.places == ("cn",)
    assert str(report.verdict) == "lab only"
    assert all(finding.line > 0 for finding in report.findings)
    assert xinyong.approve("a-fair-start", day="2026-11-22").places == ("cn", "eu", "us")
    with pytest.raises(CharterRefused) as error:
        xinyong.approve("rongcheng", day="2026-11-22")
    assert all(finding.place.count(":") >= 2 for finding in error.value.findings)
