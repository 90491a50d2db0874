"""Commands about everybody and about one: score, intake, explain, what-if, demo."""

import json
import re
from pathlib import Path

import lending
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from conftest import Ran, Run, four_parts

DAY = ("--day", "2022-06-30")


# ------------------------------------------------------------------ score


def test_score_prints_counts_and_writes_the_file(
    run: Run, scheme: Path, events: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.parquet"
    done = run("score", scheme, events, *DAY, "--out", out)
    assert done.code == 0
    assert "3 persons, 6 events" in done.out and "33.3%" in done.out
    assert re.search(r"scored 3 subjects with 6 events in .* events/s", done.err)
    for name in ("ann", "bob"):
        assert name not in done.out
    scores = pq.read_table(out)
    assert scores["subject"].to_pylist() == ["ann", "bob", "cy"]
    assert scores["score"].to_pylist() == [83, 30, 85]
    assert list(tmp_path.glob(".*")) == []


def test_score_as_json_needs_no_file(run: Run, scheme: Path, events: Path) -> None:
    told = json.loads(run("score", scheme, events, *DAY, "--json").out)
    assert told["subjects"] == 3
    assert told["bands"] == {"plain": 1, "silver": 1, "gold": 1}
    assert told["score"]["least"] == 30 and told["score"]["greatest"] == 85
    assert told["consequences"] == {"C1": 2, "C2": 1}
    assert told["lists"]["reminders"]["listed"] == 1


def test_score_to_csv_and_arrow(run: Run, scheme: Path, events: Path, tmp_path: Path) -> None:
    for name, read in (("s.csv", pacsv.read_csv), ("s.arrow", feather.read_table)):
        out = tmp_path / name
        words = ("--out", out, "--variables", "--no-reasons")
        assert run("score", scheme, events, *DAY, *words).code == 0
        table = read(out)
        assert table["score"].to_pylist() == [83, 30, 85]
        assert "variable.late" in table.column_names and "next_change" in table.column_names
        assert "reason.1" not in table.column_names
        assert (
            run("score", scheme, events, *DAY, "--out", out, "--no-next-change", "--force").code
            == 0
        )
        assert "next_change" not in read(out).column_names


def test_score_reads_csv_and_refuses_to_lose_rows(run: Run, scheme: Path, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("subject,kind,happened_at,days_late\nann,loan,2022-03-01,0\n")
    assert json.loads(run("score", scheme, path, *DAY, "--json").out)["bands"]["silver"] == 1
    path.write_text(path.read_text() + "ann,loan,2022-03-41,0\n")
    done = run("score", scheme, path, *DAY)
    assert done.code == 2
    four_parts(done.err)
    assert "1 of 2 rows do not fit" in done.err and "xinyong intake" in done.err


def test_score_overwrites_nothing_unasked(
    run: Run, scheme: Path, events: Path, tmp_path: Path
) -> None:
    out = tmp_path / "scores.parquet"
    out.write_text("precious")
    done = run("score", scheme, events, *DAY, "--out", out)
    assert done.code == 2
    four_parts(done.err)
    assert "--force" in done.err and out.read_text() == "precious"
    assert run("score", scheme, events, *DAY, "--out", out, "--force").code == 0
    assert pq.read_table(out).num_rows == 3


def test_a_failure_leaves_no_half_written_file(run: Run, scheme: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.parquet"
    table = lending.borrowers()
    pq.write_table(table.set_column(1, "kind", table["kind"].take([0] * 6)).slice(0, 6), bad)
    out = tmp_path / "scores.parquet"
    broken = bad.read_bytes()
    bad.write_bytes(broken[:200] + b"\xff" * 60 + broken[260:])
    done = run("score", scheme, bad, *DAY, "--out", out)
    assert done.code in (0, 2)
    assert out.exists() == (done.code == 0)
    assert list(tmp_path.glob(".*")) == []


def refused(done: Ran, *words: str) -> None:
    assert done.code == 2
    four_parts(done.err)
    for word in words:
        assert word in done.err, done.err


def test_bad_input_by_hand(run: Run, scheme: Path, events: Path, tmp_path: Path) -> None:
    refused(run("score", scheme, tmp_path / "none.parquet", *DAY), "there are no events here")
    refused(run("score", scheme, events, "--day", "2022-02-30"), "not a day of the calendar")
    refused(run("score", scheme, events, "--day", "1850-01-01"), "outside 1900-01-01")
    refused(run("score", scheme, events, *DAY, "--known-by", "noon"), "--known-by", "noon")
    refused(run("score", scheme, events, *DAY, "--engine", "steam"), "no engine is called")
    refused(run("score", scheme, events, *DAY, "--out", tmp_path / "s.xlsx"), "'.xlsx'")
    under = events / "scores.parquet"
    refused(run("score", scheme, events, *DAY, "--out", under), str(under), "not a directory")
    refused(
        run("score", scheme, events, *DAY, "--out", tmp_path / "no" / "s.csv"), "make the folder"
    )
    folder = tmp_path / "folder.parquet"
    folder.mkdir()
    refused(run("score", scheme, events, *DAY, "--out", folder), "this is a folder")
    text = tmp_path / "text.parquet"
    text.write_text("no parquet at all")
    refused(run("score", scheme, text, *DAY), "cannot be read as Parquet")
    renamed = tmp_path / "renamed.parquet"
    pq.write_table(lending.borrowers().rename_columns(
        ["who", *lending.borrowers().column_names[1:]]
    ), renamed)  # fmt: skip
    refused(run("score", scheme, renamed, *DAY), "no column 'subject'")
    misspelt = tmp_path / "misspelt.parquet"
    names = [n.replace("days_late", "day_late") for n in lending.borrowers().column_names]
    pq.write_table(lending.borrowers().rename_columns(names), misspelt)
    refused(run("score", scheme, misspelt, *DAY), "'day_late'", "rename it to 'days_late'")


def test_a_scheme_with_errors_cannot_score(
    run: Run, scheme: Path, events: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(scheme.read_text().replace("bins: late", "bins: lat"))
    done = run("score", bad, events, *DAY, "--json")
    assert done.code == 2
    assert f"{bad}:" in done.err and "unknown-name" in done.err
    told = json.loads(done.out)["error"]
    assert told["complaints"] and told["mend"]


def test_usage_errors_exit_with_2(run: Run, scheme: Path, events: Path) -> None:
    for words in (
        ("scor",),
        ("score", scheme),
        ("score", scheme, events, *DAY, "--threads", "0"),
        ("explain", scheme, events, *DAY),
        ("schemes", "--what"),
    ):
        done = run(*words)
        assert done.code == 2 and done.out == "", words
        assert "Usage" in done.err


# ------------------------------------------------------------------ explain


def added_up(text: str) -> tuple[int, int]:
    """The sum of the column of points, and the figure below it."""
    column = [
        int(found[1])
        for line in text.splitlines()
        if (found := re.match(r" *([+-]?\d+) (?=\S)", line[:9] + line[9:]))
        and len(line) - len(line.lstrip()) <= 7
        and found.end() == 8
    ]
    return sum(column[:-1]), column[-1]


@pytest.mark.parametrize(("subject", "score"), [("ann", 83), ("bob", 30), ("cy", 85)])
@pytest.mark.parametrize("more", [(), ("--all",)])
def test_the_column_adds_up(
    run: Run, scheme: Path, events: Path, subject: str, score: int, more: tuple[str, ...]
) -> None:
    done = run("explain", scheme, events, *DAY, "--subject", subject, *more)
    assert done.code == 0
    column = done.out[done.out.index("\n\n") : done.out.index("What follows")]
    assert added_up(column) == (score, score), column


def test_explain_says_what_lines_rest_on_and_until_when(
    run: Run, scheme: Path, events: Path
) -> None:
    ann = run("explain", scheme, events, *DAY, "--subject", "ann").out
    assert "Hours of help  [T1]" in ann
    assert "1 × help, 2022-04-01; counts until 2023-03-31" in ann
    assert "the next change comes on 2023-04-01" in ann
    assert "bob" not in ann
    bob = run("explain", scheme, events, *DAY, "--subject", "bob").out
    assert "reminders: listed" in bob and "a reminder before each due day" in bob
    assert "50  Three books or more came back late" in bob


def test_explain_as_json_is_the_trace(run: Run, scheme: Path, events: Path) -> None:
    trace = json.loads(run("explain", scheme, events, *DAY, "--subject", "cy", "--json").out)
    assert trace["trace"] == "xinyong.trace/1" and trace["score"] == 85


def test_explain_with_known_by(run: Run, scheme: Path, events: Path) -> None:
    words = ("explain", scheme, events, *DAY, "--subject", "ann", "--known-by", "2022-03-15")
    out = run(*words).out
    assert "records known by 2022-03-15 23:59:59+01:00" in out
    assert "× help" not in out


def test_explain_of_nobody(run: Run, scheme: Path, events: Path) -> None:
    refused(run("explain", scheme, events, *DAY, "--subject", "dan"), "'dan'", "spelling")


# ------------------------------------------------------------------ what-if


def test_what_if_lists_changes(run: Run, scheme: Path, events: Path) -> None:
    done = run("what-if", scheme, events, *DAY, "--subject", "bob")
    assert done.code == 0
    assert "[L1, late]" in done.out and "+30" in done.out and "not a promise" in done.out
    told = json.loads(run("what-if", scheme, events, *DAY, "--subject", "bob", "--json").out)
    assert told["before"]["score"] == 30 and told["after"] is None and told["changes"]


def test_what_if_supposing(run: Run, scheme: Path, events: Path) -> None:
    words = ("what-if", scheme, events, *DAY, "--subject", "bob")
    done = run(*words, "--set", "late=0", "--add", '{"help": {"hours": 2.5, "thanked": true}}')
    assert done.code == 0
    assert "then: score 85 (+55), band gold" in done.out
    assert "no longer: a reminder before each due day" in done.out
    struck = json.loads(run(*words, "--strike", "bob-1", "--json").out)
    assert struck["after"]["points"]["L1"] == 10
    same = run(*words, "--set", "late=3")
    assert "nothing comes out differently" in same.out


@pytest.mark.parametrize(
    ("option", "value", "match"),
    [
        ("--set", "late", "not a variable with a value"),
        ("--set", "lat=0", "did you mean 'late'"),
        ("--set", "late=soon", "no value of 'late'"),
        ("--strike", "x", "no event 'x'"),
        ("--add", "{", "cannot be read as JSON"),
        ("--add", "[1]", "this is not an event"),
        ("--add", "{}", "exactly one kind"),
        ("--add", '{"help": {"hours": "two"}}', "'two'"),
        ("--add", '{"help": {"hours": 1e400}}', "too many digits"),
        ("--add", '{"help": 3}', "add"),
    ],
)
def test_what_if_refuses(
    run: Run, scheme: Path, events: Path, option: str, value: str, match: str
) -> None:
    refused(run("what-if", scheme, events, *DAY, "--subject", "bob", option, value), match)


# ------------------------------------------------------------------ intake, demo


def test_intake_says_how_many_and_sets_bad_rows_aside(
    run: Run, scheme: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "desk.csv", tmp_path / "events.parquet"
    source.write_text(
        "subject,kind,happened_at,days_late\nann,loan,2022-03-01,0\nann,lone,2022-03-02,0\n"
        "bob,loan,2022-03-02,two\n"
    )
    done = run("intake", scheme, source, "--out", out)
    assert done.code == 0
    assert "3 rows read from 1 file" in done.out and "1 events of 1 subjects" in done.out
    assert "2 rows set aside" in done.out and "unknown-kind" in done.out
    assert (tmp_path / "events.aside.jsonl").read_text().count("\n") == 2
    refused(run("intake", scheme, source, "--out", out), "already there")
    told = run("intake", scheme, source, "--out", out, "--force", "--strict", "--json")
    assert told.code == 1
    assert json.loads(told.out)["aside"] == {"unknown-kind": 1, "wrong-type": 1}
    assert json.loads(run("score", scheme, out, *DAY, "--json").out)["subjects"] == 1


def test_intake_with_a_mapping(run: Run, scheme: Path, tmp_path: Path) -> None:
    (tmp_path / "desk.csv").write_text("card;back;late\nann;01.03.2022;0\n")
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "xinyong_mapping: 1\nfiles:\n  - path: desk.csv\n    csv: {delimiter: ';'}\n"
        "    subject: card\n    events:\n      - kind: loan\n"
        "        at: {column: back, format: '%d.%m.%Y'}\n        fields: {days_late: late}\n"
    )
    out = tmp_path / "events.parquet"
    assert run("intake", scheme, "--mapping", mapping, "--out", out).code == 0
    assert pq.read_table(out)["subject"].to_pylist() == ["ann"]
    mapping.write_text(mapping.read_text().replace("subject: card", "subjct: card"))
    done = run("intake", scheme, "--mapping", mapping, "--out", out, "--force")
    assert done.code == 2 and "did you mean 'subject'" in done.err


def test_a_broken_csv_changes_nothing(run: Run, scheme: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "desk.csv", tmp_path / "events.parquet"
    source.write_text('subject,kind,happened_at\nann,"loan,2022-03-01\nben,loan,2022-03-01\n')
    out.write_text("precious")
    done = run("intake", scheme, source, "--out", out, "--force")
    assert done.code == 2
    four_parts(done.err)
    assert out.read_text() == "precious"


def test_a_small_demo(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "town"
    done = run("demo", "--people", "60", "--firms", "10", "--out", out, "--json")
    assert done.code == 0
    told = json.loads(done.out)
    assert told["parts"]["people"]["subjects"] == 60
    assert Path(told["files"]["page"]).is_file()
    nobody = run("demo", "--people", "0", "--out", out)
    assert nobody.code == 2 and "0 people" in nobody.err and "mend:" in nobody.err


# ------------------------------------------------------------------ a table of questions


def test_each_subject_is_scored_as_of_its_own_day(
    run: Run, scheme: Path, events: Path, tmp_path: Path
) -> None:
    everybody = {}
    for day in ("2022-06-30", "2021-03-31"):
        out = tmp_path / f"{day}.parquet"
        assert run("score", scheme, events, "--day", day, "--out", out).code == 0
        made = pq.read_table(out)
        everybody[day] = dict(
            zip(*(made[n].to_pylist() for n in ("subject", "score")), strict=True)
        )
    rows = [("cy", "2022-06-30"), ("ann", "2021-03-31"), ("ann", "2022-06-30")]
    asked = tmp_path / "asked.csv"
    asked.write_text("subject,day\n" + "".join(f"{one},{day}\n" for one, day in rows))
    other = tmp_path / "asked.parquet"
    pq.write_table(pacsv.read_csv(asked), other)
    for file in (asked, other):
        out = tmp_path / f"{file.suffix[1:]}.scores.parquet"
        done = run("score", scheme, events, "--questions", file, "--out", out, "--json")
        assert done.code == 0 and json.loads(done.out)["questions"] == 3
        made = pq.read_table(out)
        found = zip(*(made[n].to_pylist() for n in ("subject", "day", "score")), strict=True)
        wanted = sorted((one, day, everybody[day][one]) for one, day in rows)
        assert sorted((one, day.isoformat(), score) for one, day, score in found) == wanted


def test_questions_that_cannot_be_read(
    run: Run, scheme: Path, events: Path, tmp_path: Path
) -> None:
    for text, said in (
        ("subject\nann\n", "no column 'day'"),
        ("subject,day\nann,soon\n", "soon"),
        ("subject,day\nann,\n", "a row has no day"),
        ("subject,day\n", "it has no rows"),
    ):
        asked = tmp_path / "asked.csv"
        asked.write_text(text)
        done = run("score", scheme, events, "--questions", asked)
        assert done.code == 2 and said in done.err
        four_parts(done.err)
    assert run("score", scheme, events, "--questions", tmp_path / "none.csv").code == 2
    assert run("score", scheme, events, "--questions", tmp_path / "asked.xlsx").code == 2
    assert "no day is given" in run("score", scheme, events).err
    both = run("score", scheme, events, *DAY, "--questions", tmp_path / "asked.csv")
    assert both.code == 2 and "a day and a table" in both.err
