"""Findings as SARIF 2.1.0, so that editors and CI show them where they stand.

The format is OASIS's Static Analysis Results Interchange Format; columns count characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any, Final

from xinyong.charter.clause import Clause
from xinyong.charter.clauses import CLAUSES
from xinyong.charter.words import DISCLAIMER, Finding, Severity, State

LEVEL: Final = {
    Severity.INFO: "note",
    Severity.WARN: "warning",
    Severity.ERROR: "error",
    Severity.FORBID: "error",
}


def sarif(findings: Iterable[Finding], clauses: Sequence[Clause] = CLAUSES) -> dict[str, Any]:
    """One SARIF log with one run: every clause as a rule, every finding as a result."""
    places = {one.id: index for index, one in enumerate(clauses)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "xinyong charter",
                        "semanticVersion": version("xinyong"),
                        "rules": [_rule(one) for one in clauses],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, places[finding.clause]) for finding in findings],
                "properties": {"note": DISCLAIMER},
            }
        ],
    }


def _rule(one: Clause) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": "".join(word.capitalize() for word in one.id.split("-")[1:]),
        "shortDescription": {"text": f"{one.title}."},
        "fullDescription": {"text": " ".join(one.text.split())},
        "defaultConfiguration": {"level": LEVEL[one.severity]},
        "properties": {
            "severity": one.severity.name,
            "sources": [source.cite for source in one.sources],
        },
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    said = finding.why if finding.trail is None else f"{finding.why} ({finding.trail})"
    place: dict[str, Any] = {
        "logicalLocations": [
            {"fullyQualifiedName": ".".join(str(step) for step in finding.path) or "scheme"}
        ]
    }
    if finding.file:
        place["physicalLocation"] = {
            "artifactLocation": {"uri": finding.file.replace("\\", "/")},
            "region": {
                "startLine": max(finding.line, 1),
                "startColumn": max(finding.column, 1),
            },
        }
    return {
        "ruleId": finding.clause,
        "ruleIndex": index,
        "level": LEVEL[finding.severity],
        "kind": "open" if finding.state is State.UNKNOWN else "fail",
        "message": {"text": f"{said}. To mend: {finding.mend}."},
        "locations": [place],
        "properties": {
            "severity": finding.severity.name,
            "basis": str(finding.basis),
            "law": list(finding.law),
        },
    }
