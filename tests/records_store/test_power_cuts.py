"""No acknowledged entry is lost in a power cut; with less durable settings some are.

``XINYONG_CUTS`` says how many cuts are made for each backend (25).
"""

from __future__ import annotations

import os
import random

import pytest
from power import lost, one_cut, site, whole_tree

CUTS = int(os.environ.get("XINYONG_CUTS", "25"))
TRIES = 12
"""Cuts after which a wrong configuration must have lost something."""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_no_acknowledged_entry_is_lost(backend: str) -> None:
    chance = random.Random(20261122)
    acknowledged = 0
    with site(backend) as place:
        for turn in range(CUTS):
            with place.store() as store:
                first = store.size()
            said = one_cut(place, turn, "FULL", chance)
            with place.store() as store:
                assert lost(store, turn, said, first) == [], f"cut {turn}"
            acknowledged += len(said.acks)
        with place.store() as store:
            assert whole_tree(store)
    print(f"{backend}: {CUTS} cuts, {acknowledged} parcels acknowledged, none lost")
    assert acknowledged > CUTS


@pytest.mark.parametrize(("backend", "synchronous"), [("sqlite", "NORMAL"), ("postgresql", "OFF")])
def test_what_is_less_durable_is_caught(backend: str, synchronous: str) -> None:
    """SQLite with ``synchronous=NORMAL``, PostgreSQL with ``synchronous_commit=off``."""
    chance = random.Random(20261122)
    with site(backend) as place:
        for turn in range(TRIES):
            with place.store() as store:
                first = store.size()
            said = one_cut(place, turn, synchronous, chance)
            with place.store() as store:
                found = lost(store, turn, said, first)
            if any("acknowledged and is gone" in one for one in found):
                print(f"{backend}: caught after {turn + 1} cuts: {len(found)} lost")
                return
    pytest.fail(f"{TRIES} cuts lost nothing: the harness would not see a store that forgets")
