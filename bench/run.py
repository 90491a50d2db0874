"""Measures speed: ``make bench``, or ``bench/run.py [--quick] [part ...]`` for some parts.

Prints one table, writes ``bench/out/results.json``. The exit code is 1 if answers differ between
us and a peer, or if a measurement broke; never because of a time. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from session import HERE, Goal, Session

PARTS = {"a": "memory", "b": "file", "c": "one", "d": "start", "e": "days"}
PER_SUBJECT = 250
QUICK = 2_000_000
LIBRARIES = ("xinyong", "numpy", "numba", "pyarrow", "duckdb", "polars")


def main(arguments: list[str] | None = None) -> int:
    given = _parse(arguments)
    events = QUICK if given.quick and given.events is None else given.events or 50_000_000
    session = Session(
        folder=given.folder,
        subjects=max(events // PER_SUBJECT, 400),
        per_subject=PER_SUBJECT,
        rounds=given.rounds,
    )
    for letter in given.parts or PARTS:
        import_module(f"parts.{PARTS[letter]}").run(session)
    _write(session)
    _print(session)
    bad = [text for _, text, equal in session.checks if not equal]
    return 1 if bad or session.failures else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure speed against peers.")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="a to e; default: all")
    parser.add_argument(
        "--events", type=int, help=f"events in the large file, {PER_SUBJECT} a subject (50_000_000)"
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} events")
    parser.add_argument("--rounds", type=int, default=3, help="measurements a side (3)")
    parser.add_argument("--folder", type=Path, default=HERE / "out", help="for files (bench/out)")
    return parser.parse_args(arguments)


def _write(session: Session) -> None:
    session.folder.mkdir(parents=True, exist_ok=True)
    result = {
        "machine": _machine(),
        "events": session.size,
        "subjects": session.subjects,
        "rounds": session.rounds,
        "measured": [{"part": part, **asdict(found)} for part, found in session.found],
        "goals": [{**asdict(goal), "met": goal.met} for goal in session.goals],
        "checks": [{"part": p, "text": t, "equal": e} for p, t, e in session.checks],
        "failures": session.failures,
        "notes": session.notes,
    }
    text = json.dumps(result, indent=1, ensure_ascii=False)
    (session.folder / "results.json").write_text(text + "\n")


def _machine() -> dict[str, object]:
    libraries = {}
    for name in LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            libraries[name] = "absent"
    return {
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "system": platform.system(),
        "libraries": libraries,
    }


def _print(session: Session) -> None:
    print(
        f"\n{session.size:,} events, {session.subjects:,} subjects; medians of {session.rounds}\n"
    )
    print(f"{'part':<28}{'measured':<38}{'CPU s':>10}{'wall s':>10}{'peak MB':>10}")
    for part, found in session.found:
        print(
            f"{part:<28}{found.name:<38}{found.cpu:>10.3f}{found.wall:>10.3f}{found.peak_mb:>10.0f}"
        )
    print(f"\n{'part':<28}{'figure':<52}{'found':>12}{'wanted':>14}")
    for goal in session.goals:
        print(
            f"{goal.part:<28}{goal.text:<52}{goal.figure:>9.2f} {goal.unit:<3}{_wanted(goal):>13}"
        )
    print()
    for note in session.notes:
        print(f"note: {note}")
    for part, text, equal in session.checks:
        print(f"{'equal ' if equal else 'DIFFER'}  {part}: {text}")
    for failure in session.failures:
        print(f"BROKEN  {failure}")


def _wanted(goal: Goal) -> str:
    if goal.met is None:
        return ""
    sign, limit = ("<=", goal.most) if goal.most is not None else (">=", goal.least)
    return f"{sign} {limit:g} {'yes' if goal.met else 'NO'}"


if __name__ == "__main__":
    sys.exit(main())
