"""Whether an event fits the schemes that are run here, before it is recorded."""

from __future__ import annotations

from collections.abc import Iterable

from xinyong.errors import EventsRefused
from xinyong.records.shape import EventShape, FieldShape
from xinyong.service.forms import EventForm, FieldValue
from xinyong.terms import FIELD_LIMIT, FIXED_FIELD_LIMIT, MICRO


class Fitting:
    """Which kinds of events the schemes know, and what their fields hold.

    ``money`` is in minor units, ``number`` in millionths, ``date`` a day number since 1970-01-01:
    whole numbers all, as records keep them.
    """

    def __init__(self, shapes: Iterable[EventShape]) -> None:
        self._kinds: dict[str, dict[str, list[FieldShape]]] = {
            "coverage": {"data_set": [FieldShape("text")]}
        }
        sets: set[str] = set()
        for shape in shapes:
            sets |= set(shape.data_set_of.values())
            for kind, fields in shape.kinds.items():
                mine = self._kinds.setdefault(kind, {})
                for name, spec in fields.items():
                    mine.setdefault(name, []).append(spec)
        self._kinds["coverage"]["data_set"] = [FieldShape("text", tuple(sorted(sets)))]

    def check(self, event: EventForm, place: str) -> None:
        """Raise EventsRefused where an event fits no scheme; ``place`` says which of a request."""
        fields = self._kinds.get(event.kind)
        if fields is None:
            raise EventsRefused(
                "no scheme that is run here knows this kind of event",
                where=f"{place}.kind",
                mend=f"known here: {', '.join(sorted(self._kinds))}",
            )
        for name, value in event.fields.items():
            specs = fields.get(name)
            if specs is None:
                raise EventsRefused(
                    "this kind of event has no such field",
                    where=f"{place}.fields",
                    mend=f"it has: {', '.join(sorted(fields)) or 'none'}",
                )
            for spec in specs:
                if value is not None and not _fits(spec, value):
                    raise EventsRefused(
                        f"the field '{name}' is of type {spec.type}",
                        where=f"{place}.fields.{name}",
                        why=_SAYS[spec.type],
                        mend=f"one of {', '.join(spec.one_of)}" if spec.one_of else "",
                    )


_SAYS = {
    "bool": "true or false",
    "int": f"a whole number within ±{FIELD_LIMIT}",
    "money": f"whole minor units within ±{FIELD_LIMIT}",
    "number": f"whole millionths within ±{FIXED_FIELD_LIMIT * MICRO}",
    "date": "days since 1970-01-01",
    "text": "a text, one of the scheme's words where it names some",
}


def _fits(spec: FieldShape, value: FieldValue) -> bool:
    if spec.type == "bool":
        return isinstance(value, bool)
    if spec.type == "text":
        return isinstance(value, str) and (spec.one_of is None or value in spec.one_of)
    if isinstance(value, bool) or not isinstance(value, int):
        return False
    if spec.type == "date":
        return -25_567 <= value <= 84_005
    return abs(value) <= (FIXED_FIELD_LIMIT * MICRO if spec.type == "number" else FIELD_LIMIT)


__all__ = ["Fitting"]
