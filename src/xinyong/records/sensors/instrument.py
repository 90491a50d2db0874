"""Instruments and units: what is measured, by whom, in which smallest step.

A value is a whole number of thousandths of the plain unit of its medium: of µg/m³ in air (so of
nanograms per cubic metre), of µg/L in water, of degrees, hectopascals and metres per second for the
weather beside it. Nothing here passes through a float.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from xinyong.errors import QuestionRefused
from xinyong.records import uscc

HOUR: Final = 3_600_000_000
"""Microseconds between two readings. The Zibo regulation counts hourly values too (article 38)."""

DAY: Final = 24
WEEK: Final = 168
"""Readings in a day and in a window."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: in which medium it is used, and how many thousandths of its plain unit it is."""

    medium: str
    thousandths: int


UNITS: Final[dict[str, Unit]] = {
    "ng/m3": Unit("air", 1),
    "ug/m3": Unit("air", 1_000),
    "mg/m3": Unit("air", 1_000_000),
    "ng/L": Unit("water", 1),
    "ug/L": Unit("water", 1_000),
    "mg/L": Unit("water", 1_000_000),
    "degC": Unit("temperature", 1_000),
    "hPa": Unit("pressure", 1_000),
    "m/s": Unit("wind", 1_000),
}
"""Units by the way they are written here; :func:`plain_unit` reads other spellings."""

CONCENTRATIONS: Final = frozenset({"air", "water"})

_SPELT: Final = str.maketrans({"µ": "u", "μ": "u", "³": "3", "℃": "C", "°": "", " ": None})
_BY_SPELLING: Final = {name.lower(): name for name in UNITS} | {"c": "degC"}


def plain_unit(text: str) -> str | None:
    """The unit's name in :data:`UNITS` for a spelling such as ``µg/m³``; None if there is none."""
    return _BY_SPELLING.get(text.translate(_SPELT).lower())


class Status(StrEnum):
    """What the data logger says about a reading, by the letters of HJ 212-2017.

    The letters and their order were seen in the text of the standard; their meanings are ours from
    memory and should be held against it before they are relied on.
    """

    NORMAL = "N"
    STOPPED = "F"
    MAINTENANCE = "M"
    BY_HAND = "S"
    FAULT = "D"
    CALIBRATION = "C"
    OVER_RANGE = "T"
    NO_CONTACT = "B"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument of one organisation, measuring one substance every hour.

    ``firm`` is the organisation's unified social credit code: nobody else has readings here.
    ``unit`` is that in which it reports, ``resolution`` the smallest step it shows and ``limit``
    what its permit allows, both in thousandths of the plain unit. Raises
    :class:`~xinyong.errors.CodeRefused` or :class:`~xinyong.errors.QuestionRefused`.
    """

    id: str
    firm: str
    substance: str
    unit: str
    resolution: int
    limit: int | None = None

    def __post_init__(self) -> None:
        uscc.check(self.firm)
        if not self.id or not self.substance:
            raise _odd(self.id, "an instrument without a name or a substance", "give it both")
        if self.unit not in UNITS:
            raise _odd(
                self.id, f"'{self.unit[:20]}' is no unit that is known", "write " + ", ".join(UNITS)
            )
        if self.resolution <= 0 or (self.limit is not None and self.limit <= 0):
            raise _odd(self.id, "a step or limit that is not above 0", "give thousandths above 0")

    @property
    def medium(self) -> str:
        """Where it measures: ``air``, ``water``, or a kind of weather."""
        return UNITS[self.unit].medium

    @property
    def is_concentration(self) -> bool:
        """Whether it measures how much of a substance there is, and so never less than nothing."""
        return self.medium in CONCENTRATIONS

    def shown(self, value: int) -> str:
        """A value in the instrument's own unit, for people."""
        whole, rest = divmod(abs(value), UNITS[self.unit].thousandths)
        places = len(str(UNITS[self.unit].thousandths)) - 1
        decimals = f".{rest:0{places}d}".rstrip("0").rstrip(".") if places else ""
        return f"{'-' if value < 0 else ''}{whole}{decimals} {self.unit}"


def _odd(where: str, what: str, mend: str) -> QuestionRefused:
    return QuestionRefused(
        what, where=where[:60] or "an instrument",
        why="readings are judged by instrument, in steps and units that are known", mend=mend,
    )  # fmt: skip
