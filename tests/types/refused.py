"""Checked by mypy in test_types.py, never run: a scheme that is not approved cannot decide."""

from datetime import date

from xinyong.charter.approval import ApprovedScheme, approve
from xinyong.scheme.model import Scheme


def decide(scheme: ApprovedScheme, score: int) -> str:
    """Stands for whatever decides about people."""
    return f"{scheme.digest}: {score}"


def try_it(scheme: Scheme, name: str) -> None:
    decide(approve(scheme, "eu", date(2026, 11, 22)), 1)
    decide(scheme, 1)
    decide(name, 1)
    decide(None, 1)
    decide(ApprovedScheme(scheme, ("mars",), date(2026, 11, 22)), 1)
    decide(approve(scheme, "eu"), 1)
