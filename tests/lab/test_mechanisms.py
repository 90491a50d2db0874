"""The table of mechanisms: whole, sourced or marked as assumed, and shown by a measure."""

import subprocess
import sys
from pathlib import Path

import pytest

from xinyong.lab.catalogue import MEASURES
from xinyong.lab.mechanisms import ARTICLES, MECHANISMS, SOCIETY, Mechanism, Setting, places
from xinyong.lab.report import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
OF_THE_ARTICLES = """perks travel_ban loan_gate school_ban job_gate praise shaming informants
    speech_penalty friend_contagion dating list_feed loyalty hacking leaks fabrication wrong_listing
    unawareness chilling cities stacking payday sme_gap overcompliance redistribution""".split()


OURS = {"guarantors", "perk_costs", "shared_purse", "firm_jobs", "late_payment", "customs"}
"""Mechanisms that no article speaks of."""


def test_every_effect_named_by_the_articles_is_a_mechanism() -> None:
    assert sorted(MECHANISMS) == sorted([*OF_THE_ARTICLES, *OURS])
    assert {m.name for m in MECHANISMS.values() if not m.articles} == OURS
    assert set(ARTICLES) == {name for m in MECHANISMS.values() for name in m.articles}


@pytest.mark.parametrize("mechanism", MECHANISMS.values(), ids=lambda m: m.name)
def test_a_mechanism_says_what_it_is_and_where_it_shows(mechanism: Mechanism) -> None:
    assert mechanism.models.endswith(".") and mechanism.does.endswith(".")
    assert set(mechanism.articles) <= set(ARTICLES)
    assert set(mechanism.measures) <= set(MEASURES)
    assert mechanism.name in MEASURES[mechanism.measures[0]].shows
    assert mechanism.figure in {name for name, _, _ in SECTIONS}
    names = [setting.name for setting in mechanism.settings]
    assert len(set(names)) == len(names)
    assert mechanism.dial.least == 0 < mechanism.dial.default


def test_measures_name_mechanisms_that_exist() -> None:
    named = {name for measure in MEASURES.values() for name in measure.shows}
    assert named <= set(MECHANISMS)


@pytest.mark.parametrize("path", sorted(places()))
def test_a_setting_lies_within_its_bounds_and_says_what_it_rests_on(path: str) -> None:
    setting: Setting = places()[path].setting
    assert setting.least <= setting.default <= setting.most
    assert setting.title and setting.unit
    assert (setting.mark == "assumed") == (setting.source == "")
    assert setting.whence == "assumed" or setting.whence.startswith(f"[{setting.mark}] ")


def test_the_page_of_mechanisms_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/make_lab_docs.py", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    page = (ROOT / "docs" / "mechanisms.md").read_text(encoding="utf-8")
    for path in places():
        assert f"`{path}`" in page
    assert len(SOCIETY) + sum(len(m.settings) for m in MECHANISMS.values()) == len(places())
