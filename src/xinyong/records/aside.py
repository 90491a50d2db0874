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
    """Why a row is set aside. The comment after a reason is its line in the documentation."""

    MISSING_SUBJECT = "missing-subject"  # nobody is named
    UNREADABLE_MOMENT = "unreadable-moment"  # the moment it happened is absent or cannot be read
    DAY_OUTSIDE = "day-outside-range"  # a day before 1900 or after 2199
    RECORDED_EARLY = "recorded-before-it-happened"  # known before it happened
    UNKNOWN_KIND = "unknown-kind"  # the scheme has no event of that kind
    UNKNOWN_FIELD = "unknown-field"  # a value is given for a field that the kind does not have
    WRONG_TYPE = "wrong-type"  # a value cannot be read as what the field holds
    BEYOND_LIMIT = "number-beyond-limit"  # a number is larger than a field may hold
    TOO_MANY_DECIMALS = "too-many-decimals"  # a number has more decimals than the field keeps
    NOT_IN_WORDS = "word-not-listed"  # a word is not one of the words the field or map lists
    TOO_LONG = "too-long"  # a text is longer than 4 KB, or a whole row longer than 1 MiB
    BAD_CHARACTERS = "bad-characters"  # a text holds control characters or halves of characters
    RAGGED = "wrong-number-of-columns"  # a CSV row has more or fewer values than the header
    BAD_QUOTES = "bad-quotes"  # a CSV row has a quote where none can be
    NOT_AN_OBJECT = "not-an-object"  # a line is not a JSON object
    DUPLICATE_KEY = "duplicate-key"  # a JSON object has a key twice
    SAME_ID = "same-id-other-content"  # the record was given before, with other content
    TOO_MANY_EVENTS = "too-many-events"  # a subject has more events than the engine takes


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
