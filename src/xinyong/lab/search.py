"""Schemes searched, not only judged: which points and favours serve a goal, and at what price.

Candidates are real schemes near the one at hand (:mod:`xinyong.lab.candidates`). All are run under
the same seeds, so they share their luck. Many are tried with few seeds; the better half gets twice
as many, and so on; from the best one the search then walks in steps along one number at a time.

What was picked because it did well has in part been lucky. So nothing that is told comes from the
seeds of the search: the scheme as written and those on the frontier are run again with *fresh*
seeds, and all intervals are over these. Nothing remembers or draws anything else by chance: equal
arguments give equal results, wherever the runs were worked out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import numpy as np

from xinyong.errors import QuestionRefused
from xinyong.lab.candidates import Candidate, Reach, Refused, Space, reach, spread_out
from xinyong.lab.chance import Stream, everyone, uniforms
from xinyong.lab.frontier import Bar, Frontier, Point, Wanted, point, undominated
from xinyong.lab.scenario import Goal, Limit, Scenario
from xinyong.lab.search_runs import Runs, Simulate, Spread, last_year, most_runs
from xinyong.scheme.library import load
from xinyong.scheme.model import Scheme

LIMIT: Final = "default_rate"
"""The measure that is not to rise where no limit is given, and the frontier's other axis."""
GOAL: Final = Goal(measure="bottom_up")
SHOWN: Final = 8
"""Schemes on the frontier that are run with fresh seeds, at most."""
OPENING: Final = 0.6
"""Part of the runs for finding out where to walk from; the rest is for walking."""
MOST_LOOKED_AT: Final = 20
"""Draws for each candidate that is wanted, before the bounds are taken to hold too few."""


def search(
    scenario: Scenario,
    scheme: Scheme | str | None = None,
    *,
    simulate: Simulate | None = None,
    goal: Goal | None = None,
    limits: Sequence[Limit] | None = None,
    bounds: Sequence[Reach] | None = None,
    budget: int | None = None,
    seeds: Sequence[int] | None = None,
    fresh: Sequence[int] | None = None,
    day: date | None = None,
    charter: bool | None = None,
    spread: Spread = map,
) -> Frontier:
    """Look for the schemes near ``scheme`` that serve ``goal`` best within ``limits``.

    What is not given is taken from ``scenario.search``, and then: the goal is :data:`GOAL`, the
    limit that :data:`LIMIT` is no higher than under the scheme as written. ``budget`` is the most
    runs (one scheme, one seed) in all. ``fresh`` seeds are by default as many as ``seeds``, from
    the next free one on. ``day`` is the day of the law, by default the scenario's start.
    ``simulate`` is by default the lab's own society. ``spread`` maps a function over jobs in order,
    such as ``executor.map``.

    Raises QuestionRefused for a place that is no number of the scheme, bounds that hold nothing, a
    measure that no run gives, or a budget too small to learn anything.
    """
    asked = scenario.search
    if scheme is None and asked is not None:
        scheme = asked.scheme
    if bounds is None and asked is not None:
        bounds = tuple(reach(b.place, *b.between) for b in asked.bounds)
    if scheme is None or not bounds:
        raise QuestionRefused(
            "there is no scheme or no number to change",
            where="search",
            mend="write search: {scheme: ..., bounds: [...]} into the scenario",
        )
    base = load(scheme) if isinstance(scheme, str) else scheme
    if charter is None:
        charter = asked is None or asked.charter
    tried = tuple(scenario.seed_list if seeds is None else seeds)
    proof = tuple(range(max(tried) + 1, max(tried) + 1 + len(tried))) if fresh is None else fresh
    if set(tried) & set(proof):
        raise QuestionRefused(
            "a seed is both for the search and for the proof",
            where="search",
            why="what was picked under a seed looks better under it than it is",
        )
    if budget is None:
        budget = most_runs(scenario, len(tried))
    if limits is None and asked is not None:
        limits = asked.subject_to
    wanted = Wanted(goal or (GOAL if asked is None else asked.goal), _bars(limits or ()))
    if simulate is None:
        from xinyong.lab.society import simulate as lived

        simulate = lived
    space = Space(base, bounds, day or scenario.start, charter=charter)
    runs = Runs(scenario, simulate, wanted, budget, spread)
    return _Search(space, runs, wanted, tried, tuple(proof)).found()


def _bars(limits: Sequence[Limit]) -> tuple[Bar, ...]:
    return tuple(
        Bar(
            limit.measure,
            limit.group,
            -math.inf if limit.at_least is None else float(limit.at_least),
            math.inf if limit.at_most is None else float(limit.at_most),
        )
        for limit in limits
    )


# -- the search


@dataclass
class _Search:
    space: Space
    runs: Runs
    wanted: Wanted
    seeds: tuple[int, ...]
    fresh: tuple[int, ...]
    refused: dict[tuple[Decimal, ...], Refused] = field(default_factory=dict)
    made: dict[tuple[Decimal, ...], Candidate] = field(default_factory=dict)

    def found(self) -> Frontier:
        """Open, halve, walk, and prove with fresh seeds."""
        written = self.space.having(self.space.written)
        if isinstance(written, Refused):
            raise QuestionRefused(
                f"the scheme as written is no candidate itself: {written.why}", where="search"
            )
        self.shown = max(1, min(SHOWN, self.runs.budget // (4 * len(self.fresh)) - 1))
        self.kept_back = (1 + self.shown) * len(self.fresh)
        ladder = _ladder(len(self.seeds))
        size = self._opening(ladder)
        self.runs.make([written], self.seeds)
        if not self.wanted.bars:
            rate = float(np.mean(self.runs.rows(written, self.seeds)[:, 1]))
            self.wanted = Wanted(self.wanted.goal, (Bar(LIMIT, "all", -math.inf, rate),))
        field_ = self._halve(list(islice(self._drawn(size), size)), ladder)
        best = self._walk(min([written, *field_], key=self._order))
        return self._proved(written, best)

    # candidates

    def _candidate(self, steps: Sequence[int]) -> Candidate | None:
        values = tuple(r.at(n) for r, n in zip(self.space.reaches, steps, strict=True))
        if values in self.refused:
            return None
        if values not in self.made:
            made = self.space.having(values)
            if isinstance(made, Refused):
                self.refused[values] = made
                return None
            self.made[values] = made
        return self.made[values]

    def _drawn(self, size: int) -> Iterator[Candidate]:
        """Candidates spread evenly over the bounds, each once; fewer where few are allowed."""
        shift = uniforms(0, 0, int(Stream.SEARCH), everyone(len(self.space.reaches)))
        looked = spread_out(self.space, shift.tolist())
        seen: set[tuple[Decimal, ...]] = set()
        for steps in islice(looked, MOST_LOOKED_AT * size):
            candidate = self._candidate(steps)
            if candidate is not None and candidate.values not in seen:
                seen.add(candidate.values)
                yield candidate
            if len(seen) + len(self.refused) >= math.prod(r.steps + 1 for r in self.space.reaches):
                return

    # halving

    def _opening(self, ladder: Sequence[int]) -> int:
        """How many candidates to open with; refuses where the budget does not reach for two."""
        free = self.runs.budget - self.kept_back - len(self.seeds)
        size = 1
        while _price(size + 1, ladder) <= OPENING * free:
            size += 1
        if size < 2:
            raise QuestionRefused(
                f"{self.runs.budget} runs are too few to search with {len(self.seeds)} seeds",
                where="search.tries",
                why="the scheme as written, two others and the proof with fresh seeds need more",
                mend="allow more tries or take fewer seeds",
            )
        return size

    def _halve(self, some: list[Candidate], ladder: Sequence[int]) -> list[Candidate]:
        for rung, count in enumerate(ladder):
            seeds = self.seeds[:count]
            self.runs.make(some, seeds)
            if rung + 1 < len(ladder):
                some = self._survivors(some, seeds)
        return some

    def _survivors(self, some: list[Candidate], seeds: Sequence[int]) -> list[Candidate]:
        """The better half: half of it by the goal, the rest from the edge against the price."""
        keep = math.ceil(len(some) / 2)
        by_goal = sorted(some, key=lambda one: self._order(one, seeds))
        chosen = by_goal[: math.ceil(keep / 2)]
        edge = undominated([self._two(one, seeds) for one in by_goal])
        ranked = [one for one, on in zip(by_goal, edge, strict=True) if on]
        ranked += by_goal
        for one in ranked:
            if len(chosen) < keep and one not in chosen:
                chosen.append(one)
        return chosen

    def _order(self, one: Candidate, seeds: Sequence[int] | None = None) -> Any:
        """Less is better: what it is beyond the limits, then the goal, then the values."""
        rows = self.runs.rows(one, self.seeds if seeds is None else seeds)
        return (*self.wanted.order(rows), one.values)

    def _two(self, one: Candidate, seeds: Sequence[int]) -> tuple[float, float]:
        return self.wanted.two(self.runs.rows(one, seeds))

    # walking

    def _walk(self, here: Candidate) -> Candidate:
        """Step along one number at a time, in ever shorter steps, while it helps."""
        reaches = self.space.reaches
        stride = [max(1, r.steps // 4) for r in reaches]
        while True:
            moved = False
            for place, one in enumerate(reaches):
                for sign in (1, -1):
                    at = [r.near(v) for r, v in zip(reaches, here.values, strict=True)]
                    at[place] += sign * stride[place]
                    if not 0 <= at[place] <= one.steps:
                        continue
                    there = self._candidate(at)
                    if there is None or there is here:
                        continue
                    if self.runs.cost([there], self.seeds) > self.runs.left - self.kept_back:
                        return here
                    self.runs.make([there], self.seeds)
                    if self._order(there)[:2] < self._order(here)[:2]:
                        here, moved = there, True
                        break
            if not moved:
                if all(length == 1 for length in stride):
                    return here
                stride = [max(1, length // 2) for length in stride]

    # proof

    def _proved(self, written: Candidate, best: Candidate) -> Frontier:
        """The frontier of all that ran with every seed, told by fresh seeds."""
        full = [one for one in self.made.values() if not self.runs.cost([one], self.seeds)]
        full = [one for one in full if one.scheme.digest != written.scheme.digest]
        edge = undominated([self._two(one, self.seeds) for one in full])
        front = [one for one, on in zip(full, edge, strict=True) if on and one is not best]
        front.sort(key=lambda one: self._two(one, self.seeds)[1])
        better = best.scheme.digest != written.scheme.digest
        chosen = [best] if better else []
        chosen += _along(front, self.shown - len(chosen))
        self.runs.make([written, *chosen], self.fresh)

        def told(one: Candidate) -> Point:
            return point(
                self.wanted,
                dict(zip((r.place for r in self.space.reaches), one.values, strict=True)),
                one.scheme,
                self.runs.rows(one, self.fresh),
                self.runs.rows(written, self.fresh),
            )

        points = [told(one) for one in chosen]
        return Frontier(
            wanted=self.wanted,
            written=told(written),
            points=tuple(sorted(points, key=lambda p: (p.price.mean, p.goal.mean))),
            best=points[0] if better else None,
            refused=tuple(self.refused.values()),
            runs=len(self.runs.known),
            seeds=self.seeds,
            fresh=self.fresh,
            law=(self.space.report.places, self.space.day),
        )


def _along(front: Sequence[Candidate], count: int) -> list[Candidate]:
    """So many of a row of candidates, both ends among them, evenly spaced."""
    if len(front) <= count:
        return list(front)
    return [front[round(n * (len(front) - 1) / max(count - 1, 1))] for n in range(count)]


def _ladder(seeds: int) -> list[int]:
    """How many seeds each rung of the halving uses: 2, 4, 8 ... and all at last."""
    ladder = [min(2, seeds)]
    while ladder[-1] < seeds:
        ladder.append(min(2 * ladder[-1], seeds))
    return ladder


def _price(size: int, ladder: Sequence[int]) -> int:
    """Runs that the halving of so many candidates takes."""
    runs, before = 0, 0
    for count in ladder:
        runs += size * (count - before)
        size, before = math.ceil(size / 2), count
    return runs


__all__ = ["Frontier", "Point", "Reach", "Refused", "Wanted", "last_year", "search"]
