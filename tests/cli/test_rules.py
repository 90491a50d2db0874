"""Commands about schemes: schemes, show, check, test, schema, diff."""

import json
from pathlib import Path

import pytest
from conftest import Run
from rich.console import Console

from xinyong.charter.clauses.ours import LAW_READ
from xinyong.face.charter import charter_report
from xinyong.scheme import library


def test_schemes_lists_the_library_with_verdicts(run: Run) -> None:
    done = run("schemes")
    assert done.code == 0 and done.err == ""
    lines = done.out.splitlines()
    assert lines[0].split() == ["scheme", "subject", "year", "use", "verdict", "title"]
    for name in library.names():
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        assert library.load(name).title in line
    (suining,) = [line for line in lines if line.startswith("suining-2010 ")]
    assert suining.split()[1:6] == ["person", "2010", "lab", "lab", "only"]
    assert "a-fair-start" in done.out and " no objection " in done.out
    assert f"Verdicts as of {LAW_READ}" in done.out and "not legal advice" in done.out


def test_schemes_as_json_for_a_day(run: Run) -> None:
    listed = json.loads(run("schemes", "--json").out)
    assert [item["scheme"] for item in listed] == list(library.names())
    assert all(len(item["digest"]) == 64 for item in listed)
    assert all(item["day"] == str(LAW_READ) for item in listed)
    for item in listed:
        report = charter_report(item["scheme"], day=LAW_READ)
        assert (item["verdict"], item["places"]) == (report.verdict, list(report.places))
    later = json.loads(run("schemes", "--day", "2028-01-01", "--json").out)
    assert {item["verdict"] for item in later} <= {"unknown", "refused", "lab only"}
    assert run("schemes", "--day", "soon").code == 2


def test_schemes_on_a_terminal_wraps_titles_below_themselves(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Console, "is_terminal", True)
    lines = run("schemes").out.splitlines()
    place = lines[0].index("title")
    assert any(line.startswith(" " * place) and line.strip() for line in lines[1:])
    assert all(line[place - 1] == " " for line in lines[1 : len(library.names()) + 1])


def test_show_is_a_page_or_the_document(run: Run, scheme: Path) -> None:
    page = run("show", scheme)
    assert page.code == 0
    assert "Trust in borrowers" in page.out and "Three books or more came back late" in page.out
    assert f"on {LAW_READ} (the day as of which its clauses were written)" in page.out
    told = json.loads(run("show", scheme, "--json").out)
    assert told["document"]["scheme"] == "lending" and len(told["digest"]) == 64
    assert told["charter"]["digest"] == told["digest"]
    assert told["charter"]["day"] == str(LAW_READ) and told["sources"] is None


def test_show_of_a_library_scheme_has_findings_and_sources(run: Run) -> None:
    done = run("show", "suining-2010", "--place", "eu", "--day", "2026-05-01")
    assert done.code == 0
    for text in (
        "## Whom it can hurt",
        "Read for the European Union on 2026-05-01",
        "**lab only**",
        "**C07-essential**",
        "From datum to consequence: `petition -> M4 -> score -> R4`",
        "## Where its numbers come from",
        "| `score.start` | 1000 | [S] |",
    ):
        assert text in done.out
    told = json.loads(run("show", "suining-2010", "--json").out)
    assert told["charter"]["verdict"] == "lab only"
    assert told["sources"] == library.sources("suining-2010")


def test_check_of_a_good_scheme(run: Run, scheme: Path) -> None:
    done = run("check", scheme)
    assert done.code == 0
    assert done.out.strip().endswith("no errors, no findings")
    assert json.loads(run("check", scheme, "--json").out)["complaints"] == []


def test_check_names_place_and_nearest_word_and_exits_with_1(
    run: Run, scheme: Path, tmp_path: Path
) -> None:
    typo = tmp_path / "typo.yaml"
    typo.write_text(scheme.read_text().replace("within: 24", "witin: 24", 1))
    line = 1 + next(n for n, t in enumerate(typo.read_text().splitlines()) if "witin" in t)
    done = run("check", typo)
    assert done.code == 1
    assert f"{typo}:{line}:" in done.out and "unknown-field" in done.out
    assert "did you mean 'within'?" in done.out
    told = json.loads(run("check", typo, "--json").out)
    assert told["errors"] >= 1
    assert told["complaints"][0]["line"] == line
    assert told["complaints"][0]["severity"] == "error"


def test_findings_alone_fail_under_strict_only(run: Run, scheme: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd.yaml"
    odd.write_text(scheme.read_text().replace("cap: 24", "cap: -24"))
    assert run("check", odd).code == 0
    assert "(finding)" in run("check", odd).out
    assert run("check", odd, "--strict").code == 1


@pytest.mark.parametrize(
    "text", ["", "a: [", "\t- x", "- 1\n- 2", "a: &x 1\nb: *x", "\x00", "a: 1\na: 2"]
)
def test_check_of_what_is_no_scheme(run: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    assert run("check", path).code == 1


def test_check_of_no_file_and_of_bytes(run: Run, tmp_path: Path) -> None:
    missing = run("check", tmp_path / "none.yaml")
    assert missing.code == 2 and "no such file" in missing.err
    path = tmp_path / "bytes.yaml"
    path.write_bytes(b"\xff\xfe\x80\x81")
    assert run("check", path).code == 1


def test_test_says_what_failed(run: Run, scheme: Path, tmp_path: Path) -> None:
    assert run("test", scheme).code == 0
    failing = tmp_path / "failing.yaml"
    failing.write_text(scheme.read_text().replace("score: 55", "score: 56"))
    done = run("test", failing)
    assert done.code == 1
    assert "FAILED nothing known" in done.out
    assert "the score: 56 expected, 55 came out" in done.out
    told = json.loads(run("test", failing, "--json").out)
    assert told["failed"] == 1 and told["cases"] == 2
    assert told["results"][0]["passed"] is False


def test_coverage_names_what_no_case_reaches(run: Run, scheme: Path) -> None:
    done = run("test", scheme, "--coverage")
    assert done.code == 0
    assert "veto V1" in done.out and "% of" in done.out
    told = json.loads(run("test", scheme, "--coverage", "--json").out)["coverage"]
    assert {"part": "veto", "name": "V1"}.items() <= told["missed"][-99:][
        [item["name"] for item in told["missed"]].index("V1")
    ].items()
    assert 0 < told["percent"] < 100


def test_schema_is_a_json_schema(run: Run) -> None:
    told = json.loads(run("schema").out)
    assert told["$schema"].startswith("http://json-schema.org/draft-07")


def test_diff_in_sentences(run: Run, scheme: Path, harsher: Path) -> None:
    assert "say the same" in run("diff", scheme, scheme).out
    done = run("diff", scheme, harsher)
    assert done.code == 0
    assert "30" in done.out and "5" in done.out
    told = json.loads(run("diff", scheme, harsher, "--json").out)
    assert told["same"] is False and len(told["sentences"]) == 1 and told["moves"] is None


def test_diff_counts_who_changes_band_and_names_nobody(
    run: Run, scheme: Path, harsher: Path, events: Path
) -> None:
    words = ("diff", scheme, harsher, "--data", events, "--day", "2022-06-30")
    done = run(*words)
    assert done.code == 0
    assert "2 of 3 subjects change band" in done.out
    assert "ann" not in done.out and "cy" not in done.out.split()
    moves = json.loads(run(*words, "--json").out)["moves"]
    assert {"before": "gold", "after": "silver", "subjects": 1, "mean_change": -25} in moves
    assert sum(move["subjects"] for move in moves) == 3


def test_diff_with_data_needs_a_day(run: Run, scheme: Path, harsher: Path, events: Path) -> None:
    done = run("diff", scheme, harsher, "--data", events)
    assert done.code == 2 and "no day is given" in done.err
