from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from stories import (
    AMINA,
    DAY,
    GOOD,
    LATE,
    NOW,
    approved,
    at,
    consent,
    decided,
    decided_by,
    scheme,
    scored,
    variant,
)

from xinyong.charter.approval import ApprovedScheme, clauses_digest, code_digest
from xinyong.days import Period, Term
from xinyong.decisions.deciding import decide
from xinyong.decisions.decision import Decision
from xinyong.engine import plain
from xinyong.errors import CharterRefused, StepRefused
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme, Variable


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
    # The store strikes a disputed record for as long as it is disputed: the same comes out.
    struck = (*LATE, *(replace(one, struck_at=NOW - 1) for one in many[5:]))
    again = decided(struck, disputed={one.id for one in many[5:]})
    assert again.left_out == because.left_out


def test_a_score_of_other_events_is_refused() -> None:
    with pytest.raises(StepRefused, match="not that of these events"):
        decided(LATE, score=scored(GOOD))
    for odd in ({"score": 441}, {"band": "first"}, {"consequences": ()}, {"reasons": ()}):
        with pytest.raises(StepRefused, match="not that of these events"):
            decided(LATE, score=replace(scored(LATE), **odd))


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


# ------------------------------------------------------------------ what a forger meets


@pytest.mark.parametrize("odd", [None, "a-fair-start", scheme()])
def test_at_run_time_too_nothing_but_an_approved_scheme_decides(odd: object) -> None:
    with pytest.raises(StepRefused) as caught:
        decide(
            odd, scored(LATE), LATE, [consent()], id="d", sequence=1, moment=NOW, place="eu",
            by="x", matched="strong identifier", disputed=(),
        )  # type: ignore[arg-type]  # fmt: skip
    assert caught.value.code == "not approved"


def test_a_forged_approval_is_read_again() -> None:
    forged = object.__new__(ApprovedScheme)
    lab = scheme().model_copy(update={"use": "lab"})
    for name, value in (
        ("scheme", lab), ("places", ("eu",)), ("day", DAY), ("clauses_digest", "0" * 64),
        ("code_digest", "0" * 64), ("report", approved().report),
    ):  # fmt: skip
        object.__setattr__(forged, name, value)
    with pytest.raises(CharterRefused):
        decided(approved=forged, score=plain.score(lab, LATE, subject=AMINA, day=DAY, known_by=NOW))
    good = object.__new__(ApprovedScheme)
    for name, value in (
        ("scheme", scheme()), ("places", ("eu",)), ("day", DAY), ("clauses_digest", "0" * 64),
        ("code_digest", "0" * 64), ("report", approved().report),
    ):  # fmt: skip
        object.__setattr__(good, name, value)
    assert decided(approved=good).clauses == clauses_digest()


# ------------------------------------------------------------------ absence, and how many together


def with_burden(when: str, **more: object) -> Scheme:
    """A fair start whose burden follows under another condition."""
    return variant(when=when).model_copy(update=more)


def bills_held(when: str, known_if: str) -> Scheme:
    """A burden that looks at how many bills are held."""
    held = Variable.model_validate(
        {"title": "Bills held", "count": "bill", "within": Period.parse("24 months"),
         "known_if": known_if}
    )  # fmt: skip
    return with_burden(when, variables={**scheme().variables, "held": held})


MAY = at("2027-05-31")
ASKED = Event(AMINA, "coverage", MAY, MAY, "asked", {"data_set": "bills"})


def test_what_rests_on_no_event_is_no_ground_whatever_else_is_known() -> None:
    changed = bills_held("held == 0", "any month")
    account = Event(AMINA, "month", MAY, MAY, "m", {"money_in": 5, "money_out": 9})
    agreed = [consent(id="consent-2", data_sets=("account",))]
    outcome = plain.score(changed, [account], subject=AMINA, day=DAY, known_by=NOW)
    nothing = plain.score(changed, (), subject=AMINA, day=DAY, known_by=NOW)
    assert "C4" in outcome.consequences and "C4" not in nothing.consequences
    assert decided_by(changed, [account], consents=agreed).left_out[0].why == "absence"


def test_what_would_follow_from_knowing_nothing_is_no_ground_even_with_events() -> None:
    changed = bills_held("held == 0 or late > 0", "any bill or covered bills")
    assert decided_by(changed, LATE).burdens
    assert decided_by(changed, [*LATE, ASKED]).left_out[0].why == "absence"


def test_that_a_source_was_asked_and_knew_nothing_is_no_ground() -> None:
    changed = bills_held("held == 0", "any bill or covered bills")
    asked = ASKED
    outcome = plain.score(changed, [asked], subject=AMINA, day=DAY, known_by=NOW)
    assert "C4" in outcome.consequences
    made = decided_by(changed, [asked])
    assert not made.burdens and made.left_out[0].why == "absence"
    # an old bill, out of the window, makes it no better
    old = Event(AMINA, "bill", at("2024-01-01"), at("2024-01-02"), "old", {"on_time": False})
    assert decided_by(changed, [asked, old]).left_out[0].why == "absence"


def test_no_more_burdens_together_than_the_scheme_allows() -> None:
    one = scheme()
    fourth = one.consequences[3]
    others = tuple(fourth.model_copy(update={"id": name}) for name in ("C5", "C6"))
    for together, left in ((1, ["C5", "C6"]), (2, ["C6"]), (3, [])):
        changed = one.model_copy(
            update={"consequences": (*one.consequences, *others), "burdens_together": together}
        )
        made = decided_by(changed)
        assert [lost.consequence for lost in made.left_out] == left
        assert all(lost.why == "together" for lost in made.left_out)
        assert len(made.burdens) == together


def test_a_consent_that_is_over_stops_every_later_step() -> None:
    grave = decided_by(variant(gravity=4)).preview(by="Ms Okafor", at=NOW)
    over = [consent().withdrawn(NOW)]
    for consents in ([], over, [consent(subject="ben")], [consent(id="another")]):
        with pytest.raises(StepRefused) as caught:
            grave.confirm(by="Ms Okafor", at=NOW, note="x", disputed=(), consents=consents)
        assert caught.value.code == "no consent"
    sure = grave.confirm(by="Ms Okafor", at=NOW, note="x", disputed=(), consents=[consent()])
    with pytest.raises(StepRefused):
        sure.second(by="Mr Lee", at=NOW, note="x", disputed=(), consents=over)
    sure = sure.second(by="Mr Lee", at=NOW, note="x", disputed=(), consents=[consent()])
    with pytest.raises(StepRefused):
        sure.noticed("n", by="x", at=NOW, disputed=(), consents=over)
    assert sure.drop(by="x", at=NOW, note="no consent").state == "dropped"


def test_a_scheme_for_firms_decides_about_firms() -> None:
    firm, moment = "firm-1", at("2027-06-01", "Asia/Shanghai")
    events = [
        Event(firm, "reading", moment + n, moment + n, f"r{n}", {"over": True}) for n in range(5)
    ]
    known = at("2027-08-02T10:00:00")
    basis = consent(
        subject=firm, scheme="firms", purpose=scheme("firms").purpose,
        operator="An environment bureau", data_sets=("sensors",), basis="law:Zibo Regulation",
    )  # fmt: skip
    score = plain.score(scheme("firms"), events, subject=firm, day=DAY, known_by=known)
    made = decide(
        approved("firms", "cn"), score, events, [basis], id="d", sequence=1, moment=known,
        place="cn", by="x", matched="strong identifier", disputed=(),
    )  # fmt: skip
    assert [one.id for one in made.burdens] == ["C2"] and made.by_person and not made.second_person
    assert made.grace == "15 days" and made.begins(DAY) == date(2027, 8, 18)
