"""Firms that do not exist: what they earn, emit, report and borrow, month by month.

The side of the society that schemes for organisations score. A firm over the limit may run clean,
pass the limit openly and pay, or make its sensors lie; inspections find some out. Small firms are
refused loans for want of knowledge, and give fewer jobs. Where a rating pays for a clean report,
firms spend on it as far as its own points make it worth while. Each month's steps and all assumed
numbers stand in :mod:`xinyong.lab.firms_month`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.casting import ByHand, cast, plain_scheme
from xinyong.lab.chance import Stream, ats, belows, everyone, fold, key
from xinyong.lab.firms_month import (
    CLEAN,
    COIN,
    DECISIONS,
    L_FAKES,
    MONTHS,
    PATHS,
    RATE,
    TURNOVER,
    Kind,
    Purse,
    State,
    Sum,
    Trait,
    run,
)
from xinyong.lab.happenings import HAPPENINGS, Happening
from xinyong.lab.measures import correlation
from xinyong.lab.population import draw_firms
from xinyong.lab.scoring import MONTHS as SCORED
from xinyong.lab.scoring import LabScorer, Scores
from xinyong.lab.tiles import Tiles
from xinyong.scheme.model import Scheme

Array = npt.NDArray[Any]
Value = Callable[[str], float]
Figures = dict[tuple[str, str], float]

LEAST_COST: Final = 0.001
"""What running clean costs at least, as a part of turnover (assumed)."""
SAVINGS: Final = 2.0
"""Months' wages that a firm starts with (assumed)."""


@dataclass(frozen=True, slots=True)
class Rating:
    """What a scheme for organisations means to firms.

    ``row`` int64[31] and ``points`` int64[31] are those of a casting: the row of the tiles and the
    points of each happening. ``floor`` and ``ceiling`` are the scheme's.
    """

    row: Array
    points: Array
    floor: int
    ceiling: int

    @classmethod
    def of(cls, said: Scheme | ByHand) -> Rating:
        """What a scheme means, by its own casting. Raises QuestionRefused for one about people."""
        scheme = plain_scheme(said)
        if scheme.subjects != "organisation":
            raise QuestionRefused(
                f"'{scheme.scheme}' is not about organisations",
                where="lab.firms",
                why="firms answer to a scheme that scores firms",
            )
        casting = cast(said)
        return cls(casting.rows, casting.points, scheme.score.floor, scheme.score.ceiling)

    @property
    def streams(self) -> int:
        """How many happenings are recorded."""
        return int(self.row.max()) + 1

    @property
    def stake(self) -> float:
        """What a clean report brings against one over the limit, which is fined: 0 to 1.

        1 is the scheme's whole range. Points of happenings that the scheme does not read are 0.
        """
        read = np.where(self.row >= 0, self.points, 0)
        over = read[Happening.EXCEEDED] + read[Happening.FINED]
        share = float(read[Happening.REPORTED] - over) / max(self.ceiling - self.floor, 1)
        return min(max(share, 0.0), 1.0)


def unrated() -> Rating:
    """No scheme for organisations: nothing is recorded, nothing is worth anything."""
    return Rating(np.full(HAPPENINGS, -1, np.int64), np.zeros(HAPPENINGS, np.int64), 0, 0)


@dataclass(slots=True)
class Firms:
    """Structure of arrays, one column a firm; rows are named in :mod:`.firms_month`.

    ``money`` int64[2, n], ``traits`` float32[5, n], ``states`` uint8[4, n], ``staff`` int16[2, n]
    (full size, jobs; no firm is larger than 2,000), ``tiles`` uint64[k, n]: 44 bytes a firm beside
    the tiles. Who buys from it, how reliable it is and whether it would fabricate are functions
    of the keys ``links``, ``habits`` and ``kinds``.
    ``accounts`` int64[2]: what the lender and the outside have had, on balance; together with all
    cash they never change. ``sums`` is what was counted since the last :meth:`measures`.
    ``scorer`` and ``record`` (its tiles; ``tiles`` is their first words) are there under a scheme
    for organisations, ``scores`` are the last it gave.
    """

    money: Array
    traits: Array
    states: Array
    staff: Array
    tiles: Array
    rating: Rating
    kinds: int
    links: tuple[int, int]
    habits: int
    accounts: Array = field(default_factory=lambda: np.zeros(2, np.int64))
    sums: Array = field(default_factory=lambda: np.zeros(len(Sum)))
    scorer: LabScorer | None = None
    record: Tiles | None = None
    scores: Scores | None = None

    @classmethod
    def draw(cls, n: int, seed: int, *, rating: Rating | None = None, small: float = 0.8) -> Firms:
        """Draw ``n`` firms. ``small``: part of all jobs that small firms give (``sme_gap.small``).

        Small are the smallest firms that together give no more than that part. ``rating``: what is
        recorded and what it is worth, where :meth:`under` does not say it.
        """
        firms, said = everyone(n), rating or unrated()
        drawn = draw_firms(n, seed)
        size = np.maximum(drawn["workers"], 1).astype(np.int32)
        traits = np.zeros((len(Trait), n), np.float32)
        traits[Trait.GROSS] = drawn["emission"]
        traits[Trait.COST] = np.maximum(drawn["cost"], LEAST_COST)
        loans = key(seed, 0, Stream.FIRM_LOAN)
        traits[Trait.TRADE] = 1.0
        states = np.zeros((len(State), n), np.uint8)
        order = np.argsort(size, kind="stable")
        below = np.cumsum(size[order]) <= small * size.sum()
        states[State.KIND, order] = below * int(Kind.SMALL)
        money = np.zeros((len(Purse), n), np.int64)
        money[Purse.CASH] = (size * SAVINGS * COIN).astype(np.int64)
        owed = drawn["loan"].astype(np.float64) * size * TURNOVER * (1.0 + RATE)
        money[Purse.DUE] = (owed / MONTHS).astype(np.int64)
        left = 1 + belows(fold(loans, 2), firms, MONTHS)
        states[State.LEFT] = np.where(money[Purse.DUE] > 0, left, 0)
        tiles = np.zeros((said.streams, n), np.uint64)
        fakes = key(seed, 0, Stream.FIRM_FAKES)
        staff = np.array([size, size], np.int16)
        links, habits = key(seed, 0, Stream.SUPPLY), fold(loans, 1)
        two = fold(links, 0), fold(links, 1)
        return cls(money, traits, states, staff, tiles, said, fakes, two, habits)

    @classmethod
    def under(
        cls, said: Scheme | ByHand, n: int, seed: int, *, small: float = 0.8, months: int = SCORED
    ) -> Firms:
        """Draw ``n`` firms that a scheme for organisations scores each month, by its own plan.

        Raises QuestionRefused for a scheme about people.
        """
        scheme = plain_scheme(said)
        firms = cls.draw(n, seed, rating=Rating.of(said), small=small)
        firms.scorer = LabScorer(scheme, cast(said), months=months)
        firms.record = firms.scorer.tiles(n)
        firms.tiles = firms.record.bits
        return firms

    @property
    def count(self) -> int:
        """How many firms there are."""
        return self.money.shape[1]

    @property
    def small(self) -> Array:
        """Which firms are small: bool[n]."""
        return (self.states[State.KIND] & Kind.SMALL) != 0

    @property
    def reported(self) -> Array:
        """Last month's emissions as the sensor or the firm said: float32[n]."""
        lied = (self.states[State.KIND] & Kind.LIED) != 0
        true = self.traits[Trait.TRUE]
        return np.where(lied, np.minimum(true, np.float32(CLEAN)), true)

    @property
    def buyers(self) -> Array:
        """The two firms that buy from each: int64[2, n]."""
        firms = everyone(self.count)
        return np.array([belows(link, firms, self.count) for link in self.links])

    @property
    def bytes_per_firm(self) -> float:
        """Bytes of state a firm takes."""
        rows = [self.money, self.traits, self.states, self.staff, self.tiles]
        if self.record is not None:
            rows += [self.record.deep, self.record.older]
        return sum(array.nbytes for array in rows) / max(self.count, 1)

    def step(self, month: int, seed: int, value: Value, scores: Any | None = None) -> None:
        """Live one month. ``value`` gives the setting of a path (0 where a mechanism is off).

        ``scores`` are last month's (:class:`xinyong.lab.scoring.Scores`): ``score`` int[n] and
        ``lists`` uint8[l, n], 2 where listed; by default those of the scheme, if there is one.
        """
        if scores is None:
            scores = self.scores
        if self.record is not None and month > 0:
            self.record.keep()
            self.record.month = month
        luck = [fold(key(seed, month, Stream.COMPLY), k) for k in range(DECISIONS)]
        luck[L_FAKES] = self.kinds
        luck += [*self.links, self.habits, fold(self.habits, 1)]
        dials = np.array([value(path) for path in PATHS], np.float64)
        run(
            np.array(luck, np.int64), self.traits[Trait.TRADE].copy(), self.money,
            self.traits, self.states, self.staff, dials, self.rating.stake,
            self._standing(scores), self.accounts, self.tiles, self.rating.row, self.sums,
        )  # fmt: skip
        if self.scorer is not None and self.record is not None:
            self.scores = self.scorer.score(self.record, month)

    def _standing(self, scores: Any | None) -> Array:
        """Place of each firm's score in the range, 0 to 1; -1 for the listed."""
        if scores is None:
            return np.zeros(0)
        span = max(self.rating.ceiling - self.rating.floor, 1)
        standing = (np.asarray(scores.score, np.float64) - self.rating.floor) / span
        if len(scores.lists):
            standing[(scores.lists == 2).any(axis=0)] = -1.0
        return standing

    def measures(self) -> Figures:
        """Figures of the months since this was last asked; the counting begins anew.

        ``fabricated`` and ``exceeded`` as parts of reports, the former also of firms ``above`` the
        limit if they did nothing; ``emissions`` and ``emissions_reported`` in units of the limit,
        mean of firms; ``compliance_cost`` as a part of turnover; ``firm_defaults``, loans given up
        for each one granted; ``firm_approval`` and ``employment`` (jobs filled, as a part of full
        size) also for ``small`` and ``large`` firms, and ``small_firm_approval``; under a scheme
        ``firm_score``, and ``firm_score_truth``, its correlation with how clean firms truly run.
        ``declaring`` firms, and ``border_fines`` as a part of what they declare. What has nothing
        to count is left out.
        """
        sums, firms = self.sums, float(self.sums[Sum.FIRMS])
        self.sums = np.zeros(len(Sum))
        months = firms / max(self.count, 1)
        size = self.staff[0].astype(np.float64)
        full = np.array([size[self.small].sum(), size[~self.small].sum()]) * months
        jobs = sums[[Sum.JOBS_SMALL, Sum.JOBS_LARGE]]
        asked = sums[[Sum.ASKED_SMALL, Sum.ASKED_LARGE]]
        granted = sums[[Sum.GRANTED_SMALL, Sum.GRANTED_LARGE]]
        found = {
            ("fabricated", "all"): _part(sums[Sum.FAKED], firms),
            ("fabricated", "above"): _part(sums[Sum.FAKED], sums[Sum.ABOVE]),
            ("exceeded", "all"): _part(sums[Sum.OVER], firms),
            ("emissions", "all"): _part(sums[Sum.TRUE], firms),
            ("emissions_reported", "all"): _part(sums[Sum.REPORTED], firms),
            ("compliance_cost", "all"): _part(sums[Sum.SPENT], firms),
            ("firm_defaults", "all"): _part(sums[Sum.LOST], granted.sum()),
            ("firm_approval", "all"): _part(granted.sum(), asked.sum()),
            ("small_firm_approval", "all"): _part(granted[0], asked[0]),
            ("employment", "all"): _part(jobs.sum(), full.sum()),
            ("declaring", "all"): _part(sums[Sum.DECLARED], firms),
            ("border_fines", "all"): _part(sums[Sum.BORDER_FINED], sums[Sum.DECLARED]),
        }
        for place, group in enumerate(("small", "large")):
            found["firm_approval", group] = _part(granted[place], asked[place])
            found["employment", group] = _part(jobs[place], full[place])
        if self.scores is not None:
            score, clean = self.scores.score, -self.traits[Trait.TRUE]
            found["firm_score", "all"] = float(score.mean())
            found["firm_score_truth", "all"] = correlation(score, clean)
        return {name: figure for name, figure in found.items() if not math.isnan(figure)}


def _part(some: float, whole: float) -> float:
    return float(some) / float(whole) if whole else math.nan


def latent(firms: Firms) -> Array:
    """Each firm's bent to fabricate: it does where this lies below ``fabrication.share``."""
    return ats(firms.kinds, everyone(firms.count))
