"""YAML text as a tree of plain values, each with its place.

The rules are those of YAML 1.2's core schema, made narrower where a reader could be misled:
``no``, ``on``, ``12:30``, ``2016-01-01`` and ``010`` are words; a number with a point is an exact
:class:`~decimal.Decimal`; anchors, aliases, tags, merge keys, directives, a second document,
duplicate keys and keys that are not words are refused. Nothing here knows what a scheme is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scanner import Scanner

from xinyong.scheme.complaints import Code, Complaint

MOST_BYTES = 1 << 20
MOST_DEPTH = 32
MOST_VALUES = 60_000
"""Values (scalars, lists and mappings, keys included) that a document may hold."""

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,29})")
_BASED = re.compile(r"0(o[0-7]{1,30}|x[0-9a-fA-F]{1,30})")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DIGITS = re.compile(r"[-+]?[0-9]+")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_ODD_CHARACTER = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff\ufdd0\ufffe\uffff]")
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MERGE = "<<"


@dataclass(slots=True)
class Branch:
    """One value of the document: the plain value, its place, and what lies below it.

    ``line`` and ``column`` count from 1. ``raw`` is a scalar's text. ``steps`` says how many
    characters stand before the text where it stands on one line (1 for a quoted scalar), None
    where an offset in the text is not a place in the file.
    """

    value: Any
    line: int
    column: int
    raw: str | None = None
    quoted: bool = False
    steps: int | None = None
    below: dict[str, Branch] | list[Branch] | None = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)


class Refusal(Exception):
    """The text cannot be read any further."""

    def __init__(self, code: Code, message: str, line: int, column: int, mend: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.mend = code, message, mend
        self.line, self.column = line, column


def grow(text: str | bytes, file: str) -> tuple[Branch | None, list[Complaint]]:
    """Read YAML text; gives the tree (None where it cannot be read) and the complaints.

    Complaints that leave the rest readable (a duplicate key, an odd character) come with a tree.
    """
    grower = _Grower(file)
    try:
        return grower.document(_decoded(text)), grower.complaints
    except Refusal as refusal:
        grower.complain(refusal.code, refusal.message, refusal.line, refusal.column, refusal.mend)
        return None, grower.complaints


def _decoded(text: str | bytes) -> str:
    if isinstance(text, str):
        if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            raise _too_large()
        decoded = text
    else:
        if len(text) > MOST_BYTES:
            raise _too_large()
        try:
            decoded = text.decode("utf-8")
        except UnicodeDecodeError as error:
            before = text[: error.start].decode("utf-8")
            raise Refusal(
                Code.NOT_READABLE,
                "the file is not UTF-8 text",
                *_spot(before, len(before)),
                "save it as UTF-8",
            ) from None
    decoded = decoded.removeprefix("\ufeff")
    odd = re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]", decoded
    )
    if odd:
        raise Refusal(
            Code.NOT_READABLE,
            f"the character U+{ord(odd.group()):04X} cannot stand in a document",
            *_spot(decoded, odd.start()),
            "take it out",
        )
    return decoded


def _too_large() -> Refusal:
    return Refusal(
        Code.TOO_LARGE,
        f"the document is larger than {MOST_BYTES:,} bytes",
        0,
        0,
        "use families for many variables, and keep worked cases in cases.yaml",
    )


def _spot(text: str, index: int) -> tuple[int, int]:
    line = text.count("\n", 0, index) + 1
    return line, index - (text.rfind("\n", 0, index) + 1) + 1


class _Narrow(Scanner):
    """The scanner of YAML, refusing at their first character what schemes do not use."""

    def _refuse(self, what: str, mend: str) -> None:
        raise Refusal(Code.ALIAS, what, self.reader.line + 1, self.reader.column + 1, mend)

    def fetch_anchor(self) -> None:
        self._refuse("anchors are not used in a scheme", "put text that holds '&' in quotes")

    def fetch_alias(self) -> None:
        self._refuse("aliases are not used in a scheme", "put text that holds '*' in quotes")

    def fetch_tag(self) -> None:
        self._refuse("tags are not used in a scheme", "put text that holds '!' in quotes")

    def fetch_directive(self) -> None:
        self._refuse("directives are not used in a scheme", "take the line with '%' out")


class _Grower:
    """Builds the tree from the parser's events, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.complaints: list[Complaint] = []
        self.values = 0

    def complain(self, code: Code, message: str, line: int, column: int, mend: str = "") -> None:
        self.complaints.append(Complaint(self.file, line, column, code, message, mend))

    def document(self, text: str) -> Branch:
        root: Branch | None = None
        documents = 0
        stack: list[_Open] = []
        for event in _events(text):
            word = type(event).__name__
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            if word == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise Refusal(
                        Code.MANY_DOCUMENTS,
                        "a file holds one document; a second one starts here",
                        line,
                        column,
                        "put it into a file of its own",
                    )
            elif word in ("MappingStartEvent", "SequenceStartEvent"):
                self.count(line, column)
                if len(stack) >= MOST_DEPTH:
                    raise Refusal(
                        Code.TOO_DEEP,
                        f"nesting goes deeper than {MOST_DEPTH} levels",
                        line,
                        column,
                    )
                mapping = word == "MappingStartEvent"
                stack.append(_Open(Branch(None, line, column, below={} if mapping else [])))
            elif word in ("MappingEndEvent", "SequenceEndEvent"):
                branch = stack.pop().closed()
                root = self.place(stack, branch) or root
            elif word == "ScalarEvent":
                self.count(line, column)
                root = self.place(stack, self.scalar(event, line, column)) or root
        if root is None:
            raise Refusal(Code.NOT_YAML, "the document is empty", 1, 1)
        return root

    def count(self, line: int, column: int) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            raise Refusal(
                Code.TOO_MANY, f"the document holds more than {MOST_VALUES:,} values", line, column
            )

    def place(self, stack: list[_Open], branch: Branch) -> Branch | None:
        """Put a finished value where it belongs; gives it back if it is the root."""
        if not stack:
            return branch
        top = stack[-1]
        if isinstance(top.branch.below, list):
            top.branch.below.append(branch)
        elif not top.waiting:
            top.waiting, top.key = True, self.key(top.branch, branch)
        else:
            assert isinstance(top.branch.below, dict)
            if top.key is not None:
                top.branch.below[top.key] = branch
            top.waiting = False
        return None

    def key(self, mapping: Branch, key: Branch) -> str | None:
        """The key as a word; None where its value is left out of the tree."""
        word = key.value
        if key.raw == _MERGE and not key.quoted:
            self.complain(Code.ALIAS, "merge keys are not used in a scheme", key.line, key.column)
            return None
        if not isinstance(word, str):
            said = f"'{key.raw[:60]}'" if key.raw else "this key"
            self.complain(
                Code.WRONG_TYPE,
                f"{said} is {describe(word)}; a key is a word",
                key.line,
                key.column,
                f'put it in quotes: "{key.raw[:60]}"' if key.raw else "",
            )
            return None
        if word in mapping.keys:
            first = mapping.keys[word]
            self.complain(
                Code.DUPLICATE_KEY,
                f"'{word[:60]}' stands here already, in line {first[0]}",
                key.line,
                key.column,
                "keep one of them",
            )
            return None
        mapping.keys[word] = (key.line, key.column)
        return word

    def scalar(self, event: Any, line: int, column: int) -> Branch:
        raw: str = event.value
        start, end = event.start_mark, event.end_mark
        quoted = event.style in ("'", '"')
        steps = None
        if start.line == end.line and event.style not in ("|", ">"):
            steps = int(quoted)
            if quoted and end.column - start.column != len(raw) + 2:
                steps = None
        odd = _ODD_CHARACTER.search(raw)
        if odd:
            self.complain(
                Code.WRONG_VALUE,
                f"the character U+{ord(odd.group()):04X} cannot stand in a text",
                line,
                column,
                "take it out",
            )
            raw = _ODD_CHARACTER.sub("\ufffd", raw)
        value: Any = raw
        if event.style is None:
            value = self.plain(raw, line, column)
        return Branch(value, line, column, raw, event.style is not None, steps)

    def plain(self, raw: str, line: int, column: int) -> Any:
        """A plain scalar by YAML 1.2's core schema."""
        if raw in _CONSTANTS:
            return _CONSTANTS[raw]
        if _INTEGER.fullmatch(raw):
            return int(raw)
        if _BASED.fullmatch(raw):
            return int(raw[2:], 8 if raw[1] == "o" else 16)
        if _NOT_FINITE.fullmatch(raw):
            self.complain(
                Code.WRONG_VALUE,
                f"'{raw}' is not a number a scheme can hold",
                line,
                column,
                "leave the field out, or write a number",
            )
            return 0
        digits = _DIGITS.fullmatch(raw)
        if digits and len(raw) <= 31:
            return raw  # leading zeros: 8, 10 or a word, depending on the reader; here a word
        if not digits and not _DECIMAL.fullmatch(raw):
            return raw
        if len(raw) <= 60:
            exact = Decimal(raw) if len(raw.lower().partition("e")[2]) < 5 else None
            if exact is not None and (not exact or -30 < exact.adjusted() < 30):
                return exact
        self.complain(
            Code.WRONG_VALUE,
            f"the number '{raw[:30]}{'…' if len(raw) > 30 else ''}' is too long",
            line,
            column,
            "write a number of at most 30 digits",
        )
        return 0


@dataclass(slots=True)
class _Open:
    """A list or mapping still being read; ``waiting`` means its next value belongs to ``key``."""

    branch: Branch
    key: str | None = None
    waiting: bool = False

    def closed(self) -> Branch:
        below = self.branch.below
        if isinstance(below, list):
            self.branch.value = tuple(item.value for item in below)
        elif below is not None:
            self.branch.value = {key: item.value for key, item in below.items()}
        return self.branch


_WORDS = (
    ("could not find expected ':'", "a ':' is missing after a key"),
    ("mapping values are not allowed here", "a ':' cannot stand here"),
    ("found unexpected end of stream", "a quote is opened and never closed"),
    ("cannot start any token", "this character cannot start a value"),
    ("expected <block end>", "the line is indented otherwise than those before it"),
    ("expected the node content", "a value is missing here"),
    ("expected ',' or ']'", "a list is opened with '[' and not closed"),
    ("expected ',' or '}'", "a mapping is opened with '{' and not closed"),
    ("found unknown escape character", "the escape after '\\' is not known"),
    ("escape sequence", "the escape after '\\' is not complete"),
    ("block sequence entries are not allowed", "a '- ' cannot stand here"),
    ("unexpected ':'", "a ':' cannot stand here"),
)


def _events(text: str) -> Iterator[Any]:
    """The parser's events; what the parser refuses becomes a :class:`Refusal`."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _Narrow
    try:
        yield from yaml.parse(text)
    except MarkedYAMLError as error:
        problem = str(error.problem or error.context or "")
        mark = error.problem_mark or error.context_mark
        said = next((ours for theirs, ours in _WORDS if theirs in problem), problem)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if error.context_mark and "quote" in said:
            line, column = error.context_mark.line + 1, error.context_mark.column + 1
        raise Refusal(
            Code.NOT_YAML,
            f"the text is not YAML: {said or 'it cannot be read'}",
            line,
            column,
            "text with ': ', '#', '{' or '[' in it stands in quotes",
        ) from None
    except ReaderError as error:
        raise Refusal(
            Code.NOT_READABLE,
            "a character that cannot stand in a document",
            *_spot(text, int(error.position)),
            "take it out",
        ) from None
    except (YAMLError, ValueError, OverflowError, IndexError, TypeError, AttributeError):
        reader = yaml.reader
        raise Refusal(
            Code.NOT_YAML,
            "the text is not YAML: it cannot be read from here on",
            reader.line + 1,
            reader.column + 1,
        ) from None


def describe(value: object) -> str:
    """What kind of thing a value is, in words."""
    match value:
        case None:
            return "empty"
        case bool():
            return "a truth value"
        case int():
            return "a whole number"
        case Decimal():
            return "a number with decimals"
        case str():
            return "a text"
        case dict():
            return "a block of fields"
        case _:
            return "a list"


def find(root: Branch, path: Sequence[str | int]) -> Branch | None:
    """The branch at a path, if there is one."""
    here: Branch | None = root
    for step in path:
        if here is None:
            return None
        below = here.below
        if isinstance(below, dict):
            here = below.get(str(step))
        elif isinstance(below, list) and isinstance(step, int) and 0 <= step < len(below):
            here = below[step]
        else:
            here = None
    return here


def place(
    root: Branch | None,
    path: Sequence[str | int],
    at: Literal["value", "key"] = "value",
    offset: int = 0,
) -> tuple[int, int]:
    """Line and column of the value (or its key) at a path, or of the nearest thing above it."""
    if root is None:
        return 0, 0
    path = tuple(path)
    while path:
        above = find(root, path[:-1])
        branch = find(root, path)
        if at == "key" and above is not None and str(path[-1]) in above.keys:
            return above.keys[str(path[-1])]
        if branch is not None:
            if at == "key" or branch.steps is None or not branch.raw:
                return branch.line, branch.column
            shift = branch.steps + offset if 0 < offset <= len(branch.raw) else 0
            return branch.line, branch.column + shift
        path, at, offset = path[:-1], "key", 0
    return root.line, root.column
