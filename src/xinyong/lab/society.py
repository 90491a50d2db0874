"""A society: people who do not exist, living month by month under a scheme or under none.

A month: income and shocks; what people do, answering to the scheme as written; what is recorded
of it; scores by the engine's own plan; what follows; the credit market. Once a year people age and
are followed by their children, couples form, people move. Nobody real can get in: no function here
takes records.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.lab import follow, month, years
from xinyong.lab.casting import cast
from xinyong.lab.cells import PAR, Fact, Flag, Money, settings
from xinyong.lab.chance import Stream, everyone, uniforms
from xinyong.lab.effects import Effects, effects_of
from xinyong.lab.firms import Firms
from xinyong.lab.networks import Network
from xinyong.lab.population import acquaintances, draw_people
from xinyong.lab.scoring import LabScorer
from xinyong.lab.tiles import Tiles
from xinyong.lab.yearly import Counts, Figures, figures
from xinyong.scheme.binding import bind
from xinyong.scheme.model import Scheme
from xinyong.scheme.who import PEOPLE

if TYPE_CHECKING:
    from xinyong.lab.scenario import Scenario

Array = npt.NDArray[Any]
Progress = Callable[[int, int], None]
WATCHED: Final = (
    "loan_gate.weight",
    "informants.reports",
    "speech_penalty.recorded",
    "hacking.buyers",
    "wrong_listing.rate",
    "list_feed.drop",
    "chilling.fear",
)
"""Dials that stand at zero where no scheme watches."""


@dataclass(slots=True)
class Society:
    """Structure of arrays, one column an agent: see :mod:`xinyong.lab.cells` for the rows.

    ``score`` is what others see: the engine's, and what was bought on top.
    """

    money: Array
    facts: Array
    flags: Array
    score: Array
    seed: int
    record: Tiles | None = None
    friends: Network | None = None
    month: int = 0
    first_tie: float | None = None
    counts: Counts = field(default_factory=Counts)

    @property
    def people(self) -> int:
        """How many agents there are."""
        return len(self.score)

    @property
    def history(self) -> tuple[Array, ...]:
        """Arrays that hold what is on record, one column an agent; none under no scheme."""
        if self.record is None:
            return ()
        return self.record.bits, self.record.deep, self.record.older

    @property
    def tiles(self) -> Array:
        """This month's words of what happened: uint64[rows, n]."""
        return np.zeros((0, self.people), np.uint64) if self.record is None else self.record.bits

    @property
    def bytes_per_agent(self) -> float:
        """Bytes of state an agent takes."""
        arrays = (self.money, self.facts, self.flags, self.score, *self.history)
        return sum(array.nbytes for array in arrays) / max(self.people, 1)

    @classmethod
    def draw(
        cls,
        people: int,
        *,
        seed: int,
        friends: float = 0.0,
        likeness: float = 0.5,
        **parameters: float,
    ) -> Society:
        """Draw a society of ``people`` agents with nothing on record.

        ``friends`` is how many friends a person has on average (0: nobody knows anybody);
        ``parameters`` go to :func:`~xinyong.lab.population.draw_people`.
        """
        drawn = draw_people(people, seed, **parameters)
        money = np.zeros((len(Money), people), np.float32)
        facts = np.zeros((len(Fact), people), np.uint8)
        money[Money.INCOME] = drawn["income"] / np.median(drawn["income"])
        money[Money.WEALTH] = np.maximum(drawn["wealth"] / np.median(drawn["income"]), 0.0)
        money[Money.RELIABILITY] = drawn["reliability"]
        for fact, name in (
            (Fact.AGE, "age"), (Fact.GROUP, "group"), (Fact.PARENT, "parent_class"),
            (Fact.PRESENCE, "presence"), (Fact.AWARE, "aware"),
        ):  # fmt: skip
            facts[fact] = drawn[name]
        facts[Fact.JOB] = drawn["job"] > 0
        place = years.ranks(money[Money.INCOME] + money[Money.WEALTH] / 60.0)
        facts[Fact.START] = (place * 10).astype(np.uint8)
        return cls(
            money,
            facts,
            np.zeros(people, np.uint16),
            np.zeros(people, np.int32),
            seed,
            friends=acquaintances(drawn, seed, friends, likeness) if friends > 0 else None,
        )


@dataclass(frozen=True, slots=True)
class World:
    """All that stays the same through a run: settings, the scheme's meaning, its scorer.

    ``scorer`` is None under no scheme. ``row`` and ``points`` are by happening.
    """

    par: Array
    row: Array
    points: Array
    effects: Effects | None
    scorer: LabScorer | None
    value: Callable[[str], float]

    @property
    def weight(self) -> float:
        """Weight of the score in a lender's guess; 0 where the scheme is not for credit."""
        if self.effects is None or not self.effects.credit:
            return 0.0
        return float(self.par[PAR["loan_gate.weight"]])

    @property
    def boost(self) -> int:
        """Points that a bought score has on top; 0 where there is no scheme."""
        if self.effects is None:
            return 0
        span = self.effects.ceiling - self.effects.floor
        return round(self.par[PAR["hacking.boost"]] * span)

    @property
    def ceiling(self) -> int:
        """The highest score; 0 where there is no scheme."""
        return self.effects.ceiling if self.effects is not None else 0


_NOTHING: Final = np.zeros(1)


def world_of(value: Callable[[str], float], scheme: Scheme | None, months: int) -> World:
    """What a run under a scheme needs; a scheme for firms leaves people without one."""
    par = settings(value)
    if scheme is None or scheme.subjects not in PEOPLE:
        for path in WATCHED:
            par[PAR[path]] = 0.0
        nothing = month.places({})
        return World(par, nothing, np.zeros_like(nothing), None, None, value)
    casting = cast(scheme)
    points = casting.points.copy()
    points[casting.rows < 0] = 0
    return World(
        par,
        casting.rows,
        points,
        effects_of(bind(scheme), value),
        LabScorer(scheme, casting, months=months),
        value,
    )


def step(society: Society, world: World) -> None:
    """Live one month."""
    luck = month.keys(society.seed, society.month)
    after = follow.keys(society.seed, society.month)
    effects, par = world.effects, world.par
    table = effects.score_worth if effects is not None else _NOTHING
    floor = effects.floor if effects is not None else 0
    rate = par[PAR["wrong_listing.rate"]] * _court_rate(society)
    if society.record is not None and society.month > 0:
        society.record.keep()
        society.record.month = society.month
    month.live(
        luck, society.money, society.facts, society.flags, society.score, society.tiles,
        world.row, world.points, table, floor, par, rate, society.counts.live,
    )  # fmt: skip
    _friends(society, world)
    if world.scorer is not None and effects is not None:
        assert society.record is not None
        found = world.scorer.score(society.record, society.month)
        seen = found.score.astype(np.int32)
        seen[society.facts[Fact.BOOST] > 0] += world.boost
        np.minimum(seen, effects.ceiling, out=seen)
        society.score = seen
        listed = (found.lists == 2).any(axis=0) if len(found.lists) else _none(society.people)
        follow.follow(
            after, society.money, society.facts,
            society.flags, np.ascontiguousarray(found.consequences), listed, effects.flags,
            effects.worth, effects.public, par, society.counts.fall,
        )  # fmt: skip
        counts = society.counts
        counts.wrong_months += float(((society.flags & int(Flag.WRONG)) != 0).sum())
        burdens = found.consequences[effects.worth < 0.0].sum(axis=0)
        if listed.any():
            counts.burdens = float(burdens[listed].mean()) * (
                1.0 + world.value("stacking.multiplier")
            )
    follow.lend(
        after, society.money, society.facts, society.flags,
        society.score, society.tiles, world.row, floor, world.ceiling, world.weight, par,
        society.counts.lend,
    )  # fmt: skip
    society.month += 1
    if society.month % 12 == 0:
        _year(society, world)


BREACHES: Final = (month.SMALL_BREACH, month.GRAVE_BREACH, month.LOAN_MISSED, month.BILL_MISSED)
"""What of a friend may be counted with oneself, as far as the scheme records it."""


def _friends(society: Society, world: World) -> None:
    """Record with each agent what a friend did wrong last month, with the chance of the dial."""
    weight, row = world.par[PAR["friend_contagion.weight"]], int(world.row[month.FRIEND_BREACH])
    network, tiles = society.friends, society.tiles
    if weight == 0.0 or row < 0 or network is None or society.month == 0:
        return
    broke = np.zeros(society.people, np.bool_)
    for happening in BREACHES:
        read = int(world.row[happening])
        if read >= 0:
            broke |= (tiles[read] & np.uint64(2)) != 0
    ends = np.cumsum(broke[network.indices], dtype=np.int64)
    totals = np.concatenate([[0], ends])[network.indptr]
    some = np.diff(totals) > 0
    luck = uniforms(society.seed, society.month, int(Stream.FRIEND), everyone(society.people))
    tiles[row] |= (some & (luck < weight)).astype(np.uint64)


def _none(people: int) -> Array:
    return np.zeros(people, np.bool_)


def _court_rate(society: Society) -> float:
    """Court cases a month and agent so far; wrong listings are told as a part of the right ones."""
    months = society.month % 12 + 1
    return float(society.counts.live[5]) / months / max(society.people, 1)


def _year(society: Society, world: World) -> None:
    value, now = world.value, society.month
    pace = 1.0 - (1.0 - value("dating.pace")) ** 12
    weight = value("dating.weight") if world.scorer is not None else 0.0
    society.counts.partners = years.couple(
        society.money, society.facts, society.score, society.seed, now, weight, pace
    )
    years.renew(
        society.money, society.facts, society.flags, society.history, society.seed, now,
        value("society.inheritance"), value("school_ban.loss"),
    )  # fmt: skip
    if society.record is not None:
        movers, lost = value("cities.movers"), value("cities.lost")
        society.counts.movers = years.move(society.history, society.seed, now, movers, lost)
    society.counts.moved = years.share_out(
        society.money, society.score, society.flags, value("redistribution.moved")
    )


def measured(society: Society, world: World) -> Figures:
    """The figures of the year that has just ended; the counting begins anew."""
    counts = society.counts
    if world.scorer is not None:
        _looked_into(society, world)
    found = figures(
        society.money, society.facts, society.flags, society.score, counts,
        world.scorer is not None,
    )  # fmt: skip
    tie = found.get(("score_compliance", "all"))
    if tie is not None:
        if society.first_tie is None:
            society.first_tie = tie
        found["goodhart", "all"] = society.first_tie - tie
    society.counts = Counts()
    society.facts[Fact.ASKED] = 0
    return found


def _looked_into(society: Society, world: World) -> None:
    """What the year's figures need beside the state: who is on record, gamed points, friends."""
    counts, words = society.counts, society.tiles
    counts.on_record = (words != 0).any(axis=0)
    counts.gamed = world.boost * (society.facts[Fact.BOOST] > 0).astype(float)
    row = int(world.row[month.BOUGHT])
    if row >= 0:
        counts.gamed += world.points[month.BOUGHT] * np.bitwise_count(words[row]).astype(float)
    network = society.friends
    if network is not None:
        ends = np.concatenate([[0.0], np.cumsum(society.score[network.indices], dtype=np.float64)])
        many = np.diff(network.indptr)
        totals = ends[network.indptr[1:]] - ends[network.indptr[:-1]]
        counts.friends = np.where(many > 0, totals / np.maximum(many, 1), np.nan)


def _wanted(value: Callable[[str], float], world: World) -> float:
    """Friends a person has; none are drawn where nothing asks for them."""
    asked = value("friend_contagion.weight") > 0.0 and world.row[month.FRIEND_BREACH] >= 0
    return value("society.friends") if asked else 0.0


def _firms(
    scenario: Scenario, scheme: Scheme | None, seed: int, value: Callable[[str], float]
) -> Firms | None:
    if scenario.firms == 0:
        return None
    small = value("sme_gap.small")
    if scheme is None or scheme.subjects in PEOPLE:
        return Firms.draw(scenario.firms, seed, small=small)
    return Firms.under(scheme, scenario.firms, seed, small=small, months=scenario.months)


def simulate(
    scenario: Scenario, scheme: Scheme | None, seed: int, progress: Progress | None = None
) -> pa.Table:
    """Run one society under one scheme (None: no scheme) with one seed.

    Gives a table with columns ``year`` (1, 2, ...), ``measure``, ``group``, ``value``. Byte-equal
    for equal arguments. ``progress`` is told the months done and the months in all.
    """

    def value(path: str) -> float:
        owner, _, name = path.partition(".")
        return scenario.value(owner, name)

    world = world_of(value, scheme, scenario.months)
    society = Society.draw(
        scenario.people,
        seed=seed,
        thin=value("society.thin_files"),
        second_group=value("society.second_group"),
        unaware=value("unawareness.unaware"),
        inheritance=value("society.inheritance"),
        friends=_wanted(value, world),
        likeness=value("society.likeness"),
    )
    firms = _firms(scenario, scheme, seed, value)
    if world.scorer is not None:
        society.record = world.scorer.tiles(society.people)
    rows: list[tuple[int, str, str, float]] = []
    for done in range(1, scenario.months + 1):
        step(society, world)
        if firms is not None:
            firms.step(done - 1, seed, value)
        if done % 12 == 0:
            found = measured(society, world)
            if firms is not None:
                found |= firms.measures()
            rows += [(done // 12, *key, value_) for key, value_ in found.items()]
        if progress is not None:
            progress(done, scenario.months)
    return pa.table(
        {
            "year": pa.array([row[0] for row in rows], pa.int16()),
            "measure": pa.array([row[1] for row in rows], pa.string()),
            "group": pa.array([row[2] for row in rows], pa.string()),
            "value": pa.array([row[3] for row in rows], pa.float64()),
        }
    )
