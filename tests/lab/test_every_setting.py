"""Every setting does something in the society, and what mechanisms are shown by is measured."""

import pyarrow as pa
import pytest

from xinyong.lab.catalogue import MEASURES
from xinyong.lab.mechanisms import MECHANISMS, SOCIETY, places
from xinyong.lab.replications.norms import FOLDER
from xinyong.lab.runs import Run, choice, work
from xinyong.lab.scenario import NO_SCHEME, Scenario, default

TOWN = default(people=2000, years=3, seeds=1)
# A setting acts where a scheme has what it acts on; most do under Rongcheng's points.
UNDER = {
    "society.friends": "sesame-linked",
    "society.likeness": "sesame-linked",
    "school_ban.loss": "sesame-linked",
    "school_ban.household": "sesame-linked",
    "job_gate.gated": "sesame-linked",
    "shaming.misidentified": "suining-2010",
    "speech_penalty.recorded": "suining-2010",
    "friend_contagion.weight": "sesame-linked",
    "loan_gate.weight": "sesame-linked",
    "list_feed.drop": "suining-2010",
    "loyalty.shift": "sesame-linked",
    "overcompliance.extra": "environmental-credit",
}
ENCOUNTERS = TOWN.model_copy(
    update={"society": TOWN.society.model_copy(update={"activation": "encounters"})}
)
NORM = str(FOLDER / "l1.yaml")
UNDER |= {"society.slips": NORM, "society.misjudged": NORM}
MANY_WRONG = TOWN.having("wrong_listing.rate", 5)


KNOWN: dict[tuple[bytes, str], pa.Table] = {}


def result(scenario: Scenario, scheme: str) -> pa.Table:
    if scenario != TOWN:
        return work(Run(scenario, choice(scheme), 1)).table
    if (scenario.world, scheme) not in KNOWN:
        KNOWN[scenario.world, scheme] = work(Run(scenario, choice(scheme), 1)).table
    return KNOWN[scenario.world, scheme]


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(places()))
def test_a_setting_changes_some_result(path: str) -> None:
    setting = places()[path].setting
    owner = path.split(".", maxsplit=1)[0]
    base = MANY_WRONG if owner == "wrong_listing" else TOWN
    if UNDER.get(path) == NORM:
        base = ENCOUNTERS
    if owner in MECHANISMS and not MECHANISMS[owner].on:
        base = base.having(path, setting.default)
    here = base.value(owner, setting.name)
    scheme = UNDER.get(path, "rongcheng")
    ends = [end for end in (setting.least, setting.most) if end != here]
    changed = (result(base.having(path, end), scheme) for end in ends)
    assert any(not table.equals(result(base, scheme)) for table in changed)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MECHANISMS))
def test_a_mechanism_that_is_off_is_its_dial_at_zero_to_the_bit(name: str) -> None:
    mechanism = MECHANISMS[name]
    off = TOWN.model_copy(update={"mechanisms": {name: False}})
    zero = TOWN.having(f"{name}.{mechanism.dial.name}", 0.0)
    for setting in mechanism.settings[1:]:
        if setting.off is not None:
            zero = zero.having(f"{name}.{setting.name}", setting.off)
    scheme = UNDER.get(f"{name}.{mechanism.dial.name}", "rongcheng")
    assert result(off, scheme).equals(result(zero, scheme))
    other = TOWN.model_copy(update={"mechanisms": {name: True}})
    assert result(other, scheme).num_rows > 0


@pytest.mark.slow
def test_what_is_measured_is_in_the_catalogue_and_shows_every_mechanism() -> None:
    found = set()
    for scheme in (NO_SCHEME, "rongcheng", "sesame-linked", "suining-2010", "environmental-credit"):
        found |= set(result(TOWN, scheme)["measure"].to_pylist())
    assert found <= set(MEASURES)
    unseen = [m.name for m in MECHANISMS.values() if m.measures[0] not in found]
    assert unseen == []
    assert len(SOCIETY) >= 8
