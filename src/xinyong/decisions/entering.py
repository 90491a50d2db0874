"""Entering a subject in a list of an approved scheme. Nothing else makes a listing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from xinyong.charter.approval import ApprovedScheme
from xinyong.charter.words import Place
from xinyong.days import Period
from xinyong.decisions.clocks import REMOVAL, day_of, longest
from xinyong.decisions.course import same_person
from xinyong.decisions.deciding import STRONG, check_approval, rescored
from xinyong.decisions.decision import Matched
from xinyong.decisions.ground import list_events, list_ground
from xinyong.decisions.listing import Hearing, Listing
from xinyong.decisions.permission import must_read
from xinyong.engine.score import Outcome
from xinyong.errors import Step, StepRefused
from xinyong.records.consent import Consent
from xinyong.records.event import Event
from xinyong.records.written import fitting
from xinyong.scheme.model import ListSpec


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
) -> Listing:
    """An entry in the list ``name``, by a person, with all that it cannot be without.

    ``noticed`` is the day on which the subject was told, not after the local day of ``moment``
    (microseconds since 1970-01-01T00:00Z); ``effective`` the first day, after the warning and the
    hearing. ``decided_in`` names the written decision. ``exempt_checked`` repeats the scheme's
    exemptions, each looked at and found not to fit; ``able`` says that the subject was found able,
    where the scheme tests it. Raises StepRefused.
    """
    approved = check_approval(approved, moment, place)
    scheme = approved.scheme
    today = day_of(moment, scheme.timezone)
    spec = scheme.lists.get(name)
    if spec is None or spec.law is None:
        raise _refused("the scheme has no such list, or no law behind it", "no ground")
    if matched not in STRONG:
        raise _refused("the records are not surely this subject's", "no ground")
    if score.lists.get(name) not in ("warned", "listed"):
        raise _refused("the condition of the list is not met", "no ground")
    if noticed > today:
        raise _refused("the notice lies in the future", "too early")
    if same_person(by, score.subject):
        raise _refused("the subject enters itself", "same person")
    _check_persons(spec, exempt_checked, able)
    seen = [event for event in events if event.subject == score.subject]
    must_read(scheme, consents, seen, subject=score.subject, moment=moment)
    work, everything, nothing = rescored(approved, score, seen, frozenset(disputed), moment)
    ground = tuple(sorted(list_events(work, name)))
    states = [outcome.lists[name] for outcome in nothing]
    if not ground or any(state in ("warned", "listed") for state in states):
        raise _refused("nothing but absence stands behind it", "no ground")
    if everything.lists[name] not in ("warned", "listed") or set(ground) & set(disputed):
        raise _refused("a record behind it is disputed", "disputed")
    newest, says, says_zh = list_ground(work, name)
    most = _most(spec, longest(scheme, approved.places), newest or score.day)
    return Listing(
        id=id,
        subject=score.subject,
        scheme=scheme.scheme,
        digest=scheme.digest,
        list=name,
        title=spec.title,
        ground=ground,
        ground_day=newest or score.day,
        ground_says=says,
        ground_zh=says_zh,
        law=spec.law,
        authority=authority or (spec.before.by if spec.before else None) or by,
        decided_in=decided_in,
        by=by,
        entered=moment,
        noticed=noticed,
        effective=effective,
        end=most.after(newest or score.day),
        most=str(most),
        remove_within=str(spec.remove_within or REMOVAL),
        zone=scheme.timezone,
        place=place,
        publish=spec.publish,
        warn=None if spec.before is None or spec.before.warn is None else str(spec.before.warn),
        hearing=spec.before is not None and spec.before.hearing,
        heard=heard,
        fields=tuple(spec.fields),
        wrongful=spec.wrongful or scheme.rights.wrongful,
    )


def _check_persons(spec: ListSpec, exempt_checked: Collection[str], able: bool | None) -> None:
    if set(spec.exempt) - set(exempt_checked):
        raise _refused("nobody has looked whether the subject is exempt", "no ground")
    if spec.ability_test and able is not True:
        raise _refused("the subject was not found able", "no ground")


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


__all__ = ["enter"]
