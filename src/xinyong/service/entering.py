"""Listings from the store: entered on a score of today, stepped, and read as a scheme publishes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Final

from xinyong.decisions.clocks import day_of
from xinyong.decisions.entering import EVERYBODY
from xinyong.decisions.listing import Listing
from xinyong.decisions.told import Kind, of_listing
from xinyong.errors import QuestionRefused
from xinyong.records.store import Act, Store
from xinyong.scheme.model import Scheme
from xinyong.service.correcting import told_act
from xinyong.service.house import House, Served
from xinyong.service.papers import papers_of
from xinyong.service.sharing import told_since

LISTING: Final = "listing"
STANDING: Final = ("listed", "repair asked", "repair refused")
"""Words of the state of a listing that nobody has taken off; whether it is over, its days say."""


def word_of(listing: Listing) -> str:
    """The word under which a listing's last step is kept."""
    if listing.removal is not None:
        return "void" if listing.removal.why == "wrong" else "removed"
    if listing.repair is None:
        return "listed"
    return "repair asked" if listing.repair.refused is None else "repair refused"


def letters(house: House, listing: Listing, kind: Kind, moment: int) -> list[Act]:
    """The letters about a step of a listing, to the subject, and to partners where it is over.

    Partners are those who were told something of her since the entry.
    """
    over = kind in ("listing removed", "listing void")
    found = of_listing(
        listing,
        house.sender(listing.scheme, listing.list),
        kind,
        id=secrets.token_hex(8),
        given=day_of(moment, listing.zone),
        shown_to=told_since(house, listing.subject, listing.entered) if over else (),
    )
    return [told_act(one, listing.subject) for one in found]


def spec_of(scheme: Scheme, name: str) -> Any:
    """A list of a scheme; QuestionRefused where it has none of that name."""
    spec = scheme.lists.get(name)
    if spec is None:
        raise QuestionRefused(
            "this scheme has no such list",
            where="list",
            mend=f"it has: {', '.join(sorted(scheme.lists)) or 'none'}",
        )
    return spec


def published(
    house: House, served: Served, name: str, moment: int
) -> tuple[list[dict[str, str]], list[Act]]:
    """A list as its scheme publishes it at a moment, and the readings to record first.

    Nothing, unless the scheme publishes it to everyone. Each entry holds the fields that the
    scheme names and we hold, no other; ``code`` is the subject's id, of organisations alone. One
    reading a day is recorded for each subject: who reads a public list is not asked.
    """
    scheme = served.approved.scheme
    spec = spec_of(scheme, name)
    if spec.publish != EVERYBODY:
        return [], []
    shown: list[dict[str, str]] = []
    acts: list[Act] = []
    for one in standing_on(house.store, scheme, name):
        papers = papers_of(house.store, one.subject, ("dispute", "outcome"))
        facts = one.shown(moment, disputed=papers.disputed(moment))
        if facts is not None:
            shown.append(_fields(scheme, spec.fields, one, facts))
            acts.append(_reading(scheme, name, one.subject, sorted(shown[-1]), moment))
    known = house.rooms.get("public readings", {})
    acts = [act for act in acts if (act.subject, act.key) not in known]
    shown.sort(key=lambda one: sorted(one.items()))
    return shown, acts


def remember(house: House, acts: Iterable[Act]) -> None:
    """Keep in mind which readings of public lists are on record, until the next restart."""
    known = house.rooms.setdefault("public readings", {})
    if len(known) > 100_000:
        known.clear()
    known.update({(act.subject, act.key): True for act in acts})


def standing_on(store: Store, scheme: Scheme, name: str) -> Iterable[Listing]:
    """Every entry in a list that nobody has taken off."""
    states = store.states(LISTING, group=scheme.scheme, values=STANDING, limit=1_000_000)
    ids = {state.item for state in states}
    for who in sorted({state.who for state in states}):
        subject = store.subject_of(who)
        if subject is None:
            continue
        for one in papers_of(store, subject, ("listing", "delisting")).listings.values():
            if one.id in ids and one.list == name:
                yield one


def _fields(
    scheme: Scheme, names: Iterable[str], one: Listing, facts: dict[str, str]
) -> dict[str, str]:
    said: dict[str, str] = {}
    for name in names:
        if name == "code" and scheme.subjects == "organisation":
            said["code"] = one.subject
        elif name == "term":
            said |= {"effective": facts["effective"], "end": facts["end"]}
        elif name == "decision":
            said |= {"decision": facts["decision"], "authority": facts["authority"]}
        elif name in ("ground", "law", "title"):
            said[name] = facts[name]
    return said


def _reading(scheme: Scheme, name: str, subject: str, fields: list[str], moment: int) -> Act:
    day = moment // 86_400_000_000
    body = {
        "reader": "anybody",
        "role": "public",
        "purpose": f"the list '{name}' as the scheme publishes it",
        "fields": fields,
        "basis": f"law:{scheme.lists[name].law}",
        "operation": "public_list",
    }
    return Act("read", subject, body, key=f"public list {scheme.digest} {name} {day}")


__all__ = [
    "LISTING",
    "STANDING",
    "letters",
    "published",
    "remember",
    "spec_of",
    "standing_on",
    "word_of",
]
