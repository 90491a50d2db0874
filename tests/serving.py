"""A service for tests: clients for each role, a clock that the test turns, some events."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.testclient import TestClient

from xinyong.service.callers import Role, new_key
from xinyong.service.house import House

V1 = "/api/v1"
DAY = 86_400_000_000
START = 1_795_356_000_000_000
"""2026-11-22, in the afternoon, UTC."""

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


class Turned:
    """A clock: each look moves it on by a millionth of a second; ``now`` can be set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        self.now += 1
        return self.now


class Client:
    """One caller of the service. Paths are relative to the API's prefix."""

    def __init__(self, http: TestClient, key: str | None) -> None:
        self._http = http
        self.headers = {"xinyong-purpose": "a test"}
        if key is not None:
            self.headers["authorization"] = f"Bearer {key}"

    def get(self, path: str, **more: Any) -> Any:
        """GET; gives the response."""
        return self._http.get(V1 + path, headers=self.headers, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """POST a JSON body; gives the response."""
        return self._http.post(V1 + path, headers=self.headers, json=body, **more)

    def ok(self, response: Any) -> Any:
        """The JSON of an answer that must be a success."""
        assert response.status_code < 300, response.text
        return response.json()


@dataclass
class Served:
    """A running service: its house and clients by role."""

    house: House
    http: TestClient
    clock: Turned

    def client(
        self, role: Role | None, name: str = "someone", subject: str | None = None
    ) -> Client:
        """A client with a new key of a role; None: without a key."""
        key = None if role is None else new_key(self.house, role, name, subject=subject)
        return Client(self.http, key)

    @property
    def operator(self) -> Client:
        """A client of the operator."""
        return self.client("operator", "coop")

    def enter(self, subject: str) -> str:
        """Enter a subject; gives the handle."""
        return str(
            self.operator.ok(self.operator.post("/subjects", {"subject": subject}))["handle"]
        )


def bills(subject: str, count: int = 24, late: int = 0, first: int = 0) -> list[dict[str, Any]]:
    """Bills of the last months, the newest ``late`` of them not in time."""
    return [
        {
            "subject": subject,
            "id": f"bill-{n}",
            "kind": "bill",
            "happened_at": START - (n + 1) * 20 * DAY,
            "fields": {"on_time": n - first >= late},
        }
        for n in range(first, first + count)
    ]
