"""The ten rules of the language and the eight sections of docs/meaning.md, worked out by hand."""

from datetime import date
from typing import Any

import pytest
from documents import event, example, small

from xinyong.days import day_number, end_of_day, parse_moment
from xinyong.engine import plain
from xinyong.engine.cases import run_cases
from xinyong.engine.score import Outcome
from xinyong.errors import EventsRefused, QuestionRefused
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme
from xinyong.terms import FIELD_LIMIT, LIMIT, MICRO

DAY = date(2021, 3, 31)


def value(
    expr: str, *events: Event, day: date = DAY, scheme: str = "", known_by: int | None = None
) -> Any:
    """The value of one variable, given as it stands in a document."""
    made = small(f"{scheme}\nvariables:\n  n0: {{count: fine}}\n  v: {expr}\n")
    return plain.variables(made, events, subject="s", day=day, known_by=known_by, names=["v"])["v"]


def expression(text: str, scheme: str = "") -> Any:
    """Value of an expression; u is unknown, zero is 0."""
    variables = f"""
variables:
  u: {{max: pay.late}}
  zero: {{count: pay}}
  v: {{expr: "{text}"}}
"""
    made = small(scheme + variables)
    return plain.variables(made, [], subject="s", day=DAY, names=["v"])["v"]


def scored(text: str, *events: Event, day: date = DAY, known_by: int | None = None) -> Outcome:
    return plain.score(small(text), events, subject="s", day=day, known_by=known_by)


def each(options: str, *events: Event, day: date = DAY) -> int:
    """Points of one ``each`` line over fines, without a floor."""
    line = f"{{id: R, {options}, says: x}}"
    text = f"score: {{start: 0, floor: -999999, ceiling: 999999, add: [{line}]}}"
    bands = "\nbands: [{name: low, from: -999999}]"
    return scored(text + bands, *events, day=day).points["R"]


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
    line = _line("each: fine, points: size, says: x")
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


# ------------------------------------------------------------------ section 1


def test_section_1_beyond_the_limit_is_unknown() -> None:
    assert expression(f"{LIMIT} + zero") == LIMIT
    assert expression(f"{LIMIT} + 1") is None
    assert expression(f"-{LIMIT} - 1") is None
    assert expression("1000000000 * 900000000") == LIMIT
    assert expression("1000000000 * 900000001") is None
    # a whole number that meets a fixed one must fit in millionths
    assert expression("900000000000 * 1 + 0.0") == 900_000_000_000 * MICRO
    assert expression("(900000000000 + 1) + 0.0") is None
    assert expression("900000000001 / 1") is None
    assert expression("3 / zero") is None
    assert expression("zero / zero") is None
    # unknown spreads, but known() asks
    assert expression(f"known({LIMIT} * 2)") is False


def test_section_1_days_and_words() -> None:
    due = event("pay", "2021-03-01", due=day_number(date(2021, 3, 11)), word="b")
    scheme = "timezone: UTC"
    assert value("{latest: pay.due}", due, scheme=scheme) == day_number(date(2021, 3, 11))
    assert value("{count: pay, where: \"due > '2021-03-10'\"}", due) == 1
    assert value("{count: pay, where: due - due == 0}", due) == 1
    assert value("{count: pay, where: \"word in ['a', 'b']\"}", due) == 1
    assert value("{count: pay, where: \"word != 'b'\"}", due) == 0
    assert value("{count: pay, where: not ok}", due) == 0  # ok is unknown


# ------------------------------------------------------------------ section 2


def test_section_2_duplicates() -> None:
    first = event("pay", "2021-03-01", id="a", recorded="2021-03-02", amount=1)
    second = event("pay", "2021-02-01", id="a", recorded="2021-03-03", amount=2)
    assert value("{sum: pay.amount}", second, first) == 1
    # recorded at once: the one that happened first
    third = event("pay", "2021-02-01", id="a", recorded="2021-03-02", amount=3)
    assert value("{sum: pay.amount}", first, third) == 3
    # and then the kind decides: 'fine' comes before 'pay'
    fine = event("fine", "2021-02-01", id="a", recorded="2021-03-02", size=1)
    assert value("{sum: pay.amount}", third, fine) == 0
    # a first record that is struck out does not let the second one in
    struck = event(
        "pay", "2021-03-01", id="a", recorded="2021-03-01", struck="2021-03-05", amount=9
    )
    assert value("{sum: pay.amount}", struck, first) == 0
    # other subjects have ids of their own
    other = event("pay", "2021-03-01", id="a", recorded="2021-01-01", subject="other", amount=7)
    assert value("{sum: pay.amount}", first, other) == 1


def test_section_2_strike_out_at_the_very_instant() -> None:
    limit = end_of_day(DAY, small().zone)
    gone = Event("s", "pay", limit, limit, "a", {}, struck_at=limit)
    stays = Event("s", "pay", limit, limit, "a", {}, struck_at=limit + 1)
    assert value("{count: pay}", gone) == 0
    assert value("{count: pay}", stays) == 1


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (event("loan", "2021-01-01"), "no event 'loan'"),
        (event("pay", "2021-01-01", amont=1), "no field 'amont'"),
        (event("pay", "2021-01-01", amount=True), "True does not fit"),
        (event("pay", "2021-01-01", amount=1.5), "1.5 does not fit"),
        (event("pay", "2021-01-01", amount=FIELD_LIMIT + 1), "does not fit"),
        (event("pay", "2021-01-01", ok=1), "1 does not fit"),
        (event("pay", "2021-01-01", word=3), "3 does not fit"),
        (Event("s", "pay", 10**18, 0, "x"), "no usable instant"),
        (Event("s", "pay", -(10**16), 0, "x"), "no usable instant"),
    ],
)
def test_section_2_events_that_do_not_fit_are_refused(bad: Event, says: str) -> None:
    with pytest.raises(EventsRefused, match=says) as caught:
        plain.score(small(), [bad], subject="s", day=DAY)
    assert all((caught.value.what, caught.value.where, caught.value.why, caught.value.mend))
    # and are nobody else's concern
    assert plain.score(small(), [bad], subject="other", day=DAY).score == 100


@pytest.mark.parametrize("day", [date(1899, 12, 31), date(2200, 1, 1), "2021-01-01"])
def test_section_2_days_that_cannot_be_scored(day: Any) -> None:
    with pytest.raises(QuestionRefused) as caught:
        plain.score(small(), [], subject="s", day=day)
    assert all((caught.value.what, caught.value.where, caught.value.why, caught.value.mend))


def test_section_2_first_and_last_day() -> None:
    for day in (date(1900, 1, 1), date(2199, 12, 31)):
        one = event("pay", day.isoformat())
        assert value("{count: pay, within: 1200 months}", one, day=day) == 1
        assert plain.next_change(small(), [one], subject="s", day=day) is None


# ------------------------------------------------------------------ section 3

PAYS = (
    event("pay", "2021-03-01", id="a", amount=5, rate=500_000, late=1, ok=True, word="x"),
    event("pay", "2021-03-20", id="b", amount=8, rate=250_001, late=None, ok=False, word="y"),
    event("pay", "2021-03-29", id="c", amount=-3, rate=None, late=4, ok=True, word="x"),
)


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("{count: pay}", 3),
        ("{count: pay, where: ok}", 2),
        ("{count: pay, where: late > 0}", 2),
        ("{count: pay, where: not late > 0}", 0),
        ("{sum: pay.amount}", 10),
        ("{sum: pay.rate}", 750_001),
        ("{sum: help.hours}", 0),
        ("{mean: pay.amount}", 3_333_333),
        ("{mean: pay.rate}", 375_001),  # 375,000.5 millionths
        ("{mean: pay.late}", 2_500_000),
        ("{mean: help.hours}", None),
        ("{min: pay.amount}", -3),
        ("{max: pay.late}", 4),
        ("{max: help.hours}", None),
        ("{days_since: pay}", 2),
        ("{days_since: pay, where: not ok}", 11),
        ("{days_since: help}", None),
        ("{distinct: pay.word}", 2),
        ("{distinct: pay.late}", 2),
        ("{distinct: help.hours}", 0),
        ("{share: pay, where: ok}", 666_667),
        ("{share: pay, of: bank}", 750_000),
        ("{share: pay, of: fine}", 3_000_000),
        ("{share: help}", None),
        ("{share: help, of: bank}", 0),
        # halves of 30 days: (16 March, 31 March] and (1 March, 16 March]
        ("{trend: pay, within: 30 days}", 1_000_000),
        # of 31 days: h is 15 and 2h is 30, so 1 March lies outside
        ("{trend: pay, within: 31 days}", 1_000_000),
        # of 60 days: two pays since 1 March, one on it; r = 2, o = 1
        ("{trend: pay, within: 60 days}", 333_333),
        # r = 5, o = 5
        ("{trend: pay.amount, within: 60 days}", 0),
        ("{trend: help, within: 60 days}", None),
        # r = -3, o = 8 over (19 March, 31 March] halves of 6 days ... 25 March
        ("{trend: pay.amount, within: 12 days}", -2_200_000),
    ],
)
def test_section_3_measures(spec: str, wanted: object) -> None:
    fine = event("fine", "2021-03-05", id="f", size=1)
    assert value(spec, *PAYS, fine) == wanted


def test_section_3_sums_beyond_the_limit_are_unknown() -> None:
    most = 10**7 * MICRO
    many = [event("help", "2021-03-01", id=str(n), hours=most) for n in range(3)]
    assert value("{sum: help.hours}", *many) == 3 * most
    assert value("{mean: help.hours}", *many) == most
    large = [event("pay", "2021-03-01", id=str(n), amount=FIELD_LIMIT) for n in range(2)]
    assert value("{sum: pay.amount}", *large) == 2 * FIELD_LIMIT
    assert value("{mean: pay.amount}", *large) is None  # 10^12 in millionths is too much


def test_section_3_an_expression_rests_on_other_variables() -> None:
    scheme = small(
        "variables: {a: {count: pay}, b: {expr: a / 2}, c: {expr: b * b + a}, d: {expr: c > 5.2}}"
    )
    values = plain.variables(scheme, PAYS, subject="s", day=DAY)
    assert values == {"a": 3, "b": 1_500_000, "c": 5_250_000, "d": True}
    with pytest.raises(QuestionRefused, match="no variable is called 'e'"):
        plain.variables(scheme, PAYS, subject="s", day=DAY, names=["e"])


# ------------------------------------------------------------------ section 4

LISTED = """
variables: {{fines: {{count: fine, within: 12 months}}, helps: {{count: help}}}}
lists:
  wall: {{title: Wall, add_when: fines > 0, remove_when: helps > 0 {more}}}
"""


@pytest.mark.parametrize(
    ("more", "day", "state"),
    [
        ("", "2021-02-28", "off"),
        ("", "2021-03-01", "listed"),
        (", before: {warn: 10 days}", "2021-03-10", "warned"),
        (", before: {warn: 10 days}", "2021-03-11", "listed"),
        (", lasts: 1 month", "2021-03-31", "listed"),
        (", lasts: 1 month", "2021-04-01", "ended"),
        (", lasts: 5 days, before: {warn: 10 days}", "2021-03-05", "warned"),
        (", lasts: 5 days, before: {warn: 10 days}", "2021-03-06", "ended"),
    ],
)
def test_section_4_states_of_a_list(more: str, day: str, state: str) -> None:
    text = LISTED.format(more=more)
    when = date.fromisoformat(day)
    fine = event("fine", "2021-03-01", id="f", size=1)
    assert scored(text, fine, day=when).lists == {"wall": state}
    # removal comes before everything else
    help_ = event("help", "2021-01-01", id="h", hours=1)
    assert scored(text, fine, help_, day=when).lists == {"wall": "off"}


def test_section_4_no_ground_is_the_day_itself() -> None:
    text = "variables: {n: {count: fine}}\nlists: {w: {title: W, add_when: n == 0, lasts: 1 day}}"
    assert scored(text).lists == {"w": "listed"}
    warned = text.replace("lasts: 1 day", "before: {warn: 1 day}")
    assert scored(warned).lists == {"w": "warned"}


def test_section_4_lists_before_and_after_the_score() -> None:
    text = """
variables: {fines: {count: fine}}
lists:
  third: {title: T, add_when: "on('second') and score < 100"}
  second: {title: S, add_when: "on('first') and band == 'low'"}
  first: {title: F, add_when: fines > 0}
score:
  start: 100
  floor: 0
  ceiling: 1000
  add: [{id: L, when: "on('first')", points: -10, says: l}]
consequences:
  - {id: C, context: finance, when: "on('third')", effect: e, kind: burden}
"""
    outcome = scored(text, event("fine", "2021-03-01", size=1))
    assert (outcome.score, outcome.band) == (90, "low")
    assert outcome.lists == {"first": "listed", "second": "listed", "third": "listed"}
    assert outcome.consequences == ("C",)
    assert set(scored(text).lists.values()) == {"off"}
    # a list that is only warned does not make on() true
    assert scored(
        text.replace("add_when: fines > 0", "add_when: fines > 0, before: {warn: 60 days}"),
        event("fine", "2021-03-01", size=1),
    ).lists == {"first": "warned", "second": "off", "third": "off"}


# ------------------------------------------------------------------ section 5


def test_section_5_start_rows() -> None:
    text = """
variables: {n: {count: fine}, u: {max: fine.size}}
score:
  floor: 0
  ceiling: 1000
  start:
    - {when: u > 0 and n > 5, points: 1, says: a}
    - {when: n == 1, points: 2, says: b}
    - {else: true, points: 3, says: c}
"""
    assert scored(text).start == 3
    assert scored(text, event("fine", "2021-03-01", size=1)).start == 2


@pytest.mark.parametrize(("fines", "points"), [(0, 1), (1, 2), (2, 3), (3, 4), (4, 4)])
def test_section_5_bins(fines: int, points: int) -> None:
    # an edge of 1.5 for a whole variable is 2: 0 | 1 | 2 | the rest
    text = """
variables: {n: {count: fine}}
score:
  start: 0
  floor: 0
  ceiling: 9
  add:
    - {id: R, bins: n, missing: {points: 0, says: m}, table: [{below: 1, points: 1, says: a},
       {below: 1.5, points: 2, says: b}, {is: 2, points: 3, says: c},
       {else: true, points: 4, says: d}]}
"""
    events = [event("fine", "2021-03-01", id=str(n), size=1) for n in range(fines)]
    assert scored(text, *events).points == {"R": points}


def _fines(*days: str, size: int = 1) -> list[Event]:
    return [event("fine", day, id=f"{n}{day}", size=size) for n, day in enumerate(days)]


@pytest.mark.parametrize(
    ("options", "days", "points"),
    [
        ("each: fine, points: 3", ["2021-01-01", "2021-03-31", "2021-04-01"], 6),
        ("each: fine, points: 3, expires: 1 month", ["2021-02-28", "2021-03-01"], 3),
        ("each: fine, points: 3, starts: 10 days", ["2021-03-21", "2021-03-22"], 3),
        ("each: fine, points: 3, cap: 5", ["2021-01-01", "2021-01-02"], 5),
        ("each: fine, points: -3, cap: -5", ["2021-01-01", "2021-01-02"], -5),
        ("each: fine, points: -3, cap: 5", ["2021-01-01", "2021-01-02"], -6),
        ("each: fine, points: 3, cap: 0", ["2021-01-01"], 0),
        # per month: January gives 5 (of 6), March 3; then the cap over all
        (
            "each: fine, points: 3, cap_per: {points: 5, per: month}",
            ["2021-01-01", "2021-01-31", "2021-03-01"],
            8,
        ),
        (
            "each: fine, points: 3, cap_per: {points: 5, per: month}, cap: 7",
            ["2021-01-01", "2021-01-31", "2021-03-01"],
            7,
        ),
        (
            "each: fine, points: -3, cap_per: {points: -4, per: year}",
            ["2020-12-31", "2021-01-01", "2021-01-02"],
            -7,
        ),
        (
            "each: fine, points: 3, cap_per: {points: 4, per: day}",
            ["2021-01-01", "2021-01-01", "2021-01-02"],
            7,
        ),
        # 100 points over 100 days: after 25 days 75 are left; after 99 days 1; after 100 none
        ("each: fine, points: 100, expires: 100 days, decay: linear", ["2021-03-06"], 75),
        ("each: fine, points: 100, expires: 100 days, decay: linear", ["2020-12-22"], 1),
        ("each: fine, points: 100, expires: 100 days, decay: linear", ["2020-12-21"], 0),
        # 5 * (30 - 3) / 30 = 4.5 becomes 5; minus 4.5 becomes minus 5
        ("each: fine, points: 5, expires: 30 days, decay: linear", ["2021-03-28"], 5),
        ("each: fine, points: -5, expires: 30 days, decay: linear", ["2021-03-28"], -5),
        # two months before 31 March is 31 January, 59 days: 59 * (59 - 30) / 59
        ("each: fine, points: 59, expires: 2 months, decay: linear", ["2021-03-01"], 29),
        # halves: on the day the period is over
        (
            "each: fine, points: 5, expires: 12 months, decay: {halves_every: 1 month}",
            ["2021-03-01"],
            5,
        ),
        (
            "each: fine, points: 5, expires: 12 months, decay: {halves_every: 1 month}",
            ["2021-02-28"],
            3,
        ),
        (
            "each: fine, points: 5, expires: 12 months, decay: {halves_every: 1 month}",
            ["2021-01-31"],
            1,
        ),
        # 1.5 points are 2, unknown is 0, too many are cut
        ("each: fine, points: size * 1.5", ["2021-01-01"], 2),
        ("each: fine, points: size * -0.5", ["2021-01-01"], -1),
        ("each: fine, points: size / 0", ["2021-01-01"], 0),
        ("each: fine, points: size * 5000000, cap: 999999", ["2021-01-01"], 999_999),
    ],
)
def test_section_5_each(options: str, days: list[str], points: int) -> None:
    assert each(options, *_fines(*days)) == points


def test_section_5_points_of_one_event_are_cut_before_they_are_added() -> None:
    # 3,000,000 is cut to 1,000,000; less 1 gives 999,999
    text = "each: fine, points: size"
    events = [
        event("fine", "2021-01-01", id="a", size=3_000_000),
        event("fine", "2021-01-01", id="b", size=-1),
    ]
    assert each(text, *events) == 999_999


def test_section_5_limits_of_dimensions_floor_and_ceiling() -> None:
    text = """
score:
  start: 100
  floor: 90
  ceiling: 108
  dimensions: {a: {title: A, at_most: 10}, b: {title: B, at_least: -5}}
  add:
    - {id: A1, dimension: a, when: 'true', points: 8, says: x}
    - {id: A2, dimension: a, when: 'true', points: 7, says: x}
    - {id: B1, dimension: b, when: 'true', points: -20, says: x}
    - {id: N1, when: 'true', points: 4, says: x}
"""
    outcome = scored(text)
    assert outcome.dimensions == {"a": 10, "b": -5, "": 4}
    assert outcome.score == 108  # 100 + 10 - 5 + 4 = 109
    trace = plain.explain(small(text), [], subject="s", day=DAY).trace
    assert [(x["limit"], x["dimension"], x["points"]) for x in trace["limits"]] == [
        ("at_most", "a", -5),
        ("at_least", "b", 15),
        ("ceiling", None, -1),
    ]
    assert [line["points"] for line in trace["lines"]] == [8, 7, -20, 4]
    assert (
        scored(text.replace("points: -20", "points: 20").replace("start: 100", "start: 0")).score
        == 90
    )


def test_section_5_when_lines_round_their_points() -> None:
    text = """
variables: {n: {count: fine}}
score:
  start: 0
  floor: -9
  ceiling: 9
  add:
    - {id: H, when: 'true', points: 2.5, says: x}
    - {id: M, when: 'true', points: -2.5, says: x}
    - {id: U, when: 'true', points: 1 / n, says: x}
    - {id: F, when: n > 0, points: 5, says: x}
bands: [{name: low, from: -9}]
"""
    assert scored(text).points == {"H": 3, "M": -3, "U": 0, "F": 0}


# ------------------------------------------------------------------ section 6

BANDS = """
variables: {n: {count: fine}, m: {count: help}}
score:
  start: 250
  floor: 0
  ceiling: 1000
  add:
    - {id: V1, when: n > 0, at_most: mid, says: one fine}
    - {id: V2, when: n > 1, at_most: low, says: two fines}
    - {id: L, when: n > 0, points: 0, reference: 3, says: a line}
bands:
  - {name: low, from: 0}
  - {name: mid, from: 100}
  - {name: new, when: m > 0}
  - {name: top, from: 200}
"""


def test_section_6_bands_and_vetoes() -> None:
    helps = [event("help", "2021-03-01", id="h", hours=1)]
    assert scored(BANDS).band == "top"
    assert scored(BANDS, *helps).band == "new"
    assert scored(BANDS, *_fines("2021-03-01")).band == "mid"
    assert scored(BANDS, *_fines("2021-03-01", "2021-03-02")).band == "low"
    # a band by condition has the rank of its place: above mid
    assert scored(BANDS, *helps, *_fines("2021-03-01")).band == "mid"
    trace = plain.explain(small(BANDS), _fines("2021-03-01"), subject="s", day=DAY).trace
    assert (trace["band_before_vetoes"], trace["band"], trace["lowered_by"]) == ("top", "mid", "V1")


@pytest.mark.parametrize(
    ("start", "band"), [(0, "low"), (99, "low"), (100, "mid"), (199, "mid"), (200, "top")]
)
def test_section_6_edges_of_bands(start: int, band: str) -> None:
    assert scored(f"score: {{start: {start}, floor: 0, ceiling: 1000}}").band == band


def test_section_6_a_veto_never_raises_the_band() -> None:
    text = BANDS.replace("start: 250", "start: 0")
    outcome = scored(text, *_fines("2021-03-01"))
    assert outcome.band == "low"
    assert [reason.rule for reason in outcome.reasons] == ["L"]


# ------------------------------------------------------------------ section 7

LOSSES = """
variables: {{n: {{count: fine}}}}
score:
  start: 0
  floor: -99
  ceiling: 99
  reasons: {{most: {most}, against: {against}}}
  add:
    - {{id: A, each: help, points: 1, cap: 6, says: a}}
    - {{id: B, bins: n, missing: {{points: 4, says: m}},
       table: [{{below: 1, points: 1, says: b}}, {{else: true, points: 7, says: bb}}]}}
    - {{id: C, when: n > 0, points: 6, says: c}}
    - {{id: D, each: fine, points: -2, says: d}}
    - {{id: E, when: n == 0, points: -9, reference: -4, says: e}}
bands: [{{name: low, from: -99}}]
"""


def _lost(most: int, against: str, *events: Event) -> list[tuple[str, int]]:
    outcome = scored(LOSSES.format(most=most, against=against), *events)
    return [(reason.rule, reason.lost) for reason in outcome.reasons]


def test_section_7_reasons() -> None:
    # references: A 6, B 7, C 6, D 0, E -4; A, B and C lose six each: the file's order decides
    assert _lost(9, "best") == [("A", 6), ("B", 6), ("C", 6), ("E", 5)]
    assert _lost(2, "best") == [("A", 6), ("B", 6)]
    assert _lost(9, "best", *_fines("2021-03-01")) == [("A", 6), ("D", 2)]
    # against missing: A 0, B 4, C 0, D 0, E -4
    assert _lost(9, "missing") == [("E", 5), ("B", 3)]


def test_section_7_a_veto_that_lowers_the_band_is_named_first() -> None:
    two = _fines("2021-03-01", "2021-03-02")
    outcome = scored(BANDS, *two)
    assert [(reason.rule, reason.lost) for reason in outcome.reasons] == [
        ("V1", 0),
        ("V2", 0),
        ("L", 3),
    ]
    short = BANDS.replace("ceiling: 1000", "ceiling: 1000\n  reasons: {most: 2}")
    assert [reason.rule for reason in scored(short, *two).reasons] == ["V1", "V2"]


# ------------------------------------------------------------------ section 8


def _next(text: str, *events: Event, day: date = DAY) -> str | None:
    found = plain.next_change(small(text), events, subject="s", day=day)
    return None if found is None else found.isoformat()


def _line(options: str) -> str:
    return f"score: {{start: 500, floor: 0, ceiling: 999, add: [{{id: R, {options}}}]}}"


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("each: fine, points: 5", None),
        # 30 April less three months is 30 January; 1 May less three months is 1 February
        ("each: fine, points: 5, expires: 3 months", "2021-05-01"),
        ("each: fine, points: 5, expires: 90 days", "2021-05-01"),
        ("each: fine, points: 5, starts: 90 days", "2021-05-01"),
        # 31 March less two months is 31 January, so it halved today; and again on 1 May
        ("each: fine, points: 8, expires: 2 years, decay: {halves_every: 1 month}", "2021-05-01"),
        # 10 points over 100 days, 59 gone: 4.1 is 4; 3.4 on day 66 is 3
        ("each: fine, points: 10, expires: 100 days, decay: linear", "2021-04-07"),
    ],
)
def test_section_8_expiry_start_and_decay(options: str, wanted: str | None) -> None:
    assert _next(_line(f"{options}, says: x"), *_fines("2021-01-31")) == wanted


def test_section_8_windows_days_since_and_parameters() -> None:
    table = "table: [{below: 60, points: 1, says: a}, {else: true, points: 2, says: b}]"
    bins = f"bins: v, {table}, missing: {{points: 3, says: m}}"
    fine = _fines("2021-01-31")  # 59 days ago

    def found(spec: str, more: str = "") -> str | None:
        return _next(f"variables: {{v: {spec}}}\n{more}\n" + _line(bins), *fine)

    assert found("{count: fine, within: 12 months}") is None  # 1 or 0: the same row
    assert found("{days_since: fine}") == "2021-04-01"
    assert found("{max: fine.size, within: 60 days}") == "2021-04-01"
    assert found("{days_since: fine, within: 6 months}") == "2021-04-01"
    # through an expression: 2 * days - 70 < 60 until day 65
    moving = "{days_since: fine}, v: {expr: 2 * d - 70}"
    assert _next(f"variables: {{d: {moving}}}\n" + _line(bins), *fine) == "2021-04-06"
    dated = "parameters: {p: {title: P, values: {2020-01-01: {value: 1}, 2021-05-05: {value: 99}}}}"
    assert found("{expr: p + 0}", dated) == "2021-05-05"
    # ten years are looked at, no further
    dated = dated.replace("2021-05-05", "2031-04-08")
    assert found("{expr: p + 0}", dated) == "2031-04-08"
    assert found("{expr: p + 0}", dated.replace("2031-04-08", "2031-04-09")) is None


def test_section_8_lists() -> None:
    text = "variables: {n: {count: fine}}\nlists: {w: {title: W, add_when: n > 0 MORE}}"
    fine = _fines("2021-03-20")
    assert _next(text.replace("MORE", ""), *fine) is None
    assert _next(text.replace("MORE", ", lasts: 1 month"), *fine) == "2021-04-20"
    assert _next(text.replace("MORE", ", before: {warn: 20 days}"), *fine) == "2021-04-09"


def test_section_8_only_what_is_visible_today() -> None:
    later = event("fine", "2021-04-05", id="f", recorded="2021-01-01", size=1)
    assert _next(_line("each: fine, points: 5, says: x"), later) is None


def scheme_for_overrides() -> Scheme:
    return small(
        "variables: {n: {count: fine}, d: {expr: n * 2}}\n"
        + _line("when: d > 3, points: 5, says: x")
    )


def test_overrides_replace_named_variables() -> None:
    scheme = scheme_for_overrides()
    for given, wanted in (
        ({"n": 2}, 505),
        ({"d": 4}, 505),
        ({"n": 9, "d": 3}, 500),
        ({"n": None}, 500),
    ):
        outcome = plain.score(scheme, [], subject="s", day=DAY, overrides=given)
        assert outcome.score == wanted
    with pytest.raises(QuestionRefused):
        plain.score(scheme, [], subject="s", day=DAY, overrides={"x": 1})
