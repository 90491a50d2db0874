"""Every scheme of the library can be compared in the lab; what none of its people do is listed."""

import re
from pathlib import Path

import pytest

from xinyong import lab
from xinyong.lab.casting import cast
from xinyong.lab.scenario import NO_SCHEME, default
from xinyong.scheme import library

PAGE = Path(__file__).parents[2] / "docs" / "lab.md"
OWN = {"person": "score", "organisation": "firm_score"}
"""The measure of the score itself, which a town without a scheme does not have."""


@pytest.mark.parametrize("name", library.names())
def test_a_scheme_of_the_library_can_be_compared_and_does_something(name: str) -> None:
    found = lab.compare(default(name, NO_SCHEME, people=3000, years=2, seeds=1), executor="serial")
    last = [r for r in found.table.to_pylist() if r["year"] == 2 and r["group"] == "all"]
    mine, none = (
        {row["measure"]: row["value"] for row in last if row["scheme"] == scheme}
        for scheme in (name, NO_SCHEME)
    )
    subjects = library.load(name).subjects
    assert OWN[subjects] in mine and OWN[subjects] not in none
    assert any(mine[measure] != none[measure] for measure in none if measure in mine)


def unheard(name: str) -> set[str]:
    """Kinds of events of a scheme that nothing in the lab leads to."""
    scheme = library.load(name)
    kinds = {kind for data_set in scheme.data_sets.values() for kind in data_set.events}
    return kinds - {stream.kind for stream in cast(scheme).streams}


def test_what_nothing_in_the_lab_leads_to_is_listed_and_nothing_else() -> None:
    text = PAGE.read_text(encoding="utf-8")
    part = text[text.index("## What no life here leads to") :]
    part = part[: part.index("\n## ")]
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \| `([a-z_]+)` \|", part, re.M))
    assert listed == {(name, kind) for name in library.names() for kind in unheard(name)}
