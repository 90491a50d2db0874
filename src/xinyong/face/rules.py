"""Verbs about schemes: check, test, compare."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from xinyong.face.schemes import SchemeLike, load
from xinyong.scheme import library
from xinyong.scheme.model import Scheme

if TYPE_CHECKING:
    import pyarrow as pa

    from xinyong.engine.cases import CaseReport
    from xinyong.scheme.complaints import Complaint


def check(scheme: SchemeLike) -> tuple[Complaint, ...]:
    """All that is wrong or suspicious about a scheme, in the order of the file.

    Nothing is raised for what a scheme says, only where there is no such scheme
    (:class:`~xinyong.errors.SchemeNotFound`). A complaint whose ``severity`` is ``error`` keeps the
    scheme from being used; a ``finding`` does not.
    """
    if not isinstance(scheme, Scheme):
        return library.read(os.fspath(scheme)).complaints
    from xinyong.scheme.binding import resolve
    from xinyong.scheme.checks import check_scheme

    bound, complaints = resolve(scheme)
    return (*complaints, *check_scheme(scheme, bound))


def test(scheme: SchemeLike) -> CaseReport:
    """Run the worked cases of a scheme: its own and, for a folder, those in ``cases.yaml``."""
    from xinyong.engine.cases import run_cases

    cases = scheme.tests if isinstance(scheme, Scheme) else library.cases(os.fspath(scheme))
    return run_cases(load(scheme), cases)


@dataclass(frozen=True, slots=True)
class Difference:
    """How one scheme differs from another.

    ``sentences`` say it in words. ``moves`` is None without events; otherwise an Arrow table with
    ``before`` and ``after`` (bands), ``subjects`` (how many) and ``mean_change`` (points, rounded).
    """

    sentences: tuple[str, ...]
    moves: pa.Table | None = None


def diff(
    a: SchemeLike,
    b: SchemeLike,
    events: object = None,
    day: date | str | None = None,
    *,
    known_by: object = None,
    mapping: str | os.PathLike[str] | None = None,
    place: str | Iterable[str] | None = None,
) -> Difference:
    """What changes from scheme ``a`` to scheme ``b`` and, given events and a day, who changes band.

    Only counts are given, never names. Raises QuestionRefused for events without a day.
    """
    from xinyong.scheme.diff import diff as compare

    first, second = load(a), load(b)
    sentences = tuple(str(sentence) for sentence in compare(first, second))
    if events is None:
        return Difference(sentences)
    from xinyong.face.moves import moves

    return Difference(
        sentences,
        moves(first, second, events, day=day, known_by=known_by, mapping=mapping, place=place),
    )
