"""What the reports refuse to say: an order that chance could have made, a span that one seed
cannot have, a page too large to read."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from test_lab_report import plain, run
from test_search import SCENARIO as SOUGHT
from test_search import found as sought

from xinyong import lab
from xinyong.cli import lab_told
from xinyong.errors import QuestionRefused
from xinyong.lab import report, report_search, report_sweep
from xinyong.lab.experiment import Comparison, Swept
from xinyong.lab.report_words import UNTOLD
from xinyong.lab.runs import SCHEMA
from xinyong.lab.scenario import NO_SCHEME, Sweep, default

pytestmark = pytest.mark.usefixtures("wide_screen")
RANKING = re.compile(r"\b(better|worse)\b|From better to worse")
NO_ORDER, TIMES = "No order of the schemes can be told from chance.", 3
"""What a figure says of it, and how often: beside it and for each of two widths read out."""
TOWN = default("rongcheng", "sesame-2015", NO_SCHEME, people=200, years=1, seeds=6)
SCHEMES = TOWN.schemes


@pytest.fixture
def wide_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")


def measured(
    pushes: dict[str, tuple[float, float]], *, seeds: int = 6, spread: float = 0.02
) -> Comparison:
    """A comparison of made-up figures: each measure pushed by each of the two schemes.

    Luck is the same for all schemes; what a scheme adds to it scatters by ``spread``.
    """
    luck = np.random.default_rng(4)
    rows = []
    for measure, push in pushes.items():
        for seed in range(1, seeds + 1):
            base = 0.4 + 0.1 * luck.normal()
            for scheme, by in zip(SCHEMES, (*push, 0.0), strict=True):
                own = 0.0 if scheme == NO_SCHEME else spread * luck.normal()
                rows.append((scheme, seed, 1, measure, "all", base + by + own))
    table = pa.table([pa.array(column) for column in zip(*rows, strict=True)], SCHEMA.names)
    scenario = TOWN.model_copy(update={"seeds": seeds})
    return Comparison(scenario, table.cast(SCHEMA))


def told(found: Comparison, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What page and command line say."""
    lab_told.comparison(found)
    return plain(report.render(found)), capsys.readouterr().out


# ------------------------------------------------------------------ an interval that covers 0


def test_where_every_interval_covers_0_no_order_is_said_anywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = measured({"gini": (0.0, 0.0), "approval": (0.002, -0.002)})
    rows = [row for row in found.differences().to_pylist()]
    assert len(rows) == 4
    assert all(row["low"] < 0 < row["high"] and row["mean"] != 0 for row in rows)
    page, screen = told(found, capsys)
    assert screen.count(UNTOLD) == 4 and page.count(UNTOLD) >= 4
    assert not RANKING.search(screen)
    numbers = page[page.index("What changes by year 1") : page.index("Mechanisms of this town")]
    assert not RANKING.search(numbers)
    assert numbers.count(NO_ORDER) == 2 * TIMES
    for row in rows:  # not even the figure of a difference that is none
        assert f"{row['mean']:+.3f}".replace("-", "−") not in numbers
    data = lab_told.comparison_data(found, [])
    assert [row["ranked"] for row in data["differences"]] == [False] * 4


def test_the_same_figures_are_ranked_once_they_can_be(capsys: pytest.CaptureFixture[str]) -> None:
    """The check above would see an order if there were one."""
    page, screen = told(measured({"gini": (0.2, -0.2), "approval": (0.002, -0.002)}), capsys)
    assert screen.count(UNTOLD) == 2
    assert screen.count(", better") == screen.count(", worse") == 1
    assert "From better to worse, as far as it can be told from chance: sesame 2015; then" in page
    assert page.count(NO_ORDER) == TIMES


def test_two_that_cannot_be_told_apart_share_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    page, _ = told(measured({"gini": (-0.2, -0.2)}), capsys)
    order = re.search(r"told from chance: (.*?)\.", page)
    assert order is not None
    first, then = order.group(1).split("; then ")
    assert set(first.split(" and ")) == {"rongcheng", "sesame 2015"} and then == "no scheme"


def test_a_point_of_a_sweep_that_covers_0_is_not_told() -> None:
    points = ((0.0,), measured({"gini": (0.0, 0.0)})), ((1.0,), measured({"gini": (0.3, 0.3)}))
    swept = Swept(("dating.weight",), points)
    rows = [row for drawn in report_sweep.figures(swept, "gini") for row in drawn.rows]
    assert [said == UNTOLD for _, said in rows] == [True, False, True, False]
    assert not any(RANKING.search(said) for _, said in rows)


# ------------------------------------------------------------------ too few seeds


def test_one_seed_has_no_span_and_no_order(capsys: pytest.CaptureFixture[str]) -> None:
    page, screen = told(measured({"gini": (0.2, -0.2)}, seeds=1), capsys)
    assert screen.count(UNTOLD) == 2 and not RANKING.search(screen)
    assert "With what was run no order can be told." in page
    assert "inf" not in screen and "nan" not in screen and ", 1 seed, " in screen
    data = lab_told.comparison_data(measured({"gini": (0.2, -0.2)}, seeds=1), [])
    assert [(row["low"], row["high"]) for row in data["differences"]] == [(None, None)] * 2
    json.dumps(data["differences"], allow_nan=False)


def test_two_seeds_rank_only_what_the_wide_span_of_two_leaves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With one degree of freedom the span is 12.7 standard errors to either side."""
    wide = measured({"gini": (0.05, -0.05)}, seeds=2, spread=0.01)
    many = measured({"gini": (0.05, -0.05)}, seeds=12, spread=0.01)
    assert not any(wide.differences()["ranked"].to_pylist())
    assert all(many.differences()["ranked"].to_pylist())
    _, screen = told(wide, capsys)
    assert not RANKING.search(screen)


def test_a_search_proved_by_one_seed_shows_nothing() -> None:
    front = sought(seeds=(1, 2, 3), fresh=(9,), budget=120)
    assert front.best is not None and not front.proved
    assert "One seed has no interval: nothing is shown." in front.said()
    page = plain(report_search.render(front, SOUGHT))
    assert UNTOLD in page and "inf" not in re.sub(r"\w*inf\w+|\w+inf\w*", "", page)
    data = lab_told.search_data(front, [])
    assert data["proved"] is False
    assert all(row["gain_low"] is None for row in data["frontier"][1:])
    json.dumps(data, allow_nan=False)


# ------------------------------------------------------------------ a page that is too large


@pytest.fixture(scope="module")
def levels() -> tuple[Comparison, list[int]]:
    """A comparison, and the bytes of its page from the most to the fewest figures."""
    found = run(default("rongcheng", "sesame-2015", NO_SCHEME, people=200, years=8, seeds=2))
    it = report.Findings(found, report.labels(found.scenario))
    sizes = [
        len(report._page(it, (), detail).encode())
        for detail in (report.ALL, report.NO_PALE_LINES, report.NO_MECHANISMS, report.FEWEST)
    ]
    return found, sizes


def test_a_page_gives_up_what_weighs_least_to_a_reader_first(
    levels: tuple[Comparison, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, sizes = levels
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 4
    pages = []
    for size in sizes:
        monkeypatch.setattr(report, "LARGEST", size)  # exactly as large as that page is allowed
        pages.append(report.render(found))
        assert len(pages[-1].encode()) == size
    pale, bare, single, fewest = pages
    assert "pale lines" in pale and "pale lines" not in bare
    left_out = "Figures of single mechanisms were left out"
    assert left_out not in bare and left_out in single and left_out in fewest
    assert 'id="years-gini_wealth-wide-t"' in single
    assert 'id="years-gini_wealth-wide-t"' not in fewest
    for page in pages:  # the big numbers stay to the last
        assert 'id="numbers"' in page and 'id="diff-welfare-wide-t"' in page


def test_where_even_the_fewest_figures_are_too_many_the_page_is_refused_and_the_data_stay(
    levels: tuple[Comparison, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, sizes = levels
    monkeypatch.setattr(report, "LARGEST", sizes[-1] - 1)
    with pytest.raises(QuestionRefused, match="3 schemes over 8 years do not fit") as refused:
        report.write(found, tmp_path)
    assert "kept all the same" in refused.value.why and refused.value.mend
    there = {path.name for path in tmp_path.iterdir()}
    assert "report.html" not in there
    assert {"measures.parquet", "differences.csv", "scenario.yaml", "odd.md"} <= there
    assert not [name for name in there if name.startswith(".")]


def _sweep(folder: Path) -> None:
    scenario = default("rongcheng", NO_SCHEME, people=200, years=1, seeds=2)
    scenario = scenario.model_copy(
        update={"sweeps": (Sweep(setting="dating.weight", values=(0, 1)),)}
    )
    swept = lab.sweep(scenario, executor="serial", model="stand_in")
    report_sweep.write(swept, "gini", folder)


def _search(folder: Path) -> None:
    report_search.write(sought(budget=60, seeds=(1, 2)), SOUGHT, folder)


@pytest.mark.parametrize(
    ("write", "page", "data"),
    [(_sweep, "sweep.html", "sweep.csv"), (_search, "search.html", "frontier.csv")],
)
def test_other_pages_have_the_same_bound(
    write: Callable[[Path], None],
    page: str,
    data: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(tmp_path / "fits")
    size = (tmp_path / "fits" / page).stat().st_size
    monkeypatch.setattr(report, "LARGEST", size - 1)
    with pytest.raises(QuestionRefused, match="do not fit on a page"):
        write(tmp_path / "large")
    assert (tmp_path / "large" / data).is_file()
    assert not (tmp_path / "large" / page).exists()
