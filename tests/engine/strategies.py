"""Random schemes over the whole language, and random histories to score under them.

Every scheme drawn binds. All choices are made by :class:`Pick`, one small integer at a time, so
that hypothesis can shrink a failing example.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

from xinyong.days import Period, day_number, end_of_day, start_of_day
from xinyong.records.event import Event
from xinyong.scheme.binding import resolve
from xinyong.scheme.model import Scheme
from xinyong.terms import FIELD_LIMIT, FIXED_FIELD_LIMIT, MICRO

ZONES = (
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Kathmandu",
)
ANCHORS = (
    date(2020, 2, 29),
    date(2021, 3, 31),
    date(2021, 2, 28),
    date(2011, 12, 31),
    date(2019, 6, 30),
    date(2018, 11, 4),
    date(2016, 1, 1),
)
"""Days on which things happen: month ends, leap days, changes of the clocks."""

PERIODS = (
    "1 day",
    "2 days",
    "7 days",
    "30 days",
    "31 days",
    "1 month",
    "2 months",
    "3 months",
    "11 months",
    "12 months",
    "2 years",
    "1200 months",
)
WINDOWS = ("12 months", "2 years", "3 months", *PERIODS)
WORDS = ("a", "b", "c")


def anchor(scheme: Scheme) -> date:
    """The day around which a scheme's histories and questions gather."""
    return ANCHORS[int(scheme.digest[:6], 16) % len(ANCHORS)]


class Pick:
    """Choices, each one draw of a small integer; 0 is the simplest."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def of(self, items: Any) -> Any:
        return items[self.number(0, len(items) - 1)]

    def one_in(self, many: int) -> bool:
        return self.number(0, many - 1) == many - 1


class Name(NamedTuple):
    """Something an expression may speak of."""

    text: str
    base: str
    unit: str | None = None
    words: tuple[str, ...] = ()


class Expressions:
    """Typed expressions as text, over the names and lists given."""

    def __init__(self, pick: Pick, names: list[Name], lists: list[str] | None = None) -> None:
        self.pick, self.names, self.lists = pick, names, lists or []

    def having(self, *bases: str) -> list[Name]:
        return [name for name in self.names if name.base in bases]

    def literal(self, large: tuple[int, ...] = (10**15, 9 * 10**17)) -> Name:
        pick = self.pick
        if pick.one_in(3):
            text = pick.of(("0.5", "1.5", "0.000001", "2.25", "-0.5", "33.333333", "900000.5"))
            return Name(text, "fixed")
        if pick.one_in(12):
            return Name(str(pick.of((10**11, 900_000_000_000, *large))), "whole")
        return Name(str(pick.number(-5, 20)), "whole")

    def number(self, depth: int) -> Name:
        pick, known = self.pick, self.having("whole", "fixed")
        form = pick.number(0, 5) if depth > 0 else pick.number(0, 1)
        if form == 1 or (form == 0 and not known):
            return self.literal()
        if form == 0:
            return pick.of(known)
        if form == 5:
            days = self.having("date")
            if days and pick.one_in(2):
                return Name(f"({pick.of(days).text} - {pick.of(days).text})", "whole", "days")
            arg = self.number(depth - 1)
            return Name(f"(-{arg.text})", arg.base, arg.unit)
        left, right = self.number(depth - 1), self.number(depth - 1)
        base = "fixed" if "fixed" in (left.base, right.base) else "whole"
        if form == 4:
            word = pick.of(("min", "max"))
            right = self.agreeing(left, right)
            base = "fixed" if "fixed" in (left.base, right.base) else "whole"
            return Name(f"{word}({left.text}, {right.text})", base, left.unit or right.unit)
        op = pick.of("+-*/")
        if op == "*" and left.unit and right.unit:
            right = self.literal()
        elif op != "*":
            right = self.agreeing(left, right)
        base = "fixed" if "fixed" in (left.base, right.base) or op == "/" else "whole"
        if op == "/":
            unit = None if left.unit == right.unit else left.unit
        else:
            unit = left.unit or right.unit
        return Name(f"({left.text} {op} {right.text})", base, unit)

    def agreeing(self, left: Name, right: Name) -> Name:
        """The right side, or a literal where the units do not go together."""
        return self.literal() if left.unit and right.unit and left.unit != right.unit else right

    def truth(self, depth: int) -> str:
        pick = self.pick
        form = pick.number(0, 10) if depth > 0 else pick.number(0, 6)
        if form == 1 and self.having("bool"):
            return str(pick.of(self.having("bool")).text)
        if form == 2 and self.having("text"):
            name = pick.of(self.having("text"))
            words = name.words or (*WORDS, "zz")
            if pick.one_in(2):
                return f"{name.text} {pick.of(('==', '!='))} '{pick.of(words)}'"
            return f"{name.text} {pick.of(('in', 'not in'))} ['{pick.of(words)}', '{words[0]}']"
        if form == 3 and self.having("date"):
            name, day = pick.of(self.having("date")), pick.of(ANCHORS)
            return f"{name.text} {pick.of(('<', '>=', '==', '!='))} '{day}'"
        if form == 4 and self.names:
            return f"known({pick.of(self.names).text})"
        if form == 5 and self.lists:
            return f"on('{pick.of(self.lists)}')"
        if form == 6 and self.having("whole", "fixed"):
            name = pick.of(self.having("whole", "fixed"))
            # a number in a list must fit in millionths
            values = [self.literal(()).text for _ in range(pick.number(1, 3))]
            return f"{name.text} in [{', '.join(values)}]"
        if form in (7, 8):
            word = "and" if form == 7 else "or"
            items = [self.truth(depth - 1) for _ in range(pick.number(2, 3))]
            return "(" + f" {word} ".join(items) + ")"
        if form == 9:
            return f"(not {self.truth(depth - 1)})"
        if form == 10 and self.having("whole", "fixed"):
            name = pick.of(self.having("whole", "fixed"))
            return f"{pick.number(-2, 3)} < {name.text} <= {pick.number(0, 9)}"
        left = self.number(min(depth, 1))
        right = self.agreeing(left, self.number(min(depth, 1)))
        return f"{left.text} {pick.of(('>', '<', '<=', '>=', '==', '!='))} {right.text}"


class Maker:
    """Draws one scheme document, part by part."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.pick = Pick(draw)
        self.fields: dict[str, dict[str, Name]] = {}
        self.parameters: list[Name] = []
        self.variables: list[Name] = []

    def document(self) -> dict[str, Any]:
        pick = self.pick
        document: dict[str, Any] = {
            "xinyong": 1,
            "scheme": "drawn",
            "version": "1",
            "use": "lab",
            "subjects": "person",
            "in_force": {"from": date(2000, 1, 1)},
            "timezone": pick.of(ZONES),
            "title": "Drawn",
            "purpose": "Tests",
            "data_sets": self.data_sets(),
        }
        document["parameters"] = self.dated()
        self.event_names = {
            kind: [*fields.values(), *self.parameters] for kind, fields in self.fields.items()
        }
        document["variables"] = self.all_variables()
        document["families"] = self.families()
        document["bands"] = self.bands_from()
        self.subject = [*self.parameters, *self.variables]
        document["lists"] = self.all_lists()
        document["score"] = self.score()
        self.conditional_bands(document["bands"])
        document["consequences"] = tuple(
            {
                "id": f"C{index}",
                "context": "finance",
                "when": Expressions(pick, self.everything, list(document["lists"])).truth(2),
                "effect": "something follows",
                "kind": pick.of(("benefit", "burden")),
            }
            for index in range(pick.number(0, 3))
        )
        return document

    def data_sets(self) -> dict[str, Any]:
        pick, kinds = self.pick, iter(("pay", "bill", "fine", "help"))
        found: dict[str, Any] = {}
        for name in ("bank", "town")[: pick.number(1, 2)]:
            events: dict[str, Any] = {}
            for _ in range(pick.number(1, 2)):
                kind = next(kinds)
                events[kind] = {"fields": self.some_fields(kind)}
            found[name] = {
                "context": "finance",
                "source": "somebody",
                "basis": "law",
                "keep": {"for": "100 years", "from": "event", "then": "delete"},
                "events": events,
            }
        return found

    def some_fields(self, kind: str) -> dict[str, Any]:
        pick = self.pick
        specs: dict[str, Any] = {}
        self.fields[kind] = {}
        for name in ("amount", "rate", "ok", "word", "due", "id")[: pick.of((6, 4, 2, 5, 3, 1, 0))]:
            usual = {"amount": "money", "rate": "number", "ok": "bool", "word": "text"}
            usual |= {"due": "date", "id": "int"}
            type_ = usual[name]
            if pick.one_in(4):
                type_ = pick.of(("int", "number", "money", "bool", "text", "date"))
            spec: dict[str, Any] = {"type": type_}
            base = {"int": "whole", "money": "whole", "number": "fixed"}.get(type_, type_)
            unit = "money" if type_ == "money" else None
            if type_ in ("int", "number") and pick.one_in(4):
                unit = spec["unit"] = "days"
            words: tuple[str, ...] = ()
            if type_ == "text" and pick.one_in(2):
                words = spec["one_of"] = WORDS
            specs[name] = spec
            self.fields[kind][name] = Name(name, base, unit, words)
        return specs

    def dated(self) -> dict[str, Any]:
        pick = self.pick
        found: dict[str, Any] = {}
        for name in ("p_one", "p_two", "p_three")[: pick.number(0, 3)]:
            whole = not pick.one_in(3)
            values: dict[Any, Any] = {}
            for _ in range(pick.number(1, 3)):
                day = pick.of((date(2000, 1, 1), *ANCHORS)) + timedelta(days=pick.number(0, 3))
                small = pick.number(-3, 12)
                values[day] = {"value": small if whole else Decimal(small) + Decimal("0.25")}
            found[name] = {"title": name, "values": values}
            self.parameters.append(Name(name, "whole" if whole else "fixed"))
        return found

    # -- variables

    def all_variables(self) -> dict[str, Any]:
        pick = self.pick
        found: dict[str, Any] = {}
        for index in range(pick.of((3, 7, 1, 5, 2))):
            found[f"v{index}"] = self.event_variable(f"v{index}")
        for index in range(pick.number(0, 3)):
            maker = Expressions(pick, [*self.parameters, *self.variables])
            days = maker.having("date")
            if pick.one_in(4):
                text, kind = maker.truth(2), Name("", "bool")
            elif days and pick.one_in(5):
                text, kind = f"max({days[0].text}, {pick.of(days).text})", Name("", "date")
            else:
                kind = maker.number(2)
                text = kind.text
            found[f"x{index}"] = {"expr": text}
            self.variables.append(Name(f"x{index}", kind.base, kind.unit))
        return found

    def event_variable(self, name: str) -> dict[str, Any]:
        pick = self.pick
        kind = pick.of(list(self.fields))
        fields = self.fields[kind]
        numeric = [f for f in fields.values() if f.base in ("whole", "fixed")]
        days = [f for f in fields.values() if f.base == "date"]
        measures = ["count", "days_since", "share", "trend"]
        measures += ["sum", "mean", "min", "max"] if numeric else []
        measures += ["latest", "distinct"] if fields else []
        measure = pick.of(measures)
        target, result = kind, Name(name, "whole")
        if measure in ("sum", "mean", "min", "max") or (
            measure == "trend" and numeric and pick.one_in(2)
        ):
            field = pick.of(numeric)
            if measure in ("min", "max") and days and pick.one_in(3):
                field = days[0]
            target = f"{kind}.{field.text}"
            result = Name(name, "fixed" if measure == "mean" else field.base, field.unit)
        elif measure in ("latest", "distinct"):
            field = pick.of(list(fields.values()))
            target = f"{kind}.{field.text}"
            if measure == "latest":
                result = field._replace(text=name)
        elif measure == "days_since":
            result = Name(name, "whole", "days")
        if measure in ("share", "trend"):
            result = Name(name, "fixed")
        spec: dict[str, Any] = {measure: target}
        if measure == "trend":
            spec["within"] = pick.of(WINDOWS[:3] + PERIODS[1:5] + PERIODS[6:])
        elif not pick.one_in(4):
            spec["within"] = pick.of(WINDOWS)
        if pick.one_in(3):
            spec["where"] = Expressions(pick, self.event_names[kind]).truth(2)
        if pick.one_in(4):
            parts = (f"any {pick.of(list(self.fields))}", "covered bank")
            spec["known_if"] = pick.of((parts[0], parts[1], " or ".join(parts)))
        if measure == "share" and pick.one_in(2):
            spec["of"] = pick.of(("data_set", "bank", pick.of(list(self.fields))))
        self.variables.append(result)
        return spec

    def families(self) -> tuple[dict[str, Any], ...]:
        pick = self.pick
        if not pick.one_in(4):
            return ()
        measures = ["count", "days_since", "trend", "share_of data_set"]
        fields = {field for kind in list(self.fields)[:2] for field in self.fields[kind]}
        measures += [f"distinct {f}" for f in sorted(fields)[:2]]
        chosen = tuple(dict.fromkeys((pick.of(measures), pick.of(measures))))
        windows = tuple(dict.fromkeys((pick.of(PERIODS[1:5]), "12 months")))
        kinds = tuple(self.fields)[:2]
        for kind in kinds:
            for measure in ("count", "days_since"):
                if measure in chosen:
                    unit = "days" if measure == "days_since" else None
                    self.variables.append(Name(f"f_{kind}_{measure}_12_months", "whole", unit))
        pattern = "f_{event}_{measure}_{window}"
        return ({"name": pattern, "events": kinds, "measures": chosen, "windows": windows},)

    # -- score

    def bands_from(self) -> list[dict[str, Any]]:
        pick = self.pick
        self.floor = pick.of((0, -50, 350))
        edge, found = self.floor - pick.number(0, 1), []
        for index in range(pick.number(1, 4)):
            found.append({"name": f"B{index}", "from": edge})
            edge += pick.number(1, 40)
        self.ceiling = self.floor + pick.of((1000, 100, 1000, 1, 0))
        self.band_names = [band["name"] for band in found]
        if pick.one_in(4):
            self.band_names.append("BW")
        return found

    def conditional_bands(self, bands: list[dict[str, Any]]) -> None:
        if "BW" in self.band_names:
            names = [*self.subject, Name("score", "whole")]
            when = Expressions(self.pick, names, self.early).truth(2)
            bands.insert(self.pick.number(0, len(bands)), {"name": "BW", "when": when})

    def all_lists(self) -> dict[str, Any]:
        pick = self.pick
        score = Name("score", "whole")
        band = Name("band", "text", None, tuple(self.band_names))
        self.everything = [*self.subject, score, band]
        self.early: list[str] = []
        found: dict[str, Any] = {}
        for index in range(pick.number(0, 3)):
            name = f"list-{index}"
            late = pick.one_in(3)
            maker = Expressions(
                pick,
                self.everything if late else self.subject,
                list(found) if late else list(self.early),
            )
            spec: dict[str, Any] = {"title": name, "add_when": maker.truth(2)}
            if pick.one_in(3):
                spec["remove_when"] = maker.truth(1)
            if pick.one_in(2):
                spec["lasts"] = pick.of(WINDOWS)
            if pick.one_in(2):
                spec["before"] = {"warn": pick.of(PERIODS[:6])}
            found[name] = spec
            if not late:
                self.early.append(name)
        return found

    def score(self) -> dict[str, Any]:
        pick = self.pick
        self.dimensions: dict[str, Any] = {}
        for name in ("one", "two")[: pick.number(0, 2)]:
            spec: dict[str, Any] = {"title": name}
            if pick.one_in(2):
                spec["at_least"] = pick.number(-10, 5)
            if pick.one_in(2):
                spec["at_most"] = pick.number(5, 20)
            self.dimensions[name] = spec
        conditions = Expressions(pick, self.subject, self.early)
        start: Any = pick.number(self.floor - 5, self.ceiling + 5)
        if pick.one_in(4):
            start = (
                {"when": conditions.truth(1), "points": pick.number(-9, 99), "says": "one"},
                {"when": conditions.truth(1), "points": pick.number(-9, 99), "says": "two"},
                {"else": True, "points": start, "says": "three"},
            )
        return {
            "start": start,
            "floor": self.floor,
            "ceiling": self.ceiling,
            "dimensions": self.dimensions,
            "add": tuple(self.line(index, conditions) for index in range(pick.of((4, 7, 1, 5, 2)))),
            "reasons": {"most": pick.number(1, 5), "against": pick.of(("best", "missing"))},
        }

    def line(self, index: int, conditions: Expressions) -> dict[str, Any]:
        pick = self.pick
        line: dict[str, Any] = {"id": f"R{index}"}
        if pick.one_in(2):
            line["dimension"] = pick.of(list(self.dimensions) or ["loose"])
        form = pick.number(0, 5)
        if form == 4:
            return line | {
                "when": conditions.truth(2),
                "at_most": pick.of(self.band_names),
                "says": "veto",
            }
        if pick.one_in(5):
            line["reference"] = pick.number(-20, 50)
        if form == 3:
            points = conditions.number(1).text if pick.one_in(3) else str(pick.number(-30, 30))
            return line | {"when": conditions.truth(2), "points": points, "says": "when"}
        if form in (1, 2) or not self.variables:
            return line | self.each()
        return line | self.bins(pick.of(self.variables))

    def bins(self, variable: Name) -> dict[str, Any]:
        pick = self.pick
        rows: list[dict[str, Any]] = []
        for index in range(pick.number(0, 3)):
            row: dict[str, Any] = {"points": pick.number(-20, 40), "says": f"row {index}"}
            if variable.base == "bool":
                row["is"] = pick.one_in(2)
            elif variable.base == "text":
                row["is"] = pick.of(variable.words or WORDS)
            elif variable.base == "date":
                break
            elif pick.one_in(4):
                row["is"] = pick.number(0, 3)
            else:
                small = pick.number(-2, 10)
                row["below"] = pick.of((small, Decimal(small) + Decimal("0.5"), small * 10))
            rows.append(row)
        rows.append({"else": True, "points": pick.number(-20, 40), "says": "else"})
        missing = {"points": pick.number(-20, 40), "says": "missing"}
        return {"bins": variable.text, "table": tuple(rows), "missing": missing}

    def each(self) -> dict[str, Any]:
        pick = self.pick
        kind = pick.of(list(self.fields))
        maker = Expressions(pick, self.event_names[kind])
        points = maker.number(2).text if pick.one_in(2) else str(pick.number(-30, 30))
        line: dict[str, Any] = {"each": kind, "points": points, "says": "each"}
        if pick.one_in(3):
            line["where"] = maker.truth(1)
        if pick.one_in(2):
            line["cap"] = pick.of((20, -20, 0, 5, 100))
        if pick.one_in(3):
            per = pick.of(("day", "month", "year"))
            line["cap_per"] = {"points": pick.of((10, -10, 0, 40)), "per": per}
        if pick.one_in(4):
            line["starts"] = pick.of(PERIODS[:4])
        if not pick.one_in(3):
            long = PERIODS[4:] if "starts" in line else PERIODS
            line["expires"] = pick.of((*WINDOWS[:2], *long))
            if "starts" in line and line["starts"] == "30 days":
                line["expires"] = "12 months"
            if not pick.one_in(3):
                line["decay"] = pick.of(("linear", {"halves_every": pick.of(PERIODS)}))
        return line


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, (list, tuple)) else value


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """Any valid scheme; it binds."""
    scheme = Scheme.model_validate(_tuples(Maker(draw).document()))
    bound, complaints = resolve(scheme)
    assert bound is not None, "\n".join(map(str, complaints))
    return scheme


# ------------------------------------------------------------------ histories


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
