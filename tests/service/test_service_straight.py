"""A request taken straight to its function is answered as the framework would have answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from serving import Served
from starlette.testclient import TestClient
from test_service_traps import BODIES

from xinyong.service import desk
from xinyong.service.app import create_app

Start = Callable[..., Served]
JSON = "application/json"
SCORE = b'{"scheme":"a-fair-start"}'
ASKED: dict[str, tuple[str, str, bytes, str]] = {
    **{name: ("POST", "/events", body, kind) for name, (body, kind, _) in BODIES.items()},
    "no body": ("POST", "/subjects/WHO/scores", b"", JSON),
    "a character set": ("POST", "/subjects/WHO/scores", SCORE, "application/json; charset=utf-8"),
    "problem JSON": ("POST", "/subjects/WHO/scores", SCORE, "application/problem+json"),
    "a strange type": ("POST", "/subjects/WHO/scores", SCORE, "application/jsonx"),
    "no such field": ("POST", "/subjects/WHO/scores", b'{"scheme":"a-fair-start","x":1}', JSON),
    "a number for a word": ("POST", "/subjects/WHO/scores", b'{"scheme":7}', JSON),
    "a list": ("POST", "/subjects/WHO/scores", b"[]", JSON),
    "null": ("POST", "/subjects/WHO/scores", b"null", JSON),
    "no such scheme": ("POST", "/subjects/WHO/scores", b'{"scheme":"none"}', JSON),
    "no such day": ("POST", "/subjects/WHO/scores", b'{"scheme":"a-fair-start","day":"x"}', JSON),
    "no such subject": ("POST", f"/subjects/{'0' * 32}/scores", SCORE, JSON),
    "no handle": ("POST", "/subjects/anna/scores", SCORE, JSON),
    "a handle with a line": ("POST", f"/subjects/{'0' * 31}%0A/scores", SCORE, JSON),
    "no consent": ("POST", "/subjects/WHO/scores", SCORE, JSON),
    "me, by an operator": ("POST", "/subjects/me/scores", SCORE, JSON),
    "no such method": ("PUT", "/subjects/WHO/scores", SCORE, JSON),
    "no such decision": ("GET", "/subjects/WHO/decisions/none", b"", JSON),
    "an empty list": ("GET", "/subjects/WHO/decisions", b"", JSON),
    "a body with a reading": ("GET", "/subjects/WHO/decisions", b'{"a":1}', JSON),
}


@pytest.fixture
def both(start: Start, monkeypatch: pytest.MonkeyPatch) -> tuple[Served, TestClient, TestClient]:
    """A service, and two applications over its one house: as it is, and without the short way."""
    service = start(synchronous="OFF")
    quick = TestClient(create_app(service.house, close=False), raise_server_exceptions=False)
    with monkeypatch.context() as patch:
        patch.setattr(desk, "straight", lambda route: None)
        slow = TestClient(create_app(service.house, close=False), raise_server_exceptions=False)
    return service, quick, slow


def test_the_busy_addresses_have_a_short_way(both: tuple[Served, TestClient, TestClient]) -> None:
    _, quick, slow = both
    ways = [
        {
            route.operation_id: route.app.__qualname__
            for route in http.app.routes  # type: ignore[attr-defined]
            if isinstance(route, desk.DeclaredRoute)
        }
        for http in (quick, slow)
    ]
    short = {name for name, way in ways[0].items() if way != ways[1][name]}
    assert {"score_subject", "make_decision", "record_events"} <= short
    assert ways[0].keys() == ways[1].keys()


def test_whatever_is_asked_is_answered_alike(
    both: tuple[Served, TestClient, TestClient],
) -> None:
    service, quick, slow = both
    who = service.enter("anna")
    keyed = service.operator.headers
    keyless = {name: value for name, value in keyed.items() if name != "authorization"}
    for name, (method, path, body, kind) in ASKED.items():
        for headers in (keyed, keyless):
            found = [
                _asked(
                    http, method, path.replace("WHO", who), body, headers | {"content-type": kind}
                )
                for http in (quick, slow)
            ]
            assert found[0] == found[1], name
        assert found[0][0] in (401, 404, 405, 413), name  # without a key


def _asked(
    http: TestClient, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[Any, ...]:
    found = http.request(method, f"/api/v1{path}", content=body, headers=headers)
    kept = {name: value for name, value in found.headers.items() if name != "date"}
    return found.status_code, found.text, kept


def test_a_body_in_pieces_is_read_whole(both: tuple[Served, TestClient, TestClient]) -> None:
    service, quick, slow = both
    who = service.enter("anna")
    for http in (quick, slow):
        pieces = iter([SCORE[:5], SCORE[5:20], SCORE[20:]])
        found = http.post(
            f"/api/v1/subjects/{who}/scores",
            content=pieces,
            headers={**service.operator.headers, "content-type": JSON},
        )
        assert (found.status_code, found.json()["type"]) == (403, "#no-consent")


def test_who_goes_before_the_body_is_there_is_refused(
    both: tuple[Served, TestClient, TestClient],
) -> None:
    service, quick, _ = both
    who, sent = service.enter("anna"), []
    messages = iter(
        [
            {"type": "http.request", "body": SCORE[:5], "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = {**service.operator.headers, "content-type": JSON}
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/api/v1/subjects/{who}/scores",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    before = service.house.store.size()
    asyncio.run(quick.app(scope, receive, send))
    assert sent[0]["status"] == 400
    assert service.house.store.size() == before
