"""What the steps of a resolution share: the complaints so far, the scopes of expressions."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from xinyong.days import day_number
from xinyong.errors import ExpressionRefused
from xinyong.scheme import expressions as ex
from xinyong.scheme.bound import COVERAGE, BoundParameter, Path
from xinyong.scheme.complaints import Code, Complaint, did_you_mean
from xinyong.scheme.expressions import TEXT, Kind, Node, Ref, Scope
from xinyong.scheme.model import Scheme
from xinyong.terms import MICRO

_MOST_CIRCLES = 20


@dataclass(slots=True)
class Work:
    """State of one resolution: the scheme and the complaints so far."""

    scheme: Scheme
    complaints: list[Complaint] = field(default_factory=list)

    def complain(
        self,
        path: Path,
        code: Code,
        message: str,
        mend: str = "",
        *,
        offset: int = 0,
        at: Literal["value", "key"] = "value",
    ) -> None:
        """Add a complaint; ``offset`` is a character in the text at ``path``."""
        self.complaints.append(
            Complaint("", 0, 0, code, message, mend, path=path, offset=offset, at=at)
        )

    def parse(
        self, path: Path, text: str, scope: Scope, want: Literal["bool", "number", "any"]
    ) -> Node | None:
        """The expression at a path, or None and a complaint."""
        try:
            return ex.parse(text, scope, want=want)
        except ExpressionRefused as refusal:
            self.complain(
                path, Code(refusal.code), refusal.what, refusal.mend, offset=refusal.offset
            )
            return None


def event_fields(
    work: Work,
) -> tuple[dict[str, dict[str, Kind]], dict[str, str], dict[tuple[str, str], tuple[str, ...]]]:
    """Fields of each event, the data set of each event, and the words of text fields."""
    kinds: dict[str, dict[str, Kind]] = {COVERAGE: {"data_set": TEXT}}
    data_set_of: dict[str, str] = {}
    words: dict[tuple[str, str], tuple[str, ...]] = {}
    for set_name, data_set in work.scheme.data_sets.items():
        for event_name, event in data_set.events.items():
            path: Path = ("data_sets", set_name, "events", event_name)
            if event_name in data_set_of:
                work.complain(
                    path,
                    Code.DUPLICATE_NAME,
                    f"the event '{event_name}' stands in '{data_set_of[event_name]}' already",
                    "an event belongs to one data set; give this one another name",
                )
            data_set_of[event_name] = set_name
            kinds[event_name] = {}
            for field_name, spec in event.fields.items():
                place = (*path, "fields", field_name)
                if field_name in work.scheme.parameters:
                    work.complain(
                        place,
                        Code.DUPLICATE_NAME,
                        f"'{field_name}' is a parameter too",
                        "a field and a parameter cannot share a name",
                    )
                if spec.one_of is not None and spec.type != "text":
                    work.complain(place, Code.WRONG_VALUE, "one_of belongs to text fields")
                kinds[event_name][field_name] = _field_kind(spec.type, spec.unit)
                if spec.one_of is not None:
                    words[event_name, field_name] = spec.one_of
    return kinds, data_set_of, words


def _field_kind(type_: str, unit: str | None) -> Kind:
    if type_ == "int":
        return Kind("whole", unit)
    if type_ == "number":
        return Kind("fixed", unit)
    if type_ == "money":
        return Kind("whole", unit or "money")
    return Kind(type_)  # type: ignore[arg-type]


def micro(value: object) -> int:
    """A number of the document (int or Decimal) in millionths."""
    return int(value * MICRO)  # type: ignore[operator]


def bound_parameters(work: Work) -> dict[str, BoundParameter]:
    """Dated parameters, days ascending."""
    bound = {}
    for name, spec in work.scheme.parameters.items():
        values = sorted((day_number(day), dated.value) for day, dated in spec.values.items())
        whole = all(isinstance(value, int) for _, value in values)
        bound[name] = BoundParameter(
            name,
            Kind("whole" if whole else "fixed", spec.unit),
            tuple(day for day, _ in values),
            tuple(int(value) if whole else micro(value) for _, value in values),
        )
    return bound


class Scopes:
    """The scopes expressions are read in."""

    def __init__(
        self,
        work: Work,
        fields: Mapping[str, Mapping[str, Kind]],
        parameters: Mapping[str, BoundParameter],
        words: Mapping[tuple[str, str], tuple[str, ...]],
    ) -> None:
        self.work, self.fields, self.words = work, fields, words
        self.parameter_names = {n: Ref("parameter", n, p.kind) for n, p in parameters.items()}
        self.variable_words: dict[str, tuple[str, ...]] = {}
        self.events: dict[str, Scope] = {}

    def event(self, event: str) -> Scope:
        """What can be said of one event: its fields and the parameters."""
        if event not in self.events:
            refs = {n: Ref("field", n, kind) for n, kind in self.fields[event].items()}
            words = {f: self.words[event, f] for f in refs if (event, f) in self.words}
            names = ChainMap(refs, self.parameter_names)
            self.events[event] = Scope(names, event=event, words=words)
        return self.events[event]

    def known_event(self, path: Path, event: str) -> bool:
        """Whether there is such an event; complains if not."""
        if event in self.fields and event != COVERAGE:
            return True
        known = [name for name in self.fields if name != COVERAGE]
        self.work.complain(
            path, Code.UNKNOWN_NAME, f"no event is called '{event}'", did_you_mean(event, known)
        )
        return False


def in_order(
    graph: Mapping[str, Iterable[str]], cycle: Callable[[list[str]], None]
) -> tuple[str, ...]:
    """Names in an order in which each comes after those it needs; tells of every circle."""
    left = {name: list(needs) for name, needs in graph.items()}
    for _ in range(_MOST_CIRCLES):
        try:
            return tuple(name for name in TopologicalSorter(left).static_order() if name in graph)
        except CycleError as error:
            loop = list(reversed(error.args[1]))
            cycle(loop)
            for name in loop:
                left.pop(name, None)
            left = {name: [n for n in needs if n not in loop] for name, needs in left.items()}
    return ()


def circle(loop: list[str]) -> str:
    """A circle of names as text."""
    shown = loop if len(loop) <= 8 else [*loop[:4], "…", *loop[-3:]]
    return " → ".join(shown)
