"""The full month of a society, by the clock: ``make bench-lab``.

For towns of growing size it prints CPU seconds for an agent's month (one process, one thread),
what 1 million people through 120 months come to at that rate, bytes of state an agent takes, and
the most memory the process has held so far beside what was stated before it began. Beside it, in
the same run, stands the sum of as many random numbers as a month draws for an agent, in NumPy: a
measure of the machine.

A town is run 12 months to warm up (compiled code, what the scheme's tables come to) and 24 months
by the clock; one of more than a million people 3 and 9, of which one ends a year: about a minute
and a half of CPU and 2 GB for 10 million. Towns of up to 100,000 are run twice: a later run of the
same scheme finds the plans of its months made. A town is left out, and that is said, where the
machine has less memory to give than is stated. ``--scheme`` is rongcheng, ``--people`` any numbers.
Exit code 1 if a town's answer is not the same in a second run, never for a time.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np

from xinyong.lab.compiling import COMPILED
from xinyong.lab.experiment import memory
from xinyong.lab.scenario import Scenario, default
from xinyong.lab.society import Society, World, founded, step
from xinyong.scheme import library

WARM, MONTHS, DRAWS = 12, 24, 20
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
GOAL = 60.0


def town(asked: Scenario, people: int, seed: int) -> tuple[Society, World]:
    """A fresh town under the scenario's first scheme, as a run has it, and the rules that hold."""
    return founded(asked.having("society.people", people), library.load(asked.schemes[0]), seed)


def span(people: int) -> tuple[int, int]:
    """Months to warm up and months by the clock."""
    return (WARM, MONTHS) if people <= 1_000_000 else (3, 9)


def lived(asked: Scenario, people: int, seed: int) -> tuple[float, Society]:
    """CPU seconds of a town's timed months, and the town after them."""
    made, world = town(asked, people, seed)
    warm, months = span(people)
    for _ in range(warm):
        step(made, world)
    begin = time.process_time()
    for _ in range(months):
        step(made, world)
    return time.process_time() - begin, made


def free() -> int:
    """Bytes that the machine can give without swapping; endless where it does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 2**62
    found = {line.split(":")[0]: line.split()[1] for line in lines}
    return 1024 * int(found["MemAvailable"])


def most() -> float:
    """Gigabytes that this process has held at most (Linux; else what the system calls its peak)."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def numbers(people: int) -> float:
    """CPU seconds a month of as many random numbers drawn and added up by NumPy."""
    rng = np.random.default_rng(1)
    begin = time.process_time()
    total, lots = 0.0, max(1, 5_000_000 // people)
    for _ in range(lots * DRAWS):
        total += float(rng.random(people).sum())
    return (time.process_time() - begin) / lots if total > 0 else float("nan")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=SIZES)
    parser.add_argument("--scheme", default="rongcheng")
    asked = parser.parse_args()
    scenario = default(asked.scheme, years=10)
    off = 0
    kind = "compiled" if COMPILED else "plain Python"
    print(f"the month of a society under {asked.scheme}, {kind}")
    for people in asked.people:
        stated = memory(scenario.having("society.people", people).having("society.firms", 0), 1)
        if free() < stated:
            print(f"  {people:>10,} people  left out: {stated / 1e9:.1f} GB may be needed")
            continue
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
        spent, made = lived(scenario, people, 1)
        each = spent / people / span(people)[1]
        second = ""
        if people <= 100_000:
            spent, again = lived(scenario, people, 1)
            second = f"  (a later run {spent / people / span(people)[1] * 1e9:.0f})"
            same = np.array_equal(again.score, made.score) and np.array_equal(
                again.money, made.money
            )
            off += not same
        print(
            f"  {people:>10,} people  {each * 1e9:7.0f} ns CPU an agent's month{second}"
            f"  1 M x 120 months: {each * 1.2e8:6.1f} s (goal {GOAL:.0f})"
            f"  {made.bytes_per_agent:5.0f} B of state"
            f"  {most():5.1f} GB held at most ({stated / 1e9:.1f} stated)"
            f"  NumPy numbers alone: {numbers(people) / people * 1e9:5.0f} ns"
            f"  load {load:.1f}",
            flush=True,
        )
        del made
    return int(off > 0)


if __name__ == "__main__":
    raise SystemExit(main())
