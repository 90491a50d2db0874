"""Choices, and typed expressions as text: what random schemes are made of."""

from datetime import date
from typing import Any, NamedTuple

from hypothesis import strategies as st

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
