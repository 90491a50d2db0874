"""The full month of a society, by the clock: ``make bench-lab``.

For towns of growing size it prints CPU seconds for an agent's month (one process, one thread),
what 1 million people through 120 months come to at that rate, and bytes of state an agent takes.
A town is run 12 months to warm up (compiled code, what the scheme's tables come to) and 24 months
by the clock. Beside it, in the same run, stands the sum of as many random numbers as a month draws
for an agent, in NumPy: a measure of the machine. Exit code 1 if a town's answer is not the same in
a second run, never for a time.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from xinyong.lab.compiling import COMPILED
from xinyong.lab.scenario import default
from xinyong.lab.society import Society, World, step, world_of
from xinyong.scheme import library

WARM, MONTHS, DRAWS = 12, 24, 20
GOAL = 60.0


def town(world: World, people: int, seed: int) -> Society:
    """A fresh town under a scheme."""
    made = Society.draw(people, seed=seed)
    if world.scorer is not None:
        made.record = world.scorer.tiles(people)
    return made


def lived(world: World, people: int, seed: int) -> tuple[float, Society]:
    """CPU seconds of :data:`MONTHS` months after the warm ones, and the town after them."""
    made = town(world, people, seed)
    for _ in range(WARM):
        step(made, world)
    begin = time.process_time()
    for _ in range(MONTHS):
        step(made, world)
    return time.process_time() - begin, made


def numbers(people: int) -> float:
    """CPU seconds of the same many random numbers drawn and added up by NumPy."""
    rng = np.random.default_rng(1)
    begin = time.process_time()
    total = 0.0
    for _ in range(MONTHS):
        total += float(rng.random(people * DRAWS).sum())
    return time.process_time() - begin if total > 0 else float("nan")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--scheme", default="rongcheng")
    asked = parser.parse_args()
    scenario = default(asked.scheme, years=10)

    def value(path: str) -> float:
        owner, _, name = path.partition(".")
        return scenario.value(owner, name)

    world = world_of(value, library.load(asked.scheme), 120)
    off = 0
    kind = "compiled" if COMPILED else "plain Python"
    print(f"the month of a society under {asked.scheme}, {kind}")
    for people in asked.people:
        spent, made = lived(world, people, 1)
        each = spent / people / MONTHS
        if people <= 100_000:
            again = lived(world, people, 1)[1]
            same = np.array_equal(again.score, made.score) and np.array_equal(
                again.money, made.money
            )
            off += not same
        print(
            f"  {people:>10,} people  {each * 1e9:7.0f} ns CPU an agent's month"
            f"  1 M x 120 months: {each * 1.2e8:6.1f} s (goal {GOAL:.0f})"
            f"  {made.bytes_per_agent:5.0f} B of state"
            f"  NumPy numbers alone: {numbers(people) / people / MONTHS * 1e9:5.0f} ns"
        )
    return int(off > 0)


if __name__ == "__main__":
    raise SystemExit(main())
