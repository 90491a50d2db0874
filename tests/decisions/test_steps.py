from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from stories import (
    AMINA,
    DAY,
    GOOD,
    NOW,
    approved,
    at,
    confirmed,
    decided,
    decided_by,
    in_effect,
    variant,
)

from xinyong.decisions.course import Step, same_person
from xinyong.decisions.decision import STATES, Decision
from xinyong.errors import StepRefused

A, B = "Ms Okafor", "Mr Lindqvist"
ACTS: dict[str, Callable[[Decision, int], Decision]] = {
    "previewed": lambda d, t: d.preview(by=A, at=t),
    "confirmed": lambda d, t: d.confirm(by=A, at=t, note="seen", disputed=()),
    "seconded": lambda d, t: d.second(by=B, at=t, note="seen too", disputed=()),
    "in effect": lambda d, t: d.noticed("n", by=A, at=t, disputed=()),
    "dropped": lambda d, t: d.drop(by=A, at=t, note="no"),
    "ended": lambda d, t: d.end(by=A, at=t, note="talked"),
}
ONE_PERSON = {
    "proposed": {"previewed", "dropped"},
    "previewed": {"confirmed", "dropped"},
    "confirmed": {"in effect", "dropped"},
    "in effect": {"ended"},
    "dropped": set(),
    "ended": set(),
}
TWO_PERSONS = ONE_PERSON | {
    "confirmed": {"seconded", "dropped"},
    "seconded": {"in effect", "dropped"},
}
MACHINE = ONE_PERSON | {"proposed": {"previewed", "in effect", "dropped"}}
BENEFITS: dict[str, set[str]] = {"in effect": {"ended"}, "ended": set()}


def kinds() -> dict[str, tuple[Decision, dict[str, set[str]]]]:
    return {
        "one person": (decided(), ONE_PERSON),
        "two persons": (decided_by(variant(gravity=4)), TWO_PERSONS),
        "a machine": (decided_by(variant(automated="solely", decided=None)), MACHINE),
        "benefits": (decided(GOOD), BENEFITS),
    }


@pytest.mark.parametrize("kind", ["one person", "two persons", "a machine", "benefits"])
def test_every_step_out_of_order_is_refused(kind: str) -> None:
    first, roads = kinds()[kind]
    reached = {first.state: first}
    todo = [first.state]
    tried = 0
    while todo:
        here = reached[todo.pop()]
        for word, act in ACTS.items():
            tried += 1
            if word in roads[here.state]:
                after = act(here, here.steps[-1].at + 1)
                assert after.state == word and len(after.steps) == len(here.steps) + 1
                assert Decision.from_json(after.to_json()) == after
                if word not in reached:
                    reached[word] = after
                    todo.append(word)
                continue
            with pytest.raises(StepRefused) as caught:
                act(here, here.steps[-1].at + 1)
            assert caught.value.code == "out of order"
    assert set(reached) == set(roads)
    assert tried == len(ACTS) * len(roads)


@pytest.mark.parametrize("kind", ["one person", "two persons", "a machine", "benefits"])
def test_no_written_decision_with_steps_out_of_order_is_read(kind: str) -> None:
    first, roads = kinds()[kind]
    for before in STATES:
        for word in STATES:
            steps = [{"state": before, "by": A, "at": NOW}, {"state": word, "by": B, "at": NOW}]
            fits = before == first.state and word in roads[before]
            # a burden that is in effect has days too, which these steps alone do not give
            try:
                Decision.from_json({**first.to_json(), "steps": steps})
            except StepRefused:
                assert not fits
            else:
                assert fits


def test_no_step_goes_back_in_time() -> None:
    with pytest.raises(StepRefused, match="lies before"):
        decided().preview(by=A, at=NOW - 1)


def test_a_second_person_is_needed_from_gravity_four_on_and_is_another_one() -> None:
    for gravity, second in ((1, False), (2, False), (3, False), (4, True)):
        assert decided_by(variant(gravity=gravity)).second_person is second
    grave = decided_by(variant(gravity=4, automated="solely", decided=None))
    assert grave.by_person and grave.second_person
    seen = grave.preview(by=A, at=NOW).confirm(by=A, at=NOW, note="seen", disputed=())
    for name in (A, "MS OKAFOR", " ms  okafor", "Ｍｓ Okafor", "Ms\u200b Okafor"):
        with pytest.raises(StepRefused) as caught:
            seen.second(by=name, at=NOW, note="seen", disputed=())
        assert caught.value.code in ("same person", "unfit")
    assert seen.second(by=B, at=NOW, note="seen", disputed=()).ready


def test_names_are_compared_as_people_read_them() -> None:
    assert same_person("Ms Okafor", "ms  OKAFOR") and not same_person("Ms Okafor", "Mr Okafor")


def test_nobody_decides_about_themselves() -> None:
    for act in (
        lambda: decided(by=AMINA),
        lambda: decided().preview(by=AMINA, at=NOW),
        lambda: decided().preview(by=A, at=NOW).confirm(by="Amina", at=NOW, note="x", disputed=()),
    ):
        with pytest.raises(StepRefused) as caught:
            act()
        assert caught.value.code == "same person"


def test_a_burden_begins_after_its_notice_and_the_grace() -> None:
    made = in_effect()
    (burden,) = made.burdens
    # five working days after Monday 2 August end on Monday 9 August
    assert (burden.noticed, burden.start, burden.end) == (
        DAY, date(2027, 8, 10), date(2027, 11, 10),
    )  # fmt: skip
    for moment, there in (
        (NOW + 3, False),
        (at("2027-08-10") - 1, False),
        (at("2027-08-10"), True),
        (at("2027-11-10") - 1, True),
        (at("2027-11-10"), False),
    ):
        assert bool(made.in_force(moment)) is there


def test_holidays_lengthen_the_grace() -> None:
    # the Union's: Good Friday and Easter Monday
    assert decided().begins(date(2027, 3, 25)) == date(2027, 4, 6)
    # China's: seven days off from the first of October 2026, then a working Saturday
    china = decided(approved=approved(place="cn"), place="cn")
    assert china.begins(date(2026, 9, 30)) == date(2026, 10, 14)


def test_a_notice_that_comes_too_late_is_no_notice() -> None:
    made = confirmed()
    assert made.notice_due == date(2027, 8, 5)
    assert made.noticed("n", by=A, at=at("2027-08-05T23:59:00"), disputed=()).burdens[0].start
    with pytest.raises(StepRefused) as caught:
        made.noticed("n", by=A, at=at("2027-08-06"), disputed=())
    assert caught.value.code == "too late"


def test_a_dispute_opened_meanwhile_stops_every_later_step() -> None:
    grave = decided_by(variant(gravity=4))
    for disputed in ({"bill-4"}, {grave.id}):
        seen = grave.preview(by=A, at=NOW)
        with pytest.raises(StepRefused) as caught:
            seen.confirm(by=A, at=NOW, note="seen", disputed=disputed)
        assert caught.value.code == "disputed"
        seen = seen.confirm(by=A, at=NOW, note="seen", disputed=())
        with pytest.raises(StepRefused):
            seen.second(by=B, at=NOW, note="seen", disputed=disputed)
        seen = seen.second(by=B, at=NOW, note="seen", disputed=())
        with pytest.raises(StepRefused):
            seen.noticed("n", by=A, at=NOW, disputed=disputed)
        made = seen.noticed("n", by=A, at=NOW, disputed=())
        later = at("2027-08-10")
        assert made.in_force(later) and not made.in_force(later, disputed=disputed)


def test_an_old_score_is_not_confirmed() -> None:
    seen = decided().preview(by=A, at=NOW)
    with pytest.raises(StepRefused) as caught:
        seen.confirm(by=A, at=at("2027-09-03"), note="seen", disputed=())
    assert caught.value.code == "too late"
    assert seen.confirm(by=A, at=at("2027-09-02"), note="seen", disputed=()).ready


def test_a_person_can_leave_burdens_out() -> None:
    seen = decided().preview(by=A, at=NOW)
    gone = seen.confirm(by=A, at=NOW, note="a funeral", disputed=(), without=["C4"])
    assert gone.state == "dropped" and not gone.in_force(at("2027-09-01"))


def test_burdens_end_on_the_day_somebody_ends_them() -> None:
    made = in_effect()
    ended = made.end(by=A, at=at("2027-09-01T12:00:00"), note="talked over")
    assert made.in_force(at("2027-08-31")) and ended.in_force(at("2027-08-31"))
    assert made.in_force(at("2027-09-01")) and not ended.in_force(at("2027-09-01"))
    assert ended.state == "ended" and ended.burdens[0].ended_why == "talked over"


def test_a_burden_has_a_course_before_it_has_days() -> None:
    data = in_effect().to_json()
    for steps in (data["steps"][:1], data["steps"][:3]):
        with pytest.raises(StepRefused):
            Decision.from_json({**data, "steps": steps})
    burden = data["follows"][0]
    for change in (
        {"noticed": burden["start"]},
        {"noticed": "2028-01-01"},
        {"end": burden["start"]},
        {"rests_on": []},
        {"gravity": 7},
        {"start": "2027-13-01"},
        {"ended": "2027-09-01"},
    ):
        with pytest.raises(StepRefused):
            Decision.from_json({**data, "follows": [{**burden, **change}]})
    for key in ("noticed", "end", "start", "ground", "kind", "rests_on"):
        less = {name: value for name, value in burden.items() if name != key}
        with pytest.raises(StepRefused):
            Decision.from_json({**data, "follows": [less]})
    with pytest.raises(StepRefused):
        Decision.from_json({name: value for name, value in data.items() if name != "matched"})


def test_a_step_is_a_person_and_a_moment() -> None:
    for odd in ({"by": ""}, {"by": " "}, {"at": "now"}, {"state": ""}):
        with pytest.raises(StepRefused):
            Step.from_json({"state": "previewed", "by": A, "at": NOW, **odd})
