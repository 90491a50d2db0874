"""Families: one variable for every combination of event, measure and window."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xinyong.scheme.bound import COVERAGE, Path
from xinyong.scheme.complaints import Code, did_you_mean
from xinyong.scheme.expressions import Kind
from xinyong.scheme.model import Family, Variable
from xinyong.scheme.work import Work

_FAMILY_MEASURE = re.compile(
    r"count|days_since|trend|share_of data_set"
    r"|(sum|mean|min|max|latest|distinct|trend) [a-z][a-z0-9_]*"
)
_PATTERN_WORD = re.compile(r"\{(\w*)\}")


def family_members(
    family: Family, fields: Mapping[str, Mapping[str, Kind]]
) -> Iterator[tuple[str, Variable]]:
    """The variables of a family, with their names, in the order event, measure, window."""
    for event in family.events:
        for measure in family.measures:
            word, _, argument = measure.partition(" ")
            if argument and argument != "data_set" and argument not in fields.get(event, {}):
                continue
            for window in family.windows:
                name = family.name.format(
                    event=event, measure=measure.replace(" ", "_"), window=window.slug
                )
                target = f"{event}.{argument}" if argument and argument != "data_set" else event
                title = (
                    f"{word.replace('_', ' ')} of {target.replace('.', ' ').replace('_', ' ')}"
                    f" in {window}"
                )
                data = {"share" if word == "share_of" else word: target, "title": title}
                yield (
                    name,
                    Variable.model_validate(
                        {**data, "within": window, "where": family.where}
                        | ({"of": "data_set"} if word == "share_of" else {})
                    ),
                )


def family_fits(
    work: Work, index: int, family: Family, fields: Mapping[str, Mapping[str, Kind]]
) -> bool:
    """Whether a family can be expanded; complains where it cannot."""
    fits = True

    def complain(path: Path, code: Code, message: str, mend: str = "") -> None:
        nonlocal fits
        fits = False
        work.complain(("families", index, *path), code, message, mend)

    left = _PATTERN_WORD.sub("x", family.name)
    odd = set(_PATTERN_WORD.findall(family.name)) - {"event", "measure", "window"}
    if odd or not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", left):
        complain(
            ("name",),
            Code.BAD_NAME,
            f"'{family.name[:60]}' is not a pattern of names",
            "write it with {event}, {measure} and {window}, as in '{event}_{measure}_{window}'",
        )
    for place, measure in enumerate(family.measures):
        if not _FAMILY_MEASURE.fullmatch(measure):
            complain(
                ("measures", place),
                Code.WRONG_VALUE,
                f"'{measure[:60]}' is not a measure of a family",
                "write count, days_since, trend, share_of data_set, or 'sum <field>'",
            )
            continue
        argument = measure.partition(" ")[2]
        if (
            argument
            and argument != "data_set"
            and not any(argument in fields.get(event, {}) for event in family.events)
        ):
            complain(
                ("measures", place),
                Code.UNKNOWN_NAME,
                f"none of the family's events has a field '{argument}'",
                did_you_mean(argument, {f for e in family.events for f in fields.get(e, {})}),
            )
    for place, event in enumerate(family.events):
        if event not in fields or event == COVERAGE:
            complain(
                ("events", place),
                Code.UNKNOWN_NAME,
                f"no event is called '{event}'",
                did_you_mean(event, set(fields) - {COVERAGE}),
            )
    return fits
