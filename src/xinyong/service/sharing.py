"""Shares: a band handed on by its subject, the list that says which still hold, and who was told.

A share is in force while its state is ``live``, its end has not come and its consent stands. The
status list starts from the other side: every place on it is taken back but those of live shares.
So whatever ends a share, be it a step, a withdrawn consent or an erasure, ends the credential too,
and nothing has to be remembered for it. New places are drawn by lot: their order tells nothing.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any, Final

from xinyong.decisions.credential.signed import public_of
from xinyong.decisions.credential.status import VALID, Place, StatusList, sign_list
from xinyong.records.store import Act, AtMost, Need, State, Store
from xinyong.service.house import House

SHARE: Final = "share"
PLACE: Final = "place"
DRAWN: Final = "drawn"
LIVE: Final = "live"
GONE: Final = "taken back"
REFERENCE: Final = "reference"
SIZE: Final = 2**20
"""Places on the status list."""
GOOD: Final = 3_600_000_000
"""How long a signed status list is good (microseconds)."""

_ANEW: Final = 600_000_000
"""After this time a list that nothing changed is signed again (microseconds)."""


def seed_of(house: House) -> bytes:
    """The private key (32 bytes) of credentials, made from the ledger's; it signs nothing else."""
    return hmac.digest(house.ledger_key, b"xinyong.credential/1", "sha256")


def public_key(house: House) -> bytes:
    """The public key (32 bytes) by which credentials and the status list are verified."""
    return public_of(seed_of(house))


def list_uri(house: House) -> str:
    """The name of the status list, as credentials hold it."""
    return f"https://{house.config.origin}/api/v1/shares/states"


def status_list(house: House, moment: int) -> str:
    """The signed status list as it is now; good for an hour from ``moment`` (microseconds UTC)."""
    key = (house.store.size(), moment // _ANEW)
    known = house.rooms.get("status list")
    if known is not None and known[0] == key:
        return str(known[1])
    states = StatusList(SIZE)
    states.revoke_all()
    for one in house.store.states(PLACE, values=(LIVE,), limit=SIZE):
        states[int(one.item)] = VALID
    made = sign_list(
        states, list_uri(house), moment=moment, until=moment + GOOD, seed=seed_of(house)
    )
    house.rooms["status list"] = (key, made)
    return made


def drawn(house: House) -> tuple[Place, Act, Need]:
    """A place by lot, the entry that keeps it from being drawn twice, and the need for that.

    The entry is about nobody and holds a keyed mark: it stays when the subject is erased.
    """
    index = secrets.randbelow(SIZE)
    mark = hmac.digest(seed_of(house), f"place {index}".encode(), "sha256").hex()[:32]
    act = Act("share", None, {"drawn": mark}, states=(State(DRAWN, mark, "drawn"),))
    return Place(list_uri(house), index), act, Need(DRAWN, mark, frozenset({""}))


def shares_of(store: Store, subject: str) -> list[dict[str, Any]]:
    """All shares of a subject as they were made, each with its state, oldest first."""
    stands = {one.item: one.value for one in store.states(SHARE, subject=subject)}
    found = []
    for act in store.of(subject, ("share",)):
        if act.body is not None and "share" in act.body:
            made = dict(act.body["share"])
            found.append({**made, "state": stands.get(made["id"], GONE)})
    return found


def ended(store: Store, subject: str, share: str, by: str, why: str = "") -> Act:
    """The entry that ends a share and takes back its place on the status list."""
    (known,) = store.states(SHARE, subject=subject, item=share)
    places = store.states(PLACE, subject=subject, group=share)
    states = [State(SHARE, share, GONE, None, known.group)]
    states += [State(PLACE, one.item, GONE, None, share) for one in places]
    body = {"ends": share, "by": by} | ({"why": why} if why else {})
    return Act("share", subject, body, states=tuple(states))


def ended_with(store: Store, subject: str, consent: str, by: str) -> tuple[list[Act], AtMost]:
    """What ends all shares of a consent, and the need that no other is made meanwhile."""
    known = store.states(SHARE, subject=subject, group=consent)
    acts = [ended(store, subject, one.item, by) for one in known if one.value == LIVE]
    return acts, AtMost(SHARE, consent, len(known), why="a share was made meanwhile")


def in_force(store: Store, subject: str, consent: str, moment: int) -> str | None:
    """The share of a consent that holds longest at a moment (microseconds UTC), by id."""
    found = store.states(SHARE, subject=subject, group=consent, values=(LIVE,))
    running = [one for one in found if one.due is not None and one.due > moment]
    return running[-1].item if running else None


def told_since(house: House, subject: str, moment: int) -> list[tuple[str, str]]:
    """Partners who were told something of a subject since a moment, each with its reference."""
    keys = house.vault.keys(subject, create=False)
    found: dict[str, str] = {}
    for act in house.store.of(subject, ("read", "share")):
        body: dict[str, Any] = dict(act.body or {})
        partner = body.get("partner") or (body.get("role") == "partner" and body.get("reader"))
        if partner and act.at >= moment and keys is not None:
            found[str(partner)] = keys.pseudonym(f"partner {partner}")
    return sorted(found.items())


__all__ = [
    "DRAWN",
    "GONE",
    "GOOD",
    "LIVE",
    "PLACE",
    "REFERENCE",
    "SHARE",
    "SIZE",
    "drawn",
    "ended",
    "ended_with",
    "in_force",
    "list_uri",
    "public_key",
    "seed_of",
    "shares_of",
    "status_list",
    "told_since",
]
