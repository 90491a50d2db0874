"""The verbs of the charter on the command line, and the gate before the others."""

from __future__ import annotations

import json
from pathlib import Path

import lending
import pyarrow.parquet as pq
import pytest
from conftest import Run

from xinyong.charter.clauses import CLAUSES
from xinyong.scheme import library

DAY = ("--day", "2026-11-22")


def test_charter_prints_place_clause_path_why_and_mend(run: Run) -> None:
    done = run("charter", "rongcheng", *DAY)
    assert done.code == 1
    text = done.out
    assert "scheme.yaml:" in text and "C01-context: FORBID (" in text
    for word in ("  path: ", "  why:  ", "  mend: ", "lab only: ", "not legal advice"):
        assert word in text, word


def test_charter_of_an_approved_scheme_ends_well(run: Run) -> None:
    done = run("charter", "a-fair-start", *DAY, "--place", "eu,us,cn")
    assert done.code == 0
    assert "no objection" in done.out


def test_charter_as_json(run: Run) -> None:
    done = run("charter", "sesame", *DAY, "--place", "all", "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert told["verdict"] == "lab only"
    assert {f["clause"].partition("-")[0] for f in told["findings"]} >= {
        *"C03 C05 D03 D04 K01 K03 P03 P05 G05".split()
    }
    assert len(told["clauses"]) == len(CLAUSES)
    assert all(f["line"] and f["why"] and f["mend"] for f in told["findings"])


def test_charter_as_sarif(run: Run) -> None:
    told = json.loads(run("charter", "rongcheng", *DAY, "--sarif").out)
    assert told["version"] == "2.1.0"
    assert len(told["runs"][0]["results"]) > 20


def test_charter_on_the_whole_library(run: Run) -> None:
    done = run("charter", "--library", *DAY, "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert [one["scheme"] for one in told] == list(library.names())
    table = run("charter", "--library", *DAY).out
    assert all(name in table for name in library.names())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("charter", *DAY), "no scheme is named"),
        (("charter", "rongcheng", "--day", "today"), "is not a day"),
        (("charter", "rongcheng", *DAY, "--place", "mars"), "not a place"),
        (("charter", "rongchang", *DAY), "did you mean 'rongcheng'"),
        (("clauses", "C99"), "no clause is called"),
    ],
)
def test_bad_questions(run: Run, given: tuple[str, ...], said: str) -> None:
    done = run(*given)
    assert done.code == 2
    assert said in done.err


def test_clauses_lists_all_with_their_days(run: Run) -> None:
    text = run("clauses").out
    assert all(one.letter in text for one in CLAUSES)
    told = json.loads(run("clauses", "--json").out)
    assert [one["id"] for one in told] == [one.id for one in CLAUSES]
    one = run("clauses", "D03").out
    assert "from 2026-11-20" in one and "Consumer Credit Directive" in one


def test_score_explain_and_what_if_end_with_the_findings(run: Run, tmp_path: Path) -> None:
    events = tmp_path / "events.parquet"
    pq.write_table(lending.borrowers(), events)
    asked = (lending.LENDING, events, "--day", "2022-06-30", "--place", "cn")
    for done in (
        run("score", *asked, "--out", tmp_path / "scores.parquet"),
        run("explain", *asked, "--subject", "ann"),
        run("what-if", *asked, "--subject", "ann"),
        run("diff", lending.LENDING, lending.LENDING, "--data", events, *asked[2:]),
    ):
        assert done.code == 1
        assert done.out == ""
        assert "these events are not synthetic" in done.err
        assert "ERROR  D11-catalogue" in done.err
    assert not (tmp_path / "scores.parquet").exists()


def test_a_refusal_as_json_holds_the_findings(run: Run, tmp_path: Path) -> None:
    events = tmp_path / "events.parquet"
    pq.write_table(lending.borrowers(), events)
    done = run("score", lending.LENDING, events, "--day", "2022-06-30", "--place", "cn", "--json")
    told = json.loads(done.out)["error"]
    assert "D11-catalogue" in {finding["clause"] for finding in told["findings"]}


def test_a_lab_scheme_on_a_drawn_town_says_so(run: Run, tmp_path: Path) -> None:
    from xinyong.demo.town import draw_town

    people = tmp_path / "people.parquet"
    draw_town(20, 2, seed=5).write("people", people)
    asked = ("sesame", people, "--day", "2025-12-31")
    for verb in (("score",), ("explain", "--subject", "synthetic:p000001")):
        done = run(verb[0], *asked, *verb[1:])
        assert done.code == 0
        assert "run on synthetic events alone" in done.err
        assert "lab" in json.loads(run(verb[0], *asked, *verb[1:], "--json").out)
