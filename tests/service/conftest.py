"""A service on a fresh store, without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from postgres import fresh_database
from serving import Served, Turned
from starlette.testclient import TestClient

from xinyong.service.app import create_app
from xinyong.service.config import Config
from xinyong.service.house import open_house, prepare


@pytest.fixture(params=["sqlite"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts services; parametrise indirectly with ``postgresql`` for the other store.

    ``synchronous="OFF"`` is quicker, for tests that lose no power.
    """
    with ExitStack() as stack:

        def started(synchronous: str = "FULL", **settings: Any) -> Served:
            folder = tmp_path / "service"
            prepare(folder)
            given: dict[str, Any] = {
                "operator": "A credit co-operative",
                "places": ["eu"],
                "schemes": ["a-fair-start"],
                **settings,
            }
            if request.param == "postgresql":
                given["store"] = stack.enter_context(fresh_database())
            clock = Turned()
            config = Config(**given)
            house = open_house(folder, clock=clock, config=config, synchronous=synchronous)
            http = stack.enter_context(TestClient(create_app(house), raise_server_exceptions=False))
            return Served(house, http, clock)

        yield started


@pytest.fixture
def service(start: Callable[..., Served]) -> Served:
    """One service with the first settings."""
    return start()
