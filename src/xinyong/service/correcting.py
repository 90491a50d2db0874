"""After a correction: past decisions worked out again, beside the old ones, and letters about it.

A correction is written in two steps, so that neither can be lost: first what was found, with a mark
that decisions are still to be worked out again; then those, which take the mark away. Whoever
comes first does the second: the request that corrected, or the worker.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from xinyong.decisions.deciding import decide
from xinyong.decisions.decision import Decision
from xinyong.decisions.dispute import Dispute
from xinyong.decisions.recomputing import Correction, Recomputed, recompute
from xinyong.decisions.told import Told
from xinyong.errors import NeedUnmet, StepRefused
from xinyong.records.event import Event
from xinyong.records.store import Act, Need, Parcel, State, body_of
from xinyong.service.house import House
from xinyong.service.papers import Papers, decision_act, papers_of
from xinyong.service.scoring import Scorer, readable
from xinyong.service.sharing import LIVE, SHARE, ended, shares_of, told_since

PENDING = "pending"
LETTER = "letter"


def told_act(told: Told, subject: str) -> Act:
    """The entry of a short letter; its recipient is in it. A recipient's is found by its name."""
    found = (State(LETTER, told.id, "given", None, told.whom),) if told.to == "recipient" else ()
    return Act("notice", subject, {"told": told.to_json()}, states=found)


def correction_acts(
    house: House, dispute: Dispute, moment: int, by: str, *, struck: Sequence[str] = ()
) -> list[Act]:
    """What a dispute's finding does to the records: strikes, and corrected events beside them.

    ``struck`` are records that a clock, not a finding, takes away. Empty where all were kept.
    """
    finding = dispute.finding
    if finding is not None and finding.found == "kept":
        return []
    gone = list(struck or dispute.events)
    if finding is not None and finding.found == "corrected":
        gone = sorted({field.event for field in finding.fields})
    if not gone:
        return []
    why = f"dispute {dispute.id}"
    acts = [Act("strike", dispute.subject, {"events": gone, "why": why})]
    if finding is not None and finding.found == "corrected":
        standing = house.store.standing(dispute.subject)
        known = {event.id: event for event in standing.events}
        acts += [_mended(known[one], dispute) for one in gone]
    correction = Correction(
        id=secrets.token_hex(16),
        subject=dispute.subject,
        events=tuple(gone),
        at=moment,
        by=by,
        why=why,
        dispute=dispute.id,
    )
    return [*acts, pending_act(correction)]


def pending_act(correction: Correction) -> Act:
    """The entry of a correction, with the mark that decisions are still to be worked out again."""
    state = State("correction", correction.id, PENDING, correction.at)
    return Act(
        "outcome",
        correction.subject,
        {"dispute": correction.dispute or "", "correction": correction.to_json()},
        states=(state,),
    )


def _mended(event: Event, dispute: Dispute) -> Act:
    assert dispute.finding is not None
    fields = dict(event.fields)
    for mended in dispute.finding.fields:
        if mended.event == event.id:
            fields[mended.field] = mended.now
    body = {**body_of(event), "id": f"{event.id}/{dispute.id[:12]}", "fields": fields}
    return Act("event", event.subject, {**body, "corrects": event.id}, key=str(body["id"]))


# ------------------------------------------------------------------ working out again


def work_out(house: House, scorer: Scorer, subject: str) -> int:
    """Finish every correction of a subject whose decisions are still to be worked out again.

    Gives how many were finished; one that somebody else finished meanwhile is left alone.
    """
    done = 0
    for state in house.store.states("correction", subject=subject, values=(PENDING,)):
        papers = papers_of(house.store, subject)
        correction = next(
            Correction.from_json(act.body["correction"])
            for act in papers.steps
            if act.body is not None and act.body.get("correction", {}).get("id") == state.item
        )
        acts = _again(house, scorer, correction, papers)
        stale = _stale_shares(house, scorer, subject)
        acts += [ended(house.store, subject, one, "correction", why) for one, why in stale.items()]
        closed = State("correction", correction.id, "worked out")
        acts.append(
            Act("outcome", subject, {"dispute": "", "closes": correction.id}, states=(closed,))
        )
        needs = [Need("correction", correction.id, frozenset({PENDING}))]
        needs += [Need(SHARE, one, frozenset({LIVE})) for one in stale]
        try:
            house.store.append(Parcel(tuple(acts), tuple(needs)))
        except NeedUnmet:
            continue
        done += 1
    return done


def work_out_all(house: House, moment: int) -> int:
    """Finish corrections that a request left open; a duty of the worker."""
    scorer: Scorer = house.rooms.setdefault("scorer", Scorer(house))
    whos = {state.who for state in house.store.states("correction", values=(PENDING,))}
    done = 0
    for who in sorted(whos):
        subject = house.store.subject_of(who)
        if subject is not None:
            done += work_out(house, scorer, subject)
    return done


def _stale_shares(house: House, scorer: Scorer, subject: str) -> dict[str, str]:
    """Shares in force whose band is no more that of the subject's records as they are mended.

    By id, each with why it ends where that is anything else. A band that cannot be worked out
    again, since its scheme is not run any more, is vouched for no longer.
    """
    moment = house.clock()
    found = {}
    for share in shares_of(house.store, subject):
        if share["state"] != LIVE or share["until"] <= moment:
            continue
        served = house.schemes.get(share["scheme"])
        if served is None:
            found[share["id"]] = "its scheme is not run any more"
            continue
        try:
            now = scorer.score(served, subject, served.today(moment), moment).outcome.band
        except StepRefused:  # nothing may be read any more
            now = ""
        if now != share["band"]:
            found[share["id"]] = ""
    return found


def _again(house: House, scorer: Scorer, correction: Correction, papers: Papers) -> list[Act]:
    moment = house.clock()
    found = recompute(
        correction,
        papers.decisions.values(),
        lambda old: _decided_again(house, scorer, old, papers, moment),
        lambda old: house.sender(old.scheme),
        lambda old: _disclosed(house, old),
        id=correction.id,
    )
    return [act for one in found for act in _acts(one, papers)]


def _acts(one: Recomputed, papers: Papers) -> Iterable[Act]:
    if one.old != papers.decisions[one.old.id]:
        yield decision_act(one.old)
    if one.new is not None and one.changed:
        yield decision_act(one.new)
    for told in one.told:
        yield told_act(told, one.old.subject)


def _decided_again(
    house: House, scorer: Scorer, old: Decision, papers: Papers, moment: int
) -> Decision | None:
    served = house.schemes.get(old.scheme)
    if served is None or served.approved.digest != old.key.scheme:
        return None
    try:
        found = scorer.score(served, old.subject, old.key.day, moment)
        standing = house.store.standing(old.subject)
        return decide(
            served.approved,
            found.outcome,
            readable(served, standing, found.permission, disputed=True),
            scorer.consents(old.subject),
            id=secrets.token_hex(16),
            sequence=found.upto,
            moment=moment,
            place=old.place,
            by="correction",
            matched=old.matched,
            disputed=standing.disputed | papers.disputed(moment),
            listings=papers.listings.values(),
            replaces=old,
        )
    except StepRefused as error:
        if error.code == "no consent":
            return None
        raise


def _disclosed(house: House, old: Decision) -> list[tuple[str, str]]:
    """Partners who were told something of this subject since the decision, by their references."""
    return told_since(house, old.subject, old.moment)


__all__ = [
    "LETTER",
    "PENDING",
    "correction_acts",
    "pending_act",
    "told_act",
    "work_out",
    "work_out_all",
]
