"""Every number that stands in a scheme file, and the table that says where it comes from.

Works on the YAML alone, without the reader under test, so that neither can hide a number
from the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ruamel.yaml import YAML

DAY_OR_NUMBER = re.compile(r"\d{4}-\d{2}-\d{2}|(?<![\w.])-?\d+(?:\.\d+)?(?![\w%])")
NOT_NUMBERS = {("xinyong",), ("scheme",), ("version",)}
"""The versions of the language and of the scheme, and its name; they measure nothing."""


def literals(text: str) -> list[str]:
    """The days and numbers in a text, each in one spelling; digits inside words are left out."""
    return [plain(found) for found in DAY_OR_NUMBER.findall(text)]


def plain(number: str) -> str:
    """A number without trailing zeros after the point: ``0.10`` and ``0.1`` are the same."""
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return number


def numbers_of(text: str) -> list[tuple[str, str]]:
    """Place and number of every numeric literal of a scheme, those in sentences included.

    A place is the path of keys; an entry of a list is named by its id or name, else counted.
    """
    yaml = YAML(typ="safe", pure=True)
    for kind in ("int", "float", "timestamp"):
        yaml.constructor.add_constructor(
            f"tag:yaml.org,2002:{kind}", lambda loader, node: str(node.value)
        )
    found = []
    for path, value in _leaves(yaml.load(text), ()):
        if path not in NOT_NUMBERS:
            found += [(".".join(path), number) for number in literals(value)]
    return found


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if DAY_OR_NUMBER.fullmatch(str(key)):
                yield (*path, str(key)), str(key)
            yield from _leaves(item, (*path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            word = str(index)
            if isinstance(item, dict) and path != ("families",):
                word = str(item.get("id", item.get("name", index)))
            yield from _leaves(item, (*path, word))
    elif isinstance(value, str):
        yield path, value


@dataclass(frozen=True)
class SourceRow:
    """One row of the table in sources.md."""

    places: tuple[str, ...]
    numbers: frozenset[str]
    mark: str
    reason: str

    def covers(self, place: str) -> bool:
        return any(fnmatchcase(place, pattern) for pattern in self.places)


def source_rows(text: str) -> list[SourceRow]:
    """The rows of every table of sources.md that begins with place, number, mark."""
    rows, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[:3] == ["place", "number", "mark"]:
            inside = True
        elif inside and not set(cells[0]) <= set("-: "):
            assert len(cells) == 4, f"four cells are wanted: {line}"
            rows.append(
                SourceRow(
                    tuple(re.findall(r"`([^`]+)`", cells[0])),
                    frozenset(literals(cells[1])),
                    cells[2],
                    cells[3],
                )
            )
    return rows
