"""Random schemes over the whole language, and random histories to score under them.

Every scheme drawn binds. All choices are made by :class:`~drawn_words.Pick`, one small integer at a
time, so that hypothesis can shrink a failing example.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from drawn_histories import anchor, days_and_known, histories
from drawn_words import ANCHORS, PERIODS, WINDOWS, WORDS, ZONES, Expressions, Name, Pick
from hypothesis import strategies as st

from xinyong.scheme.binding import resolve
from xinyong.scheme.model import Scheme

__all__ = ["anchor", "days_and_known", "histories", "schemes"]


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
