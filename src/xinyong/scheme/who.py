"""Who runs a scheme and why, and what they say they have done about it.

What a machine needs in order to read a scheme against law stands here as named fields with closed
sets of words. Nothing here touches a score: the engine reads none of it.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from xinyong.scheme.parts import Clock, Day, Frozen, Name, Span, Text

Subjects = Literal["person", "group", "sole_trader", "organisation", "government"]
"""Who is scored."""

PEOPLE: Final = frozenset({"person", "group", "sole_trader"})
"""Those of them who are natural persons."""

UsedFor = Literal[
    "consumer_credit",
    "business_credit",
    "deposit",
    "insurance",
    "employment",
    "housing",
    "visa",
    "dating",
    "loyalty",
    "public_perks",
    "procurement",
    "registration",
    "compliance",
    "tax",
    "customs",
    "environment",
    "enforcement",
    "general",
]
"""What a score is used for; ``general`` is a judgement of the whole person or firm."""


class Operator(Frozen):
    """Who runs the scheme.

    ``licence`` names the licence to score (absent: none). ``sells`` names kinds of events that
    are the operator's own sales, ``interests`` what else it gains from scores.
    """

    name: Text
    kind: Literal["private", "public", "mixed"]
    contact: Text | None = None
    licence: Text | None = None
    sells: tuple[Name, ...] = ()
    interests: tuple[Text, ...] = ()


class InForce(Frozen):
    """First and last day on which the scheme applies; ``until`` null means without end."""

    model_config = ConfigDict(populate_by_name=True)
    since: Day = Field(alias="from")
    until: Day | None = None


class Assessment(Frozen):
    """An impact assessment on file: where, of which day, kept until when."""

    ref: Text
    date: Day
    keep_until: Day | None = None


class Published(Frozen):
    """What anyone can read about the scheme, and where."""

    rules: Text | None = None
    factors: bool = False
    points: bool = False
    consequences: bool = False


class Logs(Frozen):
    """How long the logs of decisions and of queries are kept."""

    decisions: Span | None = None
    queries: Span | None = None


class Fairness(Frozen):
    """What a test found about groups: the worst gap, in per cent, and the most that is allowed."""

    tested: Text
    worst_gap: Annotated[int, Field(ge=0, le=100)]
    at_most: Annotated[int, Field(ge=0, le=100)]


class Share(Frozen):
    """Somebody who is given the score or part of it.

    ``reliance`` says how much their own decision rests on it; ``consent`` whether the subject
    agreed to this recipient separately; ``law`` what orders it where nobody was asked.
    """

    model_config = ConfigDict(populate_by_name=True)
    recipient: Text = Field(alias="with")
    kind: Literal[
        "lender", "merchant", "public body", "employer", "private person", "another scheme"
    ]
    what: Literal["score", "band", "reasons", "record", "list"]
    purpose: Text
    consent: bool = False
    law: Text | None = None
    reliance: Literal["none", "weak", "strong"] | None = None
    within: Clock | None = None


__all__ = [
    "PEOPLE",
    "Assessment",
    "Fairness",
    "InForce",
    "Logs",
    "Operator",
    "Published",
    "Share",
    "Subjects",
    "UsedFor",
]
