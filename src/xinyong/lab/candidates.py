"""Schemes near a scheme: numbers of its document changed within bounds, and only real schemes.

A *place* names one number of a document: ``score.add.B1.table.2.points``, ``bands.usual.from``,
``parameters.grace.values.2026-11-22.value``. Lines, bands and consequences go by their id or name,
rows by their number from 0. A place that ends at an expression (``consequences.C1.when``) is the
number in it; where it holds several, one more step says which, from 0. A place that is a whole
consequence (``consequences.C1``) is 1 as written and 0 where the consequence is left out.

What is changed is the plain document. It then goes the way of every scheme: read as a model, bound,
checked, and held against the charter. What is refused on that way is no candidate.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from pydantic import ValidationError

from xinyong.charter.check import Report, check, home
from xinyong.charter.words import Severity
from xinyong.errors import QuestionRefused
from xinyong.scheme.binding import bind, resolve
from xinyong.scheme.checks import check_scheme
from xinyong.scheme.complaints import Code, did_you_mean
from xinyong.scheme.model import Scheme

Path = tuple[Any, ...]
Values = tuple[Decimal, ...]
FINEST: Final = Decimal("0.000001")
"""The smallest step that a scheme can write."""
WHERE: Final = "search.bounds"
KEPT: Final = "kept"
"""Last step of the path of a whole consequence."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A number of a scheme that may be changed: from ``low`` to ``high`` in steps of ``step``."""

    place: str
    low: Decimal
    high: Decimal
    step: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        if not self.low < self.high or self.step < FINEST:
            raise QuestionRefused(
                f"from {self.low} to {self.high} in steps of {self.step} there is nothing to try",
                where=self.place,
                mend="write the lower bound first, and a step above 0",
            )

    @property
    def steps(self) -> int:
        """How many steps lie between the bounds: values are ``at(0)`` to ``at(steps)``."""
        return int(((self.high - self.low) / self.step).to_integral_value(ROUND_FLOOR))

    def at(self, number: int) -> Decimal:
        """The value after so many steps from the lower bound."""
        return self.low + number * self.step

    def near(self, value: Decimal) -> int:
        """The number of steps that comes nearest to a value."""
        number = int(((value - self.low) / self.step).to_integral_value())
        return min(max(number, 0), self.steps)


def reach(place: str, low: Decimal | int, high: Decimal | int) -> Reach:
    """Bounds without a step: whole numbers step by 1, others by a twentieth of their span."""
    least, most = Decimal(low), Decimal(high)
    whole = least == int(least) and most == int(most)
    step = Decimal(1) if whole else max((most - least) / 20, FINEST).quantize(FINEST)
    return Reach(place, least, most, step)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A scheme that can be run: the values at the places, and the scheme they make."""

    values: Values
    scheme: Scheme


@dataclass(frozen=True, slots=True)
class Refused:
    """Values that make no scheme, or one that the charter has more against than the first.

    ``by`` is ``language`` or ``charter``; ``why`` the first complaint.
    """

    values: Values
    by: str
    why: str


class Space:
    """All schemes that differ from ``scheme`` at the places alone.

    ``day`` is the day of the law that candidates are held against, in the scheme's own places.
    A candidate is refused where a clause objects (error or worse) at a place of the document where
    it does not object to ``scheme`` as written. So a scheme that may run stays one that may run.
    Raises QuestionRefused for a place that is not there or is not a number.
    """

    def __init__(
        self, scheme: Scheme, reaches: Sequence[Reach], day: date, *, charter: bool = True
    ) -> None:
        self.reaches = tuple(reaches)
        self.day, self.charter = day, charter
        self._document = scheme.model_dump(
            mode="python", by_alias=True, exclude_unset=True, exclude={"tests"}
        )
        self._paths = [locate(self._document, one.place) for one in self.reaches]
        self.written: Values = tuple(_number(self._document, path) for path in self._paths)
        self._broken = {
            complaint.path
            for complaint in check_scheme(scheme, bind(scheme))
            if complaint.code == Code.BROKEN_PROMISE
        }
        self.report = check(scheme, home(scheme), day)
        self._held = _stopping(self.report)

    def of(self, numbers: Iterable[int]) -> Candidate | Refused:
        """The scheme after so many steps from each lower bound."""
        return self.having(
            tuple(one.at(number) for one, number in zip(self.reaches, numbers, strict=True))
        )

    def having(self, values: Values) -> Candidate | Refused:
        """The scheme with these values at the places, or why it is none."""
        document: Any = self._document
        places = zip(self._paths, values, strict=True)
        for path, value in sorted(places, key=lambda place: place[0][-1] is KEPT):
            document = _put(document, path, value)
        follows = document.get("consequences", ())
        document = {**document, "consequences": tuple(one for one in follows if one is not None)}
        try:
            scheme = Scheme.model_validate(document, by_alias=True, by_name=False)
        except ValidationError as error:
            return Refused(values, "language", str(error.errors()[0]["msg"]))
        bound, complaints = resolve(scheme)
        complaints += check_scheme(scheme, bound)
        for complaint in complaints:
            if complaint.severity == "error":
                return Refused(values, "language", complaint.message)
            if complaint.code == Code.BROKEN_PROMISE and complaint.path not in self._broken:
                return Refused(values, "language", complaint.message)
        if self.charter:
            for finding in check(scheme, home(scheme), self.day).findings:
                if (finding.clause, finding.path) not in self._held and _stops(finding.severity):
                    return Refused(values, "charter", f"{finding.clause}: {finding.why}")
        return Candidate(values, scheme)


def _stops(severity: Severity) -> bool:
    return severity >= Severity.ERROR


def _stopping(report: Report) -> frozenset[tuple[str, Path]]:
    return frozenset((f.clause, f.path) for f in report.findings if _stops(f.severity))


# -- places


def locate(document: Mapping[str, Any], place: str) -> Path:
    """The path of a place in a plain document; its last step may be a number in an expression.

    Raises QuestionRefused where there is nothing of that name, or no number.
    """
    words = place.split(".")
    path: list[Any] = []
    at: Any = document
    while words:
        if isinstance(at, str):
            break
        names = _names(at)
        for length in range(len(words), 0, -1):
            name = ".".join(words[:length])
            if name in names:
                path.append(names[name])
                at, words = at[names[name]], words[length:]
                break
        else:
            raise QuestionRefused(
                f"nothing is called '{words[0][:40]}' at {'.'.join(map(str, path)) or 'the top'}",
                where=f"{WHERE}: {place}",
                mend=did_you_mean(words[0], names),
            )
    if isinstance(at, str):
        return (*path, *_pick(at, words, place))
    if isinstance(at, Mapping) and len(path) == 2 and path[0] == "consequences":
        return (*path, KEPT)
    if isinstance(at, bool) or not isinstance(at, int | Decimal):
        raise QuestionRefused(
            "this place of the scheme is not a number",
            where=f"{WHERE}: {place}",
            mend="name one such as score.add.B1.table.2.points, bands.usual.from",
        )
    return tuple(path)


def _names(at: Any) -> dict[str, Any]:
    """What lies below a mapping or a list, by the name it goes by."""
    if isinstance(at, Mapping):
        return {str(key): key for key in at}
    if not isinstance(at, list | tuple):
        return {}
    names: dict[str, Any] = {str(number): number for number in range(len(at))}
    for number, item in enumerate(at):
        if isinstance(item, Mapping):
            for word in ("id", "name"):
                if word in item:
                    names[str(item[word])] = number
    return names


def _pick(text: str, words: list[str], place: str) -> tuple[int]:
    """Which number of an expression a place means."""
    count = len(_numbers(text))
    if not words and count == 1:
        return (0,)
    if len(words) == 1 and words[0].isdecimal() and int(words[0]) < count:
        return (int(words[0]),)
    raise QuestionRefused(
        f"'{text[:60]}' holds {count or 'no'} number{'' if count == 1 else 's'}",
        where=f"{WHERE}: {place}",
        why="a place is one number",
        mend=f"add .0 to .{count - 1} to say which" if count > 1 else "name another place",
    )


def _numbers(text: str) -> list[tuple[int, int, Decimal]]:
    """Start, end (in bytes) and value of each number in an expression, a sign taken along."""
    line = " ".join(text.split("\n"))
    found: list[tuple[int, int, Decimal]] = []

    def visit(node: ast.AST) -> None:
        inner = node.operand if isinstance(node, ast.UnaryOp) else node
        if isinstance(inner, ast.Constant) and type(inner.value) in (int, float):
            start, end = getattr(node, "col_offset", 0), inner.end_col_offset or 0
            written = line.encode()[inner.col_offset : end].decode()
            minus = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
            found.append((start, end, -Decimal(written) if minus else Decimal(written)))
            return
        for child in ast.iter_child_nodes(node):
            visit(child)

    try:
        visit(ast.parse(line, mode="eval"))
    except SyntaxError:
        return []
    return sorted(found)


def _number(document: Any, path: Path) -> Decimal:
    at = document
    for step in path:
        if step is KEPT:
            return Decimal(1)
        if isinstance(at, str):
            return _numbers(at)[step][2]
        at = at[step]
    return Decimal(at)


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == int(value) else value


def _put(node: Any, path: Path, value: Decimal) -> Any:
    """A copy of a document with another number at a path; what is beside it is shared."""
    if not path:
        return _plain(value)
    step = path[0]
    if step is KEPT:
        return node if value else None
    if isinstance(node, str):
        start, end, _ = _numbers(node)[step]
        raw = " ".join(node.split("\n")).encode()
        return (raw[:start] + f"{_plain(value)}".encode() + raw[end:]).decode()
    if isinstance(node, Mapping):
        return {**node, step: _put(node[step], path[1:], value)}
    items = list(node)
    items[step] = _put(items[step], path[1:], value)
    return tuple(items)


# -- trying values out


def spread_out(space: Space, shift: Sequence[float]) -> Iterable[tuple[int, ...]]:
    """Steps of ever more candidates that fill the space evenly, without end.

    An additive recurrence with the powers of the generalised golden ratio (Roberts 2018, "The
    unreasonable effectiveness of quasirandom sequences"), moved by ``shift`` (one number in [0, 1)
    for each place). It can be cut off anywhere.
    """
    size = len(space.reaches)
    low, high = 1.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        if math.prod([middle] * (size + 1)) < middle + 1.0:
            low = middle
        else:
            high = middle
    leaps = [math.prod([1.0 / high] * (place + 1)) for place in range(size)]
    number = 0
    while True:
        number += 1
        yield tuple(
            min(int((begin + number * leap) % 1.0 * (one.steps + 1)), one.steps)
            for one, leap, begin in zip(space.reaches, leaps, shift, strict=True)
        )
