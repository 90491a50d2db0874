"""Questions of partners that found nothing: counted, and an alarm where they are many.

Every question that finds nothing leaves one entry about the partner and none about anybody it
asked for. After so many in a day (UTC) the partner is answered no more until the next, and the
operator is told: so nobody finds out by trying which references there are.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from xinyong.errors import NeedUnmet
from xinyong.records.store import Act, AtMost, Need, Parcel, State, Store
from xinyong.service.asking import DAY, Asking
from xinyong.service.problems import Refused, not_here

ALARM: Final = "alarm"
OPEN: Final = "open"
CLOSED: Final = "closed"
MISSED: Final = "missed"


def wait_until_tomorrow(moment: int) -> Refused:
    """The refusal of a partner who has asked too much in a day."""
    seconds = (DAY - moment % DAY) // 1_000_000 + 1
    return Refused(
        429,
        "too-many",
        "you have asked about as many different people today as you may",
        why="a partner asks about its own customers, one by one, and not about everybody",
        mend="ask again tomorrow (UTC)",
        headers={"retry-after": str(seconds)},
    )


async def missed(asked: Asking) -> Refused:
    """Count a question that found nothing, raise the alarm where it is one too many; the answer."""
    partner, day = asked.caller.name, asked.moment // DAY
    group = f"{partner} {day}"
    limit = asked.house.config.limits.partner_misses_a_day
    body = {"partner": partner, "missed": True}
    state = State(MISSED, secrets.token_hex(16), "missed", None, group)
    try:
        await asked.append(
            Parcel((Act("partner", None, body, states=(state,)),), (AtMost(MISSED, group, limit),))
        )
    except NeedUnmet:
        await _alarm(asked, partner, group, limit)
        return wait_until_tomorrow(asked.moment)
    if await asked.read(_misses, asked, group) >= limit:
        await _alarm(asked, partner, group, limit)
    return not_here()


def _misses(asked: Asking, group: str) -> int:
    limit = asked.house.config.limits.partner_misses_a_day
    return len(asked.house.store.states(MISSED, group=group, limit=limit + 1))


async def _alarm(asked: Asking, partner: str, group: str, limit: int) -> None:
    """Raise the alarm about a partner and day, once."""
    body = {"alarm": group, "partner": partner, "why": f"{limit} questions found nothing in a day"}
    act = Act("flag", None, body, states=(State(ALARM, group, OPEN, None, partner),))
    try:
        await asked.append(Parcel((act,), (Need(ALARM, group, frozenset({""})),)))
    except NeedUnmet:
        return


def quiet(asked: Asking, who: str) -> bool:
    """Whether a partner may still be answered today, about a subject (empty: none known)."""
    store, limits = asked.house.store, asked.house.config.limits
    group = f"{asked.caller.name} {asked.moment // DAY}"
    if _misses(asked, group) >= limits.partner_misses_a_day:
        return False
    seen = store.states("seen", group=group, limit=limits.partner_subjects_a_day + 1)
    most = len(seen) >= limits.partner_subjects_a_day
    return not most or any(one.item == f"{group} {who}" for one in seen)


def alarms(store: Store) -> list[dict[str, Any]]:
    """All alarms, each with its state, newest last."""
    stands = {one.item: one.value for one in store.states(ALARM)}
    found: dict[str, dict[str, Any]] = {}
    for act in store.about_nobody(("flag",)):
        body = act.body
        if body is None or "alarm" not in body:
            continue
        if "closed_by" in body:
            found[body["alarm"]] |= {"closed_by": body["closed_by"], "note": body["note"]}
        else:
            found[body["alarm"]] = {**body, "at": act.at}
    return [{**one, "state": stands.get(name, OPEN)} for name, one in found.items()]


__all__ = [
    "ALARM",
    "CLOSED",
    "MISSED",
    "OPEN",
    "alarms",
    "missed",
    "quiet",
    "wait_until_tomorrow",
]
