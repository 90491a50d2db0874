"""The shipped schemes: they load, their cases hold and reach everything, every number is marked."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from numbers_in import literals, numbers_of, source_rows

from xinyong.engine.cases import run_cases
from xinyong.engine.coverage import coverage
from xinyong.scheme import library
from xinyong.scheme.binding import bind
from xinyong.scheme.bound import BoundVeto

SHIPPED = library.names()
MARKS = ("[P]", "[S]", "[M]", "[G]")
each_scheme = pytest.mark.parametrize("name", SHIPPED)


def test_the_library_holds_these_schemes() -> None:
    assert {"rongcheng", "sesame-2015", "tax-credit-2025"} <= set(SHIPPED)
    assert set(library.ALIASES.values()) <= set(SHIPPED)
    assert not set(library.ALIASES) & set(SHIPPED)


@each_scheme
def test_a_shipped_scheme_has_no_error(name: str) -> None:
    reading = library.read(name)
    assert reading.errors == ()
    assert reading.scheme is not None
    assert reading.scheme.scheme == name


# ------------------------------------------------------------------ where each number comes from


def scheme_numbers(name: str) -> list[tuple[str, str]]:
    return numbers_of(library.locate(name).read_text(encoding="utf-8"))


def sources(name: str) -> str:
    text = library.sources(name)
    assert text is not None
    return text


@each_scheme
def test_every_number_has_a_row_in_sources(name: str) -> None:
    rows = source_rows(sources(name))
    unmarked = [
        f"{place}: {number}"
        for place, number in scheme_numbers(name)
        if not any(row.covers(place) and number in row.numbers for row in rows)
    ]
    assert unmarked == []


@each_scheme
def test_every_row_of_sources_names_the_numbers_of_the_scheme(name: str) -> None:
    numbers = scheme_numbers(name)
    for row in source_rows(sources(name)):
        assert row.mark in MARKS, row
        assert row.reason, row
        held = {number for place, number in numbers if row.covers(place)}
        assert row.numbers == held, row.places
        for pattern in row.places:
            assert any(fnmatchcase(place, pattern) for place, _ in numbers), pattern


def test_a_changed_number_is_noticed() -> None:
    """The two tests above can fail: a new point, a new cap, and a new date each lack a row."""
    rows = source_rows(sources("rongcheng"))
    text = library.locate("rongcheng").read_text(encoding="utf-8")
    for old, new in (
        ("points: -5,\n       cap_per", "points: -6,\n       cap_per"),
        ("lasts: 24 months", "lasts: 36 months"),
        ("from: 2016-01-01", "from: 2016-01-02"),
        ("max(-300, -100", "max(-300, -90"),
    ):
        assert text.count(old) == 1, old
        found = numbers_of(text.replace(old, new))
        assert [
            place
            for place, number in found
            if not any(row.covers(place) and number in row.numbers for row in rows)
        ], old


def test_numbers_are_found_in_expressions_and_spans_but_not_in_names() -> None:
    assert literals("payment_count_30_days > 4 and x <= 0.50 or max(-300, -100 * y)") == [
        "4",
        "0.5",
        "-300",
        "-100",
    ]
    assert literals("24 months") == ["24"]
    assert literals("2015-01-28") == ["2015-01-28"]


# ------------------------------------------------------------------ what each of them promises


def test_sesame_has_a_thousand_variables_in_five_data_sets_and_dozens_of_lines() -> None:
    scheme = library.load("sesame")
    bound = bind(scheme)
    assert len(scheme.data_sets) == 5
    assert len(bound.variables) >= 1000
    page = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")
    assert f"{len(bound.variables):,}" in page.replace("\n", " ")
    scored = [line for line in bound.lines if not isinstance(line, BoundVeto)]
    assert 30 <= len(scored) == 45
    assert set(bound.dimensions) == set(scheme.score.dimensions)
    assert sum(spec.at_most or 0 for spec in scheme.score.dimensions.values()) == 600


def test_rongcheng_is_for_the_lab_only() -> None:
    assert library.load("rongcheng").use == "lab"


@each_scheme
def test_floor_and_ceiling_are_reached_by_cases(name: str) -> None:
    rules = library.load(name).score
    scores = {case.expect.score for case in library.cases(name)}
    assert {rules.floor, rules.ceiling} <= scores


@each_scheme
def test_there_are_enough_cases_and_each_says_something_checkable(name: str) -> None:
    cases = library.cases(name)
    assert len(cases) >= 10
    assert len({case.name for case in cases}) == len(cases)
    assert all(case.expect.score is not None for case in cases)


# ------------------------------------------------------------------ the worked cases


@each_scheme
def test_every_case_comes_out_as_it_says(name: str) -> None:
    report = run_cases(library.load(name), library.cases(name))
    assert [(result.name, result.differences) for result in report.failed] == []
    assert len(report.results) == len(library.cases(name))


@each_scheme
def test_the_cases_reach_every_part_of_the_scheme(name: str) -> None:
    found = coverage(library.load(name), library.cases(name))
    assert [(item.part, item.name) for item in found.missed] == []
    assert {"start", "line", "cap", "band", "consequence"} <= set(found.counts)


def test_a_case_with_a_wrong_point_fails() -> None:
    case = library.cases("sesame")[0]
    wrong = case.model_copy(update={"expect": case.expect.model_copy(update={"score": 551})})
    assert not run_cases(library.load("sesame"), [wrong]).passed


def test_without_its_ceiling_case_sesame_is_not_covered() -> None:
    cases = [case for case in library.cases("sesame") if case.expect.score != 950]
    assert coverage(library.load("sesame"), cases).missed


def findings_that_stay(name: str) -> set[tuple[str, str]]:
    """Rows of the table "finding | place | why it stays" in sources.md."""
    rows, inside = set(), False
    for line in sources(name).splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[:2] == ["finding", "place"]:
            inside = True
        elif inside and not set(cells[0]) <= set("-: "):
            assert len(cells) == 3 and cells[2], line
            rows.add((cells[0], cells[1]))
    return rows


@each_scheme
def test_the_findings_that_remain_are_the_deliberate_ones(name: str) -> None:
    scheme = library.load(name)
    found = set()
    for complaint in library.read(name).complaints:
        section, entry = str(complaint.path[0]), complaint.path[1]
        if section == "consequences":
            entry = scheme.consequences[int(entry)].id
        found.add((complaint.code.value, f"{section}.{entry}"))
    assert found == findings_that_stay(name)
