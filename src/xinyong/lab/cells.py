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
    """Rows of small whole numbers."""

    AGE = 0
    GROUP = 1
    """A synthetic group, for error and fairness; it has no name."""
    PARENT = 2
    """Fifth of the parents' means, 0 the lowest."""
    START = 3
    """Fifth of means when the run began, or on coming of age."""
    JOB = 4
    """Bit 1: has a job; bit 2: works for firms, when she does."""
    PRESENCE = 5
    """1: leaves a digital trail; 0: a thin file."""
    AWARE = 6
    """1: knows the own score."""
    MISSES = 7
    LEFT = 8
    """Months of the running loan that are left."""
    LISTED = 9
    """Months on a list, running; at most 250."""
    LINGER = 10
    """Months for which burdens of a list go on after it has ended."""
    BOOST = 11
    """Months for which a bought score lasts."""
    BORN = 12
    """1: came of age during the run."""
    ASKED = 13
    """Loans asked for this year, at most 15, and 16 times those granted."""


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
