"""Scenarios: read with places, resolved, and a switch that is off is its dial at 0."""

import pickle
from pathlib import Path

import pytest

from xinyong.errors import QuestionRefused, ScenarioRefused
from xinyong.lab.mechanisms import MECHANISMS, SOCIETY, places
from xinyong.lab.scenario import NO_SCHEME, Scenario, default
from xinyong.lab.scenario_reading import checked, load, names, read

GOOD = """\
lab: 1
scenario: small
title: A small town
schemes: [rongcheng, no-scheme]
years: 3
seeds: [4, 7]
society: {people: 500, settings: {friends: 6}}
mechanisms:
  dating: {weight: 0.25}
  leaks: off
  shaming: false
  redistribution: on
"""


def refused(text: str) -> list[str]:
    with pytest.raises(ScenarioRefused) as caught:
        read(text, file="s.yaml")
    assert "the scenario has" in caught.value.what
    return [str(complaint) for complaint in caught.value.complaints]


def test_what_is_written_is_read() -> None:
    scenario = read(GOOD)
    assert scenario.seed_list == (4, 7)
    assert scenario.baseline == NO_SCHEME
    assert (scenario.months, scenario.people, scenario.firms) == (36, 500, 25)
    assert scenario.value("society", "friends") == 6.0
    assert scenario.value("dating", "weight") == 0.25
    assert scenario.value("dating", "pace") == MECHANISMS["dating"].setting("pace").default
    assert scenario.on("redistribution") and not scenario.on("leaks")
    assert scenario.value("leaks", "chance") == 0.0
    assert not MECHANISMS["redistribution"].on


@pytest.mark.parametrize("name", sorted(MECHANISMS))
def test_off_is_the_dial_at_zero_in_all_that_a_run_depends_on(name: str) -> None:
    off = default(people=500).model_copy(update={"mechanisms": {name: False}})
    mechanism = MECHANISMS[name]
    zero = default(people=500).having(f"{name}.{mechanism.dial.name}", 0.0)
    for setting in mechanism.settings[1:]:
        if setting.off is not None:
            zero = zero.having(f"{name}.{setting.name}", setting.off)
    assert off.world == zero.world
    assert off.world != default(people=500).having(f"{name}.{mechanism.dial.name}", 1e-3).world


def test_a_default_that_is_written_down_changes_no_run() -> None:
    plain = default(people=500)
    for path, place in places().items():
        owner = path.split(".", maxsplit=1)[0]
        if owner != "society" and not MECHANISMS[owner].on:
            continue
        assert plain.having(path, place.setting.default).world == plain.world, path


def test_what_names_things_is_no_part_of_a_run() -> None:
    one, other = default("rongcheng", "no-scheme"), default("sesame-2015", seeds=3)
    assert one.world == other.world
    assert one.digest != other.digest
    assert one.having("society.people", 600).world != one.world
    assert one.model_copy(update={"years": 9}).world != one.world


@pytest.mark.parametrize(
    ("was", "now", "complaint", "mend"),
    [
        ("dating: {weight", "datin: {weight", "9:3  unknown-name", "'dating'"),
        ("weight: 0.25", "wieght: 0.25", "9:12  unknown-name", "'weight'"),
        ("weight: 0.25", "weight: 1.5", "9:20  wrong-value", "default is 0.5"),
        ("friends: 6", "frends: 6", "7:35  unknown-name", "'friends'"),
        ("leaks: off", "leaks: of", "10:10  wrong-value", "'off'"),
        ("title: A small town", "titel: x", "3:1  unknown-field", "'title'"),
        ("[rongcheng,", "[rongchen,", "4:11  unknown-name", "'rongcheng'"),
        ("rongcheng, no", "rongcheng, rongcheng, no", "4:22  duplicate-name", "exactly 0"),
        ("[4, 7]", "[4, 4]", "6:12  duplicate-name", "count twice"),
        ("[4, 7]", "0", "6:8  wrong-value", "at least 1"),
        ("years: 3", "years: 3\nagainst: sesame", "6:10  unknown-name", "no-scheme"),
        ("people: 500", "people: 5", "7:19  wrong-value", "at least 100"),
        ("lab: 1", "lab: 2", "1:6  wrong-value", "write 1"),
        ("  redistribution: on", "sweeps: [{setting: dating.wait, values: [0, 1]}]",
         "12:20  unknown-name", "dating.weight"),
        ("  redistribution: on", "sweeps: [{setting: dating.weight, values: [0, 2]}]",
         "12:47  wrong-value", "between 0 and 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_place_and_its_mend(
    was: str, now: str, complaint: str, mend: str
) -> None:
    assert was in GOOD
    found = refused(GOOD.replace(was, now, 1))
    hits = [text for text in found if text.startswith(f"s.yaml:{complaint}")]
    assert hits, found
    assert mend in hits[0]


def test_all_complaints_come_together() -> None:
    text = (
        GOOD.replace("dating:", "datin:").replace("friends", "frends").replace("[4, 7]", "[1, 1]")
    )
    assert len(refused(text)) == 3


def test_a_search_is_held_to_sense() -> None:
    search = """\
search:
  scheme: rongchen
  goal: {measure: bottom_up}
  subject_to: [{measure: default_rate}]
  bounds: [{place: score.add.T1.points, between: [5, -5]}]
"""
    found = refused(GOOD + search)
    assert len(found) == 3
    assert any("nothing to try" in text for text in found)
    assert any("neither at_least nor at_most" in text for text in found)


@pytest.mark.parametrize("name", names())
def test_scenarios_of_the_house_are_good(name: str) -> None:
    scenario = load(name)
    assert scenario.scenario == name
    assert scenario.baseline in scenario.schemes
    assert load(Path("src/xinyong/lab/scenarios") / f"{name}.yaml") == scenario


def test_a_scenario_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(QuestionRefused) as caught:
        load("one-twon")
    assert "did you mean 'one-town'?" in caught.value.mend
    with pytest.raises(QuestionRefused):
        load(tmp_path)


def test_a_scenario_made_in_code_is_held_to_the_same_rules() -> None:
    with pytest.raises(ScenarioRefused) as caught:
        checked(default("rongcheng").having("dating.weight", 7))
    assert "between 0 and 1" in str(caught.value)
    assert checked(default("rongcheng")) == default("rongcheng")
    with pytest.raises(KeyError):
        default().having("dating.wieght", 0)
    with pytest.raises(KeyError):
        default().having("datin.weight", 0)


def test_a_scenario_travels() -> None:
    scenario = read(GOOD)
    again: Scenario = pickle.loads(pickle.dumps(scenario))
    assert again == scenario and again.world == scenario.world
    assert set(SOCIETY) <= {path.partition(".")[2] for path in places()}
