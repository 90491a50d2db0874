"""From YAML text to a scheme, or to every complaint with its place.

:func:`read_text` never raises for what a text says: it gives a :class:`Reading` with the scheme,
if there is one, and the complaints. :func:`read_scheme` gives the scheme or refuses.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from xinyong.errors import SchemeRefused
from xinyong.scheme.binding import resolve
from xinyong.scheme.checks import check_scheme
from xinyong.scheme.complaints import Code, Complaint
from xinyong.scheme.misfits import misfits
from xinyong.scheme.mixing import mixed
from xinyong.scheme.model import Scheme
from xinyong.scheme.salvage import more_complaints
from xinyong.scheme.tree import MOST_BYTES, Branch, grow, place

M = TypeVar("M", bound=BaseModel)
MOST_COMPLAINTS = 200
"""Complaints shown for one file; what is beyond is counted."""
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Document(Generic[M]):
    """A text read as some model: the value, or None, and what is wrong with the text."""

    file: str
    value: M | None
    complaints: tuple[Complaint, ...]
    tree: Branch | None

    def place(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column (from 1) of the value at a path, or of the nearest thing above it.

        (0, 0) where the text could not be read at all.
        """
        return place(self.tree, path)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a scheme.

    ``scheme`` is None where a complaint is an error; findings leave it usable.
    """

    file: str
    scheme: Scheme | None
    complaints: tuple[Complaint, ...]
    tree: Branch | None

    @property
    def errors(self) -> tuple[Complaint, ...]:
        """The complaints that keep the scheme from being used."""
        return tuple(c for c in self.complaints if c.severity == "error")

    def place(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column (from 1) of the value at a path, or of the nearest thing above it.

        (0, 0) where the text could not be read at all.
        """
        return place(self.tree, path)


def read_document(text: str | bytes, model: type[M], *, file: str = "<text>") -> Document[M]:
    """Read YAML text as a document of ``model``, reporting all that does not fit its shape."""
    document = _read_document(text, model, file)
    return replace(document, complaints=_in_order(document.complaints))


def _read_document(text: str | bytes, model: type[M], file: str) -> Document[M]:
    tree, complaints = grow(text, file)
    if tree is not None and issubclass(model, Scheme):
        tree, found = mixed(tree, file)
        complaints += found
    value: M | None = None
    if tree is not None:
        try:
            value = model.model_validate(tree.value, by_alias=True, by_name=False)
        except ValidationError as error:
            complaints = [*complaints, *misfits(file, tree, model, error)]
    return Document(file, None if complaints else value, tuple(complaints), tree)


def read_text(text: str | bytes, *, file: str = "<text>") -> Reading:
    """Read a scheme from YAML text (at most 1 MiB, UTF-8).

    All complaints are given together, in the order of their places. ``file`` is the name they
    carry. Nothing is raised for what the text says.
    """
    document = _read_document(text, Scheme, file)
    scheme, complaints = document.value, list(document.complaints)
    if scheme is not None:
        bound, found = resolve(scheme)
        complaints += placed(document, found)
        complaints += placed(document, check_scheme(scheme, bound))
    elif document.tree is not None:
        complaints += placed(document, more_complaints(document.tree.value, complaints))
    if any(complaint.severity == "error" for complaint in complaints):
        scheme = None
    return Reading(file, scheme, _in_order(complaints), document.tree)


def read_file(path: str | os.PathLike[str]) -> Reading:
    """Read a scheme from a file; one that cannot be opened is a complaint, too."""
    text = file_bytes(path)
    if isinstance(text, Complaint):
        return Reading(str(path), None, (text,), None)
    return read_text(text, file=str(path))


def file_bytes(path: str | os.PathLike[str]) -> bytes | Complaint:
    """The bytes of a file, no more than can be read as a document; else the complaint."""
    try:
        with open(Path(path), "rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is odd"
        return Complaint(
            str(path), 0, 0, Code.NOT_READABLE, f"the file cannot be opened: {reason.lower()}"
        )


def read_scheme(path: str | os.PathLike[str]) -> Scheme:
    """The scheme in a file.

    Raises :class:`~xinyong.errors.SchemeRefused` with every error and its place.
    """
    return accepted(read_file(path))


def scheme_from_text(text: str | bytes, *, file: str = "<text>") -> Scheme:
    """The scheme in a text.

    Raises :class:`~xinyong.errors.SchemeRefused` with every error and its place.
    """
    return accepted(read_text(text, file=file))


def accepted(reading: Reading) -> Scheme:
    """The scheme that was read; raises SchemeRefused where there is none."""
    if reading.scheme is None:
        raise SchemeRefused(reading.errors, where=reading.file)
    return reading.scheme


def placed(document: Document[M], complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """Complaints about a document's value with file, line and column, in order."""
    found = []
    for complaint in complaints:
        line, column = place(document.tree, complaint.path, complaint.at, complaint.offset)
        found.append(replace(complaint, file=document.file, line=line, column=column))
    return _in_order(found)


def _short(complaint: Complaint) -> Complaint:
    if len(complaint.message) <= _LONGEST and len(complaint.mend) <= _LONGEST:
        return complaint
    message, mend = (
        text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        for text in (complaint.message, complaint.mend)
    )
    return replace(complaint, message=message, mend=mend)


def _in_order(complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """By place, each once, not too long and not too many (errors come first then)."""
    ordered = sorted(dict.fromkeys(complaints), key=lambda c: (c.line, c.column, c.code))
    ordered = [_short(complaint) for complaint in ordered]
    if len(ordered) <= MOST_COMPLAINTS:
        return tuple(ordered)
    errors = [c for c in ordered if c.severity == "error"]
    ordered = errors + [c for c in ordered if c.severity != "error"]
    more = len(ordered) - MOST_COMPLAINTS
    last = Complaint(
        ordered[0].file,
        0,
        0,
        Code.TOO_MANY,
        f"{more:,} more complaints are not shown",
        "mend these first",
        severity="error" if errors else "finding",
    )
    return (*ordered[:MOST_COMPLAINTS], last)
