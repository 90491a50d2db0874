"""After a correction: which past decisions change, what ends at once, and who is told.

Nothing is overwritten. Each decision that looked at a corrected record is worked out again beside
the old one. What no longer follows ends on the day of the correction; what still follows goes on
under the old decision until the new one has gone all its steps. A correction brings no new burden.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from xinyong.decisions.clocks import day_of
from xinyong.decisions.decision import Decision
from xinyong.decisions.listing import Listing
from xinyong.decisions.told import Sender, Told, of_replaced
from xinyong.errors import StepRefused
from xinyong.records.written import STRICT, Id, Ids, Line, Moment, Text, Written, fitting

Changed = Literal["score", "band", "reasons", "benefits", "burdens"]


@dataclass(frozen=True, config=STRICT)
class Correction(Written):
    """Records of one subject that were changed or struck, when, why, and by whom.

    ``events`` are the ids as past decisions know them; ``at`` is in microseconds since
    1970-01-01T00:00Z; ``dispute`` is the dispute behind it, if there was one.
    """

    id: Id
    subject: Id
    events: Annotated[Ids, Field(min_length=1)]
    at: Moment
    by: Line
    why: Text
    dispute: Id | None = None


@plain_dataclass(frozen=True)
class Recomputed:
    """One past decision after a correction.

    ``old`` is it with what ended at once; ``new`` stands beside it, None if nothing changed or
    nobody may score any more. ``told`` are the letters, empty if nothing changed.
    """

    old: Decision
    new: Decision | None
    changed: tuple[Changed, ...]
    told: tuple[Told, ...]


def touched(correction: Correction, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The decisions that looked at a corrected record, are not dropped and not replaced yet."""
    every = [one for one in decisions if one.subject == correction.subject]
    replaced = {one.replaces for one in every}
    named = set(correction.events)
    return tuple(
        one
        for one in every
        if named & set(one.used) and one.state != "dropped" and one.id not in replaced
    )


def recompute(
    correction: Correction,
    decisions: Iterable[Decision],
    again: Callable[[Decision], Decision | None],
    sender_of: Callable[[Decision], Sender],
    disclosed: Callable[[Decision], Sequence[tuple[str, str]]],
    *,
    id: str,
) -> tuple[Recomputed, ...]:
    """Every decision that a correction touches, worked out again.

    ``again`` scores the corrected records by the same scheme for the same day and calls
    ``decide(..., replaces=old)``; None says that nothing may be scored any more, as after a consent
    was withdrawn: then the burdens that rested on a corrected record end. ``sender_of`` says who
    writes the letters, ``disclosed`` names the recipients of a decision, each with the reference it
    knows it by. Raises StepRefused.
    """
    found = []
    for number, old in enumerate(touched(correction, decisions), 1):
        new = again(old)
        if new is not None:
            _check(old, new, correction)
        changed = differences(old, new, correction)
        if not changed:
            found.append(Recomputed(old, None, (), ()))
            continue
        told = of_replaced(
            sender_of(old),
            id=f"{id}-{number}",
            subject=old.subject,
            old=old.id,
            new=None if new is None else new.id,
            changed=changed,
            given=day_of(correction.at, old.zone),
            events=[event for event in correction.events if event in old.used],
            recipients=disclosed(old),
        )
        found.append(Recomputed(_stopped(old, new, correction), new, changed, told))
    return tuple(found)


def _check(old: Decision, new: Decision, correction: Correction) -> None:
    """The new decision is the same question, asked again with more known."""
    same = (
        new.replaces == old.id
        and new.id != old.id
        and new.subject == old.subject
        and (new.key.scheme, new.key.day) == (old.key.scheme, old.key.day)
        and new.key.sequence > old.key.sequence
        and new.moment >= correction.at
    )
    if not same:
        raise StepRefused(
            "this is not the old decision asked again",
            code="another",
            where="recompute",
            why="the scheme, the subject and the day stay; the ledger has grown",
            mend="decide again with replaces=, after the correction",
        )


def differences(old: Decision, new: Decision | None, correction: Correction) -> tuple[Changed, ...]:
    """In what the new decision differs from the old one."""
    if new is None:
        named = set(correction.events)
        return ("burdens",) if any(named & set(one.rests_on) for one in old.burdens) else ()
    found: list[Changed] = []
    if new.score != old.score:
        found.append("score")
    if new.band != old.band:
        found.append("band")
    if new.reasons != old.reasons or _held(new) != _held(old):
        found.append("reasons")
    for word, kind in (("benefits", "benefit"), ("burdens", "burden")):
        if _ids(new, kind) != _ids(old, kind):
            found.append("benefits" if word == "benefits" else "burdens")
    return tuple(found)


def _ids(decision: Decision, kind: str) -> set[str]:
    return {one.id for one in decision.follows if one.kind == kind and one.ended is None}


def _held(decision: Decision) -> list[object]:
    return [(one.id, one.held) for one in decision.burdens]


def _stopped(old: Decision, new: Decision | None, correction: Correction) -> Decision:
    """The old decision: dropped if its letter was not out, else without what no longer follows."""
    note = f"correction {correction.id}: {correction.why}"
    at = max(correction.at, old.steps[-1].at)
    if not old.burdens or old.state == "ended":
        return old
    if old.state != "in effect":
        return old.drop(by=correction.by, at=at, note=note)
    named = set(correction.events)
    if new is None:
        gone = [one.id for one in old.burdens if named & set(one.rests_on)]
    else:
        gone = [one.id for one in old.burdens if one.id not in _ids(new, "burden")]
    return old.end(by=correction.by, at=at, note=note, only=gone) if gone else old


@fitting
def handed_over(old: Decision, new: Decision, *, by: str, at: int) -> Decision:
    """The old decision ended, once the one that replaces it is in effect."""
    if new.replaces != old.id or new.state not in ("in effect", "dropped"):
        raise StepRefused(
            "nothing has taken its place yet",
            code="out of order",
            where="handed_over",
            why="the old decision goes on until the new one is in effect, or dropped",
            mend="take the new decision through its steps first",
        )
    return old.end(by=by, at=at, note=f"replaced by {new.id}") if old.state == "in effect" else old


def groundless(correction: Correction, listings: Iterable[Listing]) -> tuple[Listing, ...]:
    """Listings of the subject whose ground holds a corrected record: a person looks at each."""
    named = set(correction.events)
    return tuple(
        one for one in listings if one.subject == correction.subject and named & set(one.ground)
    )


__all__ = [
    "Changed",
    "Correction",
    "Recomputed",
    "differences",
    "groundless",
    "handed_over",
    "recompute",
    "touched",
]
