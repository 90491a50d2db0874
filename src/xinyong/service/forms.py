"""What requests and answers are made of, shared by several routes. Read strictly."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from xinyong.days import FIRST_DAY, LAST_DAY


class Form(BaseModel):
    """A request's body: no unknown field, no number in quotes, no ``false`` for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Told(BaseModel):
    """An answer's body, for the API's description."""

    model_config = ConfigDict(extra="allow")


_MICROS = 86_400_000_000
Moment = Annotated[
    int,
    Field(
        ge=(FIRST_DAY.toordinal() - 719163) * _MICROS,
        lt=(LAST_DAY.toordinal() - 719162) * _MICROS,
        description="Microseconds since 1970-01-01T00:00Z",
    ),
]
Id = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f\s][^\x00-\x1f\x7f]*$"
    ),
]
Line = Annotated[
    str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Handle = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{32}|me)$")]
"""A subject in an address: her ledger pseudonym, or ``me`` for the subject herself."""

DayText = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Language = Literal["en", "zh"]
FieldValue = bool | int | str | None


class Receipted(Told):
    """Where something stands in the ledger."""

    sequence: int
    recorded_at: int


class EventForm(Form):
    """One event: the fact, when it happened, and its id, under which it is recorded once."""

    subject: Id
    id: Id
    kind: Line
    happened_at: Moment
    fields: dict[Line, FieldValue] = {}
    source: Annotated[str, StringConstraints(max_length=200)] = ""


def as_json(value: Any) -> Any:
    """A model as plain data."""
    return value.model_dump(mode="json")


__all__ = [
    "DayText",
    "EventForm",
    "FieldValue",
    "Form",
    "Handle",
    "Id",
    "Language",
    "Line",
    "Moment",
    "Receipted",
    "Text",
    "Told",
    "as_json",
]
