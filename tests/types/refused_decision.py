"""Checked by mypy in test_types.py, never run: decide() takes an approved scheme, nothing else."""
# ruff: noqa: E501 - each call stands on a line of its own

from datetime import date

from xinyong.charter.approval import ApprovedScheme, approve
from xinyong.charter.check import Report
from xinyong.decisions.deciding import decide
from xinyong.engine.score import Outcome
from xinyong.records.consent import Consent
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme


def try_it(
    scheme: Scheme,
    approved: ApprovedScheme,
    report: Report,
    score: Outcome,
    events: list[Event],
    agreed: list[Consent],
) -> None:
    decide(approved, score, events, agreed, id="d", sequence=0, moment=0, place="eu", by="p", matched=None, disputed=())  # fmt: skip
    decide(scheme, score, events, agreed, id="d", sequence=0, moment=0, place="eu", by="p", matched=None, disputed=())  # fmt: skip
    decide(report, score, events, agreed, id="d", sequence=0, moment=0, place="eu", by="p", matched=None, disputed=())  # fmt: skip
    decide(None, score, events, agreed, id="d", sequence=0, moment=0, place="eu", by="p", matched=None, disputed=())  # fmt: skip
    decide(approve(scheme, "eu", date(2027, 8, 2)), score, events, agreed, id="d", sequence=0, moment=0, place="eu", by="p", matched="name", disputed=())  # fmt: skip
    decide(approved, 440, events, agreed, id="d", sequence=0, moment=0, place="eu", by="p", matched=None, disputed=())  # fmt: skip
    decide(approved, score, events, id="d", sequence=0, moment=0, place="eu", by="p", matched=None, disputed=())  # fmt: skip
    decide(approved, score, events, agreed, id="d", sequence=0, moment=0, place="eu", by="p", matched=None)  # fmt: skip
