"""Flags: reasons to inspect sooner, and how many of them are chance.

A flag is no finding. It holds no points and no gravity, and nothing here turns it into an event,
so no scheme can read it and no score can contain it; a test watches that no room that scores or
decides imports this one. Who is flagged is asked and visited, and what the visit finds is recorded
by those who found it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from math import exp, fsum, lgamma, log
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from xinyong.errors import CodeRefused, QuestionRefused
from xinyong.records import uscc
from xinyong.records.sensors.kinds import PER_10000, Kind
from xinyong.records.written import STRICT, Id, Moment, Text, Written


@dataclass(frozen=True, config=STRICT)
class Flag(Written):
    """One sign of made-up data at one instrument of one organisation, in one week.

    ``start`` and ``end`` (first instant no longer) are microseconds since 1970-01-01T00:00Z.
    ``evidence`` says in plain words what was seen. ``false_alarms_per_10000`` is the rate it was
    calibrated to: so many of 10,000 genuine weeks look like that; above 100 no flag can be made.
    """

    firm: Id
    instrument: Id
    substance: Id
    kind: Kind
    start: Moment
    end: Moment
    evidence: Text
    false_alarms_per_10000: Annotated[int, Field(ge=1, le=PER_10000)]
    use: Literal["inspection priority"] = "inspection priority"

    def __post_init__(self) -> None:
        try:
            uscc.check(self.firm)
        except CodeRefused as error:
            raise ValueError(f"is about no organisation: {error.what}") from None
        if self.end <= self.start:
            raise ValueError("ends before it begins")


@plain_dataclass(frozen=True, slots=True)
class Priority:
    """One firm of the list: its flags, and how they compare with chance.

    ``tries`` is how many weeks and kinds were looked at, ``by_chance`` how many flags that many
    genuine ones bring on average, ``odds`` the chance of at least as many flags if all were genuine
    and did not hang together.
    """

    firm: str
    flags: tuple[Flag, ...]
    tries: int
    by_chance: float
    odds: float


@plain_dataclass(frozen=True, slots=True)
class Priorities:
    """Flagged firms, the least likely by chance first, and how many would be here by chance."""

    firms: tuple[Priority, ...]
    looked_at: int
    flagged_by_chance: float
    """Firms of those looked at that would have a flag if nobody had made anything up."""

    @property
    def told(self) -> str:
        """What must be said with the list."""
        count, chance = len(self.firms), round(min(self.flagged_by_chance, len(self.firms)))
        many = "1 firm" if count == 1 else f"{count} firms"
        return (
            f"Of {many} flagged, about {chance} would be flagged by chance: "
            f"{self.looked_at} were looked at, and each week and kind raises a false alarm in up "
            f"to {PER_10000 / 100:g} % of the genuine cases. A flag is a reason to inspect, not a "
            "finding."
        )


def prioritise(flags: Iterable[Flag], tries: Mapping[str, int]) -> Priorities:
    """Order the flagged firms for inspection.

    ``tries`` gives, for *every* firm that was looked at, how many weeks and kinds were judged; a
    firm that is flagged but missing there, or has more flags than tries, is refused
    (:class:`~xinyong.errors.QuestionRefused`), since what chance brings would be unknown.
    """
    of: dict[str, list[Flag]] = {}
    for flag in flags:
        of.setdefault(flag.firm, []).append(flag)
    for firm, found in of.items():
        if tries.get(firm, 0) < len(found):
            raise QuestionRefused(
                f"{len(found)} flags of {tries.get(firm, 0)} tries", where=firm,
                why="a list of flagged firms says how many chance would bring",
                mend="give the number of weeks and kinds looked at for each firm",
            )  # fmt: skip
    rate = PER_10000 / 10_000
    rows = [
        Priority(
            firm, tuple(sorted(found, key=_order)), tries[firm], tries[firm] * rate,
            at_least(len(found), tries[firm], rate),
        )
        for firm, found in of.items()
    ]  # fmt: skip
    rows.sort(key=lambda row: (row.odds, -len(row.flags), row.firm))
    chance = fsum(at_least(1, count, rate) for _, count in sorted(tries.items()))
    return Priorities(tuple(rows), len(tries), chance)


def _order(flag: Flag) -> tuple[int, str, str]:
    return flag.start, flag.instrument, flag.kind.value


def at_least(hits: int, of: int, rate: float) -> float:
    """The chance of ``hits`` or more in ``of`` independent tries at a rate.

    >>> round(at_least(1, 100, 0.01), 3), at_least(0, 5, 0.01)
    (0.634, 1.0)
    """
    if hits <= 0:
        return 1.0
    terms: Sequence[float] = [_exactly(k, of, rate) for k in range(hits, of + 1)]
    return min(1.0, fsum(terms))


def _exactly(hits: int, of: int, rate: float) -> float:
    ways = lgamma(of + 1) - lgamma(hits + 1) - lgamma(of - hits + 1)
    return exp(ways + hits * log(rate) + (of - hits) * log(1 - rate))
