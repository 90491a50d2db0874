"""Runs: the same bytes wherever they are worked out, resumed where they stopped, compared."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import stand_in

from xinyong import lab
from xinyong.errors import QuestionRefused, XinyongError
from xinyong.lab import differences, executors, experiment, intervals, runs
from xinyong.lab.runs import Run, choice
from xinyong.lab.scenario import NO_SCHEME, Scenario, Sweep, default
from xinyong.scheme import library

SMALL = default("rongcheng", "sesame-2015", NO_SCHEME, people=200, years=2, seeds=3)
LIVED = default("rongcheng", NO_SCHEME, people=300, years=1, seeds=2)


def bytes_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table.combine_chunks(), sink)
    return bytes(sink.getvalue())


def compare(scenario: Scenario, **how: object) -> experiment.Comparison:
    how = {"executor": "serial", "model": "stand_in", **how}
    return lab.compare(scenario, **how)


@pytest.fixture(scope="module")
def once() -> experiment.Comparison:
    return compare(SMALL)


# ------------------------------------------------------------------ equal bytes


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_processes_give_the_bytes_of_one(once: experiment.Comparison, workers: int) -> None:
    again = compare(SMALL, executor="processes", workers=workers)
    assert bytes_of(again.table) == bytes_of(once.table)


def test_dask_gives_the_bytes_of_one(once: experiment.Comparison) -> None:
    again = compare(SMALL, executor="dask", workers=2)
    assert bytes_of(again.table) == bytes_of(once.table)


def test_the_society_itself_gives_equal_bytes(tmp_path: Path) -> None:
    one = lab.compare(LIVED, executor="serial")
    two = lab.compare(LIVED, executor="processes", workers=2, out=tmp_path)
    assert bytes_of(one.table) == bytes_of(two.table)
    seeds = [run for run in one.table.group_by("seed").aggregate([("value", "sum")]).to_pylist()]
    assert len({row["value_sum"] for row in seeds}) == len(seeds)


def test_a_file_read_back_has_the_bytes(once: experiment.Comparison, tmp_path: Path) -> None:
    again = compare(SMALL, out=tmp_path)
    assert bytes_of(again.table) == bytes_of(once.table)
    assert bytes_of(compare(SMALL, out=tmp_path).table) == bytes_of(once.table)
    assert len(list((tmp_path / "runs").glob("*.parquet"))) == 9


# ------------------------------------------------------------------ fair comparisons


@pytest.mark.parametrize("model", ["stand_in", runs.MODEL])
def test_a_scheme_against_itself_differs_by_exactly_nothing(model: str, tmp_path: Path) -> None:
    twin = tmp_path / "twin.yaml"
    twin.write_text(library.locate("rongcheng").read_text(encoding="utf-8"), encoding="utf-8")
    scenario = LIVED.model_copy(update={"schemes": ("rongcheng", str(twin)), "against": str(twin)})
    found = lab.compare(scenario, executor="serial", model=model).differences()
    for column in ("mean", "low", "high"):
        # what a seed could not measure (no spell ended) has no difference either
        told = [value for value in found[column].to_pylist() if not math.isnan(value)]
        assert len(told) > 50 and set(told) == {0.0}
    assert not any(found["ranked"].to_pylist())


def test_other_seeds_and_other_schemes_differ(once: experiment.Comparison) -> None:
    whole = differences.grid(once.table)
    assert whole.values.shape == (3, len(whole.keys), 3)
    gini = whole.keys.index((2, "gini", "all"))
    assert len(set(whole.values[:, gini, :].ravel().tolist())) == 9


def test_differences_are_those_of_intervals(once: experiment.Comparison) -> None:
    whole = differences.grid(once.table)
    told = once.differences().to_pylist()
    assert {row["scheme"] for row in told} == {"rongcheng", "sesame-2015"}
    assert all(row["against"] == NO_SCHEME and row["seeds"] == 3 for row in told)
    rng = np.random.default_rng(1)
    for row in rng.choice(told, 40, replace=False):
        at = whole.keys.index((row["year"], row["measure"], row["group"]))
        one = intervals.paired(whole.of(row["scheme"])[at], whole.of(NO_SCHEME)[at])
        assert row["mean"] == pytest.approx(one.mean, abs=1e-12)
        assert row["low"] == pytest.approx(one.low, abs=1e-12)
        assert row["high"] == pytest.approx(one.high, abs=1e-12)
        assert row["ranked"] == one.ranked
    same = [row for row in told if row["measure"] == stand_in.UNMOVED]
    assert same and not any(row["ranked"] for row in same)
    levels = once.levels
    assert set(levels["scheme"].to_pylist()) == set(SMALL.schemes)


def test_one_seed_has_no_interval_and_ranks_nothing() -> None:
    found = compare(default("rongcheng", NO_SCHEME, people=200, years=1, seeds=1)).differences()
    assert set(found["high"].to_pylist()) == {math.inf}
    assert not any(found["ranked"].to_pylist())


def test_a_comparison_needs_two(once: experiment.Comparison) -> None:
    alone = compare(default("rongcheng", people=200, years=1, seeds=2))
    with pytest.raises(QuestionRefused, match="nothing to be compared"):
        alone.differences()
    with pytest.raises(QuestionRefused, match="no run of 'suining-2010'"):
        once.differences("suining-2010")


# ------------------------------------------------------------------ run ids, stop and resume


def test_a_run_is_named_by_all_it_depends_on() -> None:
    run = Run(SMALL, choice("rongcheng"), 1)
    others = [
        Run(SMALL, choice("sesame-2015"), 1),
        Run(SMALL, choice(NO_SCHEME), 1),
        Run(SMALL, choice("rongcheng"), 2),
        Run(SMALL, choice("rongcheng"), 1, "stand_in"),
        Run(SMALL.having("dating.weight", 0.1), choice("rongcheng"), 1),
        Run(SMALL.having("society.people", 201), choice("rongcheng"), 1),
    ]
    assert len({run.id, *(other.id for other in others)}) == 7
    renamed = SMALL.model_copy(update={"title": "Another", "schemes": ("rongcheng",), "seeds": 9})
    assert Run(renamed, choice("rongcheng"), 1).id == run.id
    assert Run(SMALL, choice(library.load("rongcheng")), 1).id == run.id


def test_what_is_stopped_leaves_whole_files_and_goes_on(
    once: experiment.Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "left"
    left.write_text("4")
    monkeypatch.setenv("STOP_AFTER", str(left))
    with pytest.raises(KeyboardInterrupt):
        compare(SMALL, out=tmp_path)
    files = list((tmp_path / "runs").iterdir())
    assert len(files) == 4
    for path in files:
        assert path.suffix == ".parquet" and pq.read_table(path).num_rows > 0
    left.write_text("5")  # as many as are missing, and not one more
    plan = experiment.plan([SMALL], out=tmp_path, model="stand_in")
    assert (plan.finished, len(plan.missing)) == (4, 5)
    told: list[tuple[int, int]] = []
    again = compare(SMALL, out=tmp_path, progress=lambda done, whole: told.append((done, whole)))
    assert bytes_of(again.table) == bytes_of(once.table)
    assert told[0] == (0, 5 * 24) and told[-1] == (5 * 24, 5 * 24)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_processes_tell_how_far_they_are() -> None:
    told: list[tuple[int, int]] = []
    compare(SMALL, executor="processes", workers=2, progress=lambda *now: told.append(now))
    assert told[0] == (0, 9 * 24) and told[-1] == (9 * 24, 9 * 24)


def test_two_values_for_one_thing_are_refused() -> None:
    run = Run(SMALL, choice(NO_SCHEME), 1, "stand_in")
    table = stand_in.simulate(SMALL, None, 1)
    with pytest.raises(XinyongError, match="twice"):
        runs.shaped(pa.concat_tables([table, table.slice(0, 3)]), run)


# ------------------------------------------------------------------ sweeps, places, memory


def test_a_sweep_runs_every_point_and_only_once(tmp_path: Path) -> None:
    scenario = default("rongcheng", NO_SCHEME, people=200, years=1, seeds=2)
    sweeps = (
        Sweep(setting="dating.weight", values=(0, 1)),
        Sweep(setting="leaks.chance", values=(0, 1)),
    )
    scenario = scenario.model_copy(update={"sweeps": sweeps})
    found = lab.sweep(scenario, executor="serial", model="stand_in", out=tmp_path)
    assert found.settings == ("dating.weight", "leaks.chance")
    assert [point for point, _ in found.points] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert len(list((tmp_path / "runs").iterdir())) == 16
    table = found.differences()
    assert table.column_names[:3] == ["dating.weight", "leaks.chance", "scheme"]
    assert found.table.num_rows == 4 * found.points[0][1].table.num_rows
    alone = compare(scenario.having("dating.weight", 1).having("leaks.chance", 0))
    assert bytes_of(found.points[2][1].table) == bytes_of(alone.table)


def test_places_to_run_are_named() -> None:
    with pytest.raises(QuestionRefused, match="no executor is called 'rai'"):
        compare(SMALL, executor="rai")
    with pytest.raises(QuestionRefused, match="0 workers"):
        compare(SMALL, workers=0)
    assert executors.default_workers() >= 1


def test_memory_is_stated_before_the_run() -> None:
    small, large = default(people=1000), default(people=1_000_000)
    per_agent = (experiment.memory(large, 1) - experiment.memory(small, 1)) / (999_000 * 1.05)
    assert per_agent == pytest.approx(experiment.BYTES_PER_AGENT)
    assert experiment.memory(large, 4) == 4 * experiment.memory(large, 1)


@pytest.mark.slow
def test_no_run_takes_more_memory_than_was_stated() -> None:
    """What is stated is for code that is compiled already; the first small run sees to that."""

    def taken(people: int) -> int:
        # ru_maxrss would count this process as well, as it was before the other program began.
        code = (
            "from pathlib import Path\nfrom xinyong import lab\n"
            f"town = lab.default(people={people}, years=1, seeds=1)\n"
            "lab.run(town, 'sesame-linked', 1)\n"
            "status = Path('/proc/self/status').read_text()\n"
            "print(1024 * int(status.split('VmHWM:')[1].split()[0]))"
        )
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        return int(ran.stdout)

    taken(100)
    stated = experiment.memory(default(people=200_000), 1)
    assert stated / 4 < taken(200_000) <= stated
