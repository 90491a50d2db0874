"""The two example schemes: no complaint, cases that hold and reach everything, numbers marked."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from numbers_in import numbers_of, source_rows
from real_loans import EXAMPLES

from xinyong.engine.cases import run_cases
from xinyong.engine.coverage import coverage
from xinyong.scheme import library

each_example = pytest.mark.parametrize("name", ["thin-file", "current-account"])


@each_example
def test_an_example_reads_without_a_complaint(name: str) -> None:
    assert library.read(EXAMPLES / name).complaints == ()


@each_example
def test_an_examples_cases_hold_and_reach_every_part(name: str) -> None:
    scheme, cases = library.load(EXAMPLES / name), library.cases(EXAMPLES / name)
    assert len(cases) >= 12
    assert [(one.name, one.differences) for one in run_cases(scheme, cases).failed] == []
    assert coverage(scheme, cases).missed == ()


@each_example
def test_every_number_of_an_example_is_owned_up_to(name: str) -> None:
    numbers = numbers_of((EXAMPLES / name / "scheme.yaml").read_text(encoding="utf-8"))
    rows = source_rows((EXAMPLES / name / "sources.md").read_text(encoding="utf-8"))
    assert [
        f"{place}: {number}"
        for place, number in numbers
        if not any(row.covers(place) and number in row.numbers for row in rows)
    ] == []
    for row in rows:
        assert row.mark == "[G]", row  # nobody's published scorecard stands behind them
        assert row.reason, row
        assert row.numbers == {number for place, number in numbers if row.covers(place)}, row
        for pattern in row.places:
            assert any(fnmatchcase(place, pattern) for place, _ in numbers), pattern


@each_example
def test_an_unknown_person_is_not_referred_for_being_unknown(name: str) -> None:
    """What nobody told us costs nobody a point: each missing row brings nothing."""
    scheme = library.load(EXAMPLES / name)
    missing = {
        line.id: line.missing.points for line in scheme.score.add if hasattr(line, "missing")
    }
    assert missing and set(missing.values()) == {0}
