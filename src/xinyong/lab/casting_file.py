"""``lab.yaml`` in a scheme's folder: a casting said by hand.

::

    streams:
      - {happening: SMALL_BREACH, kind: traffic_offence, fields: {offence: parking}, share: 3}
    leave_out: [soldier_child]

A kind that is named here follows from what is said here alone; all other kinds are cast by rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from xinyong.days import day_number
from xinyong.errors import SchemeRefused
from xinyong.lab.happenings import Happening
from xinyong.records.event import FieldValue
from xinyong.scheme.complaints import Code, Complaint
from xinyong.scheme.data import FieldSpec
from xinyong.scheme.model import Scheme
from xinyong.scheme.parts import Frozen, Name
from xinyong.scheme.reading import placed, read_document
from xinyong.terms import MICRO

Plain = bool | int | Decimal | date | str


class SaidStream(Frozen):
    """One stream of ``lab.yaml``; ``share`` weighs it against others of its happening."""

    happening: str
    kind: Name
    fields: dict[Name, Plain] = Field(default_factory=dict)
    share: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class CastingFile(Frozen):
    """The document ``lab.yaml``."""

    streams: tuple[SaidStream, ...] = ()
    leave_out: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What ``lab.yaml`` says: (happening, kind, fields, share) each, and kinds left out."""

    streams: tuple[tuple[Happening, str, dict[str, FieldValue], int], ...]
    leave_out: frozenset[str]

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds that are not cast by rule."""
        return self.leave_out | {kind for _, kind, _, _ in self.streams}


def read_casting(text: bytes, scheme: Scheme, file: str) -> Said:
    """The casting in a YAML text; raises SchemeRefused with every complaint and its place."""
    document = read_document(text, CastingFile, file=file)
    complaints = document.complaints
    if document.value is not None:
        complaints = placed(document, _complaints(document.value, scheme))
    if document.value is None or complaints:
        raise SchemeRefused(complaints, where=file)
    specs = _specs(scheme)
    return Said(
        tuple(
            (
                Happening[said.happening],
                said.kind,
                {n: _raw(v, specs[said.kind][n]) for n, v in said.fields.items()},
                said.share,
            )
            for said in document.value.streams
        ),
        frozenset(document.value.leave_out),
    )


def _specs(scheme: Scheme) -> dict[str, dict[str, FieldSpec]]:
    return {
        kind: dict(event.fields)
        for data_set in scheme.data_sets.values()
        for kind, event in data_set.events.items()
    }


def _complaints(said: CastingFile, scheme: Scheme) -> Iterator[Complaint]:
    specs = _specs(scheme)
    for n, stream in enumerate(said.streams):
        here: tuple[str | int, ...] = ("streams", n)
        if stream.happening not in Happening.__members__:
            known = ", ".join(Happening.__members__)
            yield _complaint((*here, "happening"), f"no happening '{stream.happening}'", known)
        if stream.kind not in specs:
            yield _complaint((*here, "kind"), f"no event '{stream.kind}'", ", ".join(specs))
            continue
        for name, value in stream.fields.items():
            place = (*here, "fields", name)
            spec = specs[stream.kind].get(name)
            if spec is None:
                known = ", ".join(specs[stream.kind])
                yield _complaint(place, f"'{stream.kind}' has no field '{name}'", known)
            elif not _fits(value, spec):
                words = spec.type if spec.one_of is None else ", ".join(spec.one_of)
                message = f"'{value}' does not fit the field '{name}'"
                yield _complaint(place, message, words, Code.WRONG_VALUE)
    for n, kind in enumerate(said.leave_out):
        if kind not in specs:
            yield _complaint(("leave_out", n), f"no event '{kind}'", ", ".join(specs))


def _fits(value: Plain, spec: FieldSpec) -> bool:
    match spec.type:
        case "bool":
            return isinstance(value, bool)
        case "int" | "money":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case "date":
            return isinstance(value, date)
    return isinstance(value, str) and (spec.one_of is None or value in spec.one_of)


def _raw(value: Plain, spec: FieldSpec) -> FieldValue:
    if isinstance(value, date):
        return day_number(value)
    if spec.type == "number":
        return int(Decimal(value) * MICRO)
    assert not isinstance(value, Decimal)
    return value


def _complaint(
    path: tuple[str | int, ...], message: str, known: str, code: Code = Code.UNKNOWN_NAME
) -> Complaint:
    return Complaint("", 0, 0, code, message, f"there are: {known}", path=path)


__all__ = ["CastingFile", "Said", "read_casting"]
