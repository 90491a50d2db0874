"""Findings as SARIF: the shape that editors read, and the places."""

from __future__ import annotations

from clean import DAY, FILES

from xinyong.charter.check import check
from xinyong.charter.clauses import CLAUSES
from xinyong.charter.sarif import sarif
from xinyong.scheme import library


def test_every_finding_is_a_result_at_its_place() -> None:
    text = library.read("rongcheng")
    assert text.scheme is not None
    report = check(text.scheme, "cn", DAY, text=text)
    run = sarif(report.findings)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [one.id for one in CLAUSES]
    assert len(run["results"]) == len(report.findings) > 20
    lines = library.locate("rongcheng").read_text(encoding="utf-8").splitlines()
    for result, finding in zip(run["results"], report.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.clause
        region = result["locations"][0]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) == (finding.line, finding.column)
        assert 1 <= finding.line <= len(lines)
        assert finding.column <= len(lines[finding.line - 1]) + 1
        assert result["level"] in ("note", "warning", "error")


def test_a_place_points_at_what_is_meant() -> None:
    text = library.read(FILES["city"])
    assert text.scheme is not None
    broken = text.scheme.model_copy(
        update={"min_age": 15},
    )
    finding = check(broken, "cn", DAY, text=text).findings[0]
    assert finding.clause == "D15-minor"
    source = FILES["city"].read_text(encoding="utf-8").splitlines()
    assert source[finding.line - 1][finding.column - 1 :] == "18"
