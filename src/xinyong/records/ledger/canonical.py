"""Canonical JSON: the one text of a value, and texts of which the most is at hand.

UTF-8, keys in the order of their characters, no spaces, no fractions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from xinyong.errors import ProofRefused


@dataclass(frozen=True, slots=True)
class Canonical:
    """Canonical JSON that is made already; it is taken as it is."""

    text: bytes


def written_plain(value: Mapping[str, Any] | list[Any]) -> Canonical:
    """The canonical text of what a strict form has read: known to hold nothing that has no text.

    Raises ProofRefused for half a character.
    """
    return Canonical(_encoded(_written(value)))


class Blank:
    """The canonical text of an object in which the values of some fields are still to be put.

    ``value`` gives the other fields; what it says of the ``gaps`` does not matter. Raises
    ProofRefused for what has no place in canonical JSON.
    """

    def __init__(self, value: Mapping[str, Any], *gaps: str) -> None:
        canonical({name: one for name, one in value.items() if name not in gaps})
        self._fields: list[bytes] = []
        self._gaps: dict[str, tuple[int, bytes]] = {}
        for gap, names in groupby(sorted({*value, *gaps}), key=gaps.__contains__):
            if gap:
                for name in names:
                    self._gaps[name] = len(self._fields), canonical(name) + b":"
                    self._fields.append(b"")
            else:  # fields that stand side by side are one piece
                whole = _written({name: value[name] for name in names})
                self._fields.append(_encoded(whole[1:-1]))

    def filled(self, **values: bytes) -> bytes:
        """The text with the canonical text of each gap's value."""
        if values.keys() != self._gaps.keys():
            raise ValueError(f"the gaps are {sorted(self._gaps)}, not {sorted(values)}")
        fields = self._fields.copy()
        for name, (spot, head) in self._gaps.items():
            fields[spot] = head + values[name]
        return b"{" + b",".join(fields) + b"}"


def canonical(value: object) -> bytes:
    """A value as canonical JSON: UTF-8, keys in order, no spaces.

    It is made of dicts with str keys, lists, tuples, str, int, bool and None. Floats are refused,
    since their text differs between machines and languages; so is text that is not Unicode.
    """
    if type(value) is str or type(value) is int:
        return _encoded(_written(value))
    try:
        text = _written(value)
        if not _comes_back(text, value):
            _plain(value)
    except (TypeError, ValueError):
        _plain(value)
        raise
    return _encoded(text)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ProofRefused(
            "the text holds half a character", why="canonical JSON is UTF-8"
        ) from None


_written = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def _comes_back(text: str, value: object) -> bool:
    """Whether reading the text gives the value: then it has nothing in it that has no one text.

    Much quicker than looking at every part. Tuples, which come back as lists, are looked at.
    """
    try:
        return bool(_read(text) == value)
    except ValueError:
        return False


def _no_float(text: str) -> float:
    raise ValueError(text)


_read = json.JSONDecoder(parse_float=_no_float).decode


def _plain(value: object) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str:
                raise _odd(key)
            _plain(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _plain(item)
    elif not (value is None or type(value) in (str, int, bool)):
        raise _odd(value)


def _odd(value: object) -> ProofRefused:
    return ProofRefused(
        f"{type(value).__name__} has no place in canonical JSON",
        why="only dicts with str keys, lists, str, int, bool and None have one text each",
        mend="write amounts in millionths and moments in microseconds",
    )


__all__ = [
    "Blank",
    "Canonical",
    "canonical",
    "written_plain",
]
