"""A subject's papers: decisions, notices, disputes, listings, shares, read from the ledger.

Every step of a paper is an entry of its own with the whole paper in it; the newest is how it
stands, the older ones how it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from xinyong.decisions.decision import Decision
from xinyong.decisions.dispute import Dispute, disputed
from xinyong.decisions.listing import Listing
from xinyong.decisions.notice import Notice
from xinyong.records.store import Act, Known, Need, Reader, State

T = TypeVar("T")

KINDS: Final = ("decision", "notice", "dispute", "outcome", "listing", "delisting")


@dataclass(frozen=True, slots=True)
class Papers:
    """A subject's papers by id, each as it stands; ``steps`` are the entries behind them."""

    decisions: dict[str, Decision]
    notices: dict[str, Notice]
    disputes: dict[str, Dispute]
    listings: dict[str, Listing]
    steps: tuple[Known, ...]

    def disputed(self, moment: int) -> frozenset[str]:
        """Ids of events, listings and decisions under an open dispute at a moment."""
        return disputed(self.disputes.values(), moment)


NONE: Final = Papers({}, {}, {}, {}, ())
"""No papers at all."""


def papers_of(reader: Reader, subject: str, kinds: Iterable[str] = KINDS) -> Papers:
    """The papers of a subject, of some kinds."""
    steps = tuple(act for act in reader.of(subject, tuple(kinds)) if act.body is not None)
    return Papers(
        _newest(steps, "decision", Decision.from_json),
        _newest(steps, "notice", Notice.from_json),
        _newest(steps, "dispute_paper", Dispute.from_json),
        _newest(steps, "listing", Listing.from_json),
        steps,
    )


def _newest(steps: Iterable[Known], name: str, read: Callable[[object], T]) -> dict[str, T]:
    found: dict[str, Any] = {}
    for act in steps:
        if act.body is not None and name in act.body:
            found[act.body[name]["id"]] = act.body[name]
    return {one: read(body) for one, body in found.items()}


# ------------------------------------------------------------------ writing


def decision_act(decision: Decision, *, due: int | None = None) -> Act:
    """The entry of one step of a decision; ``due`` is the moment on which its clock runs out."""
    state = State("decision", decision.id, decision.state, due, decision.scheme)
    return Act("decision", decision.subject, {"decision": decision.to_json()}, states=(state,))


def notice_act(notice: Notice) -> Act:
    """The entry of a letter."""
    return Act("notice", notice.subject, {"notice": notice.to_json()})


def dispute_act(dispute: Dispute, state: str, *, due: int | None) -> Act:
    """The entry of one step of a dispute; from the first on its records leave scoring.

    Once it is decided, withdrawn or timed out the entry is an *outcome*, and they are as the
    outcome says.
    """
    over = state in ("decided", "withdrawn", "timed out")
    body = {
        "dispute": dispute.id,
        "events": list(dispute.events),
        "dispute_paper": dispute.to_json(),
    }
    standing = State("dispute", dispute.id, state, None if over else due, dispute.scheme)
    return Act("outcome" if over else "dispute", dispute.subject, body, states=(standing,))


def listing_act(listing: Listing, state: str, *, due: int | None) -> Act:
    """The entry of one step of a listing."""
    over = state in ("removed", "void")
    standing = State("listing", listing.id, state, None if over else due, listing.scheme)
    body = {"listing": listing.to_json()}
    return Act("delisting" if over else "listing", listing.subject, body, states=(standing,))


def as_it_stood(name: str, item: str, value: str) -> Need:
    """That nobody else has taken a step on a paper meanwhile."""
    return Need(name, item, frozenset({value}), why="somebody has taken a step on it meanwhile")


__all__ = [
    "KINDS",
    "NONE",
    "Papers",
    "as_it_stood",
    "decision_act",
    "dispute_act",
    "listing_act",
    "notice_act",
    "papers_of",
]
