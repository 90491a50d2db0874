"""The description of a scenario: whole, and true to the scenario."""

from xinyong.lab import odd
from xinyong.lab.mechanisms import ARTICLES, MECHANISMS, SOCIETY
from xinyong.lab.scenario import default
from xinyong.lab.scenario_reading import load, names

ELEMENTS = (
    "1. Purpose and patterns",
    "2. Entities, state variables and scales",
    "3. Process overview and scheduling",
    "4. Design concepts",
    "5a. Initialization",
    "5b. Input data",
    "6. Submodels",
)


def test_the_seven_elements_stand_in_order() -> None:
    titles = [c.title for c in odd.chapters(default()) if c.title[0].isdigit()]
    assert tuple(titles) == ELEMENTS


def test_every_mechanism_and_setting_is_described() -> None:
    text = odd.markdown(default())
    for mechanism in MECHANISMS.values():
        assert f"### {mechanism.title}" in text
        assert mechanism.models in text and mechanism.does in text
        assert all(ARTICLES[name] in text for name in mechanism.articles)
        assert all(setting.title in text for setting in mechanism.settings)
    assert all(setting.title in text for setting in SOCIETY.values())


def test_what_a_scenario_changes_is_told() -> None:
    plain = default("rongcheng", "no-scheme", people=12_345, years=7)
    changed = plain.having("dating.weight", 0.9).model_copy(update={"years": 8})
    changed = changed.model_copy(update={"mechanisms": {**changed.mechanisms, "leaks": False}})
    text = odd.markdown(changed)
    assert "12,345 people and 617 firms" in text
    assert "a run is 96 of them" in text
    assert "set by the scenario (default 0.5)" in text and "| 0.9 |" in text
    assert "### Data that get out (switched off)" in text
    assert "### Data that get out\n" in odd.markdown(plain)
    assert changed.digest in text and changed.digest != plain.digest


def test_scenarios_of_the_house_can_be_described() -> None:
    for name in names():
        text = odd.markdown(load(name))
        assert text.startswith(f"# {load(name).title}\n")
        assert text.count("\n## ") == len(ELEMENTS)


def test_encounters_and_cities_are_described() -> None:
    from decimal import Decimal

    from xinyong.lab.scenario import City, Town

    town = Town(people=500, activation="encounters")
    text = odd.markdown(default(people=500).model_copy(update={"society": town}))
    assert "everybody meets one other" in text and "Nobody ages" in text
    cities = tuple(City(name=name, share=Decimal("0.5")) for name in ("coast", "hills"))
    text = odd.markdown(default(people=500).model_copy(update={"cities": cities}))
    assert "coast (50% of the people" in text and "0.05 move away in a year" in text
