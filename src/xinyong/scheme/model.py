"""What a scheme says, as frozen data.

The model holds the document as written: expressions are text, families are not yet expanded.
:mod:`xinyong.scheme.binding` resolves names and types; :mod:`xinyong.scheme.reading` makes the
model from YAML with the place of every complaint. Its parts stand in ``parts``, ``who``, ``data``,
``points`` and ``follows``; all can be imported from here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
)

from xinyong.scheme.complaints import Code, Misfit
from xinyong.scheme.data import (
    Category,
    Conduct,
    ConductGravity,
    Consent,
    DataSet,
    Established,
    EventSpec,
    FieldSpec,
    FieldType,
    Keep,
    Quality,
    Reuse,
)
from xinyong.scheme.follows import (
    Access,
    Appeal,
    Band,
    Before,
    Consequence,
    DisputeRight,
    ListSpec,
    Notice,
    PublishedField,
    Repair,
    Rights,
)
from xinyong.scheme.home import MOST_MIXED
from xinyong.scheme.parts import (
    RESERVED,
    Clock,
    ContextName,
    Day,
    Expression,
    Frozen,
    Gravity,
    Identifier,
    Name,
    Number,
    PointCount,
    Span,
    Text,
)
from xinyong.scheme.points import (
    MEASURES,
    BinsLine,
    CapPer,
    DatedValue,
    Decay,
    Dimension,
    EachLine,
    Family,
    Line,
    MissingRow,
    Parameter,
    Reasons,
    Row,
    Score,
    StartRow,
    Variable,
    VetoLine,
    WhenLine,
    line_form,
)
from xinyong.scheme.who import (
    Assessment,
    Fairness,
    InForce,
    Logs,
    Operator,
    Published,
    Share,
    Subjects,
    UsedFor,
)

# ------------------------------------------------------------------ 7. worked cases


class CaseEvent(Frozen):
    """One event (or ``times`` of them, ``every`` so often) in a worked case."""

    kind: Name | Literal["coverage"]
    fields: dict[str, Any] = {}
    at: Text
    recorded: Text | None = None
    struck: Text | None = None
    id: Text | None = None
    times: Annotated[int, Field(ge=1, le=2000)] = 1
    every: Span | None = None


class Expect(Frozen):
    """What a case says must come out; what is not named is not tested."""

    score: int | None = None
    band: Text | None = None
    points: dict[str, int] | None = None
    variables: dict[str, Any] | None = None
    lists: dict[str, Literal["off", "warned", "listed", "ended"]] | None = None
    consequences: tuple[str, ...] | None = None
    reasons: tuple[str, ...] | None = None
    next_change: Day | None = None


def _case_event(value: object) -> object:
    """``{bill: {...}, at: ...}`` becomes ``{kind: bill, fields: {...}, at: ...}``."""
    if not isinstance(value, dict) or "kind" in value:
        return value
    words = {"at", "recorded", "struck", "id", "times", "every"}
    kinds = [key for key in value if key not in words]
    if len(kinds) != 1:
        raise Misfit(
            Code.UNCLEAR_FORM,
            "an event of a case names exactly one kind",
            "write it as {bill: {amount: 40}, at: 2016-10-01}",
        )
    rest = {key: item for key, item in value.items() if key in words}
    fields = value[kinds[0]]
    return {"kind": kinds[0], "fields": {} if fields is None else fields, **rest}


class Case(Frozen):
    """A worked example: events, the day, and what must come out."""

    name: Text
    day: Day
    known_by: Text | None = None
    events: tuple[Annotated[CaseEvent, BeforeValidator(_case_event)], ...] = ()
    expect: Expect


# ------------------------------------------------------------------ the whole


def _version(value: int) -> int:
    if value != 1:
        raise Misfit(Code.WRONG_VALUE, f"version {value} of the language is not known", "write 1")
    return value


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise Misfit(
            Code.WRONG_VALUE, f"'{text[:60]}' is not a time zone", "write one such as Asia/Shanghai"
        ) from None
    return text


class Scheme(Frozen):
    """One scheme document, frozen; named by the SHA-256 of its canonical form."""

    xinyong: Annotated[int, AfterValidator(_version)]
    scheme: Identifier
    version: Text
    use: Literal["operations", "lab"]
    subjects: Subjects
    in_force: InForce
    jurisdiction: tuple[Identifier, ...] = ()
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    currency: Identifier | None = None
    title: Text
    purpose: Text
    operator: Operator | None = None
    used_for: tuple[UsedFor, ...] = ()
    min_age: Annotated[int, Field(ge=0, le=120)] | None = None
    ai_system: bool | Literal["auto"] = "auto"
    legal_basis: tuple[Text, ...] = ()
    law_read: Day | None = None
    impact_assessment: Assessment | None = None
    high_risk_file: Text | None = None
    published: Published | None = None
    catalogue: Text | None = None
    tested: Text | None = None
    fairness: Fairness | None = None
    logs: Logs | None = None
    shares: tuple[Share, ...] = ()
    burdens_together: Annotated[int, Field(ge=0, le=100)] | None = None
    mix_in: tuple[Identifier, ...] = Field(default=(), max_length=MOST_MIXED)
    data_sets: dict[Name, DataSet] = Field(min_length=1)
    parameters: dict[Name, Parameter] = {}
    variables: dict[Name, Variable] = {}
    families: tuple[Family, ...] = ()
    score: Score
    bands: tuple[Band, ...] = Field(min_length=1)
    lists: dict[Identifier, ListSpec] = {}
    consequences: tuple[Consequence, ...] = ()
    rights: Rights = Rights()
    tests: tuple[Case, ...] = ()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone that cuts days."""
        return ZoneInfo(self.timezone)

    @cached_property
    def canonical(self) -> bytes:
        """The scheme in canonical form: JSON, sorted keys, no defaults, worked cases left out."""
        data = self.model_dump(mode="json", by_alias=True, exclude={"tests"}, exclude_defaults=True)
        return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical form, as 64 hexadecimal digits."""
        return hashlib.sha256(self.canonical).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Scheme:
        """A copy with other values; its digest is worked out anew."""
        copied = super().model_copy(update=update, deep=deep)
        for kept in ("zone", "canonical", "digest"):
            copied.__dict__.pop(kept, None)
        return copied

    def event_data_set(self, kind: str) -> str | None:
        """Name of the data set an event kind belongs to."""
        for name, data_set in self.data_sets.items():
            if kind in data_set.events:
                return name
        return None


__all__ = [
    "MEASURES",
    "RESERVED",
    "Access",
    "Appeal",
    "Assessment",
    "Band",
    "Before",
    "BinsLine",
    "CapPer",
    "Case",
    "CaseEvent",
    "Category",
    "Clock",
    "Conduct",
    "ConductGravity",
    "Consent",
    "Consequence",
    "ContextName",
    "DataSet",
    "DatedValue",
    "Day",
    "Decay",
    "Dimension",
    "DisputeRight",
    "EachLine",
    "Established",
    "EventSpec",
    "Expect",
    "Expression",
    "Fairness",
    "Family",
    "FieldSpec",
    "FieldType",
    "Frozen",
    "Gravity",
    "Identifier",
    "InForce",
    "Keep",
    "Line",
    "ListSpec",
    "Logs",
    "MissingRow",
    "Name",
    "Notice",
    "Number",
    "Operator",
    "Parameter",
    "PointCount",
    "Published",
    "PublishedField",
    "Quality",
    "Reasons",
    "Repair",
    "Reuse",
    "Rights",
    "Row",
    "Scheme",
    "Score",
    "Share",
    "Span",
    "StartRow",
    "Subjects",
    "Text",
    "UsedFor",
    "Variable",
    "VetoLine",
    "WhenLine",
    "line_form",
]
