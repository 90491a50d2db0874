"""One change to a clean document, one clause that objects: no more and no fewer.

Each row names the clean document, what is changed, and the one clause that must catch it, with the
severity of what it finds. Undoing the change mends it: the clean documents are without objection.
"""

from __future__ import annotations

from typing import Any

import pytest
from clean import FILES, GONE, read

from xinyong.charter.clauses import CLAUSES
from xinyong.charter.words import Severity, State, Verdict

F, E, W, N = Severity.FORBID, Severity.ERROR, Severity.WARN, Severity.INFO

FRIEND = {"conduct": "third_party", "gravity": 0, "established": "objective"}
OPEN_SET = {
    "context": "rental",
    "source": "the city's library",
    "basis": "law",
    "collected_from": "partner",
    "keep": {"for": "24 months", "from": "event", "then": "delete"},
    "source_keeps": "24 months",
}


def data_set(kind: str, **more: Any) -> dict[str, Any]:
    """A data set of one event kind that nothing is wrong with; ``event`` changes the event."""
    event = {"conduct": "contract", "gravity": 1, "established": "objective"}
    event.update(more.pop("event", {}))
    return {**OPEN_SET, **more, "events": {kind: event}}


def line(kind: str, points: int = 5) -> dict[str, Any]:
    """A line that counts an event kind."""
    return {"id": "X1", "each": kind, "points": str(points), "cap": 4 * points, "says": "counted"}


def scored(kind: str, points: int = 5, **more: Any) -> dict[str, Any]:
    """A data set and the line that counts its events."""
    return {f"data_sets.{kind}s": data_set(kind, **more), "score.add.+": line(kind, points)}


def city_burden(**more: Any) -> dict[str, Any]:
    """One more burden of the city, on the same ground as its list."""
    return {
        "id": "C3",
        "context": "court",
        "when": "on('defaulters')",
        "effect": "another one",
        "kind": "burden",
        "gravity": 2,
        "automated": "human",
        **more,
    }


LIST = "lists.defaulters"
FAIR = "data_sets.bills"

ROWS: list[tuple[str, str, Severity, dict[str, Any]]] = [
    # contexts
    ("C01", "city", F, {"consequences.1.context": "housing"}),
    ("C01", "fair", F, {"consequences.3.related": {}}),
    ("C01", "city", W, {"consequences.1.context": "transport", "consequences.1.gravity": 5,
                        "consequences.1.related": {"court": "a law"}}),
    ("C02", "city", F, {"consequences.1.gravity": 6}),
    ("C02", "firms", F, {"consequences.1.gravity": 4}),
    ("C02", "city", F, {"data_sets.courts.events.unperformed.gravity": 0}),
    ("C03", "city", E, {"used_for": ["general"]}),
    ("C03", "city", E, {"used_for": ["deposit", "loyalty"]}),
    ("C03", "city", E, {"used_for": []}),
    ("C04", "firms", F, {"data_sets.sensors.events.reading.conduct": "lawful"}),
    ("C05", "city", E, scored("friend_late", event=FRIEND)),
    ("C05", "fair", F, {f"{FAIR}.events.bill.conduct": "third_party"}),
    ("C06", "city", E, {"consequences.1.spills_on": ["children"]}),
    ("C07", "city", F, {"consequences.1.essential": True}),
    ("C07", "city", W, {"consequences.0.essential": True}),
    ("C08", "city", E, {"consequences.+": city_burden(context="rental", when="band == 'plain' and kept > 2",
                                                      gravity=1, related={"court": "a law", "civic": "a law"}),
                        "burdens_together": 1}),
    ("C09", "city", W, {"consequences.+": city_burden()}),
    ("C10", "city", E, {"data_sets.loans.collected_from": "another scheme"}),
    ("C10", "city", E, {"shares.0.kind": "another scheme"}),
    # data
    ("D00", "city", E, {"data_sets.loans.collected_from": GONE}),
    ("D00", "city", E, {"data_sets.loans.events.book_kept.conduct": GONE}),
    ("D00", "city", E, {"data_sets.courts.events.unperformed.adjudicated": GONE}),
    ("D00", "city", E, {"consequences.1.automated": GONE}),
    ("D00", "city", E, {"data_sets.loans.context": "bookshelf", "consequences.0.context": "rental"}),
    ("D01", "city", F, {"data_sets.loans.events.book_kept.category": "special"}),
    ("D01", "city", W, {"data_sets.help.events.volunteering.category": "special"}),
    ("D02", "city", E, {"data_sets.loans.events.book_kept.category": "conditional"}),
    ("D02", "fair", E, {"data_sets.account.consent.written": False}),
    ("D03", "fair", F, {f"{FAIR}.events.bill.category": "social_network"}),
    ("D04", "fair", E, {f"{FAIR}.context": "leisure", f"{FAIR}.events.bill.category": GONE,
                        "consequences.3.related": {"leisure": "a law", "finance.payment": "a law"}}),
    ("D05", "city", F, {"data_sets.loans.events.book_kept.category": "protected"}),
    ("D05", "city", W, {"data_sets.loans.events.book_kept.category": "age"}),
    ("D06", "city", W, {"data_sets.loans.events.book_kept.proxy_for": "age"}),
    ("D07", "city", F, {"data_sets.loans.events.book_kept.category": "biometric"}),
    ("D08", "city", F, {"data_sets.loans.events.book_kept.category": "location"}),
    ("D09", "city", F, {"data_sets.courts.collected_from": "informant"}),
    ("D09", "city", W, {"data_sets.loans.collected_from": "informant"}),
    ("D10", "city", E, {"data_sets.courts.events.unperformed.adjudicated": False}),
    ("D11", "city", E, {"catalogue": GONE, "data_sets.loans.catalogued": "7", "data_sets.help.catalogued": "8"}),
    ("D12", "city", E, {"data_sets.courts.events.unperformed.simple_procedure": True}),
    ("D13", "city", E, {"data_sets.loans.reused": {"from": "a shop", "collected_for": "sales"}}),
    ("D14", "city", W, {"data_sets.help.opt_out": False}),
    ("D15", "city", E, {"min_age": 16}),
    ("D15", "city", E, {"min_age": GONE}),
    ("D16", "firms", E, {"data_sets.sensors.quality": GONE}),
    ("D16", "firms", E, {"data_sets.sensors.quality.tamper_model": GONE}),
    ("D16", "city", E, {"data_sets.loans.collected_from": "subject"}),
    ("D17", "firms", E, {"score.start": 40}),
    # retention
    ("R01", "city", E, {"data_sets.loans.keep": None}),
    ("R02", "city", E, {"data_sets.courts.keep.for": "84 months", "data_sets.courts.source_keeps": "84 months"}),
    ("R02", "city", E, {f"{LIST}.lasts": GONE, f"{LIST}.remove_when": "defaults <= 0"}),
    ("R02", "firms", E, {"variables.over.within": "36 months"}),
    ("R03", "fair", E, {f"{FAIR}.source_keeps": "6 months"}),
    ("R03", "fair", W, {f"{FAIR}.collected_from": "public record"}),
    ("R04", "city", E, {"rights.repair": GONE}),
    ("R04", "city", E, {"rights.repair.removes_within": "30 working days"}),
    # consent
    ("K01", "city", E, {"data_sets.loans.consent": GONE}),
    ("K01", "city", E, {"data_sets.loans.consent.default": "on"}),
    ("K01", "city", E, {"data_sets.loans.consent.bundled": True}),
    ("K01", "city", E, {"data_sets.loans.consent.separate": False}),
    ("K01", "city", E, {"data_sets.loans.consent.withdrawable": False}),
    ("K02", "city", E, {"shares.0.consent": False}),
    ("K03", "fair", E, {"operator.licence": GONE}),
    # process
    ("P01", "city", E, {"rights.notice.within": GONE}),
    ("P01", "city", E, {"rights.notice.within": "60 days"}),
    ("P02", "city", E, {"rights.notice.reasons": GONE}),
    ("P02", "city", E, {"rights.notice.specific": False}),
    ("P02", "city", W, {"rights.notice.reasons": 6}),
    ("P03", "city", W, {"rights.counterfactual": False}),
    ("P03", "fair", E, {"rights.counterfactual": False}),
    ("P04", "city", E, {"rights.review": GONE}),
    ("P04", "city", W, {"consequences.1.automated": "solely"}),
    ("P05", "fair", E, {"shares": [{"with": "a bank", "kind": "lender", "what": "score",
                                    "purpose": "a loan", "consent": True}]}),
    ("P05", "fair", W, {"shares": [{"with": "a bank", "kind": "lender", "what": "score",
                                    "purpose": "a loan", "consent": True, "reliance": "strong"}]}),
    ("P06", "city", E, {"rights.dispute": GONE}),
    ("P06", "city", E, {"rights.dispute.mark": GONE}),
    ("P06", "city", E, {"rights.dispute.decide": "25 days"}),
    ("P06", "city", E, {"rights.dispute.decide": "15 working days"}),
    ("P06", "city", E, {"rights.statement": False}),
    ("P06", "fair", W, {"rights.dispute.tells_source": GONE}),
    ("P07", "city", E, {f"{LIST}.before.hearing": False}),
    ("P07", "city", E, {f"{LIST}.before.warn": GONE}),
    ("P07", "city", E, {f"{LIST}.decided_in": GONE}),
    ("P07", "city", E, {f"{LIST}.exempt": [], f"{LIST}.ability_test": False}),
    ("P07", "city", E, {f"{LIST}.remove_within": GONE}),
    ("P07", "city", E, {f"{LIST}.remove_within": "10 working days"}),
    ("P08", "city", F, {"data_sets.courts.events.unperformed.established": "opinion"}),
    ("P09", "city", W, {f"{LIST}.wrongful": GONE}),
    ("P10", "city", E, {"rights.access": GONE}),
    ("P10", "city", E, {"rights.access.shows": ["score", "reasons", "record"]}),
    ("P10", "city", E, {"rights.access.copies_per_year": 1}),
    # publicity
    ("V01", "city", F, {"consequences.1.visible": "public"}),
    ("V01", "city", E, {"consequences.0.visible": "public"}),
    ("V01", "city", E, {f"{LIST}.publish": "everyone"}),
    ("V01", "city", F, {f"{LIST}.publish": "everyone", f"{LIST}.law": GONE}),
    ("V02", "city", E, {f"{LIST}.publish": "a context", f"{LIST}.fields": ["name", "id_number"]}),
    ("V03", "city", E, {"shares.0.kind": "private person"}),
    ("V03", "city", E, {"shares.0.kind": "employer"}),
    # governance
    ("G01", "city", E, {"published": GONE}),
    ("G01", "city", E, {"published.rules": GONE}),
    ("G01", "city", W, {"published.points": False}),
    ("G01", "fair", W, {"published": GONE}),
    ("G02", "city", E, {"impact_assessment": GONE}),
    ("G02", "city", W, {"impact_assessment.keep_until": GONE}),
    ("G03", "fair", N, {"ai_system": True}),
    ("G04", "fair", W, {"operator.interests": ["sells insurance to members"]}),
    ("G05", "fair", E, {"operator.sells": ["saving"]}),
    ("G05", "firms", W, {"operator.sells": ["reading"]}),
    ("G06", "firms", W, {"data_sets.sensors.events.reading.category": "policy_target"}),
    ("G07", "city", W, {"fairness.worst_gap": 9}),
    ("G07", "city", N, {"fairness": GONE}),
    ("G08", "city", E, {"law_read": "2026-03-01"}),
    ("G08", "city", W, {"law_read": GONE}),
    ("G09", "city", E, {"logs": GONE, "shares.0.purpose": "to waive a deposit"}),
    ("G09", "city", E, {"logs.queries": "12 months"}),
    ("G10", "firms", W, {"bands.0.name": "E", "consequences.1.when": "band == 'E'"}),
    ("G10", "firms", W, {"data_sets.sensors.updated": "24 months"}),
    ("L01", "city", F, {"use": "lab"}),
]  # fmt: skip

LOUDER = {"fair": {"G07-impact"}, "city": set(), "firms": set()}
"""What is told of the clean document itself, at most for information."""


def told(name: str, changes: dict[str, Any]) -> dict[str, Severity]:
    """The clauses that say something which they do not say of the clean document."""
    found: dict[str, Severity] = {}
    for finding in read(name, changes).findings:
        if finding.clause not in LOUDER[name]:
            found[finding.clause] = max(found.get(finding.clause, N), finding.severity)
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_clean_documents_are_without_objection(name: str) -> None:
    report = read(name, {})
    assert report.verdict is Verdict.NO_OBJECTION
    assert {finding.clause for finding in report.findings} == LOUDER[name]
    assert {state for key, state in report.states.items() if key not in LOUDER[name]} <= {
        State.NO_OBJECTION,
        State.SILENT,
    }


@pytest.mark.parametrize(
    ("letter", "name", "severity", "changes"),
    ROWS,
    ids=[f"{letter}-{name}-{'+'.join(changes)[:60]}" for letter, name, _, changes in ROWS],
)
def test_one_change_is_caught_by_exactly_one_clause(
    letter: str, name: str, severity: Severity, changes: dict[str, Any]
) -> None:
    assert {key.partition("-")[0]: worst for key, worst in told(name, changes).items()} == {
        letter: severity
    }


def test_the_table_has_a_row_for_every_clause() -> None:
    assert {row[0] for row in ROWS} == {one.letter for one in CLAUSES}
    assert len(ROWS) >= 57 <= len({row[0] for row in ROWS})


def test_the_verdict_follows_the_worst_finding() -> None:
    verdicts = {
        Severity.FORBID: {Verdict.LAB_ONLY},
        Severity.ERROR: {Verdict.REFUSED, Verdict.UNKNOWN},
        Severity.WARN: {Verdict.WARNED},
        Severity.INFO: {Verdict.NO_OBJECTION},
    }
    seen = set()
    for _, name, severity, changes in ROWS:
        verdict = read(name, changes).verdict
        assert verdict in verdicts[severity], (name, changes)
        seen.add(verdict)
    assert seen == set(Verdict)
