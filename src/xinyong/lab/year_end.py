"""The end of a year in a society: what happens once, and what is measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.lab import month_parts, years
from xinyong.lab.cascades import cascades
from xinyong.lab.cells import Fact, Flag, Money, boosted
from xinyong.lab.chance import Stream, everyone, uniforms
from xinyong.lab.cities import Moving, erase
from xinyong.lab.counts import Counts
from xinyong.lab.households import anyone, pooled
from xinyong.lab.lending import lender
from xinyong.lab.relocating import relocate
from xinyong.lab.state import Society
from xinyong.lab.world import Value, World
from xinyong.lab.yearly import Figures, earned, figures

Array = npt.NDArray[Any]


def year_end(society: Society, value: Value) -> None:
    """Let a year end: couples, children, moves, help by score."""
    now, people = society.month, society.people
    pace = 1.0 - (1.0 - value("dating.pace")) ** 12
    counts = society.counts
    pairs = [
        years.couple(
            society.money, society.facts, society.score, society.seed, now,
            value("dating.weight") if home.world.scorer is not None else 0.0, pace,
            home.people(people),
        )
        for home in society.homes
    ]  # fmt: skip
    counts.partners = years.weighed(pairs)
    gone, counts.barred = years.renew(
        society.money, society.facts, society.flags, society.seed, now,
        value("society.inheritance"), value("school_ban.loss"),
        _near(society, value("school_ban.household")) if value("school_ban.loss") > 0.0 else None,
    )  # fmt: skip
    for home in society.homes:
        erase(home, gone)
    city = society.city
    city = city if len(city) else np.zeros(people, np.uint8)
    how = society.moving or Moving((value("cities.movers"),), (1.0,), (value("cities.lost"),))
    society.homes, counts.moves = relocate(
        society.homes, city, society.facts, society.flags, society.score, how, society.seed, now
    )
    clean = np.zeros(people, np.bool_)
    for home in society.homes:
        who = home.people(people)
        if len(who):
            clean[who] = society.score[who] >= np.median(society.score[who])
    counts.moved = years.share_out(
        society.money, clean & ((society.flags & int(Flag.LISTED)) == 0),
        value("redistribution.moved"),
    )  # fmt: skip


def _near(society: Society, reach: float) -> Array | None:
    """Whose child a school ban of somebody in the household reaches; None where none does."""
    if reach == 0.0:
        return None
    barred = (society.flags & int(Flag.NO_SCHOOL)) != 0
    people = society.people
    luck = uniforms(society.seed, society.month, Stream.SCHOOLING, everyone(people))
    found: Array = anyone(society.households, barred) & (luck < reach)
    return found


def measured(society: Society, world: World) -> Figures:
    """The figures of the year that has just ended; the counting begins anew."""
    counts = society.counts
    homes = society.at_work(world)
    for home in homes:
        counts.add(home.counts)
    if society.encounters:
        return _of_encounters(society)
    if any(home.world.scorer is not None for home in homes):
        _looked_into(society)
    counts.cascade = cascades(society)
    months, times = society.corrected
    society.corrected = months + counts.wrong_months, times + float(counts.live[12])
    counts.corrected = society.corrected
    found = figures(
        society.money, society.facts, society.flags, society.score, _income(society, world),
        counts, homes,
        lender(society.seed, society.month),
    )  # fmt: skip
    for home in homes:
        home.counts = Counts()
    tie = found.get(("score_compliance", "all"))
    if tie is not None:
        if society.first_tie is None:
            society.first_tie = tie
        found["goodhart", "all"] = society.first_tie - tie
    society.counts = Counts()
    society.facts[Fact.ASKED] = 0
    return found


def _income(society: Society, world: World) -> Array:
    """This month's income of each, after households have shared it."""
    income = earned(society.money, society.facts, society.flags, world.par)
    if society.shared == 0.0:
        return income
    usual = society.money[Money.INCOME].astype(np.float64)
    return pooled(society.households, income, usual, society.shared)


def _of_encounters(society: Society) -> Figures:
    """What is told where months are encounters."""
    met = society.counts.met
    for home in society.homes:
        home.counts = Counts()
    society.counts = Counts()
    return {
        ("good_standing", "all"): float(met[1] / met[0]),
        ("helped", "all"): float(met[2] / met[0]),
    }


def _looked_into(society: Society) -> None:
    """What the year's figures need beside the state: who is on record, gamed points, friends."""
    counts, people = society.counts, society.people
    counts.on_record, counts.gamed = np.zeros(people, np.bool_), np.zeros(people)
    standing = np.full(people, np.nan)
    for home in society.homes:
        if home.record is None:
            continue
        (slots, who), own = home.view, home.world
        counts.on_record[who] = (home.tiles[:, slots] != 0).any(axis=0)
        counts.gamed[who] = own.boost * boosted(society.facts)[who]
        row = int(own.row[month_parts.BOUGHT])
        if row >= 0:
            often = np.bitwise_count(home.tiles[row, slots]).astype(float)
            counts.gamed[who] += own.points[month_parts.BOUGHT] * often
        standing[who] = own.standing(society.score[who])
    network = society.friends
    read = any(home.world.row[month_parts.FRIEND_BREACH] >= 0 for home in society.homes)
    if network is not None and read:
        seen = np.nan_to_num(standing[network.indices])
        ends = np.concatenate([[0.0], np.cumsum(seen, dtype=np.float64)])
        many = np.concatenate([[0], np.cumsum(~np.isnan(standing[network.indices]))])
        many = many[network.indptr[1:]] - many[network.indptr[:-1]]
        totals = ends[network.indptr[1:]] - ends[network.indptr[:-1]]
        counts.friends = np.where(many > 0, totals / np.maximum(many, 1), np.nan)
