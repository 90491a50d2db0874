"""What a scheme as written means for people: what follows from it, and what a score is worth.

Nothing of a scheme is summed up by hand. Each consequence is read for its context, kind and
gravity; what a score is worth is what the scheme's own bands and conditions make follow from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from xinyong.engine.values import evaluate
from xinyong.lab.cells import Flag
from xinyong.scheme.bound import Bound
from xinyong.scheme.expressions import On, Ref
from xinyong.scheme.model import Consequence, Scheme

HARDSHIP: Final = (0.0, 0.0, 0.005, 0.01, 0.02, 0.04, 0.08)
"""What a month under a burden costs, by its gravity, as a part of own income (assumed)."""
CREDIT_WORTH: Final = 0.02
"""What it is worth a month that a loan is granted at once, as a part of income (assumed)."""
BLUR: Final = 0.02
"""People do not know their score to the point: what it is worth is blurred over this part of the
range (assumed)."""
CREDIT: Final = frozenset({"consumer_credit", "business_credit", "deposit"})
"""Uses for which a lender looks at the score itself."""
REFUSAL: Final = 4
"""Gravity from which on a burden is a refusal."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What follows, one entry a consequence in the scheme's order.

    ``flags`` u16[c] are set while it follows, ``worth`` f64[c] is what a month of it is worth as a
    part of own income (below 0 for a burden), ``cost`` f64[c] what that costs whoever grants it (a
    lender's own favours are not counted), ``deposit`` bool[c] whether it waives one. ``public``:
    whether listings are shown to everyone; ``credit``: whether lenders are meant to look at the
    score. ``score_worth`` f64[..]: for each score from ``floor`` on, what all that follows from it
    is worth a month.
    """

    flags: npt.NDArray[np.uint16]
    worth: npt.NDArray[np.float64]
    cost: npt.NDArray[np.float64]
    deposit: npt.NDArray[np.bool_]
    public: bool
    credit: bool
    floor: int
    ceiling: int
    score_worth: npt.NDArray[np.float64]


def flags_of(spec: Consequence) -> Flag:
    """What a consequence does to whoever it hits, by its context and gravity."""
    weight = spec.gravity or 0
    if spec.kind == "benefit":
        found = Flag.GRANTED if spec.context == "finance.credit" else Flag.PERK
        return found | Flag.PRAISED if spec.visible == "public" else found
    found = Flag(0)
    if spec.context.startswith("finance.") and weight >= REFUSAL:
        found |= Flag.NO_CREDIT
    if spec.context == "transport" and weight >= REFUSAL:
        found |= Flag.NO_TRAVEL
    if spec.context in ("employment", "admin.licence", "admin.office") and weight >= REFUSAL:
        found |= Flag.NO_JOB
    if spec.context == "education" or "children" in spec.spills_on:
        found |= Flag.NO_SCHOOL
    return found


def effects_of(bound: Bound, value: Callable[[str], float]) -> Effects:
    """What a scheme means under the settings of a scenario (``value`` gives one by its path)."""
    scheme = bound.scheme
    worth = np.array([_worth(spec, value) for spec in scheme.consequences], np.float64)
    flags = np.array([int(flags_of(spec)) for spec in scheme.consequences], np.uint16)
    floor, ceiling = scheme.score.floor, scheme.score.ceiling
    table = np.zeros(ceiling - floor + 1)
    for place in range(len(table)):
        score = floor + place
        band = band_of(bound, score)
        for number, entry in enumerate(bound.consequences):
            if _follows(entry.when, score, band):
                table[place] += worth[number]
    credit = bool(CREDIT & set(scheme.used_for))
    favour = (flags & int(Flag.PERK)) != 0
    waives = [s.kind == "benefit" and "deposit" in s.effect for s in scheme.consequences]
    cost, deposit = np.where(favour, worth, 0.0), np.array(waives, np.bool_)
    return Effects(
        flags, worth, cost, deposit, _public(scheme), credit, floor, ceiling, _blurred(table)
    )


def _worth(spec: Consequence, value: Callable[[str], float]) -> float:
    if spec.kind == "benefit":
        return CREDIT_WORTH if spec.context == "finance.credit" else value("perks.worth")
    return -HARDSHIP[spec.gravity or 0] * (1.0 + value("stacking.multiplier"))


def _public(scheme: Scheme) -> bool:
    listed = any(entry.publish == "everyone" for entry in scheme.lists.values())
    return listed or any(spec.visible == "public" for spec in scheme.consequences)


def band_of(bound: Bound, score: int) -> str:
    """The band that a score stands in where no condition but the score decides."""
    found = bound.bands[0].name
    for band in bound.bands:
        if band.since is not None and score >= band.since:
            found = band.name
    return found


def _follows(node: object, score: int, band: str) -> bool:
    def lookup(ref: Ref | On) -> object:
        if isinstance(ref, On):
            return False
        return {"score": score, "band": band}.get(ref.role)

    return evaluate(node, lookup) is True  # type: ignore[arg-type]


def _blurred(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The table seen through a triangle of :data:`BLUR` of the range to either side."""
    reach = max(1, round(BLUR * len(table)))
    weights = np.concatenate([np.arange(1, reach + 1), np.arange(reach - 1, 0, -1)]).astype(float)
    padded = np.concatenate([np.full(reach, table[0]), table, np.full(reach, table[-1])])
    smooth = np.convolve(padded, weights / weights.sum(), mode="same")
    return np.ascontiguousarray(smooth[reach : reach + len(table)])
