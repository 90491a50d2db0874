from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from stories import AMINA, DAY, NOW, at, entered, scheme

from xinyong.decisions.dispute import Dispute, Mended, open_dispute
from xinyong.decisions.letters import Language, letter
from xinyong.decisions.told import Told, of_dispute, of_listing, sender_of
from xinyong.scheme.library import wording

BOTH: tuple[Language, ...] = ("en", "zh-Hans")
SAID = "This bill was paid on the second."


def dispute() -> Dispute:
    return open_dispute(
        scheme(), id="dispute-1", subject=AMINA, about="events", events=["bill-4"],
        statement=SAID, source="A landlord", at=NOW, place="eu",
    ).take(by="Ms Roy", at=NOW + 1)  # fmt: skip


def said(day: date, language: Language) -> str:
    return day.isoformat() if language == "en" else f"{day.year}年{day.month}月{day.day}日"


def pair(one: Dispute, kind: Any, **more: Any) -> tuple[Told, Told]:
    mine, theirs = of_dispute(one, sender_of(scheme()), kind, id="letter-1", at=NOW + 2, **more)
    for facts in (mine, theirs):
        assert Told.from_json(facts.to_json()) == facts
    return mine, theirs


@pytest.mark.parametrize("language", BOTH)
def test_the_subject_is_told_every_day_and_the_source_no_more_than_it_must(
    language: Language,
) -> None:
    mine, theirs = pair(dispute(), "dispute opened")
    text = letter(mine, language, wording("a-fair-start", "zh-Hans") if language != "en" else {})
    for day in (date(2027, 8, 3), date(2027, 8, 9), date(2027, 10, 1)):
        assert said(day, language) in text
    for exact in (SAID, "bill-4", "dispute-1", "Ms Roy", "privacy@coop.example.org"):
        assert exact in text
    source = letter(theirs, language)
    assert "bill-4" in source and said(date(2027, 8, 9), language) in source
    assert SAID not in source and AMINA not in source and "Ms Roy" not in source
    assert SAID in letter(pair(dispute(), "dispute opened", pass_on=True)[1], language)


@pytest.mark.parametrize("language", BOTH)
def test_each_outcome_is_told_with_its_grounds(language: Language) -> None:
    words = {
        "kept": ("count again", "维持不变"),
        "deleted": ("are deleted", "已删除"),
        "corrected": ("are corrected", "已更正"),
    }
    texts = set()
    for found, signs in words.items():
        fields = [Mended(event="bill-4", field="on_time", value=True)]
        one = dispute().decide(
            found, by="Ms Roy", at=NOW + 2, grounds="the bank shows it",
            fields=fields if found == "corrected" else (),
        )  # type: ignore[arg-type]  # fmt: skip
        for facts in pair(one, "dispute decided"):
            text = letter(facts, language)
            assert signs[BOTH.index(language)] in text and "the bank shows it" in text
            if found == "corrected":
                assert "on_time" in text and ("yes" if language == "en" else "是") in text
            texts.add(text)
    assert len(texts) == 6


@pytest.mark.parametrize("language", BOTH)
def test_more_time_and_no_decision_in_time_are_told(language: Language) -> None:
    longer = dispute().extend(by="Ms Roy", at=NOW + 2, grounds="the landlord is away")
    for facts in pair(longer, "dispute extended"):
        assert said(date(2027, 8, 16), language) in letter(facts, language)
    texts = set()
    for on_timeout in ("removed", "left out", "kept"):
        for facts in pair(replace(dispute(), on_timeout=on_timeout), "dispute timed out"):
            text = letter(facts, language)
            assert said(date(2027, 8, 9), language) in text
            again = "count again" if language == "en" else "重新计入"
            assert (again in text) == (on_timeout == "kept")
            texts.add(text)
    assert len(texts) == 6


@pytest.mark.parametrize("language", BOTH)
def test_every_step_of_a_listing_is_told(language: Language) -> None:
    city = scheme("city")
    one = entered()
    sender = sender_of(city, one.list)
    (told,) = of_listing(one, sender, "listing announced", id="l", given=DAY)
    text = letter(told, language)
    for day in (one.effective, one.end, date(2027, 8, 12)):
        assert said(day, language) in text
    for exact in ("Provisions of 2017", "a judge", "decision 12 of 2027", "judgment-1"):
        assert exact in text
    asked = one.ask_repair(date(2027, 9, 1), "paid")
    (told,) = of_listing(asked, sender, "repair asked", id="l", given=date(2027, 9, 1))
    assert said(date(2027, 9, 6), language) in letter(told, language)
    no = asked.answer_repair(date(2027, 9, 2), by="x", grounds="only half", granted=False)
    (told,) = of_listing(no, sender, "repair refused", id="l", given=date(2027, 9, 2))
    assert "only half" in letter(told, language)
    gone = one.removed(date(2027, 9, 2), by="x", grounds="paid in full")
    mine, theirs = of_listing(
        gone,
        sender,
        "listing removed",
        id="l",
        given=date(2027, 9, 2),
        shown_to=[("A bank", "r-1")],
    )
    assert said(date(2027, 9, 2), language) in letter(mine, language)
    assert "r-1" in letter(theirs, language)
    wrong = one.found_wrong(date(2027, 9, 2), by="x", grounds="another person of that name")
    mine, theirs = of_listing(
        wrong, sender, "listing void", id="l", given=date(2027, 9, 2), shown_to=[("A bank", "r-1")]
    )
    text = letter(mine, language)
    assert "compensation by the State" in text and "another person of that name" in text
    for secret in (AMINA, one.id, "judgment", "another person"):
        assert secret not in letter(theirs, language)
    assert at("2027-09-02") > NOW
