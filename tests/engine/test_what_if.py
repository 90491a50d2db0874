"""What would change a score: every figure by scoring again."""

from datetime import date
from typing import Any

import pytest
from documents import event, small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import days_and_known, histories, schemes

from xinyong.engine import plain
from xinyong.engine.what_if import Change, what_if, what_would_change
from xinyong.errors import EventsRefused, QuestionRefused

DAY = date(2021, 3, 31)
SCHEME = """
variables:
  n: {title: Fines, count: fine}
  rate: {title: Rate, latest: pay.rate}
  ok: {title: Checked, latest: pay.ok}
  flag: {expr: n > 1}
score:
  start: 90
  floor: 0
  ceiling: 1000
  add:
    - {id: R1, bins: rate, missing: {points: 0, says: m},
       table: [{below: 0.8, points: 0, says: low},
       {below: 0.95, points: 20, says: middle}, {else: true, points: 40, says: high}]}
    - {id: R2, each: fine, points: -size, says: Fines}
    - {id: R3, each: help, points: 2 * hours, cap: 10, expires: 1 month, says: Help}
    - {id: R4, when: n <= 1 and ok, points: 5, says: Orderly}
    - {id: V, when: n > 0, at_most: low, says: No fines}
consequences:
  - {id: C, context: finance, when: band == 'low', effect: e, kind: burden}
  - {id: B, context: finance, when: score >= 120, effect: f, kind: benefit}
"""
PAY = event("pay", "2021-03-01", id="p", rate=700_000, ok=False)
FINE = event("fine", "2021-03-02", id="f1", size=10)
WORSE = event("fine", "2021-03-03", id="f2", size=15)
HELP = event("help", "2021-03-20", id="h", hours=3_000_000)


def changes(*events: Any) -> dict[tuple[str, str | None], Change]:
    found = what_would_change(small(SCHEME), events, subject="s", day=DAY)
    return {(change.form, change.rule): change for change in found}


def test_the_nearest_better_row() -> None:
    found = changes(PAY)["row", "R1"]
    assert found.says == "“Rate” would have to be at least 0.8"
    assert (found.assumed, found.gain, found.score, found.band) == (
        {"rate": 800_000},
        20,
        110,
        "mid",
    )
    assert found.lost == ("C",)
    assert found.gained == ()
    best = event("pay", "2021-03-01", id="p", rate=950_000, ok=False)
    assert ("row", "R1") not in changes(best)
    # nothing is near to unknown: the best row
    assert changes()["row", "R1"].says == "“Rate” would have to be at least 0.95"


def test_one_event_less_and_one_more() -> None:
    found = changes(PAY, FINE, WORSE, HELP)
    # 90 - 25 + 6
    less = found["event", "R2"]
    assert (less.without, less.gain, less.score) == ("f2", 15, 86)
    more = found["event", "R3"]
    assert (more.again, more.gain) == ("h", 4)  # six more are cut to the cap of ten


def test_a_condition_is_turned() -> None:
    found = changes(PAY)["condition", "R4"]
    assert (found.assumed, found.gain) == ({"ok": True}, 5)
    # two things stand in the way: no single one is named
    assert ("condition", "R4") not in changes(PAY, FINE, WORSE)


def test_a_veto_is_lifted() -> None:
    rich = event("pay", "2021-03-01", id="p", rate=999_999, ok=True)
    found = changes(rich, FINE)
    assert found["veto", "V"].says == "“Fines” would have to be 0"
    assert found["veto", "V"].band == "mid"
    assert found["veto", "V"].gain == 0


def test_the_next_edge_and_the_passing_of_time() -> None:
    found = what_would_change(small(SCHEME), [PAY, HELP], subject="s", day=DAY)
    assert (found[0].form, found[0].gain, found[0].score, found[0].band) == ("edge", 4, 100, "mid")
    assert found[-1].form == "time"
    assert (found[-1].day, found[-1].score, found[-1].gain) == (date(2021, 4, 20), 90, -6)
    assert "on 2021-04-20 your score becomes 90" in found[-1].says


def test_what_reaches_a_higher_band_comes_first() -> None:
    found = what_would_change(small(SCHEME), [PAY, HELP], subject="s", day=DAY)
    assert [(change.form, change.rule) for change in found] == [
        ("edge", None),
        ("row", "R1"),
        ("condition", "R4"),
        ("event", "R3"),
        ("time", None),
    ]
    assert [change.band for change in found[1:4]] == ["mid", "mid", "mid"]


def test_what_if() -> None:
    events = [PAY, FINE, WORSE]

    def after(**options: Any) -> int:
        before, then = what_if(small(SCHEME), events, subject="s", day=DAY, **options)
        assert before == plain.score(small(SCHEME), events, subject="s", day=DAY)
        return then.score

    assert after() == 65
    assert after(strike=["f2"]) == 80
    assert after(add=[HELP]) == 71
    assert after(set={"rate": "0.95"}) == after(set={"rate": 1}) == 105
    assert after(set={"n": "1", "ok": "yes"}) == after(set={"n": 1, "ok": True}) == 70
    assert after(set={"rate": "unknown"}) == after(set={"rate": None}) == 65
    assert after(set={"rate": "0.9"}, strike=["f1", "f2"], add=[HELP]) == 116


@pytest.mark.parametrize(
    "options",
    [
        {"set": {"rat": 1}},
        {"set": {"n": "many"}},
        {"set": {"n": 1.5}},
        {"set": {"n": "NaN"}},
        {"set": {"ok": "perhaps"}},
        {"set": {"rate": "0.12345678"}},
        {"strike": ["f9"]},
    ],
)
def test_what_cannot_be_supposed_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(QuestionRefused) as caught:
        what_if(small(SCHEME), [PAY], subject="s", day=DAY, **options)
    assert all((caught.value.what, caught.value.where, caught.value.why, caught.value.mend))


def test_an_added_event_must_fit_the_scheme() -> None:
    with pytest.raises(EventsRefused):
        what_if(small(SCHEME), [], subject="s", day=DAY, add=[event("loan", "2021-01-01")])


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_change_is_what_scoring_again_gives(data: st.DataObject) -> None:
    scheme = data.draw(schemes())
    day, known = data.draw(days_and_known(scheme))
    events = data.draw(histories(scheme))
    where: dict[str, Any] = {"subject": "s0", "day": day, "known_by": known}
    before = plain.score(scheme, events, **where)
    ranks = [band.name for band in scheme.bands]
    for change in what_would_change(scheme, events, **where):
        if change.form in ("row", "condition", "veto"):
            after = plain.score(scheme, events, **where, overrides=change.assumed)
        elif change.without is not None:
            after = what_if(scheme, events, **where, strike=[change.without]).after
        else:
            continue
        assert (change.score, change.band) == (after.score, after.band)
        assert change.gain == after.score - before.score
        assert change.gain > 0 or ranks.index(after.band) > ranks.index(before.band)
