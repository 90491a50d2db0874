"""The clocks of Zibo: what the text says and leaves open; nothing follows by itself."""

from datetime import date, datetime

import numpy as np
import pytest

from xinyong.days import Term, instant
from xinyong.decisions.inspections import (
    CLOCKS,
    IN_FORCE,
    ZONE,
    Inspection,
    can_show_exceedance,
    check,
    kept_until,
    of_fault,
    open_inspection,
    reply,
    to_mark,
)
from xinyong.errors import QuestionRefused, StepRefused
from xinyong.records import uscc
from xinyong.records.sensors.flags import Flag
from xinyong.records.sensors.instrument import HOUR, Instrument
from xinyong.records.sensors.kinds import Kind
from xinyong.records.sensors.series import Series

(FIRM,) = uscc.draw(np.random.default_rng(2), 1)


def at(*parts: int) -> int:
    return instant(datetime(*parts, tzinfo=ZONE))  # type: ignore[arg-type, misc]


FLAG = Flag(
    firm=FIRM, instrument="kiln", substance="dust", kind=Kind.COPIED,
    start=at(2024, 9, 16), end=at(2024, 9, 23), evidence="168 readings equal those of May",
    false_alarms_per_10000=100,
)  # fmt: skip


def opened(day: date = date(2024, 9, 27)) -> Inspection:
    return open_inspection("i1", FLAG, day)


# ------------------------------------------------------------------ clocks


def test_lengths_that_stand_in_the_text_are_those_of_the_text() -> None:
    text = {name: str(clock.term) for name, clock in CLOCKS.items() if clock.basis == "text"}
    assert text == {
        "test by hand": "24 hours",
        "standby device": "72 hours",
        "keep records": "5 years",
        "keep files": "3 years",
    }
    assert date(2022, 3, 1) == IN_FORCE
    assert all(clock.article and clock.source and clock.duty for clock in CLOCKS.values())


def test_a_fault_has_its_clocks_to_the_hour() -> None:
    began = at(2024, 9, 27, 22)
    found = of_fault(began, began + HOUR)
    assert found.report_by == began + 12 * HOUR
    assert found.test_by_hand_from == began + 24 * HOUR
    assert found.standby_from == began + 72 * HOUR
    # Friday 27 September; Sunday 29 is a make-up day; 1 to 7 October are holidays
    assert found.mend_by == date(2024, 10, 10)


def test_prescribed_terms_go_before_ours() -> None:
    began = at(2024, 9, 27, 22)
    terms = {"mend": Term.parse("2 working days"), "report a fault": Term.parse("4 hours")}
    found = of_fault(began, began, terms)  # type: ignore[arg-type]
    assert found.report_by == began + 4 * HOUR and found.mend_by == date(2024, 9, 30)
    with pytest.raises(QuestionRefused, match="not in hours"):
        of_fault(began, began, {"test by hand": Term.parse("1 day")})


def test_nothing_runs_before_the_regulation() -> None:
    before = at(2022, 2, 28, 23)
    with pytest.raises(QuestionRefused, match="no clocks"):
        of_fault(before, before)
    assert of_fault(before + HOUR, before + HOUR).standby_from == before + 73 * HOUR
    with pytest.raises(QuestionRefused, match="before it begins"):
        of_fault(at(2024, 1, 2), at(2024, 1, 1))


def test_days_with_hours_that_nobody_marked_are_owed_the_day_after() -> None:
    state = np.ones(72, np.uint8)
    state[5:8] = 0  # missing
    state[30] = 3  # doubtful
    state[50:60] = 2  # marked by the unit: nothing is owed
    kiln = Instrument("kiln", FIRM, "dust", "ug/m3", 1000)
    found = to_mark(Series(kiln, at(2024, 9, 27), np.zeros(72, np.int64), state))
    assert [(one.day.day, one.hours, one.by.day) for one in found] == [(27, 3, 28), (28, 1, 29)]
    early = Series(kiln, at(2022, 2, 27), np.zeros(72, np.int64), np.zeros(72, np.uint8))
    assert [one.day for one in to_mark(early)] == [IN_FORCE]


@pytest.mark.parametrize(
    ("marked", "ran", "counts"),
    [(True, True, False), (True, False, True), (False, True, True), (False, False, True)],
)
def test_marked_data_of_a_plant_that_runs_as_it_should_show_no_exceedance(
    marked: bool, ran: bool, counts: bool
) -> None:
    assert can_show_exceedance(marked, ran) is counts


def test_records_are_kept_five_years_and_files_three() -> None:
    assert kept_until(date(2024, 2, 29), "keep records") == date(2029, 2, 28)
    assert kept_until(date(2024, 2, 29), "keep files") == date(2027, 2, 28)


# ------------------------------------------------------------------ inspections


def test_both_clocks_run_in_working_days_over_the_holidays() -> None:
    one = opened()
    assert one.reply_by == date(2024, 10, 10) and one.check_by == date(2024, 10, 16)
    assert one.overdue(date(2024, 10, 10)) == ()
    assert one.overdue(date(2024, 10, 11)) == ("reply",)
    assert one.overdue(date(2024, 10, 17)) == ("reply", "check")


def test_a_reply_stops_its_clock_even_late_and_a_check_stops_both() -> None:
    late = reply(opened(), date(2024, 10, 20), "the logger was changed in May")
    assert late.overdue(date(2024, 10, 21)) == ("check",)
    done = check(late, date(2024, 10, 22), "Inspector Wu", "fault", "a logger set to replay")
    assert done.overdue(date(2025, 1, 1)) == () and done.found == "fault"


def test_no_finding_before_the_unit_could_reply() -> None:
    early = date(2024, 9, 30)
    with pytest.raises(StepRefused, match="before the unit could reply"):
        check(opened(), early, "Inspector Wu", "grounds for a case", "two pipes")
    assert check(opened(), early, "Inspector Wu", "nothing").found == "nothing"
    answered = reply(opened(), early, "come and see")
    assert check(answered, early, "Inspector Wu", "grounds for a case", "two pipes").by


def test_each_step_is_taken_once_and_whole() -> None:
    one = reply(opened(), date(2024, 9, 30), "come and see")
    with pytest.raises(StepRefused):
        reply(one, date(2024, 9, 30), "again")
    done = check(one, date(2024, 9, 30), "Inspector Wu", "nothing")
    for step in (
        lambda: check(done, date(2024, 10, 1), "Inspector Wu", "nothing"),
        lambda: reply(done, date(2024, 10, 1), "too late"),
        lambda: check(one, date(2024, 9, 30), "Inspector Wu", "fault"),
        lambda: check(one, date(2024, 9, 26), "Inspector Wu", "nothing"),
        lambda: reply(opened(), date(2024, 9, 26), "before it was opened"),
        lambda: reply(opened(), date(2024, 9, 30), ""),
    ):
        with pytest.raises(StepRefused):
            step()


def test_an_inspection_waits_for_the_end_of_the_week_it_is_about() -> None:
    with pytest.raises(QuestionRefused, match="has not ended"):
        opened(date(2024, 9, 21))
    assert opened(date(2024, 9, 22)).opened == date(2024, 9, 22)


def test_an_inspection_goes_into_plain_data_and_back_and_holds_no_consequence() -> None:
    done = check(opened(), date(2024, 10, 22), "Inspector Wu", "fault", "a stuck pump")
    assert Inspection.from_json(done.to_json()) == done
    assert set(done.to_json()) == {
        "id", "flag", "opened", "reply_by", "check_by", "checked", "by", "found", "grounds",
    }  # fmt: skip
