"""Who knows whom: networks without direction, as compressed rows.

The acquaintances of agent ``i`` are ``indices[indptr[i]:indptr[i + 1]]``: rising, without
repeats, never ``i`` itself, and each acquaintance has ``i`` in its own row. ``indptr`` is int64 of
n + 1 entries, ``indices`` int32.

Every link is a function of (seed, agent), so a network does not depend on the order of work.

=================  =====================================================================
``random_links``   Erdos and Renyi: every pair is linked with the same chance
``small_world``    Watts and Strogatz: a ring of neighbours, some links thrown far
``preferential``   Barabasi and Albert: newcomers link to those who have many links
``communities``    households, schools, districts, with a taste for one's own kind
=================  =====================================================================

Memory: ``8 (n + 1) + 4 n d`` bytes for a mean of ``d`` links; about three times that while made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from xinyong.errors import QuestionRefused
from xinyong.lab.chance import Stream, at, below, below_key, key
from xinyong.lab.compiling import COMPILED, compiled
from xinyong.lab.exact import ln

Starts = npt.NDArray[np.int64]
Agents = npt.NDArray[np.int32]
MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Network:
    """Links without direction among n agents, as in the module's note."""

    indptr: Starts
    indices: Agents

    @property
    def n(self) -> int:
        """Number of agents."""
        return len(self.indptr) - 1

    @property
    def links(self) -> int:
        """Number of links, each counted once."""
        return len(self.indices) // 2

    @property
    def nbytes(self) -> int:
        """Bytes held by the two arrays."""
        return self.indptr.nbytes + self.indices.nbytes

    def degrees(self) -> Starts:
        """How many each agent knows: int64 of n."""
        return np.diff(self.indptr)

    def of(self, agent: int) -> Agents:
        """Those whom one agent knows: int32, rising."""
        return self.indices[self.indptr[agent] : self.indptr[agent + 1]]


# -- from links stated once to rows that hold both ends


@compiled()
def _sort_rows(starts: Starts, targets: Agents) -> None:
    """Sort each row in place. Rows are short or nearly in order, so insertion is the way."""
    for row in range(len(starts) - 1):
        for place in range(starts[row] + 1, starts[row + 1]):
            moved = targets[place]
            free = place
            while free > starts[row] and targets[free - 1] > moved:
                targets[free] = targets[free - 1]
                free -= 1
            targets[free] = moved


@compiled()
def _turned(starts: Starts, targets: Agents, back: Starts, sources: Agents) -> None:
    """Rows of the opposite direction; they come out sorted. ``back`` is n + 1 zeros at first."""
    n = len(starts) - 1
    for place in range(len(targets)):
        back[targets[place] + 1] += 1
    for row in range(n):
        back[row + 1] += back[row]
    for row in range(n):
        for place in range(starts[row], starts[row + 1]):
            target = targets[place]
            sources[back[target]] = row
            back[target] += 1
    for row in range(n, 0, -1):
        back[row] = back[row - 1]
    back[0] = 0


@compiled()
def _merged(
    starts: Starts, targets: Agents, back: Starts, sources: Agents, indptr: Starts, made: Agents
) -> int:
    """Both directions in one sorted row each, without repeats and self-links; the entries used."""
    used = 0
    for row in range(len(starts) - 1):
        a, b = starts[row], back[row]
        last = -1
        while a < starts[row + 1] or b < back[row + 1]:
            if b == back[row + 1] or (a < starts[row + 1] and targets[a] <= sources[b]):
                other = targets[a]
                a += 1
            else:
                other = sources[b]
                b += 1
            if other != last and other != row:
                made[used] = other
                used += 1
                last = other
        indptr[row + 1] = used
    return used


def _network(starts: Starts, targets: Agents) -> Network:
    """The network of links that are each stated at one end (or at both, or several times)."""
    n, many = len(starts) - 1, len(targets)
    _sort_rows(starts, targets)
    back, sources = np.zeros(n + 1, np.int64), np.empty(many, np.int32)
    _turned(starts, targets, back, sources)
    indptr, made = np.zeros(n + 1, np.int64), np.empty(2 * many, np.int32)
    used = _merged(starts, targets, back, sources, indptr, made)
    return Network(indptr, made[:used] if used > 0.95 * len(made) else made[:used].copy())


# -- every pair alike


@compiled()
def _random_rows(base: int, n: int, gap: float, starts: Starts, targets: Agents) -> None:
    """Links of each agent to later ones; counts into ``starts`` if there is no room for targets."""
    count = len(targets) == 0
    for row in range(n):
        own = below_key(base, row)
        draw, other, found = 0, row, 0
        while True:
            # the chance to be skipped k times in a row falls by the same factor each time
            skipped = ln(1.0 - at(own, draw)) * gap
            draw += 1
            if skipped >= n - 1 - other:
                break
            other += 1 + int(skipped)
            if not count:
                targets[starts[row] + found] = other
            found += 1
        if count:
            starts[row + 1] = found


def random_links(n: int, mean: float, seed: int) -> Network:
    """Every pair of ``n`` agents is linked with the same chance, ``mean`` / (n - 1).

    ``mean`` is the expected number of links of an agent, at least 0 and below n - 1. Refuses
    (QuestionRefused) others. After Erdos and Renyi (1959) in Gilbert's form; skipping ahead by
    geometric draws is from Batagelj and Brandes (2005), doi 10.1103/PhysRevE.71.036113.
    """
    _check(n, 0 <= mean < max(n - 1, 1), f"a mean of {mean:g} links", "0 up to below n - 1")
    starts, none = np.zeros(n + 1, np.int64), np.empty(0, np.int32)
    if mean == 0:
        return Network(starts, none)
    base, gap = key(seed, 0, Stream.EDGE), 1.0 / ln(1.0 - mean / (n - 1))
    _random_rows(base, n, gap, starts, none)
    starts = np.cumsum(starts)
    targets = np.empty(starts[-1], np.int32)
    if len(targets):
        _random_rows(base, n, gap, starts, targets)
    return _network(starts, targets)


# -- a ring with far links


@compiled()
def _ring(base: int, far: int, n: int, half: int, rewired: float, targets: Agents) -> None:
    for row in range(n):
        first = row * half
        for step in range(half):
            targets[first + step] = (row + step + 1) % n
        own = below_key(base, row)
        for step in range(half):
            if at(own, step) >= rewired:
                continue
            tries = below_key(far, first + step)
            attempt = 0
            while True:
                other = below(tries, attempt, n)
                attempt += 1
                fits = other != row
                for place in range(first, first + half):
                    fits = fits and targets[place] != other
                if fits:
                    break
            targets[first + step] = other


def small_world(n: int, near: int, rewired: float, seed: int) -> Network:
    """``n`` agents on a ring who know their ``near`` nearest, each link rewired with a chance.

    ``near`` is even and at most n - 2; ``rewired`` from 0 to 1. A rewired link keeps one end; its
    other end is any agent not yet in that row. Two rows that draw the same pair share one link, so
    a handful of links less than n near / 2 may come out. Refuses (QuestionRefused) other numbers.
    Watts and Strogatz (1998), doi 10.1038/30918.
    """
    fits = near % 2 == 0 and 0 <= near <= n - 2 and 0 <= rewired <= 1
    _check(n, fits, f"{near} nearest, a share of {rewired:g} rewired", "even, up to n - 2; 0 to 1")
    half = near // 2
    targets = np.empty(n * half, np.int32)
    _ring(key(seed, 0, Stream.REWIRE), key(seed, 0, Stream.TARGET), n, half, rewired, targets)
    return _network(np.arange(n + 1, dtype=np.int64) * half, targets)


# -- the rich get richer


@compiled()
def _grow(base: int, n: int, links: int, targets: Agents) -> None:
    for link in range(links):
        targets[link] = 0  # agents 1 to ``links`` start as a star around agent 0
    for newcomer in range(links + 1, n):
        first = (newcomer - links) * links
        own = below_key(base, newcomer)
        draw = 0
        for place in range(first, first + links):
            while True:
                end = below(own, draw, 2 * first)  # one end of one of the links so far
                draw += 1
                link = end >> 1
                if end & 1:
                    other = np.int64(targets[link])
                elif link < links:
                    other = np.int64(link + 1)
                else:
                    other = np.int64(link // links + links)
                fits = True
                for before in range(first, place):
                    fits = fits and targets[before] != other
                if fits:
                    break
            targets[place] = other


def preferential(n: int, links: int, seed: int) -> Network:
    """Each newcomer links to ``links`` different agents, drawn in proportion to their links.

    It starts as a star of ``links`` + 1 agents, as networkx does, so there are links (n - links)
    links in all. ``links`` from 1 to n - 1; others are refused (QuestionRefused). A draw is one
    end of an earlier link, whose place is a function of the seed (Sanders and Schulz 2016, doi
    10.1016/j.ipl.2016.02.004). Barabasi and Albert (1999), doi 10.1126/science.286.5439.509.
    """
    _check(n, 1 <= links <= n - 1, f"{links} links for each newcomer", "1 to n - 1")
    targets = np.empty(links * (n - links), np.int32)
    _grow(key(seed, 0, Stream.GROWTH), n, links, targets)
    counts = np.full(n, links, np.int64)
    counts[: links + 1] = 1
    counts[0] = 0
    return _network(np.append(0, np.cumsum(counts)), targets)


# -- households, schools, districts


@dataclass(frozen=True, slots=True)
class Layer:
    """One reason to know each other: being of the same ``group`` (int32 of n; below 0: of none).

    ``links`` is the mean number of acquaintances within the group, as far as it has so many;
    infinity makes everybody know everybody. ``alike``, 0 to 1, is the share of links that look at
    one's own kind alone; the others take anybody of the group.
    """

    name: str
    group: npt.NDArray[Any]
    links: float
    alike: float = 0.0


@compiled()
def _count_sort(cells: Starts, starts: Starts, order: Agents, places: Starts) -> None:
    for agent in range(len(cells)):
        if cells[agent] >= 0:
            starts[cells[agent] + 1] += 1
    for cell in range(len(starts) - 1):
        starts[cell + 1] += starts[cell]
    free = starts.copy()
    for agent in range(len(cells)):
        if cells[agent] >= 0:
            places[agent] = free[cells[agent]]
            order[places[agent]] = agent
            free[cells[agent]] += 1


def arranged(cells: npt.NDArray[Any], many: int) -> tuple[Agents, Starts, Starts]:
    """Agents in order of their cell, 0 to ``many`` - 1; below 0: left out.

    Gives (order int32, starts int64 of many + 1, place of each agent in the order int64 of n).
    Within a cell agents keep their order.
    """
    cells = np.ascontiguousarray(cells, np.int64)
    inside = int(np.count_nonzero(cells >= 0))
    order, places = np.empty(inside, np.int32), np.full(len(cells), -1, np.int64)
    starts = np.zeros(many + 1, np.int64)
    if COMPILED:
        _count_sort(cells, starts, order, places)
        return order, starts, places
    order[:] = np.argsort(cells, kind="stable")[len(cells) - inside :]
    starts[1:] = np.cumsum(np.bincount(cells[cells >= 0], minlength=many))
    places[order] = np.arange(inside)
    return order, starts, places


@compiled()
def _layer(
    base: int, half: float, alike: float, order: Agents, starts: Starts, places: Starts,
    cells: Starts, kinds: int, free: Starts, targets: Agents,
) -> None:  # fmt: skip
    """Links of one layer into ``targets`` from ``free`` on; if it has no room, only counted."""
    count = len(targets) == 0
    for agent in range(len(cells)):
        cell = cells[agent]
        if cell < 0:
            continue
        own = below_key(base, agent)
        first = (cell // kinds) * kinds
        low, high = starts[first], starts[first + kinds]
        later = high - places[agent] - 1
        many = later if math.isinf(half) else int(half + at(own, 0))
        if high - low < 2:
            many = 0
        for draw in range(many):
            other = places[agent] + 1 + draw
            if not math.isinf(half):
                a, b = low, high
                if at(own, 2 * draw + 1) < alike:
                    a, b = starts[cell], starts[cell + 1]
                if b - a < 2:
                    continue
                other = a + below(own, 2 * draw + 2, b - a - 1)
                other += other >= places[agent]
            if not count:
                targets[free[agent]] = order[other]
            free[agent] += 1


def communities(layers: Sequence[Layer], kind: npt.NDArray[Any], seed: int) -> Network:
    """The links of all ``layers`` together; a pair that meets in several has one link.

    ``kind`` is an array of n small whole numbers (a class, a group). In a layer with ``alike`` = h
    the share of links within one's own kind is h + (1 - h) s, where s is the kind's share of the
    others in the group: Coleman's index of inbreeding is h (Coleman 1958). Each agent draws half
    of its mean links and receives as many; repeated draws of a pair count once, so the mean comes
    out lower where a group has not many more members than ``links``. Refuses (QuestionRefused)
    groups of another length and numbers out of range.
    """
    n, kinds = len(kind), int(kind.max(initial=0)) + 1
    made: list[Callable[[Starts, Agents], None]] = []
    for number, layer in enumerate(layers):
        fits = len(layer.group) == n and layer.links >= 0 and 0 <= layer.alike <= 1
        what = f"layer '{layer.name}' with {layer.links:g} links, {layer.alike:g} alike"
        _check(n, fits, what, "a group for each agent; 0 or more; 0 to 1")
        parts = 1 if math.isinf(layer.links) else kinds
        group = layer.group.astype(np.int64)
        cells = np.where(group < 0, -1, group * parts + (kind if parts > 1 else 0))
        sorted_by_cell = arranged(cells, (int(group.max(initial=0)) + 1) * parts)
        base = below_key(key(seed, 0, Stream.LAYER), number)
        made.append(
            partial(_layer, base, layer.links / 2, layer.alike, *sorted_by_cell, cells, parts)
        )
    counts, none = np.zeros(n, np.int64), np.empty(0, np.int32)
    for add in made:
        add(counts, none)
    starts = np.append(0, np.cumsum(counts))
    targets, free = np.empty(starts[-1], np.int32), starts[:-1].copy()
    for add in made:
        if len(targets):
            add(free, targets)
    return _network(starts, targets)


def _check(n: int, fits: bool, what: str, range_: str) -> None:
    """Refuse numbers that no network can have."""
    if not fits or not 0 <= n <= MOST:
        raise QuestionRefused(
            f"there is no network of {n:,} agents with {what}",
            why=f"agents: 0 to {MOST:,}; the rest: {range_}",
            mend="change the number that is out of its range",
        )
