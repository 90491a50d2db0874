"""A society: people who do not exist, living month by month under a scheme, several, or none.

A month: income and shocks; what people do, answering to the scheme as written; what is recorded
of it; scores by the engine's own plan; what follows; the credit market. Once a year people age and
are followed by their children, couples form, people move. Where a scenario has cities, all this
goes on in each of them under its own scheme. Nobody real can get in: no function here takes
records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from xinyong.lab import (
    cascades,
    encounters,
    follow,
    guarantees,
    households,
    lending,
    month,
    month_parts,
)
from xinyong.lab.casting import ByHand, plain_scheme
from xinyong.lab.cells import PAR, Flag, Money
from xinyong.lab.chance import Stream, everyone, uniforms
from xinyong.lab.cities import CitySchemes, Moving, homes_of
from xinyong.lab.firms import Firms
from xinyong.lab.jobs import Jobs
from xinyong.lab.judging import judge
from xinyong.lab.state import Society
from xinyong.lab.world import World, world_of
from xinyong.lab.year_end import measured, year_end
from xinyong.scheme.model import Scheme
from xinyong.scheme.who import PEOPLE

if TYPE_CHECKING:
    from xinyong.lab.scenario import Scenario

__all__ = ["Society", "World", "measured", "simulate", "step", "world_of"]

Array = npt.NDArray[Any]
Progress = Callable[[int, int], None]
EXPOSED: Final = np.uint16(int(Flag.EXPOSED | Flag.MISTAKEN))
NARROW: Final = 2**14
"""Scores below this, and not below its negative, are kept in 16 bits."""
NOT_NEAR: Final = np.uint16(0xFFFF ^ int(Flag.NEAR))


def step(society: Society, world: World) -> None:
    """Live one month. ``world``: the rules of a society that is one city; else its settings."""
    homes = society.at_work(world)
    if society.encounters:
        encounters.step(society, world.value)
        return
    luck = month_parts.keys(society.seed, society.month)
    rate = _court_rate(society)
    frightened(society, float(world.par[PAR["chilling.spread"]]))
    had = guarantees.running(society) if society.stands else None
    incomes = _together(society, luck)
    for home in homes:
        if home.record is not None and society.month > 0:
            home.record.keep()
            home.record.month = society.month
        own = home.world
        month.live(
            luck, home.whose, society.money, society.facts, society.flags, society.score,
            home.tiles, own.row, own.points, own.worth, own.floor, own.par,
            own.par[PAR["wrong_listing.rate"]] * rate, society.risk, incomes, home.counts.live,
        )  # fmt: skip
    if had is not None:
        guarantees.called(society, had, world.value("guarantors.share"))
    _friends(society, float(world.par[PAR["friend_contagion.weight"]]))
    after = follow.keys(society.seed, society.month)
    market = lending.keys(society.seed, society.month)
    for home in homes:
        judge(society, home, after)
        own = home.world
        lending.lend(
            market, home.whose, society.money, society.facts, society.flags, society.score,
            home.tiles, own.row, own.floor, own.ceiling, own.weight, own.par, home.counts.lend,
        )  # fmt: skip
    wrong = (society.flags & int(Flag.WRONG)) != 0
    society.counts.wrong_months += float(wrong.sum())
    society.month += 1
    if society.month % 12 == 0:
        year_end(society, world.value)


def _together(society: Society, luck: Array) -> Array:
    """This month's incomes after households have shared them: float64[n]; [0] where none does."""
    if society.shared == 0.0:
        return np.zeros(0)
    incomes = np.zeros(society.people)
    for home in society.homes:
        month.earn_all(
            luck, home.whose, society.money, society.facts, society.flags, home.world.par,
            society.risk, incomes, home.counts.live,
        )  # fmt: skip
    usual = society.money[Money.INCOME].astype(np.float64)
    return households.pooled(society.households, incomes, usual, society.shared)


def frightened(society: Society, spread: float) -> None:
    """Mark the friends of those who were exposed in public in the month before."""
    flags, network = society.flags, society.friends
    if network is None or spread == 0.0:
        return
    flags &= NOT_NEAR
    shown = np.flatnonzero((flags & EXPOSED) != 0)
    begin, many = network.indptr[shown], network.degrees()[shown]
    ends = np.cumsum(many)
    if len(ends):
        place = np.repeat(begin - ends + many, many) + np.arange(ends[-1])
        flags[network.indices[place]] |= np.uint16(int(Flag.NEAR))


def _friends(society: Society, weight: float) -> None:
    """Record with each agent what a friend did wrong last month, with the chance of the dial."""
    network, homes = society.friends, society.homes
    asked = any(home.world.row[month_parts.FRIEND_BREACH] >= 0 for home in homes)
    if weight == 0.0 or network is None or society.month == 0 or not asked:
        return
    broke = np.zeros(society.people, np.bool_)
    for home in homes:
        if home.record is not None:
            broke[home.view[1]] = cascades.broke(home, 1)
    ends = np.cumsum(broke[network.indices], dtype=np.int64)
    totals = np.concatenate([[0], ends])[network.indptr]
    some = np.diff(totals) > 0
    hit = some & (
        uniforms(society.seed, society.month, int(Stream.FRIEND), everyone(society.people)) < weight
    )
    for home in homes:
        row = int(home.world.row[month_parts.FRIEND_BREACH])
        if row >= 0:
            slots, who = home.view
            home.tiles[row, slots] |= hit[who].astype(np.uint64)


def _court_rate(society: Society) -> float:
    """Court cases a month and agent so far; wrong listings are told as a part of the right ones."""
    months = society.month % 12 + 1
    cases = sum(float(home.counts.live[5]) for home in society.homes)
    return cases / months / max(society.people, 1)


def _wanted(value: Callable[[str], float], worlds: Sequence[World]) -> float:
    """Friends a person has; none are drawn where nobody learns anything of a friend.

    What friends do is learned where a scheme reads it, or shows the listed to everyone.
    """
    read = any(world.row[month_parts.FRIEND_BREACH] >= 0 for world in worlds)
    dials = ("chilling.fear", "chilling.spread", "shaming.exposed")
    shown = any(world.effects is not None and world.effects.public for world in worlds)
    seen = shown and all(value(path) > 0.0 for path in dials)
    return value("society.friends") if read or seen else 0.0


def _firms(
    scenario: Scenario, scheme: Scheme | ByHand | CitySchemes | None, seed: int,
    value: Callable[[str], float],
) -> Firms | None:  # fmt: skip
    if scenario.firms == 0 or scenario.society.activation == "encounters":
        return None
    small = value("sme_gap.small")
    if scheme is None or isinstance(scheme, CitySchemes) or plain_scheme(scheme).subjects in PEOPLE:
        return Firms.draw(scenario.firms, seed, small=small)
    return Firms.under(scheme, scenario.firms, seed, small=small, months=scenario.months)


def founded(
    scenario: Scenario, scheme: Scheme | ByHand | CitySchemes | None, seed: int
) -> tuple[Society, World]:
    """The society of a scenario before its first month, with the world that :func:`step` takes.

    A scheme (None: no scheme) holds in all cities alike; :class:`.cities.CitySchemes` say what
    each of them runs.
    """

    def value(path: str) -> float:
        owner, _, name = path.partition(".")
        return scenario.value(owner, name)

    cities = scenario.cities
    schemes = scheme.schemes if isinstance(scheme, CitySchemes) else (scheme,) * max(len(cities), 1)
    known: dict[str | None, World] = {}
    for each in schemes:
        name = None if each is None else each.digest
        if name not in known:
            known[name] = world_of(value, each, scenario.months)
    worlds = [known[None if each is None else each.digest] for each in schemes]
    society = Society.draw(
        scenario.people,
        seed=seed,
        thin=value("society.thin_files"),
        second_group=value("society.second_group"),
        unaware=value("unawareness.unaware"),
        inheritance=value("society.inheritance"),
        friends=_wanted(value, worlds),
        likeness=value("society.likeness"),
        shares=[float(city.share) for city in cities],
    )
    if all(world.floor >= -NARROW and world.ceiling < NARROW for world in worlds):
        society.score = society.score.astype(np.int16)
    society.stands = value("guarantors.share") > 0.0
    society.shared = value("shared_purse.shared")
    society.encounters = scenario.society.activation == "encounters"
    if cities:
        society.homes = homes_of([city.name for city in cities], worlds, society.settled)
        society.settled = society.settled[:0].copy()
        society.moving = Moving(
            tuple(min(value("cities.movers") * float(city.leaves), 1.0) for city in cities),
            tuple(float(city.share) for city in cities),
            tuple(scenario.lost(city) for city in cities),
        )
        return society, known.get(None) or world_of(value, None, scenario.months)
    if worlds[0].scorer is not None:
        society.record = worlds[0].scorer.tiles(society.people)
    return society, worlds[0]


def simulate(
    scenario: Scenario,
    scheme: Scheme | ByHand | CitySchemes | None,
    seed: int,
    progress: Progress | None = None,
) -> pa.Table:
    """Run one society under one scheme (None: no scheme), or each city under its own.

    Gives a table with columns ``year`` (1, 2, ...), ``measure``, ``group``, ``value``. Byte-equal
    for equal arguments. ``progress`` is told the months done and the months in all.
    """

    def value(path: str) -> float:
        owner, _, name = path.partition(".")
        return scenario.value(owner, name)

    society, world = founded(scenario, scheme, seed)
    firms = _firms(scenario, scheme, seed, value)
    jobs = Jobs(firms) if firms is not None and value("firm_jobs.passed") > 0.0 else None
    rows: list[tuple[int, str, str, float]] = []
    for done in range(1, scenario.months + 1):
        step(society, world)
        if firms is not None:
            if jobs is not None:
                jobs.note(firms)
            firms.step(done - 1, seed, value)
            if jobs is not None:
                failing = value("firm_jobs.failing")
                society.risk = jobs.risk(firms, value("firm_jobs.passed"), failing)
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
