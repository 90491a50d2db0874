"""Commands about schemes: schemes, show, check, test, schema, diff."""

import json
from pathlib import Path

import pytest
from conftest import Run

from xinyong.scheme import library


def test_schemes_lists_the_library(run: Run) -> None:
    done = run("schemes")
    assert done.code == 0 and done.err == ""
    for name in library.names():
        assert name in done.out
    listed = json.loads(run("schemes", "--json").out)
    assert [item["scheme"] for item in listed] == list(library.names())
    assert all(len(item["digest"]) == 64 for item in listed)


def test_show_is_a_page_or_the_document(run: Run, scheme: Path) -> None:
    page = run("show", scheme)
    assert page.code == 0
    assert "Trust in borrowers" in page.out and "Three books or more came back late" in page.out
    document = json.loads(run("show", scheme, "--json").out)
    assert document["document"]["scheme"] == "lending" and len(document["digest"]) == 64


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
