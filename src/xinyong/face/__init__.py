"""What a notebook needs: every verb of the house on schemes and on tables of events.

A *scheme* is a :class:`~xinyong.scheme.model.Scheme`, the name of one in the library, or a path.
*Events* are a path (Parquet, CSV, JSON Lines; a file, a folder or a glob) or any table that can
hand over Arrow data, with the columns ``subject``, ``kind``, ``happened_at`` and one per field
(docs/intake.md lists all). A *day* is a date or ``"2016-12-31"``. *known_by* is a moment (a
datetime, text, or microseconds since 1970-01-01T00:00Z): only records known by then count.
"""

from __future__ import annotations

from xinyong.face.charter import approve, charter_report
from xinyong.face.events import read_events
from xinyong.face.rules import check, diff, test
from xinyong.face.schemes import load, read_scheme
from xinyong.face.scores import explain, score, what_if

__all__ = [
    "approve",
    "charter_report",
    "check",
    "diff",
    "explain",
    "load",
    "read_events",
    "read_scheme",
    "score",
    "test",
    "what_if",
]
