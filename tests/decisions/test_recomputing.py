from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories import (
    AMINA,
    GOOD,
    LATE,
    NOW,
    at,
    bill,
    decided,
    entered,
    in_effect,
    scheme,
    scored,
)

from xinyong.decisions.decision import Decision
from xinyong.decisions.letters import letter
from xinyong.decisions.recomputing import (
    Correction,
    Recomputed,
    groundless,
    handed_over,
    recompute,
    touched,
)
from xinyong.decisions.told import sender_of
from xinyong.errors import StepRefused
from xinyong.records.event import Event

LATER = at("2027-09-01T09:00:00")
LENDER = ("A lender", "share-7")


def correction(*events: str, **changes: Any) -> Correction:
    fields: dict[str, Any] = {
        "id": "correction-1", "subject": AMINA, "events": events or ("bill-4",), "at": LATER,
        "by": "Ms Roy", "why": "it was paid in time", "dispute": "dispute-1",
    }  # fmt: skip
    return Correction(**(fields | changes))


def mended(*ids: str, events: Sequence[Event] = LATE) -> list[Event]:
    return [replace(e, fields={"on_time": True}) if e.id in ids else e for e in events]


def again(events: Iterable[Event]) -> Any:
    """Scores the corrected records for the old day, with what is known now, and decides."""
    here = list(events)

    def decide_again(old: Decision) -> Decision:
        score = scored(here, day=old.key.day, known_by=LATER)
        return decided(
            here, score=score, id=f"{old.id}-again", sequence=old.key.sequence + 5, moment=LATER,
            by="Ms Roy", replaces=old,
        )  # fmt: skip

    return decide_again


def run(
    old: Sequence[Decision], events: Iterable[Event], what: Correction | None = None
) -> tuple[Recomputed, ...]:
    return recompute(
        what or correction(),
        old,
        again(events),
        lambda _: sender_of(scheme()),
        lambda _: [LENDER],
        id="told",
    )


def test_a_correction_finds_the_decisions_that_looked_at_the_record() -> None:
    one = in_effect()
    other = replace(one, id="decision-2", subject="ben", key=replace(one.key, subject="ben"))
    assert touched(correction(), [one, other]) == (one,)
    assert touched(correction("bill-99"), [one]) == ()
    newer = replace(one, id="decision-3", replaces=one.id)
    assert touched(correction(), [one, newer]) == (newer,)
    dropped = decided().drop(by="x", at=NOW, note="x")
    assert touched(correction(), [dropped]) == ()
    # a record that was looked at and did not count can count once it is corrected
    assert "bill-1" in one.used and touched(correction("bill-1"), [one]) == (one,)


def test_what_no_longer_follows_ends_and_everybody_is_told() -> None:
    old = in_effect()
    assert old.in_force(LATER)
    (found,) = run([old], mended("bill-4", "bill-5"), correction("bill-4", "bill-5"))
    assert found.changed == ("score", "band", "reasons", "benefits", "burdens")
    assert found.new is not None and found.new.replaces == old.id
    assert [one.id for one in found.new.in_force(LATER)] == ["C1"]
    # the old one is kept, with an end; before the correction it was in force as it was
    assert found.old.id == old.id and found.old.state == "ended"
    assert not found.old.in_force(LATER) and found.old.in_force(at("2027-08-31"))
    assert found.old.steps[: len(old.steps)] == old.steps
    assert [(one.to, one.whom, one.about) for one in found.told] == [
        ("subject", AMINA, old.id),
        ("recipient", "A lender", "share-7"),
    ]
    for language in ("en", "zh-Hans"):
        mine, theirs = (letter(one, language) for one in found.told)  # type: ignore[arg-type]
        assert old.id in mine and found.new.id in mine and "bill-4" in mine
        # a recipient learns nothing but that what it was given no longer holds
        for secret in (AMINA, old.id, found.new.id, "bill", "440", "C4"):
            assert secret not in theirs
        assert "share-7" in theirs


def test_what_still_follows_goes_on_until_the_new_decision_is_in_effect() -> None:
    three = (bill(1, True), bill(2, True), bill(3, False), bill(4, False), bill(5, False))
    before = in_effect(events=three)
    (found,) = run([before], mended("bill-4", events=three))
    assert found.changed == ("reasons",)  # two late bills in the place of three
    assert found.new is not None and found.new.state == "proposed"
    assert found.old.state == "in effect" and found.old.in_force(LATER)
    new = found.new.preview(by="x", at=LATER).confirm(by="x", at=LATER, note="x", disputed=())
    with pytest.raises(StepRefused):
        handed_over(found.old, new, by="x", at=LATER)
    new = new.noticed("n2", by="x", at=LATER, disputed=())
    gone = handed_over(found.old, new, by="x", at=LATER)
    assert gone.state == "ended" and not gone.in_force(LATER)
    # the new one lasts no longer than the old one would have
    assert new.burdens[0].end == before.burdens[0].end == date(2027, 11, 10)


def test_a_correction_that_changes_nothing_brings_nothing() -> None:
    many = [*GOOD, *(replace(one, id=f"more-{one.id}") for one in GOOD)]
    old = decided(many)
    (found,) = run([old], many[1:], correction("bill-1"))
    assert found.new is None and found.changed == () and found.told == () and found.old == old


def test_a_correction_brings_no_new_burden() -> None:
    old = decided(GOOD[:5])
    assert "C4" in scored(LATE).consequences and not old.burdens
    (found,) = run([old], LATE, correction("bill-4", "bill-5"))
    assert found.new is not None and not found.new.burdens
    assert [(one.consequence, one.why) for one in found.new.left_out] == [("C4", "new")]
    # benefits that were given are not taken back before they run out
    assert [one.id for one in found.old.in_force(LATER)] == ["C1"]


def test_a_decision_whose_letter_is_not_out_is_dropped() -> None:
    for old in (decided(), decided().preview(by="x", at=NOW)):
        (found,) = run([old], mended("bill-4", "bill-5"), correction("bill-4", "bill-5"))
        assert found.old.state == "dropped" and found.new is not None


def test_where_nobody_may_score_any_more_the_burden_ends_all_the_same() -> None:
    old = in_effect()
    (found,) = recompute(
        correction(),
        [old],
        lambda _: None,
        lambda _: sender_of(scheme()),
        lambda _: [LENDER],
        id="told",
    )
    assert found.new is None and found.changed == ("burdens",) and len(found.told) == 2
    assert not found.old.in_force(LATER)
    good = decided(GOOD)
    (found,) = recompute(
        correction("bill-1"),
        [good],
        lambda _: None,
        lambda _: sender_of(scheme()),
        lambda _: [],
        id="told",
    )
    assert found.changed == () and found.old == good


@settings(max_examples=60)
@given(
    before=st.lists(st.booleans(), min_size=1, max_size=12),
    after=st.lists(st.sampled_from([True, False, None]), min_size=12, max_size=12),
)
def test_whatever_is_corrected_nothing_gets_worse(
    before: list[bool], after: list[bool | None]
) -> None:
    """Each bill may be turned over, or (None) struck out."""
    old = [bill(n + 1, good) for n, good in enumerate(before)]
    new = [
        replace(event, fields={"on_time": turned})
        for event, turned in zip(old, after, strict=False)
        if turned is not None
    ]
    made = decided(old)
    if made.burdens:
        made = in_effect(events=old)
    (found,) = run([made], new, correction(*(event.id for event in old)))
    held = {one.id: one for one in made.burdens}
    here = [one for one in found.old.in_force(LATER) if one.kind == "burden"]
    if found.new is None:
        assert found.old == made
        return
    assert {one.id for one in found.new.burdens} <= set(held)
    assert {one.id for one in here} <= {one.id for one in found.new.burdens}
    assert found.old.steps[: len(made.steps)] == made.steps
    for one in found.new.burdens:
        later = found.new.would_follow(date(2027, 9, 1))
        assert all(n.end is not None and n.end <= held[one.id].end for n in later if n.id == one.id)  # type: ignore[operator]
    assert {one.to for one in found.told} == {"subject", "recipient"}


@pytest.mark.parametrize(
    "change",
    [
        {"replaces": None},
        {"id": "decision-1"},
        {"subject": "ben"},
        {"moment": LATER - 1},
        {"sequence": 9},
        {"day": date(2027, 8, 1)},
        {"scheme": "0" * 64},
    ],
)
def test_another_question_is_no_recomputing(change: dict[str, Any]) -> None:
    old = in_effect()
    made = again(mended("bill-4"))(old)

    def odd(_: Decision) -> Decision:
        key = {n: v for n, v in change.items() if n in ("sequence", "day", "scheme", "subject")}
        rest = {n: v for n, v in change.items() if n not in ("sequence", "day", "scheme")}
        if "moment" in rest:
            rest["steps"] = tuple(replace(one, at=LATER - 1) for one in made.steps)
        return replace(made, key=replace(made.key, **key), **rest)

    with pytest.raises(StepRefused):
        recompute(correction(), [old], odd, lambda _: sender_of(scheme()), lambda _: [], id="told")


def test_a_listing_whose_ground_is_corrected_is_found() -> None:
    one = entered()
    assert groundless(correction("judgment-1"), [one]) == (one,)
    assert groundless(correction("judgment-2"), [one]) == ()
    assert groundless(correction("judgment-1", subject="ben"), [one]) == ()
    assert Correction.from_json(correction().to_json()) == correction()
