"""The wealth exchange in mesa-frames on Polars, after the example of its own documentation.

A data frame acts all at once, so there is the synchronous regime alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF


class People(AgentSetPolars):
    def __init__(self, n: int, model: ModelDF) -> None:
        super().__init__(model)
        self += pl.DataFrame(
            {
                "unique_id": pl.arange(n, eager=True),
                "wealth": pl.ones(n, eager=True, dtype=pl.Int64),
            }
        )

    def step(self) -> None:
        self.select(pl.col("wealth") > 0)
        givers = len(self.active_agents)
        receivers = self.agents.sample(n=givers, with_replacement=True)
        gains = receivers.group_by("unique_id").len()
        self["active", "wealth"] = self["active", "wealth"] - 1
        merged = self.agents.join(gains, on="unique_id", how="left")
        self.agents = merged.select(
            "unique_id", wealth=pl.col("wealth") + pl.col("len").fill_null(0)
        )


class Society(ModelDF):
    def __init__(self, n: int, seed: int) -> None:
        super().__init__()
        pl.set_random_seed(seed)
        self.people = People(n, self)
        self.agents += self.people


def prepare(n: int, rounds: int, seed: int) -> Callable[[], np.ndarray]:
    society = Society(n, seed)

    def call() -> np.ndarray:
        for _ in range(rounds):
            society.agents.do("step")
        frame = society.agents.get("wealth")
        (wealth,) = frame.values()
        return wealth.to_numpy()

    return call
