"""From YAML to a scenario, or to every complaint with its place; scenarios by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from xinyong.errors import QuestionRefused, ScenarioRefused, SchemeNotFound, SchemeRefused
from xinyong.lab.mechanisms import MECHANISMS, SOCIETY, Setting, places
from xinyong.lab.scenario import CITY_SCHEMES, NO_SCHEME, Scenario
from xinyong.scheme import library
from xinyong.scheme.complaints import Code, Complaint, did_you_mean, nearest
from xinyong.scheme.reading import file_bytes, placed, read_document
from xinyong.scheme.who import PEOPLE

HOME: Final = Path(__file__).parent / "scenarios"
"""Scenarios that come with the house, one file each."""

Path_ = tuple[str | int, ...]


def names() -> tuple[str, ...]:
    """Names of the scenarios that come with the house."""
    return tuple(sorted(path.stem for path in HOME.glob("*.yaml")))


def load(name_or_path: str | os.PathLike[str] | Scenario) -> Scenario:
    """The scenario of that name, or the one in that file.

    Raises :class:`~xinyong.errors.ScenarioRefused` with every error and its place, and
    :class:`~xinyong.errors.QuestionRefused` where there is no such name and no such file.
    """
    if isinstance(name_or_path, Scenario):
        return name_or_path
    asked = os.fspath(name_or_path)
    path = HOME / f"{asked}.yaml" if asked in names() else Path(asked)
    if not path.is_file():
        near = nearest(asked, names())
        raise QuestionRefused(
            f"no scenario is called '{asked[:200]}' and no such file exists",
            where="SCENARIO",
            why="a scenario is one of those that come with the house, or a YAML file",
            mend=(f"did you mean '{near}'? " if near else "") + f"there are: {', '.join(names())}",
        )
    text = file_bytes(path)
    if isinstance(text, Complaint):
        raise ScenarioRefused((text,), where=str(path))
    return read(text, file=str(path))


def read(text: str | bytes, *, file: str = "<text>") -> Scenario:
    """The scenario in a YAML text.

    Raises :class:`~xinyong.errors.ScenarioRefused` with every error and its place.
    """
    document = read_document(text, Scenario, file=file)
    complaints = document.complaints
    if document.value is not None:
        complaints = placed(document, complaints_about(document.value))
    if document.value is None or complaints:
        raise ScenarioRefused(complaints, where=file)
    return document.value


def checked(scenario: Scenario, *, where: str = "the scenario") -> Scenario:
    """A scenario that was put together in code, held to the same rules as a written one.

    Raises :class:`~xinyong.errors.ScenarioRefused` with every error.
    """
    found = tuple(
        replace(each, file=".".join(map(str, (where, *each.path))))
        for each in complaints_about(scenario)
    )
    if found:
        raise ScenarioRefused(found, where=where)
    return scenario


def complaints_about(scenario: Scenario) -> Iterator[Complaint]:
    """What is wrong with a scenario of the right shape; places are paths in the document."""
    yield from _schemes(scenario)
    yield from _cities(scenario)
    yield from _settings(("society", "settings"), scenario.society.settings, SOCIETY)
    for name, said in scenario.mechanisms.items():
        if name not in MECHANISMS:
            yield _complaint(
                ("mechanisms", name),
                Code.UNKNOWN_NAME,
                f"no mechanism is called '{name}'",
                did_you_mean(name, MECHANISMS),
                key=True,
            )
        elif isinstance(said, dict):
            known = {setting.name: setting for setting in MECHANISMS[name].settings}
            yield from _settings(("mechanisms", name), said, known)
    yield from _sweeps(scenario)
    yield from _search(scenario)


def _complaint(path: Path_, code: Code, message: str, mend: str, *, key: bool = False) -> Complaint:
    return Complaint("", 0, 0, code, message, mend, path=path, at="key" if key else "value")


def _scheme(path: Path_, name: str) -> Iterator[Complaint]:
    if name == NO_SCHEME:
        return
    try:
        library.locate(name)
    except SchemeNotFound as error:
        yield _complaint(path, Code.UNKNOWN_NAME, error.what, error.mend)


def _schemes(scenario: Scenario) -> Iterator[Complaint]:
    for index, name in enumerate(scenario.schemes):
        if name != CITY_SCHEMES:
            yield from _scheme(("schemes", index), name)
        elif not scenario.cities:
            yield _complaint(
                ("schemes", index),
                Code.UNKNOWN_NAME,
                f"'{CITY_SCHEMES}' needs cities, and there are none",
                "write cities: with a name, a share and a scheme for each",
            )
        if name in scenario.schemes[:index]:
            yield _complaint(
                ("schemes", index),
                Code.DUPLICATE_NAME,
                f"'{name}' stands twice",
                "a scheme against itself differs by exactly 0; name it once",
            )
    if scenario.against is not None and scenario.against not in scenario.schemes:
        yield _complaint(
            ("against",),
            Code.UNKNOWN_NAME,
            f"'{scenario.against}' is not among the schemes",
            did_you_mean(scenario.against, scenario.schemes),
        )
    seeds = scenario.seed_list
    for index, seed in enumerate(seeds):
        if not isinstance(scenario.seeds, int) and seed in seeds[:index]:
            yield _complaint(
                ("seeds", index),
                Code.DUPLICATE_NAME,
                f"seed {seed} stands twice",
                "the same seed gives the same run; it would count twice",
            )


def _cities(scenario: Scenario) -> Iterator[Complaint]:
    if not scenario.cities:
        return
    if len(scenario.cities) < 2:
        yield _complaint(
            ("cities",),
            Code.MISSING_FIELD,
            "one city alone is a society without cities",
            "write at least two, or leave cities: out",
        )
    total = sum((Decimal(city.share) for city in scenario.cities), Decimal(0))
    if abs(total - 1) > Decimal("0.000001"):
        yield _complaint(
            ("cities",),
            Code.WRONG_VALUE,
            f"the shares of the cities add up to {total.normalize():f}",
            "they are parts of all people and add up to 1",
        )
    names = [city.name for city in scenario.cities]
    for index, city in enumerate(scenario.cities):
        if city.name in names[:index]:
            yield _complaint(
                ("cities", index, "name"),
                Code.DUPLICATE_NAME,
                f"two cities are called '{city.name}'",
                "give each a name of its own",
            )
        here: Path_ = ("cities", index, "scheme")
        found = list(_scheme(here, city.scheme))
        yield from found
        if not found and city.scheme != NO_SCHEME and not _of_people(city.scheme):
            yield _complaint(
                here,
                Code.WRONG_VALUE,
                f"'{city.scheme}' does not score people",
                "a city's scheme is one for people; one for firms goes among the schemes",
            )


def _of_people(name: str) -> bool:
    """Whether a scheme scores people; one that cannot be read is told of when it is run."""
    try:
        return library.load(name).subjects in PEOPLE
    except SchemeRefused:
        return True


def _settings(
    path: Path_, said: Mapping[str, object], known: Mapping[str, Setting]
) -> Iterator[Complaint]:
    for name, value in said.items():
        setting = known.get(name)
        if setting is None:
            yield _complaint(
                (*path, name),
                Code.UNKNOWN_NAME,
                f"no setting is called '{name}' here",
                did_you_mean(name, known),
                key=True,
            )
        else:
            yield from _bounds((*path, name), setting, float(str(value)))


def _bounds(path: Path_, setting: Setting, value: float) -> Iterator[Complaint]:
    if not setting.least <= value <= setting.most:
        yield _complaint(
            path,
            Code.WRONG_VALUE,
            f"'{setting.name}' is between {setting.least:g} and {setting.most:g}"
            f" ({setting.unit}); here is {value:g}",
            f"its default is {setting.default:g}",
        )


def _sweeps(scenario: Scenario) -> Iterator[Complaint]:
    known = places()
    for index, sweep in enumerate(scenario.sweeps):
        at: Path_ = ("sweeps", index)
        if sweep.setting in ("society.people", "society.firms"):
            continue
        place = known.get(sweep.setting)
        if place is None:
            yield _complaint(
                (*at, "setting"),
                Code.UNKNOWN_NAME,
                f"'{sweep.setting[:60]}' is no setting",
                did_you_mean(sweep.setting, known),
            )
            continue
        for number, value in enumerate(sweep.values):
            yield from _bounds((*at, "values", number), place.setting, float(value))


def _search(scenario: Scenario) -> Iterator[Complaint]:
    search = scenario.search
    if search is None:
        return
    yield from _scheme(("search", "scheme"), search.scheme)
    for index, bound in enumerate(search.bounds):
        low, high = bound.between
        if low >= high:
            yield _complaint(
                ("search", "bounds", index, "between"),
                Code.WRONG_VALUE,
                f"from {low} to {high} there is nothing to try",
                "write the lower bound first",
            )
    for index, limit in enumerate(search.subject_to):
        if limit.at_least is None and limit.at_most is None:
            yield _complaint(
                ("search", "subject_to", index),
                Code.MISSING_FIELD,
                "this limit has neither at_least nor at_most",
                "add one of them",
            )
