"""What follows from a score: bands, lists, consequences; and what the person scored can do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from xinyong.scheme.complaints import Code, Misfit
from xinyong.scheme.parts import (
    Clock,
    ContextName,
    Expression,
    Frozen,
    Gravity,
    Identifier,
    PointCount,
    Span,
    Text,
)


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


PublishedField = Literal[
    "name",
    "code",
    "id_number",
    "masked_id",
    "face",
    "address",
    "sex",
    "age",
    "ground",
    "decision",
    "amount",
    "term",
]
"""What an entry of a list shows of a subject; ``code`` is a firm's own number."""


class ListSpec(Frozen):
    """A register: the ground for an entry, the way off, the term, the process.

    ``lasts`` counts from the newest event behind the ground; ``before.warn`` delays the effect.
    ``ability_test``: only who could perform is entered. ``exempt``: who is not entered.
    ``decided_in``: the written decision. ``extends``: what lengthens the term. ``wrongful``: what
    makes good a wrong entry.
    """

    title: Text
    add_when: Expression
    remove_when: Expression | None = None
    lasts: Span | None = None
    before: Before | None = None
    remove_within: Clock | None = None
    publish: Text = "nobody"
    law: Text | None = None
    ability_test: bool | None = None
    exempt: tuple[Text, ...] = ()
    decided_in: Text | None = None
    extends: Text | None = None
    wrongful: Text | None = None
    fields: tuple[PublishedField, ...] = ()


class Notice(Frozen):
    """The letter that goes with a consequence: how many reasons, how soon.

    ``specific``: the reasons are those actually used, not a general sentence.
    """

    reasons: Annotated[int, Field(ge=0, le=20)] | None = None
    specific: bool = False
    within: Clock | None = None


class Appeal(Frozen):
    """To whom a consequence can be appealed, and until when."""

    to: Text
    within: Clock


class Consequence(Frozen):
    """What follows from a score or a listing, in which context.

    ``gravity``: 0 information, 1 a perk not given, 2 closer checks, 3 price or deposit, 4 refusal
    of a service that is not essential, 5 mobility, office, credit or schooling, 6 an essential
    service, livelihood or dignity. ``related`` maps a context where data arose to the legal
    reference that ties it to this one. ``spills_on`` names others whom it hits.
    """

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
    essential: bool = False
    automated: Literal["solely", "assisted", "human"] | None = None
    reliance: Literal["none", "weak", "strong"] | None = None
    law: Text | None = None
    related: dict[ContextName, Text] = {}
    lasts: Span | None = None
    spills_on: tuple[Text, ...] = ()
    visible: Literal["private", "listed", "public"] = "private"


# ------------------------------------------------------------------ 6. rights


class Access(Frozen):
    """What a subject can see, and at what price."""

    free: Text
    shows: tuple[Text, ...] = ()
    copies_per_year: Annotated[int, Field(ge=0, le=366)] | None = None


OnTimeout = Literal[
    "the record is struck out",
    "the record goes",
    "the record is no longer displayed",
    "the record is left out until decided",
    "the record is kept",
    "the record stands",
]
"""What a scheme can say happens to a disputed record if nobody decides in time.

A closed set, since a clock acts on it without anybody reading it.
"""


class DisputeRight(Frozen):
    """Clocks of a dispute; ``suspends`` takes the disputed record out of scoring meanwhile."""

    mark: Clock | None = None
    decide: Clock
    suspends: bool = False
    extension: Clock | None = None
    on_timeout: OnTimeout | None = None
    tells_source: Clock | None = None


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
    counterfactual: bool = False
    statement: bool = False
    wrongful: Text | None = None


__all__ = [
    "Access",
    "Appeal",
    "Band",
    "Before",
    "Consequence",
    "DisputeRight",
    "ListSpec",
    "Notice",
    "OnTimeout",
    "PublishedField",
    "Repair",
    "Rights",
]
