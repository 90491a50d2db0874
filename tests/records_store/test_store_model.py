"""The store against an oracle of dictionaries, step by step at random, on both databases.

``XINYONG_STEPS`` says how many steps are taken on each at least (600; every night 200,000, by
``make nightly``).
"""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import Machine, OnPostgresql, OnSqlite

STEPS = int(os.environ.get("XINYONG_STEPS", "600"))
LONG = 40
"""Steps in one life of a store."""
AT_ONCE = 250
"""Lives between two words on how far it is; the run ends with the first of them that is enough."""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", [OnSqlite, OnPostgresql])
def test_the_store_does_what_the_oracle_says(kind: type[Machine]) -> None:
    start = time.monotonic()
    lives = min(max(STEPS // LONG // 4, 5), AT_ONCE)
    while kind.steps < STEPS:
        run_state_machine_as_test(
            kind,
            settings=settings(
                max_examples=lives,
                stateful_step_count=LONG,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        took = time.monotonic() - start
        print(f"{kind.backend}: {kind.steps} steps in {took:.0f} s", flush=True)
