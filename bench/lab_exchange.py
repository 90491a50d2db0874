"""The wealth exchange, ours against Mesa and mesa-frames: ``make bench-lab``.

Costs are CPU seconds for one agent in one round, each measured in a fresh process after a small
run that loads libraries and compiled code; sides take turns, medians of ``--rounds`` (3). Every
side follows the same rules in the regime it is measured in, and its answer is held against the
known Gini coefficient. Exit code 1 if an answer is off or a measurement broke; never for a time.

The peers need other versions of libraries than we do, so they live in an environment of their own,
which ``make bench-lab`` makes; by hand::

    python3 -m venv bench/out/peers
    bench/out/peers/bin/pip install "mesa>=3.3,<4" "mesa-frames==0.1.0a0"

Another interpreter that has both can be named in XINYONG_PEERS.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
PEERS = Path(os.environ.get("XINYONG_PEERS", HERE / "out" / "peers" / "bin" / "python"))
ONE_THREAD = {
    name: "1"
    for name in (
        "POLARS_MAX_THREADS",
        "NUMBA_NUM_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    )
}
GINI = {"synchronous": 0.579929, "sequential": 2 / 3}
TOLERANCE = {100_000: 0.006, 1_000_000: 0.002}


@dataclass(frozen=True)
class Side:
    """One side: its name, the function, the interpreter, the regime, agents and rounds."""

    name: str
    what: str
    python: Path
    regime: str
    agents: int
    rounds: int
    tells_regime: bool = True

    def order(self, answer: Path) -> dict[str, Any]:
        args: dict[str, Any] = {"n": self.agents, "rounds": self.rounds, "seed": 1}
        if self.tells_regime:
            args["regime"] = self.regime
        warm = {**args, "n": 1000, "rounds": 2}
        return {"what": self.what, "args": args, "warm": warm, "answer": str(answer)}


def ours(n: int, rounds: int, regime: str, seed: int) -> Callable[[], Any]:
    """Our side, for measure.py."""
    from xinyong.lab.exchange import exchange

    return lambda: exchange(n, rounds, seed, regime)


OURS, SELF = "lab_exchange:ours", Path(sys.executable)
MESA, FRAMES = "peers.exchange_mesa:prepare", "peers.exchange_frames:prepare"
SIDES = (
    Side("ours, sequential", OURS, SELF, "sequential", 100_000, 400),
    Side("ours, synchronous", OURS, SELF, "synchronous", 100_000, 1000),
    Side("Mesa, sequential", MESA, PEERS, "sequential", 100_000, 40),
    Side("Mesa, synchronous", MESA, PEERS, "synchronous", 100_000, 40),
    Side("mesa-frames, synchronous", FRAMES, PEERS, "synchronous", 100_000, 60, False),
    Side("ours, sequential", OURS, SELF, "sequential", 1_000_000, 60),
    Side("ours, synchronous", OURS, SELF, "synchronous", 1_000_000, 100),
    Side("mesa-frames, synchronous", FRAMES, PEERS, "synchronous", 1_000_000, 40, False),
)
GOALS = (
    ("Mesa, sequential", "ours, sequential", 100_000, 30),
    ("Mesa, synchronous", "ours, synchronous", 100_000, 300),
    ("mesa-frames, synchronous", "ours, synchronous", 100_000, 10),
    ("mesa-frames, synchronous", "ours, synchronous", 1_000_000, 10),
)


def main() -> int:
    parser = argparse.ArgumentParser(description="The wealth exchange against its peers.")
    parser.add_argument("--rounds", type=int, default=3, help="measurements a side (3)")
    rounds = parser.parse_args().rounds
    if not PEERS.exists():
        print(f"no peers at {PEERS}; make them by 'make bench-lab'", file=sys.stderr)
        return 1
    costs: dict[tuple[str, int], list[float]] = {}
    bad = 0
    for turn in range(rounds):
        for side in SIDES:
            print(f"bench: {turn + 1}: {side.name}, {side.agents:,}", file=sys.stderr, flush=True)
            cpu, off = measure(side)
            costs.setdefault((side.name, side.agents), []).append(cpu)
            bad += off > TOLERANCE[side.agents]
            if off > TOLERANCE[side.agents]:
                print(f"OFF: {side.name}, {side.agents:,}: Gini off by {off:.5f}")
    return tell({place: median(found) for place, found in costs.items()}) or int(bad > 0)


def measure(side: Side) -> tuple[float, float]:
    """CPU seconds for an agent in a round, and how far its Gini coefficient is from the known."""
    import numpy as np

    from xinyong.lab.measures import gini

    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "wealth.npy"
        done = subprocess.run(
            [str(side.python), str(HERE / "measure.py"), json.dumps(side.order(answer))],
            capture_output=True,
            text=True,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(HERE)},
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{side.name} broke:\n{done.stderr}")
        wealth = np.load(answer)
    if wealth.sum() != side.agents:
        raise SystemExit(f"{side.name} lost or made money")
    cpu = json.loads(done.stdout.strip().splitlines()[-1])["cpu"]
    return cpu / (side.agents * side.rounds), abs(gini(wealth) - GINI[side.regime])


def tell(costs: dict[tuple[str, int], float]) -> int:
    print(f"\n{'side':<28}{'agents':>12}{'updates per CPU s':>20}")
    for (name, agents), cost in costs.items():
        print(f"{name:<28}{agents:>12,}{1 / cost:>20,.0f}")
    print(f"\n{'ratio':<52}{'agents':>12}{'found':>10}{'wanted':>10}")
    kept = []
    for peer, own, agents, least in GOALS:
        found = costs[peer, agents] / costs[own, agents]
        kept.append({"peer": peer, "agents": agents, "ratio": found, "least": least})
        met = "yes" if found >= least else "NO"
        print(f"{peer + ' / ' + own:<52}{agents:>12,}{found:>9.0f}x{least:>6}x {met}")
    folder = HERE / "out"
    folder.mkdir(exist_ok=True)
    speeds = [{"side": n, "agents": a, "seconds": c} for (n, a), c in costs.items()]
    (folder / "lab_exchange.json").write_text(
        json.dumps({"sides": speeds, "goals": kept}, indent=1)
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
