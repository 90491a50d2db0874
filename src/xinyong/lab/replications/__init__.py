"""Published results done again by the lab's own parts, ours beside the published numbers.

======  ======================  ================================================================
case    module                  shows
======  ======================  ================================================================
A       ``delayed_impact``      lending too freely lowers scores
B       ``lending_gym``         fairness at each step and fairness over time
C       ``performative``        a rule that is answered
D       ``norms``               public lists of good standing under errors; norms as schemes
E       ``urns``                records that run away from the truth
F       ``wealth``              the order of acts decides inequality
H       ``ishigami``            sensitivity, against closed forms
======  ======================  ================================================================

Every parameter of a case is an argument of :func:`reproduce`; the defaults are the published ones.
Where a setting was not published, ours is told without a verdict, or against an exact expectation.
"""

from __future__ import annotations

import difflib
import inspect
import time
from collections.abc import Iterable
from typing import Any, Final

from xinyong.errors import QuestionRefused
from xinyong.lab.replications import (
    delayed_impact,
    ishigami,
    lending_gym,
    norms,
    performative,
    urns,
    wealth,
)
from xinyong.lab.replications.case import Case, CaseResult, Figure, Verdict

__all__ = [
    "CASES",
    "Case",
    "CaseResult",
    "Figure",
    "Verdict",
    "chosen",
    "exit_code",
    "parameters",
    "parsed",
    "reproduce",
]

_MODULES: Final = (delayed_impact, lending_gym, performative, norms, urns, wealth, ishigami)
CASES: Final[dict[str, Case]] = {module.CASE.letter: module.CASE for module in _MODULES}
"""Every case by its letter."""


def chosen(cases: Iterable[str] | None = None) -> tuple[Case, ...]:
    """The cases of these letters or names (None: all), in the order of :data:`CASES`.

    :raises QuestionRefused: there is no such case.
    """
    if cases is None:
        return tuple(CASES.values())
    names = {case.name: letter for letter, case in CASES.items()}
    wanted = set()
    for asked in cases:
        letter = names.get(asked.lower(), asked.upper())
        if letter not in CASES:
            raise QuestionRefused(
                f"no case is called '{asked}'",
                where="lab.replications",
                mend="say one of: "
                + ", ".join(f"{case.letter} ({case.name})" for case in CASES.values()),
            )
        wanted.add(letter)
    return tuple(case for letter, case in CASES.items() if letter in wanted)


def parameters(cases: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
    """Parameters of the cases: name -> letter of each case that has it -> default there."""
    found: dict[str, dict[str, Any]] = {}
    for case in chosen(cases):
        for name, default in case.parameters.items():
            found.setdefault(name, {})[case.letter] = default
    return found


def _known(name: str, cases: Iterable[str] | None) -> None:
    known = parameters(cases)
    if name in known:
        return
    near = difflib.get_close_matches(name, known, 1)
    letters = ", ".join(case.letter for case in chosen(cases))
    raise QuestionRefused(
        f"no parameter is called '{name}' in case {letters}",
        where="lab.replications",
        mend=(f"did you mean '{near[0]}'? " if near else "") + f"known: {', '.join(known)}",
    )


def parsed(name: str, text: str, cases: Iterable[str] | None = None) -> int | float | str:
    """The value of a parameter written as text (``name`` with - or _).

    :raises QuestionRefused: no such parameter, or the text is not of its kind.
    """
    name = name.replace("-", "_")
    asked = None if cases is None else tuple(cases)
    _known(name, asked)
    case = next(case for case in chosen(asked) if name in case.parameters)
    kind = str(inspect.signature(case.run).parameters[name].annotation).split(" ")[0]
    try:
        return int(text) if kind == "int" else float(text) if kind == "float" else text
    except ValueError:
        raise QuestionRefused(
            f"'{text}' is not a value of '{name}'",
            where=f"case {case.letter}",
            why="a whole number is wanted" if kind == "int" else "a number is wanted",
        ) from None


def reproduce(cases: Iterable[str] | None = None, **given: Any) -> list[CaseResult]:
    """Run cases (letters or names; None: all) and give every figure beside the published one.

    ``given`` are parameters by name; each goes to every case chosen that has it. Refuses
    (QuestionRefused) an unknown case, an unknown parameter, or a value that makes no sense.
    """
    asked = None if cases is None else tuple(cases)
    for name in given:
        _known(name, asked)
    results = []
    for case in chosen(asked):
        own = {name: given.get(name, default) for name, default in case.parameters.items()}
        began = time.process_time()
        found = case.run(**own)
        results.append(
            CaseResult(
                case=case.letter,
                name=case.name,
                title=case.title,
                source=case.source,
                figures=found.figures,
                parameters=own,
                notes=found.notes,
                not_run=found.not_run,
                cpu_seconds=time.process_time() - began,
            )
        )
    return results


def exit_code(results: Iterable[CaseResult], *, by_name: bool) -> int:
    """1 on any miss, and on a case that was asked for ``by_name`` and could not be run; else 0."""
    bad = {"misses", "not run"} if by_name else {"misses"}
    return int(any(result.verdict in bad for result in results))
