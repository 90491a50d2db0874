"""Worked cases speak of events, fields, lines and bands; here is whether these exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from xinyong.days import parse_day, parse_moment
from xinyong.scheme.bound import COVERAGE, Bound, BoundVeto, Path
from xinyong.scheme.complaints import Code, Complaint, did_you_mean
from xinyong.scheme.model import Case, CaseEvent, Expect, FieldSpec
from xinyong.scheme.tree import describe
from xinyong.terms import FIELD_LIMIT, FIXED_FIELD_LIMIT


def check_cases(bound: Bound, cases: Iterable[Case], at: Path = ("tests",)) -> Iterator[Complaint]:
    """Complaints about cases that name what the scheme has not; ``at`` is where they stand."""
    for index, case in enumerate(cases):
        path = (*at, index)
        if case.known_by is not None:
            yield from _moment(bound, (*path, "known_by"), case.known_by)
        for place, event in enumerate(case.events):
            yield from _event(bound, (*path, "events", place), event)
        yield from _expect(bound, (*path, "expect"), case.expect)


def _complaint(path: Path, code: Code, message: str, mend: str = "") -> Complaint:
    return Complaint("", 0, 0, code, message, mend, path=path)


def _moment(bound: Bound, path: Path, text: str) -> Iterator[Complaint]:
    try:
        parse_moment(text, bound.scheme.zone)
    except (ValueError, OverflowError) as error:
        yield _complaint(path, Code.WRONG_VALUE, str(error))


def _event(bound: Bound, path: Path, event: CaseEvent) -> Iterator[Complaint]:
    for key in ("at", "recorded", "struck"):
        text = getattr(event, key)
        if text is not None:
            yield from _moment(bound, (*path, key), text)
    if event.kind == COVERAGE:
        name = event.fields.get("data_set")
        if name not in bound.scheme.data_sets:
            yield _complaint(
                (*path, COVERAGE),
                Code.UNKNOWN_NAME,
                "coverage names one data set of the scheme",
                did_you_mean(str(name), bound.scheme.data_sets),
            )
        return
    if event.kind not in bound.data_set_of:
        yield replace(
            _complaint(
                (*path, event.kind),
                Code.UNKNOWN_NAME,
                f"no event is called '{event.kind}'",
                did_you_mean(event.kind, bound.data_set_of),
            ),
            at="key",
        )
        return
    specs = bound.scheme.data_sets[bound.data_set_of[event.kind]].events[event.kind].fields
    for name, value in event.fields.items():
        place = (*path, event.kind, name)
        if name not in specs:
            yield replace(
                _complaint(
                    place,
                    Code.UNKNOWN_FIELD,
                    f"'{event.kind}' has no field '{name[:60]}'",
                    did_you_mean(name, specs),
                ),
                at="key",
            )
        elif value is not None:
            yield from _field(place, name, specs[name], value)


_TAKES = {
    "bool": "true or false",
    "int": "a whole number",
    "money": "a whole number of minor units",
    "number": "a number of at most six decimals",
    "text": "a text",
    "date": "a day such as 2016-12-31",
}


def _field(path: Path, name: str, spec: FieldSpec, value: object) -> Iterator[Complaint]:
    whole = isinstance(value, int) and not isinstance(value, bool)
    fits = {
        "bool": isinstance(value, bool),
        "int": whole,
        "money": whole,
        "number": whole or isinstance(value, Decimal),
        "text": isinstance(value, str),
        "date": isinstance(value, str),
    }[spec.type]
    if not fits:
        yield _complaint(
            path, Code.WRONG_TYPE, f"'{name}' takes {_TAKES[spec.type]}; here is {describe(value)}"
        )
        return
    if spec.type == "date":
        try:
            parse_day(str(value))
        except ValueError as error:
            yield _complaint(path, Code.WRONG_VALUE, str(error))
    elif spec.type == "number" and isinstance(value, (int, Decimal)):
        exact = Decimal(value)
        if abs(exact) > FIXED_FIELD_LIMIT or exact != round(exact, 6):
            yield _complaint(path, Code.WRONG_VALUE, f"'{name}' takes {_TAKES['number']}")
    elif whole and isinstance(value, int) and abs(value) > FIELD_LIMIT:
        yield _complaint(path, Code.WRONG_VALUE, f"'{name}' is at most {FIELD_LIMIT:,}")
    elif isinstance(value, str) and spec.one_of is not None and value not in spec.one_of:
        yield _complaint(
            path,
            Code.WRONG_VALUE,
            f"'{value[:60]}' is never a value of '{name}'",
            did_you_mean(value, spec.one_of),
        )


def _expect(bound: Bound, path: Path, expect: Expect) -> Iterator[Complaint]:
    lines = [line.id for line in bound.lines]
    earning = [line.id for line in bound.lines if not isinstance(line, BoundVeto)]
    bands = [band.name for band in bound.bands]
    if expect.band is not None and expect.band not in bands:
        yield _unknown((*path, "band"), "band", expect.band, bands)
    for key, word, named, known in (
        ("points", "line with points", expect.points, earning),
        ("variables", "variable", expect.variables, list(bound.variables)),
        ("lists", "list", expect.lists, list(bound.scheme.lists)),
    ):
        for name in named or ():
            if name not in known:
                yield replace(_unknown((*path, key, name), word, name, known), at="key")
    for key, word, listed, known in (
        ("consequences", "consequence", expect.consequences, [c.id for c in bound.consequences]),
        ("reasons", "line", expect.reasons, lines),
    ):
        for place, name in enumerate(listed or ()):
            if name not in known:
                yield _unknown((*path, key, place), word, name, known)


def _unknown(path: Path, word: str, name: str, known: list[str]) -> Complaint:
    return _complaint(
        path, Code.UNKNOWN_NAME, f"no {word} is called '{name[:60]}'", did_you_mean(name, known)
    )
