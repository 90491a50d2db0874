"""(d) From nothing: the help page, the first score after installation, and the next one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from session import ENVIRONMENT, HERE, Session

PART = "d start"
MANY = 4_000
"""People enough for the engine to be compiled: a smaller first job is left to its NumPy twin."""


def run(session: Session) -> None:
    _help(session)
    few = session.warm_subjects
    for people, next_change in ((few, False), (few, True), (MANY, False), (MANY, True)):
        mark = f"of {people:,} people" + ", with the next change" * next_change
        firsts, seconds = [], []
        for _ in range(session.rounds):
            with tempfile.TemporaryDirectory() as cache:
                firsts.append(_score(session, cache, people, next_change))
                seconds.append(_score(session, cache, people, next_change))
        if all(firsts) and all(seconds):
            session.goal(
                PART,
                f"first score {mark}, nothing compiled (wall)",
                median(firsts),
                most=None if people > few and next_change else 15,
                unit="s",
            )
            session.goal(PART, f"second score {mark} (wall)", median(seconds), unit="s")


def _help(session: Session) -> None:
    command = [str(Path(sys.executable).with_name("xinyong")), "--help"]
    times = []
    for _ in range(7):
        before = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - before)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            session.failures.append(f"{PART} xinyong --help: {last}")
            return
    session.goal(PART, "xinyong --help (wall, median of 7)", median(times), most=0.5, unit="s")


def _score(session: Session, cache: str, people: int, next_change: bool) -> float:
    """Wall time of a whole process that scores people, with that folder of compiled code."""
    order = {
        "what": "ours:memory",
        "args": {
            "path": session.events(people),
            "scheme": session.scheme("bench"),
            "subjects": people,
            "next_change": next_change,
        },
        "answer": str(session.folder / "first.npy"),
    }
    before = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(HERE / "measure.py"), json.dumps(order)],
        capture_output=True,
        text=True,
        env={**os.environ, **ENVIRONMENT, "NUMBA_CACHE_DIR": cache},
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        session.failures.append(f"{PART} first score: {last}")
        return 0.0
    return time.perf_counter() - before
