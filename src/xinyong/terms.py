"""Words and bounds that every room shares.

All scored quantities are integers. A *whole* is a plain integer (a count, days, money in
minor units). A *fixed* is a ratio or mean held in millionths (:data:`MICRO` to the unit).
Every arithmetic step whose result lies beyond ±:data:`LIMIT` gives *unknown*; the bound is
chosen so that the fast path can do each step, long division included, in 64 bits.
"""

from typing import Final, NewType

SubjectId = NewType("SubjectId", str)
"""Name of the person or organisation that is scored; opaque to the engine."""

Points = NewType("Points", int)
"""Points of a line, a dimension or a score; always a whole number."""

DataSetName = NewType("DataSetName", str)
"""Name of a data set in a scheme."""

Context = NewType("Context", str)
"""Where data arose or a consequence falls, as a dotted word such as ``finance.credit``."""

Purpose = NewType("Purpose", str)
"""What a score is for, as one sentence."""

MICRO: Final = 1_000_000
"""Millionths: one unit of a *fixed* number."""

LIMIT: Final = 9 * 10**17
"""Largest magnitude of any value in the scored path; beyond it a value is unknown."""

FIELD_LIMIT: Final = 10**12
"""Largest magnitude of a number in an event's field (units of the field's type)."""

FIXED_FIELD_LIMIT: Final = 10**7
"""Largest magnitude of a ``number`` field, in whole units (it is kept in millionths)."""

EVENTS_LIMIT: Final = 800_000
"""Most events one subject may have; keeps every sum of fields inside 64 bits."""

POINTS_LIMIT: Final = 1_000_000
"""Largest magnitude of the points of one event, row or line."""


def half_away(numerator: int, denominator: int) -> int:
    """Divide two integers and round to the nearest, halves away from zero.

    This is the one rounding of the house. ``denominator`` must not be 0.

    >>> half_away(5, 2), half_away(-5, 2), half_away(7, 3)
    (3, -3, 2)
    """
    negative = (numerator < 0) != (denominator < 0)
    numerator, denominator = abs(numerator), abs(denominator)
    quotient, rest = divmod(numerator, denominator)
    if 2 * rest >= denominator:
        quotient += 1
    return -quotient if negative else quotient
