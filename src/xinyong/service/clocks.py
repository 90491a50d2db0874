"""Clocks that run out without anybody: disputes that nobody decided in time."""

from __future__ import annotations

import secrets

from xinyong.decisions.dispute import Dispute
from xinyong.decisions.told import of_dispute
from xinyong.errors import NeedUnmet
from xinyong.records.store import Parcel
from xinyong.service.correcting import correction_acts, told_act
from xinyong.service.house import House
from xinyong.service.papers import as_it_stood, dispute_act, papers_of

OPEN = ("opened", "marked", "taken", "extended")


def close_disputes(house: House, moment: int) -> int:
    """Give effect to disputes whose time is over: the records go, count again, or stay out, as the
    scheme says. Gives how many were closed."""
    done = 0
    for state in house.store.states("dispute", values=OPEN, due_before=moment + 1):
        subject = house.store.subject_of(state.who)
        if subject is None:
            continue
        papers = papers_of(house.store, subject, ("dispute", "outcome"))
        dispute = papers.disputes.get(state.item)
        if dispute is not None and dispute.state(moment) == "timed out":
            done += _closed(house, dispute, moment)
    return done


def _closed(house: House, dispute: Dispute, moment: int) -> int:
    if dispute.on_timeout == "left out":
        return 0
    acts = [dispute_act(dispute, "timed out", due=None)]
    if dispute.on_timeout == "removed" and dispute.events:
        acts += correction_acts(house, dispute, moment, "the clock", struck=dispute.events)
    sender = house.sender(dispute.scheme)
    letters = of_dispute(dispute, sender, "dispute timed out", id=secrets.token_hex(8), at=moment)
    acts += [told_act(one, dispute.subject) for one in letters]
    try:
        need = as_it_stood("dispute", dispute.id, dispute.steps[-1].state)
        house.store.append(Parcel(tuple(acts), (need,)))
    except NeedUnmet:
        return 0
    return 1


__all__ = ["OPEN", "close_disputes"]
