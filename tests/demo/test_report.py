"""The page: whole, offline, told in words, and in agreement with the table of scores."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from markupsafe import escape

from xinyong.demo.facts import THIN, shares
from xinyong.demo.report import Page, render
from xinyong.demo.run import DemoResult, run
from xinyong.demo.told import steps
from xinyong.engine import plain
from xinyong.errors import QuestionRefused
from xinyong.scheme.library import load

VOID = {"meta", "br", "hr", "img", "link", "input"}
CHARTS = 9


class Tags(HTMLParser):
    """Counts tags, and fails where one is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1
        self.ids.update(value for name, value in attrs if name == "id" and value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(demo: DemoResult) -> str:
    return demo.page.read_text("utf-8")


@pytest.fixture(scope="module")
def svgs(page: str) -> list[ET.Element]:
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.S)]


def test_the_page_is_well_formed(page: str) -> None:
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    assert set(tags.ids.values()) == {1}
    assert tags.seen["svg"] == 2 * CHARTS
    assert tags.seen["h1"] == 1
    assert page.startswith("<!doctype html>")
    assert '<html lang="en">' in page


def test_the_page_needs_nothing_else(page: str) -> None:
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|<iframe|@import|url\(|\son\w+=", page)
    assert len(page.encode()) <= 1_000_000


def test_every_chart_has_a_title_and_a_description(svgs: list[ET.Element]) -> None:
    for svg in svgs:
        assert svg.get("role") == "img"
        title, desc = svg.find("title"), svg.find("desc")
        assert title is not None
        assert desc is not None
        assert svg.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert len(title.text or "") > 10
        assert len(desc.text or "") > 20


def test_no_text_leaves_its_chart(svgs: list[ET.Element]) -> None:
    for svg in svgs:
        _, _, width, height = map(float, (svg.get("viewBox") or "").split())
        for text in svg.iter("text"):
            x, y = float(text.get("x") or 0), float(text.get("y") or 0)
            long = len(text.text or "") * 6.4
            kind = (text.get("class") or "").split()
            left = x - long if "end" in kind else x - long / 2 if "middle" in kind else x
            assert left >= -1, text.text
            assert left + long <= width + 6, text.text
            assert 0 < y < height, text.text
        for rect in svg.iter("rect"):
            ends = [float(rect.get(k) or 0) for k in ("x", "y", "width", "height")]
            assert min(ends) >= 0
            assert ends[0] + ends[2] <= width
            assert ends[1] + ends[3] <= height


def test_numbers_agree_with_the_table_of_scores(demo: DemoResult, page: str) -> None:
    for part, facts in demo.facts.items():
        scores = pq.read_table(demo.files[f"{part} scores"])
        assert scores.num_rows == facts.subjects
        found = Counter(scores["band"].to_pylist())
        assert {b.name: b.count for b in facts.bands if b.count} == dict(found)
        assert sum(count for _, count in facts.histogram) == facts.subjects
        for band in facts.bands:
            assert f"{band.share} ({band.count:,d})" in page
        assert sum(spread.count for spread in facts.lengths) == facts.subjects
        for low, count in facts.histogram:
            if low + facts.step < facts.scheme.score.ceiling:
                inside = [s for s in scores["score"].to_pylist() if low <= s < low + facts.step]
                assert len(inside) == count
    assert demo.facts["people"].subjects == demo.town.people
    assert f">{demo.facts['people'].median}<" in page


def test_shares_add_up(demo: DemoResult) -> None:
    for facts in demo.facts.values():
        assert sum(band.tenths for band in facts.bands) == 1000
    assert shares([1, 1, 1]) == [334, 333, 333]
    assert shares([0, 5]) == [0, 1000]
    assert shares([0, 0]) == [0, 0]
    assert sum(shares([7, 11, 13, 17, 19, 23])) == 1000


def test_the_page_says_what_it_is(demo: DemoResult, page: str) -> None:
    text = re.sub(r"\s+", " ", page)
    assert "Synthetic town: nobody on this page exists" in text
    assert f"seed {demo.town.seed}" in text
    assert "the charter, is not in this version" in text
    assert "Nothing here says that either scheme may be used" in text
    for facts in demo.facts.values():
        assert facts.scheme.digest in text
    for name in ("people.parquet", "firms-scores.parquet"):
        assert f"<code>{name}</code>" in text


def test_one_person_is_explained_and_adds_up(demo: DemoResult, page: str) -> None:
    told = demo.told
    assert told is not None
    assert 5 <= told.events <= THIN
    assert told.subject in page
    walk = steps(told)
    assert walk[0].after == told.start
    assert walk[-1].after == told.score
    for one, other in pairwise(walk[:-1]):
        assert one.after == other.before
    assert walk[-2].after == told.score
    assert sum(line.points for line in told.lines) + sum(p for _, p in told.limits) == (
        told.score - told.start
    )
    again = plain.score(load("sesame"), demo.events, subject=told.subject, day=told.day)
    table = pq.read_table(demo.files["people scores"], filters=[("subject", "=", told.subject)])
    assert table["score"].to_pylist() == [again.score] == [told.score]
    for line in told.lines:
        assert again.points[line.id] == line.points


def test_the_next_change_is_one(demo: DemoResult) -> None:
    told = demo.told
    assert told is not None
    assert told.next_day is not None
    later = plain.score(load("sesame"), demo.events, subject=told.subject, day=told.next_day)
    assert later.score == told.next_score
    moved = sum(after - before for _, before, after in told.moved)
    assert moved == later.score - told.score


def test_what_would_change_it_is_better_and_on_the_page(demo: DemoResult, page: str) -> None:
    assert demo.told is not None
    assert 1 <= len(demo.changes) <= 6
    scheme = load("sesame")
    bands = [band.title for band in scheme.bands]
    for change in demo.changes:
        assert change.score > demo.told.score
        assert bands.index(change.band) >= bands.index(demo.told.band)
        assert f'<td class="n">{change.score}</td><td class="w">{change.band}</td>' in page
        assert all(escape(effect) in page for effect in change.gained)
        assert set(change.gained) <= {each.effect for each in scheme.consequences}


def test_what_is_said_names_scores_bands_and_files(demo: DemoResult, said: list[str]) -> None:
    text = "\n".join(said)
    for facts in demo.facts.values():
        for band in facts.bands:
            assert band.title in text
    for path in demo.files.values():
        assert path.is_file()
        assert path.name in text
    assert demo.told is not None
    assert demo.told.subject in text
    assert "scoring people" in text


def test_the_same_seed_gives_the_same_page(demo: DemoResult, tmp_path: Path) -> None:
    town = demo.town
    again = run(
        tmp_path, people=town.people, firms=town.firms, seed=town.seed, say=lambda line: None
    )
    assert again.page.read_bytes() == demo.page.read_bytes()


def test_words_of_a_scheme_cannot_break_the_page(demo: DemoResult) -> None:
    told = demo.told
    assert told is not None
    evil = '<script>alert("x")</script>'
    lines = tuple(replace(line, says=evil, known=True) for line in told.lines)
    text = render(
        Page(
            demo.town,
            demo.facts["people"],
            demo.facts["firms"],
            replace(told, lines=lines),
            evil,
            (),
            None,
            (),
            "",
        )
    )
    assert "<script" not in text
    Tags().feed(text)


def test_a_tiny_town_still_has_a_page(tmp_path: Path) -> None:
    small = run(tmp_path, people=3, firms=1, seed=1, say=lambda line: None)
    assert small.told is not None
    assert small.page.is_file()


def test_a_town_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionRefused):
        run(tmp_path / "x", people=0, firms=1, seed=1, say=print)
    assert not (tmp_path / "x").exists()
