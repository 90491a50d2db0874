"""Schemes by name: folders inside the package, or any file or folder of one's own.

A scheme folder holds ``scheme.yaml``, more worked cases in ``cases.yaml`` (``tests:`` and a list,
written as in a scheme), and ``sources.md``, which says where each number was read.
``wording-zh-Hans.json`` gives the scheme's own sentences in Chinese, for letters.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from xinyong.errors import QuestionRefused, SchemeNotFound, SchemeRefused
from xinyong.scheme.binding import bind
from xinyong.scheme.check_cases import check_cases
from xinyong.scheme.complaints import Complaint, nearest
from xinyong.scheme.home import HOME, SCHEME_FILE, names
from xinyong.scheme.model import Case, Frozen, Scheme
from xinyong.scheme.reading import (
    Reading,
    accepted,
    file_bytes,
    placed,
    read_document,
    read_file,
)

CASES_FILE, SOURCES_FILE = "cases.yaml", "sources.md"

ALIASES: Mapping[str, str] = {
    "sesame": "sesame-2015",
    "tax-credit": "tax-credit-2025",
    "rongcheng-2018": "rongcheng",
}
"""Short names of schemes of which the library has several, or one that is dated."""


class Cases(Frozen):
    """More worked cases of a scheme, in a file of their own."""

    tests: tuple[Case, ...]


def locate(name_or_path: str | os.PathLike[str]) -> Path:
    """The YAML file of a scheme: a name of the library, a folder, or a file.

    Raises :class:`~xinyong.errors.SchemeNotFound`, with the nearest name there is.
    """
    asked = os.fspath(name_or_path)
    known = names()
    asked = ALIASES.get(asked, asked)
    if asked in known:
        return HOME / asked / SCHEME_FILE
    path = Path(asked)
    try:
        if path.is_dir():
            path = path / SCHEME_FILE
        found = asked != "" and path.is_file()
    except (OSError, ValueError):
        found = False
    if not found:
        raise SchemeNotFound(asked[:200], known=known, near=nearest(asked, (*known, *ALIASES)))
    return path


@lru_cache(maxsize=32)
def _read(path: Path, stamp: tuple[int, int]) -> Reading:
    return read_file(path)


def read(name_or_path: str | os.PathLike[str]) -> Reading:
    """What came of reading a scheme: the scheme, if any, and all complaints and findings.

    Raises SchemeNotFound. A file that has not changed since is not read again.
    """
    path = locate(name_or_path)
    state = path.stat()
    return _read(path, (state.st_mtime_ns, state.st_size))


def load(name_or_path: str | os.PathLike[str]) -> Scheme:
    """The scheme of that name or path.

    Raises SchemeNotFound, or SchemeRefused with every error and its place.
    """
    return accepted(read(name_or_path))


def cases(name_or_path: str | os.PathLike[str]) -> tuple[Case, ...]:
    """All worked cases of a scheme: its own ``tests``, then those of ``cases.yaml`` beside it.

    Raises SchemeNotFound, or SchemeRefused for either file.
    """
    path = locate(name_or_path)
    own = load(path).tests
    beside = path.parent / CASES_FILE
    if path.name != SCHEME_FILE or not beside.is_file():
        return own
    text = file_bytes(beside)
    if isinstance(text, Complaint):
        raise SchemeRefused((text,), where=str(beside))
    document = read_document(text, Cases, file=str(beside))
    complaints = document.complaints
    if document.value is not None:
        complaints = placed(document, check_cases(bind(load(path)), document.value.tests))
    if document.value is None or complaints:
        raise SchemeRefused(complaints, where=str(beside))
    return own + document.value.tests


def sources(name_or_path: str | os.PathLike[str]) -> str | None:
    """The text that says where a scheme's numbers were read, if the folder has one."""
    beside = locate(name_or_path).parent / SOURCES_FILE
    return beside.read_text(encoding="utf-8") if beside.is_file() else None


def wording(name_or_path: str | os.PathLike[str], language: str) -> dict[str, str]:
    """The scheme's sentences in another language (``zh-Hans``), by the scheme's own; or none.

    Raises SchemeNotFound, QuestionRefused for a file that is not texts by texts.
    """
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
        return {}
    beside = locate(name_or_path).parent / f"wording-{language}.json"
    if not beside.is_file():
        return {}
    try:
        found = json.loads(beside.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise QuestionRefused(
            "this is no wording of a scheme",
            where=beside.name,
            why="a wording is one object of JSON: the scheme's sentences and what they become",
            mend="see wording-zh-Hans.json of a-fair-start",
        )
    return found


__all__ = [
    "ALIASES",
    "CASES_FILE",
    "HOME",
    "SCHEME_FILE",
    "SOURCES_FILE",
    "Cases",
    "cases",
    "load",
    "locate",
    "names",
    "read",
    "sources",
    "wording",
]
