"""Benford's law, kept here to show why it is not used.

First digits of readings do not follow Benford's law when nobody touches them: concentrations span
two powers of ten at most and a week stays near one level. The test below flags nearly every genuine
week (``docs/sensors.md``), so it says nothing about fabrication. No detector uses it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from xinyong.records.sensors.series import Whole

CRITICAL: Final = 20.090
"""The value that chi-square with eight degrees of freedom exceeds by chance once in a hundred."""


def departs_from_benford(values: Whole) -> bool:
    """Whether first digits of the values above 0 depart from Benford's law at 1 %."""
    digits = np.array([int(str(int(value))[0]) for value in values if value > 0], np.int64)
    if not len(digits):
        return False
    seen = np.bincount(digits, minlength=10)[1:]
    thought = np.log10(1 + 1 / np.arange(1, 10)) * len(digits)
    return bool(np.sum((seen - thought) ** 2 / thought) > CRITICAL)
