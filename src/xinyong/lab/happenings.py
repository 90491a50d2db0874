"""What happens in the lab, and which of it an event of a scheme follows from.

The rules read what a scheme declares about a kind of event: conduct, gravity and context.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from xinyong.errors import QuestionRefused
from xinyong.records.event import FieldValue
from xinyong.scheme.model import EventSpec, Scheme


class Happening(IntEnum):
    """What can happen to an agent in a month; each at most once. The numbers stay for ever."""

    BILL_PAID = 0
    BILL_MISSED = 1
    LOAN_TAKEN = 2
    LOAN_PAID = 3
    LOAN_MISSED = 4
    LOAN_REPAID = 5
    SMALL_BREACH = 6
    GRAVE_BREACH = 7
    COURT_DEFAULT = 8
    COURT_DONE = 9
    GOOD_DEED = 10
    BOUGHT = 11
    """Something was bought from the operator, or paid for through it."""
    SPOKE = 12
    FRIEND_BREACH = 13
    """Somebody else did something that is counted here."""
    PROFILE = 14
    """A trait was written down."""
    COVERED = 15
    """A source was asked."""
    REPORTED = 16
    """A firm reported, and all was as it should be."""
    EXCEEDED = 17
    FAKED = 18
    INSPECTED = 19
    """A firm was looked at by an authority, which found nothing bad."""
    FINED = 20
    CURED = 21
    """A firm put right what was wrong."""
    HELPED = 22
    """In an encounter: help was given."""
    LEFT = 23
    """In an encounter: help was not given."""
    STOOD_WELL = 24
    """In an encounter: the one who could help stood in the highest band."""
    MET_GOOD = 25
    """In an encounter: the one who could be helped stood in the highest band."""
    MISJUDGED = 26
    """In an encounter: the keeper of the list was mistaken."""
    ARREARS_PAID = 27
    """An instalment that was missed, and written down as missed, was paid later."""
    BILL_SETTLED = 28
    """The same of a bill."""
    DECLARED = 29
    """A firm took goods across the border and said so."""
    BORDER_FINED = 30
    """A firm was fined for what it said of its goods."""


HAPPENINGS: Final = len(Happening)


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """One kind of event with fixed fields, tied to a happening.

    ``fields`` are as in :class:`~xinyong.records.event.Event`, in order of their names. ``points``
    is what one such event changes in the score of an average subject (see :mod:`.probing`);
    ``share`` weighs it against the others of the same happening.
    """

    happening: Happening
    kind: str
    fields: tuple[tuple[str, FieldValue], ...]
    points: int
    share: float = 1.0


# ------------------------------------------------------------------ from what is declared

_BILLS: Final = ("utilities", "housing", "rental", "finance.payment", "commerce", "civic")
_BORROWED: Final = ("inquiry", "opened", "new_account", "credit_line", "taken")
_REPAID: Final = ("repaid", "settled", "_paid")


RARER: Final = frozenset(
    {
        Happening.SMALL_BREACH,
        Happening.GRAVE_BREACH,
        Happening.GOOD_DEED,
        Happening.EXCEEDED,
        Happening.FAKED,
        Happening.FINED,
        Happening.BORDER_FINED,
    }
)
"""Among these, what counts more happens less often (assumed)."""

_UNTRUE: Final = ("tamper", "untrue", "false", "fake")


def happening_of(
    scheme: Scheme, kind: str, fields: Mapping[str, FieldValue], worth: int
) -> Happening:
    """The happening that an event of a kind follows from; ``worth`` its sign for the subject.

    Reads the declarations of the kind: context, conduct, gravity, by whom it is collected; where
    these do not tell (contracts about credit, falsehood) also the kind's own name and the words in
    its fields. Raises QuestionRefused for a kind that the scheme has not.
    """
    for data_set in scheme.data_sets.values():
        if kind in data_set.events:
            spec, context = data_set.events[kind], data_set.context
            own = data_set.collected_from in ("sensor", "subject", "partner")
            break
    else:
        raise QuestionRefused(
            f"the scheme '{scheme.scheme}' has no event '{kind}'",
            where="casting",
            mend="use a kind of one of its data sets",
        )
    if scheme.subjects == "organisation":
        words = " ".join([kind, *(value for value in fields.values() if isinstance(value, str))])
        return _of_firm(spec, context, words, own, worth)
    return _of_person(spec, context, kind, worth)


def _of_person(spec: EventSpec, context: str, kind: str, worth: int) -> Happening:
    gravity = spec.gravity or 0
    match spec.conduct:
        case "merit":
            return Happening.GOOD_DEED
        case "trait":
            return Happening.PROFILE
        case "third_party":
            return Happening.FRIEND_BREACH if worth < 0 else Happening.PROFILE
        case "duty_done":
            legal = context == "court" or context.startswith("admin")
            return Happening.COURT_DONE if legal else Happening.GOOD_DEED
        case "lawful":
            return _of_lawful(context)
        case "contract":
            return _of_contract(context, kind, worth)
    if context in ("utilities", "housing"):
        return Happening.BILL_MISSED
    if context == "court" and gravity >= 4 and "crime" not in kind and "convict" not in kind:
        return Happening.COURT_DEFAULT
    return Happening.GRAVE_BREACH if gravity >= 3 and worth <= GRAVE else Happening.SMALL_BREACH


GRAVE: Final = -2
"""Worth of a variant that is as bad as the gravity declared; -1 is a milder one."""


def _of_lawful(context: str) -> Happening:
    if context == "speech":
        return Happening.SPOKE
    if context == "finance.credit":
        return Happening.LOAN_TAKEN
    if context in ("commerce", "finance.payment"):
        return Happening.BOUGHT
    return Happening.PROFILE


def _of_contract(context: str, kind: str, worth: int) -> Happening:
    if not context.startswith(("finance.credit", "court")):
        return Happening.BILL_MISSED if worth < 0 else Happening.BILL_PAID
    if "bill" in kind:
        return Happening.BILL_MISSED if worth < 0 else Happening.BILL_PAID
    if any(word in kind for word in _BORROWED):
        return Happening.LOAN_TAKEN
    if worth < 0:
        return Happening.LOAN_MISSED
    if any(word in kind for word in _REPAID):
        return Happening.LOAN_REPAID
    return Happening.LOAN_PAID


def late_of(context: str) -> Happening:
    """What makes a missed due good: a kind of a contract that counts after a breach alone."""
    credit = context.startswith("finance.credit")
    return Happening.ARREARS_PAID if credit else Happening.BILL_SETTLED


def _of_firm(spec: EventSpec, context: str, words: str, own: bool, worth: int) -> Happening:
    gravity = spec.gravity or 0
    if spec.conduct == "duty_done":
        return Happening.COURT_DONE if context == "court" else Happening.CURED
    if spec.conduct == "trait":
        return Happening.REPORTED
    if spec.conduct == "contract":
        return Happening.REPORTED if worth >= 0 else Happening.EXCEEDED
    if context == "court":
        return Happening.COURT_DEFAULT if worth < 0 else Happening.COURT_DONE
    if worth >= 0:
        return Happening.REPORTED if own else Happening.INSPECTED
    if any(word in words for word in _UNTRUE):
        return Happening.FAKED
    if gravity >= 3 and worth <= GRAVE:
        return Happening.GRAVE_BREACH
    return Happening.EXCEEDED if context == "admin.environment" else Happening.FINED
