"""Schemes by name, path or text."""

from __future__ import annotations

import os

from xinyong.scheme import library
from xinyong.scheme.model import Scheme
from xinyong.scheme.reading import scheme_from_text

SchemeLike = Scheme | str | os.PathLike[str]
"""A scheme, the name of one in the library, or a path."""


def load(name_or_path: SchemeLike) -> Scheme:
    """The scheme of that name in the library, or the one in that file.

    Raises :class:`~xinyong.errors.SchemeRefused` with every complaint and its place.
    """
    if isinstance(name_or_path, Scheme):
        return name_or_path
    return library.load(os.fspath(name_or_path))


def read_scheme(text: str | bytes) -> Scheme:
    """The scheme in a YAML text.

    Raises :class:`~xinyong.errors.SchemeRefused` with every complaint and its place.
    """
    return scheme_from_text(text)
