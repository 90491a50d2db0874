"""Two sources, record by record: which of them are about one subject, as far as can be told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from xinyong.errors import QuestionRefused
from xinyong.records.linking.candidates import Scored, scored_pairs
from xinyong.records.linking.judging import Bars, Judged, Match, judge
from xinyong.records.linking.odds import Odds
from xinyong.records.linking.record import Record, Ref


@dataclass(frozen=True, slots=True)
class Matching:
    """What came of matching two sources.

    ``pairs`` are those of class strong, probable and doubtful, in order of their refs.
    ``looked_at`` counts all that were judged, ``apart`` those of class none among them.
    """

    pairs: tuple[Judged, ...]
    looked_at: int
    apart: int

    def of(self, match: Match) -> tuple[Judged, ...]:
        """The pairs of one class."""
        return tuple(pair for pair in self.pairs if pair.match is match)


def match(
    left: Sequence[Record],
    right: Sequence[Record],
    *,
    bars: Bars | None = None,
    odds: Odds | None = None,
    threads: int = 2,
) -> Matching:
    """Match the records of two sources; needs the extra ``link``.

    The same records give the same matching, in whatever order they come and with any number of
    ``threads``. A probable pair is made doubtful where another record fits one of the two as well.
    Raises :class:`~xinyong.errors.QuestionRefused` for records of one ref.
    """
    bars = bars or Bars()
    left, right = _in_order(left), _in_order(right)
    scored = {
        (s.left, s.right): s for s in scored_pairs(left, right, odds or Odds(), threads=threads)
    }
    places = sorted(scored.keys() | _same_number(left, right))
    judged = [_judge(left[i], right[j], bars, scored.get((i, j))) for i, j in places]
    kept = [pair for pair in judged if pair.match is not Match.NONE]
    return Matching(_doubt_rivals(kept), len(judged), len(judged) - len(kept))


def _judge(left: Record, right: Record, bars: Bars, scored: Scored | None) -> Judged:
    if scored is None:
        return judge(left, right, bars)
    return judge(left, right, bars, probability=scored.probability, weights=scored.weights)


def _in_order(records: Sequence[Record]) -> list[Record]:
    ordered = sorted(records, key=lambda record: record.ref)
    for first, second in pairwise(ordered):
        if first.ref == second.ref:
            raise QuestionRefused(
                f"two records are called {first.ref}",
                where="records.linking",
                why="a source has one record of each id",
                mend="link what each source says now, not its history",
            )
    return ordered


def _same_number(left: Sequence[Record], right: Sequence[Record]) -> set[tuple[int, int]]:
    holders = defaultdict(list)
    for j, record in enumerate(right):
        for one in record.identifiers:
            holders[one].append(j)
    return {
        (i, j)
        for i, record in enumerate(left)
        for one in record.identifiers
        for j in holders.get(one, ())
    }


def _doubt_rivals(pairs: list[Judged]) -> tuple[Judged, ...]:
    likely = [pair for pair in pairs if pair.match in (Match.STRONG, Match.PROBABLE)]
    fits: Counter[Ref] = Counter()
    for pair in likely:
        fits.update((pair.left.ref, pair.right.ref))
    return tuple(
        replace(pair, match=Match.DOUBTFUL, why=f"{pair.why}; another record fits as well")
        if pair.match is Match.PROBABLE and max(fits[pair.left.ref], fits[pair.right.ref]) > 1
        else pair
        for pair in pairs
    )
