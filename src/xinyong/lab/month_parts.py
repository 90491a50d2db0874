"""Numbers of a month: where things stand, what can happen, whose luck it is, which setting counts.

Named once for the compiled loops of :mod:`.acts`, :mod:`.month` and :mod:`.follow`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.lab.cells import PAR, Fact, Flag, Money, Trait
from xinyong.lab.chance import Stream, key
from xinyong.lab.happenings import Happening

INCOME, SHOCK, WEALTH = int(Money.INCOME), int(Money.SHOCK), int(Money.WEALTH)
RELIABILITY, CHILL, DUE = int(Money.RELIABILITY), int(Money.CHILL), int(Money.DUE)
TRAITS, DUES, TERMS = int(Fact.TRAITS), int(Fact.DUES), int(Fact.TERMS)
GROUP, PRESENCE, AWARE = int(Trait.GROUP), int(Trait.PRESENCE), int(Trait.AWARE)
JOB, OF_FIRMS, NO_WORK = int(Trait.JOB), int(Trait.FIRMS), 0xFF ^ int(Trait.JOB)
NO_TRAVEL, NO_JOB, PRAISED = int(Flag.NO_TRAVEL), int(Flag.NO_JOB), int(Flag.PRAISED)
EXPOSED, MISTAKEN, LEAKED = int(Flag.EXPOSED), int(Flag.MISTAKEN), int(Flag.LEAKED)
FRIGHTENED = EXPOSED | MISTAKEN | int(Flag.NEAR)
WRONG, PAYDAY, COURT = int(Flag.WRONG), int(Flag.PAYDAY), int(Flag.COURT)
_ALL = 0xFFFF
NOT_PAYDAY, NOT_WRONG = _ALL ^ PAYDAY, _ALL ^ WRONG
NOT_COURT, NOT_LEAKED = _ALL ^ COURT, _ALL ^ LEAKED

HAPPENINGS: Final = (
    "BILL_PAID BILL_MISSED LOAN_TAKEN LOAN_PAID LOAN_MISSED LOAN_REPAID SMALL_BREACH"
    " GRAVE_BREACH COURT_DEFAULT COURT_DONE GOOD_DEED BOUGHT SPOKE FRIEND_BREACH PROFILE COVERED"
)
"""What can happen to a person in a month, in the order of the vectors here."""
(
    BILL_PAID, BILL_MISSED, LOAN_TAKEN, LOAN_PAID, LOAN_MISSED, LOAN_REPAID, SMALL_BREACH,
    GRAVE_BREACH, COURT_DEFAULT, COURT_DONE, GOOD_DEED, BOUGHT, SPOKE, FRIEND_BREACH, PROFILE,
    COVERED,
) = range(16)  # fmt: skip
ARREARS_PAID, BILL_SETTLED = int(Happening.ARREARS_PAID), int(Happening.BILL_SETTLED)

_STREAMS: Final = (
    Stream.SHOCK, Stream.JOB, Stream.PAY, Stream.REPAY, Stream.COURT, Stream.BREACH, Stream.GRAVE,
    Stream.GOOD_DEED, Stream.BUY, Stream.SPEAK, Stream.INFORMANT, Stream.ERROR,
    Stream.WRONG_LISTING, Stream.DISPUTE, Stream.HACK, Stream.COVERAGE, Stream.LEARN, Stream.LEAK,
    Stream.PERSIST, Stream.LAID_OFF, Stream.EMPLOYER, Stream.LATE_BILL, Stream.LATE_LOAN,
)  # fmt: skip
(
    L_SHOCK, L_JOB, L_PAY, L_REPAY, L_COURT, L_BREACH, L_GRAVE, L_DEED, L_BUY, L_SPEAK, L_INFORM,
    L_ERROR, L_WRONG, L_DISPUTE, L_HACK, L_COVER, L_LEARN, L_LEAK, L_SHOCK2, L_LAID_OFF, L_EMPLOYER,
    L_LATE_BILL, L_LATE_LOAN,
) = range(23)  # fmt: skip

P_RESPONSE, P_SHOCK = PAR["society.response"], PAR["society.shock"]
P_PERSIST, P_TRAVEL = PAR["society.persistence"], PAR["travel_ban.cost"]
P_JOB, P_PRAISE, P_HARM = PAR["job_gate.gated"], PAR["praise.pull"], PAR["shaming.harm"]
P_REPORTS, P_ERROR = PAR["informants.reports"], PAR["informants.error"]
P_BIAS, P_SPEECH = PAR["informants.bias"], PAR["speech_penalty.recorded"]
P_FEAR, P_SPREAD = PAR["chilling.fear"], PAR["chilling.spread"]
P_LEARN, P_LOYALTY = PAR["unawareness.learning"], PAR["loyalty.shift"]
P_BUYERS, P_PRICE = PAR["hacking.buyers"], PAR["hacking.price"]
P_WRONG, P_DISPUTE = PAR["wrong_listing.rate"], PAR["wrong_listing.dispute"]
P_LATE = PAR["late_payment.chance"]
P_LEAK, P_LOSS = PAR["leaks.chance"], PAR["leaks.loss"]

SUMS: Final = (
    "instalments", "income", "recovered", "loans_repaid", "loans_lost", "court_cases", "breaches",
    "false_reports", "good_deeds", "bought", "spoken", "wrong_listings", "corrections",
)  # fmt: skip
"""What :func:`xinyong.lab.month.live` counts in a month, in the order of ``sums``."""


def keys(seed: int, month: int) -> npt.NDArray[np.int64]:
    """The keys of a month's decisions, as :func:`xinyong.lab.month.live` takes them."""
    made = [key(seed, month, int(stream)) for stream in _STREAMS]
    made[L_EMPLOYER] = key(seed, 0, int(Stream.EMPLOYER))  # the same in every month
    return np.array(made, np.int64)


def places(rows: dict[str, int]) -> npt.NDArray[np.int64]:
    """A vector by happening from a mapping by name; -1 where a name is missing."""
    made = np.full(len(Happening), -1, np.int64)
    for name, row in rows.items():
        made[Happening[name]] = row
    return made
