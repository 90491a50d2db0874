"""A tiny society for tests of the machinery around it: the boundary of `simulate`, nothing more.

Luck depends on the seed alone; a scheme moves every figure by an amount that is its own. Under
STOP_AFTER (a file) runs end the process like Ctrl-C once so many have begun.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from xinyong.lab.catalogue import MEASURES
from xinyong.lab.scenario import Scenario
from xinyong.scheme.model import Scheme

GROUPS = ("all", *(f"tenth.{n}" for n in range(1, 11)), "group.0", "group.1")
UNMOVED = "unaware"
"""A measure that no scheme changes."""


def simulate(
    scenario: Scenario,
    scheme: Scheme | None,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> pa.Table:
    _interrupted()
    luck = np.random.default_rng(seed)
    push = 0.0 if scheme is None else (int(scheme.digest[:4], 16) / 65535 - 0.5) * 0.1
    push *= 1.0 + scenario.value("dating", "weight")
    rows: list[tuple[int, str, str, float]] = []
    for year in range(1, scenario.years + 1):
        for measure in MEASURES.values():
            if measure.name == "mobility":
                for a in range(1, 6):
                    cells = luck.dirichlet(np.ones(5) * 20)
                    rows += [
                        (year, "mobility", f"from.{a}.to.{b + 1}", float(cells[b]))
                        for b in range(5)
                    ]
                continue
            base = 0.4 + 0.02 * luck.normal()
            for at, group in enumerate(GROUPS):
                noise = 0.01 * luck.normal()
                moved = 0.0 if measure.name == UNMOVED else push * year / scenario.years
                own = 0.01 * luck.normal() * (scheme is not None and measure.name != UNMOVED)
                rows.append((year, measure.name, group, base + noise + moved * (at - 5) / 5 + own))
        if progress is not None:
            progress(year * 12, scenario.months)
    order = luck.permutation(len(rows))
    rows = [rows[at] for at in order]
    return pa.table(
        {
            "year": pa.array([row[0] for row in rows], pa.int16()),
            "measure": pa.array([row[1] for row in rows]),
            "group": pa.array([row[2] for row in rows]),
            "value": pa.array([row[3] for row in rows]),
        }
    )


def _interrupted() -> None:
    named = os.environ.get("STOP_AFTER")
    if not named:
        return
    path = Path(named)
    left = int(path.read_text())
    if left <= 0:
        raise KeyboardInterrupt
    path.write_text(str(left - 1))
