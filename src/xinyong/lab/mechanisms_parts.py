"""What a mechanism and a setting are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Mark = Literal["P", "S", "M", "assumed"]
"""Where a default comes from: a primary text, a secondary source, memory, or nowhere."""

Figure = Literal["years", "people", "mobility", "lists", "gaming", "cut-off", "cities", "firms"]
"""The part of the report in which a mechanism shows."""

ARTICLES: Final = {
    "guest post": "Guest post: China's Social Credit System (J. Roachell)",
    "TechNode": "TechNode (M. Borak, updated 23 August 2018)",
    "TIME": "TIME, How China Is Using Big Data to Reward and Punish Its Citizens",
    "phys.org": "phys.org / ScienceNordic (Jun Liu, 6 December 2018)",
    "newsletter": "a newsletter on social credit and SenseTime (October 2019)",
}
"""The five source articles, by the short name used in the table."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One number of a mechanism.

    ``least`` and ``most`` bound what a scenario may say. ``off`` is the value a setting takes when
    its mechanism is switched off; None: it is left as it is, because nothing asks for it then. A
    default without a source has the mark *assumed*.
    """

    name: str
    title: str
    unit: str
    default: float
    least: float
    most: float
    mark: Mark = "assumed"
    source: str = ""
    off: float | None = None

    @property
    def whence(self) -> str:
        """Mark and source in words: ``[S] about ...`` or ``assumed``."""
        return "assumed" if self.mark == "assumed" else f"[{self.mark}] {self.source}"


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A switch of the society.

    ``models`` says what of the world it stands for, ``does`` what it does in a month. ``articles``
    are keys of :data:`ARTICLES`; none where no article speaks of it. ``measures`` are names of
    :data:`xinyong.lab.measures.MEASURES`, the one that shows it best first; ``figure`` is the part
    of the report that draws them. ``on`` is whether a scenario that does not name it has it.
    """

    name: str
    title: str
    models: str
    does: str
    articles: tuple[str, ...]
    settings: tuple[Setting, ...]
    measures: tuple[str, ...]
    figure: Figure
    on: bool = True

    @property
    def described(self) -> str:
        """Where it is described, in short."""
        return ", ".join(self.articles) or "none of the articles; ours"

    @property
    def dial(self) -> Setting:
        """The first setting: at 0 the mechanism does nothing."""
        return self.settings[0]

    def switched_off(self, setting: Setting) -> float:
        """The value of one of its settings while it is switched off."""
        if setting is self.dial:
            return 0.0
        return setting.default if setting.off is None else setting.off

    def setting(self, name: str) -> Setting:
        """The setting of that name; KeyError if there is none."""
        for setting in self.settings:
            if setting.name == name:
                return setting
        raise KeyError(name)
