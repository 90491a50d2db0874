"""What the types themselves forbid, proved by mypy on code that is never run."""

from __future__ import annotations

import re
from pathlib import Path

from mypy import api

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def refused(name: str) -> tuple[dict[str, str], str]:
    """The lines of a file that mypy refuses, each with the code of its error; and all it said."""
    source = HERE / name
    out, err, _ = api.run(
        ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache"),
         str(source)]
    )  # fmt: skip
    assert err == ""
    found = re.findall(rf"{re.escape(name)}:(\d+): error: .*\[([\w-]+)\]", out)
    lines = source.read_text(encoding="utf-8").splitlines()
    said = {lines[int(number) - 1].split("  #")[0].strip(): code for number, code in found}
    return said, out


def test_an_unapproved_scheme_cannot_reach_a_decision() -> None:
    said, out = refused("refused.py")
    assert said == {
        "decide(scheme, 1)": "arg-type",
        "decide(name, 1)": "arg-type",
        "decide(None, 1)": "arg-type",
        'decide(ApprovedScheme(scheme, ("mars",), date(2026, 11, 22)), 1)': "arg-type",
        'decide(approve(scheme, "eu"), 1)': "call-arg",
    }, out


def test_a_decision_takes_an_approved_scheme_a_score_consents_and_what_is_disputed() -> None:
    said, out = refused("refused_decision.py")
    rest = 'id="d", sequence=0, moment=0, place="eu", by="p"'
    whole = f"score, events, agreed, {rest}"
    assert said == {
        f"decide(scheme, {whole}, matched=None, disputed=())": "arg-type",
        f"decide(report, {whole}, matched=None, disputed=())": "arg-type",
        f"decide(None, {whole}, matched=None, disputed=())": "arg-type",
        f'decide(approve(scheme, "eu", date(2027, 8, 2)), {whole}, matched="name", disputed=())': (
            "arg-type"
        ),
        f"decide(approved, 440, events, agreed, {rest}, matched=None, disputed=())": "arg-type",
        f"decide(approved, score, events, {rest}, matched=None, disputed=())": "call-arg",
        f"decide(approved, {whole}, matched=None)": "call-arg",
    }, out
