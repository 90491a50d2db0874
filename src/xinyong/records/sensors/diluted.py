"""Diluted: less is measured than an independent station lets one expect.

From the substances and the weather that the independent instruments measure, from the hour and the
season, a ridge regression learns what this instrument shows (both as square roots). The score of a
week is the logarithm of expected over measured, summed over the week, less seven tenths of the same
of the two weeks before: what has always been so, or drifts slowly, is not held against the week.
For that reason a dilution that began long ago is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from xinyong.records.sensors.fitted import NOT_JUDGED
from xinyong.records.sensors.instrument import DAY, HOUR, WEEK
from xinyong.records.sensors.series import Floats, Mask, Watched, Whole

BEFORE: Final = 14 * DAY
"""Hours before the week against which it is held."""

_SHARE: Final = 0.7
_ENOUGH: Final = 0.8
_ENOUGH_BEFORE: Final = 0.5
_RIDGE: Final = 10.0
_WIDE: Final = DAY + 1
_HALF: Final = DAY // 2
_MOST_MISSING: Final = 0.4
_ODD_HOURS: Final = 8_766


@dataclass(frozen=True, slots=True, eq=False)
class Diluted:
    """What the independent instruments let one expect."""

    centre: Floats
    scale: Floats
    middle: Floats
    spread: Floats
    weights: Floats
    learns: ClassVar[bool] = True
    margin: ClassVar[float] = 0.0

    def scores(self, watched: Watched, starts: Whole) -> Floats:
        """Log of expected over measured of each week, less a share of that of the weeks before."""
        if not len(starts):
            return np.zeros(0)
        low = max(0, int(starts.min()) - BEFORE)
        measured, expected, usable = self._sums(watched, low, int(starts.max()) + WEEK)
        step = watched.own.instrument.resolution
        found = np.full(len(starts), NOT_JUDGED)
        for spot, start in enumerate(starts - low):
            week = _ratio(measured, expected, usable, start, start + WEEK, step, _ENOUGH)
            past = _ratio(measured, expected, usable, start - BEFORE, start, step, _ENOUGH_BEFORE)
            if week is not None and past is not None:
                found[spot] = week - _SHARE * past
        return found

    def words(self, watched: Watched, start: int) -> str:
        """Measured against expected, in the week and before."""
        low = max(0, start - BEFORE)
        sums = self._sums(watched, low, start + WEEK)
        step = watched.own.instrument.resolution
        week = _ratio(*sums, start - low, start - low + WEEK, step, 0.0) or 0.0
        past = _ratio(*sums, start - low - BEFORE, start - low, step, 0.0) or 0.0
        return (
            f"the week's readings are {100 * np.exp(-week):.0f} % of what the independent "
            f"instruments let one expect; in the two weeks before they were "
            f"{100 * np.exp(-past):.0f} %"
        )

    def _sums(self, watched: Watched, low: int, high: int) -> tuple[Floats, Floats, Floats]:
        """Running sums, from hour ``low`` on, of measured, expected and usable hours."""
        table, fits = _table(watched, low, high, (self.centre, self.scale))
        root = ((table - self.middle) / self.spread) @ self.weights
        usable = watched.own.good[low:high] & fits
        values = np.maximum(watched.own.values[low:high], 0)
        parts = (values, np.maximum(root, 0.0) ** 2, np.ones(high - low))
        measured, expected, hours = (
            np.concatenate([[0.0], np.cumsum(np.where(usable, part, 0.0))]) for part in parts
        )
        return measured, expected, hours


def _ratio(
    measured: Floats, expected: Floats, usable: Floats, first: int, last: int, step: int,
    enough: float,
) -> float | None:  # fmt: skip
    """Log of expected over measured between two hours; None if there are too few."""
    if first < 0:
        return None
    hours = usable[last] - usable[first]
    if hours < max(1.0, enough * (last - first)):
        return None
    floor = step * hours
    seen, thought = measured[last] - measured[first], expected[last] - expected[first]
    return float(np.log((thought + floor) / (seen + floor)))


def fit_diluted(watched: Watched, used: Mask) -> Diluted | None:
    """Learns from the hours that are ``used``; None where no independent substance is measured."""
    if not any(other.instrument.is_concentration for other in watched.beside):
        return None
    known = [
        _own_scale(_rooted(watched, spot, 0, len(watched.own))[used]) for spot in _which(watched)
    ]
    centre, scale = (np.array(column) for column in zip(*known, strict=True))
    table, fits = _table(watched, 0, len(watched.own), (centre, scale))
    rows = used & fits & watched.own.good
    if np.count_nonzero(rows) < 10 * table.shape[1]:
        return None
    chosen = table[rows]
    middle, spread = chosen.mean(axis=0), chosen.std(axis=0) + 1e-9
    middle[-1], spread[-1] = 0.0, 1.0  # the constant
    chosen = (chosen - middle) / spread
    root = np.sqrt(np.maximum(watched.own.values[rows], 0))
    square = chosen.T @ chosen + _RIDGE * np.eye(chosen.shape[1])
    return Diluted(centre, scale, middle, spread, np.linalg.solve(square, chosen.T @ root))


def _which(watched: Watched) -> list[int]:
    """Independent series: substances first, then the weather."""
    order = sorted(range(len(watched.beside)), key=lambda spot: not _substance(watched, spot))
    return order


def _substance(watched: Watched, spot: int) -> bool:
    return watched.beside[spot].instrument.is_concentration


def _rooted(watched: Watched, spot: int, low: int, high: int) -> Floats:
    """A series beside, as square roots if it is a substance; NaN where it is not good."""
    other = watched.beside[spot]
    values = other.values[low:high].astype(np.float64)
    if other.instrument.is_concentration:
        values = np.sqrt(np.maximum(values, 0.0))
    return np.where(other.good[low:high], values, np.nan)


def _own_scale(column: Floats) -> tuple[float, float]:
    good = column[~np.isnan(column)]
    return (float(good.mean()), float(good.std()) + 1e-9) if len(good) else (0.0, 1.0)


def _table(
    watched: Watched, low: int, high: int, known: tuple[Floats, Floats]
) -> tuple[Floats, Mask]:
    """The regression's columns for the hours from ``low`` to ``high``, and which can be used."""
    wide_low, wide_high = max(0, low - _HALF), min(len(watched.own), high + _HALF)
    which = _which(watched)
    raw = np.stack([_rooted(watched, spot, wide_low, wide_high) for spot in which], axis=1)
    count = sum(_substance(watched, spot) for spot in which)
    fits = np.isnan(raw[:, :count]).mean(axis=1) <= _MOST_MISSING
    found = np.where(np.isnan(raw), 0.0, (raw - known[0]) / known[1])
    smooth = _smooth(found)
    cut = slice(low - wide_low, low - wide_low + (high - low))
    found, smooth, fits = found[cut], smooth[cut], fits[cut]
    substances, weather = found[:, :count], found[:, count:]
    hours = watched.own.start // HOUR + np.arange(low, high)
    daily, yearly = _turns(hours % DAY / DAY), _turns(hours % _ODD_HOURS / _ODD_HOURS)
    mixed = [a * b[:, None] for a in (daily[:, :2], substances) for b in yearly.T[:2]]
    mixed += [substances * b[:, None] for b in daily.T[:2]]
    constant = np.ones((high - low, 1))
    return np.hstack([found, smooth, weather**2, daily, yearly, *mixed, constant]), fits


def _turns(phase: Floats) -> Floats:
    """Sine and cosine of a phase (in turns), once and twice round."""
    angle = 2 * np.pi * phase
    return np.stack([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)], axis=1)


def _smooth(columns: Floats) -> Floats:
    """The mean of 25 hours around each, the ends held."""
    padded = np.pad(columns, ((_HALF, _HALF), (0, 0)), "edge")
    sums = np.cumsum(np.vstack([np.zeros((1, columns.shape[1])), padded]), axis=0)
    return np.asarray((sums[_WIDE:] - sums[:-_WIDE]) / _WIDE)
