"""How often each kind of event comes to a subject of the synthetic town.

Looked up by the event's name, then by words in it, then a quiet default: a scheme can rename or
add an event and the town still has it.
"""

from __future__ import annotations

import re
from typing import Final

from xinyong.demo.fields import (
    Draw,
    amount,
    broken,
    delay,
    grown,
    kept,
    sometimes,
    unless_idle,
    whole,
    word,
)
from xinyong.demo.traits import Habit

_YOUNG = {"youth": 0.3}
_MEANS = {"means": 0.3}

PEOPLE: Final[dict[str, Habit]] = {
    "loan_due": Habit("monthly", 12, 0.26, {"means": 0.15, "youth": 0.1}),
    "credit_line": Habit("monthly", 12, 0.13, {"means": 0.4}),
    "credit_inquiry": Habit("chance", 0.7, 0.7, {"reliability": -0.35}, 2.5),
    "bill": Habit("monthly", 12, 0.42, {"means": 0.1, "youth": -0.1}),
    "rental": Habit("chance", 1.8, 0.5, {"youth": 0.4}),
    "booking": Habit("chance", 1.2, 0.45, _MEANS),
    "deposit": Habit("chance", 0.7, 0.4, _YOUNG),
    "broken_contract": Habit("chance", 0.12, 0.6, {"reliability": -1.0}, 4.0),
    "payment": Habit("chance", 7.5, 0.85, {"youth": 0.3, "means": 0.15}, 0.8),
    "purchase": Habit("chance", 5.5, 0.8, {"youth": 0.25, "means": 0.3}),
    "transfer": Habit("chance", 2.2, 0.7, _YOUNG),
    "salary": Habit("monthly", 12, 0.12, {"means": 0.5, "youth": 0.2}),
    "balance": Habit("monthly", 12, 0.14, {"means": 0.4}),
    "membership": Habit("yearly", 1, 0.75),
    "id_check": Habit("once", 1, 0.8),
    "address": Habit("once", 1, 0.65, {"reliability": 0.1}),
    "phone": Habit("once", 1, 0.75),
    "employment": Habit("once", 1, 0.45, {"means": 0.3}),
    "degree": Habit("once", 1, 0.35, {"means": 0.4, "youth": 0.3}),
    "vehicle": Habit("once", 1, 0.2, {"means": 0.6}),
    "upload": Habit("chance", 0.35, 0.4, _MEANS),
    "contact": Habit("chance", 1.2, 0.5, {"youth": 0.4}),
    "recommendation": Habit("chance", 0.2, 0.4, {"reliability": 0.4}),
    "contact_late": Habit("chance", 0.12, 0.5, {"reliability": -0.3}),
}
"""Habits of people, by the exact name of the event."""

_CAREFUL = {"reliability": -0.8}
FIRMS: Final[dict[str, Habit]] = {
    "assessment": Habit("yearly", 1, 0.97),
    "filing": Habit("monthly", 14, 0.98),
    "tax_payment": Habit("monthly", 12, 0.94),
    "invoice_breach": Habit("chance", 0.16, 0.8, _CAREFUL, 1.5),
    "audit": Habit("chance", 0.3, 0.9, {"means": 0.2, "reliability": -0.2}),
    "serious_breach": Habit("chance", 0.012, 0.8, {"reliability": -1.2}, 2.0),
    "grade_given": Habit("yearly", 1, 0.85),
    "income_report": Habit("monthly", 12, 0.92),
    "registration": Habit("yearly", 1, 0.98),
    "adverse_record": Habit("chance", 0.14, 0.8, _CAREFUL, 2.5),
}
"""Habits of firms, by the exact name of the event."""

OWN_DRAWS: Final[dict[str, Draw]] = {
    "loan_due.days_late": delay(2.9, 13.0),
    "credit_line.limit": amount(2_200_000, 0.6, 0.6, own=0.95),
    "credit_line.used": amount(600_000, 0.8, 0.4, own=0.6, pull=-0.3),
    "bill.paid_on_time": kept(2.7, 1.0),
    "bill.amount": amount(9_000, 0.5, 0.35),
    "rental.returned": kept(3.2),
    "booking.kept": kept(2.5),
    "deposit.returned_in_full": kept(2.3),
    "payment.in_store": kept(0.3, 0.0, 0.0),
    "purchase.amount": amount(14_000, 1.0, 0.45),
    "purchase.returned": broken(-2.3, 0.3, 0.0),
    "salary.amount": amount(620_000, 0.35, 0.5, own=0.9),
    "balance.amount": amount(700_000, 1.4, 0.9, own=0.85),
    "balance.product": word(0.65, 0.35),
    "membership.months": grown(22, 160),
    "id_check.passed": kept(3.8, 0.4, 0.0),
    "address.verified": kept(1.6, 0.3, 0.0),
    "phone.verified": kept(2.0, 0.3, 0.0),
    "employment.verified": kept(1.2, 0.3, 0.0),
    "degree.verified": kept(1.5, 0.2, 0.0),
    "degree.level": word(0.5, 0.3, 0.2),
    "vehicle.verified": kept(1.8, 0.2, 0.0),
    "upload.verified": kept(1.0, 0.3, 0.0),
    "assessment.regular_complete": kept(2.6, 0.5, 0.3),
    "assessment.other_complete": kept(1.6, 0.5, 0.3),
    "filing.form": word(0.85, 0.15),
    "filing.days_late": delay(3.8, 9.0),
    "filing.nothing_due": broken(-3.0, 0.3, 0.3),
    "tax_payment.days_late": delay(4.0, 8.0),
    "tax_payment.due": amount(1_800_000, 0.9, 0.9, own=0.7),
    "tax_payment.short_by": sometimes(4.2, amount(420_000, 0.8, 0.9)),
    "invoice_breach.act": word(0.4, 0.45, 0.15),
    "audit.short_by": sometimes(0.9, amount(900_000, 1.0, 0.9)),
    "audit.settled_after": whole(2, 45, 1.8),
    "serious_breach.act": word(0.35, 0.35, 0.2, 0.1),
    "grade_given.grade": word(0.32, 0.44, 0.1, 0.1, 0.04, pull=-0.5),
    "income_report.income": unless_idle(amount(9_000_000, 0.9, 0.9, own=0.8)),
    "registration.years": grown(6, 60, per_year=1.0, newcomers=True),
    "adverse_record.body": word(0.3, 0.4, 0.3),
}
"""Draws of fields, by the exact ``kind.field``."""

_WORDS: Final[dict[str, tuple[tuple[str, Habit], ...]]] = {
    "people": (
        (r"bill|utility|rent_", Habit("monthly", 12, 0.6)),
        (r"due|repay|instal|statement", Habit("monthly", 12, 0.3)),
        (r"default|fraud|judg|serious", Habit("chance", 0.04, 0.5, {"reliability": -0.9}, 4.0)),
        (r"viol|breach|fine|disput", Habit("chance", 0.15, 0.8, {"reliability": -0.7}, 2.0)),
        (r"address|identity|verif|degree|licen", Habit("once", 1, 0.6)),
    ),
    "firms": (
        (r"regist|licen|opened|incorp", Habit("once", 1, 0.95)),
        (r"declar|return|filing|paid|pay", Habit("monthly", 12, 0.95)),
        (r"annual|statement|evaluat|year", Habit("yearly", 1, 0.95)),
        (r"evasion|fraud|forg|serious|false", Habit("chance", 0.02, 0.4, {"reliability": -1.1})),
        (r"arrears|late|penal|fine|viol", Habit("chance", 0.3, 0.7, {"reliability": -0.9}, 2.5)),
        (r"inspect|audit|check", Habit("chance", 0.6, 0.9, {"means": 0.2})),
    ),
}
_QUIET: Final = Habit("chance", 1.5, 0.6)


def habit_of(part: str, kind: str) -> Habit:
    """How often an event of that name happens to the people or to the firms."""
    own = PEOPLE if part == "people" else FIRMS
    if kind in own:
        return own[kind]
    for pattern, habit in _WORDS[part]:
        if re.search(pattern, kind):
            return habit
    return _QUIET
