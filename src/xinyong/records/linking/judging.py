"""From two records to a match of one of four classes, and why.

The class is ours, not Splink's. The rules, in order:

1. A person is never a firm.
2. Identifiers of one kind that differ: not the same subject, whatever else agrees.
3. An identifier that is the same, and nothing against it: **strong**. Against it is another name,
   another birth date (also than the number itself holds), an identifier of another kind that
   differs, or a person's record without a birth date of its own. Then it is **doubtful**: a clerk
   may have looked the number up by name and copied that of a namesake.
4. Without a common identifier the name alone matches nobody, nor do name and place, nor name and
   year of birth: a birth date or a phone must agree too, or nearly so.
5. **Probable**: name and birth date the same, phone or place the same, and a probability that
   reaches the bar. **Doubtful**: a probability that reaches the lower bar. Else **none**.

Only a strong match can carry a burden without a person's decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from xinyong.errors import QuestionRefused
from xinyong.records.linking.candidates import MOST
from xinyong.records.linking.comparing import Agreement, Ground, compare, identifiers_agree
from xinyong.records.linking.identifiers import PERSON
from xinyong.records.linking.record import Record

SAME, NEAR = Agreement.SAME, Agreement.NEAR
LOWEST_BAR: Final = 500_000


class Match(Enum):
    """The class of a match."""

    STRONG = "strong"
    PROBABLE = "probable"
    DOUBTFUL = "doubtful"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Bars:
    """The probabilities, in millionths, from which a pair is probable and from which doubtful.

    ``doubtful`` is at least a half. No bar makes a match strong: that takes an identifier. Raises
    :class:`~xinyong.errors.QuestionRefused`.
    """

    probable: int = 990_000
    doubtful: int = 500_000

    def __post_init__(self) -> None:
        if not LOWEST_BAR <= self.doubtful <= self.probable <= MOST:
            raise QuestionRefused(
                f"the bars {self.doubtful} and {self.probable} do not fit",
                where="records.linking",
                why=f"{LOWEST_BAR} <= doubtful <= probable <= {MOST}, in millionths",
                mend="take those that come with the house",
            )


@dataclass(frozen=True, slots=True)
class Judged:
    """Two records, the class of their match, and why.

    ``probability`` is in millionths, or None where no probability was worked out; a strong match
    has none: it is no guess. ``why`` is a sentence for the person who decides.
    """

    left: Record
    right: Record
    match: Match
    probability: int | None
    grounds: tuple[Ground, ...]
    why: str


def judge(
    left: Record,
    right: Record,
    bars: Bars,
    *,
    probability: int | None = None,
    weights: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> Judged:
    """The class of one pair. ``probability`` (millionths) and ``weights`` are Splink's, if any."""
    ways = compare(left, right)
    numbers = identifiers_agree(left, right) if left.kind == right.kind else {}
    grounds = (
        *(Ground(kind, SAME if same else Agreement.DIFFERS) for kind, same in numbers.items()),
        *(Ground(n, way, w) for (n, way), w in zip(ways.items(), weights, strict=True)),
    )
    match, why = _by_number(left, right, ways, numbers)
    if match is None:
        match, why = _by_likeness(ways, probability, bars)
    known = None if match is Match.STRONG else probability
    return Judged(left, right, match, known, grounds, why)


def _by_number(
    left: Record, right: Record, ways: dict[str, Agreement], numbers: dict[str, bool]
) -> tuple[Match | None, str]:
    if left.kind != right.kind:
        return Match.NONE, "one is a person, the other a firm"
    if not numbers:
        return None, ""
    same = [kind for kind, agree in numbers.items() if agree]
    if not same:
        return Match.NONE, f"their numbers differ: {', '.join(numbers)}"
    against = [f"{kind} differs" for kind, agree in numbers.items() if not agree]
    if ways["name"] is not SAME:
        against.append("the names differ")
    if ways["birth"] not in (SAME, Agreement.UNKNOWN):
        against.append("the birth dates differ")
    held = {one.born for record in (left, right) for one in record.identifiers} - {None}
    given = {left.born, right.born} - {None}
    if held and given - held:
        against.append("a birth date is not the one the number holds")
    if left.kind == PERSON and None in (left.born, right.born):
        against.append("there is no birth date to check the number by")
    if against:
        return Match.DOUBTFUL, f"{', '.join(same)} is the same, but {' and '.join(against)}"
    return Match.STRONG, f"{', '.join(same)} is the same, and nothing speaks against it"


def _by_likeness(
    ways: dict[str, Agreement], probability: int | None, bars: Bars
) -> tuple[Match, str]:
    alike = [field for field, way in ways.items() if way in (SAME, NEAR)]
    if "birth" not in alike and "phone" not in alike:
        return Match.NONE, "a name alone, even with a place or a year, is shared by many"
    if probability is None or probability < bars.doubtful:
        return Match.NONE, "too little agrees"
    home = SAME in (ways["phone"], ways["place"])
    enough = ways["name"] is SAME and ways["birth"] is SAME and home
    if enough and probability >= bars.probable:
        return Match.PROBABLE, f"no number in common; alike in {', '.join(alike)}"
    return Match.DOUBTFUL, f"no number in common; alike in {', '.join(alike)}, which may be chance"
