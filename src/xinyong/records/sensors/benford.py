"""Benford's law, kept here to show why it is not used.

First digits of readings do not follow Benford's law when nobody touches them: concentrations span
two powers of ten at most and a week stays near one level. The test below promises one false alarm
in a hundred and flags seven to nine of ten genuine weeks, and nearly every genuine month
(``docs/sensors.md``), so it says nothing about fabrication. No detector uses it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xinyong.records.sensors.series import Whole

CRITICAL: Final = 20.090
"""The value that chi-square with eight degrees of freedom exceeds by chance once in a hundred."""

_TENS: Final = 10 ** np.arange(19, dtype=np.int64)


def departs_from_benford(values: Whole) -> bool:
    """Whether first digits of the values above 0 depart from Benford's law at 1 %."""
    above = values[values > 0]
    if not len(above):
        return False
    digits = above // _TENS[np.searchsorted(_TENS, above, side="right") - 1]
    seen = np.bincount(digits, minlength=10)[1:]
    thought = np.log10(1 + 1 / np.arange(1, 10)) * len(digits)
    return bool(np.sum((seen - thought) ** 2 / thought) > CRITICAL)
