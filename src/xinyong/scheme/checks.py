"""What is legal YAML, means something, and is still wrong.

An *error* is what makes a scheme say two things or something it cannot mean: rows that no value
reaches, rows that claim the same value, dates in the wrong order, worked cases about things
that do not exist. Everything else is a *finding*: legal, suspicious, told. ``docs/codes.md``
lists which is which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xinyong.scheme import expressions as ex
from xinyong.scheme.bound import Bound, BoundEach, BoundVariable, Path
from xinyong.scheme.check_cases import check_cases
from xinyong.scheme.check_points import check_points
from xinyong.scheme.complaints import SEVERITY, Code, Complaint
from xinyong.scheme.model import DataSet, Scheme


def check_scheme(scheme: Scheme, bound: Bound | None) -> tuple[Complaint, ...]:
    """Everything that can be held against a scheme, in the order of the document's parts.

    ``bound`` is None where names or types do not fit; then only what needs neither is checked.
    Complaints carry the path in the document; the reader adds line and column.
    """
    found = list(_dates(scheme))
    if bound is not None:
        found += _data_unread(bound)
        found += _keep(bound)
        found += check_points(bound)
    found += _lists(scheme)
    found += _burdens(scheme)
    if bound is not None:
        found += check_cases(bound, scheme.tests)
    return tuple(replace(complaint, severity=SEVERITY[complaint.code]) for complaint in found)


def _complaint(path: Path, code: Code, message: str, mend: str = "") -> Complaint:
    return Complaint("", 0, 0, code, message, mend, path=path)


def _dates(scheme: Scheme) -> Iterator[Complaint]:
    until = scheme.in_force.until
    if until is not None and until < scheme.in_force.since:
        yield _complaint(
            ("in_force", "until"),
            Code.DATES_OUT_OF_ORDER,
            f"the scheme ends on {until}, before it starts on {scheme.in_force.since}",
        )


# ------------------------------------------------------------------ data


def _data_unread(bound: Bound) -> Iterator[Complaint]:
    read = fields_read(bound)
    for set_name, data_set in bound.scheme.data_sets.items():
        for event, spec in data_set.events.items():
            path: Path = ("data_sets", set_name, "events", event)
            if event not in read:
                yield replace(
                    _complaint(
                        path,
                        Code.DATA_UNREAD,
                        f"'{event}' is collected and nothing reads it",
                        "take it out, or say what it is for",
                    ),
                    at="key",
                )
                continue
            for field in spec.fields:
                if field not in read[event]:
                    yield replace(
                        _complaint(
                            (*path, "fields", field),
                            Code.DATA_UNREAD,
                            f"'{event}.{field}' is collected and nothing reads it",
                            "take it out, or say what it is for",
                        ),
                        at="key",
                    )


def fields_read(bound: Bound) -> dict[str, set[str]]:
    """Events that some variable or line reads, and which of their fields."""
    read: dict[str, set[str]] = {}

    def add(event: str, *nodes: ex.Node | None) -> set[str]:
        fields = read.setdefault(event, set())
        for node in nodes:
            if node is not None:
                fields.update(ex.names(node, "field"))
        return fields

    for variable in bound.variables.values():
        if variable.event is None:
            continue
        fields = add(variable.event, variable.where)
        if variable.field is not None:
            fields.add(variable.field)
        for event in (*variable.any_of, *variable.of_events):
            add(event)
    for line in bound.lines:
        if isinstance(line, BoundEach):
            add(line.event, line.where, line.points)
    return read


def _kept(data_set: DataSet) -> int | None:
    """Days from the event for which data are kept; None where that cannot be told."""
    keep = data_set.keep
    if keep is None or keep.since not in ("event", "recording"):
        return None
    return keep.span.roughly_days()


def _span_kept(data_set: DataSet) -> str:
    """How long data are kept, as text."""
    return str(data_set.keep.span) if data_set.keep is not None else "no stated time"


def _keep(bound: Bound) -> Iterator[Complaint]:
    for set_name, data_set in bound.scheme.data_sets.items():
        kept = _kept(data_set)
        if kept is None:
            continue
        longest: BoundVariable | None = None
        for variable in bound.variables.values():
            if variable.within is None or variable.event is None:
                continue
            sets = {bound.data_set_of[e] for e in (variable.event, *variable.of_events)}
            if set_name in sets and variable.within.roughly_days() > kept:
                kept, longest = variable.within.roughly_days(), variable
        if longest is not None:
            yield _complaint(
                ("data_sets", set_name, "keep", "for"),
                Code.KEEP_TOO_SHORT,
                f"'{set_name}' is kept for {_span_kept(data_set)}, but '{longest.name}' looks"
                f" back {longest.within}",
                "shorten the window, or keep the data longer and say why",
            )
    for line in bound.lines:
        if isinstance(line, BoundEach) and line.expires is not None:
            data_set = bound.scheme.data_sets[bound.data_set_of[line.event]]
            kept = _kept(data_set)
            if kept is not None and line.expires.roughly_days() > kept:
                yield _complaint(
                    ("score", "add", line.index, "expires"),
                    Code.EXPIRES_AFTER_KEEP,
                    f"the points last {line.expires}, the data behind them {_span_kept(data_set)}",
                    "let the points expire with the data",
                )


# ------------------------------------------------------------------ what follows


def _lists(scheme: Scheme) -> Iterator[Complaint]:
    for name, spec in scheme.lists.items():
        if spec.lasts is None and spec.remove_when is None:
            yield replace(
                _complaint(
                    ("lists", name),
                    Code.LIST_WITHOUT_END,
                    f"nothing ends an entry on '{name}'",
                    "add 'lasts' or 'remove_when'",
                ),
                at="key",
            )


def _burdens(scheme: Scheme) -> Iterator[Complaint]:
    for index, spec in enumerate(scheme.consequences):
        if spec.kind != "burden":
            continue
        if spec.notice is None and scheme.rights.notice is None:
            yield _complaint(
                ("consequences", index),
                Code.BURDEN_WITHOUT_NOTICE,
                f"the burden '{spec.id}' comes without notice to the subject",
                "add 'notice', such as notice: {reasons: 4, within: 30 days}",
            )
        if spec.appeal is None and scheme.rights.review is None:
            yield _complaint(
                ("consequences", index),
                Code.BURDEN_WITHOUT_APPEAL,
                f"the burden '{spec.id}' cannot be appealed",
                "add 'appeal', such as appeal: {to: a person, within: 60 days}",
            )
