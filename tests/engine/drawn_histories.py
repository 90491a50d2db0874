"""Random histories for a random scheme, and days to score them on."""

from datetime import date, timedelta
from typing import Any

from drawn_words import ANCHORS, PERIODS, WORDS, Pick
from hypothesis import strategies as st

from xinyong.days import Period, day_number, end_of_day, start_of_day
from xinyong.records.event import Event
from xinyong.scheme.model import Scheme
from xinyong.terms import FIELD_LIMIT, FIXED_FIELD_LIMIT, MICRO


def anchor(scheme: Scheme) -> date:
    """The day around which a scheme's histories and questions gather."""
    return ANCHORS[int(scheme.digest[:6], 16) % len(ANCHORS)]


def _some_day(pick: Pick, scheme: Scheme) -> date:
    """A day at a window's edge, a month's end, or nearby; sometimes far or in the future."""
    day = anchor(scheme)
    form = pick.number(0, 7)
    if form <= 2:
        periods = [Period.parse(text) for text in PERIODS]
        return max(pick.of(periods).before(day), date(1900, 1, 1)) + timedelta(
            days=pick.number(-1, 1)
        )
    if form <= 4:
        return day - timedelta(days=pick.number(0, 60))
    if form == 5:
        return day - timedelta(days=pick.number(0, 800))
    if form == 6:
        return pick.of(ANCHORS)
    return day + timedelta(days=pick.number(-1, 40))


def _value(pick: Pick, spec: Any, day: date) -> Any:
    form = pick.number(0, 9)
    if form == 9:
        return None
    match spec.type:
        case "bool":
            return pick.one_in(2)
        case "text":
            return pick.of(("", "zz", *WORDS)) if form == 5 else pick.of(WORDS)
        case "date":
            return day_number(day) + pick.number(-3, 3)
        case "number":
            if form == 5:
                return pick.of((1, -1, MICRO * FIXED_FIELD_LIMIT, -MICRO * FIXED_FIELD_LIMIT))
            return pick.number(-4, 12) * MICRO // pick.of((1, 2, 3))
        case _:
            if form == 5:
                return pick.of((FIELD_LIMIT, -FIELD_LIMIT, 900_000_000_001))
            return pick.number(-4, 12)


def _event(pick: Pick, scheme: Scheme, subject: str, kinds: list[str], place: int) -> Event:
    day = max(_some_day(pick, scheme), date(1900, 1, 3))
    start, end = start_of_day(day, scheme.zone), end_of_day(day, scheme.zone)
    happened = pick.of((start, end, start + 1, (start + end) // 2, start))
    limit = end_of_day(anchor(scheme), scheme.zone)
    hours = 3_600_000_000
    recorded = happened
    if pick.one_in(4):
        recorded = pick.of((happened + 24 * hours, limit, limit + 1, happened - hours))
    struck = None
    if pick.one_in(5):
        struck = pick.of((limit, limit + 1, recorded, recorded + 24 * hours))
    kind = pick.of(kinds)
    fields: dict[str, Any] = {}
    if kind == "coverage":
        if not pick.one_in(6):
            fields["data_set"] = pick.of((*scheme.data_sets, "elsewhere"))
    else:
        specs = scheme.data_sets[scheme.event_data_set(kind) or ""].events[kind].fields
        for name, spec in specs.items():
            if not pick.one_in(12):
                fields[name] = _value(pick, spec, anchor(scheme))
    number = pick.number(0, 4) if pick.one_in(6) else place
    return Event(subject, kind, happened, recorded, f"e{number}", fields, struck, "drawn")


@st.composite
def histories(draw: st.DrawFn, scheme: Scheme) -> list[Event]:
    """Events of nobody to four subjects, in any order.

    Records that share subject and id differ in when they were recorded or happened, or in kind;
    docs/meaning.md leaves no other choice open.
    """
    pick = Pick(draw)
    kinds = [kind for data_set in scheme.data_sets.values() for kind in data_set.events]
    kinds = [*kinds, *kinds, "coverage"]
    events: list[Event] = []
    taken: set[tuple[Any, ...]] = set()
    for number in range(pick.of((1, 2, 4, 3, 0))):
        for place in range(pick.of((4, 8, 12, 1, 6, 2, 0))):
            event = _event(pick, scheme, f"s{number}", kinds, place)
            key = (event.subject, event.id, event.recorded_at, event.happened_at, event.kind)
            if key not in taken:
                taken.add(key)
                events.insert(0 if pick.one_in(3) else len(events), event)
    return events


@st.composite
def days_and_known(draw: st.DrawFn, scheme: Scheme) -> tuple[date, int | None]:
    """A day to score on, near the histories' days, and ``known_by`` (often the default)."""
    pick = Pick(draw)
    day = anchor(scheme)
    form = pick.number(0, 7)
    if form in (3, 4):
        day += timedelta(days=pick.number(-3, 35))
    elif form == 5:
        day = _some_day(pick, scheme)
    known = None
    if pick.one_in(4):
        limit = end_of_day(day, scheme.zone)
        known = limit + pick.of((0, 1, -1, -86_400_000_000, 40 * 86_400_000_000))
    return day, known
