"""Verbs about subjects: score everybody, explain one, ask what if."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from xinyong.days import LAST_DAY
from xinyong.errors import EventsRefused, QuestionRefused
from xinyong.face.events import events_of, table_of
from xinyong.face.gate import admit
from xinyong.face.given import as_day, as_days, as_moment
from xinyong.face.schemes import SchemeLike, load
from xinyong.records.event import Event

if TYPE_CHECKING:
    from xinyong.engine.score import Explained, Outcome
    from xinyong.engine.what_if import Change
    from xinyong.scheme.model import Scheme


def score(
    scheme: SchemeLike,
    events: object,
    *,
    day: date | str | Sequence[date | str] | None = None,
    known_by: object = None,
    questions: object = None,
    mapping: str | os.PathLike[str] | None = None,
    place: str | Iterable[str] | None = None,
    threads: int = 1,
    engine: Literal["numba", "numpy"] | None = None,
    variables: bool = False,
    next_change: bool = True,
    reasons: bool = True,
) -> pa.Table:
    """Score everybody in a table of events; gives an Arrow table, one row per subject and day.

    Give ``day`` (one or several), or ``questions``: a table with the columns ``subject``, ``day``
    and, if wanted, ``known_by``, one row of the answer for each. Columns: ``subject``, ``day``,
    ``score``, ``band``, ``points.<dimension>``, ``reason.1``, ``lost.1``, ..., ``list.<name>``,
    ``consequence.<id>``, ``next_change`` (the first later day on which the score, the band, a list
    or a consequence differs though nothing new happens; null for none; ``next_change=False`` leaves
    it out), and ``variable.<name>`` if asked for.

    A scheme for the lab, and one that the charter refuses in ``place`` (default: the places of its
    own jurisdiction) on the last of the days, is run on synthetic events alone; the answer's schema
    metadata say so under ``xinyong.lab``.

    Raises SchemeRefused, EventsRefused, QuestionRefused and, for real records of a scheme that may
    not decide about people, RealRecords.
    """
    from xinyong.engine.batch import score_table

    known = load(scheme)
    days = None if questions is not None and day is None else as_days(day)
    asked = None if questions is None else pa.table(questions)
    leave = admit(known, events, day=_last(days, asked), place=place, mapping=mapping)
    scores = score_table(
        known,
        table_of(events, known, mapping=mapping),
        day=days,
        known_by=as_moment(known_by, known.zone),
        questions=asked,
        threads=threads,
        engine=engine,
        variables=variables,
        next_change=next_change,
        reasons=reasons,
    )
    if not leave.lab:
        return scores
    told = {**(scores.schema.metadata or {}), b"xinyong.lab": leave.said.encode()}
    return scores.replace_schema_metadata(told)


def _last(days: date | Sequence[date] | None, questions: pa.Table | None) -> date:
    """The last day that is asked about; the charter is read as of it."""
    if isinstance(days, date):
        return days
    if days:
        return max(days)
    if questions is not None and "day" in questions.column_names and questions.num_rows:
        last = pc.max(questions["day"]).as_py()
        return as_day(last.date() if isinstance(last, datetime) else last)
    return as_day(None if days is None else LAST_DAY)


def explain(
    scheme: SchemeLike,
    events: object,
    *,
    subject: str,
    day: date | str,
    known_by: object = None,
    mapping: str | os.PathLike[str] | None = None,
    place: str | Iterable[str] | None = None,
) -> Explained:
    """The score of one subject with the full trace of how it came about.

    Where the scheme passes on synthetic events alone, the trace says so under ``lab``.

    Raises QuestionRefused if no event speaks of the subject, RealRecords as :func:`score` does.
    """
    from xinyong.engine import plain

    known, asked = load(scheme), as_day(day)
    leave = admit(known, events, day=asked, place=place, mapping=mapping)
    found = plain.explain(
        known,
        events_of(events, known, subject=subject, mapping=mapping),
        subject=subject,
        day=asked,
        known_by=as_moment(known_by, known.zone),
    )
    return replace(found, trace={**found.trace, "lab": leave.said}) if leave.lab else found


@dataclass(frozen=True, slots=True)
class Alternatives:
    """A score as it is, and otherwise.

    ``after`` is the score under what was supposed; None if nothing was, and then ``changes`` holds
    what would change the score, each thing alone. None of it is a promise. ``lab`` says that the
    scheme was run on synthetic events alone; empty for one that may decide about people.
    """

    before: Outcome
    after: Outcome | None = None
    changes: tuple[Change, ...] = ()
    lab: str = ""


def what_if(
    scheme: SchemeLike,
    events: object,
    *,
    subject: str,
    day: date | str,
    known_by: object = None,
    set: Mapping[str, Any] | None = None,
    strike: Sequence[str] = (),
    add: Sequence[Event | Mapping[str, Any]] = (),
    mapping: str | os.PathLike[str] | None = None,
    place: str | Iterable[str] | None = None,
) -> Alternatives:
    """What would change one subject's score; or the score if things were otherwise.

    ``set`` gives variables other values (``{"bill_rate": "0.95"}``; ``"unknown"`` for unknown),
    ``strike`` takes events away by id, ``add`` brings events in, written as in a worked case:
    ``{"bill": {"paid_on_time": True}, "at": "2025-12-01"}`` (without ``at``: on the day).

    Raises QuestionRefused and EventsRefused for what does not fit, RealRecords as :func:`score`.
    """
    from xinyong.engine import plain
    from xinyong.engine.what_if import what_if as suppose
    from xinyong.engine.what_if import what_would_change

    known, asked = load(scheme), as_day(day)
    moment = as_moment(known_by, known.zone)
    leave = admit(known, events, day=asked, place=place, mapping=mapping)
    records = events_of(events, known, subject=subject, mapping=mapping)
    if not (set or strike or add):
        return Alternatives(
            plain.score(known, records, subject=subject, day=asked, known_by=moment),
            changes=what_would_change(known, records, subject=subject, day=asked, known_by=moment),
            lab=leave.said,
        )
    before, after = suppose(
        known,
        records,
        subject=subject,
        day=asked,
        known_by=moment,
        set=set,
        strike=strike,
        add=[_supposed(known, one, subject, asked, n) for n, one in enumerate(add, 1)],
    )
    return Alternatives(before, after, lab=leave.said)


def _supposed(
    scheme: Scheme, event: Event | Mapping[str, Any], subject: str, day: date, number: int
) -> Event:
    """One more event, written as in a worked case."""
    if isinstance(event, Event):
        return event
    from pydantic import ValidationError

    from xinyong.engine.case_events import case_events
    from xinyong.scheme.model import Case

    written = {"at": day.isoformat(), "id": f"what-if-{number}", **event}
    case = {"name": "what if", "day": day, "events": (written,), "expect": {}}
    try:
        found = case_events(scheme, Case.model_validate(case), subject)
    except EventsRefused as error:
        error.where = "add"
        raise
    except ValidationError as error:
        first = error.errors()[0]
        raise QuestionRefused(
            f"this is not an event: {first['msg'].removeprefix('Value error, ').lower()}",
            where="add",
            why="an event is one kind with its fields, and the moment it happened",
            mend='write {"bill": {"amount": 4000}, "at": "2025-12-01"}',
        ) from None
    if len(found) != 1:
        raise QuestionRefused(
            "'times' cannot be given here",
            where="add",
            why="each event that is supposed stands for itself",
            mend="give the events one by one",
        )
    return found[0]
