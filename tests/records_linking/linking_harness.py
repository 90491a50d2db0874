"""Wrong burdens and right links, counted in the same way for our policy and for wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from linking_people import Slips, a_crowd, borrowed, namesakes, written_down

from xinyong.errors import QuestionRefused
from xinyong.records.linking.candidates import MOST, scored_pairs
from xinyong.records.linking.judging import Bars, Judged, Match, judge
from xinyong.records.linking.links import BurdenLink, Estimated, Link, StrongIdentifier
from xinyong.records.linking.matching import Matching, match
from xinyong.records.linking.odds import Odds
from xinyong.records.linking.record import Record

GROUPS, SIZE = 550, 24
AT = 1_800_000_000_000_000
ROUGH = Slips(
    name=8,
    born=8,
    born_absent=25,
    phone_other=35,
    phone_absent=30,
    moved=25,
    number_absent=75,
    number_slip=8,
)


def one_person(pair: Judged) -> bool:
    """Whether the two records are of one person: their ids say so."""
    return pair.left.ref.id == pair.right.ref.id


@cache
def hard_sources() -> tuple[list[Record], list[Record]]:
    """Two sources about 13,200 people in groups of 24 namesakes of one town and year."""
    rng = np.random.default_rng(20_261)
    people = namesakes(rng, GROUPS, SIZE)
    left, right = (written_down(rng, source, people, Slips()) for source in ("left", "right"))
    return left, borrowed(rng, right, people, SIZE)


@cache
def hard_pairs() -> tuple[Judged, ...]:
    """Every pair of two namesakes of one group, one from each source: different people, all."""
    left, right = hard_sources()
    scored = {(s.left, s.right): s for s in scored_pairs(left, right, Odds(), threads=2)}

    def judged() -> Iterator[Judged]:
        for i, record in enumerate(left):
            first = i // SIZE * SIZE
            for j in range(first, first + SIZE):
                if i != j:
                    found = scored.get((i, j))
                    p = found.probability if found else None
                    yield judge(record, right[j], Bars(), probability=p)

    return tuple(judged())


def ours(pair: Judged) -> bool:
    """Whether a burden can be carried, tried in every way there is short of a person's decision.

    As judged; as an estimate of the highest probability there is; and as a strong link that
    somebody forged.
    """
    bases = [Estimated(MOST), StrongIdentifier(("cn-resident",))]
    for basis in bases:
        link = Link(pair.left.ref, pair.right.ref, basis, (), AT)
        try:
            BurdenLink(link, pair.left, pair.right)
        except QuestionRefused:
            continue
        return True
    return False


def by_threshold(bar: int) -> Callable[[Judged], bool]:
    """A wrong policy: whatever is probable enough."""
    return lambda pair: (pair.probability or 0) >= bar


def by_name(pair: Judged) -> bool:
    """A wrong policy: the same name."""
    return pair.left.plain_name == pair.right.plain_name


def by_number_alone(pair: Judged) -> bool:
    """A wrong policy: the same number, whatever speaks against it."""
    return bool(set(pair.left.identifiers) & set(pair.right.identifiers))


def wrong_burdens(pairs: Sequence[Judged], carries: Callable[[Judged], bool]) -> int:
    """How many pairs of different people could carry a burden."""
    return sum(carries(pair) for pair in pairs if not one_person(pair))


@dataclass(frozen=True)
class Figures:
    """Of one class at one bar: links made, of them right, and people found of all in both."""

    links: int
    right: int
    found: int
    people: int

    @property
    def precision(self) -> str:
        return f"{100 * self.right / self.links:.1f} %"

    @property
    def recall(self) -> str:
        return f"{100 * self.found / self.people:.1f} %"


@cache
def crowd_matched(rough: bool, bar: int) -> Matching:
    """Two sources of 20,000 people each, 10,000 of them in both; bars set at ``bar`` and a half."""
    rng = np.random.default_rng(20_262)
    people = a_crowd(rng, 30_000)
    slips = ROUGH if rough else Slips()
    left = written_down(rng, "left", people[:20_000], slips)
    right = written_down(rng, "right", people[10_000:], slips)
    return match(left, right, bars=Bars(probable=bar), threads=2)


def figures(rough: bool, bar: int, *classes: Match) -> Figures:
    """Figures of these classes together."""
    pairs = [pair for pair in crowd_matched(rough, bar).pairs if pair.match in classes]
    right = [pair for pair in pairs if one_person(pair)]
    return Figures(len(pairs), len(right), len({p.left.ref.id for p in right}), 10_000)
