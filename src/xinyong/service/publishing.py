"""Published statistics of a service: bands of everybody, paid from a budget that the ledger keeps.

A budget's entries are numbered within its scope by a state each, so that two payments at once are
never both the next one. A release is kept whole, and the same question is not answered twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow.parquet as pq

from xinyong.errors import NeedUnmet
from xinyong.records.published import Published, Question, publish
from xinyong.records.published_budget import GRANTED, Account, BudgetEntry, enter
from xinyong.records.store import Act, Need, Parcel, State
from xinyong.service.house import House
from xinyong.service.jobs import permitted, result_of
from xinyong.service.scoring import Scorer

RELEASE: Final = "release"
_SLOT: Final = "budget"


class LedgerPurse:
    """The budgets of a house, kept in its ledger; see :class:`.published_budget.Purse`."""

    def __init__(self, house: House) -> None:
        self._house = house

    def entries(self, scope: str) -> Sequence[BudgetEntry]:
        """All entries of that scope so far, in order."""
        return [one for one in every_entry(self._house) if one.scope == scope]

    def append(self, entry: BudgetEntry, *, after: int) -> bool:
        """Keep an entry for good, if its scope holds ``after`` entries still."""
        slot = f"{after} {entry.scope}"
        state = State(_SLOT, slot, entry.what, None, entry.scope)
        act = Act("budget", None, {"entry": entry.to_json()}, states=(state,))
        try:
            self._house.store.append(Parcel((act,), (Need(_SLOT, slot, frozenset({""})),)))
        except NeedUnmet:
            return False
        return True


def every_entry(house: House) -> list[BudgetEntry]:
    """All grants and payments, in order."""
    found = house.store.about_nobody(("budget",))
    return [
        BudgetEntry.from_json(dict(act.body["entry"]))
        for act in found
        if act.body is not None and "entry" in act.body
    ]


def accounts(house: House) -> list[Account]:
    """The account of each scope, in order of their grants."""
    kept: dict[str, list[BudgetEntry]] = {}
    for one in every_entry(house):
        kept.setdefault(one.scope, []).append(one)
    return [Account(scope, tuple(entries)) for scope, entries in kept.items()]


def grant(house: House, scope: str, amount: int, by: str, moment: int) -> Account:
    """Grant a scope its budget, once and for good; ``amount`` in millionths."""
    return enter(LedgerPurse(house), BudgetEntry(scope, GRANTED, amount, "", by, moment))


def releases(house: House) -> list[dict[str, Any]]:
    """Everything that was published, oldest first."""
    found = house.store.about_nobody(("budget",))
    return [
        dict(act.body["release"]) for act in found if act.body is not None and "release" in act.body
    ]


def question_of(house: House, job: dict[str, Any]) -> Question:
    """How many subjects are in each band, by the job's scheme on its day."""
    bands = tuple(band.name for band in house.served(job["scheme"]).approved.scheme.bands)
    return Question(f"bands of {job['scheme']} ({job['digest'][:16]}) on {job['day']}", bands)


def publish_bands(
    house: House, job: dict[str, Any], *, scope: str, amount: int, by: str, moment: int
) -> dict[str, Any]:
    """Publish the bands of a job that is done. Who may be scored no more is not counted.

    Raises BudgetSpent; NeedUnmet (``release``) where the same was published already.
    """
    question = question_of(house, job)
    need = Need(RELEASE, question.digest, frozenset({""}), why="this was published already")
    if house.store.states(RELEASE, item=question.digest):
        raise NeedUnmet(need.why, need=RELEASE, mend="read what was published")
    made: Published = publish(
        question,
        _facts(house, job, moment),
        purse=LedgerPurse(house),
        scope=scope,
        amount=amount,
        by=by,
        at=moment,
    )
    said = {
        **made.to_json(),
        "scheme": job["scheme"],
        "day": job["day"],
        "sequence": job["sequence"],
    }
    state = State(RELEASE, question.digest, "published", None, job["scheme"])
    act = Act("budget", None, {"release": said}, states=(state,))
    house.store.append(Parcel((act,), (need,)))
    return said


def _facts(house: House, job: dict[str, Any], moment: int) -> list[tuple[str, str, str]]:
    scorer: Scorer = house.rooms.setdefault("scorer", Scorer(house))
    served = house.served(job["scheme"])
    table = pq.read_table(result_of(house, job["id"]), columns=["subject", "band"])
    found = []
    for who, band in zip(table["subject"].to_pylist(), table["band"].to_pylist(), strict=True):
        subject = house.store.subject_of(who)
        if subject is not None and permitted(scorer, served, subject, moment) is not None:
            found.append((who, band, "all"))
    return found


__all__ = [
    "RELEASE",
    "LedgerPurse",
    "accounts",
    "every_entry",
    "grant",
    "publish_bands",
    "question_of",
    "releases",
]
