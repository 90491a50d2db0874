"""Names resolved: order, circles, families, lists."""

import pytest
from samples import EXAMPLE, changed

from xinyong.errors import SchemeRefused
from xinyong.scheme.binding import Bound, bind
from xinyong.scheme.complaints import Code
from xinyong.scheme.reading import read_text, scheme_from_text


def bound(*pairs: tuple[str, str]) -> Bound:
    return bind(scheme_from_text(changed(*pairs)))


def codes(*pairs: tuple[str, str]) -> list[Code]:
    return [c.code for c in read_text(changed(*pairs)).errors]


def variables(*lines: str) -> tuple[str, str]:
    return "variables:\n", "variables:\n" + "".join(f"  {line}\n" for line in lines)


def families(text: str) -> tuple[str, str]:
    return "score:\n", f"families:\n  - {text}\nscore:\n"


def test_expression_variables_come_after_those_they_need() -> None:
    got = list(
        bound(variables("a: {expr: b + 1}", "b: {expr: c + 1}", "c: {count: bill}")).variables
    )
    assert got.index("c") < got.index("b") < got.index("a")


def test_every_circle_is_told() -> None:
    found = read_text(
        changed(
            variables(
                "a: {expr: b + 1}",
                "b: {expr: a + 1}",
                "c: {expr: d + 1}",
                "d: {expr: e + 1}",
                "e: {expr: c + 1}",
                "f: {expr: f + 1}",
            )
        )
    ).errors
    assert [c.code for c in found] == [Code.CYCLE] * 3
    assert all("→" in c.message for c in found)


def test_a_family_makes_one_variable_for_each_combination() -> None:
    made = bound(
        families(
            '{name: "{event}_{measure}_{window}", events: [bill, loan_due],'
            " measures: [count, sum amount, max days_late], windows: [30 days, 12 months]}"
        )
    ).variables
    new = [name for name in made if name.endswith(("_30_days", "_12_months"))]
    assert new == [
        f"{event}_{measure}_{window}"
        for event, measures in (
            ("bill", ("count", "sum_amount")),
            ("loan_due", ("count", "sum_amount", "max_days_late")),
        )
        for measure in measures
        for window in ("30_days", "12_months")
    ]
    assert made["loan_due_max_days_late_30_days"].field == "days_late"


@pytest.mark.parametrize(
    ("family", "code"),
    [
        ("{name: '{evnt}_x', events: [bill], measures: [count], windows: [1 day]}", Code.BAD_NAME),
        ("{name: '{event!r}', events: [bill], measures: [count], windows: [1 day]}", Code.BAD_NAME),
        ("{name: x, events: [bil], measures: [count], windows: [1 day]}", Code.UNKNOWN_NAME),
        ("{name: x, events: [bill], measures: [cont], windows: [1 day]}", Code.WRONG_VALUE),
        ("{name: x, events: [bill], measures: [sum amont], windows: [1 day]}", Code.UNKNOWN_NAME),
        ("{name: x, events: [bill, rental], measures: [count], windows: [1 day]}",
         Code.DUPLICATE_NAME),
    ],
)  # fmt: skip
def test_families_that_do_not_fit(family: str, code: Code) -> None:
    assert codes(families(family)) == [code]


def test_too_many_variables_are_refused() -> None:
    windows = ", ".join(f"{n} days" for n in range(1, 5001))
    text = (
        "{name: '{event}_{measure}_{window}', events: [bill, loan_due, rental, address],"
        f" measures: [count, days_since], windows: [{windows}]}}"
    )
    assert codes(families(text)) == [Code.TOO_MANY]


def lists(*lines: str) -> tuple[str, str]:
    return "consequences:\n", "lists:\n" + "".join(f"  {x}\n" for x in lines) + "consequences:\n"


def test_lists_come_after_those_they_ask_for_and_the_score_if_need_be() -> None:
    got = bound(
        lists(
            "third: {title: C, add_when: on('second'), lasts: 1 day}",
            "second: {title: B, add_when: score < 400, lasts: 1 day}",
            "first: {title: A, add_when: bills_missed > 3, lasts: 1 day}",
        )
    ).lists
    order = [entry.name for entry in got]
    assert order.index("second") < order.index("third")
    assert {e.name: e.after_score for e in got} == {"first": False, "second": True, "third": True}


def test_lists_that_ask_for_each_other_are_a_circle() -> None:
    assert codes(
        lists(
            "a: {title: A, add_when: on('b'), lasts: 1 day}",
            "b: {title: B, add_when: on('a'), lasts: 1 day}",
        )
    ) == [Code.CYCLE]


def test_a_line_cannot_ask_for_a_list_that_reads_the_score() -> None:
    line = "add:\n    - {id: X, when: on('a'), points: 1, says: x}\n"
    late = lists("a: {title: A, add_when: score < 400, lasts: 1 day}")
    early = lists("a: {title: A, add_when: bills_missed > 4, lasts: 1 day}")
    assert codes(("add:\n", line), late) == [Code.UNKNOWN_NAME]
    assert codes(("add:\n", line), early) == []


def test_bind_refuses_with_every_complaint() -> None:
    scheme = scheme_from_text(EXAMPLE)
    broken = scheme.model_copy(update={"version": "other", "variables": {}})
    with pytest.raises(SchemeRefused) as caught:
        bind(broken)
    assert len(caught.value.complaints) >= 3
    assert all(c.code == "unknown-name" for c in caught.value.complaints)


def test_equal_documents_share_one_resolution() -> None:
    assert bind(scheme_from_text(EXAMPLE)) is bind(scheme_from_text(EXAMPLE + "\n# same\n"))
