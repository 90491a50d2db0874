from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from stories import AMINA, DAY, GOOD, LATE, NOW, approved, at, consent, decided, scheme, scored

from xinyong.charter.approval import clauses_digest, code_digest
from xinyong.days import Term
from xinyong.decisions.decision import Decision
from xinyong.errors import CharterRefused, StepRefused
from xinyong.records.event import Event


def test_benefits_follow_at_once_and_burdens_wait_for_a_person() -> None:
    good = decided(GOOD)
    assert good.state == "in effect" and not good.burdens
    assert [one.id for one in good.in_force(NOW)] == ["C1", "C2"]
    assert all(one.start == DAY and one.end == date(2028, 8, 2) for one in good.follows)
    late = decided()
    assert late.state == "proposed" and [one.id for one in late.burdens] == ["C4"]
    assert late.burdens[0].start is None
    assert late.in_force(NOW) == () == late.in_force(at("2027-12-01"))


def test_a_decision_names_what_it_was_made_by() -> None:
    late = decided()
    assert late.key.scheme == scheme().digest
    assert (late.clauses, late.code) == (clauses_digest(), code_digest())
    assert (late.key.subject, late.key.day, late.key.sequence) == (AMINA, DAY, 9)
    assert late.consents == ("consent-1",)
    assert late.used == tuple(sorted(event.id for event in LATE))
    assert Decision.from_json(late.to_json()) == late


def test_the_reasons_are_those_used_and_not_that_nothing_is_known() -> None:
    assert [reason.rule for reason in scored(LATE).reasons] == ["B1", "L1", "L2", "B2"]
    assert [(one.rule, one.lost) for one in decided().reasons] == [("B1", 120), ("B2", 40)]
    held = {one.name: one.value for one in decided().burdens[0].held}
    assert held == {"late": "2", "late_instalments": "unknown", "band": "talk"}


@pytest.mark.parametrize("matched", [None, "name", "", "strong"])
def test_no_burden_without_a_strong_match(matched: object) -> None:
    made = decided(matched=matched)
    assert not made.burdens
    assert [(one.consequence, one.why) for one in made.left_out] == [("C4", "match")]


def test_no_burden_on_a_disputed_record_nor_because_of_one() -> None:
    made = decided(disputed={"bill-1"})
    assert [one.why for one in made.left_out] == []  # 2 of 4 late, without it as with it
    assert "bill-1" not in made.burdens[0].rests_on
    everything = decided(disputed={"bill-4", "bill-5"})
    assert not everything.burdens
    # Bills 6 to 12 on time would lift the score; that they are disputed must not bring the talk.
    many = (*LATE, *(replace(GOOD[n], id=f"more-{n}") for n in range(7)))
    because = decided(many, disputed={f"more-{n}" for n in range(7)})
    assert "C4" in scored(LATE).consequences and not because.burdens
    assert [(one.consequence, one.why) for one in because.left_out] == [("C4", "dispute")]


def test_a_score_of_other_events_is_refused() -> None:
    with pytest.raises(StepRefused, match="not that of these events"):
        decided(LATE, score=scored(GOOD))
    with pytest.raises(StepRefused, match="not that of these events"):
        decided(LATE, score=replace(scored(LATE), score=441))


def test_nothing_is_decided_without_consent() -> None:
    account = Event(
        AMINA, "month", at("2027-05-31"), at("2027-06-01"), "m", {"money_in": 5, "money_out": 1}
    )
    for events, consents in (
        (LATE, []),
        (LATE, [consent().withdrawn(NOW)]),
        (LATE, [consent(until=NOW)]),
        (LATE, [consent(subject="ben")]),
        ((), []),
        ((*LATE, account), [consent()]),
    ):
        with pytest.raises(StepRefused) as caught:
            decided(events, consents=consents)
        assert caught.value.code == "no consent"


def test_the_approval_is_read_again_on_the_day_for_the_place() -> None:
    with pytest.raises(StepRefused, match="not approved there"):
        decided(place="cn")
    with pytest.raises(StepRefused, match="not in force"):
        decided(approved=approved(day=date(2027, 8, 3)))
    later = at("2028-01-10T10:00:00")
    with pytest.raises(CharterRefused):
        decided(
            moment=later,
            approved=approved(day=date(2027, 11, 1)),
            score=scored(LATE, day=date(2028, 1, 10), known_by=later),
        )


def test_an_old_score_brings_no_burden_and_a_future_one_nothing() -> None:
    later = at("2027-09-03T10:00:00")
    assert [one.why for one in decided(moment=later).left_out] == ["stale"]
    assert decided(moment=at("2027-09-02T10:00:00")).burdens
    with pytest.raises(StepRefused, match="future"):
        decided(moment=NOW - 1)


def test_the_grace_can_be_longer_never_shorter() -> None:
    assert decided(grace=Term(9, "working day")).grace == "9 working days"
    for short in (Term(4, "working day"), Term(9, "day"), Term(1, "hour")):
        with pytest.raises(StepRefused, match="shorter"):
            decided(grace=short)
