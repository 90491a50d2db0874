"""The verbs of the lab, run on small societies in this process, and one stopped with Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import Run, four_parts

from xinyong.lab.catalogue import MEASURES
from xinyong.lab.mechanisms import MECHANISMS

VERBS = "run compare sweep sensitivity search reproduce measures mechanisms".split()
SMALL = ("--people", 200, "--years", 1, "--seeds", 2, "--executor", "serial")

TOWN = """\
lab: 1
scenario: hamlet
title: A hamlet
schemes: [rongcheng, no-scheme]
years: 1
seeds: 2
society: {people: 200}
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "hamlet.yaml"
    path.write_text(TOWN, encoding="utf-8")
    return path


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples(run: Run, verb: str) -> None:
    done = run("lab", verb, "--help")
    assert done.code == 0
    assert "Examples:" in done.out and f"  xinyong lab {verb}" in done.out
    assert max(map(len, done.out.splitlines())) <= 100
    assert f"\n  {verb} " in run("lab", "--help").out


def test_help_of_the_lab_loads_no_heavy_room() -> None:
    heavy = ["numpy", "pyarrow", "numba", "xinyong.lab", "xinyong.scheme"]
    code = (
        "import sys\nfrom xinyong.cli import main\nsys.argv = ['xinyong', 'lab', 'run', '--help']\n"
        f"try: main()\nfinally: print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_compare_states_memory_runs_reports_and_does_not_repeat(run: Run, tmp_path: Path) -> None:
    words = ("lab", "compare", "rongcheng", "no-scheme", *SMALL, "--out", tmp_path)
    done = run(*words)
    assert done.code == 0, done.err
    assert "4 runs of 12 months, 0 of them finished before" in done.out
    assert "memory: at most" in done.out
    assert done.out.index("memory") < done.out.index("Against no-scheme")
    for name in ("report.html", "measures.csv", "measures.parquet", "differences.csv", "odd.md"):
        assert (tmp_path / name).is_file() and name in done.out
    first = (tmp_path / "measures.parquet").read_bytes()
    again = run(*words)
    assert "4 of them finished before" in again.out
    assert (tmp_path / "measures.parquet").read_bytes() == first


def test_run_takes_a_scenario_and_answers_in_json(run: Run, town: Path, tmp_path: Path) -> None:
    done = run("lab", "run", town, "--out", tmp_path, "--executor", "serial", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["schemes"] == ["rongcheng", "no-scheme"] and told["against"] == "no-scheme"
    assert {row["measure"] for row in told["differences"]} <= set(MEASURES)
    assert all(Path(path).is_file() for path in told["files"])
    assert "memory" in done.err


def test_sweep_runs_each_value(run: Run, town: Path, tmp_path: Path) -> None:
    done = run(
        "lab", "sweep", town, "--vary", "perks.worth=0,0.5", "--measure", "welfare",
        "--executor", "serial", "--out", tmp_path,
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "8 runs of 12 months" in done.out
    table = pq.read_table(tmp_path / "sweep.parquet")
    assert set(table["perks.worth"].to_pylist()) == {0.0, 0.5}
    page = (tmp_path / "sweep.html").read_text(encoding="utf-8")
    assert "<svg" in page and "://" not in page


def test_sensitivity_says_which_setting_moves_a_result(run: Run, town: Path) -> None:
    found = []
    for where in (("--executor", "serial"), ("--executor", "processes", "--workers", 2)):
        done = run(
            "lab", "sensitivity", town, "--setting", "perks.worth=0..0.1", "--setting",
            "leaks.loss", "--measure", "welfare", "--samples", 4, "--seeds", 1, *where, "--json",
        )  # fmt: skip
        assert done.code == 0, done.err
        found.append(json.loads(done.out)["effects"])
    effects, again = found
    assert effects == again
    assert [effect["parameter"] for effect in effects] == ["perks.worth", "leaks.loss"]
    assert "32 runs" in done.err


def test_reproduce_prints_ours_beside_the_published(run: Run) -> None:
    done = run("lab", "reproduce", "F", "--set", "people=200000")
    assert done.code in (0, 1)
    for word in ("Published", "Ours", "Tolerance", "Verdict", "source: "):
        assert word in done.out
    told = json.loads(
        run("lab", "reproduce", "E", "--urn-a", "0.6", "--urn-d", "0.2", "--json").out
    )
    assert told[0]["parameters"]["a"] == 0.6 and told[0]["parameters"]["d"] == 0.2
    assert told[0]["source"]


def test_reproduce_exits_with_one_on_a_miss(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from xinyong.lab import replications
    from xinyong.lab.replications.case import Figure, Found

    def missing(*, seed: int = 1) -> Found:
        return Found((Figure("a number", ours=2.0, published=1.0, tolerance=0.5),))

    case = replace(replications.CASES["H"], run=missing)
    monkeypatch.setitem(replications.CASES, "H", case)
    done = run("lab", "reproduce", "H")
    assert done.code == 1
    assert "misses" in done.out and "H: a number" in done.out


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("run", "one-twon"), "did you mean 'one-town'?"),
        (("compare", "rongchen", "no-scheme"), "did you mean 'rongcheng'?"),
        (("compare", "rongcheng", "rongcheng"), "stands twice"),
        (("compare", "rongcheng", "--against", "sesame"), "not among the schemes"),
        (("sweep", "one-town"), "nothing is swept"),
        (("sweep", "one-town", "--vary", "dating.weight"), "does not say what to try"),
        (("sweep", "one-town", "--vary", "datin.weight=0,1"), "dating.weight"),
        (("sweep", "partners", "--measure", "ginny"), "did you mean 'gini'?"),
        (("sensitivity", "one-town", "--setting", "dating.wait"), "dating.weight"),
        (("sensitivity", "one-town", "--setting", "dating.weight=0..9"), "no range within 0..1"),
        (("reproduce", "Z"), "no case is called 'Z'"),
        (("reproduce", "F", "--urn-a", "0.5"), "belongs to case E"),
        (("reproduce", "F", "--set", "urns"), "gives no value"),
        (("measures", "ginny"), "did you mean 'gini'?"),
        (("mechanisms", "datin"), "did you mean 'dating'?"),
        (("run", "one-town", "--executor", "rai"), "no executor is called 'rai'"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("lab", *words)
    assert done.code == 2, done.out
    assert done.err.startswith("error: ")
    assert what in done.err
    assert not list(tmp_path.rglob("*.parquet"))


def test_errors_in_a_scenario_have_their_place(run: Run, town: Path) -> None:
    town.write_text(TOWN + "mechanisms: {datin: true}\n", encoding="utf-8")
    done = run("lab", "run", town)
    assert done.code == 2
    assert f"{town}:8:14  unknown-name" in done.err
    told = json.loads(run("lab", "run", town, "--json").out)
    assert told["error"]["complaints"]


def test_a_scenario_that_is_not_there_has_four_parts(run: Run) -> None:
    four_parts(run("lab", "run", "nowhere.yaml").err)


def test_measures_and_mechanisms_are_listed(run: Run) -> None:
    out = run("lab", "measures").out
    assert all(name in out for name in MEASURES)
    out = run("lab", "mechanisms").out
    assert all(name in out for name in MECHANISMS)
    assert "[S]" in run("lab", "mechanisms", "fabrication").out
    assert "assumed" in run("lab", "mechanisms", "dating").out
    told = json.loads(run("lab", "mechanisms", "dating", "--json").out)
    assert told["settings"][0]["name"] == "weight"
    assert json.loads(run("lab", "measures", "gini", "--json").out)["better"] == "down"


def test_ctrl_c_leaves_whole_runs_and_the_rest_is_run_later(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "xinyong", "lab", "compare", "no-scheme", "rongcheng"]
    words += ["--people", "300", "--years", "1", "--seeds", "400", "--workers", "2"]
    words += ["--out", str(tmp_path)]
    runs = tmp_path / "runs"
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "COLUMNS": "100"},
    ) as process:  # fmt: skip
        assert process.stderr is not None
        begun = time.monotonic()
        while len(list(runs.glob("*.parquet"))) < 3 and time.monotonic() - begun < 200:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()
        assert process.wait(timeout=60) == 130
    assert told == ""
    parts = list(runs.iterdir())
    assert 3 <= len(parts) < 800
    for path in parts:
        assert path.suffix == ".parquet" and pq.read_table(path).num_rows > 0
    assert not (tmp_path / "report.html").exists()


SEARCH = """\
search:
  scheme: rongcheng
  goal: {measure: approval, want: most}
  bounds: [{place: score.add.T1.points, between: [-50, 0]}]
  tries: 8
"""


def test_search_states_what_it_takes_and_draws_the_frontier(
    run: Run, town: Path, tmp_path: Path
) -> None:
    town.write_text(TOWN + SEARCH, encoding="utf-8")
    done = run("lab", "search", town, "--workers", 1, "--out", tmp_path / "out")
    assert done.code == 0, done.err
    assert "at most 16 runs of 12 months, 200 people each" in done.out
    assert done.out.index("memory: at most") < done.out.index("wrote")
    for name in ("search.html", "frontier.csv", "frontier.parquet"):
        assert (tmp_path / "out" / name).is_file() and name in done.out
    page = (tmp_path / "out" / "search.html").read_text(encoding="utf-8")
    assert "<svg" in page and "://" not in page


@pytest.mark.parametrize(
    "where", ["processes", "dask", pytest.param("ray", marks=pytest.mark.slow)]
)
def test_search_finds_the_same_wherever_it_runs(
    run: Run, town: Path, tmp_path: Path, where: str
) -> None:
    town.write_text(TOWN + SEARCH, encoding="utf-8")
    found = []
    for name in ("serial", where):
        out = tmp_path / name
        done = run("lab", "search", town, "--executor", name, "--workers", 2, "--out", out)
        assert done.code == 0, done.err
        found.append((out / "frontier.parquet").read_bytes())
    assert found[0] == found[1] and len(found[0]) > 500


def test_search_refuses_a_place_that_there_is_none_of(run: Run, town: Path) -> None:
    town.write_text(TOWN + SEARCH, encoding="utf-8")
    done = run("lab", "search", town, "--executor", "rai")
    assert done.code == 2 and "no executor is called 'rai'" in done.err
