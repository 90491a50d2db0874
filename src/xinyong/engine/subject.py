"""One subject on one day, from first to last: sections 4, 5 and 6 of docs/meaning.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from xinyong.engine.history import History
from xinyong.engine.lines import bins_line, clamp, each_line
from xinyong.engine.measures import (
    ground_window,
    parameter,
    scored_variables,
    selected,
    values_of,
)
from xinyong.engine.reasons import lowering, reasons
from xinyong.engine.score import ListState, Outcome
from xinyong.engine.values import Value, evaluate, whole_points
from xinyong.engine.worked import LineWork, ListWork, Working
from xinyong.errors import QuestionRefused
from xinyong.scheme import expressions as ex
from xinyong.scheme.binding import (
    Bound,
    BoundBins,
    BoundEach,
    BoundLine,
    BoundList,
    BoundVeto,
)
from xinyong.scheme.complaints import did_you_mean
from xinyong.scheme.expressions import Node


def work_out(
    bound: Bound, seen: History, day: date, overrides: Mapping[str, Value] | None = None
) -> Working:
    """Everything about one subject on one day, in the order of sections 3 to 7."""
    given = dict(overrides or {})
    for name in given:
        known_variable(bound, name)
    return _Subject(bound, seen, day, given).work_out()


def known_variable(bound: Bound, name: str) -> None:
    """Refuse a name that is no variable of the scheme."""
    if name not in bound.variables:
        raise QuestionRefused(
            f"no variable is called '{name}'",
            where=bound.scheme.scheme,
            why="only variables of the scheme have values",
            mend=did_you_mean(name, bound.variables),
        )


class _Subject:
    """One subject on one day: what is known so far, and the steps in their order."""

    def __init__(
        self, bound: Bound, seen: History, day: date, overrides: Mapping[str, Value]
    ) -> None:
        self.bound, self.seen, self.day, self.overrides = bound, seen, day, overrides
        self.values = values_of(bound, seen, day, scored_variables(bound), overrides)
        self.lists: dict[str, ListWork] = {}
        self.score: int | None = None
        self.band: str | None = None

    def lookup(self, ref: ex.Ref | ex.On) -> Value:
        """Value of a name in a condition on the subject."""
        if isinstance(ref, ex.On):
            return self.lists[ref.name].state == "listed"
        match ref.role:
            case "variable":
                return self.values[ref.name]
            case "score":
                return self.score
            case "band":
                return self.band
            case _:
                return parameter(self.bound, ref.name, self.day)

    def truth(self, node: Node) -> bool | None:
        value = evaluate(node, self.lookup)
        return None if value is None else bool(value)

    def work_out(self) -> Working:
        bound = self.bound
        for entry in bound.lists:
            if not entry.after_score:
                self.lists[entry.name] = self.listing(entry)
        start_row = self.start()
        start = bound.start[start_row]
        lines = {line.id: self.line(line) for line in bound.lines}
        before, dimensions = self.dimensions(lines)
        rules = bound.scheme.score
        self.score = clamp(start.points + sum(dimensions.values()), rules.floor, rules.ceiling)
        rank = self.rank()
        vetoes = lowering(bound, lines, rank)
        lowered = min([rank, *(veto.rank for veto in vetoes)])
        self.band = bound.bands[lowered].name
        for entry in bound.lists:
            if entry.after_score:
                self.lists[entry.name] = self.listing(entry)
        truths = {item.id: self.truth(item.when) for item in bound.consequences}
        outcome = Outcome(
            subject=self.seen.subject,
            day=self.day,
            known_by=self.seen.known_by,
            score=self.score,
            band=self.band,
            start=start.points,
            points={
                line.id: lines[line.id].points
                for line in bound.lines
                if not isinstance(line, BoundVeto)
            },
            dimensions=dimensions,
            lists={entry.name: self.lists[entry.name].state for entry in bound.lists},
            consequences=tuple(id_ for id_, truth in truths.items() if truth),
            reasons=reasons(bound, lines, vetoes),
        )
        return Working(
            bound=bound,
            history=self.seen,
            day=self.day,
            outcome=outcome,
            values=self.values,
            overrides=self.overrides,
            start_row=start_row,
            start_says=start.says,
            lines=lines,
            dimensions_before=before,
            band_before=bound.bands[rank].name,
            vetoed_by=next((veto.id for veto in vetoes if veto.rank == lowered), None),
            lists=self.lists,
            truths=truths,
        )

    def listing(self, entry: BoundList) -> ListWork:
        """Section 4: the state of a list, and its days."""
        if self.truth(entry.add_when) is not True:
            return ListWork("off")
        if entry.remove_when is not None and self.truth(entry.remove_when) is True:
            return ListWork("off")
        ground = self.ground_day(entry)
        state: ListState = "listed"
        if entry.lasts is not None and not entry.lasts.before(self.day) < ground:
            state = "ended"
        elif entry.warn is not None and not ground <= entry.warn.before(self.day):
            state = "warned"
        return ListWork(
            state,
            ground,
            ground if entry.warn is None else entry.warn.leaves(ground),
            None if entry.lasts is None else entry.lasts.leaves(ground),
        )

    def ground_day(self, entry: BoundList) -> date:
        """Section 4: the newest local day among the events behind the condition."""
        days = []
        for name in entry.ground:
            variable = self.bound.variables[name]
            window = ground_window(variable)
            behind = selected(self.bound, variable, self.seen, self.day, window)
            days += [one.day for one in behind]
        return max(days, default=self.day)

    def start(self) -> int:
        """Section 5: the first starting row whose condition is true, else the last."""
        for index, row in enumerate(self.bound.start):
            if row.when is not None and self.truth(row.when) is True:
                return index
        return len(self.bound.start) - 1

    def line(self, line: BoundLine) -> LineWork:
        """Section 5: what one line brings."""
        if isinstance(line, BoundBins):
            return bins_line(line, self.values[line.variable])
        if isinstance(line, BoundEach):
            return each_line(self.bound, line, self.seen, self.day)
        fired = self.truth(line.when)
        if isinstance(line, BoundVeto) or fired is not True:
            return LineWork(line.id, 0, line.says, fired=fired)
        points = whole_points(evaluate(line.points, self.lookup), line.points.kind)
        return LineWork(line.id, points, line.says, fired=True, before_cap=points)

    def dimensions(self, lines: Mapping[str, LineWork]) -> tuple[dict[str, int], dict[str, int]]:
        """Section 5: sums of the dimensions, before and after their limits."""
        before = {name or "": 0 for name in self.bound.dimensions}
        for line in self.bound.lines:
            if not isinstance(line, BoundVeto):
                before[line.dimension or ""] += lines[line.id].points
        after = {}
        for name, total in before.items():
            spec = self.bound.scheme.score.dimensions.get(name)
            after[name] = clamp(total, spec.at_least, spec.at_most) if spec else total
        return before, after

    def rank(self) -> int:
        """Section 6: the band's rank, before vetoes."""
        for band in self.bound.bands:
            if band.when is not None and self.truth(band.when) is True:
                return band.rank
        assert self.score is not None
        return max(
            band.rank
            for band in self.bound.bands
            if band.since is not None and band.since <= self.score
        )
