"""What the events of a scheme are worth, found by asking the engine.

For every kind of event a few values of each field are tried in all combinations: truths, words,
and for numbers nothing, a usual and a large one, by unit. Each combination is scored as one event
of this month and as six in six months, of somebody without any history. Those that serve the
subject best and worst become the variants of the kind. What a variant is worth to an *average*
subject is then asked with a history behind it: the good variant of every contract and trait, three
times in a year. Everything is whole numbers and no chance; the engine's batch door does the work,
which is proved equal to :mod:`xinyong.engine.plain`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import product
from typing import Any, Final

import numpy as np

from xinyong.days import day_number, instant
from xinyong.engine.batch import score_table
from xinyong.engine.shape import shape_of
from xinyong.lab.casting_file import Said
from xinyong.lab.happenings import GRAVE, RARER, Happening, StreamSpec, happening_of, late_of
from xinyong.records.event import Event, FieldValue
from xinyong.records.table import IN_ORDER, from_events
from xinyong.scheme.binding import COVERAGE, Bound, bind
from xinyong.scheme.data import EventSpec, FieldSpec
from xinyong.scheme.model import Scheme
from xinyong.terms import MICRO

Fields = dict[str, FieldValue]
MOST_COMBINATIONS: Final = 256
"""Combinations of field values tried of one kind; beyond, only the first value of late fields."""
EVENT_DAY: Final = 15
"""All events of a month happen on this day at noon; scores are taken on the month's last day."""

_LADDERS: Final[Mapping[str, tuple[int, ...]]] = {
    "days": (0, 45, 200),
    "hours": (4, 0, 8),
    "months": (12, 0, 60),
    "years": (5, 0, 15),
}
_PLAIN_LADDER: Final = (3, 0, 12, 700)
_MONEY_LADDER: Final = (50_000, 0, 2_000_000)
_NUMBER_LADDER: Final = (50 * MICRO, 0, 200 * MICRO)
LATER: Final = 72
"""Months after which a kind that changed nothing so far is looked at again: an entry that goes
five years after it was put right is gone by then."""
BANDS, LISTED, FOLLOWS = 1000, 500, 100
"""What going from the lowest to the highest band, being listed, and one consequence weigh beside
1000 for the whole range of the score (assumed)."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a history leads to: score, rank of the band, and all in thousandths of the range."""

    score: int
    band: int
    total: int


def month_of(day: date) -> int:
    """Months since January of year 0."""
    return day.year * 12 + day.month - 1


def event_instant(month: int, scheme: Scheme) -> int:
    """The 15th of a month (counted as by :func:`month_of`) at noon in the scheme's zone."""
    year, place = divmod(month, 12)
    noon = datetime.combine(date(year, place + 1, EVENT_DAY), time(12), scheme.zone)
    return instant(noon)


def last_day(month: int) -> date:
    """The last day of a month, counted as by :func:`month_of`."""
    year, place = divmod(month, 12)
    return date(year, place + 1, monthrange(year, place + 1)[1])


def first_month(scheme: Scheme) -> int:
    """The month in which the lab begins with a scheme: the first one that it is in force."""
    return month_of(scheme.in_force.since)


# ------------------------------------------------------------------ asking


@dataclass(frozen=True, slots=True)
class _Past:
    """One event of a probe: how many months ago, its kind and fields."""

    ago: int
    kind: str
    fields: Fields


class _Asker:
    """Scores many short histories at once."""

    def __init__(self, scheme: Scheme, bound: Bound, later: int = 0) -> None:
        self.scheme, self.bound = scheme, bound
        self.month = first_month(scheme) + 24 + later
        self.shape = shape_of(scheme)
        self.bands = [band.name for band in bound.bands]

    def worths(self, histories: Sequence[Sequence[_Past]]) -> list[Worth]:
        """What each history leads to, on the last day of a month."""
        events: list[Event] = []
        for n, history in enumerate(histories):
            ordered = sorted(enumerate(history), key=lambda pair: (-pair[1].ago, pair[0]))
            for place, (_, past) in enumerate(ordered):
                at = event_instant(self.month - past.ago, self.scheme)
                events.append(
                    Event(f"{n:07d}", past.kind, at, at, f"{place:06d}", fields=past.fields)
                )
        table = from_events(events, self.shape).replace_schema_metadata(IN_ORDER)
        day = last_day(self.month)
        questions = _questions(len(histories), day)
        found = score_table(self.scheme, table, questions=questions, reasons=False)
        return self._read(found)

    def _read(self, found: Any) -> list[Worth]:
        score = found["score"].to_numpy()
        rank = {name: n for n, name in enumerate(self.bands)}
        band = np.array([rank[name] for name in found["band"].to_pylist()])
        limits = self.scheme.score
        span = max(limits.ceiling - limits.floor, 1)
        total = (score - limits.floor) * 1000 // span
        total = total + band * BANDS // max(len(self.bands) - 1, 1)
        for entry in self.bound.lists:
            states = found[f"list.{entry.name}"].to_pylist()
            weights = {"listed": LISTED, "warned": LISTED // 2}
            total = total - np.array([weights.get(state, 0) for state in states])
        for consequence in self.bound.consequences:
            sign = FOLLOWS if consequence.kind == "benefit" else -FOLLOWS
            total = total + sign * found[f"consequence.{consequence.id}"].to_numpy().astype(int)
        return [Worth(int(s), int(b), int(t)) for s, b, t in zip(score, band, total, strict=True)]


def _questions(many: int, day: date) -> Any:
    import pyarrow as pa

    subjects = [f"{n:07d}" for n in range(many)]
    return pa.table({"subject": subjects, "day": pa.array([day] * many, pa.date32())})


# ------------------------------------------------------------------ values to try


def _values(spec: FieldSpec, day: int) -> tuple[FieldValue, ...]:
    match spec.type:
        case "bool":
            return (True, False)
        case "money":
            return _MONEY_LADDER
        case "int":
            return _LADDERS.get(spec.unit or "", _PLAIN_LADDER)
        case "number":
            return _NUMBER_LADDER
        case "date":
            return (day, day - 400)
    return tuple(spec.one_of) if spec.one_of else ("a",)


def combinations(fields: Mapping[str, FieldSpec], day: int) -> list[Fields]:
    """Values of the fields of a kind that are tried, the plainest first."""
    tried: list[tuple[FieldValue, ...]] = []
    many = 1
    for spec in fields.values():
        values = _values(spec, day)
        if many * len(values) > MOST_COMBINATIONS:
            values = values[:1]
        many *= len(values)
        tried.append(values)
    return [dict(zip(fields, values, strict=True)) for values in product(*tried)]


# ------------------------------------------------------------------ best and worst


@dataclass(frozen=True, slots=True)
class _Variant:
    """A kind with the values that serve best or worst; ``worth`` the sum over the probes.

    ``points`` are known where the kind shows only after a breach (see :func:`_mended`).
    """

    kind: str
    fields: Fields
    worth: int
    points: int | None = None


def _events(scheme: Scheme) -> dict[str, EventSpec]:
    return {
        kind: event
        for data_set in scheme.data_sets.values()
        for kind, event in data_set.events.items()
    }


def _variants(asker: _Asker, kinds: Sequence[str]) -> list[list[_Variant]]:
    """For each kind its variants, the best first; one where no value matters."""
    specs = _events(asker.scheme)
    day = day_number(last_day(asker.month))
    tried = [(kind, fields) for kind in kinds for fields in combinations(specs[kind].fields, day)]
    histories: list[list[_Past]] = [[]]
    for kind, fields in tried:
        histories.append([_Past(0, kind, fields)])
        histories.append([_Past(ago, kind, fields) for ago in range(5, -1, -1)])
    nothing, *rest = asker.worths(histories)
    made: dict[str, list[_Variant]] = {}
    for n, (kind, fields) in enumerate(tried):
        worth = sum(found.total - nothing.total for found in rest[2 * n : 2 * n + 2])
        made.setdefault(kind, []).append(_Variant(kind, fields, worth))
    found: dict[str, list[_Variant]] = {}
    for kind, variants in made.items():
        best = max(variants, key=lambda v: v.worth)
        worst = min(variants, key=lambda v: v.worth)
        found[kind] = [best] if best.worth == worst.worth else [best, worst]
    bad = [v for of in found.values() for v in of if v.worth < 0]
    usual = _usual([of[0] for of in found.values() if of[0].worth > 0], asker.scheme)
    for past, later in (([], 0), (usual, 0), ([], LATER)):
        quiet = [kind for kind, of in found.items() if all(v.worth == 0 for v in of)]
        if past or later:
            quiet = [kind for kind in quiet if specs[kind].conduct == "contract"]
        found.update(_mended(asker, quiet, bad, past, later))
    return list(found.values())


def _mended(
    asker: _Asker, quiet: Sequence[str], bad: Sequence[_Variant], past: list[_Past], later: int
) -> dict[str, list[_Variant]]:
    """Kinds that change nothing by themselves: tried after each breach, a year and a half ago.

    ``past`` is what else happened before; ``later`` the months that pass after the kind. Points
    that come only then are none to those who weigh what they do now.
    """
    specs = _events(asker.scheme)
    day = day_number(last_day(asker.month))
    tried = [(kind, fields) for kind in quiet for fields in combinations(specs[kind].fields, day)]
    if later:
        asker = _Asker(asker.scheme, asker.bound, later)
        until = asker.scheme.in_force.until
        if until is not None and last_day(asker.month) >= until:
            return {}
    if not tried or not bad:
        return {}
    bases = [[*past, _Past(18 + later, v.kind, v.fields)] for v in bad]
    histories = list(bases)
    for kind, fields in tried:
        histories += [[*base, _Past(later, kind, fields)] for base in bases]
    before, after = (found := asker.worths(histories))[: len(bad)], found[len(bad) :]
    best: dict[str, list[_Variant]] = {}
    for n, (kind, fields) in enumerate(tried):
        for was, now in zip(before, after[n * len(bad) :], strict=False):
            worth, points = now.total - was.total, 0 if later else now.score - was.score
            if abs(worth) > abs(best[kind][0].worth if kind in best else 0):
                best[kind] = [_Variant(kind, fields, worth, points)]
    return best


def _usual(variants: Iterable[_Variant], scheme: Scheme) -> list[_Past]:
    """A year of an average subject: contracts kept and traits known."""
    specs = _events(scheme)
    made = []
    for v in variants:
        if v.worth >= 0 and v.points is None and specs[v.kind].conduct in ("contract", "trait"):
            made += [_Past(ago, v.kind, v.fields) for ago in (11, 6, 2)]
    return made


# ------------------------------------------------------------------ what they are worth


def _points(before: Worth, after: Worth, bound: Bound) -> int:
    """The change of the score; where only the band falls, the points that would do the same."""
    change = after.score - before.score
    if change == 0 and after.band < before.band:
        lowest = bound.bands[after.band + 1].since
        if lowest is not None and lowest - 1 < before.score:
            return lowest - 1 - before.score
    return change


def probed(scheme: Scheme, said: Said | None) -> list[StreamSpec]:
    """The streams of a scheme: those said by hand, and all other kinds by rule.

    A variant that changes nothing in any probe is left out. Among breaches and good deeds the
    ``share`` falls with the points (what counts much is rare; assumed) unless it is said. Raises
    what the engine raises.
    """
    bound = bind(scheme)
    asker = _Asker(scheme, bound)
    by_hand = frozenset() if said is None else said.kinds
    kinds = [kind for kind in _events(scheme) if kind not in by_hand]
    groups = _variants(asker, kinds) if kinds else []
    covered = sorted({name for v in bound.variables.values() for name in v.covered})
    groups += [[_Variant(COVERAGE, {"data_set": name}, 0)] for name in covered]
    spoken = [] if said is None else list(said.streams)
    variants = [v for group in groups for v in group]
    everything = [*variants, *(_Variant(kind, fields, 0) for _, kind, fields, _ in spoken)]
    if not everything:
        return []
    usual = _usual([group[0] for group in groups if group[0].kind != COVERAGE], scheme)
    changes = _changes(asker, usual, everything)
    made = []
    for group in groups:
        kept = [v for v in group if v.worth != 0 or changes[(v.kind, str(v.fields))][1]]
        if kept and _counted(scheme, group[0].kind):
            kept = group  # those that change nothing are what the others are a share of
        for v in kept:
            points = changes[(v.kind, str(v.fields))][0] if v.points is None else v.points
            happening = _happening(scheme, v, v is group[-1], points)
            made.append(_stream(happening, v.kind, v.fields, points, None))
    for happening, kind, fields, share in spoken:
        points, _ = changes[(kind, str(fields))]
        made.append(_stream(happening, kind, fields, points, share))
    return made


def _counted(scheme: Scheme, kind: str) -> bool:
    """Whether events of a kind come whether or not anything is wrong."""
    for data_set in scheme.data_sets.values():
        if kind in data_set.events:
            conduct = data_set.events[kind].conduct
            return conduct in ("contract", "trait") or data_set.collected_from == "sensor"
    return False


def _happening(scheme: Scheme, v: _Variant, last: bool, points: int) -> Happening:
    if v.kind == COVERAGE:
        return Happening.COVERED
    sign = (v.worth > 0) - (v.worth < 0) or (points > 0) - (points < 0)
    if last and v.worth >= 0 and points <= 0 and False in v.fields.values():
        sign = -1  # a promise not kept that costs nothing is still not kept
    if sign > 0 and v.points is not None and scheme.subjects != "organisation":
        for data_set in scheme.data_sets.values():
            if v.kind in data_set.events and data_set.events[v.kind].conduct == "contract":
                return late_of(data_set.context)
    if sign < 0 and last:
        sign = GRAVE
    return happening_of(scheme, v.kind, dict(v.fields), sign)


def _stream(
    happening: Happening, kind: str, fields: Fields, points: int, share: float | None
) -> StreamSpec:
    if share is None:
        share = 1.0 / max(abs(points), 1) if happening in RARER else 1.0
    return StreamSpec(happening, kind, tuple(sorted(fields.items())), points, float(share))


def _changes(
    asker: _Asker, usual: list[_Past], variants: Sequence[_Variant]
) -> dict[tuple[str, str], tuple[int, bool]]:
    """By kind and fields: points for an average subject, and whether anything changes at all.

    Asked of an average subject, of one in trouble (every bad variant three months ago; what is
    put right only shows there), and of a newcomer.
    """
    trouble = usual + [_Past(3, v.kind, v.fields) for v in variants if v.worth < 0]
    bases = [usual, trouble, []]
    histories: list[list[_Past]] = [list(base) for base in bases]
    for v in variants:
        histories += [[*base, _Past(0, v.kind, v.fields)] for base in bases]
    found = asker.worths(histories)
    before, after = found[:3], found[3:]
    made = {}
    for n, v in enumerate(variants):
        pairs = list(zip(before, after[3 * n : 3 * n + 3], strict=True))
        points = [_points(was, now, asker.bound) for was, now in pairs]
        first = next((change for change in points if change), 0)
        moved = any(was.total != now.total for was, now in pairs)
        made[(v.kind, str(v.fields))] = (first, moved or first != 0)
    return made


__all__ = ["EVENT_DAY", "event_instant", "first_month", "last_day", "month_of", "probed"]
