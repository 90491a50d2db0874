from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import (
    AMINA,
    DAY,
    GOOD,
    LATE,
    NOW,
    approved,
    at,
    bill,
    by_law,
    confirmed,
    consent,
    decided,
    decided_by,
    entered,
    in_effect,
    scheme,
    scored,
    unperformed,
    variant,
)

from xinyong.decisions.clocks import clocks
from xinyong.decisions.deciding import decide
from xinyong.decisions.decision import Decision
from xinyong.decisions.letters import Language, letter
from xinyong.decisions.notice import Notice, write_notice
from xinyong.engine.what_if import what_would_change
from xinyong.errors import StepRefused
from xinyong.records.event import Event
from xinyong.scheme.library import wording

BOTH: tuple[Language, ...] = ("en", "zh-Hans")
SEE = "https://coop.example.org/my/record"


def notice(made: Decision | None = None, events: Sequence[Event] = LATE, **more: Any) -> Notice:
    changes = what_would_change(scheme(), events, subject=AMINA, day=DAY, known_by=NOW)
    given: dict[str, Any] = {"id": "notice-1", "given": DAY, "changes": changes, "see": SEE}
    return write_notice(made or confirmed(), scheme(), **(given | more))


def said(day: date, language: Language) -> str:
    return day.isoformat() if language == "en" else f"{day.year}年{day.month}月{day.day}日"


def own(language: Language) -> dict[str, str]:
    return {} if language == "en" else wording("a-fair-start", "zh-Hans")


# ------------------------------------------------------------------ what a letter must say


@pytest.mark.parametrize("language", BOTH)
def test_a_letter_says_why_what_from_when_and_what_can_be_done_by_which_day(
    language: Language,
) -> None:
    facts = notice()
    text = letter(facts, language, own(language))
    for day in (
        date(2027, 8, 10),  # the burden begins
        date(2027, 11, 10),  # and ends
        date(2027, 8, 9),  # an objection made today is answered
        date(2027, 8, 3),  # and marked
        date(2027, 10, 1),  # a second person can be asked
        DAY,
    ):
        assert said(day, language) in text, day
    words = own(language)
    for sentence in (
        "Fewer than 8 of 10 bills were paid on time",
        "Fewer than 6 bills are on record",
        "a person talks the application over with you before it is answered",
        "a second person",
        "We talk first",
        "Bills paid late",
        "with the answer",
        "the bill or instalment is paid or was no fault of yours",
    ):
        assert words.get(sentence, sentence) in text, sentence
    for exact in (SEE, "privacy@coop.example.org", "440", "120", "B1", "notice-1", "decision-1"):
        assert exact in text
    assert facts.ways[0].until == date(2027, 10, 1)
    # no general sentence, and no count of days where a day can stand
    for general in (
        "did not reach",
        "internal",
        "within 30 days",
        "60 days",
        "60天",
        "综合评分不足",
    ):
        assert general not in text


def test_days_count_from_the_day_of_the_letter() -> None:
    facts = notice(given=date(2027, 8, 5))
    assert facts.ways[0].until == date(2027, 10, 4)
    assert (facts.marked_by, facts.answered_by) == (date(2027, 8, 6), date(2027, 8, 12))
    assert facts.burdens[0].start == date(2027, 8, 13)


def test_the_scheme_asks_for_a_number_of_reasons() -> None:
    many = (*LATE, Event(AMINA, "month", at("2027-06-30"), at("2027-07-01"), "m",
                         {"money_in": 5, "money_out": 9}))  # fmt: skip
    for asked, rules in ((1, ["B1"]), (2, ["B1", "M1"]), (4, ["B1", "M1", "B2"])):
        shorter = variant(notice=scheme().rights.notice.model_copy(update={"reasons": asked}))  # type: ignore[union-attr]
        made = decided_by(
            shorter,
            many,
            consents=[consent(), consent(id="consent-2", data_sets=("account",))],
        )
        made = made.preview(by="x", at=NOW).confirm(by="x", at=NOW, note="x", disputed=())
        changes = what_would_change(shorter, many, subject=AMINA, day=DAY, known_by=NOW)
        facts = write_notice(made, shorter, id="n", given=DAY, changes=changes)
        assert [one.rule for one in facts.reasons] == rules


def test_a_reason_is_what_cost_points_to_the_point() -> None:
    whole = scored(LATE)
    facts = notice()
    assert {one.rule: one.lost for one in facts.reasons}.items() <= {
        one.rule: one.lost for one in whole.reasons
    }.items()
    assert facts.score == whole.score == 500 + sum(whole.points.values())


def test_what_would_change_it_holds_when_tried() -> None:
    facts = notice()
    assert {one.form for one in facts.would} >= {"row", "edge", "time"}
    text = letter(facts, "en")
    assert "If “Share of bills paid on time” were 0.8, the score would be 520" in text
    # try it: two more bills on time make 5 of 7; seven more make 10 of 12
    more = (*LATE, *(bill(n, True) for n in range(6, 13)))
    assert scored(more).band == "first"


def test_both_languages_say_the_same_days_numbers_and_rules() -> None:
    facts = notice()
    english, chinese = (letter(facts, language, own(language)) for language in BOTH)
    days = {date.fromisoformat(d) for d in re.findall(r"\d{4}-\d{2}-\d{2}", english)}
    told = re.findall(r"(\d{4})年(\d{1,2})月(\d{1,2})日", chinese)
    assert days == {date(int(y), int(m), int(d)) for y, m, d in told}
    rules = r"\b(?:B1|B2|C4|M1|S1|L1|L2)\b"
    assert set(re.findall(rules, english)) == set(
        re.findall(
            rules.replace(r"\b", r"(?<![A-Za-z0-9])", 1).replace(r"\b", r"(?![A-Za-z0-9])"), chinese
        )
    )
    scores = {one.score for one in facts.would} | {facts.score}
    for score in scores:
        assert str(score) in english and f"{score}分" in chinese


def test_with_its_own_wording_a_chinese_letter_holds_no_english_sentence() -> None:
    text = letter(notice(), "zh-Hans", own("zh-Hans"))
    assert "原文" not in text
    left = re.sub(
        r"https?://\S+|[\w.]+@[\w.]+|notice-1|decision-1|amina|a-fair-start|UTC", "", text
    )
    left = re.sub(r"摘要[0-9a-f]{16}", "", left)
    assert re.findall(r"[A-Za-z]{3,}", left) == []


def test_without_wording_the_schemes_sentences_are_quoted_as_they_are() -> None:
    text = letter(notice(), "zh-Hans")
    assert "“Fewer than 8 of 10 bills were paid on time”（原文）" in text
    assert "限制C4的适用条件：等级为“talk”（原文），并且（“Bills paid late”（原文）大于0" in text


def test_the_wording_covers_all_that_a_letter_can_quote() -> None:
    known = wording("a-fair-start", "zh-Hans")
    one = scheme()
    quoted = {one.title, *(band.name for band in one.bands)}
    quoted |= {band.title for band in one.bands if band.title}
    for spec in one.consequences:
        quoted |= {text for text in (spec.effect, spec.decided, spec.ends) if text}
    for line in one.score.add:
        data = line.model_dump()
        quoted |= {row["says"] for row in data.get("table", ())}
        quoted |= {data["missing"]["says"]} if data.get("missing") else set()
        quoted |= {data["says"]} if data.get("says") else set()
    quoted |= {variable.title for variable in one.variables.values() if variable.title}
    assert one.rights.repair and one.rights.review and one.operator
    quoted |= {one.rights.repair.when, one.rights.review.to, one.operator.name}
    assert quoted <= set(known)
    assert wording("sesame-2015", "zh-Hans") == {} == wording("a-fair-start", "../cases")


# ------------------------------------------------------------------ when it is refused


def test_no_letter_before_a_person_has_decided_none_too_late_none_of_another_scheme() -> None:
    with pytest.raises(StepRefused) as caught:
        notice(decided())
    assert caught.value.code == "out of order"
    with pytest.raises(StepRefused) as caught:
        notice(given=date(2027, 8, 6))
    assert caught.value.code == "too late"
    with pytest.raises(StepRefused) as caught:
        write_notice(confirmed(), variant(gravity=1), id="n", given=DAY, changes=())
    assert caught.value.code == "another"
    with pytest.raises(StepRefused) as caught:
        notice(changes=())
    assert caught.value.code == "no reasons"


def test_the_letter_and_the_decision_say_the_same_days() -> None:
    assert notice().follows == in_effect().follows == notice(in_effect()).follows
    with pytest.raises(StepRefused, match="another day"):
        notice(in_effect(), given=date(2027, 8, 3))


# ------------------------------------------------------------------ other letters


@pytest.mark.parametrize("language", BOTH)
def test_a_letter_about_benefits_alone(language: Language) -> None:
    facts = notice(decided(GOOD), GOOD)
    text = letter(facts, language, own(language))
    assert not facts.burdens and [one.id for one in facts.benefits] == ["C1", "C2"]
    assert said(date(2028, 8, 2), language) in text and "WHY" not in text and "、理由\n" not in text


@pytest.mark.parametrize("language", BOTH)
def test_a_letter_says_when_a_machine_decided(language: Language) -> None:
    solely = variant(automated="solely", decided=None)
    made = decided_by(solely)
    changes = what_would_change(solely, LATE, subject=AMINA, day=DAY, known_by=NOW)
    text = letter(write_notice(made, solely, id="n", given=DAY, changes=changes), language)
    assert ("by a machine" if language == "en" else "系统自动作出") in text


@pytest.mark.parametrize("language", BOTH)
def test_a_letter_about_a_list(language: Language) -> None:
    moment = at("2027-08-25T10:00:00", "Asia/Shanghai")
    events = (unperformed(),)
    day = date(2027, 8, 25)
    score = scored(events, "city", day=day, known_by=moment)
    made = decide(
        approved("city", "cn"), score, events, [by_law()], id="d", sequence=3, moment=moment,
        place="cn", by="Ms Qin", matched="strong identifier", disputed=(), listings=[entered()],
    )  # fmt: skip
    made = made.preview(by="Ms Qin", at=moment).confirm(
        by="Ms Qin", at=moment, note="x", disputed=()
    )
    changes = what_would_change(scheme("city"), events, subject=AMINA, day=day, known_by=moment)
    facts = write_notice(made, scheme("city"), id="n", given=day, changes=changes)
    text = letter(facts, language)
    assert facts.burdens[0].held[0].value == "listed"
    assert "Persons who can perform a judgment and do not" in text
    assert ("已列入" if language == "zh-Hans" else "listed") in text


# ------------------------------------------------------------------ any history at all


@settings(max_examples=60)
@given(
    on_time=st.lists(st.booleans(), max_size=14),
    lost=st.sets(st.integers(0, 13), max_size=4),
    steps=st.integers(0, 3),
)
def test_whatever_happened_a_decision_and_its_letter_are_whole(
    on_time: list[bool], lost: set[int], steps: int
) -> None:
    events = tuple(bill(n + 1, good) for n, good in enumerate(on_time))
    away = {event.id for n, event in enumerate(events) if n in lost}
    made = decided(events, disputed=away)
    counting = [event for event in events if event.id not in away]
    assert Decision.from_json(made.to_json()) == made
    for burden in made.burdens:
        assert burden.rests_on and not set(burden.rests_on) & away
        assert (
            burden.id in scored(events).consequences and burden.id in scored(counting).consequences
        )
        assert burden.id not in scored(()).consequences
    assert not made.in_force(NOW) or all(one.kind == "benefit" for one in made.in_force(NOW))
    if made.burdens:
        for act in (
            lambda d: d.preview(by="x", at=NOW),
            lambda d: d.confirm(by="x", at=NOW, note="x", disputed=away),
            lambda d: d.noticed("n", by="x", at=NOW, disputed=away),
        )[:steps]:
            made = act(made)
            assert Decision.from_json(made.to_json()) == made
    if made.ready or made.state == "in effect":
        changes = what_would_change(scheme(), counting, subject=AMINA, day=DAY, known_by=NOW)
        facts = write_notice(made, scheme(), id="n", given=DAY, changes=changes)
        assert Notice.from_json(facts.to_json()) == facts
        for language in BOTH:
            text = letter(facts, language, own(language))
            assert facts.burdens == () or all(one.rule in text for one in facts.reasons)


def test_every_clock_has_a_source() -> None:
    found = clocks(scheme(), ("eu",))
    assert all(one.name and one.term and one.source for one in found)
    assert {one.name for one in found} >= {
        "notice of C4", "appeal against C4", "end of C4", "a dispute is decided",
    }  # fmt: skip
    city = clocks(scheme("city"), ("cn",))
    assert ("removal from 'defaulters'", "3 working days") in {(c.name, c.term) for c in city}
    assert replace(found[0], term="x").term == "x"
