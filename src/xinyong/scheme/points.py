"""What is computed and what it is worth: parameters, variables, families, lines, the score."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator

from xinyong.scheme.complaints import Code, Misfit
from xinyong.scheme.parts import (
    Day,
    Expression,
    Frozen,
    Identifier,
    Name,
    Number,
    PointCount,
    Span,
    Text,
)

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


__all__ = [
    "MEASURES",
    "BinsLine",
    "CapPer",
    "DatedValue",
    "Decay",
    "Dimension",
    "EachLine",
    "Family",
    "Line",
    "MissingRow",
    "Parameter",
    "Reasons",
    "Row",
    "Score",
    "StartRow",
    "Variable",
    "VetoLine",
    "WhenLine",
    "line_form",
]
