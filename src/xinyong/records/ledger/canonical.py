"""Canonical JSON: the one text of a value, and texts put together from parts that are at hand.

UTF-8, keys in the order of their characters, no spaces, no fractions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from xinyong.errors import ProofRefused

Parts = dict[str, bytes]
"""The fields of an object: name -> the canonical text of the name, a colon and the value."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """Canonical JSON that is made already; it is taken as it is."""

    text: bytes


def written_plain(value: Mapping[str, Any]) -> Canonical:
    """The canonical text of what a strict form has read: known to hold nothing that has no text.

    Raises ProofRefused for half a character.
    """
    return Canonical(_encoded(_written(value)))


def parts_of(value: Mapping[str, Any]) -> Parts:
    """The fields of a mapping, to be put together by :func:`joined`, changed or not."""
    canonical(value)
    return {name: field(name, _written(one).encode()) for name, one in value.items()}


def part(name: str, value: object) -> bytes:
    """One field."""
    return field(name, canonical(value))


def field(name: str, text: bytes) -> bytes:
    """One field whose value is written already."""
    return _named(name) + text


@lru_cache(maxsize=1_000)
def _named(name: str) -> bytes:
    return canonical(name) + b":"


def joined(parts: Mapping[str, bytes]) -> bytes:
    """The canonical text of an object with these fields."""
    return b"{" + b",".join([parts[name] for name in sorted(parts)]) + b"}"


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
    "Canonical",
    "Parts",
    "canonical",
    "field",
    "joined",
    "part",
    "parts_of",
    "written_plain",
]
