"""The meaning of a scheme, in plain Python, for one subject on one day.

Each function says the section of docs/meaning.md it spells out. The fast engines must give the
same numbers; where they differ, this file is right. Section 1 is in :mod:`xinyong.engine.values`,
section 2 in :mod:`xinyong.engine.history`, section 3 in :mod:`xinyong.engine.measures`, the lines
of section 5 in :mod:`xinyong.engine.lines`, sections 4 to 6 in :mod:`xinyong.engine.subject`,
section 7 in :mod:`xinyong.engine.reasons`, section 8 in :mod:`xinyong.engine.changes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from xinyong.engine.changes import first_change
from xinyong.engine.history import history
from xinyong.engine.measures import values_of, with_needs
from xinyong.engine.score import Explained, Outcome
from xinyong.engine.subject import known_variable, work_out
from xinyong.engine.trace import trace
from xinyong.engine.values import Value
from xinyong.records.event import Event
from xinyong.scheme.binding import bind
from xinyong.scheme.model import Scheme


def score(
    scheme: Scheme,
    events: Sequence[Event],
    *,
    subject: str,
    day: date,
    known_by: int | None = None,
    overrides: Mapping[str, Value] | None = None,
) -> Outcome:
    """The score of one subject on one day, with all that follows from it.

    ``events`` may hold other subjects' events; they are passed over. ``known_by`` is an instant
    in microseconds since 1970-01-01T00:00Z (default: the last of ``day`` in the scheme's zone).
    ``overrides`` give named variables another value (raw: millionths for fixed ones, None for
    unknown). Raises QuestionRefused (day, override) and EventsRefused (a record does not fit).
    """
    bound = bind(scheme)
    seen = history(bound, events, subject=subject, day=day, known_by=known_by)
    return work_out(bound, seen, day, overrides).outcome


def variables(
    scheme: Scheme,
    events: Sequence[Event],
    *,
    subject: str,
    day: date,
    known_by: int | None = None,
    names: Iterable[str] | None = None,
) -> dict[str, Value]:
    """Values of the named variables (default: all), raw; fixed ones in millionths."""
    bound = bind(scheme)
    seen = history(bound, events, subject=subject, day=day, known_by=known_by)
    wanted = list(bound.variables) if names is None else list(names)
    for name in wanted:
        known_variable(bound, name)
    values = values_of(bound, seen, day, with_needs(bound, wanted), {})
    return {name: values[name] for name in wanted}


def next_change(
    scheme: Scheme,
    events: Sequence[Event],
    *,
    subject: str,
    day: date,
    known_by: int | None = None,
) -> date | None:
    """Section 8: the first later day on which something differs though nothing new happens."""
    bound = bind(scheme)
    seen = history(bound, events, subject=subject, day=day, known_by=known_by)
    change = first_change(work_out(bound, seen, day))
    return None if change is None else change.day


def explain(
    scheme: Scheme,
    events: Sequence[Event],
    *,
    subject: str,
    day: date,
    known_by: int | None = None,
    overrides: Mapping[str, Value] | None = None,
) -> Explained:
    """As :func:`score`, with the trace ``xinyong.trace/1`` of how it came about."""
    bound = bind(scheme)
    seen = history(bound, events, subject=subject, day=day, known_by=known_by)
    working = work_out(bound, seen, day, overrides)
    return Explained(working.outcome, trace(working))


__all__ = ["explain", "next_change", "score", "variables"]
