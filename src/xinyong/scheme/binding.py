"""Names and types resolved: a scheme as the engine reads it.

:func:`resolve` walks a :class:`~xinyong.scheme.model.Scheme`, expands families, parses every
expression in its scope, orders variables and lists by what they need, and reports everything
that does not fit. :func:`bind` gives the result, or refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Literal

from xinyong.days import Period, day_number
from xinyong.errors import ExpressionRefused, SchemeRefused
from xinyong.scheme import expressions as ex
from xinyong.scheme.complaints import Code, Complaint, did_you_mean
from xinyong.scheme.expressions import BOOL, FIXED, TEXT, WHOLE, Kind, Node, Ref, Scope
from xinyong.scheme.model import (
    BinsLine,
    EachLine,
    Family,
    Row,
    Scheme,
    Variable,
    VetoLine,
    WhenLine,
)
from xinyong.terms import LIMIT, MICRO, half_away

Path = tuple[str | int, ...]
MOST_VARIABLES = 20_000
COVERAGE = "coverage"
"""The built-in event kind: its field ``data_set`` names the source that was asked."""


@dataclass(frozen=True, slots=True)
class BoundVariable:
    """A variable with everything resolved; ``path`` is its place in the document."""

    name: str
    title: str
    measure: str
    kind: Kind
    path: Path
    event: str | None = None
    field: str | None = None
    where: Node | None = None
    within: Period | None = None
    any_of: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    of_events: tuple[str, ...] = ()
    expr: Node | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Variables that its expression reads."""
        return ex.names(self.expr, "variable") if self.expr is not None else ()

    @property
    def conditional(self) -> bool:
        """Whether it has a ``known_if``."""
        return bool(self.any_of or self.covered)


@dataclass(frozen=True, slots=True)
class BoundRow:
    """A table row; ``edge`` is in the variable's own base (millionths if fixed)."""

    test: Literal["below", "is", "else"]
    edge: int | bool | str | None
    points: int
    says: str


@dataclass(frozen=True, slots=True)
class BoundBins:
    id: str
    index: int
    dimension: str | None
    variable: str
    rows: tuple[BoundRow, ...]
    missing_points: int
    missing_says: str
    reference: int


@dataclass(frozen=True, slots=True)
class BoundEach:
    id: str
    index: int
    dimension: str | None
    event: str
    where: Node | None
    points: Node
    cap: int | None
    cap_per: tuple[int, Literal["day", "month", "year"]] | None
    expires: Period | None
    starts: Period | None
    decay: Literal["linear"] | Period | None
    says: str
    reference: int


@dataclass(frozen=True, slots=True)
class BoundWhen:
    id: str
    index: int
    dimension: str | None
    when: Node
    points: Node
    says: str
    reference: int


@dataclass(frozen=True, slots=True)
class BoundVeto:
    id: str
    index: int
    dimension: str | None
    when: Node
    band: str
    rank: int
    says: str


BoundLine = BoundBins | BoundEach | BoundWhen | BoundVeto


@dataclass(frozen=True, slots=True)
class BoundStart:
    """A starting row; ``when`` None is the else row."""

    when: Node | None
    points: int
    says: str


@dataclass(frozen=True, slots=True)
class BoundBand:
    name: str
    rank: int
    since: int | None
    when: Node | None


@dataclass(frozen=True, slots=True)
class BoundList:
    """A list; ``ground`` are the event variables whose events are its ground."""

    name: str
    title: str
    add_when: Node
    remove_when: Node | None
    lasts: Period | None
    warn: Period | None
    after_score: bool
    ground: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoundConsequence:
    id: str
    when: Node
    effect: str
    kind: Literal["benefit", "burden"]


@dataclass(frozen=True, slots=True)
class BoundParameter:
    """A dated number: ``days`` ascending day numbers, ``values`` in the kind's base."""

    name: str
    kind: Kind
    days: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A scheme with names and types resolved; everything the engine needs and nothing else.

    ``variables`` are in an order in which each comes after those it needs; ``lists`` likewise;
    ``lines`` are in file order.
    """

    scheme: Scheme
    fields: Mapping[str, Mapping[str, Kind]]
    data_set_of: Mapping[str, str]
    parameters: Mapping[str, BoundParameter]
    variables: Mapping[str, BoundVariable]
    start: tuple[BoundStart, ...]
    lines: tuple[BoundLine, ...]
    bands: tuple[BoundBand, ...]
    lists: tuple[BoundList, ...]
    consequences: tuple[BoundConsequence, ...]
    dimensions: tuple[str | None, ...]
    """Dimension names in order of first appearance; None if some line has none."""

    def titles(self) -> dict[str, str]:
        """Names as a lay reader sees them."""
        said = {name: v.title for name, v in self.variables.items()}
        said.update({name: p.title for name, p in self.scheme.parameters.items()})
        said.update({name: spec.title for name, spec in self.scheme.lists.items()})
        return said


@dataclass(slots=True)
class _Work:
    """State of one resolution: the scheme and the complaints so far."""

    scheme: Scheme
    complaints: list[Complaint] = field(default_factory=list)

    def complain(self, path: Path, code: Code, message: str, mend: str = "") -> None:
        self.complaints.append(Complaint("", 0, 0, code, message, mend, path=path))

    def parse(
        self, path: Path, text: str, scope: Scope, want: Literal["bool", "number", "any"]
    ) -> Node | None:
        try:
            return ex.parse(text, scope, want=want)
        except ExpressionRefused as refusal:
            self.complain(path, Code(refusal.code), refusal.what, refusal.mend)
            return None


def resolve(scheme: Scheme) -> tuple[Bound | None, tuple[Complaint, ...]]:
    """Resolve a scheme; gives None and the complaints where something does not fit.

    Complaints carry the path in the document; the reader adds line and column.
    """
    work = _Work(scheme)
    bound = _resolve(work)
    return (None if work.complaints else bound), tuple(work.complaints)


class _ByDigest:
    """A scheme as a dictionary key: equal documents share one resolution."""

    __slots__ = ("scheme",)

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme

    def __hash__(self) -> int:
        return hash(self.scheme.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and self.scheme.digest == other.scheme.digest


@lru_cache(maxsize=64)
def _bind(key: _ByDigest) -> Bound:
    bound, complaints = resolve(key.scheme)
    if bound is None:
        raise SchemeRefused(complaints, where=key.scheme.scheme)
    return bound


def bind(scheme: Scheme) -> Bound:
    """The scheme with names and types resolved (kept for schemes seen before).

    Raises :class:`~xinyong.errors.SchemeRefused` with every complaint.
    """
    return _bind(_ByDigest(scheme))


# ------------------------------------------------------------------ the steps


def _resolve(work: _Work) -> Bound | None:
    fields, data_set_of, words = _fields(work)
    parameters = _parameters(work)
    scopes = _Scopes(work, fields, parameters, words)
    variables = _variables(work, scopes, data_set_of)
    subject = dict(scopes.parameter_names)
    subject.update({n: Ref("variable", n, v.kind) for n, v in variables.items()})
    bands = work.scheme.bands
    score_names = {**subject, "score": Ref("score", "score", WHOLE)}
    all_names = {**score_names, "band": Ref("band", "band", TEXT)}
    all_words = {**scopes.variable_words, "band": tuple(band.name for band in bands)}

    lists = _lists(
        work, Scope(all_names, lists=frozenset(work.scheme.lists), words=all_words), variables
    )
    early = frozenset(entry.name for entry in lists if not entry.after_score)
    line_scope = Scope(subject, lists=early, words=scopes.variable_words)
    start = _start(work, line_scope)
    lines = _lines(work, scopes, line_scope, variables)
    bound_bands = _bands(work, Scope(score_names, lists=early, words=scopes.variable_words))
    consequences = _consequences(
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
        bands=bound_bands,
        lists=lists,
        consequences=consequences,
        dimensions=tuple(
            dict.fromkeys(line.dimension for line in lines if not isinstance(line, BoundVeto))
        ),
    )


def _fields(
    work: _Work,
) -> tuple[dict[str, dict[str, Kind]], dict[str, str], dict[tuple[str, str], tuple[str, ...]]]:
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


def _parameters(work: _Work) -> dict[str, BoundParameter]:
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


class _Scopes:
    """The scopes expressions are read in."""

    def __init__(
        self,
        work: _Work,
        fields: Mapping[str, Mapping[str, Kind]],
        parameters: Mapping[str, BoundParameter],
        words: Mapping[tuple[str, str], tuple[str, ...]],
    ) -> None:
        self.work, self.fields, self.words = work, fields, words
        self.parameter_names = {n: Ref("parameter", n, p.kind) for n, p in parameters.items()}
        self.variable_words: dict[str, tuple[str, ...]] = {}

    def event(self, event: str) -> Scope:
        names = dict(self.parameter_names)
        names.update({n: Ref("field", n, kind) for n, kind in self.fields[event].items()})
        words = {f: w for (e, f), w in self.words.items() if e == event}
        return Scope(names, event=event, words=words)

    def known_event(self, path: Path, event: str) -> bool:
        if event in self.fields and event != COVERAGE:
            return True
        known = [name for name in self.fields if name != COVERAGE]
        self.work.complain(
            path, Code.UNKNOWN_NAME, f"no event is called '{event}'", did_you_mean(event, known)
        )
        return False


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


_FAMILY_MEASURE = re.compile(
    r"count|days_since|trend|share_of data_set"
    r"|(sum|mean|min|max|latest|distinct|trend) [a-z][a-z0-9_]*"
)
_PATTERN_WORD = re.compile(r"\{(\w*)\}")


def _family_fits(
    work: _Work, index: int, family: Family, fields: Mapping[str, Mapping[str, Kind]]
) -> bool:
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


def _variables(
    work: _Work, scopes: _Scopes, data_set_of: Mapping[str, str]
) -> dict[str, BoundVariable]:
    specs: dict[str, tuple[Path, Variable]] = {
        name: (("variables", name), spec) for name, spec in work.scheme.variables.items()
    }
    for index, family in enumerate(work.scheme.families):
        if not _family_fits(work, index, family, scopes.fields):
            continue
        size = len(family.events) * len(family.measures) * len(family.windows)
        if len(specs) + size > MOST_VARIABLES:
            work.complain(
                ("families", index),
                Code.TOO_MANY,
                f"this family brings the scheme over {MOST_VARIABLES:,} variables",
            )
            continue
        for name, spec in family_members(family, scopes.fields):
            if name in specs:
                work.complain(
                    ("families", index),
                    Code.DUPLICATE_NAME,
                    f"the family makes a variable '{name}' that exists already",
                    "put {event}, {measure} and {window} into its name",
                )
                break
            specs[name] = (("families", index), spec)
    for name in work.scheme.variables:
        if name in work.scheme.parameters:
            work.complain(
                ("variables", name),
                Code.DUPLICATE_NAME,
                f"'{name}' is a parameter too",
                "a variable and a parameter cannot share a name",
            )
    bound: dict[str, BoundVariable] = {}
    expressions: dict[str, tuple[Path, Variable]] = {}
    for name, (path, spec) in specs.items():
        if spec.expr is not None:
            expressions[name] = (path, spec)
        else:
            variable = _event_variable(work, scopes, data_set_of, name, path, spec)
            if variable is not None:
                bound[name] = variable
    _expression_variables(work, scopes, specs, expressions, bound)
    return bound


def _known_if(
    work: _Work, scopes: _Scopes, path: Path, text: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    events, sources = [], []
    for part in text.split(" or "):
        word, _, name = part.strip().partition(" ")
        if word == "any" and scopes.known_event(path, name):
            events.append(name)
        elif word == "covered":
            if name in work.scheme.data_sets:
                sources.append(name)
            else:
                work.complain(
                    path,
                    Code.UNKNOWN_NAME,
                    f"no data set is called '{name}'",
                    did_you_mean(name, work.scheme.data_sets),
                )
        elif word not in ("any", "covered"):
            work.complain(
                path,
                Code.WRONG_VALUE,
                f"'{part.strip()[:60]}' does not say when the variable is known",
                "write 'any <event>' or 'covered <data set>', joined by 'or'",
            )
    return tuple(events), tuple(sources)


def _event_variable(
    work: _Work,
    scopes: _Scopes,
    data_set_of: Mapping[str, str],
    name: str,
    path: Path,
    spec: Variable,
) -> BoundVariable | None:
    measure = spec.measure
    place = (*path, measure)
    event, _, field_name = str(getattr(spec, measure)).partition(".")
    if not scopes.known_event(place, event):
        return None
    kinds = scopes.fields[event]
    takes_field = measure in ("sum", "mean", "min", "max", "latest", "distinct")
    if takes_field and not field_name:
        work.complain(
            place,
            Code.MISSING_FIELD,
            f"'{measure}' needs a field of '{event}'",
            f"write {measure}: {event}.<field>; " + did_you_mean(field_name, kinds),
        )
        return None
    if field_name and not takes_field and measure != "trend":
        work.complain(place, Code.WRONG_VALUE, f"'{measure}' takes an event, not a field")
        return None
    if field_name and field_name not in kinds:
        work.complain(
            place,
            Code.UNKNOWN_NAME,
            f"'{event}' has no field '{field_name}'",
            did_you_mean(field_name, kinds),
        )
        return None
    kind = _measure_kind(work, place, measure, kinds.get(field_name))
    if kind is None:
        return None
    if spec.unit is not None and kind.numeric:
        kind = Kind(kind.base, spec.unit)
    if measure == "trend" and spec.within is not None and spec.within.half is None:
        work.complain((*path, "within"), Code.WRONG_VALUE, "a trend needs two days or months")
        return None
    where = (
        work.parse((*path, "where"), spec.where, scopes.event(event), "bool")
        if spec.where is not None
        else None
    )
    any_of, covered = (
        _known_if(work, scopes, (*path, "known_if"), spec.known_if) if spec.known_if else ((), ())
    )
    if measure == "latest" and kind.base == "text" and (event, field_name) in scopes.words:
        scopes.variable_words[name] = scopes.words[event, field_name]
    return BoundVariable(
        name=name,
        title=spec.title or name.replace("_", " "),
        measure=measure,
        kind=kind,
        path=path,
        event=event,
        field=field_name or None,
        where=where,
        within=spec.within,
        any_of=any_of,
        covered=covered,
        of_events=_share_of(work, scopes, data_set_of, path, event, spec.of)
        if measure == "share"
        else (),
    )


def _share_of(
    work: _Work,
    scopes: _Scopes,
    data_set_of: Mapping[str, str],
    path: Path,
    event: str,
    of: str | None,
) -> tuple[str, ...]:
    if of is None:
        return (event,)
    if of == "data_set":
        of = data_set_of[event]
    if of in work.scheme.data_sets:
        return tuple(work.scheme.data_sets[of].events)
    if of in data_set_of:
        return (of,)
    work.complain(
        (*path, "of"),
        Code.UNKNOWN_NAME,
        f"no event or data set is called '{of}'",
        did_you_mean(of, [*data_set_of, *work.scheme.data_sets]),
    )
    return (event,)


def _measure_kind(work: _Work, path: Path, measure: str, of: Kind | None) -> Kind | None:
    if measure in ("count", "distinct"):
        return WHOLE
    if measure == "days_since":
        return Kind("whole", "days")
    if measure == "share":
        return FIXED
    if measure == "latest" and of is not None:
        return of
    if measure == "trend" and of is None:
        return FIXED
    assert of is not None
    if not of.numeric and not (of.base == "date" and measure in ("min", "max")):
        work.complain(path, Code.TYPE_MISMATCH, f"'{measure}' takes numbers; the field is {of}")
        return None
    if measure == "mean":
        return Kind("fixed", of.unit)
    return FIXED if measure == "trend" else of


def _expression_variables(
    work: _Work,
    scopes: _Scopes,
    specs: Mapping[str, tuple[Path, Variable]],
    expressions: Mapping[str, tuple[Path, Variable]],
    bound: dict[str, BoundVariable],
) -> None:
    """Parse expr variables in an order in which each comes after those it needs."""
    graph = {
        name: [w for w in set(re.findall(r"[a-z][a-z0-9_]*", str(spec.expr))) if w in expressions]
        for name, (_, spec) in expressions.items()
    }
    order = _sorted(
        graph,
        lambda loop: work.complain(
            expressions[loop[0]][0],
            Code.CYCLE,
            f"variables depend on themselves: {' → '.join(loop)}",
            "let one of them read events instead",
        ),
    )
    for name in order:
        path, spec = expressions[name]
        known = dict(scopes.parameter_names)
        known.update({n: Ref("variable", n, v.kind) for n, v in bound.items()})
        pending = {n for n in graph[name] if n not in bound}
        if pending:
            continue
        node = work.parse(
            (*path, "expr"), str(spec.expr), Scope(known, words=scopes.variable_words), "any"
        )
        if node is None:
            continue
        if node.kind.base == "text":
            work.complain(
                (*path, "expr"),
                Code.TYPE_MISMATCH,
                "an expr gives a number, a day or a truth value",
            )
            continue
        kind = node.kind
        if spec.unit is not None and kind.numeric:
            kind = Kind(kind.base, spec.unit)
        bound[name] = BoundVariable(
            name, spec.title or name.replace("_", " "), "expr", kind, path, expr=node
        )


def _sorted(
    graph: Mapping[str, Iterable[str]], cycle: Callable[[list[str]], None]
) -> tuple[str, ...]:
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        loop = list(error.args[1])
        cycle(list(reversed(loop)))
        return tuple(name for name in graph if name not in loop)


def _lists(
    work: _Work, scope: Scope, variables: Mapping[str, BoundVariable]
) -> tuple[BoundList, ...]:
    found: dict[str, BoundList] = {}
    for name, spec in work.scheme.lists.items():
        path: Path = ("lists", name)
        add = work.parse((*path, "add_when"), spec.add_when, scope, "bool")
        remove = (
            work.parse((*path, "remove_when"), spec.remove_when, scope, "bool")
            if spec.remove_when is not None
            else None
        )
        if add is None:
            continue
        found[name] = BoundList(
            name=name,
            title=spec.title,
            add_when=add,
            remove_when=remove,
            lasts=spec.lasts,
            warn=spec.before.warn if spec.before else None,
            after_score=_reads_score(add) or (remove is not None and _reads_score(remove)),
            ground=ground(ex.names(add, "variable"), variables),
        )
    graph = {
        name: [
            other
            for node in (entry.add_when, entry.remove_when)
            if node is not None
            for other in ex.lists(node)
            if other in found
        ]
        for name, entry in found.items()
    }
    order = _sorted(
        graph,
        lambda loop: work.complain(
            ("lists", loop[0]),
            Code.CYCLE,
            f"lists depend on themselves: {' → '.join(loop)}",
            "let one of them read variables instead",
        ),
    )
    ordered: dict[str, BoundList] = {}
    for name in order:
        entry = found[name]
        late = entry.after_score or any(
            ordered[other].after_score for other in graph[name] if other in ordered
        )
        ordered[name] = BoundList(
            entry.name,
            entry.title,
            entry.add_when,
            entry.remove_when,
            entry.lasts,
            entry.warn,
            late,
            entry.ground,
        )
    return tuple(ordered.values())


def _reads_score(node: Node) -> bool:
    return bool(ex.names(node, "score") or ex.names(node, "band"))


def ground(wanted: Iterable[str], variables: Mapping[str, BoundVariable]) -> tuple[str, ...]:
    """Event variables that the wanted variables rest on, through expressions, each once."""
    found: dict[str, None] = {}
    todo = list(wanted)
    seen: set[str] = set()
    while todo:
        name = todo.pop(0)
        variable = variables.get(name)
        if variable is None or name in seen:
            continue
        seen.add(name)
        if variable.expr is None:
            found[name] = None
        else:
            todo.extend(variable.needs)
    return tuple(found)


def _start(work: _Work, scope: Scope) -> tuple[BoundStart, ...]:
    start = work.scheme.score.start
    if isinstance(start, int):
        return (BoundStart(None, start, "Everyone starts here"),)
    rows = []
    for index, row in enumerate(start):
        when = None
        if row.when is not None:
            when = work.parse(("score", "start", index, "when"), row.when, scope, "bool")
        rows.append(BoundStart(when, row.points, row.says))
    if not start or start[-1].otherwise is None:
        work.complain(
            ("score", "start"),
            Code.MISSING_FIELD,
            "the starting points have no last row 'else: true'",
            "add {else: true, points: ..., says: ...}",
        )
    return tuple(rows)


def _lines(
    work: _Work, scopes: _Scopes, scope: Scope, variables: Mapping[str, BoundVariable]
) -> tuple[BoundLine, ...]:
    lines: list[BoundLine] = []
    seen: set[str] = set()
    dimensions = work.scheme.score.dimensions
    for index, line in enumerate(work.scheme.score.add):
        path: Path = ("score", "add", index)
        if line.id in seen:
            work.complain((*path, "id"), Code.DUPLICATE_NAME, f"two lines have the id '{line.id}'")
        seen.add(line.id)
        if line.dimension is not None and dimensions and line.dimension not in dimensions:
            work.complain(
                (*path, "dimension"),
                Code.UNKNOWN_NAME,
                f"no dimension is called '{line.dimension}'",
                did_you_mean(line.dimension, dimensions),
            )
        bound = _line(work, scopes, scope, variables, index, path, line)
        if bound is not None:
            lines.append(bound)
    return tuple(lines)


def _line(
    work: _Work,
    scopes: _Scopes,
    scope: Scope,
    variables: Mapping[str, BoundVariable],
    index: int,
    path: Path,
    line: BinsLine | EachLine | WhenLine | VetoLine,
) -> BoundLine | None:
    against = work.scheme.score.reasons.against
    if isinstance(line, BinsLine):
        return _bins(work, variables, index, path, line, against)
    if isinstance(line, EachLine):
        return _each(work, scopes, index, path, line, against)
    when = work.parse((*path, "when"), line.when, scope, "bool")
    if isinstance(line, VetoLine):
        ranks = {band.name: rank for rank, band in enumerate(work.scheme.bands)}
        if line.at_most not in ranks:
            work.complain(
                (*path, "at_most"),
                Code.UNKNOWN_NAME,
                f"no band is called '{line.at_most}'",
                did_you_mean(line.at_most, ranks),
            )
            return None
        if when is None:
            return None
        return BoundVeto(
            line.id, index, line.dimension, when, line.at_most, ranks[line.at_most], line.says
        )
    points = work.parse((*path, "points"), line.points, scope, "number")
    if when is None or points is None:
        return None
    best = max(constant_points(points) or 0, 0) if against == "best" else 0
    reference = best if line.reference is None else line.reference
    return BoundWhen(line.id, index, line.dimension, when, points, line.says, reference)


def constant_points(node: Node) -> int | None:
    """The points a literal brings; None where they depend on data."""
    if not isinstance(node, ex.Const) or not isinstance(node.value, int):
        return None
    return half_away(node.value, MICRO) if node.kind.base == "fixed" else node.value


def _each(
    work: _Work, scopes: _Scopes, index: int, path: Path, line: EachLine, against: str
) -> BoundEach | None:
    if not scopes.known_event((*path, "each"), line.each):
        return None
    scope = scopes.event(line.each)
    where = None
    if line.where is not None:
        where = work.parse((*path, "where"), line.where, scope, "bool")
    points = work.parse((*path, "points"), line.points, scope, "number")
    if line.decay is not None and line.expires is None:
        work.complain(
            (*path, "decay"),
            Code.MISSING_FIELD,
            "points that decay need an end",
            "add 'expires', such as expires: 24 months",
        )
    if (
        line.starts is not None
        and line.expires is not None
        and (line.starts.roughly_days() >= line.expires.roughly_days())
    ):
        work.complain(
            (*path, "starts"), Code.DATES_OUT_OF_ORDER, "the points expire before they start"
        )
    if points is None or (line.where is not None and where is None):
        return None
    best = max(line.cap or 0, 0) if against == "best" else 0
    return BoundEach(
        id=line.id,
        index=index,
        dimension=line.dimension,
        event=line.each,
        where=where,
        points=points,
        cap=line.cap,
        cap_per=(line.cap_per.points, line.cap_per.per) if line.cap_per else None,
        expires=line.expires,
        starts=line.starts,
        decay=line.decay
        if line.decay is None or line.decay == "linear"
        else line.decay.halves_every,
        says=line.says,
        reference=best if line.reference is None else line.reference,
    )


def _bins(
    work: _Work,
    variables: Mapping[str, BoundVariable],
    index: int,
    path: Path,
    line: BinsLine,
    against: str,
) -> BoundBins | None:
    variable = variables.get(line.bins)
    if variable is None:
        if not work.complaints or line.bins not in work.scheme.variables:
            work.complain(
                (*path, "bins"),
                Code.UNKNOWN_NAME,
                f"no variable is called '{line.bins}'",
                did_you_mean(line.bins, variables),
            )
        return None
    rows = []
    for place, row in enumerate(line.table):
        bound = _row(work, (*path, "table", place), row, variable)
        if bound is not None:
            rows.append(bound)
    both = {row.edge for row in rows if row.test == "is"} == {True, False}
    if rows and rows[-1].test != "else" and not (variable.kind.base == "bool" and both):
        work.complain(
            (*path, "table"),
            Code.MISSING_FIELD,
            "some values fall through the table: it has no last row 'else: true'",
            "add {else: true, points: ..., says: ...}",
        )
    if not rows:
        return None
    default = max(row.points for row in rows) if against == "best" else line.missing.points
    return BoundBins(
        id=line.id,
        index=index,
        dimension=line.dimension,
        variable=line.bins,
        rows=tuple(rows),
        missing_points=line.missing.points,
        missing_says=line.missing.says,
        reference=default if line.reference is None else line.reference,
    )


def _row(work: _Work, path: Path, row: Row, variable: BoundVariable) -> BoundRow | None:
    kind = variable.kind
    if row.otherwise is not None:
        return BoundRow("else", None, row.points, row.says)
    if row.below is not None:
        if not kind.numeric:
            work.complain(
                (*path, "below"),
                Code.TYPE_MISMATCH,
                f"'{variable.name}' is {kind}; 'below' goes with numbers",
            )
            return None
        edge: int
        if kind.base == "fixed":
            edge = micro(row.below)
        else:
            # v < 1.5 for whole v is v < 2: the edge rounded up
            edge = -((-micro(row.below)) // MICRO)
        if abs(edge) > LIMIT:
            work.complain((*path, "below"), Code.WRONG_VALUE, "the edge is too large")
            return None
        return BoundRow("below", edge, row.points, row.says)
    value = row.equal
    fits = {
        "bool": isinstance(value, bool),
        "text": isinstance(value, str),
        "whole": isinstance(value, int) and not isinstance(value, bool),
        "fixed": isinstance(value, int) and not isinstance(value, bool),
        "date": False,
    }[kind.base]
    if not fits or value is None:
        work.complain(
            (*path, "is"), Code.TYPE_MISMATCH, f"'{variable.name}' is {kind}, never {value!r}"
        )
        return None
    if kind.base == "fixed" and not isinstance(value, str):
        value = value * MICRO
    return BoundRow("is", value, row.points, row.says)


def _bands(work: _Work, scope: Scope) -> tuple[BoundBand, ...]:
    bound = []
    seen: set[str] = set()
    for rank, band in enumerate(work.scheme.bands):
        if band.name in seen:
            work.complain(
                ("bands", rank, "name"),
                Code.DUPLICATE_NAME,
                f"two bands are called '{band.name}'",
            )
        seen.add(band.name)
        when = None
        if band.when is not None:
            when = work.parse(("bands", rank, "when"), band.when, scope, "bool")
        bound.append(BoundBand(band.name, rank, band.since, when))
    edges = [
        (rank, band.since) for rank, band in enumerate(work.scheme.bands) if band.since is not None
    ]
    if not edges:
        work.complain(
            ("bands",),
            Code.LOWEST_BAND,
            "no band starts at a score",
            "give the lowest band 'from' the floor",
        )
    for (_, lower), (rank, upper) in pairwise(edges):
        if upper <= lower:
            work.complain(
                ("bands", rank, "from"),
                Code.BAND_GAP,
                f"bands stand from lowest to highest; {upper} follows {lower}",
            )
    if edges and edges[0][1] > work.scheme.score.floor:
        work.complain(
            ("bands", edges[0][0], "from"),
            Code.LOWEST_BAND,
            f"scores from {work.scheme.score.floor} to {edges[0][1] - 1} have no band",
            f"let the lowest band start at the floor, {work.scheme.score.floor}",
        )
    if work.scheme.score.ceiling < work.scheme.score.floor:
        work.complain(("score", "ceiling"), Code.WRONG_VALUE, "the ceiling lies below the floor")
    return tuple(bound)


def _consequences(work: _Work, scope: Scope) -> tuple[BoundConsequence, ...]:
    bound = []
    seen: set[str] = set()
    for index, spec in enumerate(work.scheme.consequences):
        if spec.id in seen:
            work.complain(
                ("consequences", index, "id"),
                Code.DUPLICATE_NAME,
                f"two consequences have the id '{spec.id}'",
            )
        seen.add(spec.id)
        when = work.parse(("consequences", index, "when"), spec.when, scope, "bool")
        if when is not None:
            bound.append(BoundConsequence(spec.id, when, spec.effect, spec.kind))
    return tuple(bound)


__all__ = ["BOOL", "Bound", "BoundVariable", "bind", "family_members", "ground", "resolve"]
