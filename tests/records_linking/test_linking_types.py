"""What the types themselves forbid, proved by mypy on code that is never run."""

import re
from pathlib import Path

import pytest
from mypy import api

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.mark.slow
def test_only_a_burden_link_reaches_a_burden() -> None:
    source = HERE / "linking_refused.py"
    out, err, _ = api.run(
        ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".mypy_cache"),
         str(source)]
    )  # fmt: skip
    assert err == ""
    lines = source.read_text(encoding="utf-8").splitlines()
    said = {
        lines[int(line) - 1].strip(): code
        for line, code in re.findall(r"linking_refused\.py:(\d+): error: .*\[([\w-]+)\]", out)
    }
    assert said == {
        "lay_a_burden(link)": "arg-type",
        "lay_a_burden(judged)": "arg-type",
        "lay_a_burden(proposal)": "arg-type",
        "lay_a_burden(record)": "arg-type",
        "lay_a_burden(Estimated(999_999))": "arg-type",
        "lay_a_burden(BurdenLink(link))": "call-arg",
        "link.may_carry_burden = True": "misc",
    }, out
