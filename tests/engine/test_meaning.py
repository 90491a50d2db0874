"""The ten rules of the language, each by its number, worked out by hand."""

from datetime import date

import pytest
from by_hand import DAY, each, event, example, expression, scored, small, value, with_line

from xinyong.days import parse_moment
from xinyong.engine import plain
from xinyong.engine.cases import run_cases

# ------------------------------------------------------------------ the ten rules


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("u > 0", None),
        ("u == u", None),
        ("u + 1 > 0", None),
        ("u > 0 and zero > 0", False),
        ("u > 0 and zero == 0", None),
        ("u > 0 or zero == 0", True),
        ("u > 0 or zero > 0", None),
        ("not u > 0", None),
        ("known(u)", False),
        ("known(zero)", True),
        ("known(u > 0)", False),
        ("u in [1, 2]", None),
        ("min(u, 3)", 3),
        ("max(u, zero, -4)", 0),
        ("max(u, u)", None),
        ("0 <= zero < 1", True),
    ],
)
def test_rule_1_three_values(text: str, wanted: object) -> None:
    found = expression(text)
    assert found is wanted or (found == wanted and type(found) is type(wanted))


def test_rule_1_a_line_fires_only_on_true_and_a_table_has_a_missing_row() -> None:
    text = """
variables: {u: {max: pay.late}}
score:
  start: 100
  floor: 0
  ceiling: 1000
  add:
    - {id: W, when: u > 0, points: 50, says: w}
    - {id: N, when: not u > 0, points: 50, says: n}
    - {id: T, bins: u, table: [{below: 5, points: 1, says: a}, {else: true, points: 2, says: b}],
       missing: {points: 7, says: we know nothing}}
"""
    outcome = scored(text)
    assert outcome.points == {"W": 0, "N": 0, "T": 7}
    trace = plain.explain(small(text), [], subject="s", day=DAY).trace
    assert (trace["variables"][0]["value"], trace["variables"][0]["text"]) == (None, "unknown")
    assert trace["lines"][2]["says"] == "we know nothing"


def test_rule_2_unknown_against_zero() -> None:
    assert value("{count: pay}") == 0
    assert value("{count: pay, known_if: any fine}") is None
    fine = event("fine", "2021-03-01", size=1)
    assert value("{count: pay, known_if: any fine}", fine) == 0
    # the consulting event must lie in the variable's own window
    assert value("{count: pay, within: 30 days, known_if: any fine}", fine) is None
    assert value("{count: pay, within: 31 days, known_if: any fine}", fine) == 0
    asked = event("coverage", "2021-03-02", data_set="bank")
    assert value("{count: pay, known_if: covered bank}", asked) == 0
    assert value("{count: help, known_if: covered town}", asked) is None
    assert value("{count: pay, known_if: any help or covered bank}", asked) == 0
    # it goes for every measure
    assert value("{sum: pay.amount, known_if: any help}") is None


@pytest.mark.parametrize(
    ("happened", "period", "day", "inside"),
    [
        ("2021-03-30", "1 day", "2021-03-31", False),
        ("2021-03-31", "1 day", "2021-03-31", True),
        ("2021-03-01", "30 days", "2021-03-31", False),
        ("2021-03-02", "30 days", "2021-03-31", True),
        # 31 March less one month is 28 February
        ("2021-02-28", "1 month", "2021-03-31", False),
        ("2021-03-01", "1 month", "2021-03-31", True),
        # and so is 28 March less one month
        ("2021-02-28", "1 month", "2021-03-28", False),
        # a leap year: 31 March 2020 less one month is 29 February
        ("2020-02-29", "1 month", "2020-03-31", False),
        ("2020-02-29", "1 month", "2020-03-28", True),
        # 29 February 2020 less twelve months is 28 February 2019
        ("2019-02-28", "12 months", "2020-02-29", False),
        ("2019-03-01", "1 year", "2020-02-29", True),
        # the day itself counts, the next does not exist yet
        ("2021-04-01", "1 month", "2021-03-31", False),
    ],
)
def test_rule_3_windows(happened: str, period: str, day: str, inside: bool) -> None:
    one = event("pay", happened, recorded="2000-01-01")
    found = value(f"{{count: pay, within: {period}}}", one, day=date.fromisoformat(day))
    assert found == int(inside)


def test_rule_3_the_zone_cuts_days() -> None:
    # 16:00 UTC on 30 March is midnight of 31 March in Shanghai
    before = event("pay", "2021-03-30T15:59:59.999999+00:00", id="a")
    after = event("pay", "2021-03-30T16:00:00+00:00", id="b")
    shanghai = "timezone: Asia/Shanghai"
    for zone, wanted in (("timezone: UTC", 0), (shanghai, 1)):
        assert value("{count: pay, within: 1 day}", before, after, scheme=zone) == wanted
    # at the other end of the day: 16:00 UTC on 31 March is 1 April in Shanghai
    late = event("pay", "2021-03-31T16:00:00+00:00", id="c")
    assert value("{count: pay}", late, scheme=shanghai) == 0
    assert value("{count: pay}", late) == 1


def test_rule_4_two_clocks() -> None:
    late = event("pay", "2021-03-01", recorded="2021-04-02")
    assert value("{count: pay}", late) == 0
    limit = parse_moment("2021-04-02", small().zone)
    assert value("{count: pay}", late, known_by=limit) == 1
    assert value("{count: pay}", late, known_by=limit - 1) == 0
    assert value("{count: pay}", late, day=date(2021, 4, 1)) == 0
    assert value("{count: pay}", late, day=date(2021, 4, 2)) == 1


DATED = """
parameters:
  p: {title: P, values: {2020-01-01: {value: 30}, 2020-06-01: {value: 60}, 2021-01-01: {value: 5}}}
"""


def test_rule_4_parameters_at_the_date_of_the_event() -> None:
    events = [
        event("pay", "2019-12-31", id="a", late=99),  # before the first date: unknown, not chosen
        event("pay", "2020-05-31", id="b", late=31),  # over 30
        event("pay", "2020-06-01", id="c", late=31),  # not over 60
        event("pay", "2021-01-01", id="d", late=6),  # over 5
    ]
    assert value("{count: pay, where: late > p}", *events, scheme=DATED) == 2
    # elsewhere as of the day
    assert value("{expr: p + 0}", scheme=DATED) == 5
    assert value("{expr: p + 0}", scheme=DATED, day=date(2020, 12, 31)) == 60
    assert value("{expr: p + 0}", scheme=DATED, day=date(2019, 12, 31)) is None
    text = (
        DATED
        + """
score: {start: 0, floor: -99, ceiling: 999, add: [{id: R, each: pay, points: p, says: x}]}
bands: [{name: low, from: -99}]
"""
    )
    assert scored(text, *events).points["R"] == 0 + 30 + 60 + 5


def test_rule_5_points_are_lines_and_a_struck_out_event_frees_a_cap() -> None:
    fines = [event("fine", f"2021-03-0{n}", id=f"f{n}", size=n) for n in (1, 2, 3)]
    line = "each: fine, points: 4 * size, cap: 18"
    assert each(line, *fines) == 18  # 4 + 8 + 12 = 24
    struck = event("fine", "2021-03-02", id="f2", struck="2021-03-10", size=2)
    assert each(line, fines[0], struck, fines[2]) == 16
    # struck out only after the day: it still stands
    later = event("fine", "2021-03-02", id="f2", struck="2021-04-01", size=2)
    assert each(line, fines[0], later, fines[2]) == 18
    text = f"score: {{start: 100, floor: 0, ceiling: 999, add: [{{id: R, {line}, says: Fines}}]}}"
    trace = plain.explain(small(text), fines, subject="s", day=DAY).trace
    shown = trace["lines"][0]
    assert (shown["rule"], shown["points"], shown["says"]) == ("R", 18, "Fines")
    assert [item["points"] for item in shown["events"]] == [4, 8, 12]
    assert shown["caps"] == [{"cap": 18, "per": None, "before": 24, "after": 18}]


def test_rule_6_exact_numbers() -> None:
    assert expression("2 / 3") == 666_667
    assert expression("-2 / 3") == -666_667
    assert expression("1 / 8") == 125_000
    assert expression("0.1 + 0.2 == 0.3") is True
    # halves go away from zero: 0.0000005 becomes one millionth
    assert expression("0.5 * 0.000001") == 1
    assert expression("-0.5 * 0.000001") == -1
    assert expression("1 / 2000000") == 1
    pays = [event("pay", "2021-03-01", id=str(n), rate=n) for n in (1, 2, 2)]
    assert value("{mean: pay.rate}", *pays) == 2  # 5/3 millionths


def test_rule_7_pure() -> None:
    events = [event("fine", "2021-03-01", id=str(n), size=n) for n in range(9)]
    line = with_line("each: fine, points: size, says: x")
    one = scored(line, *events)
    others = [event("fine", "2021-03-01", subject="other", size=5)]
    assert one == scored(line, *reversed(events), *others)
    assert one.points["R"] == 36


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-(2 - 5)", 3),
        ("7 / 2", 3_500_000),
        ("1 < 2 < 3", True),
        ("1 < 3 < 2", False),
        ("zero in [1, 0]", True),
        ("zero not in [1, 2]", True),
        ("true and not false", True),
        ("min(2, 1.5)", 1_500_000),
    ],
)
def test_rule_8_expressions(text: str, wanted: object) -> None:
    assert expression(text) == wanted


def test_rule_9_latest() -> None:
    old = event("pay", "2021-03-01", id="z", late=1)
    new = event("pay", "2021-03-02", id="a", late=2)
    empty = event("pay", "2021-03-03", id="b", late=None)
    assert value("{latest: pay.late}", new, old, empty) == 2
    # the same instant: the one recorded later, then the greater id
    again = event("pay", "2021-03-02", id="0", recorded="2021-03-03", late=3)
    assert value("{latest: pay.late}", again, new) == 3
    twin = event("pay", "2021-03-02", id="b", late=4)
    assert value("{latest: pay.late}", twin, new) == 4
    assert value("{latest: pay.late}", empty) is None


def test_rule_10_immutable() -> None:
    scheme = example()
    with pytest.raises(ValueError, match="frozen"):
        scheme.title = "Another"  # type: ignore[misc]
    trace = plain.explain(scheme, [], subject="s", day=DAY).trace
    assert trace["scheme"]["digest"] == scheme.digest
    assert len(scheme.digest) == 64


def test_worked_example_1_comes_out_as_written() -> None:
    scheme = example()
    report = run_cases(scheme, scheme.tests)
    assert [result.differences for result in report.results] == [(), (), ()]
    outcomes = [result.outcome for result in report.results if result.outcome]
    assert [(o.score, o.band) for o in outcomes[:2]] == [(638, "good"), (530, "poor")]
    assert outcomes[2].points["R2"] == 210
