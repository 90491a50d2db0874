"""The wealth exchange as Mesa agents, with the rules of xinyong.lab.exchange in both regimes.

Written to be fast where Mesa leaves the choice: partners are drawn from a plain list, not from the
agent set, and no data collector runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mesa
import numpy as np


class Person(mesa.Agent):
    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.wealth = 1
        self.gives = False

    def act(self) -> None:
        if self.wealth > 0:
            self.wealth -= 1
            self.model.random.choice(self.model.people).wealth += 1

    def look(self) -> None:
        self.gives = self.wealth > 0

    def give(self) -> None:
        if self.gives:
            self.wealth -= 1
            self.model.random.choice(self.model.people).wealth += 1


class Society(mesa.Model):
    def __init__(self, n: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.people = list(Person.create_agents(self, n))

    def sequential(self) -> None:
        choice, people = self.random.choice, self.people
        for _ in range(len(people)):
            choice(people).act()

    def synchronous(self) -> None:
        self.agents.do("look")
        self.agents.do("give")


def prepare(n: int, rounds: int, regime: str, seed: int) -> Callable[[], np.ndarray]:
    society = Society(n, seed)

    def call() -> np.ndarray:
        one_round = getattr(society, regime)
        for _ in range(rounds):
            one_round()
        return np.array([person.wealth for person in society.people])

    return call
