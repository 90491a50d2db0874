"""The figures of a year: what is measured of a society at its end.

Every figure has a name of :data:`xinyong.lab.catalogue.MEASURES`. Groups are ``all``; ``tenth.1``
(the poorest) to ``tenth.10`` by means when the run began; ``group.0`` and ``group.1``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.lab import measures as m
from xinyong.lab.cells import Fact, Flag, Money

Array = npt.NDArray[Any]
Figures = dict[tuple[str, str], float]
WOULD_REPAY = 0.9
"""Latent reliability from which on a person counts as one who would repay (assumed)."""
TENTHS = tuple(f"tenth.{number}" for number in range(1, 11))


@dataclass(slots=True)
class Counts:
    """What a year's months counted: sums over months, in money or events."""

    live: Array = field(default_factory=lambda: np.zeros(16))
    fall: Array = field(default_factory=lambda: np.zeros(4))
    lend: Array = field(default_factory=lambda: np.zeros(10))
    partners: float = math.nan
    wrong_months: float = 0.0
    burdens: float = math.nan
    moved: float = 0.0
    movers: Array | None = None
    gamed: Array | None = None
    on_record: Array | None = None
    friends: Array | None = None


def mean(values: Array) -> float:
    """The mean of an array, ``nan`` if it is empty."""
    return float(np.asarray(values, np.float64).mean()) if len(values) else math.nan


def means(money: Array) -> Array:
    """Income of a household for each of its members, with this month's shock; float64[n]."""
    income = money[Money.INCOME].astype(np.float64) * np.exp(money[Money.SHOCK])
    partner = money[Money.PARTNER].astype(np.float64)
    return np.where(partner > 0.0, (income + partner) / 2.0, income)


def consumption(money: Array) -> Array:
    """What a month is worth: income and what the scheme gives and takes; at least a hundredth."""
    return np.maximum(means(money) + money[Money.WELFARE], 0.01)


def figures(
    money: Array, facts: Array, flags: Array, score: Array, counts: Counts, scored: bool
) -> Figures:
    """All figures of a year. ``scored``: whether there is a scheme at all."""
    found: Figures = {}
    income = means(money)
    worth = consumption(money)
    listed = (flags & int(Flag.LISTED)) != 0
    wrong = (flags & int(Flag.WRONG)) != 0
    debt = (flags & int(Flag.COURT)) != 0
    complies = ~debt
    thin = facts[Fact.PRESENCE] == 0
    group = facts[Fact.GROUP]

    def tell(name: str, value: float, where: str = "all") -> None:
        found[name, where] = float(value)

    def tell_groups(name: str, values: Array) -> None:
        tell(name, mean(values))
        for number in (0, 1):
            tell(name, mean(values[group == number]), f"group.{number}")
        for place, where in enumerate(TENTHS):
            tell(name, mean(values[facts[Fact.START] == place]), where)

    tell("gini", m.gini(income))
    tell("gini_wealth", m.gini(np.maximum(money[Money.WEALTH], 0.0)))
    tell("theil_t", m.theil_t(income))
    tell("theil_l", m.theil_l(income))
    tell("theil_between", m.theil_t_by_group(income, group).between)
    tell("palma", m.palma(income))
    tell("top_share", m.top_share(income))
    tell_groups("income", income)
    tell_groups("welfare", worth)
    tell("welfare", m.welfare(worth))
    _mobility(tell, money, facts)
    _lending(tell, money, facts, flags, counts)
    if scored:
        _scores(tell, tell_groups, money, facts, score, thin, counts)
    tell_groups("listed", listed.astype(float))
    tell("false_listing", mean((listed & complies)[complies]))
    tell("false_clear", mean((~listed & debt)[debt]))
    tell("spell", m.ratio(counts.fall[3], counts.fall[2]))
    tell("wrongly_listed", mean((listed & wrong).astype(float)))
    shown = counts.fall[0]
    tell("exposed_innocents", m.ratio(counts.fall[1], shown) if shown else 0.0)
    tell("travel_refused", mean(((flags & int(Flag.NO_TRAVEL)) != 0).astype(float)))
    tell("schools_refused", mean(((flags & int(Flag.NO_SCHOOL)) != 0).astype(float)))
    tell("credit_refused", mean(((flags & int(Flag.NO_CREDIT)) != 0).astype(float)))
    tell("perks", mean(((flags & int(Flag.PERK)) != 0).astype(float)))
    tell("compliance", mean(complies))
    tell("chilling", mean(money[Money.CHILL]))
    tell("unaware", 1.0 - mean(facts[Fact.AWARE]))
    n = len(score)
    tell("good_deeds", counts.live[8] / n)
    tell("bought", counts.live[9] / n)
    tell("speech", counts.live[10] / n)
    tell("false_records", counts.live[7] / n)
    tell("hacked", mean((facts[Fact.BOOST] > 0).astype(float)))
    tell("partner_scores", counts.partners)
    tell("praised", mean(((flags & int(Flag.PRAISED)) != 0).astype(float)))
    tell("jobs_refused", m.ratio(counts.live[13], counts.live[14]) if counts.live[14] else 0.0)
    tell("leaked", counts.live[15] / n)
    tell("burdens", counts.burdens)
    tell("moved_income", m.ratio(counts.moved, counts.live[1]))
    tell("time_to_correct", m.ratio(counts.wrong_months, counts.live[12]))
    return {key: value for key, value in found.items() if math.isfinite(value)}


def _mobility(tell: Any, money: Array, facts: Array) -> None:
    """Children who came of age during the run, against the place of their parents."""
    born = facts[Fact.BORN] == 1
    place = np.empty(len(born))
    order = np.argsort(money[Money.INCOME], kind="stable")
    place[order] = np.arange(len(order)) / len(order)
    parents, own = facts[Fact.PARENT][born], np.minimum((place[born] * 5).astype(int), 4)
    if len(own) < 50:
        return
    tell("rank_slope", m.rank_slope(parents, place[born]))
    low = parents == 0
    if low.any():
        tell("bottom_to_top", mean(own[low] == 4))
        tell("bottom_up", mean(own[low] > 0))
    for start in range(5):
        mine = parents == start
        for end in range(5):
            if mine.any():
                tell("mobility", mean(own[mine] == end), f"from.{start + 1}.to.{end + 1}")


def _lending(tell: Any, money: Array, facts: Array, flags: Array, counts: Counts) -> None:
    asked, granted = counts.lend[0], counts.lend[1]
    tell("approval", m.ratio(granted, asked))
    tell("thin_approval", m.ratio(counts.lend[7], counts.lend[6]))
    tell("listed_approval", m.ratio(counts.lend[9], counts.lend[8]))
    each_asked = (facts[Fact.ASKED] & 15).astype(float)
    each_granted = (facts[Fact.ASKED] >> 4).astype(float)
    rates = []
    for number in (0, 1):
        mine = facts[Fact.GROUP] == number
        rate = m.ratio(float(each_granted[mine].sum()), float(each_asked[mine].sum()))
        rates.append(rate)
        tell("approval", rate, f"group.{number}")
    tell("approval_gap", abs(rates[0] - rates[1]))
    good = money[Money.RELIABILITY] >= WOULD_REPAY
    tell("true_positive", m.ratio(float(each_granted[good].sum()), float(each_asked[good].sum())))
    tell(
        "false_positive", m.ratio(float(each_granted[~good].sum()), float(each_asked[~good].sum()))
    )
    by_group = [
        m.ratio(float(each_granted[mine].sum()), float(each_asked[mine].sum()))
        for mine in (good & (facts[Fact.GROUP] == number) for number in (0, 1))
    ]
    tell("true_positive_gap", abs(by_group[0] - by_group[1]))
    for place, where in enumerate(TENTHS):
        mine = facts[Fact.START] == place
        tell(
            "approval",
            m.ratio(float(each_granted[mine].sum()), float(each_asked[mine].sum())),
            where,
        )
    ended = counts.live[3] + counts.live[4]
    tell("default_rate", m.ratio(counts.live[4], ended))
    tell("profit", (counts.live[0] + counts.live[2] - counts.lend[2] - counts.lend[5]) / 12.0)
    tell("payday", mean(((flags & int(Flag.PAYDAY)) != 0).astype(float)))


def _scores(
    tell: Any,
    tell_groups: Any,
    money: Array,
    facts: Array,
    score: Array,
    thin: Array,
    counts: Counts,
) -> None:
    tell_groups("score", score.astype(float))
    reliable = money[Money.RELIABILITY].astype(float)
    tell("score_compliance", correlation(score, reliable))
    tell("thin_score_gap", mean(score[~thin]) - mean(score[thin]))
    usual = np.maximum(money[Money.INCOME].astype(float), 1e-6)
    tell("score_income", correlation(score, np.log(usual)))
    tell("calibration_gap", _calibration(score, reliable, facts[Fact.GROUP]))
    if counts.on_record is not None:
        tell("thin_file_scored", mean(counts.on_record[thin]))
    if counts.movers is not None and counts.movers.any() and not counts.movers.all():
        tell("movers_gap", mean(score[counts.movers]) - mean(score[~counts.movers]))
    if counts.gamed is not None and score.std() > 0.0:
        own = score.astype(float) - score.mean()
        tell("gamed_share", float((own * (counts.gamed - counts.gamed.mean())).mean() / own.var()))
    if counts.friends is not None:
        known = np.isfinite(counts.friends)
        tell("friend_link", correlation(score[known], counts.friends[known]))


def _calibration(score: Array, reliable: Array, group: Array) -> float:
    """Gap in latent reliability between the groups within fifths of the score, weighed by size."""
    fifth = np.searchsorted(np.quantile(score, [0.2, 0.4, 0.6, 0.8]), score)
    total, weight = 0.0, 0
    for place in range(5):
        one = reliable[(fifth == place) & (group == 0)]
        other = reliable[(fifth == place) & (group == 1)]
        if len(one) > 10 and len(other) > 10:
            many = len(one) + len(other)
            total += many * abs(mean(one) - mean(other))
            weight += many
    return total / weight if weight else math.nan


def correlation(a: Array, b: Array) -> float:
    """Pearson's correlation; 0 where one of the two is the same for all."""
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if x.std() == 0.0 or y.std() == 0.0:
        return 0.0
    return float(((x - x.mean()) * (y - y.mean())).mean() / (x.std() * y.std()))
