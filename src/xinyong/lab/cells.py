"""Where each thing stands in the arrays of a society: rows of state, flags, happenings, settings.

A society is a structure of arrays: ``money`` holds float32 rows, ``facts`` uint8 rows, one column
an agent. The rows are named here once, for the compiled loops and for whoever reads results.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, IntFlag
from typing import Final

import numpy as np
import numpy.typing as npt


class Money(IntEnum):
    """Rows of 32-bit floats. Money is in units of the median monthly income."""

    INCOME = 0
    """Usual income a month."""
    SHOCK = 1
    """Log deviation of this month's income, persistent."""
    WEALTH = 2
    RELIABILITY = 3
    """Probability that a due that can be paid is paid; latent, never seen by anyone."""
    CHILL = 4
    """Part of speech held back, 0 to 1."""
    DUE = 5
    """Instalment of the running loan, a month; where none runs, what is still owed of one that
    the lender has given up."""
    PARTNER = 6
    """Income of the partner, 0 for who has none."""
    WELFARE = 7
    """This month's worth of what the scheme does, in months of median income."""


class Fact(IntEnum):
    """Rows of small whole numbers; several share a byte, read by the functions below."""

    AGE = 0
    ORIGIN = 1
    """In bits 0 to 3 the tenth of means when the run began, or on coming of age; in bits 4 to 6 the
    fifth of the parents' means, 0 the lowest; bit 7: came of age during the run."""
    TRAITS = 2
    """:class:`Trait`, bits together."""
    DUES = 3
    """What is missed, see :mod:`.dues`: in bits 0 and 1 instalments in a row; in bits 2 to 4 those
    on record that are not made good, in bits 5 to 7 bills likewise; at most 7 each."""
    TERMS = 4
    """In bits 0 to 3 the months of the running loan that are left, in bits 4 to 7 the months for
    which a bought score lasts."""
    LISTED = 5
    """Months on a list, running; at most 250."""
    LINGER = 6
    """Months for which burdens of a list go on after it has ended."""
    ASKED = 7
    """Loans asked for this year, at most 15, and 16 times those granted."""


class Trait(IntFlag):
    """Bits of :attr:`Fact.TRAITS`."""

    GROUP = 1
    """Of the second of two synthetic groups, for error and fairness; they have no names."""
    PRESENCE = 2
    """Leaves a digital trail; else a thin file."""
    AWARE = 4
    """Knows the own score."""
    JOB = 8
    FIRMS = 16
    """Works for firms, when she works."""
    FIRST = 32
    """The first of her household: the others stand behind her."""


LEFT: Final = 15
"""The bits of :attr:`Fact.TERMS` for months of the running loan."""
BOOST: Final = 16
"""One month of a bought score in :attr:`Fact.TERMS`."""
PARENT: Final = 16
"""One fifth of the parents' means in :attr:`Fact.ORIGIN`."""
BORN: Final = 128

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


def having(facts: Bytes, trait: Trait) -> Bools:
    """Who has a trait: bool[n]."""
    found: Bools = (facts[Fact.TRAITS] & np.uint8(trait)) != 0
    return found


def borrowing(facts: Bytes) -> Bools:
    """Who has a running loan: bool[n]."""
    found: Bools = (facts[Fact.TERMS] & np.uint8(LEFT)) != 0
    return found


def boosted(facts: Bytes) -> Bools:
    """Whose score stands higher for money: bool[n]."""
    found: Bools = facts[Fact.TERMS] >= BOOST
    return found


def start(facts: Bytes) -> Bytes:
    """The tenth of means when the run began, or on coming of age: uint8[n]."""
    found: Bytes = facts[Fact.ORIGIN] & np.uint8(15)
    return found


def parents(facts: Bytes) -> Bytes:
    """The fifth of the parents' means: uint8[n]."""
    found: Bytes = facts[Fact.ORIGIN] // np.uint8(PARENT) & np.uint8(7)
    return found


def origin(tenth: Bytes, parent: Bytes) -> Bytes:
    """:attr:`Fact.ORIGIN` of people who came of age before the run: uint8[n]."""
    found: Bytes = tenth.astype(np.uint8) | parent.astype(np.uint8) * np.uint8(PARENT)
    return found


class Flag(IntFlag):
    """What has befallen an agent; one 16-bit number each."""

    NO_CREDIT = 1
    NO_TRAVEL = 2
    NO_JOB = 4
    NO_SCHOOL = 8
    EXPOSED = 16
    LISTED = 32
    WRONG = 64
    """On a list without its ground in what the agent did."""
    PAYDAY = 128
    """The running loan is a payday loan."""
    GRANTED = 256
    """The scheme grants credit at once."""
    PERK = 512
    PRAISED = 1024
    COURT = 2048
    """A court has found an unpaid debt, rightly."""
    MISTAKEN = 4096
    """Exposed in place of somebody else."""
    LEAKED = 8192
    EVER = 16384
    """Was on a list at some time in the run."""
    NEAR = 32768
    """Has a friend who was exposed in public in the month before."""


PATHS: Final = (
    "society.response",
    "society.shock",
    "society.persistence",
    "perks.worth",
    "perk_costs.borne",
    "perk_costs.budget",
    "perk_costs.deposit",
    "travel_ban.cost",
    "travel_ban.loophole",
    "school_ban.loss",
    "job_gate.gated",
    "praise.pull",
    "shaming.exposed",
    "shaming.misidentified",
    "shaming.harm",
    "informants.reports",
    "informants.error",
    "informants.bias",
    "speech_penalty.recorded",
    "chilling.fear",
    "chilling.spread",
    "friend_contagion.weight",
    "dating.weight",
    "dating.pace",
    "unawareness.unaware",
    "unawareness.learning",
    "cities.movers",
    "cities.lost",
    "loan_gate.weight",
    "loan_gate.margin",
    "loan_gate.prior",
    "loan_gate.spread",
    "late_payment.chance",
    "payday.turn",
    "payday.rate",
    "list_feed.drop",
    "stacking.multiplier",
    "loyalty.shift",
    "hacking.buyers",
    "hacking.boost",
    "hacking.price",
    "redistribution.moved",
    "wrong_listing.rate",
    "wrong_listing.delay",
    "wrong_listing.dispute",
    "leaks.chance",
    "leaks.loss",
)
"""Settings that the compiled loops read, by the path a scenario gives them, in this order."""

PAR: Final = {path: place for place, path in enumerate(PATHS)}
"""Place of each setting in the vector."""


def settings(value: Callable[[str], float]) -> npt.NDArray[np.float64]:
    """The vector of settings; ``value`` gives the one of a path (its off value if switched off)."""
    return np.array([value(path) for path in PATHS], np.float64)
