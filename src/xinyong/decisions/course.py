"""The course of a thing: steps, each taken by a person at a moment, in an order that is checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from pydantic.dataclasses import dataclass

from xinyong.errors import StepRefused
from xinyong.records.written import STRICT, Line, Moment, Text, Written

Roads = Mapping[str, tuple[str, ...]]
"""From each state those that may come next; the state ``""`` stands for nothing yet."""


@dataclass(frozen=True, config=STRICT)
class Step(Written):
    """One step: the state it leads to, the person who took it, the moment, and why.

    ``at`` is in microseconds since 1970-01-01T00:00Z.
    """

    state: Line
    by: Line
    at: Moment
    note: Text | None = None


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's; case, width, spaces, invisible signs do not count."""
    return _person(one) == _person(other)


def _person(name: str) -> str:
    seen = "".join(sign for sign in name if unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen).casefold().split())


def check_course(steps: Sequence[Step], roads: Roads, what: str) -> None:
    """Refuse a course that takes a step out of order, or goes back in time.

    Raises StepRefused (``out of order``).
    """
    state, at = "", None
    for step in steps:
        if step.state not in roads.get(state, ()):
            allowed = ", ".join(roads.get(state, ())) or "nothing"
            raise StepRefused(
                f"'{step.state}' does not follow '{state or 'nothing yet'}'",
                code="out of order",
                where=what,
                why=f"after '{state or 'nothing yet'}' comes {allowed}",
                mend="take the steps in their order; none can be left out",
            )
        if at is not None and step.at < at:
            raise StepRefused(
                f"'{step.state}' lies before the step that it follows",
                code="out of order",
                where=what,
                why="steps are taken one after the other",
                mend="give the moment at which the step is taken",
            )
        state, at = step.state, step.at


def not_in(word: str, state: str, needed: str, what: str) -> StepRefused:
    """The refusal of an act that another state is needed for."""
    return StepRefused(
        f"'{word}' cannot be done while it is '{state}'",
        code="out of order",
        where=what,
        why=f"it is for what is {needed}",
        mend="take the steps in their order",
    )


__all__ = ["Roads", "Step", "check_course", "not_in", "same_person"]
