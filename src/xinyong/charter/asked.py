"""What a clause is asked: this scheme, in these places, on this day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from xinyong.charter.source import Source
from xinyong.charter.trails import Trails, can_lower
from xinyong.charter.words import Place, Trail
from xinyong.scheme.bound import Bound
from xinyong.scheme.model import Appeal, Consequence, DataSet, EventSpec, Notice, Scheme
from xinyong.scheme.who import PEOPLE

Path = tuple[str | int, ...]
CREDIT = frozenset({"consumer_credit", "business_credit"})


@dataclass(frozen=True)
class Whole:
    """A scheme with what all clauses ask of it, worked out once."""

    bound: Bound

    @property
    def scheme(self) -> Scheme:
        """The document."""
        return self.bound.scheme

    @cached_property
    def trails(self) -> Trails:
        """From every datum to every consequence."""
        return Trails(self.bound)

    @cached_property
    def lowering(self) -> dict[str, Trail]:
        """Event kinds that can cost a subject something."""
        return can_lower(self.bound, self.trails)

    @cached_property
    def scored(self) -> dict[str, Trail]:
        """Event kinds that the score, a list or a consequence rests on."""
        found = dict(self.trails.to_score)
        for kinds in (*self.trails.to_list.values(), *self.trails.to_consequence.values()):
            for kind, trail in kinds.items():
                found.setdefault(kind, trail)
        return found


@dataclass(frozen=True)
class Asked:
    """One question to one clause; ``law`` are those of its sources that bind here and now."""

    whole: Whole
    places: tuple[Place, ...]
    day: date
    law: tuple[Source, ...] = ()

    @property
    def scheme(self) -> Scheme:
        """The document."""
        return self.whole.scheme

    @property
    def bound(self) -> Bound:
        """The document with names resolved."""
        return self.whole.bound

    @property
    def scored(self) -> dict[str, Trail]:
        """Event kinds that the score, a list or a consequence rests on."""
        return self.whole.scored

    @property
    def lowering(self) -> dict[str, Trail]:
        """Event kinds that can cost a subject something."""
        return self.whole.lowering

    def binds(self, place: Place) -> bool:
        """Whether a source of this clause binds in a place."""
        return any(source.place == place for source in self.law)

    # -------------------------------------------------------------- who

    @property
    def people(self) -> bool:
        """Whether natural persons are scored."""
        return self.scheme.subjects in PEOPLE

    @property
    def public(self) -> bool:
        """Whether a public body runs the scheme, alone or with others."""
        operator = self.scheme.operator
        return operator is not None and operator.kind in ("public", "mixed")

    @property
    def credit(self) -> bool:
        """Whether it decides on credit: by its stated use, or by what follows."""
        stated = any(use in CREDIT for use in self.scheme.used_for)
        return stated or any(c.context == "finance.credit" for c in self.scheme.consequences)

    @property
    def consumer_credit(self) -> bool:
        """Whether it decides on credit to consumers."""
        return self.people and (
            "consumer_credit" in self.scheme.used_for
            or any(c.context == "finance.credit" for c in self.scheme.consequences)
        )

    # -------------------------------------------------------------- what

    def data_sets(self) -> Iterator[tuple[Path, str, DataSet]]:
        """Data sets with their places."""
        for name, data_set in self.scheme.data_sets.items():
            yield ("data_sets", name), name, data_set

    def events(self) -> Iterator[tuple[Path, str, DataSet, EventSpec]]:
        """Event kinds with their places and data sets."""
        for path, _, data_set in self.data_sets():
            for kind, spec in data_set.events.items():
                yield (*path, "events", kind), kind, data_set, spec

    def event(self, kind: str) -> tuple[Path, DataSet, EventSpec]:
        """One event kind, with its place and data set."""
        name = self.bound.data_set_of[kind]
        data_set = self.scheme.data_sets[name]
        return ("data_sets", name, "events", kind), data_set, data_set.events[kind]

    def categories(self) -> Iterator[tuple[Path, str, DataSet, EventSpec, str]]:
        """Every category that an event or one of its fields is said to have, with its place."""
        for path, kind, data_set, spec in self.events():
            if spec.category is not None:
                yield (*path, "category"), kind, data_set, spec, spec.category
            for field, field_spec in spec.fields.items():
                if field_spec.category is not None and field_spec.category != spec.category:
                    place = (*path, "fields", field, "category")
                    yield place, kind, data_set, spec, field_spec.category

    # -------------------------------------------------------------- what follows

    def burdens(self) -> Iterator[tuple[Path, Consequence, dict[str, Trail]]]:
        """Burdens with their places and the trails that lead to them, by event kind."""
        yield from self._follows("burden")

    def benefits(self) -> Iterator[tuple[Path, Consequence, dict[str, Trail]]]:
        """Benefits with their places and the trails that lead to them, by event kind."""
        yield from self._follows("benefit")

    def _follows(self, kind: str) -> Iterator[tuple[Path, Consequence, dict[str, Trail]]]:
        for index, spec in enumerate(self.scheme.consequences):
            if spec.kind == kind:
                yield (
                    ("consequences", index),
                    spec,
                    self.whole.trails.to_consequence.get(spec.id, {}),
                )

    @property
    def any_burden(self) -> bool:
        """Whether the scheme has a burden or a list."""
        return bool(self.scheme.lists) or any(
            spec.kind == "burden" for spec in self.scheme.consequences
        )

    def notice(self, spec: Consequence) -> Notice | None:
        """The notice that goes with a consequence: its own, or that of the rights."""
        return spec.notice or self.scheme.rights.notice

    def review(self, spec: Consequence) -> Appeal | None:
        """To whom a consequence can be taken: its own appeal, or that of the rights."""
        return spec.appeal or self.scheme.rights.review

    def context_of(self, trail: Trail) -> str:
        """Where the datum of a trail arose."""
        return self.scheme.data_sets[trail.data_set].context
