"""A release from facts to table: paid first, one subject bounded, small numbers hidden."""

import json
import math
import re
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_harness import known

from xinyong.errors import BudgetSpent, QuestionRefused
from xinyong.records import published, published_noise
from xinyong.records.published import Published, Question, counted, publish
from xinyong.records.published_budget import GRANTED, Account, BudgetEntry, MemoryPurse, enter
from xinyong.records.published_hiding import LEAST

AT = 1_800_000_000_000_000
BANDS, MONTHS = ("A", "B", "C", "D"), ("2027-01", "2027-02", "2027-03")
FACTS = st.lists(
    st.tuples(st.sampled_from("pqrstuvw"), st.sampled_from(BANDS), st.sampled_from(MONTHS)),
    max_size=60,
)


def a_purse(amount: int = 2_000_000) -> MemoryPurse:
    purse = MemoryPurse()
    enter(purse, BudgetEntry("town 2027", GRANTED, amount, "", "board", AT))
    return purse


def ask(
    purse: MemoryPurse, question: Question, facts: Sequence[tuple[str, str, str]], amount: int
) -> Published:
    return publish(
        question, facts, purse=purse, scope="town 2027", amount=amount, by="statistics", at=AT
    )


@given(FACTS, st.integers(1, 12), st.sampled_from("pqrstuvw"))
def test_one_subject_changes_at_most_so_many_counts_each_by_one(
    facts: list[tuple[str, str, str]], most: int, gone: str
) -> None:
    question = Question("bands by months", BANDS, MONTHS, most=most)
    one = counted(question, facts)
    other = counted(question, [fact for fact in facts if fact[0] != gone])
    apart = [a - b for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True)]
    assert set(apart) <= {0, 1} and sum(apart) <= most
    assert counted(question, facts[::-1] * 2) == one
    if most == 12:
        assert sum(map(sum, one)) == len(set(facts))


def test_which_cells_of_a_subject_count_is_spread_over_all() -> None:
    question = Question("bands by months", BANDS, MONTHS, most=2)
    facts = [(f"s{i}", band, month) for i in range(600) for band in BANDS for month in MONTHS]
    counts = counted(question, facts)
    assert sum(map(sum, counts)) == 1_200
    assert all(60 < n < 140 for row in counts for n in row)  # 100 each, but for chance


def test_a_release_is_whole_numbers_near_the_truth_with_small_ones_hidden() -> None:
    sizes = {"A": 400, "B": 300, "C": 2, "D": 200}
    facts = [(f"{b}{i}", b, m) for b, n in sizes.items() for i in range(n) for m in MONTHS]
    purse = a_purse()
    done = ask(purse, Question("bands by months", BANDS, MONTHS, most=3), facts, 1_500_000)
    assert known(done.cells, LEAST) == []
    assert all(n is None for n in done.cells[2][:3])
    for i, size in enumerate(sizes.values()):
        for number in done.cells[i][:3]:
            assert number is None or (type(number) is int and abs(number - size) < 60)
    assert done.within == 6
    assert purse.entries("town 2027")[-1] == done.paid
    told = json.loads(json.dumps(done.to_json()))
    assert told["paid"]["amount"] == 1_500_000 and told["least"] == 10
    assert "C0" not in json.dumps(told)


def test_what_is_not_paid_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one number is drawn when the budget is spent, nor before the entry is kept."""
    purse = a_purse(1_000_000)
    real, drawn = published_noise.noise, []

    def watched(amount: int, most: int):  # type: ignore[no-untyped-def]
        add = real(amount, most)

        def noisy(counts: Sequence[int]) -> list[int]:
            drawn.append(len(purse.entries("town 2027")))
            return add(counts)

        return noisy

    monkeypatch.setattr(published, "noise", watched)
    question = Question("bands", BANDS)
    ask(purse, question, [], 600_000)
    assert drawn == [2]  # the grant and the payment stood already
    with pytest.raises(BudgetSpent, match="400,000 are left"):
        ask(purse, question, [], 600_000)
    assert drawn == [2] and len(purse.entries("town 2027")) == 2


def test_without_opendp_nothing_is_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    purse = a_purse()
    with pytest.raises(QuestionRefused, match="not installed"):
        ask(purse, Question("bands", BANDS), [], 600_000)
    assert len(purse.entries("town 2027")) == 1


def test_a_label_that_was_not_named_is_refused_and_nothing_is_paid() -> None:
    purse = a_purse()
    with pytest.raises(QuestionRefused, match="does not name") as caught:
        ask(purse, Question("bands", BANDS), [("subject-77", "E", "all")], 600_000)
    assert "subject-77" not in str(caught.value)
    assert len(purse.entries("town 2027")) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": ("A", "A")},
        {"columns": ("x", "x")},
        {"rows": ()},
        {"columns": ("",)},
        {"title": "a\nb"},
        {"most": 0},
        {"most": 5},
        {"rows": tuple(f"r{i}" for i in range(10_001))},
    ],
)
def test_a_question_that_does_not_fit_is_refused(wrong: dict[str, object]) -> None:
    whole: dict[str, object] = {"title": "bands", "rows": BANDS}
    with pytest.raises(QuestionRefused, match="the question"):
        Question(**(whole | wrong))  # type: ignore[arg-type]


def test_a_question_is_named_by_its_digest() -> None:
    one = Question("bands", BANDS)
    assert one.digest == Question("bands", BANDS).digest
    assert (
        len({one.digest, Question("bands", BANDS[::-1]).digest, Question("b", BANDS).digest}) == 3
    )


def page() -> str:
    path = Path(__file__).resolve().parents[2] / "docs" / "published-statistics.md"
    return path.read_text("utf-8")


def test_the_snippet_on_the_page_runs() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", page(), re.M | re.DOTALL)
    names: dict[str, Any] = {}
    with redirect_stdout(StringIO()) as out:
        exec(code, names)
    rows = out.getvalue().splitlines()
    assert len(rows) == 4 and rows[2].startswith("(None")
    left = Account("town 2027", tuple(names["purse"].entries("town 2027"))).left
    assert left == 1_500_000


def test_the_table_of_errors_on_the_page_is_worked_out_again() -> None:
    told = re.findall(r"^\| ([\d.]+) \| (\d+) \| (\d+) \| ([\d.]+) \|$", page(), re.M)
    assert len(told) == 6
    for epsilon, most, within, added in told:
        amount = round(float(epsilon) * 1_000_000)
        assert published_noise.error_bound(amount, int(most)) == int(within)
        q = math.exp(-1 / published_noise.scale(amount, int(most)))
        assert f"{q / ((1 + q) * (1 - q)):.2f}" == added
