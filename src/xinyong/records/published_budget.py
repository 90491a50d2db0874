"""The budget of published statistics: how much may be told about a group, and how much was.

What a release gives away about any one subject is bounded by its epsilon (Dwork and others 2006),
and epsilons add up. So a *scope*, such as the subjects of one scheme in one year, is granted a
budget once, and every release is paid from it *before* a number is drawn. All is counted in whole
millionths.

Grants and payments are entries of the ledger, of kind ``budget``. A grant cannot be raised.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, Protocol

from xinyong.errors import BudgetSpent, QuestionRefused
from xinyong.records.written import exactly

KIND: Final = "budget"
"""The kind of these entries in the ledger."""

GRANTED: Final = "granted"
PAID: Final = "paid"

MOST_GRANTED: Final = 10_000_000
"""The largest grant, in millionths: an epsilon of 10. More would promise next to nothing."""

_WHERE = "records.published"


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """A grant, or a payment for one release.

    ``what`` is ``granted`` or ``paid``; ``amount`` the epsilon in millionths, 1 to 10,000,000;
    ``question`` the digest of what was asked (of a grant: empty); ``by`` who; ``at`` when, in
    microseconds UTC. ``id`` is made from the rest. Raises
    :class:`~xinyong.errors.QuestionRefused`.
    """

    scope: str
    what: str
    amount: int
    question: str
    by: str
    at: int
    id: str = field(init=False)

    def __post_init__(self) -> None:
        if self.what not in (GRANTED, PAID) or bool(self.question) != (self.what == PAID):
            self._refuse("is neither a grant nor the payment of a question")
        if type(self.amount) is not int or not 1 <= self.amount <= MOST_GRANTED:
            self._refuse(f"is not about 1 to {MOST_GRANTED:,} millionths")
        if type(self.at) is not int or not all(
            text.strip() and text.isprintable() for text in (self.scope, self.by)
        ):
            self._refuse("does not say of which scope, by whom and when")
        object.__setattr__(self, "id", "budget-" + digest(self._told()))

    def _refuse(self, what: str) -> None:
        raise QuestionRefused(
            f"a budget entry {what}",
            where=_WHERE,
            why="what was given away must be counted exactly",
            mend="give scope, amount in whole millionths, person and moment",
        )

    def _told(self) -> dict[str, Any]:
        return {
            "scope": self.scope,
            "what": self.what,
            "amount": self.amount,
            "question": self.question,
            "by": self.by,
            "at": self.at,
        }

    def to_json(self) -> dict[str, Any]:
        """As plain data for the ledger."""
        return self._told() | {"id": self.id}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> BudgetEntry:
        """Back from :meth:`to_json`; refused where the id is not that of the rest."""
        return _read(data)


@exactly
def _read(data: dict[str, Any]) -> BudgetEntry:
    names = ("scope", "what", "amount", "question", "by", "at")
    entry = BudgetEntry(*(data[name] for name in names))
    if entry.id != data["id"]:
        entry._refuse("was changed after it was made")
    return entry


@dataclass(frozen=True, slots=True)
class Account:
    """A scope's entries, in order, and what they leave: ``granted``, ``paid``, ``left``."""

    scope: str
    entries: tuple[BudgetEntry, ...] = ()

    @property
    def granted(self) -> int:
        """Millionths granted; 0 before the grant."""
        return sum(entry.amount for entry in self.entries if entry.what == GRANTED)

    @property
    def paid(self) -> int:
        """Millionths paid for releases."""
        return sum(entry.amount for entry in self.entries if entry.what == PAID)

    @property
    def left(self) -> int:
        """Millionths that can still be paid; never below 0."""
        return self.granted - self.paid

    def after(self, entry: BudgetEntry) -> Account:
        """The account with one entry more.

        Raises :class:`~xinyong.errors.BudgetSpent` where less is left than it pays, and
        :class:`~xinyong.errors.QuestionRefused` for a second grant or another scope's entry.
        """
        if entry.scope != self.scope or (entry.what == GRANTED and self.entries):
            raise QuestionRefused(
                "this entry does not belong into this account",
                where=_WHERE,
                why="a scope is granted its budget once, as its first entry, and for good",
                mend="begin another scope, such as the next year's",
            )
        if entry.what == PAID and entry.amount > self.left:
            raise BudgetSpent(
                f"{entry.amount:,} millionths are asked of this scope, {self.left:,} are left",
                where=_WHERE,
                why="what is told about people adds up, and a promise bounds the sum",
                mend="ask with less, publish again what was published, or wait for the next scope",
            )
        return Account(self.scope, (*self.entries, entry))


class Purse(Protocol):
    """Where budget entries are kept; in operation the ledger."""

    def entries(self, scope: str) -> Sequence[BudgetEntry]:
        """All entries of that scope so far, in order."""

    def append(self, entry: BudgetEntry, *, after: int) -> bool:
        """Keep an entry for good, if its scope holds ``after`` entries still; else False.

        Both in one step that nothing comes between. Once it says True, the entry is durable.
        """


class MemoryPurse:
    """A purse that forgets: for the lab and for tests. Safe with threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[str, list[BudgetEntry]] = {}

    def entries(self, scope: str) -> Sequence[BudgetEntry]:
        """All entries of that scope so far, in order."""
        with self._lock:
            return tuple(self._kept.get(scope, ()))

    def append(self, entry: BudgetEntry, *, after: int) -> bool:
        """Keep an entry, if its scope holds ``after`` entries still."""
        with self._lock:
            kept = self._kept.setdefault(entry.scope, [])
            if len(kept) != after:
                return False
            kept.append(entry)
            return True


def enter(purse: Purse, entry: BudgetEntry) -> Account:
    """Enter a grant or a payment; what comes back is durable.

    Where somebody else was faster, the account is read anew. Raises as :meth:`Account.after`.
    """
    steps = entering(purse, entry)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            account: Account = done.value
            return account


def entering(purse: Purse, entry: BudgetEntry) -> Generator[str, None, Account]:
    """The steps of :func:`enter`; between any two of them others may do theirs."""
    while True:
        known = tuple(purse.entries(entry.scope))
        yield "read"
        account = Account(entry.scope, known).after(entry)
        kept = purse.append(entry, after=len(known))
        yield "appended" if kept else "too late"
        if kept:
            return account


def digest(data: dict[str, Any]) -> str:
    """24 hex digits that name plain data: SHA-256 of its canonical JSON, cut."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]
