"""How often each kind is seen, at a fixed rate of false alarms, on years that were held out.

Each year of a genuine record is left out in turn: the others calibrate, the year is judged. Its
weeks as they are give the false alarms, the same weeks fabricated (:mod:`.injected`) what is
caught. No area under a curve is given: at the rates an inspector can live with it says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from xinyong.records.sensors.calibrating import Scored
from xinyong.records.sensors.fitted import NOT_JUDGED, Fitted
from xinyong.records.sensors.injected import INJECTIONS, Injection
from xinyong.records.sensors.instrument import DAY
from xinyong.records.sensors.kinds import BAR, PER_10000, Kind
from xinyong.records.sensors.series import Watched, Whole, years_of

_Z: Final = 1.959964


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Wilson's interval (95 %) of a share; (0, 1) of nothing.

    >>> [round(end, 3) for end in wilson(1, 100)]
    [0.002, 0.054]
    """
    if of == 0:
        return 0.0, 1.0
    share, pull = hits / of, _Z**2 / of
    middle = share + pull / 2
    reach = _Z * sqrt((share * (1 - share) + pull / 4) / of)
    return max(0.0, (middle - reach) / (1 + pull)), min(1.0, (middle + reach) / (1 + pull))


@dataclass(frozen=True, slots=True)
class Counted:
    """So many hits of so many weeks."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """Hits of all; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of the share. Weeks begun a day apart overlap: it is too narrow."""
        return wilson(self.hits, self.of)


@dataclass(frozen=True, slots=True)
class Judged:
    """One instrument and kind: false alarms by held-out year, and what was caught of each way."""

    instrument: str
    kind: Kind
    calibrated_on: int
    """Fewest genuine weeks of the calibrations."""

    alarms: tuple[Counted, ...]
    """False alarms of all genuine weeks of each held-out year."""

    judged: int
    """Genuine weeks of all years on which the detector could say anything."""

    caught: tuple[tuple[str, Counted], ...]
    """What was caught, by the way's name; the first is the one that is held to the bar."""

    alarmed: frozenset[int]
    """First hours of the genuine weeks that were flagged."""

    @property
    def false_alarms(self) -> Counted:
        """False alarms of all held-out years together."""
        return Counted(sum(c.hits for c in self.alarms), sum(c.of for c in self.alarms))

    @property
    def among_judged(self) -> Counted:
        """False alarms of those genuine weeks on which the detector could say anything.

        The stricter rate: few weeks come near a limit, and those that do not cannot look capped.
        """
        return Counted(self.false_alarms.hits, self.judged)

    @property
    def main(self) -> Counted:
        """What was caught of the way that is held to the bar."""
        return self.caught[0][1]

    @property
    def passes(self) -> bool:
        """Whether the bar is reached and no more false alarms were raised than promised."""
        return self.is_quiet and self.main.share >= BAR[self.kind]

    @property
    def is_quiet(self) -> bool:
        """Whether no more false alarms were raised than promised, among the judged weeks."""
        return self.false_alarms.hits * 10_000 <= PER_10000 * self.judged


def judge(
    watched: Watched, kinds: Sequence[Kind] = tuple(Kind), *, seed: int, every: int = DAY,
    every_injected: int = 4, injections: Sequence[Injection] = INJECTIONS,
) -> list[Judged]:  # fmt: skip
    """Judge the detectors on one instrument's genuine record, each year held out in turn.

    Weeks begin ``every`` hours. One in ``every_injected`` of them is fabricated in the way that is
    held to the bar, half as many in each other way; ``seed`` draws the fabrications. Kinds that
    cannot be looked for are left out. Raises :class:`~xinyong.errors.QuestionRefused` with too few
    years or weeks.
    """
    scored = Scored(watched, years_of(len(watched.own)), every)
    return [
        found
        for kind in kinds
        if (found := _judge_kind(scored, kind, seed, every_injected, injections)) is not None
    ]


def _judge_kind(
    scored: Scored, kind: Kind, seed: int, every_injected: int, injections: Sequence[Injection]
) -> Judged | None:
    ways = sorted((w for w in injections if w.kind is kind), key=lambda way: not way.held_to_bar)
    alarms, judged, fewest = [], 0, len(scored.starts)
    alarmed: set[int] = set()
    caught = dict.fromkeys(range(len(ways)), (0, 0))
    years = tuple(int(year) for year in np.unique(scored.part))
    for year in years:
        calibration = scored.calibrated(kind, tuple(y for y in years if y != year))
        if calibration is None:
            return None
        fewest = min(fewest, calibration.weeks)
        scores = scored.by(kind, tuple(y for y in years if y != year))
        held_out = np.flatnonzero(scored.year == year)
        assert scores is not None
        over = scores[1][held_out] > calibration.threshold
        judged += int(np.count_nonzero(scores[1][held_out] > NOT_JUDGED))
        alarms.append(Counted(int(np.count_nonzero(over)), len(held_out)))
        alarmed.update(int(start) for start in scored.starts[held_out[over]])
        for spot, way in enumerate(ways):
            chance = np.random.default_rng([seed, year, spot, list(Kind).index(kind)])
            every = max(1, every_injected) * (1 if way.held_to_bar else 2)
            starts = scored.starts[held_out[::every]]
            hits, of = _catch(
                scored, calibration.fitted, calibration.threshold, way, starts, chance
            )
            caught[spot] = (caught[spot][0] + hits, caught[spot][1] + of)
    found = tuple((way.name, Counted(*caught[spot])) for spot, way in enumerate(ways))
    name = scored.watched.own.instrument.id
    return Judged(name, kind, fewest, tuple(alarms), judged, found, frozenset(alarmed))


def _catch(
    scored: Scored, fitted: Fitted, threshold: float, way: Injection, starts: Whole,
    chance: np.random.Generator,
) -> tuple[int, int]:  # fmt: skip
    hits = of = 0
    for start in starts:
        week = way.make(scored.watched, int(start), chance)
        if week is None:
            continue
        good = scored.watched.own.good[start : start + len(week)]
        changed = scored.watched.with_week(int(start), week, good)
        of += 1
        hits += bool(fitted.scores(changed, np.array([start]))[0] > threshold)
    return hits, of
