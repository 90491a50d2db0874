"""Readings that nobody measured, for tests: firms, instruments, series like fine dust."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from xinyong.days import instant
from xinyong.records import uscc
from xinyong.records.sensors.instrument import DAY, Instrument
from xinyong.records.sensors.series import Series, State, Watched, Whole, watched

ZONE = ZoneInfo("Asia/Shanghai")
START = instant(datetime(2022, 1, 1, tzinfo=ZONE))
FIRM, OTHER, THIRD = uscc.draw(np.random.default_rng(1), 3)
YEAR_HOURS = 8_766


def dust(name: str = "chimney 1", firm: str = FIRM, limit: int | None = 150_000) -> Instrument:
    return Instrument(name, firm, "dust", "ug/m3", 1_000, limit)


def levels(hours: int, seed: int) -> np.ndarray:
    """A level in logarithms that wanders, with a daily swing."""
    chance = np.random.default_rng(seed)
    noise = chance.normal(0, 0.18, hours)
    level = np.zeros(hours)
    for hour in range(1, hours):
        level[hour] = 0.96 * level[hour - 1] + noise[hour]
    return level + 0.2 * np.sin(2 * np.pi * np.arange(hours) / DAY)


def whole_steps(shown: np.ndarray) -> Whole:
    return np.maximum(np.rint(shown), 1).astype(np.int64) * 1_000


def series(values: Whole, instrument: Instrument | None = None, start: int = START) -> Series:
    state = np.full(len(values), State.GOOD, np.uint8)
    return Series(instrument or dust(), start, values, state)


def drawn(hours: int, seed: int = 7) -> Watched:
    """A record with an independent one beside it that follows the same air."""
    air = levels(hours, seed)
    chance = np.random.default_rng([seed, 1])
    own = whole_steps(60 * np.exp(air + chance.normal(0, 0.1, hours)))
    near = whole_steps(50 * np.exp(air + chance.normal(0, 0.1, hours)))
    beside = series(near, dust("station", OTHER, None))
    return watched(series(own), (beside,))
