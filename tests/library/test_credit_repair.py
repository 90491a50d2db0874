"""The terms of a display stand twice in credit-repair, and once more wherever it is mixed in."""

import re
from datetime import date

import pytest

from xinyong.days import Period
from xinyong.scheme import library
from xinyong.scheme.model import Scheme

DAY = date(2026, 11, 22)
MIXING = [
    name
    for name in library.names()
    if re.search(r"(?m)^mix_in:.*\bcredit-repair\b", library.locate(name).read_text("utf-8"))
]


def term(scheme: Scheme, name: str) -> Period:
    """A parameter's value on the day, which is in months, as a span."""
    values = scheme.parameters[name].values
    dated = values[max(day for day in values if day <= DAY)]
    return Period.parse(f"{dated.value} months")


@pytest.mark.parametrize("name", ["credit-repair", *MIXING])
def test_each_span_is_the_parameter_s_term(name: str) -> None:
    scheme = library.load(name)
    for tier in ("minor", "general", "serious"):
        most = term(scheme, f"{tier}_most")
        assert scheme.variables[f"{tier}_records"].within == most
        assert scheme.variables[f"{tier}_repaired"].within == most
        if tier != "minor":
            assert scheme.variables[f"{tier}_young"].within == term(scheme, f"{tier}_least")
            assert scheme.lists[f"{tier}-display"].lasts == most


def test_the_new_company_rating_mixes_it_in() -> None:
    assert "ncisp-rating-2026" in MIXING
    assert (
        library.load("ncisp-rating-2026").lists.keys() >= library.load("credit-repair").lists.keys()
    )
