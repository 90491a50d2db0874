"""Frozen records that can be written as plain data and read back, strictly.

Plain data are dictionaries, lists, texts, whole numbers and truth values: what goes into JSON
without loss. Days are written ``2026-12-31``, instants as microseconds since 1970-01-01T00:00Z;
what is not there is left out. Reading refuses an unknown key, a missing one, and a value of
another type: ``true`` is no number, ``"1"`` neither.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache, wraps
from typing import Annotated, Any, Final, ParamSpec, Self, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from xinyong.days import FIRST_DAY, LAST_DAY, Period, Term
from xinyong.errors import StepRefused

STRICT: Final = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)
"""How every written record is checked when it is made."""

_FIRST: Final = (FIRST_DAY.toordinal() - 719163) * 86_400_000_000
_LAST: Final = (LAST_DAY.toordinal() - 719162) * 86_400_000_000


def _no_controls(text: str) -> str:
    odd = not text.isprintable() and any(
        unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in text
    )
    if odd:
        raise ValueError("holds a control character")
    return text


def _one_line(text: str) -> str:
    odd = not text.isprintable() and any(
        unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text
    )
    if odd or text != text.strip():
        raise ValueError("is not one line without spaces around it")
    return text


def _span(text: str) -> str:
    return str(Period.parse(text))


def _clock(text: str) -> str:
    return str(Term.parse(text))


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("is not a time zone") from None
    return text


def _distinct(items: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(items)) != len(items):
        raise ValueError("names something twice")
    return items


Id = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
"""A name given by the caller: one line, up to 200 characters."""

Line = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_one_line)]
Text = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(_no_controls)]
Ids = Annotated[tuple[Id, ...], Field(max_length=1_000_000), AfterValidator(_distinct)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Moment = Annotated[int, Field(ge=_FIRST, lt=_LAST)]
"""An instant: microseconds since 1970-01-01T00:00Z."""

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
SpanText = Annotated[str, AfterValidator(_span)]
"""A span of time in words: ``3 months``."""

ClockText = Annotated[str, AfterValidator(_clock)]
"""A deadline in words: ``5 working days``."""

ZoneName = Annotated[str, Field(max_length=60), AfterValidator(_zone)]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_D = TypeVar("_D")


@lru_cache(maxsize=128)
def _kept(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _adapter(kind: object) -> TypeAdapter[Any]:
    return _kept(kind)


def misfit(error: ValidationError, where: str) -> StepRefused:
    """The refusal that a failed check becomes; it names places and rules, never values."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "the whole"
    return StepRefused(
        f"'{place}' does not fit: {first['msg']}",
        code="unfit",
        where=where,
        why="a record is written exactly, or not at all",
        mend="see the fields of the record and their types",
    )


def fitting(make: Callable[_P, _T]) -> Callable[_P, _T]:
    """A function whose failed checks become :class:`~xinyong.errors.StepRefused`."""

    @wraps(make)
    def made(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return make(*args, **kwargs)
        except ValidationError as error:
            raise misfit(error, make.__name__) from None

    return made


def exactly(read: Callable[[_D], _T]) -> Callable[[_D], _T]:
    """A function that reads plain data, held to reading nothing but what was written.

    What it makes must write the same data again. Anything else, also whatever Python raises over
    data of another form, becomes :class:`~xinyong.errors.StepRefused` (``unfit``).
    """

    @wraps(read)
    def made(data: _D) -> _T:
        try:
            found: Any = read(data)
            if _plain(found.to_json()) == _plain(data):
                return cast("_T", found)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            pass
        except RecursionError:
            pass
        raise StepRefused(
            "this is not what was written",
            code="unfit",
            where=read.__qualname__,
            why="a record is read exactly as it was written, or not at all",
            mend="give what to_json() wrote; verify the ledger if it comes from there",
        )

    return made


def _plain(data: object) -> str:
    return json.dumps(data, sort_keys=True, allow_nan=False)


class Written:
    """Base of frozen records: :meth:`to_json` and :meth:`from_json` lose nothing."""

    def to_json(self) -> dict[str, Any]:
        """Plain data: dictionaries, lists, texts, whole numbers, truth values."""
        data: dict[str, Any] = _adapter(type(self)).dump_python(
            self, mode="json", exclude_none=True
        )
        return data

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The record back from its plain data, every check made again.

        Raises :class:`~xinyong.errors.StepRefused` (``unfit``) for anything else.
        """
        try:
            made: Self = _adapter(cls).validate_json(json.dumps(data, allow_nan=False))
        except ValidationError as error:
            raise misfit(error, cls.__name__) from None
        except (TypeError, ValueError, RecursionError):
            raise StepRefused(
                "this is no plain data",
                code="unfit",
                where=cls.__name__,
                why="a record is a dictionary of texts, whole numbers, truth values and lists",
                mend="give what to_json() wrote",
            ) from None
        return made

    @property
    def canonical(self) -> bytes:
        """The plain data as canonical JSON: UTF-8, sorted keys, no spaces."""
        return json.dumps(
            self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":")
        ).encode()


__all__ = [
    "STRICT",
    "ClockText",
    "Day",
    "Digest",
    "Id",
    "Ids",
    "Line",
    "Moment",
    "SpanText",
    "Text",
    "Written",
    "ZoneName",
    "exactly",
    "fitting",
    "misfit",
]
