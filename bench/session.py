"""Runs measurements in turn, each in a fresh process, and keeps what they found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from data import events_file, scheme_file

HERE = Path(__file__).resolve().parent
# Two threads for everyone; one for BLAS, whose waiting threads would cost the peers CPU time.
ENVIRONMENT = {
    "POLARS_MAX_THREADS": "2",
    "NUMBA_NUM_THREADS": "2",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONPATH": os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")])),
}


@dataclass(frozen=True)
class Case:
    """One side of a comparison: a name for people, the function, its arguments."""

    name: str
    what: str
    args: dict[str, Any]
    warm: dict[str, Any] | None = None
    answers: str | None = None  # cases with the same word here must give the same scores


@dataclass(frozen=True)
class Measured:
    """What a case cost: medians over the rounds; CPU and wall in seconds, memory in MB."""

    name: str
    cpu: float
    wall: float
    peak_mb: float
    figures: dict[str, Any] | None


@dataclass(frozen=True)
class Goal:
    """A figure that was asked for: ``most`` or ``least`` it may be; neither: told only."""

    part: str
    text: str
    figure: float
    most: float | None = None
    least: float | None = None
    unit: str = "x"

    @property
    def met(self) -> bool | None:
        if self.most is not None:
            return self.figure <= self.most
        return None if self.least is None else self.figure >= self.least


@dataclass
class Session:
    """The sizes of this run, and everything found so far."""

    folder: Path
    subjects: int
    per_subject: int
    rounds: int
    found: list[tuple[str, Measured]] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    checks: list[tuple[str, str, bool]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # -- what is measured on

    @property
    def size(self) -> int:
        """Number of events of the large file."""
        return self.subjects * self.per_subject

    def events(self, subjects: int | None = None) -> str:
        return str(events_file(self.folder, subjects or self.subjects, self.per_subject))

    def scheme(self, which: str) -> str:
        return str(scheme_file(self.folder, self.per_subject, which))

    @property
    def warm_subjects(self) -> int:
        return 400

    # -- measuring

    def compare(
        self, part: str, cases: list[Case], rounds: int | None = None
    ) -> dict[str, Measured]:
        """Measure the cases in turn, round by round; check answers that must be equal."""
        runs: dict[str, list[dict[str, Any]]] = {case.name: [] for case in cases}
        broken: set[str] = set()
        for turn in range(rounds or self.rounds):
            for case in cases:
                if case.name in broken:
                    continue
                print(f"bench: {part} {turn + 1}: {case.name}", file=sys.stderr, flush=True)
                found = self._child(part, case)
                if found is None:
                    broken.add(case.name)
                    continue
                runs[case.name].append(found)
        results = {
            name: Measured(
                name,
                median(run["cpu"] for run in done),
                median(run["wall"] for run in done),
                median(run["peak_mb"] for run in done),
                done[len(done) // 2].get("figures"),
            )
            for name, done in runs.items()
            if name not in broken
        }
        self.found += [(part, measured) for measured in results.values()]
        self._check(part, [case for case in cases if case.name in results])
        return results

    def _child(self, part: str, case: Case) -> dict[str, Any] | None:
        order = {
            "what": case.what,
            "args": case.args,
            "warm": case.warm,
            "answer": str(self._answer(part, case)),
        }
        done = subprocess.run(
            [sys.executable, str(HERE / "measure.py"), json.dumps(order)],
            capture_output=True,
            text=True,
            # the small run before the clock must load the compiled engine too
            env={**os.environ, **ENVIRONMENT, "XINYONG_ENGINE": "numba"},
            check=False,
        )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            self.failures.append(f"{part} {case.name}: {last}")
            print(done.stderr, file=sys.stderr)
            return None
        result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return result

    def _answer(self, part: str, case: Case) -> Path:
        folder = self.folder / "answers"
        folder.mkdir(parents=True, exist_ok=True)
        word = "".join(c if c.isalnum() else "-" for c in f"{part} {case.name}")
        return folder / f"{word}.npy"

    def _check(self, part: str, cases: list[Case]) -> None:
        """Every answer of a group is held against the group's longest, subject by subject."""
        groups: dict[str, list[tuple[str, np.ndarray]]] = {}
        for case in cases:
            if case.answers is not None:
                answer = np.load(self._answer(part, case))
                groups.setdefault(case.answers, []).append((case.name, answer))
        for group in groups.values():
            group.sort(key=lambda member: -member[1].shape[-1])
            (first, wanted), *others = group
            for name, answer in others:
                # A slow way may have been asked for the first subjects alone.
                count = answer.shape[-1]
                differ = int((answer != wanted[..., :count]).sum())
                text = f"{name} = {first}, {count:,} subjects"
                text += f": {differ:,} differ" if differ else ""
                self.checks.append((part, text, not differ))

    # -- what was asked for

    def goal(
        self,
        part: str,
        text: str,
        figure: float | None,
        *,
        most: float | None = None,
        least: float | None = None,
        unit: str = "x",
    ) -> None:
        """Note a figure; nothing if a side of it could not be measured."""
        if figure is not None:
            self.goals.append(Goal(part, text, figure, most, least, unit))


def ratio(of: Measured | None, to: Measured | None) -> float | None:
    """CPU of one by CPU of the other; None where either is missing."""
    return None if of is None or to is None else of.cpu / max(to.cpu, 1e-9)


def cheapest(results: dict[str, Measured], names: list[str]) -> Measured | None:
    """The one that took the least CPU among those that were measured."""
    found = [results[name] for name in names if name in results]
    return min(found, key=lambda measured: measured.cpu, default=None)
