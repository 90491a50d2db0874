"""An event: one dated fact about one subject, as the engine reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FieldValue = bool | int | str | None
"""A field's value: truth, whole number (``money`` in minor units, ``number`` in millionths,
``date`` as day number since 1970-01-01), word, or None for unknown."""


@dataclass(frozen=True, slots=True)
class Event:
    """One dated fact about one subject.

    ``happened_at``, ``recorded_at`` and ``struck_at`` are microseconds since 1970-01-01T00:00Z;
    ``struck_at`` None means the record stands. Two records with the same subject and id are one:
    the one recorded first counts. ``kind`` is an event of the scheme, or ``coverage`` (a source
    was asked about the subject; field ``data_set`` says which).
    """

    subject: str
    kind: str
    happened_at: int
    recorded_at: int
    id: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    struck_at: int | None = None
    source: str = ""
