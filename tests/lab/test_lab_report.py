"""The page: whole, offline, in words, no order that chance could have made; its data agree."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
import stand_in
from markupsafe import escape

from xinyong import lab
from xinyong.lab import report
from xinyong.lab.catalogue import MEASURES
from xinyong.lab.experiment import Comparison
from xinyong.lab.intervals import Difference
from xinyong.lab.mechanisms import MECHANISMS
from xinyong.lab.report_words import NOTHING, UNTOLD, about, difference, group, level, verdict
from xinyong.lab.scenario import NO_SCHEME, Scenario, default

VOID = {"meta", "br", "hr", "img", "link", "input"}
SCENARIO = default("rongcheng", "sesame-2015", NO_SCHEME, people=200, years=3, seeds=6)


class Tags(HTMLParser):
    """Counts tags, and fails where one is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.update(value for name, value in attrs if name == "id" and value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def run(scenario: Scenario) -> Comparison:
    return lab.compare(scenario, executor="serial", model="stand_in")


@pytest.fixture(scope="module")
def found() -> Comparison:
    return run(SCENARIO)


@pytest.fixture(scope="module")
def folder(found: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("report")
    files = report.write(found, home)
    assert all(path.is_file() for path in files)
    return home


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_is_well_formed_and_needs_nothing_else(page: str) -> None:
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    assert set(tags.ids.values()) == {1}
    assert {"numbers", "groups", "years", "mobility", "lists", "gaming", "cut-off"} <= set(tags.ids)
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|<iframe|@import|url\(|\son\w+=", page)


def test_every_drawing_is_named_and_keeps_its_words_inside(page: str) -> None:
    svgs = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.S)]
    assert len(svgs) > 60
    for svg in svgs:
        title, desc = svg.find("title"), svg.find("desc")
        assert title is not None and title.text
        assert desc is not None and len(desc.text or "") > 20
        _, _, width, height = map(float, (svg.get("viewBox") or "").split())
        for text in svg.iter("text"):
            x, y = float(text.get("x") or 0), float(text.get("y") or 0)
            long = len(text.text or "") * 6.2
            kind = (text.get("class") or "").split()
            left = x - long if "end" in kind else x - long / 2 if "middle" in kind else x
            assert left >= -4, text.text
            assert left + long <= width + 8, text.text
            assert 0 < y <= height, text.text


def test_every_mechanism_has_a_figure(page: str) -> None:
    for mechanism in MECHANISMS.values():
        for name in mechanism.measures:
            assert f'id="years-{name}-wide-t"' in page or name == "mobility", name
        assert str(escape(mechanism.title)) in page


def test_big_numbers_are_the_paired_differences(found: Comparison, page: str) -> None:
    text = plain(page)
    rows = found.differences().to_pylist()
    last = [r for r in rows if r["year"] == 3 and r["group"] == "all" and r["measure"] == "gini"]
    assert len(last) == 2
    for row in last:
        told = Difference(row["mean"], row["low"], row["high"], row["seeds"])
        assert difference(told, MEASURES["gini"]) in text
    assert "20 seeds" not in text and "6 seeds" in text


def test_nothing_is_put_in_order_where_chance_could_have_done_it() -> None:
    """The stand-in leaves one measure alone: its figures differ by luck only."""
    alone = run(default("rongcheng", "sesame-2015", people=200, years=1, seeds=4))
    from xinyong.lab.report_figures import Findings, against

    it = Findings(alone, report.labels(alone.scenario))
    same = against(it, stand_in.UNMOVED)
    assert NOTHING in str(same.rows)
    assert "No order of the schemes can be told from chance" in same.says
    covers = Difference(0.5, -0.1, 1.1, 9)
    assert difference(covers, MEASURES["gini"]) == UNTOLD
    assert verdict(covers, MEASURES["gini"]) == ""


def test_one_seed_ranks_nothing() -> None:
    page = report.render(run(default("rongcheng", NO_SCHEME, people=200, years=1, seeds=1)))
    cards = re.search(r'id="numbers".*?<figure>', page, re.S)
    assert cards is not None
    assert not re.search(r": (better|worse)<", cards.group())
    assert "With what was run no order can be told." in page


def test_one_scheme_alone_makes_a_page(tmp_path: Path) -> None:
    files = report.write(run(default(NO_SCHEME, people=200, years=1, seeds=2)), tmp_path)
    assert "differences.csv" not in {path.name for path in files}
    assert 'id="numbers"' not in files[0].read_text(encoding="utf-8")


def test_data_beside_the_page_agree(found: Comparison, folder: Path) -> None:
    for name, table in (("measures", found.table), ("differences", found.differences())):
        parquet = pq.read_table(folder / f"{name}.parquet")
        assert parquet.equals(table)
        text = pcsv.read_csv(folder / f"{name}.csv")
        assert text.column_names == parquet.column_names
        value = "value" if name == "measures" else "mean"
        assert text[value].to_pylist() == pytest.approx(parquet[value].to_pylist(), nan_ok=True)


def test_what_is_printed_reproduces_it(
    found: Comparison, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = report.snippet(found.scenario)
    assert text.splitlines()[2] in (folder / "report.html").read_text().replace("&#34;", '"')
    assert lab.load(folder / "scenario.yaml") == found.scenario
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    ours = text.replace("out=", 'executor="serial", model="stand_in", out=').splitlines()[:-1]
    exec("\n".join(ours), names)
    assert isinstance(names["table"], pa.Table)
    assert names["table"].equals(found.differences())


def test_a_large_comparison_stays_small() -> None:
    schemes = ("suining-2010", "rongcheng", "sesame-2015", "court-defaulters-2017",
               "a-fair-start", "tencent", "xiamen-2023", NO_SCHEME)  # fmt: skip
    page = report.render(run(default(*schemes, people=200, years=30, seeds=2)))
    assert len(page.encode()) <= report.LARGEST
    assert "pale lines" not in page and "the data hold them" not in page


def test_the_same_runs_give_the_same_page(found: Comparison) -> None:
    assert report.render(found) == report.render(run(SCENARIO))


def test_words() -> None:
    share, gini, money = MEASURES["approval"], MEASURES["gini"], MEASURES["welfare"]
    assert level(0.1234, share) == "12.3\u00a0%"
    assert level(0.1234, gini) == "0.123"
    assert level(float("nan"), gini) == "not measured"
    told = Difference(0.031, 0.02, 0.042, 20)
    assert difference(told, share) == "+3.1 in a hundred (2.0 to 4.2)"
    assert difference(told, money) == "+0.03 median incomes (0.02 to 0.04)"
    assert verdict(told, share) == "better" and verdict(told, gini) == "worse"
    near = Difference(-0.0012, -0.0019, -0.0004, 20)
    assert "0.000)" not in difference(near, gini) and "−0.0004" in difference(near, gini)
    assert difference(Difference(0, 0, 0, 5), gini) == NOTHING
    noise = Difference(-0.051, -0.051 - 1e-17, -0.051 + 1e-17, 6)
    assert difference(noise, share) == "−5.10 in a hundred (−5.10 to −5.10)"
    hair = Difference(-0.3, -0.3 - 1e-15, -0.3 + 1e-15, 6)
    assert difference(hair, gini) == "−0.30 (−0.30 to −0.30)"
    assert [group(g) for g in ("all", "tenth.1", "tenth.10", "group.1")] == [
        "Everybody", "Poorest tenth", "Richest tenth", "Second group",
    ]  # fmt: skip
    assert about("no_such").title == "no such"


def test_levels_hold_every_scheme(found: Comparison) -> None:
    rows = found.levels.filter(pc.equal(found.levels["measure"], "gini"))
    assert Counter(rows["scheme"].to_pylist())["no-scheme"] == 3 * len(stand_in.GROUPS)
