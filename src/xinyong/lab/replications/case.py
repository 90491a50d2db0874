"""A published result done again: its figures, ours beside them, and what counts as equal."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

Verdict = Literal["holds", "misses", "not run", "no published value"]
Relation = Literal["near", "above"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a case.

    ``published`` None: nobody published it, or the parameters are not the published ones; then it
    is only told. ``relation`` near: our number may differ by ``tolerance``; above: it must be
    greater than ``published``. ``rule`` says in words where the tolerance comes from. ``basis``
    says what ours is held against, where that is not a published number.
    """

    name: str
    ours: float
    published: float | None = None
    tolerance: float = 0.0
    rule: str = ""
    relation: Relation = "near"
    basis: str = "published"

    @property
    def verdict(self) -> Verdict:
        """Whether ours agrees with the published number; ``nan`` never does."""
        if self.published is None:
            return "no published value"
        if self.relation == "above":
            return "holds" if self.ours > self.published else "misses"
        return "holds" if abs(self.ours - self.published) <= self.tolerance else "misses"


@dataclass(frozen=True, slots=True)
class Found:
    """What the run of a case gives. ``not_run`` says why, where its data are missing."""

    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    not_run: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A case: its letter, what it shows, where it was published, and how it is run.

    The keyword parameters of ``run`` are the case's parameters; their defaults are the published
    setting.
    """

    letter: str
    name: str
    title: str
    source: str
    run: Callable[..., Found]

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters with their defaults."""
        signature = inspect.signature(self.run)
        return {name: found.default for name, found in signature.parameters.items()}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case that was run, or could not be; ``cpu_seconds`` are this process's own."""

    case: str
    name: str
    title: str
    source: str
    figures: tuple[Figure, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    not_run: str = ""
    cpu_seconds: float = math.nan

    @property
    def verdict(self) -> Verdict:
        """``misses`` if any figure misses; else ``not run`` if a part could not be run."""
        verdicts = {figure.verdict for figure in self.figures}
        if "misses" in verdicts:
            return "misses"
        if self.not_run:
            return "not run"
        return "holds" if "holds" in verdicts else "no published value"


DATA: Final = "XINYONG_DATA"


def data_folder(name: str, given: str | os.PathLike[str] | None = None) -> Path | None:
    """Where a case finds its tables: the path given, else ``name`` in a folder of data.

    That folder is the one in the environment variable XINYONG_DATA, else ``shared/data`` beside the
    repository. None if there is no such place. Nothing is ever fetched.
    """
    if given is not None:
        path = Path(given)
        return path if path.exists() else None
    named = os.environ.get(DATA)
    folder = Path(named) if named else Path(__file__).parents[5] / "shared" / "data"
    return folder / name if (folder / name).exists() else None


def within(errors: float, error: float) -> tuple[float, str]:
    """Tolerance of so many standard errors, and the rule in words."""
    return errors * error, f"{errors:g} standard errors of {error:.3g}"
