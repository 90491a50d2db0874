"""A store on each backend, on a database of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from postgres import fresh_database

from xinyong.records.store import Store
from xinyong.records.vault import Vault

pytest.register_assert_rewrite("failing", "machine", "power")

MASTER = bytes(range(32))


class Clock:
    """A clock that the test turns; microseconds UTC."""

    def __init__(self) -> None:
        self.now = 1_795_000_000_000_000

    def __call__(self) -> int:
        self.now += 1
        return self.now


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/records.db"
    else:
        with fresh_database() as made:
            yield made


@pytest.fixture
def make(url: str, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens stores on one database; all are closed at the end."""
    with ExitStack() as stack:
        number = itertools.count()

        def opened(**given: object) -> Store:
            next(number)
            vault = stack.enter_context(Vault.open(tmp_path / "vault.db", MASTER))
            store = Store(given.pop("url", url), vault, **({"clock": Clock()} | given))
            return stack.enter_context(store)

        yield opened


@pytest.fixture
def store(make: Callable[..., Store]) -> Store:
    return make()
