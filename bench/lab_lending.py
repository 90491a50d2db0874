"""Case B of ``xinyong lab reproduce``, by the clock: ``make bench-lab``.

Prints CPU seconds for one run of 20,000 applicants under each rule (the median of ``--rounds``
lots of 100 runs, after one run that loads compiled code), and how many times cheaper that is than
the published code. The published code is not run here: its 1,300 CPU seconds a run were measured
once, elsewhere, on a machine of this kind. Exit code 1 if an answer is off, never for a time.
"""

from __future__ import annotations

import argparse
from statistics import median

from xinyong.lab.compiling import COMPILED
from xinyong.lab.replications import lending_gym

LOT = 100


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    print(f"case B, 20,000 applicants a run, {'compiled' if COMPILED else 'plain Python'}")
    off = 0
    for rule, name in enumerate(lending_gym.RULES):
        spent, loans = [], []
        for lot in range(rounds):
            found = lending_gym.runs(rule, LOT, 20_000, 0.01, 1.0, 1 + LOT * lot)
            spent.append(found.cpu_seconds / LOT)
            loans.append(float(found.loans[:, 0].mean()))
        each = median(spent)
        mean, spread, _ = lending_gym.PUBLISHED[name, "loans", 0]
        ours = sum(loans) / rounds
        good = abs(ours - mean) <= 4 * spread / (LOT * rounds) ** 0.5
        off += not good
        print(
            f"  {name:<18} {each * 1000:8.3f} ms CPU a run"
            f"   {lending_gym.PUBLISHED_SECONDS / each:12,.0f} times cheaper"
            f"   loans {ours:,.0f} against {mean:,}{'' if good else '   OFF'}"
        )
    return int(off > 0)


if __name__ == "__main__":
    raise SystemExit(main())
