"""What an experiment is: the town, its mechanisms, the schemes to compare, years and seeds.

A scenario is frozen data, read from YAML like a scheme (:mod:`xinyong.lab.scenario_reading`). What
one run depends on is its :attr:`Scenario.world`: every setting resolved, so that a setting that is
left out and one that is written down at its default are the same run. Names, titles, the list of
schemes and the seeds are not part of it, so adding a scheme or a seed repeats no finished run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from xinyong.lab.mechanisms import MECHANISMS, SOCIETY
from xinyong.scheme.complaints import Code, Misfit
from xinyong.scheme.parts import Day, Frozen, Identifier, Name, Number, Text

NO_SCHEME: Final = "no-scheme"
"""The built-in choice: no scores, no lists, no consequences."""
CITY_SCHEMES: Final = "city-schemes"
"""The built-in choice: each city runs the scheme that the scenario's ``cities`` give it."""

MOST_SEEDS: Final = 10_000
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Seeds = Annotated[tuple[Seed, ...], Field(min_length=1, max_length=MOST_SEEDS)]
SeedCount = Annotated[int, Field(ge=1, le=MOST_SEEDS)]


def _version(value: int) -> int:
    if value != 1:
        raise Misfit(Code.WRONG_VALUE, f"version {value} of scenarios is not known", "write 1")
    return value


class Town(Frozen):
    """The society before anything happens: how many, how they meet, and its settings.

    ``activation`` is what a month consists of. ``synchronous``: income, dues, acts and loans, all
    at once, on the state that the month began with. ``encounters``: everybody meets one other and
    helps or does not, as the scheme's list has it; nobody ages, moves or pairs
    (:mod:`xinyong.lab.encounters`). ``settings`` are those of
    :data:`xinyong.lab.mechanisms.SOCIETY`.
    """

    people: Annotated[int, Field(ge=100, le=100_000_000)] = 10_000
    firms: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    activation: Literal["synchronous", "encounters"] = "synchronous"
    settings: dict[Name, Number] = {}  # noqa: RUF012  (pydantic copies it)


class City(Frozen):
    """A city with rules of its own.

    ``share`` is the part of all people who live in it when the run begins; newcomers are drawn by
    it as well. ``scheme`` is what it runs under :data:`CITY_SCHEMES`. ``leaves`` times
    ``cities.movers`` is the chance that somebody moves away in a year. ``takes_over`` is the part
    of a newcomer's record that it accepts (0: none, 1: all), by default what ``cities.lost``
    leaves.
    """

    name: Identifier
    share: Annotated[Number, Field(gt=0, le=1)]
    scheme: Text = NO_SCHEME
    leaves: Annotated[Number, Field(ge=0, le=1000)] = Decimal(1)
    takes_over: Annotated[Number, Field(ge=0, le=1)] | None = None


class Sweep(Frozen):
    """One setting to be tried at several values: ``dating.weight``, ``society.friends``."""

    setting: Text
    values: Annotated[tuple[Number, ...], Field(min_length=2, max_length=200)]


class Goal(Frozen):
    """A measure to be made as large (or small) as can be, for one group."""

    measure: Name
    group: Text = "all"
    want: Literal["most", "least"] = "most"


class Limit(Frozen):
    """What a solution must keep to: a measure within bounds in the last year."""

    measure: Name
    group: Text = "all"
    at_least: Number | None = None
    at_most: Number | None = None


class Bound(Frozen):
    """A number of the scheme that may be changed: its place in the document, and how far.

    ``place`` is the path of keys as :mod:`sources.md` of a scheme writes it, such as
    ``score.add.T1.points``.
    """

    place: Text
    between: Annotated[tuple[Number, ...], Field(min_length=2, max_length=2)]


class Search(Frozen):
    """Which points and favours serve a goal best, within bounds.

    ``charter``: only changes under which the charter finds nothing new to forbid.
    """

    scheme: Text
    goal: Goal
    subject_to: tuple[Limit, ...] = ()
    bounds: Annotated[tuple[Bound, ...], Field(min_length=1, max_length=50)]
    charter: bool = True
    tries: Annotated[int, Field(ge=2, le=100_000)] = 64


class Scenario(Frozen):
    """One experiment, as written.

    ``against`` is the scheme that the others are compared with; by default ``no-scheme`` where it
    is among them, else the last one. Where there are ``cities``, a scheme of ``schemes`` holds in
    all of them alike, and ``city-schemes`` is each city under its own. ``seeds`` is a number of
    seeds (1, 2, 3, ...) or the seeds.
    """

    called: ClassVar[str] = "the scenario"
    lab: Annotated[int, AfterValidator(_version)]
    scenario: Identifier
    title: Text
    schemes: Annotated[tuple[Text, ...], Field(min_length=1, max_length=50)]
    against: Text | None = None
    start: Day = date(2016, 1, 1)
    years: Annotated[int, Field(ge=1, le=100)] = 10
    seeds: SeedCount | Seeds = 20
    society: Town = Town()
    cities: Annotated[tuple[City, ...], Field(max_length=50)] = ()
    mechanisms: dict[Name, bool | Literal["on", "off"] | dict[Name, Number]] = {}  # noqa: RUF012
    sweeps: Annotated[tuple[Sweep, ...], Field(max_length=2)] = ()
    search: Search | None = None

    @property
    def seed_list(self) -> tuple[int, ...]:
        """The seeds, each once, in order."""
        if isinstance(self.seeds, int):
            return tuple(range(1, self.seeds + 1))
        return self.seeds

    @property
    def baseline(self) -> str:
        """The scheme that the others are compared with."""
        if self.against is not None:
            return self.against
        return NO_SCHEME if NO_SCHEME in self.schemes else self.schemes[-1]

    @property
    def months(self) -> int:
        """Length of a run."""
        return self.years * 12

    @property
    def people(self) -> int:
        """How many people are drawn."""
        return self.society.people

    @property
    def firms(self) -> int:
        """How many firms are drawn; one for each twenty people unless the scenario says."""
        return self.people // 20 if self.society.firms is None else self.society.firms

    def on(self, mechanism: str) -> bool:
        """Whether a mechanism is switched on: it is named with settings or true, or is by default.

        Raises KeyError where there is no such mechanism.
        """
        default = MECHANISMS[mechanism].on
        said = self.mechanisms.get(mechanism, default)
        return said if isinstance(said, bool) else said != "off"

    def value(self, owner: str, setting: str) -> float:
        """The value of a setting of a mechanism, or of the town where ``owner`` is ``society``.

        A mechanism that is off has its dial at 0. Raises KeyError for an unknown name.
        """
        if owner == "society":
            said = self.society.settings.get(setting)
            return float(SOCIETY[setting].default if said is None else said)
        mechanism = MECHANISMS[owner]
        known = mechanism.setting(setting)
        if not self.on(owner):
            return float(mechanism.switched_off(known))
        written = self.mechanisms.get(owner)
        said = written.get(setting) if isinstance(written, dict) else None
        return float(known.default if said is None else said)

    def lost(self, city: City) -> float:
        """The part of a newcomer's record that a city does not take over."""
        if city.takes_over is not None:
            return 1.0 - float(city.takes_over)
        return self.value("cities", "lost")

    @cached_property
    def world(self) -> bytes:
        """What one run depends on besides scheme, seed and code: canonical JSON, all resolved."""
        data = {
            "activation": self.society.activation,
            "cities": [
                [city.name, float(city.share), float(city.leaves), float(self.lost(city))]
                for city in self.cities
            ],
            "firms": self.firms,
            "mechanisms": {
                name: {s.name: self.value(name, s.name) for s in mechanism.settings}
                for name, mechanism in MECHANISMS.items()
            },
            "people": self.people,
            "society": {name: self.value("society", name) for name in SOCIETY},
            "start": str(self.start),
            "years": self.years,
        }
        return _canonical(data)

    @cached_property
    def canonical(self) -> bytes:
        """The whole scenario as written: JSON, sorted keys, no defaults."""
        return _canonical(self.model_dump(mode="json", exclude_defaults=True))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical form, as 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical).hexdigest()

    def model_copy(
        self, *, update: Mapping[str, Any] | None = None, deep: bool = False
    ) -> Scenario:
        """A copy with other values; what is worked out from them is worked out anew."""
        copied = super().model_copy(update=update, deep=deep)
        for kept in ("world", "canonical", "digest"):
            copied.__dict__.pop(kept, None)
        return copied

    def having(self, path: str, value: float) -> Scenario:
        """The same scenario with one setting at another value.

        ``path`` is ``society.people``, ``society.NAME`` or ``MECHANISM.NAME``; setting one of a
        mechanism switches it on. Raises KeyError for an unknown place; bounds are the reader's.
        """
        owner, _, name = path.partition(".")
        if path in ("society.people", "society.firms"):
            town = self.society.model_copy(update={name: int(value)})
            return self.model_copy(update={"society": town})
        number = Decimal(repr(float(value)))
        if owner == "society":
            held = {**self.society.settings, SOCIETY[name].name: number}
            town = self.society.model_copy(update={"settings": held})
            return self.model_copy(update={"society": town})
        MECHANISMS[owner].setting(name)
        written = self.mechanisms.get(owner)
        mine = {**(written if isinstance(written, dict) else {}), name: number}
        return self.model_copy(update={"mechanisms": {**self.mechanisms, owner: mine}})


def _canonical(data: object) -> bytes:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def default(*schemes: str, people: int = 10_000, years: int = 10, seeds: int = 20) -> Scenario:
    """The town as it comes, with all mechanisms at their defaults.

    Without schemes it compares ``rongcheng`` and ``sesame-2015`` with none.
    """
    return Scenario(
        lab=1,
        scenario="default",
        title="The town as it comes",
        schemes=schemes or ("rongcheng", "sesame-2015", NO_SCHEME),
        years=years,
        seeds=seeds,
        society=Town(people=people),
    )
