"""What the types themselves forbid, proved by mypy on code that is never run."""

from __future__ import annotations

import re
from pathlib import Path

from mypy import api

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def test_an_unapproved_scheme_cannot_reach_a_decision() -> None:
    source = HERE / "refused.py"
    out, err, _ = api.run(
        ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache"),
         str(source)]
    )  # fmt: skip
    assert err == ""
    found = {
        int(line): code
        for line, code in re.findall(r"refused\.py:(\d+): error: .*\[([\w-]+)\]", out)
    }
    lines = source.read_text(encoding="utf-8").splitlines()
    said = {lines[number - 1].strip(): code for number, code in found.items()}
    assert said == {
        "decide(scheme, 1)": "arg-type",
        "decide(name, 1)": "arg-type",
        "decide(None, 1)": "arg-type",
        'decide(ApprovedScheme(scheme, ("mars",), date(2026, 11, 22)), 1)': "arg-type",
        'decide(approve(scheme, "eu"), 1)': "call-arg",
    }, out
