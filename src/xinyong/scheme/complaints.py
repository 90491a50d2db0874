"""What can be wrong with a scheme document: the codes, and one complaint with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Literal


class Code(StrEnum):
    """Every kind of complaint. The comment after a code is its line in the documentation."""

    # reading
    NOT_READABLE = "not-readable"  # the file cannot be opened or is not UTF-8 text
    TOO_LARGE = "too-large"  # the file is larger than 1 MiB
    TOO_DEEP = "too-deep"  # nesting goes deeper than 32 levels
    NOT_YAML = "not-yaml"  # the text is not YAML
    ALIAS = "alias"  # anchors, aliases, tags and merge keys are refused
    DUPLICATE_KEY = "duplicate-key"  # a key stands twice in one mapping
    MANY_DOCUMENTS = "many-documents"  # a file holds exactly one document
    TOO_MANY = "too-many"  # more of something than the engine carries
    # shape
    UNKNOWN_FIELD = "unknown-field"  # no field of that name belongs here
    MISSING_FIELD = "missing-field"  # a field that must be given is absent
    WRONG_TYPE = "wrong-type"  # a value is of another type than the field takes
    WRONG_VALUE = "wrong-value"  # a value of the right type that the field does not take
    UNCLEAR_FORM = "unclear-form"  # it cannot be told which form an entry has
    # names and expressions
    BAD_NAME = (
        "bad-name"  # a name is not lower-case letters, digits and underscores, or is reserved
    )
    DUPLICATE_NAME = "duplicate-name"  # two things share a name
    UNKNOWN_NAME = "unknown-name"  # an expression or reference names nothing known
    BAD_EXPRESSION = "bad-expression"  # the expression is not of the whitelisted language
    TYPE_MISMATCH = "type-mismatch"  # an operation is given a type it does not take
    UNIT_MISMATCH = "unit-mismatch"  # days, money and the like are mixed
    CYCLE = "cycle"  # variables, lists or parameters depend on themselves
    # meaning: legal YAML and still wrong
    DATA_UNREAD = "data-unread"  # an event or field is collected and read by nothing
    KEEP_TOO_SHORT = "keep-too-short"  # data are deleted before the longest window that reads them
    EXPIRES_AFTER_KEEP = "expires-after-keep"  # points last longer than the data behind them
    UNREACHABLE_ROW = "unreachable-row"  # no value can reach this table row
    OVERLAPPING_ROWS = "overlapping-rows"  # two table rows claim the same value
    BAND_GAP = "band-gap"  # bands are out of order or leave a gap
    LOWEST_BAND = "lowest-band"  # the lowest band does not start at the floor
    CEILING_UNREACHABLE = "ceiling-unreachable"  # no subject can reach the ceiling (or the floor)
    CAP_NEVER_REACHED = "cap-never-reached"  # a cap has the wrong sign or cannot bind
    LIST_WITHOUT_END = "list-without-end"  # a list has neither a term nor a way off
    BURDEN_WITHOUT_NOTICE = "burden-without-notice"  # a burden is not announced to the subject
    BURDEN_WITHOUT_APPEAL = "burden-without-appeal"  # a burden cannot be appealed
    BROKEN_PROMISE = "broken-promise"  # a table contradicts the variable's more_is
    UNKNOWN_AS_ZERO = "unknown-as-zero"  # a count earns points though nobody may have asked
    CASE_FAILED = "case-failed"  # a worked case does not come out as it says
    DATES_OUT_OF_ORDER = "dates-out-of-order"  # a span of dates ends before it starts


Severity = Literal["error", "finding"]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong, with its place.

    ``line`` and ``column`` count from 1; 0 means the file as a whole. ``path`` is the place in
    the document (keys and list indexes), ``offset`` a character in the text that stands there, and
    ``at`` whether the key or the value is meant. A *finding* is legal and still suspicious; an
    *error* keeps the scheme from being used.
    """

    file: str
    line: int
    column: int
    code: Code
    message: str
    mend: str = ""
    severity: Severity = "error"
    path: tuple[str | int, ...] = ()
    offset: int = 0
    at: Literal["value", "key"] = "value"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        mark = "" if self.severity == "error" else "(finding) "
        text = f"{place}  {self.code}: {mark}{self.message}"
        return f"{text}\n  {self.mend}" if self.mend else text


_MOST_NEAR = 500
"""Words that a misspelt one is compared with; keeps thousands of complaints quick."""


class Misfit(ValueError):
    """A value does not fit the model: raised by the model's own checks, told by the reader."""

    def __init__(self, code: Code, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.code, self.mend = code, mend


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like ``word``, if any is near."""
    word = word[:80]
    candidates = [other for other in known if 2 * abs(len(other) - len(word)) <= len(word) + 2]
    if len(candidates) > _MOST_NEAR:
        alike = [other for other in candidates if other[:2] == word[:2]]
        candidates = (alike or candidates)[:_MOST_NEAR]
    near = get_close_matches(word, candidates, n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The mend for a misspelt word: the nearest one, or the words there are."""
    words = list(known)
    near = nearest(word, words)
    if near:
        return f"did you mean '{near}'?"
    if not words:
        return "nothing can stand here"
    listed = ", ".join(sorted(words)[:12])
    return f"known here: {listed}{', …' if len(words) > 12 else ''}"
