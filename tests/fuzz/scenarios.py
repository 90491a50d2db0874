"""Scenario documents of the lab: a scenario comes out, or every complaint with its place."""

from __future__ import annotations

import random

import reader

from xinyong.errors import ScenarioRefused
from xinyong.lab.scenario_reading import HOME, read

LAST = b""
SEEDS = sorted((path.read_bytes() for path in HOME.glob("*.yaml")), key=len)


def once(rng: random.Random) -> None:
    global LAST  # noqa: PLW0603 - the runner reads it
    data = rng.choice(SEEDS)
    for _ in range(rng.randrange(1, 6)):
        data = rng.choice(reader.MUTATIONS)(rng, data)
    if rng.random() < 0.01:
        data = reader._many(rng, data)
    LAST = data[: reader.MOST]
    parse(LAST)


def parse(content: bytes) -> None:
    """Bytes as a scenario."""
    try:
        scenario = read(content, file="fuzz.yaml")
    except ScenarioRefused as error:
        assert error.complaints
        assert all(len(str(one)) < 3000 for one in error.complaints)
    else:
        assert len(scenario.digest) == 64 and scenario.world
