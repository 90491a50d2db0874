"""Base and small types of the parts of a scheme document."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

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
