"""Verbs of the charter: may this scheme decide about people, there and then?"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from xinyong.face.given import as_day
from xinyong.face.schemes import SchemeLike
from xinyong.scheme import library
from xinyong.scheme.model import Scheme
from xinyong.scheme.reading import Reading, accepted

if TYPE_CHECKING:
    from xinyong.charter.approval import ApprovedScheme
    from xinyong.charter.check import Report


def _read(scheme: SchemeLike) -> tuple[Scheme, Reading | None]:
    if isinstance(scheme, Scheme):
        return scheme, None
    reading = library.read(os.fspath(scheme))
    return accepted(reading), reading


def charter_report(
    scheme: SchemeLike, *, place: str | Iterable[str] | None = None, day: date | str
) -> Report:
    """Read a scheme against dated law, for a place and a day.

    ``place`` is ``eu``, ``cn``, ``us``, several of them, ``all``, or ``elsewhere`` (no law known;
    the charter's own rules alone); default: the places of the scheme's own jurisdiction. The
    report has a verdict and findings with their places in the file. It is a check of a design, and
    not legal advice.

    Raises SchemeRefused for a scheme with errors, QuestionRefused for a place or day unknown.
    """
    from xinyong.charter.check import check, home

    known, text = _read(scheme)
    return check(known, home(known) if place is None else place, as_day(day), text=text)


def approve(
    scheme: SchemeLike, *, place: str | Iterable[str] | None = None, day: date | str
) -> ApprovedScheme:
    """The scheme as one that may decide about people in a place from a day on.

    Raises CharterRefused with every finding; otherwise as :func:`charter_report`.
    """
    from xinyong.charter.approval import approve as let
    from xinyong.charter.check import home

    known, text = _read(scheme)
    return let(known, home(known) if place is None else place, as_day(day), text=text)


__all__ = ["approve", "charter_report"]
