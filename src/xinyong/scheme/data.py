"""What a scheme may read: data sets, their events and fields, by what right, for how long."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from xinyong.scheme.parts import ContextName, Frozen, Name, Span, Text

FieldType = Literal["bool", "int", "number", "money", "text", "date"]

Category = Literal[
    "none",
    "financial",
    "conditional",
    "special",
    "protected",
    "age",
    "biometric",
    "location",
    "social_network",
    "policy_target",
]
"""What kind of data the law may call them.

``financial``: income, expenses, debts, payments. ``conditional``: income, deposits, securities,
insurance, property, tax paid - for which China's credit reporting rules ask written consent after
a warning. ``special``: religion, genes, prints, blood type, illness, politics, sexual life.
``protected``: sex, race, national origin, marital status and the like. ``policy_target``: whether a
firm follows an industrial or political aim.
"""

Conduct = Literal["contract", "duty_breach", "lawful", "merit", "trait", "third_party", "duty_done"]
"""What an event is about: a contract kept or broken; a legal duty broken or done; something one
is free to do; a good deed; what one is; what somebody else did."""

Established = Literal["objective", "opinion"]
"""Whether anyone could check that an event happened, or somebody had to judge."""

ConductGravity = Annotated[int, Field(ge=0, le=4)]


class FieldSpec(Frozen):
    """One field of an event: its type, unit and, for text, the words it can hold.

    ``money`` is an integer in minor units; ``number`` has at most six decimals.
    """

    type: FieldType
    unit: Name | None = None
    one_of: tuple[Text, ...] | None = None
    title: Text | None = None
    category: Category | None = None
    proxy_for: Text | None = None
    proxy_check: Text | None = None


def _field_short(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class EventSpec(Frozen):
    """One kind of event: a dated fact about one subject.

    ``conduct`` and ``gravity`` (0 lawful, 1 minor, 2 general, 3 serious, 4 wilful breach of a
    judgment or crime) say what it is about and how grave it is at worst. ``adjudicated``: a final
    decision of a court or authority stands behind it. ``simple_procedure``: fined on the spot or
    cured at once.
    """

    title: Text | None = None
    fields: dict[Name, Annotated[FieldSpec, BeforeValidator(_field_short)]] = {}
    conduct: Conduct | None = None
    gravity: ConductGravity | None = None
    established: Established | None = None
    adjudicated: bool | None = None
    simple_procedure: bool = False
    category: Category | None = None
    proxy_for: Text | None = None
    proxy_check: Text | None = None


class Keep(Frozen):
    """How long data are held, counted from what, and what happens then.

    ``extend_while`` names the ground on which they are held longer.
    """

    model_config = ConfigDict(populate_by_name=True)
    span: Span = Field(alias="for")
    since: Literal["event", "recording", "end of duty", "determination"] = Field(alias="from")
    then: Literal["delete", "archive", "anonymise"]
    extend_while: Text | None = None


class Consent(Frozen):
    """How a subject agrees to the use of a data set."""

    separate: bool = False
    written: bool = False
    default: Literal["off", "on"] = "off"
    bundled: bool = False
    withdrawable: bool = False
    harm_warning: bool = False
    purpose: Text | None = None
    recipients: tuple[Text, ...] = ()


class Quality(Frozen):
    """How false or tampered data are found, and what marks them."""

    tamper_model: Text | None = None
    flags: Text | None = None
    verified_by: Text | None = None


class Reuse(Frozen):
    """Data that were collected by somebody else, or for something else."""

    model_config = ConfigDict(populate_by_name=True)
    operator: Text = Field(alias="from")
    collected_for: Text
    consent: bool = False


class DataSet(Frozen):
    """A named source: where the data arose, by what right they are used, how long kept.

    ``keep: null`` says that nobody has said. ``source_keeps`` is how long the source itself keeps
    them; ``catalogued`` the entry of a published catalogue; ``opt_out`` whether the subject may
    refuse that good deeds are recorded.
    """

    title: Text | None = None
    context: ContextName
    source: Text
    basis: Literal["consent", "contract", "law", "public record", "legitimate interest"]
    keep: Keep | None
    collected_from: (
        Literal[
            "subject",
            "public record",
            "partner",
            "sensor",
            "informant",
            "inferred",
            "another scheme",
        ]
        | None
    ) = None
    consent: Consent | None = None
    quality: Quality | None = None
    reused: Reuse | None = None
    catalogued: Text | None = None
    source_keeps: Span | None = None
    updated: Span | None = None
    opt_out: bool = False
    events: dict[Name, EventSpec] = Field(min_length=1)


__all__ = [
    "Category",
    "Conduct",
    "ConductGravity",
    "Consent",
    "DataSet",
    "Established",
    "EventSpec",
    "FieldSpec",
    "FieldType",
    "Keep",
    "Quality",
    "Reuse",
]
