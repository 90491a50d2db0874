"""The parts of a mapping document, as written: frozen, each a closed set of keys.

``docs/intake.md`` is their reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Dict
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from xinyong.days import parse_day

ENCODINGS = tuple(
    """utf-8 utf-16 utf-16-le utf-16-be ascii latin-1 iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-9
    iso-8859-15 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1256 koi8-r
    cp437 cp850 cp852 cp866 mac-roman gb18030 gbk gb2312 big5 shift_jis euc-jp euc-kr""".split()
)
_DIRECTIVES = frozenset("YymdjbBHIpMSfz%")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def near(word: str, known: Dict[str, Any] | tuple[str, ...] | list[str]) -> str:
    """A hint: the nearest known word, or what is known."""
    words = [str(item) for item in known]
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = ", ".join(words[:12])
    return f"known here: {shown}{', …' if len(words) > 12 else ''}" if words else "none is known"


def _refuse(message: str, mend: str = "") -> PydanticCustomError:
    return PydanticCustomError("mapping", "{message}", {"message": message, "mend": mend})


class Entry(BaseModel):
    """Base of all parts of the document: frozen, a closed set of keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            raise _refuse(f"a {cls.__name__.lower()} is written as keys with values")
        known = [item.alias or name for name, item in cls.model_fields.items()]
        for key in data:
            if key not in known:
                raise PydanticCustomError(
                    "key",
                    "{message}",
                    {
                        "message": f"no key is called '{str(key)[:60]}' here",
                        "mend": near(str(key), known),
                        "key": key,
                    },
                )
        return data


def _word(value: object) -> object:
    """A word to compare with: whole numbers and truth values are taken as they are written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        raise _refuse("words are compared as text", f'put it in quotes: "{value}"')
    return value


def _short(value: object) -> object:
    """A bare column name stands for ``{column: name}``."""
    return {"column": _word(value)} if isinstance(value, (str, int)) else value


def _format(text: str) -> str:
    if text in ("unix", "unix_ms"):
        return text
    found = re.findall(r"%(.?)", text)
    if not found:
        raise _refuse(f"'{text[:60]}' is not a way of writing a day", "write it like %d.%m.%Y")
    for directive in found:
        if directive not in _DIRECTIVES:
            raise _refuse(f"'%{directive}' is not known", "use %Y %y %m %d %j %b %B %H %M %S %f %z")
    return text


def _day(value: object) -> object:
    if not isinstance(value, str):
        raise _refuse("a day is written as 2016-12-31")
    try:
        return parse_day(value)
    except ValueError as error:
        raise _refuse(str(error)) from None


def _zone(value: object) -> object:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise _refuse(
            f"no time zone is called '{str(value)[:60]}'", "write one such as Europe/Prague"
        ) from None


def _one_letter(text: str) -> str:
    if len(text) != 1 or ord(text) > 126 or text in '\r\n"\0':
        raise _refuse("a delimiter is one plain character", 'write ";" or "\\t" in quotes')
    return text


def _encoding(text: str) -> str:
    lowered = text.lower().replace("_", "-").replace("shift-jis", "shift_jis")
    lowered = {"utf8": "utf-8", "utf16": "utf-16", "cp1250": "windows-1250"}.get(lowered, lowered)
    lowered = {"cp1251": "windows-1251", "cp1252": "windows-1252"}.get(lowered, lowered)
    if lowered not in ENCODINGS:
        raise _refuse(f"no encoding is called '{text[:60]}'", near(lowered, ENCODINGS))
    return lowered


Name = Annotated[str, BeforeValidator(_word), Field(min_length=1, max_length=1000)]
Word = Annotated[str, BeforeValidator(_word)]
Format = Annotated[str, BeforeValidator(lambda v: _format(v) if isinstance(v, str) else v)]
Scalar = bool | int | Decimal | str | None


class Moment(Entry):
    """A moment: a column, read as it is or by a format, or a fixed day; moved by whole days."""

    column: Name | None = None
    day: Annotated[date, BeforeValidator(_day)] | None = None
    format: Format | None = None
    plus_days: Annotated[int, Field(ge=-36525, le=36525)] | Name = 0

    @model_validator(mode="after")
    def _one(self) -> Moment:
        if (self.column is None) == (self.day is None):
            raise _refuse("a moment has either 'column' or 'day'")
        if self.day is not None and self.format is not None:
            raise _refuse("a fixed day has no format", "remove 'format'")
        return self

    def columns(self) -> set[str]:
        """Columns it reads."""
        found = {self.column} if self.column is not None else set()
        return found | ({self.plus_days} if isinstance(self.plus_days, str) else set())


class Condition(Entry):
    """A test of one column: ``is``, ``in``, ``not_in``, ``given`` or ``missing``."""

    column: Name
    is_: Word | None = Field(default=None, alias="is")
    in_: tuple[Word, ...] | None = Field(default=None, alias="in", min_length=1)
    not_in: tuple[Word, ...] | None = Field(default=None, min_length=1)
    given: Literal[True] | None = None
    missing: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Condition:
        tests = (self.is_, self.in_, self.not_in, self.given, self.missing)
        if sum(test is not None for test in tests) != 1:
            raise _refuse(
                "a condition has exactly one test", "use one of: is, in, not_in, given, missing"
            )
        return self


class Text(Entry):
    """A text: a column, a template of columns, or always the same."""

    column: Name | None = None
    text: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    const: Word | None = None

    @model_validator(mode="after")
    def _one(self) -> Text:
        if sum(part is not None for part in (self.column, self.text, self.const)) != 1:
            raise _refuse("this is a column, {text: template} or {const: word}")
        if self.text is not None:
            rest = _PLACEHOLDER.sub("", self.text)
            if "{" in rest or "}" in rest or "" in _PLACEHOLDER.findall(self.text):
                raise _refuse(
                    "a template has columns in braces", "write it like closed-{systemloanid}"
                )
        return self

    def parts(self) -> list[tuple[str, bool]]:
        """The template in pieces: (text, False) or (column, True)."""
        if self.column is not None:
            return [(self.column, True)]
        if self.const is not None:
            return [(self.const, False)]
        pieces = _PLACEHOLDER.split(self.text or "")
        return [(piece, bool(i % 2)) for i, piece in enumerate(pieces) if piece]

    def columns(self) -> set[str]:
        """Columns it reads."""
        return {piece for piece, is_column in self.parts() if is_column}


class Column(Entry):
    """A field's value taken from a column."""

    column: Name
    format: Format | None = None
    map: dict[str, Scalar] | None = Field(default=None, min_length=1)
    otherwise: Scalar = None
    round: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Column:
        if "otherwise" in self.model_fields_set and self.map is None:
            raise _refuse("'otherwise' goes with 'map'", "add 'map' or remove 'otherwise'")
        if self.map is not None and (self.format is not None or self.round):
            raise _refuse("'map' stands alone", "remove 'format' or 'round'")
        return self

    @property
    def closed(self) -> bool:
        """Whether words outside the map set the row aside."""
        return "otherwise" not in self.model_fields_set


class Money(Entry):
    """A decimal amount, turned into whole minor units."""

    money: Name
    minor: Annotated[int, Field(ge=0, le=6)] = 2
    round: bool = False


class Const(Entry):
    """Always the same value."""

    const: bool | int | Decimal | str


ShortMoment = Annotated[Moment, BeforeValidator(_short)]
ShortText = Annotated[Text, BeforeValidator(_short)]


class DaysBetween(Entry):
    """Calendar days from the first moment to the second."""

    days_between: tuple[ShortMoment, ShortMoment]


def _form(value: object) -> str:
    keys = set(value) if isinstance(value, dict) else set()
    for key, form in (("money", "(money)"), ("const", "(const)"), ("days_between", "(days)")):
        if key in keys:
            return form
    return "(condition)" if keys & {"is", "in", "not_in", "given", "missing"} else "(column)"


Value = Annotated[
    Annotated[Column, Tag("(column)")]
    | Annotated[Money, Tag("(money)")]
    | Annotated[Const, Tag("(const)")]
    | Annotated[DaysBetween, Tag("(days)")]
    | Annotated[Condition, Tag("(condition)")],
    Discriminator(_form),
]
ShortValue = Annotated[Value, BeforeValidator(_short)]


def columns_of(value: Column | Money | Const | DaysBetween | Condition) -> set[str]:
    """Columns a field's value reads."""
    if isinstance(value, (Column, Condition)):
        return {value.column}
    if isinstance(value, Money):
        return {value.money}
    if isinstance(value, DaysBetween):
        return value.days_between[0].columns() | value.days_between[1].columns()
    return set()


def _conditions(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class Rule(Entry):
    """One event that a row can give."""

    kind: Name
    at: ShortMoment
    recorded: ShortMoment | None = None
    struck: ShortMoment | None = None
    id: ShortText | None = None
    when: Annotated[tuple[Condition, ...], BeforeValidator(_conditions)] = ()
    fields: dict[Name, ShortValue] = Field(default_factory=dict)

    def columns(self) -> set[str]:
        """Columns it reads."""
        found = set(self.at.columns())
        for part in (self.recorded, self.struck, self.id):
            found |= part.columns() if part is not None else set()
        for condition in self.when:
            found.add(condition.column)
        for value in self.fields.values():
            found |= columns_of(value)
        return found


class Csv(Entry):
    """How a CSV file is written."""

    delimiter: Annotated[
        str, BeforeValidator(lambda v: _one_letter(v) if isinstance(v, str) else v)
    ] = ","
    encoding: Annotated[
        str, BeforeValidator(lambda v: _encoding(v) if isinstance(v, str) else v)
    ] = "utf-8"
    header: bool = True
    columns: tuple[Name, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _named(self) -> Csv:
        if not self.header and self.columns is None:
            raise _refuse(
                "a file without a header needs the names of its columns", "add 'columns: [..]'"
            )
        if self.header and self.columns is not None:
            raise _refuse("the names stand in the header", "remove 'columns' or say header: false")
        if self.columns is not None and len(set(self.columns)) != len(self.columns):
            raise _refuse("a column's name stands twice")
        return self


class File(Entry):
    """One file, or several alike, and the events in its rows."""

    path: Annotated[str, Field(min_length=1, max_length=4000)] | None = None
    format: Literal["csv", "jsonl", "parquet"] | None = None
    csv: Csv = Csv()
    unknown: tuple[Word, ...] = ()
    subject: ShortText
    source: ShortText | None = None
    events: tuple[Rule, ...] = Field(min_length=1)

    def columns(self) -> set[str]:
        """Columns it reads."""
        found = self.subject.columns() | (self.source.columns() if self.source else set())
        for rule in self.events:
            found |= rule.columns()
        return found


class Document(Entry):
    """The whole mapping document."""

    xinyong_mapping: Literal[1]
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] | None = None
    files: tuple[File, ...] = Field(min_length=1)
