"""What the events of the synthetic town hold: one draw per field, with a fallback by type.

A draw is looked up by ``kind.field``, so a scheme can rename an event and still get plausible
values; a field nobody foresaw is drawn by its type alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from xinyong.demo.traits import Traits
from xinyong.records.shape import FieldShape
from xinyong.terms import MICRO

Array = npt.NDArray[Any]
FREE_WORDS: Final = 900
"""How many different words a text field without ``one_of`` draws from."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a field's draw may look at: the events of one kind, in no order.

    ``subject`` and ``day`` are per event; ``trouble`` says whether it falls in a bad spell.
    """

    rng: np.random.Generator
    traits: Traits
    subject: Array
    day: Array
    trouble: Array

    @property
    def size(self) -> int:
        """How many events."""
        return len(self.subject)

    def trait(self, name: str) -> Array:
        """A trait of the subject of each event."""
        found: Array = getattr(self.traits, name)[self.subject]
        return found

    def each_subject(self) -> Array:
        """A standard normal number per event that is the same for all events of a subject."""
        found: Array = self.rng.standard_normal(self.traits.size)[self.subject]
        return found


Draw = Callable[[Drawn, FieldShape], Array]
"""Gives one value per event: truth, whole number (millionths for ``number``, day number for
``date``), or for text the index of a word."""


def kept(bias: float, pull: float = 0.9, trouble: float = 1.3) -> Draw:
    """True more often for the reliable, less often in times of trouble."""

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        odds = bias + pull * drawn.trait("reliability") - trouble * drawn.trouble
        yes: Array = drawn.rng.random(drawn.size) < 1 / (1 + np.exp(-odds))
        return yes

    return draw


def broken(bias: float, pull: float = 0.9, trouble: float = 1.3) -> Draw:
    """True less often for the reliable: the opposite of :func:`kept` of ``-bias``."""
    good = kept(-bias, pull, trouble)
    return lambda drawn, spec: ~good(drawn, spec)


def delay(bias: float, typical: float = 14.0, most: int = 400) -> Draw:
    """Days late: mostly 0, otherwise a long tail; longer for the unreliable."""

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        reliability = drawn.trait("reliability")
        odds = bias + 1.0 * reliability - 1.5 * drawn.trouble
        late = drawn.rng.random(drawn.size) >= 1 / (1 + np.exp(-odds))
        length = drawn.rng.exponential(1.0, drawn.size) * typical
        length *= np.exp(-0.55 * np.clip(reliability, -3, 3) + 0.6 * drawn.trouble)
        return np.where(late, np.minimum(length.astype(np.int64) + 1, most), 0)

    return draw


def amount(
    typical: float, spread: float = 0.8, means: float = 0.5, *, own: float = 0.5, pull: float = 0.0
) -> Draw:
    """Money or another positive whole number around ``typical``, larger for those with means.

    ``own`` is the part of the spread that lies between subjects, not between their events;
    ``pull`` is the weight of reliability.
    """

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        power = spread * own**0.5 * drawn.each_subject()
        power += spread * (1 - own) ** 0.5 * drawn.rng.standard_normal(drawn.size)
        power += means * drawn.trait("means") + pull * drawn.trait("reliability")
        scale = MICRO if spec.type == "number" else 1
        value: Array = (np.minimum(typical * np.exp(power), 1e10) * scale).astype(np.int64)
        return value

    return draw


def sometimes(bias: float, draw: Draw) -> Draw:
    """Mostly nothing; otherwise what ``draw`` gives, more often for the unreliable."""
    good = kept(bias)
    return lambda drawn, spec: np.where(good(drawn, spec), 0, draw(drawn, spec))


def unless_idle(draw: Draw, idle: float = -1.6) -> Draw:
    """What ``draw`` gives, and nothing at all for the few subjects that do no business."""
    return lambda drawn, spec: np.where(drawn.each_subject() < idle, 0, draw(drawn, spec))


def around(middle: float, spread: float, low: int, high: int, pull: float = 0.0) -> Draw:
    """A whole number near ``middle``, higher for the reliable: like seeks like."""

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        value = middle + spread * drawn.rng.standard_normal(drawn.size)
        value += pull * drawn.trait("reliability")
        whole: Array = value.clip(low, high).astype(np.int64)
        return whole

    return draw


def whole(low: int, high: int, toward_low: float = 1.0) -> Draw:
    """A whole number in [low, high]; ``toward_low`` above 1 makes small ones common."""

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        part = drawn.rng.random(drawn.size) ** toward_low
        return (low + part * (high - low + 1)).astype(np.int64).clip(low, high)

    return draw


def grown(typical: float, most: int, *, per_year: float = 12.0, newcomers: bool = False) -> Draw:
    """Months (or with ``per_year`` 1, years) of standing: short for the young, and growing.

    With ``newcomers``, who joined while the town was watched begins at nothing on that day.
    """

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        mean = typical * np.exp(-0.7 * np.clip(drawn.traits.youth, -2, 2))
        begun = drawn.rng.gamma(1.4, mean / 1.4)
        if newcomers:
            joined = drawn.traits.joined
            begun = np.where(joined > 0, -joined * (per_year / 365.25), begun)
        begun = begun[drawn.subject]
        return np.minimum(begun + drawn.day * (per_year / 365.25), most).astype(np.int64)

    return draw


def ratio(low: float, high: float, pull: float = 0.4) -> Draw:
    """A number between low and high, in millionths; higher for the reliable."""

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        raw = drawn.rng.standard_normal(drawn.size) + pull * drawn.trait("reliability")
        value = low + (high - low) / (1 + np.exp(-raw))
        scale = MICRO if spec.type == "number" else 1
        return (value * scale).astype(np.int64)

    return draw


def word(*weights: float, pull: float = 0.0) -> Draw:
    """The index of a word; weights in the order of ``one_of`` (missing ones are small).

    With ``pull`` above 0 the reliable get later words more often, below 0 earlier ones.
    """

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        count = len(spec.one_of) if spec.one_of else FREE_WORDS
        share = np.array([*weights, *([0.05] * count)][:count]) if weights else _falling(count)
        place = np.cumsum(share / share.sum())
        u = drawn.rng.random(drawn.size)
        if pull:
            u = u ** np.exp(-pull * np.clip(drawn.trait("reliability"), -3, 3))
        return np.minimum(np.searchsorted(place, u, side="right"), count - 1)

    return draw


def _falling(count: int) -> Array:
    """Weights that fall from word to word, as shops and habits do."""
    return 1.0 / (np.arange(count) + 1.5)


def favourite(shops: int = FREE_WORDS) -> Draw:
    """One of many words: a few that each subject returns to, now and then another."""

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        count = len(spec.one_of) if spec.one_of else shops
        own = (drawn.subject * 7919 + drawn.rng.integers(0, 4, drawn.size) * 104_729) % count
        other = (count * drawn.rng.random(drawn.size) ** 2.2).astype(np.int64)
        return np.where(drawn.rng.random(drawn.size) < 0.6, own, other)

    return draw


def near_day(before: int, after: int) -> Draw:
    """A day around the event's own (drawn as the number of days from it)."""

    def draw(drawn: Drawn, spec: FieldShape) -> Array:
        return drawn.rng.integers(-before, after + 1, drawn.size)

    return draw


_BAD = (
    r"late|overdue|missed|disput|damag|broken|default|false|fraud|serious|illegal|forged|abnormal"
)
TABLE: Final[tuple[tuple[str, frozenset[str], Draw], ...]] = tuple(
    (pattern, frozenset(types.split()), draw)
    for pattern, types, draw in (
        (r"\.(days_late|late_days|days_overdue|delay.*)$", "int", delay(2.6)),
        (r"\.(.*_)?years", "int", grown(5.0, 60, per_year=1.0)),
        (r"\.(.*_)?months", "int", grown(28.0, 480)),
        (r"score", "int", around(630, 65, 350, 950, 30)),
        (r"\.hours.*", "int number", whole(1, 12, 2.0)),
        (r"\.(degree|level|grade|rank|step).*", "int", whole(1, 5, 1.6)),
        (r"\.(.*count|number|items|.*_n)$", "int", whole(1, 9, 2.2)),
        (r"\.(share|ratio|rate|utili.*)", "number", ratio(0.0, 1.0, -0.2)),
        (r"\.(points)$", "int number", whole(1, 12, 2.5)),
        (r"(loan|credit|debt).*\.(amount|limit|balance|principal)", "money", amount(180_000, 0.9)),
        (r"bill.*\.amount", "money", amount(9_000, 0.5, 0.35)),
        (r"(income|salary|wage).*\.amount", "money", amount(650_000, 0.3, 0.6)),
        (r"(invoice|tax|turnover).*\.amount", "money", amount(2_500_000, 1.1, 0.8)),
        (r".*", "money", amount(12_000, 1.0, 0.5)),
        (rf".*\.(.*_)?({_BAD}).*", "bool", broken(-2.6)),
        (r".*", "bool", kept(2.4)),
        (r".*", "int", whole(0, 10, 1.8)),
        (r".*", "number", ratio(0.0, 10.0)),
        (
            r"\.(shop|merchant|counterparty|payee|to|partner|contact|device|city|place)",
            "text",
            favourite(),
        ),
        (r".*", "text", word()),
        (r".*", "date", near_day(30, 0)),
    )
)


def draw_of(kind: str, field: str, spec: FieldShape, own: dict[str, Draw]) -> Draw:
    """The draw for one field: the kind's own if there is one, else the first that fits."""
    if f"{kind}.{field}" in own:
        return own[f"{kind}.{field}"]
    name = f"{kind}.{field}"
    return next(
        draw
        for pattern, types, draw in TABLE
        if spec.type in types and re.search(pattern, name) is not None
    )
