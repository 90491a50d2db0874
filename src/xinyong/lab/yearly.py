"""The figures of a year: what is measured of a society at its end.

Every figure has a name of :data:`xinyong.lab.catalogue.MEASURES`. Groups are ``all``; ``tenth.1``
(the poorest) to ``tenth.10`` by means when the run began; ``group.0`` and ``group.1``; and
``city.NAME`` where there are cities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.lab import measures as m
from xinyong.lab.cells import (
    BORN,
    PAR,
    Fact,
    Flag,
    Money,
    Trait,
    boosted,
    having,
    parents,
    start,
)
from xinyong.lab.cities import Home
from xinyong.lab.city_figures import tell_moves, tell_rules
from xinyong.lab.counts import Counts
from xinyong.lab.month import UNEMPLOYED
from xinyong.lab.years import weighed

Array = npt.NDArray[Any]
Figures = dict[tuple[str, str], float]
WOULD_REPAY = 0.9
"""Latent reliability from which on a person counts as one who would repay (assumed)."""
TENTHS = tuple(f"tenth.{number}" for number in range(1, 11))
IN_POINTS: Final = frozenset({"score", "thin_score_gap", "movers_gap"})
"""Figures in points of a scheme, which mean nothing across schemes."""
MARKED: Final = {
    "travel_refused": Flag.NO_TRAVEL,
    "schools_refused": Flag.NO_SCHOOL,
    "credit_refused": Flag.NO_CREDIT,
    "perks": Flag.PERK,
    "praised": Flag.PRAISED,
}
"""Shares of people who bear a mark."""
COUNTED: Final = {
    "good_deeds": 8, "bought": 9, "speech": 10, "false_records": 7, "leaked": 15, "laid_off": 16,
}  # fmt: skip
"""Figures for each person and year: where months count them."""


class Told:
    """Collects figures; what is told by group is told of the tenths, the groups and the cities."""

    def __init__(self, facts: Array, homes: Sequence[Home]) -> None:
        self.found: Figures = {}
        self.cities: list[tuple[str, Array]] = []
        if len(homes) > 1:
            people = facts.shape[1]
            self.cities = [(f"city.{home.name}", home.people(people)) for home in homes]
        group, begun = having(facts, Trait.GROUP), start(facts)
        self.groups: list[tuple[str, Array]] = [
            *((f"group.{number}", np.flatnonzero(group == number)) for number in (0, 1)),
            *((where, np.flatnonzero(begun == place)) for place, where in enumerate(TENTHS)),
            *self.cities,
        ]

    def tell(self, name: str, value: float, where: str = "all") -> None:
        """Tell one figure of everybody, or of one group."""
        self.found[name, where] = float(value)

    def by_group(self, name: str, values: Array) -> None:
        """Tell the mean of a value of each agent; one that is nan has none."""
        known = np.isfinite(values)
        self.tell(name, mean(values[known]))
        for where, who in self.groups:
            self.tell(name, mean(values[who][known[who]]), where)

    def by_city(self, name: str, values: Array) -> None:
        """Tell the mean of a value of each agent, of all and of each city."""
        self.tell(name, mean(values))
        for where, who in self.cities:
            self.tell(name, mean(values[who]), where)

    def rates(self, name: str, part: Array, whole: Array) -> None:
        """Tell sums of a part over sums of the whole, of each group; not of everybody."""
        for where, who in self.groups:
            self.tell(name, m.ratio(float(part[who].sum()), float(whole[who].sum())), where)


def mean(values: Array) -> float:
    """The mean of an array, ``nan`` if it is empty."""
    return float(np.asarray(values, np.float64).mean()) if len(values) else math.nan


def earned(money: Array, facts: Array, flags: Array, par: Array) -> Array:
    """This month's income of each, as :func:`.month.earn` has it: float64[n]."""
    income = money[Money.INCOME].astype(np.float64) * np.exp(money[Money.SHOCK])
    income[~having(facts, Trait.JOB)] *= UNEMPLOYED
    income[_has(flags, Flag.NO_TRAVEL) > 0.0] *= 1.0 - par[PAR["travel_ban.cost"]]
    shown = (flags & int(Flag.EXPOSED | Flag.MISTAKEN)) != 0
    income[shown] *= 1.0 - par[PAR["shaming.harm"]]
    return income


def means(money: Array, income: Array) -> Array:
    """Income of a couple for each of the two, out of this month's ``income``; float64[n]."""
    partner = money[Money.PARTNER].astype(np.float64)
    return np.where(partner > 0.0, (income + partner) / 2.0, income)


def consumption(money: Array, income: Array) -> Array:
    """What a month is worth: income and what the scheme gives and takes; at least a hundredth."""
    return np.maximum(means(money, income) + money[Money.WELFARE], 0.01)


def figures(
    money: Array,
    facts: Array,
    flags: Array,
    score: Array,
    income: Array,
    counts: Counts,
    homes: Sequence[Home],
    luck: int,
) -> Figures:
    """All figures of a year, of the whole society and of its cities; ``counts`` are of all.

    ``income`` float64[n] is this month's, after households have shared it; ``luck`` is the
    key of :func:`.lending.lender`.
    """
    told = Told(facts, homes)
    _means(told, money, facts, income)
    _lending(told, money, facts, flags, counts)
    _access(told, facts, flags, score, homes, luck)
    _scores(told, money, facts, score, counts, homes)
    _lists(told, facts, flags, counts)
    _conduct(told, money, facts, flags, counts, homes)
    _mobility(told.tell, money, facts)
    if counts.moves is not None:
        tell_moves(told.tell, homes, counts.moves, len(score))
    tell_rules(told.tell, homes, facts, flags, luck)
    return {key: value for key, value in told.found.items() if math.isfinite(value)}


def _has(flags: Array, flag: Flag) -> Array:
    return ((flags & int(flag)) != 0).astype(float)


def _means(told: Told, money: Array, facts: Array, month: Array) -> None:
    income, worth = means(money, month), consumption(money, month)
    ordered = np.sort(income)
    told.tell("gini", m.gini(ordered))
    usual = np.maximum(money[Money.INCOME].astype(np.float64), 1e-6)
    told.tell("shock_passed", float(np.log(np.maximum(month, 1e-6) / usual).std()))
    told.tell("gini_wealth", m.gini(np.maximum(money[Money.WEALTH], 0.0)))
    told.tell("theil_t", m.theil_t(income))
    told.tell("theil_l", m.theil_l(income))
    told.tell("theil_between", m.theil_t_by_group(income, having(facts, Trait.GROUP)).between)
    told.tell("palma", m.palma(ordered))
    told.tell("top_share", m.top_share(ordered))
    told.by_group("income", income)
    told.by_group("welfare", worth)
    told.tell("welfare", m.welfare(worth))


def _lists(told: Told, facts: Array, flags: Array, counts: Counts) -> None:
    listed, wrong = _has(flags, Flag.LISTED) != 0.0, _has(flags, Flag.WRONG) != 0.0
    debt = _has(flags, Flag.COURT) != 0.0
    told.by_group("listed", listed.astype(float))
    told.tell("false_listing", mean(listed[~debt]))
    for where, who in told.cities:
        told.tell("false_listing", mean(listed[who][~debt[who]]), where)
    told.tell("false_clear", mean(~listed[debt]))
    told.tell("spell", m.ratio(counts.fall[3], counts.fall[2]))
    told.by_city("wrongly_listed", (listed & wrong).astype(float))
    shown = counts.fall[0]
    told.tell("exposed_innocents", m.ratio(counts.fall[1], shown) if shown else 0.0)
    for name, flag in MARKED.items():
        told.by_city(name, _has(flags, flag))
    told.by_city("compliance", (~debt).astype(float))
    told.tell("burdens", counts.burdens[0])
    if counts.cascade is not None:
        told.tell("cascade", counts.cascade[0])
        told.tell("cascade_loss", counts.cascade[1])
    if counts.fall[6] > 0.0:
        told.tell("perk_cost", counts.fall[4] / counts.fall[6])
        told.tell("deposits_lost", counts.fall[5] / counts.fall[6])
    told.tell("children_barred", m.ratio(*counts.barred))
    told.tell("time_to_correct", m.ratio(*counts.corrected))


def _conduct(
    told: Told, money: Array, facts: Array, flags: Array, counts: Counts, homes: Sequence[Home]
) -> None:
    told.by_city("chilling", money[Money.CHILL])
    told.by_city("unaware", (~having(facts, Trait.AWARE)).astype(float))
    told.by_group("in_work", having(facts, Trait.JOB).astype(float))
    told.tell("hacked", mean(boosted(facts).astype(float)))
    told.tell("partner_scores", counts.partners)
    told.tell("jobs_refused", m.ratio(counts.live[13], counts.live[14]) if counts.live[14] else 0.0)
    told.tell("moved_income", m.ratio(counts.moved, counts.live[1]))
    for name, place in COUNTED.items():
        told.tell(name, counts.live[place] / facts.shape[1])
        for home, (where, who) in zip(homes, told.cities, strict=False):
            told.tell(name, m.ratio(home.counts.live[place], len(who)), where)
    for home, (where, _) in zip(homes, told.cities, strict=False):
        ended = home.counts.live[3] + home.counts.live[4]
        told.tell("default_rate", m.ratio(home.counts.live[4], ended), where)


def _mobility(tell: Any, money: Array, facts: Array) -> None:
    """Children who came of age during the run, against the place of their parents."""
    born = facts[Fact.ORIGIN] >= BORN
    place = np.empty(len(born))
    order = np.argsort(money[Money.INCOME], kind="stable")
    place[order] = np.arange(len(order)) / len(order)
    before, own = parents(facts)[born], np.minimum((place[born] * 5).astype(int), 4)
    if len(own) < 50:
        return
    tell("rank_slope", m.rank_slope(before, place[born]))
    low = before == 0
    if low.any():
        tell("bottom_to_top", mean(own[low] == 4))
        tell("bottom_up", mean(own[low] > 0))
    for fifth in range(5):
        mine = before == fifth
        for end in range(5):
            if mine.any():
                tell("mobility", mean(own[mine] == end), f"from.{fifth + 1}.to.{end + 1}")


def _lending(told: Told, money: Array, facts: Array, flags: Array, counts: Counts) -> None:
    tell = told.tell
    tell("approval", m.ratio(counts.lend[1], counts.lend[0]))
    tell("thin_approval", m.ratio(counts.lend[7], counts.lend[6]))
    tell("listed_approval", m.ratio(counts.lend[9], counts.lend[8]))
    asked = (facts[Fact.ASKED] & 15).astype(float)
    granted = (facts[Fact.ASKED] >> 4).astype(float)
    told.rates("approval", granted, asked)
    tell("approval_gap", abs(told.found["approval", "group.0"] - told.found["approval", "group.1"]))
    good = money[Money.RELIABILITY] >= WOULD_REPAY

    def rate(among: Array) -> float:
        return m.ratio(float(granted[among].sum()), float(asked[among].sum()))

    tell("true_positive", rate(good))
    tell("false_positive", rate(~good))
    by_group = [rate(good & (having(facts, Trait.GROUP) == number)) for number in (0, 1)]
    tell("true_positive_gap", abs(by_group[0] - by_group[1]))
    ended = counts.live[3] + counts.live[4]
    tell("default_rate", m.ratio(counts.live[4], ended))
    tell("profit", (counts.live[0] + counts.live[2] - counts.lend[2] - counts.lend[5]) / 12.0)
    tell("payday", mean(_has(flags, Flag.PAYDAY)))
    tell("made_good", m.ratio(counts.live[17], counts.live[18]))


def _access(
    told: Told, facts: Array, flags: Array, score: Array, homes: Sequence[Home], luck: int
) -> None:
    """Who would be granted a loan, if they asked."""
    granted = np.zeros(len(score))
    for home in homes:
        view, who = home.view[1], home.people(len(score))
        mine = np.ascontiguousarray(facts[:, view])
        granted[who] = home.world.access(luck, who, mine, flags[view], score[view].astype(np.int32))
    told.by_group("credit_access", granted)


def _scores(
    told: Told, money: Array, facts: Array, score: Array, counts: Counts, homes: Sequence[Home]
) -> None:
    """What reads scores: within each city, for points of two schemes cannot be compared.

    Of everybody it is told from all scores at once where there is one scheme; where there are
    several, as the mean of the cities by their people, and what is in points not at all.
    """
    scored = [home for home in homes if home.world.scorer is not None]
    if not scored:
        return
    assert counts.on_record is not None
    told.tell("thin_file_scored", mean(counts.on_record[~having(facts, Trait.PRESENCE)]))
    parts = []
    for home in scored if told.cities else ():
        who = home.people(len(score))
        values = _score_figures(money, facts, score, counts, who)
        parts.append((values, len(who)))
        for name, value in values.items():
            told.tell(name, value, f"city.{home.name}")
    if len({id(home.world) for home in scored}) == 1:
        known = np.zeros(len(score), np.bool_)
        for home in scored:
            known[home.view[1]] = True
        who = np.flatnonzero(known)
        for name, value in _score_figures(money, facts, score, counts, who).items():
            told.tell(name, value)
        told.by_group("score", np.where(known, score, np.nan))
        return
    for name in parts[0][0]:
        if name not in IN_POINTS:
            told.tell(name, weighed([(values[name], many) for values, many in parts]))


def _score_figures(
    money: Array, facts: Array, score: Array, counts: Counts, who: Array
) -> dict[str, float]:
    """Figures that read the scores of agents ``who``, all under one scheme."""
    own, reliable = score[who], money[Money.RELIABILITY, who].astype(float)
    thin = ~having(facts, Trait.PRESENCE)[who]
    usual = np.maximum(money[Money.INCOME, who].astype(float), 1e-6)
    found = {
        "score": mean(own),
        "score_compliance": correlation(own, reliable),
        "thin_score_gap": mean(own[~thin]) - mean(own[thin]),
        "score_income": correlation(own, np.log(usual)),
        "calibration_gap": _calibration(own, reliable, having(facts, Trait.GROUP)[who]),
    }
    if counts.moves is not None:
        moved = np.zeros(len(score), np.bool_)
        moved[counts.moves.who] = True
        if moved[who].any() and not moved[who].all():
            found["movers_gap"] = mean(own[moved[who]]) - mean(own[~moved[who]])
    if counts.gamed is not None and len(who) and own.std() > 0.0:
        centred, gamed = own.astype(float) - own.mean(), counts.gamed[who]
        found["gamed_share"] = float((centred * (gamed - gamed.mean())).mean() / centred.var())
    if counts.friends is not None:
        friends = counts.friends[who]
        known = np.isfinite(friends)
        found["friend_link"] = correlation(own[known], friends[known])
    return found


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
    if len(x) == 0 or x.std() == 0.0 or y.std() == 0.0:
        return 0.0
    return float(((x - x.mean()) * (y - y.mean())).mean() / (x.std() * y.std()))
