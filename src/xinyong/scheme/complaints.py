"""What can be wrong with a scheme document: the codes, and one complaint with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Literal


class Code(StrEnum):
    """Every kind of complaint; :data:`MEANING` has one line on each."""

    # reading
    NOT_READABLE = "not-readable"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    NOT_YAML = "not-yaml"
    ALIAS = "alias"
    DUPLICATE_KEY = "duplicate-key"
    MANY_DOCUMENTS = "many-documents"
    TOO_MANY = "too-many"
    # shape
    UNKNOWN_FIELD = "unknown-field"
    MISSING_FIELD = "missing-field"
    WRONG_TYPE = "wrong-type"
    WRONG_VALUE = "wrong-value"
    UNCLEAR_FORM = "unclear-form"
    # names and expressions
    BAD_NAME = "bad-name"
    DUPLICATE_NAME = "duplicate-name"
    UNKNOWN_NAME = "unknown-name"
    BAD_EXPRESSION = "bad-expression"
    TYPE_MISMATCH = "type-mismatch"
    UNIT_MISMATCH = "unit-mismatch"
    CYCLE = "cycle"
    # meaning: legal YAML and still wrong
    DATA_UNREAD = "data-unread"
    KEEP_TOO_SHORT = "keep-too-short"
    EXPIRES_AFTER_KEEP = "expires-after-keep"
    UNREACHABLE_ROW = "unreachable-row"
    OVERLAPPING_ROWS = "overlapping-rows"
    BAND_GAP = "band-gap"
    LOWEST_BAND = "lowest-band"
    CEILING_UNREACHABLE = "ceiling-unreachable"
    CAP_NEVER_REACHED = "cap-never-reached"
    LIST_WITHOUT_END = "list-without-end"
    BURDEN_WITHOUT_NOTICE = "burden-without-notice"
    BURDEN_WITHOUT_APPEAL = "burden-without-appeal"
    BROKEN_PROMISE = "broken-promise"
    UNKNOWN_AS_ZERO = "unknown-as-zero"
    CASE_FAILED = "case-failed"
    DATES_OUT_OF_ORDER = "dates-out-of-order"


MEANING: dict[Code, str] = {
    # reading
    Code.NOT_READABLE: "the file cannot be opened or is not UTF-8 text",
    Code.TOO_LARGE: "the file is larger than 1 MiB",
    Code.TOO_DEEP: "nesting goes deeper than 32 levels",
    Code.NOT_YAML: "the text is not YAML",
    Code.ALIAS: "anchors, aliases, tags and merge keys are refused",
    Code.DUPLICATE_KEY: "a key stands twice in one mapping",
    Code.MANY_DOCUMENTS: "a file holds exactly one document",
    Code.TOO_MANY: "more of something than the engine carries",
    # shape
    Code.UNKNOWN_FIELD: "no field of that name belongs here",
    Code.MISSING_FIELD: "a field that must be given is absent",
    Code.WRONG_TYPE: "a value is of another type than the field takes",
    Code.WRONG_VALUE: "a value of the right type that the field does not take",
    Code.UNCLEAR_FORM: "it cannot be told which form an entry has",
    # names and expressions
    Code.BAD_NAME: "a name is not lower-case letters, digits and underscores, or is reserved",
    Code.DUPLICATE_NAME: "two things share a name",
    Code.UNKNOWN_NAME: "an expression or reference names nothing known",
    Code.BAD_EXPRESSION: "the expression is not of the whitelisted language",
    Code.TYPE_MISMATCH: "an operation is given a type it does not take",
    Code.UNIT_MISMATCH: "days, money and the like are mixed",
    Code.CYCLE: "variables, lists or parameters depend on themselves",
    # meaning: legal YAML and still wrong
    Code.DATA_UNREAD: "an event or field is collected and read by nothing",
    Code.KEEP_TOO_SHORT: "data are deleted before the longest window that reads them",
    Code.EXPIRES_AFTER_KEEP: "points last longer than the data behind them",
    Code.UNREACHABLE_ROW: "no value can reach this table row",
    Code.OVERLAPPING_ROWS: "two table rows claim the same value",
    Code.BAND_GAP: "bands are out of order or leave a gap",
    Code.LOWEST_BAND: "the lowest band does not start at the floor",
    Code.CEILING_UNREACHABLE: "no subject can reach the ceiling (or the floor)",
    Code.CAP_NEVER_REACHED: "a cap has the wrong sign or cannot bind",
    Code.LIST_WITHOUT_END: "a list has neither a term nor a way off",
    Code.BURDEN_WITHOUT_NOTICE: "a burden is not announced to the subject",
    Code.BURDEN_WITHOUT_APPEAL: "a burden cannot be appealed",
    Code.BROKEN_PROMISE: "a table contradicts the variable's more_is",
    Code.UNKNOWN_AS_ZERO: "a count earns points though nobody may have asked",
    Code.CASE_FAILED: "a worked case does not come out as it says",
    Code.DATES_OUT_OF_ORDER: "a span of dates ends before it starts",
}
"""One line on each code; ``docs/codes.md`` is made from it."""

Severity = Literal["error", "finding"]

_FINDINGS = frozenset(
    {
        Code.DATA_UNREAD,
        Code.KEEP_TOO_SHORT,
        Code.EXPIRES_AFTER_KEEP,
        Code.CEILING_UNREACHABLE,
        Code.CAP_NEVER_REACHED,
        Code.LIST_WITHOUT_END,
        Code.BURDEN_WITHOUT_NOTICE,
        Code.BURDEN_WITHOUT_APPEAL,
        Code.BROKEN_PROMISE,
        Code.UNKNOWN_AS_ZERO,
    }
)

SEVERITY: dict[Code, Severity] = {
    code: "finding" if code in _FINDINGS else "error" for code in Code
}
"""Whether a complaint keeps a scheme from being used."""


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
    near = get_close_matches(word, candidates, n=1, cutoff=0.5)
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
