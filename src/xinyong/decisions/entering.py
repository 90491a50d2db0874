"""Entering a subject in a list of an approved scheme. Nothing else makes a listing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from xinyong.charter.approval import ApprovedScheme
from xinyong.charter.words import Place
from xinyong.days import Period
from xinyong.decisions.clocks import FRESH, REMOVAL, day_of, grave, longest
from xinyong.decisions.course import same_person
from xinyong.decisions.deciding import STRONG, check_approval, rescored
from xinyong.decisions.decision import Matched
from xinyong.decisions.ground import list_events, list_ground
from xinyong.decisions.listing import Hearing, Listing
from xinyong.decisions.permission import must_read
from xinyong.engine.score import Outcome
from xinyong.engine.worked import Working
from xinyong.errors import Step, StepRefused
from xinyong.records.consent import Consent
from xinyong.records.event import Event
from xinyong.records.written import fitting
from xinyong.scheme.model import ListSpec
from xinyong.scheme.nodes import lists as lists_of

EVERYBODY = "everyone"
"""What ``publish`` says of a list that anybody may read."""


@fitting
def enter(
    approved: ApprovedScheme,
    score: Outcome,
    events: Sequence[Event],
    consents: Iterable[Consent],
    name: str,
    *,
    id: str,
    moment: int,
    place: Place,
    by: str,
    decided_in: str,
    noticed: date,
    effective: date,
    matched: Matched | None,
    disputed: Collection[str],
    exempt_checked: Collection[str] = (),
    able: bool | None = None,
    heard: Hearing | None = None,
    authority: str | None = None,
    second: str | None = None,
    earlier: Iterable[Listing] = (),
) -> Listing:
    """An entry in the list ``name``, by a person, with all that it cannot be without.

    ``noticed`` is the day on which the subject was told, not after the local day of ``moment``
    (microseconds since 1970-01-01T00:00Z); ``effective`` the first day, after the warning and the
    hearing. ``decided_in`` names the written decision. ``exempt_checked`` repeats the scheme's
    exemptions, each looked at and found not to fit; ``able`` says that the subject was found able,
    where the scheme tests it. ``second`` is another person who has looked and agreed: needed where
    everybody may read the list, or a burden of gravity 4 and more hangs on it. ``earlier`` are the
    subject's entries so far: what was taken off comes back on new records alone. Raises
    StepRefused.
    """
    approved = check_approval(approved, moment, place)
    scheme = approved.scheme
    spec = scheme.lists.get(name)
    if spec is None or spec.law is None:
        raise _refused("the scheme has no such list, or no law behind it", "no ground")
    if matched not in STRONG:
        raise _refused("the records are not surely this subject's", "no ground")
    if score.lists.get(name) not in ("warned", "listed"):
        raise _refused("the condition of the list is not met", "no ground")
    if any(same_person(one, score.subject) for one in (by, second) if one is not None):
        raise _refused("the subject enters itself", "same person")
    _check_days(day_of(moment, scheme.timezone), noticed, score.day)
    _check_persons(spec, exempt_checked, able)
    seen = [event for event in events if event.subject == score.subject]
    must_read(scheme, consents, seen, subject=score.subject, moment=moment)
    found = rescored(approved, score, seen, frozenset(disputed), moment)
    if second is None and _two_persons(found[0], spec, name):
        raise _refused("nobody has agreed as the second person", "out of order")
    entry = _entry(spec, found[0], name, longest(scheme, approved.places))
    _check_ground(found, name, entry["ground"], disputed)
    _check_earlier(earlier, score.subject, name, set(entry["ground"]))
    authority = authority or (spec.before.by if spec.before else None) or by
    return Listing(
        id=id,
        subject=score.subject,
        scheme=scheme.scheme,
        digest=scheme.digest,
        authority=" ".join(authority.split()),
        decided_in=decided_in,
        by=by,
        entered=moment,
        noticed=noticed,
        effective=effective,
        zone=scheme.timezone,
        place=place,
        heard=heard,
        wrongful=spec.wrongful or scheme.rights.wrongful,
        second=second,
        **entry,
    )


def _two_persons(work: Working, spec: ListSpec, name: str) -> bool:
    """Whether an entry is as grave as a burden that a second person must agree to."""
    graves = {
        one.id for one in work.bound.scheme.consequences if one.kind == "burden" and grave(one)
    }
    hanging = (one for one in work.bound.consequences if one.id in graves)
    return spec.publish == EVERYBODY or any(name in lists_of(one.when) for one in hanging)


def _entry(spec: ListSpec, work: Working, name: str, law: Period) -> dict[str, Any]:
    """What the scheme and the score say of an entry: its ground, its term, its ways."""
    newest, says, says_zh = list_ground(work, name)
    day = newest or work.day
    most = _most(spec, law, day)
    before = spec.before
    return {
        "list": name,
        "title": " ".join(spec.title.split()),
        "ground": tuple(sorted(list_events(work, name))),
        "ground_day": day,
        "ground_says": says,
        "ground_zh": says_zh,
        "law": spec.law,
        "end": most.after(day),
        "most": str(most),
        "remove_within": str(spec.remove_within or REMOVAL),
        "publish": spec.publish,
        "warn": None if before is None or before.warn is None else str(before.warn),
        "hearing": before is not None and before.hearing,
        "fields": tuple(spec.fields),
    }


def _check_days(today: date, noticed: date, scored: date) -> None:
    if today > FRESH.after(scored):
        raise _refused("the score is old by now", "too late")
    if noticed > today:
        raise _refused("the notice lies in the future", "too early")


def _check_ground(
    found: tuple[Working, Outcome, tuple[Outcome, ...]],
    name: str,
    ground: Collection[str],
    disputed: Collection[str],
) -> None:
    """Events stand behind it, not absence, and it holds with the disputed ones as without."""
    _, everything, nothing = found
    if not ground or any(one.lists[name] in ("warned", "listed") for one in nothing):
        raise _refused("nothing but absence stands behind it", "no ground")
    if everything.lists[name] not in ("warned", "listed") or set(ground) & set(disputed):
        raise _refused("a record behind it is disputed", "disputed")


def _check_persons(spec: ListSpec, exempt_checked: Collection[str], able: bool | None) -> None:
    if set(spec.exempt) - set(exempt_checked):
        raise _refused("nobody has looked whether the subject is exempt", "no ground")
    if spec.ability_test and able is not True:
        raise _refused("the subject was not found able", "no ground")


def _check_earlier(earlier: Iterable[Listing], subject: str, name: str, ground: set[str]) -> None:
    """Who stands on the list, or was taken off it, is not entered on the same records again."""
    for one in earlier:
        if (one.subject, one.list) == (subject, name) and ground <= set(one.ground):
            raise _refused("these records have been entered before", "out of order")


def _most(spec: ListSpec, law: Period, ground_day: date) -> Period:
    """The shorter of the scheme's term and the law's."""
    if spec.lasts is None:
        return law
    return min(spec.lasts, law, key=lambda span: span.after(ground_day))


def _refused(what: str, code: Step) -> StepRefused:
    return StepRefused(
        what,
        code=code,
        where="enter",
        why="an entry has a ground, a law, a notice, and a person who looked",
        mend="mend what is missing, or enter nobody",
    )


__all__ = ["EVERYBODY", "enter"]
