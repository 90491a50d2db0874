"""Months that are encounters: run like any scenario, scored by the scheme, two lists at once."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from xinyong.errors import QuestionRefused
from xinyong.lab.casting import ByHand, cast
from xinyong.lab.encounters import clock
from xinyong.lab.happenings import Happening
from xinyong.lab.replications import norms
from xinyong.lab.runs import Run, choice, work
from xinyong.lab.scenario import CITY_SCHEMES, NO_SCHEME, City, Town, default
from xinyong.lab.scoring import LabScorer
from xinyong.scheme import library

L1, L6, IMAGE = (str(norms.FOLDER / f"{name}.yaml") for name in ("l1", "l6", "image-scoring"))


def town(people=2000, years=2, **errors):
    told = {"slips": Decimal("0.05"), "misjudged": Decimal("0.05"), **errors}
    society = Town(people=people, activation="encounters", settings=told)
    return default(L1, people=people, years=years).model_copy(update={"society": society})


def ran(scenario, scheme, seed=1):
    table = work(Run(scenario, choice(scheme, scenario), seed)).table
    return {(r["year"], r["measure"], r["group"]): r["value"] for r in table.to_pylist()}


def test_a_scenario_of_encounters_tells_who_stands_well_and_who_is_helped():
    found = ran(town(), L6)
    assert set(found) == {(y, m, "all") for y in (1, 2) for m in ("good_standing", "helped")}
    assert found[2, "good_standing", "all"] == pytest.approx(0.909, abs=0.01)
    assert found[2, "helped", "all"] == pytest.approx(0.864, abs=0.01)
    assert found == ran(town(), L6)
    assert found != ran(town(), L6, seed=2)


def test_without_a_list_nobody_is_helped_and_without_errors_everybody():
    assert ran(town(people=300), NO_SCHEME)[2, "helped", "all"] == 0.0
    perfect = ran(town(people=300, slips=Decimal(0), misjudged=Decimal(0)), L1)
    assert perfect[2, "helped", "all"] == perfect[2, "good_standing", "all"] == 1.0


def test_each_error_costs_help():
    held = ran(town(slips=Decimal(0), misjudged=Decimal(0)), L6)[2, "helped", "all"]
    for error in ("slips", "misjudged"):
        other = "misjudged" if error == "slips" else "slips"
        found = ran(town(**{error: Decimal("0.1"), other: Decimal(0)}), L6)
        assert found[2, "helped", "all"] < held - 0.05


def test_two_lists_at_once_each_city_its_own():
    cities = tuple(
        City(name=name, share=Decimal("0.5"), scheme=path)
        for name, path in (("coast", L6), ("hills", IMAGE))
    )
    scenario = town(people=3000, years=8).model_copy(update={"cities": cities})
    both = ran(scenario, CITY_SCHEMES)[8, "helped", "all"]
    one, other = (ran(scenario, path)[8, "helped", "all"] for path in (L6, IMAGE))
    assert one > other + 0.2
    assert both == pytest.approx((one + other) / 2, abs=0.03)


def test_a_scheme_that_does_not_say_who_is_helped_is_refused():
    with pytest.raises(QuestionRefused, match="no consequence 'helped-by-good'"):
        ran(town(people=200), "rongcheng")


def test_only_a_scheme_to_which_months_are_alike_is_played_for_ever():
    alike = LabScorer(norms.norm("l1"), cast(ByHand.of(norms.norm("l1"), norms.FOLDER)), months=120)
    assert [clock(alike, month) for month in (0, 119, 120, 175, 176, 1000)] == [
        0, 119, 64, 119, 64, 64 + 936 % 56,
    ]  # fmt: skip
    far = LabScorer(library.load("suining-2010"), months=120)
    assert clock(far, 119) == 119
    with pytest.raises(QuestionRefused, match="cannot be played for more than 120 months"):
        clock(far, 120)


def test_a_casting_beside_a_schemes_file_is_read(tmp_path):
    scheme = Path(L1).read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(scheme, encoding="utf-8")
    alone = choice(str(tmp_path / "mine.yaml"))
    (tmp_path / "lab.yaml").write_bytes((norms.FOLDER / "lab.yaml").read_bytes())
    beside = choice(str(tmp_path / "mine.yaml"))
    assert isinstance(beside.scheme, ByHand) and not isinstance(alone.scheme, ByHand)
    assert beside.digest != alone.digest
    rows = cast(beside.scheme).rows
    assert (rows[[Happening.HELPED, Happening.MISJUDGED]] >= 0).all()
    assert cast(alone.scheme).rows[Happening.HELPED] == -1  # by rule nothing is an encounter


def test_an_encounter_is_one_deed_and_the_truth_about_standing():
    played = norms.society("l3", 0.1, 0.1, people=1000, rounds=30, leave_out=0, seed=4)
    record = played.society.homes[0].record
    words = {h: record.bits[record.casting.rows[h]] for h in record.casting.happenings}
    month = np.uint64(2**30 - 1)
    helped, left = words[Happening.HELPED], words[Happening.LEFT]
    assert ((helped ^ left) & month == month).all()
    mistaken = np.bitwise_count(words[Happening.MISJUDGED]).sum() / (1000 * 30)
    assert mistaken == pytest.approx(0.1, abs=0.01)
    assert (np.bitwise_count(words[Happening.STOOD_WELL]).sum() / 30_000) == played.good
    assert (np.bitwise_count(helped).sum() / 30_000) == played.helped
