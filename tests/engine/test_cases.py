"""Worked cases: events from what is written, differences in words, what the cases reach."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from documents import data_of, example, small

from xinyong.days import Period, from_instant, instant
from xinyong.engine.cases import case_events, coverage, run_case, run_cases
from xinyong.errors import EventsRefused
from xinyong.scheme.model import Case

ZONE = ZoneInfo("Asia/Shanghai")


def case(text: str, expect: str = "{}", day: str = "2021-03-31", more: str = "") -> Case:
    data = data_of(f"name: a case\nday: {day}\nevents: {text}\nexpect: {expect}\n{more}")
    return Case.model_validate(data)


def stamp(*parts: int) -> int:
    return instant(datetime(*parts, tzinfo=ZONE))  # type: ignore[arg-type, misc]


def test_days_are_their_first_instant_and_moments_are_themselves() -> None:
    one, two, three = case_events(
        small("timezone: Asia/Shanghai"),
        case(
            "[{fine: {size: 3}, at: 2021-01-31}, {fine: , at: 2021-01-31T10:30:00},"
            " {fine: , at: 2021-01-31T10:30:00+00:00, recorded: 2021-02-01, struck: 2021-02-02}]"
        ),
    )
    assert one.happened_at == one.recorded_at == stamp(2021, 1, 31)
    assert (one.id, one.fields, one.struck_at, one.subject) == ("e1", {"size": 3}, None, "case")
    assert two.happened_at == stamp(2021, 1, 31, 10, 30)
    assert three.happened_at == stamp(2021, 1, 31, 18, 30)
    assert (three.id, three.recorded_at) == ("e3", stamp(2021, 2, 1))
    assert three.struck_at == stamp(2021, 2, 2)


def test_repeats_keep_to_the_end_of_the_month_and_to_the_time_of_day() -> None:
    events = case_events(
        small("timezone: America/New_York"),
        case("[{fine: {size: 1}, at: 2021-01-31T09:00, times: 4, every: 1 month, id: f}]"),
    )
    locals_ = [from_instant(e.happened_at).astimezone(ZoneInfo("America/New_York")) for e in events]
    assert [moment.date() for moment in locals_] == [
        date(2021, 1, 31),
        date(2021, 2, 28),
        date(2021, 3, 31),
        date(2021, 4, 30),
    ]
    # the clocks change on 14 March; it stays nine o'clock
    assert {moment.hour for moment in locals_} == {9}
    assert [event.id for event in events] == ["f", "f-2", "f-3", "f-4"]
    many = case_events(
        small(), case("[{fine: , at: 2021-01-31, times: 2}, {pay: , at: 2021-01-01}]")
    )
    assert [event.id for event in many] == ["e1", "e2", "e3"]
    assert many[0].happened_at == many[1].happened_at


@pytest.mark.parametrize(
    ("period", "day", "after"),
    [
        ("1 month", date(2021, 1, 31), date(2021, 2, 28)),
        ("1 month", date(2020, 1, 31), date(2020, 2, 29)),
        ("12 months", date(2020, 2, 29), date(2021, 2, 28)),
        ("2 months", date(2020, 12, 31), date(2021, 2, 28)),
        ("30 days", date(2021, 2, 1), date(2021, 3, 3)),
    ],
)
def test_a_period_later(period: str, day: date, after: date) -> None:
    assert Period.parse(period).after(day) == after


def test_fields_are_held_as_the_engine_holds_them() -> None:
    (event,) = case_events(
        small(),
        case(
            "[{pay: {amount: 40, rate: 0.25, late: null, ok: true, word: a, due: 1970-01-11},"
            " at: 2021-01-01}]"
        ),
    )
    assert event.fields == {
        "amount": 40,
        "rate": 250_000,
        "late": None,
        "ok": True,
        "word": "a",
        "due": 10,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[{pay: {amount: 0.5}, at: 2021-01-01}]", "0.5"),
        ("[{pay: {ok: 1}, at: 2021-01-01}]", "truth"),
        ("[{pay: {amonut: 1}, at: 2021-01-01}]", "did you mean 'amount'"),
        ("[{pya: {amount: 1}, at: 2021-01-01}]", "did you mean 'pay'"),
        ("[{pay: {rate: 0.0000001}, at: 2021-01-01}]", "six decimals"),
        ("[{pay: {due: soon}, at: 2021-01-01}]", "soon"),
        ("[{pay: , at: yesterday}]", "yesterday"),
        ("[{pay: {amount: 2000000000000}, at: 2021-01-01}]", "2000000000000"),
        ("[{pay: , at: 2199-12-31, times: 3, every: 100 years}]", "instant"),
    ],
)
def test_a_case_whose_events_do_not_fit_fails_with_a_reason(text: str, says: str) -> None:
    result = run_case(small(), case(text))
    assert not result.passed
    assert result.outcome is None
    assert says in result.differences[0]


def test_case_events_raise_with_four_parts() -> None:
    with pytest.raises(EventsRefused) as caught:
        case_events(small(), case("[{pay: {ok: 1}, at: 2021-01-01}]"))
    assert all((caught.value.what, caught.value.where, caught.value.why, caught.value.mend))


SCHEME = """
variables: {n: {count: fine}, m: {mean: fine.size}, u: {latest: pay.due}}
score:
  start: 100
  floor: 0
  ceiling: 1000
  add:
    - {id: R1, each: fine, points: -4, cap: -10, expires: 1 month, says: fines}
    - {id: R2, bins: n, missing: {points: 0, says: m},
       table: [{below: 1, points: 5, says: a}, {else: true, points: 0, says: b}]}
    - {id: V, when: n > 2, at_most: low, says: veto}
lists: {w: {title: W, add_when: n > 1, lasts: 10 days}}
consequences: [{id: C, context: finance, when: score < 100, effect: e, kind: burden}]
"""
FINES = "[{fine: {size: 3}, at: 2021-03-30, times: 2}]"


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ("{score: 92, band: low, points: {R1: -8, R2: 0}, lists: {w: listed}}", None),
        ("{variables: {n: 2, m: 3.0, u: null}, consequences: [C], reasons: [R1, R2]}", None),
        ("{next_change: 2021-04-09}", None),
        ("{score: 93}", "the score: 93 expected, 92 came out"),
        ("{band: mid}", "the band: mid expected, low came out"),
        ("{points: {R1: 8}}", "points of R1: 8 expected, -8 came out"),
        ("{points: {R9: 8}}", "points of R9: 8 expected, nothing came out"),
        ("{lists: {w: off}}", "the list 'w': off expected, listed came out"),
        ("{consequences: []}", "consequences: none expected, C came out"),
        ("{reasons: [R2]}", "reasons: R2 expected, R1, R2 came out"),
        ("{variables: {n: 3}}", "variable 'n': 3 expected, 2 came out"),
        ("{variables: {n: null}}", "variable 'n': unknown expected, 2 came out"),
        ("{variables: {m: 2.5}}", "variable 'm': 2.5 expected, 3 came out"),
        ("{variables: {nn: 3}}", "variable 'nn': the scheme has none of that name"),
        ("{variables: {n: many}}", "variable 'n': 'many' is not a whole number"),
        ("{next_change: 2021-04-10}", "the next change: 2021-04-10 expected, 2021-04-09 came out"),
        ("{next_change: null}", "the next change: nothing expected, 2021-04-09 came out"),
    ],
)
def test_what_is_expected_and_what_came_out(expect: str, says: str | None) -> None:
    result = run_case(small(SCHEME), case(FINES, expect))
    assert result.passed == (says is None)
    if says is not None:
        assert len(result.differences) == 1
        assert result.differences[0].startswith(says)


def test_known_by_is_a_day_or_a_moment() -> None:
    late = "[{fine: {size: 1}, at: 2021-03-30, recorded: 2021-04-02T12:00}]"
    scheme = small(SCHEME)
    for known, count in (
        ("", 0),
        ("known_by: 2021-04-01", 0),
        ("known_by: 2021-04-02", 1),
        ("known_by: 2021-04-02T11:59:59", 0),
        ("known_by: 2021-04-02T12:00", 1),
    ):
        wanted = f"{{variables: {{n: {count}}}}}"
        assert run_case(scheme, case(late, wanted, more=known)).differences == ()
    assert "never" in run_case(scheme, case(late, more="known_by: never")).differences[0]


def test_reports_and_coverage_of_the_worked_example() -> None:
    scheme = example()
    report = run_cases(scheme, scheme.tests)
    assert report.passed
    assert [result.name for result in report.results][1] == "nothing known at all"
    found = coverage(scheme, scheme.tests)
    assert found.counts == {
        "start": (1, 1),
        "line": (3, 4),
        "row": (5, 11),
        "cap": (0, 1),
        "band": (2, 5),
        "consequence": (4, 4),
    }
    missed = {item.name: item.path for item in found.missed}
    assert missed["R4 row 1 (below 1)"] == ("score", "add", 3, "table", 0)
    assert missed["R3 cap"] == ("score", "add", 2, "cap")
    assert missed["excellent"] == ("bands", 4)
    assert found.percent == 100 * 15 // 26


def test_coverage_of_lists_vetoes_and_caps() -> None:
    scheme = small(SCHEME)
    nothing = coverage(scheme, [case("[]")])
    assert [item.name for item in nothing.reached if item.part == "list"] == ["w off"]
    cases = [
        case("[]"),
        case("[{fine: {size: 1}, at: 2021-03-30, times: 3}]"),
        case("[{fine: {size: 1}, at: 2021-01-30, times: 2}]"),
        case("[{fine: {size: true}, at: 2021-01-30}]"),  # cannot be run, reaches nothing
    ]
    found = coverage(scheme, cases)
    # low and mid are reached; nobody comes to the top, nothing lacks a count
    assert [item.name for item in found.missed] == ["R2 missing", "top"]
    assert found.counts["list"] == (3, 3)
    assert found.counts["veto"] == found.counts["cap"] == (1, 1)
