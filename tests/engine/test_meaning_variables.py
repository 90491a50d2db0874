"""Sections 1 to 4 of docs/meaning.md: values, events, variables, lists; worked out by hand."""

from datetime import date
from typing import Any

import pytest
from by_hand import DAY, event, expression, scored, small, value

from xinyong.days import day_number, end_of_day
from xinyong.engine import plain
from xinyong.errors import EventsRefused, QuestionRefused
from xinyong.records.event import Event
from xinyong.terms import FIELD_LIMIT, LIMIT, MICRO

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
