"""Sections 5 to 8 of docs/meaning.md: points, bands, reasons, changes; worked out by hand."""

from datetime import date

import pytest
from by_hand import DAY, each, event, fines, scored, small, with_line

from xinyong.engine import plain
from xinyong.errors import QuestionRefused
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme

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
    assert each(options, *fines(*days)) == points


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
    assert scored(BANDS, *fines("2021-03-01")).band == "mid"
    assert scored(BANDS, *fines("2021-03-01", "2021-03-02")).band == "low"
    # a band by condition has the rank of its place: above mid
    assert scored(BANDS, *helps, *fines("2021-03-01")).band == "mid"
    trace = plain.explain(small(BANDS), fines("2021-03-01"), subject="s", day=DAY).trace
    assert (trace["band_before_vetoes"], trace["band"], trace["lowered_by"]) == ("top", "mid", "V1")


@pytest.mark.parametrize(
    ("start", "band"), [(0, "low"), (99, "low"), (100, "mid"), (199, "mid"), (200, "top")]
)
def test_section_6_edges_of_bands(start: int, band: str) -> None:
    assert scored(f"score: {{start: {start}, floor: 0, ceiling: 1000}}").band == band


def test_section_6_a_veto_never_raises_the_band() -> None:
    text = BANDS.replace("start: 250", "start: 0")
    outcome = scored(text, *fines("2021-03-01"))
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
    assert _lost(9, "best", *fines("2021-03-01")) == [("A", 6), ("D", 2)]
    # against missing: A 0, B 4, C 0, D 0, E -4
    assert _lost(9, "missing") == [("E", 5), ("B", 3)]


def test_section_7_a_veto_that_lowers_the_band_is_named_first() -> None:
    two = fines("2021-03-01", "2021-03-02")
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
    assert _next(with_line(f"{options}, says: x"), *fines("2021-01-31")) == wanted


def test_section_8_windows_days_since_and_parameters() -> None:
    table = "table: [{below: 60, points: 1, says: a}, {else: true, points: 2, says: b}]"
    bins = f"bins: v, {table}, missing: {{points: 3, says: m}}"
    fine = fines("2021-01-31")  # 59 days ago

    def found(spec: str, more: str = "") -> str | None:
        return _next(f"variables: {{v: {spec}}}\n{more}\n" + with_line(bins), *fine)

    assert found("{count: fine, within: 12 months}") is None  # 1 or 0: the same row
    assert found("{days_since: fine}") == "2021-04-01"
    assert found("{max: fine.size, within: 60 days}") == "2021-04-01"
    assert found("{days_since: fine, within: 6 months}") == "2021-04-01"
    # through an expression: 2 * days - 70 < 60 until day 65
    moving = "{days_since: fine}, v: {expr: 2 * d - 70}"
    assert _next(f"variables: {{d: {moving}}}\n" + with_line(bins), *fine) == "2021-04-06"
    dated = "parameters: {p: {title: P, values: {2020-01-01: {value: 1}, 2021-05-05: {value: 99}}}}"
    assert found("{expr: p + 0}", dated) == "2021-05-05"
    # ten years are looked at, no further
    dated = dated.replace("2021-05-05", "2031-04-08")
    assert found("{expr: p + 0}", dated) == "2031-04-08"
    assert found("{expr: p + 0}", dated.replace("2031-04-08", "2031-04-09")) is None


def test_section_8_lists() -> None:
    text = "variables: {n: {count: fine}}\nlists: {w: {title: W, add_when: n > 0 MORE}}"
    fine = fines("2021-03-20")
    assert _next(text.replace("MORE", ""), *fine) is None
    assert _next(text.replace("MORE", ", lasts: 1 month"), *fine) == "2021-04-20"
    assert _next(text.replace("MORE", ", before: {warn: 20 days}"), *fine) == "2021-04-09"


def test_section_8_only_what_is_visible_today() -> None:
    later = event("fine", "2021-04-05", id="f", recorded="2021-01-01", size=1)
    assert _next(with_line("each: fine, points: 5, says: x"), later) is None


def scheme_for_overrides() -> Scheme:
    return small(
        "variables: {n: {count: fine}, d: {expr: n * 2}}\n"
        + with_line("when: d > 3, points: 5, says: x")
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
