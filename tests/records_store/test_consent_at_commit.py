"""Nothing is read on a consent that has been revoked, however the two race.

``XINYONG_RACES`` says how many reads race with a revocation (4,000; the full run is 100,000).
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from postgres import fresh_database
from revoking import NaiveBook, StoreBook, race

from xinyong.records.store import Store
from xinyong.records.store.opening import engine_for

RACES = int(os.environ.get("XINYONG_RACES", "4000"))

pytestmark = pytest.mark.slow


def test_no_read_is_written_after_a_revocation(make: Callable[..., Store]) -> None:
    """Two stores on one database, as two processes have them."""
    found = race([StoreBook(make()), StoreBook(make())], RACES, seed=1)
    reads = [number for one in found for _, number in one.reads]
    through = sum(number is not None for number in reads)
    print(f"{len(reads)} reads raced with {len(found)} revocations: {through} let through in time")
    assert sum(one.broken() for one in found) == 0
    assert len(reads) >= RACES and 0 < through < len(reads)


def test_looking_first_and_writing_then_is_caught() -> None:
    with fresh_database() as url:
        engine = engine_for(url)
        books = [NaiveBook(engine, make=True), NaiveBook(engine, make=False)]
        found = race(books, 1_600, seed=1)
        engine.dispose()
    assert sum(one.broken() for one in found) > 0
