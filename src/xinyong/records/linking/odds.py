"""The odds that Splink counts with: how often fields agree for one subject, and for two.

The model is that of Fellegi and Sunter (1969), by Splink (MIT licence; Linacre and others 2022).
For each field and each way to agree there are two shares in millionths: ``one`` among pairs of
records of one subject, ``two`` among pairs of two subjects. Where a field is the same, ``two`` is
replaced by how often that very value occurs in the records at hand, but never less than ``rarest``:
two records called by a common name say little.

The shares are stated, not learnt. Learning them (expectation maximisation) adds up floating point
numbers in an order that depends on threads; stated ones give the same link on every machine, and
can be read and disputed. Which are guesses is said in docs/linking.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from xinyong.errors import QuestionRefused
from xinyong.records.linking.comparing import (
    FIELDS,
    SHORTEST_NAME,
    SHORTEST_PHONE,
    Agreement,
)

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Share:
    """How often a field agrees in one way: among pairs of one subject, of two; in millionths."""

    agreement: Agreement
    one: int
    two: int


@dataclass(frozen=True, slots=True)
class FieldOdds:
    """The shares of one field, best agreement first, and the least share of any one value."""

    field: str
    shares: tuple[Share, ...]
    rarest: int


def _field(name: str, rarest: int, **shares: tuple[int, int]) -> FieldOdds:
    return FieldOdds(
        name, tuple(Share(Agreement(way), *pair) for way, pair in shares.items()), rarest
    )


STATED: Final = (
    _field("name", 1, same=(950_000, 50), near=(35_000, 400), differs=(15_000, 999_550)),
    _field(
        "birth",
        40,
        same=(950_000, 45),
        near=(35_000, 1_000),
        part=(10_000, 16_000),
        differs=(5_000, 982_955),
    ),
    _field("phone", 1, same=(700_000, 10), near=(10_000, 10), differs=(290_000, 999_980)),
    _field("place", 100, same=(850_000, 50_000), differs=(150_000, 950_000)),
)


@dataclass(frozen=True, slots=True)
class Odds:
    """All that a probability is worked out from.

    ``shared`` is the share, in millionths, of the smaller source's subjects that are expected in
    the other source too. Raises :class:`~xinyong.errors.QuestionRefused` where a share is not
    between 1 and 999,999 millionths, or those of a field do not add up to a million.
    """

    shared: int = 500_000
    fields: tuple[FieldOdds, ...] = STATED

    def __post_init__(self) -> None:
        self._within("shared", self.shared)
        if tuple(odds.field for odds in self.fields) != FIELDS:
            self._refuse("the fields are not those compared", f"in this order: {', '.join(FIELDS)}")
        for odds in self.fields:
            ways = [share.agreement for share in odds.shares]
            stated = next(o for o in STATED if o.field == odds.field)
            if ways != [share.agreement for share in stated.shares]:
                self._refuse(f"the ways in which {odds.field} agrees are not those known", "")
            self._within(f"{odds.field}.rarest", odds.rarest)
            for side in ("one", "two"):
                parts = [int(getattr(share, side)) for share in odds.shares]
                for part in parts:
                    self._within(f"{odds.field}.{side}", part)
                if sum(parts) != MILLION:
                    self._refuse(f"the shares {odds.field}.{side} do not add up", "to a million")

    def _within(self, what: str, share: int) -> None:
        if not 1 <= share < MILLION:
            self._refuse(f"{what} is {share}", "a share is 1 to 999,999 millionths")

    def _refuse(self, what: str, why: str) -> None:
        raise QuestionRefused(
            what, where="records.linking.odds", why=why, mend="take the stated odds"
        )

    def settings(self, left: int, right: int) -> dict[str, Any]:
        """Splink's settings for two sources of so many records. It is told all, and learns none."""
        prior = self.shared / MILLION * min(left, right) / (left * right)
        return {
            "link_type": "link_only",
            "unique_id_column_name": "row",
            "probability_two_random_records_match": min(prior, 0.5),
            "comparisons": [_comparison(odds) for odds in self.fields],
            "blocking_rules_to_generate_predictions": [{"blocking_rule": r} for r in PAIRS],
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": True,
        }


PAIRS: Final = (
    "l.kind = r.kind AND l.phone = r.phone",
    "l.kind = r.kind AND l.name = r.name AND l.birth_year = r.birth_year",
    "l.kind = r.kind AND l.name = r.name AND l.place = r.place",
    "l.kind = r.kind AND l.birth = r.birth AND l.place = r.place",
)
"""Which pairs are looked at: all others are left out before anything is counted."""


def _comparison(odds: FieldOdds) -> dict[str, Any]:
    name = odds.field
    empty = {
        "sql_condition": f'"{name}_l" IS NULL OR "{name}_r" IS NULL',
        "label_for_charts": Agreement.UNKNOWN.value,
        "is_null_level": True,
    }
    levels: list[dict[str, Any]] = [empty]
    for share in odds.shares:
        level: dict[str, Any] = {
            "sql_condition": _CONDITIONS.get((name, share.agreement), "ELSE"),
            "label_for_charts": share.agreement.value,
            "m_probability": share.one / MILLION,
            "u_probability": share.two / MILLION,
        }
        if share.agreement is Agreement.SAME:
            level["sql_condition"] = f'"{name}_l" = "{name}_r"'
            level["tf_adjustment_column"] = name
            level["tf_adjustment_weight"] = 1.0
            level["tf_minimum_u_value"] = odds.rarest / MILLION
        levels.append(level)
    return {"output_column_name": name, "comparison_levels": levels}


def _near(name: str, shortest: int) -> str:
    return (
        f'least(length("{name}_l"), length("{name}_r")) >= {shortest}'
        f' AND abs(length("{name}_l") - length("{name}_r")) <= 1'
        f' AND list_has_any("{name}_short_l", "{name}_short_r")'
    )


_CONDITIONS: Final = {
    ("name", Agreement.NEAR): _near("name", SHORTEST_NAME),
    ("phone", Agreement.NEAR): _near("phone", SHORTEST_PHONE),
    ("birth", Agreement.NEAR): (
        'damerau_levenshtein("birth_l", "birth_r") <= 1 OR "birth_turned_l" = "birth_r"'
    ),
    ("birth", Agreement.PART): '"birth_year_l" = "birth_year_r"',
}
