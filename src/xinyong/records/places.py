"""A YAML text as plain values, with the place of each.

YAML 1.2 core rules: only ``true``, ``false``, ``null`` and numbers are not text; ``010`` is text.
Numbers with a point become Decimal. Anchors, aliases, tags, merge keys and double keys are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from xinyong.errors import MappingRefused

LARGEST: Final = 256 * 1024
"""Most bytes a mapping document may have."""

DEEPEST: Final = 32
"""Deepest nesting."""

Path = tuple[str | int, ...]

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,29})")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}\.[0-9]{0,30})")


@dataclass(slots=True)
class Places:
    """A document's plain value, and line and column (from 1) of each part by its path."""

    name: str
    value: Any = None
    at: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """``file:line:column`` of a path, or of the nearest part around it that has one."""
        while path and path not in self.at:
            path = path[:-1]
        line, column = self.at.get(path, (1, 1))
        return f"{self.name}:{line}:{column}"


def _plain(text: str) -> object:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text


def read_places(text: str, name: str) -> Places:
    """Build the plain value of a YAML text; ``name`` stands before line and column in errors.

    Raises :class:`MappingRefused` if the text is too large, too deep, not YAML, or uses what is
    refused.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise MappingRefused(
            "the mapping document is too large",
            where=name,
            why=f"it may have {LARGEST // 1024} KiB",
            mend="split it: one document for each group of files",
        )
    try:
        return _Builder(name).build(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise MappingRefused(
            f"this is not YAML: {problem}",
            where=where,
            mend="check indentation, quotes and brackets near here",
        ) from None
    except (ValueError, RecursionError, IndexError, AttributeError, TypeError) as error:
        # The YAML reader itself stumbles over some broken texts.
        raise MappingRefused(
            f"this is not YAML: {str(error)[:200]}",
            where=name,
            mend="check indentation, quotes and brackets",
        ) from None


class _Builder:
    """Makes values from the reader's events: no constructor of the YAML library is run."""

    def __init__(self, name: str) -> None:
        self.places = Places(name)
        # One open container per level: the container, its path, and the key that waits.
        self.open: list[tuple[dict[str, Any] | list[Any], Path, list[str]]] = []
        self.documents = 0

    def refuse(self, mark: Any, what: str, why: str, mend: str) -> MappingRefused:
        where = f"{self.places.name}:{mark.line + 1}:{mark.column + 1}"
        return MappingRefused(what, where=where, why=why, mend=mend)

    def build(self, text: str) -> Places:
        for event in YAML(typ="safe", pure=True).parse(text):
            kind = type(event).__name__
            mark = event.start_mark
            if kind == "AliasEvent" or getattr(event, "anchor", None):
                raise self.refuse(
                    mark, "anchors and aliases are refused", "each part says itself what it is",
                    "write the part out",
                )  # fmt: skip
            tag = getattr(event, "tag", None) or getattr(event, "ctag", None)
            if tag is not None and str(tag) not in ("", "None"):
                raise self.refuse(
                    mark, "tags are refused", "a mapping holds plain values only", "remove the tag"
                )
            if kind == "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    raise self.refuse(
                        mark, "a second document starts here", "a file holds one",
                        "remove the line '---' or split the file",
                    )  # fmt: skip
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                self.start({} if kind == "MappingStartEvent" else [], mark)
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self.open.pop()
            elif kind == "ScalarEvent":
                self.scalar(event, mark)
        return self.places

    def start(self, container: dict[str, Any] | list[Any], mark: Any) -> None:
        if len(self.open) >= DEEPEST:
            raise self.refuse(
                mark, "nesting is too deep", f"{DEEPEST} levels are the most", "flatten it"
            )
        path = self.place(container, mark)
        self.open.append((container, path, []))

    def scalar(self, event: Any, mark: Any) -> None:
        plain = event.style in (None, "")
        if self.open and isinstance(self.open[-1][0], dict) and not self.open[-1][2]:
            container, path, waiting = self.open[-1]
            key = event.value
            if plain and key == "<<":
                raise self.refuse(
                    mark, "merge keys are refused", "each part says itself what it is",
                    "write the part out",
                )  # fmt: skip
            if key in container:
                raise self.refuse(
                    mark, f"'{key[:60]}' stands twice here", "the second would hide the first",
                    "remove one of them",
                )  # fmt: skip
            waiting.append(key)
            self.places.at[(*path, key)] = (mark.line + 1, mark.column + 1)
            return
        self.place(_plain(event.value) if plain else event.value, mark)

    def place(self, value: Any, mark: Any) -> Path:
        """Put a value where it belongs; returns its path."""
        if not self.open:
            self.places.value = value
            self.places.at[()] = (mark.line + 1, mark.column + 1)
            return ()
        container, path, waiting = self.open[-1]
        if isinstance(container, dict):
            if not waiting:
                raise self.refuse(
                    mark, "a key must be plain text", "keys are names", "write one word"
                )
            key = waiting.pop()
            container[key] = value
            return (*path, key)
        container.append(value)
        here = (*path, len(container) - 1)
        self.places.at[here] = (mark.line + 1, mark.column + 1)
        return here
