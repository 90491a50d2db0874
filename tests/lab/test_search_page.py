"""The page of a search: whole, offline, one cross a scheme; no gain where chance could do it."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from test_lab_report import Tags, plain
from test_search import EDGE, POINTS, SCENARIO, flat, found, settings_of

from xinyong.lab import executors, report_search
from xinyong.lab.frontier import Frontier
from xinyong.lab.report_words import UNTOLD
from xinyong.scheme.model import Scheme


@pytest.fixture(scope="module")
def front() -> Frontier:
    return found()


@pytest.fixture(scope="module")
def folder(front: Frontier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("search")
    assert all(path.is_file() for path in report_search.write(front, SCENARIO, home))
    return home


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "search.html").read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_needs_nothing_else(page: str) -> None:
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    assert set(tags.ids.values()) == {1}
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|<iframe|@import|url\(|\son\w+=", page)


def test_the_picture_has_a_cross_for_each_scheme_where_its_figures_are(
    front: Frontier, page: str
) -> None:
    svgs = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.S)]
    assert len(svgs) == 2  # wide and narrow
    signs = [sign for sign, _, _ in report_search.signs(front)]
    assert signs[0] == "W" and signs.count("B") == 1 and len(signs) == 1 + len(front.points)
    for svg in svgs:
        dots = [c for c in svg.iter("circle") if "dot" in (c.get("class") or "")]
        assert len(dots) == len(signs)
        beside = [t for t in svg.iter("text") if "strong" in (t.get("class") or "")]
        written = [t.text or "" for t in beside]
        assert sorted(written) == sorted(signs)
        across = [float(dot.get("cx") or 0) for dot in dots]
        up = [-float(dot.get("cy") or 0) for dot in dots]
        told = [one for _, _, one in report_search.signs(front)]
        assert order(across) == order([one.price.mean for one in told])
        assert order(up) == order([one.goal.mean for one in told])
        _, _, width, height = map(float, (svg.get("viewBox") or "").split())
        assert all(0 < x < width for x in across) and all(0 < -y < height for y in up)
        assert sum("edge" in (p.get("class") or "") for p in svg.iter("path")) == 1  # the limit


def order(values: list[float]) -> list[int]:
    return sorted(range(len(values)), key=lambda n: round(values[n], 1 if values[n] < 0 else 6))


def test_words_say_what_was_asked_and_what_came_of_it(front: Frontier, page: str) -> None:
    text = plain(page)
    assert front.said() in text
    assert f"{front.runs} runs" in text
    for place in (POINTS, EDGE):
        assert text.count(place) >= 2
    assert "at most 10.0" in text  # the limit, in a hundred
    assert f"{len(front.fresh)} fresh ones" in text


def test_what_chance_could_have_done_is_pale_and_not_told_as_a_gain() -> None:
    lucky = found(simulate=flat, budget=80, seeds=range(8, 12), charter=False)
    assert not lucky.proved
    untold = [one for one in lucky.points if not one.gain.ranked]
    assert untold
    page = report_search.render(lucky, SCENARIO)
    assert page.count("dot none") == 2 * len(untold)
    assert page.count(UNTOLD) >= len(untold)


def test_where_nothing_is_better_the_scheme_as_written_is_not_beaten() -> None:
    def best_as_written(scenario: object, scheme: Scheme, seed: int, progress: object) -> pa.Table:
        points, edge = settings_of(scheme)
        away = abs(points - 60) + abs(edge - 580)
        rows = {"mobility_up": 0.5 - away / 1000 + seed / 100, "default_rate": 0.05}
        return pa.table(
            {"year": [1, 1], "measure": [*rows], "group": ["all"] * 2, "value": [*rows.values()]}
        )

    front = found(simulate=best_as_written, budget=80)
    assert front.best is None
    text = plain(report_search.render(front, SCENARIO))
    assert "No scheme within the bounds did better" in text
    assert "W, as written" in text and "would be picked" not in text


def test_the_tables_beside_the_page_are_the_frontier(front: Frontier, folder: Path) -> None:
    assert pq.read_table(folder / "frontier.parquet").equals(front.table())
    text = pcsv.read_csv(folder / "frontier.csv")
    assert text["goal"].to_pylist() == pytest.approx(front.table()["goal"].to_pylist())


@pytest.mark.parametrize("workers", [1, 2])
def test_a_search_tells_its_months_while_it_works(workers: int) -> None:
    told: list[int] = []
    with executors.executor("processes", workers=workers) as place:
        spread = executors.spreading(place, 24, told.append)
        again = found(spread=spread)
    assert again.table().equals(found().table())
    assert told == sorted(told)
    assert told[-1] == 24 * again.runs
    assert len(set(told)) > 10
