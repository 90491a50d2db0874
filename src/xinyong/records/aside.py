"""Rows that do not fit: the reasons, and the file in which they are set aside."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import IO, Final

import numpy as np

RAW_LIMIT: Final = 16_384
"""Most characters of a row that the file of set-aside rows repeats."""


_BREAKS: Final = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}
"""Characters that some programs take for the end of a line."""


class Reason(StrEnum):
    """Why a row is set aside. :data:`MEANING` has one line on each."""

    MISSING_SUBJECT = "missing-subject"
    UNREADABLE_MOMENT = "unreadable-moment"
    DAY_OUTSIDE = "day-outside-range"
    RECORDED_EARLY = "recorded-before-it-happened"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_FIELD = "unknown-field"
    WRONG_TYPE = "wrong-type"
    BEYOND_LIMIT = "number-beyond-limit"
    TOO_MANY_DECIMALS = "too-many-decimals"
    NOT_IN_WORDS = "word-not-listed"
    TOO_LONG = "too-long"
    BAD_CHARACTERS = "bad-characters"
    RAGGED = "wrong-number-of-columns"
    BAD_QUOTES = "bad-quotes"
    NOT_AN_OBJECT = "not-an-object"
    DUPLICATE_KEY = "duplicate-key"
    SAME_ID = "same-id-other-content"
    TOO_MANY_EVENTS = "too-many-events"


MEANING: Final[dict[Reason, str]] = {
    Reason.MISSING_SUBJECT: "nobody is named",
    Reason.UNREADABLE_MOMENT: "the moment it happened is absent or cannot be read",
    Reason.DAY_OUTSIDE: "a day before 1900 or after 2199",
    Reason.RECORDED_EARLY: "known before it happened",
    Reason.UNKNOWN_KIND: "the scheme has no event of that kind",
    Reason.UNKNOWN_FIELD: "a value is given for a field that the kind does not have",
    Reason.WRONG_TYPE: "a value cannot be read as what the field holds",
    Reason.BEYOND_LIMIT: "a number is larger than a field may hold",
    Reason.TOO_MANY_DECIMALS: "a number has more decimals than the field keeps",
    Reason.NOT_IN_WORDS: "a word is not one of the words the field or map lists",
    Reason.TOO_LONG: "a text is longer than 4 KB, or a whole row longer than 1 MiB",
    Reason.BAD_CHARACTERS: "a text holds control characters or halves of characters",
    Reason.RAGGED: "a CSV row has more or fewer values than the header",
    Reason.BAD_QUOTES: "a CSV row has a quote where none can be",
    Reason.NOT_AN_OBJECT: "a line is not a JSON object",
    Reason.DUPLICATE_KEY: "a JSON object has a key twice",
    Reason.SAME_ID: "the record was given before, with other content",
    Reason.TOO_MANY_EVENTS: "a subject has more events than the engine takes",
}
"""One line on each reason; ``docs/intake.md`` has them all."""


class RowFault(Exception):
    """One value or row cannot be used."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason, self.text = reason, text


def clip(value: object, most: int = 60) -> str:
    """A value in quotes for a message, cut short, without line breaks or broken characters."""
    text = str(value)
    text = text if len(text) <= most else text[:most] + "…"
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return "'" + "".join(c if c.isprintable() else "�" for c in clean) + "'"


class Faults:
    """The rows of one batch that cannot be used; the first fault of a row is kept."""

    def __init__(self) -> None:
        self.of: dict[int, tuple[Reason, str]] = {}

    def add(self, rows: Iterable[int] | np.ndarray, reason: Reason, text: str) -> None:
        """Note the same fault for several rows."""
        for row in rows:
            self.of.setdefault(int(row), (reason, text))


class AsideFile:
    """Writes set-aside rows as JSON Lines and counts them by reason."""

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self.counts: Counter[Reason] = Counter()

    def put(self, file: str, line: int, reason: Reason, text: str, row: object) -> None:
        """Set one row aside; ``row`` is its raw text, or its values by column."""
        self.counts[reason] += 1
        if isinstance(row, str):
            row = row[:RAW_LIMIT].encode("utf-8", "replace").decode("utf-8")
        elif isinstance(row, dict):
            row = {str(key): _shown(value) for key, value in row.items()}
        record = {"file": file, "line": line, "reason": reason.value, "text": text, "row": row}
        self.out.write(json.dumps(record, ensure_ascii=False).translate(_BREAKS) + "\n")


def _shown(value: object) -> object:
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)[:RAW_LIMIT].encode("utf-8", "replace").decode("utf-8")
