"""What a scheme says, as frozen data.

The model holds the document as written: expressions are text, families are not yet expanded.
:mod:`xinyong.scheme.binding` resolves names and types; :mod:`xinyong.scheme.reading` makes the
model from YAML with the place of every complaint.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    model_validator,
)

from xinyong.days import Period, Term, parse_day
from xinyong.scheme.complaints import Code, Misfit
from xinyong.terms import POINTS_LIMIT

RESERVED = frozenset(
    """and or not in is if else true false True False None null known on min max score band day
    coverage""".split()
)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_CONTEXT = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)*")


def _name(text: str) -> str:
    if text in RESERVED:
        raise Misfit(Code.BAD_NAME, f"'{text}' is a word of the language and cannot be a name")
    if not _NAME.fullmatch(text):
        raise Misfit(
            Code.BAD_NAME,
            f"'{text[:60]}' is not a name",
            "a name is lower-case letters, digits and underscores and starts with a letter",
        )
    return text


def _identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise Misfit(
            Code.BAD_NAME,
            f"'{text[:60]}' is not an identifier",
            "an identifier is letters, digits, '.', '_' and '-' and starts with a letter",
        )
    return text


def _context(text: str) -> str:
    if not _CONTEXT.fullmatch(text):
        raise Misfit(
            Code.BAD_NAME,
            f"'{text[:60]}' is not a context",
            "a context is lower-case words joined by dots, such as finance.credit",
        )
    return text


def _day(value: object) -> object:
    return parse_day(value) if isinstance(value, str) else value


def _period(value: object) -> object:
    return Period.parse(value) if isinstance(value, str) else value


def _term(value: object) -> object:
    return Term.parse(value) if isinstance(value, str) else value


def _expression(value: object) -> object:
    """An expression may be written as a bare number or truth value in YAML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, Decimal)) else value


def _micro(value: Decimal | int) -> Decimal | int:
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -6:
            raise ValueError("has more than six decimals")
        if abs(value) > 10**11:
            raise ValueError("is beyond ±100,000,000,000")
    elif abs(value) > 10**17:
        raise ValueError("is beyond ±100,000,000,000,000,000")
    return value


Name = Annotated[str, AfterValidator(_name)]
Identifier = Annotated[str, AfterValidator(_identifier)]
ContextName = Annotated[str, AfterValidator(_context)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Day = Annotated[date, BeforeValidator(_day)]
Span = Annotated[Period, BeforeValidator(_period), PlainSerializer(str)]
Clock = Annotated[Term, BeforeValidator(_term), PlainSerializer(str)]
Expression = Annotated[str, BeforeValidator(_expression), Field(min_length=1, max_length=2000)]
PointCount = Annotated[int, Field(ge=-POINTS_LIMIT, le=POINTS_LIMIT)]
Number = Annotated[Decimal | int, AfterValidator(_micro)]
Gravity = Annotated[int, Field(ge=0, le=6)]


class Frozen(BaseModel):
    """Base of all parts of a scheme: nothing can be changed, no unknown field is taken."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True
    )


# ------------------------------------------------------------------ 1. who and why


class Operator(Frozen):
    """Who runs the scheme."""

    name: Text
    kind: Literal["private", "public", "mixed"]
    contact: Text | None = None


class InForce(Frozen):
    """First and last day on which the scheme applies; ``until`` null means without end."""

    model_config = ConfigDict(populate_by_name=True)
    since: Day = Field(alias="from")
    until: Day | None = None


# ------------------------------------------------------------------ 2. data

FieldType = Literal["bool", "int", "number", "money", "text", "date"]


class FieldSpec(Frozen):
    """One field of an event: its type, unit and, for text, the words it can hold.

    ``money`` is an integer in minor units; ``number`` has at most six decimals.
    """

    type: FieldType
    unit: Name | None = None
    one_of: tuple[Text, ...] | None = None
    title: Text | None = None


def _field_short(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class EventSpec(Frozen):
    """One kind of event: a dated fact about one subject."""

    title: Text | None = None
    fields: dict[Name, Annotated[FieldSpec, BeforeValidator(_field_short)]] = {}


class Keep(Frozen):
    """How long data are held, counted from what, and what happens then."""

    model_config = ConfigDict(populate_by_name=True)
    span: Span = Field(alias="for")
    since: Literal["event", "recording", "end of duty", "determination"] = Field(alias="from")
    then: Literal["delete", "archive", "anonymise"]


class DataSet(Frozen):
    """A named source: where the data arose, by what right they are used, how long kept."""

    title: Text | None = None
    context: ContextName
    source: Text
    basis: Literal["consent", "contract", "law", "public record", "legitimate interest"]
    keep: Keep
    events: dict[Name, EventSpec] = Field(min_length=1)


# ------------------------------------------------------------------ 3. parameters, variables


class DatedValue(Frozen):
    """A parameter's value from a day on, with its source."""

    value: Number
    cite: Text | None = None
    note: Text | None = None


class Parameter(Frozen):
    """A number with dates: the value in force is that of the latest date not after the day asked.

    Before the first date it is unknown.
    """

    title: Text
    unit: Name | None = None
    values: dict[Day, DatedValue] = Field(min_length=1)


MEASURES = "count sum mean min max latest days_since distinct share trend expr".split()


class Variable(Frozen):
    """One number (or truth, word, day, or *unknown*) per subject, from events in a window.

    Exactly one of the measures is given. ``sum``, ``mean``, ``min``, ``max``, ``latest`` and
    ``distinct`` take ``event.field``; ``count``, ``days_since`` and ``share`` an event;
    ``trend`` either. ``of`` belongs to ``share``: an event or a data set (default: the event).
    """

    title: Text | None = None
    count: str | None = None
    sum: str | None = None
    mean: str | None = None
    min: str | None = None
    max: str | None = None
    latest: str | None = None
    days_since: str | None = None
    distinct: str | None = None
    share: str | None = None
    trend: str | None = None
    expr: Expression | None = None
    of: str | None = None
    where: Expression | None = None
    within: Span | None = None
    known_if: Text | None = None
    unit: Name | None = None
    more_is: Literal["better", "worse"] | None = None

    @property
    def measure(self) -> str:
        """Which of the measures is given."""
        return next(word for word in MEASURES if getattr(self, word) is not None)

    @model_validator(mode="after")
    def _one_measure(self) -> Variable:
        given = [word for word in MEASURES if getattr(self, word) is not None]
        if len(given) != 1:
            raise Misfit(
                Code.UNCLEAR_FORM,
                f"a variable has one measure; this one has {' and '.join(given) or 'none'}",
                f"give exactly one of {', '.join(MEASURES)}",
            )
        if given == ["expr"]:
            odd = [w for w in ("where", "within", "known_if", "of") if getattr(self, w) is not None]
            if odd:
                raise Misfit(
                    Code.WRONG_VALUE,
                    f"a variable with 'expr' takes no {' or '.join(odd)}",
                    "put it into the variables that the expression reads",
                )
        elif self.of is not None and given != ["share"]:
            raise Misfit(Code.WRONG_VALUE, "'of' belongs to a share", "take 'of' out")
        if given == ["trend"] and self.within is None:
            raise Misfit(Code.MISSING_FIELD, "a trend needs a window", "add 'within'")
        return self


class Family(Frozen):
    """One variable per combination of event, measure and window.

    ``name`` is a pattern with ``{event}``, ``{measure}`` and ``{window}``. A measure is a word
    (``count``, ``days_since``, ``trend``, ``share_of data_set``) or a word and a field
    (``sum amount``). A combination whose event has no such field is left out.
    """

    name: Text
    events: tuple[Name, ...] = Field(min_length=1)
    measures: tuple[Text, ...] = Field(min_length=1)
    windows: tuple[Span, ...] = Field(min_length=1)
    where: Expression | None = None


# ------------------------------------------------------------------ 4. score


class Row(Frozen):
    """One attribute of a characteristic: a range or value, its points, its sentence."""

    model_config = ConfigDict(populate_by_name=True)
    below: Number | None = None
    equal: bool | int | str | None = Field(default=None, alias="is")
    otherwise: Literal[True] | None = Field(default=None, alias="else")
    points: PointCount
    says: Text

    @model_validator(mode="after")
    def _one_test(self) -> Row:
        given = [x for x in (self.below, self.equal, self.otherwise) if x is not None]
        if len(given) != 1:
            raise Misfit(Code.UNCLEAR_FORM, "a row has exactly one of below, is, else")
        return self


class MissingRow(Frozen):
    """What an unknown value brings."""

    points: PointCount
    says: Text


class BinsLine(Frozen):
    """A characteristic: a variable looked up in a table of ranges."""

    id: Identifier
    dimension: Name | None = None
    bins: Name
    table: tuple[Row, ...] = Field(min_length=1, max_length=200)
    missing: MissingRow
    reference: PointCount | None = None


class CapPer(Frozen):
    """The most (or, negative, the least) a line's events may bring within one calendar unit."""

    points: PointCount
    per: Literal["day", "month", "year"]


class Decay(Frozen):
    """Points fall by half after each such period (rounded halves away from zero)."""

    halves_every: Span


class EachLine(Frozen):
    """Points for each event, while it counts.

    An event of day *d* counts on *day* when ``day - expires < d <= day - starts``.
    ``decay: linear`` lets its points fall in a straight line to nothing at ``expires``.
    """

    id: Identifier
    dimension: Name | None = None
    each: Name
    where: Expression | None = None
    points: Expression
    cap: PointCount | None = None
    cap_per: CapPer | None = None
    expires: Span | None = None
    starts: Span | None = None
    decay: Literal["linear"] | Decay | None = None
    says: Text
    reference: PointCount | None = None


class WhenLine(Frozen):
    """Points when a condition on the subject is true."""

    id: Identifier
    dimension: Name | None = None
    when: Expression
    points: Expression
    says: Text
    reference: PointCount | None = None


class VetoLine(Frozen):
    """A condition under which the band cannot be above ``at_most``, whatever the points."""

    id: Identifier
    dimension: Name | None = None
    when: Expression
    at_most: Text
    says: Text


def line_form(value: Any) -> str | None:
    """Which form of score line a value has: bins, each, when or veto; None if it is unclear."""
    if isinstance(value, dict):
        for key, tag in (("bins", "bins"), ("each", "each"), ("at_most", "veto"), ("when", "when")):
            if key in value:
                return tag
        return None
    for form, tag in (
        (BinsLine, "bins"),
        (EachLine, "each"),
        (VetoLine, "veto"),
        (WhenLine, "when"),
    ):
        if isinstance(value, form):
            return tag
    return None


Line = Annotated[
    Annotated[BinsLine, Tag("bins")]
    | Annotated[EachLine, Tag("each")]
    | Annotated[WhenLine, Tag("when")]
    | Annotated[VetoLine, Tag("veto")],
    Discriminator(line_form),
]


class StartRow(Frozen):
    """One of several starting points: the first row whose condition is true applies."""

    model_config = ConfigDict(populate_by_name=True)
    when: Expression | None = None
    otherwise: Literal[True] | None = Field(default=None, alias="else")
    points: PointCount
    says: Text

    @model_validator(mode="after")
    def _one_test(self) -> StartRow:
        if (self.when is None) == (self.otherwise is None):
            raise Misfit(Code.UNCLEAR_FORM, "a start row has exactly one of when, else")
        return self


class Dimension(Frozen):
    """A heading that lines are added up under, with its own limits if any."""

    title: Text
    at_least: PointCount | None = None
    at_most: PointCount | None = None


class Reasons(Frozen):
    """How many reasons are given, and what points are held against.

    ``best``: the most a line can bring. ``missing``: what the line brings for a subject about
    whom nothing is known. A line's own ``reference`` comes before both.
    """

    most: Annotated[int, Field(ge=1, le=20)] = 4
    against: Literal["best", "missing"] = "best"


class Score(Frozen):
    """Start, lines, limits."""

    start: PointCount | tuple[StartRow, ...]
    floor: PointCount
    ceiling: PointCount
    dimensions: dict[Name, Dimension] = {}
    add: tuple[Line, ...] = ()
    reasons: Reasons = Reasons()


# ------------------------------------------------------------------ 5. what follows


class Band(Frozen):
    """A range of scores; bands stand from lowest to highest.

    ``from`` is the first score of the band. A band with ``when`` instead is given by a condition
    and takes its rank from its place in the file.
    """

    model_config = ConfigDict(populate_by_name=True)
    name: Identifier
    title: Text | None = None
    since: PointCount | None = Field(default=None, alias="from")
    when: Expression | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Band:
        if (self.since is None) == (self.when is None):
            raise Misfit(Code.UNCLEAR_FORM, "a band has exactly one of from, when")
        return self


class Before(Frozen):
    """What must come before a listing takes effect."""

    warn: Span | None = None
    hearing: bool = False
    by: Text | None = None


class ListSpec(Frozen):
    """A register: the ground for an entry, the way off, the term, the process.

    ``lasts`` counts from the newest event behind the ground; ``before.warn`` delays the effect.
    """

    title: Text
    add_when: Expression
    remove_when: Expression | None = None
    lasts: Span | None = None
    before: Before | None = None
    remove_within: Clock | None = None
    publish: Text = "nobody"


class Notice(Frozen):
    """The letter that goes with a consequence: how many reasons, how soon."""

    reasons: Annotated[int, Field(ge=0, le=20)] | None = None
    within: Clock | None = None


class Appeal(Frozen):
    """To whom a consequence can be appealed, and until when."""

    to: Text
    within: Clock


class Consequence(Frozen):
    """What follows from a score or a listing, in which context."""

    id: Identifier
    context: ContextName
    when: Expression
    effect: Text
    kind: Literal["benefit", "burden"]
    gravity: Gravity | None = None
    decided: Text | None = None
    notice: Notice | None = None
    appeal: Appeal | None = None
    ends: Text | None = None
    title: Text | None = None


# ------------------------------------------------------------------ 6. rights


class Access(Frozen):
    """What a subject can see, and at what price."""

    free: Text
    shows: tuple[Text, ...] = ()


class DisputeRight(Frozen):
    """Clocks of a dispute; ``suspends`` takes the disputed record out of scoring meanwhile."""

    mark: Clock | None = None
    decide: Clock
    suspends: bool = False


class Repair(Frozen):
    """When a record or listing can be mended, and how fast it then goes."""

    when: Text
    removes_within: Clock | None = None


class Rights(Frozen):
    """What the person scored can do; what is not said is not granted."""

    access: Access | None = None
    dispute: DisputeRight | None = None
    repair: Repair | None = None
    notice: Notice | None = None
    review: Appeal | None = None


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
    subjects: Literal["person", "organisation", "government"]
    in_force: InForce
    jurisdiction: tuple[Identifier, ...] = ()
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    currency: Identifier | None = None
    title: Text
    purpose: Text
    operator: Operator | None = None
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

    def event_data_set(self, kind: str) -> str | None:
        """Name of the data set an event kind belongs to."""
        for name, data_set in self.data_sets.items():
            if kind in data_set.events:
                return name
        return None
