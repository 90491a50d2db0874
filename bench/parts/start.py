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


def run(session: Session) -> None:
    _help(session)
    for next_change, most in ((False, 15), (True, 15)):
        mark = ", with the next change" if next_change else ""
        firsts, seconds = [], []
        for _ in range(session.rounds):
            with tempfile.TemporaryDirectory() as cache:
                firsts.append(_score(session, cache, next_change))
                seconds.append(_score(session, cache, next_change))
        if all(firsts) and all(seconds):
            first, second = median(firsts), median(seconds)
            session.goal(
                PART, f"first score, nothing compiled yet{mark} (wall)", first, most=most, unit="s"
            )
            session.goal(PART, f"second score, from the cache{mark} (wall)", second, unit="s")


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


def _score(session: Session, cache: str, next_change: bool) -> float:
    """Wall time of a whole process that scores 400 subjects, with that folder of compiled code."""
    order = {
        "what": "ours:memory",
        "args": {
            "path": session.events(session.warm_subjects),
            "scheme": session.scheme("bench"),
            "subjects": session.warm_subjects,
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
