"""Names and types resolved: a scheme as the engine reads it.

:func:`resolve` walks a :class:`~xinyong.scheme.model.Scheme`, expands families, parses every
expression in its scope, orders variables and lists by what they need, and reports everything
that does not fit. :func:`bind` gives the result, or refuses. The steps stand in ``work``,
``families``, ``variables``, ``lines`` and ``following``, the result in ``bound``.
"""

from __future__ import annotations

from functools import lru_cache

from xinyong.errors import SchemeRefused
from xinyong.scheme.bound import (
    COVERAGE,
    Bound,
    BoundBand,
    BoundBins,
    BoundConsequence,
    BoundEach,
    BoundLine,
    BoundList,
    BoundParameter,
    BoundRow,
    BoundStart,
    BoundVariable,
    BoundVeto,
    BoundWhen,
    Path,
)
from xinyong.scheme.complaints import Complaint
from xinyong.scheme.expressions import BOOL, TEXT, WHOLE, Ref, Scope
from xinyong.scheme.families import family_members
from xinyong.scheme.following import bound_bands, bound_consequences, bound_lists, ground
from xinyong.scheme.lines import bound_lines, bound_start, constant_points
from xinyong.scheme.model import Scheme
from xinyong.scheme.variables import MOST_VARIABLES, bound_variables
from xinyong.scheme.work import Scopes, Work, bound_parameters, event_fields, micro


def resolve(scheme: Scheme) -> tuple[Bound | None, tuple[Complaint, ...]]:
    """Resolve a scheme; gives None and the complaints where something does not fit.

    Complaints carry the path in the document; the reader adds line and column.
    """
    work = Work(scheme)
    bound = _resolve(work)
    return (None if work.complaints else bound), tuple(work.complaints)


class ByDigest:
    """A scheme as a dictionary key: equal documents share one resolution."""

    __slots__ = ("scheme",)

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme

    def __hash__(self) -> int:
        return hash(self.scheme.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByDigest) and self.scheme.digest == other.scheme.digest


@lru_cache(maxsize=64)
def _bind(key: ByDigest) -> Bound:
    bound, complaints = resolve(key.scheme)
    if bound is None:
        raise SchemeRefused(complaints, where=key.scheme.scheme)
    return bound


def bind(scheme: Scheme) -> Bound:
    """The scheme with names and types resolved (kept for schemes seen before).

    Raises :class:`~xinyong.errors.SchemeRefused` with every complaint.
    """
    return _bind(ByDigest(scheme))


def _resolve(work: Work) -> Bound | None:
    fields, data_set_of, words = event_fields(work)
    parameters = bound_parameters(work)
    scopes = Scopes(work, fields, parameters, words)
    variables = bound_variables(work, scopes, data_set_of)
    subject: dict[str, Ref] = dict(scopes.parameter_names)
    subject.update({n: Ref("variable", n, v.kind) for n, v in variables.items()})
    bands = work.scheme.bands
    score_names = {**subject, "score": Ref("score", "score", WHOLE)}
    all_names = {**score_names, "band": Ref("band", "band", TEXT)}
    all_words = {**scopes.variable_words, "band": tuple(band.name for band in bands)}

    lists = bound_lists(
        work, Scope(all_names, lists=frozenset(work.scheme.lists), words=all_words), variables
    )
    early = frozenset(entry.name for entry in lists if not entry.after_score)
    line_scope = Scope(subject, lists=early, words=scopes.variable_words)
    start = bound_start(work, line_scope)
    lines = bound_lines(work, scopes, line_scope, variables)
    ranks = bound_bands(work, Scope(score_names, lists=early, words=scopes.variable_words))
    consequences = bound_consequences(
        work, Scope(all_names, lists=frozenset(work.scheme.lists), words=all_words)
    )
    if work.complaints:
        return None
    return Bound(
        scheme=work.scheme,
        fields=fields,
        data_set_of=data_set_of,
        parameters=parameters,
        variables=variables,
        start=start,
        lines=lines,
        bands=ranks,
        lists=lists,
        consequences=consequences,
        dimensions=tuple(
            dict.fromkeys(line.dimension for line in lines if not isinstance(line, BoundVeto))
        ),
    )


__all__ = [
    "BOOL",
    "COVERAGE",
    "MOST_VARIABLES",
    "Bound",
    "BoundBand",
    "BoundBins",
    "BoundConsequence",
    "BoundEach",
    "BoundLine",
    "BoundList",
    "BoundParameter",
    "BoundRow",
    "BoundStart",
    "BoundVariable",
    "BoundVeto",
    "BoundWhen",
    "ByDigest",
    "Path",
    "bind",
    "constant_points",
    "family_members",
    "ground",
    "micro",
    "resolve",
]
