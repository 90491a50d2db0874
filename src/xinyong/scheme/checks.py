"""What is legal YAML, means something, and is still wrong."""

from __future__ import annotations

from xinyong.scheme.bound import Bound
from xinyong.scheme.complaints import Complaint
from xinyong.scheme.model import Scheme


def check_scheme(scheme: Scheme, bound: Bound | None) -> tuple[Complaint, ...]:
    """Everything that can be held against a scheme whose names and types are right."""
    return ()
