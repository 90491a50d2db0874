"""All mechanisms of the lab's society: what each models, its settings, and where it shows.

A *mechanism* is a switch. Its first setting is its *dial*: switched off is the same, to the bit,
as the dial at 0, because that is how a scenario hands it to the society
(:meth:`xinyong.lab.scenario.Scenario.value`). Each default carries a mark: P, a primary text; S, a
secondary source; M, memory only; or the word *assumed*. ``docs/mechanisms.md`` is made from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xinyong.lab.mechanisms_harm import HARM
from xinyong.lab.mechanisms_money import MONEY
from xinyong.lab.mechanisms_parts import ARTICLES, Mark, Mechanism, Setting
from xinyong.lab.mechanisms_people import PEOPLE

MECHANISMS: Final[Mapping[str, Mechanism]] = {
    mechanism.name: mechanism for mechanism in (*PEOPLE, *MONEY, *HARM)
}
"""Every mechanism by its name, in the order of the documentation."""


SOCIETY: Final[Mapping[str, Setting]] = {
    setting.name: setting
    for setting in (
        Setting("thin_files", "People without any history at a bank", "share", 0.75, 0, 1,
                mark="S", source="about 300 million of 1.35 bn had a record in 2017 (phys.org)"),
        Setting("second_group", "People in the synthetic second group", "share", 0.2, 0, 1),
        Setting("friends", "Friends of a person, on average", "people", 8, 0, 50),
        Setting("likeness", "Friends drawn from one's own class rather than from all", "share",
                0.5, 0, 1),
        Setting("inheritance", "Pull of the parents' fifth on one's own start", "share", 0.4, 0, 1),
        Setting("shock", "Standard deviation of the monthly shock to log income", "log points",
                0.05, 0, 1),
        Setting("persistence", "Part of an income shock that is left a month later", "share",
                0.97, 0, 1),
        Setting("slips", "Meant help that does not come, where people meet in encounters", "share",
                0.01, 0, 1, mark="P", source="Glynatsi, Hilbe, Murase 2025, second pair"),
        Setting("misjudged", "Encounters of which the list's keeper writes the opposite", "share",
                0.01, 0, 1, mark="P", source="Glynatsi, Hilbe, Murase 2025, second pair"),
        Setting("response", "How strongly people answer to points (0: not at all)",
                "log odds per unit of benefit", 1.0, 0, 20),
    )
}  # fmt: skip
"""Settings of the town itself, apart from any mechanism."""


@dataclass(frozen=True, slots=True)
class Place:
    """A setting with the place it has in a scenario: ``dating.weight``, ``society.friends``."""

    owner: str
    setting: Setting

    @property
    def path(self) -> str:
        """The way a sweep names it."""
        return f"{self.owner}.{self.setting.name}"


def places() -> dict[str, Place]:
    """Every setting that can be swept, by its path."""
    found = [Place("society", setting) for setting in SOCIETY.values()]
    found += [Place(m.name, s) for m in MECHANISMS.values() for s in m.settings]
    return {place.path: place for place in found}


__all__ = [
    "ARTICLES",
    "MECHANISMS",
    "SOCIETY",
    "Mark",
    "Mechanism",
    "Place",
    "Setting",
    "places",
]
